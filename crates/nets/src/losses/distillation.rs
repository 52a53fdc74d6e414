//! Distillation of embeddings: a student's vectors are drawn to those of a teacher.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::cosines::unit;
use super::precision::in_f32;
use super::{Outcome, check};

/// What is compared.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Likeness {
    /// Directions: `1 - cos(x, t)`. Half the squared distance of the unit vectors.
    Cosine,
    /// The vectors as they are: `|x - t|^2`, lengths too.
    Euclidean,
}

/// Settings of distillation: a mean over the batch, beside another loss or alone.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Distillation {
    /// What is compared.
    pub likeness: Likeness,
    /// What the mean is multiplied by.
    pub weight: f64,
}

impl Default for Distillation {
    fn default() -> Self {
        Self { likeness: Likeness::Cosine, weight: 1.0 }
    }
}

impl Distillation {
    /// Whether the settings make sense.
    ///
    /// # Errors
    /// Which one does not, and what it must be.
    pub fn check(&self) -> Result<(), String> {
        check::not_negative("weight", self.weight)
    }

    /// The loss of a batch. Both `[N, d]`, of any lengths and any float type; no gradient goes to `targets`.
    pub fn forward(&self, embeddings: Tensor<2>, targets: Tensor<2>) -> Outcome {
        let [embeddings, targets] = [embeddings, targets.detach()].map(in_f32);
        let apart = match self.likeness {
            Likeness::Cosine => unit(embeddings).mul(unit(targets)).sum_dim(1).neg().add_scalar(1.0),
            Likeness::Euclidean => (embeddings - targets).square().sum_dim(1),
        };
        Outcome::new("distillation", apart.mean().mul_scalar(self.weight))
    }
}
