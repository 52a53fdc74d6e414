//! How sure are the rates of searches? People are drawn anew, each with all searches for them.

mod gallery;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Bootstrap, Difference, Estimate, Interval, MIN_PEOPLE, Resampled, Support, wilson};
use crate::Error;
use gallery::Alarm;
pub use gallery::{GallerySearches, PersonSearch};

/// What is taken from searches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SearchStatistic {
    /// The closed-set rank-k identification rate: the share of mated probes with the right person among the first k.
    HitRate(usize),
    /// The mean average precision over mated probes (mAP).
    MeanAveragePrecision,
    /// TPIR (also called DIR, the detection and identification rate) at a false positive identification rate: the
    /// share of mated probes whose right person is the first candidate, with a score above those of all strangers but
    /// the share that may raise an alarm. The strict rule of
    /// [`Identification::at_fpir`](crate::Identification::at_fpir) with a rank of 1. `1 - TPIR` is FNIR.
    TpirAtFpir(f64),
}

/// The searches in one gallery, or in several that were drawn from the same people.
///
/// A statistic is the mean over the galleries. Its interval is that of a bootstrap over people: each is drawn anew with
/// all searches for him or her, in every gallery at once. A false alarm takes part as often as *both* were drawn, the
/// person searched for and the person found, since both make it. Thresholds are taken anew in each draw. Who is
/// enrolled in which gallery stays as it is.
///
/// ```
/// use omote_evaluation::{Bootstrap, GallerySearches, PersonSearch, ProbeResult, SearchStatistic, SearchTrials};
///
/// // People 0..10 are enrolled and searched for; 0 and 1 are not found. 10..30 are not enrolled.
/// let mated = |person: u32| {
///     let rank = if person < 2 { 3 } else { 1 };
///     let result =
///         ProbeResult { mated: true, mate_rank: Some(rank), mate_score: Some(0.5), top_score: Some(0.6) };
///     PersonSearch { person, found: Some(person), result, average_precision: None }
/// };
/// let stranger = |person: u32| {
///     let result = ProbeResult { top_score: Some(person as f32 / 100.0), ..ProbeResult::default() };
///     PersonSearch { person, found: Some(person % 10), result, average_precision: None }
/// };
/// let searches: Vec<PersonSearch> = (0..10).map(mated).chain((10..30).map(stranger)).collect();
/// let trials = SearchTrials::new(vec![GallerySearches::new(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], &searches)?])?;
/// assert_eq!(trials.value(SearchStatistic::HitRate(1))?, 0.8);
/// let found = trials.estimate(&Bootstrap::default(), &[SearchStatistic::TpirAtFpir(0.1)])?[0];
/// assert!(found.value == 0.8 && found.interval.low < 0.65 && found.interval.high > 0.9);
/// # Ok::<(), omote_evaluation::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SearchTrials {
    galleries: Vec<GallerySearches>,
    people: usize,
}

impl SearchTrials {
    /// Galleries of the same people, searched.
    ///
    /// # Errors
    /// [`Error::Empty`] without galleries.
    pub fn new(mut galleries: Vec<GallerySearches>) -> Result<Self, Error> {
        if galleries.is_empty() {
            return Err(Error::Empty { what: "galleries" });
        }
        // People are numbered anew, from 0, so that a draw is a list of counts. Those who are enrolled and never
        // searched for are drawn as well, whether or not they are found: two methods then have the same people.
        let people: BTreeSet<u32> = galleries
            .iter()
            .flat_map(|gallery| gallery.probes.iter().map(|(person, _)| person).chain(&gallery.enrolled))
            .copied()
            .collect();
        let people: BTreeMap<u32, u32> = people.into_iter().zip(0..).collect();
        galleries.iter_mut().for_each(|gallery| gallery.renumber(|person| people[&person]));
        Ok(Self { galleries, people: people.len() })
    }

    /// The galleries, in the order in which they were given. Their people are numbered anew.
    pub fn galleries(&self) -> &[GallerySearches] {
        &self.galleries
    }

    /// The statistic in each gallery; `None` where it has no probes of a kind.
    pub fn by_gallery(&self, statistic: SearchStatistic) -> Vec<Option<f64>> {
        let all = |_: u32| 1;
        self.galleries.iter().map(|gallery| gallery.value(statistic, gallery.totals(all), all)).collect()
    }

    /// The mean over the galleries that have probes for it.
    ///
    /// # Errors
    /// [`Error::Empty`] if none has, [`Error::Setting`] for a rate outside 0..=1 or a rank of 0.
    pub fn value(&self, statistic: SearchStatistic) -> Result<f64, Error> {
        check(statistic)?;
        self.means(&[statistic], |_| 1)[0].ok_or(Error::Empty { what: "mated and non-mated probes" })
    }

    /// The standard deviation over the galleries; `None` if fewer than two have probes for it.
    pub fn standard_deviation(&self, statistic: SearchStatistic) -> Option<f64> {
        let values: Vec<f64> = self.by_gallery(statistic).into_iter().flatten().collect();
        if values.len() < 2 {
            return None;
        }
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        Some((values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt())
    }

    /// What a rate at `fpir` rests on: the fewest non-mated probes of a gallery, the fewest alarms of one, and the
    /// number of different pairs of people who raised any.
    pub fn support(&self, fpir: f64) -> Support {
        let alarms = || self.galleries.iter().map(|gallery| gallery.alarms_at(fpir));
        let pairs: HashSet<(u32, u32)> = alarms()
            .flatten()
            .map(|alarm| (alarm.person.min(alarm.found), alarm.person.max(alarm.found)))
            .collect();
        Support {
            impostors: self.galleries.iter().map(|gallery| gallery.probes().1).min().unwrap_or(0),
            false_matches: alarms().map(<[Alarm]>::len).min().unwrap_or(0),
            identity_pairs: Some(pairs.len()),
        }
    }

    /// Each statistic with its interval, all from the same draws of people. A value of 0 or 1 is the same in all draws
    /// unless their thresholds differ: its interval is [`wilson`]'s, with each person of the mated probes as one trial,
    /// or that of the draws where it reaches farther.
    ///
    /// # Errors
    /// Those of [`value`](Self::value), [`Error::TooFewPeople`] if mated probes show fewer than [`MIN_PEOPLE`],
    /// [`Error::Setting`] for a level or a number of resamples that cannot be.
    pub fn estimate(
        &self,
        bootstrap: &Bootstrap,
        statistics: &[SearchStatistic],
    ) -> Result<Vec<Estimate>, Error> {
        let whole = statistics.iter().map(|&one| self.value(one)).collect::<Result<Vec<f64>, Error>>()?;
        let mut values = vec![Vec::with_capacity(bootstrap.checked_resamples()?); statistics.len()];
        self.resample(bootstrap, &[self], |trials, weights| {
            let drawn = trials[0].means(statistics, |person| weights[person as usize]);
            values.iter_mut().zip(drawn).for_each(|(values, value)| values.extend(value));
        })?;
        let mut found = Vec::with_capacity(whole.len());
        for (whole, values) in whole.into_iter().zip(values) {
            let mut estimate = bootstrap.summary(Resampled::Identities, whole, values);
            // Where everybody is found, or nobody is, hardly a draw differs from another, and yet other people may.
            if whole == 0.0 || whole == 1.0 {
                let people = self.mated_people();
                let hits = if whole == 1.0 { people } else { 0 };
                let Interval { low, high, .. } = wilson(hits, people, bootstrap.level)?;
                let drawn = &mut estimate.interval;
                (drawn.low, drawn.high) = (drawn.low.min(low), drawn.high.max(high));
            }
            found.push(estimate);
        }
        Ok(found)
    }

    /// How many different people the mated probes show.
    fn mated_people(&self) -> usize {
        let mated =
            self.galleries.iter().flat_map(|gallery| gallery.probes.iter().filter(|(_, of)| of[0] > 0));
        mated.map(|(person, _)| person).collect::<BTreeSet<_>>().len()
    }

    /// The difference `self - other` of a statistic between two ways to search for the same people in the same
    /// galleries, both taken from the same draws.
    ///
    /// # Errors
    /// Those of [`estimate`](Self::estimate), and [`Error::Item`] or [`Error::Length`] if other people were searched
    /// for.
    pub fn difference(
        &self,
        other: &Self,
        bootstrap: &Bootstrap,
        statistic: SearchStatistic,
    ) -> Result<Difference, Error> {
        let (expected, got) = (self.galleries.len(), other.galleries.len());
        if expected != got {
            return Err(Error::Length { what: "galleries of the second method", expected, got });
        }
        let pairs = || self.galleries.iter().zip(&other.galleries);
        let differ = |(a, b): (&GallerySearches, &GallerySearches)| {
            self.people != other.people || a.probes != b.probes || a.enrolled != b.enrolled
        };
        if let Some(number) = pairs().position(differ) {
            let problem = "the two methods did not search for the same people in it".to_owned();
            return Err(Error::Item { what: "gallery", number, problem });
        }
        let whole = (self.value(statistic)?, other.value(statistic)?);
        let mut values = Vec::with_capacity(bootstrap.checked_resamples()?);
        self.resample(bootstrap, &[self, other], |trials, weights| {
            let value = |trials: &Self| trials.means(&[statistic], |person| weights[person as usize])[0];
            values.extend(value(trials[0]).zip(value(trials[1])).map(|(a, b)| a - b));
        })?;
        Ok(bootstrap.compared(Resampled::Identities, whole, values))
    }

    /// Of each statistic, the mean over the galleries that have probes for it.
    fn means(&self, statistics: &[SearchStatistic], weight: impl Fn(u32) -> u32) -> Vec<Option<f64>> {
        let mut sums = vec![(0.0, 0u32); statistics.len()];
        for gallery in &self.galleries {
            let totals = gallery.totals(&weight);
            for (&statistic, (sum, count)) in statistics.iter().zip(&mut sums) {
                if let Some(value) = gallery.value(statistic, totals, &weight) {
                    *sum += value;
                    *count += 1;
                }
            }
        }
        sums.into_iter().map(|(sum, count)| (count > 0).then(|| sum / f64::from(count))).collect()
    }

    /// Draws as many people as there are, again and again, and hands over how often each was drawn. A draw that leaves
    /// no gallery with probes of both kinds is made again: all galleries of `trials` have the same probes.
    fn resample<'a>(
        &self,
        bootstrap: &Bootstrap,
        trials: &[&'a Self],
        mut take: impl FnMut(&[&'a Self], &[u32]),
    ) -> Result<(), Error> {
        let people = self.mated_people();
        if people < MIN_PEOPLE {
            return Err(Error::TooFewPeople { people, needed: MIN_PEOPLE });
        }
        let kinds = |weights: &[u32], gallery: &GallerySearches| {
            [0, 1].map(|kind| {
                gallery.probes.iter().any(|&(person, of)| weights[person as usize] > 0 && of[kind] > 0)
            })
        };
        let wanted: Vec<[bool; 2]> =
            self.galleries.iter().map(|gallery| kinds(&vec![1; self.people], gallery)).collect();
        let best = wanted.iter().copied().max().unwrap_or_default();
        let mut random = fastrand::Rng::with_seed(bootstrap.seed);
        let mut weights = vec![0u32; self.people];
        for _ in 0..bootstrap.checked_resamples()? {
            // Two given people, one of each kind, are in a draw more than once in three times: this ends.
            loop {
                weights.fill(0);
                (0..self.people).for_each(|_| weights[random.usize(..self.people)] += 1);
                if self.galleries.iter().any(|gallery| kinds(&weights, gallery) == best) {
                    break;
                }
            }
            take(trials, &weights);
        }
        Ok(())
    }
}

fn check(statistic: SearchStatistic) -> Result<(), Error> {
    match statistic {
        SearchStatistic::HitRate(0) => {
            Err(Error::Setting { what: "rank", value: 0.0, expected: "a rank of 1 or more" })
        }
        SearchStatistic::TpirAtFpir(fpir) => Error::unless_rate("false positive identification rate", fpir),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::ProbeResult;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-6
    }

    /// `people` people with ten probes each, half of the people enrolled, and of those `lost` never found.
    fn trials(people: u32, lost: u32) -> SearchTrials {
        let half = people / 2;
        let searches: Vec<PersonSearch> = (0..10 * people)
            .map(|probe| {
                let person = probe % people;
                let mated = person < half;
                let top = if mated { 0.9 } else { f32::from(probe as u16) / 10_000.0 };
                let rank = if person < lost { 2 } else { 1 };
                let result = ProbeResult {
                    mated,
                    mate_rank: mated.then_some(rank),
                    mate_score: mated.then_some(0.8),
                    top_score: Some(top),
                };
                PersonSearch { person, found: Some(probe % half), result, average_precision: None }
            })
            .collect();
        let enrolled: Vec<u32> = (0..half).collect();
        SearchTrials::new(vec![GallerySearches::new(&enrolled, &searches).unwrap(); 3]).unwrap()
    }

    #[test]
    fn people_are_what_is_drawn_and_not_probes() {
        let found = trials(40, 4).estimate(&Bootstrap::default(), &[SearchStatistic::HitRate(1)]).unwrap()[0];
        assert!(near(found.value, 0.8) && found.resampled == Resampled::Identities, "{found:?}");
        // 4 of 20 people are lost: a standard error of 0.09, although there are 200 probes in three galleries.
        assert!((0.07..0.11).contains(&found.standard_error), "{found:?}");
        assert!(found.interval.contains(0.8));
    }

    #[test]
    fn nothing_is_certain_because_all_were_found() {
        let found = trials(40, 0).estimate(&Bootstrap::default(), &[SearchStatistic::HitRate(1)]).unwrap()[0];
        assert!(near(found.value, 1.0) && (found.interval.low - 0.839).abs() < 1e-3, "20 people: {found:?}");
        let none = trials(40, 20).estimate(&Bootstrap::default(), &[SearchStatistic::HitRate(1)]).unwrap()[0];
        assert!(near(none.value, 0.0) && (none.interval.high - 0.161).abs() < 1e-3, "20 people: {none:?}");
    }

    /// All are found above the threshold, but if one of the loud strangers is drawn once more, it rises above one of them.
    #[test]
    fn thresholds_that_rise_in_draws_widen_what_seems_certain() {
        let searches: Vec<PersonSearch> = (0..40)
            .map(|person| {
                let mated = person < 20;
                let score = match person {
                    0..20 => 0.5,
                    20..22 => 0.9,
                    _ => 0.1,
                };
                let result = ProbeResult {
                    mated,
                    mate_rank: mated.then_some(1),
                    mate_score: mated.then_some(score),
                    top_score: Some(score),
                };
                let found = if mated { person } else { person - 20 };
                PersonSearch { person, found: Some(found), result, average_precision: None }
            })
            .collect();
        let enrolled: Vec<u32> = (0..20).collect();
        let trials = SearchTrials::new(vec![GallerySearches::new(&enrolled, &searches).unwrap()]).unwrap();
        let found = trials.estimate(&Bootstrap::default(), &[SearchStatistic::TpirAtFpir(0.1)]).unwrap()[0];
        assert!(near(found.value, 1.0) && found.interval.high == 1.0, "{found:?}");
        assert!(found.interval.low < 0.1, "Wilson's alone is 0.84: {found:?}");
    }

    #[test]
    fn differences_are_paired() {
        let (good, bad) = (trials(40, 2), trials(40, 8));
        let draws = Bootstrap::default();
        let found = good.difference(&bad, &draws, SearchStatistic::HitRate(1)).unwrap();
        assert!(near(found.difference.value, 0.3) && found.difference.interval.low > 0.05, "{found:?}");
        assert!(found.p_value < 0.01);
        let none = good.difference(&good, &draws, SearchStatistic::TpirAtFpir(0.1)).unwrap();
        assert_eq!((none.difference.value, none.difference.standard_error, none.p_value), (0.0, 0.0, 1.0));
        let others = trials(44, 2);
        let error = good.difference(&others, &draws, SearchStatistic::HitRate(1)).unwrap_err();
        assert!(error.to_string().contains("did not search for the same people"), "{error}");
    }

    #[test]
    fn bad_input_is_named() {
        let good = PersonSearch {
            person: 7,
            found: Some(0),
            result: ProbeResult { top_score: Some(0.1), ..ProbeResult::default() },
            average_precision: None,
        };
        let message = |search| GallerySearches::new(&[0], &[good, search]).unwrap_err().to_string();
        assert!(message(PersonSearch { found: None, ..good }).starts_with("probe 1 "));
        assert!(message(PersonSearch { found: Some(5), ..good }).contains("not enrolled"));
        let nan = ProbeResult { top_score: Some(f32::NAN), ..good.result };
        assert!(message(PersonSearch { result: nan, ..good }).contains("no number"));
        assert!(
            GallerySearches::new(&[], &[good]).unwrap_err().to_string().contains("people in the gallery")
        );
        assert!(GallerySearches::new(&[0], &[]).unwrap_err().to_string().contains("probes"));
        assert!(SearchTrials::new(Vec::new()).is_err());
        let few = SearchTrials::new(vec![GallerySearches::new(&[0], &[good]).unwrap()]).unwrap();
        assert!(matches!(few.value(SearchStatistic::HitRate(1)), Err(Error::Empty { .. })));
        let trials = trials(18, 1);
        assert!(matches!(
            trials.estimate(&Bootstrap::default(), &[SearchStatistic::HitRate(1)]),
            Err(Error::TooFewPeople { people: 9, .. })
        ));
        assert!(trials.value(SearchStatistic::HitRate(0)).is_err());
        assert!(trials.value(SearchStatistic::TpirAtFpir(1.5)).is_err());
    }
}
