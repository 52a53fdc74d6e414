//! What a score stands for, measured: error rates, and what the next population will show.
//!
//! A [`Calibration`] is made from faces of known people. It answers for a threshold with the rates of false matches,
//! false non-matches and, for galleries of any size, false positive identifications; and for a rate that is asked
//! for with the threshold. Each rate comes with a prediction interval: not how well the mean is known, but where the
//! rate of the next population, of as many people as one says, will lie. People and not pairs are what there is a
//! number of: the variance is that of a U-statistic over people. [`check_splits`] counts how often it held.
//!
//! Where fewer than ten errors, or errors of fewer than ten pairs of people, stand behind a rate, it is extrapolated
//! by a generalised Pareto tail and says so; a decade further on the calibration answers that it cannot tell.

mod built_in;
mod enrolled;
mod file;
mod levels;
mod likelihood;
mod open_set;
mod people;
mod searches;
mod splits;
mod spread;
mod student;
mod tail;
mod variation;
mod verification;

use std::fmt;
use std::str::FromStr;

use model::{FileHash, Fingerprint};
use serde::{Deserialize, Serialize};

use crate::comparisons::{Comparisons, LabelledFaces};
use crate::{Error, Rule, Scorer};
pub use enrolled::Enrolled;
use levels::Levels;
use people::NameHash;
pub use splits::{
    CheckedRate, GalleryRate, SplitCheck, SplitOptions, SplitSummary, check_splits, summarise_splits,
};
use verification::Verification;

/// A rate is measured if at least so many errors, of at least so many pairs of people, were counted.
const LEAST_EVENTS: usize = 10;
/// Fewest people to calibrate on.
const LEAST_PEOPLE: usize = 10;
/// Knots per decade of the false match rate.
const PER_DECADE: f64 = 10.0;
/// The probability that a prediction interval is made for unless another is asked for.
const LEVEL: f64 = 0.95;

/// What a person of several faces is in a gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Enrolment {
    /// As similar to a face as the most similar of its faces.
    #[default]
    BestFace,
    /// One template of all its faces.
    Template(Rule),
}

impl fmt::Display for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BestFace => f.write_str("best-face"),
            Self::Template(rule) => rule.fmt(f),
        }
    }
}

impl FromStr for Enrolment {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text == "best-face" { Ok(Self::BestFace) } else { text.parse().map(Self::Template) }
    }
}

impl TryFrom<String> for Enrolment {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Enrolment> for String {
    fn from(enrolment: Enrolment) -> Self {
        enrolment.to_string()
    }
}

/// Where a calibration comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Name of the model, for people.
    pub model: String,
    /// Whether embeddings were averaged with those of the mirrored face.
    pub flip: bool,
    /// What a person is in a gallery.
    pub enrolment: Enrolment,
    /// The photos, in words.
    pub data: String,
    /// SHA-256 of the photos or their vectors; see [`LabelledFaces::hash`].
    pub data_hash: FileHash,
    /// The command that measured it.
    pub command: String,
    /// The day it was measured, as `YYYY-MM-DD`.
    pub date: String,
}

/// How much a calibration was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// People.
    pub identities: usize,
    /// People with at least one genuine pair.
    pub genuine_identities: usize,
    /// Faces; 0 if only pairs were listed.
    pub faces: usize,
    /// Pairs of one person.
    pub genuine_pairs: u64,
    /// Pairs of different people.
    pub impostor_pairs: u64,
}

/// How a rate is known, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Support {
    /// At least ten errors (and for false matches, of ten pairs of people) stand behind it.
    Measured,
    /// Fewer do; false matches and false positives follow a generalised Pareto tail there.
    Extrapolated,
    /// The score is outside what can be answered for: a false match or false positive rate of at most this (for a
    /// high score), or of up to this (1, for a low score in a search).
    Beyond,
}

/// An error rate, 0..=1, and where that of the next population will lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// As the calibration has it.
    pub value: f64,
    /// Lower end of the prediction interval; 0 where no error at all would be no surprise.
    pub low: f64,
    /// Upper end of the prediction interval.
    pub high: f64,
    /// The probability of the interval, for instance 0.95.
    pub level: f64,
    /// How it is known.
    pub support: Support,
}

impl Rate {
    /// Whether fewer than ten errors stand behind the rate.
    pub fn extrapolated(&self) -> bool {
        self.support != Support::Measured
    }

    /// Whether a measured rate is what was predicted.
    pub fn holds(&self, measured: f64) -> bool {
        (self.low..=self.high).contains(&measured)
    }
}

/// The population that a prediction is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Next {
    identities: usize,
    level: f64,
}

impl Next {
    /// A population of `identities` people, and the probability 0.5..1 with which a rate of it is to lie in the
    /// interval.
    ///
    /// # Errors
    /// [`Error::Setting`] for fewer than two people or another probability.
    pub fn new(identities: usize, level: f64) -> Result<Self, Error> {
        if identities < 2 {
            let allowed = "at least 2";
            return Err(Error::Setting { name: "the number of people", value: identities as f64, allowed });
        }
        if !(0.5..1.0).contains(&level) {
            let allowed = "at least 0.5 and less than 1";
            return Err(Error::Setting { name: "the probability of the interval", value: level, allowed });
        }
        Ok(Self { identities, level })
    }
}

/// What a predicted rate of searches is the rate of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Galleries {
    /// One gallery, searched for people that [`Next`] has the number of, none of them enrolled.
    #[default]
    One,
    /// The average over all galleries that can be made from the people of [`Next`], each of whom is searched for in
    /// those that he or she is not in.
    Average,
}

/// What a score of a model stands for: for every threshold, how often it errs and where the rate of the next population
/// will lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    fingerprint: Fingerprint,
    source: Source,
    counts: Counts,
    /// Hashes of the people's names, ascending, if they were given.
    people: Option<Vec<NameHash>>,
    /// What made the scores, if it was not the cosine.
    scorer: Option<ScorerKey>,
    verification: Verification,
    open_set: Option<Levels>,
}

/// Which scorer a calibration is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScorerKey {
    /// Its name; see [`Scorer::name`](crate::Scorer::name).
    pub name: String,
    /// What it is made of; see [`Scorer::hash`](crate::Scorer::hash).
    pub hash: FileHash,
}

/// A rate and the variance that one person brings to its logit.
#[derive(Clone, Copy, Debug)]
struct Estimate {
    value: f64,
    spread: f64,
    support: Support,
}

impl Calibration {
    /// Calibrates comparisons and searches on faces of known people, in `threads` threads (0 counts as 1).
    ///
    /// # Errors
    /// Those of [`Comparisons::all`] and [`of_comparisons`](Self::of_comparisons).
    pub fn of_faces(source: Source, faces: &LabelledFaces, threads: usize) -> Result<Self, Error> {
        let mut calibration = Self::of_comparisons(source, &Comparisons::all(faces, threads)?)?;
        calibration.open_set = Some(Levels::of(faces, calibration.source.enrolment, threads)?);
        Ok(calibration)
    }

    /// Calibrates on comparisons alone. Such a calibration knows nothing of searches.
    ///
    /// # Errors
    /// [`Error::TooFew`] for fewer than ten people, or where the highest impostor scores are of fewer than ten pairs
    /// of people or all alike; [`Error::Calibration`] for a source with an empty field or a date that is none.
    pub fn of_comparisons(source: Source, comparisons: &Comparisons) -> Result<Self, Error> {
        let people = comparisons.identities();
        if people < LEAST_PEOPLE {
            return Err(Error::TooFew { what: "people", found: people, needed: LEAST_PEOPLE });
        }
        let calibration = Self {
            fingerprint: comparisons.fingerprint(),
            source,
            counts: Counts {
                identities: people,
                genuine_identities: comparisons.genuine_of().iter().filter(|&&pairs| pairs > 0).count(),
                faces: comparisons.faces().unwrap_or(0),
                genuine_pairs: comparisons.genuine().len() as u64,
                impostor_pairs: comparisons.impostor_count(),
            },
            people: None,
            scorer: None,
            verification: Verification::of(comparisons)?,
            open_set: None,
        };
        calibration
            .check()
            .map_err(|reason| Error::Calibration { file: "the calibration".to_owned(), reason })?;
        Ok(calibration)
    }

    /// Says that the comparisons were scored by this scorer, to whose scores the calibration then belongs.
    ///
    /// # Errors
    /// As [`Scorer::to_bytes`](crate::Scorer::to_bytes).
    pub fn with_scorer(mut self, scorer: &Scorer) -> Result<Self, Error> {
        self.scorer = Some(ScorerKey { name: scorer.name().to_owned(), hash: scorer.hash()? });
        Ok(self)
    }

    /// The scorer whose scores it is of; `None` for the cosine.
    pub fn scorer(&self) -> Option<&ScorerKey> {
        self.scorer.as_ref()
    }

    /// The model that it holds for.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Where it comes from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// How much it was made from.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// A population as large as the calibration's own, at 95 %.
    pub fn same_again(&self) -> Next {
        Next { identities: self.counts.identities, level: LEVEL }
    }

    /// The smallest threshold with a false match rate of at most `fmr`, between 0 and 1.
    ///
    /// # Errors
    /// [`Error::Setting`] for a rate that is none; [`Error::Unsupported`] where it is too small.
    pub fn threshold_for_fmr(&self, fmr: f64) -> Result<f64, Error> {
        check_rate("the false match rate", fmr)?;
        self.verification
            .threshold(fmr)
            .ok_or_else(|| self.unsupported("a false match rate of", fmr, self.verification.least()))
    }

    /// The false match rate at a threshold.
    pub fn fmr(&self, threshold: f64, next: &Next) -> Rate {
        let people = self.counts.identities as f64;
        self.predict(self.verification.fmr(threshold), people, next.identities as f64, next)
    }

    /// The false non-match rate at a threshold. Of the next population, as large a share of people has several
    /// faces as had here.
    pub fn fnmr(&self, threshold: f64, next: &Next) -> Rate {
        let people = self.counts.genuine_identities as f64;
        let share = people / self.counts.identities as f64;
        let next_people = (share * next.identities as f64).max(1.0);
        self.predict(self.verification.fnmr(threshold), people, next_people, next)
    }

    /// How much more often this score is seen of one person than of two: the natural logarithm of the ratio. It
    /// never falls where the score rises, and is bounded by the number of people behind it.
    pub fn log_likelihood_ratio(&self, score: f64) -> f64 {
        self.verification.llr(score)
    }

    /// The smallest threshold at which a search in a gallery for somebody who is not enrolled finds anybody with a
    /// probability of at most `fpir`, between 0 and 1. It rises with the people of the gallery, and mostly with their
    /// photos.
    ///
    /// # Errors
    /// [`Error::Setting`] for an empty gallery or a rate that is none; [`Error::NoSearches`];
    /// [`Error::Unsupported`] where the rate is too small for the gallery.
    pub fn threshold_for_fpir(&self, gallery: &Enrolled, fpir: f64) -> Result<f64, Error> {
        check_rate("the false positive identification rate", fpir)?;
        self.searches(gallery)?
            .threshold(gallery, self.source.enrolment, fpir)
            .map_err(|least| self.unsupported("a false positive identification rate of", fpir, least))
    }

    /// The false positive identification rate of a gallery at a threshold. 1 where the threshold is so low that the
    /// calibration cannot tell.
    ///
    /// # Errors
    /// [`Error::Setting`] for an empty gallery; [`Error::NoSearches`].
    pub fn fpir(
        &self,
        gallery: &Enrolled,
        threshold: f64,
        galleries: Galleries,
        next: &Next,
    ) -> Result<Rate, Error> {
        let found = self.searches(gallery)?.fpir(gallery, self.source.enrolment, threshold);
        let people = self.counts.identities as f64;
        let own = found.rate.spread * found.reach / people;
        let probes = next.identities as f64;
        let coming = match galleries {
            Galleries::Average => found.rate.spread / probes,
            Galleries::One => {
                // As the jackknife does, which leaves out each searched and each enrolled person in turn: what comes
                // with pairs counts with both.
                let size = gallery.people() as f64;
                found.probe / probes + found.enrolled / size + 2.0 * found.pair / (probes * size)
            }
        };
        Ok(self.rate(found.rate, own, coming, people, next.level))
    }

    fn searches(&self, gallery: &Enrolled) -> Result<&Levels, Error> {
        if gallery.people() == 0 {
            return Err(Error::Setting {
                name: "the size of the gallery",
                value: 0.0,
                allowed: "at least 1",
            });
        }
        self.open_set.as_ref().ok_or(Error::NoSearches)
    }

    fn predict(&self, estimate: Estimate, people: f64, next_people: f64, next: &Next) -> Rate {
        self.rate(estimate, estimate.spread / people, estimate.spread / next_people, people, next.level)
    }

    fn rate(&self, estimate: Estimate, own: f64, coming: f64, people: f64, level: f64) -> Rate {
        let Estimate { value, support, .. } = estimate;
        // Spreads are of the logit, intervals are asked for in the logarithm of the rate.
        let room = (1.0 - value).max(0.0).powi(2);
        let (low, high) = spread::interval(value, own * room, coming * room, people, level);
        let low = if support == Support::Beyond && value < 1.0 { 0.0 } else { low };
        Rate { value, low, high, level, support }
    }

    fn unsupported(&self, what: &'static str, asked: f64, least: f64) -> Error {
        // Pairs of people, and with them the false matches at any score, grow with the square of the people.
        let needed = self.counts.identities as f64 * (least / asked).sqrt();
        let needed = needed.ceil().min(1e12) as usize;
        Error::Unsupported { what, asked, least, identities: self.counts.identities, needed }
    }
}

fn check_rate(name: &'static str, rate: f64) -> Result<(), Error> {
    if rate > 0.0 && rate < 1.0 {
        Ok(())
    } else {
        Err(Error::Setting { name, value: rate, allowed: "between 0 and 1" })
    }
}

/// A number with so many digits: files stay short, and what is read is what was written.
fn rounded(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value)
}

/// The value at a place on a line through points of ascending place; beyond the ends that of the last point.
fn line_through(points: &[(f64, f64)], place: f64) -> f64 {
    let above = points.partition_point(|&(point, _)| point <= place);
    match (above.checked_sub(1).and_then(|below| points.get(below)), points.get(above)) {
        (Some(&(left, low)), Some(&(right, high))) => low + (high - low) * (place - left) / (right - left),
        (Some(&(_, value)), None) | (None, Some(&(_, value))) => value,
        (None, None) => 0.0,
    }
}
