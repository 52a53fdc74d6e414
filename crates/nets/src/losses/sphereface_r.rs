//! SphereFace-R: SphereFace revived (Liu et al. 2022, arXiv 2109.05565), with three margins and three ways
//! with lengths.

use burn::module::Module;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

use super::cosines::{Cosines, angles, replaced};
use super::head::{Head, Logits};
use super::margin::Gradient;
use super::{Moment, check, classes::Initialization};

/// Where the margin, which multiplies an angle, is applied.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Version {
    /// To the own class: `(-1)^k cos(m theta) - 2k` with `k = floor(m theta / pi)`, as in SphereFace.
    V0,
    /// To the own class: `cos(min(m theta, pi))`.
    V1,
    /// To the other classes: `cos(theta_j / m)`.
    V2,
}

/// What the logits are scaled by.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Normalization {
    /// The length of the embedding (NFN). Published with a weight of 1.
    None,
    /// One number (HFN).
    Hard,
    /// The length of the embedding, which is drawn to one number (SFN).
    Soft,
}

/// Cross entropy over cosines with a multiplied angle. The margin is detached from the gradient, as
/// published.
#[derive(Module, Serialize, Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct SphereFaceR {
    /// Where the margin is.
    #[module(skip)]
    pub version: Version,
    /// What the logits are scaled by.
    #[module(skip)]
    pub normalization: Normalization,
    /// `s`: the scale, or the length that embeddings are drawn to.
    pub scale: f64,
    /// `m`, any number from 1 on. 1.7 with a scale of 30 is what OpenSphere calls SphereFace today.
    pub margin: f64,
    /// Steps at which the margin grows, by equal parts, from 1 to `margin`; none: it is there from the first
    /// step.
    pub milestones: Vec<u64>,
    /// Weight of the cross entropy, over `scale` unless the normalisation is `none`.
    pub weight: f64,
    /// Weight of the distance of lengths from `scale`, if the normalisation is `soft`.
    pub norm_weight: f64,
    /// How the class matrix begins.
    #[module(skip)]
    pub initialization: Initialization,
}

impl Default for SphereFaceR {
    fn default() -> Self {
        Self {
            version: Version::V0,
            normalization: Normalization::Hard,
            scale: 30.0,
            margin: 1.7,
            milestones: Vec::new(),
            weight: 50.0,
            norm_weight: 0.01,
            initialization: Initialization::Xavier,
        }
    }
}

impl SphereFaceR {
    pub(super) fn check(&self) -> Result<(), String> {
        check::positive("scale", self.scale)?;
        check::within("margin", self.margin, 1.0, 8.0)?;
        check::positive("weight", self.weight)?;
        check::not_negative("norm_weight", self.norm_weight)
    }

    fn margin_at(&self, step: u64) -> f64 {
        let passed = self.milestones.iter().filter(|milestone| **milestone <= step).count();
        let part =
            if self.milestones.is_empty() { 1.0 } else { passed as f64 / self.milestones.len() as f64 };
        1.0 + (self.margin - 1.0) * part
    }

    fn margined(&self, cosines: &Cosines, margin: f64) -> Tensor<2> {
        if margin == 1.0 {
            return cosines.values.clone();
        }
        let target = cosines.target();
        let own = match self.version {
            Version::V0 => {
                let wide = angles(target.clone().detach()).mul_scalar(margin);
                let turns = wide.clone().div_scalar(PI).floor();
                let odd = turns.clone() - turns.clone().div_scalar(2.0).floor().mul_scalar(2.0);
                let sign = odd.mul_scalar(-2.0).add_scalar(1.0);
                wide.cos().mul(sign) - turns.mul_scalar(2.0)
            }
            Version::V1 => angles(target.clone().detach()).mul_scalar(margin).clamp_max(PI).cos(),
            Version::V2 => {
                let narrow = angles(cosines.values.clone().detach()).div_scalar(margin).cos();
                let others = Gradient::Detached.of(narrow, cosines.values.clone());
                return replaced(others, cosines.targets.clone(), target);
            }
        };
        cosines.with_target(Gradient::Detached.of(own, target))
    }
}

impl Head for SphereFaceR {
    fn logits(&self, cosines: &Cosines, moment: Moment) -> Logits {
        let values = self.margined(cosines, self.margin_at(moment.step));
        let norms = cosines.norms.clone();
        match self.normalization {
            Normalization::None => Logits::new(values.mul(norms)).weighted(self.weight),
            Normalization::Hard => {
                Logits::new(values.mul_scalar(self.scale)).weighted(self.weight / self.scale)
            }
            Normalization::Soft => {
                let distance = norms.clone().sub_scalar(self.scale).abs().mean();
                Logits::new(values.mul(norms))
                    .weighted(self.weight / self.scale)
                    .with_penalty("norm penalty", distance.mul_scalar(self.norm_weight))
            }
        }
    }
}
