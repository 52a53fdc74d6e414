//! Margins of angle: `cos(theta + m)`, what stands in its place where it would rise again, and two ways to
//! its gradient.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::cosines::sine;

/// What stands for `cos(theta + m)` where `theta + m` passes half a turn, beyond which it rises again.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Beyond {
    /// Nothing: angles to the own class start near a right angle and shrink. InsightFace today.
    None,
    /// `cos(theta) - m sin(m)` beyond; it jumps down there. The first ArcFace, CurricularFace.
    Strict,
    /// `cos(theta)` wherever it is not above 0, so that the hardest samples have no margin. MagFace.
    Easy,
    /// The angle stops at half a turn. OpenSphere.
    Clip,
}

/// What a margin is added to.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum MarginKind {
    /// To the angle: `cos(theta + m)`, as in ArcFace.
    Arc,
    /// To the cosine: `cos(theta) - m`, as in CosFace.
    Cos,
}

/// Which slope the margin has on the way back.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Gradient {
    /// That of the formula: for `cos(theta + m)`, `sin(theta + m) / sin(theta)` with regard to the cosine.
    Exact,
    /// That of the plain cosine, 1: what a margin adds is a constant ("characteristic gradient detachment").
    Detached,
}

impl Gradient {
    /// `margined`, with this slope with regard to `cosines`.
    pub(super) fn of(self, margined: Tensor<2>, cosines: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Exact => margined,
            Self::Detached => cosines.clone() + (margined - cosines).detach(),
        }
    }
}

/// `cos(theta + m)` for cosines of angles and a margin in radians for each, from 0 to below a right angle.
pub(super) fn shifted(cosines: Tensor<2>, margins: Tensor<2>) -> Tensor<2> {
    cosines.clone().mul(margins.clone().cos()) - sine(cosines).mul(margins.sin())
}

impl Beyond {
    /// [`shifted`], with this rule.
    pub(super) fn shifted(self, cosines: Tensor<2>, margins: Tensor<2>) -> Tensor<2> {
        let inside = shifted(cosines.clone(), margins.clone());
        let beyond = cosines.clone().lower_equal(margins.clone().cos().neg());
        match self {
            Self::None => inside,
            Self::Strict => inside.mask_where(beyond, cosines - margins.clone().mul(margins.sin())),
            Self::Easy => inside.mask_where(cosines.clone().lower_equal_elem(0.0), cosines),
            Self::Clip => inside.mask_fill(beyond, -1.0),
        }
    }
}
