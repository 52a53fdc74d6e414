//! One threshold and what happens there: FNMR at an FMR, TAR at a FAR, the equal error rate.

use super::roc::equal_error;
use super::scores::{Scores, Step};

/// A threshold and the error rates there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OperatingPoint {
    /// A pair is accepted if its score is this or more. In the units of the scores.
    pub threshold: f64,
    /// The share of impostor pairs that are accepted, in 0..=1. May be less than what was asked for.
    pub fmr: f64,
    /// The share of genuine pairs that are rejected, in 0..=1.
    pub fnmr: f64,
    /// How many impostor pairs are accepted: with few, `fmr` is uncertain.
    pub false_matches: usize,
}

impl OperatingPoint {
    /// The true accept rate, `1 - fnmr`: the field's TAR at FAR = `fmr`.
    pub fn tar(&self) -> f64 {
        1.0 - self.fnmr
    }
}

impl Scores {
    /// The rates at a threshold. O(log n).
    pub fn at(&self, threshold: f64) -> OperatingPoint {
        OperatingPoint {
            threshold,
            fmr: self.fmr(threshold),
            fnmr: self.fnmr(threshold),
            false_matches: self.false_matches(threshold),
        }
    }

    /// FNMR at the smallest threshold whose FMR is `fmr` or less: the *strict* rule, see
    /// [`threshold_at_fmr`](Self::threshold_at_fmr). The FMR that is really reached is part of the answer.
    ///
    /// TAR at FAR = f is [`OperatingPoint::tar`] of this. Spec recognition/08, section 2. O(log n).
    pub fn fnmr_at_fmr(&self, fmr: f64) -> OperatingPoint {
        self.at(self.threshold_at_fmr(fmr))
    }

    /// FNMR at the point of the ROC whose FMR is *nearest* to `fmr`, above or below: the rule by which the two public
    /// scripts for IJB-B and IJB-C take TAR at FAR. To compare with published numbers; elsewhere
    /// [`fnmr_at_fmr`](Self::fnmr_at_fmr) is the honest one, for here the FMR may be higher than what was asked for.
    ///
    /// As in the scripts: of points with one FMR the one with the largest TAR is meant, of two FMRs equally near the
    /// higher, and points that their `roc_curve` drops do not count (a point amid a straight line of equal steps,
    /// such as the second of three impostors with no genuine score between). Spec recognition/06, section 5. O(n).
    pub fn fnmr_at_nearest_fmr(&self, fmr: f64) -> OperatingPoint {
        let mut nearest = (fmr.abs(), self.above_all());
        let mut consider = |step: Step| {
            let distance = (step.false_matches as f64 / self.impostor_count() as f64 - fmr).abs();
            // Towards lower thresholds, a later point is the better one of equals: larger TAR, or higher FMR.
            if distance <= nearest.0 {
                nearest = (distance, f64::from(step.score));
            }
        };
        let mut steps = self.sweep();
        let mut before: Option<Step> = None;
        let mut current = steps.next();
        while let Some(step) = current {
            let after = steps.next();
            let straight = before.zip(after).is_some_and(|(before, after)| {
                before.false_matches + after.false_matches == 2 * step.false_matches
                    && before.true_matches + after.true_matches == 2 * step.true_matches
            });
            if !straight {
                consider(step);
            }
            before = Some(step);
            current = after;
        }
        self.at(nearest.1)
    }

    /// The equal error rate, in 0..=1: where FMR and FNMR, two step functions of the threshold, cross.
    ///
    /// They rarely meet in a point. The rate is where the line `TAR = 1 - FMR` cuts the ROC drawn as a polyline
    /// through [`Roc::points`](crate::Roc::points) and on to (1, 1), not its convex hull: half-way through a score
    /// that both kinds of pairs share, both rates are counted half. Below all scores, pairs without one are let in
    /// together; only a system that fails more often than it errs has its equal error rate there. O(n).
    pub fn eer(&self) -> f64 {
        let (genuine, impostor) = (self.genuine_count() as f64, self.impostor_count() as f64);
        equal_error(
            self.sweep()
                .map(|step| (step.false_matches as f64 / impostor, step.true_matches as f64 / genuine)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Heavy ties; expected values by scikit-learn 1.9, roc_curve.
    fn tied() -> Scores {
        Scores::new(
            vec![0.9, 0.8, 0.8, 0.75, 0.5, 0.5, 0.25, 0.875],
            vec![0.5, 0.5, 0.25, 0.125, 0.75, 0.0, -0.25, 0.25, 0.125, 0.625, 0.3125],
        )
        .unwrap()
    }

    #[test]
    fn strict_points() {
        let cases = [
            // FMR asked, false matches, FNMR
            (0.0, 0, 0.5),
            (0.09, 0, 0.5),
            (1.0 / 11.0, 1, 0.375),
            (0.2, 2, 0.375),
            // The third and the fourth impostor share a score with two genuine pairs.
            (0.3, 2, 0.375),
            (0.37, 4, 0.125),
            (0.7, 7, 0.0),
            (1.0, 11, 0.0),
        ];
        for (fmr, false_matches, fnmr) in cases {
            let found = tied().fnmr_at_fmr(fmr);
            assert_eq!((found.false_matches, found.fnmr), (false_matches, fnmr), "{fmr}");
            assert_eq!((found.fmr, found.tar()), (false_matches as f64 / 11.0, 1.0 - fnmr), "{fmr}");
            assert_eq!(found, tied().at(found.threshold));
        }
    }

    #[test]
    fn nearest_points_are_those_of_the_public_scripts() {
        let cases = [
            // FMR asked, threshold
            (0.0, 0.8),
            (0.01, 0.8),
            (0.05, 0.75),
            (0.1, 0.75),
            (0.14, 0.625),
            (0.25, 0.625),
            (0.3, 0.5),
            (0.4, 0.5),
            (0.5, 0.3125),
            (0.7, 0.25),
            // 10 of 11 would be nearer, but lies amid a straight line and is dropped.
            (0.9, 0.125),
            (1.0, -0.25),
        ];
        for (fmr, threshold) in cases {
            assert_eq!(tied().fnmr_at_nearest_fmr(fmr).threshold, f64::from(threshold as f32), "{fmr}");
        }
        // No false match is nearest where the highest score is an impostor's: the curve's start.
        let found = Scores::new(vec![0.0; 4], vec![1.0, -1.0]).unwrap().fnmr_at_nearest_fmr(0.1);
        assert_eq!((found.threshold, found.fmr, found.fnmr), (1.0_f64.next_up(), 0.0, 1.0));
    }

    #[test]
    fn equal_error_rates_by_hand() {
        struct Case {
            what: &'static str,
            genuine: Vec<f32>,
            impostor: Vec<f32>,
            eer: f64,
        }
        let cases = [
            Case { what: "apart", genuine: vec![1.0, 2.0], impostor: vec![0.0, -1.0], eer: 0.0 },
            Case { what: "the wrong way", genuine: vec![0.0], impostor: vec![1.0], eer: 1.0 },
            Case { what: "all equal: guessing", genuine: vec![0.5; 3], impostor: vec![0.5; 7], eer: 0.5 },
            Case {
                what: "one of four each",
                genuine: vec![0.2, 0.6, 0.7, 0.8],
                impostor: vec![0.5, 0.1, 0.1, 0.0],
                eer: 0.25,
            },
            // FMR steps from 0 to 1/2 while FNMR is 1/3: they cross in that step.
            Case {
                what: "in a step of FMR",
                genuine: vec![0.1, 0.8, 0.9],
                impostor: vec![0.5, 0.0],
                eer: 1.0 / 3.0,
            },
            // FNMR steps from 1/2 to 0 while FMR is 1/3.
            Case {
                what: "in a step of FNMR",
                genuine: vec![0.9, 0.4],
                impostor: vec![0.5, 0.1, 0.0],
                eer: 1.0 / 3.0,
            },
            // From (0, 2/5) to (2/3, 4/5) of FMR, TAR: f = 1 - (2/5 + 3/5 f) at 3/8.
            Case {
                what: "in a score that both share",
                genuine: vec![0.9, 0.8, 0.5, 0.5, 0.1],
                impostor: vec![0.5, 0.5, 0.0],
                eer: 0.375,
            },
        ];
        for Case { what, genuine, impostor, eer } in cases {
            let found = Scores::new(genuine, impostor).unwrap();
            assert!((found.eer() - eer).abs() < 1e-15, "{what}: {}", found.eer());
            assert_eq!(found.roc().eer(), found.eer(), "{what}");
        }
        assert!((tied().eer() - 0.263_157_894_736_842_15).abs() < 1e-12);
    }

    #[test]
    fn failures_raise_the_equal_error_rate() {
        let kinds = [true, true, true, true, false, false];
        let one_failed = [Some(0.9), Some(0.8), Some(0.7), None, Some(0.1), Some(0.0)];
        assert_eq!(Scores::from_pairs(&one_failed, &kinds).unwrap().eer(), 0.25);
        // No impostor has a score: only the straight line to (1, 1) is left, from TAR 3/4.
        let no_impostor = [Some(0.9), Some(0.8), Some(0.7), None, None, None];
        assert_eq!(Scores::from_pairs(&no_impostor, &kinds).unwrap().eer(), 0.2);
    }
}
