//! Photos and faces in JSON.

use analysis::Face;
use geometry::{Landmarks, Rect};
use serde::Serialize;
use serde_json::Value;

use super::scan::{Analyzed, Photo};
use console::path_value;

/// A photo and its faces, as JSON shows them.
#[derive(Serialize)]
pub struct PhotoRecord<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    path: Value,
    /// Size of the photo as it is looked at (after EXIF orientation), in pixels.
    width: u32,
    height: u32,
    faces: Vec<FaceRecord<'a>>,
    /// The picture with the faces drawn into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drawn: Option<Value>,
}

impl<'a> PhotoRecord<'a> {
    /// A photo whose faces are shown by `face`.
    pub fn new(
        photo: &Photo,
        found: &'a Analyzed,
        face: impl Fn(&'a Face) -> FaceRecord<'a>,
    ) -> PhotoRecord<'a> {
        PhotoRecord {
            kind: "photo",
            path: path_value(&photo.path),
            width: found.size.0,
            height: found.size.1,
            faces: found.faces.iter().map(face).collect(),
            drawn: None,
        }
    }
}

/// A face, as JSON shows it. Boxes and points are pixels of the photo as it is looked at (after EXIF orientation), angles
/// are degrees, qualities 0..100.
#[derive(Serialize)]
pub struct FaceRecord<'a> {
    /// Left, top, right, bottom.
    #[serde(rename = "box")]
    pub bounds: [f32; 4],
    /// The detector's score, 0..1.
    pub score: f32,
    /// Left eye, right eye, nose, left and right corner of the mouth, as seen in the picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landmarks: Option<[[f32; 2]; 5]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pose: Option<PoseRecord>,
    quality: QualityRecord,
    /// How far the photo must be turned clockwise for the face to be upright.
    #[serde(skip_serializing_if = "is_zero")]
    rotation: u32,
    /// What the crop was aligned by: `landmarks`, `box`, or `given`.
    alignment: String,
    /// L2 norm of the raw vector.
    #[serde(skip_serializing_if = "Option::is_none")]
    magnitude: Option<f32>,
    /// Unit vector.
    #[serde(skip_serializing_if = "Option::is_none")]
    embedding: Option<&'a [f32]>,
}

#[derive(Serialize)]
struct PoseRecord {
    yaw: f32,
    pitch: f32,
    roll: f32,
}

#[derive(Serialize)]
struct QualityRecord {
    score: f32,
    sharpness: f32,
    size: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pose: Option<f32>,
    exposure: f32,
    detector: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    magnitude: Option<f32>,
}

impl<'a> FaceRecord<'a> {
    /// A face without its vector.
    pub fn new(face: &Face) -> FaceRecord<'a> {
        let quality = &face.quality;
        FaceRecord {
            bounds: corners(&face.bounds),
            score: face.score,
            landmarks: face.landmarks.as_ref().map(points),
            pose: face.pose.map(|pose| PoseRecord {
                yaw: tenth(pose.yaw),
                pitch: tenth(pose.pitch),
                roll: tenth(pose.roll),
            }),
            quality: QualityRecord {
                score: tenth(quality.score),
                sharpness: tenth(quality.sharpness),
                size: tenth(quality.size),
                pose: quality.pose.map(tenth),
                exposure: tenth(quality.exposure),
                detector: tenth(quality.detector),
                magnitude: quality.magnitude.map(tenth),
            },
            rotation: face.rotation.degrees(),
            alignment: face.alignment.to_string(),
            magnitude: face.embedding.as_ref().map(|embedding| embedding.magnitude),
            embedding: None,
        }
    }

    /// A face with its vector.
    pub fn with_vector(face: &'a Face) -> FaceRecord<'a> {
        let embedding = face.embedding.as_ref().map(|embedding| &embedding.vector[..]);
        FaceRecord { embedding, ..FaceRecord::new(face) }
    }
}

fn corners(bounds: &Rect) -> [f32; 4] {
    [bounds.x1, bounds.y1, bounds.x2, bounds.y2].map(hundredth)
}

fn points(landmarks: &Landmarks) -> [[f32; 2]; 5] {
    landmarks.0.map(|point| [hundredth(point.x), hundredth(point.y)])
}

/// The `f64` that prints with the digits of the `f32`: 0.1 rather than 0.10000000149011612.
pub fn shortest(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

fn tenth(value: f32) -> f32 {
    // Adding 0 turns -0 into 0.
    (value * 10.0).round() / 10.0 + 0.0
}

fn hundredth(value: f32) -> f32 {
    (value * 100.0).round() / 100.0 + 0.0
}

fn is_zero(value: &u32) -> bool {
    *value == 0
}
