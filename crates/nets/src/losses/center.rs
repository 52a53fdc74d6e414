//! The centre loss: softmax, and embeddings drawn to the centres of their classes (Wen et al. 2016, ECCV).

use burn::module::{Module, RunningState};
use burn::nn::Initializer;
use burn::tensor::{Device, IndexingUpdateOp, Int, Tensor};
use serde::{Deserialize, Serialize};

use super::pairs::alike;
use super::precision::in_f32;
use super::running::{now, set};
use super::softmax::{Softmax, SoftmaxConfig};
use super::{Outcome, check, classes::Initialization};

/// Settings of the centre loss: softmax plus `lambda / (2 N) sum_i |x_i - c_y|^2` (equation 5).
///
/// The centres follow by the paper's own rule (equation 4), after the loss, on devices that compute
/// gradients: `c_j <- c_j - alpha sum_{i: y_i = j} (c_j - x_i) / (1 + n_j)`, with `n_j` samples of the class
/// in the batch.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct CenterConfig {
    /// `lambda`. Too much of it draws all embeddings to 0.
    pub weight: f64,
    /// `alpha`, from 0 to 1: how fast centres follow.
    pub rate: f64,
    /// How the class matrix begins.
    pub initialization: Initialization,
}

impl Default for CenterConfig {
    fn default() -> Self {
        Self { weight: 0.003, rate: 0.5, initialization: Initialization::Xavier }
    }
}

impl CenterConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        check::not_negative("weight", self.weight)?;
        check::within("rate", self.rate, 0.0, 1.0)
    }

    pub(super) fn init(&self, dimension: usize, classes: usize, device: &Device) -> Center {
        let shape = [classes, dimension];
        let drawn = Initializer::XavierNormal { gain: 1.0 };
        let centers = drawn.init_with(shape, Some(dimension), Some(classes), device).val().detach();
        Center {
            softmax: SoftmaxConfig { initialization: self.initialization }.init(dimension, classes, device),
            centers: RunningState::new(centers),
            weight: self.weight,
            rate: self.rate,
        }
    }
}

/// The centre loss: a softmax, and centres.
#[derive(Module, Debug)]
pub struct Center {
    pub(super) softmax: Softmax,
    /// `[C, d]`.
    pub(super) centers: RunningState<Tensor<2>>,
    weight: f64,
    rate: f64,
}

impl Center {
    pub(super) fn forward(&self, embeddings: Tensor<2>, labels: Tensor<1, Int>) -> Outcome {
        let ([samples, _], device) = (embeddings.dims(), embeddings.device());
        let centers = now(&self.centers, &device);
        let off = embeddings.clone() - centers.clone().select(0, labels.clone());
        let pull = off.clone().square().sum().mul_scalar(self.weight / (2.0 * samples as f64));
        if device.is_autodiff() {
            let count = in_f32(alike(labels.clone()).float()).sum_dim(1);
            let step = off.detach().div(count.add_scalar(1.0)).mul_scalar(self.rate);
            set(&self.centers, centers.select_assign(0, labels.clone(), step, IndexingUpdateOp::Add));
        }
        self.softmax.forward(embeddings, labels).plus("center", pull)
    }
}
