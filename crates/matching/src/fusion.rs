//! Several models, one answer.

use model::Fingerprint;
use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::linear::{check_unit, dot};

/// Version of the format of [`Fusion::to_toml`].
const FORMAT: u32 = 1;

/// Newton's method roughly doubles its correct digits each step; halved steps need a few more.
const STEPS: usize = 100;

/// One model within a [`Fusion`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FusedSystem {
    /// The model whose scores these are.
    pub fingerprint: Fingerprint,
    /// Mean of its scores of different people.
    pub mean: f64,
    /// Standard deviation of its scores of different people; greater than 0.
    pub deviation: f64,
    /// Weight of its z-normalised score; negative where the model misleads.
    pub weight: f64,
}

/// A weighted sum of the scores of several systems, each z-normalised by what different people score:
/// `bias + sum_m w_m (s_m - mean_m) / deviation_m`.
///
/// The weights are those of a logistic regression in which both classes weigh alike, so that the sum is the natural
/// logarithm of a likelihood ratio, 0 where both answers are equally likely.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fusion {
    format: u32,
    bias: f64,
    #[serde(rename = "system")]
    systems: Vec<FusedSystem>,
}

impl Fusion {
    /// Learns weights from development pairs: of each, the scores by all systems (in the order of `fingerprints`) and
    /// whether it shows one person.
    ///
    /// `l2`, greater than 0, is the penalty on the squared weights against the mean loss. It keeps them finite
    /// where the pairs can be separated without error; 1e-3 is a light one.
    ///
    /// # Errors
    /// [`Error::Training`] for no systems, pairs of one kind only, a row of another length, scores that are not
    /// finite or do not vary among different people; [`Error::Setting`] for a penalty out of its range.
    pub fn train(
        fingerprints: &[Fingerprint],
        scores: &[impl AsRef<[f32]>],
        same: &[bool],
        l2: f64,
    ) -> Result<Self, Error> {
        let refuse = |reason: String| Err(Error::Training(reason));
        if !(l2.is_finite() && l2 > 0.0) {
            return Err(Error::Setting { name: "l2", value: l2, allowed: "a number greater than 0" });
        }
        if fingerprints.is_empty() {
            return refuse("there are no systems to fuse".to_owned());
        }
        if scores.len() != same.len() {
            return refuse(format!("there are {} rows of scores but {} labels", scores.len(), same.len()));
        }
        let genuine = same.iter().filter(|&&same| same).count();
        if genuine == 0 || genuine == same.len() {
            return refuse(format!(
                "{genuine} of {} pairs show one person: both kinds of pairs are needed",
                same.len()
            ));
        }
        for (at, row) in scores.iter().map(AsRef::as_ref).enumerate() {
            if row.len() != fingerprints.len() || row.iter().any(|score| !score.is_finite()) {
                return refuse(format!("pair {at} does not have {} finite scores", fingerprints.len()));
            }
        }

        let mut systems = Vec::with_capacity(fingerprints.len());
        for (at, &fingerprint) in fingerprints.iter().enumerate() {
            let impostors = || {
                let rows = scores.iter().zip(same).filter(|(_, same)| !**same);
                rows.map(|(row, _)| f64::from(row.as_ref()[at]))
            };
            let count = (same.len() - genuine) as f64;
            let mean = impostors().sum::<f64>() / count;
            let deviation = (impostors().map(|score| (score - mean).powi(2)).sum::<f64>() / count).sqrt();
            if deviation <= 1e-9 * mean.abs() || deviation == 0.0 {
                return refuse(format!("the scores of system {at} for different people are all {mean}"));
            }
            systems.push(FusedSystem { fingerprint, mean, deviation, weight: 0.0 });
        }
        let rows = DMatrix::from_fn(scores.len(), systems.len() + 1, |row, column| match column {
            0 => 1.0,
            _ => {
                let system = &systems[column - 1];
                (f64::from(scores[row].as_ref()[column - 1]) - system.mean) / system.deviation
            }
        });
        let weights = logistic(&rows, same, l2)?;
        systems.iter_mut().zip(weights.iter().skip(1)).for_each(|(system, weight)| system.weight = *weight);
        Ok(Self { format: FORMAT, bias: weights[0], systems })
    }

    /// The systems in the order in which [`Fusion::score`] takes their scores.
    pub fn systems(&self) -> &[FusedSystem] {
        &self.systems
    }

    /// The fused score of a pair.
    ///
    /// # Errors
    /// [`Error::BadVector`] for another number of scores or one that is not finite.
    pub fn score(&self, scores: &[f32]) -> Result<f64, Error> {
        if scores.len() != self.systems.len() || scores.iter().any(|score| !score.is_finite()) {
            return Err(Error::BadVector(format!("it does not have {} finite scores", self.systems.len())));
        }
        let terms = self
            .systems
            .iter()
            .zip(scores)
            .map(|(system, &score)| system.weight * (f64::from(score) - system.mean) / system.deviation);
        Ok(self.bias + terms.sum::<f64>())
    }

    /// As text, for a file.
    ///
    /// # Errors
    /// [`Error::Stored`], which no trained fusion gives.
    pub fn to_toml(&self) -> Result<String, Error> {
        toml::to_string(self).map_err(|error| Error::Stored { action: "written", reason: error.to_string() })
    }

    /// The reverse.
    ///
    /// # Errors
    /// [`Error::Stored`] for another format, unknown or missing fields, no systems, or numbers out of their range.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let refuse = |reason: String| Error::Stored { action: "read", reason };
        let fusion: Self = toml::from_str(text).map_err(|error| refuse(error.to_string()))?;
        if fusion.format != FORMAT {
            return Err(refuse(format!("its format is {}, known is {FORMAT}", fusion.format)));
        }
        let sound = |system: &FusedSystem| {
            system.mean.is_finite()
                && system.weight.is_finite()
                && system.deviation.is_finite()
                && system.deviation > 0.0
        };
        if fusion.systems.is_empty() || !fusion.bias.is_finite() || !fusion.systems.iter().all(sound) {
            return Err(refuse("it has no systems, or a number out of its range".to_owned()));
        }
        Ok(fusion)
    }
}

/// Weights that minimise the mean logistic loss, each class weighing 1/2, plus `l2 / 2` times the squared weights but
/// that of column 0, the bias. Newton's method with halved steps: the loss falls in every one.
fn logistic(rows: &DMatrix<f64>, same: &[bool], l2: f64) -> Result<DVector<f64>, Error> {
    let genuine = same.iter().filter(|&&same| same).count() as f64;
    let importance = |same: bool| 0.5 / if same { genuine } else { rows.nrows() as f64 - genuine };
    let penalty = |at: usize| if at == 0 { 0.0 } else { l2 };
    let loss = |weights: &DVector<f64>| {
        let scores = rows * weights;
        let data: f64 =
            scores.iter().zip(same).map(|(&s, &y)| importance(y) * softplus(if y { -s } else { s })).sum();
        data + weights.iter().enumerate().map(|(at, w)| 0.5 * penalty(at) * w * w).sum::<f64>()
    };

    let mut weights = DVector::zeros(rows.ncols());
    let mut now = loss(&weights);
    for _ in 0..STEPS {
        let scores = rows * &weights;
        let mut slope = DVector::from_fn(weights.len(), |at, _| penalty(at) * weights[at]);
        let mut curvature = DVector::zeros(rows.nrows());
        let mut errors = DVector::zeros(rows.nrows());
        for (at, &y) in same.iter().enumerate() {
            let probability = 1.0 / (1.0 + (-scores[at]).exp());
            errors[at] = importance(y) * (probability - f64::from(y));
            curvature[at] = importance(y) * probability * (1.0 - probability);
        }
        slope += rows.tr_mul(&errors);
        let mut scaled = rows.clone();
        for mut column in scaled.column_iter_mut() {
            column.component_mul_assign(&curvature);
        }
        let mut hessian = rows.tr_mul(&scaled);
        for at in 0..weights.len() {
            // The bias has no penalty of its own; far from both classes its curvature underflows.
            hessian[(at, at)] += penalty(at).max(1e-12);
        }
        let Some(step) = nalgebra::Cholesky::new(hessian).map(|factor| factor.solve(&slope)) else {
            return Err(Error::Training(
                "the systems' scores depend on each other: raise l2 or leave one out".to_owned(),
            ));
        };
        let mut share = 1.0;
        let mut next = &weights - &step;
        while loss(&next).partial_cmp(&now) == Some(std::cmp::Ordering::Greater) && share > 1e-9 {
            share *= 0.5;
            next = &weights - &step * share;
        }
        let then = loss(&next);
        if then > now {
            break;
        }
        let gain = now - then;
        (weights, now) = (next, then);
        if gain <= 1e-15 && step.amax() * share < 1e-9 * (1.0 + weights.amax()) {
            break;
        }
    }
    Ok(weights)
}

/// `ln(1 + e^x)` without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Unit vectors of one face by several models as one unit vector, whose cosine is the mean of the models' cosines:
/// each is scaled by the root of their number.
///
/// # Errors
/// [`Error::NoFaces`] for none, [`Error::BadVector`] for a vector that is not of unit length.
pub fn concatenate(vectors: &[&[f32]]) -> Result<Vec<f32>, Error> {
    if vectors.is_empty() {
        return Err(Error::NoFaces);
    }
    let scale = 1.0 / (vectors.len() as f64).sqrt();
    let mut joined = Vec::new();
    for (at, vector) in vectors.iter().enumerate() {
        check_unit(vector, vector.len())
            .map_err(|reason| Error::BadVector(format!("that of model {at}: {reason}")))?;
        let length = dot(vector, vector).sqrt();
        joined.extend(vector.iter().map(|&value| (f64::from(value) * scale / length) as f32));
    }
    Ok(joined)
}

/// The candidate whom most models put first; equal votes are decided by the sum of the scores, then by number.
/// `scores` has a row per model with a score per candidate. A baseline: it throws away how sure each model is.
///
/// # Errors
/// [`Error::Training`] for no models or candidates, rows of different lengths, or scores that are not finite.
pub fn vote(scores: &[impl AsRef<[f32]>]) -> Result<usize, Error> {
    let candidates = scores.first().map_or(0, |row| row.as_ref().len());
    if candidates == 0 {
        return Err(Error::Training("there are no models or no candidates to vote on".to_owned()));
    }
    let mut tally = vec![(0usize, 0.0f64); candidates];
    for (model, row) in scores.iter().map(AsRef::as_ref).enumerate() {
        if row.len() != candidates || row.iter().any(|score| !score.is_finite()) {
            return Err(Error::Training(format!("model {model} does not give {candidates} finite scores")));
        }
        let mut first = 0;
        for (at, &score) in row.iter().enumerate() {
            tally[at].1 += f64::from(score);
            if score > row[first] {
                first = at;
            }
        }
        tally[first].0 += 1;
    }
    let mut best = 0;
    for (at, candidate) in tally.iter().enumerate() {
        if candidate.0 > tally[best].0 || (candidate.0 == tally[best].0 && candidate.1 > tally[best].1) {
            best = at;
        }
    }
    Ok(best)
}

/// What the natural logarithms of likelihood ratios cost, in bits: 0 for perfect ones, 1 for ones that say nothing,
/// more for misleading ones (Brümmer and du Preez 2006).
///
/// `Cllr = (mean log2(1 + e^-l) over genuine + mean log2(1 + e^l) over impostors) / 2`.
///
/// # Errors
/// [`Error::Training`] where a list is empty or has a value that is not a number; infinities are allowed.
pub fn cllr(genuine: &[f64], impostor: &[f64]) -> Result<f64, Error> {
    let mean = |what: &str, ratios: &[f64], sign: f64| {
        if ratios.is_empty() || ratios.iter().any(|ratio| ratio.is_nan()) {
            return Err(Error::Training(format!(
                "the {what} likelihood ratios are empty or not all numbers"
            )));
        }
        Ok(ratios.iter().map(|ratio| softplus(sign * ratio)).sum::<f64>() / ratios.len() as f64)
    };
    Ok((mean("genuine", genuine, -1.0)? + mean("impostor", impostor, 1.0)?) / 2.0 / std::f64::consts::LN_2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cosine;
    use crate::simulation::{Simulation, normal};

    const MODELS: [Fingerprint; 2] = [Fingerprint([1; 32]), Fingerprint([2; 32])];

    /// Two systems that see the truth through noise of their own; the first is better.
    fn pairs(count: usize, seed: u64) -> (Vec<[f32; 2]>, Vec<bool>) {
        let mut random = fastrand::Rng::with_seed(seed);
        (0..count)
            .map(|at| {
                let same = at % 4 == 0;
                let mut score = |gap: f64| (if same { gap } else { 0.0 } + normal(&mut random)) as f32;
                ([0.3 + 0.1 * score(2.0), 40.0 + 9.0 * score(1.0)], same)
            })
            .unzip()
    }

    fn misses(score: impl Fn(&[f32; 2]) -> f64, pairs: &(Vec<[f32; 2]>, Vec<bool>)) -> f64 {
        let (mut genuine, mut impostors) = (Vec::new(), Vec::new());
        for (row, same) in pairs.0.iter().zip(&pairs.1) {
            (if *same { &mut genuine } else { &mut impostors }).push(score(row));
        }
        impostors.sort_by(|a, b| b.total_cmp(a));
        let threshold = impostors[impostors.len() / 20];
        genuine.iter().filter(|&&score| score <= threshold).count() as f64 / genuine.len() as f64
    }

    /// For Gaussian scores of equal deviation the log-likelihood ratio is linear: weights `gap`, bias `-gap^2 / 2`
    /// each.
    #[test]
    fn finds_the_known_weights_and_beats_each_system() {
        let train = pairs(40_000, 1);
        let fusion = Fusion::train(&MODELS, &train.0, &train.1, 1e-6).unwrap();
        let systems = fusion.systems();
        assert!((systems[0].weight - 2.0).abs() < 0.1 && (systems[1].weight - 1.0).abs() < 0.1, "{fusion:?}");
        assert!((fusion.bias + 2.5).abs() < 0.15, "{}", fusion.bias);
        assert!((systems[0].mean - 0.3).abs() < 0.01 && (systems[1].deviation - 9.0).abs() < 0.2);

        let test = pairs(8_000, 2);
        let fused = misses(|row| fusion.score(row).unwrap(), &test);
        let single = [0, 1].map(|at: usize| misses(|row| f64::from(row[at]), &test));
        assert!(fused < single[0] - 0.03 && fused < single[1], "{fused} {single:?}");
    }

    /// At the minimum the slope of the loss is 0: measured by finite differences.
    #[test]
    fn stops_at_the_minimum() {
        let (scores, same) = pairs(300, 3);
        let rows = DMatrix::from_fn(300, 3, |row, column| match column {
            0 => 1.0,
            1 => f64::from(scores[row][0]) / 0.1,
            _ => f64::from(scores[row][1]) / 9.0,
        });
        let weights = logistic(&rows, &same, 0.01).unwrap();
        let loss = |weights: &DVector<f64>| {
            let mut sums = [0.0, 0.0];
            for (at, same) in same.iter().enumerate() {
                let score = (0..3).map(|k| rows[(at, k)] * weights[k]).sum::<f64>();
                sums[usize::from(*same)] += (1.0 + if *same { -score } else { score }.exp()).ln();
            }
            sums[0] / 225.0 / 2.0 + sums[1] / 75.0 / 2.0 + 0.005 * (weights[1].powi(2) + weights[2].powi(2))
        };
        for at in 0..3 {
            let mut moved = [weights.clone(), weights.clone()];
            moved[0][at] += 1e-4;
            moved[1][at] -= 1e-4;
            let slope = (loss(&moved[0]) - loss(&moved[1])) / 2e-4;
            assert!(slope.abs() < 1e-6, "{at}: {slope}");
        }
    }

    #[test]
    fn separable_pairs_keep_finite_weights() {
        let scores = [[0.1f32, 9.0], [0.2, 8.0], [0.8, 1.0], [0.9, 2.0]];
        let same = [false, false, true, true];
        for l2 in [1e-9, 1e-3, 1.0] {
            let fusion = Fusion::train(&MODELS, &scores, &same, l2).unwrap();
            for (row, same) in scores.iter().zip(same) {
                let score = fusion.score(row).unwrap();
                assert!(score.is_finite() && (score > 0.0) == same, "{l2}: {score}");
            }
        }
    }

    #[test]
    fn golden_cllr() {
        let three = 3.0f64.ln();
        let close = |found: Result<f64, Error>, wanted: f64| assert!((found.unwrap() - wanted).abs() < 1e-12);
        close(cllr(&[0.0], &[0.0, 0.0]), 1.0);
        close(cllr(&[f64::INFINITY], &[-1e9]), 0.0);
        // log2(1 + 1/3) and log2(1 + 3), the second for a ratio that misleads.
        close(cllr(&[three], &[-three]), (4.0f64 / 3.0).log2());
        close(cllr(&[three], &[three]), ((4.0f64 / 3.0).log2() + 2.0) / 2.0);
        assert!(cllr(&[], &[1.0]).is_err() && cllr(&[1.0], &[f64::NAN]).is_err());
    }

    #[test]
    fn votes() {
        assert_eq!(vote(&[[0.9, 0.1], [0.2, 0.3], [0.2, 0.3]]), Ok(1), "the majority, though the sum says 0");
        assert_eq!(vote(&[[0.9, 0.1], [0.2, 0.3]]), Ok(0), "the sum decides a tie");
        assert_eq!(vote(&[[0.5, 0.5]]), Ok(0), "then the number");
        assert!(vote(&[[0.0f32; 0]]).is_err() && vote(&[] as &[Vec<f32>]).is_err());
        assert!(vote(&[vec![0.1], vec![0.1, 0.2]]).is_err() && vote(&[[f32::NAN]]).is_err());
    }

    proptest! {
        #[test]
        fn the_cosine_of_joined_vectors_is_the_mean(seed in 0u64..500, models in 1usize..5) {
            let world = Simulation { people: 2, photos: 1, dimension: 5, ..Simulation::default() };
            let faces: Vec<Vec<Vec<f32>>> = (0..models).map(|model| world.faces(seed * 7 + model as u64).0).collect();
            let joined = [0, 1].map(|face: usize| {
                concatenate(&faces.iter().map(|model| model[face].as_slice()).collect::<Vec<_>>()).unwrap()
            });
            let mean = faces.iter().map(|model| cosine(&model[0], &model[1])).sum::<f32>() / models as f32;
            prop_assert!((cosine(&joined[0], &joined[1]) - mean).abs() < 1e-5);
        }
    }

    #[test]
    fn comes_back_from_text_and_refuses_bad_input() {
        let (scores, same) = pairs(100, 4);
        let fusion = Fusion::train(&MODELS, &scores, &same, 1e-3).unwrap();
        let text = fusion.to_toml().unwrap();
        assert_eq!(Fusion::from_toml(&text), Ok(fusion.clone()));
        for (from, to) in [
            ("format = 1", "format = 2"),
            ("bias = ", "bias = nan\n# "),
            ("bias = ", "unknown = "),
            ("deviation = ", "deviation = -"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text);
            assert!(matches!(Fusion::from_toml(&changed), Err(Error::Stored { .. })), "{changed}");
        }

        assert!(matches!(fusion.score(&[1.0]), Err(Error::BadVector(_))));
        assert!(matches!(fusion.score(&[1.0, f32::NAN]), Err(Error::BadVector(_))));
        let refused = |scores: &[[f32; 2]], same: &[bool], part: &str| {
            let error = Fusion::train(&MODELS, scores, same, 1e-3).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        };
        refused(&[], &[], "0 of 0 pairs");
        refused(&scores, &[true], "100 rows of scores but 1 labels");
        refused(&scores, &[true; 100], "100 of 100 pairs");
        refused(&[[0.1, 0.2], [0.1, f32::NAN]], &[true, false], "pair 1");
        refused(&[[0.1, 0.2], [0.1, 0.3]], &[true, false], "system 0");
        assert!(matches!(Fusion::train(&MODELS, &scores, &same, 0.0), Err(Error::Setting { .. })));
        assert!(Fusion::train(&[], &scores, &same, 0.1).is_err());
        assert!(concatenate(&[]).is_err() && concatenate(&[&[2.0]]).is_err() && concatenate(&[&[]]).is_err());
    }
}
