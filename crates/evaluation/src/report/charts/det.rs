//! Detection error trade-off: FNMR by FMR, both on probit axes.

use super::range;
use crate::Error;
use crate::report::axis::{Axis, Labels, decade_below, round_down, round_up};
use crate::report::chart::{Chart, Layer, Stroke};
use crate::report::curve::{Curve, Marker, check_rates};
use crate::report::palette::Ink;
use crate::report::report_error;
use crate::report::scale::Scale;

/// Beyond an error rate of one half a DET curve says nothing that is asked.
const HIGHEST: f64 = 0.5;
/// No data supports less.
const LOWEST: f64 = 1e-12;

/// The DET curves of verification systems: x is the FMR, y the FNMR, both in 0..=1, on probit axes.
///
/// Rates of 0 and 1 are infinitely far away and not drawn. The horizontal axis ends at 0.5 (beyond, a system is worse
/// than a coin) and begins at the power of ten at or below the smallest FMR: leave out what the data cannot support.
/// Bands are cut off where they leave the axes. `targets` are FMRs to mark. A dashed grey diagonal shows where both rates
/// are equal.
///
/// Martin et al., "The DET curve in assessment of detection task performance", Eurospeech 1997; ISO/IEC 19795-1.
///
/// # Errors
/// [`Error::Report`] without curves, for a curve without points, with a value that is not a rate, or with no FMR
/// between 0 and 0.5.
pub fn det(curves: &[Curve], targets: &[Marker]) -> Result<Chart, Error> {
    const PART: &str = "DET chart";
    check_rates(PART, curves, targets, true)?;
    let drawable = |&&(x, y): &&(f64, f64)| (LOWEST..HIGHEST).contains(&x) && y > LOWEST && y < 1.0;
    let points = || curves.iter().flat_map(|curve| &curve.points).filter(drawable);
    let (Some((x_low, _)), Some((y_low, y_high))) =
        (range(points().map(|point| point.0)), range(points().map(|point| point.1)))
    else {
        return Err(report_error(
            PART,
            "no point lies between 0 and 0.5 across and between 0 and 1 upwards: no error was made at any threshold \
             of interest, or there are too few comparisons",
        ));
    };
    let (y_low, y_high) = with_bands(curves, y_low, y_high);
    let y_low = round_down(y_low).min(0.2);
    let y_high =
        if y_high <= HIGHEST { round_up(y_high).clamp(y_low * 2.0, HIGHEST) } else { beyond_half(y_high) };
    let x_low = decade_below(x_low).min(0.1);
    let axis = |title: &str, low, high| Axis {
        title: title.to_owned(),
        scale: Scale::Probit,
        low,
        high,
        labels: Labels::Rates,
    };
    let axes =
        (axis("False match rate (FMR)", x_low, HIGHEST), axis("False non-match rate (FNMR)", y_low, y_high));
    let note = "Lower left is better. Both axes are probit: normally distributed scores give straight lines. On the \
                dashed diagonal both error rates are equal.";
    let mut chart = Chart::of_curves("Detection error trade-off", note, axes, curves).marked(targets);
    let (low, high) = (x_low.max(y_low), y_high.min(HIGHEST));
    let equal = Stroke { ink: Ink::Frame, width: 1.0 };
    // Below the curves.
    chart.layers.insert(0, Layer::Line { points: vec![(low, low), (high, high)], stroke: equal });
    Ok(chart)
}

/// The rates from `low` to `high` and those of the bands around the curves. A band's low end tends to 0, which lies
/// infinitely far down: the axis follows it to a fifth of the lowest rate of a curve, and there the band is cut.
fn with_bands(curves: &[Curve], low: f64, high: f64) -> (f64, f64) {
    let bands = || curves.iter().flat_map(|curve| &curve.band).filter(|band| band.x < HIGHEST);
    let lowest = bands().map(|band| band.low).fold(low, f64::min);
    let highest = bands().map(|band| band.high).filter(|&rate| rate < 1.0).fold(high, f64::max);
    (lowest.max(low / 5.0), highest)
}

/// The next rate that a DET axis marks at or above one that is above one half.
fn beyond_half(rate: f64) -> f64 {
    [0.6, 0.7, 0.8, 0.9, 0.95, 0.98].into_iter().find(|&end| end >= rate).unwrap_or(0.99)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::curve::BandPoint;

    #[test]
    fn axes_hold_the_curve() {
        let points = vec![(0.0, 1.0), (2e-4, 0.3), (0.02, 0.04), (0.4, 0.003), (1.0, 0.0)];
        let chart = det(&[Curve::new("a", points)], &[]).unwrap();
        assert_eq!((chart.x.low, chart.x.high), (1e-4, 0.5));
        assert_eq!((chart.y.low, chart.y.high), (0.002, 0.5));
    }

    #[test]
    fn a_bad_system_raises_the_axis() {
        let chart = det(&[Curve::new("a", vec![(1e-4, 0.85), (0.4, 0.3)])], &[]).unwrap();
        assert_eq!((chart.y.low, chart.y.high), (0.2, 0.9));
    }

    #[test]
    fn axes_hold_the_band() {
        let band =
            |low, high| vec![BandPoint { x: 0.01, low, high }, BandPoint { x: 0.9, low: 0.0, high: 1.0 }];
        let curve = Curve::new("a", vec![(1e-3, 0.2), (0.1, 0.1)]);
        let axis = |band| {
            let chart = det(&[curve.clone().with_band(band)], &[]).unwrap();
            (chart.y.low, chart.y.high)
        };
        assert_eq!(axis(Vec::new()), (0.1, 0.2));
        assert_eq!(axis(band(0.05, 0.5)), (0.05, 0.5));
        assert_eq!(axis(band(0.0, 0.7)), (0.02, 0.7), "a low end of 0 has no place on the axis");
    }

    #[test]
    fn perfect_and_empty_systems_are_clear_errors() {
        let perfect = det(&[Curve::new("a", vec![(0.0, 0.0), (1.0, 0.0)])], &[]).unwrap_err().to_string();
        assert!(perfect.contains("DET chart") && perfect.contains("no error was made"), "{perfect}");
        assert!(det(&[], &[]).unwrap_err().to_string().contains("no curve"));
    }
}
