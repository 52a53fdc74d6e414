//! The corners of the picture moved.

use geometry::{Homography, Point};
use serde::{Deserialize, Serialize};
use synth::Seed;

use super::section::{Section, Warp, number};

/// Each corner of the picture moved by itself, as if it were seen from elsewhere; what comes in from outside
/// is black. It is one warp together with [`Affine`](crate::Affine).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Corners {
    /// Of how many pictures, as a share.
    pub probability: f32,
    /// Most by which a corner is moved along each axis, to either side, as a share of that side.
    pub shift: f32,
}

impl Default for Corners {
    fn default() -> Self {
        Self { probability: 0.5, shift: 0.05 }
    }
}

impl Section for Corners {
    fn name(&self) -> &'static str {
        "corners"
    }

    fn probability(&self) -> f32 {
        self.probability
    }

    fn check(&self) -> Result<(), String> {
        // At more than this three corners can lie on a line.
        number("shift", self.shift, [0.0, 0.24])
    }
}

impl Warp for Corners {
    fn map(&self, (width, height): (u32, u32), seed: Seed) -> Homography {
        let mut stream = seed.stream();
        let (w, h) = (width as f32, height as f32);
        let corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
        // The edges of the picture lie half a pixel around the centres of its outer pixels.
        let corners = corners.map(|(x, y)| Point::new(x * w - 0.5, y * h - 0.5));
        let moved = corners.map(|corner| {
            let [x, y] = [w, h].map(|side| side * stream.between(-self.shift, self.shift));
            corner + Point::new(x, y)
        });
        Homography::fit(&corners, &moved).unwrap_or(Homography::IDENTITY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_go_no_farther_than_they_may() {
        let corners = Corners { shift: 0.24, ..Corners::default() };
        for seed in (0..200).map(Seed::new) {
            let map = corners.map((112, 80), seed);
            assert_ne!(map, Homography::IDENTITY);
            for corner in [Point::new(-0.5, -0.5), Point::new(111.5, 79.5)] {
                let moved = map.apply(corner) - corner;
                assert!(moved.x.abs() <= 0.24 * 112.0 + 0.01 && moved.y.abs() <= 0.24 * 80.0 + 0.01);
            }
        }
    }
}
