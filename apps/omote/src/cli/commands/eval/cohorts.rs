//! Cohorts: the error rates of each part of the pairs, at one threshold for all.

use evaluation::{
    CohortRates, CohortShare, Cohorts, MIN_FALSE_MATCHES, MIN_IDENTITY_PAIRS, PairLabels, Support,
    Unsupported,
};
use serde_json::{Value, json};

use super::measures::{Measures, Scored};
use super::page::{rate, thousands};
use crate::cli::calibrations::threshold_value;
use console::table;

/// What a pair's quality is called among its labels.
const QUALITY: &str = "quality of the poorer face";

/// Where cohorts are measured.
#[derive(clap::Args, Debug, Clone, Copy)]
#[group(id = "cohorts")]
#[command(next_help_heading = "Measures")]
pub struct Args {
    /// The threshold at which cohorts are measured, the same for all [default: that of the largest --fmr that all pairs
    /// together support, where cohorts have most false matches]
    #[arg(long, value_name = "THRESHOLD", allow_negative_numbers = true, value_parser = threshold)]
    cohorts_at: Option<f64>,
}

fn threshold(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| "expected a score, such as 0.4".to_owned())
}

impl Args {
    /// Whether a threshold was named.
    pub fn is_given(&self) -> bool {
        self.cohorts_at.is_some()
    }
}

/// The rates of all cohorts at one threshold.
pub struct ByCohort {
    /// In the units of the scores.
    pub threshold: f64,
    /// The false match rate whose threshold it is; `None` for one that was given.
    pub fmr: Option<f64>,
    /// All pairs.
    pub all: CohortRates,
    /// Each label with its cohorts.
    pub labels: Vec<Label>,
}

/// The cohorts of one label.
pub struct Label {
    /// What the label is of.
    pub name: String,
    /// Each of its values, and the rates there.
    pub cohorts: Vec<(String, CohortRates)>,
    /// Pairs without the label, which are in no cohort.
    pub without: usize,
}

impl ByCohort {
    /// Measures the cohorts of a list's labels, and those of the faces' qualities where there are any. `None` without
    /// either; the inner error says why there is no threshold.
    pub fn of(
        args: Args,
        scored: &Scored,
        measures: &Measures,
        labels: &[PairLabels],
        qualities: Option<&[[Option<f32>; 2]]>,
    ) -> Result<Option<Result<ByCohort, String>>, evaluation::Error> {
        let by_quality = qualities.map(|of| PairLabels::by_quarters(QUALITY, &poorer(of)));
        // Where all faces are alike there is nothing to part.
        let by_quality = by_quality.filter(|labels| labels.values.len() > 1);
        if labels.is_empty() && by_quality.is_none() {
            return Ok(None);
        }
        let supported = measures.points.iter().filter(|point| point.fnmr.is_ok());
        let laxest = supported.max_by(|a, b| a.asked.total_cmp(&b.asked));
        let (threshold, fmr) = match (args.cohorts_at, laxest) {
            (Some(threshold), _) => (threshold, None),
            (None, Some(point)) => (point.at.threshold, Some(point.asked)),
            (None, None) => {
                let reason = "all pairs together support no false match rate that was asked for: ask for a higher one \
                              with --fmr, or name a threshold with --cohorts-at";
                return Ok(Some(Err(reason.to_owned())));
            }
        };
        let level = measures.bootstrap.level;
        let cohorts = Cohorts::new(&scored.scores, &scored.same, scored.people.as_deref(), threshold, level)?;
        let label = |labels: &PairLabels| -> Result<Label, evaluation::Error> {
            Ok(Label {
                name: labels.name.clone(),
                cohorts: labels.values.iter().cloned().zip(cohorts.by(labels)?).collect(),
                without: labels.of_pairs.iter().filter(|value| value.is_none()).count(),
            })
        };
        let labels = labels.iter().chain(&by_quality).map(label).collect::<Result<_, _>>()?;
        Ok(Some(Ok(ByCohort { threshold, fmr, all: cohorts.all()?, labels })))
    }

    /// Whose threshold it is, in words.
    pub fn threshold_words(&self) -> String {
        match self.fmr {
            Some(fmr) => format!("{:.3}, that of FMR {} on all pairs", self.threshold, rate(fmr)),
            None => format!("{:.3}, as given", self.threshold),
        }
    }

    /// What the intervals are worth: there are many of them, and people may come back.
    pub fn caution(&self) -> String {
        let cohorts = self.labels.iter().flat_map(|label| &label.cohorts);
        let rates = cohorts.flat_map(|(_, rates)| [rates.fnmr.ok(), rates.fmr.ok()]);
        let count = rates.flatten().filter(|rate| rate.interval.is_some()).count();
        let mut caution = format!(
            "Every interval is at 95 % by itself: of {count} such intervals about {:.1} miss the truth by chance, so \
             one cohort that stands apart from the others proves little.",
            count as f64 / 20.0
        );
        if self.all.people.is_none() {
            caution +=
                " Nobody knows who is in the photos: if people come back the intervals are too narrow.";
        }
        caution
    }

    /// For people.
    pub fn describe(&self) -> String {
        let heading = ["COHORT", "GENUINE", "FNMR", "95 % INTERVAL", "IMPOSTOR", "FMR", "95 % INTERVAL"];
        let mut rows = vec![heading.map(String::from).to_vec(), row("all pairs".to_owned(), &self.all)];
        let mut without = String::new();
        for Label { name, cohorts, without: count } in &self.labels {
            rows.extend(cohorts.iter().map(|(value, rates)| row(format!("{name}: {value}"), rates)));
            if *count > 0 {
                without += &format!("{name}: {count} pairs have none and are in no cohort\n");
            }
        }
        format!(
            "cohorts, all at the threshold {}\n\n{}\n{without}{}",
            self.threshold_words(),
            table(&rows),
            self.caution()
        )
    }

    /// For JSON.
    pub fn record(&self) -> Value {
        let label = |label: &Label| {
            let cohort = |(value, rates): &(String, CohortRates)| {
                let mut record = record(rates);
                record["cohort"] = json!(value);
                record
            };
            json!({
                "label": label.name, "pairs_without_label": label.without,
                "cohorts": label.cohorts.iter().map(cohort).collect::<Vec<_>>(),
            })
        };
        json!({
            "threshold": threshold_value(self.threshold), "threshold_of_fmr": self.fmr, "all": record(&self.all),
            "labels": self.labels.iter().map(label).collect::<Vec<_>>(),
        })
    }
}

/// The cohorts for JSON, with the reason if there are none.
pub fn records(found: Option<&Result<ByCohort, String>>) -> [(&'static str, Value); 2] {
    let (cohorts, reason) = match found {
        Some(Ok(cohorts)) => (cohorts.record(), Value::Null),
        Some(Err(reason)) => (Value::Null, json!(reason)),
        None => (Value::Null, Value::Null),
    };
    [("cohorts", cohorts), ("no_cohorts", reason)]
}

/// The cohorts for people, with the reason if there are none.
pub fn describe(found: Option<&Result<ByCohort, String>>) -> String {
    match found {
        Some(Ok(cohorts)) => format!("\n{}\n", cohorts.describe()),
        Some(Err(reason)) => format!("\nno cohorts: {reason}\n"),
        None => String::new(),
    }
}

/// What a false match rate would need to be given. A cohort with few false matches may have pairs enough.
pub fn needs(unsupported: &Unsupported) -> String {
    let Support { impostors, false_matches, .. } = unsupported.support;
    match Support::impostors_needed(unsupported.fmr) {
        _ if false_matches >= MIN_FALSE_MATCHES => {
            format!("false matches of {MIN_IDENTITY_PAIRS} different pairs of people")
        }
        needed if needed > impostors && needed < usize::MAX => {
            format!("{} impostor pairs", thousands(needed))
        }
        _ => format!("{MIN_FALSE_MATCHES} false matches instead of {false_matches}"),
    }
}

/// The quality of the poorer face of each pair; `None` where a face is missing.
fn poorer(qualities: &[[Option<f32>; 2]]) -> Vec<Option<f32>> {
    qualities.iter().map(|&[a, b]| Some(a?.min(b?))).collect()
}

fn row(name: String, rates: &CohortRates) -> Vec<String> {
    let cells = |rate: Result<CohortShare, String>, decimals: usize| match rate {
        Ok(CohortShare { value, interval }) => {
            let text = |share: f64| format!("{:.decimals$}", share * 100.0);
            let ends = interval.map(|ends| format!("{} .. {} %", text(ends.low), text(ends.high)));
            [text(value) + " %", ends.unwrap_or_else(|| "-".to_owned())]
        }
        Err(needs) => ["-".to_owned(), format!("needs {needs}")],
    };
    let [fnmr, of_fnmr] = cells(rates.fnmr.map_err(|few| few.needs()), 2);
    let [fmr, of_fmr] = cells(rates.fmr.map_err(|unsupported| needs(&unsupported)), 3);
    vec![name, rates.genuine.to_string(), fnmr, of_fnmr, rates.support.impostors.to_string(), fmr, of_fmr]
}

fn record(rates: &CohortRates) -> Value {
    let ends = |rate: Option<CohortShare>| {
        rate.and_then(|rate| rate.interval).map(|interval| [interval.low, interval.high])
    };
    let value = |rate: Option<CohortShare>| rate.map(|rate| rate.value);
    let (fnmr, fmr) = (rates.fnmr.ok(), rates.fmr.ok());
    json!({
        "genuine": rates.genuine, "false_non_matches": rates.false_non_matches,
        "fnmr": value(fnmr), "fnmr_interval": ends(fnmr), "no_fnmr": rates.fnmr.err().map(|few| few.to_string()),
        "impostor": rates.support.impostors, "false_matches": rates.support.false_matches,
        "fmr": value(fmr), "fmr_interval": ends(fmr),
        "no_fmr": rates.fmr.err().map(|unsupported| format!("no FMR is reported: needs {}", needs(&unsupported))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_cohort_needs_depends_on_what_it_has() {
        let needs = |fmr, impostors, false_matches| {
            let support = Support { impostors, false_matches, identity_pairs: Some(5) };
            needs(&Unsupported { fmr, support })
        };
        assert_eq!(needs(1e-3, 3000, 3), "10,000 impostor pairs");
        assert_eq!(needs(1e-3, 30_000, 3), "10 false matches instead of 3");
        assert_eq!(needs(0.0, 30_000, 0), "10 false matches instead of 0");
        assert_eq!(needs(1e-3, 3000, 12), "false matches of 10 different pairs of people");
    }

    #[test]
    fn a_pair_is_as_good_as_its_poorer_face() {
        assert_eq!(poorer(&[[Some(0.5), Some(0.2)], [Some(0.5), None]]), [Some(0.2), None]);
        assert_eq!([threshold("-0.5"), threshold("1")], [Ok(-0.5), Ok(1.0)]);
        assert!(threshold("NaN").is_err() && threshold("x").is_err());
    }
}
