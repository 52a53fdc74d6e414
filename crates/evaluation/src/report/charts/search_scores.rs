//! Top scores of searches: of people who are enrolled and of people who are not.

use super::histogram::{Histogram, histogram};
use crate::Error;
use crate::report::chart::Chart;
use crate::report::curve::Marker;
use crate::report::number;

/// How the scores lie that an open-set search decides by: `mated`, the scores of the right people with their probes, and
/// `non_mated`, the top scores of probes of strangers, in `bins` bins. With `log`, the vertical axis is logarithmic and
/// shows the tails. `thresholds` are marked.
///
/// Each kind's shares add up to 1.
///
/// # Errors
/// [`Error::Report`] if a kind has no scores, for a score that is not finite, and for no bins or more than 400.
pub fn search_scores(
    mated: &[f32],
    non_mated: &[f32],
    bins: usize,
    log: bool,
    thresholds: &[Marker],
) -> Result<Chart, Error> {
    let mut chart = histogram(&Histogram::from_scores(mated, non_mated, bins)?, log, thresholds)?;
    chart.title = "Scores of searches".to_owned();
    chart.x.title = "Score (more is more alike)".to_owned();
    chart.y.title = "Share of searches".to_owned();
    // The histogram lists impostors first, so that genuine pairs are drawn over them.
    let names = [("Strangers' top scores", non_mated.len()), ("Right people", mated.len())];
    for (entry, (name, count)) in chart.legend.iter_mut().zip(names) {
        entry.name = format!("{name} ({})", number::decimal(count as f64, 0));
    }
    Ok(chart)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_are_named_with_their_numbers() {
        let chart = search_scores(&[0.7; 3], &[0.1; 2000], 10, true, &[]).unwrap();
        let names: Vec<&str> = chart.legend.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["Strangers' top scores (2,000)", "Right people (3)"]);
        assert!(search_scores(&[], &[0.1], 10, false, &[]).is_err());
    }
}
