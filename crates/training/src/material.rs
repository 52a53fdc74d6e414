//! What a run learns from, as its recipe says.

use std::path::Path;
use std::sync::Arc;

use dataset::{Feed, Feeding, Roster, Source};
use sha2::{Digest, Sha256};

use crate::held_out::{HeldOut, identity};
use crate::{Error, Recipe};

/// What a run learns from, and what it is looked at by.
pub(crate) struct Material {
    pub(crate) feed: Feed,
    /// People who are held out, if there are any who can be compared.
    pub(crate) held_out: Option<HeldOut>,
    /// How many people are learned.
    pub(crate) people: usize,
    /// How many pictures an epoch takes.
    pub(crate) pictures: u64,
    /// What is learned from, as it lies.
    pub(crate) training: Arc<dyn Source>,
    /// A hash of what the sources make, as they say themselves, of who is in each sample, and of who is looked at.
    pub(crate) digest: String,
    /// What is to be known about the data.
    pub(crate) remarks: Vec<String>,
}

impl Material {
    /// Opens what a recipe names; `base` is the folder that its paths are relative to.
    pub(crate) fn of(recipe: &Recipe, base: &Path) -> Result<Self, Error> {
        let refused = |reason: &str| Error::Refused { reason: reason.to_owned() };
        let split = recipe.data.split(base)?;
        let classes =
            split.training.classes().ok_or_else(|| refused("[data] does not say who is in its pictures"))?;
        let roster = Roster::new(classes.of);
        let (roster, people) = match &recipe.noise {
            Some(noise) => {
                let noisy = noise.apply(&roster).map_err(|reason| refused(&format!("[noise] {reason}")))?;
                (noisy.roster, classes.names.len() - noisy.removed.len())
            }
            None => (roster, classes.names.len()),
        };
        if people < 2 {
            return Err(refused("[data] shows one person alone: there is nobody to be told apart from"));
        }
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let held_out = match &split.held_out {
            Some(source) => HeldOut::new(source, recipe.backbone.input(), threads)?,
            None => None,
        };
        if recipe.run.patience.is_some() && held_out.is_none() {
            return Err(refused("[run] patience is for data with people who are held out: give hold_out"));
        }
        let looked_at = split.held_out.as_deref().map(identity).unwrap_or_default();
        let digest = digest(&*split.training, &roster, &looked_at);
        let remarks = split.training.remarks();
        let training = split.training.clone();
        let feed = Feed::new(
            split.training,
            roster,
            &recipe.sampler,
            &recipe.augmentation,
            feeding(recipe, threads),
        )?;
        Ok(Self { held_out, people, pictures: feed.epoch(), training, digest, remarks, feed })
    }
}

fn feeding(recipe: &Recipe, threads: usize) -> Feeding {
    let shape = recipe.backbone.input();
    Feeding {
        width: shape.width as u32,
        height: shape.height as u32,
        batch: recipe.run.batch,
        threads,
        ahead: recipe.run.accumulate.max(2),
        seed: recipe.seed,
        cache: recipe.run.cache << 20,
        ..Feeding::default()
    }
}

fn digest(source: &dyn Source, roster: &Roster, looked_at: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(source.recipe());
    for (sample, label) in roster.samples().iter().zip(roster.labels()) {
        hash.update(sample.to_le_bytes());
        hash.update(label.to_le_bytes());
    }
    hash.update(looked_at);
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
