//! Every way to score two vectors behind one door.

mod file;
mod needs;

use model::Fingerprint;

use crate::adaptation::{Adaptation, Adapted};
use crate::linear::check_unit;
use crate::normalisation::{Cohort, Normalisation, Normaliser, TemplateStatistics};
use crate::two_covariance::{EmOptions, Projected};
use crate::whitening::{Whitening, WhiteningMethod};
use crate::{Error, JointBayesian, Plda, TrainingSet, cosine};

pub use file::ScorerFile;
pub use needs::Shortage;

/// How many vectors of a training set become the cohort of [`Scorer::train`] at most: more make preparing slow.
const COHORT: usize = 5_000;

/// How many become the negatives of template adaptation at most: a machine is trained on them for every template.
const NEGATIVES: usize = 1_000;

/// How many of them are the nearest ones of AS-norm.
const NEAREST: usize = 300;

/// How far [`Scorer::train`] pulls covariances towards those of a plain cosine. Photos of a few hundred people do not
/// know the covariances of a hundred dimensions: without it every learned score is worse than the cosine.
const SHRINKAGE: f64 = 0.5;

/// The diagonal that [`Scorer::train`] adds for LDA, for the same reason.
const RIDGE: f64 = 1e-2;

/// The cost of template adaptation as published.
const COST: f64 = 10.0;

/// A way to score two vectors of one model, trained where it has to be. Larger scores are more alike; each way has a
/// scale of its own, so that thresholds and calibrations belong to one scorer.
///
/// ```
/// use model::Fingerprint;
/// use omote_matching::Scorer;
///
/// let model = Fingerprint([7; 32]);
/// let people = [[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]];
/// let scorer = Scorer::train("centre", &people, &[1, 1, 2, 2], model)?;
/// let (a, b) = (scorer.prepare(&[0.6, 0.8])?, scorer.prepare(&[0.0, -1.0])?);
/// assert!(scorer.score(&a, &b)? < 0.0);
/// # Ok::<(), omote_matching::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Scorer {
    /// The plain cosine.
    Cosine {
        /// Values per vector.
        dimension: usize,
        /// The model.
        fingerprint: Fingerprint,
    },
    /// The cosine of changed vectors.
    Whitened(Whitening),
    /// The cosine normalised by a cohort.
    Normalised(Normaliser),
    /// Joint Bayesian.
    JointBayesian(JointBayesian),
    /// The logarithm of a likelihood ratio by PLDA.
    Plda(Plda),
    /// Cross decisions of classifiers made for each template.
    Adapted(Adaptation),
}

/// A vector or template made ready by [`Scorer::prepare`], with all that does not depend on what it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Vector(Vec<f32>),
    Statistics(Vec<f32>, TemplateStatistics),
    Projected(Projected),
    Adapted(Adapted),
}

impl Scorer {
    /// The names that [`Scorer::train`] knows.
    pub const NAMES: [&'static str; 14] = [
        "cosine",
        "centre",
        "zca",
        "wccn",
        "lda",
        "z-norm",
        "t-norm",
        "zt-norm",
        "tz-norm",
        "s-norm",
        "as-norm",
        "joint-bayesian",
        "plda",
        "template-adaptation",
    ];

    /// Trains the scorer of this name with its usual settings on vectors of known people, who must not be among those
    /// it is measured or used on. For other settings train the type itself: every one converts into a `Scorer`.
    ///
    /// Covariances are shrunk by a half. The cohort of the score normalisations is made of all vectors or, of a
    /// large set, 5,000 evenly spaced ones, and AS-norm takes the 300 nearest; the negatives of template adaptation
    /// are at most 1,000 such ones.
    ///
    /// Of how much a set is short to learn it well, [`Scorer::shortages`] says.
    ///
    /// # Errors
    /// [`Error::UnknownScorer`]; [`Error::TooFewToLearn`] for fewer than two people (`centre`) or ten (all others but
    /// `cosine` and `wccn`); else what the scorer's own `train` or `new` says of the vectors.
    pub fn train(
        name: &str,
        vectors: &[impl AsRef<[f32]>],
        identities: &[u32],
        fingerprint: Fingerprint,
    ) -> Result<Self, Error> {
        Self::check_name(name)?;
        let set = TrainingSet::new(vectors, identities, fingerprint)?;
        Self::check_people(name, set.identities())?;
        let spread = |most: usize| -> Vec<&[f32]> {
            let every = set.len().div_ceil(most);
            set.vectors().step_by(every).collect()
        };
        let cohort = || Cohort::new(&spread(COHORT), fingerprint);
        let dimension = set.dimension();
        let whitened = |method| Whitening::train(&set, method).map(Self::from);
        let normalised = |rule| Normaliser::new(cohort()?, rule).map(Self::from);
        let learning = EmOptions { shrinkage: SHRINKAGE, ..EmOptions::default() };
        match name {
            "centre" => whitened(WhiteningMethod::Centre),
            "zca" => whitened(WhiteningMethod::Zca { shrinkage: SHRINKAGE }),
            "wccn" => whitened(WhiteningMethod::Wccn { shrinkage: SHRINKAGE }),
            "lda" => {
                let dimensions = dimension.min(set.identities().saturating_sub(1));
                whitened(WhiteningMethod::Lda { dimensions, ridge: RIDGE })
            }
            "z-norm" => normalised(Normalisation::Z),
            "t-norm" => normalised(Normalisation::T),
            "zt-norm" => normalised(Normalisation::Zt),
            "tz-norm" => normalised(Normalisation::Tz),
            "s-norm" => normalised(Normalisation::S),
            "as-norm" => {
                let cohort = cohort()?;
                let nearest = NEAREST.min(cohort.len());
                Normaliser::new(cohort, Normalisation::AdaptiveS { nearest }).map(Self::from)
            }
            "joint-bayesian" => JointBayesian::train(&set, &learning).map(Self::from),
            "plda" => Plda::train(&set, &learning).map(Self::from),
            "template-adaptation" => Adaptation::new(&spread(NEGATIVES), COST, fingerprint).map(Self::from),
            _ => Ok(Self::Cosine { dimension, fingerprint }),
        }
    }

    fn check_name(name: &str) -> Result<(), Error> {
        if Self::NAMES.contains(&name) {
            return Ok(());
        }
        Err(Error::UnknownScorer { name: name.to_owned(), known: Self::NAMES.join(", ") })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Cosine { .. } => "cosine",
            Self::Whitened(whitening) => whitening.name(),
            Self::Normalised(normaliser) => match normaliser.rule() {
                Normalisation::Z => "z-norm",
                Normalisation::T => "t-norm",
                Normalisation::Zt => "zt-norm",
                Normalisation::Tz => "tz-norm",
                Normalisation::S => "s-norm",
                Normalisation::AdaptiveS { .. } => "as-norm",
            },
            Self::JointBayesian(_) => "joint-bayesian",
            Self::Plda(_) => "plda",
            Self::Adapted(_) => "template-adaptation",
        }
    }

    /// The model whose vectors it takes.
    pub fn fingerprint(&self) -> Fingerprint {
        match self {
            Self::Cosine { fingerprint, .. } => *fingerprint,
            Self::Whitened(whitening) => whitening.fingerprint(),
            Self::Normalised(normaliser) => normaliser.cohort().fingerprint(),
            Self::JointBayesian(joint) => joint.fingerprint(),
            Self::Plda(plda) => plda.fingerprint(),
            Self::Adapted(adaptation) => adaptation.fingerprint(),
        }
    }

    /// What it is made of, in numbers with their names: values per vector, vectors of the cohort and the like.
    pub fn facts(&self) -> Vec<(&'static str, usize)> {
        match self {
            Self::Cosine { dimension, .. } => vec![("values", *dimension)],
            Self::Whitened(whitening) => vec![("values left", whitening.dimension())],
            Self::Normalised(normaliser) => {
                let mut facts = vec![("cohort", normaliser.cohort().len())];
                if let Normalisation::AdaptiveS { nearest } = normaliser.rule() {
                    facts.push(("nearest", nearest));
                }
                facts
            }
            Self::JointBayesian(joint) => vec![("values left", joint.dimension())],
            Self::Plda(plda) => vec![("values left", plda.dimension())],
            Self::Adapted(adaptation) => vec![("negatives", adaptation.negatives())],
        }
    }

    /// Makes a unit vector ready to be scored against others.
    ///
    /// # Errors
    /// [`Error::BadVector`] for a vector of another length or not of unit length, or that the scorer maps to nothing;
    /// [`Error::NoVariance`] for a cohort that cannot normalise it.
    pub fn prepare(&self, vector: &[f32]) -> Result<Prepared, Error> {
        Ok(Prepared(match self {
            Self::Cosine { dimension, .. } => {
                check_unit(vector, *dimension).map_err(Error::BadVector)?;
                Kind::Vector(vector.to_vec())
            }
            Self::Whitened(whitening) => Kind::Vector(whitening.apply(vector)?),
            Self::Normalised(normaliser) => Kind::Statistics(vector.to_vec(), normaliser.statistics(vector)?),
            Self::JointBayesian(joint) => Kind::Projected(joint.prepare(vector)?),
            Self::Plda(plda) => Kind::Projected(plda.prepare(vector)?),
            Self::Adapted(adaptation) => Kind::Adapted(adaptation.adapt(&[vector])?),
        }))
    }

    /// Makes a template of several unit vectors of one person ready: template adaptation uses each of them, all
    /// others the vector that they were pooled to.
    ///
    /// # Errors
    /// As [`Scorer::prepare`], and [`Error::NoFaces`] or [`Error::Opposed`] for a template that is none.
    pub fn prepare_template(&self, vectors: &[&[f32]], pooled: &[f32]) -> Result<Prepared, Error> {
        match self {
            Self::Adapted(adaptation) => Ok(Prepared(Kind::Adapted(adaptation.adapt(vectors)?))),
            _ => self.prepare(pooled),
        }
    }

    /// Makes many unit vectors ready, in `threads` threads (0 counts as 1). Where there is none, none comes back: so
    /// that photos without a face keep their places.
    ///
    /// # Errors
    /// As [`Scorer::prepare`], of the first vector that is not usable.
    pub fn prepare_all(
        &self,
        vectors: &[Option<&[f32]>],
        threads: usize,
    ) -> Result<Vec<Option<Prepared>>, Error> {
        let share = vectors.len().div_ceil(threads.max(1)).max(1);
        let prepare = |part: &[Option<&[f32]>]| -> Result<Vec<Option<Prepared>>, Error> {
            part.iter().map(|vector| vector.map(|vector| self.prepare(vector)).transpose()).collect()
        };
        let parts = std::thread::scope(|scope| {
            let workers: Vec<_> =
                vectors.chunks(share).map(|part| scope.spawn(move || prepare(part))).collect();
            let parts = workers.into_iter().map(|worker| match worker.join() {
                Ok(part) => part,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            parts.collect::<Result<Vec<_>, Error>>()
        })?;
        Ok(parts.concat())
    }

    /// The score of an enrolled and a searched vector; larger is more alike. Only Z-, T-, ZT- and TZ-norm care
    /// which is which.
    ///
    /// # Errors
    /// [`Error::OtherScorer`] for vectors that another kind of scorer prepared.
    pub fn score(&self, enrolled: &Prepared, searched: &Prepared) -> Result<f32, Error> {
        match (self, &enrolled.0, &searched.0) {
            (Self::Cosine { .. } | Self::Whitened(_), Kind::Vector(a), Kind::Vector(b))
                if a.len() == b.len() =>
            {
                Ok(cosine(a, b))
            }
            (
                Self::Normalised(normaliser),
                Kind::Statistics(a, a_statistics),
                Kind::Statistics(b, b_statistics),
            ) if a.len() == b.len() => Ok(normaliser.score((a, a_statistics), (b, b_statistics)) as f32),
            (Self::JointBayesian(joint), Kind::Projected(a), Kind::Projected(b)) => {
                Ok(joint.score(a, b) as f32)
            }
            (Self::Plda(plda), Kind::Projected(a), Kind::Projected(b)) => Ok(plda.score(a, b) as f32),
            (Self::Adapted(adaptation), Kind::Adapted(a), Kind::Adapted(b)) => {
                Ok(adaptation.score(a, b) as f32)
            }
            _ => Err(Error::OtherScorer(match self {
                Self::Cosine { .. } => "cosine",
                Self::Whitened(_) => "whitening",
                Self::Normalised(_) => "score normalisation",
                Self::JointBayesian(_) => "joint-bayesian",
                Self::Plda(_) => "plda",
                Self::Adapted(_) => "template-adaptation",
            })),
        }
    }
}

impl From<Whitening> for Scorer {
    fn from(whitening: Whitening) -> Self {
        Self::Whitened(whitening)
    }
}

impl From<Normaliser> for Scorer {
    fn from(normaliser: Normaliser) -> Self {
        Self::Normalised(normaliser)
    }
}

impl From<JointBayesian> for Scorer {
    fn from(joint: JointBayesian) -> Self {
        Self::JointBayesian(joint)
    }
}

impl From<Plda> for Scorer {
    fn from(plda: Plda) -> Self {
        Self::Plda(plda)
    }
}

impl From<Adaptation> for Scorer {
    fn from(adaptation: Adaptation) -> Self {
        Self::Adapted(adaptation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::{Simulation, miss_rate};

    fn world() -> Simulation {
        Simulation { people: 30, photos: 4, dimension: 8, ..Simulation::default() }
    }

    fn trained(name: &str) -> Scorer {
        let (vectors, identities) = world().faces(1);
        Scorer::train(name, &vectors, &identities, Simulation::MODEL).unwrap()
    }

    #[test]
    fn every_name_trains_scores_and_comes_back() {
        let (test, identities) = world().faces(2);
        for name in Scorer::NAMES {
            let scorer = trained(name);
            assert_eq!((scorer.name(), scorer.fingerprint()), (name, Simulation::MODEL));
            let ready: Vec<Prepared> = test.iter().map(|face| scorer.prepare(face).unwrap()).collect();
            let score = |a: usize, b: usize| f64::from(scorer.score(&ready[a], &ready[b]).unwrap());
            let misses = miss_rate(score, &identities, 0.05);
            assert!(misses < 0.35, "{name}: {misses}");

            let back = Scorer::from_bytes(&scorer.to_bytes().unwrap()).unwrap();
            assert_eq!(back, scorer);
            for at in 0..3 {
                assert_eq!(back.prepare(&test[at]).unwrap(), ready[at], "{name}");
            }
            let one = scorer.prepare_template(&[&test[0]], &test[0]).unwrap();
            assert_eq!(one, ready[0], "{name}: a template of one is that one");
            assert!(scorer.prepare(&[1.0]).is_err() && scorer.prepare(&[f32::NAN; 8]).is_err());
        }
    }

    #[test]
    fn scorers_and_prepared_vectors_are_not_mixed() {
        let face = &world().faces(2).0[0];
        let (cosine, plda) = (trained("cosine"), trained("plda"));
        let (a, b) = (cosine.prepare(face).unwrap(), plda.prepare(face).unwrap());
        assert_eq!(cosine.score(&a, &b), Err(Error::OtherScorer("cosine")));
        assert_eq!(plda.score(&a, &a), Err(Error::OtherScorer("plda")));
        let error = Scorer::train("magic", &[face], &[1], Simulation::MODEL).unwrap_err();
        assert!(error.to_string().contains("as-norm"), "{error}");
    }
}
