//! Losses of recognition: a file for each method, by its published name.
//!
//! Three families. *Softmax over classes*: [`SoftmaxConfig`] takes inner products as they are. *Softmax over
//! cosines*, in which a head changes the cosine of the own class (a margin) and perhaps those of the others,
//! and scales them: [`NormFaceConfig`] and all that follow from it. *Losses of pairs*, which compare the
//! embeddings of a batch of several images of each of several people, and have no classes.
//!
//! A [`LossConfig`] makes a [`Loss`], which is a module: its class matrix, biases and running state are saved
//! with it. All losses are computed in f32, are finite where a cosine is +-1, and draw what is random from a
//! [`Moment`] alone.
//!
//! Running state (AdaFace, CurricularFace, the centre loss) follows on devices that compute gradients. As
//! always in Burn, clones of a module share it: load a record into a new module for one of its own.

mod a_softmax;
mod adaface;
mod annealing;
mod arcface;
mod center;
mod check;
mod circle;
mod classes;
mod combined;
mod contrastive;
mod cosface;
mod cosines;
mod curricularface;
mod distillation;
mod draws;
mod elasticface;
mod head;
mod l2_softmax;
mod l_softmax;
mod magface;
mod margin;
mod mv_softmax;
mod normface;
mod pairs;
mod partial_fc;
mod precision;
mod psi;
mod range;
mod running;
mod sampled_sgd;
mod softmax;
mod sphereface2;
mod sphereface_r;
#[cfg(test)]
mod tests;
mod triplet;

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};
use serde::{Deserialize, Serialize};

pub use a_softmax::ASoftmax;
pub use adaface::{AdaFace, AdaFaceConfig};
pub use annealing::Annealing;
pub use arcface::ArcFace;
pub use center::{Center, CenterConfig};
pub use circle::{Circle, CirclePairs};
pub use classes::{ClassMatrix, Initialization};
pub use combined::CombinedMargin;
pub use contrastive::Contrastive;
pub use cosface::CosFace;
pub use curricularface::{CurricularFace, CurricularFaceConfig};
pub use distillation::{Distillation, Likeness};
pub use elasticface::ElasticFace;
pub use head::{Heads, MarginSoftmax};
pub use l_softmax::{LSoftmax, LSoftmaxConfig};
pub use l2_softmax::{L2Softmax, L2SoftmaxConfig};
pub use magface::MagFace;
pub use margin::{Beyond, Gradient, MarginKind};
pub use mv_softmax::MvSoftmax;
pub use normface::{NormFace, NormFaceConfig};
pub use partial_fc::PartialFcConfig;
pub use range::{Range, RangeConfig};
pub use sampled_sgd::{SampledSgd, SampledSgdState};
pub use softmax::{Softmax, SoftmaxConfig};
pub use sphereface_r::{Normalization, SphereFaceR, Version};
pub use sphereface2::{SphereFace2, SphereFace2Config};
pub use triplet::{Distance, Mining, Triplet};

/// A loss and its settings: the `[loss]` section of a training recipe, whose `kind` is the method's name.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(tag = "kind")]
#[allow(missing_docs)]
pub enum LossConfig {
    #[serde(rename = "softmax")]
    Softmax(SoftmaxConfig),
    #[serde(rename = "l2-softmax")]
    L2Softmax(L2SoftmaxConfig),
    #[serde(rename = "l-softmax")]
    LSoftmax(LSoftmaxConfig),
    #[serde(rename = "normface")]
    NormFace(NormFaceConfig),
    #[serde(rename = "a-softmax")]
    ASoftmax(ASoftmax),
    #[serde(rename = "sphereface-r")]
    SphereFaceR(SphereFaceR),
    #[serde(rename = "sphereface2")]
    SphereFace2(SphereFace2Config),
    #[serde(rename = "cosface")]
    CosFace(CosFace),
    #[serde(rename = "arcface")]
    ArcFace(ArcFace),
    #[serde(rename = "combined-margin")]
    CombinedMargin(CombinedMargin),
    #[serde(rename = "magface")]
    MagFace(MagFace),
    #[serde(rename = "adaface")]
    AdaFace(AdaFaceConfig),
    #[serde(rename = "curricularface")]
    CurricularFace(CurricularFaceConfig),
    #[serde(rename = "mv-softmax")]
    MvSoftmax(MvSoftmax),
    #[serde(rename = "elasticface")]
    ElasticFace(ElasticFace),
    #[serde(rename = "circle")]
    Circle(Circle),
    #[serde(rename = "circle-pairs")]
    CirclePairs(CirclePairs),
    #[serde(rename = "contrastive")]
    Contrastive(Contrastive),
    #[serde(rename = "triplet")]
    Triplet(Triplet),
    #[serde(rename = "center")]
    Center(CenterConfig),
    #[serde(rename = "range")]
    Range(RangeConfig),
    #[serde(rename = "partial-fc")]
    PartialFc(PartialFcConfig),
}

impl LossConfig {
    /// Whether the settings make sense.
    ///
    /// # Errors
    /// Which one does not, and what it must be.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Softmax(_) => Ok(()),
            Self::L2Softmax(config) => config.check(),
            Self::LSoftmax(config) => config.check(),
            Self::NormFace(config) => config.check(),
            Self::ASoftmax(config) => config.check(),
            Self::SphereFaceR(config) => config.check(),
            Self::SphereFace2(config) => config.check(),
            Self::CosFace(config) => config.check(),
            Self::ArcFace(config) => config.check(),
            Self::CombinedMargin(config) => config.check(),
            Self::MagFace(config) => config.check(),
            Self::AdaFace(config) => config.check(),
            Self::CurricularFace(config) => config.check(),
            Self::MvSoftmax(config) => config.check(),
            Self::ElasticFace(config) => config.check(),
            Self::Circle(config) => config.check(),
            Self::CirclePairs(config) => config.check(),
            Self::Contrastive(config) => config.check(),
            Self::Triplet(config) => config.check(),
            Self::Center(config) => config.check(),
            Self::Range(config) => config.check(),
            Self::PartialFc(config) => config.check(),
        }
    }

    /// Whether this is a softmax over cosines: one that PartialFC can be put around.
    fn is_over_cosines(&self) -> bool {
        let products = matches!(self, Self::Softmax(_) | Self::L2Softmax(_) | Self::LSoftmax(_));
        let with_softmax = matches!(self, Self::Center(_) | Self::Range(_));
        let pairs = matches!(self, Self::CirclePairs(_) | Self::Contrastive(_) | Self::Triplet(_));
        let other = matches!(self, Self::SphereFace2(_) | Self::PartialFc(_));
        !(products || with_softmax || pairs || other)
    }

    /// A loss for embeddings of `dimension` values and labels from 0 to below `classes`, of which there is at
    /// least one.
    ///
    /// Its class matrix is drawn with the device's random numbers: seed the device to make it again. Losses
    /// of pairs look at neither number.
    pub fn init(&self, dimension: usize, classes: usize, device: &Device) -> Loss {
        let margin = |head, centers, initialization| {
            let classes = ClassMatrix::new(classes, centers, dimension, initialization, device);
            Loss::Margin(MarginSoftmax { classes, head, partial: None })
        };
        match self {
            Self::Softmax(config) => Loss::Softmax(config.init(dimension, classes, device)),
            Self::L2Softmax(config) => Loss::L2Softmax(config.init(dimension, classes, device)),
            Self::LSoftmax(config) => Loss::LSoftmax(config.init(dimension, classes, device)),
            Self::SphereFace2(config) => Loss::SphereFace2(config.init(dimension, classes, device)),
            Self::Center(config) => Loss::Center(config.init(dimension, classes, device)),
            Self::Range(config) => Loss::Range(config.init(dimension, classes, device)),
            Self::CirclePairs(loss) => Loss::CirclePairs(loss.clone()),
            Self::Contrastive(loss) => Loss::Contrastive(loss.clone()),
            Self::Triplet(loss) => Loss::Triplet(loss.clone()),
            Self::PartialFc(config) => config.init(dimension, classes, device),
            Self::NormFace(config) => margin(Heads::NormFace(config.init(device)), 1, config.initialization),
            Self::ASoftmax(config) => margin(Heads::ASoftmax(config.clone()), 1, config.initialization),
            Self::SphereFaceR(config) => margin(Heads::SphereFaceR(config.clone()), 1, config.initialization),
            Self::CosFace(config) => margin(Heads::CosFace(config.clone()), 1, config.initialization),
            Self::ArcFace(config) => {
                margin(Heads::ArcFace(config.clone()), config.centers, config.initialization)
            }
            Self::CombinedMargin(config) => {
                margin(Heads::CombinedMargin(config.clone()), 1, config.initialization)
            }
            Self::MagFace(config) => margin(Heads::MagFace(config.clone()), 1, config.initialization),
            Self::AdaFace(config) => margin(Heads::AdaFace(config.init(device)), 1, config.initialization),
            Self::CurricularFace(config) => {
                margin(Heads::CurricularFace(config.init(device)), 1, config.initialization)
            }
            Self::MvSoftmax(config) => margin(Heads::MvSoftmax(config.clone()), 1, config.initialization),
            Self::ElasticFace(config) => margin(Heads::ElasticFace(config.clone()), 1, config.initialization),
            Self::Circle(config) => margin(Heads::Circle(config.clone()), 1, config.initialization),
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
    /// `[N, C]`, detached, before any margin: the largest of a row is the class that the sample would be
    /// given. Cosines; for softmax over inner products, those. `None` for losses without classes, and where
    /// PartialFC looked at a part.
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
    L2Softmax(L2Softmax),
    LSoftmax(LSoftmax),
    Margin(MarginSoftmax),
    SphereFace2(SphereFace2),
    Center(Center),
    Range(Range),
    CirclePairs(CirclePairs),
    Contrastive(Contrastive),
    Triplet(Triplet),
}

impl Loss {
    /// The loss of a batch. `embeddings`: `[N, d]`, not normalised, of any float type; `labels`: `[N]`.
    ///
    /// A label outside of the classes makes the loss NaN, so that a trainer that stops at NaN stops: better
    /// to compare [`classes`](Self::classes) with the data before the first step.
    pub fn forward(&self, embeddings: Tensor<2>, labels: Tensor<1, Int>, moment: Moment) -> Outcome {
        let embeddings = precision::in_f32(embeddings);
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
            Self::L2Softmax(loss) => loss.forward(embeddings, labels),
            Self::LSoftmax(loss) => loss.forward(embeddings, labels, moment),
            Self::Margin(loss) => loss.forward(embeddings, labels, moment),
            Self::SphereFace2(loss) => loss.forward(embeddings, labels),
            Self::Center(loss) => loss.forward(embeddings, labels),
            Self::Range(loss) => loss.forward(embeddings, labels),
            Self::CirclePairs(loss) => loss.forward(embeddings, labels),
            Self::Contrastive(loss) => loss.forward(embeddings, labels),
            Self::Triplet(loss) => loss.forward(embeddings, labels),
        }
    }

    /// How many classes the loss knows; `None` if it has none, and compares labels with each other alone.
    pub fn classes(&self) -> Option<usize> {
        Some(self.matrix()?.classes())
    }

    /// `[C K, d + 1]`: the vectors of the classes, not normalised, each followed by its bias, which is 0 where the loss has
    /// none. `None` if it has no classes.
    pub fn class_vectors(&self) -> Option<Tensor<2>> {
        let vectors = self.matrix()?.all();
        let biases = match self {
            Self::Softmax(loss) => loss.biases().unsqueeze_dim(1),
            Self::Center(loss) => loss.softmax.biases().unsqueeze_dim(1),
            Self::Range(loss) => loss.softmax.biases().unsqueeze_dim(1),
            Self::L2Softmax(loss) => loss.softmax.biases().unsqueeze_dim(1),
            _ => vectors.zeros_like().narrow(1, 0, 1),
        };
        Some(Tensor::cat(vec![vectors, biases], 1))
    }

    fn matrix(&self) -> Option<&ClassMatrix> {
        match self {
            Self::Softmax(loss) => Some(&loss.classes),
            Self::L2Softmax(loss) => Some(&loss.softmax.classes),
            Self::LSoftmax(loss) => Some(&loss.classes),
            Self::Margin(loss) => Some(&loss.classes),
            Self::SphereFace2(loss) => Some(&loss.classes),
            Self::Center(loss) => Some(&loss.softmax.classes),
            Self::Range(loss) => Some(&loss.softmax.classes),
            Self::CirclePairs(_) | Self::Contrastive(_) | Self::Triplet(_) => None,
        }
    }
}
