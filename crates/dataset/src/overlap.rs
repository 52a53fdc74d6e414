//! Do two sources show the same people? Whoever is in the training set and in the test makes the result of the test too
//! good.
//!
//! Three questions that can be answered, each with its own blind spots: do classes have [the same name](by_name), are there
//! [the same pictures](Pictures), and are [the middles of classes](Centres) alike by some embedder? None finds everybody;
//! together they find most.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use imaging::Image;
use index::{Matrix, Precision, SearchOptions};
use sha2::{Digest, Sha256};

use crate::{Classes, Source};

/// Samples that a thread takes at once.
const GROUP: usize = 16;
/// How many of the nearest classes are looked at for each.
const NEAREST: usize = 8;

/// Two classes that may be the same, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meeting {
    /// A class of the first source.
    pub a: u32,
    /// A class of the second source.
    pub b: u32,
    /// Why.
    pub evidence: Evidence,
}

/// Why two classes may be the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Evidence {
    /// They have one name.
    Name,
    /// So many pictures are in both.
    Pictures(u64),
    /// The cosine of their middles.
    Likeness(f32),
}

/// Classes of one name. Case, the order of words, and all but letters and digits play no part: `Doe, Jane` is `jane_doe`.
/// Names without a letter are no names but numbers, which say nothing in another set.
pub fn by_name(a: &Classes, b: &Classes) -> Vec<Meeting> {
    let mut named: HashMap<String, Vec<u32>> = HashMap::new();
    for (class, name) in (0..).zip(&a.names) {
        if let Some(name) = normalised(name) {
            named.entry(name).or_default().push(class);
        }
    }
    let mut meetings = Vec::new();
    for (class, name) in (0..).zip(&b.names) {
        let same = normalised(name).and_then(|name| named.get(&name));
        let meeting = |&a: &u32| Meeting { a, b: class, evidence: Evidence::Name };
        meetings.extend(same.into_iter().flatten().map(meeting));
    }
    meetings.sort_unstable_by_key(|meeting| (meeting.a, meeting.b));
    meetings
}

/// A name as it is compared.
fn normalised(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let mut words: Vec<&str> =
        lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    lower.chars().any(char::is_alphabetic).then(|| words.join(" "))
}

/// Shows all pictures of a source to `work`, in several threads; 0 counts as 1. What it makes of each, `None` also where a
/// picture cannot be read. `progress` is called with how many were looked at.
pub fn look<T: Send>(
    source: &dyn Source,
    threads: usize,
    progress: &(dyn Fn(u64) + Sync),
    work: impl Fn(&Image) -> Option<T> + Sync,
) -> Vec<Option<T>> {
    let mut made: Vec<Option<T>> = (0..source.len()).map(|_| None).collect();
    let groups = Mutex::new((0..).step_by(GROUP).zip(made.chunks_mut(GROUP)));
    let run = || {
        loop {
            let next = groups.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((first, group)) = next else { break };
            for (index, place) in (first..).zip(group) {
                *place = source.sample(index).ok().and_then(|sample| work(&sample.image));
                progress(1);
            }
        }
    };
    std::thread::scope(|scope| {
        (1..threads).for_each(|_| drop(scope.spawn(run)));
        run();
    });
    made
}

/// The pictures of a source by what is in them: the SHA-256 of size and pixels after decoding. The same photo in another
/// lossless format or with other EXIF data is the same; one that was compressed or resized anew is not.
#[derive(Debug)]
pub struct Pictures {
    of: Vec<Option<[u8; 32]>>,
}

impl Pictures {
    /// Looks at all pictures of a source, as [`look`] does.
    pub fn of(source: &dyn Source, threads: usize, progress: &(dyn Fn(u64) + Sync)) -> Self {
        let of = look(source, threads, progress, |image| {
            let mut hash = Sha256::new();
            hash.update(image.width().to_le_bytes());
            hash.update(image.height().to_le_bytes());
            hash.update(image.pixels());
            Some(hash.finalize().into())
        });
        Self { of }
    }

    /// How many could not be read.
    pub fn unread(&self) -> u64 {
        self.of.iter().filter(|hash| hash.is_none()).count() as u64
    }

    /// The same pictures here and there, by their numbers.
    pub fn shared(&self, other: &Self) -> Vec<(u64, u64)> {
        let mut here: HashMap<[u8; 32], Vec<u64>> = HashMap::new();
        for (number, hash) in (0..).zip(&self.of) {
            hash.iter().for_each(|hash| here.entry(*hash).or_default().push(number));
        }
        let mut shared = Vec::new();
        for (number, hash) in (0..).zip(&other.of) {
            let same = hash.as_ref().and_then(|hash| here.get(hash));
            shared.extend(same.into_iter().flatten().map(|&own| (own, number)));
        }
        shared.sort_unstable();
        shared
    }
}

/// Classes that share pictures, of which [`Pictures::shared`] says which.
pub fn by_pictures(shared: &[(u64, u64)], a: &Classes, b: &Classes) -> Vec<Meeting> {
    let of = |classes: &Classes, number: u64| classes.of.get(usize::try_from(number).ok()?).copied();
    let mut counts: HashMap<(u32, u32), u64> = HashMap::new();
    for &(own, other) in shared {
        if let Some(pair) = of(a, own).zip(of(b, other)) {
            *counts.entry(pair).or_default() += 1;
        }
    }
    let meeting = |((a, b), count)| Meeting { a, b, evidence: Evidence::Pictures(count) };
    let mut meetings: Vec<Meeting> = counts.into_iter().map(meeting).collect();
    meetings.sort_unstable_by_key(|meeting| (meeting.a, meeting.b));
    meetings
}

/// The middle of each class: the mean of the embeddings of its samples, at length 1.
#[derive(Clone, Debug)]
pub struct Centres {
    dim: usize,
    /// The classes that have a middle, and these one after the other.
    classes: Vec<u32>,
    values: Vec<f32>,
}

impl Centres {
    /// Takes the middles of classes; an embedding for each sample, `None` where there is no face.
    ///
    /// # Errors
    /// In words: if there are not as many embeddings as samples, or they are not of one length, or hold what is no number.
    pub fn of(classes: &Classes, embeddings: &[Option<Vec<f32>>]) -> Result<Self, String> {
        if embeddings.len() != classes.of.len() {
            return Err(format!("{} embeddings for {} samples", embeddings.len(), classes.of.len()));
        }
        let dim = embeddings.iter().flatten().map(Vec::len).next().ok_or("nowhere is a face")?;
        let mut sums = vec![vec![]; classes.names.len()];
        for (embedding, &class) in embeddings.iter().zip(&classes.of) {
            let Some((embedding, sum)) = embedding.as_ref().zip(sums.get_mut(class as usize)) else {
                continue;
            };
            if embedding.len() != dim || embedding.iter().any(|value| !value.is_finite()) {
                return Err(format!("an embedding that is not {dim} numbers"));
            }
            let length = length(embedding);
            sum.resize(dim, 0.0);
            sum.iter_mut().zip(embedding).for_each(|(sum, value)| *sum += value / length);
        }
        let mut centres = Self { dim, classes: Vec::new(), values: Vec::new() };
        for (class, sum) in (0..).zip(sums) {
            let length = length(&sum);
            if sum.len() == dim {
                centres.classes.push(class);
                centres.values.extend(sum.iter().map(|value| value / length));
            }
        }
        Ok(centres)
    }
}

fn length(vector: &[f32]) -> f32 {
    vector.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE)
}

/// Classes whose middles are at least so alike, by their cosine, the most alike first: for each of the second source the 8
/// nearest of the first at most. Thresholds for single pictures do not hold for middles, which are more alike throughout.
///
/// # Errors
/// In words: if the embeddings are of different lengths.
pub fn by_likeness(a: &Centres, b: &Centres, least: f32, threads: usize) -> Result<Vec<Meeting>, String> {
    if a.dim != b.dim {
        return Err(format!("embeddings of {} numbers and of {}: take one embedder for both", a.dim, b.dim));
    }
    let told = |error: index::Error| error.to_string();
    let matrix = Matrix::from_f32(a.dim, &a.values, Precision::F32).map_err(told)?;
    let options = SearchOptions { threads, mask: None };
    let hits = matrix.search(&b.values, NEAREST, &options).map_err(told)?;
    let mut meetings = Vec::new();
    for (hits, &b) in hits.iter().zip(&b.classes) {
        for hit in hits.iter().filter(|hit| hit.score >= least) {
            if let Some(&a) = a.classes.get(hit.row) {
                meetings.push(Meeting { a, b, evidence: Evidence::Likeness(hit.score) });
            }
        }
    }
    let score = |meeting: &Meeting| match meeting.evidence {
        Evidence::Likeness(score) => score,
        _ => 0.0,
    };
    meetings.sort_by(|x, y| score(y).total_cmp(&score(x)).then((x.a, x.b).cmp(&(y.a, y.b))));
    Ok(meetings)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::sources::testing::{Greys, photo};
    use crate::{Folders, Written};

    fn classes(names: &[&str]) -> Classes {
        Classes {
            of: (0..names.len() as u32).collect(),
            names: names.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn names_are_compared_as_people_read_them() {
        let a = classes(&["Jane_Doe", "7399", "José", "Ann Lee", "", "n000012"]);
        let b = classes(&["doe, JANE", "7399", "JOSÉ", "Anne Lee", "", "Jane Doe", "N000012"]);
        let met: Vec<(u32, u32)> = by_name(&a, &b).iter().map(|meeting| (meeting.a, meeting.b)).collect();
        assert_eq!(met, [(0, 0), (0, 5), (2, 2), (5, 6)]);
    }

    #[test]
    fn the_same_pictures_are_found_in_other_files() {
        let (folder, set) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        // Greys 0 to 5 of a set, of which two lie in a folder of photos under other names.
        crate::write(
            &Greys { first: 'a', counts: vec![3, 3] },
            set.path(),
            crate::Options { threads: 1 },
            &|_| (),
        )
        .unwrap();
        for (file, level) in
            [("x/1.png", 4), ("x/2.png", 5), ("x/3.png", 200), ("y/1.png", 0), ("y/2.png", 5)]
        {
            photo(&folder.path().join(file), level);
        }
        std::fs::write(folder.path().join("y/3.png"), "no photo").unwrap();
        let (a, b) = (Written::open(set.path(), None).unwrap(), Folders::open(folder.path()).unwrap());
        let counted = AtomicU64::new(0);
        let hashes = |source: &dyn Source| {
            Pictures::of(source, 3, &|more| {
                counted.fetch_add(more, Ordering::Relaxed);
            })
        };
        let (here, there) = (hashes(&a), hashes(&b));
        assert_eq!((here.unread(), there.unread(), counted.into_inner()), (0, 1, 12));
        let shared = here.shared(&there);
        assert_eq!(shared, [(0, 3), (4, 0), (5, 1), (5, 4)]);
        let met = by_pictures(&shared, &a.classes().unwrap(), &b.classes().unwrap());
        let pictures = |a, b, count| Meeting { a, b, evidence: Evidence::Pictures(count) };
        assert_eq!(met, [pictures(0, 1, 1), pictures(1, 0, 2), pictures(1, 1, 1)]);
    }

    #[test]
    fn middles_that_are_alike_meet() {
        let some = |x: f32, y: f32| Some(vec![x, y]);
        // Three classes of two samples each; nobody has a face in the last.
        let of = Classes { of: vec![0, 0, 1, 1, 2, 2], names: ["a", "b", "c"].map(String::from).to_vec() };
        let a =
            Centres::of(&of, &[some(1.0, 0.2), some(5.0, -1.0), some(0.0, 1.0), None, None, None]).unwrap();
        let one = Classes { of: vec![0, 1], names: ["x", "y"].map(String::from).to_vec() };
        let b = Centres::of(&one, &[some(3.0, 3.0), some(2.0, 0.0)]).unwrap();
        let met = by_likeness(&a, &b, 0.9, 1).unwrap();
        assert_eq!((met.len(), met[0].a, met[0].b), (1, 0, 1));
        assert!(matches!(met[0].evidence, Evidence::Likeness(cosine) if (cosine - 1.0).abs() < 1e-6));
        let met = by_likeness(&a, &b, 0.7, 2).unwrap();
        assert_eq!(
            met.iter().map(|meeting| (meeting.a, meeting.b)).collect::<Vec<_>>(),
            [(0, 1), (0, 0), (1, 0)]
        );
    }

    #[test]
    fn embeddings_that_do_not_fit_are_refused() {
        let of = Classes { of: vec![0, 0], names: vec!["a".to_owned()] };
        let error = |embeddings: &[Option<Vec<f32>>]| Centres::of(&of, embeddings).unwrap_err();
        assert!(error(&[None]).contains("1 embeddings for 2 samples"));
        assert!(error(&[None, None]).contains("nowhere"));
        assert!(error(&[Some(vec![1.0]), Some(vec![1.0, 2.0])]).contains("not 1 numbers"));
        assert!(error(&[Some(vec![1.0]), Some(vec![f32::NAN])]).contains("not 1 numbers"));
        let centres = |dim: usize| Centres::of(&of, &[Some(vec![1.0; dim]), None]).unwrap();
        assert!(by_likeness(&centres(1), &centres(2), 0.5, 1).unwrap_err().contains("one embedder"));
    }
}
