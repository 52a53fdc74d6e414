//! Training of face recognition networks.
//!
//! A [`Recipe`] says all that a run depends on; [`train`] follows it into a folder, in which a run that was stopped goes on.

mod checkpoint;
mod error;
mod held_out;
mod learner;
mod log;
mod optimizer;
mod pixels;
mod recipe;
mod run;
mod schedule;

pub use burn::tensor::Device;
pub use error::Error;
pub use held_out::Look;
pub use learner::{Step, Student};
pub use optimizer::{Decays, OptimizerConfig};
pub use pixels::Pixels;
pub use recipe::{Recipe, Run};
pub use run::{Trained, Watch, train};
pub use schedule::Schedule;
