//! Photos in files, each of somebody: what the formats of folders and lists have in common.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use imaging::{DecodeOptions, Image, decode};
use sha2::{Digest, Sha256};

use crate::classes::Naming;
use crate::write::hexadecimal;
use crate::{Classes, Column, Kind, Value};

/// Larger files are refused without being read.
const LARGEST: u64 = 256 << 20;
/// Most photos of a source.
pub(crate) const MOST: usize = 1 << 28;

/// Reads a photo of any format that `imaging` knows, upright.
pub(crate) fn read(path: &Path) -> Result<Image, String> {
    let bytes = bytes(path).map_err(|error| format!("{}: {error}", path.display()))?;
    decode(&bytes, &DecodeOptions::default()).map_err(|error| format!("{}: {error}", path.display()))
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

    pub(crate) fn image(&self, index: u64) -> Result<Image, String> {
        let path = self.path(index).ok_or_else(|| format!("there are {} photos", self.len()))?;
        read(&path)
    }

    pub(crate) fn classes(&self) -> Classes {
        Classes { of: self.of.clone(), names: self.people.names().to_vec() }
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
        let mut hash = Sha256::new();
        for (file, of) in self.files.iter().zip(&self.of) {
            hash.update(file.as_bytes());
            hash.update([0]);
            hash.update(of.to_le_bytes());
        }
        self.people.names().iter().for_each(|name| hash.update([name.as_bytes(), &[0]].concat()));
        let hash = hexadecimal(&hash.finalize());
        format!("kind = \"{kind}\"\nphotos = {}\nsha256_of_names = \"{hash}\"\n", self.len())
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
