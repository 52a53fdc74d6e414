//! A scale and a shift for each channel: normalisation by statistics that are known.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, TensorMetadata, backend_extension};

use super::layout::{channels_last, channels_second, host};
use super::{Host, Tracked, check_channels, register, tracked};
use crate::kernels;

/// Each channel of `[N, C, ...]` times a scale, plus a shift, both `[C]`.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait Shade: Backend {
    fn shade(
        input: FloatTensor<Self>,
        scales: FloatTensor<Self>,
        shifts: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

impl Shade for Flex {
    fn shade(input: Host, scales: Host, shifts: Host) -> Host {
        check_channels("scales", &input, &scales);
        check_channels("shifts", &input, &shifts);
        let (shape, input) = (input.shape(), channels_last(&input));
        let [scales, shifts] = [scales, shifts].map(|tensor| tensor.to_contiguous());
        channels_second(kernels::affine(input.storage(), scales.storage(), shifts.storage()), &shape)
    }
}

impl<C: CheckpointStrategy> Shade for Autodiff<Flex, C> {
    fn shade(input: Tracked, scales: Tracked, shifts: Tracked) -> Tracked {
        let nodes = [input.node(), scales.node(), shifts.node()];
        let [x, scales, shifts] = [input, scales, shifts].map(|tensor| tensor.into_primitive());
        let output = Flex::shade(x.clone(), scales.clone(), shifts);
        tracked::<C, _, 3>(Shaded, nodes, [x, scales], output)
    }
}

/// The step back.
#[derive(Debug)]
struct Shaded;

impl Backward<Flex, 3> for Shaded {
    type State = [Host; 2];

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let output = grads.consume::<Flex>(&ops.node);
        let [input, scales] = &ops.state;
        let (shape, scales) = (input.shape(), scales.to_contiguous());
        let [input, output] = [input, &output].map(channels_last);
        let (dx, dscales, dshifts) =
            kernels::affine_backward(input.storage(), scales.storage(), output.storage());
        let [dscales, dshifts] = [dscales, dshifts].map(|values| host(values, &scales.shape()));
        register(&ops, grads, [channels_second(dx, &shape), dscales, dshifts].map(Some));
    }
}
