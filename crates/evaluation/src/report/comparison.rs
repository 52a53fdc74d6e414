//! Two systems side by side, with the paired test's answer.

use std::fmt::Write as _;

use super::escape::escape;
use super::table::{Cell, Column, Format, Table};
use super::{number, report_error};
use crate::Error;

const PART: &str = "comparison";

/// Two systems measured on the same pairs.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The first system's name.
    pub a: String,
    /// The second system's name.
    pub b: String,
    /// The test, such as `paired bootstrap over 285 identities, 2,000 resamples, 95 % intervals`.
    pub test: String,
    /// How all numbers are written.
    pub format: Format,
    /// One for each metric.
    pub rows: Vec<Compared>,
}

/// One metric of two systems.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// The metric, such as `FNMR at FMR 0.001`.
    pub metric: String,
    /// Whether less is better, as for an error rate.
    pub lower_is_better: bool,
    /// The first system's value.
    pub a: f64,
    /// The second system's value.
    pub b: f64,
    /// The interval of the difference a - b from resampling both systems on the same people.
    pub difference: (f64, f64),
    /// The probability of a difference at least as large if the systems were equal, in 0..=1, if the test gives one.
    pub p_value: Option<f64>,
}

/// Which system the paired test found better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    A,
    B,
    /// The interval of the difference holds 0.
    Open,
}

impl Compared {
    fn verdict(&self) -> Verdict {
        let (low, high) = self.difference;
        if low <= 0.0 && high >= 0.0 {
            Verdict::Open
        } else if (high < 0.0) == self.lower_is_better {
            Verdict::A
        } else {
            Verdict::B
        }
    }
}

impl Comparison {
    /// A sentence with the result, and the table.
    pub(super) fn html(&self) -> Result<String, Error> {
        if let Some(row) = self.rows.iter().find(|row| !row.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)))
        {
            let problem = format!("the p-value of {:?} is {:?}, but is in 0..=1", row.metric, row.p_value);
            return Err(report_error(PART, problem));
        }
        let rows = self.rows.iter().map(|row| {
            let (low, high) = row.difference;
            let verdict = match row.verdict() {
                Verdict::A => format!("{} is better", self.a),
                Verdict::B => format!("{} is better", self.b),
                Verdict::Open => "no difference shown".to_owned(),
            };
            vec![
                Cell::text(&row.metric),
                Cell::Number(row.a),
                Cell::Number(row.b),
                Cell::Interval { value: row.a - row.b, low, high },
                row.p_value.map_or(Cell::Missing, |p| Cell::Text(p_value(p))),
                Cell::Text(verdict),
            ]
        });
        let table = Table {
            caption: format!("{} against {}", self.a, self.b),
            columns: vec![
                Column::new("Metric", Format::Text),
                Column::new(&self.a, self.format),
                Column::new(&self.b, self.format),
                Column::new("Difference", self.format),
                Column::new("p", Format::Text),
                Column::new("Paired test", Format::Text),
            ],
            rows: rows.collect(),
            note: format!("Difference: {} less {}, with its interval by {}.", self.a, self.b, self.test),
        };
        let mut html = String::from("<div class=\"comparison\">\n");
        // Writing to a String cannot fail.
        let _ = writeln!(html, "<p>{}</p>", escape(&self.summary()));
        html.push_str(&table.html()?);
        html.push_str("</div>\n");
        Ok(html)
    }

    fn summary(&self) -> String {
        let count = |verdict| self.rows.iter().filter(|row| row.verdict() == verdict).count();
        let (a, b, all) = (count(Verdict::A), count(Verdict::B), self.rows.len());
        let metrics = if all == 1 { "metric" } else { "metrics" };
        match (a, b) {
            (0, 0) => format!("The test shows no difference between {} and {}.", self.a, self.b),
            (a, 0) => format!("{} is better than {} on {a} of {all} {metrics}.", self.a, self.b),
            (0, b) => format!("{} is better than {} on {b} of {all} {metrics}.", self.b, self.a),
            (a, b) => format!("Of {all} {metrics}, {} is better on {a} and {} on {b}.", self.a, self.b),
        }
    }
}

fn p_value(p: f64) -> String {
    if p < 0.001 { "<\u{a0}0.001".to_owned() } else { number::decimal(p, 3) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(a: f64, b: f64, difference: (f64, f64), lower_is_better: bool) -> Compared {
        Compared { metric: "m".to_owned(), lower_is_better, a, b, difference, p_value: Some(0.0004) }
    }

    #[test]
    fn verdicts() {
        let cases = [
            (compared(0.1, 0.2, (-0.15, -0.05), true), Verdict::A),
            (compared(0.1, 0.2, (-0.15, -0.05), false), Verdict::B),
            (compared(0.2, 0.1, (0.05, 0.15), true), Verdict::B),
            (compared(0.2, 0.1, (0.05, 0.15), false), Verdict::A),
            (compared(0.2, 0.1, (-0.01, 0.2), true), Verdict::Open),
            (compared(0.1, 0.1, (0.0, 0.0), true), Verdict::Open),
        ];
        for (row, expected) in cases {
            assert_eq!(row.verdict(), expected, "{row:?}");
        }
    }

    #[test]
    fn the_page_says_who_is_better() {
        let mut comparison = Comparison {
            a: "A&A".to_owned(),
            b: "B".to_owned(),
            test: "paired bootstrap".to_owned(),
            format: Format::Percent(1),
            rows: vec![compared(0.1, 0.2, (-0.15, -0.05), true)],
        };
        let html = comparison.html().unwrap();
        assert!(html.contains("A&amp;A is better than B on 1 of 1 metric."), "{html}");
        assert!(html.contains("−10.0") && html.contains("&lt;\u{a0}0.001"), "{html}");
        comparison.rows[0].p_value = Some(2.0);
        assert!(comparison.html().unwrap_err().to_string().contains("p-value"));
    }
}
