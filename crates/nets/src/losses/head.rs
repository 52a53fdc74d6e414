//! Softmax over cosines with margins: what a method does to the cosines is its head; the rest is here.

use burn::module::Module;
use burn::tensor::{Int, Tensor};

use super::classes::ClassMatrix;
use super::cosines::{Cosines, cross_entropy};
use super::partial_fc::PartialFc;
use super::{
    Moment, Outcome, a_softmax::ASoftmax, adaface::AdaFace, arcface::ArcFace, circle::Circle,
    combined::CombinedMargin, cosface::CosFace, curricularface::CurricularFace, elasticface::ElasticFace,
    magface::MagFace, mv_softmax::MvSoftmax, normface::NormFace, sphereface_r::SphereFaceR,
};

/// What a head makes of cosines.
pub(super) struct Logits {
    /// `[N, C]`.
    pub(super) values: Tensor<2>,
    /// What the cross entropy is multiplied by.
    pub(super) weight: f64,
    penalty: Option<(&'static str, Tensor<1>)>,
    parts: Vec<(&'static str, Tensor<1>)>,
}

impl Logits {
    pub(super) fn new(values: Tensor<2>) -> Self {
        Self { values, weight: 1.0, penalty: None, parts: Vec::new() }
    }

    /// With another weight of the cross entropy.
    pub(super) fn weighted(self, weight: f64) -> Self {
        Self { weight, ..self }
    }

    /// With a part of the loss beside the cross entropy.
    pub(super) fn with_penalty(self, name: &'static str, penalty: Tensor<1>) -> Self {
        Self { penalty: Some((name, penalty)), ..self }
    }

    /// With a number for the log.
    pub(super) fn with_part(mut self, name: &'static str, part: Tensor<1>) -> Self {
        self.parts.push((name, part.detach()));
        self
    }
}

/// A method over cosines.
pub(super) trait Head {
    /// Logits from cosines; without a margin, they are the cosines times a scale, to the last bit.
    fn logits(&self, cosines: &Cosines, moment: Moment) -> Logits;
}

/// The methods over cosines.
#[derive(Module, Debug)]
#[allow(missing_docs)]
pub enum Heads {
    NormFace(NormFace),
    ASoftmax(ASoftmax),
    SphereFaceR(SphereFaceR),
    CosFace(CosFace),
    ArcFace(ArcFace),
    CombinedMargin(CombinedMargin),
    MagFace(MagFace),
    AdaFace(AdaFace),
    CurricularFace(CurricularFace),
    MvSoftmax(MvSoftmax),
    ElasticFace(ElasticFace),
    Circle(Circle),
}

impl Heads {
    pub(super) fn head(&self) -> &dyn Head {
        match self {
            Self::NormFace(head) => head,
            Self::ASoftmax(head) => head,
            Self::SphereFaceR(head) => head,
            Self::CosFace(head) => head,
            Self::ArcFace(head) => head,
            Self::CombinedMargin(head) => head,
            Self::MagFace(head) => head,
            Self::AdaFace(head) => head,
            Self::CurricularFace(head) => head,
            Self::MvSoftmax(head) => head,
            Self::ElasticFace(head) => head,
            Self::Circle(head) => head,
        }
    }
}

/// Softmax over cosines: a class matrix, and a head.
#[derive(Module, Debug)]
pub struct MarginSoftmax {
    pub(super) classes: ClassMatrix,
    pub(super) head: Heads,
    /// Whether steps look at a part of the classes.
    #[module(skip)]
    pub(super) partial: Option<PartialFc>,
}

impl MarginSoftmax {
    pub(super) fn forward(&self, embeddings: Tensor<2>, labels: Tensor<1, Int>, moment: Moment) -> Outcome {
        let cosines = self.cosines(embeddings, labels, moment);
        let classes = cosines.values.dims()[1];
        let known = cosines.values.clone().detach();
        let cosines = match &self.partial {
            Some(partial) => partial.filtered(cosines),
            None => cosines,
        };
        let logits = self.head.head().logits(&cosines, moment);
        let entropy = cross_entropy(logits.values, cosines.targets);
        let entropy = if logits.weight == 1.0 { entropy } else { entropy.mul_scalar(logits.weight) };
        let mut outcome = Outcome::new("cross entropy", entropy);
        if let Some((name, penalty)) = logits.penalty {
            outcome = outcome.plus(name, penalty);
        }
        outcome.parts.extend(logits.parts);
        // Columns of a part of the classes are not classes: nobody could read them.
        if classes == self.classes.classes() { outcome.with_cosines(known) } else { outcome }
    }

    fn cosines(&self, embeddings: Tensor<2>, labels: Tensor<1, Int>, moment: Moment) -> Cosines {
        let matrix = &self.classes;
        let part = self.partial.as_ref().filter(|partial| partial.rate < 1.0);
        match part.and_then(|partial| partial.sampled(labels.clone(), matrix.classes(), moment)) {
            Some([classes, labels]) => {
                Cosines::between(embeddings, matrix.some(classes), matrix.centers, labels)
            }
            None => Cosines::between(embeddings, matrix.all(), matrix.centers, labels),
        }
    }
}
