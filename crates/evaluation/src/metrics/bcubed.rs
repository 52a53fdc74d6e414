//! BCubed precision, recall and F: what an item's neighbours in its cluster look like, averaged over items.

use super::contingency::{Agreement, Contingency};
use crate::Error;

/// BCubed precision, recall and F of a clustering.
///
/// `truth[i]` and `predicted[i]` are the class and the cluster of item `i`; only equality of labels matters. An item's
/// precision is the share of its cluster that has its class, its recall the share of its class that is in its cluster
/// (itself included in both); the averages over items are returned: `P = 1/N sum n_ab^2 / n_b`,
/// `R = 1/N sum n_ab^2 / n_a`.
///
/// Bagga and Baldwin 1998; spec recognition/09, section 1. O(n log n).
///
/// # Errors
/// [`Error::Length`] if the lists differ in length, [`Error::Empty`] if they are empty.
pub fn bcubed(truth: &[usize], predicted: &[usize]) -> Result<Agreement, Error> {
    let table = Contingency::count(truth, predicted)?;
    let items = table.items as f64;
    let mean = |size: fn(&super::contingency::Cell) -> u64| {
        let sum: f64 =
            table.cells.iter().map(|cell| cell.both as f64 * (cell.both as f64 / size(cell) as f64)).sum();
        sum / items
    };
    Ok(Agreement::new(mean(|cell| cell.cluster), mean(|cell| cell.class)))
}

#[cfg(test)]
mod tests {
    use super::super::contingency::GOLDEN;
    use super::*;

    #[test]
    fn golden_value() {
        let found = bcubed(&GOLDEN.0, &GOLDEN.1).unwrap();
        assert!((found.precision - 0.75).abs() < 1e-12);
        assert!((found.recall - 0.75).abs() < 1e-12);
        assert!((found.f - 0.75).abs() < 1e-12);
    }

    #[test]
    fn extremes() {
        let truth = [0, 0, 0, 1];
        let together = bcubed(&truth, &[5; 4]).unwrap();
        assert_eq!((together.precision, together.recall), (10.0 / 16.0, 1.0));
        let apart = bcubed(&truth, &[0, 1, 2, 3]).unwrap();
        assert_eq!((apart.precision, apart.recall), (1.0, 0.5));
        assert_eq!(bcubed(&truth, &[2, 2, 2, 0]).unwrap().f, 1.0);
    }
}
