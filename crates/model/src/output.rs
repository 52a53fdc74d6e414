//! What the numbers that come out of a network mean.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Kind;

/// The meaning of a model's outputs; it decides the [`Kind`] of the model.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Faces in a photo: boxes, scores and (all but UltraFace) five landmarks.
    Faces {
        /// The post-processing that turns tensors into boxes.
        decoder: Decoder,
        /// Names of the output tensors in the decoder's order; empty: the order of the file.
        names: Vec<String>,
    },
    /// One vector per aligned face.
    Embedding {
        /// Length of the vector.
        dimension: u32,
        /// How the L2 norm of the raw vector measures image quality, where it was trained to (MagFace).
        magnitude: Option<MagnitudeScale>,
        /// Name of the output tensor; empty: the first of the file.
        names: Vec<String>,
    },
    /// Three angles in degrees: yaw, pitch, roll; the answers of the files are averaged.
    HeadPose {
        /// Name of the output tensor; empty: the first of each file.
        names: Vec<String>,
    },
}

impl Output {
    /// The kind of model that has this output.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Faces { .. } => Kind::Detector,
            Self::Embedding { .. } => Kind::Embedder,
            Self::HeadPose { .. } => Kind::HeadPose,
        }
    }
}

/// What the magnitudes of a network say of quality. Each network has magnitudes of its own: those of two cannot be compared,
/// but their qualities can.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MagnitudeScale {
    /// The magnitude of a face of quality 50; above 0.
    pub half: f32,
    /// How much more it is for a quality of 73: `100 / (1 + exp((half - magnitude) / step))`. Above 0.
    pub step: f32,
}

impl Default for MagnitudeScale {
    /// That of OFIQ for MagFace as published.
    fn default() -> Self {
        Self { half: 23.0, step: 2.6 }
    }
}

impl MagnitudeScale {
    /// The quality of a face of this magnitude, in 0..=100.
    pub fn quality(self, magnitude: f32) -> f32 {
        let quality = 100.0 / (1.0 + ((self.half - magnitude) / self.step).exp());
        // What is no number says nothing good.
        if quality > 0.0 { quality } else { 0.0 }
    }
}

/// The detectors whose outputs can be read. A closed list: a decoder is code, so a manifest cannot add one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decoder {
    /// YuNet, twelve outputs (detection/02c).
    Yunet,
    /// SCRFD, six or nine outputs known by position (detection/02a).
    Scrfd,
    /// UltraFace RFB: scores and corner boxes relative to the picture, no landmarks.
    Ultraface,
    /// The three networks of MTCNN (detection/01).
    Mtcnn,
}

impl Decoder {
    /// Whether faces come with five landmarks, without which they cannot be aligned.
    pub fn has_landmarks(self) -> bool {
        self != Self::Ultraface
    }
}

impl fmt::Display for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Yunet => "yunet",
            Self::Scrfd => "scrfd",
            Self::Ultraface => "ultraface",
            Self::Mtcnn => "mtcnn",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qualities_rise_with_magnitudes() {
        let scale = MagnitudeScale::default();
        assert!((scale.quality(23.0) - 50.0).abs() < 1e-3 && (scale.quality(25.6) - 73.1).abs() < 0.1);
        assert!(scale.quality(40.0) > 99.0 && scale.quality(10.0) < 1.0);
        assert_eq!((scale.quality(f32::NAN), scale.quality(f32::INFINITY)), (0.0, 100.0));
    }
}
