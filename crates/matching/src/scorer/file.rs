//! Scorers as files; their layout is that of [`Parameters`].

use std::fs;
use std::path::Path;

use model::{FileHash, Fingerprint};
use sha2::{Digest, Sha256};

use super::Scorer;
use crate::names::NameHash;
use crate::normalisation::{Normalisation, Normaliser};
use crate::parameters::{Learned, Parameters};
use crate::{Adaptation, Error, JointBayesian, Plda, Whitening};

/// A file larger than this is no scorer.
const LARGEST_FILE: u64 = 4 << 30;

impl Scorer {
    /// The scorer as bytes. Those of a file say besides what it was learned from; see [`ScorerFile`].
    ///
    /// # Errors
    /// [`Error::Stored`], which no trained scorer gives.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        self.parameters().to_bytes().map_err(|reason| Error::Stored { action: "written", reason })
    }

    fn parameters(&self) -> Parameters {
        let name = self.name();
        match self {
            Self::Cosine { dimension, fingerprint } => {
                Parameters::new(name, *fingerprint).set("dimension", *dimension as f64)
            }
            Self::Whitened(whitening) => whitening.to_parameters(),
            Self::Normalised(normaliser) => normaliser.to_parameters(name),
            Self::JointBayesian(joint) => joint.to_parameters(name),
            Self::Plda(plda) => plda.to_parameters(name),
            Self::Adapted(adaptation) => adaptation.to_parameters(name),
        }
    }

    /// SHA-256 of these bytes: two scorers with one hash give the same scores.
    ///
    /// # Errors
    /// As [`Scorer::to_bytes`].
    pub fn hash(&self) -> Result<FileHash, Error> {
        Ok(FileHash(Sha256::digest(self.to_bytes()?).into()))
    }

    /// The reverse; every length, number and matrix is checked.
    ///
    /// # Errors
    /// [`Error::Stored`] for bytes that are no scorer or a damaged one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Parameters::from_bytes(bytes)
            .and_then(|parameters| Self::of(&parameters))
            .map_err(|reason| Error::Stored { action: "read", reason })
    }

    fn of(parameters: &Parameters) -> Result<Self, String> {
        let normalised = |rule| Normaliser::from_parameters(parameters, rule).map(Self::from);
        match parameters.kind.as_str() {
            "cosine" => {
                let dimension = parameters.count("dimension")?;
                Ok(Self::Cosine { dimension, fingerprint: parameters.fingerprint })
            }
            "centre" | "zca" | "pca" | "wccn" | "lda" => {
                Whitening::from_parameters(parameters).map(Self::from)
            }
            "z-norm" => normalised(Normalisation::Z),
            "t-norm" => normalised(Normalisation::T),
            "zt-norm" => normalised(Normalisation::Zt),
            "tz-norm" => normalised(Normalisation::Tz),
            "s-norm" => normalised(Normalisation::S),
            "as-norm" => normalised(Normalisation::AdaptiveS { nearest: 0 }),
            "joint-bayesian" => JointBayesian::from_parameters(parameters).map(Self::from),
            "plda" => Plda::from_parameters(parameters).map(Self::from),
            "template-adaptation" => Adaptation::from_parameters(parameters).map(Self::from),
            other => Err(format!("there is no scorer \"{other}\": a newer version wrote it")),
        }
    }
}

/// A scorer with what is known of the vectors that it was learned from: what a file holds.
///
/// On the people that it was learned from a scorer does better than on others, so the file keeps a short hash of each
/// name, salted with the scorer's, by which [`overlap`](Self::overlap) finds them in a test. Vectors with and without
/// `--flip` are of one model and yet lie elsewhere, so it keeps which they were.
///
/// ```
/// use model::Fingerprint;
/// use omote_matching::{Scorer, ScorerFile};
///
/// let people = [[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-0.6, 0.8]];
/// let scorer = Scorer::train("centre", &people, &[1, 1, 2, 2], Fingerprint([7; 32]))?;
/// let file = ScorerFile::new(scorer, false, ["Ada Lovelace", "Bob"])?;
/// assert_eq!(file.overlap(["ada_lovelace", "Carl"]), 1);
/// # Ok::<(), omote_matching::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ScorerFile {
    scorer: Scorer,
    /// The scorer's own hash, with which those of the names are salted.
    salt: FileHash,
    learned: Learned,
}

impl ScorerFile {
    /// A scorer that was learned from vectors of these people, made with `--flip` or without. The plain cosine learns
    /// from nobody: it keeps no names.
    ///
    /// # Errors
    /// [`Error::Stored`], which no trained scorer gives.
    pub fn new<N: AsRef<str>>(
        scorer: Scorer,
        flip: bool,
        people: impl IntoIterator<Item = N>,
    ) -> Result<Self, Error> {
        let salt = scorer.hash()?;
        let people = match scorer {
            Scorer::Cosine { .. } => Vec::new(),
            _ => NameHash::all(people, &salt),
        };
        Ok(Self { scorer, salt, learned: Learned { flip, people } })
    }

    /// The scorer.
    pub fn scorer(&self) -> &Scorer {
        &self.scorer
    }

    /// The scorer alone.
    pub fn into_scorer(self) -> Scorer {
        self.scorer
    }

    /// Whether it scores vectors that are the mean over a crop and its mirror image (`--flip`).
    pub fn flip(&self) -> bool {
        self.learned.flip
    }

    /// How many people, by different names, it was learned from.
    pub fn people(&self) -> usize {
        self.learned.people.len()
    }

    /// How many different ones of these names are those of people that it was learned from. A person of another name in
    /// the other set is not found.
    pub fn overlap<N: AsRef<str>>(&self, names: impl IntoIterator<Item = N>) -> usize {
        NameHash::overlap(&self.learned.people, names, &self.salt)
    }

    /// Writes it to a file; the file is there as a whole or not at all.
    ///
    /// # Errors
    /// [`Error::Stored`] with the file's name.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let refuse = |reason: String| Error::Stored {
            action: "written",
            reason: format!("{}: {reason}", path.display()),
        };
        let parameters = self.scorer.parameters().learned_from(self.learned.clone());
        let bytes = parameters.to_bytes().map_err(refuse)?;
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, path)).map_err(|error| {
            // What was not finished is of no use; the first error is the one to tell.
            let _ = fs::remove_file(&partial);
            refuse(error.to_string())
        })
    }

    /// Reads it from a file, for vectors of this model that are made with `--flip` or without.
    ///
    /// # Errors
    /// As [`ScorerFile::open`]; [`Error::ForeignScorer`] for a scorer of another model, or of vectors made the other way.
    pub fn load(path: &Path, fingerprint: Fingerprint, flip: bool) -> Result<Self, Error> {
        let found = Self::open(path)?;
        let foreign = |reason: String| Error::ForeignScorer { file: path.display().to_string(), reason };
        let learned_from = found.scorer.fingerprint();
        if learned_from != fingerprint {
            return Err(foreign(format!(
                "it was learned from another embedder, {}, and these are of {}: train it again",
                learned_from.short(),
                fingerprint.short()
            )));
        }
        match (found.flip(), flip) {
            (true, false) => {
                Err(foreign("it was learned with --flip: give --flip, or train it again without".to_owned()))
            }
            (false, true) => Err(foreign(
                "it was learned without --flip: leave --flip out, or train it again with --flip".to_owned(),
            )),
            _ => Ok(found),
        }
    }

    /// Reads it from a file, whatever its model.
    ///
    /// # Errors
    /// [`Error::Stored`] with the file's name: for a file that is none or a damaged one, and for one of a version that
    /// did not keep what it was learned from.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let refuse = |reason: String| Error::Stored {
            action: "read",
            reason: format!("{}: {reason}", path.display()),
        };
        let size = fs::metadata(path).map_err(|error| refuse(error.to_string()))?.len();
        if size > LARGEST_FILE {
            return Err(refuse(format!("{size} bytes are too many for a scorer")));
        }
        let bytes = fs::read(path).map_err(|error| refuse(error.to_string()))?;
        let mut parameters = Parameters::from_bytes(&bytes).map_err(refuse)?;
        let learned = parameters.learned.take();
        let learned = learned.ok_or_else(|| refuse("it does not say what it was learned from".to_owned()))?;
        let scorer = Scorer::of(&parameters).map_err(refuse)?;
        Ok(Self { salt: scorer.hash()?, scorer, learned })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::Simulation;

    fn trained(name: &str) -> Scorer {
        let world = Simulation { people: 30, photos: 4, dimension: 8, ..Simulation::default() };
        let (vectors, identities) = world.faces(1);
        Scorer::train(name, &vectors, &identities, Simulation::MODEL).unwrap()
    }

    #[test]
    fn files_are_whole_and_of_one_model() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.scorer");
        let file = ScorerFile::new(trained("plda"), false, ["Ada", "Bob", "ada"]).unwrap();
        file.save(&path).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing partial stays");
        let back = ScorerFile::load(&path, Simulation::MODEL, false).unwrap();
        assert_eq!((&back, back.people(), back.overlap(["BOB", "Carl"])), (&file, 2, 1));
        assert_eq!(back.scorer().hash(), trained("plda").hash(), "that of the scorer alone");

        let other = ScorerFile::load(&path, Fingerprint([9; 32]), false).unwrap_err().to_string();
        assert!(other.contains("a.scorer") && other.contains("another embedder"), "{other}");
        fs::write(&path, "not a scorer").unwrap();
        let error = ScorerFile::open(&path).unwrap_err().to_string();
        assert!(error.contains("a.scorer") && error.contains("not a scorer of this version"), "{error}");
        assert!(ScorerFile::open(&folder.path().join("none")).is_err());
        assert!(file.save(&folder.path().join("no/such/folder")).is_err());
        // What a scorer alone is in bytes is no file of one.
        fs::write(&path, trained("plda").to_bytes().unwrap()).unwrap();
        let error = ScorerFile::open(&path).unwrap_err().to_string();
        assert!(error.contains("does not say what it was learned from"), "{error}");
    }

    #[test]
    fn vectors_made_the_other_way_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        for flip in [true, false] {
            let path = folder.path().join("a.scorer");
            ScorerFile::new(trained("wccn"), flip, ["Ada"]).unwrap().save(&path).unwrap();
            assert_eq!(ScorerFile::load(&path, Simulation::MODEL, flip).unwrap().flip(), flip);
            let error = ScorerFile::load(&path, Simulation::MODEL, !flip).unwrap_err().to_string();
            let learned = if flip { "learned with --flip: give --flip" } else { "learned without --flip" };
            assert!(error.contains("a.scorer") && error.contains(learned), "{error}");
        }
    }

    #[test]
    fn the_cosine_is_learned_from_nobody() {
        let file = ScorerFile::new(trained("cosine"), false, ["Ada"]).unwrap();
        assert_eq!((file.people(), file.overlap(["Ada"])), (0, 0));
    }
}
