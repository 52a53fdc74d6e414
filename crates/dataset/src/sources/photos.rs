//! Photos in files, each of somebody: what the formats of folders and lists have in common.

use std::collections::HashSet;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use imaging::{DecodeOptions, Image, decode};
use sha2::{Digest, Sha256};
use walkdir::{DirEntry, WalkDir};

use crate::classes::Naming;
use crate::write::hexadecimal;
use crate::{Classes, Column, Error, Kept, Kind, Sample, Value};

/// Larger files are refused without being read.
const LARGEST: u64 = 256 << 20;
/// Most photos of a source.
pub(crate) const MOST: usize = 1 << 28;

/// Why there is no picture of a photo.
#[derive(Debug)]
pub(crate) enum Unread {
    /// It cannot be had now; another time it may be.
    Now(String),
    /// It is broken, or missing from a folder that is there, and always will be.
    Ever(String),
}

impl Unread {
    pub(crate) fn reason(self) -> String {
        let (Self::Now(reason) | Self::Ever(reason)) = self;
        reason
    }

    /// What becomes of a sample in a data set that is written.
    pub(crate) fn kept(sample: Result<Sample, Self>) -> Result<Kept, String> {
        match sample {
            Ok(sample) => Ok(Kept::Sample(sample)),
            Err(Self::Ever(reason)) => Ok(Kept::Broken(reason)),
            Err(Self::Now(reason)) => Err(reason),
        }
    }
}

/// Reads a photo of any format that `imaging` knows, upright, from its path below a folder.
pub(crate) fn read(root: &Path, file: &str) -> Result<Image, Unread> {
    let path = root.join(file);
    // What is written down of a photo does not tell on which machine it lay.
    let ever = |error: &dyn Display| Unread::Ever(format!("{file}: {error}"));
    let bytes = bytes(&path).map_err(|error| {
        // Where its folder is gone too, or empty as a place where nothing is mounted, it is the disk that is away.
        let is_there = |folder: &Path| folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
        let is_missing = error.kind() == io::ErrorKind::NotFound && path.parent().is_some_and(is_there);
        // What is no error of the system is said of the file itself.
        if is_missing || error.raw_os_error().is_none() {
            ever(&error)
        } else {
            Unread::Now(format!("{}: {error}", path.display()))
        }
    })?;
    decode(&bytes, &DecodeOptions::default()).map_err(|error| ever(&error))
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    // What is no file may never end, or never begin.
    let found = std::fs::metadata(path)?;
    if !found.is_file() {
        return Err(io::Error::other("is no file: name a photo"));
    }
    let mut bytes = Vec::with_capacity(found.len().min(LARGEST) as usize + 1);
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other(format!("is larger than {LARGEST} bytes: make it smaller")));
    }
    Ok(bytes)
}

/// Photos below a folder, each with who it shows.
#[derive(Debug)]
pub(crate) struct Photos {
    root: PathBuf,
    files: Vec<Box<str>>,
    of: Vec<u32>,
    people: Naming,
}

impl Photos {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), files: Vec::new(), of: Vec::new(), people: Naming::default() }
    }

    /// Adds a photo: its path from the root, and who it shows.
    pub(crate) fn push(&mut self, file: &str, person: &str) -> Result<(), String> {
        if self.files.len() == MOST {
            return Err(format!("is one of more than {MOST} photos: take a part of them"));
        }
        self.of.push(self.people.number(person)?);
        self.files.push(file.into());
        Ok(())
    }

    pub(crate) fn len(&self) -> u64 {
        self.files.len() as u64
    }

    /// Where a photo is.
    pub(crate) fn path(&self, index: u64) -> Option<PathBuf> {
        self.files.get(index as usize).map(|file| self.root.join(&**file))
    }

    /// The path of a photo from the root.
    pub(crate) fn file(&self, index: u64) -> Option<&str> {
        self.files.get(index as usize).map(|file| &**file)
    }

    /// What is to be said if photos are named more than once.
    pub(crate) fn repeated(&self) -> Option<String> {
        let different = self.files.iter().collect::<HashSet<_>>().len();
        let repeated = self.files.len() - different;
        (repeated > 0).then(|| {
            format!(
                "photos that are named more than once: {repeated}; one of two people may be learned from and measured on"
            )
        })
    }

    pub(crate) fn image(&self, index: u64) -> Result<Image, Unread> {
        let none = || Unread::Ever(format!("there are {} photos", self.len()));
        read(&self.root, self.file(index).ok_or_else(none)?)
    }

    /// A photo and who it shows.
    pub(crate) fn look(&self, index: u64) -> Result<Sample, Unread> {
        Ok(Sample { image: self.image(index)?, rows: vec![self.row(index)] })
    }

    pub(crate) fn classes(&self) -> Classes {
        Classes { of: self.of.clone(), names: self.people.names().to_vec(), ..Classes::default() }
    }

    /// What stands in [`columns`].
    pub(crate) fn row(&self, index: u64) -> Vec<Value> {
        let text = |text: Option<&str>| text.map_or(Value::Nothing, |text| Value::Text(text.to_owned()));
        let of = self.of.get(index as usize);
        let name = of.and_then(|&of| self.people.names().get(of as usize));
        vec![
            of.map_or(Value::Nothing, |&of| Value::Integer(i64::from(of))),
            text(name.map(String::as_str)),
            text(self.file(index)),
        ]
    }

    /// What a source of these photos is: its kind, how many photos there are, and a hash of their names and people. What is
    /// in the photos plays no part: to look at all of them would take too long.
    pub(crate) fn recipe(&self, kind: &str) -> String {
        let photos = self.files.iter().zip(&self.of).flat_map(|(file, &of)| {
            let name = self.people.names().get(of as usize).map_or("", String::as_str);
            [&**file, name]
        });
        recipe(kind, self.len(), photos)
    }
}

/// What a source of so many photos is, by all that is known of them as text.
pub(crate) fn recipe<T: AsRef<str>>(kind: &str, photos: u64, known: impl Iterator<Item = T>) -> String {
    let mut hash = Sha256::new();
    for text in known {
        hash.update(text.as_ref());
        hash.update([0]);
    }
    let hash = hexadecimal(&hash.finalize());
    format!("kind = \"{kind}\"\nphotos = {photos}\nsha256_of_names = \"{hash}\"\n")
}

/// What is below a folder to a depth, by name, without what is hidden.
pub(crate) fn below(folder: &Path, depth: usize) -> impl Iterator<Item = Result<DirEntry, Error>> {
    let walk = WalkDir::new(folder).min_depth(1).max_depth(depth).follow_links(true).sort_by_file_name();
    walk.into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b"."))
        .map(move |entry| entry.map_err(|error| unreadable(folder, error)))
}

fn unreadable(folder: &Path, error: walkdir::Error) -> Error {
    let path = error.path().unwrap_or(folder).to_owned();
    match error.loop_ancestor() {
        Some(above) => {
            let reason = format!("is a link back to {}: remove the link", above.display());
            Error::Folder { path, reason }
        }
        None => Error::File { path, source: error.into() },
    }
}

/// The path of something below a folder, the same text on all systems.
pub(crate) fn relative(folder: &Path, path: &Path) -> Result<String, Error> {
    match path.strip_prefix(folder).unwrap_or(path).to_str() {
        Some(name) => Ok(name.replace(std::path::MAIN_SEPARATOR, "/")),
        None => {
            let reason = "has a name that is not UTF-8: rename it".to_owned();
            Err(Error::Folder { path: path.to_owned(), reason })
        }
    }
}

/// Who is in a photo, and where it comes from.
pub(crate) fn columns() -> Vec<Column> {
    vec![
        Column::new("person", Kind::Integer, "number of the person, from 0"),
        Column::new("name", Kind::Text, "what the person is called in the source"),
        Column::new("file", Kind::Text, "file of the photo in the source"),
    ]
}
