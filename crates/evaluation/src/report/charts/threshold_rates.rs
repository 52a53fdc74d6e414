//! Both error rates of one system by threshold: which threshold is the right one?

use super::{HEIGHT, places, range};
use crate::Error;
use crate::report::axis::{Axis, Labels, decade_below};
use crate::report::chart::{Chart, curve_layers};
use crate::report::curve::{Curve, Marker, check_rates};
use crate::report::report_error;
use crate::report::scale::Scale;

/// FMR and FNMR by threshold: x is the threshold in the unit of the scores, y the rate in 0..=1 on a logarithmic
/// axis.
///
/// Give the rates as two curves, `FMR` and `FNMR`, with bands where intervals are known; rates of 0 are not drawn.
/// `thresholds` are marked.
///
/// # Errors
/// [`Error::Report`] without curves, for a curve without points, a value that is not a rate, one threshold only, or
/// no rate above 0.
pub fn threshold_rates(curves: &[Curve], thresholds: &[Marker]) -> Result<Chart, Error> {
    const PART: &str = "chart of rates by threshold";
    check_rates(PART, curves, thresholds, false)?;
    let (first, last) = range(places(curves)).unwrap_or((0.0, 0.0));
    if first >= last {
        return Err(report_error(
            PART,
            format!("all points lie at the threshold {first}: give at least two"),
        ));
    }
    let rates = curves.iter().flat_map(|curve| &curve.points).map(|point| point.1).filter(|&rate| rate > 0.0);
    let Some((smallest, _)) = range(rates) else {
        return Err(report_error(PART, "every rate is 0, which a logarithmic axis does not hold"));
    };
    let (layers, legend) = curve_layers(curves);
    Ok(Chart {
        title: "Error rates by threshold".to_owned(),
        note: "A higher threshold accepts fewer impostors and rejects more genuine pairs.".to_owned(),
        x: Axis {
            title: "Threshold (score)".to_owned(),
            scale: Scale::Linear,
            low: first,
            high: last,
            labels: Labels::Numbers,
        },
        y: Axis {
            title: "Error rate".to_owned(),
            scale: Scale::Log,
            low: decade_below(smallest).clamp(1e-12, 0.1),
            high: 1.0,
            labels: Labels::Rates,
        },
        layers,
        legend,
        markers: thresholds.to_vec(),
        height: HEIGHT,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_hold_the_rates() {
        let fmr = Curve::new("FMR", vec![(0.0, 0.5), (0.5, 0.003), (1.0, 0.0)]);
        let chart = threshold_rates(std::slice::from_ref(&fmr), &[]).unwrap();
        assert_eq!((chart.x.low, chart.x.high, chart.y.low), (0.0, 1.0, 0.001));
        let one = threshold_rates(&[Curve::new("FMR", vec![(0.5, 0.1)])], &[]).unwrap_err().to_string();
        assert!(one.contains("at least two"), "{one}");
    }
}
