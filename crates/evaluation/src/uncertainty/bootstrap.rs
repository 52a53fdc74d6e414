//! The bootstrap: how much a number varies if other people had been photographed.
//!
//! Comparisons are not independent: a person who is hard to recognise is so in all of his comparisons, and 300
//! people give 45,000 pairs of people. So *people* are drawn at random with replacement, as many as there are, and
//! the statistic is taken again with each comparison weighted by how often its people were drawn. If person `a` was
//! drawn `w_a` times:
//!
//! - a genuine comparison of `a` counts `w_a` times. The `w_a` copies stand for `w_a` different people who happen to
//!   be alike, each with his own photos; a photo of one copy was never compared with a photo of another, so it is not
//!   `w_a^2`.
//! - an impostor comparison of `a` and `b` counts `w_a w_b` times: every copy of `a` met every copy of `b`. Copies
//!   of one person would meet as impostors too, but what they would score is not known; these pairs are left out.
//!
//! Comparisons with no person in common stay independent in this scheme, as they are in truth. Products of weights
//! count the luck of a single impostor comparison up to three times in the variance (that of `w_a w_b` is 3, that of
//! `w_a` 1), so the interval of a false-match rate is too wide rather than too narrow where people differ little from
//! each other (Owen and Eckles 2012, "Bootstrapping data arrays of arbitrary order").
//!
//! Bolle, Ratha and Pankanti 2004, "Error analysis of pattern recognition systems: the subsets bootstrap";
//! Fogliato, Patil and Perona 2024, "Confidence intervals for error rates in 1:1 matching tasks"; spec
//! recognition/00.

use std::slice;

use super::scored_pairs::{Numbers, Totals};
use super::statistic::Prepared;
use super::{Interval, Resampled, ScoredPairs, Statistic, check_level};
use crate::Error;

/// How often, at which level and with which random numbers a statistic is taken again.
///
/// Intervals go from one percentile of the resampled values to another (Efron's percentile method), and hold no
/// correction for bias. The same seed gives the same intervals on every machine.
///
/// The time for a resample is linear in the number of people and, unless [every photo was compared with every
/// other](ScoredPairs::of_all), of different pairs of people; to that comes, for rates at a fixed threshold, the
/// number of errors there; for FNMR at an FMR and for the equal error rate, the comparisons beyond that point; for the
/// area under the curve, all comparisons.
///
/// ```
/// use omote_evaluation::{Bootstrap, Resampled, ScoredPair, ScoredPairs, Statistic};
///
/// // 20 people with 3 comparisons each, and every two people compared once. Persons 0..5 are hard to recognise.
/// let mut pairs = Vec::new();
/// for a in 0..20 {
///     let genuine = if a < 5 { 0.4 } else { 0.8 };
///     pairs.extend([ScoredPair { a, b: a, score: Some(genuine) }; 3]);
///     pairs.extend((0..a).map(|b| ScoredPair { a, b, score: Some(0.1) }));
/// }
/// let pairs = ScoredPairs::of_people(&pairs)?;
/// let found = Bootstrap::default().estimate(&pairs, &[Statistic::FnmrAtThreshold(0.5)])?[0];
/// assert_eq!(found.value, 0.25);
/// assert_eq!(found.resampled, Resampled::Identities);
/// // 5 of 20 people: the 60 comparisons say no more than that.
/// assert!(found.interval.low < 0.11 && found.interval.high > 0.4);
/// # Ok::<(), omote_evaluation::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// How many times people are drawn: at least `2 / (1 - level)`, at most a million. 1,000 for a percentile at
    /// 0.95.
    pub resamples: usize,
    /// How often the interval shall hold the truth, between 0 and 1.
    pub level: f64,
    /// Where the random numbers start.
    pub seed: u64,
}

impl Default for Bootstrap {
    /// 1,000 resamples at the level 0.95.
    fn default() -> Self {
        Self { resamples: 1000, level: 0.95, seed: 1 }
    }
}

/// A number and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The statistic of the comparisons as they are.
    pub value: f64,
    /// From percentile to percentile of the resampled values.
    pub interval: Interval,
    /// The standard deviation of the resampled values.
    pub standard_error: f64,
    /// What was drawn.
    pub resampled: Resampled,
    /// How often.
    pub resamples: usize,
}

/// How much better or worse one model is than another on the same pairs, and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The statistic of the first model.
    pub a: f64,
    /// The statistic of the second model.
    pub b: f64,
    /// `a - b`: its interval says more than those of `a` and `b`, because both models met the same people.
    pub difference: Estimate,
    /// Two-sided: twice the share of resamples in which the difference is not on its own side of 0,
    /// `2 (1 + min(#{d <= 0}, #{d >= 0})) / (1 + resamples)`, at most 1.
    pub p_value: f64,
}

/// More resamples change no digit that anybody reports.
const MAX_RESAMPLES: usize = 1_000_000;

impl Bootstrap {
    /// Each statistic of the pairs, with its interval. All of them are taken from the same draws.
    ///
    /// A draw that leaves no genuine or no impostor comparison is made again.
    ///
    /// # Errors
    /// [`Error::Setting`] for a level, a number of resamples or a rate that cannot be, and for a NaN threshold;
    /// [`Error::BelowKept`] if a statistic needs, in any draw, impostor scores that were not kept.
    pub fn estimate(&self, pairs: &ScoredPairs, statistics: &[Statistic]) -> Result<Vec<Estimate>, Error> {
        let mut prepared = prepare(pairs, statistics)?;
        let mut values = vec![Vec::with_capacity(self.checked_resamples()?); statistics.len()];
        self.resample(pairs, |draw| {
            for (statistic, values) in prepared.iter_mut().zip(&mut values) {
                values.push(draw.value(statistic)?);
            }
            Ok(())
        })?;
        let whole = Draw::whole(pairs);
        let values = prepared.iter_mut().zip(values);
        let summary =
            |(statistic, values)| Ok(self.summary(pairs.resampled(), whole.value(statistic)?, values));
        values.map(summary).collect()
    }

    /// The difference of a statistic between two models that scored the same pairs, in the same order. Both are
    /// taken from the same draws (a paired bootstrap).
    ///
    /// # Errors
    /// [`Error::Length`] or [`Error::Item`] if the pairs are not the same, and those of [`estimate`](Self::estimate).
    pub fn difference(
        &self,
        a: &ScoredPairs,
        b: &ScoredPairs,
        statistic: Statistic,
    ) -> Result<Difference, Error> {
        self.difference_of_means(slice::from_ref(a), slice::from_ref(b), statistic)
    }

    /// Two values and the resampled values of their difference.
    pub(super) fn compared(&self, resampled: Resampled, (a, b): (f64, f64), values: Vec<f64>) -> Difference {
        let not_above = values.iter().filter(|&&value| value <= 0.0).count();
        let not_below = values.iter().filter(|&&value| value >= 0.0).count();
        let tail = (1 + not_above.min(not_below)) as f64 / (1 + values.len()) as f64;
        let difference = self.summary(resampled, a - b, values);
        Difference { a, b, difference, p_value: (2.0 * tail).min(1.0) }
    }

    pub(super) fn checked_resamples(&self) -> Result<usize, Error> {
        check_level(self.level)?;
        // Fewer leave no value outside the interval.
        let least = 2.0 / (1.0 - self.level);
        if self.resamples as f64 >= least - 1e-6 && self.resamples <= MAX_RESAMPLES {
            Ok(self.resamples)
        } else {
            Err(Error::Setting {
                what: "number of resamples",
                value: self.resamples as f64,
                expected: "at least 2 / (1 - level) and at most a million",
            })
        }
    }

    /// Draws units again and again, and hands each usable draw to `take`.
    pub(super) fn resample(
        &self,
        pairs: &ScoredPairs,
        mut take: impl FnMut(&Draw) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut random = fastrand::Rng::with_seed(self.seed);
        let mut draw = Draw::whole(pairs);
        for _ in 0..self.resamples {
            // A person with a genuine comparison and two with an impostor comparison are enough, and a draw holds
            // three given people more than once in five times: this ends.
            loop {
                draw.again(pairs, &mut random);
                if draw.totals.genuine > 0 && draw.totals.impostor > 0 {
                    break;
                }
            }
            take(&draw)?;
        }
        Ok(())
    }

    /// A value and its resampled values.
    pub(super) fn summary(&self, resampled: Resampled, value: f64, mut values: Vec<f64>) -> Estimate {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        values.sort_unstable_by(f64::total_cmp);
        let tail = (1.0 - self.level) / 2.0;
        Estimate {
            value,
            interval: Interval {
                low: percentile(&values, tail),
                high: percentile(&values, 1.0 - tail),
                level: self.level,
            },
            standard_error: (squares / (count - 1.0)).sqrt(),
            resampled,
            resamples: values.len(),
        }
    }
}

fn prepare<'a>(pairs: &'a ScoredPairs, statistics: &[Statistic]) -> Result<Vec<Prepared<'a>>, Error> {
    statistics.iter().map(|&statistic| Prepared::new(pairs, statistic)).collect()
}

pub(super) fn check_same(a: &ScoredPairs, b: &ScoredPairs) -> Result<(), Error> {
    if a.order.len() != b.order.len() {
        return Err(Error::Length {
            what: "pairs of the second model",
            expected: a.order.len(),
            got: b.order.len(),
        });
    }
    let different = a.order.iter().zip(&b.order).position(|(x, y)| x != y);
    let same_photos = match (&a.numbers, &b.numbers) {
        (Numbers::Listed { .. }, Numbers::Listed { .. }) => true,
        (Numbers::Photos(a), Numbers::Photos(b)) => {
            a.iter().map(|one| one.count).eq(b.iter().map(|one| one.count))
        }
        _ => false,
    };
    if a.resampled() == b.resampled() && different.is_none() && a.strata == b.strata && same_photos {
        return Ok(());
    }
    Err(Error::Item {
        what: "pair",
        number: different.unwrap_or(0),
        problem:
            "the two models compared other people here, but a paired comparison needs the same pairs in \
                  the same order"
                .to_owned(),
    })
}

/// How often each unit was drawn.
pub(super) struct Draw {
    pub(super) weights: Vec<u32>,
    pub(super) totals: Totals,
}

impl Draw {
    /// Every unit once: the comparisons as they are.
    pub(super) fn whole(pairs: &ScoredPairs) -> Self {
        let weights = vec![1; pairs.units()];
        Self { totals: pairs.totals(&weights), weights }
    }

    /// Draws as many units of each stratum as it has, with replacement.
    fn again(&mut self, pairs: &ScoredPairs, random: &mut fastrand::Rng) {
        let mut start = 1;
        for &size in &pairs.strata {
            let weights = &mut self.weights[start..start + size];
            weights.fill(0);
            for _ in 0..size {
                weights[random.usize(..size)] += 1;
            }
            start += size;
        }
        self.totals = pairs.totals(&self.weights);
    }

    fn value(&self, statistic: &mut Prepared) -> Result<f64, Error> {
        statistic.value(&self.weights, &self.totals)
    }
}

/// A percentile of ascending values: value number `p (n + 1)`, counted from 1, or between two of them in proportion.
pub(super) fn percentile(values: &[f64], p: f64) -> f64 {
    let last = values.len() - 1;
    let place = (p * (values.len() + 1) as f64 - 1.0).clamp(0.0, last as f64);
    let low = place.floor() as usize;
    let high = (low + 1).min(last);
    values[low] + (values[high] - values[low]) * (place - low as f64)
}
