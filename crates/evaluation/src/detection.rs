//! How well are faces found? The WIDER FACE evaluation: average precision on its easy, medium and hard faces.
//!
//! A truth ([`WiderTruth`]) and predictions ([`WiderPredictions`]) go in, a [`WiderReport`] comes out of
//! [`evaluate_wider`]. The numbers are those of the data set's own programs, with all that is peculiar about them; the
//! modules say where.

mod attributes;
mod breakdown;
mod corners;
mod curve;
mod labels;
mod mat;
mod matching;
mod official;
mod predictions;
mod subset;
mod truth;
mod wider;

pub use attributes::{WiderAttribute, WiderAttributes};
pub use breakdown::{WiderBreakdown, WiderCohort};
pub use curve::WiderPoint;
pub use predictions::WiderPredictions;
pub use subset::WiderResult;
pub use truth::{WiderFace, WiderImage, WiderLists, WiderSubsets, WiderTruth};
pub use wider::{WiderReport, evaluate_wider};

/// Where the files belong, for messages about those that cannot be read.
const HELP: &str = "docs/evaluation-wider.md says where WIDER FACE's files belong";
