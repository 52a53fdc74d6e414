//! Where samples come from.

use std::sync::Arc;

use imaging::Image;

use crate::{Classes, Column, Files, Table, Value};

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

/// What becomes of a sample in a data set that is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Kept {
    /// It is kept.
    Sample(Sample),
    /// It is left out, since there is nothing in it that is worth keeping: what it is called.
    Nothing(String),
    /// It is left out, since it is broken and always will be: what it is called, and why.
    Broken(String),
}

/// The column that says the class of a sample where nothing else is said.
pub(crate) const PERSON: &str = "person";

/// Something that makes samples, each by itself and always the same.
pub trait Source: Send + Sync {
    /// What is made, as text: two sources with the same text make the same
    /// bytes, as long as nobody puts other photos into the place of those of the same names. It is kept in the manifest, and a folder
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

    /// Who or what is in each sample, if that is known without making it: what samplers and classifiers need.
    fn classes(&self) -> Option<Classes> {
        None
    }

    /// The column that says the class of each sample, where classes are known: who it is, as a rule.
    fn class_column(&self) -> String {
        PERSON.to_owned()
    }

    /// What whoever uses it should know, in words: what was found and left out, and why.
    fn remarks(&self) -> Vec<String> {
        Vec::new()
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

    /// Makes the sample of this number for a data set that is written, or says why it is left out. As a rule all are kept,
    /// and photos that are broken are left out.
    ///
    /// # Errors
    /// Why it cannot be made now, though it may be another time, in words: nothing is left out for good because a disk was
    /// away.
    fn kept(&self, index: u64) -> Result<Kept, String> {
        self.sample(index).map(Kept::Sample)
    }
}

impl<S: Source + ?Sized> Source for Arc<S> {
    fn recipe(&self) -> String {
        (**self).recipe()
    }

    fn check(&self) -> Result<(), String> {
        (**self).check()
    }

    fn files(&self) -> Files {
        (**self).files()
    }

    fn columns(&self) -> Vec<Column> {
        (**self).columns()
    }

    fn list(&self) -> Option<List> {
        (**self).list()
    }

    fn classes(&self) -> Option<Classes> {
        (**self).classes()
    }

    fn class_column(&self) -> String {
        (**self).class_column()
    }

    fn remarks(&self) -> Vec<String> {
        (**self).remarks()
    }

    fn len(&self) -> u64 {
        (**self).len()
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        (**self).sample(index)
    }

    fn kept(&self, index: u64) -> Result<Kept, String> {
        (**self).kept(index)
    }
}
