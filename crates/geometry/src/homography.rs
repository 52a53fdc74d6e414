use crate::Point;

/// A map of the plane that keeps lines straight: x' = (h00 x + h01 y + h02) / w, y' = (h10 x + h11 y + h12) /
/// w with w = h20 x + h21 y + h22. It is what a flat thing seen from elsewhere undergoes; turns, scales,
/// shears and shifts are the kinds whose last row is 0 0 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Homography(pub [[f64; 3]; 3]);

impl Homography {
    /// The map that changes nothing.
    pub const IDENTITY: Self = Self([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);

    /// The map that takes four points, no three of which are on a line, to four others, in the same order.
    ///
    /// `None` if three of either four lie on a line, or if a point is not finite.
    pub fn fit(from: &[Point; 4], to: &[Point; 4]) -> Option<Self> {
        let map = Self::of_square(from)?.inverse()?.then(&Self::of_square(to)?);
        // One whose corners lie on a line cannot be undone.
        map.inverse().is_some().then_some(map)
    }

    /// The map that takes the corners (0, 0), (1, 0), (1, 1) and (0, 1) to four points (Heckbert 1989,
    /// "Fundamentals of texture mapping and image warping", section 2.2.3).
    fn of_square(to: &[Point; 4]) -> Option<Self> {
        let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] = to.map(|p| (f64::from(p.x), f64::from(p.y)));
        let (dx1, dx2, sx) = (x1 - x2, x3 - x2, x0 - x1 + x2 - x3);
        let (dy1, dy2, sy) = (y1 - y2, y3 - y2, y0 - y1 + y2 - y3);
        let det = dx1 * dy2 - dx2 * dy1;
        let (g, h) = ((sx * dy2 - dx2 * sy) / det, (dx1 * sy - sx * dy1) / det);
        let map = Self([
            [x1 - x0 + g * x1, x3 - x0 + h * x3, x0],
            [y1 - y0 + g * y1, y3 - y0 + h * y3, y0],
            [g, h, 1.0],
        ]);
        (det != 0.0 && map.is_finite()).then_some(map)
    }

    /// The image of a point: not finite if it is mapped to infinity.
    pub fn apply(&self, p: Point) -> Point {
        let (x, y) = (f64::from(p.x), f64::from(p.y));
        let [u, v, w] = self.0.map(|row| row[0] * x + row[1] * y + row[2]);
        Point::new((u / w) as f32, (v / w) as f32)
    }

    /// The map back; `None` if it is not finite.
    pub fn inverse(&self) -> Option<Self> {
        let m = &self.0;
        // The minor without this row and column, with its sign.
        let minor = |row: usize, column: usize| {
            let at = |r: usize, c: usize| m[(row + r) % 3][(column + c) % 3];
            at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)
        };
        let det: f64 = (0..3).map(|column| m[0][column] * minor(0, column)).sum();
        let inverse = Self(std::array::from_fn(|row| std::array::from_fn(|column| minor(column, row) / det)));
        inverse.is_finite().then_some(inverse)
    }

    /// This map, then `next`: `m.then(&n).apply(p)` is `n.apply(m.apply(p))`.
    pub fn then(&self, next: &Self) -> Self {
        Self(next.0.map(|row| {
            std::array::from_fn(|column| (0..3).map(|inner| row[inner] * self.0[inner][column]).sum())
        }))
    }

    /// Whether no coefficient is NaN or infinite.
    pub fn is_finite(&self) -> bool {
        self.0.iter().flatten().all(|v| v.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quad(points: [(f32, f32); 4]) -> [Point; 4] {
        points.map(|(x, y)| Point::new(x, y))
    }

    #[test]
    fn fits_the_golden_quadrilateral() {
        // What getPerspectiveTransform of OpenCV gives for these points.
        let from = quad([(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]);
        let to = quad([(10.0, 5.0), (95.0, 0.0), (90.0, 110.0), (-5.0, 90.0)]);
        let map = Homography::fit(&from, &to).unwrap();
        let golden = [
            0.6541469194,
            -0.1441943128,
            10.0000000000,
            -0.0500000000,
            0.7454976303,
            5.0000000000,
            -0.0020616114,
            -0.0011611374,
            1.0000000000,
        ];
        for (value, expected) in map.0.iter().flatten().zip(golden) {
            assert!((value / map.0[2][2] - expected).abs() < 1e-6, "{map:?}");
        }
    }

    #[test]
    fn three_on_a_line_fit_nothing() {
        let square = quad([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]);
        let line = quad([(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (0.0, 1.0)]);
        assert_eq!(Homography::fit(&line, &square), None);
        assert_eq!(Homography::fit(&square, &line), None);
        assert_eq!(
            Homography::fit(&quad([(f32::NAN, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]), &square),
            None
        );
    }

    proptest! {
        #[test]
        fn corners_go_where_they_should_and_back(shifts in prop::array::uniform8(-20.0f32..20.0)) {
            let from = quad([(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]);
            let to: [Point; 4] =
                std::array::from_fn(|n| from[n] + Point::new(shifts[2 * n], shifts[2 * n + 1]));
            let map = Homography::fit(&from, &to).unwrap();
            let back = map.inverse().unwrap();
            for (from, to) in from.iter().zip(&to) {
                prop_assert!(map.apply(*from).distance(*to) < 1e-3);
                prop_assert!(back.apply(*to).distance(*from) < 1e-3);
                prop_assert!(map.then(&back).apply(*from).distance(*from) < 1e-3);
            }
        }
    }
}
