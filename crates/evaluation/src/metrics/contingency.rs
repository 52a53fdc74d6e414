//! How often each class meets each cluster: all that the clustering metrics need to know.

use crate::Error;

/// Precision, recall and their harmonic mean, each in 0..=1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// How much of what was put together belongs together.
    pub precision: f64,
    /// How much of what belongs together was put together.
    pub recall: f64,
    /// `2 P R / (P + R)`; 0 where both are 0.
    pub f: f64,
}

impl Agreement {
    pub(super) fn new(precision: f64, recall: f64) -> Self {
        let sum = precision + recall;
        let f = if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 };
        Self { precision, recall, f }
    }
}

/// A class and a cluster that share items. Sizes are at least 1.
pub(super) struct Cell {
    /// Items in both.
    pub(super) both: u64,
    /// Items in the class, wherever they were put.
    pub(super) class: u64,
    /// Items in the cluster, whatever they are.
    pub(super) cluster: u64,
}

/// The contingency table, without its empty cells.
pub(super) struct Contingency {
    pub(super) items: u64,
    pub(super) classes: Vec<u64>,
    pub(super) clusters: Vec<u64>,
    pub(super) cells: Vec<Cell>,
}

impl Contingency {
    /// Counts in O(n log n) time and O(n) space, whatever the labels are.
    pub(super) fn count(truth: &[usize], predicted: &[usize]) -> Result<Self, Error> {
        if truth.len() != predicted.len() {
            return Err(Error::Length {
                what: "cluster labels",
                expected: truth.len(),
                got: predicted.len(),
            });
        }
        if truth.is_empty() {
            return Err(Error::Empty { what: "labelled items" });
        }
        let (truth, classes) = dense(truth);
        let (predicted, clusters) = dense(predicted);
        let mut both: Vec<(usize, usize)> = truth.into_iter().zip(predicted).collect();
        both.sort_unstable();
        let cells = both
            .chunk_by(|x, y| x == y)
            .map(|run| Cell { both: run.len() as u64, class: classes[run[0].0], cluster: clusters[run[0].1] })
            .collect();
        Ok(Self { items: both.len() as u64, classes, clusters, cells })
    }
}

/// Labels as 0, 1, 2, ... in ascending order of what they were, and how often each occurs.
fn dense(labels: &[usize]) -> (Vec<usize>, Vec<u64>) {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_unstable_by_key(|&item| labels[item]);
    let mut dense = vec![0; labels.len()];
    let mut sizes = Vec::new();
    for run in order.chunk_by(|&x, &y| labels[x] == labels[y]) {
        for &item in run {
            dense[item] = sizes.len();
        }
        sizes.push(run.len() as u64);
    }
    (dense, sizes)
}

/// The toy of spec recognition/09, section 1.
#[cfg(test)]
pub(super) const GOLDEN: ([usize; 10], [usize; 10]) =
    ([0, 0, 0, 0, 1, 1, 1, 2, 2, 3], [0, 0, 0, 1, 1, 1, 1, 2, 3, 3]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_the_toy() {
        let table = Contingency::count(&GOLDEN.0, &GOLDEN.1).unwrap();
        assert_eq!(table.items, 10);
        assert_eq!(table.classes, [4, 3, 2, 1]);
        assert_eq!(table.clusters, [3, 4, 1, 2]);
        let both: Vec<u64> = table.cells.iter().map(|cell| cell.both).collect();
        assert_eq!(both, [3, 1, 3, 1, 1, 1]);
    }

    #[test]
    fn any_label_is_a_label() {
        let table = Contingency::count(&[usize::MAX, 7, usize::MAX], &[0, usize::MAX, 0]).unwrap();
        assert_eq!(table.classes, [1, 2]);
        assert_eq!(table.clusters, [2, 1]);
    }

    #[test]
    fn lists_must_match_and_hold_something() {
        assert!(matches!(Contingency::count(&[0, 1], &[0]), Err(Error::Length { expected: 2, got: 1, .. })));
        assert!(matches!(Contingency::count(&[], &[]), Err(Error::Empty { .. })));
    }
}
