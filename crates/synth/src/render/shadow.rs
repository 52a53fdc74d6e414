//! Where lamps do not reach: depth maps as the lamps see the scene, with edges that grow softer with distance
//! (Fernando 2005, "Percentage-closer soft shadows").

use glam::{Vec2, Vec3};

use super::Scene;
use super::fragments::{Fragment, Fragments};
use super::raster::{Spot, draw};
use crate::Lamp;

/// Directions in which a soft edge is sampled.
const TAPS: usize = 12;
/// Of these, how many look for what is in the way.
const PROBES: usize = 6;
/// Widest edge, in texels.
const WIDEST: f32 = 14.0;
/// What is farther in front of a surface than this, in mm, does not make its shadow softer.
const FARTHEST: f32 = 120.0;
/// Most texels along an axis.
const LARGEST: f32 = 768.0;
/// Surfaces start to be in their own shadow behind this depth, in mm, so that rounding leaves no specks.
const SLACK: f32 = 0.8;

/// How far a place is held off a surface that is seen at a slant by a lamp that fills half the sky, in mm.
const HORIZON: f32 = 12.0;
/// Surfaces are drawn that reach this far below what is seen, in mm.
const BELOW: f32 = 4096.0;

/// The scene as a lamp sees it.
pub(super) struct ShadowMap {
    /// Right and down as the lamp sees it, and towards it.
    right: Vec3,
    down: Vec3,
    toward: Vec3,
    /// Place of the first texel's corner and lowest height, in mm along these.
    origin: Vec3,
    /// Millimetres of a texel.
    texel: f32,
    width: usize,
    height: usize,
    /// Height of what is nearest to the lamp, in mm above the origin; 0 for nothing.
    tops: Vec<f32>,
    /// Sine and tangent of half the angle that the lamp takes up.
    radius: f32,
    spread: f32,
}

/// What of a lamp reaches a place.
#[derive(Clone, Copy)]
pub(super) struct Reach {
    /// Share that is not in the shadow, 0..=1.
    pub(super) open: f32,
    /// How thick the body is between the place and where the light enters it, in mm.
    pub(super) thickness: f32,
}

impl ShadowMap {
    /// The map covers what is seen in the picture; `texels` is about how many it has along its longer side.
    pub(super) fn new(scene: &Scene<'_>, lamp: &Lamp, fragments: &Fragments, texels: f32) -> Self {
        let toward = lamp.direction.normalize_or(Vec3::NEG_Z);
        let right = toward.any_orthonormal_vector();
        let down = right.cross(toward);
        let radius = lamp.radius();
        let spread = radius / (1.0 - radius * radius).sqrt();
        let of = |at: Vec3| Vec3::new(at.dot(right), at.dot(down), at.dot(toward));

        let (mut low, mut high) = (Vec3::INFINITY, Vec3::NEG_INFINITY);
        for fragment in &fragments.all {
            let at = of(fragment.position);
            (low, high) = (low.min(at), high.max(at));
        }
        if low.x > high.x {
            (low, high) = (Vec3::ZERO, Vec3::ZERO);
        }
        let texel = ((high - low).truncate().max_element() / texels.clamp(16.0, LARGEST)).max(0.1);
        let margin = (FARTHEST * spread).min(WIDEST * texel) + 2.0 * texel;
        low -= Vec3::new(margin, margin, BELOW);
        let size = ((high.truncate() + margin - low.truncate()) / texel).ceil();
        let (width, height) = (size.x as usize + 1, size.y as usize + 1);

        let mut tops = vec![0.0; width * height];
        let camera = &scene.camera;
        // The way into the map in one step for each vertex.
        let turn = glam::Mat3::from_cols(right, down, toward).transpose();
        let (turn, shift) = (turn * camera.rotation(), turn * camera.locate(Vec3::ZERO) - low);
        let mut spots: Vec<Spot> = Vec::new();
        for part in scene.parts.iter().filter(|part| part.casts_shadow) {
            spots.clear();
            spots.extend(part.mesh.positions.iter().map(|position| {
                let at = turn * *position + shift;
                Spot::new(at.truncate() / texel, at.z)
            }));
            draw(part, &spots, [width, height], |at, top, _| tops[at] = f32::max(tops[at], top));
        }
        Self { right, down, toward, origin: low, texel, width, height, tops, radius, spread }
    }

    /// What reaches a fragment. `turn`, in radians, turns the pattern of samples.
    pub(super) fn reach(&self, fragment: &Fragment, turn: f32) -> Reach {
        let lit = fragment.normal.dot(self.toward);
        // Held off the surface, by more where it is seen at a slant: a texel covers a deep piece of it there.
        // Beyond the edge of the light a large lamp still looks over the horizon of a round body.
        let slant = (1.0 - lit * lit).max(0.0).sqrt();
        let lift = self.texel * (0.6 + 1.4 * slant) + HORIZON * self.radius * slant;
        let at = self.locate(fragment.position + fragment.normal * lift);
        let place = at.truncate() / self.texel;
        // Measured from a little below the surface: a texel at the rim of a body would take it for thin.
        let thickness = if fragment.reflectance.scatter > 0.0 && lit < 0.0 {
            let inside = self.locate(fragment.position - fragment.normal * self.texel);
            (self.top(inside.truncate() / self.texel) - inside.z).max(0.0)
        } else {
            f32::INFINITY
        };
        if lit <= -self.radius {
            return Reach { open: 0.0, thickness };
        }
        // How the surface rises towards the lamp from texel to texel.
        let slope =
            Vec2::new(fragment.normal.dot(self.right), fragment.normal.dot(self.down)) / -lit.max(0.06);
        let slope = slope * self.texel;
        let pattern = Pattern::new(turn);

        let widest = (FARTHEST * self.spread / self.texel).clamp(1.5, WIDEST);
        let (mut blockers, mut above) = (0.0, 0.0);
        for number in 0..PROBES {
            let step = pattern.step(number, PROBES) * widest;
            let over = self.top(place + step) - at.z - slope.dot(step).max(0.0);
            if over > SLACK {
                blockers += 1.0;
                above += over;
            }
        }
        if blockers == 0.0 {
            return Reach { open: 1.0, thickness };
        }
        let radius = (above / blockers * self.spread / self.texel).clamp(1.0, widest);
        let mut open = 0.0;
        for number in 0..TAPS {
            let step = pattern.step(number, TAPS) * radius;
            let over = self.top(place + step) - at.z - slope.dot(step).max(0.0);
            // From light to shadow over a millimetre rather than at once.
            open += (1.0 - (over - SLACK)).clamp(0.0, 1.0);
        }
        Reach { open: open / TAPS as f32, thickness }
    }

    /// A point of the frame of the camera on the map, in mm.
    fn locate(&self, at: Vec3) -> Vec3 {
        Vec3::new(at.dot(self.right), at.dot(self.down), at.dot(self.toward)) - self.origin
    }

    /// Height of what is nearest to the lamp at a place in texels; 0 outside.
    fn top(&self, place: Vec2) -> f32 {
        let (x, y) = (place.x as usize, place.y as usize);
        if x < self.width && y < self.height { self.tops[y * self.width + x] } else { 0.0 }
    }
}

/// Points spread over a disc, in the order of a sunflower's seeds.
struct Pattern {
    sin: f32,
    cos: f32,
}

impl Pattern {
    fn new(turn: f32) -> Self {
        let (sin, cos) = turn.sin_cos();
        Self { sin, cos }
    }

    /// One of `count` points, in a disc of radius 1.
    fn step(&self, number: usize, count: usize) -> Vec2 {
        let [x, y] = SEEDS[number];
        let radius = ((number as f32 + 0.5) / count as f32).sqrt();
        Vec2::new(x * self.cos - y * self.sin, x * self.sin + y * self.cos) * radius
    }
}

/// Cosine and sine of multiples of the golden angle.
const SEEDS: [[f32; 2]; TAPS] = [
    [1.0, 0.0],
    [-0.737_369, 0.675_490],
    [0.087_426, -0.996_171],
    [0.608_439, 0.793_601],
    [-0.984_713, -0.174_182],
    [0.843_755, -0.536_728],
    [-0.259_604, 0.965_715],
    [-0.460_907, -0.887_448],
    [0.939_321, 0.343_039],
    [-0.924_346, 0.381_556],
    [0.423_846, -0.905_734],
    [0.299_284, 0.954_164],
];
