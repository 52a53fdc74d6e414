//! Values clipped to a range.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, TensorMetadata, backend_extension};

use super::layout::{channels_last, channels_second};
use super::{Host, Tracked, register, tracked};
use crate::kernels;

/// Values of `[N, C, ...]` clipped to a range.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait Clip: Backend {
    fn clip(input: FloatTensor<Self>, low: f32, high: f32) -> FloatTensor<Self>;
}

impl Clip for Flex {
    fn clip(input: Host, low: f32, high: f32) -> Host {
        let (shape, input) = (input.shape(), channels_last(&input));
        channels_second(kernels::clip(input.storage(), low, high), &shape)
    }
}

impl<C: CheckpointStrategy> Clip for Autodiff<Flex, C> {
    fn clip(input: Tracked, low: f32, high: f32) -> Tracked {
        let nodes = [input.node()];
        let x = input.into_primitive();
        let output = Flex::clip(x.clone(), low, high);
        tracked::<C, _, 1>(Clipped, nodes, (x, low, high), output)
    }
}

/// The step back.
#[derive(Debug)]
struct Clipped;

impl Backward<Flex, 1> for Clipped {
    type State = (Host, f32, f32);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let output = grads.consume::<Flex>(&ops.node);
        let (input, low, high) = &ops.state;
        let shape = input.shape();
        let [input, output] = [input, &output].map(channels_last);
        let dx = kernels::clip_backward(input.storage(), output.storage(), *low, *high);
        register(&ops, grads, [Some(channels_second(dx, &shape))]);
    }
}
