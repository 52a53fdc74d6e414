//! The findings as a page, with the faces side by side.

use std::fs;

use clustering::Evidence;
use gallery::{Enrolment, Gallery};
use imaging::DecodeOptions;
use model::FileHash;

use super::super::photo_path;
use super::{Listed, Read};
use crate::cli::sheet::{self, Comparison, Thumbnail};
use console::count;

/// Faces that are shown of each person.
const SHOWN: usize = 8;

/// Side of a face that is cut out of its photo, in pixels.
const SIDE: u32 = 112;

const JPEG_QUALITY: u8 = 85;

/// The page; `step` is called for each finding, whose photos may have to be read.
pub(super) fn page(listed: &[Listed], read: &Read, gallery: &Gallery, mut step: impl FnMut()) -> String {
    let all = listed.iter().map(|one| comparison(one, read, gallery)).inspect(|_| step());
    let all: Vec<Comparison> = all.collect();
    let summary = format!(
        "{} in {}",
        count(listed.len(), "finding", "findings"),
        super::super::people_and_faces(read.names.len() as u64, read.faces.len() as u64)
    );
    sheet::comparisons("Findings", &summary, &all)
}

/// The faces in question, those that they are compared with, and others of the people.
fn comparison(one: &Listed, read: &Read, gallery: &Gallery) -> Comparison {
    let finding = &one.finding;
    let show = |faces: &[usize]| -> Vec<Thumbnail> {
        faces.iter().take(SHOWN).map(|&face| thumbnail(face, read, gallery)).collect()
    };
    let kept = match finding.evidence {
        Evidence::Copy { kept, .. } | Evidence::SamePhoto { kept, .. } => Some(kept),
        _ => None,
    };
    let mut groups = vec![("in question".to_owned(), show(&finding.faces))];
    groups.extend(kept.map(|kept| ("stays".to_owned(), show(&[kept]))));
    for &person in &finding.people {
        let mut others: Vec<usize> = (0..read.faces.len())
            .filter(|&face| Read::number(read.faces[face].person) == person)
            .filter(|face| !finding.faces.contains(face) && Some(*face) != kept)
            .collect();
        others.sort_by(|&a, &b| read.faces[b].quality.total_cmp(&read.faces[a].quality));
        if !others.is_empty() {
            groups.push((read.name(person).to_owned(), show(&others)));
        }
    }
    let remedy = one.remedy(read).map(|remedy| format!(" Fix: {remedy}.")).unwrap_or_default();
    Comparison { title: one.heading(read), note: format!("Why: {}.{remedy}", one.why(read)), groups }
}

fn thumbnail(face: usize, read: &Read, gallery: &Gallery) -> Thumbnail {
    let jpeg = picture(&read.faces[face], gallery).unwrap_or_default();
    let caption = format!("{}: {}", read.name(Read::number(read.faces[face].person)), read.face_name(face));
    Thumbnail { jpeg, caption }
}

/// The stored crop, else the face cut out of its photo if that is still where it was and what it was.
fn picture(face: &Enrolment, gallery: &Gallery) -> Option<Vec<u8>> {
    let decode = |bytes: &[u8]| imaging::decode(bytes, &DecodeOptions::default()).ok();
    let cut_out = || {
        let bytes = fs::read(photo_path(&face.source)?).ok()?;
        let photo = (FileHash::of(&bytes) == face.source.sha256).then(|| decode(&bytes))??;
        Some(imaging::resize_region(&photo, &face.source.bounds, SIDE, SIDE))
    };
    let stored = gallery.crop(face.id).ok().flatten().and_then(|crop| decode(&crop));
    imaging::encode_jpeg(&stored.or_else(cut_out)?, JPEG_QUALITY).ok()
}
