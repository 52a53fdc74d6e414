//! IJB-B and IJB-C: templates of several photos and video frames, compared one to one and searched for.
//!
//! The layout is the one in which InsightFace hands the sets out, which every public evaluator reads: `meta/` with
//! lists, and `loose_crop/` with a picture per face. With `ijbc` for the set:
//!
//! - `ijbc_face_tid_mid.txt`: `NAME TEMPLATE MEDIA`, a line for each face;
//! - `ijbc_name_5pts_score.txt`: `NAME X1 Y1 ... X5 Y5 SCORE`, the same faces in the same order, in pixels of the
//!   crop;
//! - `ijbc_template_pair_label.txt`: `TEMPLATE1 TEMPLATE2 LABEL`, label 1 for the same person, up to 15.7 million
//!   lines;
//! - `ijbc_1N_gallery_G1.csv`, `..._G2.csv` (IJB-B: `S1`, `S2`) and `ijbc_1N_probe_mixed.csv`:
//!   `TEMPLATE_ID,SUBJECT_ID,...`.

mod faces;
mod pairs;
mod search;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::entries;
use super::identification::{IdentificationProtocol, TemplateImage};
use crate::Error;

pub use pairs::{TemplatePair, TemplatePairs};

const HELP: &str = "the folder of IJB-B or IJB-C holds meta and loose_crop";

const FACES: &str = "_face_tid_mid.txt";

/// The faces that are pooled into one, as in [`TemplateProtocol::templates`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageTemplate {
    /// The benchmark's number of the template.
    pub id: u32,
    /// Indices into [`TemplateProtocol::images`], at least one.
    pub images: Vec<usize>,
}

/// A benchmark of templates: "do these two sets of photos and frames show the same person?".
#[derive(Clone, Debug)]
pub struct TemplateProtocol {
    /// What the benchmark is called, such as `IJBC`.
    pub name: String,
    /// A photo or frame for each face, in the files' order.
    pub images: Arc<[TemplateImage]>,
    /// The templates by ascending `id`.
    pub templates: Vec<ImageTemplate>,
    meta: PathBuf,
    /// How the lists' names begin, such as `ijbc`.
    prefix: String,
}

impl TemplateProtocol {
    /// Opens the list of pairs, which is read as it is asked for: it is too long to be kept.
    ///
    /// # Errors
    /// [`Error::Read`] if it cannot be opened.
    pub fn pairs(&self) -> Result<TemplatePairs<'_>, Error> {
        TemplatePairs::open(
            &self.meta.join(format!("{}_template_pair_label.txt", self.prefix)),
            &self.templates,
        )
    }

    /// Reads the searches: a protocol for each gallery (IJB's two), with the same probes and with this protocol's
    /// `images`. A probe is mated in the one gallery and non-mated in the other.
    ///
    /// The public evaluator counts a closed-set hit in either gallery over all probes, and takes the mean of the
    /// open-set rates of the two galleries; spec recognition/08, section 4.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::TooLarge`], [`Error::Line`] and [`Error::Layout`] for the CSV files: a template that
    /// has no face or two subjects, a subject with two templates in one gallery, a template in a gallery and among
    /// the probes.
    pub fn searches(&self) -> Result<Vec<IdentificationProtocol>, Error> {
        search::read(self)
    }

    /// The subject of each of `templates`, numbered from 0, from the lists of the searches. `None` if they are absent
    /// or leave a template out. A bootstrap over people needs it; that the labels of [`pairs`](Self::pairs) agree
    /// with it is not checked.
    ///
    /// # Errors
    /// Those of [`searches`](Self::searches) for a single list, and [`Error::Line`] if two lists give one template
    /// two subjects.
    pub fn identities(&self) -> Result<Option<Vec<u32>>, Error> {
        search::identities(self)
    }

    /// The index in `templates` of the benchmark's number.
    fn template(&self, id: u32) -> Option<usize> {
        position(&self.templates, id)
    }
}

/// Reads IJB-B or IJB-C, or any set in their layout, from the folder `root`, which holds `meta` and `loose_crop`.
///
/// Faces, landmarks and detector scores are kept (some 100 bytes each); pairs and searches are read by
/// [`TemplateProtocol::pairs`] and [`TemplateProtocol::searches`].
///
/// Whitelam et al., CVPRW 2017; Maze et al., ICB 2018; spec recognition/06, section 5.
///
/// # Errors
/// [`Error::Read`], [`Error::Line`] and [`Error::Layout`] for the lists, such as a face listed twice in one template
/// or the two lists of faces out of step; [`Error::MissingPhotos`] if crops are absent.
pub fn read_ijb(root: &Path) -> Result<TemplateProtocol, Error> {
    let meta = root.join("meta");
    let prefix = prefix(&meta)?;
    let (images, templates) = faces::read(root, &meta, &prefix)?;
    let name = prefix.to_uppercase();
    Ok(TemplateProtocol { name, images: Arc::from(images), templates, meta, prefix })
}

/// `ijbc`, from the one list of faces in `meta`.
fn prefix(meta: &Path) -> Result<String, Error> {
    let names: Vec<String> = entries(meta, HELP)?.into_iter().map(|(name, _)| name).collect();
    let mut prefixes =
        names.iter().filter_map(|name| name.strip_suffix(FACES)).filter(|name| !name.starts_with('.'));
    let layout = |problem| Error::Layout { path: meta.to_owned(), problem };
    match (prefixes.next(), prefixes.next()) {
        (Some(prefix), None) => Ok(prefix.to_owned()),
        (None, _) => {
            Err(layout(format!("there is no list of faces: ijbc{FACES} or ijbb{FACES} was expected")))
        }
        (Some(a), Some(b)) => {
            Err(layout(format!("there are the lists of two sets, {a} and {b}: give each a folder")))
        }
    }
}

fn position(templates: &[ImageTemplate], id: u32) -> Option<usize> {
    templates.binary_search_by_key(&id, |template| template.id).ok()
}
