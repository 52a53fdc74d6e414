//! AdaFace: hard samples count for more where the image is good (Kim et al. 2022, arXiv 2204.00964).

use burn::module::{Module, RunningState};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

use super::cosines::{Cosines, angles};
use super::head::{Head, Logits};
use super::margin::shifted;
use super::running::{followed, now};
use super::{Moment, check, classes::Initialization};

/// How near to 1 and to half a turn cosines and angles are let.
const NEAR: f64 = 1e-3;

/// Settings of AdaFace: `z_y = s (cos(theta_y + g_angle) - g_add)`, `g_angle = -m z`,
/// `g_add = m + m z`.
///
/// `z = h (|x| - mean) / deviation`, from -1 to 1, says how good an image is among others, by the length of
/// its embedding and the running statistics of lengths; no gradient goes through it. -1 is
/// ArcFace, 0 CosFace.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct AdaFaceConfig {
    /// `s`.
    pub scale: f64,
    /// `m`.
    pub margin: f64,
    /// `h`: deviations to 1. Below 0 where long embeddings are the bad images.
    pub concentration: f64,
    /// How far the running statistics go to those of a batch. 0.01 as trained; 1, the published class's own
    /// default, has no memory.
    pub rate: f64,
    /// How the class matrix begins.
    pub initialization: Initialization,
}

impl Default for AdaFaceConfig {
    fn default() -> Self {
        Self {
            scale: 64.0,
            margin: 0.4,
            concentration: 0.333,
            rate: 0.01,
            initialization: Initialization::Unit,
        }
    }
}

impl AdaFaceConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        check::positive("scale", self.scale)?;
        check::within("margin", self.margin, 0.0, 1.0)?;
        check::within("concentration", self.concentration, -10.0, 10.0)?;
        check::within("rate", self.rate, 0.0, 1.0)
    }

    pub(super) fn init(&self, device: &Device) -> AdaFace {
        AdaFace {
            batch_mean: RunningState::new(Tensor::from_floats([20.0], device)),
            batch_std: RunningState::new(Tensor::from_floats([100.0], device)),
            config: self.clone(),
        }
    }
}

/// AdaFace's head.
#[derive(Module, Debug)]
pub struct AdaFace {
    /// Running mean of the lengths of embeddings, `[1]`.
    pub(super) batch_mean: RunningState<Tensor<1>>,
    /// Running deviation of the lengths of embeddings, `[1]`.
    pub(super) batch_std: RunningState<Tensor<1>>,
    #[module(skip)]
    config: AdaFaceConfig,
}

impl AdaFace {
    /// `z` for lengths `[N, 1]`, after the statistics have followed them.
    pub(super) fn quality(&self, norms: Tensor<2>) -> Tensor<2> {
        let norms = norms.detach().clamp(0.001, 100.0);
        let [samples, _] = norms.dims();
        let mean = followed(&self.batch_mean, norms.clone().mean(), self.config.rate);
        let deviation = if samples > 1 {
            let of_batch = norms.clone().var(0).sqrt().reshape([1]);
            followed(&self.batch_std, of_batch, self.config.rate)
        } else {
            now(&self.batch_std, &norms.device())
        };
        let spread = deviation.add_scalar(NEAR).unsqueeze_dim(0);
        let z = (norms - mean.unsqueeze_dim(0)).div(spread).mul_scalar(self.config.concentration);
        z.clamp(-1.0, 1.0)
    }
}

impl Head for AdaFace {
    fn logits(&self, cosines: &Cosines, _: Moment) -> Logits {
        let m = self.config.margin;
        let z = self.quality(cosines.norms.clone());
        let values = cosines.values.clone().clamp(NEAR - 1.0, 1.0 - NEAR);
        let cosines = Cosines { values, norms: cosines.norms.clone(), targets: cosines.targets.clone() };
        let target = cosines.target();
        let turn = z.clone().mul_scalar(-m);
        let angle = angles(target.clone().detach()) + turn.clone();
        let turned = shifted(target, turn)
            .mask_fill(angle.clone().lower_elem(NEAR), NEAR.cos())
            .mask_fill(angle.greater_elem(PI - NEAR), -NEAR.cos());
        let margined = turned - z.clone().add_scalar(1.0).mul_scalar(m);
        Logits::new(cosines.with_target(margined).mul_scalar(self.config.scale))
            .with_part("mean norm", cosines.norms.mean())
            .with_part("mean quality", z.mean())
    }
}
