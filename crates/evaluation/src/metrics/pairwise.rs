//! Pairwise precision, recall and F: are two faces that were put together the same person?

use super::contingency::{Agreement, Contingency};
use crate::Error;

/// Pairwise precision, recall and F of a clustering.
///
/// `truth[i]` and `predicted[i]` are the class and the cluster of item `i`; only equality of labels matters. A pair of
/// items is *predicted* if both are in one cluster and *true* if both are of one class; precision is the share of
/// predicted pairs that are true, recall the share of true pairs that are predicted. With no predicted pair (all
/// singletons) precision is 1, with no true pair recall is 1.
///
/// Big clusters dominate, since a cluster of n items has n(n-1)/2 pairs: see [`bcubed`](crate::bcubed) for a count per
/// item. Items that a method left unassigned must come as singletons, each with a label of its own.
///
/// Spec recognition/09, section 1. O(n log n).
///
/// # Errors
/// [`Error::Length`] if the lists differ in length, [`Error::Empty`] if they are empty.
pub fn pairwise(truth: &[usize], predicted: &[usize]) -> Result<Agreement, Error> {
    let table = Contingency::count(truth, predicted)?;
    let hits: f64 = table.cells.iter().map(|cell| pairs(cell.both)).sum();
    let predicted: f64 = table.clusters.iter().map(|&size| pairs(size)).sum();
    let actual: f64 = table.classes.iter().map(|&size| pairs(size)).sum();
    Ok(Agreement::new(share(hits, predicted), share(hits, actual)))
}

/// n(n-1)/2. A sum of these is exact in f64 up to 2^53, the pairs of 134 million items in one cluster.
fn pairs(n: u64) -> f64 {
    n as f64 * (n - 1) as f64 / 2.0
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::super::contingency::GOLDEN;
    use super::*;

    #[test]
    fn golden_value() {
        let found = pairwise(&GOLDEN.0, &GOLDEN.1).unwrap();
        assert!((found.precision - 0.6).abs() < 1e-12);
        assert!((found.recall - 0.6).abs() < 1e-12);
        assert!((found.f - 0.6).abs() < 1e-12);
    }

    #[test]
    fn extremes() {
        struct Case {
            truth: [usize; 4],
            predicted: [usize; 4],
            expected: (f64, f64, f64),
        }
        let cases = [
            // The same partition under other names.
            Case { truth: [0, 0, 1, 1], predicted: [9, 9, 3, 3], expected: (1.0, 1.0, 1.0) },
            // Everybody in one cluster: 2 of 6 pairs are true.
            Case { truth: [0, 0, 1, 1], predicted: [0; 4], expected: (1.0 / 3.0, 1.0, 0.5) },
            // All singletons: nothing predicted, nothing wrong, nothing found.
            Case { truth: [0, 0, 1, 1], predicted: [0, 1, 2, 3], expected: (1.0, 0.0, 0.0) },
            // Strangers, one photo each, kept apart: nothing to find and nothing invented.
            Case { truth: [0, 1, 2, 3], predicted: [3, 2, 1, 0], expected: (1.0, 1.0, 1.0) },
            // Strangers thrown together.
            Case { truth: [0, 1, 2, 3], predicted: [0; 4], expected: (0.0, 1.0, 0.0) },
        ];
        for Case { truth, predicted, expected } in cases {
            let found = pairwise(&truth, &predicted).unwrap();
            assert_eq!((found.precision, found.recall, found.f), expected, "{truth:?} {predicted:?}");
        }
    }
}
