//! The folder of a model: what the run side opens.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use model::{Align, FileHash, Fingerprint, Input, Licence, MagnitudeScale, Manifest, ModelFile, Output};

use super::EMBEDDING;
use super::card::Card;
use super::recording::refused;
use crate::error::{Result, file};

const MODEL: &str = "model.onnx";
const MANIFEST: &str = "model.toml";
const CARD: &str = "CARD.md";

/// What must be known of a network that embeds faces, besides its file. See [`Manifest`].
#[derive(Clone, Debug, PartialEq)]
pub struct Embedder {
    /// Short and plain: ASCII letters, digits, `.`, `_`, `-`.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// How pixels become what the network was trained on: what the recipe said.
    pub input: Input,
    /// How faces are cut out: as those of the training data were.
    pub align: Align,
    /// Values of an embedding.
    pub dimension: u32,
    /// How the magnitude of an embedding measures the quality of the image, where it was trained to (MagFace).
    pub magnitude: Option<MagnitudeScale>,
    /// Terms of the weights.
    pub licence: Licence,
    /// Where the model comes from, in words or as an address.
    pub source: String,
    /// Models with whose embeddings these may be compared: that of which this is the int8 twin, once
    /// measured.
    pub compatible_with: Vec<Fingerprint>,
}

impl Embedder {
    /// The manifest of the file with these bytes.
    ///
    /// # Errors
    /// [`Error::Model`](crate::Error::Model) names the field that is out of range.
    pub fn manifest(&self, onnx: &[u8]) -> Result<Manifest> {
        let file = ModelFile {
            role: "model".to_owned(),
            file: MODEL.to_owned(),
            sha256: FileHash::of(onnx),
            bytes: Some(onnx.len() as u64),
        };
        let manifest = Manifest {
            name: self.name.clone(),
            title: self.title.clone(),
            files: vec![file],
            input: self.input.clone(),
            align: Some(self.align),
            output: Output::Embedding {
                dimension: self.dimension,
                magnitude: self.magnitude,
                names: vec![EMBEDDING.to_owned()],
            },
            licence: self.licence.clone(),
            source: self.source.clone(),
            compatible_with: self.compatible_with.clone(),
        };
        manifest.check()?;
        Ok(manifest)
    }
}

/// Writes the folder of a model: `model.onnx`, `model.toml` and `CARD.md`.
///
/// The folder appears complete or not at all. A model folder that is there already is replaced; a folder with
/// anything else in it is not touched.
///
/// # Errors
/// [`Error::Model`](crate::Error::Model) if the manifest is not one, [`Error::Export`](crate::Error::Export) if its one file is not `model.onnx` with
/// these bytes or the card lacks something, [`Error::File`](crate::Error::File).
pub fn write_folder(folder: &Path, onnx: &[u8], manifest: &Manifest, card: &Card) -> Result<()> {
    let described = match &manifest.files[..] {
        [file] => file.file == MODEL && file.sha256 == FileHash::of(onnx),
        _ => false,
    };
    if !described {
        return Err(refused(format!("its manifest does not describe the {MODEL} that is written")));
    }
    if let Some(part) = card.missing() {
        return Err(refused(format!("its card must say {part}")));
    }
    let manifest = manifest.to_toml()?;
    let files = [(MODEL, onnx), (MANIFEST, manifest.as_bytes()), (CARD, &card.to_string().into_bytes())];

    let (unfinished, old) = (beside(folder, "unfinished")?, beside(folder, "old")?);
    let replaces = is_replaceable(folder)?;
    for left in [&unfinished, &old] {
        remove(left)?;
    }
    fs::create_dir_all(&unfinished).map_err(file(&unfinished))?;
    for (name, bytes) in files {
        let path = unfinished.join(name);
        let write = || {
            let mut file = File::create(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(file(&path))?;
    }
    if replaces {
        fs::rename(folder, &old).map_err(file(folder))?;
    }
    fs::rename(&unfinished, folder).map_err(file(folder))?;
    remove(&old)
}

/// A hidden folder next to the one that is written, on the same file system.
fn beside(folder: &Path, suffix: &str) -> Result<std::path::PathBuf> {
    let Some(name) = folder.file_name().and_then(|name| name.to_str()) else {
        let source = io::Error::new(io::ErrorKind::InvalidInput, "its path does not end in a name");
        return Err(file(folder)(source));
    };
    Ok(folder.with_file_name(format!(".{name}.{suffix}")))
}

/// Whether there is a model folder, and nothing but that, in the place.
fn is_replaceable(folder: &Path) -> Result<bool> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        entries => entries.map_err(file(folder))?,
    };
    for entry in entries {
        let name = entry.map_err(file(folder))?.file_name();
        if ![MODEL, MANIFEST, CARD].iter().any(|known| name == *known) {
            let reason = format!("it holds {}, which is no part of a model", name.to_string_lossy());
            let source = io::Error::new(io::ErrorKind::AlreadyExists, reason + ": give another folder");
            return Err(file(folder)(source));
        }
    }
    Ok(true)
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file(folder)(error)),
        _ => Ok(()),
    }
}
