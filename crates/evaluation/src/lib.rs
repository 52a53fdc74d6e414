//! How good is it? The field's metrics, and the protocols that say on which photos they are taken.
//!
//! Two questions are answered here.
//!
//! *Same person or not?* A protocol reader ([`read_lfw`], [`read_cfp`]) turns a benchmark's own files into a
//! [`PairProtocol`]: the photos, each once, the pairs among them, and the folds. The caller turns every photo into
//! whatever it compares (`None` where no face was found) and [`evaluate_photos`] answers with a
//! [`VerificationReport`]: the accuracy by cross-validation over the folds, its standard error, and how many photos
//! and pairs failed. A pair that could not be scored counts as "not the same"; nothing is ever left out.
//! [`cross_validate`] is the same calculation on bare scores.
//!
//! *Were faces grouped as people?* [`pairwise`], [`bcubed`] and [`nmi`] compare a clustering with the truth.
//!
//! This crate knows nothing of models or images: scores and labels come in, numbers go out.
//!
//! ```
//! use omote_evaluation::{Pair, PairProtocol, evaluate_photos};
//!
//! let pair = |a, b, same| Pair { a, b, same };
//! let protocol = PairProtocol {
//!     name: "tiny".to_owned(),
//!     images: ["anna_1.jpg", "anna_2.jpg", "ben_1.jpg", "ben_2.jpg"].map(Into::into).to_vec(),
//!     pairs: vec![pair(0, 1, true), pair(0, 2, false), pair(2, 3, true), pair(1, 2, false)],
//!     folds: vec![0..2, 2..4],
//! };
//! // One number stands for a face here, and nearness for similarity; nothing was found in the last photo.
//! let faces = [Some(0.1), Some(0.2), Some(0.8), None];
//! let report = evaluate_photos(&protocol, &faces, |a: &f32, b: &f32| 1.0 - (a - b).abs())?;
//!
//! assert_eq!(report.photos_without_face, Some(1));
//! assert_eq!(report.pairs_without_score(), 1);
//! // The pair of Ben's photos is lost, the other three are right.
//! assert_eq!(report.result.accuracy, 0.75);
//! # Ok::<(), omote_evaluation::Error>(())
//! ```

mod error;
mod metrics;
mod protocols;
mod verification;

pub use error::Error;
pub use metrics::{
    Agreement, BestThreshold, CrossValidation, FoldResult, bcubed, best_threshold, cross_validate, nmi,
    pairwise,
};
pub use protocols::{CfpSet, Pair, PairProtocol, read_cfp, read_lfw};
pub use verification::{VerificationReport, evaluate, evaluate_photos};
