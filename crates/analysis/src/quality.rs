//! How good a face is for recognition.

use geometry::Pose;
use imaging::Image;

use crate::align::sound_landmarks;
use crate::{AlignedCrop, Detection};

/// How good a face is for recognition, 0..=100, and the parts of that number, each 0..=100, higher is better.
///
/// The parts are named as in ISO/IEC 29794-5 and its open implementation OFIQ, and like theirs are monotone maps of
/// plain measurements. The whole is their weighted geometric mean: one bad part is not made up for by good ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// The whole.
    pub score: f32,
    /// How much of the finest detail that the crop could show is there; low for blur and motion. Detail beyond the
    /// photo's own resolution is not asked for: that is `size`.
    pub sharpness: f32,
    /// Pixels between the eyes, in the photo: 0 from 8 on, 100 from 64 on, logarithmic between.
    pub size: f32,
    /// How far the head is turned away: 100 up to 10 degrees, then falling as the square of the cosine. `None` where
    /// there are no landmarks; the whole then does without it.
    pub pose: Option<f32>,
    /// Whether the face is neither too dark, nor too bright, nor without contrast.
    pub exposure: f32,
    /// The detector's own score.
    pub detector: f32,
    /// The length of the embedder's raw vector, for models trained so that it measures quality.
    pub magnitude: Option<f32>,
}

/// What a face's quality is computed from.
pub(crate) struct Measured<'a> {
    pub(crate) found: &'a Detection,
    pub(crate) crop: &'a AlignedCrop,
    pub(crate) pose: Option<Pose>,
    pub(crate) magnitude: Option<f32>,
}

/// Weights of the parts. Sharpness and size say whether there is detail at all; a detector's score says little more.
const SHARPNESS: f32 = 0.25;
const SIZE: f32 = 0.25;
const POSE: f32 = 0.25;
const EXPOSURE: f32 = 0.15;
const DETECTOR: f32 = 0.1;
/// The magnitude, where there is one, counts as much as all others together: it was trained for the purpose.
const MAGNITUDE: f32 = 1.0;

/// The quality of a face.
pub(crate) fn assess(face: &Measured<'_>) -> Quality {
    let light = Light::of(&face.crop.image, face.crop.scale);
    let sharpness = light.sharpness();
    let exposure = light.exposure();
    let size = size(eye_distance(face.found));
    let pose = face.pose.map(pose);
    let detector = percent(face.found.score);
    let magnitude = face.magnitude.map(magnitude);
    let parts = [
        Some((sharpness, SHARPNESS)),
        Some((size, SIZE)),
        pose.map(|part| (part, POSE)),
        Some((exposure, EXPOSURE)),
        Some((detector, DETECTOR)),
        magnitude.map(|part| (part, MAGNITUDE)),
    ];
    Quality { score: whole(&parts), sharpness, size, pose, exposure, detector, magnitude }
}

/// The weighted geometric mean. A part counts as 1 at least, so that faces with one part at its end can still be told
/// apart by the others.
fn whole(parts: &[Option<(f32, f32)>]) -> f32 {
    let (mut logarithms, mut weights) = (0.0, 0.0);
    for (part, weight) in parts.iter().flatten() {
        logarithms += weight * part.max(1.0).ln();
        weights += weight;
    }
    (logarithms / weights).exp().clamp(0.0, 100.0)
}

fn percent(fraction: f32) -> f32 {
    // NaN becomes 0.
    if fraction > 0.0 { 100.0 * fraction.min(1.0) } else { 0.0 }
}

/// Pixels between the eyes of the photo. A face that is turned to the side shows them nearer to each other, so the
/// height from eyes to mouth counts too, in the proportion that it has in ArcFace's template. Without landmarks both come
/// from the box (measured as said in `align`).
fn eye_distance(found: &Detection) -> f32 {
    const EYES_OF_HEIGHT: f32 = 35.24 / 40.69;
    const EYES_OF_BOX: f32 = 35.24 / 93.7;
    match sound_landmarks(found) {
        Some(points) => {
            let eyes = points.left_eye().midpoint(points.right_eye());
            let mouth = points.left_mouth().midpoint(points.right_mouth());
            points.eye_distance().max(EYES_OF_HEIGHT * eyes.distance(mouth))
        }
        None => EYES_OF_BOX * found.bounds.area().sqrt(),
    }
}

fn size(eye_distance: f32) -> f32 {
    percent((eye_distance / 8.0).log2() / 3.0)
}

/// OFIQ's cosine map of an angle, on the angle between nose and camera. Ten degrees cost nothing: five points measure no
/// better than that, pitch above all.
fn pose(pose: Pose) -> f32 {
    let angle = (pose.off_axis() - 10.0).clamp(0.0, 90.0);
    percent(angle.to_radians().cos().powi(2))
}

/// OFIQ's sigmoid of MagFace's magnitudes.
fn magnitude(raw: f32) -> f32 {
    percent(1.0 / (1.0 + ((23.0 - raw) / 2.6).exp()))
}

/// The luma of the middle of a face, 0..=255, at the resolution that the photo had if the crop enlarged it.
struct Light {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Light {
    /// From eyebrows to chin on every template.
    fn of(crop: &Image, scale: f32) -> Self {
        let (width, height) = (crop.width() as usize, crop.height() as usize);
        let step = (scale.round() as usize).clamp(1, 4);
        let columns = width / 5..width - width / 5;
        let rows = height / 4..height - height / 10;
        let mut values = Vec::with_capacity(columns.len() * rows.len());
        let pixels = crop.pixels();
        for y in rows.clone().step_by(step) {
            let row = &pixels[(y * width + columns.start) * 3..(y * width + columns.end) * 3];
            values.extend(row.chunks_exact(3).step_by(step).map(|pixel| {
                // Rec. 601, as in JPEG.
                0.299 * f32::from(pixel[0]) + 0.587 * f32::from(pixel[1]) + 0.114 * f32::from(pixel[2])
            }));
        }
        Self { width: columns.len().div_ceil(step), height: rows.len().div_ceil(step), values }
    }

    /// One less the blur measure of F. Crete, T. Dolmiere, P. Ladret, M. Nicolas, "The blur effect: perception and
    /// estimation with a new no-reference perceptual blur metric", SPIE 6492, 2007: blurring a sharp picture again takes
    /// away much of the differences between neighbours, blurring a blurred one little. The differences are compared with
    /// each other, so contrast does not matter. The worse of the two directions counts, for the sake of motion blur.
    ///
    /// LFW's photos, whose eyes are 53 pixels apart, lose 0.46 to 0.61 (tenth and ninetieth percentile); blurred by a
    /// Gaussian of 1, 2, 3 and 5 pixels 0.45, 0.32, 0.23 and 0.15 at the median. The map spans that range.
    fn sharpness(&self) -> f32 {
        let rows = (0..self.height).map(|y| (y * self.width, 1));
        let columns = (0..self.width).map(|x| (x, self.width));
        let across = self.lost_by_blurring(rows, self.width);
        let down = self.lost_by_blurring(columns, self.height);
        percent((across.min(down) - 0.1) / 0.45)
    }

    /// Of the sum of differences between neighbours along lines of `length` values (start, step), the part that a mean
    /// over 9 values takes away: 0..=1. The mean's own differences need not compute it, since all but its ends cancel.
    fn lost_by_blurring(&self, lines: impl Iterator<Item = (usize, usize)>, length: usize) -> f32 {
        let (mut all, mut kept) = (0.0f32, 0.0f32);
        for (start, step) in lines {
            let at = |i: usize| self.values[start + i * step];
            for i in 5..length.saturating_sub(4) {
                let sharp = (at(i) - at(i - 1)).abs();
                let blurred = (at(i + 4) - at(i - 5)).abs() / 9.0;
                all += sharp;
                kept += sharp.min(blurred);
            }
        }
        if all > 0.0 { 1.0 - kept / all } else { 0.0 }
    }

    /// The mean must lie between 50 and 200 (wide, since skin is), the 5th and 95th percentiles 40 apart; below and above
    /// the part falls linearly, to 0 at 10, at 250 and at no contrast.
    fn exposure(&self) -> f32 {
        if self.values.is_empty() {
            return 0.0;
        }
        let mean = self.values.iter().sum::<f32>() / self.values.len() as f32;
        let mut counts = [0usize; 256];
        for value in &self.values {
            counts[value.clamp(0.0, 255.0) as usize] += 1;
        }
        let percentile = |part: f32| {
            let rank = (part * self.values.len() as f32) as usize;
            let mut below = 0;
            counts.iter().position(|&count| {
                below += count;
                below > rank
            })
        };
        let spread = percentile(0.95).unwrap_or(255) - percentile(0.05).unwrap_or(0);
        let brightness = ((mean - 10.0) / 40.0).min((250.0 - mean) / 50.0).clamp(0.0, 1.0);
        percent(brightness * (spread as f32 / 40.0).min(1.0))
    }
}
