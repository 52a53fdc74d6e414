//! Features of two values, as points of a plane.

use super::{heights, places, range};
use crate::Error;
use crate::report::axis::{Axis, round_up};
use crate::report::chart::{Chart, Dot, Entry, Layer, Sample};
use crate::report::curve::{Curve, check};
use crate::report::palette::Ink;

/// The plane is about as high as it is wide, so that angles look as they are.
const SIDE: f64 = 370.0;

/// Features of two values: the points of each class with a mark of its own, and lines (such as where one class ends and
/// another begins) through the plane. The origin is in the middle, and both axes have one scale.
///
/// Liu et al., "SphereFace", CVPR 2017, figure 2.
///
/// # Errors
/// [`Error::Report`] without classes, or for a class without points or with a value that is not finite.
pub fn plane(classes: &[Curve], lines: &[Curve]) -> Result<Chart, Error> {
    check("plane of features", classes, &[])?;
    let all = places(classes).chain(heights(classes)).map(f64::abs);
    let (_, furthest) = range(all).unwrap_or((0.0, 1.0));
    let reach = if furthest > 0.0 { round_up(furthest) } else { 1.0 };
    // A plane to 200 for features up to 110 wastes most of it.
    let reach = [0.55, 0.6, 0.75, 0.8]
        .map(|share| share * reach)
        .into_iter()
        .find(|&end| end >= furthest)
        .unwrap_or(reach);
    let axis = |title| Axis::linear(title, -reach, reach);
    let lines: Vec<Curve> = lines.iter().filter_map(|line| within(line, reach)).collect();
    let mut chart = Chart::of_curves("Features", "", (axis("First value"), axis("Second value")), &lines);
    for (index, class) in classes.iter().enumerate() {
        let dot = Dot::new(Ink::series(index), index / Ink::SERIES);
        chart.layers.extend(class.points.iter().map(|&at| Layer::Dot { at, dot }));
        chart.legend.push(Entry { name: class.name.clone(), sample: Sample::Dot(dot) });
    }
    Ok(Chart { height: SIDE, ..chart })
}

/// The part of a line from the origin outwards that lies in the plane; `None` if nothing does. Lines are given by points on
/// their way, and are drawn thin.
fn within(line: &Curve, reach: f64) -> Option<Curve> {
    let inside = |&(x, y): &(f64, f64)| x.abs() <= reach && y.abs() <= reach;
    let points: Vec<_> = line.points.iter().copied().filter(inside).collect();
    (points.len() > 1).then(|| Curve { points, is_reference: true, ..line.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_is_in_the_middle() {
        let classes = [Curve::new("1", vec![(3.0, -1.0), (2.0, 0.5)]), Curve::new("2", vec![(-7.3, 0.0)])];
        let line = Curve::new("between", vec![(0.0, 0.0), (0.0, 5.0), (0.0, 500.0)]);
        let chart = plane(&classes, &[line]).unwrap();
        assert_eq!((chart.x.low, chart.x.high), (-chart.y.high, chart.y.high));
        assert!(chart.x.high >= 7.3 && chart.x.high <= 10.0);
        assert_eq!(chart.legend.len(), 3);
        let dots = chart.layers.iter().filter(|layer| matches!(layer, Layer::Dot { .. })).count();
        assert_eq!(dots, 3);
        assert!(
            chart.layers.iter().any(|layer| matches!(layer, Layer::Line { points, .. } if points.len() == 2))
        );
        assert!(chart.svg().is_ok());
    }

    #[test]
    fn nothing_is_no_plane() {
        assert!(plane(&[], &[]).is_err());
        assert!(plane(&[Curve::new("1", vec![])], &[]).is_err());
        assert!(plane(&[Curve::new("1", vec![(f64::NAN, 0.0)])], &[]).is_err());
        assert!(plane(&[Curve::new("1", vec![(0.0, 0.0)])], &[]).is_ok());
    }
}
