//! Networks of face recognition.

mod extension;
mod kernels;
pub mod layers;
