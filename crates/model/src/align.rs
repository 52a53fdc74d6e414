//! How the face is cut out of the photo before a network sees it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The way from a detected face to the pixels of the input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Align {
    /// Five landmarks are moved onto a template by a similarity transform (least squares, detection/08 section 2)
    /// and the photo is sampled through it.
    Template(Frame),
    /// The detector's box is enlarged about its centre by `scale` (1 = the box itself) and resized to the
    /// input size; its aspect ratio is not kept.
    Crop {
        /// Factor on width and height, 0.1..=10.
        scale: f32,
    },
}

/// A named set of five target points; the input size scales it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Frame {
    /// ArcFace: square, drawn at 112 x 112; sides are multiples of 112 or of 128, or 56 or 28.
    Arcface,
    /// SphereFace and CosFace: 96 wide, 112 high; or half or a quarter of it.
    Sphereface,
}

impl Frame {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Arcface, Self::Sphereface];

    /// Whether the template exists at this input size, in pixels.
    pub fn fits(self, width: u32, height: u32) -> bool {
        self.template(width, height).is_some()
    }

    /// The target points at this input size, or `None` where there are none.
    pub fn template(self, width: u32, height: u32) -> Option<geometry::Template> {
        match self {
            Self::Arcface => (width == height).then(|| geometry::Template::arcface(width))?,
            Self::Sphereface => geometry::Template::sphereface(width, height),
        }
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Arcface => "arcface",
            Self::Sphereface => "sphereface",
        })
    }
}
