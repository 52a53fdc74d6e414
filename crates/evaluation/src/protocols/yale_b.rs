//! The Extended Yale Face Database B: frontal faces under 64 directions of light.
//!
//! A photo's name carries pose and light: `yaleB01/yaleB01_P00A+005E-10.pgm` is person 01, pose 00 (frontal), light
//! at azimuth +5 and elevation -10 degrees from the camera's axis. `_Ambient` photos were taken without the light.

use std::collections::HashMap;
use std::path::Path;

use super::files::{EXTENSIONS, entries, quoted};
use super::identification::{GalleryTemplate, IdentificationProtocol, Probe, Templates, stills};
use crate::Error;

const HELP: &str = "the folder of Extended Yale B holds yaleB01, yaleB02, ...";

/// Where the people's folders are, as the archives unpack.
const FOLDERS: [&str; 3] = [".", "CroppedYale", "ExtendedYaleB"];

/// The largest angle in degrees between light and camera axis of subsets 1 to 4; subset 5 is beyond.
///
/// The papers say 12, 25, 50 and 77, and count 7, 12, 12, 14 (and 19) photos per person. The counts hold only if the
/// lights at azimuth 35, elevation 40, which are 51.1 degrees from the axis, are in subset 3. No light of the set is
/// within half a degree of the values here, so that rounding cannot move one.
const SUBSETS: [f64; 4] = [12.5, 25.5, 52.0, 77.5];

/// Reads Extended Yale B, original or cropped, from the folder `root`, which holds `yaleB01`, `yaleB02`, ... (or
/// `CroppedYale` or `ExtendedYaleB` with them).
///
/// The photos of subset 1 (light within 12 degrees of the camera's axis) are the gallery, each a template of its own;
/// the photos of subsets 2 to 5 (within 25, 50 and 77 degrees, and beyond) are the probes, all mated, in four groups.
/// Only the frontal pose 00 is read, and no ambient photo. Photos that the set itself marks as damaged (`.bad`) are
/// no photos. They may have been converted to jpg, jpeg, png, webp or bmp.
///
/// Georghiades, Belhumeur, Kriegman, PAMI 2001; Lee, Ho, Kriegman, PAMI 2005.
///
/// # Errors
/// [`Error::Read`] and [`Error::Layout`] for the folders: a photo in another person's folder, one light twice, a person
/// without a photo of subset 1, nobody at all.
pub fn read_yale_b(root: &Path) -> Result<IdentificationProtocol, Error> {
    let mut people = Vec::new();
    for name in FOLDERS {
        let folder = if name == "." { root.to_owned() } else { root.join(name) };
        if name == "." || folder.is_dir() {
            people = entries(&folder, HELP)?;
            people.retain(|(name, path)| person_number(name).is_some() && path.is_dir());
        }
        if !people.is_empty() {
            break;
        }
    }
    if people.is_empty() {
        let problem = "there is nobody: folders yaleB01, yaleB02, ... were expected".to_owned();
        return Err(Error::Layout { path: root.to_owned(), problem });
    }

    let mut templates =
        Templates { groups: (2..=5).map(|n| format!("subset {n}")).collect(), ..Templates::default() };
    let mut paths = Vec::new();
    for (name, folder) in people {
        let layout = |problem| Error::Layout { path: folder.clone(), problem };
        let person = templates.people.number(&name);
        let enrolled = templates.gallery.len();
        let mut lights = HashMap::new();
        for (file, path) in entries(&folder, HELP)? {
            let Some(photo) = Photo::parse(&file).map_err(layout)? else { continue };
            if Some(photo.person) != person_number(&name) {
                return Err(layout(format!("{} is a photo of another person", quoted(&file))));
            }
            if let Some(other) = lights.insert((photo.azimuth, photo.elevation), file.clone()) {
                let (file, other) = (quoted(&file), quoted(&other));
                return Err(layout(format!("{other} and {file} are photos under one light")));
            }
            let images = vec![paths.len()];
            paths.push(path);
            match photo.subset() {
                1 => templates.gallery.push(GalleryTemplate { identity: person, images }),
                subset => templates.probes.push(Probe {
                    identity: None,
                    person: Some(person),
                    group: Some(subset - 2),
                    images,
                }),
            }
        }
        if templates.gallery.len() == enrolled {
            return Err(layout(
                "there is no photo of subset 1 (light within 12 degrees) to enrol".to_owned(),
            ));
        }
    }
    templates.finish("Extended Yale B".to_owned(), root, stills(paths))
}

/// 1 for `yaleB01`.
fn person_number(folder: &str) -> Option<u32> {
    number(folder.strip_prefix("yaleB")?, 2)
}

/// A number of exactly so many digits.
fn number(text: &str, digits: usize) -> Option<u32> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// A number of exactly so many digits after a sign.
fn signed(text: &str, digits: usize) -> Option<i32> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    Some(sign * number(rest, digits)? as i32)
}

/// A frontal photo by its name.
#[derive(Debug, PartialEq, Eq)]
struct Photo {
    person: u32,
    /// In degrees, positive to the right of the person.
    azimuth: i32,
    /// In degrees, positive above the camera's axis.
    elevation: i32,
}

impl Photo {
    /// `None` for what is no photo of this protocol: another file, another pose, ambient light.
    fn parse(file: &str) -> Result<Option<Self>, String> {
        let Some((stem, extension)) = file.rsplit_once('.') else { return Ok(None) };
        let photo = extension == "pgm" || EXTENSIONS.contains(&extension);
        if !photo || !stem.starts_with("yaleB") || stem.ends_with("_Ambient") {
            return Ok(None);
        }
        let unknown = || format!("{} is not named like yaleB01_P00A+005E-10.pgm", quoted(file));
        let (person, pose, light) = stem
            .split_once("_P")
            .and_then(|(person, rest)| {
                let (pose, light) = rest.split_once('A')?;
                Some((person_number(person)?, number(pose, 2)?, light))
            })
            .ok_or_else(unknown)?;
        let (azimuth, elevation) = light
            .split_once('E')
            .and_then(|(azimuth, elevation)| Some((signed(azimuth, 3)?, signed(elevation, 2)?)))
            .ok_or_else(unknown)?;
        if azimuth.abs() > 180 || elevation.abs() > 90 {
            return Err(format!("{} has a light beyond 180 or 90 degrees", quoted(file)));
        }
        Ok((pose == 0).then_some(Self { person, azimuth, elevation }))
    }

    /// Between light and camera axis, in degrees.
    fn angle(&self) -> f64 {
        let [azimuth, elevation] = [self.azimuth, self.elevation].map(|angle| f64::from(angle).to_radians());
        (azimuth.cos() * elevation.cos()).clamp(-1.0, 1.0).acos().to_degrees()
    }

    /// 1 to 5.
    fn subset(&self) -> usize {
        let angle = self.angle();
        1 + SUBSETS.iter().filter(|most| angle > **most).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The 64 lights of every person: these and the mirrored ones of those that are not at azimuth 0.
    #[rustfmt::skip]
    const LIGHTS: [(i32, i32); 35] = [
        (0, 0), (0, 20), (0, 45), (0, 90), (0, -20), (0, -35), (5, 10), (5, -10), (10, 0), (10, -20), (15, 20),
        (20, 10), (20, -10), (20, -40), (25, 0), (35, 15), (35, 40), (35, 65), (35, -20), (50, 0), (50, -40),
        (60, 20), (60, -20), (70, 0), (70, 45), (70, -35), (85, 20), (85, -20), (95, 0), (110, 15), (110, 40),
        (110, 65), (110, -20), (120, 0), (130, 20),
    ];

    #[test]
    fn subsets_have_the_sizes_that_the_papers_count() {
        let mut sizes = [0; 5];
        for (azimuth, elevation) in LIGHTS {
            let photo = Photo { person: 1, azimuth, elevation };
            sizes[photo.subset() - 1] += if azimuth == 0 { 1 } else { 2 };
        }
        assert_eq!(sizes, [7, 12, 12, 14, 19]);
    }

    #[test]
    fn names() {
        let photo = |person, azimuth, elevation| Ok(Some(Photo { person, azimuth, elevation }));
        let cases = [
            ("yaleB01_P00A+005E-10.pgm", photo(1, 5, -10)),
            ("yaleB39_P00A-130E+20.png", photo(39, -130, 20)),
            ("yaleB11_P08A+000E+00.pgm", Ok(None)),
            ("yaleB11_P00_Ambient.pgm", Ok(None)),
            ("yaleB11_P00A+050E-40.pgm.bad", Ok(None)),
            ("yaleB11_P00.info", Ok(None)),
            ("Thumbs.db", Ok(None)),
            ("README", Ok(None)),
        ];
        for (name, expected) in cases {
            assert_eq!(Photo::parse(name), expected, "{name}");
        }
        for name in [
            "yaleB1_P00A+005E-10.pgm",
            "yaleB01_P00A005E-10.pgm",
            "yaleB01_P00A+05E-10.pgm",
            "yaleB01_P00A+005E-100.pgm",
            "yaleB01_P00A+005.pgm",
            "yaleB01_P00A+\u{e9}5E-10.pgm",
            "yaleB01.jpg",
        ] {
            let message = Photo::parse(name).unwrap_err();
            assert!(message.contains("is not named like yaleB01_P00A+005E-10.pgm"), "{name}: {message}");
        }
        assert!(Photo::parse("yaleB01_P00A+185E-10.pgm").unwrap_err().contains("beyond 180"));
    }
}
