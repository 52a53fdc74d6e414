//! Every photo of known people against every other: millions of pairs, of which only the highest impostor scores are
//! kept.
//!
//! A false-match rate of 0.001 needs 10,000 impostor pairs, and a benchmark lists 3,000. Its photos make many more: the
//! 7,701 photos of LFW View 2 make 30 million. False matches lie in the upper tail of their scores, so that is all that
//! is kept, with both people; the number of the others follows from the photos of each person. What would need one
//! of the scores that were not kept is refused, in every single draw of a bootstrap, too.

use std::collections::HashSet;

use super::scored_pairs::{Comparison, Numbers, Photos, check_count};
use super::{MIN_PEOPLE, Resampled, ScoredPair, ScoredPairs, Support};
use crate::{Error, OperatingPoint, Roc, RocPoint};

/// The weights of all pairs of so many photos add up to less than 2^64 unless somebody is drawn more than 40 times,
/// which has a probability below 1e-48.
const MAX_PHOTOS: u64 = 100_000_000;

impl ScoredPairs {
    /// Every photo of known people against every other. A bootstrap draws people.
    ///
    /// `photos[person]` is the number of photos of a person, those without a face among them. `scored` holds the pairs
    /// that have a score, in any order, with people numbered by their place in `photos`: all genuine ones, and all
    /// impostors of the score `kept_from` or more (minus infinity: all). Pairs that are not given have no score or a
    /// lower one, and count: a genuine one as rejected at every threshold, an impostor as accepted at no threshold
    /// from `kept_from` up. Below that, nothing is answered. 12 bytes for each pair that is given.
    ///
    /// The same pairs given one by one to [`of_people`](Self::of_people) are answered for with the same numbers.
    ///
    /// ```
    /// use omote_evaluation::{Bootstrap, ScoredPair, ScoredPairs, Statistic};
    ///
    /// // 20 people with 3 photos each make 60 genuine and 1,710 impostor pairs. Of the impostors, those of neighbours
    /// // score 0.5 or more, and only they are kept.
    /// let genuine = (0..20).flat_map(|a| [ScoredPair { a, b: a, score: Some(0.8) }; 3]);
    /// let alike = (1..20).map(|a| ScoredPair { a, b: a - 1, score: Some(0.5 + 0.02 * a as f32) });
    /// let pairs = ScoredPairs::of_all(&[3; 20], genuine.chain(alike), 0.5)?;
    /// assert_eq!((pairs.genuine_count(), pairs.impostor_count()), (60, 1710));
    /// // Those from 0.81 up: 16, 17, 18 and 19 with the one before them.
    /// assert_eq!(pairs.at(0.81)?.fmr, 4.0 / 1710.0);
    /// let found = Bootstrap::default().estimate(&pairs, &[Statistic::FmrAtThreshold(0.81)])?[0];
    /// assert!(found.interval.contains(4.0 / 1710.0));
    /// // Of lower thresholds nothing is known.
    /// assert!(pairs.at(0.4).is_err());
    /// # Ok::<(), omote_evaluation::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Item`] for a person who is not in `photos`, for more genuine pairs of a person than the photos make, or
    /// for an impostor below `kept_from`; [`Error::Length`] for more impostors than there can be; [`Error::Score`] for
    /// a score that is not finite; [`Error::Empty`] if nobody has two photos, or only one person has any;
    /// [`Error::TooFewPeople`] below [`MIN_PEOPLE`]; [`Error::Setting`] for a NaN `kept_from` or more than 10^8 photos.
    pub fn of_all(
        photos: &[u64],
        scored: impl IntoIterator<Item = ScoredPair>,
        kept_from: f32,
    ) -> Result<Self, Error> {
        check_count(photos.len())?;
        Error::if_nan("score from which impostors are kept", kept_from.into())?;
        let all = photos.iter().fold(0, |sum: u64, &count| sum.saturating_add(count));
        if all > MAX_PHOTOS {
            let (what, value) = ("number of photos", all as f64);
            return Err(Error::Setting { what, value, expected: "at most 10^8" });
        }
        let pairs_of = |count: u64| count * count.saturating_sub(1) / 2;
        let mut people: Vec<Photos> =
            photos.iter().map(|&count| Photos { count, without_score: pairs_of(count) }).collect();
        let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
        for (number, pair) in scored.into_iter().enumerate() {
            let bad = |problem: String| Error::Item { what: "pair", number, problem };
            if let Some(person) = [pair.a, pair.b].into_iter().find(|&person| person as usize >= people.len())
            {
                return Err(bad(format!("person {person} is none of the {} people", people.len())));
            }
            let Some(score) = pair.score else { continue };
            if !score.is_finite() {
                return Err(Error::Score { pair: number, score });
            }
            if pair.is_genuine() {
                let photos = &mut people[pair.a as usize];
                let left = photos.without_score.checked_sub(1);
                photos.without_score = left.ok_or_else(|| {
                    bad(format!("the {} photos of person {} make fewer pairs", photos.count, pair.a))
                })?;
                genuine.push(Comparison { score, units: [pair.a + 1, 0] });
            } else if score < kept_from {
                return Err(bad(format!("{score} is below {kept_from}, from which on scores are kept")));
            } else {
                impostor.push(Comparison { score, units: [pair.a + 1, pair.b + 1] });
            }
        }
        genuine.sort_unstable_by(|x, y| x.score.total_cmp(&y.score));
        impostor.sort_unstable_by(|x, y| y.score.total_cmp(&x.score));
        let found = Self {
            resampled: Resampled::Identities,
            strata: vec![photos.len()],
            genuine,
            impostor,
            kept_from,
            numbers: Numbers::Photos(people),
            order: Vec::new(),
        };
        let (genuine, impostors) = (found.genuine_count(), found.impostor_count());
        if genuine == 0 {
            return Err(Error::Empty { what: "pair of the same person" });
        }
        if impostors == 0 {
            return Err(Error::Empty { what: "pair of different people" });
        }
        if found.impostor.len() as u64 > impostors {
            let (what, expected) = ("impostor pairs", impostors as usize);
            return Err(Error::Length { what, expected, got: found.impostor.len() });
        }
        let people = photos.iter().filter(|&&count| count > 0).count();
        if people < MIN_PEOPLE {
            return Err(Error::TooFewPeople { people, needed: MIN_PEOPLE });
        }
        Ok(found)
    }

    /// The rates at a threshold. O(log n + people).
    ///
    /// # Errors
    /// [`Error::BelowKept`] for a threshold below the impostor scores that were kept, [`Error::Setting`] for NaN.
    pub fn at(&self, threshold: f64) -> Result<OperatingPoint, Error> {
        let false_matches = self.accepted(threshold)?.len();
        let rejects = |one: &Comparison| one.score == f32::NEG_INFINITY || f64::from(one.score) < threshold;
        let true_matches = self.genuine.len() - self.genuine.partition_point(rejects);
        let (genuine, impostor) = (self.genuine_count(), self.impostor_count());
        Ok(OperatingPoint {
            threshold,
            fmr: false_matches as f64 / impostor as f64,
            fnmr: (genuine - true_matches as u64) as f64 / genuine as f64,
            false_matches,
        })
    }

    /// The rates at the smallest threshold whose false-match rate is `fmr` or less, as
    /// [`Scores::fnmr_at_fmr`](crate::Scores::fnmr_at_fmr). O(false matches + people).
    ///
    /// # Errors
    /// [`Error::BelowKept`] if that threshold lies below the impostor scores that were kept.
    pub fn fnmr_at_fmr(&self, fmr: f64) -> Result<OperatingPoint, Error> {
        let limit = self.last_rejected(|_| 1, self.impostor_count(), fmr)?;
        if limit > f32::NEG_INFINITY {
            return self.at(f64::from(limit).next_up());
        }
        // All impostors may be accepted: the lowest score accepts whatever has one.
        let lists = self.genuine.iter().chain(&self.impostor).map(|one| one.score);
        let lowest = lists.filter(|&score| score > f32::NEG_INFINITY).fold(f32::INFINITY, f32::min);
        self.at(f64::from(lowest))
    }

    /// What the false-match rate at a threshold rests on. O(false matches + people).
    ///
    /// # Errors
    /// [`Error::BelowKept`] for a threshold below the impostor scores that were kept, [`Error::Setting`] for NaN.
    pub fn support(&self, threshold: f64) -> Result<Support, Error> {
        let accepted = self.accepted(threshold)?;
        let pairs = accepted.iter().map(|one| {
            let [a, b] = one.units;
            (a.min(b), a.max(b))
        });
        Ok(Support {
            impostors: self.impostor_count() as usize,
            false_matches: accepted.len(),
            identity_pairs: match self.resampled {
                Resampled::Identities => Some(pairs.collect::<HashSet<_>>().len()),
                Resampled::Pairs => None,
            },
        })
    }

    /// The ROC down to the lowest impostor score that was kept: one point for each distinct score from there up, the
    /// highest first, and one above all. O(n) time, 24 bytes a point.
    pub fn roc(&self) -> Roc {
        let (genuine, impostor) = (self.genuine_count() as f64, self.impostor_count() as f64);
        let floor = self.kept_from.max(f32::MIN);
        let mut genuines = self.genuine.iter().rev().map(|one| one.score).filter(|&s| s >= floor).peekable();
        let mut impostors = self.impostor.iter().map(|one| one.score).filter(|&s| s >= floor).peekable();
        let (mut accepted, mut matched) = (0_u64, 0_u64);
        let highest = genuines.peek().into_iter().chain(impostors.peek()).copied().fold(floor, f32::max);
        let start = RocPoint { threshold: f64::from(highest).next_up(), fmr: 0.0, tar: 0.0 };
        let steps = std::iter::from_fn(|| {
            let score = genuines.peek().into_iter().chain(impostors.peek()).copied().reduce(f32::max)?;
            while genuines.next_if_eq(&score).is_some() {
                matched += 1;
            }
            while impostors.next_if_eq(&score).is_some() {
                accepted += 1;
            }
            let (fmr, tar) = (accepted as f64 / impostor, matched as f64 / genuine);
            Some(RocPoint { threshold: f64::from(score), fmr, tar })
        });
        Roc { points: std::iter::once(start).chain(steps).collect() }
    }

    /// The impostors that a threshold accepts.
    fn accepted(&self, threshold: f64) -> Result<&[Comparison], Error> {
        Error::if_nan("threshold", threshold)?;
        self.check_kept(threshold)?;
        let accepts = |one: &Comparison| one.score > f32::NEG_INFINITY && f64::from(one.score) >= threshold;
        Ok(&self.impostor[..self.impostor.partition_point(accepts)])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Bootstrap, Scores, Statistic};

    /// Photos of a dozen people, who is on each and whether it shows a face, and a score for each two of them.
    #[derive(Clone, Debug)]
    struct Album {
        photos: Vec<(u32, bool)>,
        scores: Vec<f32>,
    }

    const PEOPLE: u32 = 12;

    impl Album {
        fn any() -> impl Strategy<Value = Self> {
            let score = prop_oneof![(-6_i8..6).prop_map(|step| f32::from(step) / 8.0), -1.0_f32..1.0];
            let more = prop::collection::vec((0..PEOPLE, prop::bool::weighted(0.8)), 0..16);
            (more, prop::bool::ANY, prop::collection::vec(score, 50)).prop_map(|(more, all, scores)| {
                let mut photos: Vec<(u32, bool)> = (0..PEOPLE).map(|person| (person, true)).collect();
                photos.push((3, true));
                photos.extend(more.into_iter().map(|(person, face)| (person, face || all)));
                Self { photos, scores }
            })
        }

        /// All pairs of photos, one by one.
        fn listed(&self) -> Vec<ScoredPair> {
            let mut scores = self.scores.iter().cycle();
            let mut pairs = Vec::new();
            for (number, &(a, a_face)) in self.photos.iter().enumerate() {
                for &(b, b_face) in &self.photos[..number] {
                    let score = scores.next().copied().filter(|_| a_face && b_face);
                    // The same scores in another order each time round.
                    if number % 7 == 0 {
                        scores.next();
                    }
                    pairs.push(ScoredPair { a, b, score });
                }
            }
            pairs
        }

        fn counts(&self) -> Vec<u64> {
            let mut counts = vec![0; PEOPLE as usize];
            self.photos.iter().for_each(|&(person, _)| counts[person as usize] += 1);
            counts
        }

        /// What is kept of the pairs from a score on.
        fn kept(&self, from: f32) -> ScoredPairs {
            let scored = self
                .listed()
                .into_iter()
                .filter(|pair| pair.is_genuine() || pair.score.is_some_and(|score| score >= from));
            ScoredPairs::of_all(&self.counts(), scored, from).unwrap()
        }
    }

    proptest! {
        /// To the bit: the same sums over the same weights.
        #[test]
        fn pairs_one_by_one_say_the_same(
            album in Album::any(),
            threshold in prop_oneof![-1.0..1.0, (-6_i8..6).prop_map(|step| f64::from(step) / 8.0)],
            fmr in prop_oneof![0.0..1.0, Just(0.0), Just(0.1), Just(1.0)],
            seed in 0..u64::MAX,
        ) {
            let listed = album.listed();
            let one_by_one = ScoredPairs::of_people(&listed).unwrap();
            let all = album.kept(f32::NEG_INFINITY);
            let statistics = [
                Statistic::FnmrAtThreshold(threshold),
                Statistic::FmrAtThreshold(threshold),
                Statistic::FnmrAtFmr(fmr),
                Statistic::Eer,
            ];
            let bootstrap = Bootstrap { resamples: 40, seed, ..Bootstrap::default() };
            prop_assert_eq!(
                bootstrap.estimate(&all, &statistics).unwrap(),
                bootstrap.estimate(&one_by_one, &statistics).unwrap()
            );
            // The sum of the area is taken in another order.
            let areas = [&all, &one_by_one].map(|pairs| bootstrap.estimate(pairs, &[Statistic::Auc]).unwrap()[0]);
            prop_assert!((areas[0].value - areas[1].value).abs() < 1e-12);
            prop_assert!((areas[0].interval.low - areas[1].interval.low).abs() < 1e-12);
            prop_assert!((areas[0].interval.high - areas[1].interval.high).abs() < 1e-12);

            let (scores, same): (Vec<_>, Vec<_>) =
                listed.iter().map(|pair| (pair.score, pair.is_genuine())).unzip();
            let scores = Scores::from_pairs(&scores, &same).unwrap();
            prop_assert_eq!(all.genuine_count() as usize, scores.genuine_count());
            prop_assert_eq!(all.impostor_count() as usize, scores.impostor_count());
            for pairs in [&all, &one_by_one] {
                prop_assert_eq!(pairs.at(threshold).unwrap(), scores.at(threshold));
                prop_assert_eq!(pairs.fnmr_at_fmr(fmr).unwrap(), scores.fnmr_at_fmr(fmr));
                prop_assert_eq!(pairs.support(threshold).unwrap(), Support::count(&listed, threshold));
                prop_assert_eq!(pairs.roc(), scores.roc());
            }
        }

        /// The tail answers as all scores do, or says that it cannot.
        #[test]
        fn the_tail_is_enough_or_says_that_it_is_not(
            album in Album::any(),
            from in prop_oneof![Just(-0.5_f32), Just(0.25), Just(0.5)],
            threshold in -1.0..1.0,
            fmr in 0.0..0.6,
            seed in 0..u64::MAX,
        ) {
            let (all, tail) = (album.kept(f32::NEG_INFINITY), album.kept(from));
            let bootstrap = Bootstrap { resamples: 40, seed, ..Bootstrap::default() };
            let statistics = [
                Statistic::FnmrAtThreshold(threshold),
                Statistic::FmrAtThreshold(threshold),
                Statistic::FnmrAtFmr(fmr),
            ];
            let below = Error::BelowKept { kept_from: f64::from(from) }.to_string();
            for statistic in statistics {
                let exact = bootstrap.estimate(&all, &[statistic]).unwrap();
                match bootstrap.estimate(&tail, &[statistic]) {
                    Ok(found) => prop_assert_eq!(found, exact),
                    Err(error) => prop_assert_eq!(error.to_string(), below.clone()),
                }
            }
            let refused = bootstrap.estimate(&tail, &statistics[1..2]).is_err();
            prop_assert_eq!(refused, threshold < f64::from(from));
            // A rate that some draw cannot reach in the tail is refused in all of them.
            if let Err(error) = tail.fnmr_at_fmr(fmr) {
                prop_assert_eq!(error.to_string(), below.clone());
                prop_assert!(bootstrap.estimate(&tail, &statistics[2..]).is_err());
            }
            for statistic in [Statistic::Auc, Statistic::Eer] {
                prop_assert_eq!(bootstrap.estimate(&tail, &[statistic]).unwrap_err().to_string(), below.clone());
            }
            let from = f64::from(from);
            let roc: Vec<_> = all.roc().points.into_iter().filter(|point| point.threshold >= from).collect();
            prop_assert_eq!(&tail.roc().points[1..], &roc[usize::from(roc[0].fmr == 0.0 && roc[0].tar == 0.0)..]);
        }

        #[test]
        fn a_paired_difference_is_that_of_the_same_draws(first in Album::any(), step in 0..50_usize, fmr in 0.0..1.0) {
            let mut second = first.clone();
            second.scores.rotate_left(step);
            let bootstrap = Bootstrap { resamples: 40, ..Bootstrap::default() };
            let statistic = Statistic::FnmrAtFmr(fmr);
            let found = [
                [first.kept(f32::NEG_INFINITY), second.kept(f32::NEG_INFINITY)],
                [first, second].map(|album| ScoredPairs::of_people(&album.listed()).unwrap()),
            ]
            .map(|[a, b]| bootstrap.difference(&a, &b, statistic).unwrap());
            prop_assert_eq!(found[0], found[1]);
        }
    }

    #[test]
    fn bad_pairs_are_named() {
        let pair = |a, b, score| ScoredPair { a, b, score: Some(score) };
        let message = |photos: &[u64], pairs: &[ScoredPair], from: f32| {
            ScoredPairs::of_all(photos, pairs.iter().copied(), from).unwrap_err().to_string()
        };
        let lowest = f32::NEG_INFINITY;
        assert!(message(&[], &[], lowest).contains("no pair of the same person"));
        assert!(message(&[1, 1], &[], lowest).contains("no pair of the same person"));
        assert!(message(&[5], &[], lowest).contains("no pair of different people"));
        assert!(message(&[2, 1], &[], lowest).contains("2 people"), "{}", message(&[2, 1], &[], lowest));
        assert!(message(&[2, 1], &[pair(0, 2, 0.5)], lowest).contains("person 2 is none of the 2 people"));
        assert!(message(&[2, 1], &[pair(0, 1, f32::NAN)], lowest).starts_with("the score of pair 0 "));
        assert!(message(&[2, 1], &[pair(0, 0, 0.1), pair(0, 0, 0.1)], lowest).contains("make fewer pairs"));
        assert!(message(&[2, 1], &[pair(0, 1, 0.1)], 0.5).contains("0.1 is below 0.5"));
        assert!(message(&[2, 1], &[pair(0, 1, 0.1); 3], lowest).contains("3 impostor pairs"));
        assert!(message(&[2, 1], &[], f32::NAN).contains("a number"));
        assert!(message(&[u64::MAX, 1], &[], lowest).contains("10^8"));
        // A person without a photo is nobody.
        let nobody = [&[2_u64, 1][..], &[0; 20]].concat();
        assert!(message(&nobody, &[], lowest).contains("2 people"));
    }

    #[test]
    fn different_photos_are_not_compared() {
        let of = |photos: &[u64]| ScoredPairs::of_all(photos, [], 0.5).unwrap();
        let (a, b) = (of(&[2; 10]), of(&[3; 10]));
        let bootstrap = Bootstrap::default();
        let statistic = Statistic::FnmrAtThreshold(0.5);
        assert!(matches!(bootstrap.difference(&a, &b, statistic), Err(Error::Item { .. })));
        let found = bootstrap.difference(&a, &a, statistic).unwrap();
        assert_eq!((found.a, found.difference.value, found.p_value), (1.0, 0.0, 1.0));
    }
}
