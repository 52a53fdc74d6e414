//! Windows of 2 x 2 pixels, of which the largest value is left.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, TensorMetadata, backend_extension};

use super::layout::{channels_last, channels_second};
use super::{Host, Tracked, register, tracked};
use crate::kernels::{self, Halving};

/// The largest of each window of `[N, C, H, W]`, one window beside the other; what is left over at the end of
/// a side has its own.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait Halve: Backend {
    fn halve(input: FloatTensor<Self>) -> FloatTensor<Self>;
}

fn described(shape: &[usize]) -> Halving {
    assert!(shape[1..].iter().all(|side| *side > 0), "images of shape {shape:?} have no pixels");
    Halving { input: [shape[2], shape[3]], channels: shape[1] }
}

impl Halve for Flex {
    fn halve(input: Host) -> Host {
        let shape = input.shape();
        let of = described(&shape);
        let [height, width] = of.output();
        let output = kernels::halve(&of, channels_last(&input).storage());
        channels_second(output, &[shape[0], shape[1], height, width])
    }
}

impl<C: CheckpointStrategy> Halve for Autodiff<Flex, C> {
    fn halve(input: Tracked) -> Tracked {
        let nodes = [input.node()];
        let x = input.into_primitive();
        let output = Flex::halve(x.clone());
        tracked::<C, _, 1>(Halved, nodes, x, output)
    }
}

/// The step back.
#[derive(Debug)]
struct Halved;

impl Backward<Flex, 1> for Halved {
    type State = Host;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let output = grads.consume::<Flex>(&ops.node);
        let shape = ops.state.shape();
        let [input, output] = [&ops.state, &output].map(channels_last);
        let dx = kernels::halve_backward(&described(&shape), input.storage(), output.storage());
        register(&ops, grads, [Some(channels_second(dx, &shape))]);
    }
}
