//! Training of face recognition networks.
//!
//! A [`Recipe`] says all that a run depends on; [`train`] follows it into a folder, in which a run that was stopped goes on.
//! [`export`] makes of it what the run side reads. Loops of another kind, in which networks learn from each other or pictures
//! are changed against a network, take their optimisers from an [`OptimizerConfig`]; all layers of `nets` have gradients to
//! what they are given.

mod ablation;
mod about;
pub mod bench;
mod chance;
mod checkpoint;
mod curves;
mod device;
mod error;
pub mod export;
mod folder;
mod held_out;
mod learner;
mod log;
mod machine;
mod material;
mod memory;
mod optimizer;
mod pixels;
mod recipe;
mod run;
mod schedule;

pub use ablation::{Ablation, Arm, Grid, Rate, WatchRuns, ablate};
pub use about::About;
pub use burn::tensor::Device;
pub use checkpoint::class_vectors;
pub use curves::Curves;
pub use device::device;
pub use error::Error;
pub use folder::{Begun, Maker, Place, begun};
pub use held_out::Look;
pub use learner::{Step, Student};
pub use machine::machine;
pub use optimizer::{Decays, OptimizerConfig};
pub use pixels::Pixels;
pub use recipe::{Recipe, Run};
pub use run::{Trained, Watch, train};
pub use schedule::Schedule;
