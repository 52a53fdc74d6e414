//! L-Softmax: a margin that multiplies the angle, with class vectors of any length (Liu et al. 2016, arXiv
//! 1612.02295).

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};
use serde::{Deserialize, Serialize};

use super::annealing::Annealing;
use super::classes::{ClassMatrix, Initialization};
use super::cosines::{cross_entropy, lengths, replaced};
use super::psi::{self, psi};
use super::{Moment, Outcome};

/// Settings of L-Softmax: `z_y = |w_y| |x| (lambda cos(theta_y) + psi(theta_y)) / (1 + lambda)`, the others
/// `<x, w_j>`: blended by `lambda`. The gradient is that of the formula.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct LSoftmaxConfig {
    /// `m`, 1 to 4; 1 is softmax without biases.
    pub margin: u32,
    /// `lambda`, step by step.
    pub annealing: Annealing,
    /// How the class matrix begins.
    pub initialization: Initialization,
}

impl Default for LSoftmaxConfig {
    fn default() -> Self {
        Self { margin: 4, annealing: Annealing::L_SOFTMAX, initialization: Initialization::Xavier }
    }
}

impl LSoftmaxConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        psi::check(self.margin)?;
        self.annealing.check()
    }

    pub(super) fn init(&self, dimension: usize, classes: usize, device: &Device) -> LSoftmax {
        let classes = ClassMatrix::new(classes, 1, dimension, self.initialization, device);
        LSoftmax { classes, margin: self.margin, annealing: self.annealing }
    }
}

/// L-Softmax: a class matrix.
#[derive(Module, Debug)]
pub struct LSoftmax {
    pub(super) classes: ClassMatrix,
    margin: u32,
    #[module(skip)]
    annealing: Annealing,
}

impl LSoftmax {
    pub(super) fn forward(&self, embeddings: Tensor<2>, labels: Tensor<1, Int>, moment: Moment) -> Outcome {
        let products = embeddings.clone().matmul(self.classes.all().transpose());
        let targets: Tensor<2, Int> = labels.clone().unsqueeze_dim(1);
        let own = products.clone().gather(1, targets.clone());
        let scale = lengths(embeddings).mul(lengths(self.classes.some(labels)));
        let cosines = own.clone().div(scale.clone());
        let step = psi(cosines.clone(), self.margin) - cosines;
        let blended = own + step.mul(scale).div_scalar(1.0 + self.annealing.at(moment.step));
        let scores = products.clone().detach();
        let logits = replaced(products, targets.clone(), blended);
        Outcome::new("cross entropy", cross_entropy(logits, targets)).with_cosines(scores)
    }
}
