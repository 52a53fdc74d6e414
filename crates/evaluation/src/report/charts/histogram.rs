//! Scores of genuine and impostor pairs, one over the other.

use super::range;
use crate::Error;
use crate::report::axis::{Axis, Labels, decade_below, round_up};
use crate::report::chart::{Chart, Entry, HEIGHT, Layer, Sample};
use crate::report::curve::{Marker, check_markers};
use crate::report::number;
use crate::report::palette::Ink;
use crate::report::report_error;
use crate::report::scale::Scale;

/// The parts of a report and its errors call it this.
const PART: &str = "score histogram";
/// More bins than pixels show nothing.
const MOST_BINS: usize = 400;

/// Counts of scores in bins.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// The bins' ends, rising: bin i runs from `edges[i]` to `edges[i + 1]`. In the unit of the scores.
    pub edges: Vec<f64>,
    /// Genuine pairs in each bin.
    pub genuine: Vec<u64>,
    /// Impostor pairs in each bin.
    pub impostor: Vec<u64>,
}

impl Histogram {
    /// Counts scores in `bins` bins of equal width over the range of both kinds. The highest score is in the last
    /// bin.
    ///
    /// # Errors
    /// [`Error::Report`] if a list is empty or holds a score that is not finite, or if there are no bins or more than
    /// 400.
    pub fn from_scores(genuine: &[f32], impostor: &[f32], bins: usize) -> Result<Self, Error> {
        if !(1..=MOST_BINS).contains(&bins) {
            return Err(report_error(
                PART,
                format!("{bins} bins were asked for, but 1 to {MOST_BINS} can be shown"),
            ));
        }
        for (kind, scores) in [("genuine", genuine), ("impostor", impostor)] {
            if scores.is_empty() {
                return Err(report_error(PART, format!("there are no {kind} scores")));
            }
            if let Some(score) = scores.iter().find(|score| !score.is_finite()) {
                return Err(report_error(PART, format!("one of the {kind} scores is {score}")));
            }
        }
        let all = genuine.iter().chain(impostor).map(|&score| f64::from(score));
        let (low, high) = range(all).unwrap_or((0.0, 1.0));
        // Scores that are all the same still have a bin with a width.
        let (low, high) = if low < high { (low, high) } else { (low - 0.5, high + 0.5) };
        let width = (high - low) / bins as f64;
        let count = |scores: &[f32]| {
            let mut counts = vec![0_u64; bins];
            for &score in scores {
                // A float-to-int cast saturates at 0 below; the highest score belongs to the last bin.
                let bin = ((f64::from(score) - low) / width) as usize;
                counts[bin.min(bins - 1)] += 1;
            }
            counts
        };
        Ok(Self {
            edges: (0..=bins).map(|bin| low + width * bin as f64).collect(),
            genuine: count(genuine),
            impostor: count(impostor),
        })
    }

    fn check(&self) -> Result<(), Error> {
        let bins = self.edges.len().saturating_sub(1);
        let problem = if bins == 0 || bins > MOST_BINS {
            format!("it has {bins} bins, but 1 to {MOST_BINS} can be shown")
        } else if self.genuine.len() != bins || self.impostor.len() != bins {
            format!(
                "there are {bins} bins between the edges, but {} genuine and {} impostor counts",
                self.genuine.len(),
                self.impostor.len()
            )
        } else if !self.edges.iter().all(|edge| edge.is_finite())
            || self.edges.windows(2).any(|pair| pair[0] >= pair[1])
        {
            "the edges of the bins must be finite and rise".to_owned()
        } else if self.genuine.iter().all(|&count| count == 0)
            || self.impostor.iter().all(|&count| count == 0)
        {
            "one kind of pairs has no scores in any bin".to_owned()
        } else {
            return Ok(());
        };
        Err(report_error(PART, problem))
    }
}

/// The scores of one system: the share of each kind's pairs by score, overlaid. With `log`, the vertical axis is
/// logarithmic and shows the tails, where thresholds are. `thresholds` are marked.
///
/// Each kind's shares add up to 1, since impostor pairs are usually many times more.
///
/// # Errors
/// [`Error::Report`] for bins that do not fit together, and for a kind without scores.
pub fn histogram(bins: &Histogram, log: bool, thresholds: &[Marker]) -> Result<Chart, Error> {
    bins.check()?;
    check_markers(PART, thresholds)?;
    let shares = |counts: &[u64]| -> Vec<f64> {
        let total: u64 = counts.iter().sum();
        counts.iter().map(|&count| count as f64 / total as f64).collect()
    };
    let (genuine, impostor) = (shares(&bins.genuine), shares(&bins.impostor));
    let positive = genuine.iter().chain(&impostor).copied().filter(|&share| share > 0.0);
    let (smallest, largest) = range(positive).unwrap_or((0.1, 1.0));
    let (scale, low, high) = if log {
        // Just below one pair's share, so that a single pair is seen.
        let low = decade_below(smallest / 2.0);
        (Scale::Log, low, round_up(largest).max(10.0 * low))
    } else {
        (Scale::Linear, 0.0, largest * 1.05)
    };
    let kinds = [("Impostor", &bins.impostor, impostor, 1), ("Genuine", &bins.genuine, genuine, 0)];
    let (mut layers, mut legend) = (Vec::new(), Vec::new());
    for (name, counts, heights, ink) in kinds {
        let ink = Ink::series(ink);
        let pairs = number::decimal(counts.iter().sum::<u64>() as f64, 0);
        layers.push(Layer::Steps { edges: bins.edges.clone(), heights, ink });
        legend.push(Entry { name: format!("{name} ({pairs} pairs)"), sample: Sample::Area(ink) });
    }
    Ok(Chart {
        title: "Scores".to_owned(),
        note: String::new(),
        x: Axis::linear("Score (more is more alike)", bins.edges[0], bins.edges[bins.edges.len() - 1]),
        y: Axis {
            title: "Share of pairs".to_owned(),
            scale,
            low,
            high,
            labels: if log { Labels::Rates } else { Labels::Numbers },
        },
        layers,
        legend,
        markers: thresholds.to_vec(),
        height: HEIGHT,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bins_and_ends() {
        let bins = Histogram::from_scores(&[0.5, 1.0], &[0.0, 0.24, 0.25], 4).unwrap();
        assert_eq!(bins.edges, [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!((bins.genuine, bins.impostor), (vec![0, 0, 1, 1], vec![2, 1, 0, 0]));
    }

    #[test]
    fn bad_input_is_named() {
        let message = |found: Result<Histogram, Error>| found.unwrap_err().to_string();
        assert!(message(Histogram::from_scores(&[], &[0.1], 4)).contains("no genuine scores"));
        assert!(message(Histogram::from_scores(&[0.1], &[f32::NAN], 4)).contains("impostor scores is NaN"));
        assert!(message(Histogram::from_scores(&[0.1], &[0.2], 0)).contains("0 bins"));
        let uneven = Histogram { edges: vec![0.0, 1.0, 2.0], genuine: vec![1], impostor: vec![1, 1] };
        assert!(histogram(&uneven, false, &[]).unwrap_err().to_string().contains("2 bins"));
        let falling = Histogram { edges: vec![1.0, 0.0], genuine: vec![1], impostor: vec![1] };
        assert!(histogram(&falling, true, &[]).unwrap_err().to_string().contains("rise"));
    }

    #[test]
    fn equal_scores_have_a_bin() {
        let bins = Histogram::from_scores(&[0.3; 5], &[0.3; 7], 3).unwrap();
        assert_eq!((bins.genuine[1], bins.impostor[1]), (5, 7));
        histogram(&bins, true, &[Marker::new(0.3, "threshold")]).unwrap().svg().unwrap();
    }

    proptest! {
        #[test]
        fn every_score_is_counted_where_it_lies(
            genuine in prop::collection::vec(-1.0..1.0_f32, 1..50),
            impostor in prop::collection::vec(-1.0..1.0_f32, 1..50),
            bins in 1..40_usize,
        ) {
            let found = Histogram::from_scores(&genuine, &impostor, bins).unwrap();
            prop_assert_eq!(found.genuine.iter().sum::<u64>() as usize, genuine.len());
            prop_assert_eq!(found.impostor.iter().sum::<u64>() as usize, impostor.len());
            for (bin, &count) in found.genuine.iter().enumerate() {
                let inside = |score: &&f32| {
                    let score = f64::from(**score);
                    score >= found.edges[bin] - 1e-9 && score <= found.edges[bin + 1] + 1e-9
                };
                prop_assert!(count as usize <= genuine.iter().filter(inside).count());
            }
        }
    }
}
