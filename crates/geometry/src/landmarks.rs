use crate::{Point, Rect};

/// Five points of a face, in pixels: image-left eye, image-right eye, nose tip, image-left mouth corner, image-right
/// mouth corner.
///
/// "Image-left" is the side seen on the left in a picture of an upright face, so the person's own right eye comes
/// first. Points that were mapped back from a turned picture keep the order they had in the upright one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Landmarks(pub [Point; 5]);

impl Landmarks {
    /// The eye seen on the left of the picture.
    pub fn left_eye(&self) -> Point {
        self.0[0]
    }

    /// The eye seen on the right of the picture.
    pub fn right_eye(&self) -> Point {
        self.0[1]
    }

    /// Tip of the nose.
    pub fn nose(&self) -> Point {
        self.0[2]
    }

    /// The mouth corner seen on the left of the picture.
    pub fn left_mouth(&self) -> Point {
        self.0[3]
    }

    /// The mouth corner seen on the right of the picture.
    pub fn right_mouth(&self) -> Point {
        self.0[4]
    }

    /// Distance between the eyes in pixels.
    pub fn eye_distance(&self) -> f32 {
        self.left_eye().distance(self.right_eye())
    }

    /// The smallest box around the five points; `None` if one is not finite.
    pub fn bounds(&self) -> Option<Rect> {
        Rect::around(&self.0)
    }

    /// The landmarks of the mirrored picture, `width` pixels wide: x becomes `width - 1 - x` and left and right change
    /// places.
    pub fn flipped(&self, width: u32) -> Self {
        let last = width as f32 - 1.0;
        let [left_eye, right_eye, nose, left_mouth, right_mouth] =
            self.map(|p| Point::new(last - p.x, p.y)).0;
        Self([right_eye, left_eye, nose, right_mouth, left_mouth])
    }

    /// Each point through `f`.
    pub fn map(&self, f: impl FnMut(Point) -> Point) -> Self {
        Self(self.0.map(f))
    }

    /// Whether no coordinate is NaN or infinite.
    pub fn is_finite(&self) -> bool {
        self.0.iter().all(|p| p.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Template;

    #[test]
    fn flipping_swaps_sides_and_twice_is_nothing() {
        let points = Template::ARCFACE_112.points;
        let flipped = points.flipped(112);
        assert!(flipped.left_eye().x < flipped.right_eye().x);
        assert!((flipped.left_eye().x - (111.0 - points.right_eye().x)).abs() < 1e-6);
        let back = flipped.flipped(112);
        for (a, b) in back.0.iter().zip(&points.0) {
            assert!(a.distance(*b) < 1e-4);
        }
    }

    #[test]
    fn measures() {
        let points = Template::ARCFACE_112.points;
        assert!((points.eye_distance() - 35.238).abs() < 1e-3);
        assert_eq!(points.bounds(), Some(Rect::new(38.2946, 51.5014, 73.5318, 92.3655)));
        let broken = points.map(|p| Point::new(p.x, f32::NAN));
        assert!(!broken.is_finite());
        assert_eq!(broken.bounds(), None);
    }
}
