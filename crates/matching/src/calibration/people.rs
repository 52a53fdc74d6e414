//! Whom a calibration was made of, so that nobody is tested with it who is in it, and without their names.
//!
//! Rates at a calibration's thresholds hold for other people. Of its own they are too good: their scores are what the
//! thresholds were chosen by. So the file keeps a short hash of each name, salted with the data's, and the names of a
//! test can be looked up. What that gives away: see [`NameHash`]. Who minds deletes the line `people`; only this
//! question is then without an answer.

use super::Calibration;
use crate::Error;
pub(super) use crate::names::NameHash;

impl Calibration {
    /// Keeps short hashes of the names of the people that it was made of, so that [`overlap`](Self::overlap) can find
    /// them in a test. Names that differ only in upper case, or in spaces in place of underscores, are one.
    ///
    /// # Errors
    /// [`Error::Calibration`] for no name at all, or for more different ones than people.
    pub fn with_people<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Result<Self, Error> {
        self.people = Some(NameHash::all(names, &self.source.data_hash));
        self.check_people()
            .map_err(|reason| Error::Calibration { file: "the calibration".to_owned(), reason })?;
        Ok(self)
    }

    /// How many different ones of these names are those of people that the calibration was made of; `None` if it does
    /// not say who they were. A person of another name in the other set is not found.
    pub fn overlap<N: AsRef<str>>(&self, names: impl IntoIterator<Item = N>) -> Option<usize> {
        let people = self.people.as_ref()?;
        Some(NameHash::overlap(people, names, &self.source.data_hash))
    }

    /// Whether the calibration says who it was made of.
    pub fn lists_people(&self) -> bool {
        self.people.is_some()
    }

    pub(super) fn check_people(&self) -> Result<(), String> {
        let Some(people) = &self.people else { return Ok(()) };
        if people.is_empty() || people.len() > self.counts.identities {
            let identities = self.counts.identities;
            return Err(format!("{} names of {identities} people cannot be", people.len()));
        }
        if NameHash::ascend(people) { Ok(()) } else { Err("the hashes in people do not rise".to_owned()) }
    }
}
