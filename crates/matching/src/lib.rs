//! How alike are two faces, and is that alike enough?
//!
//! A model turns a face into an [`Embedding`](model::Embedding): a unit vector, and the length it had before. Two
//! faces are compared by the angle between their vectors ([`cosine`], [`l2`] and [`angular`] say the same thing on
//! three scales). Several faces of one person become one [`Template`] by a [`Rule`], which is again a unit vector and
//! is compared in the same way.
//!
//! Vectors of different models live in different spaces, so [`compare`] refuses them unless the caller names the two
//! models as twins. What score is enough is a measured fact about a model and not a matter of taste: a [`Calibration`]
//! is made from faces of known people and says for every threshold how often it errs and what the next population will
//! show; a [`Decision`] is an answer at an error rate that the user chose. [`LinkThresholds`] are the same for grouping.
//!
//! A cosine can be bettered by what is known of strangers and of how photos of a person differ: a [`Scorer`] is any
//! such way by name, trained and kept in a file. [`Normaliser`] counts in units of what strangers score, [`Whitening`]
//! changes the space, [`JointBayesian`] and [`Plda`] weigh both covariances, [`Adaptation`] trains a classifier for
//! each template. [`Fusion`] joins several models, [`Pooling`] the faces of stills and videos, and [`ReRanking`] looks
//! at a closed gallery as a whole.
//!
//! ```
//! use omote_matching::{Rule, Template, compare};
//! # use model::{Embedding, Fingerprint};
//!
//! let model = Fingerprint([7; 32]);
//! let face = |x: f32, y: f32| Embedding::from_raw(vec![x, y], model);
//!
//! let person = Template::pool(&[(face(3.0, 0.3)?, 80.0), (face(3.0, -0.3)?, 60.0)], Rule::Mean)?;
//! let score = compare(&person, &face(1.0, 0.0)?, &[])?;
//! assert!(score > 0.999);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod adaptation;
mod calibration;
mod compare;
mod comparisons;
mod decision;
mod error;
mod evidence;
mod fusion;
mod joint_bayesian;
mod linear;
mod link;
mod names;
mod normalisation;
mod parameters;
mod plda;
mod pooling;
mod re_ranking;
mod scorer;
mod similarity;
#[cfg(test)]
mod simulation;
mod template;
mod training;
mod two_covariance;
mod whitening;

pub use adaptation::{Adaptation, Adapted};
pub use calibration::{
    Calibration, CheckedRate, Counts, Enrolled, Enrolment, Galleries, GalleryRate, Next, Rate, ScorerKey,
    Source, SplitCheck, SplitOptions, SplitSummary, Support, check_splits, summarise_splits,
};
pub use compare::{Comparable, Twins, compare};
pub use comparisons::{Comparisons, Genuine, Impostor, LabelledFaces, Listed};
pub use decision::{Asked, Decision, Outcome, Quality};
pub use error::Error;
pub use fusion::{FusedSystem, Fusion, cllr, concatenate, vote};
pub use joint_bayesian::JointBayesian;
pub use link::{LinkThreshold, LinkThresholds};
pub use normalisation::{Cohort, CohortStatistics, Normalisation, Normaliser, TemplateStatistics};
pub use plda::Plda;
pub use pooling::{FaceNorm, FaceWeight, MediaRule, PooledFace, PooledSet, Pooling};
pub use re_ranking::{ReRanked, ReRanking, Real};
pub use scorer::{Prepared, Scorer, ScorerFile, Shortage};
pub use similarity::{angular, cosine, l2};
pub use template::{Rule, Template};
pub use training::TrainingSet;
pub use two_covariance::{EmOptions, EmUpdate, Projected};
pub use whitening::{Whitening, WhiteningMethod};
