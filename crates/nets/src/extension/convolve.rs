//! Convolutions.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, TensorMetadata, backend_extension};

use super::layout::{channels_last, channels_second, host};
use super::{Host, Tracked, register, tracked};
use crate::kernels::{self, Convolution};

/// How a convolution goes over its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Going {
    /// Pixels from one position to the next.
    pub(crate) stride: usize,
    /// Zeros around the input.
    pub(crate) padding: usize,
    /// Whether each channel has a filter of its own; else each filter sees all channels.
    pub(crate) depthwise: bool,
}

/// Convolutions of `[N, C, H, W]` with weights `[out, C, k, k]`, or `[C, 1, k, k]`, without and with a bias
/// `[out]`.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait Convolve: Backend {
    fn convolve(input: FloatTensor<Self>, weight: FloatTensor<Self>, going: Going) -> FloatTensor<Self>;

    fn convolve_biased(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        going: Going,
    ) -> FloatTensor<Self>;
}

impl Convolve for Flex {
    fn convolve(input: Host, weight: Host, going: Going) -> Host {
        convolved(&input, &weight, None, going)
    }

    fn convolve_biased(input: Host, weight: Host, bias: Host, going: Going) -> Host {
        convolved(&input, &weight, Some(&bias), going)
    }
}

impl<C: CheckpointStrategy> Convolve for Autodiff<Flex, C> {
    fn convolve(input: Tracked, weight: Tracked, going: Going) -> Tracked {
        let nodes = [input.node(), weight.node()];
        let [x, w] = [input, weight].map(|tensor| tensor.into_primitive());
        let output = convolved(&x, &w, None, going);
        tracked::<C, _, 2>(Convolved, nodes, (x, w, going), output)
    }

    fn convolve_biased(input: Tracked, weight: Tracked, bias: Tracked, going: Going) -> Tracked {
        let nodes = [input.node(), weight.node(), bias.node()];
        let [x, w, b] = [input, weight, bias].map(|tensor| tensor.into_primitive());
        let output = convolved(&x, &w, Some(&b), going);
        tracked::<C, _, 3>(Convolved, nodes, (x, w, going), output)
    }
}

/// The convolution that these shapes are of.
///
/// Panics if they do not fit each other: the kernels read what lies where it must.
fn described(input: &[usize], weight: &[usize], going: Going) -> Convolution {
    let filters = if going.depthwise { [input[1], 1] } else { [weight[0], input[1]] };
    assert!(
        weight[..2] == filters && weight[2] == weight[3],
        "filters of shape {weight:?} do not fit an input of shape {input:?}: it has {} channels",
        input[1],
    );
    Convolution {
        channels: [input[1], weight[0]],
        input: [input[2], input[3]],
        kernel: weight[2],
        stride: going.stride,
        padding: going.padding,
    }
}

fn convolved(input: &Host, weight: &Host, bias: Option<&Host>, going: Going) -> Host {
    let (from, filters) = (input.shape(), weight.shape());
    let of = described(&from, &filters, going);
    if let Some(bias) = bias {
        let biases = bias.shape();
        assert!(
            biases[..] == filters[..1],
            "biases of shape {biases:?} do not fit filters of shape {filters:?}"
        );
    }
    let (input, weight) = (channels_last(input), weight.to_contiguous());
    let bias = bias.map(|bias| bias.to_contiguous());
    let apply = if going.depthwise { kernels::depthwise } else { kernels::convolution };
    let output = apply(&of, input.storage(), weight.storage(), bias.as_ref().map(|bias| bias.storage()));
    let [height, width] = of.output();
    channels_second(output, &[from[0], filters[0], height, width])
}

/// The step back, with a bias (three parents) or without (two).
#[derive(Debug)]
struct Convolved;

impl<const N: usize> Backward<Flex, N> for Convolved {
    type State = (Host, Host, Going);

    fn backward(self, ops: Ops<Self::State, N>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (input, weight, going) = &ops.state;
        let (from, filters) = (input.shape(), weight.shape());
        let of = described(&from, &filters, *going);
        let wants_input = ops.parents[0].is_some();
        let output = grads.consume::<Flex>(&ops.node);
        let (input, weight, output) = (channels_last(input), weight.to_contiguous(), channels_last(&output));
        let (x, w, dy) = (input.storage(), weight.storage(), output.storage());
        let (dx, dw, db) = if going.depthwise {
            kernels::depthwise_backward(&of, x, w, dy)
        } else {
            let back = kernels::convolution_backward(&of, x, w, dy, wants_input);
            (back.input, back.weight, back.bias)
        };
        let dx = wants_input.then(|| channels_second(dx, &from));
        register(&ops, grads, [dx, Some(host(dw, &filters)), Some(host(db, &filters[..1]))]);
    }
}
