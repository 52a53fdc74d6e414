//! Labels in text files: the data set's own, and those with landmarks that detectors are trained on.

use std::collections::HashSet;
use std::path::Path;

use geometry::Rect;

use super::HELP;
use super::attributes::WiderAttributes;
use super::truth::{
    WiderFace, WiderImage, WiderLists, WiderSubsets, WiderTruth, check_place, check_size, image_name,
};
use crate::Error;
use crate::protocols::files::{bad_line, lines, quoted, read_text_up_to};

/// The training set with landmarks, the longest of these files, has some 30 MB.
const MAX_BYTES: u64 = 64 << 20;

impl WiderTruth {
    /// Reads `wider_face_split/wider_face_val_bbx_gt.txt`, or any file in its layout.
    ///
    /// For each image a line with its path, a line with the number of faces, and for each face a line `x y width
    /// height blur expression illumination invalid occlusion pose`. An image without faces has one such line of zeros
    /// all the same.
    ///
    /// The file does not say which faces are easy, medium and hard: they are listed by their height
    /// ([`WiderSubsets::by_height`]), invalid ones not at all. For numbers to compare with published ones,
    /// [`read_official`](Self::read_official) is needed.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::TooLarge`], and [`Error::Line`] for what does not fit the format.
    pub fn read_annotations(file: &Path) -> Result<Self, Error> {
        let text = read_text_up_to(file, MAX_BYTES, HELP)?;
        Self::with_lists(parse_annotations(file, &text)?, WiderLists::ByHeight)
    }

    /// Reads `labelv2.txt`, the labels that SCRFD and RetinaFace are trained on, of any set.
    ///
    /// For each image a line `# PATH WIDTH HEIGHT`, and for each face a line `x1 y1 x2 y2`, which may be followed by
    /// 1 if the face does not count, or by five landmarks `x y visible` (and one number more), which are checked but
    /// not used here. Spec detection/02a, section 3.
    ///
    /// The file has neither attributes nor lists: faces are listed by their height ([`WiderSubsets::by_height`]).
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::TooLarge`], and [`Error::Line`] for what does not fit the format.
    pub fn read_labels_v2(file: &Path) -> Result<Self, Error> {
        let text = read_text_up_to(file, MAX_BYTES, HELP)?;
        Self::with_lists(parse_labels_v2(file, &text)?, WiderLists::ByHeight)
    }
}

fn parse_annotations(path: &Path, text: &str) -> Result<Vec<WiderImage>, Error> {
    let mut images = Images::new(path);
    let mut rows = lines(text).peekable();
    while let Some((line, row)) = rows.next() {
        images.start(line, row.trim())?;
        let Some((count_line, row)) = rows.next() else {
            return Err(bad_line(path, line, "the number of faces does not follow"));
        };
        let bad = |problem| bad_line(path, count_line, problem);
        let count: usize =
            row.trim().parse().map_err(|_| bad(format!("{} is not a number of faces", quoted(row))))?;
        for number in 1..=count {
            let Some((line, row)) = rows.next() else {
                return Err(bad(format!("the file ends before face {number} of {count}")));
            };
            images.push(annotated(row).map_err(|problem| bad_line(path, line, problem))?);
        }
        if count == 0 {
            rows.next_if(|(_, row)| row.split_whitespace().all(|column| column == "0"));
        }
    }
    images.finish()
}

fn annotated(row: &str) -> Result<WiderFace, String> {
    let [x, y, width, height, labels @ ..] = columns::<10>(row).ok_or_else(|| {
        format!("{} is not x y width height blur expression illumination invalid occlusion pose", quoted(row))
    })?;
    let attributes = WiderAttributes::from_columns(labels)?;
    face([x, y, width, height], Some(attributes), attributes.invalid)
}

fn parse_labels_v2(path: &Path, text: &str) -> Result<Vec<WiderImage>, Error> {
    let mut images = Images::new(path);
    for (line, row) in lines(text) {
        let bad = |problem| bad_line(path, line, problem);
        if let Some(header) = row.trim().strip_prefix('#') {
            // The path may hold spaces, the two sizes at the end cannot.
            let mut parts = header.trim().rsplitn(3, char::is_whitespace);
            let mut size = || parts.next()?.parse::<u32>().ok();
            let (Some(_), Some(_), Some(name)) = (size(), size(), parts.next()) else {
                return Err(bad(format!("{} is not # PATH WIDTH HEIGHT", quoted(row))));
            };
            images.start(line, name.trim())?;
        } else if images.images.is_empty() {
            return Err(bad("a face comes before the first image's # PATH WIDTH HEIGHT".to_owned()));
        } else {
            images.push(label_v2(row).map_err(bad)?);
        }
    }
    images.finish()
}

fn label_v2(row: &str) -> Result<WiderFace, String> {
    let ([x1, y1, x2, y2], ignored) = columns::<4>(row)
        .map(|corners| (corners, false))
        .or_else(|| columns::<5>(row).map(|[x1, y1, x2, y2, ignored]| ([x1, y1, x2, y2], ignored == 1.0)))
        .or_else(|| columns::<19>(row).map(|[x1, y1, x2, y2, ..]| ([x1, y1, x2, y2], false)))
        .or_else(|| columns::<20>(row).map(|[x1, y1, x2, y2, ..]| ([x1, y1, x2, y2], false)))
        .ok_or_else(|| {
            format!("{} is not x1 y1 x2 y2, alone or with an ignore flag or five landmarks", quoted(row))
        })?;
    let xywh = [x1, y1, x2 - x1, y2 - y1];
    check_size(xywh)?;
    face(xywh, None, ignored)
}

/// A face that is listed by its height, or nowhere if it is `ignored`.
fn face(xywh: [f64; 4], attributes: Option<WiderAttributes>, ignored: bool) -> Result<WiderFace, String> {
    check_place(xywh)?;
    let [x, y, width, height] = xywh.map(|value| value as f32);
    // The validation set has eleven boxes without extent, which nobody can find.
    let listed = !ignored && width > 0.0 && height > 0.0;
    let subsets = if listed { WiderSubsets::by_height(height) } else { WiderSubsets::default() };
    Ok(WiderFace { rect: Rect::from_xywh(x, y, width, height), attributes, subsets })
}

/// The numbers of a row, if there are exactly `N`.
fn columns<const N: usize>(row: &str) -> Option<[f64; N]> {
    let mut columns = row.split_whitespace();
    let mut numbers = [0.0; N];
    for number in &mut numbers {
        *number = columns.next()?.parse().ok()?;
    }
    columns.next().is_none().then_some(numbers)
}

/// The images of a file, as they are read.
struct Images<'a> {
    path: &'a Path,
    names: HashSet<String>,
    images: Vec<WiderImage>,
}

impl<'a> Images<'a> {
    fn new(path: &'a Path) -> Self {
        Self { path, names: HashSet::new(), images: Vec::new() }
    }

    fn start(&mut self, line: usize, path: &str) -> Result<(), Error> {
        let bad = |problem| bad_line(self.path, line, problem);
        let name = image_name(path).map_err(bad)?;
        if !self.names.insert(name.clone()) {
            return Err(bad(format!("the file has image {} twice", quoted(&name))));
        }
        self.images.push(WiderImage { name, faces: Vec::new() });
        Ok(())
    }

    /// A face of the image that was started last.
    fn push(&mut self, face: WiderFace) {
        if let Some(image) = self.images.last_mut() {
            image.faces.push(face);
        }
    }

    fn finish(self) -> Result<Vec<WiderImage>, Error> {
        if self.images.is_empty() {
            Err(bad_line(self.path, 1, "the file is empty"))
        } else {
            Ok(self.images)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Parse = fn(&Path, &str) -> Result<Vec<WiderImage>, Error>;

    fn refused(parse: Parse, cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            let message = parse(Path::new("labels.txt"), text).unwrap_err().to_string();
            assert!(message.contains(expected), "{text:?} gave {message:?}, not {expected:?}");
        }
    }

    #[test]
    fn annotations() {
        let text = "e--E/a.jpg\n3\n1026 474 -2 23 2 0 0 0 0 0\n10 20 30 50 0 1 0 0 2 1 \n1 2 40 9 2 0 1 0 0 0 \n\
                    e--E/b.jpg\n0\n0 0 0 0 0 0 0 0 0 0 \n\
                    e--E/c.jpg\r\n1\r\n5 5 60 60 2 0 0 1 2 0\r\n";
        let images = parse_annotations(Path::new(""), text).unwrap();
        let names: Vec<&str> = images.iter().map(|image| image.name.as_str()).collect();
        assert_eq!(names, ["e--E/a", "e--E/b", "e--E/c"]);
        let counts: Vec<usize> = images.iter().map(|image| image.faces.len()).collect();
        assert_eq!(counts, [3, 0, 1]);

        let first = images[0].faces[1];
        assert_eq!(first.rect, Rect::new(10.0, 20.0, 40.0, 70.0));
        let attributes = first.attributes.unwrap();
        assert_eq!((attributes.expression, attributes.occlusion, attributes.pose), (1, 2, 1));
        assert_eq!(first.subsets, WiderSubsets { easy: true, medium: true, hard: true });
        // Without extent, too low for any list, and invalid.
        assert_eq!(images[0].faces[0].subsets, WiderSubsets::default());
        assert_eq!(images[0].faces[2].subsets, WiderSubsets::default());
        assert_eq!(images[2].faces[0].subsets, WiderSubsets::default());
    }

    #[test]
    fn bad_annotations_are_told_with_their_line() {
        refused(
            parse_annotations,
            &[
                ("", "line 1: the file is empty"),
                ("e/a.jpg\n", "line 1: the number of faces does not follow"),
                ("e/a.jpg\nx\n", "line 2: \"x\" is not a number of faces"),
                ("e/a.jpg\n-1\n", "line 2: \"-1\" is not a number of faces"),
                ("e/a.jpg\n99999999999999\n", "line 2: the file ends before face 1 of 99999999999999"),
                ("e/a.jpg\n1\n1 2 3 4\n", "line 3: \"1 2 3 4\" is not x y width height blur"),
                ("e/a.jpg\n1\n1 2 3 4 0 0 0 0 0 0 0\n", "line 3: \"1 2 3 4 0 0 0 0 0 0 0\" is not"),
                ("e/a.jpg\n1\n1 2 3 4 3 0 0 0 0 0\n", "line 3: blur is 3, where 0 to 2"),
                ("e/a.jpg\n1\nnan 2 3 4 0 0 0 0 0 0\n", "line 3: the box x NaN"),
                ("e/a.jpg\n1\n1 2 1e9 4 0 0 0 0 0 0\n", "is not in any photo"),
                ("e/a.jpg\n0\ne/a.png\n0\n", "line 3: the file has image \"e/a\" twice"),
                ("../a.jpg\n0\n", "line 1: \"../a\" is not the name of an image"),
                ("e/a.jpg\n2\n1 2 3 4 0 0 0 0 0 0\ne/b.jpg\n0\n", "line 4: \"e/b.jpg\" is not x y"),
            ],
        );
    }

    #[test]
    fn labels_v2() {
        let landmarks = "1 2 0 3 4 0 5 6 1 7 8 0 9 10 0";
        let text = format!(
            "# e--E/a b.jpg 1024 678\n345 211 349 251\n1 1 50 61 1\n1 1 50 31 0\n\
             # e--E/c.jpg 10 20\n# d.jpg 10 20\n1 2 3.5 54 {landmarks}\n1 2 3 4 {landmarks} 0.9\n"
        );
        let images = parse_labels_v2(Path::new(""), &text).unwrap();
        let names: Vec<&str> = images.iter().map(|image| image.name.as_str()).collect();
        assert_eq!(names, ["e--E/a b", "e--E/c", "d"]);
        assert_eq!(images[0].faces[0].rect, Rect::new(345.0, 211.0, 349.0, 251.0));
        let medium = WiderSubsets { easy: false, medium: true, hard: true };
        assert_eq!(images[0].faces[0].subsets, medium);
        // The flag takes the second off every list.
        assert_eq!(images[0].faces[1].subsets, WiderSubsets::default());
        assert_eq!(images[0].faces[2].subsets, medium);
        assert_eq!((images[1].faces.len(), images[2].faces.len()), (0, 2));
        assert!(images.iter().flat_map(|image| &image.faces).all(|face| face.attributes.is_none()));
    }

    #[test]
    fn bad_labels_v2_are_told_with_their_line() {
        refused(
            parse_labels_v2,
            &[
                ("\n\n", "line 1: the file is empty"),
                ("1 2 3 4\n", "line 1: a face comes before the first image's"),
                ("# a.jpg\n", "line 1: \"# a.jpg\" is not # PATH WIDTH HEIGHT"),
                ("# 10 20\n", "line 1: \"# 10 20\" is not"),
                ("# a.jpg 10 x\n", "is not # PATH WIDTH HEIGHT"),
                ("# /a.jpg 10 20\n", "line 1: \"/a\" is not the name of an image"),
                ("# a.jpg 10 20\n1 2 3\n", "line 2: \"1 2 3\" is not x1 y1 x2 y2"),
                ("# a.jpg 10 20\n1 2 3 4 5 6\n", "line 2: \"1 2 3 4 5 6\" is not"),
                ("# a.jpg 10 20\n1 2 3 x\n", "line 2: \"1 2 3 x\" is not"),
                ("# a.jpg 10 20\n9 2 3 4\n", "line 2: the box is -6 wide"),
                ("# a.jpg 10 20\n# a.jpg 10 20\n", "line 2: the file has image \"a\" twice"),
            ],
        );
    }
}
