//! Batches for a trainer: sampled, augmented, and ready before the step asks.

use std::sync::Arc;

use imaging::{Image, resize};
use synth::Seed;

use crate::ahead::Ahead;
use crate::cache::Cache;
use crate::sampling::Sampling;
use crate::{Augmentation, Error, Roster, Sample, Sampler, Source, Value};

/// Sides of pictures that a network is given, in pixels.
const SIDES: [u32; 2] = [8, 4096];
/// Most samples of a batch.
const MOST_SAMPLES: usize = 65_536;
/// Most threads.
const MOST_THREADS: usize = 1024;
/// Most bytes of pictures that wait.
const MOST_BYTES: u128 = 32 << 30;
/// Most samples of a run: far more than there is time for, and no sum of places overflows.
const MOST_PLACES: u64 = 1 << 53;

/// How batches are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feeding {
    /// Width of the pictures in pixels, 8 to 4096. Pictures of another size are resized; those of another shape
    /// are errors.
    pub width: u32,
    /// Height of the pictures in pixels, 8 to 4096.
    pub height: u32,
    /// Samples of a batch, 1 to 65,536.
    pub batch: usize,
    /// How many threads make them, at most 1024; 0 counts as 1.
    pub threads: usize,
    /// How many batches are made before they are asked for, which bounds the memory; at least as many samples
    /// as there are threads are made at a time.
    pub ahead: usize,
    /// Decides over the order and over what is done to each picture.
    pub seed: u64,
    /// Most bytes of samples that are kept from epoch to epoch, so that they need not be made or decoded
    /// again. They are kept in the size asked for, before anything is done to them.
    pub cache: usize,
    /// Whether batches hold pictures without what makes them worse too.
    pub keep_clean: bool,
    /// Whether batches hold what is true of each picture.
    pub keep_rows: bool,
}

impl Default for Feeding {
    /// Batches of 64 pictures of 112 x 112, two ahead on one thread; nothing is kept.
    fn default() -> Self {
        Self {
            width: 112,
            height: 112,
            batch: 64,
            threads: 1,
            ahead: 2,
            seed: 0,
            cache: 0,
            keep_clean: false,
            keep_rows: false,
        }
    }
}

impl Feeding {
    fn check(&self) -> Result<(), String> {
        let [least, most] = SIDES;
        if ![self.width, self.height].iter().all(|side| (least..=most).contains(side)) {
            return Err(format!("width and height must be from {least} to {most} pixels"));
        }
        if !(1..=MOST_SAMPLES).contains(&self.batch) {
            return Err(format!("batch must be from 1 to {MOST_SAMPLES} samples"));
        }
        if self.threads > MOST_THREADS {
            return Err(format!("threads must be at most {MOST_THREADS}"));
        }
        let pictures = (self.ahead as u128 + 1) * self.batch as u128 * (1 + u128::from(self.keep_clean));
        let bytes = pictures * 3 * u128::from(self.width) * u128::from(self.height);
        if bytes > MOST_BYTES {
            let most = MOST_BYTES >> 30;
            return Err(format!(
                "the batches that wait would take more than {most} GiB: \
                 make batch, ahead, width or height smaller"
            ));
        }
        Ok(())
    }
}

/// Some samples at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// How many batches came before it.
    pub number: u64,
    /// How many epochs were through when it began. Batches go on over the end of an epoch, so no sample is
    /// left out.
    pub epoch: u64,
    /// The number of each sample in the roster: which is that in the source, unless the roster says
    /// otherwise.
    pub indices: Vec<u64>,
    /// The class of each.
    pub labels: Vec<u32>,
    /// The picture of each, all of one size.
    pub images: Vec<Image>,
    /// The same pictures, turned and cut out in the same way, but otherwise as they were: what a teacher
    /// sees. Empty unless asked for.
    pub clean: Vec<Image>,
    /// What is true of each, as the source says it: places are those in its picture, before that was resized,
    /// turned and cut out. Empty unless asked for.
    pub rows: Vec<Vec<Vec<Value>>>,
}

/// What batches are made of. It is checked, and makes them from any number on.
///
/// ```
/// use std::path::Path;
/// use std::sync::Arc;
///
/// use omote_dataset::{Augmentation, Feed, Feeding, Recipe, Roster, Sampler};
///
/// let text = "kind = \"recognition\"\nseed = 1\npeople = 2\npictures = 3\nsize = 32\n";
/// let source = Recipe::parse(text, Path::new("faces.toml"))?.source();
/// let roster = Roster::new(vec![0, 0, 0, 1, 1, 1]);
/// let augmentation: Augmentation = toml::from_str("preset = \"mirror\"")?;
/// let feeding = Feeding { width: 32, height: 32, batch: 4, threads: 2, ..Feeding::default() };
/// let feed = Feed::new(Arc::from(source), roster, &Sampler::default(), &augmentation, feeding)?;
///
/// let straight = feed.batches(0)?.nth(2).expect("batches have no end")?;
/// let resumed = feed.batches(2)?.next().expect("batches have no end")?;
/// assert!(straight == resumed && resumed.epoch == 1 && resumed.images.len() == 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Feed(Arc<Kitchen>);

/// Makes samples ready.
struct Kitchen {
    source: Arc<dyn Source>,
    roster: Roster,
    sampling: Sampling,
    augmentation: Augmentation,
    feeding: Feeding,
    seed: Seed,
    cache: Cache,
}

/// A sample that is ready.
struct Ready {
    image: Image,
    clean: Option<Image>,
    rows: Vec<Vec<Value>>,
}

impl Feed {
    /// What batches are made of: samples of a source, each with its class, in the order of a sampler.
    ///
    /// # Errors
    /// [`Error::Source`] if the source cannot be made, and [`Error::Feed`] for what is wrong with the others.
    pub fn new(
        source: Arc<dyn Source>,
        roster: Roster,
        sampler: &Sampler,
        augmentation: &Augmentation,
        feeding: Feeding,
    ) -> Result<Self, Error> {
        source.check().map_err(|reason| Error::Source { reason })?;
        let refused = |reason: String| Error::Feed { reason };
        feeding.check().map_err(refused)?;
        augmentation.check().map_err(refused)?;
        let there_are = source.len();
        if let Some(sample) = roster.samples().iter().find(|&&sample| sample >= there_are) {
            return Err(refused(format!("there is no sample {sample}: the source has {there_are}")));
        }
        if let Some(batch) = sampler.batch().filter(|batch| *batch != feeding.batch) {
            let given = feeding.batch;
            return Err(refused(format!(
                "batch must be {batch} for classes times pictures of the sampler; it is {given}"
            )));
        }
        let sampling = sampler.sampling(roster.labels(), feeding.seed).map_err(refused)?;
        Ok(Self(Arc::new(Kitchen {
            source,
            roster,
            sampling,
            augmentation: augmentation.resolved(),
            feeding,
            seed: Seed::new(feeding.seed).of("augmentation"),
            cache: Cache::new(feeding.cache),
        })))
    }

    /// Samples of an epoch, at least 1.
    pub fn epoch(&self) -> u64 {
        self.0.sampling.epoch()
    }

    /// How many batches have begun when so many epochs are through.
    pub fn batches_of(&self, epochs: u64) -> u64 {
        self.epoch().saturating_mul(epochs).div_ceil(self.0.feeding.batch as u64)
    }

    /// All batches from this number on, exactly as if all before had been taken. They have no end.
    ///
    /// # Errors
    /// [`Error::Feed`] for a number that no run reaches.
    pub fn batches(&self, from: u64) -> Result<Batches, Error> {
        let batch = self.0.feeding.batch as u64;
        let end = MOST_PLACES / batch;
        if from >= end {
            return Err(Error::Feed {
                reason: format!("there is no batch {from}: the last one is {}", end - 1),
            });
        }
        let most = self.0.feeding.ahead.saturating_mul(self.0.feeding.batch);
        let kitchen = self.0.clone();
        let ready =
            Ahead::new(from * batch..end * batch, self.0.feeding.threads, most, move |at| kitchen.ready(at));
        Ok(Batches { kitchen: self.0.clone(), number: from, failed: false, ready })
    }

    /// The number in the source of an entry of the roster, as [`Batch::indices`] has them.
    ///
    /// # Panics
    /// If the roster has no such entry.
    pub fn sample(&self, entry: u64) -> u64 {
        self.0.number(entry)
    }
}

impl Kitchen {
    /// The sample at a place, ready for a batch.
    fn ready(&self, place: u64) -> Result<Ready, String> {
        let (_, entry) = self.sampling.at(place);
        let sample = self.cache.get(self.number(entry), || self.sample(self.number(entry)))?;
        // A sample that comes twice in an epoch does not look the same twice.
        let seed = self.seed.number(place).number(entry);
        let (image, clean) = self.augmentation.apply(&sample.image, seed, self.feeding.keep_clean);
        Ok(Ready { image, clean, rows: sample.rows.clone() })
    }

    /// The number in the source.
    fn number(&self, entry: u64) -> u64 {
        self.roster.samples()[entry as usize]
    }

    /// A sample of the source in the size asked for.
    fn sample(&self, number: u64) -> Result<Sample, String> {
        let Sample { mut image, mut rows } = self.source.sample(number)?;
        if image.is_empty() {
            return Err("its picture has no pixels".to_owned());
        }
        let size = (self.feeding.width, self.feeding.height);
        if (image.width(), image.height()) != size {
            if is_squeezed((image.width(), image.height()), size) {
                return Err(format!(
                    "its picture has {} x {} pixels, which would be squeezed into {} x {}: cut the faces out first \
                     (`omote-lab crop`), or take a network for such pictures",
                    image.width(),
                    image.height(),
                    size.0,
                    size.1
                ));
            }
            image = resize(&image, size.0, size.1);
        }
        if !self.feeding.keep_rows {
            rows = Vec::new();
        }
        Ok(Sample { image, rows })
    }
}

/// Whether a picture of one size has another shape than one of the other size, by more than a pixel of that.
fn is_squeezed(from: (u32, u32), to: (u32, u32)) -> bool {
    let [width, height, to_width, to_height] = [from.0, from.1, to.0, to.1].map(f64::from);
    let scale = (to_width / width).max(to_height / height);
    (width * scale - to_width).max(height * scale - to_height) > 1.0
}

/// Batches in order, without end, made ahead on several threads. What they hold does not depend on threads.
/// After a sample that cannot be made, which is an error that names it, nothing more comes. If it is dropped,
/// its threads stop.
pub struct Batches {
    kitchen: Arc<Kitchen>,
    number: u64,
    failed: bool,
    ready: Ahead<Ready>,
}

impl Iterator for Batches {
    type Item = Result<Batch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let batch = self.batch()?;
        self.failed = batch.is_err();
        self.number += 1;
        Some(batch)
    }
}

impl Batches {
    fn batch(&mut self) -> Option<Result<Batch, Error>> {
        let kitchen = &self.kitchen;
        let Feeding { batch: len, keep_clean, keep_rows, .. } = kitchen.feeding;
        let first = self.number * len as u64;
        let mut batch = Batch {
            number: self.number,
            epoch: kitchen.sampling.at(first).0,
            indices: Vec::with_capacity(len),
            labels: Vec::with_capacity(len),
            images: Vec::with_capacity(len),
            clean: Vec::with_capacity(if keep_clean { len } else { 0 }),
            rows: Vec::with_capacity(if keep_rows { len } else { 0 }),
        };
        for place in first..first + len as u64 {
            let (_, entry) = kitchen.sampling.at(place);
            let ready = match self.ready.next()? {
                Ok(ready) => ready,
                Err(reason) => return Some(Err(Error::Sample { index: kitchen.number(entry), reason })),
            };
            batch.indices.push(entry);
            batch.labels.push(kitchen.roster.labels()[entry as usize]);
            batch.images.push(ready.image);
            batch.clean.extend(ready.clean);
            if keep_rows {
                batch.rows.push(ready.rows);
            }
        }
        Some(Ok(batch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_of_another_shape_are_squeezed() {
        for (from, to, squeezed) in [
            ((224, 224), (112, 112), false),
            ((250, 251), (112, 112), false),
            ((192, 224), (96, 112), false),
            ((178, 218), (112, 112), true),
            ((96, 112), (112, 112), true),
            ((112, 112), (96, 112), true),
        ] {
            assert_eq!(is_squeezed(from, to), squeezed, "{from:?} {to:?}");
        }
    }
}
