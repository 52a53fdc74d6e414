//! What a data set is: `dataset.toml`.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::file;
use crate::source::PERSON;
use crate::table::Frame;
use crate::{Column, Error, Source};

/// Version of the layout. The first one said neither what is measured in pixels of a picture nor which column is the class.
const FORMAT: u32 = 2;
/// Name of the file.
const NAME: &str = "dataset.toml";
/// Its name until all of it is there.
pub(crate) const UNFINISHED: &str = "dataset.part";
/// A manifest is a few kilobytes; nothing of this size is one.
const LARGEST: u64 = 4 << 20;

/// What a data set is and how it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: u32,
    /// Samples of the source, those that were left out among them; a photo that it names twice is two.
    pub pictures: u64,
    /// Pictures that the source did not keep, so that the table has no row of them; known when the set is whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<u64>,
    /// Faces, or rows that say that there is none; known when the set is whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// SHA-256 of the table, which holds those of the pictures; known when the set is whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// What it was made by.
    pub recipe: String,
    /// The column that says the class of a picture, where that is not `person`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// What each column of the table means.
    #[serde(default)]
    pub columns: Vec<Meaning>,
}

/// What a column of the table means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    /// Its name.
    pub name: String,
    /// What it says, with units and frame.
    pub about: String,
    /// What it is measured in.
    #[serde(default, skip_serializing_if = "Frame::is_none")]
    pub frame: Frame,
}

impl Manifest {
    pub(crate) fn new(source: &dyn Source, columns: &[Column]) -> Self {
        let meaning = |column: &Column| Meaning {
            name: column.name.clone(),
            about: column.about.clone(),
            frame: column.frame,
        };
        let columns = columns.iter().map(meaning).collect();
        let class = source.class_column();
        Self {
            format: FORMAT,
            pictures: source.len(),
            left_out: None,
            rows: None,
            sha256: None,
            recipe: source.recipe(),
            class: (class != PERSON).then_some(class),
            columns,
        }
    }

    /// Whether everything is there.
    pub fn is_whole(&self) -> bool {
        self.sha256.is_some()
    }

    /// Pictures that are there when the set is whole.
    pub fn kept(&self) -> u64 {
        self.pictures.saturating_sub(self.left_out.unwrap_or(0))
    }

    /// Reads the manifest of a folder; `None` if there is none.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read, [`Error::Folder`] if it is no manifest, or of another version.
    pub fn load(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join(NAME);
        let refused = |reason: String| Error::Folder { path: path.clone(), reason };
        let size = match fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            found => found.map_err(file(&path))?.len(),
        };
        if size > LARGEST {
            return Err(refused(format!("is larger than {LARGEST} bytes and so is no manifest")));
        }
        let text = fs::read_to_string(&path).map_err(file(&path))?;
        let manifest: Self = toml::from_str(&text)
            .map_err(|error| refused(format!("is no manifest of a data set: {error}")))?;
        if manifest.format != FORMAT {
            let found = manifest.format;
            return Err(refused(format!("has the format {found} and not {FORMAT}: make the set anew")));
        }
        Ok(Some(manifest))
    }

    /// The manifest of a folder that holds a whole data set, and the SHA-256 of its table.
    pub(crate) fn whole(folder: &Path) -> Result<(Self, String), Error> {
        let refused = |reason: &str| Error::Folder { path: folder.to_owned(), reason: reason.to_owned() };
        let manifest = Self::load(folder)?.ok_or_else(|| {
            refused("holds no data set of omote: folders of photos are of another kind, such as `folders`")
        })?;
        match manifest.sha256.clone() {
            Some(sha256) => Ok((manifest, sha256)),
            None => Err(refused("is not whole: make it again into the same folder, which goes on with it")),
        }
    }

    /// Writes the manifest, whole or not at all.
    pub(crate) fn save(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(NAME);
        let text = toml::to_string(self).map_err(|error| Error::Folder {
            path: path.clone(),
            reason: format!("cannot be written: {error}"),
        })?;
        let unfinished = folder.join(UNFINISHED);
        let written = fs::write(&unfinished, text).map_err(file(&unfinished));
        written.inspect_err(|_| drop(fs::remove_file(&unfinished)))?;
        fs::rename(&unfinished, &path).map_err(file(&path))
    }
}
