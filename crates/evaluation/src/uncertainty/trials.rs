//! Trials of people: one face, or one presentation, at a time.
//!
//! Where nobody is compared with anybody (is the age right, did the mask pass?) a trial has one person, and trials of
//! one person are alike. A share is given Wilson's interval with as many trials as would say the same if they were
//! independent; anything else is taken again from draws of people.

use super::bootstrap::percentile;
use super::wilson::score_interval;
use super::{Bootstrap, Interval, MIN_PEOPLE, check_level};
use crate::Error;

/// Whose trials are whose.
///
/// ```
/// use omote_evaluation::Trials;
///
/// // 12 people with 10 trials each. All trials of the first fail, all others succeed.
/// let people: Vec<u32> = (0..120).map(|trial| trial / 10).collect();
/// let failed: Vec<Option<bool>> = (0..120).map(|trial| Some(trial < 10)).collect();
/// let alike = Trials::of_people(&people).share(&failed, 0.95)?;
/// let independent = Trials::of_strangers(120).share(&failed, 0.95)?;
/// assert!(independent.high < 0.15, "10 of 120");
/// assert!(alike.high > 0.3, "1 of 12");
/// # Ok::<(), omote_evaluation::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trials {
    /// The unit of each trial: its person, or the trial itself.
    units: Vec<u32>,
    count: usize,
    of_people: bool,
}

/// Draws that the statistic cannot be taken of are made again, up to so many for each that is asked for.
const MOST_DRAWS: usize = 20;

impl Trials {
    /// Trials of known people: `people[i]` is the number of the person of trial `i`. Any numbering will do.
    pub fn of_people(people: &[u32]) -> Self {
        let mut names = people.to_vec();
        names.sort_unstable();
        names.dedup();
        // Every person is in the list.
        let units = people.iter().map(|person| names.partition_point(|name| name < person) as u32).collect();
        Self { units, count: names.len(), of_people: true }
    }

    /// So many trials of nobody knows whom, each taken for independent of the others. If people come back, intervals
    /// are too narrow.
    pub fn of_strangers(trials: usize) -> Self {
        Self { units: (0..).take(trials).collect(), count: trials, of_people: false }
    }

    /// How many trials there are.
    pub fn count(&self) -> usize {
        self.units.len()
    }

    /// How many people there are; `None` if nobody knows.
    pub fn people(&self) -> Option<usize> {
        self.of_people.then_some(self.count)
    }

    /// The interval of the share of trials that are hits. Those with `None` do not belong to the share at all.
    ///
    /// Wilson's interval with `n' = p (1 - p) / var(p)` trials, where `var(p)` is the variance of the share between
    /// people (of a ratio of sums over clusters), but never more trials than there are. Where all trials are hits, or
    /// none is, nothing says how alike the trials of a person are, and each person counts once. Dean and Pagano 2015,
    /// "Evaluating confidence interval methods for binomial proportions in clustered surveys".
    ///
    /// # Errors
    /// [`Error::Length`] if there is not one entry for each trial, [`Error::Empty`] if no trial belongs to the share,
    /// [`Error::Setting`] for a level that is not between 0 and 1, [`Error::TooFewPeople`] below [`MIN_PEOPLE`] known
    /// people.
    pub fn share(&self, hits: &[Option<bool>], level: f64) -> Result<Interval, Error> {
        check_level(level)?;
        self.check_length(hits.len())?;
        // Trials and hits of each unit.
        let mut tally = vec![(0_u64, 0_u64); self.count];
        for (&unit, hit) in self.units.iter().zip(hits) {
            if let Some(hit) = hit {
                let (trials, hits) = &mut tally[unit as usize];
                *trials += 1;
                *hits += u64::from(*hit);
            }
        }
        tally.retain(|(trials, _)| *trials > 0);
        let (trials, hits) = tally.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        if trials == 0 {
            return Err(Error::Empty { what: "trials" });
        }
        let (all, people) = (trials as f64, tally.len() as f64);
        let p = hits as f64 / all;
        if !self.of_people {
            return Ok(score_interval(p, all, level));
        }
        check_people(tally.len())?;
        let independent = if hits == 0 || hits == trials {
            people
        } else {
            let apart = |&(trials, hits): &(u64, u64)| (hits as f64 - p * trials as f64).powi(2);
            let variance = people / (people - 1.0) * tally.iter().map(apart).sum::<f64>() / (all * all);
            // Where everybody has the same share the quotient is infinite.
            (p * (1.0 - p) / variance).min(all)
        };
        Ok(score_interval(p, independent, level))
    }

    /// The interval of the mean of a value over the trials that have one, by draws of people.
    ///
    /// # Errors
    /// [`Error::Length`] if there is not one entry for each trial, [`Error::Empty`] if no trial has a value,
    /// [`Error::Item`] for a value that is not finite, and those of [`interval`](Self::interval).
    pub fn mean(&self, values: &[Option<f64>], bootstrap: &Bootstrap) -> Result<Interval, Error> {
        self.check_length(values.len())?;
        if let Some(number) = values.iter().position(|value| value.is_some_and(|value| !value.is_finite())) {
            let problem = "its value is NaN or infinite".to_owned();
            return Err(Error::Item { what: "trial", number, problem });
        }
        if values.iter().all(Option::is_none) {
            return Err(Error::Empty { what: "trial with a value" });
        }
        self.interval(bootstrap, |weights| {
            let (mut sum, mut count) = (0.0, 0);
            for (value, &weight) in values.iter().zip(weights) {
                if let Some(value) = value {
                    sum += value * f64::from(weight);
                    count += u64::from(weight);
                }
            }
            (count > 0).then(|| sum / count as f64)
        })
    }

    /// The interval of any statistic by draws of people, or of single trials where people are not known. `statistic` is
    /// handed how often each trial counts, and answers `None` for a draw that it cannot be taken of, which is made again.
    ///
    /// # Errors
    /// [`Error::Setting`] for a level or a number of resamples that cannot be, [`Error::TooFewPeople`] below
    /// [`MIN_PEOPLE`], where an unknown person is one person a trial, [`Error::Empty`] if hardly any draw gives a value.
    pub fn interval(
        &self,
        bootstrap: &Bootstrap,
        mut statistic: impl FnMut(&[u32]) -> Option<f64>,
    ) -> Result<Interval, Error> {
        let resamples = bootstrap.checked_resamples()?;
        check_people(self.count)?;
        let mut random = fastrand::Rng::with_seed(bootstrap.seed);
        let mut drawn = vec![0_u32; self.count];
        let mut weights = vec![0_u32; self.units.len()];
        let mut values = Vec::with_capacity(resamples);
        for _ in 0..resamples.saturating_mul(MOST_DRAWS) {
            drawn.fill(0);
            (0..self.count).for_each(|_| drawn[random.usize(..self.count)] += 1);
            weights.iter_mut().zip(&self.units).for_each(|(weight, &unit)| *weight = drawn[unit as usize]);
            values.extend(statistic(&weights));
            if values.len() == resamples {
                break;
            }
        }
        if values.len() < resamples {
            return Err(Error::Empty { what: "value in most draws of people" });
        }
        values.sort_unstable_by(f64::total_cmp);
        let tail = (1.0 - bootstrap.level) / 2.0;
        Ok(Interval {
            low: percentile(&values, tail),
            high: percentile(&values, 1.0 - tail),
            level: bootstrap.level,
        })
    }

    fn check_length(&self, got: usize) -> Result<(), Error> {
        if got == self.units.len() {
            Ok(())
        } else {
            Err(Error::Length { what: "results of trials", expected: self.units.len(), got })
        }
    }
}

fn check_people(people: usize) -> Result<(), Error> {
    if people < MIN_PEOPLE { Err(Error::TooFewPeople { people, needed: MIN_PEOPLE }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wilson;

    fn bootstrap() -> Bootstrap {
        Bootstrap { resamples: 400, ..Bootstrap::default() }
    }

    #[test]
    fn what_repeats_itself_says_nothing_new() {
        // 20 people, a quarter of whom always fails: however often each is tried, it is 5 of 20.
        let once: Vec<Option<bool>> = (0..20).map(|person| Some(person < 5)).collect();
        let one = Trials::of_people(&(0..20).collect::<Vec<_>>()).share(&once, 0.95).unwrap();
        let people: Vec<u32> = (0..20).flat_map(|person| [person; 50]).collect();
        let often: Vec<Option<bool>> = people.iter().map(|&person| Some(person < 5)).collect();
        let many = Trials::of_people(&people).share(&often, 0.95).unwrap();
        assert!((one.low - many.low).abs() < 1e-12 && (one.high - many.high).abs() < 1e-12);
        // The sample variance of 20 ones and zeros makes 19 trials of 20.
        let plain = wilson(5, 20, 0.95).unwrap();
        assert!((one.high - plain.high).abs() < 0.01 && one.high >= plain.high);
        // No failure at all: each person is one trial.
        let none = Trials::of_people(&people).share(&[Some(false); 1000], 0.95).unwrap();
        assert_eq!(none, wilson(0, 20, 0.95).unwrap());
    }

    #[test]
    fn single_trials_are_wilsons() {
        let hits: Vec<Option<bool>> = (0..50).map(|trial| (trial < 40).then_some(trial < 3)).collect();
        assert_eq!(
            Trials::of_strangers(50).share(&hits, 0.9).unwrap(),
            wilson(3, 40, 0.9).unwrap(),
            "10 trials do not belong to the share"
        );
    }

    #[test]
    fn means_vary_as_means_do() {
        // 400 values of standard deviation 1 at 5: the mean's is 0.05.
        let values: Vec<Option<f64>> =
            (0..400).map(|trial| Some(5.0 + if trial % 2 == 0 { 1.0 } else { -1.0 })).collect();
        let found = Trials::of_strangers(400).mean(&values, &bootstrap()).unwrap();
        assert!(found.contains(5.0));
        assert!((found.high - found.low - 2.0 * 1.96 * 0.05).abs() < 0.03, "{found:?}");
        // The same by people who are always above or always below: 20 units instead of 400.
        let people: Vec<u32> = (0..400).map(|trial| trial % 20).collect();
        let wide = Trials::of_people(&people).mean(&values, &bootstrap()).unwrap();
        assert!(wide.high - wide.low > 3.0 * (found.high - found.low), "{wide:?}");
    }

    /// People differ, as the cube of a random number does; 40 of them are tried 25 times each. Over many such
    /// measurements the interval holds the true share about as often as it says, and that of single trials does not.
    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        const MEASUREMENTS: usize = 600;
        let mut random = fastrand::Rng::with_seed(7);
        let people: Vec<u32> = (0..1000).map(|trial| trial / 25).collect();
        let (by_people, single) = (Trials::of_people(&people), Trials::of_strangers(1000));
        let mut held = [0; 2];
        for _ in 0..MEASUREMENTS {
            let chances: Vec<f64> = (0..40).map(|_| random.f64().powi(3)).collect();
            let hits: Vec<Option<bool>> =
                people.iter().map(|&person| Some(random.f64() < chances[person as usize])).collect();
            for (held, trials) in held.iter_mut().zip([&by_people, &single]) {
                // The mean of the cube.
                *held += usize::from(trials.share(&hits, 0.95).unwrap().contains(0.25));
            }
        }
        let [by_people, single] = held.map(|held| held as f64 / MEASUREMENTS as f64);
        assert!((0.925..0.98).contains(&by_people), "{by_people}");
        assert!(single < 0.6, "{single}");
    }

    proptest! {
        #[test]
        fn a_share_lies_in_its_interval_and_people_never_narrow_it(
            trials in prop::collection::vec((0_u32..15, prop::option::of(any::<bool>())), 1..120),
        ) {
            let people: Vec<u32> = trials.iter().map(|trial| trial.0 * 7).collect();
            let hits: Vec<Option<bool>> = trials.iter().map(|trial| trial.1).collect();
            let mut known: Vec<u32> =
                trials.iter().filter(|trial| trial.1.is_some()).map(|trial| trial.0).collect();
            known.sort_unstable();
            known.dedup();
            let belong = hits.iter().flatten().count();
            match Trials::of_people(&people).share(&hits, 0.95) {
                Ok(found) => {
                    prop_assert!(known.len() >= MIN_PEOPLE);
                    let share = hits.iter().flatten().filter(|hit| **hit).count() as f64 / belong as f64;
                    prop_assert!(found.contains(share));
                    let single = Trials::of_strangers(hits.len()).share(&hits, 0.95).unwrap();
                    prop_assert!(found.low <= single.low + 1e-12 && found.high >= single.high - 1e-12);
                }
                Err(Error::Empty { .. }) => prop_assert_eq!(belong, 0),
                Err(error) => {
                    let too_few = matches!(error, Error::TooFewPeople { people, .. } if people == known.len());
                    prop_assert!(too_few && known.len() < MIN_PEOPLE);
                }
            }
        }
    }

    #[test]
    fn bad_trials_are_named() {
        let trials = Trials::of_people(&[1; 30]);
        assert_eq!((trials.count(), trials.people()), (30, Some(1)));
        let hits = [Some(true); 30];
        assert!(matches!(trials.share(&hits, 0.95), Err(Error::TooFewPeople { people: 1, needed: 10 })));
        assert!(matches!(trials.share(&hits, 1.0), Err(Error::Setting { .. })));
        assert!(matches!(trials.share(&hits[..2], 0.5), Err(Error::Length { expected: 30, got: 2, .. })));
        assert!(matches!(trials.share(&[None; 30], 0.5), Err(Error::Empty { .. })));
        let strangers = Trials::of_strangers(30);
        assert_eq!(strangers.people(), None);
        assert!(matches!(strangers.mean(&[None; 30], &bootstrap()), Err(Error::Empty { .. })));
        let nan = strangers.mean(&[Some(f64::NAN); 30], &bootstrap());
        assert!(matches!(nan, Err(Error::Item { number: 0, .. })));
        assert!(matches!(strangers.interval(&bootstrap(), |_| None), Err(Error::Empty { .. })));
        let few = Trials::of_strangers(3).mean(&[Some(1.0); 3], &bootstrap());
        assert!(matches!(few, Err(Error::TooFewPeople { people: 3, .. })));
    }
}
