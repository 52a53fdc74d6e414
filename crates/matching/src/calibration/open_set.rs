//! One face against a gallery: how often a person who is not enrolled is taken for somebody.
//!
//! With independent comparisons a gallery of `N` would give `FPIR = 1 - (1 - FMR)^N`. They are not independent: some
//! faces resemble many people, and some people are resembled by many. So the rate is taken from searches in galleries
//! that could have been, for every face and every choice of `N` of the other people. It is tabled by gallery size.
//! A gallery larger than the calibration has people takes its rate from the largest that was measured: `c` times
//! as many people at a threshold that each reaches `c` times less often. That is exact where hits are rare.
//! All people have about as many photos here; galleries where they do not are those of [`levels`](super::levels).

use serde::{Deserialize, Serialize};

use super::searches::{Hit, Searches};
use super::tail::Tail;
use super::variation::{SearchEstimate, Variation};
use super::verification::{EXTRAPOLATION, MOST_KNOTS, Supported, strict_threshold};
use super::{Estimate, LEAST_EVENTS, Support, rounded, spread};
use crate::Error;

/// Knots per decade of the rate with which a face hits one person ...
const STEPS: f64 = 8.0;
/// ... which start here: even 25 people then mean a hit nearly always.
const COMMONEST: f64 = 0.1;
/// Hits that the tail is fitted to, for each that makes the rarest rate.
const TAIL_EVENTS: usize = 100;
/// Most sizes of galleries in a table.
const MOST_SIZES: usize = 64;

/// False positive identification rates by gallery size and threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OpenSet {
    /// Photos enrolled of a person, on average.
    photos: f64,
    /// Rates are measured up to this score and extrapolated beyond it.
    supported: f64,
    /// Thresholds, ascending; the last is `supported`.
    score: Vec<f64>,
    /// The tail of the scores of a face with a person that is somebody else.
    tail: Tail,
    /// By ascending size, from 1 to all people but one.
    gallery: Vec<Table>,
}

/// The rates of galleries of one size, at the thresholds of the [`OpenSet`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// People enrolled.
    size: usize,
    /// Share of searches for others that find somebody, descending and above 0.
    fpir: Vec<f64>,
    /// Variance of its logit that comes with a person who is both searched for and, at other times, enrolled.
    both: Vec<f64>,
    /// ... with a person who is searched for.
    probe: Vec<f64>,
    /// ... with a person who is enrolled.
    enrolled: Vec<f64>,
    /// ... with each two of them, apart from what comes with either.
    pair: Vec<f64>,
}

impl OpenSet {
    /// The average over several times that people were enrolled, with `photos` photos on average.
    pub(super) fn of(photos: f64, searches: &[Searches]) -> Result<Self, Error> {
        let (people, faces) = (searches[0].people(), searches[0].person.len());
        let pair = |of: &Searches, hit: &Hit| (of.person[hit.probe as usize], hit.enrolled);
        let mut hits: Vec<(f32, (u32, u32))> =
            searches.iter().flat_map(|of| of.hits.iter().map(|hit| (hit.score, pair(of, hit)))).collect();
        hits.sort_unstable_by(|x, y| y.0.total_cmp(&x.0).then(x.1.cmp(&y.1)));
        let supported = Supported::find(hits.iter().copied())?;
        let wanted = (supported.count * TAIL_EVENTS).min(hits.len());
        let start = f64::from(hits[wanted - 1].0);
        let tail =
            Tail::fit(start, hits[..wanted].iter().map(|hit| f64::from(hit.0))).ok_or(Error::TooFew {
                what: "different scores at the top of the searches",
                found: 1,
                needed: LEAST_EVENTS,
            })?;

        let comparisons = (searches.len() * faces * (people - 1)) as f64;
        let mut score = vec![supported.score];
        for step in 0.. {
            let most = (COMMONEST * 10f64.powf(-f64::from(step) / STEPS) * comparisons) as usize;
            if most <= supported.count || score.len() == MOST_KNOTS {
                break;
            }
            score.extend(strict_threshold(hits.len(), most, |at| hits[at].0));
        }
        let cut = searches.iter().map(|of| of.cut).fold(f64::NEG_INFINITY, f64::max);
        score.retain(|&score| score <= supported.score && score >= cut);
        score.iter_mut().for_each(|score| *score = rounded(*score, 9));
        score.sort_unstable_by(f64::total_cmp);
        score.dedup();

        let mut gallery: Vec<Table> = sizes(people - 1).map(|size| Table::empty(size, score.len())).collect();
        let mut variation = Variation::new(searches);
        for (at, &score) in score.iter().enumerate().rev() {
            variation.go_down_to(score);
            for table in &mut gallery {
                table.fill(at, &variation.of(table.size));
            }
        }
        gallery.iter_mut().for_each(Table::smooth);
        let set =
            Self { photos: rounded(photos, 4), supported: score[score.len() - 1], score, tail, gallery };
        set.check().map_err(|reason| Error::Calibration { file: "the searches".to_owned(), reason })?;
        Ok(set)
    }

    /// Photos enrolled of a person, on average; at least 1.
    pub(super) fn photos(&self) -> f64 {
        self.photos
    }

    /// The rate of galleries of `size` >= 1 people. Where nothing is known (below the lowest threshold), 1.
    pub(super) fn fpir(&self, size: usize, score: f64) -> SearchEstimate {
        let largest = self.largest();
        if size > largest {
            // As many hits as the largest gallery has where a person is hit that much more often.
            let often = self.single(score) * size as f64 / largest as f64;
            let Some(same) = self.score_of_single(often) else {
                return SearchEstimate::UNKNOWN;
            };
            let mut found = self.within(largest, same);
            found.rate.support = if self.single(score) <= self.least_single() {
                Support::Beyond
            } else {
                Support::Extrapolated
            };
            // Many people see hits that are rare for each of them; the calibration has seen that few of them.
            found.reach = (self.within(1, score).rate.spread / self.within(1, same).rate.spread).max(1.0);
            return found;
        }
        if score < self.score[0] {
            return SearchEstimate::UNKNOWN;
        }
        self.within(size, score)
    }

    /// The smallest threshold at which galleries of `size` >= 1 people have a rate of at most `fpir`, or else the
    /// smallest rate there is a threshold for.
    pub(super) fn threshold(&self, size: usize, fpir: f64) -> Result<f64, f64> {
        let largest = self.largest();
        let known = size.min(largest);
        let more = size as f64 / known as f64;
        let rates: Vec<f64> = self.score.iter().map(|&score| self.within(known, score).rate.value).collect();
        let last = rates.len() - 1;
        let (threshold, often) = match rates.iter().position(|&rate| rate <= fpir) {
            Some(0) => (self.score[0], self.single(self.score[0])),
            Some(at) => {
                let (above, below) = (rates[at - 1].ln(), rates[at].ln());
                let part = ((above - fpir.ln()) / (above - below)).clamp(0.0, 1.0);
                let threshold = self.score[at - 1] + part * (self.score[at] - self.score[at - 1]);
                (threshold, self.single(threshold))
            }
            None => {
                let share = fpir / rates[last];
                let threshold = self.tail.score_at(self.tail.beyond(self.supported) * share);
                (threshold, self.single(self.supported) * share)
            }
        };
        let often = often / more;
        if often < self.least_single() {
            return Err(fpir * self.least_single() / often.max(f64::MIN_POSITIVE));
        }
        if more > 1.0 { self.score_of_single(often).ok_or(fpir) } else { Ok(threshold) }
    }

    /// People in the largest gallery that was measured.
    fn largest(&self) -> usize {
        self.gallery[self.gallery.len() - 1].size
    }

    /// How often a face hits one person.
    fn single(&self, score: f64) -> f64 {
        self.within(1, score.max(self.score[0])).rate.value
    }

    fn least_single(&self) -> f64 {
        let fpir = &self.gallery[0].fpir;
        fpir[fpir.len() - 1] * EXTRAPOLATION
    }

    /// The score at which a face hits one person this often; `None` if that is more often than was measured.
    fn score_of_single(&self, often: f64) -> Option<f64> {
        let fpir = &self.gallery[0].fpir;
        let last = fpir[fpir.len() - 1];
        if often > fpir[0] {
            return None;
        }
        if often < last {
            return Some(self.tail.score_at(self.tail.beyond(self.supported) * often / last));
        }
        let at = fpir.iter().position(|&rate| rate <= often)?;
        if at == 0 {
            return Some(self.score[0]);
        }
        let (above, below) = (fpir[at - 1].ln(), fpir[at].ln());
        let part = ((above - often.ln()) / (above - below)).clamp(0.0, 1.0);
        Some(self.score[at - 1] + part * (self.score[at] - self.score[at - 1]))
    }

    /// The rate of a gallery of at most [`largest`](Self::largest) people at a score of at least the first.
    fn within(&self, size: usize, score: f64) -> SearchEstimate {
        let above = self.gallery.partition_point(|table| table.size < size).min(self.gallery.len() - 1);
        let upper = &self.gallery[above];
        let lower = if upper.size > size { &self.gallery[above - 1] } else { upper };
        let part = if upper.size > lower.size {
            (size as f64 / lower.size as f64).ln() / (upper.size as f64 / lower.size as f64).ln()
        } else {
            0.0
        };

        let next = self.score.partition_point(|&knot| knot <= score).clamp(1, self.score.len() - 1);
        let (left, right) = (self.score[next - 1], self.score[next]);
        let along = ((score - left) / (right - left)).clamp(0.0, 1.0);
        let mix = |column: fn(&Table) -> &Vec<f64>| {
            let at = |table| column(table)[next - 1] * (1.0 - along) + column(table)[next] * along;
            at(lower) * (1.0 - part) + at(upper) * part
        };
        let logarithm =
            |table: &Table| table.fpir[next - 1].ln() * (1.0 - along) + table.fpir[next].ln() * along;
        let mut value = (logarithm(lower) * (1.0 - part) + logarithm(upper) * part).exp();
        let (mut support, mut rarer) = (Support::Measured, 1.0);
        if score > self.supported {
            // Hits are rare and lonely here: the rate falls as that of a single one, and each counts for more.
            let share = self.tail.beyond(score) / self.tail.beyond(self.supported);
            support = if share > EXTRAPOLATION { Support::Extrapolated } else { Support::Beyond };
            let share = share.clamp(EXTRAPOLATION, 1.0);
            value *= share;
            rarer = 1.0 / share;
        }
        SearchEstimate {
            rate: Estimate { value, spread: mix(|table| &table.both) * rarer, support },
            reach: 1.0,
            probe: mix(|table| &table.probe),
            enrolled: mix(|table| &table.enrolled),
            pair: mix(|table| &table.pair) * rarer,
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if !(self.photos.is_finite() && self.photos >= 1.0) {
            return Err(format!("{} photos of a person cannot be", self.photos));
        }
        let knots = self.score.len();
        if !(2..=MOST_KNOTS).contains(&knots) {
            return Err(format!("the searches have {knots} thresholds and not 2 to {MOST_KNOTS}"));
        }
        let rising =
            self.score.is_sorted_by(|a, b| a < b) && self.score.iter().all(|score| score.is_finite());
        if !rising || self.supported != self.score[knots - 1] {
            return Err("the thresholds of the searches do not rise to the last supported one".to_owned());
        }
        self.tail.check()?;
        if self.tail.beyond(self.supported) <= 0.0 {
            return Err("the tail of the searches ends before the last threshold".to_owned());
        }
        if self.gallery.first().is_none_or(|table| table.size != 1) || self.gallery.len() > MOST_SIZES {
            return Err(format!("the searches do not have 1 to {MOST_SIZES} sizes of galleries from 1 on"));
        }
        if !self.gallery.is_sorted_by(|a, b| a.size < b.size) {
            return Err("the galleries do not grow from table to table".to_owned());
        }
        for table in &self.gallery {
            table.check(knots).map_err(|reason| format!("galleries of {}: {reason}", table.size))?;
        }
        for pair in self.gallery.windows(2) {
            if pair[0].fpir.iter().zip(&pair[1].fpir).any(|(small, large)| small > large) {
                return Err(format!(
                    "a gallery of {} has fewer false positives than one of {}",
                    pair[1].size, pair[0].size
                ));
            }
        }
        Ok(())
    }
}

/// 1, 2, 5, 10, ... and `largest`.
fn sizes(largest: usize) -> impl Iterator<Item = usize> {
    let decades = (0..9).flat_map(|power| [1, 2, 5].map(|step| step * 10usize.pow(power)));
    decades.filter(move |&size| size < largest).chain([largest])
}

impl Table {
    fn empty(size: usize, knots: usize) -> Self {
        let zeros = || vec![0.0; knots];
        Self { size, fpir: zeros(), both: zeros(), probe: zeros(), enrolled: zeros(), pair: zeros() }
    }

    fn fill(&mut self, at: usize, found: &SearchEstimate) {
        self.fpir[at] = rounded(found.rate.value, 7);
        self.both[at] = found.rate.spread;
        self.probe[at] = found.probe;
        self.enrolled[at] = found.enrolled;
        self.pair[at] = found.pair;
    }

    fn smooth(&mut self) {
        for column in [&mut self.both, &mut self.probe, &mut self.enrolled, &mut self.pair] {
            let smooth = spread::smoothed(&self.fpir, column);
            *column = smooth.into_iter().map(|spread| rounded(spread, 4)).collect();
        }
    }

    fn check(&self, knots: usize) -> Result<(), String> {
        for column in [&self.fpir, &self.both, &self.probe, &self.enrolled, &self.pair] {
            if column.len() != knots {
                return Err(format!("{} values for {knots} thresholds", column.len()));
            }
            if column.iter().any(|&value| !(value.is_finite() && value >= 0.0)) {
                return Err("a value is not a number of at least 0".to_owned());
            }
        }
        if !self.fpir.is_sorted_by(|a, b| a >= b) || self.fpir.iter().any(|&rate| rate <= 0.0 || rate > 1.0) {
            return Err("fpir does not fall from 1 towards 0".to_owned());
        }
        Ok(())
    }
}
