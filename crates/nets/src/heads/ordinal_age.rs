//! Age as a row of questions: older than 0? older than 1? ...
//!
//! Cao, Mirjalili and Raschka, "Rank consistent ordinal regression" (CORAL), arXiv:1901.07884: all questions
//! read the embedding by one vector and differ by a bias, so that their answers cannot cross. There the order
//! of the biases holds where the loss is least; here it holds always, because they are made of steps that are
//! positive.

use burn::module::{Module, Param};
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::tensor::activation::{sigmoid, softplus};
use burn::tensor::{Device, Int, Tensor};
use serde::{Deserialize, Serialize};

use crate::cross_entropy::{binary_cross_entropy, weighted_mean};

/// The ages that are told apart.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct AgeConfig {
    /// The least age, in years; younger ones count as it.
    pub youngest: u32,
    /// The greatest age, in years; older ones count as it.
    pub oldest: u32,
}

impl Default for AgeConfig {
    fn default() -> Self {
        Self { youngest: 0, oldest: 100 }
    }
}

impl AgeConfig {
    /// Whether such a head can be made.
    ///
    /// # Errors
    ///
    /// Names the field, and what it must be.
    pub fn check(&self) -> Result<(), String> {
        if self.oldest > 200 {
            return Err(format!("oldest must be at most 200 years, not {}", self.oldest));
        }
        if self.oldest < self.youngest.saturating_add(2) {
            let least = self.youngest.saturating_add(2);
            return Err(format!(
                "oldest must be at least {least}, two years above youngest, not {}",
                self.oldest
            ));
        }
        Ok(())
    }

    /// The head on embeddings of so many values. The configuration must have passed [`check`](Self::check).
    pub fn init(&self, dimension: usize, device: &Device) -> AgeHead {
        let questions = (self.oldest - self.youngest) as usize;
        // From 4 to -4: before it has learned, all ages are possible and the middle one is expected.
        let step = 8.0 / (questions - 1) as f64;
        AgeHead {
            fc: LinearConfig::new(dimension, 1).with_bias(false).init(device),
            first: Initializer::Constant { value: 4.0 }.init([1], device),
            // The inverse of softplus.
            steps: Initializer::Constant { value: step.exp_m1().ln() }.init([questions - 1], device),
            youngest: self.youngest as usize,
        }
    }
}

/// Tells ages. See [`AgeConfig`].
#[derive(Module, Debug)]
pub struct AgeHead {
    fc: Linear,
    first: Param<Tensor<1>>,
    steps: Param<Tensor<1>>,
    youngest: usize,
}

impl AgeHead {
    /// Logits `[N, K]` of the answers "older than `youngest + k`" for embeddings `[N, d]`: they never rise
    /// with `k`.
    pub fn forward(&self, embeddings: Tensor<2>) -> Tensor<2> {
        let steps = softplus(self.steps.val(), 1.0);
        let below = Tensor::cat(vec![Tensor::zeros([1], &steps.device()), steps.cumsum(0)], 0);
        let biases = self.first.val() - below;
        self.fc.forward(embeddings) + biases.unsqueeze()
    }

    /// The mean over faces of the sum over questions of the cross-entropy, all questions weighed alike.
    ///
    /// Ages `[N]` are in years; a face of weight 0, in weights `[N]`, is one whose age is not known.
    pub fn loss(&self, logits: Tensor<2>, ages: Tensor<1, Int>, weights: Tensor<1>) -> Tensor<1> {
        let [_, questions] = logits.dims();
        let device = logits.device();
        let asked = Tensor::<1, Int>::arange(0..questions as i64, &device) + self.youngest as i64;
        let older = ages.unsqueeze_dim::<2>(1).greater(asked.unsqueeze()).float();
        weighted_mean(binary_cross_entropy(logits, older).sum_dim(1).squeeze_dim::<1>(1), weights)
    }

    /// The expected age and its standard deviation, both `[N]` in years, of logits `[N, K]`.
    pub fn ages(&self, logits: Tensor<2>) -> (Tensor<1>, Tensor<1>) {
        let [count, questions] = logits.dims();
        let device = logits.device();
        let older = sigmoid(logits);
        let always = Tensor::cat(vec![Tensor::ones([count, 1], &device), older.clone()], 1);
        let never = Tensor::cat(vec![older, Tensor::zeros([count, 1], &device)], 1);
        // Of each age: at least it, but not older.
        let probabilities = always - never;
        let first = self.youngest as i64;
        let ages =
            Tensor::<1, Int>::arange(first..first + questions as i64 + 1, &device).float().unsqueeze::<2>();
        let expected = (probabilities.clone() * ages.clone()).sum_dim(1);
        let variance = (probabilities * (ages - expected.clone()).square()).sum_dim(1);
        (expected.squeeze_dim(1), variance.clamp_min(0.0).sqrt().squeeze_dim(1))
    }
}
