//! Backbones: from the image of an aligned face to its embedding.
//!
//! [`BackboneConfig`] is the `[backbone]` section of a training recipe; [`Backbone`] is the network with its
//! weights. Embeddings are not normalised: losses want their length.
//!
//! | kind, as published | input | parameters | multiply-accumulates |
//! |---|---|---|---|
//! | `iresnet`, depth 18 | 3 x 112 x 112 | 24,025,600 | 2.61 G |
//! | depth 34 | | 34,139,328 | 4.46 G |
//! | depth 50 | | 43,590,848 | 6.31 G |
//! | depth 100 | | 65,156,160 | 12.09 G |
//! | depth 200 | | 118,833,920 | 23.42 G |
//! | `sphereface`, depth 4 | 3 x 112 x 96 | 12,562,496 | 0.16 G |
//! | depth 10 | | 15,219,264 | 0.76 G |
//! | depth 20 | | 22,670,656 | 1.75 G |
//! | depth 36 | | 32,704,832 | 3.14 G |
//! | depth 64 | | 48,200,512 | 6.11 G |
//! | `mobilefacenet` | 3 x 112 x 112 | 1,003,136 | 0.22 G |
//! | `lightcnn`, depth 9 | 1 x 128 x 128 | 5,480,864 | 0.98 G |
//! | depth 29 | | 12,573,280 | 3.62 G |
//!
//! ```toml
//! [backbone]
//! kind = "iresnet"
//! depth = 18
//! width = 0.5
//! input = [56, 56]
//! dimension = 256
//! ```

use std::fmt::{Debug, Display};
use std::ops::RangeInclusive;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

mod iresnet;
mod light_cnn;
mod minifasnet;
mod mobilefacenet;
pub(crate) mod parameters;
mod sphereface;
mod squeeze;
pub(crate) mod stack;
#[cfg(test)]
mod tests;

pub use iresnet::{FilterStart, FirstShortcut, IResNet, IResNetConfig, IResNetHead, LastNorm};
pub use light_cnn::{Competition, LIGHT_CNN_9, LightCnn, LightCnnConfig};
pub use minifasnet::{MiniFasNet, MiniFasNetConfig, MiniFasNetVariant};
pub use mobilefacenet::{MobileFaceNet, MobileFaceNetConfig, MobileFaceNetHead};
pub use sphereface::{SphereFace, SphereFaceConfig};
pub use stack::Activation;

use stack::Stack;

/// More would not fit into memory with their gradients: twice the largest network published for faces.
const MOST_PARAMETERS: u64 = 250_000_000;

/// What an image is for a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// 3, or 1 for grey images.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Shape {
    pub(crate) fn rgb([height, width]: [usize; 2]) -> Self {
        Self { channels: 3, height, width }
    }

    /// How many values it has.
    pub fn values(&self) -> usize {
        self.channels * self.height * self.width
    }
}

/// The `[backbone]` section of a training recipe: which network, and how large.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum BackboneConfig {
    /// Residual networks with normalisation.
    IResNet(IResNetConfig),
    /// Residual networks without normalisation.
    SphereFace(SphereFaceConfig),
    /// A small network for processors.
    MobileFaceNet(MobileFaceNetConfig),
    /// Networks whose maps compete.
    LightCnn(LightCnnConfig),
}

impl BackboneConfig {
    /// Whether such a network can be made.
    ///
    /// # Errors
    ///
    /// Names the field, and what it must be.
    pub fn check(&self) -> Result<(), String> {
        let Size { input, width, dimension } = self.architecture().size();
        for side in [input.height, input.width] {
            within("each side of input", side, 16..=512)?;
        }
        within("width", width, 0.125..=4.0)?;
        within("dimension", dimension, 2..=4096)?;
        self.architecture().check()?;
        let parameters = self.parameters();
        if parameters > MOST_PARAMETERS {
            return Err(format!(
                "the network must have at most {MOST_PARAMETERS} parameters, not {parameters}: \
                 make input, width or dimension smaller"
            ));
        }
        Ok(())
    }

    /// What the images must be.
    pub fn input(&self) -> Shape {
        self.architecture().size().input
    }

    /// Values of an embedding.
    pub fn dimension(&self) -> usize {
        self.architecture().size().dimension
    }

    /// The network, with weights drawn from the seed of the device, in the order of the layers.
    ///
    /// The configuration must have passed [`check`](Self::check).
    pub fn init(&self, device: &Device) -> Backbone {
        parameters::drawn(self.layers(device).0)
    }

    /// Products and sums for the embedding of an image: of convolutions and matrices, without normalisation
    /// and activations.
    pub fn multiply_accumulates(&self) -> u64 {
        self.layers(&Device::flex()).1
    }

    /// Values that are learned, or frozen, without running statistics.
    pub fn parameters(&self) -> u64 {
        parameters::count(&self.layers(&Device::flex()).0)
    }

    /// The network, of which no weight is drawn yet, and its cost.
    fn layers(&self, device: &Device) -> (Backbone, u64) {
        self.architecture().layers(Stack::new(self.input(), device))
    }

    fn architecture(&self) -> &dyn Architecture {
        match self {
            Self::IResNet(config) => config,
            Self::SphereFace(config) => config,
            Self::MobileFaceNet(config) => config,
            Self::LightCnn(config) => config,
        }
    }
}

/// What each kind of network knows of itself.
trait Architecture {
    fn size(&self) -> Size;

    /// Whether what only this kind has is within its range.
    fn check(&self) -> Result<(), String>;

    /// The network, of which no weight is drawn yet, and its cost. What it is made of was checked.
    fn layers(&self, stack: Stack) -> (Backbone, u64);
}

/// What all kinds of networks have.
struct Size {
    input: Shape,
    /// Times as many channels as published.
    width: f64,
    dimension: usize,
}

/// A network with its weights.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "there are few of it, and Burn has no modules in boxes")]
pub enum Backbone {
    /// See [`IResNetConfig`].
    IResNet(IResNet),
    /// See [`SphereFaceConfig`].
    SphereFace(SphereFace),
    /// See [`MobileFaceNetConfig`].
    MobileFaceNet(MobileFaceNet),
    /// See [`LightCnnConfig`].
    LightCnn(LightCnn),
}

impl Backbone {
    /// Embeddings `[N, d]`, not normalised, of images `[N, C, H, W]` of the shape [`BackboneConfig::input`].
    ///
    /// The range of the images' values is that of the training; the networks say what was published.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        match self {
            Self::IResNet(net) => net.forward(images),
            Self::SphereFace(net) => net.forward(images),
            Self::MobileFaceNet(net) => net.forward(images),
            Self::LightCnn(net) => net.forward(images),
        }
    }
}

fn within<T: PartialOrd + Display>(name: &str, value: T, range: RangeInclusive<T>) -> Result<(), String> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(format!("{name} must be within {}..{}, not {value}", range.start(), range.end()))
}

fn among<T: PartialEq + Display + Debug>(name: &str, value: T, choices: &[T]) -> Result<(), String> {
    if choices.contains(&value) {
        return Ok(());
    }
    Err(format!("{name} must be one of {choices:?}, not {value}"))
}

fn square(what: &str, [height, width]: [usize; 2]) -> Result<(), String> {
    if height == width {
        return Ok(());
    }
    Err(format!("input must be square for {what}, not {height} x {width}"))
}
