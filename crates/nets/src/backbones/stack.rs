//! What networks are stacked from: layers made one after another, while their shape and cost are kept.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{BatchNorm, BatchNormConfig, Initializer, Linear, LinearConfig, PRelu, PReluConfig, Relu};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::Shape;
use crate::kernels::positions;
use crate::layers::{self, Filters};

/// What follows a convolution, by its name in a recipe.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// A slope for each channel, learned from 0.25.
    #[default]
    Prelu,
    /// Negative values become 0.
    Relu,
    /// As `Relu`, and what exceeds 6 becomes 6.
    Relu6,
}

/// An [`Activation`] with its parameters.
#[derive(Module, Debug)]
pub(crate) enum Rectifier {
    PRelu(PRelu),
    Relu(Relu),
    Relu6(Relu6),
}

/// Values within 0..6.
#[derive(Module, Debug)]
pub(crate) struct Relu6;

impl Rectifier {
    pub(crate) fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::PRelu(layer) => layers::prelu(layer, input),
            Self::Relu(_) => layers::relu(input),
            Self::Relu6(_) => layers::relu6(input),
        }
    }
}

/// A convolution without bias, its normalisation, and what follows, if it is not linear.
///
/// The names are those of the published MobileFaceNet and MiniFASNet.
#[derive(Module, Debug)]
pub(crate) struct ConvBlock {
    conv: Conv2d,
    bn: BatchNorm,
    prelu: Option<Rectifier>,
}

impl ConvBlock {
    pub(crate) fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        let x = layers::batch_norm(&self.bn, layers::conv(&self.conv, images));
        match &self.prelu {
            Some(rectifier) => rectifier.forward(x),
            None => x,
        }
    }
}

/// Makes layers for what the ones before them give, and adds up what they cost.
///
/// Weights are drawn when they are first needed: a network of which only shape and cost are asked takes no
/// memory.
pub(crate) struct Stack<'a> {
    device: &'a Device,
    shape: Shape,
    multiply_accumulates: u64,
    convolutions: Option<Initializer>,
    norm: Norm,
}

/// How batches are normalised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Norm {
    /// Added to the variance.
    pub(crate) epsilon: f64,
    /// Share of the new batch in the running statistics.
    pub(crate) momentum: f64,
}

impl Default for Norm {
    fn default() -> Self {
        Self { epsilon: 1e-5, momentum: 0.1 }
    }
}

/// The usual start of rectified networks: a variance of 2 over the outputs that a value takes part in (He et
/// al. 2015).
pub(crate) const HE_FAN_OUT: Initializer =
    Initializer::KaimingNormal { gain: std::f64::consts::SQRT_2, fan_out_only: true };

/// Values that an output of filters `[out, in / groups, k, k]` is made of, and outputs that a value is said
/// to take part in: `in / groups k k` and `out k k`.
///
/// As PyTorch counts them, from the shape alone, so that initial weights are those of the published code. For
/// grouped filters its second number is not what the words say: of filters for each of `C` channels it counts
/// all `C`, where a value takes part in `k k` outputs of its own channel.
pub(crate) fn fans(&[out, depth, height, width]: &[usize; 4]) -> [usize; 2] {
    [depth, out].map(|channels| channels * height * width)
}

impl<'a> Stack<'a> {
    /// Nothing yet, on images of this shape; convolutions start as in PyTorch.
    pub(crate) fn new(input: Shape, device: &'a Device) -> Self {
        Self { device, shape: input, multiply_accumulates: 0, convolutions: None, norm: Norm::default() }
    }

    /// The filters of the next convolutions are drawn so.
    pub(crate) fn with_convolutions(self, initializer: Initializer) -> Self {
        Self { convolutions: Some(initializer), ..self }
    }

    /// What is made here has filters that are drawn so, whatever those of the others are.
    pub(crate) fn drawn<T>(&mut self, initializer: Initializer, make: impl FnOnce(&mut Self) -> T) -> T {
        let others = self.convolutions.replace(initializer);
        let made = make(self);
        self.convolutions = others;
        made
    }

    /// The next batches are normalised so.
    pub(crate) fn with_norm(self, norm: Norm) -> Self {
        Self { norm, ..self }
    }

    pub(crate) fn device(&self) -> &'a Device {
        self.device
    }

    /// What the last layer gives for an image.
    pub(crate) fn shape(&self) -> Shape {
        self.shape
    }

    /// What all layers so far cost for an image.
    pub(crate) fn multiply_accumulates(&self) -> u64 {
        self.multiply_accumulates
    }

    /// A layer that sees what `input` is, and leaves the shape as it was: what goes around others.
    pub(crate) fn beside<T>(&mut self, input: Shape, layer: impl FnOnce(&mut Self) -> T) -> T {
        let after = std::mem::replace(&mut self.shape, input);
        let made = layer(self);
        self.shape = after;
        made
    }

    /// A convolution to so many channels.
    pub(crate) fn conv(&mut self, to: usize, filters: Filters, bias: bool) -> Conv2d {
        let from = self.shape;
        let mut conv = filters.conv(from.channels, to, bias, self.device);
        if let Some(initializer) = &self.convolutions {
            let shape = conv.weight.lazy_shape();
            let [fan_in, fan_out] = fans(&shape.dims());
            conv.weight = initializer.init_with(shape, Some(fan_in), Some(fan_out), self.device);
        }
        let across = |side| {
            positions(side, filters.kernel, filters.stride, filters.padding)
                .unwrap_or_else(|| panic!("{filters:?} have no position on images of {from:?}"))
        };
        self.shape = Shape { channels: to, height: across(from.height), width: across(from.width) };
        let reads = from.channels / filters.groups * filters.kernel * filters.kernel;
        self.multiply_accumulates += (self.shape.values() * reads) as u64;
        conv
    }

    /// A normalisation of what the last layer gives.
    pub(crate) fn batch_norm(&self) -> BatchNorm {
        BatchNormConfig::new(self.shape.channels)
            .with_epsilon(self.norm.epsilon)
            .with_momentum(self.norm.momentum)
            .init(self.device)
    }

    /// A slope for each channel of what the last layer gives.
    pub(crate) fn prelu(&self) -> PRelu {
        PReluConfig::new().with_num_parameters(self.shape.channels).init(self.device)
    }

    /// An activation of what the last layer gives.
    pub(crate) fn rectifier(&self, activation: Activation) -> Rectifier {
        match activation {
            Activation::Prelu => Rectifier::PRelu(self.prelu()),
            Activation::Relu => Rectifier::Relu(Relu),
            Activation::Relu6 => Rectifier::Relu6(Relu6),
        }
    }

    /// A convolution without bias, normalised, and activated if it is not linear.
    pub(crate) fn block(&mut self, to: usize, filters: Filters, activation: Option<Activation>) -> ConvBlock {
        let conv = self.conv(to, filters, false);
        ConvBlock {
            conv,
            bn: self.batch_norm(),
            prelu: activation.map(|activation| self.rectifier(activation)),
        }
    }

    /// A filter for each channel that sees all of it, normalised: what is left is one value for each channel.
    pub(crate) fn global_depthwise(&mut self) -> ConvBlock {
        let Shape { channels, height, .. } = self.shape;
        self.block(channels, Filters::same(height, 1).valid().depthwise(channels), None)
    }

    /// The mean, or another single value, of each channel.
    pub(crate) fn pooled(&mut self) {
        self.shape = Shape { height: 1, width: 1, ..self.shape };
    }

    /// Windows of 2 x 2, one beside the other; what is left over at the end of a side has its own.
    pub(crate) fn halved(&mut self) {
        let Shape { channels, height, width } = self.shape;
        self.shape = Shape { channels, height: height.div_ceil(2), width: width.div_ceil(2) };
    }

    /// Of the channels so many are left.
    pub(crate) fn narrowed(&mut self, channels: usize) {
        self.shape.channels = channels;
    }

    /// A product of all values of an image with a matrix.
    pub(crate) fn linear(&mut self, to: usize, bias: bool) -> Linear {
        let from = self.shape.values();
        self.shape = Shape { channels: to, height: 1, width: 1 };
        self.multiply_accumulates += (from * to) as u64;
        LinearConfig::new(from, to).with_bias(bias).init(self.device)
    }
}

/// The mean of each channel, `[N, C, H, W]` to `[N, C, 1, 1]`.
pub(crate) fn global_mean(images: Tensor<4>) -> Tensor<4> {
    images.mean_dim(3).mean_dim(2)
}

/// Channels of a network that is so many times as wide: a multiple of 8, and at least 8.
pub(crate) fn widened(channels: usize, width: f64) -> usize {
    if width == 1.0 { channels } else { ((channels as f64 * width / 8.0).round() as usize).max(1) * 8 }
}
