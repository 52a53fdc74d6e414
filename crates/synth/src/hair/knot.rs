//! Hair that is held together: tails and knots.

use std::f32::consts::TAU;

use glam::{Vec2, Vec3};

use super::HairPart;
use super::ground::Ground;
use super::locks::{Locks, Ribbon};
use super::material::{Cover, HairMaterial, Kind, Weave};
use super::strand::{Comb, Root, Run};
use super::style::Hairstyle;
use crate::{Mesh, Stream};

/// Hair that falls from the place where it is gathered.
pub(super) fn tail(style: &Hairstyle, ground: &Ground<'_>, run: &Run, stream: &mut Stream) -> HairPart {
    let goal = run.comb.gather.unwrap_or(ground.skull.center());
    let out = (goal - ground.skull.center()).normalize_or(Vec3::NEG_Z);
    let falling = Run {
        comb: Comb { gather: None, down: 0.0, ..run.comb },
        lift: 1.0,
        stiffness: 0.6,
        gravity: 1.0,
        fall: 45.0,
        volume: 0.0,
        cling: 0.0,
        tucked: false,
        cut: ground.marks.chin + style.cut,
        mess: 0.3,
        ..*run
    };
    let steps = 14;
    let ribbon = Ribbon {
        width: 9.0 - 2.5 * style.curl,
        tip: 0.35,
        twist: 0.9,
        wave: 8.0 * (style.curl - 0.1).max(0.0),
        wavelength: 80.0 - 55.0 * style.curl.min(0.95),
        coil: style.curl,
        round: 0.5,
        shade: 0.1,
    };
    let mut locks = Locks::default();
    let length = (goal.y - falling.cut).max(90.0) * 1.1 + 40.0;
    for _ in 0..110 {
        let wide = stream.between(0.0, 1.0).sqrt();
        let angle = stream.between(0.0, TAU);
        let around = Vec3::new(angle.cos(), angle.sin() * out.z.abs(), -angle.sin() * out.y) * wide;
        let spread = (out + around * (0.5 + 0.5 * style.curl)).normalize_or(out);
        let root = Root {
            place: goal + around * 9.0 + out * 2.0,
            normal: spread,
            layer: wide,
            length: length * stream.between(0.8, 1.05),
            fringe: false,
            cut: stream.between(-15.0, 25.0),
        };
        if let Some(places) = falling.lay(ground, &root, steps) {
            locks.add(ground, &places, &ribbon, (0.65 + 0.35 * wide) * stream.between(0.88, 1.12), stream);
        }
    }
    locks.part(style, Weave::Loose)
}

/// A knot: a ball, and locks that are wound around it.
pub(super) fn bun(style: &Hairstyle, ground: &Ground<'_>, run: &Run, stream: &mut Stream) -> Vec<HairPart> {
    let goal = run.comb.gather.unwrap_or(ground.skull.center());
    let out = (goal - ground.skull.center()).normalize_or(Vec3::NEG_Z);
    let radius = stream.between(22.0, 36.0);
    let center = goal + out * (0.55 * radius);
    let right = out.cross(Vec3::X).normalize_or(Vec3::Y);
    let up = out.cross(right);
    let place = |polar: f32, azimuth: f32, far: f32| {
        let around = right * azimuth.cos() + up * azimuth.sin();
        center + (out * (0.8 * polar.cos()) + around * polar.sin()) * (radius * far)
    };
    let ribbon = Ribbon {
        width: 11.0 - 4.0 * style.curl,
        tip: 0.5,
        twist: 0.35 + 0.6 * style.curl,
        wave: 4.0 * style.curl,
        wavelength: 30.0,
        coil: style.curl,
        round: 0.6,
        shade: 0.15,
    };
    let mut locks = Locks::default();
    for at in 0..52 {
        let start = 0.25 + 2.2 * at as f32 / 52.0;
        let (spin, turn) = (stream.between(0.0, TAU), stream.between(2.0, 3.6));
        let drift = stream.between(-0.5, 0.5);
        let far = stream.between(0.98, 1.1);
        let places: Vec<Vec3> = (0..=11)
            .map(|step| {
                let part = step as f32 / 11.0;
                place((start + drift * part).clamp(0.1, 2.6), spin + turn * part, far)
            })
            .map(|at| ground.outside(at, 1.0))
            .collect();
        locks.add(ground, &places, &ribbon, stream.between(0.75, 1.1), stream);
    }
    let mut ball = Mesh::default();
    let (rows, columns) = (10, 16);
    for row in 0..=rows {
        for column in 0..columns {
            let polar = 3.1 * row as f32 / rows as f32 + 0.02;
            let at = ground.outside(place(polar, TAU * column as f32 / columns as f32, 0.97), 0.3);
            ball.positions.push(at);
            ball.rest.push(at);
            ball.uvs.push(Vec2::new(1.0, 0.5 + 0.01 * row as f32));
            if row < rows {
                let corner = |row: u32, column: u32| row * columns + column % columns;
                let [a, b] = [corner(row, column), corner(row, column + 1)];
                let [c, d] = [corner(row + 1, column), corner(row + 1, column + 1)];
                ball.triangles.extend([[a, c, b], [b, c, d]]);
            }
        }
    }
    ball.smooth_normals(&[]);
    let cover = Cover { density: 1.0, strand: 1.5, run: 20.0, tone: 0.55, fray: 0.0, tufts: 0.0, tuft: 8.0 };
    let material = HairMaterial::new(&style.color, 0.2, style.seed.value(), Kind::Cover(cover));
    vec![HairPart { mesh: ball, material, casts_shadow: true }, locks.part(style, Weave::Loose)]
}
