use crate::{Landmarks, Point};

/// A map of the plane that turns, scales uniformly and moves: x' = a x - b y + tx, y' = b x + a y + ty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    /// scale * cos(rotation)
    pub a: f32,
    /// scale * sin(rotation)
    pub b: f32,
    /// Shift to the right after turning and scaling, pixels.
    pub tx: f32,
    /// Shift downwards after turning and scaling, pixels.
    pub ty: f32,
}

impl Similarity {
    /// The map that changes nothing.
    pub const IDENTITY: Self = Self { a: 1.0, b: 0.0, tx: 0.0, ty: 0.0 };

    /// A map from its parts: scale, then clockwise turn (as seen, y pointing down) in degrees, then shift in pixels.
    pub fn new(scale: f32, degrees: f32, tx: f32, ty: f32) -> Self {
        let (sin, cos) = f64::from(degrees).to_radians().sin_cos();
        let scale = f64::from(scale);
        Self { a: (scale * cos) as f32, b: (scale * sin) as f32, tx, ty }
    }

    /// The map that takes `src` nearest to `dst` in the least-squares sense (Umeyama 1991, in the plane and without
    /// reflection, where it has a closed form).
    ///
    /// With p and q the points less their means: a = sum(p.q) / sum|p|^2, b = sum(px qy - py qx) / sum|p|^2. The
    /// direction matters: fit photo to template as here and invert for sampling.
    ///
    /// `None` if the slices differ in length, hold fewer than two points or points that are not finite, if all source
    /// points coincide, or if the best scale is zero.
    pub fn fit(src: &[Point], dst: &[Point]) -> Option<Self> {
        if src.len() != dst.len() || src.len() < 2 {
            return None;
        }
        let (px, py) = mean(src);
        let (qx, qy) = mean(dst);
        let (mut dot, mut cross, mut norm) = (0.0f64, 0.0f64, 0.0f64);
        for (p, q) in src.iter().zip(dst) {
            let (x, y) = (f64::from(p.x) - px, f64::from(p.y) - py);
            let (u, v) = (f64::from(q.x) - qx, f64::from(q.y) - qy);
            dot += x * u + y * v;
            cross += x * v - y * u;
            norm += x * x + y * y;
        }
        let (a, b) = (dot / norm, cross / norm);
        let map = Self {
            a: a as f32,
            b: b as f32,
            tx: (qx - (a * px - b * py)) as f32,
            ty: (qy - (b * px + a * py)) as f32,
        };
        (map.is_finite() && (map.a != 0.0 || map.b != 0.0)).then_some(map)
    }

    /// The image of a point.
    pub fn apply(&self, p: Point) -> Point {
        Point::new(self.a * p.x - self.b * p.y + self.tx, self.b * p.x + self.a * p.y + self.ty)
    }

    /// The image of five landmarks, order kept.
    pub fn apply_all(&self, points: &Landmarks) -> Landmarks {
        points.map(|p| self.apply(p))
    }

    /// The map back; `None` if the scale is zero or so small or large that the inverse is not finite.
    pub fn inverse(&self) -> Option<Self> {
        let (a, b) = (f64::from(self.a), f64::from(self.b));
        let (tx, ty) = (f64::from(self.tx), f64::from(self.ty));
        let det = a * a + b * b;
        let (ia, ib) = (a / det, -b / det);
        let map = Self {
            a: ia as f32,
            b: ib as f32,
            tx: (-(ia * tx - ib * ty)) as f32,
            ty: (-(ib * tx + ia * ty)) as f32,
        };
        map.is_finite().then_some(map)
    }

    /// This map, then `next`: `m.then(&n).apply(p)` is `n.apply(m.apply(p))`.
    pub fn then(&self, next: &Self) -> Self {
        let t = next.apply(Point::new(self.tx, self.ty));
        Self { a: next.a * self.a - next.b * self.b, b: next.b * self.a + next.a * self.b, tx: t.x, ty: t.y }
    }

    /// How much longer lengths become.
    pub fn scale(&self) -> f32 {
        self.a.hypot(self.b)
    }

    /// Turn in degrees, -180..=180; positive is clockwise as seen, since y points down.
    pub fn rotation(&self) -> f32 {
        self.b.atan2(self.a).to_degrees()
    }

    /// Root of the mean squared distance in pixels between the images of `src` and `dst`; 0 for no points.
    ///
    /// Divided by the eye distance of the template it says how far a face is from the template's shape: below 0.12
    /// is usual, above 0.2 a profile or wrong points.
    pub fn residual_rms(&self, src: &[Point], dst: &[Point]) -> f32 {
        let squares: f64 =
            src.iter().zip(dst).map(|(p, q)| f64::from(self.apply(*p).distance(*q)).powi(2)).sum();
        let count = src.len().min(dst.len()).max(1);
        (squares / count as f64).sqrt() as f32
    }

    /// Whether no coefficient is NaN or infinite.
    pub fn is_finite(&self) -> bool {
        [self.a, self.b, self.tx, self.ty].iter().all(|v| v.is_finite())
    }
}

impl Default for Similarity {
    fn default() -> Self {
        Self::IDENTITY
    }
}

fn mean(points: &[Point]) -> (f64, f64) {
    let count = points.len() as f64;
    let sum = |f: fn(&Point) -> f32| points.iter().map(|p| f64::from(f(p))).sum::<f64>();
    (sum(|p| p.x) / count, sum(|p| p.y) / count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Template;

    const FACE: [Point; 5] = [
        Point::new(243.5, 161.8),
        Point::new(271.7, 163.5),
        Point::new(254.2, 177.7),
        Point::new(242.2, 186.2),
        Point::new(265.7, 189.9),
    ];

    #[test]
    fn fits_the_golden_face() {
        let template = Template::ARCFACE_112.points.0;
        let map = Similarity::fit(&FACE, &template).unwrap();
        assert!((map.a - 1.38944).abs() < 1e-5, "{map:?}");
        assert!((map.b + 0.180095).abs() < 1e-6, "{map:?}");
        assert!((map.tx + 330.584_55).abs() < 1e-3, "{map:?}");
        assert!((map.ty + 126.383_5).abs() < 1e-3, "{map:?}");
        assert!((map.residual_rms(&FACE, &template) - 3.408).abs() < 1e-3);
    }

    #[test]
    fn nothing_to_fit_is_none() {
        let same = [Point::new(3.0, 4.0); 5];
        let target = Template::ARCFACE_112.points.0;
        assert_eq!(Similarity::fit(&[], &[]), None);
        assert_eq!(Similarity::fit(&FACE[..1], &target[..1]), None);
        assert_eq!(Similarity::fit(&FACE[..3], &target), None);
        assert_eq!(Similarity::fit(&same, &target), None);
        assert_eq!(Similarity::fit(&FACE, &same), None);
        for bad in [f32::NAN, f32::INFINITY, f32::MAX] {
            let mut broken = FACE;
            broken[2].x = bad;
            let map = Similarity::fit(&broken, &target);
            assert!(map.is_none_or(|m| m.is_finite()), "{bad}: {map:?}");
        }
    }

    #[test]
    fn parts() {
        let map = Similarity::new(2.0, 90.0, 5.0, 6.0);
        let p = map.apply(Point::new(1.0, 0.0));
        assert!(p.distance(Point::new(5.0, 8.0)) < 1e-5, "clockwise: right becomes down, {p:?}");
        assert!((map.rotation() - 90.0).abs() < 1e-4 && (map.scale() - 2.0).abs() < 1e-6);
        assert_eq!(Similarity { a: 0.0, b: 0.0, tx: 1.0, ty: 1.0 }.inverse(), None);
        assert_eq!(Similarity::default().apply(p), p);
    }
}
