//! Does a calibration keep what it promises of searches?

use super::calibration::{AskedAndMeasured, calibration};
use crate::Error;
use crate::report::chart::Chart;

/// As [`calibration`], for false positive identification rates: one system for each size of galleries.
///
/// # Errors
/// Those of [`calibration`].
pub fn search_calibration(sizes: &[(String, Vec<AskedAndMeasured>)]) -> Result<Chart, Error> {
    let mut chart = calibration(sizes)?;
    chart.x.title = "False positive identification rate asked for".to_owned();
    chart.y.title = "False positive identification rate measured".to_owned();
    Ok(chart)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axes_are_of_searches() {
        let point = AskedAndMeasured { asked: 0.01, measured: 0.02, predicted: Some((0.005, 0.03)) };
        let chart = search_calibration(&[("100 people".to_owned(), vec![point])]).unwrap();
        assert!(chart.x.title.starts_with("False positive") && chart.y.title.ends_with("measured"));
        assert!(search_calibration(&[]).is_err());
    }
}
