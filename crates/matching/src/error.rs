//! What can be wrong with a comparison, a template or a list of thresholds.

use model::Fingerprint;

use crate::{Rule, Shortage};

/// Why faces could not be compared or pooled, or why a list of thresholds was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two templates were made by models whose vectors cannot be compared.
    #[error(
        "a template of model {} cannot be compared with one of model {}: make both with one model, or declare the two \
         models compatible in the manifest",
        left.short(), right.short()
    )]
    DifferentModels {
        /// Model of the first template.
        left: Fingerprint,
        /// Model of the second template.
        right: Fingerprint,
    },
    /// Two templates of one model differ in length, so one of them was not made by that model.
    #[error("a template with {left} values cannot be compared with one of {right}: one of them is damaged")]
    DifferentLengths {
        /// Values in the first template.
        left: usize,
        /// Values in the second template.
        right: usize,
    },
    /// A template of no faces was asked for.
    #[error("a template needs at least one face")]
    NoFaces,
    /// A face handed to [`Template::pool`](crate::Template::pool) is not usable.
    #[error("face {index} of the template cannot be used: {reason}")]
    BadFace {
        /// Place in the list, from 0.
        index: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The faces cancel out, so that their average has no direction.
    #[error("the {faces} faces of the template cancel out under rule {rule}: they are hardly of one person")]
    NoDirection {
        /// How many faces there were.
        faces: usize,
        /// The rule that was asked for.
        rule: Rule,
    },
    /// The faces of a set cancel out, so that their sum has no direction.
    #[error("the {faces} faces cancel out: they are hardly of one person")]
    Opposed {
        /// How many faces there were.
        faces: usize,
    },
    /// The name of a rule is not known.
    #[error("there is no template rule \"{0}\": use mean, quality-weighted or magnitude-weighted")]
    UnknownRule(String),
    /// A list of thresholds is not what it should be.
    #[error("the list of thresholds is not valid: {0}")]
    Links(String),
    /// Vectors to learn from are not usable.
    #[error("cannot learn from these vectors: {0}")]
    Training(String),
    /// Too few people to learn a scorer at all.
    #[error("{scorer} cannot be learned: {shortage}")]
    TooFewToLearn {
        /// Name of the scorer.
        scorer: String,
        /// What there is too little of.
        shortage: Shortage,
    },
    /// A vector to be scored is not usable.
    #[error("the vector cannot be scored: {0}")]
    BadVector(String),
    /// A setting is out of its range.
    #[error("{name} is {value}, but must be {allowed}")]
    Setting {
        /// Name of the setting.
        name: &'static str,
        /// What it was set to.
        value: f64,
        /// What it may be.
        allowed: &'static str,
    },
    /// A cohort has too few vectors for what is asked of it.
    #[error(
        "the cohort has {found} vectors, but {needed} are needed: add people, or ask for fewer nearest ones"
    )]
    CohortTooSmall {
        /// Vectors in the cohort.
        found: usize,
        /// Vectors that are needed.
        needed: usize,
    },
    /// All scores against the cohort are alike, so there is nothing to divide by.
    #[error(
        "the scores of this vector against {cohort} vectors of the cohort do not differ: the cohort repeats one \
         face, use one of different people"
    )]
    NoVariance {
        /// How many scores were looked at.
        cohort: usize,
    },
    /// A matrix that must be inverted cannot be.
    #[error(
        "the covariance {what} is singular: train with more photos per person, shrink it more or reduce the \
         dimension"
    )]
    Singular {
        /// Which covariance.
        what: &'static str,
    },
    /// A prepared vector was given to another scorer than the one that prepared it.
    #[error(
        "a vector prepared for one scorer was given to another ({0}): prepare both with the scorer that scores"
    )]
    OtherScorer(&'static str),
    /// The name of a scorer is not known.
    #[error("there is no scorer \"{name}\": use one of {known}")]
    UnknownScorer {
        /// The name that was asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A stored scorer cannot be written, read or believed.
    #[error("the scorer cannot be {action}: {reason}")]
    Stored {
        /// `read` or `written`.
        action: &'static str,
        /// What is wrong, with the file where there is one.
        reason: String,
    },
    /// A scorer's file does not belong to the vectors that it is to score.
    #[error("{file} cannot score these vectors: {reason}")]
    ForeignScorer {
        /// The file.
        file: String,
        /// How it was learned, how the vectors were made, and the remedy.
        reason: String,
    },
    /// A face to calibrate on has no identity.
    #[error("face {index} has no identity: label it (a folder per person, or identity.txt) or leave it out")]
    Unlabelled {
        /// Place in the list, from 0.
        index: usize,
    },
    /// There are no genuine or no impostor pairs.
    #[error("there is no pair of {missing}, so one of the two error rates cannot be measured: {remedy}")]
    OneClass {
        /// What there is no pair of.
        missing: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// A score is not a finite number.
    #[error("score {index} is {score}: give a finite number, or none if a face was not found")]
    BadScore {
        /// Place in the list, from 0.
        index: usize,
        /// The score.
        score: f32,
    },
    /// More genuine pairs than can be kept one by one.
    #[error("{pairs} genuine pairs are more than the {most} that can be kept: use fewer photos per person")]
    TooManyGenuine {
        /// How many pairs there are.
        pairs: u64,
        /// How many may be.
        most: u64,
    },
    /// The people and photos to calibrate on are too few for any error rate.
    #[error("{found} {what} are too few to calibrate on: it takes {needed}")]
    TooFew {
        /// What is too few.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
    /// An error rate that a calibration cannot answer for.
    #[error(
        "this calibration cannot support {what} {asked}: its {identities} people answer for {least:.1e} and above; about \
         {needed} people are needed"
    )]
    Unsupported {
        /// What was asked for, for instance "a false match rate of".
        what: &'static str,
        /// The rate asked for, 0..=1.
        asked: f64,
        /// The smallest rate that the calibration supports under the same conditions.
        least: f64,
        /// People in the calibration.
        identities: usize,
        /// People that it would take, roughly.
        needed: usize,
    },
    /// A calibration knows nothing of searches.
    #[error(
        "the calibration was made from listed pairs and knows nothing of searches: calibrate on labelled photos"
    )]
    NoSearches,
    /// A calibration cannot be written, read or believed.
    #[error("{file}: the calibration cannot be used: {reason}")]
    Calibration {
        /// The file, or what stands for it.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// Several calibrations fit.
    #[error("{} calibrations fit the same model, flip and template rule ({}): keep one of them", files.len(), files.join(", "))]
    Ambiguous {
        /// Their files.
        files: Vec<String>,
    },
}
