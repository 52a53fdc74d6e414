use crate::{Landmarks, Point, Rect};

/// A whole picture turned clockwise by quarter turns.
///
/// `width` and `height` below are always those of the picture *before* turning, and coordinates are pixel centres, so
/// the points map exactly as the pixels do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rotation {
    /// Not turned.
    #[default]
    None,
    /// 90 degrees clockwise: the left edge becomes the top.
    Quarter,
    /// 180 degrees.
    Half,
    /// 270 degrees clockwise, that is 90 degrees anticlockwise: the right edge becomes the top.
    ThreeQuarter,
}

impl Rotation {
    /// All four, in order of angle.
    pub const ALL: [Self; 4] = [Self::None, Self::Quarter, Self::Half, Self::ThreeQuarter];

    /// Clockwise angle in degrees: 0, 90, 180 or 270.
    pub fn degrees(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Quarter => 90,
            Self::Half => 180,
            Self::ThreeQuarter => 270,
        }
    }

    /// The turn that undoes this one.
    pub fn inverse(self) -> Self {
        match self {
            Self::Quarter => Self::ThreeQuarter,
            Self::ThreeQuarter => Self::Quarter,
            same => same,
        }
    }

    /// Width and height of the turned picture.
    pub fn turned_size(self, width: u32, height: u32) -> (u32, u32) {
        match self {
            Self::None | Self::Half => (width, height),
            Self::Quarter | Self::ThreeQuarter => (height, width),
        }
    }

    /// Where a point of the picture goes when the picture is turned.
    pub fn turn(self, p: Point, width: u32, height: u32) -> Point {
        let (right, bottom) = (width as f32 - 1.0, height as f32 - 1.0);
        match self {
            Self::None => p,
            Self::Quarter => Point::new(bottom - p.y, p.x),
            Self::Half => Point::new(right - p.x, bottom - p.y),
            Self::ThreeQuarter => Point::new(p.y, right - p.x),
        }
    }

    /// Where a point found in the turned picture lies in the picture before turning.
    pub fn turn_back(self, p: Point, width: u32, height: u32) -> Point {
        let (turned_width, turned_height) = self.turned_size(width, height);
        self.inverse().turn(p, turned_width, turned_height)
    }

    /// [`turn`](Self::turn) for a box.
    pub fn turn_rect(self, rect: &Rect, width: u32, height: u32) -> Rect {
        let a = self.turn(Point::new(rect.x1, rect.y1), width, height);
        let b = self.turn(Point::new(rect.x2, rect.y2), width, height);
        Rect::new(a.x.min(b.x), a.y.min(b.y), a.x.max(b.x), a.y.max(b.y))
    }

    /// [`turn_back`](Self::turn_back) for a box.
    pub fn turn_back_rect(self, rect: &Rect, width: u32, height: u32) -> Rect {
        let (turned_width, turned_height) = self.turned_size(width, height);
        self.inverse().turn_rect(rect, turned_width, turned_height)
    }

    /// [`turn_back`](Self::turn_back) for five landmarks; they keep the order they have in the turned picture, where
    /// the face is upright.
    pub fn turn_back_landmarks(self, points: &Landmarks, width: u32, height: u32) -> Landmarks {
        points.map(|p| self.turn_back(p, width, height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_go_where_they_should() {
        // The top-left pixel of a 4 x 3 picture.
        let corner = Point::new(0.0, 0.0);
        let cases = [
            (Rotation::None, (0.0, 0.0), (4, 3)),
            (Rotation::Quarter, (2.0, 0.0), (3, 4)),
            (Rotation::Half, (3.0, 2.0), (4, 3)),
            (Rotation::ThreeQuarter, (0.0, 3.0), (3, 4)),
        ];
        for (rotation, (x, y), size) in cases {
            assert_eq!(rotation.turn(corner, 4, 3), Point::new(x, y), "{rotation:?}");
            assert_eq!(rotation.turned_size(4, 3), size, "{rotation:?}");
        }
    }

    #[test]
    fn turning_back_undoes_turning() {
        let (p, r) = (Point::new(1.25, 7.5), Rect::new(1.0, 2.0, 30.0, 9.0));
        for rotation in Rotation::ALL {
            assert_eq!(rotation.turn_back(rotation.turn(p, 40, 20), 40, 20), p);
            assert_eq!(rotation.turn_back_rect(&rotation.turn_rect(&r, 40, 20), 40, 20), r);
            assert_eq!((rotation.degrees() + rotation.inverse().degrees()) % 360, 0);
        }
    }

    #[test]
    fn two_quarters_make_a_half() {
        let p = Point::new(5.0, 6.0);
        let once = Rotation::Quarter.turn(p, 40, 20);
        assert_eq!(Rotation::Quarter.turn(once, 20, 40), Rotation::Half.turn(p, 40, 20));
    }
}
