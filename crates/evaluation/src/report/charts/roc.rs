//! Receiver operating characteristic with a logarithmic FMR axis.

use super::{HEIGHT, heights, range};
use crate::Error;
use crate::report::axis::{Axis, Labels, decade_below};
use crate::report::chart::{Chart, curve_layers};
use crate::report::curve::{Curve, Marker, check_rates};
use crate::report::scale::Scale;

/// The ROC curves of verification systems: x is the FMR on a logarithmic axis, y the TAR (1 - FNMR), both in 0..=1.
///
/// Points at FMR 0 are not drawn. The vertical axis ends at 1 and begins at the tenth below the lowest curve, its band
/// included.
/// `targets` are FMRs to mark.
///
/// # Errors
/// [`Error::Report`] without curves, for a curve without points, with a value that is not a rate, or with no FMR
/// above 0.
pub fn roc(curves: &[Curve], targets: &[Marker]) -> Result<Chart, Error> {
    const PART: &str = "ROC chart";
    check_rates(PART, curves, targets, true)?;
    let positive =
        curves.iter().flat_map(|curve| &curve.points).map(|point| point.0).filter(|&fmr| fmr > 0.0);
    let Some((smallest, _)) = range(positive) else {
        return Err(crate::report::report_error(
            PART,
            "every point lies at FMR 0, which a logarithmic axis does not hold: give the curve's other points too",
        ));
    };
    let (layers, legend) = curve_layers(curves);
    Ok(Chart {
        title: "Receiver operating characteristic".to_owned(),
        note: "Upper left is better. The horizontal axis is logarithmic.".to_owned(),
        x: Axis {
            title: "False match rate (FMR)".to_owned(),
            scale: Scale::Log,
            low: decade_below(smallest).clamp(1e-12, 0.1),
            high: 1.0,
            labels: Labels::Rates,
        },
        y: Axis {
            title: "True accept rate (1 − FNMR)".to_owned(),
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

/// Where an axis of shares that ends at 1 begins: at the tenth below the lowest value, or closer to 1 if all values
/// are there.
pub(super) fn floor_of_shares(shares: impl Iterator<Item = f64>) -> f64 {
    let lowest = shares.fold(1.0, f64::min);
    [0.999, 0.998, 0.995, 0.99, 0.98, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
        .into_iter()
        .find(|&floor| floor < lowest)
        .unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_hold_the_curve() {
        let chart = roc(&[Curve::new("a", vec![(0.0, 0.31), (3e-4, 0.7), (1.0, 1.0)])], &[]).unwrap();
        assert_eq!((chart.x.low, chart.x.high, chart.y.low), (1e-4, 1.0, 0.3));
        assert!(roc(&[Curve::new("a", vec![(0.0, 1.0)])], &[]).unwrap_err().to_string().contains("FMR 0"));
    }

    #[test]
    fn good_systems_get_a_close_look() {
        assert_eq!(floor_of_shares([0.9951, 1.0].into_iter()), 0.995);
        assert_eq!(floor_of_shares([0.05].into_iter()), 0.0);
    }
}
