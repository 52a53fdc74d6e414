//! A share of pairs of people: two pairs are alike if a person is in both.

use std::collections::BTreeMap;

use super::wilson::score_interval;
use super::{Interval, MIN_PEOPLE, check_level};
use crate::Error;

/// Trials of two different people each, such as comparisons of impostors, counted by people.
#[derive(Clone, Debug, Default)]
pub(super) struct Dyads {
    all: Tally,
    // In the order of the numbers, so that sums are the same in every run.
    people: BTreeMap<u32, Tally>,
    dyads: BTreeMap<[u32; 2], Tally>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    trials: u64,
    hits: u64,
}

impl Tally {
    fn add(&mut self, hit: bool) {
        self.trials += 1;
        self.hits += u64::from(hit);
    }

    /// The square of how many more hits there are than a share `p` would give.
    fn apart(self, p: f64) -> f64 {
        (self.hits as f64 - p * self.trials as f64).powi(2)
    }
}

impl Dyads {
    /// Adds a trial of two different people.
    pub(super) fn add(&mut self, [a, b]: [u32; 2], hit: bool) {
        self.all.add(hit);
        self.people.entry(a).or_default().add(hit);
        self.people.entry(b).or_default().add(hit);
        self.dyads.entry([a.min(b), a.max(b)]).or_default().add(hit);
    }

    /// The interval of the share of hits: Wilson's with `n' = p (1 - p) / var(p)` trials, but never more than there
    /// are.
    ///
    /// `var(p)` is the variance between dyads that may be correlated wherever a person is in both, `sum over such pairs
    /// of trials (x - p)(y - p) / n^2` (Fafchamps and Gubert 2007, "The formation of risk sharing networks"), times
    /// `people (people - 1) / (people - 2)^2`, by which it is too small where everybody meets everybody and people, not
    /// their pairs, make the difference. With Wilson's interval as Fogliato, Patil and Perona 2024 advise for error
    /// rates that are near 0. Where all trials are hits, or none is, nothing says how alike they are, and as many count
    /// as there are pairs without a common person.
    ///
    /// # Errors
    /// [`Error::Empty`] without trials, [`Error::Setting`] for a level that is not between 0 and 1,
    /// [`Error::TooFewPeople`] below [`MIN_PEOPLE`] people.
    pub(super) fn share(&self, level: f64) -> Result<Interval, Error> {
        check_level(level)?;
        let Tally { trials, hits } = self.all;
        if trials == 0 {
            return Err(Error::Empty { what: "trials" });
        }
        let people = self.people.len();
        if people < MIN_PEOPLE {
            return Err(Error::TooFewPeople { people, needed: MIN_PEOPLE });
        }
        let all = trials as f64;
        let p = hits as f64 / all;
        let independent = if hits == 0 || hits == trials {
            (people / 2) as f64
        } else {
            // A trial and another of the same two people are counted with each of both.
            let twice: f64 = self.dyads.values().map(|dyad| dyad.apart(p)).sum();
            let shared: f64 = self.people.values().map(|person| person.apart(p)).sum();
            let variance = small_numbers(people) * (shared - twice) / (all * all);
            // In few trials it can come out as nothing or less.
            if variance > 0.0 { p * (1.0 - p) / variance } else { all }
        };
        Ok(score_interval(p, independent.min(all), level))
    }
}

fn small_numbers(people: usize) -> f64 {
    let people = people as f64;
    people * (people - 1.0) / (people - 2.0).powi(2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wilson;

    #[test]
    fn strangers_are_wilsons() {
        // 40 pairs of people who are in no other pair, 10 of them hits: only the factor for small numbers is added.
        let mut dyads = Dyads::default();
        (0..40).for_each(|pair| dyads.add([2 * pair, 2 * pair + 1], pair < 10));
        let (found, plain) = (dyads.share(0.95).unwrap(), wilson(10, 40, 0.95).unwrap());
        assert!((found.low - plain.low).abs() < 0.005 && (found.high - plain.high).abs() < 0.005);
        assert!(found.low <= plain.low && found.high >= plain.high);
    }

    #[test]
    fn what_repeats_itself_says_nothing_new() {
        let (mut once, mut often) = (Dyads::default(), Dyads::default());
        for pair in 0..40 {
            let people = [2 * pair, 2 * pair + 1];
            once.add(people, pair < 10);
            // In either order.
            (0..50).for_each(|_| often.add([people[1], people[0]], pair < 10));
        }
        let (once, often) = (once.share(0.95).unwrap(), often.share(0.95).unwrap());
        assert!((once.low - often.low).abs() < 1e-12 && (once.high - often.high).abs() < 1e-12);
        // No hit at all: 20 pairs of 40 people can be independent.
        let mut none = Dyads::default();
        (0..40_u32).for_each(|a| (0..a).for_each(|b| none.add([a, b], false)));
        assert_eq!(none.share(0.95).unwrap(), wilson(0, 20, 0.95).unwrap());
    }

    /// Some people resemble many others; 60 of them are all compared. Over many such measurements the interval holds
    /// the true share about as often as it says, and that of independent pairs does not.
    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        const MEASUREMENTS: usize = 400;
        const PEOPLE: u32 = 60;
        let mut random = fastrand::Rng::with_seed(7);
        let (mut by_people, mut single) = (0, 0);
        for _ in 0..MEASUREMENTS {
            let alike: Vec<f64> = (0..PEOPLE).map(|_| random.f64()).collect();
            let (mut dyads, mut hits, mut pairs) = (Dyads::default(), 0, 0);
            for a in 0..PEOPLE {
                for b in 0..a {
                    let hit = random.f64() < 0.2 * (alike[a as usize] + alike[b as usize]);
                    dyads.add([a, b], hit);
                    hits += usize::from(hit);
                    pairs += 1;
                }
            }
            // Twice the mean of `0.2 alike`.
            by_people += usize::from(dyads.share(0.95).unwrap().contains(0.2));
            single += usize::from(wilson(hits, pairs, 0.95).unwrap().contains(0.2));
        }
        let [by_people, single] = [by_people, single].map(|held| held as f64 / MEASUREMENTS as f64);
        assert!((0.92..0.98).contains(&by_people), "{by_people}");
        assert!(single < 0.9, "{single}");
    }

    proptest! {
        /// The definition: all pairs of trials with a person in common.
        #[test]
        fn the_variance_is_that_of_trials_with_a_common_person(
            trials in prop::collection::vec((0_u32..14, 1_u32..14, any::<bool>()), 1..80),
        ) {
            let trials: Vec<([u32; 2], bool)> =
                trials.iter().map(|&(a, step, hit)| ([a, (a + step) % 14], hit)).collect();
            let mut dyads = Dyads::default();
            trials.iter().for_each(|&(people, hit)| dyads.add(people, hit));
            let mut people: Vec<u32> = trials.iter().flat_map(|trial| trial.0).collect();
            people.sort_unstable();
            people.dedup();
            let found = match dyads.share(0.95) {
                Ok(found) => found,
                Err(_) => {
                    prop_assert!(people.len() < MIN_PEOPLE);
                    return Ok(());
                }
            };
            let n = trials.len() as f64;
            let hits = trials.iter().filter(|trial| trial.1).count() as f64;
            let p = hits / n;
            let mut variance = 0.0;
            for (x, hit) in &trials {
                for (y, other) in &trials {
                    if x.iter().any(|person| y.contains(person)) {
                        variance += (f64::from(*hit) - p) * (f64::from(*other) - p);
                    }
                }
            }
            variance *= small_numbers(people.len()) / (n * n);
            let independent = match (hits == 0.0 || hits == n, variance > 1e-12) {
                (true, _) => ((people.len() / 2) as f64).min(n),
                (_, true) => (p * (1.0 - p) / variance).min(n),
                _ => n,
            };
            let expected = score_interval(p, independent, 0.95);
            prop_assert!((found.low - expected.low).abs() < 1e-6 && (found.high - expected.high).abs() < 1e-6);
            prop_assert!(found.contains(p));
        }
    }
}
