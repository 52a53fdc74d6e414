//! Every way to score two vectors behind one door.

use std::fs;
use std::path::Path;

use model::Fingerprint;

use crate::adaptation::{Adaptation, Adapted};
use crate::linear::check_unit;
use crate::normalisation::{Cohort, Normalisation, Normaliser, TemplateStatistics};
use crate::parameters::Parameters;
use crate::two_covariance::{EmOptions, Projected};
use crate::whitening::{Whitening, WhiteningMethod};
use crate::{Error, JointBayesian, Plda, TrainingSet, cosine};

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

/// A file larger than this is no scorer.
const LARGEST_FILE: u64 = 4 << 30;

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
    /// # Errors
    /// [`Error::UnknownScorer`]; else what the scorer's own `train` or `new` says of the vectors.
    pub fn train(
        name: &str,
        vectors: &[impl AsRef<[f32]>],
        identities: &[u32],
        fingerprint: Fingerprint,
    ) -> Result<Self, Error> {
        Self::check_name(name)?;
        let set = TrainingSet::new(vectors, identities, fingerprint)?;
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

    /// The scorer as bytes, for a file.
    ///
    /// # Errors
    /// [`Error::Stored`], which no trained scorer gives.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let name = self.name();
        let parameters = match self {
            Self::Cosine { dimension, fingerprint } => {
                Parameters::new(name, *fingerprint).set("dimension", *dimension as f64)
            }
            Self::Whitened(whitening) => whitening.to_parameters(),
            Self::Normalised(normaliser) => normaliser.to_parameters(name),
            Self::JointBayesian(joint) => joint.to_parameters(name),
            Self::Plda(plda) => plda.to_parameters(name),
            Self::Adapted(adaptation) => adaptation.to_parameters(name),
        };
        parameters.to_bytes().map_err(|reason| Error::Stored { action: "written", reason })
    }

    /// The reverse; every length, number and matrix is checked.
    ///
    /// # Errors
    /// [`Error::Stored`] for bytes that are no scorer or a damaged one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::read(bytes).map_err(|reason| Error::Stored { action: "read", reason })
    }

    fn read(bytes: &[u8]) -> Result<Self, String> {
        let parameters = Parameters::from_bytes(bytes)?;
        let normalised = |rule| Normaliser::from_parameters(&parameters, rule).map(Self::from);
        match parameters.kind.as_str() {
            "cosine" => {
                let dimension = parameters.count("dimension")?;
                Ok(Self::Cosine { dimension, fingerprint: parameters.fingerprint })
            }
            "centre" | "zca" | "pca" | "wccn" | "lda" => {
                Whitening::from_parameters(&parameters).map(Self::from)
            }
            "z-norm" => normalised(Normalisation::Z),
            "t-norm" => normalised(Normalisation::T),
            "zt-norm" => normalised(Normalisation::Zt),
            "tz-norm" => normalised(Normalisation::Tz),
            "s-norm" => normalised(Normalisation::S),
            "as-norm" => normalised(Normalisation::AdaptiveS { nearest: 0 }),
            "joint-bayesian" => JointBayesian::from_parameters(&parameters).map(Self::from),
            "plda" => Plda::from_parameters(&parameters).map(Self::from),
            "template-adaptation" => Adaptation::from_parameters(&parameters).map(Self::from),
            other => Err(format!("there is no scorer \"{other}\": a newer version wrote it")),
        }
    }

    /// Writes it to a file; the file is there as a whole or not at all.
    ///
    /// # Errors
    /// [`Error::Stored`] with the file's name.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let refuse = |error: std::io::Error| Error::Stored {
            action: "written",
            reason: format!("{}: {error}", path.display()),
        };
        let bytes = self.to_bytes()?;
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, path)).map_err(|error| {
            // What was not finished is of no use; the first error is the one to tell.
            let _ = fs::remove_file(&partial);
            refuse(error)
        })
    }

    /// Reads it from a file, for vectors of this model.
    ///
    /// # Errors
    /// [`Error::Stored`] with the file's name; [`Error::DifferentModels`] for a scorer of another model.
    pub fn load(path: &Path, fingerprint: Fingerprint) -> Result<Self, Error> {
        let refuse = |reason: String| Error::Stored {
            action: "read",
            reason: format!("{}: {reason}", path.display()),
        };
        let size = fs::metadata(path).map_err(|error| refuse(error.to_string()))?.len();
        if size > LARGEST_FILE {
            return Err(refuse(format!("{size} bytes are too many for a scorer")));
        }
        let bytes = fs::read(path).map_err(|error| refuse(error.to_string()))?;
        let scorer = Self::read(&bytes).map_err(refuse)?;
        if scorer.fingerprint() != fingerprint {
            return Err(Error::DifferentModels { left: fingerprint, right: scorer.fingerprint() });
        }
        Ok(scorer)
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
    fn files_are_whole_and_of_one_model() {
        let folder = std::env::temp_dir().join(format!("omote-scorer-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a.scorer");
        let scorer = trained("plda");
        scorer.save(&path).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing partial stays");
        assert_eq!(Scorer::load(&path, Simulation::MODEL), Ok(scorer.clone()));
        let other = Fingerprint([9; 32]);
        assert_eq!(
            Scorer::load(&path, other),
            Err(Error::DifferentModels { left: other, right: Simulation::MODEL })
        );
        fs::write(&path, "not a scorer").unwrap();
        let error = Scorer::load(&path, Simulation::MODEL).unwrap_err().to_string();
        assert!(error.contains("a.scorer") && error.contains("not a scorer of this version"), "{error}");
        assert!(Scorer::load(&folder.join("none"), Simulation::MODEL).is_err());
        assert!(scorer.save(&folder.join("no/such/folder")).is_err());
        fs::remove_dir_all(&folder).unwrap();
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
        let error = Scorer::train("as-norm", &[face], &[1], Simulation::MODEL).unwrap_err();
        assert_eq!(error, Error::CohortTooSmall { found: 1, needed: 2 });
    }
}
