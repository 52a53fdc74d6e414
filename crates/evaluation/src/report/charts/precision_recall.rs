//! Precision against recall of a detector.

use super::heights;
use crate::Error;
use crate::report::axis::Axis;
use crate::report::chart::{Chart, Dot, Layer};
use crate::report::curve::{Curve, check_rates};
use crate::report::palette::Ink;
use crate::report::report_error;

/// The precision-recall curves of a detector on several sets of faces, or of several detectors: x is the share of faces
/// that are found, y the share of finds that are faces, both in 0..=1.
///
/// `operating[i]` is where `curves[i]` stands at the threshold that its user chose, and drawn as a mark; there may be
/// fewer marks than curves. The vertical axis ends at 1 and begins at the tenth below the lowest curve.
///
/// # Errors
/// [`Error::Report`] without curves, for a curve without points, and for a value that is not a rate.
pub fn precision_recall(curves: &[Curve], operating: &[Option<(f64, f64)>]) -> Result<Chart, Error> {
    const PART: &str = "precision-recall chart";
    check_rates(PART, curves, &[], true)?;
    let marks: Vec<(f64, f64)> = operating.iter().flatten().copied().collect();
    if let Some(mark) =
        marks.iter().find(|mark| !(0.0..=1.0).contains(&mark.0) || !(0.0..=1.0).contains(&mark.1))
    {
        return Err(report_error(
            PART,
            format!("an operating point lies at {mark:?}, but rates are in 0..=1"),
        ));
    }
    let upwards = heights(curves).chain(marks.iter().map(|mark| mark.1));
    let axes = (Axis::linear("Recall", 0.0, 1.0), Axis::shares("Precision", upwards));
    let mut chart = Chart::of_curves("Precision and recall", "Upper right is better.", axes, curves);
    for (index, at) in operating.iter().enumerate() {
        let dot = Dot::new(Ink::series(index), index);
        chart.layers.extend(at.map(|at| Layer::Dot { at, dot }));
    }
    Ok(chart)
}

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;

    #[test]
    fn axes_hold_curves_and_marks() {
        let curve = Curve::new("hard", vec![(0.1, 1.0), (0.8, 0.62)]);
        let chart = precision_recall(slice::from_ref(&curve), &[None]).unwrap();
        assert_eq!((chart.x.low, chart.x.high, chart.y.low), (0.0, 1.0, 0.6));
        let marked = precision_recall(slice::from_ref(&curve), &[Some((0.9, 0.35))]).unwrap();
        assert_eq!(marked.y.low, 0.3);
        assert_eq!(marked.layers.len(), chart.layers.len() + 1);
        let message = |curves: &[Curve], marks: &[Option<(f64, f64)>]| {
            precision_recall(curves, marks).unwrap_err().to_string()
        };
        assert!(message(&[], &[]).contains("no curve"));
        assert!(message(slice::from_ref(&curve), &[Some((0.5, f64::NAN))]).contains("operating point"));
    }
}
