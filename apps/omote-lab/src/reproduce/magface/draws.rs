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

/// What two arms have of each seed that both have: what the first weights do to both is no difference between them.
pub fn paired<'a, T>(one: &'a [(u64, T)], other: &'a [(u64, T)]) -> Vec<[&'a T; 2]> {
    let pair = |(seed, one): &'a (u64, T)| {
        let found = other.iter().find(|(theirs, _)| theirs == seed);
        found.map(|(_, other)| [one, other])
    };
    one.iter().filter_map(pair).collect()
}

/// A difference of two arms as the mean over seeds that both have, and its interval; nothing without such seeds.
///
/// # Errors
/// As of [`estimate`].
pub fn difference<T>(
    people: &[u32],
    pairs: &[[&T; 2]],
    of: impl Fn(&T, &[u32]) -> Option<f64>,
) -> anyhow::Result<Option<(f64, Interval)>> {
    if pairs.is_empty() {
        return Ok(None);
    }
    let of_pair = |[one, other]: &[&T; 2], weights: &[u32]| Some(of(one, weights)? - of(other, weights)?);
    estimate(people, |weights| mean(pairs.iter().map(|pair| of_pair(pair, weights)))).map(Some)
}

/// Two numbers of each picture.
pub type Lists = (Vec<f64>, Vec<f64>);

/// Their rank correlation.
pub fn correlation((x, y): &Lists, weights: &[u32]) -> Option<f64> {
    let drawn = |values: &[f64]| {
        let copies = values.iter().zip(weights).map(|(&value, &times)| (value, times));
        copies.flat_map(|(value, times)| std::iter::repeat_n(value, times as usize)).collect::<Vec<_>>()
    };
    spearman(&drawn(x), &drawn(y)).ok().flatten()
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
