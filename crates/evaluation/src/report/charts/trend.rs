//! How one number goes with another.

use super::{heights, places};
use crate::Error;
use crate::report::axis::Axis;
use crate::report::chart::Chart;
use crate::report::curve::{Curve, check};

/// Lines over two axes of plain numbers: for what has no chart of its own. `across` and `up` are the titles of the axes, with
/// units.
///
/// # Errors
/// [`Error::Report`] without curves, for a curve without points or with a value that is not finite.
pub fn trend(title: &str, [across, up]: [&str; 2], curves: &[Curve]) -> Result<Chart, Error> {
    check("trend", curves, &[])?;
    let axes = (Axis::around(across, places(curves)), Axis::around(up, heights(curves)));
    Ok(Chart::of_curves(title, "", axes, curves))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::BandPoint;

    #[test]
    fn axes_hold_lines_and_bands() {
        let band = vec![BandPoint { x: 1.0, low: -2.0, high: 3.4 }];
        let chart = trend("t", ["x", "y"], &[Curve::new("a", vec![(1.0, 0.5), (6.0, 2.0)]).with_band(band)]);
        let chart = chart.unwrap();
        assert_eq!((chart.x.low, chart.x.high, chart.y.low, chart.y.high), (0.0, 6.0, -2.0, 4.0));
        assert!(chart.svg().is_ok());
        assert!(trend("t", ["x", "y"], &[]).is_err());
    }
}
