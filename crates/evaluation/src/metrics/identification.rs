//! "Who is it?": how often a search in a gallery names the right person, and how often a stranger is given a name.
//!
//! A *gallery* holds enrolled people, a *probe* is a photo that is searched in it. A *mated* probe shows somebody
//! who is enrolled, a *non-mated* one somebody who is not. A candidate is a person: if several photos of a person
//! are enrolled, the best score counts.

use std::collections::HashMap;

use super::scores::allowed;
use super::search::{GalleryPeople, ProbeResult};
use crate::Error;

/// What errors call the rate of false alarms.
const FPIR: &str = "false positive identification rate";

/// Probes of a gallery, searched.
///
/// Every probe counts, whatever failed: a mated probe without a face is a miss at every rank and threshold, a
/// non-mated one raises no false alarm. Rates are in 0..=1.
///
/// Spec recognition/08, sections 4 and 5; NIST IR 8271 (FRVT part 2), section 3.
///
/// ```
/// use omote_evaluation::Identification;
///
/// // Three enrolled people; the last probe shows a stranger.
/// let scores = [[0.9, 0.2, 0.1], [0.3, 0.6, 0.7], [0.1, 0.2, 0.8], [0.4, 0.3, 0.2]];
/// let found = Identification::from_scores(&[1, 2, 3, 99], &[1, 2, 3], |p, g| Some(scores[p][g]))?;
/// assert_eq!(found.hit_rate(1)?, 2.0 / 3.0);
/// assert_eq!(found.hit_rate(2)?, 1.0);
/// assert_eq!(found.fpir(0.35)?, 1.0);
/// assert_eq!(found.fpir(0.5)?, 0.0);
/// // Persons 1 and 3 are named with a score of at least 0.5; person 2 is only the second candidate.
/// assert_eq!(found.fnir(1, 0.5)?, 1.0 / 3.0);
/// assert_eq!(found.fnir(3, 0.5)?, 0.0);
/// # Ok::<(), omote_evaluation::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Identification {
    /// Rank and score of the right person where there is one, in the order of the probes.
    mates: Vec<Mate>,
    mated: usize,
    /// The top scores of non-mated probes that have one, ascending.
    strangers: Vec<f32>,
    non_mated: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Mate {
    rank: usize,
    score: f32,
}

/// The two error rates of an open-set search at a threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IdentificationPoint {
    /// A candidate counts if its score is this or more. In the units of the scores.
    pub threshold: f64,
    /// The share of non-mated probes with at least one candidate that counts.
    pub fpir: f64,
    /// The share of mated probes whose right person is not among the first candidates that count.
    pub fnir: f64,
}

impl IdentificationPoint {
    /// `1 - FNIR`, the true positive identification rate; with a rank limit of 1 it is called DIR, the detection and
    /// identification rate.
    pub fn tpir(&self) -> f64 {
        1.0 - self.fnir
    }
}

impl Identification {
    /// From the results of searches.
    ///
    /// # Errors
    /// [`Error::Empty`] without probes, [`Error::Item`] for a result that contradicts itself or has a NaN or
    /// infinite score.
    pub fn new(probes: &[ProbeResult]) -> Result<Self, Error> {
        if probes.is_empty() {
            return Err(Error::Empty { what: "probes" });
        }
        let (mut mates, mut strangers, mut mated) = (Vec::new(), Vec::new(), 0);
        for (number, probe) in probes.iter().enumerate() {
            if let Some(problem) = probe.contradiction() {
                return Err(Error::Item { what: "probe", number, problem: problem.to_owned() });
            }
            if probe.mated {
                mated += 1;
                mates.extend(probe.mate_rank.zip(probe.mate_score).map(|(rank, score)| Mate { rank, score }));
            } else {
                strangers.extend(probe.top_score);
            }
        }
        strangers.sort_unstable_by(f32::total_cmp);
        Ok(Self { mates, mated, strangers, non_mated: probes.len() - mated })
    }

    /// Searches every probe in the gallery: `probes[p]` and `gallery[g]` say who is in the photos, and `score(p,
    /// g)` how alike photos `p` and `g` are, `None` where one of them has no face. A probe is mated if its person
    /// is in the gallery, with or without a face. O(probes x gallery) calls.
    ///
    /// # Errors
    /// [`Error::Empty`] without probes or gallery, [`Error::Item`] for a NaN or infinite score.
    pub fn from_scores(
        probes: &[u32],
        gallery: &[u32],
        score: impl Fn(usize, usize) -> Option<f32>,
    ) -> Result<Self, Error> {
        let people = GalleryPeople::new(gallery)?;
        let results = probes
            .iter()
            .enumerate()
            .map(|(number, &probe)| Ok(people.search(number, probe, |entry| score(number, entry))?.result))
            .collect::<Result<Vec<_>, Error>>()?;
        Self::new(&results)
    }

    /// Probes whose person is enrolled.
    pub fn mated(&self) -> usize {
        self.mated
    }

    /// Probes whose person is not enrolled.
    pub fn non_mated(&self) -> usize {
        self.non_mated
    }

    /// How many mated probes have the right person among the first `rank` candidates, whatever the score. Sums of
    /// this over several galleries, divided by all probes, give the closed-set rates of IJB-B and IJB-C.
    pub fn hits(&self, rank: usize) -> usize {
        self.mates.iter().filter(|mate| mate.rank <= rank).count()
    }

    /// The closed-set rank-k identification rate: [`hits`](Self::hits) as a share of the mated probes.
    ///
    /// # Errors
    /// [`Error::Empty`] without mated probes.
    pub fn hit_rate(&self, rank: usize) -> Result<f64, Error> {
        Ok(self.hits(rank) as f64 / self.some_mated()?)
    }

    /// The cumulative match characteristic: the hit rates at rank 1, 2, ... `ranks`. O(probes + ranks).
    ///
    /// # Errors
    /// [`Error::Empty`] without mated probes.
    pub fn cmc(&self, ranks: usize) -> Result<Vec<f64>, Error> {
        let mated = self.some_mated()?;
        let mut at_rank: HashMap<usize, usize> = HashMap::new();
        self.mates.iter().for_each(|mate| *at_rank.entry(mate.rank).or_default() += 1);
        let mut hits = 0;
        Ok((1..=ranks)
            .map(|rank| {
                hits += at_rank.get(&rank).copied().unwrap_or(0);
                hits as f64 / mated
            })
            .collect())
    }

    /// The false positive identification rate: the share of non-mated probes with at least one candidate of
    /// `threshold` or more.
    ///
    /// # Errors
    /// [`Error::Empty`] without non-mated probes.
    pub fn fpir(&self, threshold: f64) -> Result<f64, Error> {
        let non_mated = self.some_non_mated()?;
        let below = self.strangers.partition_point(|&score| !counts(score, threshold));
        Ok((self.strangers.len() - below) as f64 / non_mated)
    }

    /// The false negative identification rate: the share of mated probes whose right person is not among the first
    /// `rank` candidates with a score of `threshold` or more. With a threshold of minus infinity it is the rank-k
    /// miss rate (NIST's investigation mode), with `usize::MAX` for the rank all candidates count (identification
    /// mode).
    ///
    /// # Errors
    /// [`Error::Empty`] without mated probes.
    pub fn fnir(&self, rank: usize, threshold: f64) -> Result<f64, Error> {
        let mated = self.some_mated()?;
        let found = self.mates.iter().filter(|mate| mate.rank <= rank && counts(mate.score, threshold));
        Ok((self.mated - found.count()) as f64 / mated)
    }

    /// The smallest threshold whose FPIR is `fpir` or less (*strict*, NIST's rule): just above a stranger's top
    /// score, or minus infinity where all of them may raise an alarm.
    ///
    /// # Errors
    /// [`Error::Empty`] without non-mated probes, [`Error::Setting`] for a rate outside 0..=1.
    pub fn threshold_at_fpir(&self, fpir: f64) -> Result<f64, Error> {
        Error::unless_rate(FPIR, fpir)?;
        self.some_non_mated()?;
        // One stranger more than are allowed must be rejected, and so all with the same score.
        let rejected = self.strangers.len().checked_sub(self.alarms_allowed(fpir) + 1);
        Ok(rejected.map_or(f64::NEG_INFINITY, |highest| f64::from(self.strangers[highest]).next_up()))
    }

    /// What an open-set search does at a false positive identification rate, with the strict
    /// [`threshold_at_fpir`](Self::threshold_at_fpir). With `rank` 1, `1 - fnir` is DIR@FAR.
    ///
    /// # Errors
    /// [`Error::Empty`] without probes of both kinds, [`Error::Setting`] for a rate outside 0..=1.
    pub fn at_fpir(&self, fpir: f64, rank: usize) -> Result<IdentificationPoint, Error> {
        let threshold = self.threshold_at_fpir(fpir)?;
        Ok(IdentificationPoint { threshold, fpir: self.fpir(threshold)?, fnir: self.fnir(rank, threshold)? })
    }

    /// The rule of the public IJB-B and IJB-C scripts, which published tables follow: with `t` the `floor(f n)`-th
    /// largest top score of the `n` non-mated probes, a mated probe counts if its right person is the first
    /// candidate with a score *above* `t`. The threshold that is returned is the next f64 after `t`, so that "at or
    /// above" says the same. This allows one alarm less than the strict rule of [`at_fpir`](Self::at_fpir); `fpir`
    /// is what it really is. Probes without a face count in `n`.
    ///
    /// # Errors
    /// [`Error::Empty`] without probes of both kinds, [`Error::Setting`] for a rate outside 0..=1, and for one so
    /// small that `floor(f n)` is 0 or so large that there is no such score.
    pub fn at_fpir_ijb(&self, fpir: f64) -> Result<IdentificationPoint, Error> {
        Error::unless_rate(FPIR, fpir)?;
        self.some_non_mated()?;
        let place = self.alarms_allowed(fpir);
        match self.strangers.len().checked_sub(place) {
            Some(index) if place > 0 => {
                let threshold = f64::from(self.strangers[index]).next_up();
                let (fpir, fnir) = (self.fpir(threshold)?, self.fnir(1, threshold)?);
                Ok(IdentificationPoint { threshold, fpir, fnir })
            }
            _ => Err(Error::Setting {
                what: FPIR,
                value: fpir,
                expected: "a rate of at least one non-mated probe and at most all of those with a face",
            }),
        }
    }

    /// FNIR against FPIR, the open-set trade-off: a point just above each different top score of strangers, from the
    /// highest threshold (FPIR 0) down to minus infinity. O(n log n).
    ///
    /// # Errors
    /// [`Error::Empty`] without probes of both kinds.
    pub fn curve(&self, rank: usize) -> Result<Vec<IdentificationPoint>, Error> {
        let (mated, non_mated) = (self.some_mated()?, self.some_non_mated()?);
        let mut scores: Vec<f32> =
            self.mates.iter().filter(|mate| mate.rank <= rank).map(|mate| mate.score).collect();
        scores.sort_unstable_by(f32::total_cmp);
        let mut points = Vec::new();
        let mut alarms = 0;
        for ties in self.strangers.chunk_by(|x, y| x == y).rev() {
            let threshold = f64::from(ties[0]).next_up();
            let below = scores.partition_point(|&score| !counts(score, threshold));
            let found = scores.len() - below;
            points.push(IdentificationPoint {
                threshold,
                fpir: alarms as f64 / non_mated,
                fnir: (self.mated - found) as f64 / mated,
            });
            alarms += ties.len();
        }
        points.push(IdentificationPoint {
            threshold: f64::NEG_INFINITY,
            fpir: alarms as f64 / non_mated,
            fnir: (self.mated - scores.len()) as f64 / mated,
        });
        Ok(points)
    }

    /// How many of the non-mated probes are a share of `fpir` or less.
    fn alarms_allowed(&self, fpir: f64) -> usize {
        allowed(fpir, self.non_mated as u64) as usize
    }

    fn some_mated(&self) -> Result<f64, Error> {
        if self.mated > 0 { Ok(self.mated as f64) } else { Err(Error::Empty { what: "mated probes" }) }
    }

    fn some_non_mated(&self) -> Result<f64, Error> {
        if self.non_mated > 0 {
            Ok(self.non_mated as f64)
        } else {
            Err(Error::Empty { what: "non-mated probes" })
        }
    }
}

/// Whether a candidate counts. At a NaN threshold none does.
fn counts(score: f32, threshold: f64) -> bool {
    f64::from(score) >= threshold
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_count_as_misses_and_as_silence() {
        let gallery = [1, 2];
        // Person 2's enrolled photo and the probes 1 and 3 have no face.
        let score = |probe: usize, entry: usize| (entry == 0 && probe.is_multiple_of(2)).then_some(0.5);
        let found = Identification::from_scores(&[1, 1, 2, 50], &gallery, score).unwrap();
        assert_eq!((found.mated(), found.non_mated()), (3, 1));
        assert_eq!(found.hit_rate(usize::MAX).unwrap(), 1.0 / 3.0);
        assert_eq!(found.cmc(3).unwrap(), [1.0 / 3.0; 3]);
        assert_eq!(found.fpir(f64::NEG_INFINITY).unwrap(), 0.0);
        assert_eq!(found.threshold_at_fpir(0.0).unwrap(), f64::NEG_INFINITY);
        assert_eq!(found.fnir(1, f64::NAN).unwrap(), 1.0);
    }

    #[test]
    fn the_two_rules_differ_by_one_alarm() {
        // Strangers' top scores are 0.01, 0.02, ... 1.00; the mates' scores lie between them, all at rank 1.
        let step = |probe: u16| f32::from(probe + 1) / 100.0;
        let strangers =
            (0..100).map(|probe| ProbeResult { top_score: Some(step(probe)), ..Default::default() });
        let mates = (0..100).map(|probe| {
            let score = Some(step(probe) + 0.005);
            ProbeResult { mated: true, mate_rank: Some(1), mate_score: score, top_score: score }
        });
        let found = Identification::new(&strangers.chain(mates).collect::<Vec<_>>()).unwrap();
        // Ten alarms: 0.91 and up. The script's threshold is 0.91 itself, which must be passed.
        let (strict, script) = (found.at_fpir(0.1, 1).unwrap(), found.at_fpir_ijb(0.1).unwrap());
        assert_eq!((strict.fpir, strict.fnir, strict.threshold), (0.1, 0.89, f64::from(0.9_f32).next_up()));
        assert_eq!((script.fpir, script.fnir, script.threshold), (0.09, 0.9, f64::from(0.91_f32).next_up()));
        assert!((strict.tpir() - 0.11).abs() < 1e-12);
        assert!(matches!(found.at_fpir_ijb(0.009), Err(Error::Setting { .. })));
        // 29 / 100 is exactly 0.29 in f64, although 0.29 * 100 is below 29.
        assert_eq!(found.at_fpir(0.29, 1).unwrap().fpir, 0.29);
    }

    #[test]
    fn contradictions_are_named() {
        let good =
            ProbeResult { mated: true, mate_rank: Some(2), mate_score: Some(0.5), top_score: Some(0.7) };
        Identification::new(&[good]).unwrap();
        let bad = [
            (ProbeResult { mated: false, ..good }, "not enrolled"),
            (ProbeResult { mate_rank: Some(0), ..good }, "count from 1"),
            (ProbeResult { mate_rank: None, ..good }, "both a rank and a score"),
            (ProbeResult { mate_score: None, ..good }, "both a rank and a score"),
            (ProbeResult { top_score: None, ..good }, "above the top score"),
            (ProbeResult { mate_score: Some(0.8), ..good }, "above the top score"),
            (ProbeResult { top_score: Some(f32::NAN), ..good }, "cannot be ranked"),
        ];
        for (probe, problem) in bad {
            let message = Identification::new(&[good, probe]).unwrap_err().to_string();
            assert!(message.starts_with("probe 1 ") && message.contains(problem), "{message}");
        }
        assert!(matches!(Identification::new(&[]), Err(Error::Empty { .. })));
        assert!(matches!(Identification::from_scores(&[1], &[], |_, _| None), Err(Error::Empty { .. })));
        let nan = Identification::from_scores(&[1], &[1], |_, _| Some(f32::NAN)).unwrap_err();
        assert!(nan.to_string().contains("photo 0 of the gallery"));
        let mated_only = Identification::new(&[good]).unwrap();
        assert!(matches!(mated_only.fpir(0.5), Err(Error::Empty { what: "non-mated probes" })));
        let strangers_only = Identification::new(&[ProbeResult::default()]).unwrap();
        assert!(matches!(strangers_only.fnir(1, 0.5), Err(Error::Empty { what: "mated probes" })));
        assert!(matches!(strangers_only.at_fpir(-0.1, 1), Err(Error::Setting { .. })));
    }
}
