//! IResNet: residual networks for faces with normalisation first and no activation after the addition.
//!
//! Duta et al., "Improved residual networks", and Deng et al., "ArcFace" (arXiv:1801.07698, "IR-E"). Names of
//! the parameters are those of InsightFace's `iresnet.py`.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{BatchNorm, Dropout, DropoutConfig, Initializer, Linear, PRelu};
use burn::tensor::Tensor;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use serde::{Deserialize, Serialize};

use super::squeeze::SqueezeExcitation;
use super::stack::{ConvBlock, HE_FAN_OUT, Norm, Stack, global_mean, widened};
use super::{Architecture, Backbone, Shape, Size, among, square, within};
use crate::layers::{self, Filters};

/// Which IResNet. What is not named is as in InsightFace.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct IResNetConfig {
    /// 18, 34, 50, 100 or 200 layers.
    pub depth: usize,
    /// Height and width of the images.
    pub input: [usize; 2],
    /// Times as many channels as the published network, which has 64 to 512.
    pub width: f64,
    /// Values of an embedding.
    pub dimension: usize,
    /// From the last features to the embedding.
    pub head: IResNetHead,
    /// Share of the features that is dropped before the last matrix, in training.
    pub dropout: f64,
    /// Drop whole channels.
    pub drop_channels: bool,
    /// Weigh the channels of each block (squeeze and excitation by 16).
    pub squeeze_excitation: bool,
    /// Added to the variance by normalisation.
    pub epsilon: f64,
    /// Share of the new batch in the running statistics: 0.1 is what MXNet calls 0.9.
    pub momentum: f64,
    /// What the last normalisation learns.
    pub last_norm: LastNorm,
    /// What goes around the first block, which has as many channels in as out.
    pub first_shortcut: FirstShortcut,
    /// How filters are drawn.
    pub filters: FilterStart,
}

/// From the last features to the embedding, as InsightFace's first (MXNet) networks have them. Each ends with
/// a matrix and a normalisation.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "lowercase")]
pub enum IResNetHead {
    /// Normalisation, dropout, all values.
    #[default]
    E,
    /// Normalisation, slopes, the mean of each channel.
    Gap,
    /// A filter for each channel that sees all of it. Images must be square.
    Gdc,
}

/// What the last normalisation learns.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "lowercase")]
pub enum LastNorm {
    /// The mean alone; the scale stays 1 (InsightFace).
    #[default]
    Mean,
    /// The mean and the scale (MagFace).
    Both,
    /// Neither (AdaFace).
    None,
}

/// What goes around the first block, which has as many channels in as out.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "lowercase")]
pub enum FirstShortcut {
    /// A convolution, as around the first blocks of the other stages.
    #[default]
    Conv,
    /// Every other pixel (face.evoLVe and what comes from it: AdaFace, CurricularFace).
    Skip,
}

/// How filters are drawn.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "lowercase")]
pub enum FilterStart {
    /// Deviation 0.1 for all (InsightFace).
    #[default]
    Normal,
    /// By the outputs that a value takes part in (He et al. 2015).
    He,
}

impl Default for IResNetConfig {
    fn default() -> Self {
        Self {
            depth: 50,
            input: [112, 112],
            width: 1.0,
            dimension: 512,
            head: IResNetHead::E,
            dropout: 0.0,
            drop_channels: false,
            squeeze_excitation: false,
            epsilon: 1e-5,
            momentum: 0.1,
            last_norm: LastNorm::Mean,
            first_shortcut: FirstShortcut::Conv,
            filters: FilterStart::Normal,
        }
    }
}

impl IResNetConfig {
    /// As InsightFace trains it.
    pub fn insightface(depth: usize) -> Self {
        Self { depth, ..Self::default() }
    }

    /// As MagFace trains it.
    pub fn magface(depth: usize) -> Self {
        Self {
            depth,
            dropout: 0.4,
            drop_channels: true,
            epsilon: 2e-5,
            momentum: 0.9,
            last_norm: LastNorm::Both,
            filters: FilterStart::He,
            ..Self::default()
        }
    }

    /// As AdaFace trains it, up to 100 layers.
    pub fn adaface(depth: usize) -> Self {
        Self {
            depth,
            dropout: 0.4,
            last_norm: LastNorm::None,
            first_shortcut: FirstShortcut::Skip,
            filters: FilterStart::He,
            ..Self::default()
        }
    }
}

/// Blocks of each of the four stages, by the number of layers.
const BLOCKS: [(usize, [usize; 4]); 5] = [
    (18, [2, 2, 2, 2]),
    (34, [3, 4, 6, 3]),
    (50, [3, 4, 14, 3]),
    (100, [3, 13, 30, 3]),
    (200, [6, 26, 60, 6]),
];

impl Architecture for IResNetConfig {
    fn size(&self) -> Size {
        Size { input: Shape::rgb(self.input), width: self.width, dimension: self.dimension }
    }

    fn check(&self) -> Result<(), String> {
        among("depth", self.depth, &BLOCKS.map(|(depth, _)| depth))?;
        within("dropout", self.dropout, 0.0..=0.9)?;
        within("epsilon", self.epsilon, 1e-8..=0.1)?;
        within("momentum", self.momentum, 0.001..=1.0)?;
        if self.head == IResNetHead::Gdc { square("the head gdc", self.input) } else { Ok(()) }
    }

    fn layers(&self, stack: Stack) -> (Backbone, u64) {
        let filters = match self.filters {
            FilterStart::Normal => Initializer::Normal { mean: 0.0, std: 0.1 },
            FilterStart::He => HE_FAN_OUT,
        };
        let norm = Norm { epsilon: self.epsilon, momentum: self.momentum };
        let mut stack = stack.with_convolutions(filters).with_norm(norm);
        let conv1 = stack.conv(widened(64, self.width), Filters::same(3, 1), false);
        let (bn1, prelu) = (stack.batch_norm(), stack.prelu());
        let counts =
            BLOCKS.iter().find(|(depth, _)| *depth == self.depth).map_or([0; 4], |(_, counts)| *counts);
        let [layer1, layer2, layer3, layer4] = [0, 1, 2, 3].map(|stage| {
            let channels = widened(64 << stage, self.width);
            (0..counts[stage]).map(|block| self.block(&mut stack, channels, stage, block)).collect()
        });
        let bn2 = (self.head != IResNetHead::Gdc).then(|| stack.batch_norm());
        let gdc = (self.head == IResNetHead::Gdc).then(|| stack.global_depthwise());
        let prelu2 = (self.head == IResNetHead::Gap).then(|| stack.prelu());
        if self.head == IResNetHead::Gap {
            stack.pooled();
        }
        let fc = stack.linear(self.dimension, true);
        let mut features = stack.batch_norm();
        // A scale of the embedding would be undone by the loss, which sees directions.
        features.gamma = features.gamma.set_require_grad(self.last_norm == LastNorm::Both);
        features.beta = features.beta.set_require_grad(self.last_norm != LastNorm::None);
        let dropout = DropoutConfig::new(self.dropout).init();
        let drop_channels = self.drop_channels;
        let net = IResNet {
            conv1,
            bn1,
            prelu,
            layer1,
            layer2,
            layer3,
            layer4,
            bn2,
            prelu2,
            gdc,
            dropout,
            drop_channels,
            fc,
            features,
        };
        (Backbone::IResNet(net), stack.multiply_accumulates())
    }
}

impl IResNetConfig {
    fn block(&self, stack: &mut Stack, channels: usize, stage: usize, number: usize) -> Block {
        let images = stack.shape();
        let stride = if number == 0 { 2 } else { 1 };
        let bn1 = stack.batch_norm();
        let conv1 = stack.conv(channels, Filters::same(3, 1), false);
        let (bn2, prelu) = (stack.batch_norm(), stack.prelu());
        // The stride is in the second convolution.
        let conv2 = stack.conv(channels, Filters::same(3, stride), false);
        let bn3 = stack.batch_norm();
        let se = self.squeeze_excitation.then(|| SqueezeExcitation::new(stack, 16, false));
        let skips = stage == 0 && self.first_shortcut == FirstShortcut::Skip;
        let downsample = (number == 0 && !skips).then(|| {
            stack.beside(images, |stack| {
                let conv = stack.conv(channels, Filters::same(1, stride), false);
                (conv, stack.batch_norm())
            })
        });
        Block { bn1, conv1, bn2, prelu, conv2, bn3, se, downsample, stride }
    }
}

/// An IResNet with its weights.
#[derive(Module, Debug)]
pub struct IResNet {
    conv1: Conv2d,
    bn1: BatchNorm,
    prelu: PRelu,
    layer1: Vec<Block>,
    layer2: Vec<Block>,
    layer3: Vec<Block>,
    layer4: Vec<Block>,
    bn2: Option<BatchNorm>,
    prelu2: Option<PRelu>,
    gdc: Option<ConvBlock>,
    dropout: Dropout,
    drop_channels: bool,
    fc: Linear,
    features: BatchNorm,
}

impl IResNet {
    /// Embeddings `[N, d]` of images `[N, 3, H, W]`, which are (value - 127.5) / 127.5.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = layers::batch_norm(&self.bn1, layers::conv(&self.conv1, images));
        let mut x = layers::prelu(&self.prelu, x);
        for block in [&self.layer1, &self.layer2, &self.layer3, &self.layer4].into_iter().flatten() {
            x = block.forward(x);
        }
        if let Some(norm) = &self.bn2 {
            x = layers::batch_norm(norm, x);
        }
        if let Some(gdc) = &self.gdc {
            x = gdc.forward(x);
        }
        if let Some(slopes) = &self.prelu2 {
            x = global_mean(layers::prelu(slopes, x));
        }
        let x = self.fc.forward(self.dropped(x).flatten::<2>(1, 3));
        layers::batch_norm(&self.features, x)
    }

    pub(super) fn dropped(&self, features: Tensor<4>) -> Tensor<4> {
        if !self.drop_channels || !features.device().is_autodiff() {
            return self.dropout.forward(features);
        }
        let [count, channels, ..] = features.dims();
        let kept = self.dropout.forward(Tensor::ones([count, channels, 1, 1], &features.device()));
        features * kept
    }
}

/// Two convolutions, and what goes around them.
#[derive(Module, Debug)]
struct Block {
    bn1: BatchNorm,
    conv1: Conv2d,
    bn2: BatchNorm,
    prelu: PRelu,
    conv2: Conv2d,
    bn3: BatchNorm,
    se: Option<SqueezeExcitation>,
    downsample: Option<(Conv2d, BatchNorm)>,
    stride: usize,
}

impl Block {
    fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        let x = layers::conv(&self.conv1, layers::batch_norm(&self.bn1, images.clone()));
        let x = layers::prelu(&self.prelu, layers::batch_norm(&self.bn2, x));
        let x = layers::batch_norm(&self.bn3, layers::conv(&self.conv2, x));
        let x = match &self.se {
            Some(se) => se.forward(x),
            None => x,
        };
        let beside = match &self.downsample {
            Some((conv, norm)) => layers::batch_norm(norm, layers::conv(conv, images)),
            None if self.stride > 1 => {
                max_pool2d(images, MaxPoolOptions::new([1, 1]).with_stride([self.stride; 2]))
            }
            None => images,
        };
        layers::add(x, beside)
    }
}
