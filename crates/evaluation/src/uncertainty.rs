//! How sure is a rate? Intervals for rare events and for statistics of pairs, and the least that a rate may rest on.
//!
//! Four questions, four answers: [`wilson`] for one share of independent trials; [`Trials`] for what is taken from
//! single faces, of which some show one person; [`Bootstrap`] for everything that is taken from pairs of faces, which
//! are not independent because people come back in many of them; [`Support`] for whether a false-match rate may be
//! reported at all.

mod all_pairs;
mod band;
mod bootstrap;
mod clustering;
mod cohorts;
mod dyads;
mod means;
mod scored_pairs;
mod searches;
mod statistic;
mod support;
mod trials;
mod wilson;

pub use bootstrap::{Bootstrap, Difference, Estimate};
pub use cohorts::{CohortRates, CohortShare, Cohorts, TooFewGenuine};
pub use scored_pairs::{MIN_PEOPLE, Resampled, ScoredPair, ScoredPairs};
pub use searches::{GallerySearches, PersonSearch, SearchStatistic, SearchTrials};
pub use statistic::Statistic;
pub use support::{MIN_FALSE_MATCHES, MIN_IDENTITY_PAIRS, Support, Unsupported};
pub use trials::Trials;
pub use wilson::wilson;

use crate::Error;

/// A two-sided interval for a rate or for the difference of two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end, in the units of what is estimated. Not above `high`.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// How often such intervals hold the truth if the whole measurement is repeated, in 0..1: 0.95, usually.
    pub level: f64,
}

impl Interval {
    /// Whether `value` lies in the interval, ends included.
    pub fn contains(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// Checks that `level` can be an interval's level.
fn check_level(level: f64) -> Result<(), Error> {
    if level > 0.0 && level < 1.0 {
        Ok(())
    } else {
        Err(Error::Setting {
            what: "level",
            value: level,
            expected: "a number between 0 and 1, such as 0.95",
        })
    }
}
