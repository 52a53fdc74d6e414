//! NormFace: softmax over scaled cosines (Wang et al. 2017, arXiv 1704.06369).

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::cosines::Cosines;
use super::head::{Head, Logits};
use super::precision::in_f32;
use super::{Moment, check, classes::Initialization};

/// Settings of NormFace: `z_j = s cos(theta_j)`.
///
/// The loss cannot fall below `log(1 + (C - 1) exp(-s C / (C - 1)))` (its proposition 2): a scale of 1 does
/// not train.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct NormFaceConfig {
    /// `s`, or where it begins.
    pub scale: f64,
    /// Whether `s` is learned.
    pub learn_scale: bool,
    /// How the class matrix begins.
    pub initialization: Initialization,
}

impl Default for NormFaceConfig {
    fn default() -> Self {
        Self { scale: 30.0, learn_scale: false, initialization: Initialization::Normal }
    }
}

impl NormFaceConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        check::positive("scale", self.scale)
    }

    pub(super) fn init(&self, device: &Device) -> NormFace {
        let learned = |scale| Param::from_tensor(Tensor::from_floats([scale], device));
        NormFace { scale: self.scale, learned: self.learn_scale.then(|| learned(self.scale as f32)) }
    }
}

/// NormFace's head.
#[derive(Module, Debug)]
pub struct NormFace {
    scale: f64,
    /// `[1]`, if the scale is learned.
    learned: Option<Param<Tensor<1>>>,
}

impl Head for NormFace {
    fn logits(&self, cosines: &Cosines, _: Moment) -> Logits {
        let values = cosines.values.clone();
        match &self.learned {
            None => Logits::new(values.mul_scalar(self.scale)),
            Some(scale) => {
                let scale = in_f32(scale.val());
                Logits::new(values.mul(scale.clone().unsqueeze_dim(0))).with_part("scale", scale)
            }
        }
    }
}
