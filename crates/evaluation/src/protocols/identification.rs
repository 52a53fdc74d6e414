//! The one form that every search benchmark is brought into: who of the gallery is this, if anybody?

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use geometry::Landmarks;

use super::people::People;
use crate::Error;

/// A photo or video frame that belongs to a template.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateImage {
    /// The photo or frame.
    pub path: PathBuf,
    /// Which still or video it comes from. Frames of one video have one number; a pooling rule averages them first.
    pub media: u32,
    /// Where the face is, in pixels of the picture; `None` if it has to be found.
    pub landmarks: Option<Landmarks>,
    /// How sure the benchmark's own detector was, 0 or more; IJB's are mostly above 0.9, and 0.1 stands for a
    /// failure.
    pub detector_score: Option<f32>,
}

/// What is known of one person, for good: one photo or several that are pooled into one template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GalleryTemplate {
    /// An index into [`IdentificationProtocol::people`]. Several templates may show one person.
    pub identity: u32,
    /// Indices into [`IdentificationProtocol::images`], at least one.
    pub images: Vec<usize>,
}

/// A search: one photo or several that are pooled into one template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The identity that is right, which has at least one template in the gallery. `None` if the search is non-mated:
    /// nobody should be found.
    pub identity: Option<u32>,
    /// An index into [`IdentificationProtocol::people`]: who it is, also where that person is not in the gallery;
    /// `None` if the benchmark does not tell. It is what a bootstrap over people draws.
    pub person: Option<u32>,
    /// An index into [`IdentificationProtocol::groups`], such as a range of light angles; `None` if there are no
    /// groups.
    pub group: Option<usize>,
    /// Indices into [`IdentificationProtocol::images`], at least one.
    pub images: Vec<usize>,
}

/// A benchmark of searches in one gallery.
#[derive(Clone, Debug, PartialEq)]
pub struct IdentificationProtocol {
    /// What the benchmark is called, such as `ORL`.
    pub name: String,
    /// The photos. The galleries of one benchmark (IJB's two) share the list, so each face is analysed once.
    pub images: Arc<[TemplateImage]>,
    /// The names of the people, in the gallery or not.
    pub people: Vec<String>,
    /// Not empty.
    pub gallery: Vec<GalleryTemplate>,
    /// At least one of them is mated.
    pub probes: Vec<Probe>,
    /// Groups of probes that are reported one by one; empty if the benchmark has none.
    pub groups: Vec<String>,
}

impl IdentificationProtocol {
    /// How many people are in the gallery.
    pub fn enrolled(&self) -> usize {
        self.gallery.iter().map(|template| template.identity).collect::<HashSet<_>>().len()
    }

    /// How many probes show somebody who is in the gallery. The others are non-mated.
    pub fn mated(&self) -> usize {
        self.probes.iter().filter(|probe| probe.identity.is_some()).count()
    }
}

/// Templates on the way to an [`IdentificationProtocol`].
#[derive(Default)]
pub(super) struct Templates {
    pub(super) people: People,
    pub(super) gallery: Vec<GalleryTemplate>,
    /// Their `identity` is filled in by [`finish`](Self::finish).
    pub(super) probes: Vec<Probe>,
    pub(super) groups: Vec<String>,
}

impl Templates {
    /// Finds out which probes are mated. `path` is what an error names: the file or folder that was read.
    pub(super) fn finish(
        mut self,
        name: String,
        path: &Path,
        images: Arc<[TemplateImage]>,
    ) -> Result<IdentificationProtocol, Error> {
        let empty = |problem: &str| Error::Layout { path: path.to_owned(), problem: problem.to_owned() };
        let enrolled: HashSet<u32> = self.gallery.iter().map(|template| template.identity).collect();
        for probe in &mut self.probes {
            probe.identity = probe.person.filter(|person| enrolled.contains(person));
        }
        if self.gallery.is_empty() {
            return Err(empty("nobody is in the gallery, so nobody can be found"));
        }
        if self.probes.is_empty() {
            return Err(empty("there is no probe, so nothing is searched for"));
        }
        if self.probes.iter().all(|probe| probe.identity.is_none()) {
            return Err(empty("no probe shows anybody of the gallery: are people named alike in both?"));
        }
        let Self { people, gallery, probes, groups } = self;
        Ok(IdentificationProtocol { name, images, people: people.into_names(), gallery, probes, groups })
    }
}

/// Photos of which nothing but the path is known; each is its own still.
pub(super) fn stills(paths: Vec<PathBuf>) -> Arc<[TemplateImage]> {
    (0..)
        .zip(paths)
        .map(|(media, path)| TemplateImage { path, media, landmarks: None, detector_score: None })
        .collect()
}
