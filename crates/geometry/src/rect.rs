use crate::Point;

/// An upright box by two opposite corners, in pixels, with `x2 >= x1` and `y2 >= y1`.
///
/// A box whose corners are the wrong way round is treated as empty: its width, height and area are 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x1: f32,
    /// Top edge.
    pub y1: f32,
    /// Right edge.
    pub x2: f32,
    /// Bottom edge.
    pub y2: f32,
}

impl Rect {
    /// The box between (x1, y1), top left, and (x2, y2), bottom right.
    pub const fn new(x1: f32, y1: f32, x2: f32, y2: f32) -> Self {
        Self { x1, y1, x2, y2 }
    }

    /// The box with this top-left corner and size.
    pub const fn from_xywh(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self::new(x, y, x + width, y + height)
    }

    /// The smallest box around the points; `None` if there are none or one is not finite.
    pub fn around(points: &[Point]) -> Option<Self> {
        let first = points.first()?;
        let start = Self::new(first.x, first.y, first.x, first.y);
        points.iter().all(|p| p.is_finite()).then(|| {
            points
                .iter()
                .fold(start, |r, p| Self::new(r.x1.min(p.x), r.y1.min(p.y), r.x2.max(p.x), r.y2.max(p.y)))
        })
    }

    /// Width in pixels, never negative.
    pub fn width(&self) -> f32 {
        (self.x2 - self.x1).max(0.0)
    }

    /// Height in pixels, never negative.
    pub fn height(&self) -> f32 {
        (self.y2 - self.y1).max(0.0)
    }

    /// Area in square pixels, never negative.
    pub fn area(&self) -> f32 {
        self.width() * self.height()
    }

    /// The middle of the box.
    pub fn center(&self) -> Point {
        Point::new(self.x1, self.y1).midpoint(Point::new(self.x2, self.y2))
    }

    /// Area that both boxes cover, in square pixels; 0 if they do not meet.
    pub fn intersection(&self, other: &Self) -> f32 {
        self.intersection_with(other, 0.0)
    }

    /// Intersection over union, 0..=1; 0 if either box is empty or not finite.
    pub fn iou(&self, other: &Self) -> f32 {
        self.iou_with(other, 0.0)
    }

    /// Intersection over the smaller area, 0..=1: 1 for a box inside the other. 0 if either is empty or not finite.
    pub fn overlap_min(&self, other: &Self) -> f32 {
        self.overlap_min_with(other, 0.0)
    }

    /// The part of the box inside a picture of this size, that is inside `0..=width`, `0..=height`.
    ///
    /// A box wholly outside becomes an empty one on the nearest border.
    pub fn clip(&self, width: f32, height: f32) -> Self {
        let (width, height) = (width.max(0.0), height.max(0.0));
        Self::new(
            self.x1.clamp(0.0, width),
            self.y1.clamp(0.0, height),
            self.x2.clamp(0.0, width),
            self.y2.clamp(0.0, height),
        )
    }

    /// All coordinates times `factor` (about the origin, as when going from a resized picture to the photo).
    pub fn scaled(&self, factor: f32) -> Self {
        Self::new(self.x1 * factor, self.y1 * factor, self.x2 * factor, self.y2 * factor)
    }

    /// Width and height times `factor`, about the box's own centre.
    pub fn expanded(&self, factor: f32) -> Self {
        let c = self.center();
        let (w, h) = (self.width() * factor, self.height() * factor);
        Self::from_xywh(c.x - 0.5 * w, c.y - 0.5 * h, w, h)
    }

    /// The box moved by (dx, dy) pixels.
    pub fn translated(&self, dx: f32, dy: f32) -> Self {
        Self::new(self.x1 + dx, self.y1 + dy, self.x2 + dx, self.y2 + dy)
    }

    /// Mirror image in a picture `width` pixels wide: x becomes `width - 1 - x`.
    pub fn flipped(&self, width: u32) -> Self {
        let last = width as f32 - 1.0;
        Self::new(last - self.x2, self.y1, last - self.x1, self.y2)
    }

    /// Whether the point lies inside or on the edge.
    pub fn contains(&self, p: Point) -> bool {
        (self.x1..=self.x2).contains(&p.x) && (self.y1..=self.y2).contains(&p.y)
    }

    /// Whether no coordinate is NaN or infinite.
    pub fn is_finite(&self) -> bool {
        [self.x1, self.y1, self.x2, self.y2].iter().all(|v| v.is_finite())
    }

    // `extent` is added to every side length: 1 when corners are inclusive pixel indices (MTCNN), else 0.
    fn area_with(&self, extent: f32) -> f32 {
        (self.x2 - self.x1 + extent).max(0.0) * (self.y2 - self.y1 + extent).max(0.0)
    }

    fn intersection_with(&self, other: &Self, extent: f32) -> f32 {
        Self::new(self.x1.max(other.x1), self.y1.max(other.y1), self.x2.min(other.x2), self.y2.min(other.y2))
            .area_with(extent)
    }

    pub(crate) fn iou_with(&self, other: &Self, extent: f32) -> f32 {
        let both = self.intersection_with(other, extent);
        ratio(both, self.area_with(extent) + other.area_with(extent) - both)
    }

    pub(crate) fn overlap_min_with(&self, other: &Self, extent: f32) -> f32 {
        let (a, b) = (self.area_with(extent), other.area_with(extent));
        // The smaller area alone would not show that the other box is infinite.
        if (a + b).is_finite() { ratio(self.intersection_with(other, extent), a.min(b)) } else { 0.0 }
    }
}

// Areas that overflow overlap nothing rather than everything; a NaN side counts as empty.
fn ratio(part: f32, whole: f32) -> f32 {
    if part.is_finite() && whole.is_finite() && whole > 0.0 { (part / whole).clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps() {
        let unit = Rect::from_xywh(0.0, 0.0, 10.0, 10.0);
        let cases = [
            // the same box
            (unit, 1.0, 1.0),
            // the right half and as much again outside: 50 / 150
            (Rect::from_xywh(5.0, 0.0, 10.0, 10.0), 1.0 / 3.0, 0.5),
            // nested: 25 / 100
            (Rect::from_xywh(2.0, 2.0, 5.0, 5.0), 0.25, 1.0),
            // touching along an edge
            (Rect::from_xywh(10.0, 0.0, 10.0, 10.0), 0.0, 0.0),
            // apart
            (Rect::from_xywh(30.0, 30.0, 1.0, 1.0), 0.0, 0.0),
            // empty
            (Rect::from_xywh(5.0, 5.0, 0.0, 0.0), 0.0, 0.0),
            // corners the wrong way round
            (Rect::new(9.0, 9.0, 1.0, 1.0), 0.0, 0.0),
            // not finite
            (Rect::new(f32::NAN, 0.0, 10.0, 10.0), 0.0, 0.0),
            (Rect::new(f32::NEG_INFINITY, 0.0, f32::INFINITY, 10.0), 0.0, 0.0),
        ];
        for (other, iou, min) in cases {
            let (got_iou, got_min) = (unit.iou(&other), unit.overlap_min(&other));
            assert!((got_iou - iou).abs() < 1e-6, "{other:?}: iou {got_iou}");
            assert!((got_min - min).abs() < 1e-6, "{other:?}: min {got_min}");
        }
    }

    #[test]
    fn inclusive_corners_count_one_pixel_more() {
        let a = Rect::new(0.0, 0.0, 9.0, 9.0);
        let b = Rect::new(9.0, 0.0, 18.0, 9.0);
        assert_eq!(a.iou(&b), 0.0);
        assert!((a.iou_with(&b, 1.0) - 10.0 / 190.0).abs() < 1e-6);
    }

    #[test]
    fn clips_to_the_picture() {
        assert_eq!(Rect::new(-5.0, 3.0, 50.0, 60.0).clip(20.0, 30.0), Rect::new(0.0, 3.0, 20.0, 30.0));
        assert_eq!(Rect::new(-5.0, -5.0, -1.0, -1.0).clip(20.0, 30.0).area(), 0.0);
    }

    #[test]
    fn moves_and_scales() {
        let r = Rect::from_xywh(10.0, 20.0, 4.0, 6.0);
        assert_eq!(r.center(), Point::new(12.0, 23.0));
        assert_eq!(r.scaled(2.0), Rect::new(20.0, 40.0, 28.0, 52.0));
        assert_eq!(r.expanded(2.0), Rect::new(8.0, 17.0, 16.0, 29.0));
        assert_eq!(r.translated(-10.0, 1.0), Rect::new(0.0, 21.0, 4.0, 27.0));
        assert_eq!(r.flipped(100), Rect::new(85.0, 20.0, 89.0, 26.0));
        assert_eq!(
            Rect::around(&[Point::new(3.0, 1.0), Point::new(-1.0, 2.0)]),
            Some(Rect::new(-1.0, 1.0, 3.0, 2.0))
        );
        assert_eq!(Rect::around(&[]), None);
        assert_eq!(Rect::around(&[Point::new(f32::NAN, 0.0)]), None);
    }
}
