//! Score normalisation: a score in units of what strangers score, so that one threshold serves everybody.

use std::sync::OnceLock;

use model::Fingerprint;

use crate::linear::{check_unit, dot};
use crate::parameters::Parameters;
use crate::{Error, TrainingSet, cosine};

/// Below this size the mean and deviation of the scores are known too badly.
const ADVISED: usize = 200;

/// Cosines that differ by less than this are equal but for rounding.
const NO_VARIANCE: f64 = 1e-6;

/// Strangers: unit vectors of people who are neither enrolled nor searched for, seen by the camera of deployment.
///
/// It may hold several photos of one person; one vector per person ([`TrainingSet::centres`]) makes the nearest
/// vectors those of as many people.
#[derive(Clone, Debug)]
pub struct Cohort {
    dimension: usize,
    values: Vec<f32>,
    fingerprint: Fingerprint,
    /// Of each member, the statistics of its scores against the others; made when ZT- or TZ-norm first asks for them.
    members: OnceLock<Result<Vec<CohortStatistics>, Error>>,
}

/// What a vector scores against a cohort.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CohortStatistics {
    /// Mean of the scores.
    pub mean: f64,
    /// Standard deviation of the scores (of the population: divided by their number); greater than 0.
    pub deviation: f64,
}

impl CohortStatistics {
    fn of(scores: &[f64]) -> Result<Self, Error> {
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        let square = scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>();
        let deviation = (square / scores.len() as f64).sqrt();
        if deviation > NO_VARIANCE {
            Ok(Self { mean, deviation })
        } else {
            Err(Error::NoVariance { cohort: scores.len() })
        }
    }

    /// How many deviations a score lies above the mean.
    pub fn normalise(&self, score: f64) -> f64 {
        (score - self.mean) / self.deviation
    }
}

impl PartialEq for Cohort {
    fn eq(&self, other: &Self) -> bool {
        (self.dimension, self.fingerprint, &self.values)
            == (other.dimension, other.fingerprint, &other.values)
    }
}

impl Cohort {
    /// Unit vectors of one model.
    ///
    /// # Errors
    /// [`Error::CohortTooSmall`] for fewer than 2 vectors, [`Error::Training`] for vectors that are not usable.
    pub fn new(vectors: &[impl AsRef<[f32]>], fingerprint: Fingerprint) -> Result<Self, Error> {
        if vectors.len() < 2 {
            return Err(Error::CohortTooSmall { found: vectors.len(), needed: 2 });
        }
        let set = TrainingSet::unlabelled(vectors, fingerprint)?;
        let values = set.vectors().flatten().copied().collect();
        Ok(Self { dimension: set.dimension(), values, fingerprint, members: OnceLock::new() })
    }

    /// How many vectors it has; at least 2.
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.values.len() / self.dimension
    }

    /// The model that made the vectors.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// A warning for people, where the cohort is smaller than advised.
    pub fn advice(&self) -> Option<String> {
        (self.len() < ADVISED).then(|| {
            format!(
                "the cohort has {} vectors; with fewer than {ADVISED} normalised scores are themselves noisy",
                self.len()
            )
        })
    }

    /// Mean and deviation of the vector's cosines with the cohort. Independent of what it is compared with, so that a
    /// template keeps them.
    ///
    /// # Errors
    /// [`Error::BadVector`] for a vector of another length or not of unit length, [`Error::NoVariance`] where all
    /// cosines are equal.
    pub fn statistics(&self, vector: &[f32]) -> Result<CohortStatistics, Error> {
        CohortStatistics::of(&self.scores(vector)?)
    }

    /// The same of its `nearest` largest cosines only: the strangers most like it.
    ///
    /// # Errors
    /// As [`Cohort::statistics`], and [`Error::CohortTooSmall`] for more than the cohort has or fewer than 2.
    pub fn nearest_statistics(&self, vector: &[f32], nearest: usize) -> Result<CohortStatistics, Error> {
        self.check_nearest(nearest)?;
        let mut scores = self.scores(vector)?;
        if nearest < scores.len() {
            scores.select_nth_unstable_by(nearest - 1, |a, b| b.total_cmp(a));
            scores.truncate(nearest);
            // The selection leaves them in an order of its own; a sum must not depend on it.
            scores.sort_unstable_by(f64::total_cmp);
        }
        CohortStatistics::of(&scores)
    }

    /// The same of the vector's cosines with the members after each was normalised by the statistics of its member
    /// (against the other members): what a score is normalised by in the second step of ZT- and TZ-norm. The first
    /// call takes time proportional to the square of the cohort's size.
    ///
    /// # Errors
    /// As [`Cohort::statistics`]; and those two for a cohort of fewer than 3, or whose members do not differ.
    pub fn chained_statistics(&self, vector: &[f32]) -> Result<CohortStatistics, Error> {
        let members = self.members.get_or_init(|| self.member_statistics()).as_ref().map_err(Error::clone)?;
        let scores = self.scores(vector)?;
        let chained: Vec<f64> =
            members.iter().zip(scores).map(|(member, score)| member.normalise(score)).collect();
        CohortStatistics::of(&chained)
    }

    fn check_nearest(&self, nearest: usize) -> Result<(), Error> {
        if nearest < 2 {
            return Err(Error::Setting { name: "nearest", value: nearest as f64, allowed: "at least 2" });
        }
        if nearest > self.len() {
            return Err(Error::CohortTooSmall { found: self.len(), needed: nearest });
        }
        Ok(())
    }

    fn vectors(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.dimension)
    }

    fn scores(&self, vector: &[f32]) -> Result<Vec<f64>, Error> {
        check_unit(vector, self.dimension).map_err(Error::BadVector)?;
        Ok(self.vectors().map(|member| dot(vector, member)).collect())
    }

    fn member_statistics(&self) -> Result<Vec<CohortStatistics>, Error> {
        if self.len() < 3 {
            return Err(Error::CohortTooSmall { found: self.len(), needed: 3 });
        }
        let others = |at: usize, vector: &[f32]| {
            let others = self.vectors().enumerate().filter(|&(other, _)| other != at);
            CohortStatistics::of(&others.map(|(_, member)| dot(vector, member)).collect::<Vec<f64>>())
        };
        self.vectors().enumerate().map(|(at, vector)| others(at, vector)).collect()
    }
}

/// How a cosine `s` of an enrolled vector `e` and a searched one `t` is normalised. `z(x)` is the cosine in
/// deviations above the mean of what `x` scores against the cohort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Normalisation {
    /// `z(e)`: enrolled people who resemble many others lose their advantage (Reynolds 1997).
    Z,
    /// `z(t)`: the same for the searched photo and its conditions (Auckenthaler et al. 2000).
    T,
    /// Z-norm, then T-norm of Z-normed scores.
    Zt,
    /// T-norm, then Z-norm of T-normed scores.
    Tz,
    /// `(z(e) + z(t)) / 2`; symmetric.
    S,
    /// S-norm by the nearest members only: `nearest` of them for `e` and as many for `t` (Matejka et al. 2017). 200
    /// to 400 are usual; symmetric.
    AdaptiveS {
        /// At least 2, at most the size of the cohort.
        nearest: usize,
    },
}

/// A cohort and a way to use it.
#[derive(Clone, Debug, PartialEq)]
pub struct Normaliser {
    cohort: Cohort,
    rule: Normalisation,
}

/// What a [`Normaliser`] keeps with a template.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TemplateStatistics {
    own: CohortStatistics,
    /// For ZT- and TZ-norm.
    chained: Option<CohortStatistics>,
}

impl Normaliser {
    /// # Errors
    /// [`Error::Setting`] or [`Error::CohortTooSmall`] where the rule asks for fewer than 2 nearest members or for
    /// more than there are.
    pub fn new(cohort: Cohort, rule: Normalisation) -> Result<Self, Error> {
        if let Normalisation::AdaptiveS { nearest } = rule {
            cohort.check_nearest(nearest)?;
        }
        Ok(Self { cohort, rule })
    }

    /// The cohort.
    pub fn cohort(&self) -> &Cohort {
        &self.cohort
    }

    /// How it is used.
    pub fn rule(&self) -> Normalisation {
        self.rule
    }

    /// What a template needs to be scored; kept with it, it is computed once.
    ///
    /// # Errors
    /// As [`Cohort::statistics`] and [`Cohort::chained_statistics`].
    pub fn statistics(&self, vector: &[f32]) -> Result<TemplateStatistics, Error> {
        let own = match self.rule {
            Normalisation::AdaptiveS { nearest } => self.cohort.nearest_statistics(vector, nearest)?,
            _ => self.cohort.statistics(vector)?,
        };
        let chained = match self.rule {
            Normalisation::Zt | Normalisation::Tz => Some(self.cohort.chained_statistics(vector)?),
            _ => None,
        };
        Ok(TemplateStatistics { own, chained })
    }

    /// The normalised score of an enrolled vector and a searched one, each with its statistics. Scores of strangers
    /// have a mean near 0 and a deviation near 1; there are no bounds.
    pub fn score(
        &self,
        enrolled: (&[f32], &TemplateStatistics),
        searched: (&[f32], &TemplateStatistics),
    ) -> f64 {
        self.normalise(f64::from(cosine(enrolled.0, searched.0)), enrolled.1, searched.1)
    }

    /// The same of a cosine that is known already.
    pub fn normalise(&self, score: f64, enrolled: &TemplateStatistics, searched: &TemplateStatistics) -> f64 {
        let (z, t) = (enrolled.own.normalise(score), searched.own.normalise(score));
        // The cosine is symmetric and the cohort is one, so what the cohort scores against the searched photo after
        // Z-norm has the statistics that the enrolled one has after T-norm.
        let second = |first: f64, by: &TemplateStatistics| by.chained.map_or(first, |by| by.normalise(first));
        match self.rule {
            Normalisation::Z => z,
            Normalisation::T => t,
            Normalisation::Zt => second(z, searched),
            Normalisation::Tz => second(t, enrolled),
            Normalisation::S | Normalisation::AdaptiveS { .. } => 0.5 * (z + t),
        }
    }

    pub(crate) fn to_parameters(&self, kind: &str) -> Parameters {
        let nearest = match self.rule {
            Normalisation::AdaptiveS { nearest } => nearest,
            _ => 0,
        };
        Parameters::new(kind, self.cohort.fingerprint).set("nearest", nearest as f64).with_vectors(
            "cohort",
            self.cohort.dimension,
            &self.cohort.values,
        )
    }

    /// The rule comes from the kind of the file; its number of nearest members from the file.
    pub(crate) fn from_parameters(parameters: &Parameters, rule: Normalisation) -> Result<Self, String> {
        let (values, dimension) = parameters.vectors("cohort")?;
        let vectors: Vec<&[f32]> = values.chunks_exact(dimension).collect();
        let rule = match rule {
            Normalisation::AdaptiveS { .. } => {
                Normalisation::AdaptiveS { nearest: parameters.count("nearest")? }
            }
            other => other,
        };
        Cohort::new(&vectors, parameters.fingerprint)
            .and_then(|cohort| Self::new(cohort, rule))
            .map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::simulation::Simulation;

    const RULES: [Normalisation; 6] = [
        Normalisation::Z,
        Normalisation::T,
        Normalisation::Zt,
        Normalisation::Tz,
        Normalisation::S,
        Normalisation::AdaptiveS { nearest: 4 },
    ];

    fn cohort(people: usize, seed: u64) -> (Cohort, Vec<Vec<f32>>) {
        let world = Simulation { people, photos: 1, dimension: 8, offset: 0.4, ..Simulation::default() };
        let vectors = world.faces(seed).0;
        (Cohort::new(&vectors, Simulation::MODEL).unwrap(), vectors)
    }

    /// Straight from the definitions, every statistic made again for every score.
    fn brute(rule: Normalisation, cohort: &[Vec<f32>], e: &[f32], t: &[f32]) -> f64 {
        let s = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
        let z = |score: f64, list: Vec<f64>| {
            let n = list.len() as f64;
            let mean = list.iter().sum::<f64>() / n;
            let variance = list.iter().map(|x| x * x).sum::<f64>() / n - mean * mean;
            (score - mean) / variance.sqrt()
        };
        let all = |x: &[f32]| cohort.iter().map(|c| s(c, x)).collect::<Vec<f64>>();
        let rest = |at: usize| {
            let others = cohort.iter().enumerate().filter(|(other, _)| *other != at);
            others.map(|(_, c)| s(c, &cohort[at])).collect::<Vec<f64>>()
        };
        let best = |x: &[f32], k: usize| {
            let mut list = all(x);
            list.sort_by(|a, b| b.partial_cmp(a).unwrap());
            list[..k].to_vec()
        };
        let score = s(e, t);
        match rule {
            Normalisation::Z => z(score, all(e)),
            Normalisation::T => z(score, all(t)),
            Normalisation::S => (z(score, all(e)) + z(score, all(t))) / 2.0,
            Normalisation::AdaptiveS { nearest } => {
                (z(score, best(e, nearest)) + z(score, best(t, nearest))) / 2.0
            }
            Normalisation::Zt => {
                let z_normed = (0..cohort.len()).map(|at| z(s(&cohort[at], t), rest(at))).collect();
                z(z(score, all(e)), z_normed)
            }
            Normalisation::Tz => {
                let t_normed = (0..cohort.len()).map(|at| z(s(e, &cohort[at]), rest(at))).collect();
                z(z(score, all(t)), t_normed)
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn agrees_with_the_definitions(people in 5usize..30, seed in 0u64..1000) {
            let (cohort, vectors) = cohort(people, seed);
            let test = Simulation { people: 2, photos: 1, dimension: 8, ..Simulation::default() }.faces(seed + 1).0;
            for rule in RULES {
                let normaliser = Normaliser::new(cohort.clone(), rule).unwrap();
                let ready = [0, 1].map(|at: usize| normaliser.statistics(&test[at]).unwrap());
                let found = normaliser.score((&test[0], &ready[0]), (&test[1], &ready[1]));
                let wanted = brute(rule, &vectors, &test[0], &test[1]);
                prop_assert!((found - wanted).abs() < 1e-4 * (1.0 + wanted.abs()), "{rule:?} {found} {wanted}");
                let turned = normaliser.score((&test[1], &ready[1]), (&test[0], &ready[0]));
                if matches!(rule, Normalisation::S | Normalisation::AdaptiveS { .. }) {
                    prop_assert!((found - turned).abs() < 1e-12);
                }
            }
        }
    }

    /// Two populations, one of which the model tells apart badly: its strangers look alike, so at one cosine they
    /// match far more often. The normalised score treats both the same.
    #[test]
    fn adaptive_norm_equalises_false_matches_of_two_populations() {
        let easy = Simulation { people: 150, photos: 1, dimension: 32, ..Simulation::default() };
        let hard = Simulation { offset: 0.6, ..easy };
        let strangers: Vec<Vec<f32>> = [easy.faces(1).0, hard.faces(2).0].concat();
        let cohort = Cohort::new(&strangers, Simulation::MODEL).unwrap();
        let rule = Normalisation::AdaptiveS { nearest: 100 };
        let normaliser = Normaliser::new(cohort, rule).unwrap();
        let groups = [easy.faces(3).0, hard.faces(4).0];

        let scores = |group: &[Vec<f32>], normalised: bool| {
            let ready: Vec<_> = group.iter().map(|face| normaliser.statistics(face).unwrap()).collect();
            let mut scores = Vec::new();
            for a in 0..group.len() {
                for b in 0..a {
                    scores.push(match normalised {
                        true => normaliser.score((&group[a], &ready[a]), (&group[b], &ready[b])),
                        false => f64::from(cosine(&group[a], &group[b])),
                    });
                }
            }
            scores
        };
        let ratio = |normalised: bool| {
            let [easy, hard] = [0, 1].map(|at: usize| scores(&groups[at], normalised));
            let mut all = [easy.clone(), hard.clone()].concat();
            all.sort_by(|a, b| b.total_cmp(a));
            let threshold = all[all.len() / 100];
            let rate = |list: &[f64]| list.iter().filter(|&&score| score >= threshold).count() as f64;
            rate(&hard) / rate(&easy).max(1.0)
        };
        let (plain, normalised) = (ratio(false), ratio(true));
        assert!(plain > 8.0, "{plain}");
        assert!((0.4..2.5).contains(&normalised), "{normalised}, before {plain}");
    }

    #[test]
    fn bad_cohorts_and_vectors_are_refused() {
        let make = |vectors: &[Vec<f32>]| Cohort::new(vectors, Simulation::MODEL);
        assert_eq!(make(&[]), Err(Error::CohortTooSmall { found: 0, needed: 2 }));
        assert_eq!(make(&[vec![1.0, 0.0]]), Err(Error::CohortTooSmall { found: 1, needed: 2 }));
        assert!(matches!(make(&[vec![1.0, 0.0], vec![3.0, 0.0]]), Err(Error::Training(_))));
        let same = make(&vec![vec![0.6, 0.8]; 5]).unwrap();
        assert_eq!(same.statistics(&[1.0, 0.0]), Err(Error::NoVariance { cohort: 5 }));
        assert_eq!(same.chained_statistics(&[1.0, 0.0]), Err(Error::NoVariance { cohort: 4 }));
        assert!(same.advice().unwrap().contains("200"));

        let (cohort, _) = cohort(200, 1);
        assert_eq!(cohort.advice(), None);
        assert!(matches!(cohort.statistics(&[1.0]), Err(Error::BadVector(_))));
        assert!(matches!(cohort.statistics(&[f32::NAN; 8]), Err(Error::BadVector(_))));
        let adaptive = |nearest| Normaliser::new(cohort.clone(), Normalisation::AdaptiveS { nearest });
        assert!(matches!(adaptive(1), Err(Error::Setting { .. })));
        assert_eq!(adaptive(201), Err(Error::CohortTooSmall { found: 200, needed: 201 }));
        assert!(adaptive(200).is_ok());
    }
}
