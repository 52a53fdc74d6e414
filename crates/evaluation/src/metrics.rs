//! Numbers from scores and labels.

mod bcubed;
mod contingency;
mod cross_validation;
mod nmi;
mod pairwise;

pub use bcubed::bcubed;
pub use contingency::Agreement;
pub(crate) use cross_validation::check_folds;
pub use cross_validation::{BestThreshold, CrossValidation, FoldResult, best_threshold, cross_validate};
pub use nmi::nmi;
pub use pairwise::pairwise;
