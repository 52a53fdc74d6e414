//! What a store has, for a table.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::{Origin, Store, missing_file};
use crate::catalogue::{self, Entry};
use crate::{FileHash, Manifest};

/// Everything that a store found.
#[derive(Debug, Default)]
pub struct Listing {
    /// Models that can be run, by name.
    pub models: Vec<Listed>,
    /// ONNX files that cannot: of another task or without known pre-processing (with their entry), or unknown.
    pub others: Vec<(PathBuf, Option<&'static Entry>)>,
    /// What could not be read or is incomplete, in words.
    pub problems: Vec<String>,
}

/// A model that is present. The files of a model folder are not hashed for a listing: [`Store::verify`] does that.
#[derive(Clone, Debug)]
pub struct Listed {
    /// What it is.
    pub manifest: Manifest,
    /// Where the manifest comes from.
    pub origin: Origin,
    /// The files in the order of [`Manifest::roles`].
    pub paths: Vec<PathBuf>,
}

impl Store {
    /// Everything that is present. Hashes every ONNX file that lies outside model folders.
    pub fn list(&self) -> Listing {
        let mut listing = Listing::default();
        listing.problems.extend(self.scan.problems.iter().map(ToString::to_string));
        self.list_folders(&mut listing);
        self.list_plain(&mut listing);
        listing.models.sort_by(|a, b| a.manifest.name.cmp(&b.manifest.name));
        listing
    }

    fn list_folders(&self, listing: &mut Listing) {
        for (manifest, folder) in &self.scan.models {
            let files = manifest.roles().iter().filter_map(|role| manifest.file(role));
            let paths: Vec<PathBuf> = files.map(|file| folder.join(&file.file)).collect();
            if let Some(path) = paths.iter().find(|path| !path.is_file()) {
                listing.problems.push(missing_file(&manifest.name, path).to_string());
            } else {
                let origin = Origin::Folder(folder.clone());
                listing.models.push(Listed { manifest: manifest.clone(), origin, paths });
            }
        }
    }

    fn list_plain(&self, listing: &mut Listing) {
        let mut found: HashMap<FileHash, &Path> = HashMap::new();
        for (path, _) in &self.scan.plain {
            let hash = match self.hash(path) {
                Ok(hash) => hash,
                Err(error) => {
                    listing.problems.push(error.to_string());
                    continue;
                }
            };
            let entry = catalogue::by_sha256(&hash).map(|(entry, _)| entry);
            if entry.and_then(Entry::manifest).is_some() {
                found.entry(hash).or_insert(path);
            } else {
                listing.others.push((path.clone(), entry));
            }
        }
        let models = catalogue::entries().iter().filter_map(Entry::manifest);
        for manifest in models.filter(|manifest| self.model_folder(&manifest.name).is_none()) {
            let path = |role: &&str| manifest.file(role).and_then(|file| found.get(&file.sha256));
            let roles = manifest.roles();
            let paths: Vec<PathBuf> = roles.iter().filter_map(path).map(|path| path.to_path_buf()).collect();
            match roles.iter().find(|role| path(role).is_none()) {
                None => {
                    listing.models.push(Listed {
                        manifest: manifest.clone(),
                        origin: Origin::Catalogue,
                        paths,
                    });
                }
                Some(_) if paths.is_empty() => {}
                Some(missing) => listing.problems.push(self.not_installed(manifest, missing).to_string()),
            }
        }
    }
}
