//! Whom a calibration was made of, so that nobody is tested with it who is in it, and without their names.
//!
//! Rates at a calibration's thresholds hold for other people. Of its own they are too good: their scores are what the
//! thresholds were chosen by. So the file keeps a short hash of each name, and the names of a test can be looked up.
//!
//! What that gives away: who has the file and a name can ask whether somebody of that name is in it, right but for one
//! name in 2^48 for each person listed. Names cannot be read back, but they can be guessed one by one, and where they
//! are numbers or come from a known list, all can. The hash is salted with the data's, so two files cannot be compared
//! with each other. Who minds deletes the line `people`; only this question is then without an answer.

use std::collections::BTreeSet;

use model::FileHash;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Calibration;
use crate::Error;

/// Bytes of the hash that are kept: two sets of 10,000 different people share one in fewer than one of a million cases.
const BYTES: usize = 6;

/// The salted hash of a person's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct NameHash([u8; BYTES]);

impl NameHash {
    fn of(name: &str, data: &FileHash) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"omote person");
        hash.update(data.0);
        hash.update(canonical(name));
        let hash: [u8; 32] = hash.finalize().into();
        Self(std::array::from_fn(|byte| hash[byte]))
    }
}

impl From<NameHash> for String {
    fn from(hash: NameHash) -> Self {
        hash.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl TryFrom<String> for NameHash {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits = (text.len() == 2 * BYTES && text.is_ascii()).then_some(text.as_str());
        let byte = |at: usize| u8::from_str_radix(digits?.get(2 * at..2 * at + 2)?, 16).ok();
        let mut hash = [0; BYTES];
        for (at, slot) in hash.iter_mut().enumerate() {
            *slot = byte(at)
                .ok_or_else(|| format!("\"{text}\" in people is not {} hexadecimal digits", 2 * BYTES))?;
        }
        Ok(Self(hash))
    }
}

impl Calibration {
    /// Keeps short hashes of the names of the people that it was made of, so that [`overlap`](Self::overlap) can find
    /// them in a test. Names that differ only in upper case, or in spaces in place of underscores, are one.
    ///
    /// # Errors
    /// [`Error::Calibration`] for no name at all, or for more different ones than people.
    pub fn with_people<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Result<Self, Error> {
        self.people = Some(self.hashes(names).into_iter().collect());
        self.check_people()
            .map_err(|reason| Error::Calibration { file: "the calibration".to_owned(), reason })?;
        Ok(self)
    }

    /// How many different ones of these names are those of people that the calibration was made of; `None` if it does
    /// not say who they were. A person of another name in the other set is not found.
    pub fn overlap<N: AsRef<str>>(&self, names: impl IntoIterator<Item = N>) -> Option<usize> {
        let people = self.people.as_ref()?;
        // Ascending, as they are written; checked when they are read.
        Some(self.hashes(names).iter().filter(|hash| people.binary_search(hash).is_ok()).count())
    }

    /// Whether the calibration says who it was made of.
    pub fn lists_people(&self) -> bool {
        self.people.is_some()
    }

    fn hashes<N: AsRef<str>>(&self, names: impl IntoIterator<Item = N>) -> BTreeSet<NameHash> {
        names.into_iter().map(|name| NameHash::of(name.as_ref(), &self.source.data_hash)).collect()
    }

    pub(super) fn check_people(&self) -> Result<(), String> {
        let Some(people) = &self.people else { return Ok(()) };
        if people.is_empty() || people.len() > self.counts.identities {
            let identities = self.counts.identities;
            return Err(format!("{} names of {identities} people cannot be", people.len()));
        }
        if people.windows(2).all(|pair| pair[0] < pair[1]) {
            Ok(())
        } else {
            Err("the hashes in people do not rise".to_owned())
        }
    }
}

/// A name without what differs between data sets that write it in their own way: `Ada  Lovelace` is `ada_lovelace`.
fn canonical(name: &str) -> String {
    let words: Vec<&str> =
        name.split(|c: char| c.is_whitespace() || c == '_').filter(|word| !word.is_empty()).collect();
    words.join("_").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_alike_however_they_are_written() {
        for name in ["Ada_Lovelace", "ada lovelace", " ADA  LOVELACE ", "_ada__Lovelace"] {
            assert_eq!(canonical(name), "ada_lovelace");
        }
        assert_ne!(canonical("Ada-Lovelace"), canonical("Ada Lovelace"));
        assert_eq!(canonical("7399"), "7399");
    }

    #[test]
    fn a_hash_is_twelve_digits_and_depends_on_the_data() {
        let hash = NameHash::of("Ada Lovelace", &FileHash([7; 32]));
        let text = String::from(hash);
        assert_eq!(text.len(), 12);
        assert_eq!(NameHash::try_from(text), Ok(hash));
        assert_ne!(NameHash::of("Ada Lovelace", &FileHash([8; 32])), hash);
        for bad in ["", "0123456789a", "0123456789abc", "0123456789ag", "0123456789é"] {
            assert!(NameHash::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
