//! How well a network tells people apart who were never seen in training.

use std::sync::Arc;

use burn::tensor::Device;
use dataset::{Augmentation, Feed, Feeding, Preset, Roster, Sampler, Source};
use evaluation::Scores;
use imaging::Image;
use nets::backbones::{Backbone, Shape};
use serde::{Deserialize, Serialize};

use crate::{Error, Pixels};

/// Most pictures that are compared, all with all: two million pairs.
const MOST: usize = 2000;
/// Pictures that are embedded at a time.
const AT_A_TIME: usize = 64;

/// What was seen of people who are held out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// Steps that were done.
    pub step: u64,
    /// Pairs of pictures of one person, and of two.
    pub pairs: [usize; 2],
    /// The error rate where false matches and false non-matches are as many, 0 to 1.
    pub eer: f64,
    /// Share of the pairs of one person that match where one of a hundred of two people does.
    pub tar_at_2: f64,
    /// As that, where one of a thousand does.
    pub tar_at_3: f64,
}

/// Pictures of people who are held out.
pub(crate) struct HeldOut {
    images: Vec<Image>,
    labels: Vec<u32>,
}

impl HeldOut {
    /// Takes the first pictures of a source; `None` if there is nobody to compare.
    pub(crate) fn new(source: &Arc<dyn Source>, shape: Shape, threads: usize) -> Result<Option<Self>, Error> {
        let Some(classes) = source.classes() else { return Ok(None) };
        let count = classes.of.len().min(MOST);
        let labels = classes.of[..count].to_vec();
        let feeding = Feeding {
            width: shape.width as u32,
            height: shape.height as u32,
            batch: count.max(1),
            threads,
            ahead: 1,
            ..Feeding::default()
        };
        let plain = Augmentation { preset: Preset::None, ..Augmentation::default() };
        let roster = Roster::new(labels);
        let Some(batch) =
            Feed::new(source.clone(), roster, &Sampler::default(), &plain, feeding)?.batches(0)?.next()
        else {
            return Ok(None);
        };
        let batch = batch?;
        let held_out = Self { images: batch.images, labels: batch.labels };
        let [same, apart] = held_out.pairs();
        Ok((same > 0 && apart > 0).then_some(held_out))
    }

    /// Pairs of one person, and of two.
    fn pairs(&self) -> [usize; 2] {
        let all = self.labels.len() * self.labels.len().saturating_sub(1) / 2;
        let mut counts = std::collections::HashMap::<u32, usize>::new();
        self.labels.iter().for_each(|label| *counts.entry(*label).or_default() += 1);
        let same = counts.values().map(|count| count * (count - 1) / 2).sum();
        [same, all - same]
    }

    /// Compares all pictures with all others, by the cosines of what a network makes of them.
    pub(crate) fn look(
        &self,
        backbone: &Backbone,
        pixels: &Pixels,
        device: &Device,
        step: u64,
    ) -> Option<Look> {
        let mut vectors: Vec<Vec<f32>> = Vec::with_capacity(self.images.len());
        for images in self.images.chunks(AT_A_TIME) {
            let embeddings = backbone.forward(pixels.tensor(images, device));
            let dimension = embeddings.dims()[1];
            let values = embeddings.into_data().try_to_vec::<f32>().ok()?;
            vectors.extend(values.chunks_exact(dimension).map(unit));
        }
        let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
        for (at, first) in vectors.iter().enumerate() {
            for (second, label) in vectors[at + 1..].iter().zip(&self.labels[at + 1..]) {
                let cosine = first.iter().zip(second).map(|(a, b)| a * b).sum();
                if *label == self.labels[at] { genuine.push(cosine) } else { impostor.push(cosine) }
            }
        }
        let pairs = [genuine.len(), impostor.len()];
        // Vectors that are no numbers have no rank.
        let scores = Scores::new(genuine, impostor).ok()?;
        let tar = |fmr: f64| scores.fnmr_at_fmr(fmr).tar();
        Some(Look { step, pairs, eer: scores.eer(), tar_at_2: tar(1e-2), tar_at_3: tar(1e-3) })
    }
}

fn unit(vector: &[f32]) -> Vec<f32> {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    vector.iter().map(|value| value / length).collect()
}
