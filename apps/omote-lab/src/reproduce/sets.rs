//! The data sets of a study, each made once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use console::Reporter;
use dataset::{Data, Files, Source};
use training::About;

use super::runs::lock;
use super::study::{Set, Study, Test, drawn};
use crate::commands::crop::{Crops, template};
use crate::commands::networks::Networks;
use crate::commands::writing;

/// Where sets lie and what they are made with.
pub struct Sets<'a> {
    pub study: &'a Study,
    /// A folder for each, by its name.
    pub folder: PathBuf,
    /// The photos that were given.
    pub photos: Option<&'a Path>,
    pub networks: &'a Networks,
}

/// The pictures of a test.
pub struct Pictures {
    /// The pictures in which a face is.
    pub source: Arc<dyn Source>,
    /// The person of each.
    pub of: Vec<u32>,
    /// How many pictures of each person there are, those without a face among them.
    pub counts: Vec<u64>,
}

impl Sets<'_> {
    /// Whether all that a set is made of was given.
    pub fn can_be_made(&self, name: &str) -> bool {
        !matches!(self.study.sets.get(name), Some(Set::Photos { .. })) || self.photos.is_some()
    }

    /// Looks for the photos of a set, and for the detector that finds faces for it; nothing is asked of photos that were not
    /// given.
    ///
    /// # Errors
    /// If they are not there.
    pub fn check(&self, name: &str) -> anyhow::Result<()> {
        let Some(set) = self.study.sets.get(name) else { bail!("there is no set {name:?}") };
        let detector = match (set, self.photos) {
            (Set::Drawn { .. }, _) | (Set::Photos { .. }, None) => return Ok(()),
            (Set::Cropped { detector, .. }, _) => detector,
            (Set::Photos { detector, .. }, Some(photos)) => {
                self.original(set).with_context(|| {
                    format!("the photos of the study's set {name:?} are looked for in {}", photos.display())
                })?;
                detector
            }
        };
        self.networks
            .detector(detector)
            .with_context(|| format!("the study's set {name:?} wants a detector"))?;
        Ok(())
    }

    /// What the card of a network says that has learned these sets.
    pub fn about(&self, learned: &Data) -> About {
        let is_of_photos = |name: &&str| matches!(self.study.sets.get(*name), Some(Set::Photos { .. }));
        if named(learned).iter().any(is_of_photos) {
            let terms = "those of the photos that were given for the study";
            return About { data_terms: Some(terms.to_owned()), ..About::default() };
        }
        About::of_drawn_faces()
    }

    /// Makes a set and what it is made of; what is there is not made again.
    ///
    /// # Errors
    /// If it cannot be made; started again, it goes on.
    pub fn make(&self, name: &str, reporter: &mut Reporter) -> anyhow::Result<()> {
        let Some(set) = self.study.sets.get(name) else { bail!("there is no set {name:?}") };
        if let Set::Cropped { of, .. } = set {
            self.make(of, reporter)?;
        }
        let folder = self.folder.join(name);
        // Several processes that share a study make each set once. Held until this returns.
        let (held, alone) = lock(&self.folder.join(format!("{name}.lock")))?;
        if !alone {
            held.lock()?;
        }
        let source: Arc<dyn Source> = match set {
            Set::Drawn { recipe } => drawn(name, recipe)?.source().into(),
            Set::Cropped { detector, size, .. } | Set::Photos { detector, size, .. } => {
                let template =
                    template(size).map_err(anyhow::Error::msg).with_context(|| format!("sets.{name}"))?;
                let detector = self.networks.detector(detector)?;
                Arc::new(Crops::new(self.original(set)?, detector, template, Files::default(), self.networks))
            }
        };
        let (manifest, made) = writing::write(&source, &folder, self.networks.threads(), reporter)?;
        reporter.finish();
        if made > 0 {
            reporter.complain(&format!("set {name}: {} of {} pictures", manifest.kept(), manifest.pictures));
        }
        Ok(())
    }

    /// The pictures that faces are cut out of.
    fn original(&self, set: &Set) -> anyhow::Result<Arc<dyn Source>> {
        let (data, base) = match (set, self.photos) {
            (Set::Photos { data, .. }, Some(photos)) => (data.clone(), photos),
            (Set::Photos { .. }, None) => {
                bail!("the photos are not at hand: name their folder with --photos")
            }
            (Set::Cropped { of, .. }, _) => (written(of), self.folder.as_path()),
            (Set::Drawn { .. }, _) => bail!("a set that is drawn is cut out of nothing"),
        };
        Ok(data.open(base)?)
    }

    /// Opens the pictures of a test, whose sets were made.
    ///
    /// # Errors
    /// If they cannot be read, or nobody is known in them.
    pub fn pictures(&self, test: &Test) -> anyhow::Result<Pictures> {
        let split = test.data.split(&self.folder)?;
        let source = match (test.held_out, split.held_out) {
            (false, _) => split.training,
            (true, Some(held_out)) => held_out,
            (true, None) => bail!("test {}: nobody is held out", test.name),
        };
        let classes = source.classes().with_context(|| format!("test {}: nobody is known", test.name))?;
        let mut counts = classes.counts();
        // Of a part of somebody's pictures nobody knows how many of it had a face.
        let whole = match &test.data {
            Data::Written { path, people, .. } if people.most.is_none() => path.to_str(),
            _ => None,
        };
        let set = whole.and_then(|name| self.study.sets.get(name));
        if let Some(set @ (Set::Cropped { .. } | Set::Photos { .. })) = set {
            let all = self.original(set)?.classes().unwrap_or_default();
            let all: HashMap<&str, u64> = all.names.iter().map(String::as_str).zip(all.counts()).collect();
            for (count, name) in counts.iter_mut().zip(&classes.names) {
                *count = all.get(name.as_str()).copied().unwrap_or_default().max(*count);
            }
        }
        Ok(Pictures { source, of: classes.of, counts })
    }
}

/// A set as data to learn from.
fn written(name: &str) -> Data {
    Data::Written { path: name.into(), columns: Some(Vec::new()), people: Default::default() }
}

/// The sets that a section `[data]` names.
pub fn named(data: &Data) -> Vec<&str> {
    match data {
        Data::Joined { of, .. } => of.iter().flat_map(named).collect(),
        Data::Written { path, .. } => path.to_str().into_iter().collect(),
        _ => Vec::new(),
    }
}
