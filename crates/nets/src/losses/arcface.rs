//! ArcFace: a margin of angle (Deng et al. 2019, arXiv 1801.07698), also with several centres for each class
//! (ECCV 2020).

use burn::module::Module;
use serde::{Deserialize, Serialize};

use super::cosines::Cosines;
use super::head::{Head, Logits};
use super::margin::{Beyond, Gradient};
use super::{Moment, check, classes::Initialization};

/// `z_y = s cos(theta_y + m)`, the others `s cos(theta_j)` (equation 3).
#[derive(Module, Serialize, Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct ArcFace {
    /// `s`.
    pub scale: f64,
    /// `m`, radians.
    pub margin: f64,
    /// What stands for the margin beyond half a turn.
    #[module(skip)]
    pub beyond: Beyond,
    /// Which slope the margin has.
    #[module(skip)]
    pub gradient: Gradient,
    /// Centres of each class, the nearest of which counts: 3 in sub-centre ArcFace, for noisy labels.
    pub centers: usize,
    /// How the class matrix begins.
    #[module(skip)]
    pub initialization: Initialization,
}

impl Default for ArcFace {
    fn default() -> Self {
        Self {
            scale: 64.0,
            margin: 0.5,
            beyond: Beyond::None,
            gradient: Gradient::Exact,
            centers: 1,
            initialization: Initialization::Normal,
        }
    }
}

impl ArcFace {
    pub(super) fn check(&self) -> Result<(), String> {
        check::positive("scale", self.scale)?;
        check::angle("margin", self.margin)?;
        check::within("centers", self.centers as f64, 1.0, 16.0)
    }
}

impl Head for ArcFace {
    fn logits(&self, cosines: &Cosines, _: Moment) -> Logits {
        let target = cosines.target();
        let margined = self.beyond.shifted(target.clone(), cosines.each(self.margin));
        let values = cosines.with_target(self.gradient.of(margined, target));
        Logits::new(values.mul_scalar(self.scale))
    }
}
