//! The scalp as a disc: the crown in the middle, the hairline around it.

use std::f32::consts::{PI, TAU};

use glam::{Vec2, Vec3};

use super::ground::Ground;

/// Azimuths at which the hairline is known.
const AROUND: usize = 96;
/// Unit vectors of the frame of the head: where the middle of the disc is, and which way leads from it to the
/// forehead. Seen from there, the hairline of most heads is nearly a circle.
const CROWN: Vec3 = Vec3::new(0.0, 0.72, -0.694);
const FRONT: Vec3 = Vec3::new(0.0, 0.694, 0.72);
/// Share of hair from which a place belongs to the disc.
const EDGE: f32 = 0.4;
/// Between which angles from the crown, in radians, hairlines are looked for.
const NARROW: f32 = 0.7;
const WIDE: f32 = 2.4;

/// A chart of the scalp: 1 from the middle is the hairline, x goes to the left, y to the front.
pub(super) struct Scalp<'a> {
    pub(super) ground: &'a Ground<'a>,
    /// Angle between the crown and the hairline, by azimuth.
    line: Vec<f32>,
}

/// A place of the skull.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) place: Vec3,
    pub(super) normal: Vec3,
    /// Share of hair, 0..=1.
    pub(super) cover: f32,
}

impl<'a> Scalp<'a> {
    pub(super) fn new(ground: &'a Ground<'a>) -> Self {
        let edge = |number: usize| {
            let azimuth = number as f32 / AROUND as f32 * TAU;
            let cover = |angle: f32| ground.skull.look(direction(azimuth, angle)).value;
            let step = 0.06;
            let mut angle = WIDE;
            let mut outside = cover(angle);
            while angle > NARROW {
                let inside = cover(angle - step);
                if inside >= EDGE {
                    // Between two steps the share of hair is about linear.
                    return angle - step * ((EDGE - outside) / (inside - outside).max(1e-3)).clamp(0.0, 1.0);
                }
                (angle, outside) = (angle - step, inside);
            }
            NARROW
        };
        let raw: Vec<f32> = (0..AROUND).map(edge).collect();
        // Sideburns and the notch behind the ear are left to the cover.
        let line = (0..AROUND).map(|at| {
            let beside = |by: usize| raw[(at + AROUND + by - 2) % AROUND];
            (beside(0) + 2.0 * beside(1) + 2.0 * beside(2) + 2.0 * beside(3) + beside(4)) / 8.0
        });
        Self { ground, line: line.collect() }
    }

    /// The direction of a point of the disc from the center of the skull; beyond 1 it goes on over the face.
    pub(super) fn toward(&self, at: Vec2) -> Vec3 {
        let azimuth = at.x.atan2(at.y);
        let place = (azimuth / TAU).rem_euclid(1.0) * AROUND as f32;
        let (first, part) = (place as usize % AROUND, place.fract());
        let line = self.line[first] * (1.0 - part) + self.line[(first + 1) % AROUND] * part;
        direction(azimuth, (at.length() * line).min(0.95 * PI))
    }

    /// The skull at a point of the disc.
    pub(super) fn spot(&self, at: Vec2) -> Spot {
        let toward = self.toward(at);
        let shore = self.ground.skull.look(toward);
        let place = self.ground.skull.center() + toward * shore.distance;
        Spot { place, normal: shore.normal, cover: shore.value }
    }

    /// The point of the disc that lies in a direction from the center of the skull.
    pub(super) fn point(&self, toward: Vec3) -> Vec2 {
        let toward = toward.normalize_or(CROWN);
        let azimuth = toward.x.atan2(toward.dot(FRONT));
        let at = ((azimuth / TAU).rem_euclid(1.0) * AROUND as f32) as usize % AROUND;
        let angle = toward.dot(CROWN).clamp(-1.0, 1.0).acos();
        Vec2::new(azimuth.sin(), azimuth.cos()) * (angle / self.line[at])
    }
}

fn direction(azimuth: f32, angle: f32) -> Vec3 {
    CROWN * angle.cos() + (Vec3::X * azimuth.sin() + FRONT * azimuth.cos()) * angle.sin()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Template;
    use crate::hair::Hairline;

    #[test]
    fn the_rim_of_the_disc_is_the_hairline() {
        let template = Template::get();
        let ground = Ground::new(template, template.mesh(), &Hairline::FULL, 0.2, false, false, 1);
        let scalp = Scalp::new(&ground);
        for number in 0..40 {
            let (sin, cos) = (number as f32 / 40.0 * TAU).sin_cos();
            let cover = |far: f32| scalp.spot(Vec2::new(sin, cos) * far).cover;
            assert!(cover(0.5) > 0.9 && cover(0.85) > 0.5, "{number} {}", cover(0.85));
            assert!(cover(1.25) < 0.35, "{number} {}", cover(1.25));
        }
        let front = scalp.spot(Vec2::Y).place;
        assert!(front.z > 50.0 && front.y > ground.marks.brow + 25.0, "{front}");
        for at in [Vec2::new(0.4, 0.2), Vec2::new(-0.7, -0.5), Vec2::new(0.1, 0.9)] {
            assert!(scalp.point(scalp.toward(at)).distance(at) < 0.03);
        }
    }
}
