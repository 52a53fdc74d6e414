//! The one form that every pair benchmark is brought into.

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;

use super::labels::PairLabels;
use super::people::People;
use crate::Error;
use crate::metrics::check_folds;

/// The field's pair benchmarks have ten folds.
const FOLDS: usize = 10;

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
    /// The photos that the pairs name, each once, in the order in which they are first named. Those of a
    /// [`BinSet`](crate::BinSet) are no files but `FILE#NUMBER`.
    pub images: Vec<PathBuf>,
    /// The pairs in the protocol's order, fold after fold.
    pub pairs: Vec<Pair>,
    /// Consecutive ranges of `pairs` that cover all of them. A threshold for one fold is chosen on the others.
    pub folds: Vec<Range<usize>>,
    /// Who each of `images` shows, numbered from 0; `None` if the benchmark does not tell. Two photos of a pair have
    /// the same number exactly if the pair is one of the same person.
    pub identities: Option<Vec<u32>>,
    /// The names of the people that `identities` numbers, as the benchmark writes them; empty if it names nobody.
    pub people: Vec<String>,
    /// What else is known of each pair, each label with an entry for every one of `pairs`.
    pub labels: Vec<PairLabels>,
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
        if let Some(identities) = &self.identities {
            if identities.len() != photos {
                return Err(Error::Length { what: "identities", expected: photos, got: identities.len() });
            }
            for (number, &Pair { a, b, same }) in self.pairs.iter().enumerate() {
                if (identities[a] == identities[b]) != same {
                    let (a, b) = (identities[a], identities[b]);
                    return Err(Error::Identities { pair: number, same, a, b });
                }
            }
        }
        self.labels.iter().try_for_each(|labels| labels.check(self.pairs.len()))?;
        check_folds(&self.folds, self.pairs.len())
    }
}

/// The field's rule for files that list no folds: ten consecutive ranges, the first ones longer by one pair if the
/// number is no multiple of ten; as many folds as pairs if there are fewer.
pub(super) fn ten_folds(pairs: usize) -> Vec<Range<usize>> {
    let folds = FOLDS.min(pairs);
    let mut start = 0;
    (0..folds)
        .map(|fold| {
            let end = start + pairs / folds + usize::from(fold < pairs % folds);
            std::mem::replace(&mut start, end)..end
        })
        .collect()
}

/// Refuses pairs that are all of one kind, with which nothing can be told apart. The error is the problem in words.
pub(super) fn both_kinds(same: impl IntoIterator<Item = bool>) -> Result<(), String> {
    let (mut genuine, mut impostor) = (0, 0);
    for same in same {
        *if same { &mut genuine } else { &mut impostor } += 1;
    }
    missing_kind(genuine, impostor).map_or(Ok(()), Err)
}

/// What is missing from so many pairs of the same person and of different people, if anything.
pub(super) fn missing_kind(genuine: usize, impostor: usize) -> Option<String> {
    match (genuine, impostor) {
        (0, 0) => Some("there is no pair".to_owned()),
        (0, all) => {
            Some(format!("all {all} pairs are of different people: pairs of the same person are missing"))
        }
        (all, 0) => {
            Some(format!("all {all} pairs are of the same person: pairs of different people are missing"))
        }
        _ => None,
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

    /// The number of the person in each photo, and the names of the people by number, where `person` finds the person's
    /// name in a photo's; `None` if it does not, or if a pair's label says otherwise.
    pub(super) fn identities(
        &self,
        person: impl Fn(&str) -> Option<&str>,
    ) -> Option<(Vec<u32>, Vec<String>)> {
        let mut people = People::default();
        let identities: Vec<u32> = self
            .names
            .iter()
            .map(|name| person(name).map(|name| people.number(name)))
            .collect::<Option<_>>()?;
        let agree = |pair: &Pair| (identities[pair.a] == identities[pair.b]) == pair.same;
        self.pairs.iter().all(agree).then(|| (identities, people.into_names()))
    }

    fn number(&mut self, name: String) -> usize {
        let next = self.names.len();
        *self.numbers.entry(name).or_insert_with_key(|name| {
            self.names.push(name.clone());
            next
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_folds_are_those_of_k_fold() {
        assert_eq!(ten_folds(6000)[..2], [0..600, 600..1200]);
        // scikit-learn's KFold(10) gives the first 23 % 10 folds one more.
        let sizes: Vec<usize> = ten_folds(23).into_iter().map(|fold| fold.len()).collect();
        assert_eq!(sizes, [3, 3, 3, 2, 2, 2, 2, 2, 2, 2]);
        assert_eq!(ten_folds(23).last(), Some(&(21..23)));
        assert_eq!(ten_folds(3), [0..1, 1..2, 2..3]);
        assert!(ten_folds(0).is_empty());
    }

    #[test]
    fn identities_follow_the_names_unless_a_label_contradicts() {
        let mut named = NamedPairs::default();
        named.push("ann/1".to_owned(), "ann/2".to_owned(), true);
        named.push("ben/1".to_owned(), "ann/2".to_owned(), false);
        let people = ["ann", "ben"].map(str::to_owned).to_vec();
        assert_eq!(named.identities(|name| name.split('/').next()), Some((vec![0, 0, 1], people)));
        assert_eq!(named.identities(|name| name.split('/').nth(2)), None);
        named.push("ben/1".to_owned(), "ann/1".to_owned(), true);
        assert_eq!(named.identities(|name| name.split('/').next()), None);
    }

    #[test]
    fn identities_that_do_not_fit_are_refused() {
        let protocol = |identities| PairProtocol {
            name: "made up".to_owned(),
            images: ["a", "b", "c"].map(PathBuf::from).to_vec(),
            pairs: vec![Pair { a: 0, b: 1, same: true }, Pair { a: 1, b: 2, same: false }],
            folds: vec![0..1, 1..2],
            identities,
            people: Vec::new(),
            labels: Vec::new(),
        };
        protocol(None).check().unwrap();
        protocol(Some(vec![4, 4, 2])).check().unwrap();
        assert!(matches!(
            protocol(Some(vec![4, 4])).check(),
            Err(Error::Length { what: "identities", expected: 3, got: 2 })
        ));
        let message = protocol(Some(vec![1, 1, 1])).check().unwrap_err().to_string();
        assert!(message.contains("pair 1 (counted from 0) is labelled different people"), "{message}");
    }
}
