//! Softmax over cosines with margins: what a method does to the cosines is its head; the rest is here.

use burn::module::Module;
use burn::tensor::{Int, Tensor};

use super::classes::ClassMatrix;
use super::cosines::{Cosines, cross_entropy};
use super::{
    Moment, Outcome, a_softmax::ASoftmax, arcface::ArcFace, cosface::CosFace, magface::MagFace,
    normface::NormFace,
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
    CosFace(CosFace),
    ArcFace(ArcFace),
    ASoftmax(ASoftmax),
    MagFace(MagFace),
}

impl Heads {
    fn head(&self) -> &dyn Head {
        match self {
            Self::NormFace(head) => head,
            Self::CosFace(head) => head,
            Self::ArcFace(head) => head,
            Self::ASoftmax(head) => head,
            Self::MagFace(head) => head,
        }
    }
}

/// Softmax over cosines: a class matrix, and a head.
#[derive(Module, Debug)]
pub struct MarginSoftmax {
    pub(super) classes: ClassMatrix,
    pub(super) head: Heads,
}

impl MarginSoftmax {
    pub(super) fn forward(&self, embeddings: Tensor<2>, labels: Tensor<1, Int>, moment: Moment) -> Outcome {
        let (cosines, logits) = self.logits(embeddings, labels, moment);
        let entropy = cross_entropy(logits.values, cosines.targets.clone());
        let entropy = if logits.weight == 1.0 { entropy } else { entropy.mul_scalar(logits.weight) };
        let mut outcome = Outcome::new("cross entropy", entropy).with_cosines(cosines.values.detach());
        if let Some((name, penalty)) = logits.penalty {
            outcome = outcome.plus(name, penalty);
        }
        outcome.parts.extend(logits.parts);
        outcome
    }

    pub(super) fn logits(
        &self,
        embeddings: Tensor<2>,
        labels: Tensor<1, Int>,
        moment: Moment,
    ) -> (Cosines, Logits) {
        let cosines = Cosines::between(embeddings, self.classes.all(), self.classes.centers, labels);
        let logits = self.head.head().logits(&cosines, moment);
        (cosines, logits)
    }
}
