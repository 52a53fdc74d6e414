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
        /// The L2 norm of the raw vector was trained to measure image quality (MagFace).
        magnitude_is_quality: bool,
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
