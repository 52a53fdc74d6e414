//! One face against another: from a score to both error rates and the likelihood ratio.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::likelihood::Likelihood;
use super::tail::Tail;
use super::{Estimate, LEAST_EVENTS, PER_DECADE, Support, rounded, spread};
use crate::Error;
use crate::comparisons::{Comparisons, Impostor};

/// The fit of the tail looks this many times further down than the rarest rate that was measured: 1,000 events.
const TAIL_EVENTS: usize = 100;
/// The tail is believed for rates down to this share of the rarest that was measured.
pub(super) const EXTRAPOLATION: f64 = 0.1;
/// Parts that people are dealt into, to see how much the fit of the tail depends on who is there.
const GROUPS: u32 = 10;
/// Most knots in a map.
pub(super) const MOST_KNOTS: usize = 200;

/// What a score stands for, at knots of ascending score. Between knots the logarithm of the false match rate and
/// all else runs in straight lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verification {
    /// False match rates are measured up to this score and extrapolated beyond it.
    supported: f64,
    /// False non-match rates stand on ten rejections or more from this score on.
    fnmr_supported: f64,
    /// Threshold, ascending.
    score: Vec<f64>,
    /// Share of impostor pairs that score at least that, descending and above 0.
    fmr: Vec<f64>,
    /// Variance that one person brings to the logit of `fmr`.
    fmr_spread: Vec<f64>,
    /// Share of genuine pairs that score less, ascending.
    fnmr: Vec<f64>,
    /// Variance that one person brings to the logit of `fnmr`.
    fnmr_spread: Vec<f64>,
    /// Natural logarithm of the likelihood ratio, ascending.
    llr: Vec<f64>,
    /// The tail that `fmr` follows beyond `supported`.
    tail: Tail,
}

/// The rarest event of which there are enough.
pub(super) struct Supported {
    /// How many scores are at least `score`.
    pub(super) count: usize,
    pub(super) score: f64,
}

impl Supported {
    /// Looks for ten scores of ten pairs of people, in (score, pair of people) of descending score.
    pub(super) fn find(events: impl Iterator<Item = (f32, (u32, u32))>) -> Result<Self, Error> {
        let mut pairs = HashSet::new();
        let mut count = 0;
        let mut last = None;
        for (score, pair) in events {
            if let Some(last) = last
                && last > score
            {
                return Ok(Self { count, score: between(score, last) });
            }
            count += 1;
            if pairs.len() < LEAST_EVENTS {
                pairs.insert(pair);
            }
            if count >= LEAST_EVENTS && pairs.len() >= LEAST_EVENTS {
                last = Some(score);
            }
        }
        match last {
            Some(score) => Ok(Self { count, score: f64::from(score) }),
            None => Err(Error::TooFew {
                what: "pairs of different people (with a score among the highest)",
                found: pairs.len(),
                needed: LEAST_EVENTS,
            }),
        }
    }
}

/// A threshold that truly lies between two scores.
pub(super) fn between(low: f32, high: f32) -> f64 {
    0.5 * (f64::from(low) + f64::from(high))
}

/// The smallest threshold that at most `most` of the descending scores reach.
pub(super) fn strict_threshold(len: usize, most: usize, score: impl Fn(usize) -> f32) -> Option<f64> {
    let next = (most < len).then(|| score(most))?;
    let mut above = most;
    while above > 0 && score(above - 1) <= next {
        above -= 1;
    }
    (above > 0).then(|| between(next, score(above - 1)))
}

impl Verification {
    pub(super) fn of(comparisons: &Comparisons) -> Result<Self, Error> {
        let events = comparisons.tail();
        let supported = Supported::find(
            events.iter().map(|event| (event.score, (event.a.min(event.b), event.a.max(event.b)))),
        )?;
        let tail = Fitted::of(comparisons, supported)?;
        let mut score = thresholds(comparisons, &tail);
        score.sort_unstable_by(f64::total_cmp);
        score.iter_mut().for_each(|score| *score = rounded(*score, 9));
        score.dedup();

        let mut map = Self {
            supported: rounded(tail.supported.score, 9),
            fnmr_supported: lowest_rejections(comparisons),
            fmr: Vec::new(),
            fmr_spread: false_match_spreads(comparisons, &tail, &score),
            fnmr: score.iter().map(|&score| rounded(comparisons.fnmr(score), 7)).collect(),
            fnmr_spread: false_non_match_spreads(comparisons, &score),
            llr: Vec::new(),
            score,
            tail: tail.tail,
        };
        let mut above = 1.0f64;
        let likelihood = Likelihood::of(comparisons);
        for &score in &map.score {
            let rate = if score <= tail.supported.score { comparisons.fmr(score) } else { tail.rate(score) };
            above = above.min(rate.max(tail.rate * EXTRAPOLATION));
            map.fmr.push(rounded(above, 7));
            map.llr.push(rounded(likelihood.at(score), 6));
        }
        map.check().map_err(|reason| Error::Calibration { file: "the comparisons".to_owned(), reason })?;
        Ok(map)
    }

    /// False match rate of a threshold.
    pub(super) fn fmr(&self, score: f64) -> Estimate {
        let logarithms: Vec<f64> = self.fmr.iter().map(|rate| rate.ln()).collect();
        let floor = self.fmr.last().copied().unwrap_or(1.0);
        let value = self.at(&logarithms, score).exp();
        let support = if score <= self.supported {
            Support::Measured
        } else if value > floor * (1.0 + 1e-9) {
            Support::Extrapolated
        } else {
            Support::Beyond
        };
        Estimate { value, spread: self.at(&self.fmr_spread, score), support }
    }

    /// False non-match rate of a threshold.
    pub(super) fn fnmr(&self, score: f64) -> Estimate {
        let support = if score >= self.fnmr_supported { Support::Measured } else { Support::Extrapolated };
        Estimate { value: self.at(&self.fnmr, score), spread: self.at(&self.fnmr_spread, score), support }
    }

    /// Natural logarithm of the likelihood ratio of a score.
    pub(super) fn llr(&self, score: f64) -> f64 {
        self.at(&self.llr, score)
    }

    /// The smallest false match rate there is a threshold for.
    pub(super) fn least(&self) -> f64 {
        self.fmr.last().copied().unwrap_or(1.0)
    }

    /// The smallest threshold whose false match rate is at most `fmr`, or `None` below [`least`](Self::least).
    pub(super) fn threshold(&self, fmr: f64) -> Option<f64> {
        let knot = self.fmr.iter().position(|&rate| rate <= fmr)?;
        if knot == 0 {
            return Some(self.score[0]);
        }
        let (above, below) = (self.fmr[knot - 1].ln(), self.fmr[knot].ln());
        let part = (above - fmr.ln()) / (above - below);
        Some(self.score[knot - 1] + part.clamp(0.0, 1.0) * (self.score[knot] - self.score[knot - 1]))
    }

    fn at(&self, values: &[f64], score: f64) -> f64 {
        let above = self.score.partition_point(|&knot| knot <= score);
        match above {
            0 => values[0],
            _ if above == self.score.len() => values[above - 1],
            _ => {
                let (low, high) = (self.score[above - 1], self.score[above]);
                let part = (score - low) / (high - low);
                values[above - 1] + part * (values[above] - values[above - 1])
            }
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let knots = self.score.len();
        if !(2..=MOST_KNOTS).contains(&knots) {
            return Err(format!("the map has {knots} knots and not 2 to {MOST_KNOTS}"));
        }
        let columns = [
            ("fmr", &self.fmr),
            ("fmr_spread", &self.fmr_spread),
            ("fnmr", &self.fnmr),
            ("fnmr_spread", &self.fnmr_spread),
            ("llr", &self.llr),
            ("score", &self.score),
        ];
        for (name, column) in columns {
            if column.len() != knots {
                return Err(format!("{name} has {} values for {knots} knots", column.len()));
            }
            if let Some(at) = column.iter().position(|value| !value.is_finite()) {
                return Err(format!("{name} {at} is {}", column[at]));
            }
            if name.ends_with("spread") && column.iter().any(|&spread| spread < 0.0) {
                return Err(format!("{name} has a variance below 0"));
            }
        }
        if !self.score.is_sorted_by(|a, b| a < b) {
            return Err("score does not rise from knot to knot".to_owned());
        }
        if !self.fmr.is_sorted_by(|a, b| a >= b) || self.fmr.iter().any(|&rate| !(rate > 0.0 && rate <= 1.0))
        {
            return Err("fmr does not fall from 1 towards 0".to_owned());
        }
        if !self.fnmr.is_sorted() || self.fnmr.iter().any(|rate| !(0.0..=1.0).contains(rate)) {
            return Err("fnmr does not rise from 0 to 1".to_owned());
        }
        if !self.llr.is_sorted() {
            return Err("llr falls where the score rises".to_owned());
        }
        if !(self.supported.is_finite() && self.fnmr_supported.is_finite()) {
            return Err("supported is not a number".to_owned());
        }
        self.tail.check()
    }
}

/// The tail of the impostor scores, tied to the rarest rate that was measured.
struct Fitted {
    tail: Tail,
    /// The same without each group of people.
    without: Vec<Tail>,
    supported: Supported,
    /// False match rate there.
    rate: f64,
}

impl Fitted {
    fn of(comparisons: &Comparisons, supported: Supported) -> Result<Self, Error> {
        let events = comparisons.tail();
        let wanted = (supported.count * TAIL_EVENTS).min(events.len());
        let start = f64::from(events[wanted - 1].score);
        let score = |event: &Impostor| f64::from(event.score);
        let too_few =
            Error::TooFew { what: "different impostor scores at the top", found: 1, needed: LEAST_EVENTS };
        let tail = Tail::fit(start, events[..wanted].iter().map(score)).ok_or(too_few)?;
        let group = |person: u32| person % GROUPS;
        let without = (0..GROUPS)
            .filter_map(|left_out| {
                let others = |event: &&Impostor| group(event.a) != left_out && group(event.b) != left_out;
                Tail::fit(start, events[..wanted].iter().filter(others).map(score))
            })
            .collect();
        let rate = supported.count as f64 / comparisons.impostor_count() as f64;
        Ok(Self { tail, without, supported, rate })
    }

    /// False match rate beyond what was measured.
    fn rate(&self, score: f64) -> f64 {
        self.rate * self.tail.beyond(score) / self.tail.beyond(self.supported.score)
    }

    /// Variance, for one person, of the logarithm of the rate beyond what was measured relative to the rarest rate
    /// measured: a jackknife over groups of people.
    fn spread(&self, score: f64, people: usize) -> f64 {
        let shares: Vec<f64> = self
            .without
            .iter()
            .map(|tail| tail.beyond(score) / tail.beyond(self.supported.score))
            // Some of the fits may end before this score; how far below the others they are is then not known.
            .map(|share| if share.is_finite() { share.max(EXTRAPOLATION * EXTRAPOLATION).ln() } else { 0.0 })
            .collect();
        let count = shares.len() as f64;
        if count < 2.0 {
            return 0.0;
        }
        let mean = shares.iter().sum::<f64>() / count;
        let variance = shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() * (count - 1.0) / count;
        variance * people as f64
    }
}

/// The lowest score at which ten genuine pairs are rejected.
fn lowest_rejections(comparisons: &Comparisons) -> f64 {
    let genuine = comparisons.genuine();
    let tenth = genuine[(LEAST_EVENTS - 1).min(genuine.len() - 1)].score;
    // Pairs without a score are rejected at every threshold.
    rounded(f64::from(tenth).max(lowest(comparisons)), 9)
}

fn lowest(comparisons: &Comparisons) -> f64 {
    let impostors = comparisons.impostors();
    let bin = impostors.counts().iter().position(|&count| count > 0).unwrap_or(0);
    let genuine = comparisons.genuine().iter().map(|genuine| genuine.score).find(|score| score.is_finite());
    genuine.map_or(f64::INFINITY, f64::from).min(impostors.edge(bin))
}

/// Where the knots are: at chosen false match rates, at chosen false non-match rates, beyond what was measured, and
/// at both ends.
fn thresholds(comparisons: &Comparisons, tail: &Fitted) -> Vec<f64> {
    let events = comparisons.tail();
    let total = comparisons.impostor_count() as f64;
    let mut found = vec![lowest(comparisons), tail.supported.score];

    let mut steps: Vec<f64> = (1..10).map(|tenth| 1.0 - f64::from(tenth) * 0.1).collect();
    steps.extend(
        (11..).map(|step| 10f64.powf(-f64::from(step) / PER_DECADE)).take_while(|&rate| rate > tail.rate),
    );
    for rate in steps {
        let most = (rate * total) as usize;
        if most < events.len() {
            found.extend(strict_threshold(events.len(), most, |at| events[at].score));
        } else {
            let impostors = comparisons.impostors();
            let mut above = 0.0;
            let bin = impostors.counts().iter().rposition(|&count| {
                above += count as f64;
                above > rate * total
            });
            found.extend(bin.map(|bin| impostors.edge(bin + 1)).filter(|&edge| edge < comparisons.cut()));
        }
    }
    found.retain(|&score| score <= tail.supported.score);

    let genuine = comparisons.genuine();
    let mut steps: Vec<f64> = (1..20).map(|step| 0.05 * f64::from(step)).chain([0.98, 0.99, 0.995]).collect();
    steps.extend((6..30).map(|step| 10f64.powf(-f64::from(step) / 5.0)));
    for rate in steps {
        let at = (rate * genuine.len() as f64) as usize;
        if at >= LEAST_EVENTS && at < genuine.len() && genuine[at - 1].score.is_finite() {
            found.push(between(genuine[at - 1].score, genuine[at].score));
        }
    }

    let step = |step: u32| EXTRAPOLATION.powf(f64::from(step) / PER_DECADE);
    let share = tail.tail.beyond(tail.supported.score);
    let beyond: Vec<f64> = (1..=PER_DECADE as u32).map(|at| tail.tail.score_at(share * step(at))).collect();
    let highest = [genuine.last().map(|genuine| genuine.score), events.first().map(|event| event.score)];
    let highest = highest.into_iter().flatten().map(f64::from).fold(tail.supported.score, f64::max);
    found.extend(&beyond);
    // Beyond the last score of all, everybody is rejected.
    found.extend([highest, highest + 1e-6 * highest.abs().max(1.0)]);
    found.retain(|score| score.is_finite());
    found
}

fn false_match_spreads(comparisons: &Comparisons, tail: &Fitted, scores: &[f64]) -> Vec<f64> {
    let total = comparisons.impostor_count() as f64;
    let people = comparisons.identities();
    let weights: Vec<f64> = comparisons.impostors_of().iter().map(|&pairs| pairs as f64).collect();
    let mut of = vec![0.0; people];
    let mut events = comparisons.tail().iter().peekable();
    let mut count = 0.0;
    // (rate, spread of its logit) at those of the knots that are measured in the tail, from high to low scores.
    let (mut rates, mut spreads) = (Vec::new(), Vec::new());
    for &score in scores.iter().rev() {
        if score > tail.supported.score || score < comparisons.cut() {
            continue;
        }
        while let Some(event) = events.next_if(|event| f64::from(event.score) >= score) {
            of[event.a as usize] += 1.0;
            of[event.b as usize] += 1.0;
            count += 1.0;
        }
        let rate = count / total;
        // Where nearly all pairs match, the rate says nothing.
        let room = (1.0 - rate).max(1e-6);
        rates.push(rate);
        spreads.push(spread::spread(&of, &weights, count, total) / (room * room));
    }
    let smooth = spread::smoothed(&rates, &spreads);
    let (Some(&rarest), Some(&commonest)) = (smooth.first(), smooth.last()) else {
        return vec![0.0; scores.len()];
    };
    // Rarer events depend on fewer people: the last decade says how fast. They cannot depend on less than they do
    // now, nor on more than if each were by itself.
    let decade = rates.iter().position(|&rate| rate >= 10.0 * rates[0]).unwrap_or(rates.len() - 1);
    let slope = if decade > 0 && rarest > 0.0 && smooth[decade] > 0.0 {
        ((rarest / smooth[decade]).ln() / (rates[decade] / rates[0]).ln()).clamp(0.0, 1.0)
    } else {
        1.0
    };
    let mut measured = smooth.iter().rev();
    let spread_at = |&score: &f64| {
        if score < comparisons.cut() {
            commonest
        } else if score <= tail.supported.score {
            measured.next().copied().unwrap_or(commonest)
        } else {
            let share = (tail.rate(score) / tail.rate).clamp(EXTRAPOLATION, 1.0);
            rarest * share.powf(-slope) + tail.spread(score, people)
        }
    };
    scores.iter().map(spread_at).map(|spread| rounded(spread, 5)).collect()
}

fn false_non_match_spreads(comparisons: &Comparisons, scores: &[f64]) -> Vec<f64> {
    let with_pairs: Vec<usize> =
        (0..comparisons.identities()).filter(|&place| comparisons.genuine_of()[place] > 0).collect();
    let weights: Vec<f64> = with_pairs.iter().map(|&place| comparisons.genuine_of()[place] as f64).collect();
    let mut index = vec![0; comparisons.identities()];
    with_pairs.iter().enumerate().for_each(|(at, &place)| index[place] = at);
    let mut of = vec![0.0; with_pairs.len()];
    let total = comparisons.genuine().len() as f64;
    let mut genuine = comparisons.genuine().iter().peekable();
    let mut count = 0.0;
    let (mut rates, mut spreads) = (Vec::new(), Vec::new());
    for &score in scores {
        while let Some(rejected) = genuine.next_if(|genuine| f64::from(genuine.score) < score) {
            of[index[rejected.identity as usize]] += 1.0;
            count += 1.0;
        }
        let rate = count / total;
        let enough = count >= LEAST_EVENTS as f64 && total - count >= LEAST_EVENTS as f64;
        let spread = spread::spread(&of, &weights, count, total);
        spreads.push(if enough { spread / (1.0 - rate).powi(2) } else { 0.0 });
        // Where nothing was rejected yet, the neighbours' spread is a better guess than none.
        rates.push(if count > 0.0 { rate } else { 0.5 / total });
    }
    spread::smoothed(&rates, &spreads).into_iter().map(|spread| rounded(spread, 5)).collect()
}
