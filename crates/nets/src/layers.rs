//! Layers, over Burn's modules, which hold the weights: so their records and their names in PyTorch stay the
//! usual ones.
//!
//! Each function computes what the module's own `forward` does. On the processor it does so by our own
//! kernels, which are several times as fast and have gradients of their own.

use burn::backend::Dispatch;
use burn::module::RunningState;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, PRelu, PaddingConfig2d};
use burn::tensor::module::{batch_norm_train, max_pool2d};
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Tensor};

use crate::extension::{
    Clip, Compete, Convolve, Going, Halve, Normalise, Rectify, Shade, Unite, has_kernels,
};

/// How the filters of a convolution are laid over its input: square, with one stride and the same padding on
/// all sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filters {
    /// Height and width of a filter.
    pub kernel: usize,
    /// Pixels from one position to the next.
    pub stride: usize,
    /// Zeros around the input.
    pub padding: usize,
    /// Groups of channels that do not see each other.
    pub groups: usize,
}

impl Filters {
    /// Padded so that a stride of one keeps the size of an odd kernel's input.
    pub fn same(kernel: usize, stride: usize) -> Self {
        Self { kernel, stride, padding: kernel / 2, groups: 1 }
    }

    /// A filter for each of so many channels.
    pub fn depthwise(self, channels: usize) -> Self {
        Self { groups: channels, ..self }
    }

    /// Without padding.
    pub fn valid(self) -> Self {
        Self { padding: 0, ..self }
    }

    /// A convolution from one number of channels to another, with weights drawn by Burn's default.
    pub fn conv(self, from: usize, to: usize, bias: bool, device: &Device) -> Conv2d {
        Conv2dConfig::new([from, to], [self.kernel; 2])
            .with_stride([self.stride; 2])
            .with_padding(PaddingConfig2d::Explicit(self.padding, self.padding, self.padding, self.padding))
            .with_groups(self.groups)
            .with_bias(bias)
            .init(device)
    }
}

/// A convolution of `[N, C, H, W]`.
pub fn conv(layer: &Conv2d, input: Tensor<4>) -> Tensor<4> {
    let Some(going) = going(layer).filter(|_| has_kernels(&input.device())) else {
        return layer.forward(input);
    };
    let (input, weight) = (input.into_dispatch(), layer.weight.val().into_dispatch());
    Tensor::from_dispatch(match &layer.bias {
        Some(bias) => Dispatch::convolve_biased(input, weight, bias.val().into_dispatch(), going),
        None => Dispatch::convolve(input, weight, going),
    })
}

/// What the kernels know of a convolution; `None` if it is none of theirs.
fn going(layer: &Conv2d) -> Option<Going> {
    let [out, depth, height, width] = layer.weight.dims();
    let padding = match layer.padding {
        PaddingConfig2d::Valid => 0,
        PaddingConfig2d::Explicit(top, left, bottom, right) if [left, bottom, right] == [top; 3] => top,
        _ => return None,
    };
    let depthwise = layer.groups == out && depth == 1 && out > 1;
    let square = height == width && layer.stride[0] == layer.stride[1] && layer.dilation == [1, 1];
    (square && (depthwise || layer.groups == 1)).then_some(Going {
        stride: layer.stride[0],
        padding,
        depthwise,
    })
}

/// A rectifier with a slope for each channel of `[N, C, ...]`.
pub fn prelu<const D: usize>(layer: &PRelu, input: Tensor<D>) -> Tensor<D> {
    let channels = input.dims()[1];
    if !has_kernels(&input.device()) || layer.alpha.dims() != [channels] {
        return layer.forward(input);
    }
    Tensor::from_dispatch(Dispatch::rectify(input.into_dispatch(), layer.alpha.val().into_dispatch()))
}

/// Normalisation of each channel of `[N, C, ...]`: by the batch on a device that computes gradients, else by
/// the running statistics.
///
/// As in PyTorch, and unlike Burn's layer, the variance that is kept for inference is divided by one less
/// than the number of values of a channel, on every device. Of no values nothing is kept.
pub fn batch_norm<const D: usize>(layer: &BatchNorm, input: Tensor<D>) -> Tensor<D> {
    let device = input.device();
    let kernels = has_kernels(&device);
    if device.is_autodiff() && layer.training.is_enabled() {
        return normalised_by_batch(layer, input, kernels);
    }
    if !kernels {
        return layer.forward(input);
    }
    let [mean, variance] =
        [&layer.running_mean, &layer.running_var].map(|kept| kept.value().to_device(&device));
    let scales = layer.gamma.val() / (variance + layer.epsilon).sqrt();
    let shifts = layer.beta.val() - mean * scales.clone();
    let [scales, shifts] = [scales, shifts].map(Tensor::into_dispatch);
    Tensor::from_dispatch(Dispatch::shade(input.into_dispatch(), scales, shifts))
}

/// Normalisation by the batch, by the kernels or by Burn's operations, whose statistics the running ones
/// follow.
fn normalised_by_batch<const D: usize>(layer: &BatchNorm, input: Tensor<D>, kernels: bool) -> Tensor<D> {
    let count = input.shape().num_elements() / input.dims()[1].max(1);
    let (gamma, beta) = (layer.gamma.val(), layer.beta.val());
    let (output, mean, variance) = if kernels {
        let [input, gamma, beta] = [input.into_dispatch(), gamma.into_dispatch(), beta.into_dispatch()];
        let (output, mean, variance) = Dispatch::normalise(input, gamma, beta, layer.epsilon as f32);
        let [mean, variance] = [mean, variance].map(Tensor::from_dispatch);
        (Tensor::from_dispatch(output), mean, variance)
    } else {
        let found = batch_norm_train(input, gamma, beta, layer.epsilon);
        (found.output, found.mean, found.variance)
    };
    if count > 0 {
        let unbiased = count as f64 / (count.max(2) - 1) as f64;
        follow(&layer.running_mean, mean.detach(), layer.momentum);
        follow(&layer.running_var, variance.detach().mul_scalar(unbiased), layer.momentum);
    }
    output
}

/// The sum of two tensors of one shape, such as the two ways through a residual block.
pub fn add<const D: usize>(a: Tensor<D>, b: Tensor<D>) -> Tensor<D> {
    if !has_kernels(&a.device()) {
        return a + b;
    }
    Tensor::from_dispatch(Dispatch::unite(a.into_dispatch(), b.into_dispatch()))
}

/// `max(x, 0)`.
pub fn relu<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    if !has_kernels(&input.device()) {
        return burn::tensor::activation::relu(input);
    }
    Tensor::from_dispatch(Dispatch::clip(input.into_dispatch(), 0.0, f32::INFINITY))
}

/// `min(max(x, 0), 6)`.
pub fn relu6<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    if !has_kernels(&input.device()) {
        return input.clamp(0.0, 6.0);
    }
    Tensor::from_dispatch(Dispatch::clip(input.into_dispatch(), 0.0, 6.0))
}

/// Of each value in the first half of the channels of `[N, 2 C, ...]` and its fellow in the second half the
/// larger one; of equal ones the first. What is no number counts as larger; on graphics cards only in the first half.
///
/// # Panics
///
/// If the number of channels is odd.
pub fn larger<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    if has_kernels(&input.device()) {
        return Tensor::from_dispatch(Dispatch::compete(input.into_dispatch()));
    }
    let channels = input.dims()[1];
    assert!(channels.is_multiple_of(2), "{channels} channels have no halves");
    let channels = channels / 2;
    input.clone().narrow(1, 0, channels).max_pair(input.narrow(1, channels, channels))
}

/// The largest value of each 2 x 2 pixels of `[N, C, H, W]`; what is left over at the end of a side has its
/// own window.
pub fn halved(input: Tensor<4>) -> Tensor<4> {
    if !has_kernels(&input.device()) {
        return max_pool2d(input, windows());
    }
    Tensor::from_dispatch(Dispatch::halve(input.into_dispatch()))
}

/// What [`halved`] is to Burn.
fn windows() -> MaxPoolOptions<2> {
    MaxPoolOptions::new([2, 2]).with_stride([2, 2]).with_ceil_mode(true)
}

/// Moves a running statistic by a share towards what a batch has.
fn follow(running: &RunningState<Tensor<1>>, new: Tensor<1>, share: f64) {
    let old = running.value_sync().to_device(&new.device());
    running.update((old.mul_scalar(1.0 - share) + new.mul_scalar(share)).detach());
    // An update waits for the next one otherwise, and a record that is made in between would lack it.
    running.value_sync();
}

#[cfg(test)]
mod tests;
