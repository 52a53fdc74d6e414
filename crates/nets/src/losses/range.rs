//! The range loss: softmax, the widest ranges within people, and the two nearest people, for long tails
//! (Zhang et al. 2017, arXiv 1611.08976).

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor};
use serde::{Deserialize, Serialize};

use super::pairs::{on_host, squared_distances, values};
use super::precision::constant;
use super::softmax::{Softmax, SoftmaxConfig};
use super::{Outcome, check, classes::Initialization};

/// Settings of the range loss: softmax plus `alpha L_intra + beta L_inter`.
///
/// `L_intra` adds, for each person of the batch, the harmonic mean of the `k` largest squared distances
/// between their embeddings. `L_inter = max(0, M - |c_p - c_q|^2)` for the nearest two means of people in the
/// batch.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct RangeConfig {
    /// `k`. Where a person has fewer pairs, those.
    pub largest: usize,
    /// `alpha`.
    pub intra_weight: f64,
    /// `beta`.
    pub inter_weight: f64,
    /// `M`: a squared distance; that of the paper is for its own embeddings, so compare it with yours.
    pub margin: f64,
    /// How the class matrix begins.
    pub initialization: Initialization,
}

impl Default for RangeConfig {
    fn default() -> Self {
        Self {
            largest: 2,
            intra_weight: 5e-5,
            inter_weight: 1e-4,
            margin: 2e4,
            initialization: Initialization::Xavier,
        }
    }
}

impl RangeConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        check::within("largest", self.largest as f64, 1.0, 64.0)?;
        check::not_negative("intra_weight", self.intra_weight)?;
        check::not_negative("inter_weight", self.inter_weight)?;
        check::positive("margin", self.margin)
    }

    pub(super) fn init(&self, dimension: usize, classes: usize, device: &Device) -> Range {
        let softmax = SoftmaxConfig { initialization: self.initialization }.init(dimension, classes, device);
        Range { softmax, config: self.clone() }
    }
}

/// The range loss: a softmax.
#[derive(Module, Debug)]
pub struct Range {
    pub(super) softmax: Softmax,
    #[module(skip)]
    config: RangeConfig,
}

impl Range {
    pub(super) fn forward(&self, embeddings: Tensor<2>, labels: Tensor<1, Int>) -> Outcome {
        let people = people(&on_host(labels.clone()));
        let intra = intra(embeddings.clone(), &people, self.config.largest);
        let inter = inter(embeddings.clone(), &people, self.config.margin);
        self.softmax
            .forward(embeddings, labels)
            .plus("intra", intra.mul_scalar(self.config.intra_weight))
            .plus("inter", inter.mul_scalar(self.config.inter_weight))
    }
}

/// Samples of each person, in order.
pub(super) fn people(labels: &[i64]) -> Vec<Vec<usize>> {
    let mut people = BTreeMap::<_, Vec<_>>::new();
    for (sample, label) in labels.iter().enumerate() {
        people.entry(label).or_default().push(sample);
    }
    people.into_values().collect()
}

/// Sum over people of the harmonic mean of their `largest` squared distances.
pub(super) fn intra(embeddings: Tensor<2>, people: &[Vec<usize>], largest: usize) -> Tensor<1> {
    let ([samples, _], device) = (embeddings.dims(), embeddings.device());
    let squares = squared_distances(embeddings);
    let known = values(squares.clone());
    let (mut places, mut means) = (Vec::new(), Vec::new());
    for person in people {
        let mut pairs: Vec<usize> = person
            .iter()
            .enumerate()
            .flat_map(|(at, a)| person[at + 1..].iter().map(move |b| a * samples + b))
            .collect();
        pairs.sort_by(|&a, &b| known[b].total_cmp(&known[a]));
        pairs.truncate(largest);
        if !pairs.is_empty() {
            means.push(pairs.len());
        }
        places.extend(pairs.into_iter().map(|pair| pair as i64));
    }
    if places.is_empty() {
        return squares.sum().mul_scalar(0.0);
    }
    // Each person's row picks out their pairs.
    let mut belongs = vec![0.0f32; means.len() * places.len()];
    let mut from = 0;
    for (row, count) in means.iter().enumerate() {
        belongs[row * places.len() + from..][..*count].fill(1.0);
        from += count;
    }
    let belongs: Tensor<2> = constant(belongs, [means.len(), places.len()], &device);
    let places = Tensor::<1, Int>::from_ints(places.as_slice(), &device);
    let chosen = squares.reshape([samples * samples]).select(0, places);
    let inverse: Tensor<2> = chosen.add_scalar(1e-9).recip().unsqueeze_dim(1);
    let counts = means.iter().map(|count| *count as f32).collect();
    let counts: Tensor<2> = constant(counts, [means.len(), 1], &device);
    counts.div(belongs.matmul(inverse)).sum()
}

/// How much nearer the nearest two people are than `margin`, by squared distance of their means; 0 for fewer
/// people.
pub(super) fn inter(embeddings: Tensor<2>, people: &[Vec<usize>], margin: f64) -> Tensor<1> {
    let ([samples, _], device, count) = (embeddings.dims(), embeddings.device(), people.len());
    let mut shares = vec![0.0f32; count * samples];
    for (row, person) in people.iter().enumerate() {
        for sample in person {
            shares[row * samples + sample] = 1.0 / person.len() as f32;
        }
    }
    let shares: Tensor<2> = constant(shares, [count, samples], &device);
    let squares = squared_distances(shares.matmul(embeddings));
    let known = values(squares.clone());
    let pairs = (0..count).flat_map(|a| (a + 1..count).map(move |b| a * count + b));
    match pairs.min_by(|&a, &b| known[a].total_cmp(&known[b])) {
        Some(nearest) => {
            let nearest = Tensor::<1, Int>::from_ints([nearest as i64], &device);
            let square = squares.reshape([count * count]).select(0, nearest);
            relu(square.neg().add_scalar(margin))
        }
        None => squares.sum().mul_scalar(0.0),
    }
}
