//! The faces that are there, and which of them count.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use geometry::Rect;

use super::attributes::WiderAttributes;
use crate::Error;
use crate::protocols::files::{EXTENSIONS, locate, quoted};

/// The labelled faces of a set of images, with the lists of those that the easy, medium and hard evaluations count.
#[derive(Clone, Debug, PartialEq)]
pub struct WiderTruth {
    images: Vec<WiderImage>,
    lists: WiderLists,
}

/// One image and its faces.
#[derive(Clone, Debug, PartialEq)]
pub struct WiderImage {
    /// The path below the folder of images with `/`, without the extension: `EVENT/NAME`, such as
    /// `0--Parade/0_Parade_marchingband_1_465`.
    pub name: String,
    /// All labelled faces, those that no list counts too.
    pub faces: Vec<WiderFace>,
}

/// One labelled face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WiderFace {
    /// In pixels of the image: the labelled `x, y` and `x + width, y + height`. If the labelled size is negative, the
    /// box is turned inside out, and no detection meets it.
    pub rect: Rect,
    /// The other labels, where there are any.
    pub attributes: Option<WiderAttributes>,
    /// The lists that the face is on. One that is on none is neither missed nor a false find anywhere.
    pub subsets: WiderSubsets,
}

/// Which of the three evaluations count a face.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WiderSubsets {
    /// The easy one.
    pub easy: bool,
    /// The medium one, which has all the easy faces too.
    pub medium: bool,
    /// The hard one, which has all the medium faces too: nearly every face that can be evaluated.
    pub hard: bool,
}

impl WiderSubsets {
    /// Stands in for the official lists, which exist for WIDER FACE only: 50 pixels of height and more are easy, 30
    /// medium, 10 hard.
    ///
    /// The official lists were made by how often generic object proposals hit a face, which comes to about these
    /// heights. Numbers by this rule cannot be compared with published ones. Spec detection/03b, section 1.
    pub fn by_height(height: f32) -> Self {
        Self { easy: height >= 50.0, medium: height >= 30.0, hard: height >= 10.0 }
    }
}

/// Where the lists of easy, medium and hard faces come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WiderLists {
    /// They were given with the faces, as with WIDER FACE's validation set.
    Given,
    /// Made by [`WiderSubsets::by_height`], for labels that come without lists.
    ByHeight,
}

impl WiderTruth {
    /// A truth from memory, with the lists as the faces' [`subsets`](WiderFace::subsets) say.
    ///
    /// # Errors [`Error::Empty`] without images; [`Error::Image`] for a name that is empty, given twice or leads out
    /// of the folder, for a box that is not finite, for attributes out of range, and where some faces have attributes
    /// and others have not.
    pub fn new(images: Vec<WiderImage>) -> Result<Self, Error> {
        Self::with_lists(images, WiderLists::Given)
    }

    pub(super) fn with_lists(images: Vec<WiderImage>, lists: WiderLists) -> Result<Self, Error> {
        if images.is_empty() {
            return Err(Error::Empty { what: "image in the truth" });
        }
        let mut names = HashSet::new();
        let mut labelled = None;
        for image in &images {
            let bad = |problem| Error::Image { image: image.name.clone(), problem };
            check_name(&image.name).map_err(bad)?;
            if !names.insert(image.name.as_str()) {
                return Err(bad("the truth has it twice".to_owned()));
            }
            for (number, face) in (1..).zip(&image.faces) {
                let bad = |problem: String| bad(format!("face {number}: {problem}"));
                check_face(face).map_err(bad)?;
                if *labelled.get_or_insert(face.attributes.is_some()) != face.attributes.is_some() {
                    return Err(bad("some faces have attributes and others have not".to_owned()));
                }
            }
        }
        Ok(Self { images, lists })
    }

    /// The images in the order of the files, their names and faces.
    pub fn images(&self) -> &[WiderImage] {
        &self.images
    }

    /// Where the lists of easy, medium and hard faces come from. A report must say it unless they are given.
    pub fn lists(&self) -> WiderLists {
        self.lists
    }

    /// The photos of the images, in their order, to run a detector on.
    ///
    /// They are looked for in `root/WIDER_val/images`, `root/images` and `root` itself, as jpg, jpeg, png, webp or
    /// bmp; the first that is found decides for all.
    ///
    /// # Errors
    /// [`Error::MissingPhotos`] if any is absent: a result over some of the photos cannot be compared with anybody's.
    pub fn photos(&self, root: &Path) -> Result<Vec<PathBuf>, Error> {
        let folders = [root.join("WIDER_val").join("images"), root.join("images"), root.to_owned()];
        let names: Vec<String> = self.images.iter().map(|image| image.name.clone()).collect();
        locate(root, &folders, &EXTENSIONS, &names)
    }

    /// All faces, image after image.
    pub(super) fn faces(&self) -> impl Iterator<Item = &WiderFace> {
        self.images.iter().flat_map(|image| &image.faces)
    }
}

/// The name of an image from the path that a list has, whose extension is dropped; or what is wrong with it.
pub(super) fn image_name(path: &str) -> Result<String, String> {
    let name = match path.rsplit_once('.') {
        // Names may hold dots of their own, so only an extension of photos is one.
        Some((name, end)) if EXTENSIONS.iter().any(|known| end.eq_ignore_ascii_case(known)) => name,
        _ => path,
    };
    check_name(name).map(|()| name.to_owned())
}

/// Names become paths below a folder, and must not lead anywhere else.
fn check_name(name: &str) -> Result<(), String> {
    let inside = name.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if inside && !name.contains(['\\', ':', '\0']) {
        return Ok(());
    }
    Err(format!("{} is not the name of an image, such as EVENT/NAME", quoted(name)))
}

/// Larger than any photo, and small enough that areas are exact.
const MAX_COORDINATE: f64 = 1e6;

/// What is wrong with where a box is, by its corner and size.
pub(super) fn check_place([x, y, width, height]: [f64; 4]) -> Result<(), String> {
    // NaN is not below the limit either.
    if [x, y, width, height].iter().all(|value| value.abs() < MAX_COORDINATE) {
        return Ok(());
    }
    Err(format!("the box x {x}, y {y}, width {width}, height {height} is not in any photo"))
}

/// What is wrong with the size of a box. Not asked of the official labels, which have a face of negative width.
pub(super) fn check_size([_, _, width, height]: [f64; 4]) -> Result<(), String> {
    if width < 0.0 || height < 0.0 {
        return Err(format!("the box is {width} wide and {height} high, which is less than nothing"));
    }
    Ok(())
}

fn check_face(face: &WiderFace) -> Result<(), String> {
    let rect = face.rect;
    // Not `width()`, which is never negative.
    check_place([rect.x1, rect.y1, rect.x2 - rect.x1, rect.y2 - rect.y1].map(f64::from))?;
    face.attributes.map_or(Ok(()), |attributes| attributes.check())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(name: &str, faces: &[WiderFace]) -> WiderImage {
        WiderImage { name: name.to_owned(), faces: faces.to_vec() }
    }

    fn face(rect: Rect) -> WiderFace {
        WiderFace { rect, attributes: None, subsets: WiderSubsets::by_height(rect.height()) }
    }

    #[test]
    fn names_lose_only_the_extension_of_a_photo() {
        let cases = [
            ("0--Parade/a_1.jpg", "0--Parade/a_1"),
            ("0--Parade/a_1", "0--Parade/a_1"),
            ("e/Mr. X.JPEG", "e/Mr. X"),
            ("e/Mr. X", "e/Mr. X"),
            ("deep/er/a.png", "deep/er/a"),
        ];
        for (path, name) in cases {
            assert_eq!(image_name(path).as_deref(), Ok(name));
        }
        for path in ["", ".jpg", "e/", "/e/a", "../a", "e/../a", "e/./a", "C:/a", "e\\a", "e/a\0"] {
            assert!(image_name(path).is_err(), "{path}");
        }
    }

    #[test]
    fn what_cannot_be_evaluated_is_named() {
        let fine = face(Rect::new(1.0, 2.0, 30.0, 40.0));
        let labelled = WiderFace { attributes: Some(WiderAttributes::default()), ..fine };
        let wrong = WiderAttributes { blur: 7, ..WiderAttributes::default() };
        let cases = [
            (vec![], "no image in the truth"),
            (vec![image("e/a", &[]), image("e/a", &[])], "image e/a: the truth has it twice"),
            (vec![image("../a", &[])], "is not the name of an image"),
            (
                vec![image("e/a", &[fine, face(Rect::new(5.0, 5.0, -1e7, 9.0))])],
                "face 2: the box x 5, y 5, width",
            ),
            (vec![image("e/a", &[face(Rect::new(f32::NAN, 0.0, 1.0, 1.0))])], "face 1: the box x NaN"),
            (vec![image("e/a", &[face(Rect::new(0.0, 0.0, 1e30, 1.0))])], "is not in any photo"),
            (vec![image("e/a", &[WiderFace { attributes: Some(wrong), ..fine }])], "face 1: blur is 7"),
            (vec![image("e/a", &[fine]), image("e/b", &[labelled])], "image e/b: face 1: some faces have"),
        ];
        for (images, expected) in cases {
            let message = WiderTruth::new(images).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
