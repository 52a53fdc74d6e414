//! How much of the plain logit is blended in, step by step: multiplicative margins diverge without it.

use serde::{Deserialize, Serialize};

use super::check;

/// `lambda(t) = max(minimum, base (1 + gamma t)^-power)`, with `t` counted from 1: the weight of the plain
/// logit beside the one with a margin, as in the training files of L-Softmax and SphereFace.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Annealing {
    /// Weight before the first step.
    pub base: f64,
    /// How fast it falls.
    pub gamma: f64,
    /// How steeply it falls in the end.
    pub power: f64,
    /// It never falls below this; 0 usually diverges on faces.
    pub minimum: f64,
}

impl Annealing {
    /// As SphereFace was trained: 892.9 at first, 76.9 at step 100, 8.26 at step 1,000, and 5 from step
    /// 1,659.
    pub const SPHEREFACE: Self = Self { base: 1000.0, gamma: 0.12, power: 1.0, minimum: 5.0 };

    /// As L-Softmax was trained on MNIST; for faces a minimum of 5 to 10 is usual.
    pub const L_SOFTMAX: Self = Self { base: 1000.0, gamma: 2.5e-5, power: 35.0, minimum: 0.0 };

    /// The margin alone, from the first step.
    pub const NONE: Self = Self { base: 0.0, gamma: 0.0, power: 1.0, minimum: 0.0 };

    /// `lambda` at a step, counted from 0.
    pub fn at(&self, step: u64) -> f64 {
        let t = step as f64 + 1.0;
        (self.base * (1.0 + self.gamma * t).powf(-self.power)).max(self.minimum)
    }

    pub(super) fn check(&self) -> Result<(), String> {
        check::not_negative("annealing.base", self.base)?;
        check::not_negative("annealing.gamma", self.gamma)?;
        check::not_negative("annealing.power", self.power)?;
        check::not_negative("annealing.minimum", self.minimum)
    }
}
