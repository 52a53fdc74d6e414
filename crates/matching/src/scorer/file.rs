//! Scorers as files; their layout is that of [`Parameters`].

use std::fs;
use std::path::Path;

use model::{FileHash, Fingerprint};
use sha2::{Digest, Sha256};

use super::Scorer;
use crate::normalisation::{Normalisation, Normaliser};
use crate::parameters::Parameters;
use crate::{Adaptation, Error, JointBayesian, Plda, Whitening};

/// A file larger than this is no scorer.
const LARGEST_FILE: u64 = 4 << 30;

impl Scorer {
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
    /// As [`Scorer::open`]; [`Error::DifferentModels`] for a scorer of another model.
    pub fn load(path: &Path, fingerprint: Fingerprint) -> Result<Self, Error> {
        let scorer = Self::open(path)?;
        if scorer.fingerprint() != fingerprint {
            return Err(Error::DifferentModels { left: fingerprint, right: scorer.fingerprint() });
        }
        Ok(scorer)
    }

    /// Reads it from a file, whatever its model.
    ///
    /// # Errors
    /// [`Error::Stored`] with the file's name.
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
        Self::read(&bytes).map_err(refuse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::Simulation;

    #[test]
    fn files_are_whole_and_of_one_model() {
        let folder = std::env::temp_dir().join(format!("omote-scorer-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a.scorer");
        let scorer = trained();
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

    fn trained() -> Scorer {
        let world = Simulation { people: 30, photos: 4, dimension: 8, ..Simulation::default() };
        let (vectors, identities) = world.faces(1);
        Scorer::train("plda", &vectors, &identities, Simulation::MODEL).unwrap()
    }
}
