//! SphereFace's networks: plain residual units without any normalisation.
//!
//! Liu et al., "SphereFace", CVPR 2017, and its published definitions. Without normalisation they learn only
//! because filters start small and biases of the units stay 0.

use burn::module::{Module, Param};
use burn::nn::conv::Conv2d;
use burn::nn::{Initializer, Linear, PRelu};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::stack::{Stack, widened};
use super::{Architecture, Backbone, Shape, Size, among};
use crate::layers::{self, Filters};

/// Which of SphereFace's networks. What is not named is as published, with 20 layers.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct SphereFaceConfig {
    /// 4, 10, 20, 36 or 64 layers.
    pub depth: usize,
    /// Height and width of the images.
    pub input: [usize; 2],
    /// Times as many channels as the published network, which has 64 to 512.
    pub width: f64,
    /// Values of an embedding.
    pub dimension: usize,
}

impl Default for SphereFaceConfig {
    fn default() -> Self {
        Self { depth: 20, input: [112, 96], width: 1.0, dimension: 512 }
    }
}

/// Residual units of each of the four stages, by the number of layers.
const UNITS: [(usize, [usize; 4]); 5] =
    [(4, [0, 0, 0, 0]), (10, [0, 1, 2, 0]), (20, [1, 2, 4, 1]), (36, [1, 4, 8, 2]), (64, [3, 8, 16, 3])];

impl Architecture for SphereFaceConfig {
    fn size(&self) -> Size {
        Size { input: Shape::rgb(self.input), width: self.width, dimension: self.dimension }
    }

    fn check(&self) -> Result<(), String> {
        among("depth", self.depth, &UNITS.map(|(depth, _)| depth))
    }

    fn layers(&self, mut stack: Stack) -> (Backbone, u64) {
        let units = UNITS.iter().find(|(depth, _)| *depth == self.depth).map_or([0; 4], |(_, units)| *units);
        let [layer1, layer2, layer3, layer4] = [0, 1, 2, 3].map(|stage| {
            let down = unit(&mut stack, widened(64 << stage, self.width), 2, Start::Xavier);
            let unit = |stack: &mut Stack| unit(stack, stack.shape().channels, 1, Start::Small);
            Stage { down, units: (0..units[stage]).map(|_| [unit(&mut stack), unit(&mut stack)]).collect() }
        });
        let mut fc5 = stack.linear(self.dimension, true);
        let [values, _] = fc5.weight.lazy_shape().dims();
        fc5.weight = xavier(values).init(fc5.weight.lazy_shape(), stack.device());
        fc5.bias = Some(Initializer::Zeros.init([self.dimension], stack.device()));
        let net = SphereFace { layer1, layer2, layer3, layer4, fc5 };
        (Backbone::SphereFace(net), stack.multiply_accumulates())
    }
}

/// Caffe's "xavier": uniform, with a variance of 1 over the values that are read.
fn xavier(reads: usize) -> Initializer {
    let most = (3.0 / reads as f64).sqrt();
    Initializer::Uniform { min: -most, max: most }
}

/// How a convolution starts.
#[derive(Clone, Copy, PartialEq)]
enum Start {
    /// The first of a stage; its bias is learned (at twice the rate, where it was published).
    Xavier,
    /// Within a unit: deviation 0.01, and a bias that stays 0.
    Small,
}

fn unit(stack: &mut Stack, to: usize, stride: usize, start: Start) -> Unit {
    let reads = stack.shape().channels * 9;
    let mut conv = stack.conv(to, Filters::same(3, stride), true);
    let initializer = match start {
        Start::Xavier => xavier(reads),
        Start::Small => Initializer::Normal { mean: 0.0, std: 0.01 },
    };
    conv.weight = initializer.init(conv.weight.lazy_shape(), stack.device());
    let bias: Param<Tensor<1>> = Initializer::Zeros.init([to], stack.device());
    conv.bias = Some(bias.set_require_grad(start == Start::Xavier));
    Unit { conv, relu: stack.prelu() }
}

/// One of SphereFace's networks with its weights.
#[derive(Module, Debug)]
pub struct SphereFace {
    layer1: Stage,
    layer2: Stage,
    layer3: Stage,
    layer4: Stage,
    fc5: Linear,
}

impl SphereFace {
    /// Embeddings `[N, d]` of images `[N, 3, H, W]`, which are (value - 127.5) / 128.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let stages = [&self.layer1, &self.layer2, &self.layer3, &self.layer4];
        let x = stages.into_iter().fold(images, |x, stage| stage.forward(x));
        self.fc5.forward(x.flatten(1, 3))
    }
}

/// A convolution that halves the sides, and residual units of two.
#[derive(Module, Debug)]
struct Stage {
    down: Unit,
    units: Vec<[Unit; 2]>,
}

impl Stage {
    fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        // The rectifier comes before the addition, and none after it.
        let residual = |x: Tensor<4>, [first, second]: &[Unit; 2]| {
            layers::add(second.forward(first.forward(x.clone())), x)
        };
        self.units.iter().fold(self.down.forward(images), residual)
    }
}

/// A convolution and its rectifier.
#[derive(Module, Debug)]
struct Unit {
    conv: Conv2d,
    relu: PRelu,
}

impl Unit {
    fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        layers::prelu(&self.relu, layers::conv(&self.conv, images))
    }
}
