//! Competition of channels, of which the larger is left.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, TensorMetadata, backend_extension};

use super::layout::{channels_last, channels_second};
use super::{Host, Tracked, register, tracked};
use crate::kernels;

/// Of `[N, 2 C, ...]`, the larger of each value in the first half of the channels and its fellow in the
/// second.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait Compete: Backend {
    fn compete(input: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl Compete for Flex {
    fn compete(input: Host) -> Host {
        let mut shape = input.shape();
        assert!(
            shape[1] > 0 && shape[1].is_multiple_of(2),
            "channels of shape {:?} cannot compete: there must be an even number of them, the second axis",
            &shape[..],
        );
        shape[1] /= 2;
        channels_second(kernels::larger(channels_last(&input).storage(), shape[1]), &shape)
    }
}

impl<C: CheckpointStrategy> Compete for Autodiff<Flex, C> {
    fn compete(input: Tracked) -> Tracked {
        let nodes = [input.node()];
        let x = input.into_primitive();
        let output = Flex::compete(x.clone());
        tracked::<C, _, 1>(Competed, nodes, x, output)
    }
}

/// The step back.
#[derive(Debug)]
struct Competed;

impl Backward<Flex, 1> for Competed {
    type State = Host;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let output = grads.consume::<Flex>(&ops.node);
        let shape = ops.state.shape();
        let [input, output] = [&ops.state, &output].map(channels_last);
        let dx = kernels::larger_backward(input.storage(), shape[1] / 2, output.storage());
        register(&ops, grads, [Some(channels_second(dx, &shape))]);
    }
}
