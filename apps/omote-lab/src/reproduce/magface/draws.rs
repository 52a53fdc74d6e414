//! Numbers and how much they vary with the people who were photographed.

use evaluation::{Bootstrap, Interval, Trials, spearman};

use crate::reproduce::vectors::Vectors;

/// A number of all pictures, and its interval by draws of people.
///
/// `statistic` is handed how often each picture counts.
///
/// # Errors
/// If it cannot be taken of all pictures, or of most draws.
pub fn estimate(
    people: &[u32],
    mut statistic: impl FnMut(&[u32]) -> Option<f64>,
) -> anyhow::Result<(f64, Interval)> {
    let value = statistic(&vec![1; people.len()]);
    let value = value.ok_or(evaluation::Error::Empty { what: "value of all pictures" })?;
    let interval = Trials::of_people(people).interval(&Bootstrap::default(), statistic)?;
    Ok((value, interval))
}

/// The rank correlation of two numbers of each picture, as the mean over networks.
pub fn correlation(networks: &[(Vec<f64>, Vec<f64>)], weights: &[u32]) -> Option<f64> {
    let drawn = |values: &[f64]| {
        let copies = values.iter().zip(weights).map(|(&value, &times)| (value, times));
        copies.flat_map(|(value, times)| std::iter::repeat_n(value, times as usize)).collect::<Vec<_>>()
    };
    let of = |(x, y): &(Vec<f64>, Vec<f64>)| spearman(&drawn(x), &drawn(y)).ok().flatten();
    mean(networks.iter().map(of))
}

/// The mean; `None` without values, or where one is missing.
pub fn mean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let values: Vec<f64> = values.collect::<Option<_>>()?;
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Magnitudes as numbers.
pub fn magnitudes(vectors: &Vectors) -> Vec<f64> {
    vectors.magnitudes.iter().copied().map(f64::from).collect()
}
