//! Boxes as the WIDER FACE evaluation overlaps them.

use geometry::Rect;

/// A box whose corners are taken as pixels that belong to it: it is `x2 - x1 + 1` pixels wide.
///
/// In `f64`, as the official programs calculate, so that an overlap close to one half falls on the same side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Corners {
    x1: f64,
    y1: f64,
    x2: f64,
    y2: f64,
}

impl Corners {
    /// The second corner is `x + width`, not `x + width - 1`: a quirk of the evaluation, which so makes every box one
    /// pixel larger than labelled.
    pub(super) fn from_xywh(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self { x1: x, y1: y, x2: x + width, y2: y + height }
    }

    /// Intersection over union, 0..=1, of finite boxes; 0 if one is turned inside out.
    pub(super) fn overlap(&self, other: &Self) -> f64 {
        let width = self.x2.min(other.x2) - self.x1.max(other.x1) + 1.0;
        let height = self.y2.min(other.y2) - self.y1.max(other.y1) + 1.0;
        if width <= 0.0 || height <= 0.0 {
            return 0.0;
        }
        // What has an intersection has an area: no division by zero.
        let both = width * height;
        both / (self.area() + other.area() - both)
    }

    fn area(&self) -> f64 {
        (self.x2 - self.x1 + 1.0) * (self.y2 - self.y1 + 1.0)
    }
}

impl From<Rect> for Corners {
    fn from(rect: Rect) -> Self {
        Self { x1: rect.x1.into(), y1: rect.y1.into(), x2: rect.x2.into(), y2: rect.y2.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_is_added_to_every_side() {
        let a = Corners::from_xywh(0.0, 0.0, 9.0, 9.0);
        let cases = [
            (a, 1.0),
            // Columns 5..=9 of 15: without the added pixel 4/14.
            (Corners::from_xywh(5.0, 0.0, 9.0, 9.0), 5.0 / 15.0),
            // They touch, and so share the pixels of the edge.
            (Corners::from_xywh(9.0, 0.0, 9.0, 9.0), 10.0 / 190.0),
            (Corners::from_xywh(10.0, 0.0, 9.0, 9.0), 0.0),
            // A labelled face without extent is one pixel.
            (Corners::from_xywh(4.0, 4.0, 0.0, 0.0), 1.0 / 100.0),
        ];
        for (b, expected) in cases {
            assert!((a.overlap(&b) - expected).abs() < 1e-12, "{b:?}");
            assert_eq!(a.overlap(&b), b.overlap(&a));
        }
    }

    #[test]
    fn boxes_turned_inside_out_meet_nothing() {
        let around = Corners::from(Rect::new(0.0, 0.0, 20.0, 20.0));
        for (width, height) in [(-1.0, 9.0), (9.0, -2.0), (-8.0, -8.0)] {
            let inverted = Corners::from(Rect::new(9.0, 9.0, 9.0 + width, 9.0 + height));
            for other in [around, inverted, Corners::from_xywh(9.0, 9.0, 0.0, 0.0)] {
                assert_eq!((inverted.overlap(&other), other.overlap(&inverted)), (0.0, 0.0));
            }
        }
    }
}
