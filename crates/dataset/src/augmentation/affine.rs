//! Turned, scaled, sheared and shifted.

use geometry::Homography;
use serde::{Deserialize, Serialize};
use synth::Seed;

use super::change::Change;
use super::section::{Section, Warp, number, range};

/// The picture turned, scaled, sheared and shifted about its middle, as if a detector's points were off; what
/// comes in from outside is black. It is one warp together with [`Corners`](crate::Corners).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Affine {
    /// Of how many pictures, as a share.
    pub probability: f32,
    /// Most degrees by which it is turned, to either side.
    pub rotation: f32,
    /// From how small to how large it becomes, drawn evenly in the logarithm; 1 for no change.
    pub scale: [f32; 2],
    /// Most by which it is shifted along each axis, to either side, as a share of that side.
    pub shift: f32,
    /// Most degrees by which upright lines lean, to either side, as of a shutter that rolls.
    pub shear: f32,
    /// Whether it becomes wider by its height.
    pub aspect: Change,
}

impl Default for Affine {
    /// Up to 10 degrees, a tenth in size and a twentieth in place.
    fn default() -> Self {
        Self {
            probability: 0.5,
            rotation: 10.0,
            scale: [0.9, 1.1],
            shift: 0.05,
            shear: 0.0,
            aspect: Change { probability: 0.0, by: 0.1 },
        }
    }
}

impl Section for Affine {
    fn name(&self) -> &'static str {
        "affine"
    }

    fn probability(&self) -> f32 {
        self.probability
    }

    fn check(&self) -> Result<(), String> {
        number("rotation", self.rotation, [0.0, 180.0])?;
        range("scale", self.scale, [0.1, 10.0])?;
        number("shift", self.shift, [0.0, 1.0])?;
        number("shear", self.shear, [0.0, 60.0])?;
        self.aspect.check("aspect", 0.9)
    }
}

impl Warp for Affine {
    fn map(&self, (width, height): (u32, u32), seed: Seed) -> Homography {
        let mut stream = seed.stream();
        let mut about = |most: f32| f64::from(stream.between(-most, most));
        let (sin, cos) = about(self.rotation).to_radians().sin_cos();
        let lean = about(self.shear).to_radians().tan();
        let [shift_x, shift_y] = [width, height].map(|side| about(self.shift) * f64::from(side));
        let scale = f64::from(stream.log_between(self.scale[0], self.scale[1]));
        let aspect = f64::from(self.aspect.factor(&mut stream)).sqrt();
        // As large as before, though wider or narrower; then sheared; then turned.
        let (sx, sy) = (scale * aspect, scale / aspect);
        let [xx, xy, yx, yy] = [cos * sx, (cos * lean - sin) * sy, sin * sx, (sin * lean + cos) * sy];
        let (cx, cy) = (f64::from(width - 1) / 2.0, f64::from(height - 1) / 2.0);
        Homography([
            [xx, xy, cx + shift_x - xx * cx - xy * cy],
            [yx, yy, cy + shift_y - yx * cx - yy * cy],
            [0.0, 0.0, 1.0],
        ])
    }
}

#[cfg(test)]
mod tests {
    use geometry::Point;

    use super::*;

    #[test]
    fn moves_no_more_than_it_may() {
        let nothing = Affine { rotation: 0.0, scale: [1.0; 2], shift: 0.0, ..Affine::default() };
        let middle = Point::new(55.5, 39.5);
        let right = middle + Point::new(10.0, 0.0);
        for seed in (0..200).map(Seed::new) {
            let map = |affine: Affine| affine.map((112, 80), seed);
            assert_eq!(map(nothing).apply(right), right);
            let turned = map(Affine { rotation: 30.0, ..nothing }).apply(right) - middle;
            assert!(turned.y.atan2(turned.x).to_degrees().abs() <= 30.001);
            assert!((turned.x.hypot(turned.y) - 10.0).abs() < 1e-3);
            let scaled = map(Affine { scale: [0.5, 2.0], ..nothing }).apply(right) - middle;
            assert!((4.999..20.001).contains(&scaled.x) && scaled.y == 0.0);
            let shifted = map(Affine { shift: 0.1, ..nothing }).apply(middle) - middle;
            assert!(shifted.x.abs() <= 11.21 && shifted.y.abs() <= 8.01);
            let below = middle + Point::new(0.0, 10.0);
            let sheared = map(Affine { shear: 45.0, ..nothing });
            assert_eq!(sheared.apply(right), right);
            let sheared = sheared.apply(below) - middle;
            assert!(sheared.x.abs() <= 10.001 && (sheared.y - 10.0).abs() < 1e-3);
            let wide = map(Affine { aspect: Change { probability: 1.0, by: 0.2 }, ..nothing });
            let [w, h] = [(wide.apply(right) - middle).x, (wide.apply(below) - middle).y];
            assert!((0.799..1.201).contains(&(w / h)) && (w * h - 100.0).abs() < 1e-2, "{w} {h}");
        }
    }
}
