//! Presentation attacks: how often a print, a screen or a mask passes as a live face, and how often a live face
//! does not.

use std::collections::BTreeMap;

use super::{Roc, Scores};
use crate::Error;

/// Scores of live faces (*bona fide*) and of attacks of several species.
///
/// A score says how alive a face looks, more is more alive; it is classified as bona fide if it is the threshold or
/// more. A presentation without a score (no face was found) is classified as an attack at every threshold and
/// counts in the denominators. Rates are in 0..=1:
///
/// - APCER of a *species* (a kind of attack instrument: a print, a screen, a mask): the share of its attacks that is
///   classified as bona fide. The APCER of the system is that of its *worst* species, never an average: an attacker
///   chooses.
/// - BPCER: the share of bona fide presentations that is classified as attacks.
/// - ACER = (APCER + BPCER) / 2, which the standard has dropped and papers still print; HTER = (FAR + FRR) / 2,
///   where FAR is over all attacks together and FRR is BPCER.
///
/// ISO/IEC 30107-3; spec detection/09a, section 4. The threshold belongs to the *development* set
/// ([`eer_threshold`](Self::eer_threshold)), the rates to the test set.
///
/// ```
/// use omote_evaluation::PresentationAttack;
///
/// let live = [0.9, 0.8, 0.7, 0.3].map(Some);
/// let attacks = [("print", Some(0.1)), ("print", Some(0.2)), ("screen", Some(0.6)), ("screen", Some(0.2))];
/// let point = PresentationAttack::new(&live, &attacks)?.at(0.5);
/// assert_eq!((point.apcer, point.worst_species.as_str(), point.bpcer), (0.5, "screen", 0.25));
/// assert_eq!((point.acer(), point.hter()), (0.375, 0.25));
/// # Ok::<(), omote_evaluation::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PresentationAttack {
    /// Bona fide against all attacks together.
    pooled: Scores,
    species: Vec<Species>,
}

#[derive(Clone, Debug)]
struct Species {
    name: String,
    attacks: usize,
    /// Of the attacks that have one; ascending.
    scores: Vec<f32>,
}

impl Species {
    fn accepted(&self, threshold: f64) -> usize {
        // At a NaN threshold this accepts nothing.
        let accepts = |score: f32| f64::from(score) >= threshold;
        self.scores.len() - self.scores.partition_point(|&score| !accepts(score))
    }

    fn error(&self, threshold: f64) -> SpeciesError {
        let accepted = self.accepted(threshold);
        SpeciesError {
            species: self.name.clone(),
            attacks: self.attacks,
            accepted,
            apcer: accepted as f64 / self.attacks as f64,
        }
    }
}

/// How often one kind of attack passes.
#[derive(Clone, Debug, PartialEq)]
pub struct SpeciesError {
    /// The kind of attack instrument.
    pub species: String,
    /// How many attacks there were, those without a score among them; at least 1.
    pub attacks: usize,
    /// How many were classified as bona fide.
    pub accepted: usize,
    /// Their share, in 0..=1.
    pub apcer: f64,
}

/// The errors at a threshold. Rates are in 0..=1.
#[derive(Clone, Debug, PartialEq)]
pub struct PresentationAttackPoint {
    /// A presentation is classified as bona fide if its score is this or more. In the units of the scores.
    pub threshold: f64,
    /// The APCER of the worst species.
    pub apcer: f64,
    /// Which species that is; the first by name of equals.
    pub worst_species: String,
    /// The share of bona fide presentations that is classified as attacks.
    pub bpcer: f64,
    /// The share of all attacks together that is classified as bona fide: only for [`hter`](Self::hter).
    pub pooled_far: f64,
}

impl PresentationAttackPoint {
    /// The mean of APCER (of the worst species) and BPCER.
    pub fn acer(&self) -> f64 {
        f64::midpoint(self.apcer, self.bpcer)
    }

    /// The half total error rate: the mean of the pooled FAR and BPCER.
    pub fn hter(&self) -> f64 {
        f64::midpoint(self.pooled_far, self.bpcer)
    }
}

impl PresentationAttack {
    /// From the scores of bona fide presentations, and of attacks with the names of their species. O(n log n).
    ///
    /// # Errors
    /// [`Error::Empty`] if there are no bona fide presentations or no attacks, or none of them has a score;
    /// [`Error::Score`] for a NaN or infinite score, the attacks counted after the bona fide presentations.
    pub fn new(bona_fide: &[Option<f32>], attacks: &[(&str, Option<f32>)]) -> Result<Self, Error> {
        if bona_fide.is_empty() {
            return Err(Error::Empty { what: "bona fide presentations" });
        }
        if attacks.is_empty() {
            return Err(Error::Empty { what: "attacks" });
        }
        let scores: Vec<Option<f32>> =
            bona_fide.iter().copied().chain(attacks.iter().map(|&(_, score)| score)).collect();
        let genuine: Vec<bool> = (0..scores.len()).map(|number| number < bona_fide.len()).collect();
        let pooled = Scores::from_pairs(&scores, &genuine)?;

        let mut by_name: BTreeMap<&str, (usize, Vec<f32>)> = BTreeMap::new();
        for &(name, score) in attacks {
            let (attacks, scores) = by_name.entry(name).or_default();
            *attacks += 1;
            scores.extend(score);
        }
        let species = by_name
            .into_iter()
            .map(|(name, (attacks, mut scores))| {
                scores.sort_unstable_by(f32::total_cmp);
                Species { name: name.to_owned(), attacks, scores }
            })
            .collect();
        Ok(Self { pooled, species })
    }

    /// How often each species passes, in the order of their names.
    pub fn species(&self, threshold: f64) -> Vec<SpeciesError> {
        self.species.iter().map(|species| species.error(threshold)).collect()
    }

    /// All errors at a threshold. At NaN nothing is classified as bona fide.
    pub fn at(&self, threshold: f64) -> PresentationAttackPoint {
        let mut point = PresentationAttackPoint {
            threshold,
            apcer: 0.0,
            worst_species: String::new(),
            bpcer: self.pooled.fnmr(threshold),
            pooled_far: self.pooled.fmr(threshold),
        };
        for error in self.species(threshold) {
            if error.apcer > point.apcer || point.worst_species.is_empty() {
                (point.apcer, point.worst_species) = (error.apcer, error.species);
            }
        }
        point
    }

    /// BPCER@APCER: the errors at the smallest threshold whose APCER is `apcer` or less for *every* species.
    ///
    /// # Errors
    /// [`Error::Setting`] for a rate outside 0..=1.
    pub fn at_apcer(&self, apcer: f64) -> Result<PresentationAttackPoint, Error> {
        Error::unless_rate("APCER", apcer)?;
        let threshold = self.species.iter().map(|species| {
            let allowed = super::scores::allowed(apcer, species.attacks as u64) as usize;
            let rejected = species.scores.len().checked_sub(allowed + 1);
            rejected.map_or(f64::NEG_INFINITY, |highest| f64::from(species.scores[highest]).next_up())
        });
        Ok(self.at(threshold.fold(f64::NEG_INFINITY, f64::max)))
    }

    /// The threshold at which FAR over all attacks together and BPCER are nearest to each other: what a development
    /// set gives to a test set. It is one of the scores, or just above all of them; the highest of equally good
    /// ones. O(n).
    pub fn eer_threshold(&self) -> f64 {
        let Roc { points } = self.pooled.roc();
        let apart = |point: &super::RocPoint| (point.fmr - (1.0 - point.tar)).abs();
        let best = points.iter().min_by(|x, y| apart(x).total_cmp(&apart(y)));
        // A ROC always has the point above all scores.
        best.map_or(f64::INFINITY, |point| point.threshold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> PresentationAttack {
        let live = [Some(0.9), Some(0.8), Some(0.6), Some(0.4), None];
        let attacks = [
            ("screen", Some(0.7)),
            ("screen", Some(0.5)),
            ("print", Some(0.3)),
            ("print", Some(0.2)),
            ("print", Some(0.5)),
            ("mask", None),
        ];
        PresentationAttack::new(&live, &attacks).unwrap()
    }

    #[test]
    fn the_worst_species_counts_and_not_the_average() {
        let point = example().at(0.5);
        assert_eq!((point.apcer, point.worst_species.as_str()), (1.0, "screen"));
        assert_eq!(point.bpcer, 2.0 / 5.0);
        assert_eq!(point.pooled_far, 3.0 / 6.0);
        assert!((point.acer() - 0.7).abs() < 1e-12 && (point.hter() - 0.45).abs() < 1e-12);
        let species = example().species(0.5);
        let found: Vec<_> =
            species.iter().map(|one| (one.species.as_str(), one.accepted, one.attacks)).collect();
        assert_eq!(found, [("mask", 0, 1), ("print", 1, 3), ("screen", 2, 2)]);
    }

    #[test]
    fn without_a_face_nobody_passes() {
        let point = example().at(f64::NEG_INFINITY);
        assert_eq!((point.apcer, point.worst_species.as_str()), (1.0, "print"));
        assert_eq!((point.bpcer, point.pooled_far), (0.2, 5.0 / 6.0));
        let none = example().at(f64::NAN);
        assert_eq!((none.apcer, none.bpcer, none.worst_species.as_str()), (0.0, 1.0, "mask"));
    }

    #[test]
    fn bpcer_at_apcer_is_strict_for_every_species() {
        let found = example();
        // Every score, and just above it, is tried as the oracle.
        for apcer in [0.0, 0.01, 1.0 / 3.0, 0.4, 0.5, 0.9, 1.0] {
            let point = found.at_apcer(apcer).unwrap();
            assert!(
                found.species(point.threshold).iter().all(|one| one.apcer <= apcer),
                "{apcer}: {point:?}"
            );
            for score in [0.2_f32, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].map(f64::from) {
                for threshold in [score, score.next_up()] {
                    assert!(threshold >= point.threshold || found.at(threshold).apcer > apcer);
                }
            }
        }
        assert_eq!(found.at_apcer(0.5).unwrap().bpcer, 2.0 / 5.0);
        assert!(matches!(found.at_apcer(1.1), Err(Error::Setting { .. })));
        assert!(matches!(found.at_apcer(f64::NAN), Err(Error::Setting { .. })));
    }

    #[test]
    fn the_threshold_of_the_development_set() {
        let found = example();
        let threshold = found.eer_threshold();
        // FAR 3/6 and BPCER 2/5 at 0.5; 1/6 and 2/5 at 0.6; 3/6 and 1/5 at 0.4.
        assert_eq!(threshold, 0.5);
        let separable = PresentationAttack::new(&[Some(0.9)], &[("print", Some(0.1))]).unwrap();
        assert_eq!(separable.at(separable.eer_threshold()).hter(), 0.0);
    }

    #[test]
    fn bad_scores_are_named() {
        let live = [Some(0.9)];
        assert!(matches!(PresentationAttack::new(&[], &[("a", None)]), Err(Error::Empty { .. })));
        assert!(matches!(PresentationAttack::new(&live, &[]), Err(Error::Empty { .. })));
        let nan = PresentationAttack::new(&live, &[("a", Some(0.1)), ("a", Some(f32::NAN))]);
        assert!(matches!(nan, Err(Error::Score { pair: 2, .. })));
    }
}
