//! Error versus discard: how much does a quality score help if the worst comparisons are not made at all?
//!
//! Comparisons are discarded from the lowest quality up, and FNMR is taken of the rest. A quality score that knows
//! which faces will not be recognised makes the curve fall fast; one that knows nothing leaves it flat.

use super::scores::allowed;
use crate::{Error, Support};

/// A comparison and the quality of the worse of its two faces.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QualityPair {
    /// Whether both photos show the same person.
    pub same: bool,
    /// How alike the faces are, more is more alike; `None` where no face was found, which is rejected at every
    /// threshold.
    pub score: Option<f32>,
    /// The lower of the two faces' qualities, more is better; `None`, which is below all others, where a face has
    /// none.
    pub quality: Option<f32>,
}

impl QualityPair {
    /// The quality of a pair is the *minimum* of the two, as in the evaluations of MagFace and CR-FIQA: a mean
    /// would hide one bad image. A score that says how *uncertain* a template is (PFE) must be negated first.
    pub fn new(same: bool, score: Option<f32>, quality_a: Option<f32>, quality_b: Option<f32>) -> Self {
        let quality = quality_a.zip(quality_b).map(|(a, b)| if b < a || b.is_nan() { b } else { a });
        Self { same, score, quality }
    }
}

/// Which threshold decides after some comparisons are gone. Published curves differ in this: say which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscardThreshold {
    /// Set once, on all impostors (ISO/IEC 29794-1, NIST). FNMR alone changes along the curve.
    Fixed,
    /// Set again at every point on the impostors that are left (the public scripts of MagFace and CR-FIQA).
    ReEstimated,
}

/// In which order comparisons are discarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscardOrder {
    /// By quality, the lowest first; of equal qualities at random.
    Quality,
    /// At random: what a quality score that knows nothing would do. Flat, up to chance.
    Random,
    /// What no quality score can surpass: genuine comparisons by their score, the lowest first, and impostors at
    /// random among them, so that the same share of both is discarded. With a fixed threshold the curve is then
    /// `max(0, (FNMR(0) - r) / (1 - r))` where `r` is the discarded share of genuine comparisons.
    Oracle,
}

/// How an error-versus-discard curve is taken.
///
/// Grother and Tabassi 2007; spec recognition/06, section 3. With the same net for score and quality the curve
/// looks better than it is: the score should come from another one.
///
/// ```
/// use omote_evaluation::{Discard, QualityPair};
///
/// // Half of the genuine comparisons are blurred and fail; 100 impostor comparisons are sharp and blurred.
/// let genuine = (0..100).map(|i| if i % 2 == 0 { (0.1, 1.0) } else { (0.9, 5.0) });
/// let impostor = (0..100).map(|i| (i as f32 / 200.0, if i % 2 == 0 { 1.0 } else { 5.0 }));
/// let pair = |same, (score, quality)| QualityPair::new(same, Some(score), Some(quality), Some(9.0));
/// let pairs: Vec<_> = genuine.map(|one| pair(true, one)).chain(impostor.map(|one| pair(false, one))).collect();
///
/// let curve = Discard { fmr: 0.1, ..Discard::default() }.curve(&pairs)?;
/// assert_eq!(curve.points[0].fnmr, 0.5);
/// // Half of all comparisons are discarded, and no error is left.
/// assert_eq!(curve.points[10].fnmr, 0.0);
/// # Ok::<(), omote_evaluation::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Discard {
    /// The false-match rate of the threshold, above 0 and at most 1.
    pub fmr: f64,
    /// Which threshold decides.
    pub threshold: DiscardThreshold,
    /// What is discarded first.
    pub order: DiscardOrder,
    /// The share of comparisons that goes from one point to the next, 0.001..=0.5.
    pub step: f64,
    /// Where random order starts.
    pub seed: u64,
}

impl Default for Discard {
    /// By quality at a fixed threshold of FMR 1e-3, in steps of 5 %.
    fn default() -> Self {
        Self {
            fmr: 1e-3,
            threshold: DiscardThreshold::Fixed,
            order: DiscardOrder::Quality,
            step: 0.05,
            seed: 1,
        }
    }
}

/// What is left after some comparisons were discarded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DiscardPoint {
    /// The share `r` of all comparisons that is discarded: of `n`, the first `floor(r n)`.
    pub discarded: f64,
    /// A comparison is accepted if its score is this or more. In the units of the scores.
    pub threshold: f64,
    /// The share of the remaining genuine comparisons that is rejected, in 0..=1.
    pub fnmr: f64,
    /// Remaining genuine comparisons; at least 1.
    pub genuine: usize,
    /// Remaining impostor comparisons.
    pub impostors: usize,
    /// How many of those are accepted.
    pub false_matches: usize,
}

/// FNMR against the share of comparisons that was discarded.
#[derive(Clone, Debug, PartialEq)]
pub struct DiscardCurve {
    /// From nothing discarded on. There is at least one point.
    ///
    /// The curve ends at 95 %, or before: where no genuine comparison is left, and, with a re-estimated threshold,
    /// where the impostors that are left no longer [support](Support) the rate. A fixed threshold stays as good as
    /// it was.
    pub points: Vec<DiscardPoint>,
}

/// Published curves end here; nothing meaningful is left beyond.
const LAST: f64 = 0.95;

impl Discard {
    /// Takes the curve. O(n log n) for sorting and O(n) a point.
    ///
    /// # Errors
    /// [`Error::Empty`] if a kind of pair is missing; [`Error::Score`] and [`Error::Item`] for a NaN or infinite
    /// score or quality; [`Error::Setting`] for a rate or step that cannot be; [`Error::Unsupported`] if all
    /// impostors together leave fewer than ten false matches at the rate.
    pub fn curve(&self, pairs: &[QualityPair]) -> Result<DiscardCurve, Error> {
        self.check()?;
        let sorted = Sorted::new(pairs, &self.places(pairs)?);
        let first = sorted.point(0.0, 0, sorted.threshold(self.fmr, 0));
        support(first).check(self.fmr)?;
        let mut points = vec![first];
        for number in 1.. {
            let discarded = f64::from(number) * self.step;
            if discarded > LAST + 1e-9 {
                break;
            }
            let gone = allowed(discarded, pairs.len() as u64) as usize;
            let threshold = match self.threshold {
                DiscardThreshold::Fixed => first.threshold,
                DiscardThreshold::ReEstimated => sorted.threshold(self.fmr, gone),
            };
            let point = sorted.point(discarded, gone, threshold);
            let supported =
                self.threshold == DiscardThreshold::Fixed || support(point).check(self.fmr).is_ok();
            if point.genuine == 0 || !supported {
                break;
            }
            points.push(point);
        }
        Ok(DiscardCurve { points })
    }

    fn check(&self) -> Result<(), Error> {
        if !(self.fmr > 0.0 && self.fmr <= 1.0) {
            return Err(Error::Setting {
                what: "false-match rate",
                value: self.fmr,
                expected: "a rate above 0 and at most 1",
            });
        }
        if !(0.001..=0.5).contains(&self.step) {
            return Err(Error::Setting {
                what: "step of the discarded share",
                value: self.step,
                expected: "a share between 0.001 and 0.5",
            });
        }
        Ok(())
    }

    /// When each pair is discarded: the first one is at place 0.
    fn places(&self, pairs: &[QualityPair]) -> Result<Vec<usize>, Error> {
        for (pair, one) in pairs.iter().enumerate() {
            if let Some(score) = one.score.filter(|score| !score.is_finite()) {
                return Err(Error::Score { pair, score });
            }
            if let Some(quality) = one.quality.filter(|quality| !quality.is_finite()) {
                let problem = format!("its quality is {quality}, which cannot be ranked");
                return Err(Error::Item { what: "pair", number: pair, problem });
            }
        }
        for (kind, what) in [(true, "pair of the same person"), (false, "pair of different people")] {
            if !pairs.iter().any(|pair| pair.same == kind) {
                return Err(Error::Empty { what });
            }
        }
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        fastrand::Rng::with_seed(self.seed).shuffle(&mut order);
        // The sorts are stable: what is equal stays in random order.
        match self.order {
            DiscardOrder::Random => {}
            DiscardOrder::Quality => order.sort_by(|&x, &y| lowest_first(pairs[x].quality, pairs[y].quality)),
            DiscardOrder::Oracle => order = oracle(pairs, order),
        }
        let mut places = vec![0; pairs.len()];
        for (place, &pair) in order.iter().enumerate() {
            places[pair] = place;
        }
        Ok(places)
    }
}

impl DiscardCurve {
    /// The area under the curve from 0 to `up_to`, by the trapezoid rule: lower is better. 0.2 or 0.3 is usual; the
    /// part beyond says nothing about a system that anybody would run.
    ///
    /// # Errors
    /// [`Error::Setting`] if `up_to` is not above 0, or beyond the end of the curve.
    pub fn area(&self, up_to: f64) -> Result<f64, Error> {
        let end = self.points.last().map_or(0.0, |point| point.discarded);
        if !(up_to > 0.0 && up_to <= end + 1e-9) {
            return Err(Error::Setting {
                what: "discarded share up to which the area is taken",
                value: up_to,
                expected: "a share above 0 at which the curve has not ended",
            });
        }
        let pieces = self.points.windows(2).take_while(|piece| piece[0].discarded < up_to);
        Ok(pieces
            .map(|piece| {
                let width = piece[1].discarded - piece[0].discarded;
                let part = (up_to - piece[0].discarded).min(width);
                let fnmr = piece[0].fnmr + (piece[1].fnmr - piece[0].fnmr) * part / width;
                part * f64::midpoint(piece[0].fnmr, fnmr)
            })
            .sum())
    }
}

/// Who is in the photos is not known here: only the number of false matches can be judged.
fn support(point: DiscardPoint) -> Support {
    Support { impostors: point.impostors, false_matches: point.false_matches, identity_pairs: None }
}

/// Finite numbers in ascending order, what is missing before them.
fn lowest_first(x: Option<f32>, y: Option<f32>) -> std::cmp::Ordering {
    let number = |value: Option<f32>| value.unwrap_or(f32::NEG_INFINITY);
    number(x).total_cmp(&number(y))
}

/// Genuine pairs by score and impostors in the given order, mixed so that both kinds go at the same pace.
fn oracle(pairs: &[QualityPair], order: Vec<usize>) -> Vec<usize> {
    let (mut genuine, impostor): (Vec<usize>, Vec<usize>) =
        order.into_iter().partition(|&pair| pairs[pair].same);
    genuine.sort_by(|&x, &y| lowest_first(pairs[x].score, pairs[y].score));
    let paced = |kind: Vec<usize>| {
        let count = kind.len() as f64;
        kind.into_iter().enumerate().map(move |(rank, pair)| ((rank as f64 + 0.5) / count, pair))
    };
    let mut mixed: Vec<(f64, usize)> = paced(genuine).chain(paced(impostor)).collect();
    mixed.sort_by(|x, y| x.0.total_cmp(&y.0));
    mixed.into_iter().map(|(_, pair)| pair).collect()
}

/// A score and when its pair is discarded.
struct Ranked {
    score: f32,
    place: usize,
}

/// The scores of both kinds from the highest to the lowest; those without a score are minus infinity.
struct Sorted {
    genuine: Vec<Ranked>,
    impostor: Vec<Ranked>,
}

impl Sorted {
    fn new(pairs: &[QualityPair], places: &[usize]) -> Self {
        let of_kind = |same: bool| {
            let mut kind: Vec<Ranked> = pairs
                .iter()
                .zip(places)
                .filter(|(pair, _)| pair.same == same)
                .map(|(pair, &place)| Ranked { score: pair.score.unwrap_or(f32::NEG_INFINITY), place })
                .collect();
            kind.sort_unstable_by(|x, y| y.score.total_cmp(&x.score));
            kind
        };
        Self { genuine: of_kind(true), impostor: of_kind(false) }
    }

    /// The smallest threshold whose FMR over the impostors that are left is `fmr` or less: see
    /// [`Scores::threshold_at_fmr`](crate::Scores::threshold_at_fmr). Minus infinity where all may be accepted.
    fn threshold(&self, fmr: f64, gone: usize) -> f64 {
        let left = || self.impostor.iter().filter(|one| one.place >= gone);
        let allowed = allowed(fmr, left().count() as u64) as usize;
        left().nth(allowed).map_or(f64::NEG_INFINITY, |rejected| f64::from(rejected.score).next_up())
    }

    fn point(&self, discarded: f64, gone: usize, threshold: f64) -> DiscardPoint {
        let count = |kind: &[Ranked]| {
            let (mut left, mut accepted) = (0, 0);
            for one in kind.iter().filter(|one| one.place >= gone) {
                left += 1;
                let scored = one.score > f32::NEG_INFINITY;
                accepted += usize::from(scored && f64::from(one.score) >= threshold);
            }
            (left, accepted)
        };
        let (genuine, true_matches) = count(&self.genuine);
        let (impostors, false_matches) = count(&self.impostor);
        let fnmr = (genuine - true_matches) as f64 / genuine as f64;
        DiscardPoint { discarded, threshold, fnmr, genuine, impostors, false_matches }
    }
}
