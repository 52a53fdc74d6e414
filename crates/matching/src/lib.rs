//! How alike are two faces, and is that alike enough?
//!
//! A model turns a face into an [`Embedding`](model::Embedding): a unit vector, and the length it had before. Two
//! faces are compared by the angle between their vectors ([`cosine`], [`l2`] and [`angular`] say the same thing on
//! three scales). Several faces of one person become one [`Template`] by a [`Rule`], which is again a unit vector and
//! is compared in the same way.
//!
//! Vectors of different models live in different spaces, so [`compare`] refuses them unless the caller names the two
//! models as twins. What score is enough is a measured fact about a model and not a matter of taste: [`Threshold`]
//! carries it together with the error rate it stands for, the data it was measured on and the command that did it.
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

mod compare;
mod error;
mod similarity;
mod template;
mod threshold;

pub use compare::{Comparable, Twins, compare};
pub use error::Error;
pub use similarity::{angular, cosine, l2};
pub use template::{Rule, Template};
pub use threshold::{LinkThreshold, Threshold};
