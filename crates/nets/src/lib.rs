//! Networks of face recognition.

pub mod backbones;
mod cross_entropy;
mod error;
mod extension;
#[cfg(test)]
mod gradients;
pub mod heads;
mod kernels;
pub mod layers;
pub mod weights;

pub use error::Error;
pub mod losses;
