//! Error versus discard: what is gained by turning away the faces of lowest quality.

use super::{heights, places, range};
use crate::Error;
use crate::report::axis::{Axis, round_up};
use crate::report::chart::Chart;
use crate::report::curve::{Curve, check_rates};

/// Error-versus-discard curves of quality measures: x is the share of comparisons that are left out for low quality,
/// y the FNMR of the rest, both in 0..=1.
///
/// Give leaving out at random and in the order of the errors as [reference](Curve::reference) curves: between the two
/// lies what a quality measure can do. Say in the note at which FMR the threshold was set, and whether it was kept or
/// set anew for the comparisons that remain.
///
/// Grother and Tabassi, "Performance of biometric quality measures", PAMI 2007.
///
/// # Errors
/// [`Error::Report`] without curves, for a curve without points, or with a value that is not a rate.
pub fn discard(curves: &[Curve]) -> Result<Chart, Error> {
    check_rates("error-versus-discard chart", curves, &[], true)?;
    let highest = range(heights(curves)).map_or(0.0, |(_, high)| high);
    let widest = range(places(curves)).map_or(1.0, |(_, high)| high);
    let axes = (axis("Share of comparisons left out", widest), axis("False non-match rate (FNMR)", highest));
    let note = "FNMR of the comparisons that remain when those of lowest quality are left out. Falling faster is \
                better.";
    Ok(Chart::of_curves("Error versus discard", note, axes, curves))
}

/// From 0 to a round number.
fn axis(title: &str, highest: f64) -> Axis {
    let high = if highest > 0.0 { round_up(highest) } else { 0.01 };
    // Halfway to the next round number is near enough: an axis to 0.5 for a curve to 0.21 wastes the chart.
    let high = [0.3, 0.4, 0.6, 0.8]
        .map(|share| share * high)
        .into_iter()
        .find(|&end| end >= highest)
        .unwrap_or(high);
    Axis::linear(title, 0.0, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_hold_the_curves() {
        let chart = discard(&[Curve::new("a", vec![(0.0, 0.06), (0.3, 0.01)])]).unwrap();
        assert!((chart.x.high - 0.3).abs() < 1e-12 && (chart.y.high - 0.06).abs() < 1e-12);
        assert!(discard(&[Curve::new("a", vec![(0.0, 0.0), (0.1, 0.0)])]).is_ok(), "no errors at all");
    }
}
