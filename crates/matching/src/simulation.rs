//! Made-up people for tests: `x = normalise(offset + identity + nuisance + noise)`, all Gaussian.

use fastrand::Rng;
use model::Fingerprint;

use crate::TrainingSet;

/// How many people and what their photos are like. Standard deviations are per value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Simulation {
    pub(crate) people: usize,
    pub(crate) photos: usize,
    pub(crate) dimension: usize,
    /// Of the identities, in every direction.
    pub(crate) identity: f64,
    /// Of the photos of a person, in every direction.
    pub(crate) noise: f64,
    /// Of the photos of a person, in the first quarter of the directions (before they are mixed).
    pub(crate) nuisance: f64,
    /// The same for all photos, such as a camera's.
    pub(crate) offset: f64,
}

impl Default for Simulation {
    fn default() -> Self {
        Self { people: 50, photos: 4, dimension: 16, identity: 1.0, noise: 0.5, nuisance: 0.0, offset: 0.0 }
    }
}

/// Standard normal (Box and Muller).
pub(crate) fn normal(random: &mut Rng) -> f64 {
    let radius = (-2.0 * (1.0 - random.f64()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.f64()).cos()
}

impl Simulation {
    pub(crate) const MODEL: Fingerprint = Fingerprint([42; 32]);

    /// Unit vectors and their identities; equal seeds make equal people and noise.
    pub(crate) fn faces(&self, seed: u64) -> (Vec<Vec<f32>>, Vec<u32>) {
        let mut random = Rng::with_seed(seed);
        let mut draw = |deviation: f64| deviation * normal(&mut random);
        let (mut vectors, mut identities) = (Vec::new(), Vec::new());
        for person in 0..self.people {
            let identity: Vec<f64> = (0..self.dimension).map(|_| draw(self.identity)).collect();
            for _ in 0..self.photos {
                let raw: Vec<f64> = identity
                    .iter()
                    .enumerate()
                    .map(|(at, value)| {
                        let nuisance = if at < self.dimension / 4 { self.nuisance } else { 0.0 };
                        let offset = if at % 2 == 0 { self.offset } else { -self.offset };
                        value + draw(self.noise) + draw(nuisance) + offset
                    })
                    .collect();
                let unit = crate::linear::to_unit(mixed(&raw)).expect("a Gaussian vector has a direction");
                vectors.push(unit.into_iter().map(|value| value as f32).collect());
                identities.push(person as u32);
            }
        }
        (vectors, identities)
    }

    pub(crate) fn set(&self, seed: u64) -> TrainingSet {
        let (vectors, identities) = self.faces(seed);
        TrainingSet::new(&vectors, &identities, Self::MODEL).expect("made of unit vectors")
    }
}

/// A reflection, so that no direction of interest lies along an axis.
fn mixed(values: &[f64]) -> Vec<f64> {
    let mirror: Vec<f64> = (0..values.len()).map(|at| 1.0 + at as f64 / values.len() as f64).collect();
    let square: f64 = mirror.iter().map(|value| value * value).sum();
    let along: f64 = values.iter().zip(&mirror).map(|(value, mirror)| value * mirror).sum();
    values.iter().zip(&mirror).map(|(value, mirror)| value - 2.0 * along / square * mirror).collect()
}

/// Share of genuine pairs that score below the threshold which this share of the impostors reaches.
pub(crate) fn miss_rate(score: impl Fn(usize, usize) -> f64, identities: &[u32], false_matches: f64) -> f64 {
    let (mut genuine, mut impostors) = (Vec::new(), Vec::new());
    for a in 0..identities.len() {
        for b in 0..a {
            let list = if identities[a] == identities[b] { &mut genuine } else { &mut impostors };
            list.push(score(a, b));
        }
    }
    impostors.sort_by(|a, b| b.total_cmp(a));
    let threshold = impostors[(impostors.len() as f64 * false_matches) as usize];
    genuine.iter().filter(|&&score| score <= threshold).count() as f64 / genuine.len() as f64
}
