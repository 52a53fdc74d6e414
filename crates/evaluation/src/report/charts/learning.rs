//! Learning curves: how something goes over the steps of a training run.

use super::{heights, places, range};
use crate::Error;
use crate::report::axis::{Axis, Labels, decade_below, round_up};
use crate::report::chart::Chart;
use crate::report::curve::{Curve, check, check_rates};
use crate::report::report_error;
use crate::report::scale::Scale;

/// Numbers beyond this would leave no room beside them on an axis, and no loss that is learned from is as large.
const LARGEST: f64 = 1e15;

/// What is followed over the steps: decides over the vertical axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Followed {
    /// A loss. The axis begins at 0, or lower if there are negative values.
    Loss,
    /// A share in 0..=1, of which 1 is best. The axis ends at 1.
    Share,
    /// An error rate in 0..=1. The axis begins at 0.
    ErrorRate,
}

impl Followed {
    fn axis_title(self) -> &'static str {
        match self {
            Self::Loss => "Loss",
            Self::Share => "Share",
            Self::ErrorRate => "Error rate",
        }
    }

    fn note(self) -> &'static str {
        match self {
            Self::Share => "Higher is better.",
            Self::Loss | Self::ErrorRate => "Lower is better.",
        }
    }
}

/// Learning curves: x is the step, at least 0, y what is followed. [`Spans`](crate::report::Spans) makes a curve of a
/// series of any length.
///
/// What is not finite, or beyond 10^15, is left out. The axis of losses and of error rates is logarithmic if the lines span
/// more than a power of ten and none touches 0.
///
/// # Errors
/// [`Error::Report`] without curves, for a curve of which nothing can be drawn, a step below 0, and a share or an error rate
/// that is not in 0..=1.
pub fn learning(title: &str, followed: Followed, curves: &[Curve]) -> Result<Chart, Error> {
    const PART: &str = "learning curve";
    let curves: Vec<Curve> = curves.iter().map(drawable).collect();
    if let Some(empty) = curves.iter().find(|curve| curve.points.is_empty()) {
        let problem = format!("the curve {:?} holds nothing that can be drawn: leave it out", empty.name);
        return Err(report_error(PART, problem));
    }
    match followed {
        Followed::Loss => check(PART, &curves, &[])?,
        Followed::Share | Followed::ErrorRate => check_rates(PART, &curves, &[], false)?,
    }
    let (first, last) = range(places(&curves)).unwrap_or((0.0, 0.0));
    if first < 0.0 {
        return Err(report_error(PART, format!("a curve holds the step {first}, but steps begin at 0")));
    }
    let x = Axis {
        title: "Steps".to_owned(),
        scale: Scale::Linear,
        low: 0.0,
        high: last.max(1.0),
        labels: Labels::Counts,
    };
    let axis = match followed {
        Followed::Share => Axis::shares(followed.axis_title(), heights(&curves)),
        Followed::Loss | Followed::ErrorRate => falling(followed, &curves),
    };
    let note = if curves.iter().any(|curve| !curve.band.is_empty()) {
        format!("{} Lines are means of spans; shades run from the least to the greatest.", followed.note())
    } else {
        followed.note().to_owned()
    };
    Ok(Chart::of_curves(title, &note, (x, axis), &curves))
}

/// A curve without what no axis holds.
fn drawable(curve: &Curve) -> Curve {
    let fits = |values: &[f64]| values.iter().all(|value| value.abs() <= LARGEST);
    let mut curve = curve.clone();
    curve.points.retain(|&(x, y)| fits(&[x, y]));
    curve.band.retain(|band| fits(&[band.x, band.low, band.high]));
    curve
}

/// The axis of what becomes smaller.
fn falling(followed: Followed, curves: &[Curve]) -> Axis {
    let lines = curves.iter().flat_map(|curve| curve.points.iter().map(|&(_, y)| y));
    let (low_line, high_line) = range(lines).unwrap_or((0.0, 1.0));
    let (lowest, highest) = range(heights(curves)).unwrap_or((0.0, 1.0));
    let title = followed.axis_title().to_owned();
    if low_line > 0.0 && high_line > 10.0 * low_line {
        // A band may touch 0; it is then cut a power of ten below the line.
        let low = decade_below(lowest.max(low_line / 10.0));
        return Axis { title, scale: Scale::Log, low, high: round_up(highest), labels: Labels::Rates };
    }
    let room = 0.05 * (highest.max(0.0) - lowest.min(0.0));
    let high = match followed {
        Followed::Loss => highest.max(0.0) + room,
        _ => (highest + room).min(1.0),
    };
    let low = if lowest < 0.0 { lowest - room } else { 0.0 };
    // Nothing but zeros, or what cannot be told from 0.
    let high = if high - low > f64::MIN_POSITIVE { high } else { low + 0.01 };
    Axis { title, scale: Scale::Linear, low, high, labels: Labels::Numbers }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Spans;

    fn chart(followed: Followed, values: &[f64]) -> Result<Chart, Error> {
        let points = values.iter().enumerate().map(|(step, &value)| (step as f64, value)).collect();
        learning("A run", followed, &[Curve::new("a", points)])
    }

    fn axis(followed: Followed, values: &[f64]) -> (Scale, f64, f64) {
        let Axis { scale, low, high, .. } = chart(followed, values).unwrap().y;
        (scale, low, high)
    }

    #[test]
    fn the_axis_follows_what_is_learned() {
        assert_eq!(axis(Followed::Loss, &[20.0, 10.0]), (Scale::Linear, 0.0, 21.0));
        assert_eq!(axis(Followed::Loss, &[20.0, 0.3]), (Scale::Log, 0.1, 20.0));
        assert_eq!(axis(Followed::Loss, &[20.0, 0.0]), (Scale::Linear, 0.0, 21.0));
        assert_eq!(axis(Followed::Loss, &[1.0, -1.0]), (Scale::Linear, -1.1, 1.1));
        assert_eq!(axis(Followed::Loss, &[-2.0, -1.0]), (Scale::Linear, -2.1, 0.1));
        assert_eq!(axis(Followed::ErrorRate, &[0.5, 0.02]), (Scale::Log, 0.01, 0.5));
        assert_eq!(axis(Followed::ErrorRate, &[1.0, 0.2]), (Scale::Linear, 0.0, 1.0));
        assert_eq!(axis(Followed::ErrorRate, &[0.0, 0.0]), (Scale::Linear, 0.0, 0.01));
        assert_eq!(axis(Followed::Share, &[0.31, 0.99]), (Scale::Linear, 0.3, 1.0));
    }

    #[test]
    fn what_is_no_number_is_left_out() {
        let found = chart(Followed::Loss, &[f64::NAN, 4.0, f64::INFINITY, 1e300, 2.0]).unwrap();
        assert_eq!(found.y.high, 4.2);
        assert_eq!(found.x.high, 4.0);
        assert!(found.svg().unwrap().contains("<polyline"));
    }

    #[test]
    fn a_long_run_is_a_line_in_a_shade() {
        let mut spans = Spans::new(100);
        (0..100_000).for_each(|step| {
            spans.add(f64::from(step), 8.0 / f64::from(1 + step / 1000) + f64::from(step % 7));
        });
        let chart = learning("A run", Followed::Loss, &[spans.curve("loss")]).unwrap();
        assert!(chart.note.contains("shades"), "{}", chart.note);
        let svg = chart.svg().unwrap();
        assert!(svg.contains("<polygon class=\"s1\"") && svg.contains(">80,000</text>"), "{svg}");
        assert!(svg.len() < 20_000, "{} bytes", svg.len());
    }

    #[test]
    fn few_and_far_values_are_drawn_without_harm() {
        for values in [&[0.0][..], &[1e-300, 1e-300], &[-1e15, 1e15], &[1e-300, 1e15], &[5e-324]] {
            let svg = chart(Followed::Loss, values).unwrap().svg().unwrap();
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{values:?}: {svg}");
        }
    }

    #[test]
    fn what_cannot_be_drawn_is_named() {
        let message = |curves: &[Curve]| learning("A run", Followed::Share, curves).unwrap_err().to_string();
        assert!(message(&[]).contains("no curve"));
        assert!(
            message(&[Curve::new("b", vec![(0.0, f64::NAN)])])
                .contains("\"b\" holds nothing that can be drawn")
        );
        assert!(message(&[Curve::new("b", vec![(0.0, 1.5)])]).contains("1.5"));
        assert!(message(&[Curve::new("b", vec![(-1.0, 0.5)])]).contains("the step -1"));
    }
}
