//! CosFace (Wang et al. 2018, arXiv 1801.09414) and AM-Softmax (Wang et al. 2018, arXiv 1801.05599): a margin
//! of cosine.

use burn::module::Module;
use serde::{Deserialize, Serialize};

use super::cosines::Cosines;
use super::head::{Head, Logits};
use super::{Moment, check, classes::Initialization};

/// `z_y = s (cos(theta_y) - m)`, the others `s cos(theta_j)` (equation 4 of CosFace).
///
/// It falls with the angle everywhere, so it has no special cases: a good first choice for small runs (a
/// scale of 30, a margin of 0.2 to 0.35).
#[derive(Module, Serialize, Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct CosFace {
    /// `s`: at least `(C - 1) / C log((C - 1) P / (1 - P))` for a probability `P` of the own class.
    pub scale: f64,
    /// `m`.
    pub margin: f64,
    /// How the class matrix begins.
    #[module(skip)]
    pub initialization: Initialization,
}

impl Default for CosFace {
    fn default() -> Self {
        Self { scale: 64.0, margin: 0.35, initialization: Initialization::Normal }
    }
}

impl CosFace {
    pub(super) fn check(&self) -> Result<(), String> {
        check::positive("scale", self.scale)?;
        check::within("margin", self.margin, 0.0, 1.0)
    }
}

impl Head for CosFace {
    fn logits(&self, cosines: &Cosines, _: Moment) -> Logits {
        let target = cosines.target().sub_scalar(self.margin);
        Logits::new(cosines.with_target(target).mul_scalar(self.scale))
    }
}
