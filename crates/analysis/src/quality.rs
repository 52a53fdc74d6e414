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
    /// What the length of the embedder's raw vector says, by the scale of its model, for models trained so that it measures
    /// quality.
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
    let magnitude = face.magnitude;
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

#[cfg(test)]
mod tests {
    use geometry::{Landmarks, Point, Rect, Similarity, Template};
    use imaging::degrade;

    use super::*;
    use crate::Alignment;

    /// Something with sharp edges at several scales, as skin, hair and features have, and as bright.
    fn picture(side: u32) -> Image {
        let mut picture = Image::new(side, side);
        let unit = side as f32 / 112.0;
        // Squares of this size, each of its own shade: -1..=1 by an arbitrary hash.
        let squares = |u: f32, v: f32, size: f32| {
            let (column, row) = ((u / size) as u32, (v / size) as u32);
            let hash = column.wrapping_mul(0x9e37_79b1) ^ row.wrapping_mul(0x85eb_ca77) ^ size as u32;
            (hash.wrapping_mul(0xc2b2_ae3d) >> 24) as f32 / 127.5 - 1.0
        };
        for y in 0..side {
            for x in 0..side {
                let (u, v) = (x as f32 / unit, y as f32 / unit);
                let value =
                    130.0 + 8.0 * squares(u, v, 3.0) + 20.0 * squares(u, v, 7.0) + 30.0 * squares(u, v, 20.0);
                picture.set_pixel(x, y, [value as u8; 3]);
            }
        }
        picture
    }

    /// A face whose landmarks lie on the template, `scale` pixels of the crop per pixel of the photo.
    fn quality(image: Image, scale: f32, pose: Option<Pose>) -> Quality {
        let points = Similarity::new(1.0 / scale, 0.0, 0.0, 0.0).apply_all(&Template::ARCFACE_112.points);
        let side = 94.0 / scale;
        let found = Detection {
            bounds: Rect::from_xywh(0.0, 0.0, 0.85 * side, 1.17 * side),
            score: 0.9,
            landmarks: Some(points),
        };
        let crop = AlignedCrop { image, alignment: Alignment::Landmarks, scale };
        assess(&Measured { found: &found, crop: &crop, pose, magnitude: None })
    }

    const AHEAD: Option<Pose> = Some(Pose { yaw: 0.0, pitch: 0.0, roll: 0.0 });

    /// Checks that a measure falls from each quality to the next.
    fn falls(qualities: &[Quality], part: impl Fn(&Quality) -> f32) {
        for pair in qualities.windows(2) {
            assert!(part(&pair[1]) < part(&pair[0]) - 1.0, "{:?} -> {:?}", pair[0], pair[1]);
        }
        for q in qualities {
            let parts = [q.score, q.sharpness, q.size, q.pose.unwrap_or(0.0), q.exposure, q.detector];
            assert!(parts.iter().all(|part| (0.0..=100.0).contains(part)), "{q:?}");
        }
    }

    #[test]
    fn blur_costs_sharpness() {
        let blurred: Vec<_> =
            [0.0, 1.0, 2.0, 4.0].map(|sigma| quality(degrade::blur(&picture(112), sigma), 1.0, AHEAD)).into();
        falls(&blurred, |q| q.sharpness);
        falls(&blurred, |q| q.score);
        let moved: Vec<_> = [0.0, 5.0, 11.0]
            .map(|length| quality(degrade::motion_blur(&picture(112), length, 0.0), 1.0, AHEAD))
            .into();
        falls(&moved, |q| q.sharpness);
    }

    #[test]
    fn contrast_does_not_matter_to_sharpness_and_flat_is_not_sharp() {
        let full = quality(picture(112), 1.0, AHEAD);
        let mut weak = picture(112);
        weak.pixels_mut().iter_mut().for_each(|value| *value = 60 + *value / 2);
        let weak = quality(weak, 1.0, AHEAD);
        assert!((full.sharpness - weak.sharpness).abs() < 6.0, "{full:?} {weak:?}");
        let flat = quality(Image::filled(112, 112, [128; 3]), 1.0, AHEAD);
        assert_eq!((flat.sharpness, flat.exposure), (0.0, 0.0));
        assert!(flat.score > 0.0 && flat.score < 20.0, "{flat:?}");
    }

    #[test]
    fn fewer_pixels_cost_size_and_not_sharpness() {
        let shrunk: Vec<_> = [112, 56, 37]
            .map(|side| {
                let small = imaging::resize(&picture(448), side, side);
                quality(imaging::resize(&small, 112, 112), 112.0 / side as f32, AHEAD)
            })
            .into();
        falls(&shrunk, |q| q.size);
        falls(&shrunk, |q| q.score);
        assert!(shrunk[2].sharpness > shrunk[0].sharpness - 20.0, "{shrunk:?}");
    }

    #[test]
    fn darkness_glare_and_haze_cost_exposure() {
        let lit = |gain: f32, offset: f32| {
            let mut picture = picture(112);
            picture
                .pixels_mut()
                .iter_mut()
                .for_each(|value| *value = (f32::from(*value) * gain + offset) as u8);
            quality(picture, 1.0, AHEAD)
        };
        falls(&[lit(1.0, 0.0), lit(0.3, 0.0), lit(0.15, 0.0)], |q| q.exposure);
        falls(&[lit(1.0, 0.0), lit(1.0, 90.0), lit(1.0, 110.0)], |q| q.exposure);
        falls(&[lit(1.0, 0.0), lit(0.2, 100.0), lit(0.05, 120.0)], |q| q.exposure);
    }

    #[test]
    fn turning_away_costs_pose() {
        let turned = |yaw, pitch| quality(picture(112), 1.0, Some(Pose { yaw, pitch, roll: 0.0 }));
        falls(&[turned(0.0, 0.0), turned(25.0, 0.0), turned(45.0, 0.0), turned(80.0, 0.0)], |q| {
            q.pose.unwrap()
        });
        falls(&[turned(0.0, 0.0), turned(0.0, -30.0), turned(0.0, -60.0)], |q| q.score);
        assert_eq!(turned(7.0, -6.0).pose, Some(100.0));
        assert_eq!(
            Some(quality(picture(112), 1.0, None).score),
            Some(turned(0.0, 0.0)).map(|ahead| {
                // Without the pose the other parts make the whole.
                let parts = [
                    (ahead.sharpness, SHARPNESS),
                    (ahead.size, SIZE),
                    (ahead.exposure, EXPOSURE),
                    (90.0, DETECTOR),
                ];
                whole(&parts.map(Some))
            })
        );
    }

    #[test]
    fn maps_at_their_ends() {
        assert_eq!(
            [8.0, 64.0, 0.0, -1.0, f32::NAN, f32::INFINITY].map(size),
            [0.0, 100.0, 0.0, 0.0, 0.0, 100.0]
        );
        assert!((size(22.627) - 50.0).abs() < 0.01);
        assert_eq!(whole(&[Some((100.0, 0.5)), Some((100.0, 0.5)), None]), 100.0);
        assert!((whole(&[Some((0.0, 0.5)), Some((100.0, 0.5))]) - 10.0).abs() < 1e-3);
    }

    #[test]
    fn the_eye_distance_of_a_profile_comes_from_its_height_and_without_landmarks_from_the_box() {
        let bounds = Rect::from_xywh(0.0, 0.0, 80.0, 110.0);
        let of = |landmarks| eye_distance(&Detection { bounds, score: 0.9, landmarks });
        let ahead = Template::ARCFACE_112.points;
        let turned = ahead.map(|p| Point::new(0.5 * p.x, p.y));
        assert!((of(Some(ahead)) - 35.24).abs() < 0.1 && (of(Some(turned)) - 35.24).abs() < 0.1);
        assert!((of(None) - 35.24).abs() < 0.5);
        assert_eq!(of(Some(Landmarks::default())), of(None));
    }

    #[test]
    fn tiny_crops_are_measured_too() {
        for side in [1, 2, 5, 12] {
            let q = quality(Image::filled(side, side, [90; 3]), 1.0, None);
            assert!(q.score.is_finite() && q.sharpness == 0.0, "{side}: {q:?}");
        }
    }
}
