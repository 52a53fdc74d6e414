//! Networks of face recognition: backbones that turn faces into vectors, losses that teach them, heads for
//! other tasks.
//!
//! ```text
//! [N, C, H, W] ── backbones::Backbone ──> [N, d] ── losses::Loss ──> what is made smaller
//!                        └─ layers (our own kernels on processors, Burn's operations elsewhere)
//! ```
//!
//! Modules are those of Burn; their weights are kept under the names of the published PyTorch code by
//! [`weights`].

pub mod backbones;
mod cross_entropy;
pub mod detectors;
mod error;
mod extension;
#[cfg(test)]
mod gradients;
pub mod heads;
mod kernels;
pub mod layers;
pub mod losses;
#[cfg(test)]
mod testing;
pub mod weights;

pub use error::Error;
