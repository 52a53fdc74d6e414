//! What a detector found: from memory, or from the text files that the official evaluation reads.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};

use geometry::Rect;

use super::HELP;
use super::corners::Corners;
use super::truth::{check_place, check_size, image_name};
use crate::Error;
use crate::protocols::files::{bad_line, entries, lines, quoted, read_text_up_to};

/// Room for 100,000 detections in one image.
const MAX_BYTES: u64 = 8 << 20;

/// Detections in all files together, some 1,500 for each image of the validation set.
const MAX_DETECTIONS: usize = 5_000_000;

/// The detections in each image of a set.
#[derive(Clone, Debug, PartialEq)]
pub struct WiderPredictions {
    images: BTreeMap<String, Vec<Detection>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Detection {
    pub(super) corners: Corners,
    /// Finite.
    pub(super) score: f64,
}

impl WiderPredictions {
    /// Detections from memory: boxes in pixels of the image, and scores of any scale, more is more certain. Their
    /// order does not matter.
    ///
    /// The names are those of [`WiderTruth::images`](super::WiderTruth::images). An image in which nothing was found
    /// belongs here with an empty list. For AP, a detector should keep what it is hardly sure of (scores from 0.02 or
    /// less): AP is taken over all thresholds.
    ///
    /// # Errors
    /// [`Error::Image`] for a box or a score that is not finite.
    pub fn new(images: BTreeMap<String, Vec<(Rect, f32)>>) -> Result<Self, Error> {
        let checked = |(image, found): (String, Vec<(Rect, f32)>)| {
            let bad = |number, problem| Error::Image {
                image: image.clone(),
                problem: format!("detection {number} {problem}"),
            };
            let mut detections = Vec::with_capacity(found.len());
            for (number, (rect, score)) in (1..).zip(found) {
                if !rect.is_finite() {
                    return Err(bad(number, format!("is the box {rect:?}, which is not finite")));
                }
                if !score.is_finite() {
                    return Err(bad(number, format!("has the score {score}, which cannot be ranked")));
                }
                detections.push(Detection { corners: rect.into(), score: score.into() });
            }
            Ok((image, sorted(detections)))
        };
        Ok(Self { images: images.into_iter().map(checked).collect::<Result<_, _>>()? })
    }

    /// Reads the official layout: `dir/EVENT/NAME.txt` for each image, with the image's name, the number of
    /// detections, and for each a line `x y width height score`.
    ///
    /// The official programs rely on rows that are sorted by falling score; here they are sorted. Files of other
    /// kinds are passed over.
    ///
    /// # Errors [`Error::Read`] and [`Error::TooLarge`]; [`Error::Line`] for what does not fit the format, with a
    /// file whose first line names another image among it; [`Error::Layout`] without any file, or with far too many
    /// detections.
    pub fn read(dir: &Path) -> Result<Self, Error> {
        let mut images = BTreeMap::new();
        let mut total = 0;
        for (event, folder) in visible(dir)?.into_iter().filter(|(_, path)| path.is_dir()) {
            for (name, file) in visible(&folder)? {
                let Some(stem) = text_stem(&name).filter(|_| file.is_file()) else { continue };
                let detections = parse(&file, stem, &read_text_up_to(&file, MAX_BYTES, HELP)?)?;
                total += detections.len();
                if total > MAX_DETECTIONS {
                    let problem =
                        format!("there are more than {MAX_DETECTIONS} detections: keep fewer for each image");
                    return Err(Error::Layout { path: dir.to_owned(), problem });
                }
                let key = image_name(&format!("{event}/{stem}"))
                    .map_err(|problem| Error::Layout { path: file.clone(), problem })?;
                match images.entry(key) {
                    Entry::Vacant(entry) => entry.insert(detections),
                    Entry::Occupied(_) => {
                        let problem = "there are two files for the image".to_owned();
                        return Err(Error::Layout { path: file, problem });
                    }
                };
            }
        }
        if images.is_empty() {
            let problem =
                "there is no EVENT/NAME.txt: predictions belong in a folder for each event".to_owned();
            return Err(Error::Layout { path: dir.to_owned(), problem });
        }
        Ok(Self { images })
    }

    /// Images, those in which nothing was found among them.
    pub fn images(&self) -> usize {
        self.images.len()
    }

    /// Detections in all images.
    pub fn detections(&self) -> usize {
        self.images.values().map(Vec::len).sum()
    }

    /// The detections of each image by falling score.
    pub(super) fn by_image(&self) -> &BTreeMap<String, Vec<Detection>> {
        &self.images
    }
}

/// By falling score; equal ones stay in order. All scores are finite.
fn sorted(mut detections: Vec<Detection>) -> Vec<Detection> {
    detections.sort_by(|a, b| b.score.total_cmp(&a.score));
    detections
}

/// What a folder holds, in the order of the names, without hidden files.
fn visible(dir: &Path) -> Result<Vec<(String, PathBuf)>, Error> {
    Ok(entries(dir, HELP)?.into_iter().filter(|(name, _)| !name.starts_with('.')).collect())
}

/// The name of a text file without its extension.
fn text_stem(name: &str) -> Option<&str> {
    name.rsplit_once('.').filter(|(_, end)| end.eq_ignore_ascii_case("txt")).map(|(stem, _)| stem)
}

fn parse(path: &Path, stem: &str, text: &str) -> Result<Vec<Detection>, Error> {
    let mut rows = lines(text);
    let (line, row) = rows.next().ok_or_else(|| bad_line(path, 1, "the file is empty"))?;
    // Programs write the bare name, the name with its extension, or the whole path.
    let named = row.trim().rsplit(['/', '\\']).next().unwrap_or_default();
    let bare = |name: &str| image_name(name).unwrap_or_default();
    if bare(named) != bare(stem) {
        return Err(bad_line(
            path,
            line,
            format!("{} is not the image that the file is named for", quoted(row)),
        ));
    }
    let (line, row) =
        rows.next().ok_or_else(|| bad_line(path, line, "the number of detections does not follow"))?;
    let count: usize = row
        .trim()
        .parse()
        .map_err(|_| bad_line(path, line, format!("{} is not a number of detections", quoted(row))))?;
    let mut detections = Vec::new();
    for (line, row) in rows {
        detections.push(detection(row).map_err(|problem| bad_line(path, line, problem))?);
    }
    if detections.len() != count {
        let problem = format!("says {count} detections, but {} follow", detections.len());
        return Err(bad_line(path, line, problem));
    }
    Ok(sorted(detections))
}

fn detection(row: &str) -> Result<Detection, String> {
    let numbers: Option<Vec<f64>> = row.split_whitespace().map(|column| column.parse().ok()).collect();
    let Some([x, y, width, height, score]) = numbers.as_deref() else {
        return Err(format!("{} is not x y width height score", quoted(row)));
    };
    let xywh = [*x, *y, *width, *height];
    check_place(xywh)?;
    check_size(xywh)?;
    if !score.is_finite() {
        return Err(format!("the score {score} cannot be ranked"));
    }
    Ok(Detection { corners: Corners::from_xywh(*x, *y, *width, *height), score: *score })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Vec<Detection>, String> {
        parse(Path::new("e/a_1.txt"), "a_1", text).map_err(|error| error.to_string())
    }

    #[test]
    fn rows_are_sorted() {
        for first in ["a_1", "a_1.jpg", "e/a_1.jpg", "/data/e/a_1"] {
            let found = parsed(&format!("{first}\n3\n1 2 3 4 0.1\n5 6 7.5 8 0.9\n0 0 0 0 -0.5\n\n")).unwrap();
            let scores: Vec<f64> = found.iter().map(|detection| detection.score).collect();
            assert_eq!(scores, [0.9, 0.1, -0.5]);
            assert_eq!(found[0].corners, Corners::from_xywh(5.0, 6.0, 7.5, 8.0));
        }
        assert_eq!(parsed("a_1\n0\n").unwrap(), []);
    }

    #[test]
    fn bad_files_are_told_with_their_line() {
        let cases = [
            ("", "line 1: the file is empty"),
            ("b\n0\n", "line 1: \"b\" is not the image that the file is named for"),
            ("a_1\n", "line 1: the number of detections does not follow"),
            ("a_1\n1 2 3 4 5\n", "line 2: \"1 2 3 4 5\" is not a number of detections"),
            ("a_1\n2\n1 2 3 4 .5\n", "line 2: says 2 detections, but 1 follow"),
            ("a_1\n1\n1 2 3 4 .5\n1 2 3 4 .4\n", "line 2: says 1 detections, but 2 follow"),
            ("a_1\n1\n1 2 3 4\n", "line 3: \"1 2 3 4\" is not x y width height score"),
            ("a_1\n1\n1 2 3 4 5 6\n", "line 3: \"1 2 3 4 5 6\" is not"),
            ("a_1\n1\n1 2 3 4 nan\n", "line 3: the score NaN cannot be ranked"),
            ("a_1\n1\n1 2 3 inf .5\n", "line 3: the box x 1, y 2, width 3, height inf"),
            ("a_1\n1\n1 2 -3 4 .5\n", "line 3: the box is -3 wide"),
        ];
        for (text, expected) in cases {
            let message = parsed(text).unwrap_err();
            assert!(message.contains(expected), "{text:?} gave {message:?}, not {expected:?}");
        }
    }

    #[test]
    fn what_cannot_be_ranked_is_named() {
        let fine = Rect::new(0.0, 0.0, 9.0, 9.0);
        let endless = Rect::new(0.0, 0.0, f32::INFINITY, 9.0);
        for (detection, expected) in [
            ((fine, f32::NAN), "image e/a: detection 2 has the score NaN"),
            ((endless, 0.5), "image e/a: detection 2 is the box"),
        ] {
            let images = BTreeMap::from([("e/a".to_owned(), vec![(fine, 0.5), detection])]);
            let message = WiderPredictions::new(images).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
