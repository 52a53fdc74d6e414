//! The triplet loss of FaceNet (Schroff et al. 2015, arXiv 1503.03832), with its mining.

use burn::module::Module;
use burn::tensor::{Int, Tensor};
use serde::{Deserialize, Serialize};

use super::cosines::{angles, unit};
use super::pairs::{on_host, squared_distances, values};
use super::precision::constant;
use super::{Outcome, check};

/// Which triplets of a batch count.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Mining {
    /// All.
    All,
    /// For each anchor the farthest image of its person and the nearest of another ("batch hard", Hermans et
    /// al. 2017, arXiv 1703.07737). From a random start it leads to one point for all: the loss then stays at
    /// the margin.
    Hard,
    /// For each anchor and image of its person the nearest image of another person that is farther, yet
    /// within the margin (section 3.2 of FaceNet); pairs without one do not count.
    SemiHard,
}

/// What the distance is.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Distance {
    /// Squared, between unit vectors: 0 to 4.
    Squared,
    /// Angle, radians.
    Angular,
}

/// Mean of `max(0, d(a, p) - d(a, n) + alpha)` over triplets of an anchor, an image of the same and one of
/// another person (equation 3). Embeddings are brought to unit length.
#[derive(Module, Serialize, Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Triplet {
    /// `alpha`: 0.2 for squared distances in FaceNet, 0.35 for angles in InsightFace.
    pub margin: f64,
    /// What the distance is.
    #[module(skip)]
    pub distance: Distance,
    /// Which triplets count.
    #[module(skip)]
    pub mining: Mining,
}

impl Default for Triplet {
    fn default() -> Self {
        Self { margin: 0.2, distance: Distance::Squared, mining: Mining::SemiHard }
    }
}

impl Triplet {
    pub(super) fn check(&self) -> Result<(), String> {
        check::positive("margin", self.margin)
    }

    pub(super) fn forward(&self, embeddings: Tensor<2>, labels: Tensor<1, Int>) -> Outcome {
        let rows = unit(embeddings);
        let distances = match self.distance {
            Distance::Squared => squared_distances(rows),
            Distance::Angular => angles(rows.clone().matmul(rows.transpose())),
        };
        let chosen =
            Chosen::of(&values(distances.clone()), &on_host(labels), self.mining, self.margin as f32);
        let (shape, device) = (distances.dims(), distances.device());
        let weights = constant(chosen.weights, shape, &device);
        let active = chosen.active as f64 / chosen.count.max(1) as f64;
        let loss = distances.mul(weights).sum().add_scalar(active * self.margin);
        let mut outcome = Outcome::new("triplet", loss);
        outcome.parts.push(("active", constant(vec![active as f32], [1], &device)));
        outcome
    }
}

/// Chosen triplets, summed up: the mean of the hinges is a sum of distances with weights, plus the margin for
/// each that is active. So no list of triplets is made, of which there may be millions.
pub(super) struct Chosen {
    /// `[N, N]`: how often a distance counts, less for negatives, over `count`.
    pub(super) weights: Vec<f32>,
    /// Triplets whose hinge is above zero.
    pub(super) active: u64,
    /// Triplets.
    pub(super) count: u64,
}

impl Chosen {
    pub(super) fn of(distances: &[f32], labels: &[i64], mining: Mining, margin: f32) -> Self {
        let samples = labels.len();
        let mut chosen = Self { weights: vec![0.0; samples * samples], active: 0, count: 0 };
        for (anchor, label) in labels.iter().enumerate() {
            let to = &distances[anchor * samples..][..samples];
            let others = |alike: bool| {
                (0..samples).filter(move |&other| other != anchor && (labels[other] == *label) == alike)
            };
            let nearest = |from: f32| {
                others(false).filter(move |&n| to[n] > from).min_by(|&a, &b| to[a].total_cmp(&to[b]))
            };
            let weights = &mut chosen.weights[anchor * samples..][..samples];
            let mut choose = |positive: usize, negative: usize| {
                chosen.count += 1;
                if to[positive] - to[negative] + margin > 0.0 {
                    chosen.active += 1;
                    weights[positive] += 1.0;
                    weights[negative] -= 1.0;
                }
            };
            match mining {
                Mining::All => others(true).for_each(|p| others(false).for_each(|n| choose(p, n))),
                Mining::Hard => {
                    let farthest = others(true).max_by(|&a, &b| to[a].total_cmp(&to[b]));
                    if let (Some(p), Some(n)) = (farthest, nearest(f32::NEG_INFINITY)) {
                        choose(p, n);
                    }
                }
                Mining::SemiHard => {
                    for p in others(true) {
                        if let Some(n) = nearest(to[p]).filter(|&n| to[n] < to[p] + margin) {
                            choose(p, n);
                        }
                    }
                }
            }
        }
        let count = chosen.count.max(1) as f32;
        chosen.weights.iter_mut().for_each(|weight| *weight /= count);
        chosen
    }
}
