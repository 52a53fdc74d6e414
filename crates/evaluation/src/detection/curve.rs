//! Precision and recall at the evaluation's 1,000 thresholds, and the area under them.

/// Thresholds between the lowest and the highest score of a run.
pub(super) const THRESHOLDS: usize = 1000;

/// Two points of a thinned curve differ by this much in recall or precision.
const THINNING: f64 = 0.005;

/// A point of a precision-recall curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WiderPoint {
    /// Detections with this score or more are counted; on the scale of the predictions.
    pub threshold: f64,
    /// The share of the faces that are found, 0..=1.
    pub recall: f64,
    /// The share of the counted detections that find a face, 0..=1.
    pub precision: f64,
}

/// The thresholds from strict to lax, on scores that are normalised to 0..=1: `1 - t / 1000` for t = 1, 2, ..., 1000.
///
/// Calculated so, and not as `0.001 * (1000 - t)`, because scores such as 0.7 lie exactly on one.
pub(super) fn thresholds() -> Vec<f64> {
    (1..=THRESHOLDS).map(|t| 1.0 - t as f64 / THRESHOLDS as f64).collect()
}

/// The VOC average precision: precision is raised to the best at any higher recall, and summed over the steps of
/// recall.
///
/// `points` are (recall, precision) by rising recall. Everingham et al., VOC development kit 2010 and later,
/// `VOCap.m`; spec detection/03b, section 2, step 5.
pub(super) fn average_precision(points: &[(f64, f64)]) -> f64 {
    // From the right: the envelope is known when a step of recall is reached, so no list is needed for it. Beyond the
    // last point, up to recall 1, precision is 0.
    let (mut sum, mut best) = (0.0, 0.0_f64);
    for (number, (recall, precision)) in points.iter().enumerate().rev() {
        best = best.max(*precision);
        let before = if number == 0 { 0.0 } else { points[number - 1].0 };
        sum += (recall - before) * best;
    }
    sum
}

/// The points that differ visibly from the one before, with the first and the last.
pub(super) fn thinned(points: Vec<WiderPoint>) -> Vec<WiderPoint> {
    let last = points.last().copied();
    let mut kept: Vec<WiderPoint> = Vec::new();
    for point in points {
        let near = kept.last().is_some_and(|kept| {
            (point.recall - kept.recall).abs() < THINNING
                && (point.precision - kept.precision).abs() < THINNING
        });
        if !near {
            kept.push(point);
        }
    }
    if kept.last() != last.as_ref() {
        kept.extend(last);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_exact() {
        let thresholds = thresholds();
        assert_eq!((thresholds[0], thresholds[299], thresholds[999]), (0.999, 0.7, 0.0));
        assert!(thresholds.is_sorted_by(|a, b| a > b));
    }

    #[test]
    fn areas() {
        let cases: [(&[(f64, f64)], f64); 6] = [
            (&[], 0.0),
            (&[(0.0, 0.0), (1.0, 1.0)], 1.0),
            // Recall stops short of 1: the rest counts nothing.
            (&[(0.5, 1.0), (0.5, 0.2)], 0.5),
            // The dip at 0.5 is raised to 0.8.
            (&[(0.25, 1.0), (0.5, 0.5), (1.0, 0.8)], 0.25 + 0.75 * 0.8),
            // Nothing counted at the strictest thresholds, precision 0 by definition.
            (&[(0.0, 0.0), (0.0, 0.0), (0.4, 0.5)], 0.2),
            (&[(0.0, 0.0)], 0.0),
        ];
        for (points, expected) in cases {
            assert!((average_precision(points) - expected).abs() < 1e-12, "{points:?}");
        }
    }

    #[test]
    fn thinning_keeps_the_ends_and_the_shape() {
        let curve: Vec<WiderPoint> = (0..1000)
            .map(|t| {
                let recall = f64::from(t) / 999.0;
                WiderPoint { threshold: 1.0 - recall, recall, precision: 1.0 - 0.2 * recall }
            })
            .collect();
        let thin = thinned(curve.clone());
        assert!((150..=250).contains(&thin.len()), "{}", thin.len());
        assert_eq!((thin.first(), thin.last()), (curve.first(), curve.last()));
        assert!(thin.windows(2).all(|pair| pair[1].recall > pair[0].recall));
        assert_eq!(thinned(curve[..1].to_vec()), curve[..1]);
        assert_eq!(thinned(Vec::new()), []);
    }
}
