//! YuNet: a detector of 50,000 to 76,000 parameters.
//!
//! Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence Research 20(5),
//! 2023. Names of the parameters are those of ShiqiYu/libfacedetection.train.

use burn::module::Module;
use burn::nn::BatchNorm;
use burn::nn::Initializer;
use burn::nn::conv::Conv2d;
use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::{Cell, Predictions};
use crate::backbones::stack::Stack;
use crate::backbones::{Shape, parameters};
use crate::layers::{self, Filters};

/// Which YuNet.
///
/// | size | parameters | multiply-accumulates at 320 x 320 |
/// |---|---|---|
/// | `n` | 75,856 | 136 M |
/// | `s` | 54,608 | 86 M |
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct YuNetConfig {
    /// How large it is.
    pub size: YuNetSize,
    /// Height and width of the images, in multiples of 32.
    pub input: [usize; 2],
}

/// How large a YuNet is.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "lowercase")]
pub enum YuNetSize {
    /// Finds small faces better.
    #[default]
    N,
    /// The faster one, which OpenCV has.
    S,
}

/// Pixels between the cells of each level.
const STRIDES: [usize; 3] = [8, 16, 32];
/// Channels of the features that cells are told from.
const CHANNELS: usize = 64;

impl Default for YuNetConfig {
    fn default() -> Self {
        Self { size: YuNetSize::N, input: [640, 640] }
    }
}

impl YuNetConfig {
    /// Whether such a network can be made.
    ///
    /// # Errors
    ///
    /// Names the field, and what it must be.
    pub fn check(&self) -> Result<(), String> {
        match self.input.into_iter().find(|side| side % 32 != 0 || !(32..=2048).contains(side)) {
            Some(side) => {
                Err(format!("each side of input must be a multiple of 32 within 32..2048, not {side}"))
            }
            None => Ok(()),
        }
    }

    /// What the images must be.
    pub fn input(&self) -> Shape {
        Shape::rgb(self.input)
    }

    /// The network, with weights drawn from the seed of the device, in the order of the layers.
    ///
    /// The configuration must have passed [`check`](Self::check).
    pub fn init(&self, device: &Device) -> YuNet {
        parameters::drawn(self.layers(device).0)
    }

    /// Products and sums for an image: of convolutions, without normalisation and activations.
    pub fn multiply_accumulates(&self) -> u64 {
        self.layers(&Device::flex()).1
    }

    /// Values that are learned, without running statistics.
    pub fn parameters(&self) -> u64 {
        parameters::count(&self.layers(&Device::flex()).0)
    }

    /// The network, of which no weight is drawn yet, and its cost.
    fn layers(&self, device: &Device) -> (YuNet, u64) {
        let mut stack =
            Stack::new(self.input(), device).with_convolutions(Initializer::XavierNormal { gain: 1.0 });
        let stack = &mut stack;
        let [first, second] = match self.size {
            YuNetSize::N => [64, 64],
            YuNetSize::S => [32, 64],
        };
        let conv1 = conv(stack, 16, Filters::same(3, 2));
        let model0 = First { conv1, bn1: stack.batch_norm(), conv2: Unit::new(stack, 16, true) };
        stack.halved();
        let model1 = Pair::new(stack, first);
        let model2 = Pair::new(stack, second);
        stack.halved();
        let mut levels = [stack.shape(); 3];
        let mut level = |stack: &mut Stack, at: usize| {
            let pair = Pair::new(stack, CHANNELS);
            levels[at] = stack.shape();
            stack.halved();
            pair
        };
        let (model3, model4, model5) = (level(stack, 0), level(stack, 1), level(stack, 2));
        let backbone = YuNetBackbone { model0, model1, model2, model3, model4, model5 };
        let mut each = |to: usize, activated: bool| -> Vec<Unit> {
            levels.iter().map(|level| stack.beside(*level, |stack| Unit::new(stack, to, activated))).collect()
        };
        let neck = Neck { lateral_convs: each(CHANNELS, true) };
        let shared = if self.size == YuNetSize::N { each(CHANNELS, true) } else { Vec::new() };
        let bbox_head = Head {
            multi_level_share_convs: shared.into_iter().map(|unit| vec![unit]).collect(),
            multi_level_cls: each(1, false),
            multi_level_bbox: each(4, false),
            multi_level_obj: each(1, false),
            multi_level_kps: each(10, false),
        };
        (YuNet { backbone, neck, bbox_head }, stack.multiply_accumulates())
    }
}

/// A convolution with a bias that starts as the published ones do.
fn conv(stack: &mut Stack, to: usize, filters: Filters) -> Conv2d {
    let mut conv = stack.conv(to, filters, true);
    conv.bias = Some(Initializer::Constant { value: 0.02 }.init([to], stack.device()));
    conv
}

/// A YuNet with its weights.
#[derive(Module, Debug)]
pub struct YuNet {
    backbone: YuNetBackbone,
    neck: Neck,
    bbox_head: Head,
}

impl YuNet {
    /// What each cell sees in images `[N, 3, H, W]` with the channels blue, green, red, which are 0..255. `H`
    /// and `W` are multiples of 32.
    pub fn forward(&self, images: Tensor<4>) -> Predictions {
        let [count, _, height, width] = images.dims();
        let features = self.neck.forward(self.backbone.forward(images));
        let features = self.bbox_head.shared(features);
        let told = |units: &[Unit]| {
            let levels = features.iter().zip(units).map(|(x, unit)| {
                let x = unit.forward(x.clone());
                let [_, values, rows, columns] = x.dims();
                x.reshape([count, values, rows * columns]).swap_dims(1, 2)
            });
            Tensor::cat(levels.collect(), 1)
        };
        let cells = STRIDES.iter().flat_map(|&stride| Cell::grid(stride, height / stride, width / stride));
        Predictions {
            classes: told(&self.bbox_head.multi_level_cls).squeeze_dim(2),
            objects: told(&self.bbox_head.multi_level_obj).squeeze_dim(2),
            boxes: told(&self.bbox_head.multi_level_bbox),
            points: told(&self.bbox_head.multi_level_kps),
            cells: cells.collect(),
        }
    }
}

#[derive(Module, Debug)]
struct YuNetBackbone {
    model0: First,
    model1: Pair,
    model2: Pair,
    model3: Pair,
    model4: Pair,
    model5: Pair,
}

impl YuNetBackbone {
    /// Features at an eighth, a sixteenth and a thirty-second of the sides.
    fn forward(&self, images: Tensor<4>) -> [Tensor<4>; 3] {
        let x = self.model1.forward(layers::halved(self.model0.forward(images)));
        let eighth = self.model3.forward(layers::halved(self.model2.forward(x)));
        let sixteenth = self.model4.forward(layers::halved(eighth.clone()));
        let least = self.model5.forward(layers::halved(sixteenth.clone()));
        [eighth, sixteenth, least]
    }
}

/// A pyramid from the coarsest features down.
#[derive(Module, Debug)]
struct Neck {
    lateral_convs: Vec<Unit>,
}

impl Neck {
    fn forward(&self, [eighth, sixteenth, least]: [Tensor<4>; 3]) -> [Tensor<4>; 3] {
        let least = self.lateral_convs[2].forward(least);
        let sixteenth = self.lateral_convs[1].forward(layers::add(sixteenth, doubled(least.clone())));
        let eighth = self.lateral_convs[0].forward(layers::add(eighth, doubled(sixteenth.clone())));
        [eighth, sixteenth, least]
    }
}

/// Each value 2 x 2 times.
fn doubled(images: Tensor<4>) -> Tensor<4> {
    interpolate(images, InterpolateOptions::new(InterpolateMode::Nearest).with_scale_factor([2.0, 2.0]))
}

#[derive(Module, Debug)]
struct Head {
    multi_level_share_convs: Vec<Vec<Unit>>,
    multi_level_cls: Vec<Unit>,
    multi_level_bbox: Vec<Unit>,
    multi_level_obj: Vec<Unit>,
    multi_level_kps: Vec<Unit>,
}

impl Head {
    fn shared(&self, features: [Tensor<4>; 3]) -> Vec<Tensor<4>> {
        let level = |(at, x): (usize, Tensor<4>)| {
            let units = self.multi_level_share_convs.get(at).into_iter().flatten();
            units.fold(x, |x, unit| unit.forward(x))
        };
        features.into_iter().enumerate().map(level).collect()
    }
}

/// The first layers, which see the image.
#[derive(Module, Debug)]
struct First {
    conv1: Conv2d,
    bn1: BatchNorm,
    conv2: Unit,
}

impl First {
    fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        let x = layers::batch_norm(&self.bn1, layers::conv(&self.conv1, images));
        self.conv2.forward(layers::relu(x))
    }
}

#[derive(Module, Debug)]
struct Pair {
    conv1: Unit,
    conv2: Unit,
}

impl Pair {
    fn new(stack: &mut Stack, to: usize) -> Self {
        let same = stack.shape().channels;
        Self { conv1: Unit::new(stack, same, true), conv2: Unit::new(stack, to, true) }
    }

    fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        self.conv2.forward(self.conv1.forward(images))
    }
}

/// A convolution 1 x 1 and then a filter for each channel, both with a bias and nothing between them.
#[derive(Module, Debug)]
struct Unit {
    conv1: Conv2d,
    conv2: Conv2d,
    bn: Option<BatchNorm>,
}

impl Unit {
    fn new(stack: &mut Stack, to: usize, activated: bool) -> Self {
        let conv1 = conv(stack, to, Filters::same(1, 1));
        let conv2 = conv(stack, to, Filters::same(3, 1).depthwise(to));
        Self { conv1, conv2, bn: activated.then(|| stack.batch_norm()) }
    }

    fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        let x = layers::conv(&self.conv2, layers::conv(&self.conv1, images));
        match &self.bn {
            Some(norm) => layers::relu(layers::batch_norm(norm, x)),
            None => x,
        }
    }
}
