//! Template adaptation: a small classifier of its own for every template (Crosswhite et al., arXiv:1603.03958).

use model::Fingerprint;

use crate::linear::{check_unit, dot, to_unit};
use crate::parameters::Parameters;
use crate::{Error, TrainingSet};

/// The largest violation of the duals' conditions at which the machine is trained.
const TOLERANCE: f64 = 1e-4;

/// Rounds over all examples. It takes a few dozen, and thousands where many examples share few dimensions.
const ROUNDS: usize = 50_000;

/// A fixed set of strangers against whom every template is set.
///
/// For a template's vectors (positives) and the strangers (negatives) a linear support vector machine is trained:
/// L2-regularised, squared hinge loss, dual coordinate descent (Hsieh et al., ICML 2008; `liblinear -s 1`). The
/// costs are balanced, `C n / (2 n+)` for positives and `C n / (2 n-)` for negatives. Two templates score the mean
/// of the two cross decisions: each machine's on the other's mean vector. About 1 is "the same", -1 "a stranger".
///
/// Training a machine takes a few milliseconds per thousand strangers. It is deterministic.
#[derive(Clone, Debug, PartialEq)]
pub struct Adaptation {
    dimension: usize,
    negatives: Vec<f32>,
    cost: f64,
    fingerprint: Fingerprint,
}

/// A template with its machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Adapted {
    /// Its mean vector, of unit length.
    vector: Vec<f32>,
    weights: Vec<f32>,
    bias: f64,
}

impl Adaptation {
    /// Strangers, and the cost `C` of an error; 10 is usual.
    ///
    /// # Errors
    /// [`Error::CohortTooSmall`] for no strangers, [`Error::Training`] for vectors that are not usable,
    /// [`Error::Setting`] for a cost that is not a number greater than 0.
    pub fn new(negatives: &[impl AsRef<[f32]>], cost: f64, fingerprint: Fingerprint) -> Result<Self, Error> {
        if negatives.is_empty() {
            return Err(Error::CohortTooSmall { found: 0, needed: 1 });
        }
        if !(cost.is_finite() && cost > 0.0) {
            return Err(Error::Setting { name: "cost", value: cost, allowed: "a number greater than 0" });
        }
        let set = TrainingSet::unlabelled(negatives, fingerprint)?;
        let negatives = set.vectors().flatten().copied().collect();
        Ok(Self { dimension: set.dimension(), negatives, cost, fingerprint })
    }

    /// The model whose vectors it takes.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Trains the machine of a template, a set of unit vectors of one person.
    ///
    /// # Errors
    /// [`Error::NoFaces`] for none, [`Error::BadVector`] for a vector of another length or not of unit length,
    /// [`Error::Opposed`] where they cancel out.
    pub fn adapt(&self, template: &[&[f32]]) -> Result<Adapted, Error> {
        if template.is_empty() {
            return Err(Error::NoFaces);
        }
        let mut sum = vec![0.0f64; self.dimension];
        for vector in template {
            check_unit(vector, self.dimension).map_err(Error::BadVector)?;
            sum.iter_mut().zip(*vector).for_each(|(sum, &value)| *sum += f64::from(value));
        }
        sum.iter_mut().for_each(|sum| *sum /= template.len() as f64);
        let mean = match template {
            [one] => one.to_vec(),
            _ => to_unit(sum)
                .ok_or(Error::Opposed { faces: template.len() })?
                .into_iter()
                .map(|value| value as f32)
                .collect(),
        };
        let negatives = self.negatives.chunks_exact(self.dimension);
        let examples: Vec<&[f32]> = template.iter().copied().chain(negatives).collect();
        let (weights, bias) = machine(&examples, template.len(), self.cost);
        Ok(Adapted { vector: mean, weights: weights.into_iter().map(|value| value as f32).collect(), bias })
    }

    /// Mean of the two cross decisions of templates that this set adapted; symmetric.
    pub fn score(&self, a: &Adapted, b: &Adapted) -> f64 {
        let decision = |machine: &Adapted, face: &Adapted| dot(&machine.weights, &face.vector) + machine.bias;
        0.5 * (decision(a, b) + decision(b, a))
    }

    /// How many strangers it knows.
    pub fn negatives(&self) -> usize {
        self.negatives.len() / self.dimension
    }

    pub(crate) fn to_parameters(&self, kind: &str) -> Parameters {
        Parameters::new(kind, self.fingerprint).set("cost", self.cost).with_vectors(
            "negatives",
            self.dimension,
            &self.negatives,
        )
    }

    pub(crate) fn from_parameters(parameters: &Parameters) -> Result<Self, String> {
        let (values, dimension) = parameters.vectors("negatives")?;
        let negatives: Vec<&[f32]> = values.chunks_exact(dimension).collect();
        Self::new(&negatives, parameters.number("cost")?, parameters.fingerprint)
            .map_err(|error| error.to_string())
    }
}

/// Minimises `|w|^2 / 2 + sum_i C_i max(0, 1 - y_i (<w, x_i> + b))^2`, the bias `b` counted among `w`; the first
/// `positives` examples are positive.
fn machine(examples: &[&[f32]], positives: usize, cost: f64) -> (Vec<f64>, f64) {
    let count = examples.len() as f64;
    let negatives = (examples.len() - positives) as f64;
    let mut weights = vec![0.0f64; examples[0].len()];
    let mut bias = 0.0f64;
    let mut duals = vec![0.0f64; examples.len()];
    let squares: Vec<f64> = examples.iter().map(|x| dot(x, x) + 1.0).collect();
    let class = |at: usize| {
        let (sign, size) = if at < positives { (1.0, positives as f64) } else { (-1.0, negatives) };
        // 1 / (2 C_i), with C_i = C n / (2 n_class).
        (sign, size / (cost * count))
    };
    // A new order in every round converges faster than a fixed one; the seed keeps it the same everywhere.
    let mut random = fastrand::Rng::with_seed(1);
    let mut order: Vec<usize> = (0..examples.len()).collect();
    for _ in 0..ROUNDS {
        random.shuffle(&mut order);
        let mut violation = 0.0f64;
        for &at in &order {
            let (sign, diagonal) = class(at);
            let decision: f64 =
                bias + weights.iter().zip(examples[at]).map(|(w, &x)| w * f64::from(x)).sum::<f64>();
            let slope = sign * decision - 1.0 + diagonal * duals[at];
            let projected = if duals[at] == 0.0 { slope.min(0.0) } else { slope };
            violation = violation.max(projected.abs());
            if projected == 0.0 {
                continue;
            }
            let next = (duals[at] - slope / (squares[at] + diagonal)).max(0.0);
            let step = sign * (next - duals[at]);
            duals[at] = next;
            weights.iter_mut().zip(examples[at]).for_each(|(w, &x)| *w += step * f64::from(x));
            bias += step;
        }
        if violation < TOLERANCE {
            break;
        }
    }
    (weights, bias)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cosine;
    use crate::simulation::Simulation;

    /// Golden: one positive at x and one negative at y, both of cost C. By symmetry `w = (v, -v)`, `b = 0`;
    /// minimising
    /// `v^2 + 2 C (1 - v)^2` gives `v = 2 C / (1 + 2 C)`.
    #[test]
    fn golden_machine() {
        for cost in [0.5, 10.0] {
            let (weights, bias) = machine(&[&[1.0, 0.0], &[0.0, 1.0]], 1, cost);
            let wanted = 2.0 * cost / (1.0 + 2.0 * cost);
            assert!((weights[0] - wanted).abs() < 2e-3 && (weights[1] + wanted).abs() < 2e-3, "{weights:?}");
            assert!(bias.abs() < 2e-3);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        /// The loss is convex: at its minimum the slope in every direction is 0.
        #[test]
        fn the_machine_is_at_the_minimum(
            (positives, negatives) in (1usize..4, 1usize..20),
            cost in 0.1f64..20.0,
            seed in 0u64..1000,
        ) {
            let people = positives + negatives;
            let world = Simulation { people, photos: 1, dimension: 4, ..Simulation::default() };
            let faces = world.faces(seed).0;
            let examples: Vec<&[f32]> = faces.iter().map(Vec::as_slice).collect();
            let (weights, bias) = machine(&examples, positives, cost);
            let mut slope: Vec<f64> = weights.iter().copied().chain([bias]).collect();
            let count = examples.len() as f64;
            let mut scale = 1.0;
            for (at, x) in examples.iter().enumerate() {
                let (sign, class) = if at < positives { (1.0, positives) } else { (-1.0, negatives) };
                let weight = cost * count / (2.0 * class as f64);
                let decision = bias + weights.iter().zip(*x).map(|(w, &x)| w * f64::from(x)).sum::<f64>();
                let short = (1.0 - sign * decision).max(0.0);
                for (at, value) in x.iter().map(|&x| f64::from(x)).chain([1.0]).enumerate() {
                    slope[at] -= 2.0 * weight * short * sign * value;
                }
                scale += 2.0 * weight;
            }
            // Each example is within the tolerance when it is visited; the visits after it move the weights on.
            let visits = 1.0 + count;
            let worst = slope.iter().fold(0.0f64, |worst, slope| worst.max(slope.abs()));
            prop_assert!(worst < visits * TOLERANCE * scale, "{worst} of {scale}");
        }
    }

    #[test]
    fn tells_templates_apart_better_than_their_means() {
        // A direction in which strangers vary a lot and photos of a person too: the machine learns to ignore it.
        let world = Simulation { dimension: 24, photos: 8, nuisance: 3.0, ..Simulation::default() };
        let strangers = Simulation { people: 100, photos: 1, ..world }.faces(1).0;
        let adaptation = Adaptation::new(&strangers, 10.0, Simulation::MODEL).unwrap();
        let (faces, identities) = Simulation { people: 25, ..world }.faces(2);
        let halves: Vec<Vec<&[f32]>> =
            faces.chunks(4).map(|chunk| chunk.iter().map(Vec::as_slice).collect()).collect();
        let people: Vec<u32> = identities.iter().step_by(4).copied().collect();
        let ready: Vec<Adapted> = halves.iter().map(|half| adaptation.adapt(half).unwrap()).collect();
        let misses = |score: &dyn Fn(usize, usize) -> f64| crate::simulation::miss_rate(score, &people, 1e-2);
        let adapted = misses(&|a, b| adaptation.score(&ready[a], &ready[b]));
        let plain = misses(&|a, b| f64::from(cosine(&ready[a].vector, &ready[b].vector)));
        assert!(adapted < 0.8 * plain, "{adapted}, means {plain}");
        assert_eq!(adaptation.score(&ready[0], &ready[1]), adaptation.score(&ready[1], &ready[0]));
        assert_eq!(adaptation.adapt(&halves[0]).unwrap(), ready[0]);
    }

    #[test]
    fn bad_input_is_refused() {
        let make = |negatives: &[Vec<f32>], cost| Adaptation::new(negatives, cost, Simulation::MODEL);
        let stranger = vec![vec![0.0, 1.0]];
        assert!(matches!(make(&[], 10.0), Err(Error::CohortTooSmall { .. })));
        assert!(matches!(make(&stranger, 0.0), Err(Error::Setting { .. })));
        assert!(matches!(make(&[vec![2.0, 0.0]], 1.0), Err(Error::Training(_))));
        let adaptation = make(&stranger, 10.0).unwrap();
        assert_eq!(adaptation.adapt(&[]), Err(Error::NoFaces));
        assert!(matches!(adaptation.adapt(&[&[1.0]]), Err(Error::BadVector(_))));
        let opposed: [&[f32]; 2] = [&[1.0, 0.0], &[-1.0, 0.0]];
        assert_eq!(adaptation.adapt(&opposed), Err(Error::Opposed { faces: 2 }));
    }
}
