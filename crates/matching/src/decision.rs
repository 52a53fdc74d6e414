//! An answer with its error rate: the same person or not, somebody or nobody, or why that cannot be said.

use crate::Error;
use crate::calibration::{Calibration, Enrolled, Galleries, Next, Rate, Support};

/// The error rate that an answer was asked for at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Asked {
    /// "The same person?", with at most this false match rate.
    Fmr(f64),
    /// "Who is it?", with at most this rate of people who are not enrolled being taken for somebody.
    Fpir {
        /// The rate.
        rate: f64,
        /// People in the gallery.
        gallery: usize,
    },
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The same person; in a search, the best candidate.
    Match,
    /// Not the same person.
    NoMatch,
    /// In a search: nobody who is enrolled.
    Unknown,
    /// A face is too poor for the error rates to hold.
    NotGoodEnough,
    /// The calibration does not reach to an error rate this small.
    Unsupported {
        /// How many people it would take, roughly.
        needed: usize,
    },
}

/// The qualities 0..=100 of the faces compared, and the least that they must have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// Of the face that was asked about.
    pub probe: f32,
    /// Of the face or person that it was compared with, where known.
    pub reference: Option<f32>,
    /// The least of either for an answer.
    pub least: f32,
}

impl Quality {
    /// NaN is not good enough.
    fn suffices(&self) -> bool {
        self.probe >= self.least && self.reference.is_none_or(|quality| quality >= self.least)
    }
}

/// An answer and all that stands behind it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    /// The answer.
    pub outcome: Outcome,
    /// What was asked for.
    pub asked: Asked,
    /// Similarity; of the best candidate in a search. `None` if there was nobody to compare with.
    pub score: Option<f32>,
    /// Scores from here on are a match; `None` if the calibration does not support one.
    pub threshold: Option<f64>,
    /// The rate of false matches, or of false positives in such a gallery, at the threshold: what was asked for, and
    /// where that of the next population will lie.
    pub rate_at_threshold: Option<Rate>,
    /// The same if the threshold were the score: how often somebody else scores at least this.
    pub rate_at_score: Option<Rate>,
    /// False non-match rate of single pairs at the threshold; for a search with one face enrolled per person, about
    /// the rate of people who are not found.
    pub fnmr_at_threshold: Option<Rate>,
    /// Natural logarithm of how much more often the score is seen of one person than of two. It is that of a pair,
    /// and not of the best of many, so a search has none.
    pub log_likelihood_ratio: Option<f64>,
    /// Qualities of the faces.
    pub quality: Quality,
}

impl Decision {
    /// Are these two faces of one person, at a false match rate of `fmr`?
    ///
    /// # Errors
    /// [`Error::Setting`] for a rate that is none; [`Error::BadScore`].
    pub fn verify(
        calibration: &Calibration,
        score: f32,
        quality: Quality,
        fmr: f64,
        next: &Next,
    ) -> Result<Self, Error> {
        check_score(Some(score))?;
        let (threshold, needed) = supported(calibration.threshold_for_fmr(fmr))?;
        let exact = f64::from(score);
        Ok(Self {
            outcome: outcome(&quality, Some(score), threshold, needed, Outcome::NoMatch),
            asked: Asked::Fmr(fmr),
            score: Some(score),
            threshold,
            rate_at_threshold: threshold.map(|threshold| calibration.fmr(threshold, next)),
            rate_at_score: Some(calibration.fmr(exact, next)),
            fnmr_at_threshold: threshold.map(|threshold| calibration.fnmr(threshold, next)),
            log_likelihood_ratio: Some(calibration.log_likelihood_ratio(exact)),
            quality,
        })
    }

    /// Who of the people enrolled is it, at a false positive identification rate of `fpir`? `best` is the score of the
    /// best candidate, `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Setting`] for an empty gallery or a rate that is none; [`Error::BadScore`]; [`Error::NoSearches`].
    pub fn identify(
        calibration: &Calibration,
        best: Option<f32>,
        quality: Quality,
        gallery: &Enrolled,
        fpir: f64,
        next: &Next,
    ) -> Result<Self, Error> {
        check_score(best)?;
        let (threshold, needed) = supported(calibration.threshold_for_fpir(gallery, fpir))?;
        let rate = |score| calibration.fpir(gallery, score, Galleries::One, next);
        Ok(Self {
            outcome: outcome(&quality, best, threshold, needed, Outcome::Unknown),
            asked: Asked::Fpir { rate: fpir, gallery: gallery.people() },
            score: best,
            threshold,
            rate_at_threshold: threshold.map(rate).transpose()?,
            rate_at_score: best.map(|score| rate(f64::from(score))).transpose()?,
            fnmr_at_threshold: threshold.map(|threshold| calibration.fnmr(threshold, next)),
            log_likelihood_ratio: None,
            quality,
        })
    }

    /// Whether the rate asked for is an extrapolation: fewer than ten errors were ever seen at this threshold.
    pub fn extrapolated(&self) -> bool {
        self.rate_at_threshold.is_none_or(|rate| rate.support != Support::Measured)
    }

    /// Whether the answer is "the same person".
    pub fn is_match(&self) -> bool {
        self.outcome == Outcome::Match
    }
}

/// The threshold, or how many people it would take.
fn supported(threshold: Result<f64, Error>) -> Result<(Option<f64>, usize), Error> {
    match threshold {
        Ok(threshold) => Ok((Some(threshold), 0)),
        Err(Error::Unsupported { needed, .. }) => Ok((None, needed)),
        Err(other) => Err(other),
    }
}

fn outcome(
    quality: &Quality,
    score: Option<f32>,
    threshold: Option<f64>,
    needed: usize,
    otherwise: Outcome,
) -> Outcome {
    match (score, threshold) {
        _ if !quality.suffices() => Outcome::NotGoodEnough,
        (_, None) => Outcome::Unsupported { needed },
        (Some(score), Some(threshold)) if f64::from(score) >= threshold => Outcome::Match,
        _ => otherwise,
    }
}

fn check_score(score: Option<f32>) -> Result<(), Error> {
    match score {
        Some(score) if !score.is_finite() => Err(Error::BadScore { index: 0, score }),
        _ => Ok(()),
    }
}
