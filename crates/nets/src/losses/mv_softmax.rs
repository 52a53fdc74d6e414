//! MV-softmax: classes that are taken for the own one count for more (Wang et al. 2020, arXiv 1912.00833).

use burn::module::Module;
use serde::{Deserialize, Serialize};

use super::cosines::{Cosines, replaced};
use super::head::{Head, Logits};
use super::margin::{Beyond, MarginKind, shifted};
use super::{Moment, check, classes::Initialization};

/// The own class has a margin; of the others those above it become `s (t cos(theta_j) + t - 1)`, or, with a
/// fixed weight, `s (cos(theta_j) + t - 1)`.
///
/// The margin is left out where it would pass zero: for cosines not above `m`, for angles not below a right
/// one.
#[derive(Module, Serialize, Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct MvSoftmax {
    /// `cos(theta) - m` (MV-AM) or `cos(theta + m)` (MV-Arc).
    #[module(skip)]
    pub margin_kind: MarginKind,
    /// `s`.
    pub scale: f64,
    /// `m`.
    pub margin: f64,
    /// `t`, from 1 on.
    pub weight: f64,
    /// Whether all hard classes have one weight, instead of one that grows with their cosine.
    pub fixed: bool,
    /// How the class matrix begins.
    #[module(skip)]
    pub initialization: Initialization,
}

impl Default for MvSoftmax {
    fn default() -> Self {
        Self {
            margin_kind: MarginKind::Cos,
            scale: 32.0,
            margin: 0.35,
            weight: 1.12,
            fixed: false,
            initialization: Initialization::Unit,
        }
    }
}

impl MvSoftmax {
    pub(super) fn check(&self) -> Result<(), String> {
        check::positive("scale", self.scale)?;
        check::within("margin", self.margin, 0.0, 1.0)?;
        check::within("weight", self.weight, 1.0, 4.0)
    }
}

impl Head for MvSoftmax {
    fn logits(&self, cosines: &Cosines, _: Moment) -> Logits {
        let (target, values) = (cosines.target(), cosines.values.clone());
        let (bar, margined) = match self.margin_kind {
            MarginKind::Cos => {
                let lowered = target.clone().sub_scalar(self.margin);
                let small = target.clone().lower_equal_elem(self.margin);
                (lowered.clone(), lowered.mask_where(small, target))
            }
            MarginKind::Arc => {
                let margins = cosines.each(self.margin);
                (shifted(target.clone(), margins.clone()), Beyond::Easy.shifted(target, margins))
            }
        };
        let hard = values.clone().greater(bar.detach().expand(values.dims()));
        let more = self.weight - 1.0;
        // As a step from the cosine, so that a weight of 1 changes no bit.
        let weighted = if self.fixed {
            values.clone().add_scalar(more)
        } else {
            values.clone() + values.clone().add_scalar(1.0).mul_scalar(more)
        };
        let values = replaced(values.mask_where(hard, weighted), cosines.targets.clone(), margined);
        Logits::new(values.mul_scalar(self.scale))
    }
}
