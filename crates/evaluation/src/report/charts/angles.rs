//! Angles between faces of one person and of two, one over the other.

use super::histogram::{Histogram, histogram};
use crate::Error;
use crate::report::axis::Axis;
use crate::report::chart::Chart;

/// Angles between embeddings, degrees in 0..=180: the share of the pairs of one person (as `genuine`) and of two (as
/// `impostor`) by their angle. The less the two overlap, the better faces are told apart by their directions.
///
/// Liu et al., "SphereFace", CVPR 2017, figure 5.
///
/// # Errors
/// As [`histogram`].
pub fn angles(bins: &Histogram) -> Result<Chart, Error> {
    let chart = histogram(bins, false, &[])?;
    let x = Axis::linear("Angle in degrees", chart.x.low, chart.x.high);
    Ok(Chart { title: "Angles".to_owned(), x, ..chart })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_are_shown_over_their_range() {
        let bins = Histogram::from_scores(&[10.0, 20.0, 30.0], &[70.0, 90.0, 110.0], 10).unwrap();
        let chart = angles(&bins).unwrap();
        assert_eq!((chart.x.low, chart.x.high), (10.0, 110.0));
        assert_eq!(chart.x.title, "Angle in degrees");
    }
}
