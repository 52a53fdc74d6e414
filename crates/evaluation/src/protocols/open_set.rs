//! Galleries drawn at random from photos of known people: some are enrolled, everybody is searched for.

use std::ops::Range;

use crate::Error;

/// How galleries are drawn.
///
/// A *split* puts all people in a random order, and the photos of each of them. A gallery of `n` people enrols the
/// first `n`, so that in one split a larger gallery holds the smaller ones: sizes are compared on the same people.
/// Of each, the first [`enrolled`](Self::enrolled) photos are enrolled, and the others are *mated* probes. All photos
/// of everybody else are *non-mated* probes.
///
/// Whoever has no more photos than are enrolled is enrolled with all of them, and there is no mated probe of this
/// person: a distractor, as most people of LFW are, of whom there is one photo. So every mated probe is of
/// somebody with exactly `enrolled` photos in the gallery, and everybody may be in it. With as many enrolled photos as
/// anybody has, there are no mated probes at all: only false positives can be measured.
///
/// ```
/// use omote_evaluation::OpenSetDraw;
///
/// // Whom photos 0 to 6 show: three photos of person 0, two of person 1, one each of persons 2 and 3.
/// let draw = OpenSetDraw { enrolled: 1, splits: 5, seed: 1 };
/// for split in draw.draw(&[0, 0, 0, 1, 1, 2, 3], &[2])? {
///     let gallery = split.gallery(2);
///     assert_eq!(gallery.enrolled.len(), 2);
///     assert_eq!(2 + gallery.mated.len() + gallery.non_mated.len(), 7);
/// }
/// # Ok::<(), omote_evaluation::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenSetDraw {
    /// Photos of a person that are enrolled; at least 1.
    pub enrolled: usize,
    /// How many random orders; at least 1. The first splits are the same however many there are.
    pub splits: usize,
    /// Where the random numbers start. The same seed gives the same galleries on every machine.
    pub seed: u64,
}

/// One random order of the people and of their photos.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSetSplit {
    enrolled: usize,
    /// The people in the order in which galleries take them, each with its photos in random order.
    people: Vec<(u32, Vec<usize>)>,
}

/// A gallery and those who are searched for in it. Photos are indices into the list that was drawn from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSetGallery<'a> {
    /// The people enrolled, each with the photos that are.
    pub enrolled: Vec<(u32, &'a [usize])>,
    /// Person and photo of the probes of people who are enrolled.
    pub mated: Vec<(u32, usize)>,
    /// Person and photo of the probes of people who are not.
    pub non_mated: Vec<(u32, usize)>,
}

impl OpenSetDraw {
    /// Draws the splits for galleries of these sizes; `people[p]` is the number of the person in photo `p`.
    ///
    /// # Errors
    /// [`Error::Empty`] without photos or sizes, [`Error::Setting`] for a size that leaves nobody to be searched for
    /// in vain or is 0, and for no split or no enrolled photo.
    pub fn draw(&self, people: &[u32], sizes: &[usize]) -> Result<Vec<OpenSetSplit>, Error> {
        let mut photos: Vec<(u32, usize)> = people.iter().copied().zip(0..).collect();
        photos.sort_unstable();
        let of_person: Vec<(u32, Vec<usize>)> = photos
            .chunk_by(|a, b| a.0 == b.0)
            .map(|photos| (photos[0].0, photos.iter().map(|&(_, photo)| photo).collect()))
            .collect();
        self.check(&of_person, sizes)?;
        let mut random = fastrand::Rng::with_seed(self.seed);
        let split = |_| {
            let mut people = of_person.clone();
            random.shuffle(&mut people);
            people.iter_mut().for_each(|(_, photos)| random.shuffle(photos));
            OpenSetSplit { enrolled: self.enrolled, people }
        };
        Ok((0..self.splits).map(split).collect())
    }

    fn check(&self, people: &[(u32, Vec<usize>)], sizes: &[usize]) -> Result<(), Error> {
        let setting = |what, value: usize, expected| Error::Setting { what, value: value as f64, expected };
        if people.is_empty() {
            return Err(Error::Empty { what: "photos of people" });
        }
        if sizes.is_empty() {
            return Err(Error::Empty { what: "sizes of galleries" });
        }
        if self.splits == 0 {
            return Err(setting("number of splits", 0, "at least 1"));
        }
        if self.enrolled == 0 {
            return Err(setting("number of photos enrolled of a person", 0, "at least 1"));
        }
        match sizes.iter().find(|size| !(1..people.len()).contains(*size)) {
            Some(&size) => Err(setting(
                "number of people in a gallery",
                size,
                "at least 1 and fewer than there are people in the photos, since the others are searched for in vain,",
            )),
            None => Ok(()),
        }
    }
}

impl OpenSetSplit {
    /// The gallery of the first `size` people, or of all if there are fewer.
    pub fn gallery(&self, size: usize) -> OpenSetGallery<'_> {
        let (inside, outside) = self.people.split_at(size.min(self.people.len()));
        let pairs = |(person, photos): &'_ (u32, &'_ [usize])| -> Vec<(u32, usize)> {
            photos.iter().map(|&photo| (*person, photo)).collect()
        };
        let cut = |photos: &Vec<usize>| self.enrolled.min(photos.len());
        let later = inside.iter().map(|(person, photos)| (*person, &photos[cut(photos)..]));
        let others = outside.iter().map(|(person, photos)| (*person, &photos[..]));
        OpenSetGallery {
            enrolled: inside.iter().map(|(person, photos)| (*person, &photos[..cut(photos)])).collect(),
            mated: later.flat_map(|one| pairs(&one)).collect(),
            non_mated: others.flat_map(|one| pairs(&one)).collect(),
        }
    }

    /// Where the photos of the first `size` people are among those of all that can be enrolled, in the order of
    /// [`OpenSetGallery::enrolled`]: with it the scores with a large gallery serve for the smaller ones in it.
    pub fn enrolled_photos(&self, size: usize) -> Range<usize> {
        0..self.people.iter().take(size).map(|(_, photos)| self.enrolled.min(photos.len())).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        let people = [0, 0, 0, 1, 1, 2];
        let message = |draw: OpenSetDraw, people: &[u32], sizes: &[usize]| {
            draw.draw(people, sizes).unwrap_err().to_string()
        };
        let draw = OpenSetDraw { enrolled: 1, splits: 2, seed: 1 };
        assert!(message(draw, &[], &[1]).contains("photos of people"));
        assert!(message(draw, &people, &[]).contains("sizes"));
        assert!(message(draw, &people, &[1, 3]).contains("is 3, where at least 1 and fewer than"));
        assert!(message(draw, &people, &[0]).contains("is 0"));
        assert!(message(OpenSetDraw { splits: 0, ..draw }, &people, &[1]).contains("splits"));
        assert!(message(OpenSetDraw { enrolled: 0, ..draw }, &people, &[1]).contains("enrolled"));
        draw.draw(&people, &[1, 2]).unwrap();
        // All photos are enrolled: nobody is left to be found.
        let all = OpenSetDraw { enrolled: usize::MAX, ..draw }.draw(&people, &[2]).unwrap();
        assert!(all.iter().all(|split| split.gallery(2).mated.is_empty()));
    }

    proptest! {
        #[test]
        fn every_photo_has_one_role_and_galleries_grow(
            people in prop::collection::vec(0u32..9, 10..60),
            (enrolled, seed) in (1usize..4, any::<u64>()),
        ) {
            let draw = OpenSetDraw { enrolled, splits: 3, seed };
            let count = people.iter().collect::<HashSet<_>>().len();
            let sizes: Vec<usize> = (1..count).collect();
            let Ok(splits) = draw.draw(&people, &sizes) else {
                prop_assert!(count < 2, "only one person alone cannot be searched for in vain");
                return Ok(());
            };
            prop_assert_eq!(&OpenSetDraw { splits: 1, ..draw }.draw(&people, &sizes).unwrap()[..], &splits[..1]);
            for split in &splits {
                let mut smaller: HashSet<u32> = HashSet::new();
                for &size in &sizes {
                    let gallery = split.gallery(size);
                    let inside: HashSet<u32> = gallery.enrolled.iter().map(|(person, _)| *person).collect();
                    prop_assert_eq!(inside.len(), size);
                    prop_assert!(inside.is_superset(&smaller));
                    let mut seen = Vec::new();
                    for &(person, photos) in &gallery.enrolled {
                        let owned = people.iter().filter(|&&one| one == person).count();
                        prop_assert_eq!(photos.len(), owned.min(enrolled));
                        prop_assert!(photos.iter().all(|&photo| people[photo] == person));
                        seen.extend_from_slice(photos);
                    }
                    prop_assert_eq!(split.enrolled_photos(size), 0..seen.len());
                    for &(person, photo) in &gallery.mated {
                        prop_assert!(people[photo] == person && inside.contains(&person));
                        seen.push(photo);
                    }
                    for &(person, photo) in &gallery.non_mated {
                        prop_assert!(people[photo] == person && !inside.contains(&person));
                        seen.push(photo);
                    }
                    seen.sort_unstable();
                    prop_assert_eq!(seen, (0..people.len()).collect::<Vec<_>>());
                    smaller = inside;
                }
            }
        }
    }
}
