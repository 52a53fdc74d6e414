//! Rectifiers with a slope for each channel.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, TensorMetadata, backend_extension};

use super::layout::{channels_last, channels_second, host};
use super::{Host, Tracked, check_channels, register, tracked};
use crate::kernels;

/// Values of `[N, C, ...]`, of which negative ones are multiplied by their channel's slope, `[C]`.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait Rectify: Backend {
    fn rectify(input: FloatTensor<Self>, slopes: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl Rectify for Flex {
    fn rectify(input: Host, slopes: Host) -> Host {
        check_channels("slopes", &input, &slopes);
        let (shape, input, slopes) = (input.shape(), channels_last(&input), slopes.to_contiguous());
        channels_second(kernels::prelu(input.storage(), slopes.storage()), &shape)
    }
}

impl<C: CheckpointStrategy> Rectify for Autodiff<Flex, C> {
    fn rectify(input: Tracked, slopes: Tracked) -> Tracked {
        let nodes = [input.node(), slopes.node()];
        let [x, slopes] = [input, slopes].map(|tensor| tensor.into_primitive());
        let output = Flex::rectify(x.clone(), slopes.clone());
        tracked::<C, _, 2>(Rectified, nodes, [x, slopes], output)
    }
}

/// The step back.
#[derive(Debug)]
struct Rectified;

impl Backward<Flex, 2> for Rectified {
    type State = [Host; 2];

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let output = grads.consume::<Flex>(&ops.node);
        let [input, slopes] = &ops.state;
        let (shape, slopes) = (input.shape(), slopes.to_contiguous());
        let [input, output] = [input, &output].map(channels_last);
        let (dx, da) = kernels::prelu_backward(input.storage(), slopes.storage(), output.storage());
        let found = [channels_second(dx, &shape), host(da, &slopes.shape())];
        register(&ops, grads, found.map(Some));
    }
}
