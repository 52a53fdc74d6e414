//! PartialFC: a part of the classes, drawn anew at each step, for very many classes or noisy labels (An et
//! al. 2022, arXiv 2203.15565).

use burn::tensor::{Device, Int, Tensor};
use serde::{Deserialize, Serialize};

use super::cosines::{Cosines, replaced};
use super::head::MarginSoftmax;
use super::pairs::on_host;
use super::{Loss, LossConfig, Moment, check};

/// Settings of PartialFC, around any loss over cosines with a softmax.
///
/// Each step looks at the classes of its batch and at others, drawn from all with the same chance,
/// `floor(rate C)` in all, or the batch's own if these are more. The softmax knows no others, and nothing
/// makes up for it, as published.
///
/// Rows of the class matrix that were not drawn get a gradient of exactly zero. Weight decay and momentum
/// would still move them: [`SampledSgd`](super::SampledSgd) leaves such rows, and their momentum, as they
/// are.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct PartialFcConfig {
    /// The loss that looks at a part of the classes.
    pub head: Box<LossConfig>,
    /// Part of the classes that a step looks at, above 0 and up to 1.
    #[serde(default = "all")]
    pub rate: f64,
    /// Inter-class filtering: other classes with a cosine above this count as at a right angle, since they
    /// are likely the same person under another name. 0.4 in the paper.
    #[serde(default)]
    pub filter: Option<f64>,
}

fn all() -> f64 {
    1.0
}

impl PartialFcConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        check::positive("rate", self.rate)?;
        check::within("rate", self.rate, 0.0, 1.0)?;
        if let Some(filter) = self.filter {
            check::within("filter", filter, 0.0, 1.0)?;
        }
        if !self.head.is_over_cosines() {
            return Err("head must be a softmax over cosines, such as cosface or arcface".to_owned());
        }
        self.head.check().map_err(|problem| format!("head.{problem}"))
    }

    pub(super) fn init(&self, dimension: usize, classes: usize, device: &Device) -> Loss {
        match self.head.init(dimension, classes, device) {
            Loss::Margin(loss) => {
                let partial = Some(PartialFc { rate: self.rate, filter: self.filter });
                Loss::Margin(MarginSoftmax { partial, ..loss })
            }
            other => other,
        }
    }
}

/// Which part of the classes a step looks at.
#[derive(Clone, Debug)]
pub(super) struct PartialFc {
    pub(super) rate: f64,
    pub(super) filter: Option<f64>,
}

/// The classes of a step.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sample {
    /// Classes that were drawn, rising.
    pub(super) classes: Vec<i64>,
    /// Where the class of each label is among them.
    pub(super) labels: Vec<i64>,
}

impl PartialFc {
    /// Draws for labels below `classes`.
    pub(super) fn draw(&self, labels: &[i64], classes: usize, moment: Moment) -> Sample {
        let mut drawn = labels.to_vec();
        drawn.sort_unstable();
        drawn.dedup();
        let wanted = (self.rate * classes as f64).floor() as usize;
        let own = drawn.clone();
        let others = (0..classes as i64).filter(|class| own.binary_search(class).is_err());
        let more = wanted.saturating_sub(own.len());
        drawn.extend(moment.random().choose_multiple(others, more));
        drawn.sort_unstable();
        let place = |label| drawn.partition_point(|class| class < label) as i64;
        let labels = labels.iter().map(place).collect();
        Sample { classes: drawn, labels }
    }

    /// [`draw`](Self::draw) of tensors: classes `[S]` and labels `[N]`; `None` if all classes are looked at.
    pub(super) fn sampled(
        &self,
        labels: Tensor<1, Int>,
        classes: usize,
        moment: Moment,
    ) -> Option<[Tensor<1, Int>; 2]> {
        let device: Device = labels.device();
        let sample = self.draw(&on_host(labels), classes, moment);
        (sample.classes.len() < classes).then(|| {
            [sample.classes, sample.labels].map(|numbers| Tensor::from_ints(numbers.as_slice(), &device))
        })
    }

    /// Inter-class filtering of cosines.
    pub(super) fn filtered(&self, cosines: Cosines) -> Cosines {
        let Some(filter) = self.filter else { return cosines };
        let likely = cosines.values.clone().greater_elem(filter);
        let others = cosines.values.clone().mask_fill(likely, 0.0);
        let values = replaced(others, cosines.targets.clone(), cosines.target());
        Cosines { values, ..cosines }
    }
}
