//! `--report`: the result as one HTML page, with charts, intervals, the worst errors, and how it was made.

mod all_pairs;
mod charts;
mod cohorts;
mod errors;
mod lead;
mod search;
mod stamp;
mod tables;
pub mod wider;

use std::path::{Path, PathBuf};

use evaluation::VerificationReport;
use evaluation::report::{Block, Comparison, Pictures, Report, Section, Stamp, Table};

use super::cohorts::ByCohort;
use super::discard::Qualities;
use super::measures::{Measures, Scored};
use console::output;

pub use all_pairs::AllPairs;
pub use errors::{Shown, WorstErrors, short_name};
pub use search::{SearchCurves, SearchPage, SearchScores, SearchedPhoto, hash_of_photos, worst_searches};
pub use stamp::{hash_of_file, hash_of_protocol, models, stamp};
pub use tables::needs;

/// Where the page goes.
#[derive(clap::Args, Debug)]
#[group(id = "page")]
pub struct Args {
    /// Also write the result as one HTML page: charts, tables with intervals, and how it was made
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

impl Args {
    /// The file to write, if one is wanted. It is tried before the work begins, so that minutes of it are not lost.
    pub fn checked(&self) -> anyhow::Result<Option<&Path>> {
        let Some(path) = self.report.as_deref() else { return Ok(None) };
        output::check(path, "--report")?;
        Ok(Some(path))
    }
}

/// One system's scores and what they amount to.
pub struct System<'a> {
    /// The embedder's name, or the file's.
    pub name: &'a str,
    /// The pairs with their scores.
    pub scored: &'a Scored,
    /// What is measured on them.
    pub measures: &'a Measures,
    /// Accuracy by folds, where the protocol has them.
    pub folds: Option<&'a VerificationReport>,
    /// The quality of both faces of each pair, where faces were looked at.
    pub quality: Option<Qualities>,
    /// Their magnitudes, where these are qualities.
    pub magnitude: Option<Qualities>,
    /// The parts of the pairs by labels; the error says why there are none. `None` without labels.
    pub cohorts: Option<&'a Result<ByCohort, String>>,
}

/// All that is on the page.
pub struct Page<'a> {
    /// The protocol's name.
    pub protocol: &'a str,
    /// The system under test, and the one it is compared with.
    pub systems: Vec<System<'a>>,
    /// The paired test of both; the error says why there is none.
    pub comparison: Option<Result<Comparison, String>>,
    /// Other scores of the first system's faces; empty where none were asked for.
    pub scorers: Vec<Table>,
    /// What every photo against every other says, where it is known who is in them.
    pub all_pairs: AllPairs<'a>,
    /// The worst errors of the first system.
    pub pictures: Vec<Pictures>,
    /// How it was made.
    pub stamp: Stamp,
}

impl Page<'_> {
    /// Writes the page in one step.
    pub fn write(self, path: &Path) -> anyhow::Result<()> {
        let names: Vec<&str> = self.systems.iter().map(|system| system.name).collect();
        let title = match names[..] {
            [one] if one == self.protocol => one.to_owned(),
            _ => format!("{}: {}", self.protocol, names.join(" against ")),
        };
        let report = Report {
            title,
            lead: lead::sentences(&self),
            stamp: self.stamp.clone(),
            sections: self.sections()?,
        };
        Ok(report.write(path)?)
    }

    fn sections(&self) -> Result<Vec<Section>, evaluation::Error> {
        let section = |heading: &str, blocks| Section { heading: heading.to_owned(), blocks };
        let mut sections = vec![
            section("Measures", vec![Block::Table(tables::measures(&self.systems))]),
            section("Error rates", charts::error_rates(&self.systems)?),
            section("Scores", charts::scores(&self.systems)?),
        ];
        if let Some(comparison) = &self.comparison {
            let block = match comparison {
                Ok(comparison) => Block::Comparison(comparison.clone()),
                Err(reason) => Block::Prose(format!("The systems are not compared: {reason}")),
            };
            sections.insert(1, section("Paired comparison", vec![block]));
        }
        let cohorts: Vec<_> = self
            .systems
            .iter()
            .filter_map(|system| Some((system.name, system.cohorts?.as_ref().map_err(String::as_str))))
            .collect();
        if !cohorts.is_empty() {
            sections.push(section("Cohorts", cohorts::blocks(&cohorts)?));
        }
        if !self.scorers.is_empty() {
            sections.push(section("Scorers", self.scorers.iter().cloned().map(Block::Table).collect()));
        }
        let blocks = self.all_pairs.blocks()?;
        if !blocks.is_empty() {
            sections.push(section("All pairs of photos", blocks));
        }
        let shifts = self.all_pairs.shifts();
        if !shifts.is_empty() {
            sections.push(section("The calibration on these photos", shifts));
        }
        if self.systems.iter().any(|system| system.quality.is_some()) {
            sections.push(section("Face quality", charts::quality(&self.systems)?));
        }
        if self.systems.iter().any(|system| system.folds.is_some()) {
            sections.push(section(
                "Folds",
                self.systems.iter().filter_map(tables::folds).map(Block::Table).collect(),
            ));
        }
        if !self.pictures.is_empty() {
            sections
                .push(section("Worst errors", self.pictures.iter().cloned().map(Block::Pictures).collect()));
        }
        Ok(sections)
    }
}

/// A count with commas between thousands.
pub fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}

/// A rate as it was asked for: `0.001`, and `1e-5` where zeros would have to be counted.
pub fn rate(rate: f64) -> String {
    if rate >= 1e-4 { rate.to_string() } else { format!("{rate:e}") }
}

/// A share in per cent.
pub fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_easy_to_read() {
        let counts = [0, 999, 1000, 1_234_567].map(thousands);
        assert_eq!(counts, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([1e-2, 1e-4, 1e-5].map(rate), ["0.01", "0.0001", "1e-5"]);
    }
}
