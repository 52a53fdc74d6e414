//! The ORL face database of AT&T Laboratories Cambridge: 40 people, ten photos each.
//!
//! The layout, as the archive unpacks: folders `s1` to `s40`, each with `1.pgm` to `10.pgm`, 92 x 112 pixels, grey.

use std::path::{Path, PathBuf};

use super::files::{EXTENSIONS, entries, locate};
use super::identification::{GalleryTemplate, IdentificationProtocol, Probe, Templates, stills};
use crate::Error;

const HELP: &str = "ORL's folder holds s1, s2, ...";

/// Where the people's folders are, as the archives unpack.
const FOLDERS: [&str; 3] = [".", "orl_faces", "att_faces"];

/// The first photos of each person, which are enrolled; the others are searched for.
const GALLERY: u32 = 5;

/// No person of any set in this layout has more photos.
const MOST_PHOTOS: u32 = 10_000;

/// Reads ORL, or any set in its layout, from the folder `root`, which holds `s1`, `s2`, ... (or `orl_faces` or
/// `att_faces` with them).
///
/// Photos 1 to 5 of each person are the gallery, each a template of its own, and the others are the probes, so all
/// probes are mated. Every person must have as many photos as the one with most. The photos are pgm, or have all been
/// converted to jpg, jpeg, png, webp or bmp.
///
/// Samaria and Harter, WACV 1994. The split is the one that the literature uses most (five photos to train, five to
/// test), though papers draw the five at random and take means.
///
/// # Errors
/// [`Error::Read`] and [`Error::Layout`] for the folders, [`Error::MissingPhotos`] if a number between 1 and the
/// largest is absent.
pub fn read_orl(root: &Path) -> Result<IdentificationProtocol, Error> {
    let layout = |path: &Path, problem: String| Error::Layout { path: path.to_owned(), problem };
    let mut people = Vec::new();
    let mut folder = root.to_owned();
    for name in FOLDERS {
        folder = if name == "." { root.to_owned() } else { root.join(name) };
        if name == "." || folder.is_dir() {
            people = people_in(&folder)?;
        }
        if !people.is_empty() {
            break;
        }
    }
    if people.is_empty() {
        return Err(layout(root, "there is nobody: folders s1, s2, ... were expected".to_owned()));
    }

    let mut photos = 0;
    for (_, path) in &people {
        photos = photos.max(last_photo(path)?);
    }
    if photos <= GALLERY {
        let problem = format!("nobody has more than {photos} photos, of which {GALLERY} are the gallery");
        return Err(layout(&folder, problem));
    }

    let mut templates = Templates::default();
    let mut names = Vec::new();
    for (name, _) in &people {
        let person = templates.people.number(name);
        for photo in 1..=photos {
            let images = vec![names.len()];
            names.push(format!("{name}/{photo}"));
            if photo <= GALLERY {
                templates.gallery.push(GalleryTemplate { identity: person, images });
            } else {
                templates.probes.push(Probe { identity: None, person: Some(person), group: None, images });
            }
        }
    }
    let extensions: Vec<&str> = ["pgm"].into_iter().chain(EXTENSIONS).collect();
    let images = locate(root, &[folder], &extensions, &names)?;
    templates.finish("ORL".to_owned(), root, stills(images))
}

/// The folders `s1`, `s2`, ... in the order of their numbers.
fn people_in(folder: &Path) -> Result<Vec<(String, PathBuf)>, Error> {
    let mut found: Vec<(u32, String, PathBuf)> = entries(folder, HELP)?
        .into_iter()
        .filter_map(|(name, path)| Some((number(name.strip_prefix('s')?)?, name, path)))
        .filter(|(_, _, path)| path.is_dir())
        .collect();
    found.sort();
    Ok(found.into_iter().map(|(_, name, path)| (name, path)).collect())
}

/// The largest number of a photo in a person's folder.
fn last_photo(folder: &Path) -> Result<u32, Error> {
    let mut last = 0;
    for (name, _) in entries(folder, HELP)? {
        let Some((stem, extension)) = name.rsplit_once('.') else { continue };
        if extension != "pgm" && !EXTENSIONS.contains(&extension) {
            continue;
        }
        if let Some(photo) = number(stem) {
            if photo > MOST_PHOTOS {
                let problem = format!("photo {photo}, where numbers from 1 to 10 were expected");
                return Err(Error::Layout { path: folder.to_owned(), problem });
            }
            last = last.max(photo);
        }
    }
    Ok(last)
}

/// A number from 1 as the set writes it: no sign, no leading zero.
fn number(text: &str) -> Option<u32> {
    let digits = text.starts_with(|first: char| first.is_ascii_digit() && first != '0');
    text.parse().ok().filter(|_| digits)
}
