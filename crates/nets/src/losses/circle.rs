//! Circle loss: each similarity is paced by how far it is from where it should be (Sun et al. 2020, arXiv
//! 2002.10857).

use burn::module::Module;
use burn::tensor::activation::{relu, softplus};
use burn::tensor::{Bool, Int, Tensor};
use serde::{Deserialize, Serialize};

use super::cosines::{Cosines, log_sum_exp, unit};
use super::head::{Head, Logits};
use super::pairs::{different, same};
use super::{Moment, Outcome, check, classes::Initialization};

/// `gamma alpha_p (s_p - (1 - m))` with `alpha_p = max(0, 1 + m - s_p)`, through which no gradient goes.
fn positive(similarities: Tensor<2>, margin: f64, gamma: f64) -> Tensor<2> {
    let pace = relu(similarities.clone().detach().neg().add_scalar(1.0 + margin));
    similarities.sub_scalar(1.0 - margin).mul(pace).mul_scalar(gamma)
}

/// `gamma alpha_n (s_n - m)` with `alpha_n = max(0, s_n + m)`, through which no gradient goes.
fn negative(similarities: Tensor<2>, margin: f64, gamma: f64) -> Tensor<2> {
    let pace = relu(similarities.clone().detach().add_scalar(margin));
    similarities.sub_scalar(margin).mul(pace).mul_scalar(gamma)
}

/// Circle loss with class labels: cross entropy of paced cosines.
#[derive(Module, Serialize, Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Circle {
    /// `m`: similarities should be above `1 - m` and below `m`.
    pub margin: f64,
    /// `gamma`, the scale.
    pub gamma: f64,
    /// How the class matrix begins.
    #[module(skip)]
    pub initialization: Initialization,
}

impl Default for Circle {
    fn default() -> Self {
        Self { margin: 0.25, gamma: 256.0, initialization: Initialization::Unit }
    }
}

impl Circle {
    pub(super) fn check(&self) -> Result<(), String> {
        check::within("margin", self.margin, 0.0, 1.0)?;
        check::positive("gamma", self.gamma)
    }
}

impl Head for Circle {
    fn logits(&self, cosines: &Cosines, _: Moment) -> Logits {
        let own = positive(cosines.target(), self.margin, self.gamma);
        let all = negative(cosines.values.clone(), self.margin, self.gamma);
        Logits::new(super::cosines::replaced(all, cosines.targets.clone(), own))
    }
}

/// Circle loss over the pairs of a batch, a mean over anchors: for each,
/// `softplus(LSE_j(gamma alpha_n (s_n - m)) + LSE_i(-gamma alpha_p (s_p - (1 - m))))`.
///
/// An anchor without another image of its person, or without another person, adds nothing.
#[derive(Module, Serialize, Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct CirclePairs {
    /// `m`.
    pub margin: f64,
    /// `gamma`, the scale.
    pub gamma: f64,
}

impl Default for CirclePairs {
    fn default() -> Self {
        Self { margin: 0.25, gamma: 256.0 }
    }
}

impl CirclePairs {
    pub(super) fn check(&self) -> Result<(), String> {
        check::within("margin", self.margin, 0.0, 1.0)?;
        check::positive("gamma", self.gamma)
    }

    pub(super) fn forward(&self, embeddings: Tensor<2>, labels: Tensor<1, Int>) -> Outcome {
        let rows = unit(embeddings);
        let similarities = rows.clone().matmul(rows.transpose());
        let of_anchors = self.of_anchors(similarities, same(labels.clone()), different(labels));
        Outcome::new("circle", of_anchors.mean())
    }

    /// The loss of each anchor, `[A, 1]`, from its similarities to others, `[A, N]`, and which of them are of
    /// its person, and which of another.
    pub(super) fn of_anchors(
        &self,
        similarities: Tensor<2>,
        same: Tensor<2, Bool>,
        different: Tensor<2, Bool>,
    ) -> Tensor<2> {
        // Far below any logit, yet finite: differences of infinities are no numbers.
        let none = -1e30;
        let over =
            |logits: Tensor<2>, which: Tensor<2, Bool>| log_sum_exp(logits.mask_fill(which.bool_not(), none));
        let positives = positive(similarities.clone(), self.margin, self.gamma).neg();
        let negatives = negative(similarities, self.margin, self.gamma);
        softplus(over(negatives, different) + over(positives, same), 1.0)
    }
}
