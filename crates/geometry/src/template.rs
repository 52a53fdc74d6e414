use crate::{Landmarks, Point, Similarity};

/// Where a recognition model wants the five points of a face, in pixels of its input picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Template {
    /// Width of the aligned picture, pixels.
    pub width: u32,
    /// Height of the aligned picture, pixels.
    pub height: u32,
    /// Places of the five points in it.
    pub points: Landmarks,
}

impl Template {
    /// The 112 x 112 template of ArcFace, which most published models use.
    pub const ARCFACE_112: Self = Self {
        width: 112,
        height: 112,
        points: Landmarks([
            Point::new(38.2946, 51.6963),
            Point::new(73.5318, 51.5014),
            Point::new(56.0252, 71.7366),
            Point::new(41.5493, 92.3655),
            Point::new(70.7299, 92.2041),
        ]),
    };

    /// The template of SphereFace and CosFace, 96 wide and 112 high: ArcFace's points 8 pixels further left.
    pub const SPHEREFACE_96X112: Self = Self {
        width: 96,
        height: 112,
        points: Landmarks([
            Point::new(30.2946, 51.6963),
            Point::new(65.5318, 51.5014),
            Point::new(48.0252, 71.7366),
            Point::new(33.5493, 92.3655),
            Point::new(62.7299, 92.2041),
        ]),
    };

    /// ArcFace's template for a square input of `size` pixels, by the rule of the published code.
    ///
    /// Multiples of 112 scale the points. Multiples of 128 scale the points by size / 128 and move them right by 8
    /// pixels times that factor, which leaves a wider margin. Small networks take 56 or 28 pixels, at which the points
    /// lie where they are seen when an aligned picture of 112 is resized. `None` for any other size.
    pub fn arcface(size: u32) -> Option<Self> {
        let (ratio, shift) = match size {
            0 => return None,
            28 | 56 => return Some(Self::ARCFACE_112.shrunk(112 / size)),
            _ if size.is_multiple_of(112) => (size as f32 / 112.0, 0.0),
            _ if size.is_multiple_of(128) => (size as f32 / 128.0, 8.0),
            _ => return None,
        };
        let points = Self::ARCFACE_112.points.map(|p| Point::new((p.x + shift) * ratio, p.y * ratio));
        Some(Self { width: size, height: size, points })
    }

    /// SphereFace's template for an input of 96 x 112 pixels, or of 48 x 56 or 24 x 28, as if that were resized. `None` for
    /// any other size.
    pub fn sphereface(width: u32, height: u32) -> Option<Self> {
        let times = [1, 2, 4].into_iter().find(|times| (width, height) == (96 / times, 112 / times))?;
        Some(Self::SPHEREFACE_96X112.shrunk(times))
    }

    /// Where the points lie when each `times` x `times` pixels have become one, as when aligned pictures are resized: the
    /// centre of a pixel, not its corner, has whole numbers.
    fn shrunk(self, times: u32) -> Self {
        let place = |at: f32| (at + 0.5) / times as f32 - 0.5;
        let points = self.points.map(|p| Point::new(place(p.x), place(p.y)));
        Self { width: self.width / times, height: self.height / times, points }
    }

    /// The map from a photo to the aligned picture, from the face's landmarks in the photo; `None` if they are
    /// degenerate (see [`Similarity::fit`]).
    pub fn fit(&self, landmarks: &Landmarks) -> Option<Similarity> {
        Similarity::fit(&landmarks.0, &self.points.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: Point, x: f32, y: f32) -> bool {
        a.distance(Point::new(x, y)) < 1e-3
    }

    #[test]
    fn shape_of_the_arcface_template() {
        let p = Template::ARCFACE_112.points;
        let eyes = p.left_eye().midpoint(p.right_eye());
        let mouth = p.left_mouth().midpoint(p.right_mouth());
        assert!((eyes.distance(mouth) - 40.687).abs() < 1e-3);
        let centroid = p.0.iter().fold(Point::default(), |sum, &q| sum + q) * 0.2;
        assert!(close(centroid, 56.026, 71.901), "{centroid:?}");
    }

    #[test]
    fn small_pictures_are_shrunk_ones() {
        let half = Template::arcface(56).unwrap();
        assert_eq!((half.width, half.height), (56, 56));
        assert!(close(half.points.nose(), 27.7626, 35.6183));
        // The middle of the picture stays the middle: 55.5 of 112 pixels, 13.5 of 28.
        let map = Template::arcface(28).unwrap().fit(&Template::ARCFACE_112.points).unwrap();
        let middle = map.apply(Point::new(55.5, 55.5));
        assert!(close(middle, 13.5, 13.5) && (map.scale() - 0.25).abs() < 1e-5, "{middle:?}");
        let tall = Template::sphereface(48, 56).unwrap();
        assert!(close(tall.points.nose(), 23.7626, 35.6183));
        assert_eq!(Template::sphereface(96, 112), Some(Template::SPHEREFACE_96X112));
        for (width, height) in [(0, 0), (112, 96), (192, 224), (32, 37), (u32::MAX / 2, 3)] {
            assert_eq!(Template::sphereface(width, height), None);
        }
    }

    #[test]
    fn sphereface_is_arcface_moved() {
        for (a, s) in Template::ARCFACE_112.points.0.iter().zip(&Template::SPHEREFACE_96X112.points.0) {
            assert!(close(*a - *s, 8.0, 0.0));
        }
    }

    #[test]
    fn other_sizes() {
        assert_eq!(Template::arcface(112), Some(Template::ARCFACE_112));
        let double = Template::arcface(224).unwrap();
        assert!(close(double.points.nose(), 112.0504, 143.4732));
        let wide = Template::arcface(128).unwrap();
        assert!(close(wide.points.nose(), 64.0252, 71.7366));
        let wider = Template::arcface(256).unwrap();
        assert!(close(wider.points.nose(), 128.0504, 143.4732));
        for size in [0, 1, 100, 160, 111] {
            assert_eq!(Template::arcface(size), None, "{size}");
        }
        // A multiple of both is a multiple of 112 first.
        assert!(close(Template::arcface(896).unwrap().points.nose(), 448.2016, 573.8928));
    }
}
