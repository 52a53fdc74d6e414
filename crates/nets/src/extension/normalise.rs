//! Normalisation of each channel by the mean and variance of the batch.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, TensorMetadata, backend_extension};

use super::layout::{channels_last, channels_second, host};
use super::{Host, Tracked, check_channels, register, tracked};
use crate::kernels::{self, BatchStatistics};

/// Each channel of `[N, C, ...]` normalised by the batch, times gamma, plus beta, both `[C]`.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait Normalise: Backend {
    /// What is normalised, and the mean and variance of each channel, through which no gradient goes.
    fn normalise(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f32,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

impl Normalise for Flex {
    fn normalise(input: Host, gamma: Host, beta: Host, epsilon: f32) -> (Host, Host, Host) {
        let (output, statistics) = normalised(&input, &gamma, &beta, epsilon);
        let channels = gamma.shape();
        (output, host(statistics.mean, &channels), host(statistics.variance, &channels))
    }
}

impl<C: CheckpointStrategy> Normalise for Autodiff<Flex, C> {
    fn normalise(input: Tracked, gamma: Tracked, beta: Tracked, epsilon: f32) -> (Tracked, Tracked, Tracked) {
        let nodes = [input.node(), gamma.node(), beta.node()];
        let [x, gamma, beta] = [input, gamma, beta].map(|tensor| tensor.into_primitive());
        let (output, statistics) = normalised(&x, &gamma, &beta, epsilon);
        let [mean, variance] = [&statistics.mean, &statistics.variance]
            .map(|values| Tracked::new(host(values.clone(), &gamma.shape())));
        (tracked::<C, _, 3>(Normalised, nodes, ([x, gamma], statistics, epsilon), output), mean, variance)
    }
}

fn normalised(input: &Host, gamma: &Host, beta: &Host, epsilon: f32) -> (Host, BatchStatistics) {
    check_channels("scales", input, gamma);
    check_channels("shifts", input, beta);
    let (shape, input) = (input.shape(), channels_last(input));
    let [gamma, beta] = [gamma, beta].map(|tensor| tensor.to_contiguous());
    let statistics = BatchStatistics::of(input.storage(), shape[1]);
    let output = kernels::batch_norm(input.storage(), &statistics, gamma.storage(), beta.storage(), epsilon);
    (channels_second(output, &shape), statistics)
}

/// The step back.
#[derive(Debug)]
struct Normalised;

impl Backward<Flex, 3> for Normalised {
    type State = ([Host; 2], BatchStatistics, f32);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let output = grads.consume::<Flex>(&ops.node);
        let ([input, gamma], statistics, epsilon) = &ops.state;
        let (shape, gamma) = (input.shape(), gamma.to_contiguous());
        let [input, output] = [input, &output].map(channels_last);
        let (x, dy) = (input.storage(), output.storage());
        let (dx, dgamma, dbeta) = kernels::batch_norm_backward(x, statistics, gamma.storage(), *epsilon, dy);
        let [dgamma, dbeta] = [dgamma, dbeta].map(|values| host(values, &gamma.shape()));
        register(&ops, grads, [channels_second(dx, &shape), dgamma, dbeta].map(Some));
    }
}
