//! What a detector finds, and what it is asked for.

use std::fmt;
use std::str::FromStr;

use geometry::{Landmarks, Rect};
use imaging::Image;

use crate::{Error, Result};

/// A face that a detector found, in pixels of the photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    /// The box around the face, roughly from forehead to chin. It may reach beyond the photo.
    pub bounds: Rect,
    /// How sure the detector is, 0..=1. Scores of different detectors are not comparable.
    pub score: f32,
    /// Five points, where the detector gives them.
    pub landmarks: Option<Landmarks>,
}

/// What is asked of a detector.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DetectOptions {
    /// Faces whose box is narrower or lower than this many pixels of the photo are left out. 0 leaves none out;
    /// MTCNN, whose work depends on it, then searches from 20 pixels on.
    pub min_face: f32,
    /// Only so many faces, the largest ones; 0 is no limit.
    pub max_faces: usize,
    /// Faces below this score are left out; `None` is the detector's own [`default_score`](Detector::default_score).
    pub score: Option<f32>,
    /// The size at which the network sees the photo.
    pub size: DetectSize,
    /// Try the photo in all four orientations, for photos that lost their EXIF orientation; detection takes four times
    /// as long. [`detect_turned`](crate::detect_turned) looks at it, the detectors themselves do not.
    pub try_rotations: bool,
}

/// The size at which a detector's network sees a photo.
///
/// A network that takes only one size is run at that size by [`Auto`](Self::Auto) and refuses any other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DetectSize {
    /// The photo's long side, but at least 320 and at most 640 pixels; then, where it can matter, a second look at
    /// a quarter of that size, for faces that fill the picture and are too large for the network's receptive field.
    #[default]
    Auto,
    /// The photo's own size, padded to what the network accepts, as OpenCV's `FaceDetectorYN` runs.
    Native,
    /// A square of this side in pixels; the photo is scaled up or down to fit.
    Fixed(u32),
}

impl DetectSize {
    /// The smallest side of [`Fixed`](Self::Fixed).
    pub const SMALLEST: u32 = 32;
    /// The largest side of [`Fixed`](Self::Fixed), and the longest side that runs at [`Native`](Self::Native)
    /// size: the activations of a network of 16 channels at half of 4096 x 4096 already take 256 MiB.
    pub const LARGEST: u32 = 4096;
}

impl FromStr for DetectSize {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "auto" => Ok(Self::Auto),
            "native" => Ok(Self::Native),
            number => match number.parse() {
                Ok(side @ Self::SMALLEST..=Self::LARGEST) => Ok(Self::Fixed(side)),
                _ => Err(Error::DetectSize { text: text.to_owned() }),
            },
        }
    }
}

impl fmt::Display for DetectSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.pad("auto"),
            Self::Native => f.pad("native"),
            Self::Fixed(side) => write!(f, "{side}"),
        }
    }
}

/// Something that finds faces in a photo.
pub trait Detector: Send + Sync {
    /// Name of the model, as in its manifest.
    fn name(&self) -> &str;

    /// The score from which on a face counts when the options name none.
    fn default_score(&self) -> f32;

    /// The faces of a photo, best score first, in pixels of the photo.
    ///
    /// # Errors
    /// [`Error::NetworkSize`] if the network does not take the size in `options`, [`Error::Engine`] or
    /// [`Error::Output`] if the network itself fails.
    fn detect(&self, photo: &Image, options: &DetectOptions) -> Result<Vec<Detection>>;
}

/// Applies `min_face` and `max_faces` and sorts by score; faces that lie outside the photo are dropped.
///
/// Every detector ends with it.
pub(crate) fn select(mut found: Vec<Detection>, photo: &Image, options: &DetectOptions) -> Vec<Detection> {
    let (width, height) = (photo.width() as f32, photo.height() as f32);
    found.retain(|face| {
        let bounds = &face.bounds;
        bounds.is_finite()
            && bounds.width() >= options.min_face
            && bounds.height() >= options.min_face
            && bounds.clip(width, height).area() > 0.0
    });
    if options.max_faces > 0 && found.len() > options.max_faces {
        found.sort_by(|a, b| b.bounds.area().total_cmp(&a.bounds.area()));
        found.truncate(options.max_faces);
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(x: f32, side: f32, score: f32) -> Detection {
        Detection { bounds: Rect::from_xywh(x, 10.0, side, side), score, landmarks: None }
    }

    #[test]
    fn sizes_are_read_and_written() {
        for (text, size) in
            [("auto", DetectSize::Auto), ("native", DetectSize::Native), ("320", DetectSize::Fixed(320))]
        {
            assert_eq!(text.parse::<DetectSize>().unwrap(), size);
            assert_eq!(size.to_string(), text);
        }
        for text in ["", "0", "31", "4097", "-320", "320x240", "Auto", "99999999999"] {
            assert!(matches!(text.parse::<DetectSize>(), Err(Error::DetectSize { .. })), "{text}");
        }
    }

    #[test]
    fn selects_the_largest_and_sorts_by_score() {
        let photo = Image::new(100, 100);
        let found =
            vec![face(5.0, 20.0, 0.7), face(30.0, 10.0, 0.99), face(50.0, 30.0, 0.8), face(300.0, 50.0, 0.9)];
        let scores = |options: DetectOptions| -> Vec<f32> {
            select(found.clone(), &photo, &options).iter().map(|face| face.score).collect()
        };
        assert_eq!(
            scores(DetectOptions::default()),
            [0.99, 0.8, 0.7],
            "the face beyond the photo is dropped"
        );
        assert_eq!(scores(DetectOptions { max_faces: 2, ..Default::default() }), [0.8, 0.7]);
        assert_eq!(scores(DetectOptions { min_face: 15.0, ..Default::default() }), [0.8, 0.7]);
        assert_eq!(scores(DetectOptions { min_face: f32::NAN, ..Default::default() }), [] as [f32; 0]);
    }

    #[test]
    fn broken_boxes_are_dropped() {
        let photo = Image::new(100, 100);
        let mut broken = face(5.0, 20.0, 0.9);
        broken.bounds.x2 = f32::INFINITY;
        assert!(select(vec![broken], &photo, &DetectOptions::default()).is_empty());
    }
}
