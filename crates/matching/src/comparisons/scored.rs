//! Every pair of photos by any score, in bounded memory.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use model::Fingerprint;

use super::{
    Genuine, Histogram, Impostor, TAIL_LEAST, TAIL_MOST, TAIL_SHARE, ascending, check_classes, descending,
};
use crate::{Comparisons, Error, Prepared, Scorer};

/// Pairs that are looked at to learn what range a score has and where its upper tail starts.
const SAMPLE: u64 = 1 << 18;

/// Photos on the side of a tile: what was prepared of them stays in the second cache.
const TILE: usize = 128;

impl Comparisons {
    /// Scores every photo with every other, in `threads` threads (0 counts as 1). `people` has the number of the
    /// person on each photo; any numbering will do. `score(a, b)` is the similarity of photo `a`, enrolled, to photo
    /// `b`, searched, `a < b`, on any scale; `None` where a face was not found, which is rejected at every threshold
    /// and counts. It is asked once for each pair, and once more for some 260,000 pairs of different people to learn
    /// its range: so it must not change its mind.
    ///
    /// Takes as long as 0.5 `n^2` scores do; for cosines [`Comparisons::all`] is several times faster.
    ///
    /// # Errors
    /// [`Error::OneClass`] unless there are two people, one of them with two photos; [`Error::TooManyGenuine`] if a
    /// person has tens of thousands; [`Error::BadScore`] for a score that is not finite, with the number of the photo
    /// in front.
    pub fn every(
        fingerprint: Fingerprint,
        people: &[u32],
        threads: usize,
        score: impl Fn(usize, usize) -> Option<f32> + Sync,
    ) -> Result<Self, Error> {
        let (places, sizes) = renumbered(people);
        let total = people.len() as u64;
        let genuine_of: Vec<u64> = sizes.iter().map(|&size| size * (size - 1) / 2).collect();
        let impostors_of: Vec<u64> = sizes.iter().map(|&size| size * (total - size)).collect();
        let impostor_count = impostors_of.iter().sum::<u64>() / 2;
        check_classes(genuine_of.iter().sum(), impostor_count)?;

        let sample = sample(&places, impostor_count, &score);
        let range = [sample.last(), sample.first()].map(|end| end.copied().unwrap_or(0.0));
        let cut = cut(&sample, impostor_count);
        let empty =
            || Part { genuine: Vec::new(), tail: Vec::new(), body: Histogram::new(range[0], range[1]) };
        let bad = Mutex::new(None);
        let parts = tiles(people.len(), threads, empty, |part, a, b| {
            let found = score(a, b);
            if let Some(score) = found.filter(|score| !score.is_finite()) {
                *bad.lock().unwrap_or_else(PoisonError::into_inner) = Some((a, score));
                return;
            }
            let [first, second] = [places[a].min(places[b]), places[a].max(places[b])];
            match found {
                _ if first == second => {
                    let score = found.unwrap_or(f32::NEG_INFINITY);
                    part.genuine.push(Genuine { score, identity: first });
                }
                Some(score) => {
                    part.body.add(score);
                    if score >= cut {
                        part.tail.push(Impostor { score, a: first, b: second });
                    }
                }
                None => {}
            }
        });
        if let Some((index, score)) = bad.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(Error::BadScore { index, score });
        }
        let mut all = empty();
        for part in parts {
            all.genuine.extend(part.genuine);
            all.tail.extend(part.tail);
            all.body.merge(&part.body);
        }
        Ok(Self {
            fingerprint,
            faces: Some(people.len()),
            genuine: ascending(all.genuine),
            tail: descending(all.tail),
            cut,
            impostors: all.body,
            impostor_count,
            genuine_of,
            impostors_of,
        })
    }

    /// The same by a scorer, of photos that it prepared; `None` where a face was not found. Z-, T-, ZT- and TZ-norm
    /// take the earlier photo for the enrolled one.
    ///
    /// # Errors
    /// As [`Comparisons::every`]; [`Error::OtherScorer`] for photos that another scorer prepared, and
    /// [`Error::Training`] for another number of people than photos.
    pub fn scored(
        scorer: &Scorer,
        photos: &[Option<Prepared>],
        people: &[u32],
        threads: usize,
    ) -> Result<Self, Error> {
        if photos.len() != people.len() {
            return Err(Error::Training(format!(
                "there are {} photos but {} people: give one for each",
                photos.len(),
                people.len()
            )));
        }
        // One of each is enough to see that they fit; afterwards scoring does not fail.
        if let Some(first) = photos.iter().flatten().next() {
            photos.iter().flatten().try_for_each(|photo| scorer.score(first, photo).map(drop))?;
        }
        Self::every(scorer.fingerprint(), people, threads, |a, b| {
            scorer.score(photos[a].as_ref()?, photos[b].as_ref()?).ok()
        })
    }
}

/// What one thread saw.
struct Part {
    genuine: Vec<Genuine>,
    tail: Vec<Impostor>,
    body: Histogram,
}

/// The places of the people in ascending order of their numbers, and how many photos each has.
fn renumbered(people: &[u32]) -> (Vec<u32>, Vec<u64>) {
    let mut numbers = people.to_vec();
    numbers.sort_unstable();
    numbers.dedup();
    let places: Vec<u32> =
        people.iter().map(|person| numbers.partition_point(|other| other < person) as u32).collect();
    let mut sizes = vec![0; numbers.len()];
    places.iter().for_each(|&place| sizes[place as usize] += 1);
    (places, sizes)
}

/// Finite scores of pairs of different people, descending: of all of them or of some that chance picks.
fn sample(places: &[u32], impostors: u64, score: &impl Fn(usize, usize) -> Option<f32>) -> Vec<f32> {
    let mut random = fastrand::Rng::with_seed(1);
    let count = places.len();
    let of = |a: usize, b: usize| (places[a] != places[b]).then(|| score(a, b)).flatten();
    let mut scores: Vec<f32> = if impostors <= SAMPLE {
        (0..count).flat_map(|b| (0..b).map(move |a| (a, b))).filter_map(|(a, b)| of(a, b)).collect()
    } else {
        let pair = |random: &mut fastrand::Rng| [random.usize(..count), random.usize(..count)];
        (0..SAMPLE)
            .map(|_| pair(&mut random))
            .filter_map(|[a, b]| if a == b { None } else { of(a.min(b), a.max(b)) })
            .collect()
    };
    scores.retain(|score| score.is_finite());
    scores.sort_unstable_by(|x, y| y.total_cmp(x));
    scores
}

/// Of a tail that was to hold so many scores, equal ones at its start make at most this many times as many. A sample
/// gives the number wanted to some per cent, so more than that is no chance.
const TIES: f64 = 1.5;

/// Where the tail starts, so that it will hold about as many scores as wanted. Negative infinity if all are. Where many
/// scores are equal (copies of a photo, a network that has only one answer), those that do not fit are left to the
/// histogram together, and the tail starts above them: it may then be empty, but it is bounded.
fn cut(sample: &[f32], impostors: u64) -> f32 {
    let wanted = ((impostors as f64 * TAIL_SHARE) as u64).clamp(TAIL_LEAST, TAIL_MOST);
    if wanted >= impostors {
        return f32::NEG_INFINITY;
    }
    let rank = (wanted as f64 / impostors as f64 * sample.len() as f64) as usize;
    let Some(&start) = sample.get(rank) else { return f32::NEG_INFINITY };
    let kept = sample.partition_point(|score| *score >= start);
    if kept as f64 > TIES * (rank + 1) as f64 { start.next_up() } else { start }
}

/// Calls `visit(part, a, b)` for every `a < b`, tile by tile. Each thread has a part of its own.
fn tiles<P: Send>(
    count: usize,
    threads: usize,
    new: impl Fn() -> P + Sync,
    visit: impl Fn(&mut P, usize, usize) + Sync,
) -> Vec<P> {
    let next = AtomicUsize::new(0);
    let parts = Mutex::new(Vec::new());
    let work = || {
        let mut part = new();
        loop {
            let start = next.fetch_add(1, Ordering::Relaxed).saturating_mul(TILE);
            if start >= count {
                break;
            }
            for others in (start..count).step_by(TILE) {
                for a in start..(start + TILE).min(count) {
                    (others.max(a + 1)..(others + TILE).min(count)).for_each(|b| visit(&mut part, a, b));
                }
            }
        }
        parts.lock().unwrap_or_else(PoisonError::into_inner).push(part);
    };
    std::thread::scope(|scope| {
        (1..threads.clamp(1, count.div_ceil(TILE))).for_each(|_| drop(scope.spawn(work)));
        work();
    });
    parts.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use model::Embedding;
    use proptest::prelude::*;

    use super::*;
    use crate::simulation::Simulation;
    use crate::{LabelledFaces, cosine};

    fn photos(scorer: &Scorer, vectors: &[Vec<f32>]) -> Vec<Option<Prepared>> {
        let vectors: Vec<Option<&[f32]>> = vectors.iter().map(|vector| Some(&vector[..])).collect();
        scorer.prepare_all(&vectors, 3).unwrap()
    }

    #[test]
    fn cosines_are_those_of_all() {
        let (vectors, people) = Simulation { people: 90, ..Simulation::default() }.faces(1);
        let faces: Vec<Embedding> =
            vectors.iter().map(|v| Embedding::from_raw(v.clone(), Simulation::MODEL).unwrap()).collect();
        let labelled = faces.iter().zip(&people).map(|(face, &person)| (face, 50.0, Some(person)));
        let expected = Comparisons::all(&LabelledFaces::new(labelled).unwrap(), 2).unwrap();
        let vectors: Vec<Vec<f32>> = faces.into_iter().map(|face| face.vector).collect();
        let scorer = Scorer::train("cosine", &vectors, &people, Simulation::MODEL).unwrap();
        for threads in [0, 1, 3] {
            let found = Comparisons::scored(&scorer, &photos(&scorer, &vectors), &people, threads).unwrap();
            assert_eq!(found.genuine(), expected.genuine());
            // Both keep about 50,000 of the 62,640: where they start is left to each.
            let both = found.tail().len().min(expected.tail().len());
            assert!(both > 45_000, "{both}");
            assert_eq!(found.tail()[..both], expected.tail()[..both]);
            assert_eq!(found.impostors_of(), expected.impostors_of());
            for fmr in [0.01, 0.29, 0.9] {
                let threshold = found.tail()[(fmr * both as f64) as usize].score;
                assert_eq!(found.fmr(f64::from(threshold)), expected.fmr(f64::from(threshold)));
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        /// Straight from the definition, with photos without a face.
        #[test]
        fn every_pair_counts_once(
            people in prop::collection::vec(0u32..6, 2..40),
            scores in prop::collection::vec(prop::option::weighted(0.9, -20i32..20), 40),
            threshold in -30.0f64..30.0,
            threads in 0usize..4,
        ) {
            let score = |a: usize, b: usize| Some(scores[a]? as f32 * 0.5 + scores[b]? as f32);
            let (mut genuine, mut impostors) = (Vec::new(), Vec::new());
            for b in 0..people.len() {
                for a in 0..b {
                    let list = if people[a] == people[b] { &mut genuine } else { &mut impostors };
                    list.push(score(a, b).unwrap_or(f32::NEG_INFINITY));
                }
            }
            let found = Comparisons::every(Simulation::MODEL, &people, threads, score);
            prop_assert_eq!(found.is_err(), genuine.is_empty() || impostors.is_empty());
            let Ok(found) = found else { return Ok(()) };
            genuine.sort_unstable_by(f32::total_cmp);
            prop_assert_eq!(found.genuine().iter().map(|pair| pair.score).collect::<Vec<_>>(), genuine);
            prop_assert_eq!(found.impostor_count() as usize, impostors.len());
            let accepted = |threshold: f64| {
                impostors.iter().filter(|&&score| f64::from(score) >= threshold).count() as f64
            };
            prop_assert_eq!(found.false_matches(threshold), accepted(threshold));
        }
    }

    #[test]
    fn the_tail_of_a_large_set_is_exact() {
        let mut random = fastrand::Rng::with_seed(3);
        let values: Vec<f32> = (0..2600).map(|_| random.f32()).collect();
        let people: Vec<u32> = (0..2600).map(|photo| photo / 2).collect();
        let score = |a: usize, b: usize| (values[a] * 37.0 + values[b] * 91.0).fract();
        let found = Comparisons::every(Simulation::MODEL, &people, 2, |a, b| Some(score(a, b))).unwrap();
        let mut tail = Vec::new();
        for b in 0..values.len() {
            tail.extend(
                (0..b)
                    .filter(|a| a / 2 != b / 2)
                    .map(|a| score(a, b))
                    .filter(|&s| f64::from(s) >= found.cut()),
            );
        }
        tail.sort_unstable_by(|x, y| y.total_cmp(x));
        assert!((60_000..75_000).contains(&tail.len()), "2 % of 3.4 million: {}", tail.len());
        assert_eq!(found.tail().iter().map(|pair| pair.score).collect::<Vec<_>>(), tail);
        assert!((found.fmr(0.999) - 1e-3).abs() < 1e-4, "{}", found.fmr(0.999));
        assert!((found.fmr(0.5) - 0.5).abs() < 0.01, "{}", found.fmr(0.5));
    }

    #[test]
    fn equal_scores_do_not_fill_the_tail() {
        // 124,750 pairs, nearly all of different people, of which 50,000 are to be kept.
        let people: Vec<u32> = (0..500).map(|photo| photo.max(1)).collect();
        let all = |score: fn(usize, usize) -> f32| {
            Comparisons::every(Simulation::MODEL, &people, 2, |a, b| Some(score(a, b))).unwrap()
        };
        let alike = all(|_, _| 1.0);
        assert_eq!((alike.impostor_count(), alike.tail().len()), (124_749, 0));
        assert_eq!((alike.fmr(1.0), alike.fmr(1.0 + 1e-6), alike.fmr(-3.0)), (1.0, 0.0, 1.0));
        // All are as alike as can be but those with the first ten.
        let most = all(|a, _| if a < 10 { a as f32 / 10.0 } else { 1.0 });
        assert!(most.tail().is_empty());
        assert_eq!(most.false_matches(1.0), f64::from(490 * 489 / 2));
        // A few scores above many equal ones are kept one by one.
        let above = all(|a, b| if b < 40 { 0.6 + (a + b) as f32 * 1e-3 } else { 0.5 });
        assert_eq!(above.tail().len(), 40 * 39 / 2 - 1);
        assert_eq!(above.false_matches(above.cut()), f64::from(40 * 39 / 2 - 1));
        assert!(above.cut() > 0.5 && above.fmr(0.499) == 1.0);
        // Equal ones that fit are kept.
        let few = all(|_, b| if b < 330 { 0.9 } else { 0.1 });
        assert_eq!((few.tail().len(), few.cut() as f32), (330 * 329 / 2 - 1, 0.9));
    }

    #[test]
    fn every_scorer_agrees_with_itself() {
        let world = Simulation { people: 24, photos: 3, dimension: 8, ..Simulation::default() };
        let ((train, names), (test, people)) = (world.faces(1), world.faces(2));
        for name in Scorer::NAMES {
            let scorer = Scorer::train(name, &train, &names, Simulation::MODEL).unwrap();
            let mut photos = photos(&scorer, &test);
            photos[5] = None;
            let found = Comparisons::scored(&scorer, &photos, &people, 2).unwrap();
            let best = found.tail()[0].score;
            let mut expected = f32::NEG_INFINITY;
            for (b, person) in people.iter().enumerate() {
                for a in (0..b).filter(|&a| people[a] != *person) {
                    if let (Some(a), Some(b)) = (&photos[a], &photos[b]) {
                        expected = expected.max(scorer.score(a, b).unwrap());
                    }
                }
            }
            assert_eq!(best, expected, "{name}");
            assert_eq!(found.genuine().iter().filter(|pair| pair.score == f32::NEG_INFINITY).count(), 2);
        }
    }

    #[test]
    fn what_cannot_be_scored_is_said() {
        let people = [1, 1, 2, 3];
        let nan = Comparisons::every(Simulation::MODEL, &people, 1, |a, b| {
            Some(if (a, b) == (2, 3) { f32::NAN } else { cosine(&[1.0], &[1.0]) })
        });
        assert!(matches!(nan, Err(Error::BadScore { index: 2, .. })), "{nan:?}");
        let alone = Comparisons::every(Simulation::MODEL, &[1, 2, 3], 1, |_, _| Some(0.0));
        assert!(matches!(alone, Err(Error::OneClass { .. })));
        assert!(matches!(
            Comparisons::every(Simulation::MODEL, &[], 1, |_, _| None),
            Err(Error::OneClass { .. })
        ));
        let nobody = Comparisons::every(Simulation::MODEL, &people, 1, |_, _| None).unwrap();
        assert_eq!((nobody.fnmr(-9.0), nobody.fmr(-9.0)), (1.0, 0.0));

        let (vectors, people) = Simulation::default().faces(1);
        let [cosine, plda] =
            ["cosine", "plda"].map(|name| Scorer::train(name, &vectors, &people, Simulation::MODEL).unwrap());
        let photos = photos(&cosine, &vectors);
        let error = Comparisons::scored(&plda, &photos, &people, 1).unwrap_err();
        assert_eq!(error, Error::OtherScorer("plda"));
        let error = Comparisons::scored(&cosine, &photos, &people[1..], 1).unwrap_err();
        assert!(error.to_string().contains("200 photos but 199 people"), "{error}");
    }
}
