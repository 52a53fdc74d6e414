//! How many people and photos it takes to learn each scorer.
//!
//! Spreads: of `n` independent people the mean of what they score is off by `1 / sqrt(n)` of its spread, and the spread
//! itself by `1 / sqrt(2 (n - 1))` (the standard error of a normal sample's standard deviation). That is 24 % at ten
//! people, below which nothing is learned, and 5 % at 200, from which on nobody is warned.
//!
//! Covariances: of `d` values, those of fewer than `d + 1` people, or of fewer than `d` photos beyond each person's
//! first, are singular. What is then said of the directions nobody showed comes from shrinkage alone.

use std::collections::BTreeSet;
use std::fmt;

use super::{NEAREST, Scorer};
use crate::Error;

/// Fewer people say too little of how far people differ.
const LEAST_PEOPLE: usize = 10;

/// From so many people on a spread is known to 5 %.
const SPREAD_PEOPLE: usize = 200;

/// From so many people on the mean face is known to a tenth of how far faces lie from it.
const MEAN_PEOPLE: usize = 100;

/// From so many people on the 300 nearest are fewer than a third of all, and so the nearest of many.
const NEAREST_PEOPLE: usize = 1_000;

/// What there is too little of to learn a scorer, or to learn it well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shortage {
    /// How many there are ...
    pub found: usize,
    /// ... of these, in words.
    pub what: &'static str,
    /// How many it takes: at all in an [`Error`], to be learned well in [`Scorer::shortages`].
    pub needed: usize,
    why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Mean,
    Spread,
    Nearest,
    Covariance,
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { found, what, needed, why } = self;
        let count = (*found).max(2) as f64;
        match why {
            Why::Mean => {
                let off = 100.0 / count.sqrt();
                write!(f, "of {found} {what} the mean face is off by {off:.0} % of how far faces lie from it")
            }
            Why::Spread => {
                let off = 100.0 / (2.0 * (count - 1.0)).sqrt();
                write!(f, "of {found} {what} the spread of scores is known to {off:.0} % only")
            }
            Why::Nearest => {
                write!(f, "the {NEAREST} faces nearest to a face are too large a part of {found} {what}")
            }
            Why::Covariance => {
                write!(f, "{found} {what} leave directions of the vector in which nothing was seen to vary")
            }
        }?;
        write!(f, "; it takes {needed}")
    }
}

impl Scorer {
    /// What a training set is short of to learn the scorer of this name well, though it can be learned from it: vectors
    /// of `dimension` values, with the number of the person on each. Empty where nothing is missing.
    ///
    /// # Errors
    /// [`Error::UnknownScorer`].
    pub fn shortages(name: &str, dimension: usize, identities: &[u32]) -> Result<Vec<Shortage>, Error> {
        Self::check_name(name)?;
        let people = identities.iter().collect::<BTreeSet<_>>().len();
        let repeats = identities.len() - people;
        let people = |needed, why| Shortage { found: people, what: "people", needed, why };
        let repeats = Shortage {
            found: repeats,
            what: "photos beyond the first of each person",
            needed: dimension,
            why: Why::Covariance,
        };
        let directions = people(dimension + 1, Why::Covariance);
        let wanted = match name {
            "cosine" => vec![],
            "centre" => vec![people(MEAN_PEOPLE, Why::Mean)],
            "zca" => vec![directions],
            "wccn" => vec![repeats],
            "lda" | "joint-bayesian" | "plda" => vec![directions, repeats],
            "as-norm" => vec![people(NEAREST_PEOPLE, Why::Nearest)],
            _ => vec![people(SPREAD_PEOPLE, Why::Spread)],
        };
        Ok(wanted.into_iter().filter(|shortage| shortage.found < shortage.needed).collect())
    }

    /// Whether so many people are enough for the scorer of this name to be learned at all. WCCN says itself where
    /// it has not two people, or no two photos of one.
    pub(super) fn check_people(name: &str, people: usize) -> Result<(), Error> {
        let (needed, why) = match name {
            "cosine" | "wccn" => return Ok(()),
            "centre" => (2, Why::Mean),
            _ => (LEAST_PEOPLE, Why::Spread),
        };
        if people >= needed {
            return Ok(());
        }
        let what = if people == 1 { "person" } else { "people" };
        let shortage = Shortage { found: people, what, needed, why };
        Err(Error::TooFewToLearn { scorer: name.to_owned(), shortage })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::Simulation;

    fn learned(name: &str, people: usize) -> Result<Scorer, Error> {
        let world = Simulation { people, photos: 3, dimension: 4, ..Simulation::default() };
        let (vectors, identities) = world.faces(1);
        Scorer::train(name, &vectors, &identities, Simulation::MODEL)
    }

    #[test]
    fn below_what_a_scorer_takes_nothing_is_learned() {
        for name in Scorer::NAMES {
            let least = match name {
                "cosine" => 1,
                "centre" | "wccn" => 2,
                _ => 10,
            };
            assert!(learned(name, least).is_ok(), "{name}");
            if !["cosine", "wccn"].contains(&name) {
                let error = learned(name, least - 1).unwrap_err();
                assert!(matches!(error, Error::TooFewToLearn { .. }), "{error}");
                let (name, words) = (format!("{name} cannot be learned"), format!("it takes {least}"));
                assert!(error.to_string().contains(&name) && error.to_string().contains(&words), "{error}");
            }
        }
    }

    #[test]
    fn weak_estimates_are_named() {
        let people = |count: u32, photos: u32| -> Vec<u32> {
            (0..count * photos).map(|photo| photo / photos).collect()
        };
        let said = |name: &str, people: &[u32]| -> Vec<String> {
            Scorer::shortages(name, 128, people).unwrap().iter().map(ToString::to_string).collect()
        };
        let spread = ["of 50 people the spread of scores is known to 10 % only; it takes 200"];
        for name in ["z-norm", "t-norm", "zt-norm", "tz-norm", "s-norm", "template-adaptation"] {
            assert_eq!(said(name, &people(50, 9)), spread);
            assert!(said(name, &people(200, 1)).is_empty());
        }
        assert!(said("as-norm", &people(999, 1))[0].ends_with("it takes 1000"));
        assert!(said("centre", &people(25, 1))[0].contains("off by 20 %"));
        for name in ["lda", "plda", "joint-bayesian"] {
            assert_eq!(said(name, &people(128, 1)).len(), 2, "neither enough people nor photos");
            assert!(said(name, &people(129, 2)).is_empty());
        }
        assert!(said("wccn", &people(64, 3)).is_empty() && said("zca", &people(128, 9)).len() == 1);
        assert!(said("cosine", &[]).is_empty());
        assert!(matches!(Scorer::shortages("magic", 2, &[]), Err(Error::UnknownScorer { .. })));
    }
}
