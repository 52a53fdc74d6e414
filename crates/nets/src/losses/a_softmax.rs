//! A-Softmax, the loss of SphereFace: a margin that multiplies the angle (Liu et al. 2017, arXiv 1704.08063).

use burn::module::Module;
use serde::{Deserialize, Serialize};

use super::annealing::Annealing;
use super::cosines::Cosines;
use super::head::{Head, Logits};
use super::psi::{self, psi};
use super::{Moment, classes::Initialization};

/// `z_y = |x| (lambda cos(theta_y) + psi(theta_y)) / (1 + lambda)`, the others `|x| cos(theta_j)` (equation 7
/// of the paper, blended by `lambda`).
///
/// The gradient is that of the formula. The published layer scales the gradient of the embedding to another
/// length, so its schedule need not suit here.
#[derive(Module, Serialize, Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct ASoftmax {
    /// `m`, 1 to 4; 1 is softmax with class vectors of unit length.
    pub margin: u32,
    /// `lambda`, step by step.
    #[module(skip)]
    pub annealing: Annealing,
    /// How the class matrix begins.
    #[module(skip)]
    pub initialization: Initialization,
}

impl Default for ASoftmax {
    fn default() -> Self {
        Self { margin: 4, annealing: Annealing::SPHEREFACE, initialization: Initialization::Xavier }
    }
}

impl ASoftmax {
    pub(super) fn check(&self) -> Result<(), String> {
        psi::check(self.margin)?;
        self.annealing.check()
    }
}

impl Head for ASoftmax {
    fn logits(&self, cosines: &Cosines, moment: Moment) -> Logits {
        let lambda = self.annealing.at(moment.step);
        let target = cosines.target();
        // Written as a step from the cosine, so that a margin of 1 changes no bit.
        let step = psi(target.clone(), self.margin) - target.clone();
        let blended = target + step.div_scalar(1.0 + lambda);
        Logits::new(cosines.with_target(blended).mul(cosines.norms.clone()))
    }
}
