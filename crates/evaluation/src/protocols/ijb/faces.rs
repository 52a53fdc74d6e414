//! The lists of faces: which template and media each belongs to, and where its landmarks are.

use std::collections::{BTreeMap, HashSet};
use std::path::{Component, Path, PathBuf};

use geometry::{Landmarks, Point};

use super::{FACES, HELP, ImageTemplate};
use crate::Error;
use crate::protocols::files::{check_present, quoted};
use crate::protocols::identification::TemplateImage;
use crate::protocols::text_lines::TextLines;

/// IJB-C has 469,375.
const MAX_FACES: usize = 5_000_000;

/// Reads both lists, line by line in step.
pub(super) fn read(
    root: &Path,
    meta: &Path,
    prefix: &str,
) -> Result<(Vec<TemplateImage>, Vec<ImageTemplate>), Error> {
    let mut faces = TextLines::open(&meta.join(format!("{prefix}{FACES}")), HELP)?;
    let mut points = TextLines::open(&meta.join(format!("{prefix}_name_5pts_score.txt")), HELP)?;
    let crops = root.join("loose_crop");
    let mut images: Vec<TemplateImage> = Vec::new();
    let mut templates: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    while let Some(row) = faces.next_line()? {
        let (name, template, media) = match face(row) {
            Ok(face) => face,
            Err(problem) => return Err(faces.bad(problem)),
        };
        if images.len() == MAX_FACES {
            return Err(faces.bad(format!("more than {MAX_FACES} faces, which no such benchmark has")));
        }
        let (landmarks, score) = match points.next_line()? {
            Some(row) => landmarks(row, name).map_err(|problem| points.bad(problem))?,
            None => return Err(points.bad(format!("the list ends before the face {}", quoted(name)))),
        };
        templates.entry(template).or_default().push(images.len());
        images.push(TemplateImage {
            path: crops.join(name),
            media,
            landmarks: Some(landmarks),
            detector_score: Some(score),
        });
    }
    if images.is_empty() {
        return Err(faces.bad("the list is empty"));
    }
    if let Some(row) = points.next_line()? {
        let row = quoted(row);
        return Err(points.bad(format!("{row} follows, but there are {} faces", images.len())));
    }
    let templates: Vec<_> = templates.into_iter().map(|(id, images)| ImageTemplate { id, images }).collect();
    check_once(meta, prefix, &images, &templates)?;
    let paths: Vec<PathBuf> = images.iter().map(|image| image.path.clone()).collect();
    check_present(&crops, &paths)?;
    Ok((images, templates))
}

/// A crop that stands twice in one template would weigh twice.
fn check_once(
    meta: &Path,
    prefix: &str,
    images: &[TemplateImage],
    templates: &[ImageTemplate],
) -> Result<(), Error> {
    for template in templates {
        let mut paths = HashSet::new();
        if let Some(&twice) = template.images.iter().find(|image| !paths.insert(&images[**image].path)) {
            // One face a line, none of them blank.
            return Err(Error::Line {
                path: meta.join(format!("{prefix}{FACES}")),
                line: twice + 1,
                problem: format!(
                    "{} stands twice in template {}",
                    quoted(&images[twice].path.file_name().unwrap_or_default().to_string_lossy()),
                    template.id
                ),
            });
        }
    }
    Ok(())
}

/// Name, template and media.
fn face(row: &str) -> Result<(&str, u32, u32), String> {
    let mut columns = row.split_ascii_whitespace();
    let name = columns.next().unwrap_or_default();
    let mut number = || columns.next().and_then(|column| column.parse().ok());
    match (number(), number(), columns.next()) {
        (Some(template), Some(media), None) if is_inside(name) => Ok((name, template, media)),
        (Some(_), Some(_), None) => Err(format!("{} is no name of a crop", quoted(name))),
        _ => Err(format!("{} is not NAME TEMPLATE MEDIA (a name and two numbers)", quoted(row))),
    }
}

/// Whether a name stays below the folder that it is relative to.
fn is_inside(name: &str) -> bool {
    let parts = || Path::new(name).components();
    parts().all(|part| matches!(part, Component::Normal(_))) && !name.contains('\0')
}

fn landmarks(row: &str, face: &str) -> Result<(Landmarks, f32), String> {
    let mut columns = row.split_ascii_whitespace();
    let name = columns.next().unwrap_or_default();
    if name != face {
        return Err(format!("{} stands where the list of faces has {}", quoted(name), quoted(face)));
    }
    let numbers: Option<Vec<f32>> =
        columns.map(|column| column.parse().ok().filter(|number: &f32| number.is_finite())).collect();
    match numbers.as_deref() {
        Some(&[x1, y1, x2, y2, x3, y3, x4, y4, x5, y5, score]) if score >= 0.0 => {
            let points = [(x1, y1), (x2, y2), (x3, y3), (x4, y4), (x5, y5)];
            Ok((Landmarks(points.map(|(x, y)| Point::new(x, y))), score))
        }
        _ => Err(format!("{} is not NAME, ten finite coordinates and a score of 0 or more", quoted(row))),
    }
}
