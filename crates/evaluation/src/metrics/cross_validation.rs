//! Verification accuracy by cross-validation: the threshold of a fold comes from all the other folds.
//!
//! The usual programs try thresholds on a grid (squared L2 from 0 to 4 in steps of 0.01, or a thousand steps
//! of cosine). Accuracy only changes where a score lies, so the sweep here is over the scores themselves: exact, with no
//! grid to choose, and O(n log n) for one sort plus O(n) per fold.

use std::ops::Range;

use crate::Error;

/// More than any protocol has; keeps the work bounded for a file that claims otherwise.
const MAX_FOLDS: usize = 1000;

/// The most accurate threshold for some pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BestThreshold {
    /// A pair is accepted as "the same person" if its score is this or more. In the units of the scores; f64, so that
    /// the middle between two different f32 scores lies truly between them.
    pub threshold: f64,
    /// The share of the pairs that the threshold gets right, in 0..=1.
    pub accuracy: f64,
}

/// What the threshold that the other folds chose does to one fold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoldResult {
    /// Chosen on the other folds; see [`best_threshold`].
    pub threshold: f64,
    /// The share of this fold's pairs that are decided rightly, in 0..=1.
    pub accuracy: f64,
    /// Pairs in this fold.
    pub pairs: usize,
    /// Pairs of different people that were accepted.
    pub false_accepts: usize,
    /// Pairs of the same person that were rejected, those without a score among them.
    pub false_rejects: usize,
}

/// Accuracy over all folds.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossValidation {
    /// The mean of the folds' accuracies, in 0..=1. Every fold weighs the same, whatever its size.
    pub accuracy: f64,
    /// Standard error of that mean: `sqrt(sum (a - mean)^2 / (k - 1)) / sqrt(k)` for k folds. This is what the LFW
    /// protocol asks for.
    pub standard_error: f64,
    /// Population standard deviation of the folds' accuracies, `sqrt(sum (a - mean)^2 / k)`: what many
    /// programs print after the "+-".
    pub standard_deviation: f64,
    /// One result per fold, in order.
    pub folds: Vec<FoldResult>,
}

impl CrossValidation {
    /// Pairs that were decided wrongly, over all folds.
    pub fn errors(&self) -> usize {
        self.folds.iter().map(|fold| fold.false_accepts + fold.false_rejects).sum()
    }
}

/// The threshold that decides most of the pairs rightly, among *all* thresholds.
///
/// `scores[i]` is the similarity of pair `i` (more is more alike), `same[i]` whether the pair shows one person. A pair
/// without a score is rejected at every threshold, and so is right if it shows two people.
///
/// Between two neighbouring scores every threshold decides alike; their middle is taken. Below all scores
/// (everything is accepted) the lowest score is taken, above all (everything is rejected) the next f64 after the highest.
/// Of several equally good thresholds the lowest is taken. O(n log n).
///
/// # Errors
/// [`Error::Length`] if the lists differ in length, [`Error::Score`] for a NaN or infinite score, and
/// [`Error::Empty`] if no pair has a score.
pub fn best_threshold(scores: &[Option<f32>], same: &[bool]) -> Result<BestThreshold, Error> {
    let ranking = Ranking::new(scores, same)?;
    ranking.best(&(0..0)).ok_or(Error::Empty { what: "pair with a score" })
}

/// Accuracy by cross-validation over consecutive folds (LFW View 2 and its many followers: ten folds).
///
/// For each fold the threshold is the [`best_threshold`] of all pairs *outside* the fold; it is then applied to the fold.
/// `scores[i]` is the similarity of pair `i` (more is more alike), `None` where it could not be taken: such a pair
/// counts as decided "not the same". `same[i]` says whether the pair shows one person. The `folds` are consecutive ranges
/// of pairs that together cover all of them; they must not be shuffled, because people are kept apart between
/// them, not within.
///
/// Huang et al. 2007, LFW technical report 07-49; spec recognition/08, section 3.
///
/// # Errors
/// [`Error::Length`] if the lists differ in length; [`Error::Folds`] if the folds are not 2 to 1,000
/// consecutive, non-empty ranges that cover the pairs; [`Error::Score`] for a NaN or infinite score;
/// [`Error::NoThreshold`] if the pairs outside a fold are all of one kind or all without a score.
pub fn cross_validate(
    scores: &[Option<f32>],
    same: &[bool],
    folds: &[Range<usize>],
) -> Result<CrossValidation, Error> {
    check_folds(folds, same.len())?;
    let ranking = Ranking::new(scores, same)?;
    let folds = folds
        .iter()
        .enumerate()
        .map(|(number, fold)| {
            let missing = |what| Error::NoThreshold { fold: number + 1, what };
            let outside = || same[..fold.start].iter().chain(&same[fold.end..]);
            if !outside().any(|&same| same) {
                return Err(missing("pair of the same person"));
            }
            if outside().all(|&same| same) {
                return Err(missing("pair of different people"));
            }
            let chosen = ranking.best(fold).ok_or_else(|| missing("pair with a score"))?;
            Ok(apply(chosen.threshold, &scores[fold.clone()], &same[fold.clone()]))
        })
        .collect::<Result<Vec<_>, _>>()?;

    let count = folds.len() as f64;
    let accuracy = folds.iter().map(|fold| fold.accuracy).sum::<f64>() / count;
    let squares: f64 = folds.iter().map(|fold| (fold.accuracy - accuracy).powi(2)).sum();
    Ok(CrossValidation {
        accuracy,
        standard_error: (squares / (count - 1.0) / count).sqrt(),
        standard_deviation: (squares / count).sqrt(),
        folds,
    })
}

/// Checks that `folds` are consecutive, non-empty ranges that cover `0..pairs`.
pub(crate) fn check_folds(folds: &[Range<usize>], pairs: usize) -> Result<(), Error> {
    if !(2..=MAX_FOLDS).contains(&folds.len()) {
        return Err(Error::Folds {
            problem: format!("there are {}, and cross-validation needs 2 to {MAX_FOLDS}", folds.len()),
        });
    }
    let mut next = 0;
    for (number, fold) in folds.iter().enumerate() {
        if fold.start != next || fold.end <= fold.start {
            return Err(Error::Folds {
                problem: format!(
                    "fold {} is {}..{}, where a range of at least one pair that starts at {next} was expected",
                    number + 1,
                    fold.start,
                    fold.end
                ),
            });
        }
        next = fold.end;
    }
    if next != pairs {
        return Err(Error::Folds { problem: format!("they cover {next} pairs, but there are {pairs}") });
    }
    Ok(())
}

fn apply(threshold: f64, scores: &[Option<f32>], same: &[bool]) -> FoldResult {
    let (mut false_accepts, mut false_rejects) = (0, 0);
    for (score, &same) in scores.iter().zip(same) {
        let accepted = score.is_some_and(|score| f64::from(score) >= threshold);
        match (accepted, same) {
            (true, false) => false_accepts += 1,
            (false, true) => false_rejects += 1,
            _ => {}
        }
    }
    let pairs = same.len();
    let right = pairs - false_accepts - false_rejects;
    FoldResult { threshold, accuracy: right as f64 / pairs as f64, pairs, false_accepts, false_rejects }
}

struct Ranked {
    score: f32,
    pair: usize,
    same: bool,
}

/// The scored pairs from the lowest to the highest score, and what is needed to leave a fold out of them.
struct Ranking<'a> {
    scores: &'a [Option<f32>],
    same: &'a [bool],
    ranked: Vec<Ranked>,
}

impl<'a> Ranking<'a> {
    fn new(scores: &'a [Option<f32>], same: &'a [bool]) -> Result<Self, Error> {
        if scores.len() != same.len() {
            return Err(Error::Length { what: "scores", expected: same.len(), got: scores.len() });
        }
        let mut ranked = Vec::with_capacity(scores.len());
        for (pair, (score, &same)) in scores.iter().zip(same).enumerate() {
            match *score {
                Some(score) if score.is_finite() => ranked.push(Ranked { score, pair, same }),
                Some(score) => return Err(Error::Score { pair, score }),
                None => {}
            }
        }
        // -0.0 and 0.0 are one score: the sweep below compares with `==`, and either order of them will do.
        ranked.sort_unstable_by(|x, y| x.score.total_cmp(&y.score));
        Ok(Self { scores, same, ranked })
    }

    /// The most accurate threshold for the pairs outside `left_out`; `None` if none of them has a score.
    fn best(&self, left_out: &Range<usize>) -> Option<BestThreshold> {
        let outside = |pair: &usize| !left_out.contains(pair);
        let pairs = self.same.len() - left_out.len();
        // With everything accepted that has a score, these are right.
        let mut right = (0..self.same.len())
            .filter(outside)
            .filter(|&pair| self.scores[pair].is_some() == self.same[pair])
            .count();

        let mut ranked = self.ranked.iter().filter(|ranked| outside(&ranked.pair)).peekable();
        let mut threshold = f64::from(ranked.peek()?.score);
        let mut best = (right, threshold);
        while let Some(passed) = ranked.next() {
            // The threshold rises above this pair, which is rejected from now on.
            if passed.same {
                right -= 1;
            } else {
                right += 1;
            }
            threshold = match ranked.peek() {
                Some(next) if next.score == passed.score => continue,
                Some(next) => f64::midpoint(passed.score.into(), next.score.into()),
                None => f64::from(passed.score).next_up(),
            };
            if right > best.0 {
                best = (right, threshold);
            }
        }
        let (right, threshold) = best;
        Some(BestThreshold { threshold, accuracy: right as f64 / pairs as f64 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(scores: &[f32]) -> Vec<Option<f32>> {
        scores.iter().copied().map(Some).collect()
    }

    #[test]
    fn best_threshold_table() {
        struct Case {
            what: &'static str,
            scores: Vec<Option<f32>>,
            same: Vec<bool>,
            threshold: f64,
            accuracy: f64,
        }
        let cases = [
            Case {
                what: "the middle of the gap",
                scores: scored(&[0.25, 0.75, 0.0, 1.0]),
                same: vec![false, true, false, true],
                threshold: 0.5,
                accuracy: 1.0,
            },
            Case {
                what: "ties are passed together",
                scores: scored(&[0.5, 0.5, 0.5, 0.0]),
                same: vec![true, false, true, false],
                threshold: 0.25,
                accuracy: 0.75,
            },
            Case {
                what: "of two equally good ones the lower",
                scores: scored(&[0.0, 1.0, 2.0, 3.0]),
                same: vec![false, true, false, true],
                threshold: 0.5,
                accuracy: 0.75,
            },
            Case {
                what: "accept everything",
                scores: scored(&[-1.0, 2.0]),
                same: vec![true, true],
                threshold: -1.0,
                accuracy: 1.0,
            },
            Case {
                what: "reject everything",
                scores: scored(&[-1.0, 2.0]),
                same: vec![false, false],
                threshold: 2.0_f64.next_up(),
                accuracy: 1.0,
            },
            Case {
                what: "a failed pair is 'not the same', right or wrong",
                scores: vec![None, None, Some(0.0), Some(1.0)],
                same: vec![true, false, false, true],
                threshold: 0.5,
                accuracy: 0.75,
            },
            Case {
                what: "zeros of both signs are one score",
                scores: scored(&[0.0, -0.0, 1.0, -1.0]),
                same: vec![false, true, true, false],
                threshold: -0.5,
                accuracy: 0.75,
            },
        ];
        for Case { what, scores, same, threshold, accuracy } in cases {
            let found = best_threshold(&scores, &same).unwrap();
            assert_eq!(found, BestThreshold { threshold, accuracy }, "{what}");
        }
    }

    #[test]
    fn neighbouring_floats_are_told_apart() {
        let low = 0.3_f32;
        let found = best_threshold(&scored(&[low, low.next_up()]), &[false, true]).unwrap();
        assert_eq!(found.accuracy, 1.0);
        assert!(f64::from(low) < found.threshold && found.threshold < f64::from(low.next_up()));
    }

    #[test]
    fn threshold_of_a_fold_comes_from_the_others() {
        // Fold 1 would choose 0.5 for itself; fold 2 knows nothing below 0.6 and chooses 0.7 for it.
        let scores = scored(&[0.4, 0.6, 0.6, 0.8]);
        let same = [false, true, false, true];
        let found = cross_validate(&scores, &same, &[0..2, 2..4]).unwrap();
        let middle = f64::midpoint(f64::from(0.6_f32), f64::from(0.8_f32));
        assert_eq!(
            found.folds[0],
            FoldResult { threshold: middle, accuracy: 0.5, pairs: 2, false_accepts: 0, false_rejects: 1 }
        );
        assert_eq!((found.folds[1].accuracy, found.folds[1].false_accepts), (0.5, 1));
        assert_eq!(found.errors(), 2);
        assert_eq!((found.accuracy, found.standard_error, found.standard_deviation), (0.5, 0.0, 0.0));
    }

    #[test]
    fn spread_of_the_folds() {
        // Fold accuracies 1, 1, 0.5: mean 5/6, squares 1/6.
        let scores = scored(&[0.0, 1.0, 0.0, 1.0, 0.0, 0.2]);
        let same = [false, true, false, true, false, true];
        let found = cross_validate(&scores, &same, &[0..2, 2..4, 4..6]).unwrap();
        let accuracies: Vec<f64> = found.folds.iter().map(|fold| fold.accuracy).collect();
        assert_eq!(accuracies, [1.0, 1.0, 0.5]);
        assert!((found.accuracy - 5.0 / 6.0).abs() < 1e-12);
        assert!((found.standard_deviation - (1.0_f64 / 18.0).sqrt()).abs() < 1e-12);
        assert!((found.standard_error - 1.0 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn bad_input_is_named() {
        let scores = scored(&[0.1, 0.9, 0.2, 0.8]);
        let same = [false, true, false, true];
        let halves = [0..2, 2..4];
        let message = |found: Result<CrossValidation, Error>| found.unwrap_err().to_string();

        assert_eq!(
            message(cross_validate(&scores[..3], &same, &halves)),
            "3 scores were given where 4 were expected"
        );
        let nan = [Some(0.1), Some(f32::NAN), Some(0.2), None];
        assert!(message(cross_validate(&nan, &same, &halves)).starts_with("the score of pair 1 "));
        assert!(message(cross_validate(&[None; 4], &same, &halves)).contains("no pair with a score"));
        assert!(
            message(cross_validate(&scores, &[true; 4], &halves)).contains("no pair of different people")
        );
        assert!(
            message(cross_validate(&scores, &[false; 4], &halves)).contains("no pair of the same person")
        );
        assert!(matches!(best_threshold(&[], &[]), Err(Error::Empty { .. })));
    }

    #[test]
    #[expect(
        clippy::reversed_empty_ranges,
        clippy::single_range_in_vec_init,
        reason = "bad folds on purpose"
    )]
    fn folds_must_cover_the_pairs() {
        let bad: [&[Range<usize>]; 8] = [
            &[],
            &[0..4],
            &[0..2, 3..4],
            &[0..2, 1..4],
            &[0..2, 2..3],
            &[0..2, 2..5],
            &[0..2, 2..2, 2..4],
            &[0..2, 2..1, 1..4],
        ];
        for folds in bad {
            assert!(matches!(check_folds(folds, 4), Err(Error::Folds { .. })), "{folds:?}");
        }
        check_folds(&[0..1, 1..4], 4).unwrap();
    }
}
