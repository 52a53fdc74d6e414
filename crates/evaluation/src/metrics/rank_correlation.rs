//! Do two lists rise together?

use crate::Error;

/// Spearman's rank correlation, in -1..=1: 1 where `y` always rises with `x`, -1 where it always falls, near 0 where it knows
/// nothing of it. Equal values share the mean of their ranks. `None` where all values of a list are equal.
///
/// ```
/// # use omote_evaluation::spearman;
/// assert_eq!(spearman(&[1.0, 2.0, 3.0], &[0.1, 0.5, 9.0])?, Some(1.0));
/// assert_eq!(spearman(&[1.0, 2.0, 3.0], &[4.0, 4.0, 4.0])?, None);
/// # Ok::<(), omote_evaluation::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] if the lists differ in length, [`Error::Item`] for a value that is no number.
pub fn spearman(x: &[f64], y: &[f64]) -> Result<Option<f64>, Error> {
    if x.len() != y.len() {
        return Err(Error::Length { what: "second list", expected: x.len(), got: y.len() });
    }
    for (what, list) in [("value of the first list", x), ("value of the second list", y)] {
        if let Some(number) = list.iter().position(|value| value.is_nan()) {
            return Err(Error::Item { what, number, problem: "it is no number".to_owned() });
        }
    }
    let (x, y) = (ranks(x), ranks(y));
    // Ranks have the same mean in every list.
    let mean = (x.len() as f64 + 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>();
    let spread = (product(&x, &x) * product(&y, &y)).sqrt();
    Ok((spread > 0.0).then(|| (product(&x, &y) / spread).clamp(-1.0, 1.0)))
}

/// The rank of each value, from 1.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    // The two zeros are one value.
    for equal in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = before as f64 + (equal.len() as f64 + 1.0) / 2.0;
        equal.iter().for_each(|&at| ranks[at] = rank);
        before += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_values() {
        // scipy.stats.spearmanr 1.17.
        let x = [1.0, 2.0, 2.0, 3.0, 5.0, 4.0, 9.0];
        let y = [2.0, 1.0, 4.0, 3.0, 3.0, 6.0, 5.0];
        let found = spearman(&x, &y).unwrap().unwrap();
        assert!((found - 0.618_181_818_181_818_2).abs() < 1e-12, "{found}");
        let falling = spearman(&x, &x.map(|value| -value)).unwrap().unwrap();
        assert!((falling + 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_ranked_is_told() {
        assert_eq!(spearman(&[], &[]).unwrap(), None);
        assert_eq!(spearman(&[0.0, -0.0], &[1.0, 2.0]).unwrap(), None);
        assert!(matches!(spearman(&[1.0], &[]), Err(Error::Length { .. })));
        let broken = spearman(&[1.0, 2.0], &[1.0, f64::NAN]);
        assert!(matches!(broken, Err(Error::Item { number: 1, .. })));
    }
}
