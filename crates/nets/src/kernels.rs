//! The layers' arithmetic on the processor, forward and backward, over plain slices of `f32`.
//!
//! Burn's CPU backend has no backward convolution, and makes normalisation and PReLU of a dozen passes over memory each.
//! Here each layer is one function for each direction. Tensors are NCHW and contiguous.
//!
//! Work is split over images or channels, in portions whose number does not depend on the number of threads, and sums over
//! portions are added up in their order: the same input gives the same bits on every run.

mod batch_norm;
mod columns;
mod convolution;
mod depthwise;
mod prelu;
mod product;
#[cfg(test)]
mod tests;

pub(crate) use batch_norm::{BatchStatistics, batch_norm, batch_norm_backward};
pub(crate) use convolution::{Convolution, convolution, convolution_backward};
pub(crate) use depthwise::{depthwise, depthwise_backward};
pub(crate) use prelu::{prelu, prelu_backward};

/// Runs a loop with the widest vectors that the machine has. What is called in it must be inlined.
#[inline(always)]
fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    use std::sync::LazyLock;
    static MACHINE: LazyLock<pulp::Arch> = LazyLock::new(pulp::Arch::new);
    MACHINE.dispatch(work)
}

/// Sums of so many lanes are kept side by side, so that they can be vectors.
const LANES: usize = 32;

/// The sum of a function of each element of some slices of one length, in lanes.
macro_rules! lane_sum {
    (|$($x:ident),+| $value:expr; $($slice:expr),+) => {{
        let mut lanes = [0.0f32; $crate::kernels::LANES];
        $(let $x = $slice.chunks_exact($crate::kernels::LANES);)+
        let rest = ($($x.remainder(),)+);
        $crate::kernels::lane_sum!(@each lanes, ($($x),+), $value);
        let ($($x,)+) = rest;
        let mut sum: f32 = lanes.iter().sum();
        $crate::kernels::lane_sum!(@rest sum, ($($x),+), $value);
        sum
    }};
    (@each $lanes:ident, ($a:ident), $value:expr) => {
        for $a in $a {
            for (lane, &$a) in $lanes.iter_mut().zip($a) { *lane += $value; }
        }
    };
    (@each $lanes:ident, ($a:ident, $b:ident), $value:expr) => {
        for ($a, $b) in $a.zip($b) {
            for ((lane, &$a), &$b) in $lanes.iter_mut().zip($a).zip($b) { *lane += $value; }
        }
    };
    (@rest $sum:ident, ($a:ident), $value:expr) => {
        for &$a in $a { $sum += $value; }
    };
    (@rest $sum:ident, ($a:ident, $b:ident), $value:expr) => {
        for (&$a, &$b) in $a.iter().zip($b) { $sum += $value; }
    };
}
use lane_sum;
