//! How errors grow with the number of people in the gallery.

use super::{heights, places, range};
use crate::Error;
use crate::report::axis::{Axis, Labels, decade_below, round_up};
use crate::report::chart::{Chart, Dot, Layer, Sample};
use crate::report::curve::{Curve, check_rates};
use crate::report::palette::Ink;
use crate::report::report_error;
use crate::report::scale::Scale;

/// FNIR by gallery size at one FPIR: x is the number of people in the gallery (at least 1, logarithmic), y the FNIR
/// in 0..=1.
///
/// The vertical axis is logarithmic if the rates span more than a power of ten and none is 0.
///
/// # Errors
/// [`Error::Report`] without curves, for a curve without points, a gallery of fewer than one person, or a value that
/// is not a rate.
pub fn gallery_size(curves: &[Curve]) -> Result<Chart, Error> {
    const PART: &str = "gallery size chart";
    check_rates(PART, curves, &[], false)?;
    let (smallest, largest) = range(places(curves)).unwrap_or((1.0, 1.0));
    if smallest < 1.0 {
        return Err(report_error(PART, format!("a curve holds a gallery of {smallest} people")));
    }
    let (lowest, highest) = range(heights(curves)).unwrap_or((0.0, 1.0));
    let rates = curves.iter().flat_map(|curve| curve.points.iter().map(|&(_, y)| y));
    let (low_rate, high_rate) = range(rates).unwrap_or((0.0, 1.0));
    let (scale, low, high) = if low_rate > 0.0 && high_rate > 10.0 * low_rate {
        (Scale::Log, decade_below(low_rate.min(lowest.max(low_rate / 10.0))), round_up(highest))
    } else {
        (Scale::Linear, 0.0, if highest > 0.0 { (1.1 * highest).min(1.0) } else { 0.01 })
    };
    let x = Axis {
        title: "People in the gallery".to_owned(),
        scale: Scale::Log,
        low: smallest / 1.3,
        high: (largest * 1.3).max(smallest * 3.0),
        labels: Labels::Counts,
    };
    let y = Axis {
        title: "False negative identification rate (FNIR)".to_owned(),
        scale,
        low,
        high,
        labels: if scale == Scale::Log { Labels::Rates } else { Labels::Numbers },
    };
    let note = "Marks are the sizes that were measured. Lower is better.";
    let mut chart = Chart::of_curves("Errors by gallery size", note, (x, y), curves);
    let systems = curves.iter().filter(|curve| !curve.is_reference);
    for (index, curve) in systems.enumerate() {
        let dot = Dot::new(Ink::series(index), index);
        // The sizes that were measured; the lines between are only a guide to the eye.
        chart.layers.extend(curve.points.iter().map(|&at| Layer::Dot { at, dot }));
        for entry in chart.legend.iter_mut().filter(|entry| entry.name == curve.name) {
            entry.sample = Sample::Dot(dot);
        }
    }
    Ok(chart)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_follows_the_spread() {
        let chart = |low: f64, high: f64| {
            gallery_size(&[Curve::new("a", vec![(100.0, low), (1000.0, high)])]).unwrap().y.scale
        };
        assert_eq!(chart(0.001, 0.05), Scale::Log);
        assert_eq!(chart(0.02, 0.05), Scale::Linear);
        assert_eq!(chart(0.0, 0.05), Scale::Linear);
        assert!(
            gallery_size(&[Curve::new("a", vec![(0.0, 0.1)])]).unwrap_err().to_string().contains("0 people")
        );
    }
}
