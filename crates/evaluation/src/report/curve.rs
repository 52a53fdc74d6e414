//! What is drawn as a line: the points of one system, and the band in which the truth may lie.

use super::report_error;
use crate::Error;

/// One system's line in a chart.
///
/// The points are joined in the order in which they come, so they must be ordered along the line. What x and y are is
/// said by the function that makes the chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// The system's name, for the legend.
    pub name: String,
    /// x and y.
    pub points: Vec<(f64, f64)>,
    /// Where the curve may truly run, by x; empty if that is not known. Drawn as a shade.
    pub band: Vec<BandPoint>,
    /// Not a system but what systems are compared with, such as rejecting at random: drawn thin and grey.
    pub is_reference: bool,
}

/// The interval of y at one x.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandPoint {
    /// In the unit of the curve's x.
    pub x: f64,
    /// The interval's low end, in the unit of the curve's y.
    pub low: f64,
    /// The interval's high end.
    pub high: f64,
}

/// A value with a name, marked by a dashed line across the chart: a target error rate, a threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct Marker {
    /// Where, in the unit of the x axis.
    pub at: f64,
    /// What is there, in a few words.
    pub label: String,
}

impl Curve {
    /// A system's curve without a band.
    pub fn new(name: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        Self { name: name.into(), points, band: Vec::new(), is_reference: false }
    }

    /// The same curve with a band around it.
    #[must_use]
    pub fn with_band(self, band: Vec<BandPoint>) -> Self {
        Self { band, ..self }
    }

    /// The same curve as something to compare systems with.
    #[must_use]
    pub fn reference(self) -> Self {
        Self { is_reference: true, ..self }
    }

    /// All values of x and y that are drawn, the band's too.
    fn values(&self) -> impl Iterator<Item = f64> {
        let points = self.points.iter().flat_map(|&(x, y)| [x, y]);
        points.chain(self.band.iter().flat_map(|band| [band.x, band.low, band.high]))
    }
}

impl Marker {
    /// A marked value.
    pub fn new(at: f64, label: impl Into<String>) -> Self {
        Self { at, label: label.into() }
    }
}

/// What holds for the curves and markers of every chart: there is something to draw, and all of it is finite.
pub(super) fn check(chart: &'static str, curves: &[Curve], markers: &[Marker]) -> Result<(), Error> {
    if curves.iter().all(|curve| curve.is_reference) {
        return Err(report_error(chart, "it has no curve: give it at least one system"));
    }
    for curve in curves {
        if curve.points.is_empty() {
            let problem = format!("the curve {:?} has no points: were there no scores?", curve.name);
            return Err(report_error(chart, problem));
        }
        if let Some(value) = curve.values().find(|value| !value.is_finite()) {
            let problem =
                format!("the curve {:?} holds the value {value}, which cannot be drawn", curve.name);
            return Err(report_error(chart, problem));
        }
        if let Some(band) = curve.band.iter().find(|band| band.low > band.high) {
            let problem = format!(
                "the band of {:?} at {} runs from {} down to {}: low and high have changed places",
                curve.name, band.x, band.low, band.high
            );
            return Err(report_error(chart, problem));
        }
    }
    check_markers(chart, markers)
}

/// A marker stands somewhere.
pub(super) fn check_markers(chart: &'static str, markers: &[Marker]) -> Result<(), Error> {
    match markers.iter().find(|marker| !marker.at.is_finite()) {
        Some(marker) => Err(report_error(
            chart,
            format!("the marker {:?} stands at {}, which is no place", marker.label, marker.at),
        )),
        None => Ok(()),
    }
}

/// Like [`check`], for charts whose y (and, if `x_too`, x) are rates.
pub(super) fn check_rates(
    chart: &'static str,
    curves: &[Curve],
    markers: &[Marker],
    x_too: bool,
) -> Result<(), Error> {
    check(chart, curves, markers)?;
    for curve in curves {
        let points = curve.points.iter().flat_map(|&(x, y)| [if x_too { x } else { y }, y]);
        let mut values = points.chain(curve.band.iter().flat_map(|band| [band.low, band.high]));
        if let Some(rate) = values.find(|rate| !(0.0..=1.0).contains(rate)) {
            let problem = format!("the curve {:?} holds the rate {rate}, but rates are in 0..=1", curve.name);
            return Err(report_error(chart, problem));
        }
    }
    Ok(())
}

/// A line as it is drawn: pieces within the unit square, with no more points than can be seen.
///
/// `points` are places on the axes (0 to 1 is inside). A point that lies nowhere (a rate of 0 on a probit axis) ends
/// a piece; a line that leaves the square is cut at its edge.
pub(super) fn visible_pieces(points: impl IntoIterator<Item = (f64, f64)>) -> Vec<Vec<(f64, f64)>> {
    let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut before: Option<(f64, f64)> = None;
    let mut open = false;
    for point in points {
        if !(point.0.is_finite() && point.1.is_finite()) {
            before = None;
            open = false;
            continue;
        }
        let Some(start) = before.replace(point) else { continue };
        let Some((from, to)) = clipped(start, point) else {
            open = false;
            continue;
        };
        match pieces.last_mut().filter(|_| open && from == start) {
            Some(piece) => piece.push(to),
            None => pieces.push(vec![from, to]),
        }
        open = to == point;
    }
    pieces.into_iter().map(|piece| thinned(&piece)).collect()
}

/// The part of a segment within the unit square (Liang and Barsky 1984).
fn clipped(from: (f64, f64), to: (f64, f64)) -> Option<((f64, f64), (f64, f64))> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut start, mut end) = (0.0_f64, 1.0_f64);
    for (step, room) in [(-dx, from.0), (dx, 1.0 - from.0), (-dy, from.1), (dy, 1.0 - from.1)] {
        if step == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if step < 0.0 {
            start = start.max(room / step);
        } else {
            end = end.min(room / step);
        }
    }
    if start > end {
        return None;
    }
    let at = |share: f64| match share {
        0.0 => from,
        1.0 => to,
        _ => (from.0 + share * dx, from.1 + share * dy),
    };
    Some((at(start), at(end)))
}

/// Of the consecutive points within one narrow column the first, the lowest, the highest and the last: a curve of a
/// million points becomes one of a few thousand that looks the same.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    /// About a third of a pixel on a chart of 400.
    const COLUMNS: f64 = 1200.0;
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for column in points.chunk_by(|a, b| (a.0 * COLUMNS).floor() == (b.0 * COLUMNS).floor()) {
        let by_height = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        let lowest = column.iter().min_by(by_height);
        let highest = column.iter().max_by(by_height);
        // In the order in which the line passes them: it enters on one side and leaves on the other.
        let rises = column.first().map(|point| point.1) <= column.last().map(|point| point.1);
        let between = if rises { [lowest, highest] } else { [highest, lowest] };
        let passed = [column.first(), between[0], between[1], column.last()];
        for &point in passed.into_iter().flatten() {
            if kept.last() != Some(&point) {
                kept.push(point);
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_cut_at_the_edge() {
        let pieces = visible_pieces([(-0.5, 0.0), (0.5, 1.0), (1.5, 0.0)]);
        assert_eq!(pieces, [[(0.0, 0.5), (0.5, 1.0), (1.0, 0.5)]]);
        assert!(visible_pieces([(2.0, 0.0), (3.0, 1.0)]).is_empty());
        // Out at the top and in again: two pieces.
        let pieces = visible_pieces([(0.0, 0.5), (0.25, 1.5), (0.5, 1.5), (0.75, 0.5)]);
        assert_eq!(pieces, [[(0.0, 0.5), (0.125, 1.0)], [(0.625, 1.0), (0.75, 0.5)]]);
    }

    #[test]
    fn a_point_nowhere_ends_a_piece() {
        let nowhere = (f64::NEG_INFINITY, 0.3);
        let pieces = visible_pieces([nowhere, (0.1, 0.3), (0.2, 0.3), nowhere, (0.4, 0.3), (0.5, 0.3)]);
        assert_eq!(pieces, [[(0.1, 0.3), (0.2, 0.3)], [(0.4, 0.3), (0.5, 0.3)]]);
    }

    #[test]
    fn bad_curves_are_named() {
        let message = |curves: &[Curve], markers: &[Marker]| {
            check_rates("ROC", curves, markers, true).unwrap_err().to_string()
        };
        let good = Curve::new("a", vec![(0.1, 0.9)]);
        assert!(message(&[], &[]).contains("no curve"));
        assert!(message(&[good.clone().reference()], &[]).contains("no curve"));
        assert!(message(&[Curve::new("b", vec![])], &[]).contains("\"b\" has no points"));
        assert!(message(&[Curve::new("b", vec![(f64::NAN, 0.0)])], &[]).contains("NaN"));
        assert!(message(&[Curve::new("b", vec![(0.5, 1.5)])], &[]).contains("1.5"));
        assert!(message(std::slice::from_ref(&good), &[Marker::new(f64::INFINITY, "t")]).contains("\"t\""));
        let band = vec![BandPoint { x: 0.1, low: 0.9, high: 0.8 }];
        assert!(message(&[good.with_band(band)], &[]).contains("changed places"));
    }

    proptest! {
        #[test]
        fn thinning_keeps_a_rising_line_rising_and_its_ends(
            steps in prop::collection::vec((0.0..0.001_f64, 0.0..0.001_f64), 2..2000),
        ) {
            let mut at = (0.0, 0.0);
            let points: Vec<(f64, f64)> = steps
                .into_iter()
                .map(|(dx, dy)| {
                    at = (at.0 + dx, at.1 + dy);
                    at
                })
                .collect();
            let thin = thinned(&points);
            prop_assert!(thin.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 <= pair[1].1));
            prop_assert_eq!(thin.first(), points.first());
            prop_assert_eq!(thin.last(), points.last());
            prop_assert!(thin.len() <= 4 * 1201);
        }

        #[test]
        fn pieces_stay_inside(points in prop::collection::vec((-2.0..3.0_f64, -2.0..3.0_f64), 0..30)) {
            let inside = -1e-9..1.0 + 1e-9;
            for (x, y) in visible_pieces(points).into_iter().flatten() {
                prop_assert!(inside.contains(&x) && inside.contains(&y));
            }
        }
    }
}
