//! MagFace: a margin that grows with the length of the embedding, which so becomes a quality (Meng et al.
//! 2021, arXiv 2103.06627).

use burn::module::Module;
use serde::{Deserialize, Serialize};

use super::cosines::Cosines;
use super::head::{Head, Logits};
use super::margin::{Beyond, MarginKind};
use super::{Moment, check, classes::Initialization};

/// Cross entropy with `z_y = s cos(theta_y + m(a))`, where `a` is the length of the embedding and `m` rises
/// linearly, plus `lambda g(a)`, `g(a) = 1/a + a/u^2`. The gradient goes through `a` in
/// both.
///
/// Outside of the bounds a length has no gradient. Lengths start near `sqrt(d)` after a last batch
/// normalisation: 22.6 for the 512 dimensions of the defaults, so other dimensions want other bounds.
#[derive(Module, Serialize, Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct MagFace {
    /// Angle or cosine. The published settings for cosines: margins of 0.35 and 0.8, a weight of 150.
    #[module(skip)]
    pub margin_kind: MarginKind,
    /// `s`.
    pub scale: f64,
    /// `l`, the least length.
    pub lower_norm: f64,
    /// `u`, the greatest length.
    pub upper_norm: f64,
    /// Margin at the least length.
    pub lower_margin: f64,
    /// Margin at the greatest length.
    pub upper_margin: f64,
    /// `lambda`: see [`least_weight`](Self::least_weight).
    pub norm_weight: f64,
    /// What stands for a margin of angle beyond half a turn. With the published `easy`, samples at more than
    /// a right angle from their class only grow longer; `strict` keeps the order of qualities there.
    #[module(skip)]
    pub beyond: Beyond,
    /// How the class matrix begins.
    #[module(skip)]
    pub initialization: Initialization,
}

impl Default for MagFace {
    fn default() -> Self {
        Self {
            margin_kind: MarginKind::Arc,
            scale: 64.0,
            lower_norm: 10.0,
            upper_norm: 110.0,
            lower_margin: 0.45,
            upper_margin: 0.8,
            norm_weight: 35.0,
            beyond: Beyond::Easy,
            initialization: Initialization::Unit,
        }
    }
}

impl MagFace {
    pub(super) fn check(&self) -> Result<(), String> {
        check::positive("scale", self.scale)?;
        check::positive("lower_norm", self.lower_norm)?;
        check::above("upper_norm", self.upper_norm, "lower_norm", self.lower_norm)?;
        check::angle("lower_margin", self.lower_margin)?;
        check::angle("upper_margin", self.upper_margin)?;
        if self.upper_margin < self.lower_margin {
            return Err(format!("upper_margin must not be below lower_margin, {}", self.lower_margin));
        }
        check::not_negative("norm_weight", self.norm_weight)
    }

    /// Rise of the margin with the length.
    fn slope(&self) -> f64 {
        (self.upper_margin - self.lower_margin) / (self.upper_norm - self.lower_norm)
    }

    /// The least weight of the norm's penalty for which every length has one optimum inside of the bounds: `s
    /// K u^2 l^2 / (u^2 - l^2)`, with `K` the rise of the margin with the length. A smaller one is allowed,
    /// since the paper has one; whoever sets it should be warned.
    pub fn least_weight(&self) -> f64 {
        let [l, u] = [self.lower_norm, self.upper_norm].map(|bound| bound * bound);
        self.scale * self.slope() * u * l / (u - l)
    }
}

impl Head for MagFace {
    fn logits(&self, cosines: &Cosines, _: Moment) -> Logits {
        let norms = cosines.norms.clone().clamp(self.lower_norm, self.upper_norm);
        let over = norms.clone().sub_scalar(self.lower_norm);
        let margins = over.mul_scalar(self.slope()).add_scalar(self.lower_margin);
        let target = cosines.target();
        let margined = match self.margin_kind {
            MarginKind::Arc => self.beyond.shifted(target, margins),
            MarginKind::Cos => target - margins,
        };
        let penalty = norms.clone().recip() + norms.div_scalar(self.upper_norm.powi(2));
        Logits::new(cosines.with_target(margined).mul_scalar(self.scale))
            .with_penalty("norm penalty", penalty.mean().mul_scalar(self.norm_weight))
            .with_part("mean norm", cosines.norms.clone().mean())
    }
}
