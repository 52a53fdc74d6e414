//! The [kernels](crate::kernels) as operations of Burn, with their gradients.
//!
//! They serve tensors on the processor. On other devices, and while a graph is captured, Burn's own operations compute the
//! same: [`has_kernels`] tells, and [`layers`](crate::layers) chooses.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{
    Autodiff, Backend, BackendTypes, DispatchDevice, Flex, TensorMetadata, backend_extension,
};
use burn::tensor::{Device, TensorData};

use crate::kernels::{self, BatchStatistics, Convolution};

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

/// What is computed by our own kernels. The shapes of tensors are NCHW, as everywhere in Burn; their values lie with channels
/// last, and are laid so where they do not.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait Kernels: Backend {
    fn convolve(input: FloatTensor<Self>, weight: FloatTensor<Self>, going: Going) -> FloatTensor<Self>;

    fn convolve_biased(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        going: Going,
    ) -> FloatTensor<Self>;

    /// Gradients of the input, if it is wanted, of the weights, and of biases, from that of the output.
    fn convolve_backward(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        output: FloatTensor<Self>,
        going: Going,
        wants_input: bool,
    ) -> (Option<FloatTensor<Self>>, FloatTensor<Self>, FloatTensor<Self>);

    fn rectify(input: FloatTensor<Self>, slopes: FloatTensor<Self>) -> FloatTensor<Self>;

    /// Gradients of the input and the slopes, from that of the output.
    fn rectify_backward(
        input: FloatTensor<Self>,
        slopes: FloatTensor<Self>,
        output: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// Values clipped to a range.
    fn clip(input: FloatTensor<Self>, low: f32, high: f32) -> FloatTensor<Self>;

    /// The gradient of the input, from that of the output.
    fn clip_backward(
        input: FloatTensor<Self>,
        output: FloatTensor<Self>,
        low: f32,
        high: f32,
    ) -> FloatTensor<Self>;

    /// Each channel times a scale, plus a shift.
    fn shade(
        input: FloatTensor<Self>,
        scales: FloatTensor<Self>,
        shifts: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// Gradients of the input, the scales and the shifts, from that of the output.
    fn shade_backward(
        input: FloatTensor<Self>,
        scales: FloatTensor<Self>,
        output: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// The sum of two tensors of one shape.
    fn unite(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self>;

    /// What is normalised, and the mean and variance of each channel, through which no gradient goes.
    fn normalise(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f32,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// Gradients of the input, gamma and beta, from that of the output.
    fn normalise_backward(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        output: FloatTensor<Self>,
        epsilon: f32,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

/// Whether tensors of this device are computed by the kernels.
pub(crate) fn has_kernels(device: &Device) -> bool {
    matches!(device.clone().inner().as_dispatch(), DispatchDevice::Flex(_))
}

type Host = <Flex as BackendTypes>::FloatTensorPrimitive;

fn host(values: Vec<f32>, shape: &[usize]) -> Host {
    Host::from_data(TensorData::new(values, shape.to_vec()))
}

/// The values of a tensor with channels last. What the kernels made lies so already.
fn channels_last(tensor: &Host) -> Host {
    let last = tensor.shape().len();
    let axes: Vec<usize> = std::iter::once(0).chain(2..last).chain([1]).collect();
    tensor.permute(&axes).to_contiguous()
}

/// A tensor of a shape with channels second, as all of Burn has it, whose values lie with channels last.
fn channels_second(values: Vec<f32>, shape: &[usize]) -> Host {
    let lying: Vec<usize> =
        std::iter::once(shape[0]).chain(shape[2..].iter().copied()).chain([shape[1]]).collect();
    let axes: Vec<usize> = [0, shape.len() - 1].into_iter().chain(1..shape.len() - 1).collect();
    host(values, &lying).permute(&axes)
}

fn described(input: &[usize], weight: &[usize], going: Going) -> Convolution {
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
    let (input, weight) = (channels_last(input), weight.to_contiguous());
    let bias = bias.map(|bias| bias.to_contiguous());
    let of = described(&from, &filters, going);
    let apply = if going.depthwise { kernels::depthwise } else { kernels::convolution };
    let output = apply(&of, input.storage(), weight.storage(), bias.as_ref().map(|bias| bias.storage()));
    let [height, width] = of.output();
    channels_second(output, &[from[0], filters[0], height, width])
}

impl Kernels for Flex {
    fn convolve(input: Host, weight: Host, going: Going) -> Host {
        convolved(&input, &weight, None, going)
    }

    fn convolve_biased(input: Host, weight: Host, bias: Host, going: Going) -> Host {
        convolved(&input, &weight, Some(&bias), going)
    }

    fn convolve_backward(
        input: Host,
        weight: Host,
        output: Host,
        going: Going,
        wants_input: bool,
    ) -> (Option<Host>, Host, Host) {
        let (from, filters) = (input.shape(), weight.shape());
        let of = described(&from, &filters, going);
        let (input, weight, output) = (channels_last(&input), weight.to_contiguous(), channels_last(&output));
        let (x, w, dy) = (input.storage(), weight.storage(), output.storage());
        let (dx, dw, db) = if going.depthwise {
            kernels::depthwise_backward(&of, x, w, dy)
        } else {
            let back = kernels::convolution_backward(&of, x, w, dy, wants_input);
            (back.input, back.weight, back.bias)
        };
        (wants_input.then(|| channels_second(dx, &from)), host(dw, &filters), host(db, &filters[..1]))
    }

    fn rectify(input: Host, slopes: Host) -> Host {
        let (shape, input, slopes) = (input.shape(), channels_last(&input), slopes.to_contiguous());
        channels_second(kernels::prelu(input.storage(), slopes.storage()), &shape)
    }

    fn rectify_backward(input: Host, slopes: Host, output: Host) -> (Host, Host) {
        let (shape, slopes) = (input.shape(), slopes.to_contiguous());
        let [input, output] = [input, output].map(|tensor| channels_last(&tensor));
        let back = kernels::prelu_backward(input.storage(), slopes.storage(), output.storage());
        (channels_second(back.0, &shape), host(back.1, &slopes.shape()))
    }

    fn clip(input: Host, low: f32, high: f32) -> Host {
        let (shape, input) = (input.shape(), channels_last(&input));
        channels_second(kernels::clip(input.storage(), low, high), &shape)
    }

    fn clip_backward(input: Host, output: Host, low: f32, high: f32) -> Host {
        let shape = input.shape();
        let [input, output] = [input, output].map(|tensor| channels_last(&tensor));
        channels_second(kernels::clip_backward(input.storage(), output.storage(), low, high), &shape)
    }

    fn shade(input: Host, scales: Host, shifts: Host) -> Host {
        let (shape, input) = (input.shape(), channels_last(&input));
        let [scales, shifts] = [scales, shifts].map(|tensor| tensor.to_contiguous());
        channels_second(kernels::affine(input.storage(), scales.storage(), shifts.storage()), &shape)
    }

    fn shade_backward(input: Host, scales: Host, output: Host) -> (Host, Host, Host) {
        let (shape, scales) = (input.shape(), scales.to_contiguous());
        let [input, output] = [input, output].map(|tensor| channels_last(&tensor));
        let back = kernels::affine_backward(input.storage(), scales.storage(), output.storage());
        let channels = scales.shape();
        (channels_second(back.0, &shape), host(back.1, &channels), host(back.2, &channels))
    }

    fn unite(a: Host, b: Host) -> Host {
        let shape = a.shape();
        let [a, b] = [a, b].map(|tensor| channels_last(&tensor));
        channels_second(kernels::add(a.storage(), b.storage()), &shape)
    }

    fn normalise(input: Host, gamma: Host, beta: Host, epsilon: f32) -> (Host, Host, Host) {
        let (shape, channels) = (input.shape(), gamma.shape());
        let [gamma, beta] = [gamma, beta].map(|tensor| tensor.to_contiguous());
        let input = channels_last(&input);
        let statistics = BatchStatistics::of(input.storage(), channels[0]);
        let output =
            kernels::batch_norm(input.storage(), &statistics, gamma.storage(), beta.storage(), epsilon);
        (
            channels_second(output, &shape),
            host(statistics.mean, &channels),
            host(statistics.variance, &channels),
        )
    }

    fn normalise_backward(
        input: Host,
        gamma: Host,
        mean: Host,
        variance: Host,
        output: Host,
        epsilon: f32,
    ) -> (Host, Host, Host) {
        let (shape, channels) = (input.shape(), gamma.shape());
        let gamma = gamma.to_contiguous();
        let [input, output] = [input, output].map(|tensor| channels_last(&tensor));
        let [mean, variance] = [mean, variance].map(|tensor| tensor.storage::<f32>().to_vec());
        let statistics = BatchStatistics { mean, variance };
        let (x, gamma, dy) = (input.storage(), gamma.storage(), output.storage());
        let back = kernels::batch_norm_backward(x, &statistics, gamma, epsilon, dy);
        (channels_second(back.0, &shape), host(back.1, &channels), host(back.2, &channels))
    }
}

impl<B: Kernels, C: CheckpointStrategy> Kernels for Autodiff<B, C> {
    fn convolve(input: FloatTensor<Self>, weight: FloatTensor<Self>, going: Going) -> FloatTensor<Self> {
        let nodes = [input.node(), weight.node()];
        let [x, w] = [input, weight].map(|tensor| tensor.into_primitive());
        let output = B::convolve(x.clone(), w.clone(), going);
        match Convolved.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x, w, going), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn convolve_biased(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        going: Going,
    ) -> FloatTensor<Self> {
        let nodes = [input.node(), weight.node(), bias.node()];
        let [x, w, b] = [input, weight, bias].map(|tensor| tensor.into_primitive());
        let output = B::convolve_biased(x.clone(), w.clone(), b, going);
        match Convolved.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x, w, going), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn convolve_backward(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        output: FloatTensor<Self>,
        going: Going,
        wants_input: bool,
    ) -> (Option<FloatTensor<Self>>, FloatTensor<Self>, FloatTensor<Self>) {
        let [x, w, dy] = [input, weight, output].map(|tensor| tensor.into_primitive());
        let (dx, dw, db) = B::convolve_backward(x, w, dy, going, wants_input);
        (dx.map(untracked::<B>), untracked::<B>(dw), untracked::<B>(db))
    }

    fn rectify(input: FloatTensor<Self>, slopes: FloatTensor<Self>) -> FloatTensor<Self> {
        let nodes = [input.node(), slopes.node()];
        let [x, slopes] = [input, slopes].map(|tensor| tensor.into_primitive());
        let output = B::rectify(x.clone(), slopes.clone());
        match Rectified.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish([x, slopes], output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn rectify_backward(
        input: FloatTensor<Self>,
        slopes: FloatTensor<Self>,
        output: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [x, slopes, dy] = [input, slopes, output].map(|tensor| tensor.into_primitive());
        let (dx, da) = B::rectify_backward(x, slopes, dy);
        (untracked::<B>(dx), untracked::<B>(da))
    }

    fn clip(input: FloatTensor<Self>, low: f32, high: f32) -> FloatTensor<Self> {
        let nodes = [input.node()];
        let x = input.into_primitive();
        let output = B::clip(x.clone(), low, high);
        match Clipped.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x, low, high), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn clip_backward(
        input: FloatTensor<Self>,
        output: FloatTensor<Self>,
        low: f32,
        high: f32,
    ) -> FloatTensor<Self> {
        let [x, dy] = [input, output].map(|tensor| tensor.into_primitive());
        FloatTensor::<Self>::new(B::clip_backward(x, dy, low, high))
    }

    fn shade(
        input: FloatTensor<Self>,
        scales: FloatTensor<Self>,
        shifts: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let nodes = [input.node(), scales.node(), shifts.node()];
        let [x, scales, shifts] = [input, scales, shifts].map(|tensor| tensor.into_primitive());
        let output = B::shade(x.clone(), scales.clone(), shifts);
        match Shaded.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish([x, scales], output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn shade_backward(
        input: FloatTensor<Self>,
        scales: FloatTensor<Self>,
        output: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let [x, scales, dy] = [input, scales, output].map(|tensor| tensor.into_primitive());
        let (dx, dscales, dshifts) = B::shade_backward(x, scales, dy);
        (untracked::<B>(dx), untracked::<B>(dscales), untracked::<B>(dshifts))
    }

    fn unite(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self> {
        let nodes = [a.node(), b.node()];
        let output = B::unite(a.into_primitive(), b.into_primitive());
        match United.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn normalise(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f32,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let nodes = [input.node(), gamma.node(), beta.node()];
        let [x, gamma, beta] = [input, gamma, beta].map(|tensor| tensor.into_primitive());
        let (output, mean, variance) = B::normalise(x.clone(), gamma.clone(), beta, epsilon);
        let output = match Normalised.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                prep.finish(([x, gamma, mean.clone(), variance.clone()], epsilon), output)
            }
            OpsKind::UnTracked(prep) => prep.finish(output),
        };
        (output, untracked::<B>(mean), untracked::<B>(variance))
    }

    fn normalise_backward(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        output: FloatTensor<Self>,
        epsilon: f32,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let [x, gamma, mean] = [input, gamma, mean].map(|tensor| tensor.into_primitive());
        let [variance, dy] = [variance, output].map(|tensor| tensor.into_primitive());
        let (dx, dgamma, dbeta) = B::normalise_backward(x, gamma, mean, variance, dy, epsilon);
        (untracked::<B>(dx), untracked::<B>(dgamma), untracked::<B>(dbeta))
    }
}

fn untracked<B: Backend>(tensor: FloatTensor<B>) -> FloatTensor<Autodiff<B>> {
    FloatTensor::<Autodiff<B>>::new(tensor)
}

/// Hands the gradients of an operation's inputs on to those that are tracked.
fn register<B: Backend, S, const N: usize>(
    ops: &Ops<S, N>,
    grads: &mut Gradients,
    found: impl IntoIterator<Item = Option<FloatTensor<B>>>,
) {
    for (parent, gradient) in ops.parents.iter().zip(found) {
        if let (Some(parent), Some(gradient)) = (parent, gradient) {
            grads.register::<B>(parent.id, gradient);
        }
    }
}

/// The step back through a convolution, with a bias (three parents) or without (two).
#[derive(Debug)]
struct Convolved;

impl<B: Kernels, const N: usize> Backward<B, N> for Convolved {
    type State = (FloatTensor<B>, FloatTensor<B>, Going);

    fn backward(self, ops: Ops<Self::State, N>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (input, weight, going) = ops.state.clone();
        let output = grads.consume::<B>(&ops.node);
        let (dx, dw, db) = B::convolve_backward(input, weight, output, going, ops.parents[0].is_some());
        register::<B, _, N>(&ops, grads, [dx, Some(dw), Some(db)]);
    }
}

/// The step back through a rectifier.
#[derive(Debug)]
struct Rectified;

impl<B: Kernels> Backward<B, 2> for Rectified {
    type State = [FloatTensor<B>; 2];

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [input, slopes] = ops.state.clone();
        let (dx, da) = B::rectify_backward(input, slopes, grads.consume::<B>(&ops.node));
        register::<B, _, 2>(&ops, grads, [Some(dx), Some(da)]);
    }
}

/// The step back through clipping.
#[derive(Debug)]
struct Clipped;

impl<B: Kernels> Backward<B, 1> for Clipped {
    type State = (FloatTensor<B>, f32, f32);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (input, low, high) = ops.state.clone();
        let dx = B::clip_backward(input, grads.consume::<B>(&ops.node), low, high);
        register::<B, _, 1>(&ops, grads, [Some(dx)]);
    }
}

/// The step back through a scale and a shift for each channel.
#[derive(Debug)]
struct Shaded;

impl<B: Kernels> Backward<B, 3> for Shaded {
    type State = [FloatTensor<B>; 2];

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [input, scales] = ops.state.clone();
        let (dx, dscales, dshifts) = B::shade_backward(input, scales, grads.consume::<B>(&ops.node));
        register::<B, _, 3>(&ops, grads, [Some(dx), Some(dscales), Some(dshifts)]);
    }
}

/// The step back through a sum.
#[derive(Debug)]
struct United;

impl<B: Kernels> Backward<B, 2> for United {
    type State = ();

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let output = grads.consume::<B>(&ops.node);
        register::<B, _, 2>(&ops, grads, [Some(output.clone()), Some(output)]);
    }
}

/// The step back through normalisation by the batch.
#[derive(Debug)]
struct Normalised;

impl<B: Kernels> Backward<B, 3> for Normalised {
    type State = ([FloatTensor<B>; 4], f32);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let ([input, gamma, mean, variance], epsilon) = ops.state.clone();
        let output = grads.consume::<B>(&ops.node);
        let (dx, dgamma, dbeta) = B::normalise_backward(input, gamma, mean, variance, output, epsilon);
        register::<B, _, 3>(&ops, grads, [Some(dx), Some(dgamma), Some(dbeta)]);
    }
}
