//! `--compare`: is one embedder better than another? Both meet the same faces, and people are drawn for both at once.

use evaluation::report::{Compared, Comparison, Format};
use evaluation::{Bootstrap, Difference, Error, Resampled, Statistic};
use serde_json::{Value, json};

use super::Run;
use super::all::All;
use crate::cli::commands::eval::page::rate;
use console::table;

/// The paired test of two embedders.
pub struct Test {
    rows: Vec<Row>,
    resampled: Resampled,
    resamples: usize,
}

struct Row {
    statistic: Statistic,
    found: Difference,
}

impl Row {
    /// As the other tables for people name it.
    fn name(&self) -> String {
        match self.statistic {
            Statistic::FnmrAtThreshold(threshold) => format!("FNMR at {threshold}"),
            Statistic::FmrAtThreshold(threshold) => format!("FMR at {threshold}"),
            Statistic::FnmrAtFmr(fmr) => format!("FNMR at FMR {fmr:e}"),
            Statistic::Auc => "AUC".to_owned(),
            Statistic::Eer => "EER".to_owned(),
        }
    }
}

impl Test {
    /// Tests the equal error rate, the area under the curve, and FNMR at the rates that both support. The inner error
    /// says why there can be no test.
    pub fn of(a: &Run, b: &Run, bootstrap: &Bootstrap) -> anyhow::Result<Result<Test, String>> {
        let pairs = a.scored.pairs().and_then(|of_a| Ok((of_a, b.scored.pairs()?)));
        let (of_a, of_b) = match pairs {
            Ok(pairs) => pairs,
            Err(error @ Error::TooFewPeople { .. }) => return Ok(Err(error.to_string())),
            Err(error) => return Err(error.into()),
        };
        let mut statistics = vec![Statistic::Eer, Statistic::Auc];
        let both = a.measures.points.iter().zip(&b.measures.points);
        let supported = both.filter(|(a, b)| a.fnmr.is_ok() && b.fnmr.is_ok());
        statistics.extend(supported.map(|(point, _)| Statistic::FnmrAtFmr(point.asked)));
        let test = |statistic| Ok(Row { statistic, found: bootstrap.difference(&of_a, &of_b, statistic)? });
        let rows = statistics.into_iter().map(test).collect::<Result<Vec<Row>, Error>>()?;
        Ok(Ok(Test { rows, resampled: of_a.resampled(), resamples: bootstrap.resamples }))
    }

    /// Tests FNMR at the rates that every photo against every other supports for both.
    pub fn of_all(a: &All, b: &All) -> anyhow::Result<Result<Test, String>> {
        let (mut rows, bootstrap) = (Vec::new(), &a.bootstrap);
        for (of_a, of_b) in a.points.iter().zip(&b.points) {
            if of_a.found.is_err() || of_b.found.is_err() {
                continue;
            }
            let statistic = Statistic::FnmrAtFmr(of_a.asked);
            let found = bootstrap.difference(&a.pairs, &b.pairs, statistic)?;
            rows.push(Row { statistic, found });
        }
        if rows.is_empty() {
            return Ok(Err("no false match rate that was asked for is supported for both".to_owned()));
        }
        Ok(Ok(Test { rows, resampled: a.pairs.resampled(), resamples: bootstrap.resamples }))
    }

    fn words(&self) -> String {
        let drawn = match self.resampled {
            Resampled::Identities => "people",
            Resampled::Pairs => "single pairs",
        };
        format!("a paired bootstrap of {} draws of {drawn}, 95 %", self.resamples)
    }

    /// For the page.
    pub fn comparison(&self, a: &str, b: &str) -> Comparison {
        let row = |row: &Row| Compared {
            metric: match row.statistic {
                Statistic::FnmrAtFmr(fmr) => format!("FNMR at FMR {}", rate(fmr)),
                _ => row.name(),
            },
            lower_is_better: row.statistic != Statistic::Auc,
            a: row.found.a,
            b: row.found.b,
            difference: (row.found.difference.interval.low, row.found.difference.interval.high),
            p_value: Some(row.found.p_value),
        };
        Comparison {
            a: a.to_owned(),
            b: b.to_owned(),
            test: self.words(),
            format: Format::Percent(2),
            rows: self.rows.iter().map(row).collect(),
        }
    }

    /// For people.
    pub fn describe(&self, a: &str, b: &str) -> String {
        let mut rows = vec![["MEASURE", a, b, "DIFFERENCE", "95 % INTERVAL", "P"].map(String::from).to_vec()];
        rows.extend(self.rows.iter().map(|row| {
            let found = &row.found;
            let percent = |share: f64| format!("{:.2} %", share * 100.0);
            let interval = found.difference.interval;
            vec![
                row.name(),
                percent(found.a),
                percent(found.b),
                percent(found.difference.value),
                format!("{:.2} .. {:.2} %", interval.low * 100.0, interval.high * 100.0),
                format!("{:.3}", found.p_value),
            ]
        }));
        format!("{}\ndifferences by {}", table(&rows), self.words())
    }

    /// For JSON.
    pub fn record(&self) -> Value {
        let row = |row: &Row| {
            let found = &row.found;
            json!({
                "measure": row.name(), "a": found.a, "b": found.b, "difference": found.difference.value,
                "interval": [found.difference.interval.low, found.difference.interval.high],
                "p_value": found.p_value,
            })
        };
        self.rows.iter().map(row).collect()
    }
}
