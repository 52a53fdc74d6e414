//! What things that are no faces are made of.

use glam::{Vec2, Vec3};

use crate::curve::ramp;
use crate::{Material, Reflectance, SurfacePoint, noise};

/// A painted pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pattern {
    /// One colour, a little uneven.
    Plain,
    /// Stripes from pole to pole of a body about its origin: so many, as of a beach ball or a melon.
    Wedges(f32),
    /// Speckles of the second colour.
    Speckles,
    /// A drawn face on the front, with eyes, mouth and cheeks or without: a smile or a frown.
    Cartoon { smile: f32, cheeks: bool },
    /// Two round spots and a bar, as knobs and a slit have: sockets, windows, the fronts of cars.
    Fixture,
    /// Boards so many millimetres wide.
    Boards(f32),
    /// Leaves.
    Leaves,
    /// Square slabs of so many millimetres.
    Slabs(f32),
}

/// A material of two colours.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Paint {
    pub(super) pattern: Pattern,
    pub(super) color: Vec3,
    pub(super) second: Vec3,
    pub(super) roughness: f32,
    /// Where something dark lies on it: x and z of places of `rest`, as the shadows of feet on a floor.
    pub(super) shadows: Vec<Vec2>,
    pub(super) seed: u64,
}

/// Half the size of a shadow on the floor, in millimetres.
const SHADOW: f32 = 330.0;

impl Paint {
    pub(super) fn new(pattern: Pattern, color: Vec3, second: Vec3, roughness: f32, seed: u64) -> Self {
        Self { pattern, color, second, roughness, shadows: Vec::new(), seed }
    }

    /// How much of the second colour a point has, 0..=1.
    fn share(&self, point: &SurfacePoint) -> f32 {
        let rest = point.rest;
        match self.pattern {
            Pattern::Plain => 0.0,
            Pattern::Wedges(count) => {
                let turn = rest.x.atan2(rest.z) * count * 0.5 + 0.4 * self.cloud(rest / 40.0);
                ramp(-0.15, 0.15, turn.sin())
            }
            Pattern::Speckles => ramp(0.05, 0.25, self.cloud(rest / 7.0)),
            Pattern::Cartoon { smile, cheeks } => cartoon(point.uv * 2.0 - 1.0, smile, cheeks),
            Pattern::Fixture => fixture(point.uv * 2.0 - 1.0),
            Pattern::Boards(wide) => {
                let across = (rest.y / wide).rem_euclid(1.0);
                let grain = 0.35 + 0.3 * self.cloud(Vec3::new(rest.x / 260.0, rest.y / 9.0, 0.0));
                grain.max(1.0 - ramp(0.0, 0.06, across.min(1.0 - across)))
            }
            Pattern::Leaves => 0.5 + 1.1 * self.cloud(rest / 26.0),
            Pattern::Slabs(wide) => {
                let edge = |at: f32| {
                    let at = (at / wide).rem_euclid(1.0);
                    at.min(1.0 - at) * wide
                };
                let joint = 8.0 + point.footprint;
                let line = 1.0 - ramp(0.0, joint, edge(rest.x).min(edge(rest.z)));
                // Far away joints are finer than a pixel.
                0.3 * self.cloud(rest / 350.0) + line * (60.0 / (60.0 + point.footprint))
            }
        }
        .clamp(0.0, 1.0)
    }

    fn cloud(&self, place: Vec3) -> f32 {
        noise::fractal(place, 3, 0.0, self.seed)
    }

    fn shade(&self, rest: Vec3) -> f32 {
        let dark = |at: &Vec2| (-(Vec2::new(rest.x, rest.z) - *at).length_squared() / SHADOW.powi(2)).exp();
        self.shadows.iter().map(|at| 1.0 - 0.55 * dark(at)).product()
    }
}

impl Material for Paint {
    fn reflectance(&self, point: &SurfacePoint) -> Reflectance {
        let uneven = 1.0 + 0.12 * self.cloud(point.rest / 60.0);
        let albedo = self.color.lerp(self.second, self.share(point)) * uneven * self.shade(point.rest);
        Reflectance {
            roughness: self.roughness,
            gloss: 0.04,
            ..Reflectance::matte(albedo.clamp(Vec3::ZERO, Vec3::ONE))
        }
    }
}

/// Ink of a drawn face on -1..=1, y up.
fn cartoon(at: Vec2, smile: f32, cheeks: bool) -> f32 {
    let side = Vec2::new(at.x.abs(), at.y);
    let eye = 1.0 - ramp(0.09, 0.12, ((side - Vec2::new(0.32, 0.25)) * Vec2::new(1.2, 0.8)).length());
    // The mouth is a piece of a parabola.
    let curve = -0.38 - 0.3 * smile * (0.2 - at.x * at.x) * 2.0;
    let mouth = (1.0 - ramp(0.05, 0.08, (at.y - curve).abs())) * (1.0 - ramp(0.42, 0.47, side.x));
    let blush =
        if cheeks { 0.3 * (1.0 - ramp(0.08, 0.18, (side - Vec2::new(0.55, -0.12)).length())) } else { 0.0 };
    eye.max(mouth).max(blush)
}

/// Two holes and a slit on -1..=1.
fn fixture(at: Vec2) -> f32 {
    let side = Vec2::new(at.x.abs(), at.y);
    let hole = 1.0 - ramp(0.16, 0.2, (side - Vec2::new(0.42, 0.3)).length());
    let slit = (1.0 - ramp(0.08, 0.11, (at.y + 0.4).abs())) * (1.0 - ramp(0.5, 0.53, side.x));
    hole.max(slit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_both_colours_and_no_other() {
        let patterns = [
            Pattern::Wedges(6.0),
            Pattern::Speckles,
            Pattern::Cartoon { smile: 1.0, cheeks: true },
            Pattern::Fixture,
            Pattern::Boards(90.0),
            Pattern::Leaves,
            Pattern::Slabs(400.0),
        ];
        for pattern in patterns {
            let paint = Paint::new(pattern, Vec3::splat(0.8), Vec3::splat(0.1), 0.5, 3);
            let (mut least, mut most) = (f32::INFINITY, f32::NEG_INFINITY);
            for at in 0..2500 {
                let uv = Vec2::new((at % 50) as f32 / 49.0, (at / 50) as f32 / 49.0);
                let rest = Vec3::new(uv.x - 0.5, uv.y - 0.5, 0.3 - uv.x * uv.y) * 900.0;
                let point = SurfacePoint { uv, rest, normal: Vec3::NEG_Z, footprint: 1.0 };
                let albedo = paint.reflectance(&point).albedo;
                (least, most) = (least.min(albedo.min_element()), most.max(albedo.max_element()));
            }
            assert!(0.03 < least && least < 0.45 && most > 0.6 && most < 1.0, "{pattern:?} {least} {most}");
        }
    }
}
