//! The charts of the field, one to a file.

mod angles;
mod calibration;
mod cmc;
mod cohorts;
mod det;
mod dir;
mod discard;
mod gallery_size;
mod histogram;
mod learning;
mod plane;
mod precision_recall;
mod roc;
mod scatter;
mod search_calibration;
mod search_scores;
mod trend;

pub use angles::angles;
pub use calibration::{AskedAndMeasured, calibration};
pub use cmc::cmc;
pub use cohorts::{CohortRate, cohort_shares, cohorts};
pub use det::det;
pub use dir::dir;
pub use discard::discard;
pub use gallery_size::gallery_size;
pub use histogram::{Histogram, histogram};
pub use learning::{Followed, learning};
pub use plane::plane;
pub use precision_recall::precision_recall;
pub use roc::roc;
pub use scatter::scatter;
pub use search_calibration::search_calibration;
pub use search_scores::search_scores;
pub use trend::trend;

use super::curve::Curve;

/// The smallest and the largest of the values; `None` if there are none.
fn range(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().fold(None, |range, value| match range {
        Some((low, high)) => Some((f64::min(low, value), f64::max(high, value))),
        None => Some((value, value)),
    })
}

/// All y of the curves, their bands too.
fn heights(curves: &[Curve]) -> impl Iterator<Item = f64> {
    curves.iter().flat_map(|curve| {
        let points = curve.points.iter().map(|&(_, y)| y);
        points.chain(curve.band.iter().flat_map(|band| [band.low, band.high]))
    })
}

/// All x of the curves.
fn places(curves: &[Curve]) -> impl Iterator<Item = f64> {
    curves.iter().flat_map(|curve| curve.points.iter().map(|&(x, _)| x))
}
