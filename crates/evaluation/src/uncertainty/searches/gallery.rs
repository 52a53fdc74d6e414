//! The searches in one gallery, by the people searched for and found.

use std::collections::{BTreeMap, BTreeSet};

use super::SearchStatistic;
use crate::Error;
use crate::metrics::{ProbeResult, allowed};

/// The search of a probe of a known person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PersonSearch {
    /// The number of the person in the probe. Any numbering will do.
    pub person: u32,
    /// The number of the person with the highest score, in the same numbering; `None` without candidates.
    pub found: Option<u32>,
    /// Ranks and scores.
    pub result: ProbeResult,
    /// Of a mated probe, [`average_precision`](crate::average_precision) over the gallery's photos, 0..=1; `None` where
    /// nobody asks for the mean, which then counts it as 0.
    pub average_precision: Option<f64>,
}

/// The searches in one gallery, sorted once so that they can be weighted many times.
#[derive(Clone, Debug, Default)]
pub struct GallerySearches {
    mates: Vec<Mate>,
    /// From the highest score to the lowest.
    alarms: Vec<Alarm>,
    /// Mated and non-mated probes of each person, by the person's number.
    pub(super) probes: Vec<(u32, [u32; 2])>,
    /// Who can be found, ascending.
    pub(super) enrolled: Vec<u32>,
}

/// A mated probe whose person has a score. From the highest score to the lowest.
#[derive(Clone, Copy, Debug)]
struct Mate {
    score: f32,
    rank: u32,
    person: u32,
    average_precision: f32,
}

/// A non-mated probe with a candidate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alarm {
    score: f32,
    pub(super) person: u32,
    pub(super) found: u32,
}

impl GallerySearches {
    /// From the people of a gallery and the results of all searches in it.
    ///
    /// # Errors
    /// [`Error::Empty`] without people or searches, [`Error::Item`] for a search whose score is NaN or infinite, that
    /// says who was found and not with which score or the other way round, or that found somebody who is not enrolled.
    pub fn new(enrolled: &[u32], searches: &[PersonSearch]) -> Result<Self, Error> {
        for (what, count) in [("people in the gallery", enrolled.len()), ("probes", searches.len())] {
            if count == 0 {
                return Err(Error::Empty { what });
            }
        }
        let people: BTreeSet<u32> = enrolled.iter().copied().collect();
        let mut probes: BTreeMap<u32, [u32; 2]> = BTreeMap::new();
        let mut gallery = Self { enrolled: people.iter().copied().collect(), ..Self::default() };
        for (number, search) in searches.iter().enumerate() {
            let PersonSearch { person, found, result, average_precision } = *search;
            let scores = [result.mate_score, result.top_score];
            if scores.into_iter().flatten().any(|score| !score.is_finite())
                || found.is_some() != result.top_score.is_some()
                || result.mate_rank.is_some() != result.mate_score.is_some()
            {
                let problem = "a score is no number, or is missing where somebody was found".to_owned();
                return Err(Error::Item { what: "probe", number, problem });
            }
            if found.is_some_and(|found| !people.contains(&found)) {
                let problem = "the person who was found is not enrolled".to_owned();
                return Err(Error::Item { what: "probe", number, problem });
            }
            probes.entry(person).or_default()[usize::from(!result.mated)] += 1;
            if result.mated {
                gallery.mates.extend(result.mate_rank.zip(result.mate_score).map(|(rank, score)| Mate {
                    score,
                    // No gallery has more people than numbers for them.
                    rank: rank as u32,
                    person,
                    average_precision: average_precision.unwrap_or(0.0) as f32,
                }));
            } else {
                gallery.alarms.extend(found.zip(result.top_score).map(|(found, score)| Alarm {
                    score,
                    person,
                    found,
                }));
            }
        }
        gallery.probes = probes.into_iter().collect();
        gallery.mates.sort_by(|a, b| b.score.total_cmp(&a.score));
        gallery.alarms.sort_by(|a, b| b.score.total_cmp(&a.score));
        Ok(gallery)
    }

    /// Probes of people who are enrolled, and of people who are not.
    pub fn probes(&self) -> (usize, usize) {
        let sum = |kind: usize| self.probes.iter().map(|(_, of)| of[kind] as usize).sum();
        (sum(0), sum(1))
    }

    /// How many strangers the non-mated probes are worth: so many people of equally many probes would say as much. The
    /// square of the sum of everybody's probes over the sum of the squares (Kish 1965, "Survey sampling"); 0 without
    /// non-mated probes. Whoever is searched for often counts for much in a rate, and so brings much of its variance.
    pub fn strangers_worth(&self) -> f64 {
        let probes = self.probes.iter().map(|(_, of)| f64::from(of[1]));
        let (sum, squares) = probes.fold((0.0, 0.0), |(sum, squares), of| (sum + of, squares + of * of));
        if squares > 0.0 { sum * sum / squares } else { 0.0 }
    }

    /// The scores of the right people, and the top scores of probes of strangers, each from the highest to the lowest.
    pub fn scores(&self) -> (Vec<f32>, Vec<f32>) {
        let mates = self.mates.iter().map(|mate| mate.score).collect();
        (mates, self.alarms.iter().map(|alarm| alarm.score).collect())
    }

    /// The share of non-mated probes with a candidate of `threshold` or more; `None` without such probes.
    pub fn fpir(&self, threshold: f64) -> Option<f64> {
        let (_, strangers) = self.probes();
        let alarms = self.alarms.partition_point(|alarm| f64::from(alarm.score) >= threshold);
        (strangers > 0).then(|| alarms as f64 / strangers as f64)
    }

    /// The smallest threshold with a false positive identification rate of at most `fpir`; minus infinity where all
    /// may raise an alarm, `None` without non-mated probes.
    pub fn threshold_at_fpir(&self, fpir: f64) -> Option<f64> {
        let (_, strangers) = self.probes();
        let most = allowed(fpir, strangers as u64) as usize;
        let rejected = self.alarms.get(most);
        (strangers > 0).then(|| rejected.map_or(f64::NEG_INFINITY, |alarm| f64::from(alarm.score).next_up()))
    }

    /// The alarms at the threshold of a rate.
    pub(super) fn alarms_at(&self, fpir: f64) -> &[Alarm] {
        let threshold = self.threshold_at_fpir(fpir).unwrap_or(f64::INFINITY);
        &self.alarms[..self.alarms.partition_point(|alarm| f64::from(alarm.score) >= threshold)]
    }

    /// Mated and non-mated probes where every person counts as often as `weight` says.
    pub(super) fn totals(&self, weight: impl Fn(u32) -> u32) -> [u64; 2] {
        self.probes.iter().fold([0, 0], |[mated, strangers], &(person, of)| {
            let weight = u64::from(weight(person));
            [mated + weight * u64::from(of[0]), strangers + weight * u64::from(of[1])]
        })
    }

    /// The statistic where every person counts as often as `weight` says, with the [`totals`](Self::totals); `None`
    /// where nobody of a kind is left.
    pub(super) fn value(
        &self,
        statistic: SearchStatistic,
        [mated, strangers]: [u64; 2],
        weight: impl Fn(u32) -> u32,
    ) -> Option<f64> {
        if mated == 0 {
            return None;
        }
        let sum = match statistic {
            SearchStatistic::HitRate(rank) => {
                let hits = self.mates.iter().filter(|mate| mate.rank as usize <= rank);
                hits.map(|mate| f64::from(weight(mate.person))).sum::<f64>()
            }
            SearchStatistic::MeanAveragePrecision => self
                .mates
                .iter()
                .map(|mate| f64::from(weight(mate.person)) * f64::from(mate.average_precision))
                .sum(),
            SearchStatistic::TpirAtFpir(fpir) => {
                if strangers == 0 {
                    return None;
                }
                let most = allowed(fpir, strangers);
                let mut raised = 0;
                let rejected = self.alarms.iter().find(|alarm| {
                    raised += u64::from(weight(alarm.person)) * u64::from(weight(alarm.found));
                    raised > most
                });
                let above = |mate: &&Mate| rejected.is_none_or(|alarm| mate.score > alarm.score);
                let found = self.mates.iter().take_while(above).filter(|mate| mate.rank == 1);
                found.map(|mate| f64::from(weight(mate.person))).sum()
            }
        };
        Some(sum / mated as f64)
    }

    /// Gives everybody another number; the order of numbers stays.
    pub(super) fn renumber(&mut self, number: impl Fn(u32) -> u32) {
        self.mates.iter_mut().for_each(|mate| mate.person = number(mate.person));
        for alarm in &mut self.alarms {
            (alarm.person, alarm.found) = (number(alarm.person), number(alarm.found));
        }
        self.probes.iter_mut().for_each(|(person, _)| *person = number(*person));
        self.enrolled.iter_mut().for_each(|person| *person = number(*person));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Identification, SearchTrials};

    const ENROLLED: [u32; 4] = [0, 1, 2, 3];

    /// Probes of people 0 to 9, of whom the first four are enrolled, with many ties.
    fn searches() -> impl Strategy<Value = Vec<PersonSearch>> {
        let score = (-3i8..4).prop_map(|step| f32::from(step) / 4.0);
        let search = (0u32..10, 0u32..4, 1usize..4, score.clone(), score, 0u8..5, 0.0..=1.0_f64);
        let search = search.prop_map(|(person, found, rank, a, b, failure, precision)| {
            let mated = ENROLLED.contains(&person);
            let fails = failure == 0;
            let mate = (mated && !fails).then_some(if rank == 1 { a.max(b) } else { a.min(b) });
            PersonSearch {
                person,
                found: (!fails).then_some(found),
                result: ProbeResult {
                    mated,
                    mate_rank: mate.map(|_| rank),
                    mate_score: mate,
                    top_score: (!fails).then_some(a.max(b)),
                },
                average_precision: mate.map(|_| precision),
            }
        });
        // At least one probe of each kind.
        let silent = |person, mated| PersonSearch {
            person,
            found: None,
            result: ProbeResult { mated, ..ProbeResult::default() },
            average_precision: None,
        };
        prop::collection::vec(search, 0..40).prop_map(move |mut searches| {
            searches.extend([silent(0, true), silent(9, false)]);
            searches
        })
    }

    fn results(searches: &[PersonSearch]) -> Vec<ProbeResult> {
        searches.iter().map(|search| search.result).collect()
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-6
    }

    #[test]
    fn strangers_with_many_probes_are_worth_fewer() {
        let worth = |probes: &[(u32, usize)]| {
            let silent = |person| PersonSearch {
                person,
                found: None,
                result: ProbeResult { mated: ENROLLED.contains(&person), ..ProbeResult::default() },
                average_precision: None,
            };
            let searches: Vec<PersonSearch> =
                probes.iter().flat_map(|&(person, times)| vec![silent(person); times]).collect();
            GallerySearches::new(&ENROLLED, &searches).unwrap().strangers_worth()
        };
        // Probes of somebody who is enrolled are no strangers'.
        assert!(near(worth(&[(0, 50), (4, 3), (5, 3), (6, 3), (7, 3)]), 4.0));
        // 103^2 of 10,003.
        assert!(near(worth(&[(4, 100), (5, 1), (6, 1), (7, 1)]), 10_609.0 / 10_003.0));
        assert_eq!(worth(&[(0, 2)]), 0.0);
    }

    proptest! {
        #[test]
        fn one_gallery_is_an_identification(searches in searches(), fpir in 0.0..=1.0_f64, rank in 1usize..4) {
            let gallery = GallerySearches::new(&ENROLLED, &searches).unwrap();
            let plain = Identification::new(&results(&searches)).unwrap();
            prop_assert_eq!(gallery.probes(), (plain.mated(), plain.non_mated()));
            prop_assert_eq!(gallery.threshold_at_fpir(fpir), plain.threshold_at_fpir(fpir).ok());
            for threshold in [-1.0, 0.0, 0.25, 2.0] {
                prop_assert_eq!(gallery.fpir(threshold), plain.fpir(threshold).ok());
            }
            let trials = SearchTrials::new(vec![gallery]).unwrap();
            let value = |statistic| trials.value(statistic).unwrap();
            prop_assert!(near(value(SearchStatistic::HitRate(rank)), plain.hit_rate(rank).unwrap()));
            let tpir = plain.at_fpir(fpir, 1).unwrap().tpir();
            prop_assert!(near(value(SearchStatistic::TpirAtFpir(fpir)), tpir));
            let precisions: f64 = searches.iter().filter_map(|search| search.average_precision).sum();
            let mean = precisions / plain.mated() as f64;
            prop_assert!(near(value(SearchStatistic::MeanAveragePrecision), mean));
            let share = plain.fpir(plain.threshold_at_fpir(fpir).unwrap()).unwrap();
            let alarms = (share * plain.non_mated() as f64).round();
            prop_assert_eq!(trials.support(fpir).false_matches, alarms as usize);
        }

        /// A person who was drawn twice counts as two people with the same searches.
        #[test]
        fn weights_are_repetitions(
            searches in searches(),
            weights in prop::collection::vec(0u32..4, 10),
            fpir in 0.0..=1.0_f64,
        ) {
            let gallery = GallerySearches::new(&ENROLLED, &searches).unwrap();
            let weight = |person: u32| weights[person as usize];
            let (mut mates, mut mated, mut alarms, mut strangers) = (Vec::new(), 0, Vec::new(), 0);
            for PersonSearch { person, found, result, .. } in &searches {
                let times = weight(*person);
                if result.mated {
                    mated += times;
                    let own = result.mate_score.filter(|_| result.mate_rank == Some(1));
                    mates.extend((0..times).filter_map(|_| own));
                } else {
                    strangers += times;
                    let both = found.map_or(0, |found| times * weight(found));
                    alarms.extend((0..both).filter_map(|_| result.top_score));
                }
            }
            let found = gallery.value(SearchStatistic::TpirAtFpir(fpir), gallery.totals(weight), weight);
            if mated == 0 || strangers == 0 {
                prop_assert_eq!(found, None);
                return Ok(());
            }
            // Just above which of the scores are few enough alarms?
            let few = |score: f32| {
                let above = alarms.iter().filter(|&&alarm| alarm > score).count();
                above as f64 / f64::from(strangers) <= fpir
            };
            let few_in_all = alarms.len() as f64 / f64::from(strangers) <= fpir;
            let lowest = alarms.iter().copied().filter(|&score| few(score)).min_by(f32::total_cmp);
            let threshold = if few_in_all { f32::NEG_INFINITY } else { lowest.unwrap_or(f32::INFINITY) };
            let hits = mates.iter().filter(|&&score| score > threshold).count();
            prop_assert!(near(found.unwrap(), hits as f64 / f64::from(mated)), "{:?} {}", found, hits);
        }
    }
}
