//! The upper body below the head, which is not seen but gives clothes their form.

use glam::{Vec2, Vec3};

use super::super::fit::Fit;
use super::super::hull::Hull;
use crate::curve::ramp;
use crate::{Landmark, noise};

/// How far down from the base of the neck the stations of the profiles lie along the body, in millimetres.
const DOWN: [f32; STATIONS] = [0.0, 18.0, 50.0, 92.0, 140.0, 182.0, 240.0, 420.0];
const STATIONS: usize = 8;
/// Distance from the axis, as a share of half the breadth of the shoulders, and height above the chin, to the side: the
/// trapezius falls to the round of the shoulder, then the arm hangs.
const SIDE: [[f32; 2]; STATIONS] = [
    [0.22, -28.0],
    [0.325, -38.0],
    [0.49, -52.0],
    [0.68, -67.0],
    [0.88, -87.0],
    [0.985, -118.0],
    [1.02, -172.0],
    [1.0, -345.0],
];
/// The same in millimetres in front, from the pit of the neck over the breastbone,
const FRONT: [[f32; 2]; STATIONS] = [
    [53.0, -80.0],
    [62.0, -94.0],
    [76.0, -113.0],
    [89.0, -136.0],
    [100.0, -165.0],
    [107.0, -196.0],
    [113.0, -246.0],
    [111.0, -360.0],
];
/// and behind, from the lowest vertebra of the neck.
const BACK: [[f32; 2]; STATIONS] = [
    [52.0, -18.0],
    [62.0, -27.0],
    [78.0, -44.0],
    [92.0, -66.0],
    [104.0, -98.0],
    [111.0, -130.0],
    [115.0, -182.0],
    [111.0, -345.0],
];

/// A torso with the neck of a head in it.
pub(in crate::wear) struct Torso {
    neck: Hull,
    /// Depth of the axis of the neck at height 0, and its slope.
    axis: Vec2,
    chin: f32,
    shoulders: f32,
    folds: u64,
}

impl Torso {
    /// `shoulders` is half their breadth in millimetres; `folds` makes the cloth fall in another way.
    pub(in crate::wear) fn new(fit: &Fit<'_>, shoulders: f32, folds: u64) -> Self {
        let chin = fit.at(Landmark::Menton).y;
        let neck = fit.neck(chin - 108.0, chin + 14.0);
        let axis = Vec2::new(fit.axis(0.0), fit.axis(1.0) - fit.axis(0.0));
        Self { neck, axis, chin, shoulders, folds }
    }

    /// How far the base of the neck lies above the chin at an azimuth; it is below it, lowest in front.
    pub(in crate::wear) fn base(azimuth: f32) -> f32 {
        profile(azimuth, 0.0, 1.0).y
    }

    /// Distance of the body from the axis, `down` from the base of the neck.
    pub(super) fn radius(&self, azimuth: f32, down: f32) -> f32 {
        profile(azimuth, down.max(0.0), self.shoulders).x
    }

    /// A point of clothes `above` the body, `down` from the base of the neck (below 0: up the neck).
    pub(in crate::wear) fn at(&self, azimuth: f32, down: f32, above: f32) -> Vec3 {
        if down <= 0.0 {
            return self.up(azimuth, down, above);
        }
        let here = profile(azimuth, down, self.shoulders);
        let along = (profile(azimuth, down + 4.0, self.shoulders) - here).normalize_or(Vec2::NEG_Y);
        // Up the neck, cloth stands off level.
        let below = ramp(0.0, 30.0, down);
        let out = Vec2::X.lerp(Vec2::new(-along.y, along.x), below).normalize_or(Vec2::X);
        // Cloth hangs from the shoulders in folds that grow downwards.
        let place = Vec3::new(azimuth.sin() * 2.1, down / 85.0, azimuth.cos() * 2.1);
        let fold = 3.4 * noise::fractal(place, 2, 0.0, self.folds) * ramp(12.0, 110.0, down);
        let lifted = here + out * (above + fold.max(-0.7 * above));
        let skin = self.skin(azimuth, lifted.y);
        let least = above.min(3.0) + (1.0 - 0.6 * below) * (above - 3.0).max(0.0);
        self.place(azimuth, Vec2::new(lifted.x.max(skin + least), lifted.y))
    }

    fn up(&self, azimuth: f32, down: f32, above: f32) -> Vec3 {
        let height = Self::base(azimuth) - down;
        let body = profile(azimuth, 0.0, self.shoulders).x * ramp(-30.0, 0.0, down);
        self.place(azimuth, Vec2::new(self.skin(azimuth, height).max(body) + above, height))
    }

    /// Half the breadth of the shoulders.
    pub(super) fn shoulders(&self) -> f32 {
        self.shoulders
    }

    /// How far the skin reaches; below where it ends there is only the body.
    fn skin(&self, azimuth: f32, height: f32) -> f32 {
        if height < -104.0 { 0.0 } else { self.neck.reach(Vec2::new(azimuth, self.chin + height)) }
    }

    /// From a distance to the axis and a height above the chin.
    fn place(&self, azimuth: f32, at: Vec2) -> Vec3 {
        let y = self.chin + at.y;
        Vec3::new(azimuth.sin() * at.x, y, self.axis.x + self.axis.y * y + azimuth.cos() * at.x)
    }
}

/// Distance from the axis and height above the chin.
fn profile(azimuth: f32, down: f32, shoulders: f32) -> Vec2 {
    let next = DOWN.iter().position(|&at| at > down).unwrap_or(STATIONS - 1);
    let first = next - 1;
    let t = ((down - DOWN[first]) / (DOWN[next] - DOWN[first])).min(1.0);
    let smooth = |points: &[[f32; 2]; STATIONS]| {
        let point = |at: usize| Vec2::from_array(points[at.min(STATIONS - 1)]);
        let (a, b, c, d) = (point(first.saturating_sub(1)), point(first), point(next), point(next + 1));
        b + ((c - a) + ((a * 2.0 - b * 5.0 + c * 4.0 - d) + (b * 3.0 - a - c * 3.0 + d) * t) * t) * (0.5 * t)
    };
    let (sin, cos) = azimuth.sin_cos();
    let side = smooth(&SIDE);
    let deep = if cos > 0.0 { smooth(&FRONT) } else { smooth(&BACK) };
    // Round at the neck, squarer at the shoulders.
    let power = 2.0 + 0.5 * ramp(0.0, 140.0, down);
    let wide = side.x * shoulders;
    let round = ((sin / wide).abs().powf(power) + (cos / deep.x).abs().powf(power)).powf(-1.0 / power);
    // Arms hang beside the chest.
    let crease = |at: f32| (-((azimuth.abs() - at) / 0.13).powi(2)).exp();
    let reach = round * (1.0 - 0.12 * ramp(95.0, 190.0, down) * (crease(1.0) + crease(2.16)));
    Vec2::new(reach, side.y + (deep.y - side.y) * cos * cos)
}
