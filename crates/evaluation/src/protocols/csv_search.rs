//! A gallery and probes as CSV, for a set that is no benchmark of the field.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;
use std::sync::Arc;

use super::files::{check_present, quoted};
use super::identification::{GalleryTemplate, IdentificationProtocol, Probe, TemplateImage, Templates};
use super::table::{Format, Row, Table};
use crate::Error;

static FORMAT: Format = Format {
    known: &["role", "identity", "template", "path", "media"],
    others: false,
    headless: &[
        &["role", "identity", "template", "path"],
        &["role", "identity", "template", "path", "media"],
    ],
    limit: 256 << 20,
    help: "a CSV file of a gallery and probes",
};

/// Reads a CSV file of a gallery and probes: `role,identity,template,path` and optionally `media`, up to 256 MiB.
///
/// A header is optional; with one, the columns come in any order, and `template` may be left out. `role` is `gallery`
/// or `probe`. Photos with one `template` are pooled into one template; where it is blank the photo is a template of
/// its own. Frames of one video have one `media`; where it is blank the photo is a still of its own. Paths are
/// relative to the CSV file. A probe whose `identity` is blank, or not in the gallery, is non-mated.
///
/// # Errors
/// [`Error::Read`], [`Error::TooLarge`] and [`Error::Line`] for the file: a row that is not as above, a gallery photo
/// without identity, a photo listed twice (under two names, or in both gallery and probes), a template with two
/// identities or in both roles. [`Error::Layout`] if the gallery is empty or no probe is mated.
/// [`Error::MissingPhotos`] if photos are absent.
pub fn read_search_csv(path: &Path) -> Result<IdentificationProtocol, Error> {
    let mut table = Table::open(path, &FORMAT)?;
    table.require(&["role", "identity", "path"])?;

    let root = path.parent().unwrap_or(Path::new(""));
    let mut listing = Listing::default();
    let mut images = Vec::new();
    while let Some(row) = table.next_row()? {
        let media = listing.media(&row);
        let image = TemplateImage {
            path: root.join(row.need("path")?),
            media,
            landmarks: None,
            detector_score: None,
        };
        listing.add(&row, images.len())?;
        images.push(image);
    }

    let paths: Vec<_> = images.iter().map(|image| image.path.clone()).collect();
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let protocol = listing.templates.finish(name, path, Arc::from(images))?;
    check_present(root, &paths)?;
    Ok(protocol)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Gallery,
    Probe,
}

/// What a row says of its photo.
#[derive(Clone, Copy)]
struct Entered {
    line: usize,
    role: Role,
    person: Option<u32>,
    /// An index into the gallery's or the probes' templates.
    template: usize,
}

#[derive(Default)]
struct Listing {
    templates: Templates,
    /// By path, to find photos that are listed twice.
    photos: HashMap<String, Entered>,
    /// By name, each with its first row.
    named: HashMap<String, Entered>,
    media: HashMap<String, u32>,
    next_media: u32,
}

impl Listing {
    /// The number of the row's still or video.
    fn media(&mut self, row: &Row<'_>) -> u32 {
        let next = self.next_media;
        let number = match row.get("media") {
            Some(name) => *self.media.entry(name.to_owned()).or_insert(next),
            None => next,
        };
        self.next_media += u32::from(number == next);
        number
    }

    /// Enters the photo `image` into its template.
    fn add(&mut self, row: &Row<'_>, image: usize) -> Result<(), Error> {
        let cell = row.need("role")?;
        let role = match cell.to_ascii_lowercase().as_str() {
            "gallery" => Role::Gallery,
            "probe" => Role::Probe,
            _ => return Err(row.bad(format!("the role {} is neither gallery nor probe", quoted(cell)))),
        };
        let person = row.get("identity").map(|name| self.templates.people.number(name));
        if role == Role::Gallery && person.is_none() {
            return Err(row.bad("a photo of the gallery has no identity"));
        }

        let line = row.line();
        let path = row.need("path")?;
        if let Some(&before) = self.photos.get(path) {
            return Err(row.bad(self.twice(path, before, role, person)));
        }
        let new = match role {
            Role::Gallery => self.templates.gallery.len(),
            Role::Probe => self.templates.probes.len(),
        };
        let mut entered = Entered { line, role, person, template: new };
        if let Some(name) = row.get("template") {
            match self.named.entry(name.to_owned()) {
                Entry::Vacant(vacant) => {
                    vacant.insert(entered);
                }
                Entry::Occupied(occupied) => {
                    let before = *occupied.get();
                    let what = if before.role != role {
                        "in the other role"
                    } else if before.person != person {
                        "of another identity"
                    } else {
                        ""
                    };
                    if !what.is_empty() {
                        let (name, line) = (quoted(name), before.line);
                        return Err(row.bad(format!("the template {name} is {what} on line {line}")));
                    }
                    entered.template = before.template;
                }
            }
        }
        self.photos.insert(path.to_owned(), entered);
        self.enter(entered, new, image);
        Ok(())
    }

    /// Adds the photo to its template, or makes a template of it if its number is `new`.
    fn enter(&mut self, entered: Entered, new: usize, image: usize) {
        let Templates { gallery, probes, .. } = &mut self.templates;
        match (entered.role, entered.person) {
            (Role::Gallery, Some(identity)) if entered.template == new => {
                gallery.push(GalleryTemplate { identity, images: vec![image] });
            }
            (Role::Gallery, _) => gallery[entered.template].images.push(image),
            (Role::Probe, person) if entered.template == new => {
                probes.push(Probe { identity: None, person, group: None, images: vec![image] });
            }
            (Role::Probe, _) => probes[entered.template].images.push(image),
        }
    }

    fn twice(&self, path: &str, before: Entered, role: Role, person: Option<u32>) -> String {
        let (path, line) = (quoted(path), before.line);
        let name = |person: Option<u32>| match person {
            Some(person) => quoted(self.templates.people.name(person)),
            None => "nobody".to_owned(),
        };
        if before.person != person {
            format!("{path} shows {} here, but {} on line {line}", name(person), name(before.person))
        } else if before.role != role {
            format!("{path} is in the other role on line {line}: a photo must not be searched for in itself")
        } else {
            format!("{path} is listed on line {line} already")
        }
    }
}
