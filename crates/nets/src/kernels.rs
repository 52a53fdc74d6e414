//! The layers' arithmetic on the processor, forward and backward, over plain slices of `f32`.
//!
//! Burn's CPU backend has no backward convolution, and makes normalisation and PReLU of a dozen passes over
//! memory each. Here each layer is one function for each direction.
//!
//! Tensors are NHWC: all channels of a pixel lie together, so that vectors go over channels, whatever the
//! size of a plane, and a convolution reads what its filters see as it lies, without copying it into columns.
//!
//! Work is split over images, in portions whose number does not depend on the number of threads, and sums
//! over portions are added up in their order: the same input gives the same bits on every run.

mod batch_norm;
mod convolution;
mod depthwise;
mod elementwise;
mod maxima;
mod panels;
mod sight;
#[cfg(test)]
mod tests;
mod tile;

pub(crate) use batch_norm::{BatchStatistics, batch_norm, batch_norm_backward};
pub(crate) use convolution::{Convolution, convolution, convolution_backward, positions};
pub(crate) use depthwise::{depthwise, depthwise_backward};
pub(crate) use elementwise::{add, affine, affine_backward, clip, clip_backward, prelu, prelu_backward};
pub(crate) use maxima::{Halving, halve, halve_backward, larger, larger_backward};

/// The instructions that the machine has.
fn machine() -> pulp::Arch {
    use std::sync::LazyLock;
    static MACHINE: LazyLock<pulp::Arch> = LazyLock::new(pulp::Arch::new);
    *MACHINE
}

/// Runs a loop with the widest vectors that the machine has. What is called in it must be inlined.
#[inline(always)]
fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    machine().dispatch(work)
}

/// A batch is split into at most so many portions.
const PORTIONS: usize = 8;

/// Images in a portion of a batch.
fn portion(images: usize) -> usize {
    images.div_ceil(PORTIONS).max(1)
}

/// Adds up what the portions found, so many numbers each, in their order. Zeros if there are no portions.
fn sum(parts: impl IntoIterator<Item = Vec<f32>>, count: usize) -> Vec<f32> {
    let mut parts = parts.into_iter();
    let mut total = parts.next().unwrap_or_else(|| vec![0.0; count]);
    for part in parts {
        vectorised(|| total.iter_mut().zip(&part).for_each(|(total, part)| *total += part));
    }
    total
}
