//! Light CNN: of two maps the larger value is kept, in the place of a rectifier.
//!
//! Wu et al., arXiv:1511.02683, and AlfredXiangWu/LightCNN, whose names the parameters of 29 layers have. The
//! network of 9 layers is the same without its residual blocks; [`LIGHT_CNN_9`] says how its parameters are
//! called there.
//!
//! Nothing is normalised within, so that the variance of maps has to last from the first layer to the
//! embedding: filters outside of residual blocks start with the deviation that keeps it. The published code
//! leaves this to PyTorch, with a third of that variance in each layer; after nine of them all images point
//! the same way, and a loss of cosines does not begin to fall.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{Dropout, DropoutConfig, Initializer, Linear};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::stack::{Stack, widened};
use super::{Architecture, Backbone, Shape, Size, among, within};
use crate::layers::{self, Filters};

/// Which Light CNN. What is not named is as published, with 9 layers.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct LightCnnConfig {
    /// 9 or 29 layers.
    pub depth: usize,
    /// Height and width of the images.
    pub input: [usize; 2],
    /// 1, grey images, as published, or 3 for images in colour.
    pub channels: usize,
    /// Times as many channels as the published network, which has 48 to 192.
    pub width: f64,
    /// Values of an embedding.
    pub dimension: usize,
    /// What follows convolutions.
    pub activation: Competition,
    /// Share of the embedding that is dropped, in training.
    pub dropout: f64,
}

/// What follows convolutions, which give as many maps either way.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[serde(rename_all = "lowercase")]
pub enum Competition {
    /// Max-feature-map: filters for twice as many maps, of which each pair leaves the larger value.
    #[default]
    Mfm,
    /// Negative values become 0: what maxima are compared with. The embedding is not rectified.
    Relu,
}

/// Names of the published network of 9 layers, for [`Published`](crate::weights::Published).
pub const LIGHT_CNN_9: &[(&str, &str)] = &[
    ("module.features.0.", "conv1."),
    ("module.features.2.", "group1."),
    ("module.features.4.", "group2."),
    ("module.features.6.", "group3."),
    ("module.features.7.", "group4."),
    ("module.fc1.", "fc."),
];

impl Default for LightCnnConfig {
    fn default() -> Self {
        Self {
            depth: 9,
            input: [128, 128],
            channels: 1,
            width: 1.0,
            dimension: 256,
            activation: Competition::Mfm,
            dropout: 0.5,
        }
    }
}

impl Architecture for LightCnnConfig {
    fn size(&self) -> Size {
        Size {
            input: Shape { channels: self.channels, ..Shape::rgb(self.input) },
            width: self.width,
            dimension: self.dimension,
        }
    }

    fn check(&self) -> Result<(), String> {
        among("depth", self.depth, &[9, 29])?;
        among("channels", self.channels, &[1, 3])?;
        within("dropout", self.dropout, 0.0..=0.9)
    }

    fn layers(&self, stack: Stack) -> (Backbone, u64) {
        let counts = if self.depth == 29 { [1, 2, 3, 4] } else { [0; 4] };
        let stack = &mut stack.with_convolutions(self.activation.filters(1.0));
        let conv1 = self.maximum(stack, widened(48, self.width), 5);
        stack.halved();
        let (block1, group1) = self.stage(stack, counts[0], 96);
        stack.halved();
        let (block2, group2) = self.stage(stack, counts[1], 192);
        stack.halved();
        let (block3, group3) = self.stage(stack, counts[2], 128);
        let (block4, group4) = self.stage(stack, counts[3], 128);
        stack.halved();
        let filter = stack.linear(self.dimension * self.activation.maps(), true);
        let fc = MaximumOfValues { filter, activation: self.activation };
        let dropout = DropoutConfig::new(self.dropout).init();
        let net =
            LightCnn { conv1, block1, group1, block2, group2, block3, group3, block4, group4, fc, dropout };
        (Backbone::LightCnn(net), stack.multiply_accumulates())
    }
}

impl LightCnnConfig {
    /// So many residual blocks, and a group to so many channels.
    fn stage(&self, stack: &mut Stack, blocks: usize, to: usize) -> (Vec<Residual>, Group) {
        let from = stack.shape().channels;
        // What blocks add to the maps begins at a ninth: else ten of them make all images alike.
        let mut same =
            || stack.drawn(self.activation.filters(1.0 / 3.0), |stack| self.maximum(stack, from, 3));
        let blocks = (0..blocks).map(|_| Residual { conv1: same(), conv2: same() }).collect();
        let conv_a = self.maximum(stack, from, 1);
        (blocks, Group { conv_a, conv: self.maximum(stack, widened(to, self.width), 3) })
    }

    /// A convolution to so many channels, whatever the width of the network.
    fn maximum(&self, stack: &mut Stack, to: usize, kernel: usize) -> Maximum {
        let filter = stack.conv(to * self.activation.maps(), Filters::same(kernel, 1), true);
        stack.narrowed(to);
        Maximum { filter, activation: self.activation }
    }
}

impl Competition {
    /// How many maps compete for one.
    fn maps(self) -> usize {
        match self {
            Self::Mfm => 2,
            Self::Relu => 1,
        }
    }

    /// Filters with which maps have a share of the root mean square of those before them: the larger of two
    /// values of normal distribution has all of it, and a rectifier leaves half of the square.
    fn filters(self, share: f64) -> Initializer {
        let kept = match self {
            Self::Mfm => 1.0,
            Self::Relu => std::f64::consts::SQRT_2,
        };
        Initializer::KaimingNormal { gain: share * kept, fan_out_only: false }
    }
}

/// A Light CNN with its weights.
#[derive(Module, Debug)]
pub struct LightCnn {
    conv1: Maximum,
    block1: Vec<Residual>,
    group1: Group,
    block2: Vec<Residual>,
    group2: Group,
    block3: Vec<Residual>,
    group3: Group,
    block4: Vec<Residual>,
    group4: Group,
    fc: MaximumOfValues,
    dropout: Dropout,
}

impl LightCnn {
    /// Embeddings `[N, d]` of images `[N, channels, H, W]`; the published networks take grey ones, value / 255.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let stage = |x, blocks: &[Residual], group: &Group| {
            group.forward(blocks.iter().fold(x, |x, block| block.forward(x)))
        };
        let x = layers::halved(self.conv1.forward(images));
        let x = layers::halved(stage(x, &self.block1, &self.group1));
        let x = layers::halved(stage(x, &self.block2, &self.group2));
        let x = stage(x, &self.block3, &self.group3);
        let x = layers::halved(stage(x, &self.block4, &self.group4));
        self.dropout.forward(self.fc.forward(x.flatten(1, 3)))
    }
}

/// A convolution and the competition of its maps.
#[derive(Module, Debug)]
struct Maximum {
    filter: Conv2d,
    #[module(skip)]
    activation: Competition,
}

impl Maximum {
    fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        let x = layers::conv(&self.filter, images);
        match self.activation {
            Competition::Mfm => layers::larger(x),
            Competition::Relu => layers::relu(x),
        }
    }
}

/// A matrix and the competition of its values.
#[derive(Module, Debug)]
struct MaximumOfValues {
    filter: Linear,
    #[module(skip)]
    activation: Competition,
}

impl MaximumOfValues {
    fn forward(&self, values: Tensor<2>) -> Tensor<2> {
        let x = self.filter.forward(values);
        match self.activation {
            Competition::Mfm => layers::larger(x),
            Competition::Relu => x,
        }
    }
}

/// Two convolutions, and what goes around them.
#[derive(Module, Debug)]
struct Residual {
    conv1: Maximum,
    conv2: Maximum,
}

impl Residual {
    fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        layers::add(self.conv2.forward(self.conv1.forward(images.clone())), images)
    }
}

/// A network in the network (1 x 1), and a convolution.
#[derive(Module, Debug)]
struct Group {
    conv_a: Maximum,
    conv: Maximum,
}

impl Group {
    fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        self.conv.forward(self.conv_a.forward(images))
    }
}
