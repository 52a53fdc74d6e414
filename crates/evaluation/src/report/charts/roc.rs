//! Receiver operating characteristic with a logarithmic FMR axis.

use super::{heights, places, range};
use crate::Error;
use crate::report::axis::{Axis, Labels, decade_below};
use crate::report::chart::Chart;
use crate::report::curve::{Curve, Marker, check_rates};
use crate::report::report_error;
use crate::report::scale::Scale;

/// The ROC curves of verification systems: x is the FMR on a logarithmic axis, y the TAR (1 - FNMR), both in 0..=1.
///
/// Points at FMR 0 are not drawn. The vertical axis ends at 1 and begins at the tenth below the lowest curve, its band
/// included. `targets` are FMRs to mark.
///
/// # Errors
/// [`Error::Report`] without curves, for a curve without points, with a value that is not a rate, or with no FMR
/// above 0.
pub fn roc(curves: &[Curve], targets: &[Marker]) -> Result<Chart, Error> {
    let words = Words {
        part: "ROC chart",
        title: "Receiver operating characteristic",
        rate: "FMR",
        x: "False match rate (FMR)",
        y: "True accept rate (1 − FNMR)",
    };
    hits_by_alarms(curves, targets, words)
}

/// What tells one chart of hits by false alarms from another.
pub(super) struct Words {
    pub(super) part: &'static str,
    pub(super) title: &'static str,
    /// The rate of false alarms, for errors.
    pub(super) rate: &'static str,
    pub(super) x: &'static str,
    pub(super) y: &'static str,
}

/// The share of hits, linear, by the rate of false alarms, logarithmic.
pub(super) fn hits_by_alarms(curves: &[Curve], targets: &[Marker], words: Words) -> Result<Chart, Error> {
    check_rates(words.part, curves, targets, true)?;
    let Some((smallest, _)) = range(places(curves).filter(|&rate| rate > 0.0)) else {
        let problem = format!(
            "every point lies at {} 0, which a logarithmic axis does not hold: give the curve's other points too",
            words.rate
        );
        return Err(report_error(words.part, problem));
    };
    let x = Axis {
        title: words.x.to_owned(),
        scale: Scale::Log,
        low: decade_below(smallest).clamp(1e-12, 0.1),
        high: 1.0,
        labels: Labels::Rates,
    };
    let y = Axis::shares(words.y, heights(curves));
    let note = "Upper left is better. The horizontal axis is logarithmic.";
    Ok(Chart::of_curves(words.title, note, (x, y), curves).marked(targets))
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
}
