//! What is known of one face.

use geometry::{Landmarks, Pose, Rect, Rotation};
use imaging::Image;
use model::Embedding;

use crate::{Alignment, Quality};

/// A face of a photo. Coordinates are pixels of the photo as it was given.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    /// The box around the face; it may reach beyond the photo.
    pub bounds: Rect,
    /// How sure the detector is, 0..=1; 1 for faces that came aligned.
    pub score: f32,
    /// Five points, where the detector gives them. In a photo that is not upright they keep the order they have once
    /// it is.
    pub landmarks: Option<Landmarks>,
    /// Where the head is turned, from the landmarks, in the upright photo.
    pub pose: Option<Pose>,
    /// How good the face is for recognition, with its parts.
    pub quality: Quality,
    /// The clockwise turn after which the face is upright; always none unless rotations were tried.
    pub rotation: Rotation,
    /// What the crop was aligned by.
    pub alignment: Alignment,
    /// The face as a vector, if embeddings were asked for.
    pub embedding: Option<Embedding>,
    /// The aligned, upright face, if crops were asked for.
    pub crop: Option<Image>,
}
