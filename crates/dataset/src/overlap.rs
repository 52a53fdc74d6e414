//! Do two sources show the same people? Whoever is in the training set and in the test makes the result of the test too
//! good.
//!
//! Three questions that can be answered, each with its own blind spots: do classes have [the same name](by_name), are there
//! [the same pictures](Pictures), and are [the middles of classes](Centres) alike by some embedder? None finds everybody;
//! together they find most.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use imaging::Image;
use index::{Matrix, Precision, SearchOptions};
use sha2::{Digest, Sha256};

use crate::{Classes, Source};

/// Pictures that are there more often, such as one that says that there is none, say nothing of who it is.
const OFTEN: usize = 100;
/// Steps of a sum to 1: whole numbers, so that sums are the same in whatever order they are made.
const STEPS: f64 = (1_u64 << 32) as f64;
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
/// Names without a letter are no names but numbers, which say nothing in another set. People of joined sources are called
/// what their own source calls them.
pub fn by_name(a: &Classes, b: &Classes) -> Vec<Meeting> {
    let mut named: HashMap<String, Vec<u32>> = HashMap::new();
    for class in 0..a.names.len() as u32 {
        if let Some(name) = normalised(a.called(class)) {
            named.entry(name).or_default().push(class);
        }
    }
    let mut meetings = Vec::new();
    for class in 0..b.names.len() as u32 {
        let same = normalised(b.called(class)).and_then(|name| named.get(&name));
        let meeting = |&a: &u32| Meeting { a, b: class, evidence: Evidence::Name };
        meetings.extend(same.into_iter().flatten().map(meeting));
    }
    meetings.sort_unstable_by_key(|meeting| (meeting.a, meeting.b));
    meetings
}

/// How many classes of `b` have the name of one of `a`, as [`by_name`] compares names.
pub(crate) fn namesakes(a: &Classes, b: &Classes) -> usize {
    let names = |of: &Classes| -> Vec<String> {
        (0..of.names.len() as u32).filter_map(|class| normalised(of.called(class))).collect()
    };
    let known: HashSet<String> = names(a).into_iter().collect();
    names(b).iter().filter(|name| known.contains(*name)).count()
}

/// A name as it is compared.
fn normalised(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let mut words: Vec<&str> =
        lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    lower.chars().any(char::is_alphabetic).then(|| words.join(" "))
}

/// Samples that could not be looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unseen {
    /// How many.
    pub count: u64,
    /// The number of the first of them, and why.
    pub first: Option<(u64, String)>,
}

/// Shows all pictures of a source to `work` by their numbers, in several threads; 0 counts as 1. `progress` is called with
/// how many were looked at.
fn look(
    source: &dyn Source,
    threads: usize,
    progress: &(dyn Fn(u64) + Sync),
    work: impl Fn(u64, &Image) -> Result<(), String> + Sync,
) -> Unseen {
    let (next, unseen) = (AtomicU64::new(0), Mutex::new(Unseen::default()));
    let len = source.len();
    let run = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= len {
                break;
            }
            if let Err(reason) = source.sample(index).and_then(|sample| work(index, &sample.image)) {
                let mut unseen = unseen.lock().unwrap_or_else(PoisonError::into_inner);
                unseen.count += 1;
                if unseen.first.as_ref().is_none_or(|(first, _)| index < *first) {
                    unseen.first = Some((index, reason));
                }
            }
            progress(1);
        }
    };
    std::thread::scope(|scope| {
        (1..threads).for_each(|_| drop(scope.spawn(run)));
        run();
    });
    unseen.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The pictures of a source by what is in them: the SHA-256 of size and pixels after decoding. The same photo in another
/// lossless format or with other EXIF data is the same; one that was compressed or resized anew is not.
#[derive(Debug)]
pub struct Pictures {
    of: Vec<Option<[u8; 32]>>,
    unseen: Unseen,
}

/// Classes that share pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared {
    /// Who meets whom in how many pictures.
    pub meetings: Vec<Meeting>,
    /// Pictures in both sources that are more than a hundred times in one, and so were passed over.
    pub often: u64,
}

impl Pictures {
    /// Looks at all pictures of a source, in several threads; 0 counts as 1. `progress` is called with how many were looked
    /// at.
    pub fn of(source: &dyn Source, threads: usize, progress: &(dyn Fn(u64) + Sync)) -> Self {
        let of = Mutex::new(vec![None; source.len() as usize]);
        let unseen = look(source, threads, progress, |index, image| {
            let mut hash = Sha256::new();
            hash.update(image.width().to_le_bytes());
            hash.update(image.height().to_le_bytes());
            hash.update(image.pixels());
            let hash = hash.finalize().into();
            if let Some(place) = of.lock().unwrap_or_else(PoisonError::into_inner).get_mut(index as usize) {
                *place = Some(hash);
            }
            Ok(())
        });
        Self { of: of.into_inner().unwrap_or_else(PoisonError::into_inner), unseen }
    }

    /// Those that could not be read.
    pub fn unseen(&self) -> &Unseen {
        &self.unseen
    }

    /// The class of each picture that was read, and what is in it.
    fn by_class<'a>(&'a self, classes: &'a Classes) -> impl Iterator<Item = ([u8; 32], u32)> + 'a {
        self.of.iter().zip(&classes.of).filter_map(|(hash, &class)| Some(((*hash)?, class)))
    }
}

/// Classes that share pictures. A picture that is several times in a class is as many as it is in the other.
pub fn by_pictures(a: &Pictures, b: &Pictures, classes: [&Classes; 2]) -> Shared {
    let mut both: HashMap<[u8; 32], [Vec<u32>; 2]> =
        a.by_class(classes[0]).map(|(hash, _)| (hash, <[Vec<u32>; 2]>::default())).collect();
    // Of those that are often there, no more than is needed to see it is held in memory.
    let add = |of: &mut Vec<u32>, class| {
        if of.len() <= OFTEN {
            of.push(class);
        }
    };
    for (hash, class) in b.by_class(classes[1]) {
        if let Some([_, of]) = both.get_mut(&hash) {
            add(of, class);
        }
    }
    both.retain(|_, [_, of]| !of.is_empty());
    for (hash, class) in a.by_class(classes[0]) {
        if let Some([of, _]) = both.get_mut(&hash) {
            add(of, class);
        }
    }
    let (mut counts, mut often) = (HashMap::<(u32, u32), u64>::new(), 0);
    for sides in both.into_values() {
        if sides.iter().any(|of| of.len() > OFTEN) {
            often += 1;
            continue;
        }
        let [here, there] = sides.map(|of| {
            let mut counts = HashMap::<u32, u64>::new();
            of.into_iter().for_each(|class| *counts.entry(class).or_default() += 1);
            counts
        });
        for (&a, &times) in &here {
            for (&b, &others) in &there {
                *counts.entry((a, b)).or_default() += times.min(others);
            }
        }
    }
    let meeting = |((a, b), count)| Meeting { a, b, evidence: Evidence::Pictures(count) };
    let mut meetings: Vec<Meeting> = counts.into_iter().map(meeting).collect();
    meetings.sort_unstable_by_key(|meeting| (meeting.a, meeting.b));
    Shared { meetings, often }
}

/// The middle of each class: the mean of the embeddings of its samples, at length 1. It is the same whatever the threads.
#[derive(Clone, Debug)]
pub struct Centres {
    dim: usize,
    /// The classes that have a middle, and these one after the other.
    classes: Vec<u32>,
    values: Vec<f32>,
    unseen: Unseen,
}

impl Centres {
    /// Looks at all pictures of a source, in several threads (0 counts as 1), and takes the middles of what `embed` makes of
    /// them; sums for each class are held in memory, and no embeddings. `progress` is called with how many were looked at.
    ///
    /// # Errors
    /// In words: if there is no embedding, with what is wrong with the first sample. Those of another length than the first
    /// count as unseen.
    pub fn of(
        source: &dyn Source,
        classes: &Classes,
        threads: usize,
        progress: &(dyn Fn(u64) + Sync),
        embed: impl Fn(&Image) -> Result<Vec<f32>, String> + Sync,
    ) -> Result<Self, String> {
        let sums = Mutex::new(vec![Vec::<i64>::new(); classes.names.len()]);
        let dim = OnceLock::new();
        let unseen = look(source, threads, progress, |index, image| {
            let embedding = embed(image)?;
            let length = length(&embedding);
            let is_number = embedding.iter().all(|value| value.is_finite()) && length.is_finite();
            if !is_number || *dim.get_or_init(|| embedding.len()) != embedding.len() {
                return Err(format!("an embedding of {} numbers, or of none", embedding.len()));
            }
            let mut sums = sums.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(sum) = classes.of.get(index as usize).and_then(|&class| sums.get_mut(class as usize))
            {
                sum.resize(embedding.len(), 0);
                let steps = |value: &f32| (f64::from(value / length) * STEPS).round() as i64;
                sum.iter_mut().zip(&embedding).for_each(|(sum, value)| *sum += steps(value));
            }
            Ok(())
        });
        let Some(&dim) = dim.get() else {
            let first = unseen.first.map(|(number, reason)| format!(": sample {number}: {reason}"));
            return Err(format!("of no picture there is an embedding{}", first.unwrap_or_default()));
        };
        let mut centres = Self { dim, classes: Vec::new(), values: Vec::new(), unseen };
        for (class, sum) in (0..).zip(sums.into_inner().unwrap_or_else(PoisonError::into_inner)) {
            if !sum.is_empty() {
                let sum: Vec<f32> = sum.iter().map(|&sum| (sum as f64 / STEPS) as f32).collect();
                let length = length(&sum);
                centres.classes.push(class);
                centres.values.extend(sum.iter().map(|value| value / length));
            }
        }
        Ok(centres)
    }

    /// Those that could not be read, or of which there is no embedding.
    pub fn unseen(&self) -> &Unseen {
        &self.unseen
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
    use std::sync::Arc;

    use super::*;
    use crate::sources::testing::{Greys, photo};
    use crate::{Folders, Joined, Together, Written};

    fn classes(names: &[&str]) -> Classes {
        Classes {
            of: (0..names.len() as u32).collect(),
            names: names.iter().map(ToString::to_string).collect(),
            ..Classes::default()
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
        assert_eq!((here.unseen().count, there.unseen().count, counted.into_inner()), (0, 1, 12));
        let (number, reason) = there.unseen().first.clone().unwrap();
        assert!(number == 5 && reason.contains("3.png"), "{reason}");
        let met = by_pictures(&here, &there, [&a.classes().unwrap(), &b.classes().unwrap()]);
        let pictures = |a, b, count| Meeting { a, b, evidence: Evidence::Pictures(count) };
        assert_eq!(met.meetings, [pictures(0, 1, 1), pictures(1, 0, 2), pictures(1, 1, 1)]);
        assert_eq!(met.often, 0);
    }

    #[test]
    fn pictures_that_are_everywhere_say_nothing() {
        let of = |tiles: usize, own: u8| Pictures {
            of: (0..tiles).map(|_| Some([0; 32])).chain([Some([own; 32])]).collect(),
            unseen: Unseen::default(),
        };
        let people = |count: u32| Classes {
            of: (0..count).collect(),
            names: (0..count).map(|number| number.to_string()).collect(),
            ..Classes::default()
        };
        let (a, b) = (people(20_001), people(3));
        let met = by_pictures(&of(20_000, 1), &of(2, 1), [&a, &b]);
        assert_eq!(met.often, 1);
        assert_eq!(met.meetings, [Meeting { a: 20_000, b: 2, evidence: Evidence::Pictures(1) }]);
    }

    #[test]
    fn people_of_joined_sources_are_called_as_in_their_own() {
        let greys = |first| -> Arc<dyn Source> { Arc::new(Greys { first, counts: vec![1, 1] }) };
        let joined = Joined::new(vec![greys('a'), greys('b')], Together::Apart).unwrap();
        let met = by_name(&joined.classes().unwrap(), &greys('b').classes().unwrap());
        assert_eq!(met.iter().map(|met| (met.a, met.b)).collect::<Vec<_>>(), [(1, 0), (2, 0), (3, 1)]);
    }

    /// Middles of people who have so many samples each, by an embedding for each shade of grey.
    fn centres(counts: &[u64], vectors: &[Option<&[f32]>]) -> Result<Centres, String> {
        let greys = Greys { first: 'a', counts: counts.to_vec() };
        let embed = |image: &Image| {
            let of = vectors[usize::from(image.pixel(0, 0)[0])];
            of.map(<[f32]>::to_vec).ok_or_else(|| "no face".to_owned())
        };
        Centres::of(&greys, &greys.classes().unwrap(), 3, &|_| (), embed)
    }

    #[test]
    fn middles_that_are_alike_meet() {
        // Three people of two samples each; nobody has a face in the last.
        let vectors: [Option<&[f32]>; 6] =
            [Some(&[1.0, 0.2]), Some(&[5.0, -1.0]), Some(&[0.0, 1.0]), None, None, None];
        let a = centres(&[2, 2, 2], &vectors).unwrap();
        assert_eq!(a.unseen(), &Unseen { count: 3, first: Some((3, "no face".to_owned())) });
        let b = centres(&[1, 1], &[Some(&[3.0, 3.0]), Some(&[2.0, 0.0])]).unwrap();
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
        let error = centres(&[2], &[None, None]).unwrap_err();
        assert!(error.contains("no picture there is an embedding: sample 0: no face"), "{error}");
        assert!(centres(&[1], &[Some(&[f32::NAN])]).unwrap_err().contains("sample 0: an embedding"));
        let two = centres(&[2], &[Some(&[1.0]), Some(&[1.0, 2.0])]).unwrap();
        assert_eq!(two.unseen().count, 1);
        let one = |vector| centres(&[1], &[Some(vector)]).unwrap();
        assert!(by_likeness(&one(&[1.0]), &one(&[1.0, 1.0]), 0.5, 1).unwrap_err().contains("one embedder"));
    }
}
