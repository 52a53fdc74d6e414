//! Comparison scores of a verification system, and its two error rates at any threshold.

use crate::Error;

/// The scores of pairs of one person (*genuine*) and of two people (*impostor*), ready for every verification metric.
///
/// Scores are similarities: more is more alike, and a pair is accepted at threshold `t` if its score is `t` or more.
/// The two error rates are
///
/// - `FMR(t)`, the false match rate: the share of impostor pairs that are accepted. It falls as `t` rises.
/// - `FNMR(t)`, the false non-match rate: the share of genuine pairs that are rejected. It rises with `t`.
///
/// A pair *without a score* (no face was found in a photo) is rejected at every threshold and counts in the
/// denominators. With such pairs in, `fnmr` is therefore the *generalised* rate (GFRR): where a share `FTA` of the
/// genuine pairs failed, it is `FTA + (1 - FTA) FNMR` of the rate over those that did not. Likewise `fmr` is the
/// generalised false accept rate, `(1 - FTA) FMR` with the impostors' `FTA`. To have the rates of the matcher alone,
/// leave the failed pairs out, and say so beside the number.
///
/// Spec recognition/08, section 2; ISO/IEC 19795-1. Memory: 4 bytes a score; see
/// [`StreamingScores`](crate::StreamingScores) for more scores than that allows.
///
/// ```
/// use omote_evaluation::Scores;
///
/// let scores = Scores::new(vec![0.9, 0.4, 0.8, 0.7], vec![0.1, 0.5, 0.3, 0.2])?;
/// assert_eq!((scores.fmr(0.5), scores.fnmr(0.5)), (0.25, 0.25));
/// let strict = scores.fnmr_at_fmr(0.1);
/// assert_eq!((strict.false_matches, strict.fnmr), (0, 0.25));
/// # Ok::<(), omote_evaluation::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    genuine: Vec<f32>,
    impostor: Vec<f32>,
    genuine_without_score: usize,
    impostor_without_score: usize,
}

impl Scores {
    /// From two lists of scores, in any order. O(n log n).
    ///
    /// # Errors
    /// [`Error::Empty`] if a list is empty, [`Error::UnrankedScore`] for a NaN or infinite score.
    pub fn new(genuine: Vec<f32>, impostor: Vec<f32>) -> Result<Self, Error> {
        for (kind, scores) in [("genuine", &genuine), ("impostor", &impostor)] {
            if let Some(position) = scores.iter().position(|score| !score.is_finite()) {
                return Err(Error::UnrankedScore {
                    kind,
                    position: position as u64,
                    score: scores[position],
                });
            }
        }
        Self::checked(genuine, impostor, 0, 0)
    }

    /// From a list of pairs: `scores[i]` is the similarity of pair `i`, `None` where it could not be taken, and
    /// `same[i]` says whether the pair shows one person. O(n log n).
    ///
    /// # Errors
    /// [`Error::Length`] if the lists differ in length, [`Error::Score`] for a NaN or infinite score, and
    /// [`Error::Empty`] if the pairs are all of one kind or all without a score.
    pub fn from_pairs(scores: &[Option<f32>], same: &[bool]) -> Result<Self, Error> {
        if scores.len() != same.len() {
            return Err(Error::Length { what: "scores", expected: same.len(), got: scores.len() });
        }
        let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
        let (mut genuine_without_score, mut impostor_without_score) = (0, 0);
        for (pair, (&score, &same)) in scores.iter().zip(same).enumerate() {
            match score {
                Some(score) if !score.is_finite() => return Err(Error::Score { pair, score }),
                Some(score) if same => genuine.push(score),
                Some(score) => impostor.push(score),
                None if same => genuine_without_score += 1,
                None => impostor_without_score += 1,
            }
        }
        Self::checked(genuine, impostor, genuine_without_score, impostor_without_score)
    }

    /// The scores are finite; whether there are enough is checked here.
    fn checked(
        mut genuine: Vec<f32>,
        mut impostor: Vec<f32>,
        genuine_without_score: usize,
        impostor_without_score: usize,
    ) -> Result<Self, Error> {
        if genuine.len() + genuine_without_score == 0 {
            return Err(Error::Empty { what: "genuine score (pair of the same person)" });
        }
        if impostor.len() + impostor_without_score == 0 {
            return Err(Error::Empty { what: "impostor score (pair of different people)" });
        }
        if genuine.is_empty() && impostor.is_empty() {
            return Err(Error::Empty { what: "pair with a score" });
        }
        for scores in [&mut genuine, &mut impostor] {
            // -0.0 and 0.0 are one score; adding 0.0 makes one of them.
            scores.iter_mut().for_each(|score| *score += 0.0);
            scores.sort_unstable_by(f32::total_cmp);
        }
        Ok(Self { genuine, impostor, genuine_without_score, impostor_without_score })
    }

    /// The scores of genuine pairs, ascending. Without the pairs that have none.
    pub fn genuine(&self) -> &[f32] {
        &self.genuine
    }

    /// The scores of impostor pairs, ascending. Without the pairs that have none.
    pub fn impostor(&self) -> &[f32] {
        &self.impostor
    }

    /// How many genuine pairs there are, with those without a score; at least 1.
    pub fn genuine_count(&self) -> usize {
        self.genuine.len() + self.genuine_without_score
    }

    /// How many impostor pairs there are, with those without a score; at least 1.
    pub fn impostor_count(&self) -> usize {
        self.impostor.len() + self.impostor_without_score
    }

    /// The share of impostor pairs that are accepted at a threshold, in 0..=1. A NaN accepts nothing. O(log n).
    pub fn fmr(&self, threshold: f64) -> f64 {
        self.false_matches(threshold) as f64 / self.impostor_count() as f64
    }

    /// The share of genuine pairs that are rejected at a threshold, in 0..=1. A NaN rejects everything. O(log n).
    pub fn fnmr(&self, threshold: f64) -> f64 {
        let accepted = at_or_above(&self.genuine, threshold);
        (self.genuine_count() - accepted) as f64 / self.genuine_count() as f64
    }

    /// The number of impostor pairs that are accepted at a threshold.
    pub(super) fn false_matches(&self, threshold: f64) -> usize {
        at_or_above(&self.impostor, threshold)
    }

    /// The smallest threshold whose FMR is `fmr` or less (*strict*: never a little more, as the nearest rate may be).
    ///
    /// The threshold is the next f64 after an impostor score, so that it lies truly between that score and the next
    /// f32. Where every impostor may be accepted there is no smallest threshold; the lowest of all scores is given
    /// then, which accepts whatever has a score. Above the highest impostor score `fmr` 0 is reached, so there is
    /// always an answer; a NaN or negative `fmr` is taken as 0. O(1).
    ///
    /// Whether so few false matches say anything about the rate is another question: with n impostors, rates below 10/n
    /// are noise (spec recognition/00).
    pub fn threshold_at_fmr(&self, fmr: f64) -> f64 {
        let allowed = allowed(fmr, self.impostor_count() as u64);
        match self.impostor.len().checked_sub(allowed as usize + 1) {
            Some(highest_rejected) => f64::from(self.impostor[highest_rejected]).next_up(),
            None => self.lowest(),
        }
    }

    /// The sensitivity index: the distance of the two means in units of the pooled spread,
    /// `d' = (mean_G - mean_I) / sqrt((s_G^2 + s_I^2) / 2)`, with population variances.
    ///
    /// Of the pairs that have a score. `None` where a kind has no scores, or neither has any spread. It describes the
    /// two middles: of the tails, where systems are used, it says nothing.
    pub fn d_prime(&self) -> Option<f64> {
        let (genuine, impostor) = (moments(&self.genuine)?, moments(&self.impostor)?);
        let spread = f64::midpoint(genuine.1, impostor.1).sqrt();
        (spread > 0.0).then(|| (genuine.0 - impostor.0) / spread)
    }

    /// The lowest score of any pair. One exists: see [`Self::checked`].
    fn lowest(&self) -> f64 {
        let lowest = [&self.genuine, &self.impostor].into_iter().filter_map(|scores| scores.first());
        lowest.copied().map(f64::from).fold(f64::INFINITY, f64::min)
    }

    /// A threshold that accepts nothing: the next f64 after the highest score.
    pub(super) fn above_all(&self) -> f64 {
        let highest = [&self.genuine, &self.impostor].into_iter().filter_map(|scores| scores.last());
        highest.copied().map(f64::from).fold(f64::NEG_INFINITY, f64::max).next_up()
    }

    /// The distinct scores from the highest to the lowest, each with what is accepted when it is the threshold.
    pub(super) fn sweep(&self) -> impl Iterator<Item = Step> {
        let (mut genuine, mut impostor) = (self.genuine.len(), self.impostor.len());
        std::iter::from_fn(move || {
            let next = [&self.genuine[..genuine], &self.impostor[..impostor]];
            let score = next.into_iter().filter_map(|scores| scores.last()).copied().reduce(f32::max)?;
            let below = |scores: &[f32], mut end: usize| {
                while end > 0 && scores[end - 1] == score {
                    end -= 1;
                }
                end
            };
            genuine = below(&self.genuine, genuine);
            impostor = below(&self.impostor, impostor);
            Some(Step {
                score,
                true_matches: self.genuine.len() - genuine,
                false_matches: self.impostor.len() - impostor,
            })
        })
    }
}

/// What a threshold at a score accepts.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) score: f32,
    pub(super) true_matches: usize,
    pub(super) false_matches: usize,
}

/// The most of `count` that are a share of `rate` or less. Rounding cannot make it one too many or too few: the same
/// division decides as in the rate that is reported.
pub(crate) fn allowed(rate: f64, count: u64) -> u64 {
    let within = |accepted: u64| accepted as f64 / count as f64 <= rate;
    // A NaN or negative product becomes 0, one too large `u64::MAX`.
    let mut allowed = ((rate * count as f64) as u64).min(count);
    while allowed > 0 && !within(allowed) {
        allowed -= 1;
    }
    while allowed < count && within(allowed + 1) {
        allowed += 1;
    }
    allowed
}

/// How many of the scores, ascending, are `threshold` or more.
fn at_or_above(scores: &[f32], threshold: f64) -> usize {
    // A NaN is no number to be at or above of: nothing is accepted.
    let threshold = if threshold.is_nan() { f64::INFINITY } else { threshold };
    scores.len() - scores.partition_point(|&score| f64::from(score) < threshold)
}

/// Mean and population variance, in two passes.
fn moments(scores: &[f32]) -> Option<(f64, f64)> {
    let count = scores.len() as f64;
    let mean = scores.iter().copied().map(f64::from).sum::<f64>() / count;
    let variance = scores.iter().map(|&score| (f64::from(score) - mean).powi(2)).sum::<f64>() / count;
    (!scores.is_empty()).then_some((mean, variance))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toy() -> Scores {
        Scores::new(vec![0.75, 0.25, 1.0, 0.5], vec![0.5, -0.0, 0.25, 0.25, 0.0]).unwrap()
    }

    #[test]
    fn rates_of_the_toy() {
        let scores = toy();
        assert_eq!(scores.genuine(), [0.25, 0.5, 0.75, 1.0]);
        assert_eq!(scores.impostor(), [0.0, 0.0, 0.25, 0.25, 0.5]);
        let cases = [
            // threshold, FMR, FNMR
            (f64::NEG_INFINITY, 1.0, 0.0),
            (-0.0, 1.0, 0.0),
            (f64::MIN_POSITIVE, 0.6, 0.0),
            (0.25, 0.6, 0.0),
            (0.25_f64.next_up(), 0.2, 0.25),
            (0.5, 0.2, 0.25),
            (1.0, 0.0, 0.75),
            (1.5, 0.0, 1.0),
            (f64::NAN, 0.0, 1.0),
        ];
        for (threshold, fmr, fnmr) in cases {
            assert_eq!((scores.fmr(threshold), scores.fnmr(threshold)), (fmr, fnmr), "{threshold}");
        }
    }

    #[test]
    fn thresholds_of_the_toy_are_strict() {
        let scores = toy();
        let cases = [
            (0.0, 0.5_f64.next_up()),
            (0.199, 0.5_f64.next_up()),
            // Two impostors share the score 0.25: one of them cannot be let in alone.
            (0.2, 0.25_f64.next_up()),
            (0.4, 0.25_f64.next_up()),
            (0.6, 0.0_f64.next_up()),
            (1.0, 0.0),
            (7.0, 0.0),
            (-1.0, 0.5_f64.next_up()),
            (f64::NAN, 0.5_f64.next_up()),
        ];
        for (fmr, threshold) in cases {
            assert_eq!(scores.threshold_at_fmr(fmr), threshold, "{fmr}");
        }
    }

    #[test]
    fn rounding_neither_gives_nor_takes_a_false_match() {
        // 0.29 * 100 is 28.999999999999996, and 0.07 * 100 is 7.000000000000001.
        for count in [1_u64, 3, 7, 100, 3000, 999_983, 10_000_000_019] {
            for accepted in [0, 1, 7, 29, count / 3, count - 1, count] {
                let accepted = accepted.min(count);
                let rate = accepted as f64 / count as f64;
                assert_eq!(allowed(rate, count), accepted);
                assert_eq!(allowed(rate.next_up(), count), accepted);
                assert_eq!(allowed(rate.next_down(), count), accepted.saturating_sub(1));
            }
        }
    }

    #[test]
    fn failed_pairs_count_as_rejected() {
        let scored = Scores::from_pairs(
            &[Some(0.9), None, Some(0.1), Some(0.8), None, Some(0.3), None, None],
            &[true, true, true, true, false, false, false, false],
        )
        .unwrap();
        assert_eq!((scored.genuine_count(), scored.impostor_count()), (4, 4));
        assert_eq!((scored.genuine().len(), scored.impostor().len()), (3, 1));
        assert_eq!((scored.fmr(f64::NEG_INFINITY), scored.fnmr(f64::NEG_INFINITY)), (0.25, 0.25));
        assert_eq!(scored.threshold_at_fmr(0.0), f64::from(0.3_f32).next_up());
        assert_eq!(scored.threshold_at_fmr(0.25), f64::from(0.1_f32));
        // GFRR = FTA + (1 - FTA) FNMR, and the like for false accepts.
        let matcher = Scores::new(scored.genuine().to_vec(), scored.impostor().to_vec()).unwrap();
        for threshold in [0.0, 0.2, 0.85, 2.0] {
            let generalised = 0.25 + 0.75 * matcher.fnmr(threshold);
            assert!((scored.fnmr(threshold) - generalised).abs() < 1e-12);
            assert!((scored.fmr(threshold) - 0.25 * matcher.fmr(threshold)).abs() < 1e-12);
        }
    }

    #[test]
    fn d_prime_by_hand() {
        // Means 3 and 1, variances 1 and 0.25.
        let scores = Scores::new(vec![2.0, 4.0], vec![0.5, 1.5]).unwrap();
        assert!((scores.d_prime().unwrap() - 2.0 / 0.625_f64.sqrt()).abs() < 1e-12);
        assert_eq!(Scores::new(vec![1.0], vec![0.0]).unwrap().d_prime(), None);
        assert_eq!(Scores::from_pairs(&[None, Some(0.0)], &[true, false]).unwrap().d_prime(), None);
    }

    #[test]
    fn bad_input_is_named() {
        let message = |found: Result<Scores, Error>| found.unwrap_err().to_string();
        assert!(message(Scores::new(vec![], vec![0.0])).contains("no genuine score"));
        assert!(message(Scores::new(vec![0.0], vec![])).contains("no impostor score"));
        assert!(
            message(Scores::new(vec![0.0], vec![0.0, f32::NAN])).starts_with("impostor score 1 (counted")
        );
        assert!(message(Scores::new(vec![f32::INFINITY], vec![0.0])).starts_with("genuine score 0 "));
        assert!(message(Scores::from_pairs(&[None], &[true, false])).starts_with("1 scores were given"));
        let nan = [Some(0.0), Some(f32::NAN)];
        assert!(message(Scores::from_pairs(&nan, &[true, false])).starts_with("the score of pair 1 "));
        assert!(message(Scores::from_pairs(&[None; 2], &[true, false])).contains("no pair with a score"));
        assert!(message(Scores::from_pairs(&[Some(0.0); 2], &[true; 2])).contains("no impostor score"));
    }
}
