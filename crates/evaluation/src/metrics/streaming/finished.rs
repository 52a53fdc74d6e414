//! Rates of scores that were streamed, each with whether it is exact.

use super::super::operating_point::OperatingPoint;
use super::super::roc::{Roc, RocPoint};
use super::super::scores::allowed;
use super::super::thinning::Thinning;
use super::histogram::{Accumulated, Count, Histogram};
use super::{StreamingScores, order};
use crate::Error;

/// Scores that were streamed, ready for questions: see [`StreamingScores::finish`].
#[derive(Clone, Debug)]
pub struct StreamedScores {
    /// Impostors above the floor, ascending.
    tail: Vec<u32>,
    floor: u32,
    at_floor: u64,
    /// Impostors below the floor.
    below: Option<Accumulated>,
    impostors: Kind,
    /// Ascending; empty if there are bins.
    genuine: Vec<u32>,
    genuine_bins: Option<Accumulated>,
    genuine_pairs: Kind,
}

#[derive(Clone, Copy, Debug)]
struct Kind {
    /// With those without a score.
    total: u64,
    scored: u64,
}

/// A threshold from streamed scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StreamedThreshold {
    /// A pair is accepted if its score is this or more. In the units of the scores.
    pub threshold: f64,
    /// Whether this is what [`Scores::threshold_at_fmr`](crate::Scores::threshold_at_fmr) would give of all scores.
    /// If not, it may be higher than that, by one bin of the histogram at most.
    pub exact: bool,
}

/// A threshold and the rates there, from streamed scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StreamedPoint {
    /// The threshold and the rates. Where a rate is not an exact count, it is too high rather than too low, by the
    /// share of the scores in one bin at most.
    pub point: OperatingPoint,
    /// Whether all of it is what [`Scores`](crate::Scores) would give of all scores.
    pub exact: bool,
}

impl StreamedScores {
    pub(super) fn new(taken: StreamingScores) -> Result<Self, Error> {
        let StreamingScores { mut impostors, mut genuine, .. } = taken;
        let kind = |scored, without| Kind { total: scored + without, scored };
        let genuine_pairs = kind(genuine.count, taken.genuine_without_score);
        let impostor_pairs = kind(impostors.count, taken.impostors_without_score);
        if genuine_pairs.total == 0 {
            return Err(Error::Empty { what: "genuine score (pair of the same person)" });
        }
        if impostor_pairs.total == 0 {
            return Err(Error::Empty { what: "impostor score (pair of different people)" });
        }
        if genuine_pairs.scored + impostor_pairs.scored == 0 {
            return Err(Error::Empty { what: "pair with a score" });
        }
        impostors.tail.sort_unstable();
        genuine.kept.sort_unstable();
        Ok(Self {
            tail: impostors.tail,
            floor: impostors.floor,
            at_floor: impostors.at_floor,
            below: impostors.below.map(Histogram::accumulate),
            impostors: impostor_pairs,
            genuine: genuine.kept,
            genuine_bins: genuine.bins.map(Histogram::accumulate),
            genuine_pairs,
        })
    }

    /// How many genuine pairs there are, with those without a score; at least 1.
    pub fn genuine_count(&self) -> u64 {
        self.genuine_pairs.total
    }

    /// How many impostor pairs there are, with those without a score; at least 1.
    pub fn impostor_count(&self) -> u64 {
        self.impostors.total
    }

    /// The rates at a threshold, a deployed one say. O(log n).
    pub fn at(&self, threshold: f64) -> StreamedPoint {
        let key = order::first_at_or_above(threshold);
        let nothing = Count::exactly(0);
        let matches = key.map_or(nothing, |key| self.impostors_from(key));
        let accepted = key.map_or(nothing, |key| self.genuine_from(key));
        let rejected = self.genuine_pairs.total - accepted.least;
        StreamedPoint {
            point: OperatingPoint {
                threshold,
                fmr: matches.most as f64 / self.impostors.total as f64,
                fnmr: rejected as f64 / self.genuine_pairs.total as f64,
                false_matches: usize::try_from(matches.most).unwrap_or(usize::MAX),
            },
            exact: matches.is_exact() && accepted.is_exact(),
        }
    }

    /// The smallest threshold whose FMR is `fmr` or less, as
    /// [`Scores::threshold_at_fmr`](crate::Scores::threshold_at_fmr) has it; from the histogram, the lowest edge of a
    /// bin for which that holds. A NaN or negative `fmr` is taken as 0. O(log n).
    pub fn threshold_at_fmr(&self, fmr: f64) -> StreamedThreshold {
        let allowed = allowed(fmr, self.impostors.total);
        let above_floor = self.tail.len() as u64;
        if allowed >= self.impostors.scored {
            return self.lowest();
        }
        let just_above =
            |key| StreamedThreshold { threshold: f64::from(order::score(key)).next_up(), exact: true };
        if allowed < above_floor {
            // Of the ascending tail, the one of which `allowed` are above.
            return just_above(self.tail[(above_floor - 1 - allowed) as usize]);
        }
        if allowed < above_floor + self.at_floor {
            return just_above(self.floor);
        }
        // The lowest edge of a bin that may be accepted, but not beyond the floor, above which there is nothing more.
        let rest = allowed - above_floor - self.at_floor;
        let edge = self.below.as_ref().map_or(self.floor, |bins| bins.lowest_edge(rest).min(self.floor));
        StreamedThreshold { threshold: order::score(edge).into(), exact: false }
    }

    /// FNMR at the smallest threshold whose FMR is `fmr` or less: see
    /// [`Scores::fnmr_at_fmr`](crate::Scores::fnmr_at_fmr). O(log n).
    pub fn fnmr_at_fmr(&self, fmr: f64) -> StreamedPoint {
        let found = self.threshold_at_fmr(fmr);
        let StreamedPoint { point, exact } = self.at(found.threshold);
        StreamedPoint { point, exact: exact && found.exact }
    }

    /// The ROC in at most `max_points` points (at least 5), for drawing: see [`Roc::thinned`].
    ///
    /// Each point lies truly on the curve. In the tail there is one for every score to choose from, below it one for
    /// every bin. O(n log n) in the scores that were kept.
    pub fn roc(&self, max_points: usize) -> Roc {
        let start = RocPoint { threshold: self.above_all(), fmr: 0.0, tar: 0.0 };
        let steps = self.steps();
        let all = steps.len() < max_points;
        let points = std::iter::once(start).chain(steps.into_iter().map(|key| RocPoint {
            threshold: order::score(key).into(),
            fmr: self.impostors_from(key).most as f64 / self.impostors.total as f64,
            tar: self.genuine_from(key).least as f64 / self.genuine_pairs.total as f64,
        }));
        if all {
            return Roc { points: points.collect() };
        }
        let lowest = |kind: Kind| 1.0 / kind.total as f64;
        let mut thinning = Thinning::new(max_points, lowest(self.impostors), lowest(self.genuine_pairs));
        points.for_each(|point| thinning.push(point));
        thinning.finish()
    }

    /// The keys at which both counts are exact and one of them may change, descending.
    fn steps(&self) -> Vec<u32> {
        let mut steps: Vec<u32> = self.below.iter().flat_map(Accumulated::edges).collect();
        let floor = (self.at_floor > 0).then_some(self.floor);
        match &self.genuine_bins {
            None => {
                let (low, high) =
                    self.genuine.split_at(self.genuine.partition_point(|&key| key < self.floor));
                match &self.below {
                    Some(bins) => steps.extend(low.iter().map(|&key| bins.edge(key))),
                    None => steps.extend(low),
                }
                steps.extend(high.iter().chain(&self.tail).chain(&floor));
            }
            Some(bins) => {
                steps.extend(bins.edges());
                steps.extend(self.tail.iter().chain(&floor).map(|&key| bins.edge(key)));
            }
        }
        steps.sort_unstable_by(|a, b| b.cmp(a));
        steps.dedup();
        steps
    }

    /// Impostor scores with this key or a higher one.
    fn impostors_from(&self, key: u32) -> Count {
        if key > self.floor {
            return at_or_above(&self.tail, key);
        }
        let from_floor = self.tail.len() as u64 + self.at_floor;
        let below = match &self.below {
            Some(bins) if key < self.floor => bins.at_or_above(key),
            _ => Count::exactly(0),
        };
        Count { least: from_floor + below.least, most: from_floor + below.most }
    }

    /// Genuine scores with this key or a higher one.
    fn genuine_from(&self, key: u32) -> Count {
        match &self.genuine_bins {
            None => at_or_above(&self.genuine, key),
            Some(bins) => bins.at_or_above(key),
        }
    }

    /// The lowest score, or the lower edge of the lowest bin: it accepts every score there is.
    fn lowest(&self) -> StreamedThreshold {
        let floor = (self.at_floor > 0).then_some(self.floor);
        let impostor = match &self.below {
            Some(bins) => Some(bins.lowest()),
            None => floor.or(self.tail.first().copied()),
        };
        let genuine = match &self.genuine_bins {
            None => self.genuine.first().copied(),
            Some(bins) => Some(bins.lowest()),
        };
        let key = [impostor, genuine].into_iter().flatten().min().unwrap_or_default();
        let exact = self.below.is_none() && self.genuine_bins.is_none();
        StreamedThreshold { threshold: order::score(key).into(), exact }
    }

    /// The next f64 after the highest score, or after the highest bin: it accepts nothing.
    fn above_all(&self) -> f64 {
        let floor = (self.at_floor > 0).then_some(self.floor);
        let genuine = match &self.genuine_bins {
            None => self.genuine.last().copied(),
            Some(bins) => Some(bins.highest()),
        };
        let highest = [self.tail.last().copied(), floor, genuine].into_iter().flatten().max();
        highest.map_or(f64::INFINITY, |key| f64::from(order::score(key)).next_up())
    }
}

/// How many of the keys, ascending, are this one or higher.
fn at_or_above(keys: &[u32], key: u32) -> Count {
    Count::exactly((keys.len() - keys.partition_point(|&other| other < key)) as u64)
}
