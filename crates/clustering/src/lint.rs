//! Checks a gallery for what spoils it.

mod finding;
mod hubs;
mod mislabels;
mod names;
mod people;
mod photos;
mod splits;

use index::View;

pub use self::finding::{Evidence, Finding, Fix, Kind, Severity};
use self::people::People;
use crate::Error;
use crate::rows::Rows;

/// Faces and what is known of them.
#[derive(Clone, Copy, Debug)]
pub struct Gallery<'a> {
    /// Unit vectors, one for each face.
    pub faces: &'a View<'a>,
    /// Whose each face is, by any number; `None` for nobody's.
    pub people: &'a [Option<usize>],
    /// The quality of each face, 0..=100; `None` where it is not known, which finds no faces of low quality.
    pub quality: Option<&'a [f32]>,
    /// The photo of each face, by any number; `None` where it is not known, which finds nobody twice in one photo.
    pub photos: Option<&'a [usize]>,
}

/// To put people together or to take them apart is a bigger step than to look at one face: less confidence than this
/// is not worth a proposal.
const SURE_OF_PEOPLE: f64 = 0.5;

/// One person with and without dark glasses looks like two: on CelebA, this much confidence leaves such cases out.
const SURE_OF_TWO: f64 = 0.75;

/// What counts as a finding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LintOptions {
    /// A cosine that two strangers rarely reach, such as the threshold at a false match rate of 0.001. Depends on the
    /// model.
    pub stranger_cosine: f32,
    /// The cosine from which two faces are one picture.
    pub duplicate_cosine: f32,
    /// The quality, 0..=100, below which a face that is near many people is a finding.
    pub low_quality: f32,
    /// Findings with less confidence, 0..=1, are left out; those about whole people also below 0.5
    /// ([`Kind::OnePersonTwoNames`], [`Kind::TwinRisk`]) or 0.75 ([`Kind::TwoPeopleOneName`]).
    pub confidence: f64,
    /// How many nearest neighbours of each face are looked at; at least 1. More find more people that a face may be of.
    pub neighbours: usize,
    /// How many threads look for neighbours.
    pub threads: usize,
}

impl Default for LintOptions {
    /// The cosine of strangers is that of MobileFaceNet at a false match rate of 0.001 on CelebA.
    fn default() -> Self {
        Self {
            stranger_cosine: 0.35,
            duplicate_cosine: 0.98,
            low_quality: 30.0,
            confidence: 0.15,
            neighbours: 60,
            threads: 1,
        }
    }
}

impl LintOptions {
    fn check(&self) -> Result<(), Error> {
        let within = |name, value: f64, low: f64, high: f64| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            Err(Error::Parameter { name, value: value.to_string(), range: format!("in {low}..={high}") })
        };
        within("the cosine of strangers", self.stranger_cosine.into(), -1.0, 1.0)?;
        within("the cosine of one picture", self.duplicate_cosine.into(), -1.0, 1.0)?;
        within("the limit of low quality", self.low_quality.into(), 0.0, 100.0)?;
        within("the least confidence", self.confidence, 0.0, 1.0)?;
        within("the number of neighbours", self.neighbours as f64, 1.0, 1000.0)
    }
}

/// Finds what is probably wrong with a gallery: see [`Kind`]. The most certain findings come first.
///
/// Whether faces are of one person is judged by a simple probabilistic LDA whose one parameter, the mean cosine of two
/// photos of one person, is measured on the gallery itself, so that other models need no other settings. *Evidence* is
/// the log likelihood ratio of that model per dimension. Confidences come from logistic regressions of the evidence on
/// CelebA with wrong labels, split people and joined people planted in it: among mislabels of 0.9, nine in ten
/// are wrong indeed if one label in thirty is, as there. A duplicate under one name has a confidence of 1.
///
/// Findings are proposals that do not know of each other: a fix may make another one stale, which [`Fix::apply`]
/// reports. Faces that are nobody's are only context. A person of one face has nothing to compare it with, so that its
/// name can only be a second one for somebody else.
///
/// The work is that of [`View::knn_graph`] (100,000 faces of dimension 128: about half a minute on two cores, all
/// told), and after that O(faces x neighbours x dimension).
///
/// # Errors
/// [`Error::Vector`] for a face that is not a unit vector; [`Error::Length`] for lists of another length;
/// [`Error::Quality`]; [`Error::Parameter`].
pub fn lint(gallery: &Gallery<'_>, options: &LintOptions) -> Result<Vec<Finding>, Error> {
    options.check()?;
    let rows = Rows::read(gallery.faces)?;
    let length = |what, got: usize| match got == rows.len() {
        true => Ok(()),
        false => Err(Error::Length { what, got, faces: rows.len() }),
    };
    length("people", gallery.people.len())?;
    if let Some(photos) = gallery.photos {
        length("photos", photos.len())?;
    }
    let unknown = vec![100.0; if gallery.quality.is_some() { 0 } else { rows.len() }];
    let quality = gallery.quality.unwrap_or(&unknown);
    length("qualities", quality.len())?;
    if let Some(face) = quality.iter().position(|quality| !(0.0..=100.0).contains(quality)) {
        return Err(Error::Quality { face, quality: quality[face] });
    }

    let people = People::new(&rows, gallery.people);
    let graph = gallery.faces.knn_graph(options.neighbours, options.threads);
    let LintOptions { stranger_cosine, duplicate_cosine, low_quality, confidence, .. } = *options;
    let mut found = mislabels::mislabels(&people, &graph, confidence);
    let of_people = confidence.max(SURE_OF_PEOPLE);
    found.extend(names::names(&people, &graph, stranger_cosine, of_people));
    found.extend(splits::splits(&people, confidence.max(SURE_OF_TWO)));
    found.extend(hubs::hubs(&people, &graph, quality, stranger_cosine, low_quality, confidence));
    found.extend(photos::duplicates(&people, &graph, quality, duplicate_cosine, confidence));
    if let Some(photos) = gallery.photos {
        found.extend(photos::twice(&people, photos, duplicate_cosine, confidence));
    }
    found.sort_by(|x, y| {
        let certain = y.confidence.total_cmp(&x.confidence);
        certain.then(x.kind.cmp(&y.kind)).then_with(|| x.faces.cmp(&y.faces))
    });
    Ok(found)
}
