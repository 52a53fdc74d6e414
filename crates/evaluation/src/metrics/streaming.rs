//! More scores than fit in memory: an exact upper tail, and a fine histogram below it.

mod finished;
mod histogram;
mod order;

use std::cmp::Ordering;

pub use self::finished::{StreamedPoint, StreamedScores, StreamedThreshold};
use self::histogram::Histogram;
use crate::Error;

/// How many scores are kept one by one, and how finely the others are counted.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// The highest impostor scores: at least so many, once there are that many.
    tail: usize,
    /// Genuine scores: all of them, or none if there are more.
    genuine: usize,
    /// Leading bits of an f32 that tell the bins of a histogram apart.
    bits: u32,
}

const LIMITS: Limits = Limits { tail: 1 << 20, genuine: 1 << 22, bits: 22 };

/// Takes genuine and impostor scores one by one or in slices, in bounded memory, for billions of comparisons.
///
/// Push the scores, [`merge`](Self::merge) what other threads pushed, and [`finish`](Self::finish) to ask for rates.
///
/// # What is exact
/// The 2^20 highest impostor scores (1,048,576, with any that equal the lowest of them) are kept as they are. As long
/// as that covers the false matches that are allowed, a threshold is exactly what [`Scores`](crate::Scores) would
/// give: at FMR 1e-4 and below for up to 10^10 impostors, and for fewer impostors from higher rates, or all rates if
/// there are no more than 2^20. Genuine scores are kept one by one up to 2^22 (4,194,304) of them; as long as they
/// are, every FNMR is an exact count.
///
/// Impostor scores below the tail, and all genuine scores if there are more than that, are counted in a histogram over
/// the upper 22 bits of an f32: a bin is at most 2^-13 of the score wide, 0.00006 at a cosine of 0.5. A threshold from
/// the histogram is at most one bin higher than the smallest that the asked FMR allows, never lower; the FMR and the
/// number of false matches that are reported with it are true of it. Every answer says whether it is exact.
///
/// # Memory
/// At most 8 MiB for the tail, 32 MiB for the impostors' histogram, 16 MiB for genuine scores or 32 MiB for their
/// histogram (both for a moment), whatever the number of scores. A curve is taken from at most 10 million points, for
/// which up to 96 MiB are borrowed; cosines fill few bins and need a tenth of that. Threads that share the work each
/// need their own.
///
/// ```
/// use omote_evaluation::StreamingScores;
///
/// let mut scores = StreamingScores::new();
/// for person in 0..1000_u16 {
///     scores.push_genuine(0.5 + f32::from(person % 10) / 20.0)?;
///     // The work of another thread, say.
///     let mut others = StreamingScores::new();
///     others.extend_impostors(&[0.0, f32::from(person) / 1000.0])?;
///     scores.merge(others);
/// }
/// let scores = scores.finish()?;
/// let found = scores.fnmr_at_fmr(0.15);
/// assert!(found.exact && found.point.false_matches == 300);
/// assert_eq!(found.point.fnmr, 0.4);
/// # Ok::<(), omote_evaluation::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct StreamingScores {
    limits: Limits,
    impostors: Impostors,
    genuine: Genuine,
    impostors_without_score: u64,
    genuine_without_score: u64,
}

impl StreamingScores {
    /// Without scores yet.
    pub fn new() -> Self {
        Self::with_limits(LIMITS)
    }

    fn with_limits(limits: Limits) -> Self {
        Self {
            limits,
            impostors: Impostors::default(),
            genuine: Genuine::default(),
            impostors_without_score: 0,
            genuine_without_score: 0,
        }
    }

    /// Adds the score of a pair of the same person.
    ///
    /// # Errors
    /// [`Error::UnrankedScore`] for a NaN or infinite score, which is not added.
    pub fn push_genuine(&mut self, score: f32) -> Result<(), Error> {
        self.extend_genuine(&[score])
    }

    /// Adds the score of a pair of different people.
    ///
    /// # Errors
    /// [`Error::UnrankedScore`] for a NaN or infinite score, which is not added.
    pub fn push_impostor(&mut self, score: f32) -> Result<(), Error> {
        self.extend_impostors(&[score])
    }

    /// Adds scores of pairs of the same person.
    ///
    /// # Errors
    /// [`Error::UnrankedScore`] for a NaN or infinite score, with its position among all genuine scores so far; none of
    /// the slice is added then.
    pub fn extend_genuine(&mut self, scores: &[f32]) -> Result<(), Error> {
        check("genuine", self.genuine.count, scores)?;
        for &score in scores {
            self.genuine.add(order::key(score), self.limits);
        }
        Ok(())
    }

    /// Adds scores of pairs of different people.
    ///
    /// # Errors
    /// [`Error::UnrankedScore`] for a NaN or infinite score, with its position among all impostor scores so far; none
    /// of the slice is added then.
    pub fn extend_impostors(&mut self, scores: &[f32]) -> Result<(), Error> {
        check("impostor", self.impostors.count, scores)?;
        self.impostors.count += scores.len() as u64;
        for &score in scores {
            self.impostors.add(order::key(score), self.limits);
        }
        Ok(())
    }

    /// Counts pairs that have no score (no face was found in a photo): they are rejected at every threshold.
    pub fn count_without_score(&mut self, genuine: u64, impostors: u64) {
        self.genuine_without_score += genuine;
        self.impostors_without_score += impostors;
    }

    /// Adds what another one, of another thread say, has taken. Exact scores stay so; the order of merges does not
    /// change an exact answer.
    pub fn merge(&mut self, other: Self) {
        self.impostors.merge(other.impostors, self.limits);
        self.genuine.merge(other.genuine, self.limits);
        self.count_without_score(other.genuine_without_score, other.impostors_without_score);
    }

    /// Sorts what was kept, for asking. O(n log n) in what is kept, not in what was pushed.
    ///
    /// # Errors
    /// [`Error::Empty`] if there is no pair of one kind, or none with a score.
    pub fn finish(self) -> Result<StreamedScores, Error> {
        StreamedScores::new(self)
    }
}

impl Default for StreamingScores {
    fn default() -> Self {
        Self::new()
    }
}

/// Looks at all of a slice before any of it is added: a caller who goes on after an error knows what is counted.
fn check(kind: &'static str, before: u64, scores: &[f32]) -> Result<(), Error> {
    match scores.iter().position(|score| !score.is_finite()) {
        Some(position) => {
            Err(Error::UnrankedScore { kind, position: before + position as u64, score: scores[position] })
        }
        None => Ok(()),
    }
}

/// Impostor scores as keys: all above `floor` one by one, those at it as a number, those below it in bins.
#[derive(Clone, Debug, Default)]
struct Impostors {
    /// With a score.
    count: u64,
    /// In no order, all above `floor`.
    tail: Vec<u32>,
    /// 0, which no score has, until something had to leave the tail.
    floor: u32,
    /// Scores that are exactly at the floor. Heavy ties need no memory, and their ranks stay exact.
    at_floor: u64,
    /// The scores below the floor.
    below: Option<Histogram>,
}

impl Impostors {
    fn add(&mut self, key: u32, limits: Limits) {
        if key > self.floor {
            self.tail.push(key);
            if self.tail.len() >= 2 * limits.tail {
                // The tail keeps its limit, ties at the floor among it. Half of it leaves, which pays for the pass.
                let pivot = self.tail.len() - limits.tail;
                let floor = *self.tail.select_nth_unstable(pivot).1;
                self.raise(floor, limits);
            }
        } else if key == self.floor {
            self.at_floor += 1;
        } else {
            self.add_below(key, 1, limits);
        }
    }

    fn add_below(&mut self, key: u32, count: u64, limits: Limits) {
        self.below.get_or_insert_with(|| Histogram::new(limits.bits)).add(key, count);
    }

    /// Raises the floor to a higher key.
    fn raise(&mut self, floor: u32, limits: Limits) {
        if self.at_floor > 0 {
            self.add_below(self.floor, self.at_floor, limits);
        }
        self.floor = floor;
        self.at_floor = 0;
        let mut tail = std::mem::take(&mut self.tail);
        tail.retain(|&key| {
            match key.cmp(&floor) {
                Ordering::Greater => return true,
                Ordering::Equal => self.at_floor += 1,
                Ordering::Less => self.add_below(key, 1, limits),
            }
            false
        });
        self.tail = tail;
    }

    fn merge(&mut self, other: Self, limits: Limits) {
        self.count += other.count;
        // The tail of the higher floor holds the limit already: what the other holds below it is not needed.
        if other.floor > self.floor {
            self.raise(other.floor, limits);
        }
        if other.at_floor > 0 {
            if other.floor == self.floor {
                self.at_floor += other.at_floor;
            } else {
                self.add_below(other.floor, other.at_floor, limits);
            }
        }
        match (&mut self.below, other.below) {
            (Some(below), Some(other)) => below.merge(&other),
            (below @ None, other) => *below = other,
            (Some(_), None) => {}
        }
        for key in other.tail {
            self.add(key, limits);
        }
    }
}

/// Genuine scores as keys: all of them one by one, or all in a histogram.
#[derive(Clone, Debug, Default)]
struct Genuine {
    /// With a score.
    count: u64,
    /// In no order; empty once there are bins.
    kept: Vec<u32>,
    bins: Option<Histogram>,
}

impl Genuine {
    fn add(&mut self, key: u32, limits: Limits) {
        self.count += 1;
        if self.bins.is_none() && self.kept.len() < limits.genuine {
            self.kept.push(key);
        } else {
            self.bins(limits).add(key, 1);
        }
    }

    /// The histogram, into which scores that were kept are moved first.
    fn bins(&mut self, limits: Limits) -> &mut Histogram {
        let bins = self.bins.get_or_insert_with(|| Histogram::new(limits.bits));
        for key in std::mem::take(&mut self.kept) {
            bins.add(key, 1);
        }
        bins
    }

    fn merge(&mut self, other: Self, limits: Limits) {
        for key in other.kept {
            self.add(key, limits);
        }
        if let Some(bins) = other.bins {
            self.count += other.count;
            self.bins(limits).merge(&bins);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Scores;

    const SMALL: Limits = Limits { tail: 8, genuine: 20, bits: 14 };

    fn streamed(limits: Limits, genuine: &[f32], impostors: &[f32]) -> StreamingScores {
        let mut streaming = StreamingScores::with_limits(limits);
        streaming.extend_genuine(genuine).unwrap();
        streaming.extend_impostors(impostors).unwrap();
        streaming
    }

    #[test]
    fn few_scores_are_all_kept() {
        let (genuine, impostors) = ([0.9, 0.4, 0.8, -0.0], [0.4, 0.0, 0.1, -3.0]);
        let found = streamed(LIMITS, &genuine, &impostors).finish().unwrap();
        let scores = Scores::new(genuine.to_vec(), impostors.to_vec()).unwrap();
        for fmr in [0.0, 0.25, 0.3, 0.5, 0.75, 1.0] {
            let expected = StreamedPoint { point: scores.fnmr_at_fmr(fmr), exact: true };
            assert_eq!(found.fnmr_at_fmr(fmr), expected, "{fmr}");
        }
        assert_eq!(found.roc(100), scores.roc());
    }

    #[test]
    fn heavy_ties_stay_exact() {
        let impostors = [vec![0.5_f32; 1000], vec![0.25; 500], vec![0.75; 3]].concat();
        let found = streamed(SMALL, &[0.5, 0.6], &impostors).finish().unwrap();
        let scores = Scores::new(vec![0.5, 0.6], impostors).unwrap();
        for fmr in [0.0, 1e-3, 3.0 / 1503.0, 0.3, 0.6] {
            assert_eq!(found.fnmr_at_fmr(fmr), StreamedPoint { point: scores.fnmr_at_fmr(fmr), exact: true });
        }
        assert!(!found.fnmr_at_fmr(0.9).exact);
        // Nothing but ties was dropped: the curve goes on to the genuine scores below them.
        let impostors = vec![0.5; 100];
        let found = streamed(SMALL, &[0.6, 0.1, 0.2], &impostors).finish().unwrap();
        assert_eq!(found.roc(100), Scores::new(vec![0.6, 0.1, 0.2], impostors).unwrap().roc());
        let found = streamed(SMALL, &[0.5, 0.6], &[vec![0.5; 1000], vec![0.25; 500], vec![0.75; 3]].concat());
        let found = found.finish().unwrap();
        let at_tie = found.at(0.5);
        assert_eq!((at_tie.point.false_matches, at_tie.exact), (1003, true));
    }

    #[test]
    fn pairs_without_a_score_are_rejected() {
        let mut streaming = streamed(SMALL, &[0.9, 0.8], &[0.1]);
        streaming.count_without_score(2, 3);
        let found = streaming.finish().unwrap();
        assert_eq!((found.genuine_count(), found.impostor_count()), (4, 4));
        let point = found.at(f64::NEG_INFINITY).point;
        assert_eq!((point.fmr, point.fnmr, point.false_matches), (0.25, 0.5, 1));
        assert_eq!(found.threshold_at_fmr(0.25).threshold, f64::from(0.1_f32));
        assert_eq!(found.at(f64::NAN).point.fnmr, 1.0);
    }

    #[test]
    fn bad_scores_are_named_and_not_counted() {
        let mut streaming = streamed(SMALL, &[0.5], &[0.1, 0.2]);
        let error = streaming.extend_impostors(&[0.3, f32::NAN, 0.4]).unwrap_err().to_string();
        assert!(error.starts_with("impostor score 3 (counted from 0) is NaN"), "{error}");
        let error = streaming.push_genuine(f32::NEG_INFINITY).unwrap_err().to_string();
        assert!(error.starts_with("genuine score 1 (counted from 0) is -inf"), "{error}");
        let found = streaming.finish().unwrap();
        assert_eq!((found.genuine_count(), found.impostor_count()), (1, 2));

        let message = |streaming: StreamingScores| streaming.finish().unwrap_err().to_string();
        assert!(message(streamed(SMALL, &[], &[0.5])).contains("no genuine score"));
        assert!(message(streamed(SMALL, &[0.5], &[])).contains("no impostor score"));
        let mut failed = StreamingScores::new();
        failed.count_without_score(1, 1);
        assert!(message(failed).contains("no pair with a score"));
    }

    /// Ties, near ties within a bin and between bins, both signs, and the ends of f32.
    fn list(most: usize) -> impl Strategy<Value = Vec<f32>> {
        let score = prop_oneof![
            6 => -1.0_f32..1.0,
            3 => (-4_i8..5).prop_map(|step| f32::from(step) / 4.0),
            3 => (0_u32..3000).prop_map(|steps| f32::from_bits(0.5_f32.to_bits() + steps)),
            1 => prop_oneof![Just(f32::MAX), Just(f32::MIN), Just(-0.0), Just(f32::MIN_POSITIVE)],
        ];
        prop::collection::vec(score, 1..most)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn agrees_with_all_scores(
            genuine in list(40),
            impostors in list(200),
            cuts in (0.0_f64..1.0, 0.0_f64..1.0),
            rates in prop::collection::vec(0.0_f64..1.0, 8),
        ) {
            let scores = Scores::new(genuine.clone(), impostors.clone()).unwrap();
            // Two parts, merged: any split of the work must do.
            let split = |list: &[f32], cut: f64| (list.len() as f64 * cut) as usize;
            let (g, i) = (split(&genuine, cuts.0), split(&impostors, cuts.1));
            let mut streaming = streamed(SMALL, &genuine[..g], &impostors[..i]);
            streaming.merge(streamed(SMALL, &genuine[g..], &impostors[i..]));
            prop_assert!(streaming.impostors.tail.len() < 2 * SMALL.tail);
            let found = streaming.finish().unwrap();
            prop_assert_eq!(found.genuine_count(), genuine.len() as u64);
            prop_assert_eq!(found.impostor_count(), impostors.len() as u64);

            let steps = rates.iter().map(|rate| (rate * 20.0).floor() / impostors.len() as f64);
            for rate in rates.iter().copied().chain(steps).chain([0.0, 1.0]) {
                check_rate(&scores, &found, rate)?;
            }
            let around = |&score: &f32| {
                let score = f64::from(score);
                [score.next_down(), score, score.next_up()]
            };
            for threshold in genuine.iter().chain(&impostors).flat_map(around) {
                check_threshold(&scores, found.at(threshold))?;
            }
            for (most, full) in [(usize::MAX, true), (30, false)] {
                let roc = found.roc(most);
                prop_assert!(full || roc.points.len() <= most);
                let (first, last) = (roc.points[0], roc.points[roc.points.len() - 1]);
                prop_assert_eq!((first.fmr, first.tar, last.fmr, last.tar), (0.0, 0.0, 1.0, 1.0));
                for point in roc.points {
                    let truth = scores.at(point.threshold);
                    prop_assert_eq!((point.fmr, point.tar), (truth.fmr, truth_tar(&scores, point.threshold)));
                }
            }
        }
    }

    fn truth_tar(scores: &Scores, threshold: f64) -> f64 {
        let accepted = scores.genuine().iter().filter(|&&score| f64::from(score) >= threshold).count();
        accepted as f64 / scores.genuine_count() as f64
    }

    fn check_rate(scores: &Scores, found: &StreamedScores, rate: f64) -> Result<(), TestCaseError> {
        let (exact, answer) = (scores.fnmr_at_fmr(rate), found.fnmr_at_fmr(rate));
        prop_assert!(answer.point.fmr <= rate);
        check_threshold(scores, answer)?;
        let threshold = found.threshold_at_fmr(rate);
        prop_assert_eq!(threshold.threshold, answer.point.threshold);
        if answer.exact {
            prop_assert_eq!(answer.point, exact);
        }
        if threshold.exact {
            prop_assert_eq!(threshold.threshold, exact.threshold);
        } else if rate < 1.0 {
            // One bin higher at most.
            prop_assert!(threshold.threshold >= exact.threshold);
            let bins = Histogram::new(SMALL.bits);
            let next_edge = bins.edge_above(order::key(exact.threshold as f32));
            prop_assert!(order::key(threshold.threshold as f32) <= next_edge);
        }
        // The promise: as many false matches as the tail holds are exact.
        let allowed = super::super::scores::allowed(rate, scores.impostor_count() as u64) as usize;
        prop_assert!(threshold.exact || allowed >= SMALL.tail || allowed >= scores.impostor_count());
        prop_assert!(answer.exact || allowed >= SMALL.tail || scores.genuine_count() > SMALL.genuine);
        Ok(())
    }

    fn check_threshold(scores: &Scores, answer: StreamedPoint) -> Result<(), TestCaseError> {
        let truth = scores.at(answer.point.threshold);
        if answer.exact {
            prop_assert_eq!(answer.point, truth);
        } else {
            prop_assert!(answer.point.fmr >= truth.fmr && answer.point.fnmr >= truth.fnmr);
        }
        Ok(())
    }
}
