//! How well a network tells people apart who were never seen in training.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use burn::tensor::Device;
use dataset::{Augmentation, Feed, Feeding, Preset, Roster, Sampler, Source};
use evaluation::{ScoredPair, ScoredPairs, Scores};
use imaging::Image;
use nets::backbones::{Backbone, Shape};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::chance::drawn;
use crate::{Error, Pixels};

/// Most pictures that are compared, all with all: two million pairs.
const MOST: usize = 2000;
/// Most pictures of one person, so that those of a few do not take all places.
const MOST_OF_ONE: usize = 20;
/// Pictures that are embedded at a time.
const AT_A_TIME: usize = 64;
/// Pairs of two people for each false match of a rate, below which the rate is not reported.
const FEWEST: f64 = 10.0;

/// What was seen of people who are held out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// Steps that were done.
    pub step: u64,
    /// Pairs of pictures of one person, and of two.
    pub pairs: [usize; 2],
    /// The error rate where false matches and false non-matches are as many, 0 to 1.
    pub eer: f64,
    /// Share of the pairs of one person that match where one of a hundred of two people does; `None` if fewer than ten
    /// would.
    #[serde(default)]
    pub tar_at_2: Option<f64>,
    /// As that, where one of a thousand does.
    #[serde(default)]
    pub tar_at_3: Option<f64>,
}

/// Pictures of people who are held out.
pub(crate) struct HeldOut {
    images: Vec<Image>,
    people: Vec<u32>,
}

impl HeldOut {
    /// Takes pictures of a source, of as many people as there is place for; `None` if there is nobody to compare.
    pub(crate) fn new(source: &Arc<dyn Source>, shape: Shape, threads: usize) -> Result<Option<Self>, Error> {
        let Some(classes) = source.classes() else { return Ok(None) };
        let (images, people) = pictures(source, chosen(&classes.of), shape, threads)?;
        let held_out = Self { images, people };
        let [same, apart] = held_out.pairs();
        Ok((same > 0 && apart > 0).then_some(held_out))
    }

    /// The pictures.
    pub(crate) fn images(&self) -> &[Image] {
        &self.images
    }

    /// How many people there are.
    pub(crate) fn people(&self) -> usize {
        self.people.iter().collect::<BTreeSet<_>>().len()
    }

    /// What is compared, in words.
    pub(crate) fn words(&self) -> String {
        format!(
            "{} pictures of {} people who were held out, each with each",
            self.images.len(),
            self.people()
        )
    }

    /// Pairs of one person, and of two.
    pub(crate) fn pairs(&self) -> [usize; 2] {
        let all = self.people.len() * self.people.len().saturating_sub(1) / 2;
        let mut counts = BTreeMap::<u32, usize>::new();
        self.people.iter().for_each(|person| *counts.entry(*person).or_default() += 1);
        let same = counts.values().map(|count| count * (count - 1) / 2).sum();
        [same, all - same]
    }

    /// Each pair of pictures with its people and its cosine; `vectors` are of length 1, one for each picture.
    fn compared<'a>(&'a self, vectors: &'a [Vec<f32>]) -> impl Iterator<Item = ScoredPair> + 'a {
        let cosine = |a: usize, b: usize| vectors[a].iter().zip(&vectors[b]).map(|(a, b)| a * b).sum();
        let pair = move |a: usize, b: usize| ScoredPair {
            a: self.people[a],
            b: self.people[b],
            score: Some(cosine(a, b)),
        };
        let count = self.people.len();
        (0..count).flat_map(move |a| (a + 1..count).map(move |b| pair(a, b)))
    }

    /// Compares all pictures with all others. `None` if a vector is no number.
    pub(crate) fn look(&self, vectors: &[Vec<f32>], step: u64) -> Option<Look> {
        let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
        for pair in self.compared(vectors) {
            if pair.is_genuine() { &mut genuine } else { &mut impostor }.extend(pair.score);
        }
        let pairs = [genuine.len(), impostor.len()];
        let scores = Scores::new(genuine, impostor).ok()?;
        let tar = |fmr: f64| (fmr * pairs[1] as f64 >= FEWEST).then(|| scores.fnmr_at_fmr(fmr).tar());
        Some(Look { step, pairs, eer: scores.eer(), tar_at_2: tar(1e-2), tar_at_3: tar(1e-3) })
    }

    /// The pairs, for intervals over people.
    pub(crate) fn scored(&self, vectors: &[Vec<f32>]) -> Result<ScoredPairs, evaluation::Error> {
        ScoredPairs::of_people(&self.compared(vectors).collect::<Vec<_>>())
    }
}

/// A text that two sources share if the same pictures of the same people are looked at.
pub(crate) fn identity(source: &dyn Source) -> String {
    let mut hash = Sha256::new();
    hash.update(source.recipe());
    for (sample, person) in chosen(&source.classes().map(|classes| classes.of).unwrap_or_default()) {
        hash.update(sample.to_le_bytes());
        hash.update(person.to_le_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Which samples are looked at, each with its person, in the order of the source: the same whatever the recipe's seed, so that
/// runs can be compared.
fn chosen(of: &[u32]) -> Vec<(u64, u32)> {
    let mut by_person = BTreeMap::<u32, Vec<u64>>::new();
    for (sample, person) in (0..).zip(of) {
        by_person.entry(*person).or_default().push(sample);
    }
    let mut people: Vec<_> = by_person.into_iter().collect();
    people.sort_by_key(|(person, _)| drawn(0, u64::from(*person)));
    let mut chosen = Vec::new();
    for (person, mut samples) in people {
        samples.sort_by_key(|sample| drawn(0, *sample));
        samples.truncate(MOST_OF_ONE);
        if chosen.len() + samples.len() <= MOST {
            chosen.extend(samples.into_iter().map(|sample| (sample, person)));
        }
    }
    chosen.sort_unstable();
    chosen
}

/// Pictures of a source as a network sees them, in some order, and their classes.
pub(crate) fn pictures(
    source: &Arc<dyn Source>,
    chosen: Vec<(u64, u32)>,
    shape: Shape,
    threads: usize,
) -> Result<(Vec<Image>, Vec<u32>), Error> {
    let roster = Roster::of(chosen);
    if roster.is_empty() {
        return Ok(Default::default());
    }
    let feeding = Feeding {
        width: shape.width as u32,
        height: shape.height as u32,
        batch: roster.len(),
        threads,
        ahead: 1,
        ..Feeding::default()
    };
    let plain = Augmentation { preset: Preset::None, ..Augmentation::default() };
    let mut batches = Feed::new(source.clone(), roster, &Sampler::default(), &plain, feeding)?.batches(0)?;
    Ok(batches.next().transpose()?.map(|batch| (batch.images, batch.labels)).unwrap_or_default())
}

/// What a network makes of pictures: vectors of length 1.
pub(crate) fn embed(
    backbone: &Backbone,
    pixels: &Pixels,
    images: &[Image],
    device: &Device,
) -> Vec<Vec<f32>> {
    let mut vectors: Vec<Vec<f32>> = Vec::with_capacity(images.len());
    for images in images.chunks(AT_A_TIME) {
        let embeddings = backbone.forward(pixels.tensor(images, device));
        let dimension = embeddings.dims()[1];
        let values: Vec<f32> = embeddings.into_data().iter::<f32>().collect();
        vectors.extend(values.chunks_exact(dimension).map(unit));
    }
    vectors
}

/// A vector of the same direction and of length 1.
pub(crate) fn unit(vector: &[f32]) -> Vec<f32> {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    vector.iter().map(|value| value / length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held_out(people: &[u32]) -> HeldOut {
        HeldOut { images: Vec::new(), people: people.to_vec() }
    }

    #[test]
    fn rates_that_rest_on_too_little_are_not_given() {
        // Two people, each along an axis of their own: nobody is mistaken.
        let people: Vec<u32> = (0..80).map(|at| at / 40).collect();
        let vectors: Vec<_> =
            people.iter().map(|&person| unit(&[f32::from(person == 0), person as f32])).collect();
        let look = held_out(&people).look(&vectors, 3).unwrap();
        assert_eq!((look.step, look.pairs, look.eer), (3, [2 * 780, 1600], 0.0));
        // 16 of 1600 pairs, and less than two.
        assert_eq!((look.tar_at_2, look.tar_at_3), (Some(1.0), None));
        let mut broken = vectors.clone();
        broken[5][0] = f32::NAN;
        assert_eq!(held_out(&people).look(&broken, 3), None);
    }

    #[test]
    fn many_people_are_looked_at_and_not_the_first_ones() {
        // 300 people with 30 pictures each.
        let of: Vec<u32> = (0..9000).map(|at| at / 30).collect();
        let found = chosen(&of);
        assert_eq!(found.len(), MOST);
        assert!(found.iter().all(|(sample, person)| of[*sample as usize] == *person));
        let people: Vec<u32> = found.iter().map(|(_, person)| *person).collect();
        assert_eq!(held_out(&people).people(), MOST / MOST_OF_ONE);
        assert!(people.iter().any(|person| *person > 250) && people.is_sorted());
        // Few are all taken.
        assert_eq!(chosen(&[7, 7, 9]), [(0, 7), (1, 7), (2, 9)]);
    }
}
