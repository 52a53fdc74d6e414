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
    /// ArcFace: square, drawn at 112 x 112; sides are multiples of 112 or of 128.
    Arcface,
    /// SphereFace and CosFace: 96 wide, 112 high.
    Sphereface,
}

impl Frame {
    /// Whether the template exists at this input size, in pixels.
    pub fn fits(self, width: u32, height: u32) -> bool {
        match self {
            Self::Arcface => {
                width == height && width > 0 && (width.is_multiple_of(112) || width.is_multiple_of(128))
            }
            Self::Sphereface => (width, height) == (96, 112),
        }
    }

    /// The target points at this input size, or `None` where [`Frame::fits`] is false.
    pub fn template(self, width: u32, height: u32) -> Option<geometry::Template> {
        if !self.fits(width, height) {
            return None;
        }
        match self {
            Self::Arcface => geometry::Template::arcface(width),
            Self::Sphereface => Some(geometry::Template::SPHEREFACE_96X112),
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
