//! All probes of all splits, searched by one method.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use analysis::Face;
use anyhow::Context;
use evaluation::{
    GalleryPeople, GallerySearches, OpenSetSplit, PersonSearch, ProbeResult, ProbeSearch, SearchTrials,
    average_precision,
};
use matching::{Adaptation, Adapted, Enrolled, PooledFace, Pooling, ReRanking, cosine};

use super::method::Method;
use super::photos::Photos;
use crate::cli::commands::eval::page::SearchedPhoto;

/// What all methods search in.
pub struct Galleries<'a> {
    /// Who is in the photos.
    pub photos: &'a Photos,
    /// The face of each photo.
    pub faces: &'a [Option<Face>],
    /// The random orders.
    pub splits: &'a [OpenSetSplit],
    /// People in a gallery, ascending.
    pub sizes: &'a [usize],
    /// Most photos of a person that are enrolled.
    pub most: usize,
    /// Strangers for template adaptation; `None` if there are none.
    pub strangers: Option<&'a Adaptation>,
    /// Settings of the re-ranking.
    pub re_ranking: ReRanking,
    /// Whether the average precision of rankings of photos is wanted.
    pub precision: bool,
    /// How many threads search.
    pub threads: usize,
}

/// One method's searches.
pub struct Found {
    /// For each size of galleries, those of all splits.
    pub trials: Vec<SearchTrials>,
    /// The searches in the largest gallery of the first split, by photos; empty unless single photos are enrolled.
    pub example: Vec<SearchedPhoto>,
}

/// The searches of one split: of each size, and one example.
type Split = (Vec<GallerySearches>, Vec<SearchedPhoto>);

/// What probes are compared with, in the order in which galleries take people.
enum Entries<'a> {
    Photos(Vec<Option<&'a [f32]>>),
    Templates(Vec<Option<Vec<f32>>>),
    Machines(Vec<Option<Adapted>>),
}

impl Galleries<'_> {
    /// Searches by a method; `step` is called for every split that is done, and for every photo that is prepared.
    pub fn search(&self, method: Method, mut step: impl FnMut()) -> anyhow::Result<Found> {
        let machines = match (method, self.strangers) {
            (Method::Adaptation, Some(strangers)) => {
                let adapt = |photo: usize| {
                    self.vector(photo)
                        .map(|vector| strangers.adapt(&[vector]))
                        .transpose()
                        .map_err(Into::into)
                };
                in_parallel(self.faces.len(), self.threads, adapt, &mut step)?
            }
            (Method::Adaptation, None) => anyhow::bail!("template adaptation needs strangers: give --train"),
            _ => Vec::new(),
        };
        let work = |split: usize| match method {
            Method::ReRanking => Ok((self.re_ranked(&self.splits[split])?, Vec::new())),
            _ => self.search_split(method, &self.splits[split], &machines, split == 0),
        };
        let splits = in_parallel(self.splits.len(), self.threads, work, &mut step)?;
        let (mut by_size, mut example) = (vec![Vec::new(); self.sizes.len()], Vec::new());
        for (searches, of_split) in splits {
            by_size.iter_mut().zip(searches).for_each(|(all, one)| all.push(one));
            example.extend(of_split);
        }
        let trials = by_size.into_iter().map(SearchTrials::new).collect::<Result<_, _>>()?;
        Ok(Found { trials, example })
    }

    /// How many steps a method takes.
    pub fn steps(&self, method: Method) -> usize {
        self.splits.len() + if method == Method::Adaptation { self.faces.len() } else { 0 }
    }

    /// Galleries of so many people: everybody is as likely as others to be in one, with the photos that are enrolled.
    pub fn enrolled(&self, people: usize) -> Enrolled {
        let mut photos_of = vec![0; self.photos.names.len()];
        self.photos.people.iter().for_each(|&person| photos_of[person as usize] += 1);
        Enrolled::drawn(people, photos_of.into_iter().map(|photos: usize| photos.min(self.most)))
    }

    fn vector(&self, photo: usize) -> Option<&[f32]> {
        Some(&self.faces[photo].as_ref()?.embedding.as_ref()?.vector[..])
    }

    /// The gallery grows from size to size, so the scores of a probe with the largest serve for all.
    fn search_split(
        &self,
        method: Method,
        split: &OpenSetSplit,
        machines: &[Option<Adapted>],
        is_first: bool,
    ) -> anyhow::Result<Split> {
        let largest = self.sizes.last().copied().unwrap_or(0);
        let gallery = split.gallery(largest);
        let (entries, people) = self.entries(method, &gallery.enrolled)?;
        let enrolled_photos: Vec<usize> =
            gallery.enrolled.iter().flat_map(|(_, photos)| photos.iter().copied()).collect();
        let length = |size: usize| match entries {
            Entries::Photos(_) => split.enrolled_photos(size).end,
            _ => size,
        };
        let lengths: Vec<usize> = self.sizes.iter().map(|&size| length(size)).collect();
        let candidates: Vec<GalleryPeople> =
            lengths.iter().map(|&length| GalleryPeople::new(&people[..length])).collect::<Result<_, _>>()?;
        // In which galleries each photo is a probe.
        let mut roles: Vec<Vec<usize>> = vec![Vec::new(); self.faces.len()];
        for (number, &size) in self.sizes.iter().enumerate() {
            let gallery = split.gallery(size);
            gallery.mated.iter().chain(&gallery.non_mated).for_each(|&(_, photo)| roles[photo].push(number));
        }

        let (mut searches, mut example) = (vec![Vec::new(); self.sizes.len()], Vec::new());
        let mut row = Vec::new();
        for (photo, sizes) in roles.iter().enumerate() {
            let longest = sizes.iter().map(|&number| lengths[number]).max().unwrap_or(0);
            row.clear();
            row.extend((0..longest).map(|entry| self.score(&entries, machines, photo, entry)));
            let person = self.photos.people[photo];
            for &number in sizes {
                let found = candidates[number].search(photo, person, |entry| row[entry])?;
                let precision = (self.precision && method.ranks_photos() && found.result.mated).then(|| {
                    let ranked: Vec<(bool, Option<f32>)> =
                        (0..lengths[number]).map(|entry| (people[entry] == person, row[entry])).collect();
                    average_precision(&ranked).unwrap_or(0.0)
                });
                searches[number].push(person_search(person, &people, &found, precision));
                if is_first && method == Method::BestFace && number + 1 == self.sizes.len() {
                    let photo_of = |entry: Option<usize>| Some(enrolled_photos[entry?]);
                    let own = found.result.mated.then(|| {
                        // Somebody without a score is shown with a photo nonetheless.
                        let first = people.iter().position(|&other| other == person);
                        photo_of(found.mate.or(first))
                    });
                    example.push(SearchedPhoto {
                        probe: photo,
                        result: found.result,
                        found: photo_of(found.top),
                        own: own.flatten(),
                    });
                }
            }
        }
        let all =
            self.sizes.iter().zip(searches).map(|(&size, searches)| self.gathered(split, size, &searches));
        Ok((all.collect::<anyhow::Result<_>>()?, example))
    }

    fn gathered(
        &self,
        split: &OpenSetSplit,
        size: usize,
        searches: &[PersonSearch],
    ) -> anyhow::Result<GallerySearches> {
        let enrolled: Vec<u32> = split.gallery(size).enrolled.iter().map(|&(person, _)| person).collect();
        GallerySearches::new(&enrolled, searches).with_context(|| format!("galleries of {size}"))
    }

    /// What is compared, and whom each entry shows.
    fn entries(
        &self,
        method: Method,
        enrolled: &[(u32, &[usize])],
    ) -> anyhow::Result<(Entries<'_>, Vec<u32>)> {
        let people = || enrolled.iter().map(|&(person, _)| person).collect();
        Ok(match (method, self.strangers) {
            (Method::Pooled(pooling), _) => {
                let templates = enrolled.iter().map(|(_, photos)| self.pooled(pooling, photos));
                (Entries::Templates(templates.collect::<anyhow::Result<_>>()?), people())
            }
            (Method::Adaptation, Some(strangers)) => {
                let adapt = |photos: &&[usize]| -> anyhow::Result<Option<Adapted>> {
                    let vectors: Vec<&[f32]> =
                        photos.iter().filter_map(|&photo| self.vector(photo)).collect();
                    match strangers.adapt(&vectors) {
                        Ok(adapted) => Ok(Some(adapted)),
                        Err(matching::Error::NoFaces | matching::Error::Opposed { .. }) => Ok(None),
                        Err(error) => Err(error.into()),
                    }
                };
                let machines = enrolled.iter().map(|(_, photos)| adapt(photos));
                (Entries::Machines(machines.collect::<anyhow::Result<_>>()?), people())
            }
            _ => {
                let photos = enrolled
                    .iter()
                    .flat_map(|(person, photos)| photos.iter().map(move |&photo| (*person, photo)));
                let (people, vectors) = photos.map(|(person, photo)| (person, self.vector(photo))).unzip();
                (Entries::Photos(vectors), people)
            }
        })
    }

    fn pooled(&self, pooling: Pooling, photos: &[usize]) -> anyhow::Result<Option<Vec<f32>>> {
        let face = |&photo: &usize| {
            let face = self.faces[photo].as_ref()?;
            Some(PooledFace {
                embedding: face.embedding.clone()?,
                // Each photo is a still of its own.
                media: photo as u32,
                quality: face.quality.score,
                detection: face.score,
            })
        };
        match pooling.pool(&photos.iter().filter_map(face).collect::<Vec<_>>()) {
            Ok(set) => Ok(Some(set.vector)),
            Err(matching::Error::NoFaces | matching::Error::Opposed { .. }) => Ok(None),
            Err(error) => Err(error).with_context(|| {
                let first = photos.first().map(|&photo| self.photos.paths[photo].display().to_string());
                format!("the template that begins with {}", first.unwrap_or_default())
            }),
        }
    }

    fn score(
        &self,
        entries: &Entries<'_>,
        machines: &[Option<Adapted>],
        photo: usize,
        entry: usize,
    ) -> Option<f32> {
        match entries {
            Entries::Photos(vectors) => Some(cosine(self.vector(photo)?, vectors[entry]?)),
            Entries::Templates(vectors) => Some(cosine(self.vector(photo)?, vectors[entry].as_ref()?)),
            Entries::Machines(templates) => {
                let (probe, template) = (machines[photo].as_ref()?, templates[entry].as_ref()?);
                Some(self.strangers?.score(probe, template) as f32)
            }
        }
    }

    /// All mated probes of a gallery are one batch of queries, as in the closed-set benchmarks of re-ranking. Others
    /// are not searched for: they count among the probes, and nobody is found.
    fn re_ranked(&self, split: &OpenSetSplit) -> anyhow::Result<Vec<GallerySearches>> {
        let of_size = |&size: &usize| {
            let gallery = split.gallery(size);
            let photos = gallery.enrolled.iter();
            let entries =
                photos.flat_map(|(person, photos)| photos.iter().map(move |&photo| (*person, photo)));
            let (mut people, mut vectors, mut unseen) = (Vec::new(), Vec::new(), Vec::new());
            for (person, photo) in entries {
                match self.vector(photo) {
                    Some(vector) => {
                        people.push(person);
                        vectors.push(vector);
                    }
                    None => unseen.push(person),
                }
            }
            let mated = gallery.mated.iter();
            let queries: Vec<(u32, &[f32])> =
                mated.filter_map(|&(person, photo)| Some((person, self.vector(photo)?))).collect();
            let mut searches = Vec::new();
            let searched = !queries.is_empty() && !vectors.is_empty();
            if searched {
                let query_vectors: Vec<&[f32]> = queries.iter().map(|&(_, vector)| vector).collect();
                let encoded = self.re_ranking.encode(&query_vectors, &vectors)?;
                // Photos without a face are enrolled as well: their people cannot be found.
                people.extend(unseen);
                let candidates = GalleryPeople::new(&people)?;
                for (number, &(person, _)) in queries.iter().enumerate() {
                    let distances = encoded.distances(number);
                    let score = |entry: usize| distances.get(entry).map(|distance| -distance);
                    let found = candidates.search(number, person, score)?;
                    let ranked: Vec<(bool, Option<f32>)> =
                        people.iter().enumerate().map(|(at, &other)| (other == person, score(at))).collect();
                    let precision = average_precision(&ranked).unwrap_or(0.0);
                    searches.push(person_search(person, &people, &found, Some(precision)));
                }
            }
            searches.extend(not_searched(&gallery.mated, true, |photo| {
                !searched || self.vector(photo).is_none()
            }));
            searches.extend(not_searched(&gallery.non_mated, false, |_| true));
            self.gathered(split, size, &searches)
        };
        self.sizes.iter().map(of_size).collect()
    }
}

/// Probes that find nobody.
fn not_searched(probes: &[(u32, usize)], mated: bool, which: impl Fn(usize) -> bool) -> Vec<PersonSearch> {
    let chosen = probes.iter().filter(|&&(_, photo)| which(photo));
    let result = ProbeResult { mated, ..ProbeResult::default() };
    chosen.map(|&(person, _)| PersonSearch { person, found: None, result, average_precision: None }).collect()
}

fn person_search(person: u32, people: &[u32], found: &ProbeSearch, precision: Option<f64>) -> PersonSearch {
    let top = found.top.map(|entry| people[entry]);
    PersonSearch { person, found: top, result: found.result, average_precision: precision }
}

/// Does a number of things in several threads; the answers come in the order of the things.
pub fn in_parallel<T: Send>(
    count: usize,
    threads: usize,
    work: impl Fn(usize) -> anyhow::Result<T> + Sync,
    mut step: impl FnMut(),
) -> anyhow::Result<Vec<T>> {
    let next = AtomicUsize::new(0);
    let (send, done) = mpsc::channel();
    let mut answers: Vec<Option<T>> = (0..count).map(|_| None).collect();
    std::thread::scope(|scope| -> anyhow::Result<()> {
        for _ in 0..threads.clamp(1, count.max(1)) {
            let (send, next, work) = (send.clone(), &next, &work);
            scope.spawn(move || {
                // Once nobody listens, because something failed, there is no use in going on.
                while let Some(number) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&number| number < count)
                    && send.send((number, work(number))).is_ok()
                {}
            });
        }
        drop(send);
        for (number, answer) in done {
            answers[number] = Some(answer?);
            step();
        }
        Ok(())
    })?;
    Ok(answers.into_iter().flatten().collect())
}
