//! One face against a gallery: how often a person who is not enrolled is taken for somebody.
//!
//! With independent comparisons a gallery of `N` would give `FPIR = 1 - (1 - FMR)^N`. They are not independent: some
//! faces resemble many people, and some people are resembled by many. So the rate is taken from searches in galleries
//! that could have been, for every face and every choice of `N` of the other people. It is tabled by gallery size.
//! A gallery larger than the calibration has people takes its rate from the largest that was measured: `c` times
//! as many people at a threshold that each reaches `c` times less often. That is exact where hits are rare.

use serde::{Deserialize, Serialize};

use super::searches::{Hit, Searches, chances};
use super::tail::Tail;
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
pub(crate) struct OpenSet {
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

/// A false positive identification rate and what it varies with.
pub(super) struct SearchEstimate {
    /// With the variance of the logit that a person brings who is both searched for and enrolled.
    pub(super) rate: Estimate,
    /// How much more uncertain the calibration's own rate is than that, because it is drawn from rarer events.
    pub(super) reach: f64,
    pub(super) probe: f64,
    pub(super) enrolled: f64,
    pub(super) pair: f64,
}

impl OpenSet {
    pub(super) fn of(searches: &Searches) -> Result<Self, Error> {
        let hits = &searches.hits;
        let people = searches.people();
        let events = hits.iter().map(|hit| (hit.score, (searches.person[hit.probe as usize], hit.enrolled)));
        let supported = Supported::find(events)?;
        let wanted = (supported.count * TAIL_EVENTS).min(hits.len());
        let start = f64::from(hits[wanted - 1].score);
        let tail =
            Tail::fit(start, hits[..wanted].iter().map(|hit| f64::from(hit.score))).ok_or(Error::TooFew {
                what: "different scores at the top of the searches",
                found: 1,
                needed: LEAST_EVENTS,
            })?;

        let comparisons = searches.person.len() as f64 * (people - 1) as f64;
        let mut score = vec![supported.score];
        for step in 0.. {
            let most = (COMMONEST * 10f64.powf(-f64::from(step) / STEPS) * comparisons) as usize;
            if most <= supported.count || score.len() == MOST_KNOTS {
                break;
            }
            score.extend(strict_threshold(hits.len(), most, |at| hits[at].score));
        }
        score.retain(|&score| score <= supported.score && score >= searches.cut);
        score.iter_mut().for_each(|score| *score = rounded(*score, 9));
        score.sort_unstable_by(f64::total_cmp);
        score.dedup();

        let mut gallery: Vec<Table> = sizes(people - 1).map(|size| Table::empty(size, score.len())).collect();
        let mut variation = Variation::new(searches);
        for (at, &score) in score.iter().enumerate().rev() {
            variation.take(searches.count(score));
            for table in &mut gallery {
                table.fill(at, &mut variation);
            }
        }
        gallery.iter_mut().for_each(Table::smooth);
        let set = Self { supported: score[score.len() - 1], score, tail, gallery };
        set.check().map_err(|reason| Error::Calibration { file: "the searches".to_owned(), reason })?;
        Ok(set)
    }

    /// The rate of galleries of `size` >= 1 people. Where nothing is known (below the lowest threshold), 1.
    pub(super) fn fpir(&self, size: usize, score: f64) -> SearchEstimate {
        let largest = self.largest();
        if size > largest {
            // As many hits as the largest gallery has where a person is hit that much more often.
            let often = self.single(score) * size as f64 / largest as f64;
            let Some(same) = self.score_of_single(often) else {
                return self.unknown();
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
            return self.unknown();
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

    fn unknown(&self) -> SearchEstimate {
        let rate = Estimate { value: 1.0, spread: 0.0, support: Support::Beyond };
        SearchEstimate { rate, reach: 1.0, probe: 0.0, enrolled: 0.0, pair: 0.0 }
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

    fn fill(&mut self, at: usize, variation: &mut Variation<'_>) {
        let found = variation.of(self.size);
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

/// What the rate varies with, at falling thresholds.
struct Variation<'a> {
    searches: &'a Searches,
    /// For each face, how many people it hits.
    found: Vec<usize>,
    taken: usize,
    /// The hits taken, by the two people.
    sorted: Vec<Hit>,
}

impl<'a> Variation<'a> {
    fn new(searches: &'a Searches) -> Self {
        Self { searches, found: vec![0; searches.person.len()], taken: 0, sorted: Vec::new() }
    }

    /// Goes down to the first `count` hits.
    fn take(&mut self, count: usize) {
        for hit in &self.searches.hits[self.taken..count] {
            self.found[hit.probe as usize] += 1;
            self.sorted.push(*hit);
        }
        self.taken = count;
        let person = &self.searches.person;
        self.sorted.sort_unstable_by_key(|hit| (person[hit.probe as usize], hit.enrolled));
    }

    /// A search that finds somebody counts as one event, shared alike by the people whom it hits: their Shapley
    /// values, because each of them is as likely as the other to be enrolled.
    fn of(&self, size: usize) -> SearchEstimate {
        let searches = self.searches;
        let people = searches.people();
        let others = (people - 1) as f64;
        let faces = searches.person.len() as f64;
        let chance = chances(people - 1, size);

        let mut by_probe = vec![0.0; people];
        for (found, &person) in self.found.iter().zip(&searches.person) {
            by_probe[person as usize] += chance[*found];
        }
        let total: f64 = by_probe.iter().sum();
        let rate = total / faces;
        let mut by_enrolled = vec![0.0; people];
        let mut squares = 0.0;
        for cell in self.sorted.chunk_by(|x, y| {
            (searches.person[x.probe as usize], x.enrolled) == (searches.person[y.probe as usize], y.enrolled)
        }) {
            let share = |hit: &Hit| {
                let found = self.found[hit.probe as usize];
                chance[found] / found as f64
            };
            let sum: f64 = cell.iter().map(share).sum();
            by_enrolled[cell[0].enrolled as usize] += sum;
            squares += sum * sum;
        }

        let searched = &searches.faces_of;
        let enrolled: Vec<f64> = searched.iter().map(|own| (faces - own) / others).collect();
        let sums = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x + y).collect::<Vec<f64>>();
        let room = (1.0 - rate).max(1e-6).powi(2);
        let both =
            spread::spread(&sums(&by_probe, &by_enrolled), &sums(searched, &enrolled), total, faces) / room;
        let probe = spread::spread(&by_probe, searched, total, faces) / room;
        let enrolled = spread::spread(&by_enrolled, &enrolled, total, faces) / room;
        // The variance of single cells is the sum of three; the sums over rows and columns still contain some of the
        // third.
        let cells = (people as f64 * others * squares / (total * total) - 1.0) / room;
        let pair = ((cells - probe - enrolled) / (1.0 - 2.0 / others)).max(0.0);
        SearchEstimate {
            rate: Estimate { value: rate, spread: both, support: Support::Measured },
            reach: 1.0,
            probe: (probe - pair / others).max(0.0),
            enrolled: (enrolled - pair / others).max(0.0),
            pair,
        }
    }
}
