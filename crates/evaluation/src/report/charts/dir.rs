//! Open-set identification with a logarithmic FPIR axis.

use super::roc::floor_of_shares;
use super::{HEIGHT, heights, range};
use crate::Error;
use crate::report::axis::{Axis, Labels, decade_below};
use crate::report::chart::{Chart, curve_layers};
use crate::report::curve::{Curve, Marker, check_rates};
use crate::report::report_error;
use crate::report::scale::Scale;

/// How often searches find the right person, against how often they find somebody for a stranger: x is the FPIR on a
/// logarithmic axis, y the detection and identification rate (DIR, also TPIR; `1 - FNIR`), both in 0..=1.
///
/// Points at FPIR 0 are not drawn. The vertical axis ends at 1 and begins at the tenth below the lowest curve.
/// `targets` are FPIRs to mark.
///
/// # Errors
/// [`Error::Report`] without curves, for a curve without points, with a value that is not a rate, or with no FPIR
/// above 0.
pub fn dir(curves: &[Curve], targets: &[Marker]) -> Result<Chart, Error> {
    const PART: &str = "DIR chart";
    check_rates(PART, curves, targets, true)?;
    let positive =
        curves.iter().flat_map(|curve| &curve.points).map(|point| point.0).filter(|&fpir| fpir > 0.0);
    let Some((smallest, _)) = range(positive) else {
        return Err(report_error(
            PART,
            "every point lies at FPIR 0, which a logarithmic axis does not hold: give the curve's other points too",
        ));
    };
    let (layers, legend) = curve_layers(curves);
    Ok(Chart {
        title: "Open-set identification".to_owned(),
        note: "Upper left is better. The horizontal axis is logarithmic.".to_owned(),
        x: Axis {
            title: "False positive identification rate (FPIR)".to_owned(),
            scale: Scale::Log,
            low: decade_below(smallest).clamp(1e-12, 0.1),
            high: 1.0,
            labels: Labels::Rates,
        },
        y: Axis {
            title: "Detection and identification rate (DIR)".to_owned(),
            scale: Scale::Linear,
            low: floor_of_shares(heights(curves)),
            high: 1.0,
            labels: Labels::Numbers,
        },
        layers,
        legend,
        markers: targets.to_vec(),
        height: HEIGHT,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_hold_the_curve() {
        let chart = dir(&[Curve::new("a", vec![(0.0, 0.4), (3e-3, 0.71), (1.0, 0.98)])], &[]).unwrap();
        assert_eq!((chart.x.low, chart.x.high, chart.y.low), (1e-3, 1.0, 0.3));
        let none = dir(&[Curve::new("a", vec![(0.0, 1.0)])], &[]).unwrap_err().to_string();
        assert!(none.contains("FPIR 0"), "{none}");
        assert!(dir(&[], &[]).unwrap_err().to_string().contains("no curve"));
    }
}
