//! Cumulative match characteristic: how often the right person is among the first k.

use super::{heights, places, range};
use crate::Error;
use crate::report::axis::{Axis, Labels};
use crate::report::chart::Chart;
use crate::report::curve::{Curve, check_rates};
use crate::report::report_error;
use crate::report::scale::Scale;

/// Up to this rank the axis is linear, beyond logarithmic.
const LINEAR_UP_TO: f64 = 20.0;

/// The CMC curves of closed-set identification: x is the rank k (1, 2, ...), y the share of probes whose person is
/// among the first k, in 0..=1.
///
/// # Errors
/// [`Error::Report`] without curves, for a curve without points, with a rank below 1 or a value that is not a rate.
pub fn cmc(curves: &[Curve]) -> Result<Chart, Error> {
    const PART: &str = "CMC chart";
    check_rates(PART, curves, &[], false)?;
    let (first, last) = range(places(curves)).unwrap_or((1.0, 1.0));
    if first < 1.0 {
        return Err(report_error(
            PART,
            format!("a curve holds the rank {first}, but ranks are counted from 1"),
        ));
    }
    let x = Axis {
        title: "Rank k".to_owned(),
        scale: if last > LINEAR_UP_TO { Scale::Log } else { Scale::Linear },
        low: 1.0,
        high: last.max(2.0),
        labels: Labels::Counts,
    };
    let y = Axis::shares("Identification rate", heights(curves));
    let note = "Share of probes whose person is among the first k of the gallery. Higher is better.";
    Ok(Chart::of_curves("Cumulative match characteristic", note, (x, y), curves))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_ranks_are_logarithmic() {
        let curve = |last: usize| Curve::new("a", (1..=last).map(|k| (k as f64, 0.9)).collect());
        assert_eq!(cmc(&[curve(10)]).unwrap().x.scale, Scale::Linear);
        assert_eq!(cmc(&[curve(100)]).unwrap().x.scale, Scale::Log);
        let zero = cmc(&[Curve::new("a", vec![(0.0, 0.5)])]).unwrap_err().to_string();
        assert!(zero.contains("counted from 1"), "{zero}");
    }
}
