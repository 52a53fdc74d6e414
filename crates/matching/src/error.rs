//! What can be wrong with a comparison, a template or a list of thresholds.

use model::Fingerprint;

use crate::Rule;

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
    /// The name of a rule is not known.
    #[error("there is no template rule \"{0}\": use mean, quality-weighted or magnitude-weighted")]
    UnknownRule(String),
    /// A list of thresholds is not what it should be.
    #[error("the list of thresholds is not valid: {0}")]
    Thresholds(String),
}
