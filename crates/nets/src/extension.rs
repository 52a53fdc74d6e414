//! The [kernels](crate::kernels) as operations of Burn, with their gradients: each is a trait of backends,
//! which Burn calls where a tensor's device is one of them.
//!
//! They serve tensors on the processor. On other devices, and while a graph is captured, Burn's own
//! operations compute the same: [`has_kernels`] tells, and [`layers`](crate::layers) chooses.
//!
//! Kernels read plain slices, so shapes are checked here, before them: a shape that does not fit panics, as
//! it does in Burn.

mod clip;
mod compete;
mod convolve;
mod halve;
mod layout;
mod normalise;
mod rectify;
mod shade;
mod unite;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, NodeGuard, Ops, OpsKind};
use burn::backend::{Autodiff, BackendTypes, DispatchDevice, Flex, TensorMetadata};
use burn::tensor::Device;

pub(crate) use clip::Clip;
pub(crate) use compete::Compete;
pub(crate) use convolve::{Convolve, Going};
pub(crate) use halve::Halve;
pub(crate) use normalise::Normalise;
pub(crate) use rectify::Rectify;
pub(crate) use shade::Shade;
pub(crate) use unite::Unite;

/// A tensor on the processor.
type Host = <Flex as BackendTypes>::FloatTensorPrimitive;

/// A tensor on the processor that may have a gradient.
type Tracked = <Autodiff<Flex> as BackendTypes>::FloatTensorPrimitive;

/// Whether tensors of this device are computed by the kernels.
pub(crate) fn has_kernels(device: &Device) -> bool {
    matches!(device.clone().inner().as_dispatch(), DispatchDevice::Flex(_))
}

/// What an operation gave for inputs of these nodes, with the step back, if one of them is tracked.
fn tracked<C: CheckpointStrategy, O: Backward<Flex, N>, const N: usize>(
    operation: O,
    nodes: [NodeGuard; N],
    state: O::State,
    output: Host,
) -> Tracked {
    match operation.prepare::<C>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(prep) => prep.finish(state, output),
        OpsKind::UnTracked(prep) => prep.finish(output),
    }
}

/// Hands the gradients of an operation's inputs on to those that are tracked.
fn register<S, const N: usize>(
    ops: &Ops<S, N>,
    grads: &mut Gradients,
    found: impl IntoIterator<Item = Option<Host>>,
) {
    for (parent, gradient) in ops.parents.iter().zip(found) {
        if let (Some(parent), Some(gradient)) = (parent, gradient) {
            grads.register::<Flex>(parent.id, gradient);
        }
    }
}

/// Panics unless there is a number for each channel of `[N, C, ...]`.
fn check_channels(what: &str, input: &Host, numbers: &Host) {
    let (input, numbers) = (&input.shape()[..], &numbers.shape()[..]);
    assert!(
        input.len() >= 2 && numbers.len() == 1 && input[1] == numbers[0],
        "{what} of shape {numbers:?} do not fit an input of shape {input:?}: one is needed for each \
         channel, the second axis",
    );
}
