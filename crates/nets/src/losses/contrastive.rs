//! The contrastive loss (Hadsell et al. 2006), the verification signal of DeepID2 (Sun et al. 2014, arXiv
//! 1406.4773).

use burn::module::Module;
use burn::tensor::activation::relu;
use burn::tensor::{Bool, Int, Tensor};
use serde::{Deserialize, Serialize};

use super::cosines::unit;
use super::pairs::{different, same, squared_distances};
use super::precision::in_f32;
use super::{Outcome, check};

/// `1/2 |x_i - x_j|^2` for a pair of one person, `1/2 max(0, m - |x_i - x_j|)^2` for one of two people.
///
/// All pairs of the batch count. Each kind has its own mean, and the two are added, since a batch holds many
/// more pairs of two people.
#[derive(Module, Serialize, Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Contrastive {
    /// `m`: distances of unit vectors are from 0 to 2.
    pub margin: f64,
    /// Whether embeddings are brought to unit length first; DeepID2 does not.
    pub normalize: bool,
}

impl Default for Contrastive {
    fn default() -> Self {
        Self { margin: 1.0, normalize: true }
    }
}

impl Contrastive {
    pub(super) fn check(&self) -> Result<(), String> {
        check::positive("margin", self.margin)
    }

    pub(super) fn forward(&self, embeddings: Tensor<2>, labels: Tensor<1, Int>) -> Outcome {
        let rows = if self.normalize { unit(embeddings) } else { embeddings };
        let squares = squared_distances(rows);
        // The root has a finite slope at 0 only with something added.
        let distances = squares.clone().add_scalar(1e-9).sqrt();
        let near = relu(distances.neg().add_scalar(self.margin)).square();
        let mean = |values: Tensor<2>, which: Tensor<2, Bool>| {
            let count = in_f32(which.clone().float()).sum().clamp_min(1.0);
            values.mask_fill(which.bool_not(), 0.0).sum().div(count).div_scalar(2.0)
        };
        Outcome::new("same", mean(squares, same(labels.clone())))
            .plus("different", mean(near, different(labels)))
    }
}
