//! Models on disk: found under a few folders, checked before use.

mod import;
mod listing;
mod scan;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

pub use import::{Import, Imported};
pub use listing::{Listed, Listing};

use crate::catalogue::{self, Entry, Support};
use crate::manifest::MAX_FILE_BYTES;
use crate::{CommercialUse, Error, FileHash, Fingerprint, Kind, Manifest, ModelFile, Output, Result};
use scan::Scan;

/// The name of the file that makes a folder a model folder.
pub(crate) const MANIFEST_FILE: &str = "model.toml";

/// The models under a list of folders.
///
/// Two things count as a model: a folder with a `model.toml` and the files that it names, and plain ONNX files, of any
/// name and anywhere below, whose SHA-256 is in the [`catalogue`]. Opening reads names and manifests only; a file is
/// hashed when a model that it may belong to is asked for, and its hash is remembered while the store lives.
#[derive(Debug)]
pub struct Store {
    folders: Vec<PathBuf>,
    scan: Scan,
    hashes: Mutex<HashMap<PathBuf, FileHash>>,
}

/// Where a model's manifest comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The `model.toml` in this folder.
    Folder(PathBuf),
    /// The built-in catalogue, which knew the files by their SHA-256.
    Catalogue,
}

/// A model whose files were read and have the SHA-256 of its manifest.
#[derive(Clone, Debug)]
pub struct Installed {
    /// What it is and how it is fed.
    pub manifest: Manifest,
    /// Identity of what it computes.
    pub fingerprint: Fingerprint,
    /// Where the manifest comes from.
    pub origin: Origin,
    /// The files in the order of [`Manifest::roles`].
    pub files: Vec<InstalledFile>,
}

/// One ONNX file, read once: these bytes are the ones that were hashed.
#[derive(Clone, Debug)]
pub struct InstalledFile {
    /// The part it plays.
    pub role: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Installed {
    /// The file that plays `role`.
    pub fn file(&self, role: &str) -> Option<&InstalledFile> {
        self.files.iter().find(|file| file.role == role)
    }
}

impl Store {
    /// Looks through folders for models; of two model folders with one name the first wins.
    ///
    /// The search goes eight folders deep, follows links without running in circles, and gives up on a folder after
    /// 20,000 entries (a problem of [`Store::list`], not an error).
    ///
    /// # Errors
    /// [`Error::Folder`] if a folder does not exist or is a file.
    pub fn open(folders: &[PathBuf]) -> Result<Self> {
        let mut scan = Scan::default();
        folders.iter().try_for_each(|folder| scan.folder(folder))?;
        Ok(Self { folders: folders.to_vec(), scan, hashes: Mutex::default() })
    }

    /// Finds a model by name, reads its files and checks their SHA-256. Model folders come before the catalogue;
    /// in the catalogue, case and the difference of `-` and `_` do not matter and other names are known. What has a `/`
    /// in it, as no name does, is the path of a model's own folder, wherever that lies.
    ///
    /// # Errors
    /// [`Error::UnknownModel`], [`Error::NotRunnable`], [`Error::NotInstalled`], [`Error::WrongHash`], [`Error::Io`]; of a folder,
    /// those of [`Manifest::load`].
    pub fn resolve(&self, name: &str) -> Result<Installed> {
        if name.contains(['/', '\\']) {
            let folder = PathBuf::from(name);
            return self.installed(&Manifest::load(&folder.join(MANIFEST_FILE))?, Some(&folder));
        }
        let (manifest, folder) = self.manifest(name)?;
        self.installed(manifest, folder)
    }

    fn installed(&self, manifest: &Manifest, folder: Option<&PathBuf>) -> Result<Installed> {
        let read = |file: &ModelFile| match folder {
            Some(folder) => checked(&manifest.name, file, &folder.join(&file.file)),
            None => self.find_plain(manifest, file),
        };
        let files = manifest.roles().iter().filter_map(|role| manifest.file(role)).map(read);
        Ok(Installed {
            manifest: manifest.clone(),
            fingerprint: manifest.fingerprint(),
            origin: folder.map_or(Origin::Catalogue, |folder| Origin::Folder(folder.clone())),
            files: files.collect::<Result<_>>()?,
        })
    }

    /// Reads a model's files again and checks them.
    ///
    /// # Errors
    /// As [`Store::resolve`].
    pub fn verify(&self, name: &str) -> Result<()> {
        self.resolve(name).map(drop)
    }

    /// The model to use where the user named none: the first installed one of [`catalogue::preferred`], then any
    /// installed model of the kind; there, detectors without landmarks come last, a licence that allows commercial use
    /// first, and then the name decides.
    ///
    /// # Errors
    /// [`Error::NoneOfKind`]; if the model to use is damaged, what is wrong with it: another one in its place would give
    /// other answers. A plain file that only bears the name of a published one is not taken for a damaged model unless
    /// there is no other.
    pub fn default_for(&self, kind: Kind) -> Result<Installed> {
        let mut namesake = None;
        let mut attempt = |name: &str| match self.resolve(name) {
            Ok(model) => (model.manifest.kind() == kind).then_some(Ok(model)),
            Err(Error::NotInstalled { .. }) => None,
            Err(error @ Error::WrongHash { .. }) if self.model_folder(name).is_none() => {
                namesake.get_or_insert(error);
                None
            }
            Err(error) => Some(Err(error)),
        };
        let preferred = catalogue::preferred(kind);
        if let Some(model) = preferred.iter().find_map(|name| attempt(name)) {
            return model;
        }
        let folders = self.scan.models.iter().map(|(manifest, _)| manifest);
        let built_in = catalogue::entries().iter().filter_map(Entry::manifest);
        let mut rest: Vec<(bool, CommercialUse, &str)> = folders
            .chain(built_in)
            .filter(|manifest| manifest.kind() == kind && !preferred.contains(&manifest.name.as_str()))
            .map(|manifest| {
                let bare =
                    matches!(manifest.output, Output::Faces { decoder, .. } if !decoder.has_landmarks());
                (bare, manifest.licence.commercial_use, manifest.name.as_str())
            })
            .collect();
        rest.sort_unstable();
        if let Some(model) = rest.iter().find_map(|(_, _, name)| attempt(name)) {
            return model;
        }
        Err(namesake.unwrap_or_else(|| Error::NoneOfKind {
            kind,
            searched: self.folders.clone(),
            suggestion: preferred
                .first()
                .and_then(|name| catalogue::find(name))
                .map(|entry| (entry.name.clone(), entry.source.clone())),
        }))
    }

    fn model_folder(&self, name: &str) -> Option<&(Manifest, PathBuf)> {
        self.scan.models.iter().find(|(manifest, _)| manifest.name == name)
    }

    /// A manifest by name, and its folder unless it is the catalogue's.
    fn manifest(&self, name: &str) -> Result<(&Manifest, Option<&PathBuf>)> {
        let entry = catalogue::find(name);
        let folder = self.model_folder(name).or_else(|| self.model_folder(&entry?.name));
        match (folder, entry.map(|entry| (entry, &entry.support))) {
            (Some((manifest, folder)), _) => Ok((manifest, Some(folder))),
            (None, Some((_, Support::Runnable(manifest)))) => Ok((manifest, None)),
            (None, Some((entry, Support::Listed { reason }))) => {
                Err(Error::NotRunnable { name: entry.name.clone(), reason: reason.clone() })
            }
            (None, None) => {
                let installed = self.scan.models.iter().map(|(manifest, _)| manifest.name.as_str());
                let similar = catalogue::similar(name, installed);
                Err(Error::UnknownModel { name: name.chars().take(80).collect(), similar })
            }
        }
    }

    /// A catalogued file among the plain ones: those of the published name first, then the rest of the right size.
    fn find_plain(&self, manifest: &Manifest, file: &ModelFile) -> Result<InstalledFile> {
        let named = |path: &Path| path.file_name().is_some_and(|name| name == file.file.as_str());
        let mut wrong = None;
        for (path, _) in self.scan.plain.iter().filter(|(path, _)| named(path)) {
            match checked(&manifest.name, file, path) {
                Err(error) => wrong = wrong.or(Some(error)),
                found => return found,
            }
        }
        for (path, bytes) in self.scan.plain.iter().filter(|(path, _)| !named(path)) {
            let right_size = file.bytes.is_none_or(|expected| expected == *bytes);
            if right_size && self.hash(path).is_ok_and(|hash| hash == file.sha256) {
                return checked(&manifest.name, file, path);
            }
        }
        Err(wrong.unwrap_or_else(|| self.not_installed(manifest, &file.role)))
    }

    fn hash(&self, path: &Path) -> Result<FileHash> {
        let mut hashes = self.hashes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hash) = hashes.get(path) {
            return Ok(*hash);
        }
        let hash = File::open(path).and_then(FileHash::of_reader).map_err(|source| Error::Io {
            action: "read",
            path: path.into(),
            source,
        })?;
        hashes.insert(path.into(), hash);
        Ok(hash)
    }

    fn not_installed(&self, manifest: &Manifest, role: &str) -> Error {
        Error::NotInstalled {
            name: manifest.name.clone(),
            file: manifest.file(role).map_or_else(String::new, |file| file.file.clone()),
            address: manifest.source.clone(),
            searched: self.folders.clone(),
        }
    }
}

/// Reads a file and checks that it is the one that the manifest of `model` means.
fn checked(model: &str, file: &ModelFile, path: &Path) -> Result<InstalledFile> {
    let bytes = read_model(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => missing_file(model, path),
        _ => Error::Io { action: "read", path: path.into(), source },
    })?;
    let found = FileHash::of(&bytes);
    if found != file.sha256 {
        let part = format!("{} of {model}", file.role);
        return Err(Error::WrongHash { path: path.into(), part, expected: file.sha256, found });
    }
    Ok(InstalledFile { role: file.role.clone(), path: path.into(), bytes })
}

fn read_model(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = path.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(io::Error::other("it is larger than 2 GiB, more than an ONNX file can be"));
    }
    Ok(bytes)
}

fn missing_file(model: &str, path: &Path) -> Error {
    Error::MissingFile { model: model.into(), path: path.into() }
}
