//! L2-softmax: softmax of embeddings of one length (Ranjan et al. 2017, arXiv 1703.09507).

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};
use serde::{Deserialize, Serialize};

use super::cosines::unit;
use super::softmax::{Softmax, SoftmaxConfig};
use super::{Outcome, check, classes::Initialization};

/// Settings of L2-softmax: `z_j = <alpha x / |x|, w_j> + b_j`; class vectors keep their lengths.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct L2SoftmaxConfig {
    /// `alpha`, the length: at least `log(p (C - 2) / (1 - p))` for a probability `p` of the own class.
    pub alpha: f64,
    /// How the class matrix begins.
    pub initialization: Initialization,
}

impl Default for L2SoftmaxConfig {
    fn default() -> Self {
        Self { alpha: 16.0, initialization: Initialization::Xavier }
    }
}

impl L2SoftmaxConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        check::positive("alpha", self.alpha)
    }

    pub(super) fn init(&self, dimension: usize, classes: usize, device: &Device) -> L2Softmax {
        let softmax = SoftmaxConfig { initialization: self.initialization }.init(dimension, classes, device);
        L2Softmax { softmax, alpha: self.alpha }
    }
}

/// L2-softmax: a softmax, and a length.
#[derive(Module, Debug)]
pub struct L2Softmax {
    pub(super) softmax: Softmax,
    alpha: f64,
}

impl L2Softmax {
    pub(super) fn forward(&self, embeddings: Tensor<2>, labels: Tensor<1, Int>) -> Outcome {
        self.softmax.forward(unit(embeddings).mul_scalar(self.alpha), labels)
    }
}
