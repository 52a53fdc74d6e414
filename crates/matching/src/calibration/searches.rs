//! Searches of people who are not enrolled: every face against everybody else.

use crate::comparisons::sweep::Sweep;
use crate::comparisons::{Histogram, LabelledFaces};
use crate::{Error, cosine};

use super::Enrolment;

/// Scores of a face with a person that are kept one by one (96 MB), of all times that people are enrolled together.
const MOST: u64 = 8_000_000;
const SCREEN: f32 = 1e-4;
/// Times that people are enrolled, at most.
const MOST_GALLERIES: usize = 16;
/// Decides who is enrolled with which photos.
const SEED: u64 = 1;

/// A face resembles a person who is somebody else.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub(super) score: f32,
    /// The face that is searched for.
    pub(super) probe: u32,
    /// The place of the person found.
    pub(super) enrolled: u32,
}

/// Every face searched for among all other people.
pub(super) struct Searches {
    /// Descending.
    pub(super) hits: Vec<Hit>,
    /// Hits from this score on are kept.
    pub(super) cut: f64,
    /// For each face the place of its person.
    pub(super) person: Vec<u32>,
    /// Faces of each person.
    pub(super) faces_of: Vec<f64>,
}

impl Searches {
    /// Enrols everybody with at most `photos` photos each, as many times as it takes for most photos to have been enrolled
    /// once, and searches for every face each time.
    pub(super) fn with_photos(
        faces: &LabelledFaces,
        photos: usize,
        enrolment: Enrolment,
        threads: usize,
    ) -> Result<Vec<Self>, Error> {
        let galleries = galleries(faces, photos);
        let most = MOST / galleries.len() as u64;
        galleries.iter().map(|enrolled| Self::of(faces, enrolled, enrolment, most, threads)).collect()
    }

    /// Searches for all of `faces` among those of the same people that are `enrolled`; keeps the `most` highest scores.
    fn of(
        faces: &LabelledFaces,
        enrolled: &LabelledFaces,
        enrolment: Enrolment,
        most: u64,
        threads: usize,
    ) -> Result<Self, Error> {
        let person = faces.person_of_faces();
        let person_enrolled = enrolled.person_of_faces();
        let people = faces.people().len();
        let templates = match enrolment {
            Enrolment::BestFace => None,
            Enrolment::Template(rule) => Some(enrolled.templates(rule)?),
        };
        let sweep = Sweep {
            rows: faces.vectors(),
            columns: templates.as_deref().unwrap_or(enrolled.vectors()),
            dimension: faces.dimension(),
            triangle: false,
        };
        // A person's faces lie together, but a run of scores may start or end among them.
        let of_column =
            |column: usize| if templates.is_some() { column as u32 } else { person_enrolled[column] };
        let each = |row: usize, first: usize, scores: &[f32], found: &mut dyn FnMut(u32, f32, usize)| {
            let mut at = 0;
            while at < scores.len() {
                let enrolled = of_column(first + at);
                let start = at;
                while at < scores.len() && of_column(first + at) == enrolled {
                    at += 1;
                }
                if enrolled != person[row] {
                    let best = (start..at).max_by(|&x, &y| scores[x].total_cmp(&scores[y])).unwrap_or(start);
                    found(enrolled, scores[best], first + best);
                }
            }
        };

        // Parts of a person count as scores of their own here, so that the cut is a little too high at worst.
        let counted = sweep.run(
            threads,
            || Histogram::new(-1.0, 1.0),
            |histogram, row, first, scores| {
                each(row, first, scores, &mut |_, score, _| histogram.add(score));
            },
        );
        let mut histogram = Histogram::new(-1.0, 1.0);
        counted.iter().for_each(|some| histogram.merge(some));
        let cut = histogram.start_of_top(most);

        let column_vector =
            |column: usize| &sweep.columns[column * faces.dimension()..(column + 1) * faces.dimension()];
        let kept = sweep.run(threads, Vec::new, |hits, row, first, scores| {
            each(row, first, scores, &mut |enrolled, score, column| {
                if score >= cut - SCREEN {
                    let score = cosine(faces.vector(row), column_vector(column));
                    if score >= cut {
                        hits.push(Hit { score, probe: row as u32, enrolled });
                    }
                }
            });
        });
        let mut hits = kept.concat();
        if templates.is_none() {
            // A person who was cut into parts by the tiles has several hits with a face: the best stays.
            hits.sort_unstable_by(|x, y| {
                (x.probe, x.enrolled).cmp(&(y.probe, y.enrolled)).then(y.score.total_cmp(&x.score))
            });
            hits.dedup_by_key(|hit| (hit.probe, hit.enrolled));
        }
        hits.sort_unstable_by(|x, y| {
            y.score.total_cmp(&x.score).then((x.probe, x.enrolled).cmp(&(y.probe, y.enrolled)))
        });
        let faces_of = (0..people).map(|place| faces.faces_of(place).len() as f64).collect();
        Ok(Self { hits, cut: f64::from(cut), person, faces_of })
    }

    pub(super) fn people(&self) -> usize {
        self.faces_of.len()
    }

    /// How many hits there are from `threshold` on.
    pub(super) fn count(&self, threshold: f64) -> usize {
        self.hits.partition_point(|hit| f64::from(hit.score) >= threshold)
    }

    /// The share of searches that find somebody at `threshold`, averaged over all galleries of `size` people that do
    /// not have the person searched for; exactly, and without drawing any.
    ///
    /// A face that resembles `k` of `M` others finds one of `N` drawn from them with probability
    /// `1 - C(M - k, N) / C(M, N)`.
    pub(super) fn fpir(&self, size: usize, threshold: f64) -> f64 {
        let mut found = vec![0usize; self.person.len()];
        for hit in &self.hits[..self.count(threshold)] {
            found[hit.probe as usize] += 1;
        }
        let chance = chances(self.people() - 1, size);
        found.iter().map(|&found| chance[found]).sum::<f64>() / self.person.len() as f64
    }

    /// The share of searches for people outside one gallery that find somebody in it.
    pub(super) fn fpir_of_gallery(&self, enrolled: &[bool], threshold: f64) -> f64 {
        let mut found = vec![false; self.person.len()];
        for hit in &self.hits[..self.count(threshold)] {
            found[hit.probe as usize] |= enrolled[hit.enrolled as usize];
        }
        let outside = |probe: &usize| !enrolled[self.person[*probe] as usize];
        let searches = (0..found.len()).filter(outside).count().max(1);
        (0..found.len()).filter(outside).filter(|&probe| found[probe]).count() as f64 / searches as f64
    }
}

/// Ways to enrol everybody with at most `photos` of his or her photos. All photos are in one of the galleries if people
/// have equally many, and the first ones again where somebody has fewer.
fn galleries(faces: &LabelledFaces, photos: usize) -> Vec<LabelledFaces> {
    let people = faces.people().len();
    let mean = faces.len() as f64 / people as f64;
    let count = ((mean / photos.max(1) as f64).round() as usize).clamp(1, MOST_GALLERIES);
    let mut random = fastrand::Rng::with_seed(SEED);
    let shuffled: Vec<Vec<usize>> = (0..people)
        .map(|place| {
            let mut own: Vec<usize> = faces.faces_of(place).collect();
            random.shuffle(&mut own);
            own
        })
        .collect();
    let gallery = |number: usize| {
        let chosen = shuffled.iter().flat_map(|own| {
            let turn = own.iter().cycle().skip(number * photos % own.len());
            turn.copied().take(photos.min(own.len()))
        });
        faces.only(chosen.collect())
    };
    (0..count).map(gallery).collect()
}

/// `chances(M, N)[k]` is the probability that one of `k` among `M` people is among `N` drawn from them.
pub(super) fn chances(others: usize, size: usize) -> Vec<f64> {
    let size = size.min(others);
    let mut none = 1.0;
    let mut chances = Vec::with_capacity(others + 1);
    for found in 0..=others {
        chances.push(1.0 - none);
        none *= (others - size).saturating_sub(found) as f64 / (others - found).max(1) as f64;
    }
    chances
}

#[cfg(test)]
mod tests {
    use model::{Embedding, Fingerprint};

    use super::*;
    use crate::Rule;

    #[test]
    fn chances_are_those_of_drawing_without_putting_back() {
        // All galleries of 3 among 6 people, counted.
        let chance = chances(6, 3);
        for found in 0..=6u32 {
            let galleries: Vec<u32> = (0u32..64).filter(|set| set.count_ones() == 3).collect();
            let with = galleries.iter().filter(|&&set| set & ((1u32 << found) - 1) != 0).count();
            let wanted = with as f64 / galleries.len() as f64;
            assert!((chance[found as usize] - wanted).abs() < 1e-12, "{found}");
        }
        assert_eq!(chances(4, 9), chances(4, 4));
        for (found, wanted) in chances(3, 1).iter().zip([0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0]) {
            assert!((found - wanted).abs() < 1e-12);
        }
    }

    /// People of 1 to 4 faces without any order.
    fn faces(people: u32) -> LabelledFaces {
        let mut random = fastrand::Rng::with_seed(8);
        let mut made = Vec::new();
        for person in 0..people {
            for _ in 0..1 + person % 4 {
                let raw = (0..5).map(|_| random.f32() - 0.5).collect();
                made.push((Embedding::from_raw(raw, Fingerprint([7; 32])).unwrap(), person));
            }
        }
        LabelledFaces::new(made.iter().map(|(face, person)| (face, 50.0, Some(*person)))).unwrap()
    }

    #[test]
    fn everybody_is_enrolled_with_as_many_photos_as_there_are() {
        // 1, 2, 3, 4, 1, 2 and 3 faces: 16 of 7 people.
        let faces = faces(7);
        for (photos, wanted) in [(1, vec![7, 7]), (2, vec![12]), (3, vec![15]), (4, vec![16]), (9, vec![16])]
        {
            let galleries = galleries(&faces, photos);
            assert_eq!(galleries.iter().map(LabelledFaces::len).collect::<Vec<_>>(), wanted, "{photos}");
            assert!(galleries.iter().all(|gallery| gallery.people() == faces.people()));
        }
        assert_eq!(galleries(&faces, 4), std::slice::from_ref(&faces));
        // No photo of a person who has two is in both galleries.
        let [one, other] = &galleries(&faces, 1)[..] else { panic!("not two galleries") };
        assert_eq!(one.vector(0), other.vector(0));
        assert!((1..4).all(|place| one.vector(place) != other.vector(place)));
    }

    #[test]
    fn the_average_is_that_of_all_galleries() {
        let faces = faces(7);
        for enrolment in [Enrolment::BestFace, Enrolment::Template(Rule::Mean)] {
            let searches = Searches::of(&faces, &faces, enrolment, MOST, 2).unwrap();
            let templates = faces.templates(Rule::Mean).unwrap();
            let score = |probe: usize, person: usize| match enrolment {
                Enrolment::BestFace => faces
                    .faces_of(person)
                    .map(|face| cosine(faces.vector(probe), faces.vector(face)))
                    .fold(-1.0, f32::max),
                Enrolment::Template(_) => cosine(faces.vector(probe), &templates[person * 5..person * 5 + 5]),
            };
            for threshold in [0.2, 0.6, 0.9] {
                let (mut found, mut searched) = (0, 0);
                for set in (0u32..1 << 7).filter(|set| set.count_ones() == 3) {
                    let enrolled: Vec<bool> = (0..7).map(|person| set >> person & 1 == 1).collect();
                    let (mut hit, mut outside) = (0, 0);
                    for probe in (0..faces.len()).filter(|&probe| !enrolled[searches.person[probe] as usize])
                    {
                        let is_hit =
                            |person: usize| enrolled[person] && f64::from(score(probe, person)) >= threshold;
                        hit += usize::from((0..7).any(is_hit));
                        outside += 1;
                    }
                    assert_eq!(searches.fpir_of_gallery(&enrolled, threshold), hit as f64 / outside as f64);
                    found += hit;
                    searched += outside;
                }
                let wanted = f64::from(found as u32) / f64::from(searched as u32);
                assert!((searches.fpir(3, threshold) - wanted).abs() < 1e-12, "{enrolment} {threshold}");
            }
        }
    }
}
