//! The receiver operating characteristic: TAR against FMR over all thresholds, and the area under it.

use super::scores::Scores;
use super::thinning::Thinning;

/// A threshold and what it accepts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RocPoint {
    /// A pair is accepted if its score is this or more. In the units of the scores.
    pub threshold: f64,
    /// The share of impostor pairs that are accepted, in 0..=1.
    pub fmr: f64,
    /// The share of genuine pairs that are accepted, `1 - FNMR`, in 0..=1.
    pub tar: f64,
}

/// The ROC as a list of points.
///
/// Starts at (0, 0), a threshold just above all scores, and has one point per distinct score, from the highest to the
/// lowest. Ends at (1, 1), or below it if there are pairs without a score, which no threshold accepts.
#[derive(Clone, Debug, PartialEq)]
pub struct Roc {
    /// From the strictest threshold to the laxest; `fmr` and `tar` never fall.
    pub points: Vec<RocPoint>,
}

impl Roc {
    /// The area under the curve by the trapezoid rule, in 0..=1: see [`Scores::auc`]. Exact for a full curve; a
    /// [thinned](Self::thinned) one cuts corners. O(n).
    pub fn auc(&self) -> f64 {
        area(self.points.iter().map(|point| (point.fmr, point.tar)))
    }

    /// The equal error rate: see [`Scores::eer`]. Exact for a full curve. O(n).
    pub fn eer(&self) -> f64 {
        equal_error(self.points.iter().map(|point| (point.fmr, point.tar)))
    }

    /// At most `max_points` of the points (at least 5), for drawing: no picture shows millions.
    ///
    /// Points are chosen so that the curve keeps its shape on every axis in use: TAR linear, FMR linear or
    /// logarithmic, FNMR logarithmic, and the normal deviates of a [DET curve](Self::det). Along the curve all these
    /// coordinates move one way; their sum, each divided by its range, is cut into equal parts, and the first and the
    /// last point of each part are kept. A point that is left out thus lies between two kept ones that differ by less
    /// than `6 / (max_points - 4)` of each coordinate's range. The first and the last point, and the last one with
    /// FMR 0, are always kept. O(n).
    #[must_use]
    pub fn thinned(&self, max_points: usize) -> Self {
        if self.points.len() <= max_points {
            return self.clone();
        }
        let lowest = |rate: fn(&RocPoint) -> f64| {
            self.points.iter().map(rate).filter(|&rate| rate > 0.0).fold(1.0, f64::min)
        };
        let mut thinning =
            Thinning::new(max_points, lowest(|point| point.fmr), lowest(|point| 1.0 - point.tar));
        self.points.iter().for_each(|&point| thinning.push(point));
        thinning.finish()
    }
}

impl Scores {
    /// The ROC, one point per distinct score and one above all. O(n) time, 24 bytes a point.
    pub fn roc(&self) -> Roc {
        let (genuine, impostor) = (self.genuine_count() as f64, self.impostor_count() as f64);
        let start = RocPoint { threshold: self.above_all(), fmr: 0.0, tar: 0.0 };
        let steps = self.sweep().map(|step| RocPoint {
            threshold: f64::from(step.score),
            fmr: step.false_matches as f64 / impostor,
            tar: step.true_matches as f64 / genuine,
        });
        Roc { points: std::iter::once(start).chain(steps).collect() }
    }

    /// The area under the ROC, in 0..=1: the probability that a genuine pair scores higher than an impostor pair, where
    /// equal scores count half (the Mann-Whitney statistic). Pairs without a score are below all others and equal
    /// among themselves: the last piece of the curve is the straight line to (1, 1). O(n), without the curve's memory.
    pub fn auc(&self) -> f64 {
        let (genuine, impostor) = (self.genuine_count() as f64, self.impostor_count() as f64);
        area(
            self.sweep()
                .map(|step| (step.false_matches as f64 / impostor, step.true_matches as f64 / genuine)),
        )
    }
}

/// The area under the polyline from (0, 0) through `points` (FMR, TAR) to (1, 1).
fn area(points: impl Iterator<Item = (f64, f64)>) -> f64 {
    let mut before = (0.0, 0.0);
    let (mut sum, mut lost) = (0.0, 0.0);
    for point in points.chain([(1.0, 1.0)]) {
        // Kahan's summation: millions of thin trapezoids, and the result is compared to 1e-9.
        let part: f64 = (point.0 - before.0) * f64::midpoint(before.1, point.1) - lost;
        let total: f64 = sum + part;
        lost = (total - sum) - part;
        sum = total;
        before = point;
    }
    sum
}

/// Where the polyline from (0, 0) through `points` (FMR, TAR) to (1, 1) has FMR = 1 - TAR.
pub(super) fn equal_error(points: impl Iterator<Item = (f64, f64)>) -> f64 {
    let excess = |point: (f64, f64)| point.0 - (1.0 - point.1);
    let mut before = (0.0, 0.0);
    for point in points {
        if excess(point) >= 0.0 {
            return crossing(before, point, excess);
        }
        before = point;
    }
    crossing(before, (1.0, 1.0), excess)
}

/// The FMR where `excess`, negative before and not after, is 0 on the straight line.
fn crossing(before: (f64, f64), after: (f64, f64), excess: impl Fn((f64, f64)) -> f64) -> f64 {
    let (low, high) = (excess(before), excess(after));
    before.0 + (after.0 - before.0) * (low / (low - high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_scikit_learn() {
        // scikit-learn 1.9, roc_curve(drop_intermediate=False) and roc_auc_score, on heavy ties.
        let scores = Scores::new(
            vec![0.9, 0.8, 0.8, 0.75, 0.5, 0.5, 0.25, 0.875],
            vec![0.5, 0.5, 0.25, 0.125, 0.75, 0.0, -0.25, 0.25, 0.125, 0.625, 0.3125],
        )
        .unwrap();
        let fmr = [0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 4.0, 5.0, 7.0, 9.0, 10.0, 11.0].map(|count| count / 11.0);
        let tar = [0.0, 0.125, 0.25, 0.5, 0.625, 0.625, 0.875, 0.875, 1.0, 1.0, 1.0, 1.0];
        let thresholds =
            [0.9, 0.875, 0.8, 0.75, 0.625, 0.5, 0.3125, 0.25, 0.125, 0.0, -0.25_f32].map(f64::from);
        let roc = scores.roc();
        assert_eq!(roc.points.iter().map(|point| point.fmr).collect::<Vec<_>>(), fmr);
        assert_eq!(roc.points.iter().map(|point| point.tar).collect::<Vec<_>>(), tar);
        assert_eq!(roc.points[1..].iter().map(|point| point.threshold).collect::<Vec<_>>(), thresholds);
        assert_eq!(roc.points[0].threshold, thresholds[0].next_up());
        for auc in [roc.auc(), scores.auc()] {
            assert!((auc - 0.857_954_545_454_545_5).abs() < 1e-12, "{auc}");
        }
    }

    #[test]
    fn areas_by_hand() {
        let auc = |genuine: &[f32], impostor: &[f32]| {
            Scores::new(genuine.to_vec(), impostor.to_vec()).unwrap().auc()
        };
        assert_eq!(auc(&[1.0, 2.0], &[0.0]), 1.0);
        assert_eq!(auc(&[0.0], &[1.0, 2.0]), 0.0);
        assert_eq!(auc(&[0.5; 3], &[0.5; 4]), 0.5);
        assert_eq!(auc(&[0.0, 1.0], &[0.5]), 0.5);
    }

    #[test]
    fn failed_pairs_are_below_all_and_equal() {
        let scores = [Some(0.9), None, Some(0.1), None];
        let failing = Scores::from_pairs(&scores, &[true, true, false, false]).unwrap();
        // Genuine 0.9 beats both impostors; the failed one loses to 0.1 and ties with the failed impostor.
        assert_eq!(failing.auc(), 2.5 / 4.0);
        assert_eq!(failing.roc().auc(), 2.5 / 4.0);
        let last = *failing.roc().points.last().unwrap();
        assert_eq!((last.fmr, last.tar), (0.5, 0.5));
    }
}
