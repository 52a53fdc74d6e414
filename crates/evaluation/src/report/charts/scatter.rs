//! Single trials as points.

use super::{heights, places};
use crate::Error;
use crate::report::axis::Axis;
use crate::report::chart::{Chart, Dot, Entry, Layer, Sample};
use crate::report::curve::{Curve, check};
use crate::report::palette::Ink;

/// So many points hide each other, unless they are small.
const MANY: usize = 150;

/// A point for each trial over two axes of plain numbers, those of each curve with a mark of their own. `across` and `up` are
/// the titles of the axes, with units. Many points are drawn small; thousands hide each other: give some of
/// them.
///
/// # Errors
/// [`Error::Report`] without points, or for a value that is not finite.
pub fn scatter(title: &str, [across, up]: [&str; 2], trials: &[Curve]) -> Result<Chart, Error> {
    check("scatter plot", trials, &[])?;
    let axes = (Axis::around(across, places(trials)), Axis::around(up, heights(trials)));
    let mut chart = Chart::of_curves(title, "", axes, &[]);
    let count: usize = trials.iter().map(|curve| curve.points.len()).sum();
    let size = if count > MANY { 0.5 } else { 1.0 };
    for (index, curve) in trials.iter().enumerate() {
        let dot = Dot { hollow: true, size, ..Dot::new(Ink::series(index), index / Ink::SERIES) };
        chart.layers.extend(curve.points.iter().map(|&at| Layer::Dot { at, dot }));
        // One kind of points needs no name.
        if trials.len() > 1 {
            chart.legend.push(Entry { name: curve.name.clone(), sample: Sample::Dot(dot) });
        }
    }
    Ok(chart)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trial_is_a_point() {
        let trials = [Curve::new("a", vec![(1.0, 0.5), (6.0, 2.0)]), Curve::new("b", vec![(2.0, 1.0)])];
        let chart = scatter("t", ["x", "y"], &trials).unwrap();
        assert_eq!((chart.layers.len(), chart.legend.len()), (3, 2));
        assert!(chart.svg().is_ok());
        let many = Curve::new("a", (0..200).map(|at| (f64::from(at), 1.0)).collect());
        let small = scatter("t", ["x", "y"], &[many]).unwrap();
        let sizes = |chart: &Chart| -> Vec<f64> {
            let size = |layer: &Layer| if let Layer::Dot { dot, .. } = layer { Some(dot.size) } else { None };
            chart.layers.iter().filter_map(size).collect()
        };
        assert!(sizes(&small).iter().all(|small| sizes(&chart).iter().all(|size| small < size)));
        assert!(scatter("t", ["x", "y"], &trials[..1]).unwrap().legend.is_empty());
        assert!(scatter("t", ["x", "y"], &[Curve::new("a", vec![])]).is_err());
    }
}
