//! Detectors of faces without anchors: the network, which cell is to see which face, and the loss.

mod assignment;
mod losses;
mod predictions;
#[cfg(test)]
mod tests;
mod yunet;

pub use assignment::{Assigned, Cell, assign};
pub use losses::{DetectionLoss, Face};
pub use predictions::{Found, Predictions};
pub use yunet::{YuNet, YuNetConfig, YuNetSize};
