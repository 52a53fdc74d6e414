//! "Who is it?": how often a search in a gallery names the right person, and how often a stranger is given a name.
//!
//! A *gallery* holds enrolled people, a *probe* is a photo that is searched in it. A *mated* probe shows somebody
//! who is enrolled, a *non-mated* one somebody who is not. A candidate is a person: if several photos of a person
//! are enrolled, the best score counts.

use std::collections::HashMap;

use super::scores::allowed;
use crate::Error;

/// What the search of one probe brought.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ProbeResult {
    /// Whether the person in the probe is enrolled.
    pub mated: bool,
    /// The rank of the right person among the candidates, 1 for the best. Other people with the *same* score stand
    /// before the right one: a tie counts against the probe. `None` for a non-mated probe, and where the right
    /// person has no score: no face was found, or the candidate list was too short.
    pub mate_rank: Option<usize>,
    /// The score of the right person; there exactly if `mate_rank` is.
    pub mate_score: Option<f32>,
    /// The highest score of any candidate, the right person among them; `None` without candidates.
    pub top_score: Option<f32>,
}

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
            if let Some(problem) = contradiction(probe) {
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
        check_fpir(fpir)?;
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
        check_fpir(fpir)?;
        self.some_non_mated()?;
        let place = self.alarms_allowed(fpir);
        match self.strangers.len().checked_sub(place) {
            Some(index) if place > 0 => {
                let threshold = f64::from(self.strangers[index]).next_up();
                let (fpir, fnir) = (self.fpir(threshold)?, self.fnir(1, threshold)?);
                Ok(IdentificationPoint { threshold, fpir, fnir })
            }
            _ => Err(Error::Setting {
                what: "false positive identification rate",
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

fn check_fpir(fpir: f64) -> Result<(), Error> {
    if (0.0..=1.0).contains(&fpir) {
        Ok(())
    } else {
        Err(Error::Setting {
            what: "false positive identification rate",
            value: fpir,
            expected: "a rate between 0 and 1",
        })
    }
}

/// What is wrong with a search's result.
fn contradiction(probe: &ProbeResult) -> Option<&'static str> {
    if [probe.mate_score, probe.top_score].into_iter().flatten().any(|score| !score.is_finite()) {
        return Some("a score is NaN or infinite, which cannot be ranked: was a vector zero?");
    }
    if !probe.mated && (probe.mate_rank.is_some() || probe.mate_score.is_some()) {
        return Some("the person is not enrolled, and yet has a rank or a score in the gallery");
    }
    match (probe.mate_rank, probe.mate_score, probe.top_score) {
        (None, None, _) => None,
        (Some(0), _, _) => Some("the rank is 0, but ranks count from 1"),
        (Some(_), Some(mate), Some(top)) if mate <= top => None,
        (Some(_), Some(_), _) => Some("the right person's score is above the top score"),
        _ => Some("the right person must have both a rank and a score, or neither"),
    }
}

/// Whom the entries of a gallery show. Several entries may show one person, who is one candidate.
///
/// ```
/// use omote_evaluation::GalleryPeople;
///
/// // Two photos of person 7 and one of person 8. The probe shows person 8.
/// let gallery = GalleryPeople::new(&[7, 7, 8])?;
/// let found = gallery.search(0, 8, |entry| Some([0.2, 0.6, 0.5][entry]))?;
/// assert_eq!((found.result.mate_rank, found.top, found.mate), (Some(2), Some(1), Some(2)));
/// # Ok::<(), omote_evaluation::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct GalleryPeople {
    /// Each person's number: 0, 1, 2, ...
    numbers: HashMap<u32, usize>,
    /// Whom each entry shows.
    of_entry: Vec<usize>,
}

/// What the search of one probe brought, and with which entries of the gallery.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ProbeSearch {
    /// Ranks and scores.
    pub result: ProbeResult,
    /// The entry with the highest score of all, the first of equals; `None` without candidates.
    pub top: Option<usize>,
    /// The entry of the right person with the highest score, the first of equals; there exactly if the result has a
    /// `mate_score`.
    pub mate: Option<usize>,
}

impl GalleryPeople {
    /// From the person that each entry of the gallery shows.
    ///
    /// # Errors
    /// [`Error::Empty`] without entries.
    pub fn new(gallery: &[u32]) -> Result<Self, Error> {
        if gallery.is_empty() {
            return Err(Error::Empty { what: "photos in the gallery" });
        }
        let mut numbers = HashMap::new();
        let of_entry = gallery
            .iter()
            .map(|&person| {
                let next = numbers.len();
                *numbers.entry(person).or_insert(next)
            })
            .collect();
        Ok(Self { numbers, of_entry })
    }

    /// How many people there are.
    pub fn people(&self) -> usize {
        self.numbers.len()
    }

    /// Searches for a probe that shows the person `probe`: `score(entry)` says how alike the probe and an entry are,
    /// `None` where one of them has no face. `number` is what an error calls the probe. O(entries) calls.
    ///
    /// # Errors
    /// [`Error::Item`] for a NaN or infinite score.
    pub fn search(
        &self,
        number: usize,
        probe: u32,
        score: impl Fn(usize) -> Option<f32>,
    ) -> Result<ProbeSearch, Error> {
        let mut best: Vec<Option<(f32, usize)>> = vec![None; self.numbers.len()];
        for (entry, &person) in self.of_entry.iter().enumerate() {
            let Some(score) = score(entry) else { continue };
            if !score.is_finite() {
                return Err(Error::Item {
                    what: "probe",
                    number,
                    problem: format!(
                        "the score with photo {entry} of the gallery is {score}, which cannot be ranked: was a \
                         vector zero?"
                    ),
                });
            }
            if best[person].is_none_or(|(other, _)| score > other) {
                best[person] = Some((score, entry));
            }
        }
        let right = self.numbers.get(&probe).copied();
        let mate = right.and_then(|person| best[person]);
        let mate_rank = mate.map(|(score, _)| {
            // The right person is among them and stands for the 1 from which ranks count.
            best.iter().flatten().filter(|&&(other, _)| other >= score).count()
        });
        let higher = |a: (f32, usize), b: (f32, usize)| if (b.0, a.1) > (a.0, b.1) { b } else { a };
        let top = best.iter().flatten().copied().reduce(higher);
        let result = ProbeResult {
            mated: right.is_some(),
            mate_rank,
            mate_score: mate.map(|(score, _)| score),
            top_score: top.map(|(score, _)| score),
        };
        Ok(ProbeSearch { result, top: top.map(|(_, entry)| entry), mate: mate.map(|(_, entry)| entry) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_photos_of_a_person_are_one_candidate_and_ties_count_against_the_probe() {
        // Photos of persons 7, 7, 8, 9. The probe shows 8.
        let rank = |scores: [f32; 4]| {
            let people = GalleryPeople::new(&[7, 7, 8, 9]).unwrap();
            people.search(0, 8, |entry| Some(scores[entry])).unwrap().result.mate_rank.unwrap()
        };
        assert_eq!(rank([0.9, 0.8, 0.7, 0.1]), 2);
        assert_eq!(rank([0.1, 0.2, 0.7, 0.1]), 1);
        assert_eq!(rank([0.1, 0.7, 0.7, 0.7]), 3);
    }

    #[test]
    fn the_entries_behind_the_scores_are_named() {
        let people = GalleryPeople::new(&[7, 8, 7, 9]).unwrap();
        assert_eq!(people.people(), 3);
        let found = |probe: u32, scores: [Option<f32>; 4]| {
            let found = people.search(0, probe, |entry| scores[entry]).unwrap();
            (found.top, found.mate)
        };
        assert_eq!(found(7, [Some(0.1), Some(0.5), Some(0.3), None]), (Some(1), Some(2)));
        // Of equals the first.
        assert_eq!(found(9, [Some(0.5), Some(0.5), Some(0.5), Some(0.5)]), (Some(0), Some(3)));
        assert_eq!(found(8, [Some(0.1), Some(0.5), Some(0.5), Some(0.2)]), (Some(1), Some(1)));
        assert_eq!(found(5, [Some(0.1), None, None, None]), (Some(0), None));
        assert_eq!(found(9, [None; 4]), (None, None));
    }

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
