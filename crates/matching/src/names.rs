//! People's names as files keep them: short salted hashes, by which a name can be looked up and not read back.
//!
//! What that gives away: who has the file and a name can ask whether somebody of that name is in it, right but for one
//! name in 2^48 for each person listed. Names cannot be read back, but they can be guessed one by one, and where they
//! are numbers or come from a known list, all can. The hash is salted, so two files cannot be compared with each other.

use std::collections::BTreeSet;

use model::FileHash;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Bytes of the hash that are kept: two sets of 10,000 different people share one in fewer than one of a million cases.
const BYTES: usize = 6;

/// The salted hash of a person's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct NameHash([u8; BYTES]);

impl NameHash {
    fn of(name: &str, salt: &FileHash) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"omote person");
        hash.update(salt.0);
        hash.update(canonical(name));
        let hash: [u8; 32] = hash.finalize().into();
        Self(std::array::from_fn(|byte| hash[byte]))
    }

    /// Those of different names, ascending. Names that differ only in upper case, or in spaces in place of
    /// underscores, are one.
    pub(crate) fn all<N: AsRef<str>>(names: impl IntoIterator<Item = N>, salt: &FileHash) -> Vec<Self> {
        let hashes: BTreeSet<Self> = names.into_iter().map(|name| Self::of(name.as_ref(), salt)).collect();
        hashes.into_iter().collect()
    }

    /// How many of these different names are listed; `listed` ascends.
    pub(crate) fn overlap<N: AsRef<str>>(
        listed: &[Self],
        names: impl IntoIterator<Item = N>,
        salt: &FileHash,
    ) -> usize {
        Self::all(names, salt).iter().filter(|hash| listed.binary_search(hash).is_ok()).count()
    }

    /// Whether a list that was read ascends, each once.
    pub(crate) fn ascend(listed: &[Self]) -> bool {
        listed.windows(2).all(|pair| pair[0] < pair[1])
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
        let salt = FileHash([7; 32]);
        let listed = NameHash::all(["Ada", "ada", "Bob", "Carl"], &salt);
        assert!(listed.len() == 3 && NameHash::ascend(&listed));
        assert_eq!(NameHash::overlap(&listed, ["BOB", "bob", "Dora", "Ada"], &salt), 2);
        assert!(!NameHash::ascend(&[listed[0], listed[0]]) && !NameHash::ascend(&[listed[1], listed[0]]));
    }

    #[test]
    fn a_hash_is_twelve_digits_and_depends_on_the_salt() {
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
