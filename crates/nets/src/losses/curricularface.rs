//! CurricularFace: hard classes count for little at first, and for more later (Huang et al. 2020, arXiv
//! 2004.00288).

use burn::module::{Module, RunningState};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::cosines::{Cosines, replaced};
use super::head::{Head, Logits};
use super::margin::{Beyond, shifted};
use super::running::followed;
use super::{Moment, check, classes::Initialization};

/// Settings of CurricularFace: `z_y = s cos(theta_y + m)`, strict; of the others those with `cos(theta_j) >
/// cos(theta_y + m)` are hard and become `s cos(theta_j) (t + cos(theta_j))`.
///
/// `t` follows the mean cosine to the own class, without a gradient.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct CurricularFaceConfig {
    /// `s`.
    pub scale: f64,
    /// `m`, radians.
    pub margin: f64,
    /// How far `t` goes to the mean of a batch.
    pub rate: f64,
    /// How the class matrix begins.
    pub initialization: Initialization,
}

impl Default for CurricularFaceConfig {
    fn default() -> Self {
        Self { scale: 64.0, margin: 0.5, rate: 0.01, initialization: Initialization::Normal }
    }
}

impl CurricularFaceConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        check::positive("scale", self.scale)?;
        check::angle("margin", self.margin)?;
        check::within("rate", self.rate, 0.0, 1.0)
    }

    pub(super) fn init(&self, device: &Device) -> CurricularFace {
        CurricularFace { t: RunningState::new(Tensor::zeros([1], device)), config: self.clone() }
    }
}

/// CurricularFace's head.
#[derive(Module, Debug)]
pub struct CurricularFace {
    /// `[1]`, 0 at first.
    pub(super) t: RunningState<Tensor<1>>,
    #[module(skip)]
    config: CurricularFaceConfig,
}

impl Head for CurricularFace {
    fn logits(&self, cosines: &Cosines, _: Moment) -> Logits {
        let (target, values) = (cosines.target(), cosines.values.clone());
        let margins = cosines.each(self.config.margin);
        let t = followed(&self.t, target.clone().detach().mean(), self.config.rate);
        // What is hard is told by cos(theta + m) itself, also where another value stands for it.
        let bar = shifted(target.clone(), margins.clone()).detach();
        let hard = values.clone().greater(bar.expand(values.dims()));
        let weighted = values.clone().mul(values.clone() + t.clone().unsqueeze_dim(0));
        let margined = Beyond::Strict.shifted(target, margins);
        let values = replaced(values.mask_where(hard, weighted), cosines.targets.clone(), margined);
        Logits::new(values.mul_scalar(self.config.scale)).with_part("t", t)
    }
}
