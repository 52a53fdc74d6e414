//! Training of face recognition networks, and what comes of it: models that the run side reads.

mod error;
pub mod export;
mod learner;
mod optimizer;
mod pixels;
mod schedule;

pub use error::Error;
pub use learner::{Step, Student};
pub use optimizer::{Decays, OptimizerConfig};
pub use pixels::Pixels;
pub use schedule::Schedule;
