//! The generalised Pareto distribution: what lies beyond the largest scores that were seen.
//!
//! Above a high threshold, the excesses of almost any distribution follow it (Pickands 1975). It has a scale and a
//! shape: shape 0 is the exponential distribution, a positive shape has a heavier tail, a negative one ends.

use serde::{Deserialize, Serialize};

/// Probability-weighted moments exist for shapes below 1/2, and the estimate is noise far below 0.
const SHAPES: std::ops::RangeInclusive<f64> = -0.5..=0.45;

/// A tail: `P(score >= x | score >= start)` for `x >= start`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tail {
    /// The score where it starts.
    pub(crate) start: f64,
    /// Scale, > 0, in units of the score.
    pub(crate) scale: f64,
    /// Shape, no unit.
    pub(crate) shape: f64,
}

impl Tail {
    /// Fits by probability-weighted moments (Hosking and Wallis 1987, section 3): with the ascending excesses `x_j`,
    /// `a0 = mean x_j`, `a1 = mean x_j (n - j) / (n - 1)`, the shape is `2 - a0 / (a0 - 2 a1)` and the scale
    /// `2 a0 a1 / (a0 - 2 a1)`. The scores may come in any order; those below `start` are left out.
    ///
    /// `None` if fewer than ten scores are above `start`, or all are alike.
    pub(crate) fn fit(start: f64, scores: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut excesses: Vec<f64> =
            scores.into_iter().filter(|&score| score >= start).map(|score| score - start).collect();
        excesses.sort_unstable_by(f64::total_cmp);
        let count = excesses.len() as f64;
        if count < 10.0 {
            return None;
        }
        let first = excesses.iter().sum::<f64>() / count;
        let weighted = |(at, excess): (usize, &f64)| excess * (count - 1.0 - at as f64) / (count - 1.0);
        let second = excesses.iter().enumerate().map(weighted).sum::<f64>() / count;
        let spread = first - 2.0 * second;
        if !(first.is_finite() && spread > 1e-12 * first.max(f64::MIN_POSITIVE)) {
            return None;
        }
        let shape = (2.0 - first / spread).clamp(*SHAPES.start(), *SHAPES.end());
        // The mean is scale / (1 - shape), also where the shape was held back.
        let scale = first * (1.0 - shape);
        (scale > 0.0).then_some(Self { start, scale, shape })
    }

    /// The share of scores above `start` that are at least `score`; 1 below `start`.
    pub(crate) fn beyond(&self, score: f64) -> f64 {
        let excess = ((score - self.start) / self.scale).max(0.0);
        if self.shape.abs() < 1e-9 {
            return (-excess).exp();
        }
        (1.0 + self.shape * excess).max(0.0).powf(-1.0 / self.shape)
    }

    /// The score that a `share` > 0 of those above `start` reaches; `start` for shares from 1 on.
    pub(crate) fn score_at(&self, share: f64) -> f64 {
        let share = share.min(1.0);
        let excess =
            if self.shape.abs() < 1e-9 { -share.ln() } else { (share.powf(-self.shape) - 1.0) / self.shape };
        self.start + self.scale * excess
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let finite = self.start.is_finite() && self.scale.is_finite();
        if finite && self.scale > 0.0 && SHAPES.contains(&self.shape) {
            Ok(())
        } else {
            Err(format!(
                "the tail (start {}, scale {}, shape {}) is none",
                self.start, self.scale, self.shape
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_survival() {
        // scipy.stats.genpareto.sf(x, shape, scale=0.05)
        let cases = [
            (
                0.2,
                [
                    (0.03, 0.567_426_855_718_599_4),
                    (0.1, 0.185_934_432_081_870_63),
                    (0.5, 0.004_115_226_337_448_56),
                ],
            ),
            (-0.3, [(0.03, 0.516_075_023_814_809_3), (0.1, 0.047_155_603_182_596_96), (0.2, 0.0)]),
            (
                0.0,
                [
                    (0.03, 0.548_811_636_094_026_4),
                    (0.1, 0.135_335_283_236_612_7),
                    (0.2, 0.018_315_638_888_734_18),
                ],
            ),
        ];
        for (shape, points) in cases {
            let tail = Tail { start: 0.4, scale: 0.05, shape };
            for (excess, wanted) in points {
                assert!((tail.beyond(0.4 + excess) - wanted).abs() < 1e-12);
                if wanted > 0.0 {
                    assert!((tail.score_at(wanted) - 0.4 - excess).abs() < 1e-9);
                }
            }
            assert_eq!((tail.beyond(0.1), tail.beyond(0.4), tail.score_at(2.0)), (1.0, 1.0, 0.4));
        }
    }

    #[test]
    fn golden_fit() {
        let eight = [0.01, 0.02, 0.02, 0.05, 0.07, 0.1, 0.15, 0.3];
        let doubled = eight.iter().flat_map(|&excess| [0.4 + excess, 0.4 + excess]).chain([0.1, 0.2]);
        let tail = Tail::fit(0.4, doubled).unwrap();
        // numpy: a0 = x.mean(), a1 = mean(x (n - j) / (n - 1)) over the sixteen ascending excesses.
        assert!((tail.shape - 0.163_265_306_122_448_94).abs() < 1e-9, "{}", tail.shape);
        assert!((tail.scale - 0.075_306_122_448_979_6).abs() < 1e-9, "{}", tail.scale);
    }

    #[test]
    fn finds_the_tail_that_scores_were_drawn_from() {
        let mut random = fastrand::Rng::with_seed(11);
        for shape in [-0.3, 0.0, 0.3] {
            let truth = Tail { start: 0.3, scale: 0.05, shape };
            let scores: Vec<f64> = (0..20_000).map(|_| truth.score_at(1.0 - random.f64())).collect();
            let found = Tail::fit(0.3, scores).unwrap();
            assert!((found.shape - shape).abs() < 0.05, "{shape}: {}", found.shape);
            assert!((found.scale / 0.05 - 1.0).abs() < 0.05, "{shape}: {}", found.scale);
        }
    }

    #[test]
    fn too_little_to_fit_is_no_tail() {
        assert_eq!(Tail::fit(0.5, (0..100).map(|step| f64::from(step) / 200.0)), None);
        assert_eq!(Tail::fit(0.5, [0.5; 100]), None);
        assert_eq!(Tail::fit(0.5, [0.7; 9]), None);
        // Scores that are alike beyond the start are no tail either, and must not make numbers that are none.
        if let Some(tail) = Tail::fit(0.5, [0.7; 100]) {
            assert_eq!(tail.check(), Ok(()));
        }
    }
}
