//! MobileFaceNet: inverted residuals, and a filter for each channel in the place of the mean.
//!
//! Chen et al., arXiv:1804.07573, table 1. Names of the parameters are those of the usual PyTorch port
//! (Xiaoccer/MobileFaceNet_Pytorch).

use burn::module::Module;
use burn::nn::BatchNorm;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::stack::{Activation, ConvBlock, HE_FAN_OUT, Norm, Rectifier, Stack, global_mean, widened};
use super::{Architecture, Backbone, Shape, Size, square, within};
use crate::layers::{self, Filters};

/// Which MobileFaceNet. What is not named is as in the paper.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct MobileFaceNetConfig {
    /// Height and width of the images.
    pub input: [usize; 2],
    /// Times as many channels as in the paper, except those of the embedding.
    pub width: f64,
    /// Values of an embedding.
    pub dimension: usize,
    /// What follows convolutions that are not linear.
    pub activation: Activation,
    /// How the last features become one value for each channel.
    pub head: MobileFaceNetHead,
    /// Added to the variance by normalisation.
    pub epsilon: f64,
    /// Share of the new batch in the running statistics.
    pub momentum: f64,
}

/// How the last features become one value for each channel.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "lowercase")]
pub enum MobileFaceNetHead {
    /// A filter for each channel that sees all of it. Images must be square.
    #[default]
    Gdc,
    /// The mean of each channel.
    Gap,
}

/// Expansion, channels, how many, and the stride of the first (table 1 of the paper).
const BOTTLENECKS: [[usize; 4]; 5] =
    [[2, 64, 5, 2], [4, 128, 1, 2], [2, 128, 6, 1], [4, 128, 1, 2], [2, 128, 2, 1]];

impl Default for MobileFaceNetConfig {
    fn default() -> Self {
        Self {
            input: [112, 112],
            width: 1.0,
            dimension: 128,
            activation: Activation::Prelu,
            head: MobileFaceNetHead::Gdc,
            epsilon: 1e-5,
            momentum: 0.1,
        }
    }
}

impl Architecture for MobileFaceNetConfig {
    fn size(&self) -> Size {
        Size { input: Shape::rgb(self.input), width: self.width, dimension: self.dimension }
    }

    fn check(&self) -> Result<(), String> {
        within("epsilon", self.epsilon, 1e-8..=0.1)?;
        within("momentum", self.momentum, 0.001..=1.0)?;
        if self.head == MobileFaceNetHead::Gdc { square("the head gdc", self.input) } else { Ok(()) }
    }

    fn layers(&self, stack: Stack) -> (Backbone, u64) {
        let norm = Norm { epsilon: self.epsilon, momentum: self.momentum };
        let mut stack = stack.with_convolutions(HE_FAN_OUT).with_norm(norm);
        let act = Some(self.activation);
        let wide = |channels| widened(channels, self.width);
        let conv1 = stack.block(wide(64), Filters::same(3, 2), act);
        let dw_conv1 = stack.block(wide(64), Filters::same(3, 1).depthwise(wide(64)), act);
        let rows = BOTTLENECKS.iter().flat_map(|&[expansion, channels, count, stride]| {
            (0..count).map(move |number| (expansion, channels, if number == 0 { stride } else { 1 }))
        });
        let blocks = rows
            .map(|(expansion, to, stride)| self.bottleneck(&mut stack, expansion, wide(to), stride))
            .collect();
        let conv2 = stack.block(wide(512), Filters::same(1, 1), act);
        let linear7 = (self.head == MobileFaceNetHead::Gdc).then(|| stack.global_depthwise());
        stack.pooled();
        let linear1 = stack.block(self.dimension, Filters::same(1, 1), None);
        let net = MobileFaceNet { conv1, dw_conv1, blocks, conv2, linear7, linear1 };
        (Backbone::MobileFaceNet(net), stack.multiply_accumulates())
    }
}

impl MobileFaceNetConfig {
    fn bottleneck(&self, stack: &mut Stack, expansion: usize, to: usize, stride: usize) -> Bottleneck {
        let images = stack.shape();
        let inner = images.channels * expansion;
        let expand = stack.conv(inner, Filters::same(1, 1), false);
        let first = (stack.batch_norm(), stack.rectifier(self.activation));
        let depthwise = stack.conv(inner, Filters::same(3, stride).depthwise(inner), false);
        let second = (stack.batch_norm(), stack.rectifier(self.activation));
        let project = stack.conv(to, Filters::same(1, 1), false);
        let conv = (expand, first.0, first.1, depthwise, second.0, second.1, project, stack.batch_norm());
        Bottleneck { conv, connect: stack.shape() == images }
    }
}

/// A MobileFaceNet with its weights.
#[derive(Module, Debug)]
pub struct MobileFaceNet {
    conv1: ConvBlock,
    dw_conv1: ConvBlock,
    blocks: Vec<Bottleneck>,
    conv2: ConvBlock,
    linear7: Option<ConvBlock>,
    linear1: ConvBlock,
}

impl MobileFaceNet {
    /// Embeddings `[N, d]` of images `[N, 3, H, W]`, which are (value - 127.5) / 128.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = self.dw_conv1.forward(self.conv1.forward(images));
        let x = self.blocks.iter().fold(x, |x, block| block.forward(x));
        let x = self.conv2.forward(x);
        let x = match &self.linear7 {
            Some(global) => global.forward(x),
            None => global_mean(x),
        };
        self.linear1.forward(x).flatten(1, 3)
    }
}

/// Convolutions with more channels in the middle: 1 x 1, a filter for each channel, and a linear 1 x 1.
///
/// A tuple, because the published parameters have numbers in the place of names.
#[derive(Module, Debug)]
struct Bottleneck {
    conv: (Conv2d, BatchNorm, Rectifier, Conv2d, BatchNorm, Rectifier, Conv2d, BatchNorm),
    connect: bool,
}

impl Bottleneck {
    fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        let (expand, bn1, act1, depthwise, bn2, act2, project, bn3) = &self.conv;
        let x = act1.forward(layers::batch_norm(bn1, layers::conv(expand, images.clone())));
        let x = act2.forward(layers::batch_norm(bn2, layers::conv(depthwise, x)));
        let x = layers::batch_norm(bn3, layers::conv(project, x));
        if self.connect { layers::add(x, images) } else { x }
    }
}
