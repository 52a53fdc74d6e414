//! The optimiser of a class matrix of which a step sees a part.

use burn::optim::{LearningRate, Optimizer, RecordState, StateSink, StateSource};
use burn::tensor::{Device, Tensor};

/// SGD with momentum and weight decay, for rows that have a gradient: `v <- momentum v + g + decay w`,
/// `w <- w - rate v`.
///
/// Rows whose gradient is exactly zero, as those that [PartialFC](super::PartialFcConfig) did not draw, stay
/// as they are, to the last bit, and so does their momentum (as in the first version of PartialFC; in the
/// second, plain SGD moves them on). Without such rows it is plain SGD, as in PyTorch.
#[derive(Clone, Debug)]
pub struct SampledSgd {
    /// Part of the velocity that stays, from 0 to below 1.
    pub momentum: f64,
    /// Weight decay, added to the gradient.
    pub decay: f64,
}

/// Velocities.
#[derive(Clone)]
pub struct SampledSgdState<const D: usize> {
    velocity: Tensor<D>,
}

// By hand, since Burn's derive works in its own crate alone.
impl<const D: usize> RecordState for SampledSgdState<D> {
    fn state_flatten(&self, prefix: &str, out: &mut StateSink) {
        out.push_tensor(prefix, "velocity", self.velocity.to_data());
    }

    fn state_unflatten(prefix: &str, source: &mut StateSource, device: &Device) -> Option<Self> {
        let velocity = Tensor::from_data(source.take_tensor(prefix, "velocity")?, device);
        Some(Self { velocity })
    }
}

impl Optimizer for SampledSgd {
    type State<const D: usize> = SampledSgdState<D>;

    fn step<const D: usize>(
        &self,
        rate: LearningRate,
        weights: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        let axes: Vec<usize> = (1..D).collect();
        let shape = weights.dims();
        let still = gradient.clone().max_abs_dims(&axes).equal_elem(0.0).expand(shape);
        let old = state.map_or_else(|| weights.zeros_like(), |state| state.velocity);
        let push = gradient + weights.clone().mul_scalar(self.decay);
        let velocity = (old.clone().mul_scalar(self.momentum) + push).mask_where(still.clone(), old);
        let moved = weights.clone() - velocity.clone().mul_scalar(rate);
        (moved.mask_where(still, weights), Some(SampledSgdState { velocity }))
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        SampledSgdState { velocity: state.velocity.to_device(device) }
    }
}
