//! MiniFASNet: a pruned MobileFaceNet that tells live faces from attacks.
//!
//! minivision-ai/Silent-Face-Anti-Spoofing, whose names the parameters have. The published weights are read
//! with the prefix [`DATA_PARALLEL`](crate::weights::DATA_PARALLEL).

use burn::module::Module;
use burn::nn::{BatchNorm, Dropout, DropoutConfig, Linear};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::squeeze::SqueezeExcitation;
use super::stack::{Activation, ConvBlock, HE_FAN_OUT, Stack};
use super::{Shape, parameters, square, within};
use crate::layers::{self, Filters};

/// Which MiniFASNet. What is not named is as published.
///
/// | variant | parameters | multiply-accumulates |
/// |---|---|---|
/// | `v1` | 414,354 | 40.9 M |
/// | `v2` | 434,560 | 40.7 M |
/// | `v1se` | 433,586 | 40.9 M |
/// | `v2se` | 453,792 | 40.7 M |
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct MiniFasNetConfig {
    /// How the network was pruned.
    pub variant: MiniFasNetVariant,
    /// Height and width of the images, which are square.
    pub input: [usize; 2],
    /// Kinds of faces: live ones, and attacks.
    pub classes: usize,
    /// Share of the last features that is dropped, in training; else as published (0.2, and 0.75 with squeeze
    /// and excitation).
    pub dropout: Option<f64>,
}

/// How a MiniFASNet was pruned, and whether the last block of each stage weighs its channels.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "lowercase")]
pub enum MiniFasNetVariant {
    /// "1.8M".
    V1,
    /// "1.8M_": published for crops of 2.7 faces.
    #[default]
    V2,
    /// `V1` with squeeze and excitation by 4: published for crops of 4 faces.
    V1Se,
    /// `V2` with squeeze and excitation by 4.
    V2Se,
}

/// Channels of the expansion in each residual block of the three stages.
type Pruned = [&'static [usize]; 3];
const V1: Pruned = [&[13, 26, 13, 52], &[154, 52, 26, 52, 26, 26], &[26, 26]];
const V2: Pruned = [&[13, 13, 13, 13], &[231, 52, 26, 77, 26, 26], &[26, 26]];
/// Channels of the expansion in the first block of each stage, and of all its outputs.
const FIRST: [[usize; 2]; 3] = [[103, 64], [231, 128], [308, 128]];
/// Values before the classes.
const DIMENSION: usize = 128;

impl Default for MiniFasNetConfig {
    fn default() -> Self {
        Self { variant: MiniFasNetVariant::V2, input: [80, 80], classes: 3, dropout: None }
    }
}

impl MiniFasNetConfig {
    /// Whether such a network can be made.
    ///
    /// # Errors
    ///
    /// Names the field, and what it must be.
    pub fn check(&self) -> Result<(), String> {
        within("each side of input", self.input[0], 32..=512)?;
        square("minifasnet", self.input)?;
        within("classes", self.classes, 2..=100)?;
        within("dropout", self.dropout.unwrap_or_default(), 0.0..=0.9)
    }

    /// What the images must be.
    pub fn input(&self) -> Shape {
        Shape::rgb(self.input)
    }

    /// The network, with weights drawn from the seed of the device, in the order of the layers.
    ///
    /// The configuration must have passed [`check`](Self::check).
    pub fn init(&self, device: &Device) -> MiniFasNet {
        parameters::drawn(self.layers(device).0)
    }

    /// Products and sums for an image: of convolutions and matrices, without normalisation and activations.
    pub fn multiply_accumulates(&self) -> u64 {
        self.layers(&Device::flex()).1
    }

    /// Values that are learned, without running statistics.
    pub fn parameters(&self) -> u64 {
        parameters::count(&self.layers(&Device::flex()).0)
    }

    fn squeezes(&self) -> bool {
        matches!(self.variant, MiniFasNetVariant::V1Se | MiniFasNetVariant::V2Se)
    }

    /// The network, of which no weight is drawn yet, and its cost.
    fn layers(&self, device: &Device) -> (MiniFasNet, u64) {
        let mut stack = Stack::new(self.input(), device).with_convolutions(HE_FAN_OUT);
        let stack = &mut stack;
        let act = Some(Activation::Prelu);
        let pruned = match self.variant {
            MiniFasNetVariant::V1 | MiniFasNetVariant::V1Se => V1,
            MiniFasNetVariant::V2 | MiniFasNetVariant::V2Se => V2,
        };
        let conv1 = stack.block(32, Filters::same(3, 2), act);
        let conv2_dw = stack.block(32, Filters::same(3, 1).depthwise(32), act);
        let (conv_23, conv_3) = self.stage(stack, FIRST[0], pruned[0]);
        let (conv_34, conv_4) = self.stage(stack, FIRST[1], pruned[1]);
        let (conv_45, conv_5) = self.stage(stack, FIRST[2], pruned[2]);
        let conv_6_sep = stack.block(512, Filters::same(1, 1), act);
        let conv_6_dw = stack.global_depthwise();
        let linear = stack.linear(DIMENSION, false);
        let bn = stack.batch_norm();
        let share = self.dropout.unwrap_or(if self.squeezes() { 0.75 } else { 0.2 });
        let drop = DropoutConfig::new(share).init();
        let prob = stack.linear(self.classes, false);
        let net = MiniFasNet {
            conv1,
            conv2_dw,
            conv_23,
            conv_3,
            conv_34,
            conv_4,
            conv_45,
            conv_5,
            conv_6_sep,
            conv_6_dw,
            linear,
            bn,
            drop,
            prob,
        };
        (net, stack.multiply_accumulates())
    }

    /// A block that halves the sides, and residual ones.
    fn stage(&self, stack: &mut Stack, first: [usize; 2], inner: &[usize]) -> (Depthwise, Residuals) {
        let [expansion, to] = first;
        let down = Depthwise::new(stack, expansion, to, 2, false);
        let last = inner.len() - 1;
        let block =
            |(number, &expansion)| Depthwise::new(stack, expansion, to, 1, self.squeezes() && number == last);
        (down, Residuals { model: inner.iter().enumerate().map(block).collect() })
    }
}

/// A MiniFASNet with its weights.
#[derive(Module, Debug)]
pub struct MiniFasNet {
    conv1: ConvBlock,
    conv2_dw: ConvBlock,
    conv_23: Depthwise,
    conv_3: Residuals,
    conv_34: Depthwise,
    conv_4: Residuals,
    conv_45: Depthwise,
    conv_5: Residuals,
    conv_6_sep: ConvBlock,
    conv_6_dw: ConvBlock,
    linear: Linear,
    bn: BatchNorm,
    drop: Dropout,
    prob: Linear,
}

impl MiniFasNet {
    /// Logits `[N, classes]` of images `[N, 3, H, W]` with the channels blue, green, red, which are 0..255.
    ///
    /// In the published weights class 1 is a live face; 0 and 2 are kinds of attacks.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        self.forward_with_features(images).0
    }

    /// Logits, and the features `[N, 128, H / 8, W / 8]` from which a head tells the Fourier transform of the
    /// image, in training.
    pub fn forward_with_features(&self, images: Tensor<4>) -> (Tensor<2>, Tensor<4>) {
        let x = self.conv2_dw.forward(self.conv1.forward(images));
        let x = self.conv_3.forward(self.conv_23.forward(x));
        let features = self.conv_4.forward(self.conv_34.forward(x));
        let x = self.conv_5.forward(self.conv_45.forward(features.clone()));
        let x = self.conv_6_dw.forward(self.conv_6_sep.forward(x));
        let x = layers::batch_norm(&self.bn, self.linear.forward(x.flatten::<2>(1, 3)));
        (self.prob.forward(self.drop.forward(x)), features)
    }
}

/// Convolutions with another number of channels in the middle: 1 x 1, a filter for each channel, and a linear
/// 1 x 1.
#[derive(Module, Debug)]
struct Depthwise {
    conv: ConvBlock,
    conv_dw: ConvBlock,
    project: ConvBlock,
    se_module: Option<SqueezeExcitation>,
}

impl Depthwise {
    fn new(stack: &mut Stack, expansion: usize, to: usize, stride: usize, squeezes: bool) -> Self {
        let act = Some(Activation::Prelu);
        Self {
            conv: stack.block(expansion, Filters::same(1, 1), act),
            conv_dw: stack.block(expansion, Filters::same(3, stride).depthwise(expansion), act),
            project: stack.block(to, Filters::same(1, 1), None),
            se_module: squeezes.then(|| SqueezeExcitation::new(stack, 4, true)),
        }
    }

    fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        let x = self.project.forward(self.conv_dw.forward(self.conv.forward(images)));
        match &self.se_module {
            Some(squeeze) => squeeze.forward(x),
            None => x,
        }
    }
}

/// Blocks with what goes around them.
#[derive(Module, Debug)]
struct Residuals {
    model: Vec<Depthwise>,
}

impl Residuals {
    fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        self.model.iter().fold(images, |x, block| layers::add(block.forward(x.clone()), x))
    }
}
