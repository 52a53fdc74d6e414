//! The one form that every pair benchmark is brought into.

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;

use crate::Error;
use crate::metrics::check_folds;

/// Two photos to compare, and the truth about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// An index into [`PairProtocol::images`].
    pub a: usize,
    /// An index into [`PairProtocol::images`].
    pub b: usize,
    /// Whether the two photos show one person.
    pub same: bool,
}

/// A benchmark of pairs: "do these two photos show the same person?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairProtocol {
    /// What the benchmark is called, such as `LFW View 2`.
    pub name: String,
    /// The photos that the pairs name, each once, in the order in which they are first named.
    pub images: Vec<PathBuf>,
    /// The pairs in the protocol's order, fold after fold.
    pub pairs: Vec<Pair>,
    /// Consecutive ranges of `pairs` that cover all of them. A threshold for one fold is chosen on the others.
    pub folds: Vec<Range<usize>>,
}

impl PairProtocol {
    /// Checks what a reader guarantees, since anybody can fill in the fields.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let photos = self.images.len();
        for (number, pair) in self.pairs.iter().enumerate() {
            for photo in [pair.a, pair.b] {
                if photo >= photos {
                    return Err(Error::NoSuchPhoto { pair: number, photo, photos });
                }
            }
        }
        check_folds(&self.folds, self.pairs.len())
    }
}

/// Pairs by the names of photos, on the way to a [`PairProtocol`].
#[derive(Default)]
pub(super) struct NamedPairs {
    numbers: HashMap<String, usize>,
    /// Each name once, in order of its first use.
    pub(super) names: Vec<String>,
    pub(super) pairs: Vec<Pair>,
    pub(super) folds: Vec<Range<usize>>,
}

impl NamedPairs {
    pub(super) fn push(&mut self, a: String, b: String, same: bool) {
        let (a, b) = (self.number(a), self.number(b));
        self.pairs.push(Pair { a, b, same });
    }

    /// Makes a fold of everything since the last one, and returns it.
    pub(super) fn end_fold(&mut self) -> Range<usize> {
        let start = self.folds.last().map_or(0, |fold| fold.end);
        let fold = start..self.pairs.len();
        self.folds.push(fold.clone());
        fold
    }

    fn number(&mut self, name: String) -> usize {
        let next = self.names.len();
        *self.numbers.entry(name).or_insert_with_key(|name| {
            self.names.push(name.clone());
            next
        })
    }
}
