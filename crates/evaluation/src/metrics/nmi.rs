//! Normalised mutual information: how much a cluster's label says about the class.

use super::contingency::Contingency;
use crate::Error;

/// Normalised mutual information of a clustering, in 0..=1: `I / ((H_a + H_b) / 2)`.
///
/// `truth[i]` and `predicted[i]` are the class and the cluster of item `i`; only equality of labels matters, and the two
/// lists may change places. The normaliser is the arithmetic mean of the entropies, as in scikit-learn since
/// 0.22 (older versions took the geometric mean, which is higher). 1 where both put everything together, since the two
/// then agree; 0 where only one does.
///
/// Many small clusters flatter this measure: read it beside [`bcubed`](crate::bcubed).
///
/// Spec recognition/09, section 1. O(n log n).
///
/// # Errors
/// [`Error::Length`] if the lists differ in length, [`Error::Empty`] if they are empty.
pub fn nmi(truth: &[usize], predicted: &[usize]) -> Result<f64, Error> {
    let table = Contingency::count(truth, predicted)?;
    let items = table.items as f64;
    let mean_entropy = (entropy(&table.classes, items) + entropy(&table.clusters, items)) / 2.0;
    if mean_entropy == 0.0 {
        return Ok(1.0);
    }
    let information: f64 = table
        .cells
        .iter()
        .map(|cell| {
            let both = cell.both as f64;
            both / items * (both / cell.class as f64 * (items / cell.cluster as f64)).ln()
        })
        .sum();
    Ok((information / mean_entropy).clamp(0.0, 1.0))
}

/// In nats.
fn entropy(sizes: &[u64], items: f64) -> f64 {
    sizes
        .iter()
        .map(|&size| {
            let share = size as f64 / items;
            -share * share.ln()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::super::contingency::GOLDEN;
    use super::*;

    #[test]
    fn golden_value() {
        assert!((nmi(&GOLDEN.0, &GOLDEN.1).unwrap() - 0.715_934).abs() < 5e-7);
        assert!((entropy(&[4, 3, 2, 1], 10.0) - 1.279_854).abs() < 5e-7);
    }

    #[test]
    fn extremes() {
        assert_eq!(nmi(&[3; 4], &[8; 4]).unwrap(), 1.0);
        assert_eq!(nmi(&[0, 0, 1, 1], &[0; 4]).unwrap(), 0.0);
        assert_eq!(nmi(&[0, 0, 1, 1], &[7, 7, 2, 2]).unwrap(), 1.0);
        // Independent: knowing the cluster says nothing about the class.
        assert!(nmi(&[0, 0, 1, 1], &[0, 1, 0, 1]).unwrap().abs() < 1e-12);
        // Half as many classes as items, all apart: I = ln 2, H = ln 2 and ln 4.
        assert!((nmi(&[0, 0, 1, 1], &[0, 1, 2, 3]).unwrap() - 2.0 / 3.0).abs() < 1e-12);
    }
}
