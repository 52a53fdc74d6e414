//! Wilson's score interval: what a count of rare events says about their rate.

use super::{Interval, check_level};
use crate::Error;
use crate::metrics::probit;

/// Wilson's score interval for a share: `successes` of `trials` *independent* trials, at a level such as 0.95.
///
/// With `p = successes / trials` and `z` the normal quantile of `(1 + level) / 2`, the interval is `(p + z^2/2n +-
/// z sqrt(p (1 - p) / n + z^2/4n^2)) / (1 + z^2/n)`. Unlike `p +- z sqrt(p (1 - p) / n)` it never leaves 0..=1, is
/// not empty where nothing was counted, and covers about as often as it says for rare events (Wilson 1927; Brown,
/// Cai and DasGupta 2001). Comparisons of faces are independent only if no person takes part in two of them;
/// elsewhere it is too narrow, and [`Bootstrap`](super::Bootstrap) is right.
///
/// # Errors
/// [`Error::Empty`] without trials, [`Error::Setting`] for more successes than trials and for a level that is not
/// between 0 and 1.
///
/// ```
/// // Nobody was let in wrongly in 3,000 attempts: the rate may still be 1 in 780.
/// let interval = omote_evaluation::wilson(0, 3000, 0.95)?;
/// assert_eq!(interval.low, 0.0);
/// assert!((interval.high - 1.0 / 782.0).abs() < 1e-5);
/// # Ok::<(), omote_evaluation::Error>(())
/// ```
pub fn wilson(successes: usize, trials: usize, level: f64) -> Result<Interval, Error> {
    check_level(level)?;
    if trials == 0 {
        return Err(Error::Empty { what: "trials" });
    }
    if successes > trials {
        return Err(Error::Setting {
            what: "number of successes",
            value: successes as f64,
            expected: "at most the number of trials",
        });
    }
    let trials = trials as f64;
    Ok(score_interval(successes as f64 / trials, trials, level))
}

/// The interval of a share `p` in 0..=1 of so many trials, more than 0. What stands for fewer independent trials need
/// not be a whole number.
pub(super) fn score_interval(p: f64, trials: f64, level: f64) -> Interval {
    let n = trials;
    let z = probit(f64::midpoint(1.0, level));
    let z2 = z * z / n;
    let centre = (p + z2 / 2.0) / (1.0 + z2);
    let half = z / (1.0 + z2) * (p * (1.0 - p) / n + z2 / (4.0 * n)).sqrt();
    // At the ends the two terms are equal, and only rounding would keep them apart.
    let low = if p == 0.0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if p == 1.0 { 1.0 } else { (centre + half).min(1.0) };
    Interval { low, high, level }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_intervals() {
        // scipy.stats.binomtest(..).proportion_ci(level, "wilson").
        let cases = [
            (10, 100, 0.95, 0.055_229_137_060_675_1, 0.174_365_661_504_913_45),
            (1, 10, 0.9, 0.022_634_908_730_867_18, 0.347_718_667_335_858_43),
            (0, 3000, 0.95, 0.0, 0.001_278_848_725_325_962_9),
        ];
        for (successes, trials, level, low, high) in cases {
            let found = wilson(successes, trials, level).unwrap();
            assert!((found.low - low).abs() < 1e-12 && (found.high - high).abs() < 1e-12, "{found:?}");
        }
    }

    #[test]
    fn the_ends_are_where_the_score_test_turns() {
        // The definition itself: at an end `p0` the distance of p from p0 is z standard deviations *under p0*.
        for (successes, trials) in [(1, 7), (3, 50), (49, 50), (10, 100_000)] {
            for level in [0.5, 0.9, 0.99] {
                let found = wilson(successes, trials, level).unwrap();
                let p = successes as f64 / trials as f64;
                for end in [found.low, found.high] {
                    let deviation = (end * (1.0 - end) / trials as f64).sqrt();
                    let z = (p - end).abs() / deviation;
                    assert!((z - probit((1.0 + level) / 2.0)).abs() < 1e-6, "{successes} of {trials}: {z}");
                }
            }
        }
    }

    #[test]
    fn mirrored_counts_give_mirrored_intervals() {
        let (few, many) = (wilson(0, 40, 0.95).unwrap(), wilson(40, 40, 0.95).unwrap());
        assert_eq!((few.low, many.high), (0.0, 1.0));
        assert!((few.high - (1.0 - many.low)).abs() < 1e-12);
    }

    #[test]
    fn bad_counts_are_named() {
        assert!(matches!(wilson(0, 0, 0.95), Err(Error::Empty { .. })));
        assert!(matches!(wilson(3, 2, 0.95), Err(Error::Setting { .. })));
        for level in [0.0, 1.0, -1.0, f64::NAN] {
            assert!(matches!(wilson(1, 2, level), Err(Error::Setting { .. })));
        }
    }
}
