//! Scores of people with themselves and with each other: what error rates are counted from.

pub(crate) mod faces;
pub(crate) mod histogram;
mod scored;
pub(crate) mod sweep;

use model::Fingerprint;

pub use faces::LabelledFaces;
pub(crate) use histogram::Histogram;
use sweep::Sweep;

use crate::{Error, cosine};

/// Impostor scores kept one by one: this share of all from the top ...
const TAIL_SHARE: f64 = 0.02;
/// ... but at least about this many, so that small sets are kept whole,
const TAIL_LEAST: u64 = 50_000;
/// ... and at most this many (60 MB), however large the set is.
const TAIL_MOST: u64 = 5_000_000;
/// Genuine scores are all kept; beyond this many (400 MB) the set is refused.
const GENUINE_MOST: u64 = 50_000_000;
/// Scores in single precision are this close to the exact ones.
const SCREEN: f32 = 1e-4;

/// The score of two faces of one person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Genuine {
    /// Similarity; negative infinity where a face was not found, so that no threshold accepts the pair.
    pub score: f32,
    /// The person's place, below [`Comparisons::identities`].
    pub identity: u32,
}

/// The score of faces of two people.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Impostor {
    /// Similarity.
    pub score: f32,
    /// Place of the one person, below [`Comparisons::identities`] ...
    pub a: u32,
    /// ... and of the other.
    pub b: u32,
}

/// A comparison that somebody made: two people by any numbers, and the score of one face each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Listed {
    /// The person on the first photo.
    pub a: u32,
    /// The person on the second photo; the pair is genuine if it is the same number.
    pub b: u32,
    /// Similarity, larger is more alike, on any scale. `None` if a face was not found: such a pair is rejected at
    /// every threshold and counts.
    pub score: Option<f32>,
}

/// Comparisons of faces of known people.
///
/// All genuine scores are kept, with the person. Of the impostor scores the upper tail is kept one by one, with both
/// people, because that is where false matches happen; of the rest a histogram. Memory is bounded, whatever the
/// number of pairs.
#[derive(Clone, Debug)]
pub struct Comparisons {
    fingerprint: Fingerprint,
    faces: Option<usize>,
    /// Ascending.
    genuine: Vec<Genuine>,
    /// Descending.
    tail: Vec<Impostor>,
    /// Impostor scores from here on are in the tail.
    cut: f32,
    impostors: Histogram,
    /// Impostor pairs, those without a score among them.
    impostor_count: u64,
    genuine_of: Vec<u64>,
    impostors_of: Vec<u64>,
}

impl Comparisons {
    /// Compares every face with every other, in `threads` threads (0 counts as 1). Takes one or two seconds for
    /// 6,000 faces of 128 values.
    ///
    /// # Errors
    /// [`Error::OneClass`] unless there are two people, one of them with two faces;
    /// [`Error::TooManyGenuine`] if a person has tens of thousands of faces.
    pub fn all(faces: &LabelledFaces, threads: usize) -> Result<Self, Error> {
        let people = faces.people().len();
        let sizes: Vec<u64> = (0..people).map(|place| faces.faces_of(place).len() as u64).collect();
        let total = faces.len() as u64;
        let genuine_of: Vec<u64> = sizes.iter().map(|&size| size * (size - 1) / 2).collect();
        let impostors_of: Vec<u64> = sizes.iter().map(|&size| size * (total - size)).collect();
        let impostor_count = impostors_of.iter().sum::<u64>() / 2;
        check_classes(genuine_of.iter().sum(), impostor_count)?;

        let person = faces.person_of_faces();
        let sweep = Sweep {
            rows: faces.vectors(),
            columns: faces.vectors(),
            dimension: faces.dimension(),
            triangle: true,
        };
        let exact = |row, column| cosine(faces.vector(row), faces.vector(column));
        let empty = || (Vec::new(), Histogram::new(-1.0, 1.0));
        let seen = sweep.run(threads, empty, |(genuine, impostors), row, first, scores| {
            for (column, &score) in (first..).zip(scores) {
                if person[row] == person[column] {
                    genuine.push(Genuine { score: exact(row, column), identity: person[row] });
                } else {
                    impostors.add(score);
                }
            }
        });
        let (mut genuine, mut impostors) = empty();
        for (some, counted) in seen {
            genuine.extend(some);
            impostors.merge(&counted);
        }

        // A second pass, because only now is it known where the tail starts.
        let cut = tail_cut(&impostors);
        let tail = sweep.run(threads, Vec::new, |tail, row, first, scores| {
            for (column, &score) in (first..).zip(scores) {
                if score >= cut - SCREEN && person[row] != person[column] {
                    let score = exact(row, column);
                    if score >= cut {
                        tail.push(Impostor { score, a: person[row], b: person[column] });
                    }
                }
            }
        });
        Ok(Self {
            fingerprint: faces.fingerprint(),
            faces: Some(faces.len()),
            genuine: ascending(genuine),
            tail: descending(tail.concat()),
            cut,
            impostors,
            impostor_count,
            genuine_of,
            impostors_of,
        })
    }

    /// Takes comparisons that were made elsewhere, for instance the pairs of a protocol, or normalised scores.
    ///
    /// # Errors
    /// [`Error::OneClass`] unless there are genuine and impostor pairs with a score; [`Error::BadScore`];
    /// [`Error::TooManyGenuine`].
    pub fn listed(fingerprint: Fingerprint, pairs: &[Listed]) -> Result<Self, Error> {
        let mut people: Vec<u32> = pairs.iter().flat_map(|pair| [pair.a, pair.b]).collect();
        people.sort_unstable();
        people.dedup();
        let place = |person: u32| people.partition_point(|&other| other < person);
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        let mut classes = [0u64; 2];
        for (index, pair) in pairs.iter().enumerate() {
            if let Some(score) = pair.score {
                if !score.is_finite() {
                    return Err(Error::BadScore { index, score });
                }
                (low, high) = (low.min(score), high.max(score));
                classes[usize::from(pair.a == pair.b)] += 1;
            }
        }
        check_classes(classes[1], classes[0])?;

        let mut all = Self {
            fingerprint,
            faces: None,
            genuine: Vec::new(),
            tail: Vec::new(),
            cut: 0.0,
            impostors: Histogram::new(low, high),
            impostor_count: 0,
            genuine_of: vec![0; people.len()],
            impostors_of: vec![0; people.len()],
        };
        for pair in pairs {
            let (a, b) = (place(pair.a), place(pair.b));
            if a == b {
                all.genuine_of[a] += 1;
                let score = pair.score.unwrap_or(f32::NEG_INFINITY);
                all.genuine.push(Genuine { score, identity: a as u32 });
            } else {
                all.impostor_count += 1;
                all.impostors_of[a] += 1;
                all.impostors_of[b] += 1;
                pair.score.into_iter().for_each(|score| all.impostors.add(score));
            }
        }
        all.cut = tail_cut(&all.impostors);
        let tail = pairs.iter().filter(|pair| pair.a != pair.b).filter_map(|pair| {
            let (a, b) = (place(pair.a) as u32, place(pair.b) as u32);
            pair.score.filter(|&score| score >= all.cut).map(|score| Impostor { score, a, b })
        });
        all.tail = descending(tail.collect());
        all.genuine = ascending(all.genuine);
        Ok(all)
    }

    /// The model whose faces were compared.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The number of faces, where it is known.
    pub fn faces(&self) -> Option<usize> {
        self.faces
    }

    /// The number of people.
    pub fn identities(&self) -> usize {
        self.genuine_of.len()
    }

    /// All genuine scores, ascending.
    pub fn genuine(&self) -> &[Genuine] {
        &self.genuine
    }

    /// The largest impostor scores, descending: all from [`cut`](Self::cut) on.
    pub fn tail(&self) -> &[Impostor] {
        &self.tail
    }

    /// The score from which on all impostor scores are in [`tail`](Self::tail).
    pub fn cut(&self) -> f64 {
        f64::from(self.cut)
    }

    /// The number of impostor pairs, with those that have no score.
    pub fn impostor_count(&self) -> u64 {
        self.impostor_count
    }

    /// The number of genuine pairs of each person.
    pub fn genuine_of(&self) -> &[u64] {
        &self.genuine_of
    }

    /// The number of impostor pairs that each person is part of; the sum is twice their number.
    pub fn impostors_of(&self) -> &[u64] {
        &self.impostors_of
    }

    /// How many impostor pairs score at least `threshold`: exact in the tail, from the histogram below it.
    pub fn false_matches(&self, threshold: f64) -> f64 {
        let in_tail = self.tail.partition_point(|impostor| f64::from(impostor.score) >= threshold) as f64;
        if threshold >= self.cut() { in_tail } else { in_tail.max(self.impostors.at_least(threshold)) }
    }

    /// False match rate: the share of impostor pairs that score at least `threshold`.
    pub fn fmr(&self, threshold: f64) -> f64 {
        self.false_matches(threshold) / self.impostor_count as f64
    }

    /// False non-match rate: the share of genuine pairs that score less than `threshold`.
    pub fn fnmr(&self, threshold: f64) -> f64 {
        let rejected = self.genuine.partition_point(|genuine| f64::from(genuine.score) < threshold);
        rejected as f64 / self.genuine.len() as f64
    }

    pub(crate) fn impostors(&self) -> &Histogram {
        &self.impostors
    }
}

fn check_classes(genuine: u64, impostors: u64) -> Result<(), Error> {
    if genuine == 0 {
        return Err(Error::OneClass {
            missing: "two faces of one person",
            remedy: "give at least two photos of the same people",
        });
    }
    if impostors == 0 {
        return Err(Error::OneClass {
            missing: "faces of two people",
            remedy: "give photos of different people",
        });
    }
    if genuine > GENUINE_MOST {
        return Err(Error::TooManyGenuine { pairs: genuine, most: GENUINE_MOST });
    }
    Ok(())
}

fn tail_cut(impostors: &Histogram) -> f32 {
    let wanted = ((impostors.total() as f64 * TAIL_SHARE) as u64).clamp(TAIL_LEAST, TAIL_MOST);
    impostors.start_of_top(wanted)
}

fn ascending(mut genuine: Vec<Genuine>) -> Vec<Genuine> {
    genuine.sort_unstable_by(|x, y| x.score.total_cmp(&y.score).then(x.identity.cmp(&y.identity)));
    genuine
}

fn descending(mut tail: Vec<Impostor>) -> Vec<Impostor> {
    tail.sort_unstable_by(|x, y| y.score.total_cmp(&x.score).then((x.a, x.b).cmp(&(y.a, y.b))));
    tail
}

#[cfg(test)]
mod tests {
    use model::Embedding;

    use super::*;

    const MODEL: Fingerprint = Fingerprint([7; 32]);

    /// People of 1 to 5 faces that resemble each other.
    fn faces(people: u32, seed: u64) -> LabelledFaces {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut made = Vec::new();
        for person in 0..people {
            let centre: Vec<f32> = (0..12).map(|_| random.f32() - 0.4).collect();
            for _ in 0..1 + person % 5 {
                let raw = centre.iter().map(|value| value + 0.8 * (random.f32() - 0.5)).collect();
                made.push((Embedding::from_raw(raw, MODEL).unwrap(), Some(100 - person)));
            }
        }
        LabelledFaces::new(made.iter().map(|(face, person)| (face, 50.0, *person))).unwrap()
    }

    /// Every pair, one by one.
    fn brute_force(faces: &LabelledFaces) -> (Vec<f32>, Vec<f32>) {
        let person = faces.person_of_faces();
        let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
        for a in 0..faces.len() {
            for b in 0..a {
                let score = cosine(faces.vector(a), faces.vector(b));
                if person[a] == person[b] { genuine.push(score) } else { impostor.push(score) }
            }
        }
        genuine.sort_unstable_by(f32::total_cmp);
        impostor.sort_unstable_by(|x, y| y.total_cmp(x));
        (genuine, impostor)
    }

    #[test]
    fn every_pair_is_compared_once() {
        let faces = faces(60, 1);
        let (genuine, impostor) = brute_force(&faces);
        for threads in [1, 3] {
            let all = Comparisons::all(&faces, threads).unwrap();
            assert_eq!(all.genuine().iter().map(|pair| pair.score).collect::<Vec<_>>(), genuine);
            assert_eq!(all.tail().iter().map(|pair| pair.score).collect::<Vec<_>>(), impostor);
            assert_eq!(all.impostor_count() as usize, impostor.len());
            assert_eq!(all.impostors_of().iter().sum::<u64>(), 2 * all.impostor_count());
            assert_eq!(all.genuine_of().iter().sum::<u64>(), genuine.len() as u64);
            assert_eq!((all.identities(), all.faces()), (60, Some(faces.len())));
            for threshold in [-1.0, 0.1, 0.5, 0.9] {
                let share = |scores: &[f32], at_least: bool| {
                    let counted = |score: &&f32| (f64::from(**score) >= threshold) == at_least;
                    scores.iter().filter(counted).count() as f64 / scores.len() as f64
                };
                assert_eq!(all.fmr(threshold), share(&impostor, true));
                assert_eq!(all.fnmr(threshold), share(&genuine, false));
            }
        }
    }

    #[test]
    fn a_large_set_keeps_its_tail_exactly_and_its_body_in_bins() {
        let mut random = fastrand::Rng::with_seed(5);
        let pairs: Vec<Listed> = (0..120_000)
            .map(|_| Listed { a: random.u32(0..40), b: random.u32(0..40), score: Some(random.f32()) })
            .collect();
        let all = Comparisons::listed(MODEL, &pairs).unwrap();
        let impostor: Vec<f64> = pairs
            .iter()
            .filter(|pair| pair.a != pair.b)
            .filter_map(|pair| pair.score.map(f64::from))
            .collect();
        let mut tail: Vec<f64> = impostor.iter().copied().filter(|&score| score >= all.cut()).collect();
        tail.sort_unstable_by(|x, y| y.total_cmp(x));
        assert!(tail.len() <= 50_000 && tail.len() > 45_000, "{}", tail.len());
        assert_eq!(all.tail().iter().map(|pair| f64::from(pair.score)).collect::<Vec<_>>(), tail);
        for step in 0..100 {
            let threshold = f64::from(step) / 100.0;
            let wanted = impostor.iter().filter(|&&score| score >= threshold).count() as f64;
            let slack = if threshold < all.cut() { 40.0 } else { 0.0 };
            assert!((all.false_matches(threshold) - wanted).abs() <= slack, "{threshold}");
        }
    }

    #[test]
    fn pairs_without_a_score_are_rejected_and_counted() {
        let pair = |a, b, score| Listed { a, b, score };
        let pairs = [pair(1, 1, Some(0.9)), pair(1, 1, None), pair(1, 2, Some(0.2)), pair(2, 3, None)];
        let all = Comparisons::listed(MODEL, &pairs).unwrap();
        assert_eq!((all.fnmr(-1.0), all.fmr(-1.0), all.fmr(0.5)), (0.5, 0.5, 0.0));
        assert_eq!((all.impostors_of(), all.genuine_of()), (&[1, 2, 1][..], &[2, 0, 0][..]));
    }

    #[test]
    fn refuses_what_cannot_be_compared() {
        let face = |raw: &[f32]| Embedding::from_raw(raw.to_vec(), MODEL).unwrap();
        let (a, b) = (face(&[1.0, 0.0]), face(&[0.0, 1.0]));
        assert_eq!(LabelledFaces::new([]), Err(Error::NoFaces));
        let unlabelled = LabelledFaces::new([(&a, 50.0, Some(1)), (&b, 50.0, None)]);
        assert_eq!(unlabelled, Err(Error::Unlabelled { index: 1 }));
        let long = face(&[1.0, 0.0, 0.0]);
        let error = LabelledFaces::new([(&a, 50.0, Some(1)), (&long, 50.0, Some(2))]).unwrap_err();
        assert_eq!(error, Error::DifferentLengths { left: 2, right: 3 });
        let mut other = b.clone();
        other.fingerprint = Fingerprint([8; 32]);
        let error = LabelledFaces::new([(&a, 50.0, Some(1)), (&other, 50.0, Some(2))]).unwrap_err();
        assert!(matches!(error, Error::DifferentModels { .. }));
        let mut broken = b.clone();
        broken.vector[0] = f32::NAN;
        let error = LabelledFaces::new([(&a, 50.0, Some(1)), (&broken, 50.0, Some(2))]).unwrap_err();
        assert!(matches!(error, Error::BadFace { index: 1, .. }));

        let one = LabelledFaces::new([(&a, 50.0, Some(1)), (&b, 50.0, Some(1))]).unwrap();
        let error = Comparisons::all(&one, 1).unwrap_err().to_string();
        assert!(error.contains("two people"), "{error}");
        let singles = LabelledFaces::new([(&a, 50.0, Some(1)), (&b, 50.0, Some(2))]).unwrap();
        let error = Comparisons::all(&singles, 1).unwrap_err().to_string();
        assert!(error.contains("faces of one person"), "{error}");
        let nan = Listed { a: 1, b: 2, score: Some(f32::NAN) };
        assert!(matches!(Comparisons::listed(MODEL, &[nan]), Err(Error::BadScore { index: 0, .. })));
        assert!(matches!(Comparisons::listed(MODEL, &[]), Err(Error::OneClass { .. })));
    }

    #[test]
    fn halves_are_whole_people_and_know_their_data() {
        let all = faces(10, 2);
        let half = all.subset(&[7, 2, 2, 99]).unwrap();
        assert_eq!(half.people(), [all.people()[2], all.people()[7]]);
        assert_eq!(half.vector(0), all.vector(all.faces_of(2).start));
        assert_ne!(half.hash(), all.hash());
        assert_eq!(half.hash(), all.subset(&[2, 7]).unwrap().hash());
        assert_eq!(all.subset(&[]), Err(Error::NoFaces));
    }
}
