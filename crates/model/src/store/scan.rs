//! The walk that finds manifests and ONNX files.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::MANIFEST_FILE;
use crate::{Error, Manifest, Result};

/// How deep below a folder models are looked for.
const MAX_DEPTH: usize = 8;
/// How many files and folders are looked at below a folder, so that a wrong one (a home, a network share) costs a
/// moment and not an hour.
const MAX_ENTRIES: usize = 20_000;

/// What a walk found, in the order of the folders and of names.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Manifests with their folders; names are unique.
    pub(super) models: Vec<(Manifest, PathBuf)>,
    /// ONNX files outside model folders, with their sizes in bytes.
    pub(super) plain: Vec<(PathBuf, u64)>,
    /// What could not be read.
    pub(super) problems: Vec<Error>,
}

impl Scan {
    /// Adds what lies below `folder`.
    pub(super) fn folder(&mut self, folder: &Path) -> Result<()> {
        let metadata = folder
            .metadata()
            .map_err(|error| Error::Folder { path: folder.into(), reason: error.to_string() })?;
        if !metadata.is_dir() {
            return Err(Error::Folder { path: folder.into(), reason: "it is not a folder".into() });
        }
        let mut entries = WalkDir::new(folder)
            .follow_links(true)
            .max_depth(MAX_DEPTH)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry));
        let mut seen = 0;
        while let Some(entry) = entries.next() {
            seen += 1;
            if seen > MAX_ENTRIES {
                self.problems.push(Error::TooManyEntries { path: folder.into(), limit: MAX_ENTRIES });
                break;
            }
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.unreadable(folder, error);
                    continue;
                }
            };
            let path = entry.path();
            if entry.file_type().is_dir() {
                if path.join(MANIFEST_FILE).is_file() {
                    self.model(path);
                    entries.skip_current_dir();
                }
            } else if entry.file_type().is_file()
                && path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"))
            {
                let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
                self.plain.push((path.into(), bytes));
            }
        }
        Ok(())
    }

    fn model(&mut self, folder: &Path) {
        match Manifest::load(&folder.join(MANIFEST_FILE)) {
            Err(error) => self.problems.push(error),
            Ok(manifest) => match self.models.iter().find(|(other, _)| other.name == manifest.name) {
                None => self.models.push((manifest, folder.into())),
                Some((_, first)) if same_folder(first, folder) => {}
                Some((_, first)) => self.problems.push(Error::Shadowed {
                    name: manifest.name,
                    path: folder.into(),
                    by: first.clone(),
                }),
            },
        }
    }

    /// A link to a folder above is passed over in silence: its files are seen where they are.
    fn unreadable(&mut self, folder: &Path, error: walkdir::Error) {
        if error.loop_ancestor().is_none() {
            let path = error.path().unwrap_or(folder).to_path_buf();
            self.problems.push(Error::Io { action: "read", path, source: error.into() });
        }
    }
}

/// Hidden entries are not models: among them is what an interrupted import leaves behind.
fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

/// One folder reached by two ways.
fn same_folder(a: &Path, b: &Path) -> bool {
    a == b || matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}
