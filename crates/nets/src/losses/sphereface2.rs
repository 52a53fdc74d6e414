//! SphereFace2: a binary question for each class (Wen et al. 2022, arXiv 2108.01513).

use burn::module::{Module, Param};
use burn::tensor::activation::softplus;
use burn::tensor::{Device, Int, Tensor};
use serde::{Deserialize, Serialize};

use super::classes::{ClassMatrix, Initialization};
use super::cosines::{Cosines, replaced};
use super::margin::Gradient;
use super::precision::in_f32;
use super::{Outcome, check};

/// A logit whose softplus is 0: far below any other, yet finite.
const SURELY_NOT: f64 = -1e30;

/// Settings of SphereFace2, with the margin of its variant C.
///
/// With `g(z) = 2 ((z + 1) / 2)^t - 1`, `u = r (g(cos(theta_j)) -+ m) + b`, minus for the own class and plus
/// for others: `w / (r N) sum_i (alpha softplus(-u_y) + (1 - alpha) sum_{j != y} softplus(u_j))`.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct SphereFace2Config {
    /// `alpha`: weight of the own class against all others.
    pub alpha: f64,
    /// `r`.
    pub scale: f64,
    /// `m`.
    pub margin: f64,
    /// `t`: how steep `g` is near 1.
    pub power: f64,
    /// `w`.
    pub weight: f64,
    /// Which slope `g` has; published: detached.
    pub gradient: Gradient,
    /// How the class matrix begins.
    pub initialization: Initialization,
}

impl Default for SphereFace2Config {
    fn default() -> Self {
        Self {
            alpha: 0.7,
            scale: 40.0,
            margin: 0.4,
            power: 3.0,
            weight: 50.0,
            gradient: Gradient::Detached,
            initialization: Initialization::Xavier,
        }
    }
}

impl SphereFace2Config {
    pub(super) fn check(&self) -> Result<(), String> {
        check::within("alpha", self.alpha, 0.01, 0.99)?;
        check::positive("scale", self.scale)?;
        check::within("margin", self.margin, 0.0, 1.0)?;
        check::within("power", self.power, 1.0, 16.0)?;
        check::positive("weight", self.weight)
    }

    /// The bias with which positive and negative questions begin in balance, at right angles.
    pub(super) fn bias(&self, classes: usize) -> f64 {
        let z = self.alpha / ((1.0 - self.alpha) * classes.saturating_sub(1).max(1) as f64);
        let at_right_angle = 2.0 * 0.5f64.powf(self.power) - 1.0;
        let [own, other] = [-self.margin, self.margin].map(|margin| self.scale * (at_right_angle + margin));
        let root = ((1.0 - z).powi(2) + 4.0 * z * (own - other).exp()).sqrt();
        // The same number twice: of two equal ones the difference has lost its digits.
        if z > 1.0 {
            (0.5 * (z - 1.0 + root)).ln() - own
        } else {
            (2.0 * z).ln() - other - (1.0 - z + root).ln()
        }
    }

    pub(super) fn init(&self, dimension: usize, classes: usize, device: &Device) -> SphereFace2 {
        SphereFace2 {
            classes: ClassMatrix::new(classes, 1, dimension, self.initialization, device),
            bias: Param::from_tensor(Tensor::from_floats([self.bias(classes) as f32], device)),
            config: self.clone(),
        }
    }
}

/// SphereFace2: a class matrix, and one bias for all classes.
#[derive(Module, Debug)]
pub struct SphereFace2 {
    pub(super) classes: ClassMatrix,
    /// `[1]`.
    bias: Param<Tensor<1>>,
    #[module(skip)]
    config: SphereFace2Config,
}

impl SphereFace2 {
    pub(super) fn forward(&self, embeddings: Tensor<2>, labels: Tensor<1, Int>) -> Outcome {
        let SphereFace2Config { alpha, scale, margin, power, weight, gradient, .. } = self.config;
        let samples = embeddings.dims()[0];
        let cosines = Cosines::between(embeddings, self.classes.all(), 1, labels);
        let values = cosines.values.clone();
        // Rounding must not bring the base of the power below zero.
        let raised = values.clone().add_scalar(1.0).clamp_min(0.0).div_scalar(2.0).powf_scalar(power);
        let steep = gradient.of(raised.mul_scalar(2.0).sub_scalar(1.0), values);
        let bias: Tensor<2> = in_f32(self.bias.val()).unsqueeze_dim(0);
        let questions =
            |steep: Tensor<2>, margin: f64| steep.add_scalar(margin).mul_scalar(scale) + bias.clone();

        let own = steep.clone().gather(1, cosines.targets.clone());
        // The own class is no negative of its own: asked with the others, it is answered with a sure no.
        let against = replaced(questions(steep, margin), cosines.targets.clone(), cosines.each(SURELY_NOT));
        let negative = softplus(against, 1.0).sum().mul_scalar(1.0 - alpha);
        let positive = softplus(questions(own, -margin).neg(), 1.0).sum().mul_scalar(alpha);
        let share = weight / (scale * samples as f64);
        let mut outcome = Outcome::new("positive", positive.mul_scalar(share))
            .plus("negative", negative.mul_scalar(share))
            .with_cosines(cosines.values.detach());
        outcome.parts.push(("bias", in_f32(self.bias.val()).detach()));
        outcome
    }
}
