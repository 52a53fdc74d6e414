//! Does a calibration keep what it promises? The false match rate that was asked for, and the one that was measured.

use super::range;
use crate::Error;
use crate::report::axis::{Axis, Labels, decade_below, round_up};
use crate::report::chart::{Chart, Dot, Entry, HEIGHT, Layer, Sample, Stroke};
use crate::report::palette::Ink;
use crate::report::report_error;
use crate::report::scale::Scale;

/// How far the marks of two systems stand apart, in pixels.
const APART: f64 = 9.0;

/// One rate that was asked of a calibration, and what came of it on other data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AskedAndMeasured {
    /// The rate that the threshold was set for, above 0 and at most 1.
    pub asked: f64,
    /// The rate at that threshold on other data, in 0..=1.
    pub measured: f64,
    /// The interval that was predicted for the measured rate, low and high, in 0..=1; `None` if there was none.
    pub predicted: Option<(f64, f64)>,
}

/// Asked against measured rates on logarithmic axes, for each system (name and points) its predicted intervals around
/// the diagonal of perfect calibration.
///
/// A filled mark lies inside its interval (or has none), a hollow one outside. A measured rate of 0 is drawn at the
/// foot of the chart, hollow or filled alike.
///
/// # Errors
/// [`Error::Report`] without points, and for values that are not rates or an asked rate of 0.
pub fn calibration(systems: &[(String, Vec<AskedAndMeasured>)]) -> Result<Chart, Error> {
    const PART: &str = "calibration chart";
    let points = || systems.iter().flat_map(|(_, points)| points);
    if points().next().is_none() {
        return Err(report_error(PART, "it has no points: give it at least one asked and measured rate"));
    }
    for (name, points) in systems {
        for point in points {
            let (low, high) = point.predicted.unwrap_or((0.0, 1.0));
            let rates = [point.asked, point.measured, low, high];
            if !rates.iter().all(|rate| (0.0..=1.0).contains(rate)) || point.asked == 0.0 || low > high {
                let problem = format!(
                    "{name:?} holds {point:?}: rates are in 0..=1, the asked one above 0, and low is below high"
                );
                return Err(report_error(PART, problem));
            }
        }
    }
    let (asked_low, asked_high) = range(points().map(|point| point.asked)).unwrap_or((0.1, 1.0));
    let drawn = points().flat_map(|point| {
        let (low, high) = point.predicted.unwrap_or((point.measured, point.measured));
        [point.asked, point.measured, low, high]
    });
    // An interval may reach down to almost nothing; a factor of 100 below what was asked is low enough.
    let floor = asked_low / 100.0;
    let (low, high) = range(drawn.filter(|&rate| rate >= floor)).unwrap_or((asked_low, asked_high));
    let axis = |title: &str, low: f64, high: f64| Axis {
        title: title.to_owned(),
        scale: Scale::Log,
        low: decade_below(low / 1.2),
        high: round_up((high * 1.2).min(1.0)).max(10.0 * decade_below(low / 1.2)),
        labels: Labels::Rates,
    };
    let x = axis("False match rate asked for", asked_low, asked_high);
    let y = axis("False match rate measured", low, high);

    let ends = (x.low.max(y.low), x.high.min(y.high));
    let diagonal = Stroke { ink: Ink::Quiet, width: 1.2 };
    let mut layers = vec![Layer::Line { points: vec![(ends.0, ends.0), (ends.1, ends.1)], stroke: diagonal }];
    let mut legend = Vec::new();
    for (index, (name, points)) in systems.iter().enumerate() {
        let ink = Ink::series(index);
        let aside = APART * (index as f64 - (systems.len() - 1) as f64 / 2.0);
        let dot = Dot { aside, ..Dot::new(ink, index) };
        for point in points {
            let mut inside = true;
            if let Some((low, high)) = point.predicted {
                layers.push(Layer::Interval {
                    from: (point.asked, low),
                    to: (point.asked, high),
                    ink,
                    aside,
                });
                inside = (low..=high).contains(&point.measured);
            }
            let at = (point.asked, point.measured.max(y.low));
            layers.push(Layer::Dot { at, dot: Dot { hollow: !inside, ..dot } });
        }
        legend.push(Entry { name: name.clone(), sample: Sample::Dot(dot) });
    }
    legend.push(Entry { name: "as asked".to_owned(), sample: Sample::Line(diagonal) });
    Ok(Chart {
        title: "Calibration".to_owned(),
        note: "Bars are the intervals that the calibration predicted, marks what was measured on other people; a \
               hollow mark lies outside its interval."
            .to_owned(),
        x,
        y,
        layers,
        legend,
        markers: Vec::new(),
        height: HEIGHT,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(asked: f64, measured: f64, predicted: Option<(f64, f64)>) -> AskedAndMeasured {
        AskedAndMeasured { asked, measured, predicted }
    }

    #[test]
    fn marks_outside_their_interval_are_hollow() {
        let points = vec![
            point(1e-3, 1.1e-3, Some((5e-4, 2e-3))),
            point(1e-2, 4e-2, Some((5e-3, 2e-2))),
            point(1e-4, 0.0, None),
        ];
        let chart = calibration(&[("a".to_owned(), points)]).unwrap();
        let hollow: Vec<bool> = chart
            .layers
            .iter()
            .filter_map(|layer| if let Layer::Dot { dot, .. } = layer { Some(dot.hollow) } else { None })
            .collect();
        assert_eq!(hollow, [false, true, false]);
    }

    #[test]
    fn bad_rates_are_named() {
        let message =
            |points: Vec<AskedAndMeasured>| calibration(&[("a".to_owned(), points)]).unwrap_err().to_string();
        assert!(message(vec![]).contains("no points"));
        assert!(message(vec![point(0.0, 0.1, None)]).contains("above 0"));
        assert!(message(vec![point(0.1, f64::NAN, None)]).contains("0..=1"));
        assert!(message(vec![point(0.1, 0.1, Some((0.2, 0.1)))]).contains("low is below high"));
    }
}
