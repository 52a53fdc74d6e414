//! Networks of face recognition.

pub mod backbones;
mod error;
mod extension;
mod kernels;
pub mod layers;
pub mod weights;

pub use error::Error;
