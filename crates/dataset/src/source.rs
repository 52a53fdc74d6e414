//! Where samples come from.

use imaging::Image;

use crate::{Column, Files, Table, Value};

/// A picture and what is true of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The picture.
    pub image: Image,
    /// A row for each face, in the order of the source's columns; at least one, which says that there is none if so.
    pub rows: Vec<Vec<Value>>,
}

/// A list of faces for other programs.
#[derive(Clone, Copy, Debug)]
pub struct List {
    /// Name of its file.
    pub name: &'static str,
    /// What the rows of some pictures become. The lists of one part after the other are that of the whole.
    pub text: fn(&Table) -> String,
}

/// Something that makes samples, each by itself and always the same.
pub trait Source: Send + Sync {
    /// What is made, as text: two sources with the same text make the same bytes. It is kept in the manifest, and a folder
    /// that was begun with another is refused.
    fn recipe(&self) -> String;

    /// Whether it can be made.
    ///
    /// # Errors
    /// Which field is out of its range, in words.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }

    /// What files the pictures become.
    fn files(&self) -> Files {
        Files::default()
    }

    /// What is known of each face.
    fn columns(&self) -> Vec<Column>;

    /// A list of the faces for other programs, which is written beside the table.
    fn list(&self) -> Option<List> {
        None
    }

    /// How many samples there are.
    fn len(&self) -> u64;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes the sample of this number, below [`len`](Self::len).
    ///
    /// # Errors
    /// Why it cannot be made, in words.
    fn sample(&self, index: u64) -> Result<Sample, String>;
}
