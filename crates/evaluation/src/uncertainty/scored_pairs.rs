//! Scored pairs of faces, sorted once so that they can be weighted many times.

use crate::Error;

/// Fewer people say next to nothing about other people: no interval is given.
pub const MIN_PEOPLE: usize = 10;

/// A comparison of two faces of known people.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoredPair {
    /// The number of the person in one photo. Any numbering will do.
    pub a: u32,
    /// The number of the person in the other photo.
    pub b: u32,
    /// How alike they are, more is more alike; `None` where no face was found, which is rejected at every threshold.
    pub score: Option<f32>,
}

impl ScoredPair {
    /// Whether both photos show the same person.
    pub fn is_genuine(&self) -> bool {
        self.a == self.b
    }
}

/// What was drawn at random to see how much a number can vary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resampled {
    /// People, each with all comparisons that they take part in. The interval speaks about other people.
    Identities,
    /// Single comparisons, because nobody knows who is in the photos. If people come back in several comparisons,
    /// such an interval is too narrow: it speaks about other photos of the same people.
    Pairs,
}

/// Pairs of faces, prepared for a [`Bootstrap`](super::Bootstrap). At least one pair shows one person and one shows
/// two.
#[derive(Clone, Debug)]
pub struct ScoredPairs {
    pub(super) resampled: Resampled,
    /// How many units are drawn; those of a stratum among themselves. Unit 0 comes before all strata and is never
    /// drawn: its weight is always 1.
    pub(super) strata: Vec<usize>,
    /// From the lowest score to the highest; those without a score come first, as minus infinity.
    pub(super) genuine: Vec<Comparison>,
    /// From the highest score to the lowest; those without a score come last, as minus infinity.
    pub(super) impostor: Vec<Comparison>,
    /// All impostor comparisons that score this or more are in `impostor`; of the others only the number is known.
    /// Minus infinity if there are no others but such without a score.
    pub(super) kept_from: f32,
    pub(super) numbers: Numbers,
    /// The units of every pair in the order in which the pairs were given; empty if they were not given one by one.
    pub(super) order: Vec<Units>,
}

/// How many comparisons of which units there are.
#[derive(Clone, Debug)]
pub(super) enum Numbers {
    /// As many as are in the lists.
    Listed {
        /// Of each unit.
        genuine: Vec<Count>,
        /// Of each two units.
        impostor: Vec<Count>,
    },
    /// Every photo was compared with every other; a person's place here is one less than his or her unit.
    Photos(Vec<Photos>),
}

/// The photos of a person of whom every photo was compared with every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Photos {
    /// All of them.
    pub(super) count: u64,
    /// Genuine comparisons of them that have no score and are in no list.
    pub(super) without_score: u64,
}

/// The weights of all comparisons of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) genuine: u64,
    pub(super) impostor: u64,
    /// The weight of the genuine comparisons without a score that are in no list.
    pub(super) without_score: u64,
}

/// The two units whose weights a comparison's weight is the product of.
pub(super) type Units = [u32; 2];

/// A comparison with its score.
#[derive(Clone, Copy, Debug)]
pub(super) struct Comparison {
    pub(super) score: f32,
    pub(super) units: Units,
}

/// How many comparisons there are of the same two units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    units: Units,
    pairs: u64,
}

impl ScoredPairs {
    /// Pairs of known people. A bootstrap draws people.
    ///
    /// # Errors
    /// [`Error::Score`] for a NaN or infinite score, [`Error::Empty`] if no pair shows one person, or none shows two,
    /// [`Error::TooFewPeople`] below [`MIN_PEOPLE`].
    pub fn of_people(pairs: &[ScoredPair]) -> Result<Self, Error> {
        let mut people: Vec<u32> = pairs.iter().flat_map(|pair| [pair.a, pair.b]).collect();
        people.sort_unstable();
        people.dedup();
        // A place in the sorted list is always found and, with 1 added for unit 0, fits: see `check_count`.
        let unit = |person: u32| people.partition_point(|&other| other < person) as u32 + 1;
        check_count(people.len())?;
        let order = pairs
            .iter()
            .map(|pair| if pair.is_genuine() { [unit(pair.a), 0] } else { [unit(pair.a), unit(pair.b)] })
            .collect();
        let scores = pairs.iter().map(|pair| (pair.score, pair.is_genuine()));
        let found = Self::new(Resampled::Identities, vec![people.len()], order, scores)?;
        if people.len() < MIN_PEOPLE {
            return Err(Error::TooFewPeople { people: people.len(), needed: MIN_PEOPLE });
        }
        Ok(found)
    }

    /// Pairs of unknown people: `scores[i]` is the similarity of pair `i`, `same[i]` whether it shows one person. A
    /// bootstrap draws genuine and impostor pairs, each among their kind.
    ///
    /// # Errors
    /// [`Error::Length`] if the lists differ in length, and [`Error::Score`] or [`Error::Empty`] as
    /// [`of_people`](Self::of_people).
    pub fn of_strangers(scores: &[Option<f32>], same: &[bool]) -> Result<Self, Error> {
        if scores.len() != same.len() {
            return Err(Error::Length { what: "scores", expected: same.len(), got: scores.len() });
        }
        check_count(scores.len())?;
        let genuine = same.iter().filter(|&&same| same).count();
        let mut next = [genuine as u32 + 1, 1];
        let order = same
            .iter()
            .map(|&same| {
                let unit = &mut next[usize::from(same)];
                *unit += 1;
                [*unit - 1, 0]
            })
            .collect();
        let strata = vec![genuine, same.len() - genuine];
        let scores = scores.iter().copied().zip(same.iter().copied());
        Self::new(Resampled::Pairs, strata, order, scores)
    }

    fn new(
        resampled: Resampled,
        strata: Vec<usize>,
        order: Vec<Units>,
        scores: impl Iterator<Item = (Option<f32>, bool)>,
    ) -> Result<Self, Error> {
        let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
        for (pair, ((score, same), &units)) in scores.zip(&order).enumerate() {
            if let Some(score) = score
                && !score.is_finite()
            {
                return Err(Error::Score { pair, score });
            }
            let comparison = Comparison { score: score.unwrap_or(f32::NEG_INFINITY), units };
            if same { genuine.push(comparison) } else { impostor.push(comparison) }
        }
        if genuine.is_empty() {
            return Err(Error::Empty { what: "pair of the same person" });
        }
        if impostor.is_empty() {
            return Err(Error::Empty { what: "pair of different people" });
        }
        genuine.sort_unstable_by(|x, y| x.score.total_cmp(&y.score));
        impostor.sort_unstable_by(|x, y| y.score.total_cmp(&x.score));
        let counts = |comparisons: &[Comparison]| match resampled {
            Resampled::Identities => count(comparisons),
            // As many are drawn as there are, so their weights always add up to the same.
            Resampled::Pairs => vec![Count { units: [0, 0], pairs: comparisons.len() as u64 }],
        };
        let numbers = Numbers::Listed { genuine: counts(&genuine), impostor: counts(&impostor) };
        Ok(Self { resampled, strata, genuine, impostor, kept_from: f32::NEG_INFINITY, numbers, order })
    }

    /// What a bootstrap draws.
    pub fn resampled(&self) -> Resampled {
        self.resampled
    }

    /// How many genuine comparisons there are, those without a score among them.
    pub fn genuine_count(&self) -> u64 {
        self.whole().genuine
    }

    /// How many impostor comparisons there are, those without a score among them.
    pub fn impostor_count(&self) -> u64 {
        self.whole().impostor
    }

    /// How many units there are, unit 0 included.
    pub(super) fn units(&self) -> usize {
        1 + self.strata.iter().sum::<usize>()
    }

    /// The comparisons as they are: every unit once.
    fn whole(&self) -> Totals {
        self.totals(&vec![1; self.units()])
    }

    /// The weights of all comparisons where unit `i` counts `weights[i]` times. Linear in the number of people if
    /// every photo was compared with every other, and in that of different pairs of people otherwise.
    pub(super) fn totals(&self, weights: &[u32]) -> Totals {
        match &self.numbers {
            Numbers::Listed { genuine, impostor } => Totals {
                genuine: total(weights, genuine),
                impostor: total(weights, impostor),
                without_score: 0,
            },
            Numbers::Photos(people) => every_with_every(&weights[1..], people),
        }
    }
}

/// The sum over all pairs of people of `w_a w_b n_a n_b` is half of what the square of the sum has over the sum of the
/// squares.
fn every_with_every(weights: &[u32], people: &[Photos]) -> Totals {
    let mut found = Totals::default();
    let (mut sum, mut squares) = (0_u128, 0_u128);
    for (&weight, photos) in weights.iter().zip(people) {
        let weight = u64::from(weight);
        found.genuine += weight * (photos.count * photos.count.saturating_sub(1) / 2);
        found.without_score += weight * photos.without_score;
        let counted = u128::from(weight * photos.count);
        sum += counted;
        squares += counted * counted;
    }
    // It fits: see `MAX_PHOTOS`.
    found.impostor = ((sum * sum - squares) / 2) as u64;
    found
}

/// Units are numbered in 32 bits.
pub(super) fn check_count(units: usize) -> Result<(), Error> {
    if units < u32::MAX as usize {
        Ok(())
    } else {
        Err(Error::Setting {
            what: "number of people or pairs",
            value: units as f64,
            expected: "less than 2^32 - 1",
        })
    }
}

fn count(comparisons: &[Comparison]) -> Vec<Count> {
    let mut units: Vec<Units> = comparisons
        .iter()
        .map(|comparison| {
            let [a, b] = comparison.units;
            [a.min(b), a.max(b)]
        })
        .collect();
    units.sort_unstable();
    units.chunk_by(|x, y| x == y).map(|run| Count { units: run[0], pairs: run.len() as u64 }).collect()
}

/// The weight of a comparison of two units.
pub(super) fn weight(weights: &[u32], [a, b]: Units) -> u64 {
    u64::from(weights[a as usize]) * u64::from(weights[b as usize])
}

/// The weight of all comparisons that were counted.
fn total(weights: &[u32], counts: &[Count]) -> u64 {
    counts.iter().map(|count| count.pairs * weight(weights, count.units)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_pairs_are_named() {
        let pair = |a, b, score| ScoredPair { a, b, score: Some(score) };
        let message = |pairs: &[ScoredPair]| ScoredPairs::of_people(pairs).unwrap_err().to_string();
        assert!(message(&[]).contains("no pair of the same person"));
        assert!(message(&[pair(1, 1, 0.5)]).contains("no pair of different people"));
        assert!(message(&[pair(1, 2, 0.5)]).contains("no pair of the same person"));
        assert!(message(&[pair(1, 1, 0.5), pair(1, 2, f32::NAN)]).starts_with("the score of pair 1 "));
        assert!(matches!(
            ScoredPairs::of_strangers(&[None], &[true, false]),
            Err(Error::Length { expected: 2, got: 1, .. })
        ));
    }

    #[test]
    fn weights_of_people_multiply_and_totals_agree() {
        let pair = |a, b| ScoredPair { a, b, score: Some(0.0) };
        let mut pairs = vec![pair(70, 70), pair(70, 9), pair(9, 70), pair(9, 500), pair(9, 9)];
        assert!(matches!(ScoredPairs::of_people(&pairs), Err(Error::TooFewPeople { people: 3, needed: 10 })));
        pairs.extend((1000..1007).map(|person| pair(person, person)));
        let found = ScoredPairs::of_people(&pairs).unwrap();
        // Units: 9 is 1, 70 is 2, 500 is 3; the others were not drawn.
        let weights = [1, 2, 3, 5, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(found.totals(&weights), Totals { genuine: 3 + 2, impostor: 6 + 6 + 10, without_score: 0 });
        assert_eq!((found.genuine_count(), found.impostor_count()), (9, 3));
        let single: u64 = found.impostor.iter().map(|one| weight(&weights, one.units)).sum();
        assert_eq!(single, 22);
    }
}
