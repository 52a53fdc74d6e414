//! Making a model folder out of ONNX files.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{MANIFEST_FILE, Store};
use crate::catalogue::{self, Entry, Support};
use crate::manifest::is_plain_name;
use crate::{CommercialUse, Error, FileHash, Licence, Manifest, ModelFile, Result};

/// What to import.
#[derive(Clone, Copy, Debug)]
pub struct Import<'a> {
    /// The ONNX files: of a file that the catalogue does not know, in the order of the roles of `like`.
    pub files: &'a [PathBuf],
    /// The model whose pre-processing, alignment and output an unknown file shares. Only its user can know that.
    pub like: Option<&'a str>,
    /// The new model's name; without it, the catalogue's name or the first file's.
    pub name: Option<&'a str>,
    /// The folder in which the model's own folder is made; it is made too if it is missing.
    pub into: &'a Path,
}

/// What an import did.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The manifest as written.
    pub manifest: Manifest,
    /// The model's folder.
    pub folder: PathBuf,
    /// False if the same model was there already and nothing was written.
    pub created: bool,
}

impl Store {
    /// Copies ONNX files into a model folder of their own and writes its `model.toml`.
    ///
    /// Files that the catalogue knows become what they are. Others need [`Import::like`]: mean, scale, colour order and
    /// alignment cannot be read from an ONNX file, and a wrong guess is a model that works badly in silence. The folder
    /// appears complete or not at all. Open the store again to see it.
    ///
    /// # Errors
    /// [`Error::NeedsLike`] for an unknown file without `like`, [`Error::Import`] for other contradictions,
    /// [`Error::Exists`] if the name is taken by a model with other content, [`Error::Io`].
    pub fn import(&self, request: &Import<'_>) -> Result<Imported> {
        if request.files.is_empty() {
            return refuse("no file was given");
        }
        let hashes = request.files.iter().map(|path| hash(path)).collect::<Result<Vec<_>>>()?;
        let known: Option<Vec<&Entry>> =
            hashes.iter().map(|hash| catalogue::by_sha256(hash).map(|(entry, _)| entry)).collect();
        let entry = known.map(|entries| entries[0]);
        let manifest = match entry.map(|entry| (entry, &entry.support)) {
            None => self.unknown_model(request, &hashes)?,
            Some((_, Support::Runnable(manifest))) => known_model(manifest, request, &hashes)?,
            Some((entry, Support::Listed { reason })) => {
                let error = Error::NotRunnable { name: entry.name.clone(), reason: reason.clone() };
                return Err(error.in_file(&request.files[0]));
            }
        };
        if let Some(other) = catalogue::find(&manifest.name)
            && entry.is_none_or(|entry| entry.name != other.name)
        {
            return refuse(&format!(
                "the name `{}` belongs to the published model `{}`, which this is not; give another with --name",
                manifest.name, other.name
            ));
        }
        let paths = manifest.files.iter().map(|file| {
            let given = hashes.iter().zip(request.files).find(|(hash, _)| **hash == file.sha256);
            (file, given.map_or(request.files[0].as_path(), |(_, path)| path.as_path()))
        });
        write(&manifest, paths.collect(), request.into)
    }

    /// The manifest of files that only their user knows.
    fn unknown_model(&self, request: &Import<'_>, hashes: &[FileHash]) -> Result<Manifest> {
        let Some(like) = request.like else {
            let unknown = hashes.iter().position(|hash| catalogue::by_sha256(hash).is_none()).unwrap_or(0);
            return Err(Error::NeedsLike { path: request.files[unknown].clone(), sha256: hashes[unknown] });
        };
        let (model, _) = self.manifest(like)?;
        let roles = model.roles();
        if hashes.len() != roles.len() {
            return refuse(&format!(
                "{} has {} file(s), {}; {} were given",
                model.name,
                roles.len(),
                roles.join(", "),
                hashes.len()
            ));
        }
        let stem = request.files[0].file_stem().and_then(|stem| stem.to_str());
        let name = match (request.name, stem) {
            (Some(name), _) => name,
            (None, Some(stem)) if is_plain_name(stem) => stem,
            _ => return refuse("the file's name cannot name a model; give one with --name"),
        };
        let files = roles.iter().zip(hashes).map(|(role, &sha256)| ModelFile {
            role: (*role).to_owned(),
            file: format!("{role}.onnx"),
            sha256,
            bytes: None,
        });
        Ok(Manifest {
            name: name.to_owned(),
            title: format!("Imported to be run like {}", model.name),
            files: files.collect(),
            licence: Licence { name: "unknown".into(), commercial_use: CommercialUse::Unclear },
            source: "imported".into(),
            compatible_with: Vec::new(),
            ..model.clone()
        })
    }
}

/// The catalogue's manifest, under the name that the user wants, if the files are all of its files.
fn known_model(manifest: &Manifest, request: &Import<'_>, hashes: &[FileHash]) -> Result<Manifest> {
    let name = &manifest.name;
    let other = |like: &&str| catalogue::find(like).is_none_or(|entry| entry.name != *name);
    if let Some(like) = request.like.filter(other) {
        return refuse(&format!(
            "the file is the published model `{name}`, not like `{like}`; leave out --like"
        ));
    }
    if let Some(file) = manifest.files.iter().find(|file| !hashes.contains(&file.sha256)) {
        return refuse(&format!(
            "`{name}` is made of {}; the file for `{}` was not given",
            manifest.roles().join(", "),
            file.role
        ));
    }
    if hashes.len() != manifest.files.len() {
        return refuse(&format!("more files were given than `{name}` has; import one model at a time"));
    }
    let name = request.name.unwrap_or(name).to_owned();
    Ok(Manifest { name, ..manifest.clone() })
}

/// Writes the folder beside its place under a hidden name, then renames it: nobody ever sees half a model.
fn write(manifest: &Manifest, files: Vec<(&ModelFile, &Path)>, into: &Path) -> Result<Imported> {
    let text = manifest.to_toml()?;
    let folder = into.join(&manifest.name);
    if folder.symlink_metadata().is_ok() {
        return existing(manifest, folder);
    }
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |source| Error::Io { action: "write", path, source }
    };
    fs::create_dir_all(into).map_err(failed(into))?;
    let hidden = into.join(format!(".{}.{}.importing", manifest.name, std::process::id()));
    fs::create_dir(&hidden).map_err(failed(&hidden))?;
    let unfinished = Unfinished(hidden);
    for (file, path) in files {
        copy(&manifest.name, path, file, &unfinished.0.join(&file.file))?;
    }
    let toml = unfinished.0.join(MANIFEST_FILE);
    File::create_new(&toml)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .map_err(failed(&toml))?;
    match fs::rename(&unfinished.0, &folder) {
        Ok(()) => {}
        // Another import of the same name was faster.
        Err(_) if folder.join(MANIFEST_FILE).is_file() => return existing(manifest, folder),
        Err(error) => return Err(failed(&folder)(error)),
    }
    sync_folder(into).map_err(failed(into))?;
    Ok(Imported { manifest: manifest.clone(), folder, created: true })
}

/// Copies a file that was hashed before, and notices if it has changed since.
fn copy(model: &str, from: &Path, file: &ModelFile, to: &Path) -> Result<()> {
    let io = |action, path: &Path, source| Error::Io { action, path: path.into(), source };
    let mut source = File::open(from).map_err(|error| io("read", from, error))?;
    let mut target = File::create_new(to).map_err(|error| io("write", to, error))?;
    io::copy(&mut source, &mut target).map_err(|error| io("write", to, error))?;
    target.sync_all().map_err(|error| io("write", to, error))?;
    let found = hash(to)?;
    if found != file.sha256 {
        let part = format!("{} of {model}", file.role);
        return Err(Error::WrongHash { path: from.into(), part, expected: file.sha256, found });
    }
    Ok(())
}

/// A folder of the wanted name is fine if it is this very model, undamaged.
fn existing(manifest: &Manifest, folder: PathBuf) -> Result<Imported> {
    let intact = |file: &ModelFile| hash(&folder.join(&file.file)).is_ok_and(|hash| hash == file.sha256);
    match Manifest::load(&folder.join(MANIFEST_FILE)) {
        Ok(present)
            if present.name == manifest.name
                && present.fingerprint() == manifest.fingerprint()
                && present.output == manifest.output
                && present.files.iter().all(intact) =>
        {
            Ok(Imported { manifest: present, folder, created: false })
        }
        _ => Err(Error::Exists { name: manifest.name.clone(), path: folder }),
    }
}

/// Removes a half-written folder unless it was renamed away.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Nothing useful can be done if this fails: the error that led here is the one to report.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn hash(path: &Path) -> Result<FileHash> {
    let unreadable = |source| Error::Io { action: "read", path: path.into(), source };
    if !path.metadata().map_err(unreadable)?.is_file() {
        return Err(unreadable(io::Error::other("it is not a regular file")));
    }
    let file = File::open(path).map_err(unreadable)?;
    FileHash::of_reader(file).map_err(unreadable)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn refuse<T>(reason: &str) -> Result<T> {
    Err(Error::Import { reason: reason.into() })
}
