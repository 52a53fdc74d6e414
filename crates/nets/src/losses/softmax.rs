//! Softmax: cross entropy over inner products.

use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::{Device, Int, Tensor};
use serde::{Deserialize, Serialize};

use super::Outcome;
use super::classes::{ClassMatrix, Initialization};
use super::cosines::cross_entropy;
use super::precision::in_f32;

/// Settings of softmax: `z_j = <x, w_j> + b_j`, with neither lengths nor margins.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct SoftmaxConfig {
    /// How the class matrix begins.
    pub initialization: Initialization,
}

impl Default for SoftmaxConfig {
    fn default() -> Self {
        Self { initialization: Initialization::Xavier }
    }
}

impl SoftmaxConfig {
    pub(super) fn init(&self, dimension: usize, classes: usize, device: &Device) -> Softmax {
        Softmax {
            classes: ClassMatrix::new(classes, 1, dimension, self.initialization, device),
            bias: Initializer::Zeros.init([classes], device),
        }
    }
}

/// Softmax: a class matrix and biases.
#[derive(Module, Debug)]
pub struct Softmax {
    pub(super) classes: ClassMatrix,
    /// `[C]`.
    bias: Param<Tensor<1>>,
}

impl Softmax {
    /// `[C]`, in the precision in which losses are computed.
    pub(super) fn biases(&self) -> Tensor<1> {
        in_f32(self.bias.val())
    }

    pub(super) fn forward(&self, embeddings: Tensor<2>, labels: Tensor<1, Int>) -> Outcome {
        let logits = embeddings.matmul(self.classes.all().transpose()) + self.biases().unsqueeze_dim(0);
        let scores = logits.clone().detach();
        Outcome::new("cross entropy", cross_entropy(logits, labels.unsqueeze_dim(1))).with_cosines(scores)
    }
}
