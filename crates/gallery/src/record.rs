//! What a gallery keeps: a model, people, and the faces they were enrolled with.

use std::fmt;

use geometry::{Landmarks, Rect};
use model::{Embedding, FileHash, Fingerprint};

use crate::{Error, Result};

/// Longest name of a person, in characters.
pub const LONGEST_NAME: usize = 200;

/// Boxes of one face found twice differ by at most this many pixels per edge.
const SAME_FACE: f32 = 2.0;

/// How far the length of a vector may be from 1.
const UNIT_TOLERANCE: f64 = 1e-3;

const LARGEST_DIMENSION: usize = 65_536;
const LARGEST_CROP: usize = 16 << 20;
const LONGEST_PATH: usize = 64 << 10;
const LONGEST_LABEL: usize = 200;

/// The model whose templates a gallery holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelIdentity {
    /// Which model.
    pub fingerprint: Fingerprint,
    /// Its name, for people.
    pub name: String,
    /// Values per vector, 1..=65536.
    pub dimension: usize,
    /// Whether its embeddings are averaged with those of the mirrored face.
    pub flip: bool,
    /// Models whose templates may be compared with its own; from its manifest. Not stored in the gallery.
    pub compatible_with: Vec<Fingerprint>,
}

impl ModelIdentity {
    /// Whether templates of the two may stand in one gallery. Dimension and flip must be the same; the fingerprint
    /// too, unless one of the two declares the other compatible.
    pub fn accepts(&self, other: &Self) -> bool {
        (self.dimension, self.flip) == (other.dimension, other.flip)
            && (self.fingerprint == other.fingerprint
                || self.compatible_with.contains(&other.fingerprint)
                || other.compatible_with.contains(&self.fingerprint))
    }

    pub(crate) fn check(&self) -> Result<()> {
        if (1..=LARGEST_DIMENSION).contains(&self.dimension) {
            Ok(())
        } else {
            let reason = format!(
                "model {} has {} values per vector, allowed are 1 to {LARGEST_DIMENSION}",
                self.name, self.dimension
            );
            Err(Error::Face { reason })
        }
    }
}

impl fmt::Display for ModelIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flip = if self.flip { "with" } else { "without" };
        write!(f, "{} ({}, {} values, {flip} flip)", self.name, self.fingerprint.short(), self.dimension)
    }
}

/// Number of a person within one gallery; never used again after the person is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub i64);

/// Number of an enrolment within one gallery; never used again after it is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnrolmentId(pub i64);

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for EnrolmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One face of one photo: where an embedding comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Path of the photo as the system spells it; need not be UTF-8.
    pub path: Vec<u8>,
    /// SHA-256 of the photo's bytes: what makes two photos the same, wherever they lie.
    pub sha256: FileHash,
    /// The face's box in the photo as it is looked at (after EXIF orientation), in pixels.
    pub bounds: Rect,
    /// The face's five points in the same frame.
    pub landmarks: Option<Landmarks>,
}

impl Source {
    /// Whether the two are one face of one photo: same bytes, and boxes whose edges differ by at most 2 pixels.
    pub fn same_face(&self, other: &Self) -> bool {
        self.sha256 == other.sha256 && same_bounds(&self.bounds, &other.bounds)
    }

    pub(crate) fn check(&self) -> Result<()> {
        let refuse = |reason: &str| Err(Error::Face { reason: reason.to_owned() });
        if self.path.len() > LONGEST_PATH {
            return refuse("the path of its photo is longer than 64 KiB");
        }
        if !self.bounds.is_finite() {
            return refuse("its box is not finite");
        }
        match &self.landmarks {
            Some(points) if !points.0.iter().all(|point| point.is_finite()) => {
                refuse("its landmarks are not finite")
            }
            _ => Ok(()),
        }
    }
}

pub(crate) fn same_bounds(a: &Rect, b: &Rect) -> bool {
    let near = |a: f32, b: f32| (a - b).abs() <= SAME_FACE;
    near(a.x1, b.x1) && near(a.y1, b.y1) && near(a.x2, b.x2) && near(a.y2, b.y2)
}

/// A face to be enrolled.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    /// Its embedding.
    pub embedding: Embedding,
    /// Its quality, 0..=100.
    pub quality: f32,
    /// Where it was found.
    pub source: Source,
    /// The aligned crop as a JPEG or PNG file, so that the gallery can move to another model without the photo; at
    /// most 16 MiB.
    pub crop: Option<Vec<u8>>,
    /// The engine that ran the model, with its version.
    pub engine: String,
    /// The detector that found the face.
    pub detector: String,
}

impl Face {
    pub(crate) fn check(&self, dimension: usize) -> Result<()> {
        let refuse = |reason: String| Err(Error::Face { reason });
        check_vector(&self.embedding.vector, dimension)?;
        if !(self.embedding.magnitude.is_finite() && self.embedding.magnitude >= 0.0) {
            return refuse(format!(
                "its magnitude is {}, not a number of 0 or more",
                self.embedding.magnitude
            ));
        }
        if !(0.0..=100.0).contains(&self.quality) {
            return refuse(format!("its quality is {}, not in 0..=100", self.quality));
        }
        if self.crop.as_ref().is_some_and(|crop| crop.len() > LARGEST_CROP) {
            return refuse("its crop is larger than 16 MiB".to_owned());
        }
        for (what, label) in [("engine", &self.engine), ("detector", &self.detector)] {
            if label.chars().count() > LONGEST_LABEL {
                return refuse(format!("the name of its {what} is longer than {LONGEST_LABEL} characters"));
            }
        }
        self.source.check()
    }
}

/// Checks that a vector is finite, of unit length, and of the gallery's dimension.
pub(crate) fn check_vector(vector: &[f32], dimension: usize) -> Result<()> {
    let refuse = |reason: String| Err(Error::Face { reason });
    if vector.len() != dimension {
        return refuse(format!("its vector has {} values, the gallery's have {dimension}", vector.len()));
    }
    let length = vector.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt();
    if !length.is_finite() {
        return refuse("its vector has a value that is not finite".to_owned());
    }
    if (length - 1.0).abs() > UNIT_TOLERANCE {
        return refuse(format!("its vector has length {length:.4}, not 1"));
    }
    Ok(())
}

/// A person of the gallery.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// Number.
    pub id: PersonId,
    /// Name, unique in the gallery.
    pub name: String,
    /// When the person was added, in seconds since 1970 UTC.
    pub created: i64,
    /// How many faces the person is enrolled with.
    pub enrolments: usize,
    /// Mean quality of these faces, 0..=100; `None` without faces.
    pub mean_quality: Option<f32>,
    /// Quality of the best of them, 0..=100; `None` without faces.
    pub best_quality: Option<f32>,
}

/// A face that a person is enrolled with, without its vector and crop.
#[derive(Clone, Debug, PartialEq)]
pub struct Enrolment {
    /// Number.
    pub id: EnrolmentId,
    /// Whose face.
    pub person: PersonId,
    /// Length of the raw vector.
    pub magnitude: f32,
    /// Quality, 0..=100.
    pub quality: f32,
    /// Where it was found.
    pub source: Source,
    /// Whether the aligned crop is stored.
    pub has_crop: bool,
    /// The model that made the vector.
    pub fingerprint: Fingerprint,
    /// Whether the vector is averaged with that of the mirrored face.
    pub flip: bool,
    /// The engine that ran the model.
    pub engine: String,
    /// The detector that found the face.
    pub detector: String,
    /// When it was enrolled, in seconds since 1970 UTC.
    pub created: i64,
}

/// The name as it is stored: without white space around it.
pub(crate) fn name(name: &str) -> Result<&str> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Error::Name { reason: "must not be empty" });
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(Error::Name { reason: "must not be longer than 200 characters" });
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(byte: u8) -> ModelIdentity {
        ModelIdentity {
            fingerprint: Fingerprint([byte; 32]),
            name: format!("model-{byte}"),
            dimension: 4,
            flip: false,
            compatible_with: vec![],
        }
    }

    #[test]
    fn names_are_trimmed_and_of_any_script() {
        assert_eq!(name("  Grace Hopper\t").unwrap(), "Grace Hopper");
        assert_eq!(name("面 👩🏽‍🚀").unwrap(), "面 👩🏽‍🚀");
        assert_eq!(name("\0").unwrap(), "\0");
        assert!(name(&"面".repeat(200)).is_ok());
        assert!(name(&"面".repeat(201)).is_err());
        assert!(name(" \u{3000}\n").is_err());
    }

    #[test]
    fn twins_are_accepted_in_either_direction_unless_shape_or_flip_differ() {
        let (a, mut b) = (identity(1), identity(2));
        assert!(a.accepts(&a) && !a.accepts(&b));
        b.compatible_with = vec![a.fingerprint];
        assert!(a.accepts(&b) && b.accepts(&a));
        assert!(!a.accepts(&ModelIdentity { flip: true, ..b.clone() }));
        assert!(!a.accepts(&ModelIdentity { dimension: 5, ..b }));
    }

    #[test]
    fn one_face_of_one_photo() {
        let face = |x: f32, hash: u8| Source {
            path: b"a.jpg".to_vec(),
            sha256: FileHash([hash; 32]),
            bounds: Rect::new(x, 10.0, x + 50.0, 80.0),
            landmarks: None,
        };
        assert!(face(10.0, 1).same_face(&face(12.0, 1)));
        assert!(!face(10.0, 1).same_face(&face(12.5, 1)));
        assert!(!face(10.0, 1).same_face(&face(10.0, 2)));
    }

    #[test]
    fn vectors_are_checked() {
        assert!(check_vector(&[0.6, 0.8], 2).is_ok());
        for bad in
            [&[0.6f32, 0.8, 0.0][..], &[1.0, 1.0], &[f32::NAN, 1.0], &[f32::INFINITY, 0.0], &[0.0, 0.0]]
        {
            assert!(check_vector(bad, 2).is_err(), "{bad:?}");
        }
    }
}
