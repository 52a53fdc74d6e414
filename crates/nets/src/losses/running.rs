//! State that follows the batches, and is saved with the module.

use burn::module::RunningState;
use burn::tensor::{Device, Tensor};

use super::precision::in_f32;

/// Sets a state to what is given.
pub(super) fn set<const D: usize>(state: &RunningState<Tensor<D>>, value: Tensor<D>) {
    state.update(value.detach());
    // An update waits for the next one otherwise, and a record that is made in between would lack it.
    state.value_sync();
}

/// What a state holds now, on a device.
pub(super) fn now<const D: usize>(state: &RunningState<Tensor<D>>, device: &Device) -> Tensor<D> {
    in_f32(state.value_sync().to_device(device))
}

/// `rate new + (1 - rate) old`, kept if the device computes gradients: what holds now. Else the state is left
/// as it is.
pub(super) fn followed(state: &RunningState<Tensor<1>>, new: Tensor<1>, rate: f64) -> Tensor<1> {
    let (device, old) = (new.device(), now(state, &new.device()));
    if !device.is_autodiff() {
        return old;
    }
    let value = (new.mul_scalar(rate) + old.mul_scalar(1.0 - rate)).detach();
    set(state, value.clone());
    value
}
