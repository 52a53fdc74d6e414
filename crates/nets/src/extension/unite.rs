//! Sums of two tensors.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, TensorMetadata, backend_extension};

use super::layout::{channels_last, channels_second};
use super::{Host, Tracked, register, tracked};
use crate::kernels;

/// The sum of two tensors of one shape `[N, C, ...]`.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait Unite: Backend {
    fn unite(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl Unite for Flex {
    fn unite(a: Host, b: Host) -> Host {
        let (shape, other) = (a.shape(), b.shape());
        assert!(shape == other, "tensors of shapes {:?} and {:?} cannot be added", &shape[..], &other[..]);
        let [a, b] = [a, b].map(|tensor| channels_last(&tensor));
        channels_second(kernels::add(a.storage(), b.storage()), &shape)
    }
}

impl<C: CheckpointStrategy> Unite for Autodiff<Flex, C> {
    fn unite(a: Tracked, b: Tracked) -> Tracked {
        let nodes = [a.node(), b.node()];
        let output = Flex::unite(a.into_primitive(), b.into_primitive());
        tracked::<C, _, 2>(United, nodes, (), output)
    }
}

/// The step back.
#[derive(Debug)]
struct United;

impl Backward<Flex, 2> for United {
    type State = ();

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let output = grads.consume::<Flex>(&ops.node);
        register(&ops, grads, [Some(output.clone()), Some(output)]);
    }
}
