//! What a calibration promises, and what these photos show: the shift from the people and cameras that it was made of
//! to those of the test.

use std::path::PathBuf;

use evaluation::{OperatingPoint, PairProtocol, Statistic};
use matching::{Enrolment, Next, Rate};
use serde_json::{Value, json};

use super::all::{All, Refused};
use crate::cli::calibrations::{
    Calibrated, CalibrationArgs, Overlap, percentage, rate_record, rate_text, threshold_value,
};
use crate::cli::commands::eval::measures::{Measured, interval, percent};
use crate::cli::setup::Setup;
use console::{Reporter, table};

/// A calibration, tried.
pub struct Shift {
    calibrated: Calibrated,
    /// Whom it was promised for: so many people of equally many photos.
    worth: usize,
    people: usize,
    overlap: Overlap,
    /// At the false match rates that were asked for.
    pub rows: Vec<Row>,
}

/// A false match rate and what becomes of it.
pub struct Row {
    /// What was asked for.
    pub asked: f64,
    /// The calibration's threshold for it and the rate that it promises; the error says why there is none.
    pub promise: Result<(f64, Rate), String>,
    /// What these photos show there; `None` without a threshold.
    pub shown: Option<Result<Shown, Refused>>,
}

/// What the photos show at a threshold.
pub struct Shown {
    at: OperatingPoint,
    /// The false match rate.
    pub fmr: Measured,
    /// The false non-match rate.
    pub fnmr: Measured,
}

/// The calibration of a setup, before the work begins. Only one that was named must be there and fit, and be tried.
pub fn find(
    args: &CalibrationArgs,
    models: &[PathBuf],
    setup: &Setup,
    protocol: &PairProtocol,
    reporter: &Reporter,
) -> anyhow::Result<Option<Calibrated>> {
    if args.calibration.is_none() && protocol.identities.is_none() {
        return Ok(None);
    }
    match Calibrated::find(args, models, setup, Enrolment::default()) {
        Err(error) if args.calibration.is_none() => {
            reporter.complain(&format!("no calibration is tried: {error:#}"));
            Ok(None)
        }
        found => found,
    }
}

impl Shift {
    /// Tries a calibration at the false match rates that were asked for.
    pub fn of(calibrated: Calibrated, all: &All, protocol: &PairProtocol) -> anyhow::Result<Shift> {
        let calibration = &calibrated.calibration;
        let worth = all.people_worth().round().max(2.0) as usize;
        let next = Next::new(worth, 0.95)?;
        let mut rows = Vec::new();
        for asked in all.points.iter().map(|point| point.asked) {
            rows.push(match calibration.threshold_for_fmr(asked) {
                Ok(threshold) => Row {
                    asked,
                    promise: Ok((threshold, calibration.fmr(threshold, &next))),
                    shown: Some(shown(all, asked, threshold)?),
                },
                Err(error @ matching::Error::Unsupported { .. }) => {
                    Row { asked, promise: Err(error.to_string()), shown: None }
                }
                Err(error) => return Err(error.into()),
            });
        }
        let overlap = Overlap::of(calibration, &protocol.people);
        Ok(Shift { worth, people: all.people(), overlap, rows, calibrated })
    }

    /// What the promise rests on, and for whom it was made.
    pub fn grounds(&self) -> String {
        let equal = if self.worth == self.people {
            String::new()
        } else {
            format!(" of equally many photos, which is what the {} here are worth", self.people)
        };
        format!("{}; promised for a population of {} people{equal}", self.calibrated.describe(), self.worth)
    }

    /// Whether people of the calibration are in the test.
    pub fn overlap(&self) -> String {
        self.overlap.describe(self.people)
    }

    /// For people.
    pub fn describe(&self) -> String {
        let heading =
            ["CALIBRATED FOR", "THRESHOLD", "PROMISED", "HERE", "95 % INTERVAL", "AS PROMISED", "FNMR"];
        let mut rows = vec![heading.map(String::from).to_vec()];
        let mut missing = String::new();
        for row in &self.rows {
            let (threshold, rate) = match &row.promise {
                Ok(promise) => promise,
                Err(reason) => {
                    missing += &format!("\n{reason}");
                    continue;
                }
            };
            let mut cells = vec![format!("FMR {:e}", row.asked), format!("{threshold:.3}"), rate_text(rate)];
            match &row.shown {
                Some(Ok(shown)) => cells.extend([
                    percentage(shown.fmr.value),
                    shown.fmr.interval.map_or("-".to_owned(), |interval| {
                        format!(
                            "{} .. {}",
                            percentage(interval.low).trim_end_matches(" %"),
                            percentage(interval.high)
                        )
                    }),
                    shown.verdict(rate),
                    percent(shown.fnmr.value),
                ]),
                Some(Err(refused)) => {
                    missing += &format!("\n{}", refused.words);
                    cells.push("not supported".to_owned());
                }
                None => {}
            }
            rows.push(cells);
        }
        let rows = if rows.len() > 1 { table(&rows) + "\n" } else { String::new() };
        format!("the calibration on these photos\n\n{rows}{}\n{}{missing}", self.grounds(), self.overlap())
    }

    /// For JSON.
    pub fn record(&self) -> Value {
        let row = |row: &Row| {
            let (threshold, rate) = match &row.promise {
                Ok(promise) => promise,
                Err(reason) => return json!({"fmr_asked": row.asked, "unsupported": reason}),
            };
            let mut record = json!({
                "fmr_asked": row.asked, "threshold": threshold_value(*threshold), "promised": rate_record(rate),
            });
            match &row.shown {
                Some(Ok(shown)) => {
                    record["fmr"] = json!(shown.fmr.value);
                    record["fmr_interval"] = interval(&shown.fmr);
                    record["false_matches"] = json!(shown.at.false_matches);
                    record["as_promised"] = json!(rate.holds(shown.fmr.value));
                    record["fnmr"] = json!(shown.fnmr.value);
                    record["fnmr_interval"] = interval(&shown.fnmr);
                }
                Some(Err(refused)) => record["unsupported"] = json!(refused.words),
                None => {}
            }
            record
        };
        let mut record = self.calibrated.record();
        record["next_people"] = json!(self.worth);
        record["people_in_both"] = json!(self.overlap.count());
        record["overlap"] = json!(self.overlap());
        record["thresholds"] = self.rows.iter().map(row).collect();
        record
    }
}

impl Shown {
    /// Whether the rate is what was promised, and if not, how far it is off.
    pub fn verdict(&self, promised: &Rate) -> String {
        if promised.holds(self.fmr.value) {
            return "yes".to_owned();
        }
        format!("no, {:.2} times as many", self.fmr.value / promised.value)
    }
}

fn shown(all: &All, asked: f64, threshold: f64) -> anyhow::Result<Result<Shown, Refused>> {
    let what = format!("the threshold {threshold:.3}");
    let at = match all.pairs.at(threshold) {
        Ok(at) => at,
        Err(error) => return Refused::from_error(&what, error).map(Err),
    };
    if let Err(unsupported) = all.pairs.support(threshold)?.check(asked) {
        return Ok(Err(unsupported.into()));
    }
    Ok(Ok(Shown {
        at,
        fmr: all.measured(Statistic::FmrAtThreshold(threshold))?,
        fnmr: all.measured(Statistic::FnmrAtThreshold(threshold))?,
    }))
}
