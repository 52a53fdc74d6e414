//! Numbers from scores and labels.

mod attributes;
mod average_precision;
mod bcubed;
mod contingency;
mod cross_validation;
mod det;
mod deviations;
mod discard;
mod identification;
mod landmarks;
mod nmi;
mod operating_point;
mod pairwise;
mod presentation_attack;
mod roc;
mod scores;
mod streaming;
mod thinning;

pub use attributes::{AgeErrors, ConfusionMatrix};
pub use average_precision::average_precision;
pub use bcubed::bcubed;
pub use contingency::Agreement;
pub(crate) use cross_validation::check_folds;
pub use cross_validation::{BestThreshold, CrossValidation, FoldResult, best_threshold, cross_validate};
pub use det::{DetPoint, probit};
pub use discard::{Discard, DiscardCurve, DiscardOrder, DiscardPoint, DiscardThreshold, QualityPair};
pub use identification::{GalleryPeople, Identification, IdentificationPoint, ProbeResult, ProbeSearch};
pub use landmarks::{LandmarkErrors, Normaliser, nme};
pub use nmi::nmi;
pub use operating_point::OperatingPoint;
pub use pairwise::pairwise;
pub use presentation_attack::{PresentationAttack, PresentationAttackPoint, SpeciesError};
pub use roc::{Roc, RocPoint};
pub use scores::Scores;
pub(crate) use scores::allowed;
pub use streaming::{StreamedPoint, StreamedScores, StreamedThreshold, StreamingScores};
