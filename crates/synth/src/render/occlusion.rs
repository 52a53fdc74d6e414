//! How much of the light from all around reaches a place, by what is seen around it on the picture (Jimenez et al.
//! 2016, "Practical realtime strategies for accurate indirect occlusion").

use std::f32::consts::PI;

use glam::{Vec2, Vec3};

use super::fragments::Fragments;

/// Steps to each side in the plane in which the horizon is looked for.
const STEPS: usize = 4;
/// What is farther away than this, in mm, hides nothing.
const REACH: f32 = 140.0;
/// What rises less than this (as a sine) above a surface hides nothing: places are read off at the middle of pixels
/// and bodies are made of flat triangles, and a ball would hide itself.
const LEAST: f32 = 0.07;

/// What a place sees of its surroundings.
#[derive(Clone, Copy)]
pub(super) struct Opening {
    /// Share of the light from all around that reaches the place, 0..=1.
    pub(super) open: f32,
    /// How far the mean direction that it comes from leans from the normal, in the frame of the camera.
    pub(super) lean: Vec3,
}

/// Places on the picture where something is seen.
pub(super) struct Occlusion<'a> {
    fragments: &'a Fragments,
    /// Position of what fills most of each pixel, in the frame of the camera; NaN where nothing is.
    positions: Vec<Vec3>,
    focal: f32,
}

impl<'a> Occlusion<'a> {
    pub(super) fn new(fragments: &'a Fragments, focal: f32) -> Self {
        let pixels = fragments.width * fragments.height;
        let position = |pixel| fragments.main(pixel).map_or(Vec3::NAN, |at| fragments.all[at].position);
        Self { fragments, positions: (0..pixels).map(position).collect(), focal }
    }

    /// What a fragment sees in one plane through the line of sight: `turn`, 0..1, turns it and moves the steps. Taken over
    /// neighbours with other turns it is what is seen all around.
    pub(super) fn opening(&self, at: usize, turn: f32) -> Opening {
        let fragment = &self.fragments.all[at];
        let normal = fragment.normal;
        let position = fragment.position;
        let view = -position.normalize_or(Vec3::Z);
        let width = self.fragments.width;
        let pixel =
            Vec2::new((fragment.pixel as usize % width) as f32, (fragment.pixel as usize / width) as f32);
        let farthest = (REACH * self.focal / position.z).max(2.0);
        let (sin, cos) = (turn * PI).sin_cos();
        let along = Vec2::new(cos, sin);
        // The plane's axes: the line of sight and what is across it.
        let direction = along.extend(0.0);
        let across = (direction - view * direction.dot(view)).normalize_or(Vec3::X);
        let flat = Vec2::new(normal.dot(across), normal.dot(view));
        let length = flat.length().max(1e-4);
        let (sin_n, cos_n) = ((flat.x / length).clamp(-1.0, 1.0), (flat.y / length).clamp(-1.0, 1.0));
        let tilt = sin_n.signum() * arc_cos(cos_n);

        // Cosines of the angles between the line of sight and the horizons; at first the tangent plane.
        let mut horizons = [sin_n, -sin_n];
        for (horizon, sign) in horizons.iter_mut().zip([-1.0, 1.0]) {
            let tangent = *horizon;
            for step in 0..STEPS {
                // Near places matter more, and are also more likely to belong to the same hollow.
                let part = (step as f32 + 0.35 + 0.65 * turn) / STEPS as f32;
                let away = 1.0 + (farthest - 1.0) * part * part * part;
                let Some(other) = self.position(pixel + along * (sign * away)) else { continue };
                let to = other - position;
                let above = to.dot(normal);
                let square = to.length_squared();
                let weight = 1.0 - square / (REACH * REACH);
                // Never so where nothing is.
                if above > 0.0 && above * above >= LEAST * LEAST * square && weight > 0.0 {
                    let cos = to.dot(view) / square.sqrt();
                    *horizon = horizon.max(tangent + (cos - tangent) * weight);
                }
            }
        }
        let angles = [-arc_cos(horizons[0]), arc_cos(horizons[1])];
        let arc = |cos: f32, angle: f32| {
            let sin = angle.signum() * (1.0 - cos * cos).max(0.0).sqrt();
            let twice = [2.0 * cos * cos - 1.0, 2.0 * sin * cos];
            cos_n + 2.0 * angle * sin_n - (twice[0] * cos_n + twice[1] * sin_n)
        };
        let open = 0.25 * length * (arc(horizons[0], angles[0]) + arc(horizons[1], angles[1]));
        // The same without anything in the way; over all planes it would be 1, in this one it is not quite.
        let whole = length * (cos_n + tilt * sin_n);
        let (sin, cos) = (0.5 * (angles[0] + angles[1])).sin_cos();
        let span = (angles[1] - angles[0]).max(0.0) / PI;
        let (up, aside) = (cos * span - cos_n, sin * span - sin_n);
        // What is across is met in all planes only by halves.
        let lean = (view * up + 2.0 * across * aside) * length;
        Opening { open: (open / whole.max(1e-4)).clamp(0.0, 1.0), lean }
    }

    fn position(&self, pixel: Vec2) -> Option<Vec3> {
        let (width, height) = (self.fragments.width, self.fragments.height);
        let place = pixel + 0.5;
        if place.x < 0.0 || place.y < 0.0 {
            return None;
        }
        let (x, y) = (place.x as i32 as usize, place.y as i32 as usize);
        (x < width && y < height).then(|| self.positions[y * width + x])
    }
}

/// Within 0.0001 of the true one and three times as fast (Abramowitz & Stegun 4.4.45).
fn arc_cos(cos: f32) -> f32 {
    let x = cos.abs().min(1.0);
    let positive = (1.0 - x).sqrt() * (((-0.018_729_3 * x + 0.074_261) * x - 0.212_114_4) * x + 1.570_728_8);
    if cos < 0.0 { PI - positive } else { positive }
}
