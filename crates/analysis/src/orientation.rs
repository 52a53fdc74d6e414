//! Photos that lost their EXIF orientation.

use geometry::Rotation;
use imaging::Image;

use crate::{DetectOptions, Detection, Detector, Result};

/// Faces of a photo, and how the photo must be turned for them to be upright.
#[derive(Clone, Debug, PartialEq)]
pub struct Turned {
    /// The clockwise turn after which the faces are upright.
    pub rotation: Rotation,
    /// The faces, best score first, in pixels of the photo as it is. Landmarks keep the order they have once turned.
    pub faces: Vec<Detection>,
}

/// A line between the eyes that is steeper than this shows that a face does not stand upright.
const LEVEL_DEGREES: f32 = 45.0;

/// Finds faces and, with [`try_rotations`](DetectOptions::try_rotations), the way the photo must be turned.
///
/// The orientation with the greatest sum of scores wins, the earlier one where two are equal; faces whose eyes stand on
/// end do not count. All four are tried whatever the first one gives, since a high score proves nothing: of 300 faces of
/// CelebA that lay on their side or stood on their head YuNet found 213, half of them with 0.81 or more where 0.94 is
/// usual for upright ones, and UltraFace gave 0.99 to half of those it found.
///
/// # Errors
/// Those of [`Detector::detect`].
pub fn detect_turned(detector: &dyn Detector, photo: &Image, options: &DetectOptions) -> Result<Turned> {
    let upright = detector.detect(photo, options)?;
    let mut best = Turned { rotation: Rotation::None, faces: upright };
    if !options.try_rotations {
        return Ok(best);
    }
    let (width, height) = (photo.width(), photo.height());
    let mut best_sum = sum(&best.faces);
    for rotation in [Rotation::Quarter, Rotation::Half, Rotation::ThreeQuarter] {
        let faces = detector.detect(&photo.rotated(rotation), options)?;
        let sum = sum(&faces);
        if sum > best_sum {
            best_sum = sum;
            let back = |face: &Detection| Detection {
                bounds: rotation.turn_back_rect(&face.bounds, width, height),
                score: face.score,
                landmarks: face.landmarks.map(|points| rotation.turn_back_landmarks(&points, width, height)),
            };
            best = Turned { rotation, faces: faces.iter().map(back).collect() };
        }
    }
    Ok(best)
}

/// The sum of the scores of faces that may be upright.
fn sum(faces: &[Detection]) -> f32 {
    faces.iter().filter(|face| level(face)).map(|face| face.score).sum()
}

/// Whether the line from the left eye to the right one points to the right; true where there are no landmarks.
fn level(face: &Detection) -> bool {
    face.landmarks.is_none_or(|points| {
        let (left, right) = (points.left_eye(), points.right_eye());
        (right.y - left.y).atan2(right.x - left.x).to_degrees().abs() <= LEVEL_DEGREES
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use geometry::{Landmarks, Point, Rect};

    use super::*;

    /// Finds a face 20 pixels right of and 10 below the first white pixel, but scores it by how far down its red mark,
    /// one pixel above the white one, puts it: a stand-in that only knows upright faces.
    struct Upright {
        calls: AtomicUsize,
        lying_score: f32,
    }

    impl Detector for Upright {
        fn name(&self) -> &str {
            "upright"
        }

        fn default_score(&self) -> f32 {
            0.5
        }

        fn detect(&self, photo: &Image, _: &DetectOptions) -> Result<Vec<Detection>> {
            self.calls.fetch_add(1, Ordering::Relaxed);
            let (mut white, mut red) = (None, None);
            for y in 0..photo.height() {
                for x in 0..photo.width() {
                    let at = Some(Point::new(x as f32, y as f32));
                    match photo.pixel(x, y) {
                        [255, 255, 255] => white = at,
                        [255, 0, 0] => red = at,
                        _ => {}
                    }
                }
            }
            let (white, red) = (white.unwrap(), red.unwrap());
            let score = if red.x == white.x && red.y < white.y { 0.95 } else { self.lying_score };
            if score == 0.0 {
                return Ok(Vec::new());
            }
            let points = Landmarks(std::array::from_fn(|i| white + Point::new(i as f32, 0.0)));
            let bounds = Rect::from_xywh(white.x - 2.0, white.y - 3.0, 8.0, 9.0);
            Ok(vec![Detection { bounds, score, landmarks: Some(points) }])
        }
    }

    fn photo() -> Image {
        let mut photo = Image::new(40, 30);
        photo.set_pixel(12, 20, [255; 3]);
        photo.set_pixel(12, 19, [255, 0, 0]);
        photo
    }

    #[test]
    fn finds_every_orientation_and_maps_back() {
        let options = DetectOptions { try_rotations: true, ..Default::default() };
        for lying_score in [0.0, 0.6] {
            for rotation in Rotation::ALL {
                let detector = Upright { calls: AtomicUsize::new(0), lying_score };
                let stored = photo().rotated(rotation.inverse());
                let turned = detect_turned(&detector, &stored, &options).unwrap();
                assert_eq!(turned.rotation, rotation);
                let face = turned.faces[0];
                let upright = rotation.turn_rect(&face.bounds, stored.width(), stored.height());
                assert_eq!(upright, Rect::from_xywh(10.0, 17.0, 8.0, 9.0), "{rotation:?}");
                let nose = rotation.turn(face.landmarks.unwrap().nose(), stored.width(), stored.height());
                assert_eq!(nose, Point::new(14.0, 20.0));
                assert_eq!(detector.calls.into_inner(), 4);
            }
        }
    }

    #[test]
    fn not_asked_for_is_not_tried() {
        let detector = Upright { calls: AtomicUsize::new(0), lying_score: 0.6 };
        let stored = photo().rotated(Rotation::Half);
        let turned = detect_turned(&detector, &stored, &DetectOptions::default()).unwrap();
        assert_eq!((turned.rotation, turned.faces[0].score), (Rotation::None, 0.6));
        assert_eq!(detector.calls.into_inner(), 1);
    }

    #[test]
    fn eyes_that_stand_on_end_do_not_speak_for_an_orientation() {
        let at = |x: f32, y: f32| Point::new(x, y);
        let lying = Landmarks([at(5.0, 5.0), at(5.0, 15.0), at(0.0, 10.0), at(-5.0, 6.0), at(-5.0, 14.0)]);
        let face = Detection { bounds: Rect::new(0.0, 0.0, 9.0, 9.0), score: 0.95, landmarks: Some(lying) };
        assert_eq!(sum(&[face]), 0.0);
        assert_eq!(sum(&[face, Detection { landmarks: None, ..face }]), 0.95);
    }
}
