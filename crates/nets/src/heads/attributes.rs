//! Attributes that a face has or has not: several questions, each with a logit.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::cross_entropy::binary_cross_entropy;

/// The attributes and how much they count.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct AttributesConfig {
    /// What they are called, in the order of the logits.
    pub names: Vec<String>,
    /// How much each counts in the loss; if none are given, 1 each.
    pub weights: Vec<f64>,
    /// Which share of the faces has each, if rare answers are to count as much as common ones; if none are
    /// given, answers count as they come. (Bald is one face in fifty: without it the answer "no" is hardly
    /// ever wrong.)
    pub shares: Vec<f64>,
}

impl AttributesConfig {
    /// Whether such a head can be made.
    ///
    /// # Errors
    ///
    /// Names the field, and what it must be.
    pub fn check(&self) -> Result<(), String> {
        let count = self.names.len();
        if count == 0 || count > 1000 {
            return Err(format!("names must be of 1 to 1000 attributes, not {count}"));
        }
        for (at, name) in self.names.iter().enumerate() {
            if self.names[..at].contains(name) {
                return Err(format!("names must differ, and {name} is there twice"));
            }
        }
        for (field, values) in [("weights", &self.weights), ("shares", &self.shares)] {
            if !values.is_empty() && values.len() != count {
                return Err(format!("{field} must be {count}, one for each name, not {}", values.len()));
            }
        }
        if let Some(weight) = self.weights.iter().find(|weight| !(0.0..=1e6).contains(*weight)) {
            return Err(format!("weights must be within 0..1000000, not {weight}"));
        }
        if let Some(share) = self.shares.iter().find(|share| !(1e-6..=1.0 - 1e-6).contains(*share)) {
            return Err(format!("shares must be above 0 and below 1, not {share}"));
        }
        Ok(())
    }

    /// The head on embeddings of so many values. The configuration must have passed [`check`](Self::check).
    pub fn init(&self, dimension: usize, device: &Device) -> AttributesHead {
        let count = self.names.len();
        let or_one = |values: &[f64]| if values.is_empty() { vec![1.0; count] } else { values.to_vec() };
        let half = |of: fn(f64) -> f64| -> Vec<f64> {
            if self.shares.is_empty() {
                vec![1.0; count]
            } else {
                self.shares.iter().map(|p| 0.5 / of(*p)).collect()
            }
        };
        AttributesHead {
            fc: LinearConfig::new(dimension, count).init(device),
            weights: or_one(&self.weights),
            with: half(|share| share),
            without: half(|share| 1.0 - share),
        }
    }
}

/// Tells attributes. See [`AttributesConfig`].
#[derive(Module, Debug)]
pub struct AttributesHead {
    fc: Linear,
    #[module(skip)]
    weights: Vec<f64>,
    #[module(skip)]
    with: Vec<f64>,
    #[module(skip)]
    without: Vec<f64>,
}

impl AttributesHead {
    /// Logits `[N, T]` of embeddings `[N, d]`: above 0 a face has the attribute.
    pub fn forward(&self, embeddings: Tensor<2>) -> Tensor<2> {
        self.fc.forward(embeddings)
    }

    /// The loss of each attribute `[T]`: the mean cross-entropy of the faces of which it is known.
    ///
    /// Answers `[N, T]` are 1 for faces with the attribute and 0 for those without; `known` `[N, T]` is 1, or
    /// 0 for answers that are not known.
    pub fn losses(&self, logits: Tensor<2>, answers: Tensor<2>, known: Tensor<2>) -> Tensor<1> {
        let device = logits.device();
        let row = |values: &[f64]| Tensor::<1>::from_floats(values, &device).unsqueeze::<2>();
        let balance: Tensor<2> =
            answers.clone() * row(&self.with) + answers.clone().neg().add_scalar(1.0) * row(&self.without);
        let count = known.clone().sum_dim(0).clamp_min(1.0);
        let each: Tensor<2> = binary_cross_entropy(logits, answers) * balance * known;
        (each.sum_dim(0) / count).squeeze_dim(0)
    }

    /// The sum of the [losses](Self::losses), each as much as it counts.
    pub fn loss(&self, logits: Tensor<2>, answers: Tensor<2>, known: Tensor<2>) -> Tensor<1> {
        let losses = self.losses(logits, answers, known);
        let weights = Tensor::from_floats(self.weights.as_slice(), &losses.device());
        (losses * weights).sum()
    }
}
