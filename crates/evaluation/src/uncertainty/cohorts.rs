//! Error rates of parts of the pairs at one threshold for all: is somebody rejected, or taken for another, more often?
//!
//! The threshold is that of everybody, for that is how a system is used; a threshold for each cohort would hide what is
//! looked for ("differential performance", ISO/IEC 19795-10; Grother, Ngan and Hanaoka 2019, NISTIR 8280).

use super::dyads::Dyads;
use super::{Interval, MIN_PEOPLE, Support, Trials, Unsupported, check_level, wilson};
use crate::protocols::PairLabels;
use crate::{Error, ScoredPair};

/// Fewer genuine pairs say next to nothing about others: no false-non-match rate is given.
const MIN_GENUINE: usize = 10;

/// Pairs with their scores, and the one threshold at which cohorts are measured.
///
/// ```
/// use omote_evaluation::{Cohorts, PairLabels};
///
/// // 40 pairs of one person and 40 of two, a half of each by day and a half by night.
/// let same: Vec<bool> = (0..80).map(|pair| pair % 2 == 0).collect();
/// let night = |pair: usize| pair >= 40;
/// let scores: Vec<Option<f32>> = (0..80)
///     .map(|pair| Some(if same[pair] != (night(pair) && pair % 8 == 0) { 0.8 } else { 0.1 }))
///     .collect();
/// let labels = PairLabels {
///     name: "light".to_owned(),
///     values: vec!["day".to_owned(), "night".to_owned()],
///     of_pairs: (0..80).map(|pair| Some(u8::from(night(pair)))).collect(),
/// };
/// let cohorts = Cohorts::new(&scores, &same, None, 0.5, 0.95)?;
/// let by_light = cohorts.by(&labels)?;
/// assert_eq!(by_light[0].fnmr.unwrap().value, 0.0);
/// assert_eq!(by_light[1].fnmr.unwrap().value, 0.25);
/// // No false match at all is no false-match rate.
/// assert!(by_light[0].fmr.is_err());
/// # Ok::<(), omote_evaluation::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Cohorts<'a> {
    scores: &'a [Option<f32>],
    same: &'a [bool],
    people: Option<&'a [[u32; 2]]>,
    threshold: f64,
    level: f64,
    /// The false-match rate of all pairs: what a cohort's is expected to be.
    fmr: f64,
}

/// What one threshold does to the pairs of a cohort.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CohortRates {
    /// Pairs of the same person, those without a score among them.
    pub genuine: usize,
    /// How many of them the threshold rejects.
    pub false_non_matches: usize,
    /// How many people the genuine pairs are of; `None` if nobody knows.
    pub people: Option<usize>,
    /// The pairs of different people, and what the false-match rate rests on.
    pub support: Support,
    /// The share of genuine pairs that is rejected; the error says that there are too few.
    pub fnmr: Result<CohortShare, TooFewGenuine>,
    /// The share of impostor pairs that is accepted; the error says what would be needed.
    pub fmr: Result<CohortShare, Unsupported>,
}

/// A rate of a cohort.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CohortShare {
    /// The rate, in 0..=1.
    pub value: f64,
    /// Its interval, by people where they are known; `None` where they are fewer than
    /// [`MIN_PEOPLE`](crate::MIN_PEOPLE).
    pub interval: Option<Interval>,
}

/// Too few genuine pairs, or of too few people, for a false-non-match rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no FNMR is reported: {} are needed, and here are {}", self.needs(), self.has())]
pub struct TooFewGenuine {
    /// How many genuine pairs there are.
    pub genuine: usize,
    /// Of how many people; `None` if nobody knows.
    pub people: Option<usize>,
}

impl TooFewGenuine {
    /// What would be enough, in a few words.
    pub fn needs(&self) -> String {
        match self.people {
            Some(_) => format!("genuine pairs of {MIN_PEOPLE} people"),
            None => format!("{MIN_GENUINE} genuine pairs"),
        }
    }

    fn has(&self) -> String {
        match self.people {
            Some(people) => format!("those of {people}"),
            None => self.genuine.to_string(),
        }
    }
}

impl<'a> Cohorts<'a> {
    /// Pairs by their scores (`None` is rejected at every threshold), whether they show one person, and the numbers of
    /// their people, if these are known; a threshold in the units of the scores, and the intervals' level in 0..1.
    ///
    /// # Errors
    /// [`Error::Length`] for lists of different lengths, [`Error::Setting`] for a level that is not between 0 and 1 or
    /// a threshold that is no number.
    pub fn new(
        scores: &'a [Option<f32>],
        same: &'a [bool],
        people: Option<&'a [[u32; 2]]>,
        threshold: f64,
        level: f64,
    ) -> Result<Self, Error> {
        check_level(level)?;
        if !threshold.is_finite() {
            return Err(Error::Setting { what: "threshold", value: threshold, expected: "a finite number" });
        }
        let lengths = [Some(same.len()), people.map(<[_]>::len)];
        if let Some(got) = lengths.into_iter().flatten().find(|&length| length != scores.len()) {
            return Err(Error::Length { what: "entries", expected: scores.len(), got });
        }
        let mut cohorts = Self { scores, same, people, threshold, level, fmr: 0.0 };
        let Support { impostors, false_matches, .. } =
            cohorts.support(&cohorts.of_kind(false, 0..same.len()));
        cohorts.fmr = if impostors == 0 { 0.0 } else { false_matches as f64 / impostors as f64 };
        Ok(cohorts)
    }

    /// The rates of all pairs.
    ///
    /// # Errors
    /// None for what [`new`](Self::new) accepted; those of the intervals are passed on.
    pub fn all(&self) -> Result<CohortRates, Error> {
        self.rates(0..self.scores.len())
    }

    /// The rates of the pairs with each value of a label, in the order of the values. Pairs without one are in none of
    /// them.
    ///
    /// Intervals are Wilson's with as many independent pairs as the variance between people is worth: of genuine pairs
    /// as [`Trials::share`], of impostor pairs with both of their people (Fogliato, Patil and Perona 2024).
    ///
    /// # Errors
    /// [`Error::Length`] or [`Error::Item`] for labels that are not of these pairs.
    pub fn by(&self, labels: &PairLabels) -> Result<Vec<CohortRates>, Error> {
        labels.check(self.scores.len())?;
        let mut cohorts = vec![Vec::new(); labels.values.len()];
        for (pair, value) in labels.of_pairs.iter().enumerate() {
            if let Some(value) = value {
                cohorts[usize::from(*value)].push(pair);
            }
        }
        cohorts.into_iter().map(|pairs| self.rates(pairs)).collect()
    }

    fn accepts(&self, pair: usize) -> bool {
        self.scores[pair].is_some_and(|score| f64::from(score) >= self.threshold)
    }

    fn of_kind(&self, same: bool, pairs: impl IntoIterator<Item = usize>) -> Vec<usize> {
        pairs.into_iter().filter(|&pair| self.same[pair] == same).collect()
    }

    fn support(&self, impostors: &[usize]) -> Support {
        let Some(people) = self.people else {
            let false_matches = impostors.iter().filter(|&&pair| self.accepts(pair)).count();
            return Support { impostors: impostors.len(), false_matches, identity_pairs: None };
        };
        let scored = |&pair: &usize| {
            let [a, b] = people[pair];
            ScoredPair { a, b, score: self.scores[pair] }
        };
        Support::count(&impostors.iter().map(scored).collect::<Vec<_>>(), self.threshold)
    }

    fn rates(&self, pairs: impl IntoIterator<Item = usize> + Clone) -> Result<CohortRates, Error> {
        let genuine = self.of_kind(true, pairs.clone());
        let rejected: Vec<Option<bool>> = genuine.iter().map(|&pair| Some(!self.accepts(pair))).collect();
        let false_non_matches = rejected.iter().filter(|rejected| **rejected == Some(true)).count();
        let owners: Option<Vec<u32>> =
            self.people.map(|people| genuine.iter().map(|&pair| people[pair][0]).collect());
        let people = owners.as_ref().map(|owners| count_different(owners));
        let enough = people.map_or(genuine.len() >= MIN_GENUINE, |people| people >= MIN_PEOPLE);
        let fnmr = if enough {
            let trials =
                owners.map_or_else(|| Trials::of_strangers(genuine.len()), |of| Trials::of_people(&of));
            let value = false_non_matches as f64 / genuine.len() as f64;
            Ok(CohortShare { value, interval: Some(trials.share(&rejected, self.level)?) })
        } else {
            Err(TooFewGenuine { genuine: genuine.len(), people })
        };
        let impostors = self.of_kind(false, pairs);
        let support = self.support(&impostors);
        let fmr = match support.check(self.fmr) {
            Ok(()) => Ok(self.false_match_rate(&impostors, support)?),
            Err(unsupported) => Err(unsupported),
        };
        Ok(CohortRates { genuine: genuine.len(), false_non_matches, people, support, fnmr, fmr })
    }

    fn false_match_rate(&self, impostors: &[usize], support: Support) -> Result<CohortShare, Error> {
        let value = support.false_matches as f64 / support.impostors as f64;
        let Some(people) = self.people else {
            let interval = wilson(support.false_matches, support.impostors, self.level)?;
            return Ok(CohortShare { value, interval: Some(interval) });
        };
        let mut dyads = Dyads::default();
        impostors.iter().for_each(|&pair| dyads.add(people[pair], self.accepts(pair)));
        match dyads.share(self.level) {
            Ok(interval) => Ok(CohortShare { value, interval: Some(interval) }),
            Err(Error::TooFewPeople { .. }) => Ok(CohortShare { value, interval: None }),
            Err(error) => Err(error),
        }
    }
}

fn count_different(people: &[u32]) -> usize {
    let mut people = people.to_vec();
    people.sort_unstable();
    people.dedup();
    people.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small table by hand. 20 people with a pair by day and one by night, and each compared with the next 3, by day.
    /// At 0.5: the pair of person `i` by night is rejected for `i < 5`, impostors `i, i + 1` are accepted for `i < 12`.
    struct List {
        scores: Vec<Option<f32>>,
        same: Vec<bool>,
        people: Vec<[u32; 2]>,
        light: PairLabels,
    }

    fn list() -> List {
        let mut list = List {
            scores: Vec::new(),
            same: Vec::new(),
            people: Vec::new(),
            light: PairLabels {
                name: "light".to_owned(),
                values: ["day", "night", "dusk"].map(str::to_owned).to_vec(),
                of_pairs: Vec::new(),
            },
        };
        let mut push = |a: u32, b: u32, score: Option<f32>, light: Option<u8>| {
            list.scores.push(score);
            list.same.push(a == b);
            list.people.push([a, b]);
            list.light.of_pairs.push(light);
        };
        for person in 0..20 {
            push(person, person, Some(0.9), Some(0));
            // No face at all is rejected as well.
            push(person, person, if person == 0 { None } else { Some(0.1 * person as f32) }, Some(1));
            for step in 1..=3 {
                let score = if step == 1 && person < 12 { 0.5 } else { 0.2 };
                push(person, (person + step) % 20, Some(score), Some(0));
            }
        }
        push(0, 0, Some(0.9), None);
        push(0, 0, Some(0.9), Some(2));
        list
    }

    #[test]
    fn golden_rates_by_hand() {
        let List { scores, same, people, light } = list();
        let cohorts = Cohorts::new(&scores, &same, Some(&people), 0.5, 0.95).unwrap();
        let by_light = cohorts.by(&light).unwrap();
        let [day, night, dusk] = &by_light[..] else { panic!("{by_light:?}") };

        assert_eq!((day.genuine, day.false_non_matches, day.people), (20, 0, Some(20)));
        assert_eq!((night.genuine, night.false_non_matches, night.people), (20, 5, Some(20)));
        let fnmr = night.fnmr.unwrap();
        assert_eq!(fnmr.value, 0.25);
        // One pair a person: Wilson's interval of 5 in 20, but for the factor 20 / 19.
        let (interval, plain) = (fnmr.interval.unwrap(), wilson(5, 20, 0.95).unwrap());
        assert!((interval.low - plain.low).abs() < 0.005 && (interval.high - plain.high).abs() < 0.01);

        let accepted = Support { impostors: 60, false_matches: 12, identity_pairs: Some(12) };
        assert_eq!(day.support, accepted);
        let fmr = day.fmr.unwrap();
        assert_eq!(fmr.value, 0.2);
        let (interval, plain) = (fmr.interval.unwrap(), wilson(12, 60, 0.95).unwrap());
        assert!(interval.low <= plain.low && interval.high >= plain.high, "pairs share people");
        assert_eq!(
            night.fmr.unwrap_err().support,
            Support { impostors: 0, false_matches: 0, identity_pairs: Some(0) }
        );

        assert_eq!((dusk.genuine, dusk.fnmr), (1, Err(TooFewGenuine { genuine: 1, people: Some(1) })));
        assert!(
            dusk.fnmr
                .unwrap_err()
                .to_string()
                .contains("genuine pairs of 10 people are needed, and here are those of 1")
        );
        // The pair without a label is among all.
        let all = cohorts.all().unwrap();
        assert_eq!((all.genuine, all.false_non_matches, all.support), (42, 5, accepted));
    }

    #[test]
    fn without_people_pairs_are_counted() {
        let List { scores, same, light, .. } = list();
        let cohorts = Cohorts::new(&scores, &same, None, 0.5, 0.95).unwrap();
        let by_light = cohorts.by(&light).unwrap();
        assert_eq!(by_light[0].fmr.unwrap().interval, Some(wilson(12, 60, 0.95).unwrap()));
        assert_eq!(by_light[1].fnmr.unwrap().interval, Some(wilson(5, 20, 0.95).unwrap()));
        let few = by_light[2].fnmr.unwrap_err();
        assert!(few.to_string().contains("10 genuine pairs are needed, and here are 1"), "{few}");
        // 12 in 60 are expected, so 50 pairs give ten.
        assert!(
            by_light[1].fmr.unwrap_err().to_string().contains("50 or more comparisons of different people")
        );
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let List { scores, same, people, mut light } = list();
        let new = |same: &[bool], people, threshold| {
            Cohorts::new(&scores, same, people, threshold, 0.95).map(|_| ()).unwrap_err()
        };
        assert!(matches!(new(&same[1..], None, 0.5), Error::Length { .. }));
        assert!(matches!(new(&same, Some(&people[1..]), 0.5), Error::Length { .. }));
        assert!(matches!(new(&same, None, f64::NAN), Error::Setting { .. }));
        let cohorts = Cohorts::new(&scores, &same, None, 0.5, 0.95).unwrap();
        light.of_pairs[7] = Some(3);
        assert!(matches!(cohorts.by(&light), Err(Error::Item { number: 7, .. })));
        light.of_pairs.pop();
        assert!(matches!(cohorts.by(&light), Err(Error::Length { .. })));
    }
}
