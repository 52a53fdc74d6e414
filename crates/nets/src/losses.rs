//! Losses of recognition: a file for each method, by its published name.
//!
//! Three families. *Softmax over classes*: [`SoftmaxConfig`] takes inner products as they are. *Softmax over cosines*, in
//! which a head changes the cosine of the own class (a margin) and perhaps those of the others, and scales them:
//! [`NormFaceConfig`] and all that follow from it. *Losses of pairs*, which compare the embeddings of a batch of several
//! images of each of several people, and have no classes.
//!
//! A [`LossConfig`] makes a [`Loss`], which is a module: its class matrix, biases and running state are saved with it. All
//! losses are computed in f32, are finite where a cosine is +-1, and draw what is random from a [`Moment`] alone.

mod a_softmax;
mod annealing;
mod arcface;
mod check;
mod classes;
mod cosface;
mod cosines;
mod head;
mod magface;
mod margin;
mod normface;
mod psi;
mod softmax;
#[cfg(test)]
mod tests;

use burn::module::Module;
use burn::tensor::{Device, FloatDType, Int, Tensor};
use serde::{Deserialize, Serialize};

pub use a_softmax::ASoftmax;
pub use annealing::Annealing;
pub use arcface::ArcFace;
pub use classes::{ClassMatrix, Initialization};
pub use cosface::CosFace;
pub use head::{Heads, MarginSoftmax};
pub use magface::{MagFace, MarginKind};
pub use margin::{Beyond, Gradient};
pub use normface::{NormFace, NormFaceConfig};
pub use softmax::{Softmax, SoftmaxConfig};

/// A loss and its settings: the `[loss]` section of a training recipe, whose `kind` is the method's name.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(tag = "kind")]
#[allow(missing_docs)]
pub enum LossConfig {
    #[serde(rename = "softmax")]
    Softmax(SoftmaxConfig),
    #[serde(rename = "normface")]
    NormFace(NormFaceConfig),
    #[serde(rename = "a-softmax")]
    ASoftmax(ASoftmax),
    #[serde(rename = "cosface")]
    CosFace(CosFace),
    #[serde(rename = "arcface")]
    ArcFace(ArcFace),
    #[serde(rename = "magface")]
    MagFace(MagFace),
}

impl LossConfig {
    /// Whether the settings make sense.
    ///
    /// # Errors
    /// Which one does not, and what it must be.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Softmax(_) => Ok(()),
            Self::NormFace(config) => config.check(),
            Self::ASoftmax(config) => config.check(),
            Self::CosFace(config) => config.check(),
            Self::ArcFace(config) => config.check(),
            Self::MagFace(config) => config.check(),
        }
    }

    /// A loss for embeddings of `dimension` values and labels from 0 to below `classes`.
    ///
    /// Its class matrix is drawn with the device's random numbers: seed the device to make it again. Losses of pairs
    /// look at neither number.
    pub fn init(&self, dimension: usize, classes: usize, device: &Device) -> Loss {
        let margin = |head, centers, initialization| {
            let classes = ClassMatrix::new(classes, centers, dimension, initialization, device);
            Loss::Margin(MarginSoftmax { classes, head })
        };
        match self {
            Self::Softmax(config) => Loss::Softmax(config.init(dimension, classes, device)),
            Self::NormFace(config) => margin(Heads::NormFace(config.init(device)), 1, config.initialization),
            Self::ASoftmax(head) => margin(Heads::ASoftmax(head.clone()), 1, head.initialization),
            Self::CosFace(head) => margin(Heads::CosFace(head.clone()), 1, head.initialization),
            Self::ArcFace(head) => margin(Heads::ArcFace(head.clone()), head.centers, head.initialization),
            Self::MagFace(head) => margin(Heads::MagFace(head.clone()), 1, head.initialization),
        }
    }
}

/// When a loss is computed: all that its schedules and its random draws depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Steps of training before this one.
    pub step: u64,
    /// Seed of the run.
    pub seed: u64,
}

/// What a loss says of a batch.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// `[1]`: what is to fall. NaN if a label is none of the classes.
    pub loss: Tensor<1>,
    /// For the log, detached, one value each: first the parts that add up to the loss, then other numbers.
    pub parts: Vec<(&'static str, Tensor<1>)>,
    /// `[N, C]`, detached, before any margin: the largest of a row is the class that the sample would be given. Cosines;
    /// for softmax over inner products, those. `None` for losses without classes.
    pub cosines: Option<Tensor<2>>,
}

impl Outcome {
    fn new(name: &'static str, loss: Tensor<1>) -> Self {
        Self { parts: vec![(name, loss.clone().detach())], loss, cosines: None }
    }

    fn plus(mut self, name: &'static str, loss: Tensor<1>) -> Self {
        self.parts.push((name, loss.clone().detach()));
        Self { loss: self.loss + loss, ..self }
    }

    fn with_cosines(self, cosines: Tensor<2>) -> Self {
        Self { cosines: Some(cosines), ..self }
    }
}

/// A loss with all that it holds.
#[derive(Module, Debug)]
#[allow(missing_docs)]
pub enum Loss {
    Softmax(Softmax),
    Margin(MarginSoftmax),
}

impl Loss {
    /// The loss of a batch. `embeddings`: `[N, d]`, not normalised, of any float type; `labels`: `[N]`.
    ///
    /// A label outside of the classes makes the loss NaN, so that a trainer that stops at NaN stops: better to compare
    /// [`classes`](Self::classes) with the data before the first step.
    pub fn forward(&self, embeddings: Tensor<2>, labels: Tensor<1, Int>, moment: Moment) -> Outcome {
        let embeddings = embeddings.cast(FloatDType::F32);
        let Some(classes) = self.classes() else { return self.outcome(embeddings, labels, moment) };
        let outside = labels.clone().lower_elem(0).bool_or(labels.clone().greater_equal_elem(classes as i64));
        let labels = labels.mask_fill(outside.clone(), 0);
        let mut outcome = self.outcome(embeddings, labels, moment);
        outcome.loss = outcome.loss.mask_fill(outside.any(), f32::NAN);
        outcome
    }

    fn outcome(&self, embeddings: Tensor<2>, labels: Tensor<1, Int>, moment: Moment) -> Outcome {
        match self {
            Self::Softmax(loss) => loss.forward(embeddings, labels),
            Self::Margin(loss) => loss.forward(embeddings, labels, moment),
        }
    }

    /// How many classes the loss knows; `None` if it has none, and compares labels with each other alone.
    pub fn classes(&self) -> Option<usize> {
        match self {
            Self::Softmax(loss) => Some(loss.classes.classes()),
            Self::Margin(loss) => Some(loss.classes.classes()),
        }
    }
}
