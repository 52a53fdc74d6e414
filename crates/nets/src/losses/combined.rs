//! The combined margin of ArcFace's authors: an angle multiplied and widened, and a cosine lowered (section
//! 2.3 of arXiv 1801.07698).

use burn::module::Module;
use serde::{Deserialize, Serialize};

use super::cosines::{Cosines, angles};
use super::head::{Head, Logits};
use super::margin::{Gradient, shifted};
use super::{Moment, check, classes::Initialization};

/// `z_y = s (cos(m1 theta_y + m2) - m3)`, the others `s cos(theta_j)` (equation 4): the full formula, unlike
/// the published PyTorch head, which ignores `m1` and `m2` if there is an `m3`.
///
/// (1, 0.5, 0) is ArcFace, (1, 0, 0.35) CosFace, (1.35, 0, 0) near SphereFace; the paper's combinations are
/// (1, 0.3, 0.2) and (0.9, 0.4, 0.15).
#[derive(Module, Serialize, Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct CombinedMargin {
    /// `s`.
    pub scale: f64,
    /// `m1`.
    pub m1: f64,
    /// `m2`, radians.
    pub m2: f64,
    /// `m3`.
    pub m3: f64,
    /// Which slope the margins have.
    #[module(skip)]
    pub gradient: Gradient,
    /// How the class matrix begins.
    #[module(skip)]
    pub initialization: Initialization,
}

impl Default for CombinedMargin {
    fn default() -> Self {
        Self {
            scale: 64.0,
            m1: 1.0,
            m2: 0.3,
            m3: 0.2,
            gradient: Gradient::Exact,
            initialization: Initialization::Normal,
        }
    }
}

impl CombinedMargin {
    pub(super) fn check(&self) -> Result<(), String> {
        check::positive("scale", self.scale)?;
        check::within("m1", self.m1, 0.5, 4.0)?;
        check::angle("m2", self.m2)?;
        check::within("m3", self.m3, 0.0, 1.0)
    }
}

impl Head for CombinedMargin {
    fn logits(&self, cosines: &Cosines, _: Moment) -> Logits {
        let target = cosines.target();
        // Without a multiplier no angle is needed, and no digit is lost on the way through it.
        let turned = if self.m1 == 1.0 {
            shifted(target.clone(), cosines.each(self.m2))
        } else {
            angles(target.clone()).mul_scalar(self.m1).add_scalar(self.m2).cos()
        };
        let margined = self.gradient.of(turned.sub_scalar(self.m3), target);
        Logits::new(cosines.with_target(margined).mul_scalar(self.scale))
    }
}
