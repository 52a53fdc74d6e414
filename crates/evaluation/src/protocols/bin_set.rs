//! InsightFace's `.bin` sets: pairs of aligned pictures in one file.
//!
//! The file is the pickle of `(pictures, same)`: a list of encoded pictures (JPEG as a rule, 112 x 112, aligned to
//! the ArcFace template) and a list of booleans. Pair `i` is pictures `2 i` and `2 i + 1`. `lfw.bin`, `agedb_30.bin`,
//! `calfw.bin`, `cplfw.bin`, `cfp_fp.bin`, `cfp_ff.bin` and `vgg2_fp.bin` come with the training sets of that
//! project.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::files::read_bytes;
use super::pair_protocol::{Pair, PairProtocol, ten_folds};
use super::pickle::{self, BytesAndBools, Stopped};
use crate::Error;

const HELP: &str = "a .bin set is one file, such as agedb_30.bin";

/// A set of pairs with its pictures, which are aligned already: no face has to be found in them.
#[derive(Clone, PartialEq, Eq)]
pub struct BinSet {
    path: PathBuf,
    bytes: Vec<u8>,
    images: Vec<Range<usize>>,
    same: Vec<bool>,
}

impl BinSet {
    /// The file's name without its extension, such as `agedb_30`.
    pub fn name(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The encoded pictures in the file's order, two for each pair.
    pub fn images(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.images.iter().map(|range| &self.bytes[range.clone()])
    }

    /// The encoded picture `index`, or `None` beyond the last. The bytes are as in the file: they may be no picture.
    pub fn image(&self, index: usize) -> Option<&[u8]> {
        self.images.get(index).map(|range| &self.bytes[range.clone()])
    }

    /// Whether each pair shows one person.
    pub fn same(&self) -> &[bool] {
        &self.same
    }

    /// The pairs, in ten consecutive folds, without identities, which the file does not tell. Image `i` is
    /// [`image(i)`](Self::image).
    pub fn protocol(&self) -> PairProtocol {
        let file = self.path.file_name().unwrap_or_default().to_string_lossy();
        PairProtocol {
            name: self.name(),
            images: (0..self.images.len()).map(|image| format!("{file}#{image}").into()).collect(),
            pairs: (0..).zip(&self.same).map(|(i, &same)| Pair { a: 2 * i, b: 2 * i + 1, same }).collect(),
            folds: ten_folds(self.same.len()),
            identities: None,
            people: Vec::new(),
            labels: Vec::new(),
        }
    }
}

/// Without the pictures' bytes.
impl fmt::Debug for BinSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BinSet")
            .field("path", &self.path)
            .field("images", &self.images.len())
            .field("pairs", &self.same.len())
            .finish_non_exhaustive()
    }
}

/// Reads an InsightFace `.bin` file of up to 1 GiB, written by Python 2 or 3 with pickle protocol 2 to 5.
///
/// Nothing but bytes, booleans, lists and a tuple is read from the pickle, so no file can make it run or construct
/// anything; the memory needed is within a few times the file's size. Folds are contiguous, as in InsightFace's
/// `verification.py`; spec recognition/08, section 3.
///
/// # Errors
/// [`Error::Read`] and [`Error::TooLarge`] for the file, [`Error::Layout`] if it is no such pickle, if the numbers of
/// pictures and labels do not fit, if a picture is empty, or if all pairs are of one kind.
pub fn read_bin(path: &Path) -> Result<BinSet, Error> {
    let bytes = read_bytes(path, pickle::MAX_BYTES, HELP)?;
    let bad = |problem| Error::Layout { path: path.to_owned(), problem };
    let BytesAndBools { bytes: images, bools: same } = pickle::bytes_and_bools(&bytes)
        .map_err(|Stopped { at, problem }| bad(format!("at byte {at}: {problem}")))?;
    if images.len() != 2 * same.len() {
        return Err(bad(format!("{} pictures do not make {} pairs of two", images.len(), same.len())));
    }
    if let Some(image) = images.iter().position(Range::is_empty) {
        return Err(bad(format!("picture {image} (counted from 0) has no bytes")));
    }
    super::pair_protocol::both_kinds(same.iter().copied()).map_err(bad)?;
    Ok(BinSet { path: path.to_owned(), bytes, images, same })
}
