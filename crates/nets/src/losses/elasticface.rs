//! ElasticFace: a margin drawn for each sample at each step (Boutros et al. 2022, arXiv 2109.09416).

use burn::module::Module;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::cosines::Cosines;
use super::draws::normal;
use super::head::{Head, Logits};
use super::margin::{MarginKind, shifted};
use super::precision::constant;
use super::{Moment, check, classes::Initialization};

/// ArcFace or CosFace with margins from a normal distribution.
///
/// With `ranked` (the "+" of the paper) the largest margin goes to the sample that is farthest from its
/// class, the next to the next. The published code sorts by a permutation where its inverse is meant, so that
/// margins and samples do not quite match; here they do.
#[derive(Module, Serialize, Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct ElasticFace {
    /// To the angle (ElasticFace-Arc) or the cosine (ElasticFace-Cos).
    #[module(skip)]
    pub margin_kind: MarginKind,
    /// `s`.
    pub scale: f64,
    /// Mean of the margin: 0.5 for Arc, 0.35 for Cos.
    pub margin: f64,
    /// Deviation of the margin: 0.05; with ranks 0.0175 for Arc and 0.02 for Cos.
    pub deviation: f64,
    /// Whether the largest margins go to the hardest samples.
    pub ranked: bool,
    /// How the class matrix begins.
    #[module(skip)]
    pub initialization: Initialization,
}

impl Default for ElasticFace {
    fn default() -> Self {
        Self {
            margin_kind: MarginKind::Arc,
            scale: 64.0,
            margin: 0.5,
            deviation: 0.05,
            ranked: false,
            initialization: Initialization::Normal,
        }
    }
}

impl ElasticFace {
    pub(super) fn check(&self) -> Result<(), String> {
        check::positive("scale", self.scale)?;
        check::within("margin", self.margin, 0.0, 1.0)?;
        check::within("deviation", self.deviation, 0.0, 0.25)
    }

    /// A margin for each sample, `[N, 1]`, given the cosines to the own class, `[N, 1]`.
    pub(super) fn margins(&self, target: Tensor<2>, moment: Moment) -> Tensor<2> {
        let target = target.detach();
        let mut random = moment.random();
        let mut draw = || (self.margin + self.deviation * normal(&mut random)) as f32;
        let mut drawn: Vec<f32> = (0..target.dims()[0]).map(|_| draw()).collect();
        if self.ranked {
            drawn.sort_by(f32::total_cmp);
        }
        let (shape, device) = ([drawn.len()], target.device());
        let drawn: Tensor<1> = constant(drawn, shape, &device);
        let drawn = if self.ranked {
            // The order of an order is each sample's rank in it.
            let easiest_first = target.squeeze_dim::<1>(1).argsort_descending(0);
            drawn.select(0, easiest_first.argsort(0))
        } else {
            drawn
        };
        drawn.unsqueeze_dim(1)
    }
}

impl Head for ElasticFace {
    fn logits(&self, cosines: &Cosines, moment: Moment) -> Logits {
        let target = cosines.target();
        let margins = self.margins(target.clone(), moment);
        let margined = match self.margin_kind {
            MarginKind::Arc => shifted(target, margins),
            MarginKind::Cos => target - margins,
        };
        Logits::new(cosines.with_target(margined).mul_scalar(self.scale))
    }
}
