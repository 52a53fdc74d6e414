//! The untouched photos that were flagged, beside others of the people: are they wrong after all?

use super::Flagged;
use crate::cli::args::FaceChoice;
use crate::cli::commands::eval::faces::Photos;
use crate::cli::labelled::Labelled;
use crate::cli::setup::Setup;
use crate::cli::sheet::{self, Comparison, Thumbnail};
use console::count;

/// Faces that are shown of each person.
const SHOWN: usize = 6;

pub(super) fn page(
    flagged: &[Flagged],
    labelled: &Labelled,
    draws: usize,
    face: FaceChoice,
    setup: &Setup,
) -> String {
    let photos = Photos::Files(&labelled.photos, face);
    let show = |number: usize| Thumbnail {
        jpeg: photos.crop(number, setup).unwrap_or_default(),
        caption: labelled.photos[number].display().to_string(),
    };
    let others = |person: usize, but: usize| -> Vec<Thumbnail> {
        let mut faces: Vec<usize> = (0..labelled.faces.len())
            .filter(|&face| labelled.faces[face].1 as usize == person && face != but)
            .collect();
        let quality = |face: usize| labelled.faces[face].0.quality.score;
        faces.sort_by(|&a, &b| quality(b).total_cmp(&quality(a)));
        faces.truncate(SHOWN);
        faces.into_iter().map(show).collect()
    };
    let comparison = |one: &Flagged| {
        let name = |person: usize| labelled.names[person].clone();
        let mut groups = vec![
            ("flagged".to_owned(), vec![show(one.face)]),
            (name(one.person), others(one.person, one.face)),
        ];
        groups.extend(one.rather.map(|person| (name(person), others(person, one.face))));
        Comparison {
            title: labelled.photos[one.face].display().to_string(),
            note: format!(
                "{} in {} of {}, with a confidence of up to {:.2}",
                one.kind,
                one.draws,
                count(draws, "draw", "draws"),
                one.confidence
            ),
            groups,
        }
    };
    let all: Vec<Comparison> = flagged.iter().map(comparison).collect();
    let summary = format!("{} whose names nobody changed", count(flagged.len(), "photo", "photos"));
    sheet::comparisons("Flagged as wrong names", &summary, &all)
}
