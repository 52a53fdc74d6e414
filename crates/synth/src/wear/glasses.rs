//! Glasses: they slide back until they rest on the nose, and their arms go to the ears.

use std::f32::consts::TAU;

use glam::{FloatExt, Vec2, Vec3};

use super::WornPart;
use super::fabric::{Fabric, Weave};
use super::fit::{Fit, SIDES};
use super::hull::Hull;
use super::solid::{ball, cord, curve, sheet, tube};
use crate::{Landmark, Seed, Side};

/// Points around a lens.
const AROUND: usize = 40;

/// What glasses are glazed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lenses {
    /// Clear; they mirror a little.
    Clear,
    /// Tinted so lightly that eyes are seen.
    Tinted,
    /// Sunglasses.
    Dark,
}

/// How lenses are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rim {
    /// All around, thick.
    Full,
    /// All around, of wire.
    Wire,
    /// Thick above, of wire below.
    Brow,
    /// Above only.
    Half,
    /// Not at all.
    None,
}

/// A pair of glasses. Lengths are in millimetres.
#[derive(Clone, Debug, PartialEq)]
pub struct Glasses {
    /// What they are glazed with.
    pub lenses: Lenses,
    /// How lenses are held.
    pub rim: Rim,
    /// Width and height of a lens as shares of the distance between the eyes: 0.8 x 0.6 is usual.
    pub size: Vec2,
    /// Roundness: 2 is an ellipse, more is squarer.
    pub square: f32,
    /// How far the lower outer part droops, as in aviators (above 0), or the upper outer corner rises, as in cat eyes
    /// (below 0); about -0.3..=0.4.
    pub droop: f32,
    /// Thickness of the rim.
    pub thick: f32,
    /// What the frame is made of.
    pub frame: Fabric,
    /// What the lenses are made of.
    pub glass: Fabric,
}

impl Glasses {
    /// Any glasses; `dark` for sunglasses.
    pub fn sample(seed: Seed, dark: bool) -> Self {
        let mut stream = seed.of("glasses").stream();
        let rim = [Rim::Full, Rim::Wire, Rim::Brow, Rim::Half, Rim::None]
            [stream.weighted(&if dark { [4.0, 2.0, 0.6, 0.2, 0.3] } else { [3.0, 3.0, 0.7, 1.0, 1.0] })];
        let (square, droop) = match stream.weighted(&[2.0, 3.0, 1.0, 1.0]) {
            0 => (stream.between(2.0, 2.3), 0.0),
            1 => (stream.between(2.8, 4.5), stream.between(-0.05, 0.12)),
            2 => (stream.between(2.2, 2.8), stream.between(0.2, 0.38)),
            _ => (stream.between(2.4, 3.2), stream.between(-0.3, -0.12)),
        };
        let wide = stream.between(0.72, 0.85) + if dark { 0.03 } else { 0.0 };
        let high = wide * if square < 2.4 { stream.between(0.86, 0.98) } else { stream.between(0.6, 0.82) };
        let frame = frame(&mut stream, seed.of("frame").value(), matches!(rim, Rim::Full | Rim::Brow));
        let (lenses, glass) = lenses(&mut stream, dark);
        let thick = stream.between(2.2, 4.2);
        Self { lenses, rim, size: Vec2::new(wide, high), square, droop, thick, frame, glass }
    }

    /// The edge of the left lens at an angle (0 outward, a quarter turn up), from its middle, in half widths and
    /// heights.
    fn edge(&self, angle: f32) -> Vec2 {
        let (sin, cos) = angle.sin_cos();
        let power = 2.0 / self.square;
        let point = Vec2::new(cos.abs().powf(power) * cos.signum(), sin.abs().powf(power) * sin.signum());
        // Aviators are narrow at the nose and hang outward; cat eyes rise outward.
        let low = (0.5 - 0.5 * point.y) * self.droop.max(0.0);
        let rise = -self.droop.min(0.0) * (0.5 + 0.5 * point.x) * (0.5 + 0.5 * point.y);
        Vec2::new(point.x * (1.0 - 0.35 * low * (1.0 - point.x)), point.y * (1.0 + 0.5 * low) + rise)
    }

    pub(super) fn make(&self, fit: &Fit<'_>) -> Vec<WornPart> {
        let front = fit.front();
        let seat = Seat::new(self, fit, &front);
        let mut frame = crate::Mesh::default();
        let mut parts = Vec::new();
        let mut glass = crate::Mesh::default();
        for side in SIDES {
            let sign = side.sign();
            let loop_: Vec<Vec3> = (0..AROUND)
                .map(|at| seat.on(self.edge(at as f32 / AROUND as f32 * TAU) * Vec2::new(sign, 1.0), sign))
                .collect();
            glass.append(&self.lens(&seat, sign));
            self.hold(&mut frame, &loop_);
            self.arm(&mut frame, fit, &seat, side);
            self.pad(&mut frame, &front, &seat, sign);
        }
        self.bridge(&mut frame, &seat);
        let shadow = self.lenses == Lenses::Dark;
        parts.push(WornPart::solid(frame, self.frame));
        parts.push(WornPart { mesh: glass, material: self.glass, casts_shadow: shadow, two_sided: true });
        parts
    }

    fn lens(&self, seat: &Seat, sign: f32) -> crate::Mesh {
        let mut lens = sheet(AROUND, 4, true, |u, v| {
            // Clockwise as seen, from the middle outward, so that the outside is in front.
            let edge = self.edge(-u * TAU * sign) * v * 0.99;
            seat.on(edge * Vec2::new(sign, 1.0), sign)
        });
        for (uv, at) in lens.uvs.iter_mut().zip(&lens.positions) {
            let local = (at.truncate() - seat.middle(sign).truncate()) / seat.half;
            *uv = local * 0.5 + 0.5;
        }
        // A little rounder than it is, as the two surfaces of a lens mirror more of the room.
        for (normal, uv) in lens.normals.iter_mut().zip(&lens.uvs) {
            *normal = Vec3::new(0.35 * (uv.x - 0.5), 0.35 * (uv.y - 0.5), 1.0).normalize();
        }
        lens
    }

    /// Thickness of the rim at an upper or lower part of the lens.
    fn thickness(&self, up: f32) -> f32 {
        match self.rim {
            Rim::Full => self.thick,
            Rim::Wire => 1.3,
            Rim::Brow if up > 0.15 => self.thick * 1.5,
            Rim::Brow => 1.2,
            Rim::Half => 2.0,
            Rim::None => 0.0,
        }
    }

    fn hold(&self, frame: &mut crate::Mesh, rim: &[Vec3]) {
        let section = |thick: f32| {
            move |_: f32, angle: f32| {
                let (sin, cos) = angle.sin_cos();
                // A rounded rectangle: as deep as 3 mm.
                let round = |value: f32| value.signum() * value.abs().powf(0.6);
                Vec2::new(round(cos) * thick / 2.0, round(sin) * thick.clamp(1.2, 3.4) / 2.0)
            }
        };
        let upper: Vec<Vec3> = (0..=AROUND / 2).map(|at| rim[at]).collect();
        match self.rim {
            Rim::None => {}
            Rim::Half => frame.append(&tube(&upper, false, 6, Vec3::Z, section(2.0))),
            Rim::Brow => {
                frame.append(&tube(rim, true, 6, Vec3::Z, section(1.2)));
                frame.append(&tube(&upper, false, 8, Vec3::Z, section(self.thick * 1.5)));
            }
            Rim::Full | Rim::Wire => {
                let thick = self.thickness(1.0);
                frame.append(&tube(rim, true, 8, Vec3::Z, section(thick)));
            }
        }
    }

    fn arm(&self, frame: &mut crate::Mesh, fit: &Fit<'_>, seat: &Seat, side: Side) {
        let sign = side.sign();
        let skull = fit.side(side, false);
        let ear = fit.at(Landmark::EarTop(side));
        let hinge = seat.on(self.edge(0.45) * Vec2::new(sign, 1.0), sign) + Vec3::X * sign * 1.5;
        // Over the root of the ear, between it and the skull.
        let above = |z: f32, y: f32, gap: f32| {
            let reach = skull.crest(Vec2::new(z, y), Vec2::new(4.0, 4.0)) + gap;
            Vec3::new(reach * sign, y, z)
        };
        let root = above(ear.z, ear.y + 1.5, 1.8);
        let near = above(ear.z + 18.0, ear.y + 2.0 + (hinge.y - ear.y) * 0.1, 2.0);
        let tip = above(ear.z - 16.0, ear.y - 12.0, 1.5);
        let end = above(ear.z - 20.0, ear.y - 26.0, 1.5);
        let straight = hinge.lerp(near, 0.5);
        let elbow = hinge + Vec3::new(sign * 2.0, 0.0, -6.0);
        let mut path = curve(&[hinge, elbow, straight, near, root, tip, end], 36);
        // Temples are pressed outward by the head, not into it.
        for point in &mut path {
            let reach = skull.reach(Vec2::new(point.z, point.y)) + 1.2;
            if point.z < hinge.z - 4.0 {
                point.x = sign * (point.x * sign).max(reach);
            }
        }
        let (tall, thick) = match self.rim {
            Rim::Full | Rim::Brow => (self.thick.max(3.0) * 1.1, 2.2),
            _ => (1.6, 1.2),
        };
        let arm = tube(&path, false, 8, Vec3::Y, |_, angle| {
            let (sin, cos) = angle.sin_cos();
            let round = |value: f32| value.signum() * value.abs().powf(0.6);
            Vec2::new(round(cos) * thick / 2.0, round(sin) * tall / 2.0)
        });
        frame.append(&arm);
        if self.rim != Rim::Full {
            let lug = seat.on(self.edge(0.45) * Vec2::new(sign, 1.0) * 0.97, sign);
            frame.append(&cord(&[lug, hinge], 1.0, 6));
        }
    }

    /// The pad that rests on the side of the nose.
    fn pad(&self, frame: &mut crate::Mesh, front: &Hull, seat: &Seat, sign: f32) {
        let at = Vec2::new(sign * 8.0, seat.bridge.y - 6.0);
        let place = front.point(at, 1.8);
        let rim = seat.on(self.edge(TAU * 0.44) * Vec2::new(sign, 1.0), sign);
        frame.append(&ball(place, Vec3::new(1.3, 3.2, 1.3), 10, 6));
        let over = Vec3::new(rim.x.lerp(place.x, 0.6), rim.y, rim.z - 0.5);
        let over = front.outside(over, 1.5);
        frame.append(&cord(&curve(&[rim, over, place], 8), 0.7, 6));
    }

    fn bridge(&self, frame: &mut crate::Mesh, seat: &Seat) {
        let ends = SIDES.map(|side| {
            let sign = side.sign();
            seat.on(self.edge(TAU * 0.43) * Vec2::new(sign, 1.0), sign)
        });
        let arch = seat.bridge;
        let path = curve(
            &[
                ends[1],
                ends[1].lerp(arch, 0.6).with_y(arch.y),
                arch,
                ends[0].lerp(arch, 0.6).with_y(arch.y),
                ends[0],
            ],
            16,
        );
        let (tall, thick) = if matches!(self.rim, Rim::Full) { (self.thick * 1.2, 2.6) } else { (1.6, 1.4) };
        let section = |_: f32, angle: f32| Vec2::from_angle(angle) * Vec2::new(thick, tall) / 2.0;
        frame.append(&tube(&path, false, 8, Vec3::Y, section));
        if self.droop > 0.15 {
            // The second bar of aviators.
            let tops = SIDES.map(|side| {
                let sign = side.sign();
                seat.on(self.edge(TAU * 0.36) * Vec2::new(sign, 1.0), sign)
            });
            let middle = (tops[0] + tops[1]) / 2.0 + Vec3::Z * 0.6;
            let middle = middle.with_z(middle.z.max(arch.z));
            frame.append(&cord(&curve(&[tops[1], middle, tops[0]], 8), 0.8, 6));
        }
    }
}

/// Where glasses sit on a face.
struct Seat {
    /// Middle of the left lens.
    lens: Vec3,
    /// Half the width and height of a lens.
    half: Vec2,
    /// Where the bridge lies on the nose.
    bridge: Vec3,
}

impl Seat {
    fn new(glasses: &Glasses, fit: &Fit<'_>, front: &Hull) -> Self {
        let [left, right] = fit.both(Landmark::EyeCenter);
        let apart = left.x - right.x;
        let half = glasses.size * apart / 2.0;
        let eyes = (left + right) / 2.0;
        // Lenses reach farther out than in: the middle of a lens is a little outside that of the eye.
        let across = (apart / 2.0).max(half.x + 7.5);
        let mut seat = Self { lens: Vec3::new(across, eyes.y - 1.0, 0.0), half, bridge: Vec3::ZERO };
        let lash = left.z.max(right.z) + 3.5;
        // They slide down the nose until its bridge carries them, a few millimetres at most.
        for _ in 0..5 {
            seat.bridge = Vec3::new(0.0, seat.lens.y + half.y * 0.28, 0.0);
            let nose = front.crest(seat.bridge.truncate(), Vec2::new(2.0, 2.5)) + 1.5;
            let need = seat.clearance(glasses, front).max(lash);
            seat.lens.z = need.max(nose - 1.0);
            seat.bridge.z = nose;
            if nose >= need - 1.5 {
                break;
            }
            seat.lens.y -= 1.0;
        }
        seat
    }

    /// The least depth of the lens's middle at which no part of the rim touches the face.
    fn clearance(&self, glasses: &Glasses, front: &Hull) -> f32 {
        let mut need = f32::NEG_INFINITY;
        for side in SIDES {
            for at in 0..AROUND {
                let edge = glasses.edge(at as f32 / AROUND as f32 * TAU) * Vec2::new(side.sign(), 1.0);
                let point = Self { lens: self.lens.with_z(0.0), ..*self }.on(edge, side.sign());
                need = need.max(front.crest(point.truncate(), Vec2::splat(1.5)) + 2.2 - point.z);
            }
        }
        need
    }

    fn middle(&self, sign: f32) -> Vec3 {
        self.lens * Vec3::new(sign, 1.0, 1.0)
    }

    /// A point of the front of the frame, `at` from the middle of a lens in half widths and heights: fronts are bent
    /// around the face and lean in below.
    fn on(&self, at: Vec2, sign: f32) -> Vec3 {
        let point = self.middle(sign) + (at * self.half).extend(0.0);
        let beyond = point.x.abs() - self.lens.x;
        let bend = 0.10 * beyond + 0.0012 * beyond * beyond.abs();
        point - Vec3::Z * (bend - 0.12 * (point.y - self.lens.y))
    }
}

fn frame(stream: &mut crate::Stream, seed: u64, thick: bool) -> Fabric {
    if thick && stream.chance(0.85) {
        return match stream.weighted(&[4.0, 3.0, 1.5, 1.0]) {
            0 => Fabric::plastic(Vec3::splat(stream.between(0.008, 0.03)), 0.3),
            1 => {
                let dark = Vec3::new(0.03, 0.014, 0.006);
                let amber = Vec3::new(0.32, 0.14, 0.035) * stream.between(0.5, 1.2);
                let horn = Fabric::plastic(dark, 0.25);
                Fabric { weave: Weave::Mottled(stream.between(5.0, 12.0)), second: amber, seed, ..horn }
            }
            2 => Fabric::plastic(hue(stream) * 0.5, 0.3),
            _ => Fabric { opacity: 0.75, ..Fabric::plastic(Vec3::splat(stream.between(0.4, 0.8)), 0.25) },
        };
    }
    let metals = [
        Vec3::splat(0.08),
        Vec3::new(0.8, 0.8, 0.82),
        Vec3::new(0.95, 0.72, 0.38),
        Vec3::new(0.85, 0.5, 0.4),
    ];
    Fabric::metal(metals[stream.weighted(&[3.0, 3.0, 2.0, 1.0])], 0.3)
}

fn hue(stream: &mut crate::Stream) -> Vec3 {
    let angle = stream.between(0.0, TAU);
    Vec3::new(angle.cos(), (angle + 2.1).cos(), (angle + 4.2).cos()) * 0.35 + 0.4
}

fn lenses(stream: &mut crate::Stream, dark: bool) -> (Lenses, Fabric) {
    let glass = |color: Vec3, opacity: f32, fade: f32, glare: f32| Fabric {
        weave: Weave::Lens { fade, glare },
        opacity,
        roughness: 0.08,
        gloss: 0.045,
        ..Fabric::plastic(color, 0.1)
    };
    if dark {
        let tint = [
            Vec3::splat(0.012),
            Vec3::new(0.035, 0.018, 0.008),
            Vec3::new(0.012, 0.025, 0.018),
            Vec3::new(0.01, 0.014, 0.03),
        ];
        let fade = if stream.chance(0.3) { stream.between(0.1, 0.35) } else { 0.0 };
        let lens = glass(tint[stream.below(4)], stream.between(0.9, 1.0), fade, stream.between(0.0, 0.35));
        return (Lenses::Dark, lens);
    }
    // The coating of clear lenses mirrors green or blue.
    let glare = if stream.chance(0.35) { stream.between(0.1, 0.35) } else { 0.0 };
    if stream.chance(0.12) {
        let color = hue(stream) * 0.3;
        return (Lenses::Tinted, glass(color, stream.between(0.25, 0.45), 0.4, glare));
    }
    (Lenses::Clear, glass(Vec3::new(0.25, 0.32, 0.34), 0.05, 0.0, glare))
}
