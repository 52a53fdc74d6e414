//! The table of scorers, for people, for programs and for the page.

use evaluation::report::{self, Cell, Column, Format};
use serde_json::{Value, json};

use super::super::measures::{self, Measured, interval, percent};
use super::super::page::rate;
use super::files::Origin;
use super::measured::{OPERATING, Point, Row, Shift};
use super::training::Training;
use console::table;

/// Every scorer, the cosine first and then the best first.
pub struct Table {
    rows: Vec<Row>,
    fmr: Vec<f64>,
    /// Which of `fmr` the order goes by, if any is supported.
    ordered_by: Option<usize>,
    /// Whether FNMR is of all pairs of the photos, since it is known who is in them.
    all_pairs: bool,
    /// Genuine and impostor pairs that FNMR is of.
    pairs: [u64; 2],
    resamples: u32,
    seed: u64,
    /// People of --train and those who teach, and photos that failed.
    training: Option<([usize; 2], usize)>,
    no_fusion: Option<String>,
    files: Vec<Origin>,
    /// Whether any scorer was learned from --train.
    learned: bool,
}

impl Table {
    /// Puts rows in order, the first of which is the cosine and stays where it is.
    pub fn new(
        mut rows: Vec<Row>,
        measures: &measures::Args,
        all_pairs: bool,
        pairs: [u64; 2],
        training: Option<&Training>,
        no_fusion: Option<String>,
    ) -> Table {
        let from_operating = |fmr: &f64| (fmr / OPERATING).log10().abs();
        let mut order: Vec<usize> = (0..measures.fmr.len()).collect();
        order.sort_by(|&a, &b| from_operating(&measures.fmr[a]).total_cmp(&from_operating(&measures.fmr[b])));
        let ordered_by = order.into_iter().find(|&at| rows.iter().all(|row| row.points[at].is_ok()));
        let key = |row: &Row| match ordered_by.map(|at| &row.points[at]) {
            Some(Ok(point)) => point.fnmr.value,
            _ => row.eer,
        };
        if let Some((_, others)) = rows.split_first_mut() {
            others.sort_by(|a, b| key(a).total_cmp(&key(b)));
        }
        Table {
            rows,
            fmr: measures.fmr.clone(),
            ordered_by,
            all_pairs,
            pairs,
            resamples: measures.draws.resamples,
            seed: measures.draws.seed,
            training: training.map(|training| (training.people(), training.failed())),
            no_fusion,
            files: Vec::new(),
            learned: false,
        }
    }

    /// The same table, with what is known of scorers from files, and whether others were learned from --train.
    pub fn of(self, files: Vec<Origin>, learned: bool) -> Table {
        Table { files, learned, ..self }
    }

    /// Photos of --train that failed.
    pub fn failed(&self) -> usize {
        self.training.map_or(0, |(_, failed)| failed)
    }

    /// For JSON.
    pub fn record(&self) -> Value {
        let rows: Vec<Value> = self.rows.iter().map(|row| self.row_record(row)).collect();
        let (teaching, held_out) = match self.training {
            Some(([people, teaching], _)) => (self.learned.then_some(teaching), Some(people - teaching)),
            None => (None, None),
        };
        json!({
            "rows": rows, "fnmr_over": if self.all_pairs { "all pairs of the photos" } else { "the protocol's pairs" },
            "genuine": self.pairs[0], "impostor": self.pairs[1], "resamples": self.resamples, "seed": self.seed,
            "ordered_by_fmr": self.ordered_by.map(|at| self.fmr[at]), "people_teaching": teaching,
            "people_setting_thresholds": held_out, "no_fusion": self.no_fusion,
            "files": self.files.iter().map(Origin::record).collect::<Vec<_>>(),
        })
    }

    fn row_record(&self, row: &Row) -> Value {
        let points: Vec<Value> = self
            .fmr
            .iter()
            .zip(&row.points)
            .map(|(fmr, point)| match point {
                Ok(point) => json!({
                    "fmr_asked": fmr, "threshold": point.threshold, "fnmr": point.fnmr.value,
                    "fnmr_interval": interval(&point.fnmr),
                    "difference": point.difference.map(|found| found.difference.value),
                    "difference_interval": point.difference.map(|found| {
                        let interval = found.difference.interval;
                        [interval.low, interval.high]
                    }),
                    "p_value": point.difference.map(|found| found.p_value),
                }),
                Err(reason) => json!({"fmr_asked": fmr, "unsupported": reason}),
            })
            .collect();
        let shift = row.shift.as_ref().map(|shift| match shift {
            Ok(shift) => json!({
                "fmr_asked": OPERATING, "threshold": shift.threshold, "fnmr_there": shift.fnmr_there,
                "fmr": shift.fmr.value, "fmr_interval": interval(&shift.fmr),
                "fnmr": shift.fnmr.value, "fnmr_interval": interval(&shift.fnmr),
            }),
            Err(reason) => json!({"fmr_asked": OPERATING, "unsupported": reason}),
        });
        json!({
            "scorer": row.name, "accuracy": row.accuracy, "standard_error": row.standard_error, "auc": row.auc,
            "eer": row.eer, "fnmr_at_fmr": points, "shift": shift,
            "seconds": (row.seconds * 1000.0).round() / 1000.0,
        })
    }

    /// For people. Differences and intervals are those of the rate that the order goes by: the rest is in the record
    /// and on the page.
    pub fn describe(&self) -> String {
        let mut heading = ["SCORER", "ACCURACY", "AUC", "EER"].map(String::from).to_vec();
        for (at, fmr) in self.fmr.iter().enumerate() {
            heading.push(format!("FNMR AT {fmr:e}"));
            if self.ordered_by == Some(at) {
                heading.extend(["95 % INTERVAL", "MINUS COSINE", "95 % INTERVAL"].map(String::from));
            }
        }
        if self.training.is_some() {
            heading.extend([format!("FMR, SET TO {OPERATING:e}"), "95 % INTERVAL".into()]);
        }
        let mut rows = vec![heading];
        for row in &self.rows {
            let mut cells = vec![row.name.clone(), percent(row.accuracy), percent(row.auc), percent(row.eer)];
            for (at, point) in row.points.iter().enumerate() {
                let point = point.as_ref().ok();
                cells.push(point.map_or("-".into(), |point| percent(point.fnmr.value)));
                if self.ordered_by == Some(at) {
                    cells.push(point.map_or("-".into(), |point| percents(&point.fnmr, 2)));
                    let found = point.and_then(|point| point.difference);
                    cells.push(found.map_or("-".into(), |found| signed(found.difference.value)));
                    let range = found.map(|found| found.difference.interval);
                    cells.push(range.map_or("-".into(), |range| {
                        format!(
                            "{} .. {} %",
                            signed(range.low).trim_end_matches(" %"),
                            signed(range.high).trim_end_matches(" %")
                        )
                    }));
                }
            }
            if let Some(shift) = &row.shift {
                let shift = shift.as_ref().ok();
                cells.push(shift.map_or("-".into(), |shift| format!("{:.3} %", shift.fmr.value * 100.0)));
                cells.push(shift.map_or("-".into(), |shift| percents(&shift.fmr, 3)));
            }
            rows.push(cells);
        }
        format!("Scorers\n\n{}\n{}", table(&rows), self.grounds())
    }

    /// For the page: one row for each scorer, with all intervals.
    pub fn tables(&self) -> Vec<report::Table> {
        let mut tables = vec![self.measures(), self.differences()];
        if self.training.is_some() {
            tables.push(self.shifts());
        }
        tables
    }

    fn measures(&self) -> report::Table {
        let mut columns = vec![Column::new("Scorer", Format::Text)];
        columns.extend(["Accuracy", "AUC", "EER"].map(|name| Column::new(name, Format::Percent(2))));
        columns.extend(self.fmr.iter().map(|&fmr| fnmr_column(fmr)));
        let row = |row: &Row| {
            let mut cells = vec![Cell::text(row.name.clone())];
            cells.extend([row.accuracy, row.auc, row.eer].map(Cell::Number));
            let fnmr = |point: &Point| cell(&point.fnmr);
            cells.extend(row.points.iter().map(|point| point.as_ref().map_or(Cell::Missing, fnmr)));
            cells
        };
        report::Table {
            caption: "Scorers, with 95 % intervals".into(),
            columns,
            rows: self.rows.iter().map(row).collect(),
            note: self.grounds().replace('\n', " "),
        }
    }

    fn differences(&self) -> report::Table {
        let mut columns = vec![Column::new("Scorer", Format::Text)];
        columns.extend(self.fmr.iter().map(|&fmr| fnmr_column(fmr)));
        let row = |row: &Row| {
            let mut cells = vec![Cell::text(row.name.clone())];
            cells.extend(row.points.iter().map(|point| {
                let difference = point.as_ref().ok().and_then(|point| point.difference);
                difference.map_or(Cell::Missing, |found| Cell::Interval {
                    value: found.difference.value,
                    low: found.difference.interval.low,
                    high: found.difference.interval.high,
                })
            }));
            cells
        };
        report::Table {
            caption: "What each rejects more than the cosine, with 95 % intervals".into(),
            columns,
            // The first row is the cosine itself.
            rows: self.rows.iter().skip(1).map(row).collect(),
            note: "By a paired bootstrap: both meet the same draws. Negative differences are gains.".into(),
        }
    }

    fn shifts(&self) -> report::Table {
        let row = |row: &Row| {
            let mut cells = vec![Cell::text(row.name.clone())];
            match &row.shift {
                Some(Ok(Shift { threshold, fnmr_there, fmr, fnmr })) => {
                    cells.extend([
                        Cell::Number(*threshold),
                        Cell::Number(*fnmr_there),
                        cell(fmr),
                        cell(fnmr),
                    ]);
                }
                _ => cells.extend([Cell::Missing, Cell::Missing, Cell::Missing, Cell::Missing]),
            }
            cells
        };
        report::Table {
            caption: format!("Thresholds set at FMR {} on other people, and what they do here", rate(OPERATING)),
            columns: vec![
                Column::new("Scorer", Format::Text),
                Column::new("Threshold", Format::Decimal(3)),
                Column::new("FNMR there", Format::Percent(2)),
                Column::new("FMR here", Format::Percent(3)),
                Column::new("FNMR here", Format::Percent(2)),
            ],
            rows: self.rows.iter().map(row).collect(),
            note: "A threshold is worth the more, the less its rate changes from one set of people and photos to \
                   another."
                .into(),
        }
    }

    /// What the numbers rest on, in sentences.
    fn grounds(&self) -> String {
        let [genuine, impostor] = self.pairs;
        let over = if self.all_pairs { "all pairs of the photos" } else { "the protocol's pairs" };
        let drawn = if self.all_pairs { "people" } else { "single pairs" };
        let mut text = format!(
            "Accuracy, AUC and EER are of the protocol's pairs; FNMR is of {over}: {genuine} genuine, \
             {impostor} impostor. Intervals by {} draws of {drawn}, the same for a scorer and the cosine.",
            self.resamples
        );
        text += &match self.ordered_by {
            Some(at) => {
                format!("\nBest first by FNMR at FMR {}; negative differences are gains.", rate(self.fmr[at]))
            }
            None => "\nBest first by EER.".to_owned(),
        };
        if let Some(([people, teaching], _)) = self.training {
            let others = people - teaching;
            text += &match self.learned {
                true => format!("\nLearned from {teaching} of {people} people of --train; the others"),
                false => format!(
                    "\nNothing was learned: no --scorers were named. {others} of {people} people of --train"
                ),
            };
            text += &format!(" set the threshold at FMR {} whose FMR here is shown.", rate(OPERATING));
            if self.rows.iter().any(|row| row.name == "fusion") {
                text += " The weights of the fusion come from these others, too.";
            }
        }
        for origin in &self.files {
            text += &format!("\nFrom a file: {}.", origin.describe());
        }
        for reason in self.reasons() {
            text += &format!("\n{reason}");
        }
        text
    }

    /// Why numbers are missing, each reason once.
    fn reasons(&self) -> Vec<String> {
        let points =
            self.rows.iter().flat_map(|row| row.points.iter().filter_map(|point| point.as_ref().err()));
        let shifts = self.rows.iter().filter_map(|row| row.shift.as_ref()?.as_ref().err());
        let fusion = self.no_fusion.iter().map(|reason| format!("There is no fusion: {reason}"));
        let mut reasons: Vec<String> = Vec::new();
        for reason in points.chain(shifts).cloned().chain(fusion) {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        reasons
    }
}

fn fnmr_column(fmr: f64) -> Column {
    Column::new(format!("FNMR at FMR {}", rate(fmr)), Format::Percent(2))
}

fn cell(measured: &Measured) -> Cell {
    let value = measured.value;
    measured.interval.map_or(Cell::Number(value), |interval| Cell::Interval {
        value,
        low: interval.low,
        high: interval.high,
    })
}

fn signed(share: f64) -> String {
    format!("{:+.2} %", share * 100.0)
}

/// An interval in percent with so many digits.
fn percents(measured: &Measured, digits: usize) -> String {
    measured.interval.map_or("-".into(), |interval| {
        format!("{:.digits$} .. {:.digits$} %", interval.low * 100.0, interval.high * 100.0)
    })
}
