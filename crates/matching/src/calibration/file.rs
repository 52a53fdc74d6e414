//! Calibrations as files: TOML, one per model, flip, way of enrolment and data.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use model::{FileHash, Fingerprint};
use serde::{Deserialize, Serialize};

use super::levels::Levels;
use super::people::NameHash;
use super::verification::Verification;
use super::{Calibration, Counts, Enrolment, LEAST_PEOPLE, ScorerKey, Source};
use crate::Error;

/// Version of the format; in the first, all photos of a person were enrolled.
const FORMAT: u32 = 2;
/// A calibration is some 100 KB, and 15 bytes more for each person; nothing of this size is one.
const LARGEST: u64 = 16 << 20;
/// Ending of the files.
const EXTENSION: &str = "toml";

/// The file, as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    model: String,
    fingerprint: Fingerprint,
    flip: bool,
    enrolment: Enrolment,
    data: String,
    data_sha256: String,
    command: String,
    date: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    people: Option<Vec<NameHash>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scorer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scorer_sha256: Option<String>,
    counts: Counts,
    verification: Verification,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    open_set: Option<Levels>,
}

/// What decides whether a file is the right one.
#[derive(Deserialize)]
struct Key {
    format: u32,
    fingerprint: Fingerprint,
    flip: bool,
    enrolment: Enrolment,
    #[serde(default)]
    scorer: Option<String>,
}

impl Calibration {
    /// The calibration as TOML. What is read from it is the same calibration, to the bit.
    ///
    /// # Errors
    /// [`Error::Calibration`] if it cannot be written as TOML.
    pub fn to_toml(&self) -> Result<String, Error> {
        let Source { model, flip, enrolment, data, data_hash, command, date } = self.source.clone();
        let file = File {
            format: FORMAT,
            model,
            fingerprint: self.fingerprint,
            flip,
            enrolment,
            data,
            data_sha256: data_hash.to_string(),
            command,
            date,
            people: self.people.clone(),
            scorer: self.scorer.as_ref().map(|scorer| scorer.name.clone()),
            scorer_sha256: self.scorer.as_ref().map(|scorer| scorer.hash.to_string()),
            counts: self.counts,
            verification: self.verification.clone(),
            open_set: self.open_set.clone(),
        };
        toml::to_string(&file).map_err(|error| refused("the calibration", error))
    }

    /// Reads a calibration; `name` is what errors call the file.
    ///
    /// # Errors
    /// [`Error::Calibration`] for another format, an unknown or missing field, or numbers that no calibration has:
    /// not finite, out of range, or falling where they must rise.
    pub fn parse(text: &str, name: &str) -> Result<Self, Error> {
        let key: Key = toml::from_str(text).map_err(|error| refused(name, error))?;
        if key.format != FORMAT {
            let reason = format!(
                "its format is {} and not {FORMAT}: measure it anew with `omote calibrate`",
                key.format
            );
            return Err(refused(name, reason));
        }
        let file: File = toml::from_str(text).map_err(|error| refused(name, error))?;
        let data_hash: FileHash = file.data_sha256.parse().map_err(|error| refused(name, error))?;
        let scorer = match (file.scorer, file.scorer_sha256) {
            (Some(scorer), Some(hash)) => {
                let hash = hash.parse().map_err(|error| refused(name, error))?;
                Some(ScorerKey { name: scorer, hash })
            }
            (None, None) => None,
            _ => return Err(refused(name, "scorer and scorer_sha256 belong together")),
        };
        let calibration = Self {
            fingerprint: file.fingerprint,
            source: Source {
                model: file.model,
                flip: file.flip,
                enrolment: file.enrolment,
                data: file.data,
                data_hash,
                command: file.command,
                date: file.date,
            },
            counts: file.counts,
            people: file.people,
            scorer,
            verification: file.verification,
            open_set: file.open_set,
        };
        calibration.check().map_err(|reason| refused(name, reason))?;
        Ok(calibration)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Calibration`], naming the file, as [`parse`](Self::parse) or if it cannot be read.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        Self::parse(&read(path)?, &name)
    }

    /// Writes a file, whole or not at all. The folder is made if it is missing.
    ///
    /// # Errors
    /// [`Error::Calibration`], naming the file, if it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let text = self.to_toml()?;
        let name = path.display().to_string();
        let write = || {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let unfinished = path.with_extension("part");
            fs::write(&unfinished, text)?;
            fs::rename(&unfinished, path)
        };
        write().map_err(|error| refused(&name, format!("it cannot be written: {error}")))
    }

    /// Looks in some folders for the calibration of a model's cosine, flip and way of enrolment. Folders that do not exist
    /// are skipped, and so are calibrations of others.
    ///
    /// # Errors
    /// [`Error::Calibration`] for a `.toml` file that is no calibration; [`Error::Ambiguous`] if several fit.
    pub fn load_for(
        folders: &[&Path],
        fingerprint: &Fingerprint,
        flip: bool,
        enrolment: Enrolment,
    ) -> Result<Option<(PathBuf, Self)>, Error> {
        let mut fitting = Vec::new();
        for folder in folders {
            for path in files(folder)? {
                let name = path.display().to_string();
                let text = read(&path)?;
                let key: Key = toml::from_str(&text).map_err(|error| refused(&name, error))?;
                let is_cosine = key.scorer.is_none();
                if is_cosine && (key.fingerprint, key.flip, key.enrolment) == (*fingerprint, flip, enrolment)
                {
                    fitting.push((Self::parse(&text, &name)?, path));
                }
            }
        }
        if fitting.len() > 1 {
            let files = fitting.iter().map(|(_, path)| path.display().to_string()).collect();
            return Err(Error::Ambiguous { files });
        }
        Ok(fitting.pop().map(|(calibration, path)| (path, calibration)))
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let Source { model, data, command, date, .. } = &self.source;
        crate::evidence::check_evidence(model, data, command, date)?;
        let Counts { identities, genuine_identities, genuine_pairs, impostor_pairs, .. } = self.counts;
        if identities < LEAST_PEOPLE || genuine_identities == 0 || genuine_identities > identities {
            return Err(format!(
                "{identities} people, {genuine_identities} of them with a genuine pair, cannot be"
            ));
        }
        if genuine_pairs == 0 || impostor_pairs == 0 {
            return Err(format!("{genuine_pairs} genuine and {impostor_pairs} impostor pairs cannot be"));
        }
        self.check_people()?;
        self.verification.check()?;
        self.open_set.as_ref().map_or(Ok(()), Levels::check)
    }
}

/// The TOML files of a folder, by name; none if there is no such folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed =
        |error| refused(&folder.display().to_string(), format!("the folder cannot be read: {error}"));
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == EXTENSION) && path.is_file() {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn read(path: &Path) -> Result<String, Error> {
    let name = path.display().to_string();
    let mut text = String::new();
    fs::File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text))
        .map_err(|error| refused(&name, format!("it cannot be read: {error}")))?;
    if text.len() as u64 > LARGEST {
        return Err(refused(&name, format!("it is larger than {LARGEST} bytes")));
    }
    Ok(text)
}

fn refused(name: &str, reason: impl ToString) -> Error {
    Error::Calibration { file: name.to_owned(), reason: reason.to_string() }
}
