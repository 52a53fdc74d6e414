//! Open-set identification with a logarithmic FPIR axis.

use super::roc::{Words, hits_by_alarms};
use crate::Error;
use crate::report::chart::Chart;
use crate::report::curve::{Curve, Marker};

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
    let words = Words {
        part: "DIR chart",
        title: "Open-set identification",
        rate: "FPIR",
        x: "False positive identification rate (FPIR)",
        y: "Detection and identification rate (DIR)",
    };
    hits_by_alarms(curves, targets, words)
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
