//! One probe searched in a gallery: who comes first, and where the right person stands.

use std::collections::HashMap;

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

impl ProbeResult {
    /// What is wrong with the result, if it contradicts itself.
    pub(super) fn contradiction(&self) -> Option<&'static str> {
        if [self.mate_score, self.top_score].into_iter().flatten().any(|score| !score.is_finite()) {
            return Some("a score is NaN or infinite, which cannot be ranked: was a vector zero?");
        }
        if !self.mated && (self.mate_rank.is_some() || self.mate_score.is_some()) {
            return Some("the person is not enrolled, and yet has a rank or a score in the gallery");
        }
        match (self.mate_rank, self.mate_score, self.top_score) {
            (None, None, _) => None,
            (Some(0), _, _) => Some("the rank is 0, but ranks count from 1"),
            (Some(_), Some(mate), Some(top)) if mate <= top => None,
            (Some(_), Some(_), _) => Some("the right person's score is above the top score"),
            _ => Some("the right person must have both a rank and a score, or neither"),
        }
    }
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
}
