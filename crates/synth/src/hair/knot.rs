//! Hair that is held together: tails and knots.

use std::f32::consts::TAU;

use glam::{Vec2, Vec3};

use super::HairPart;
use super::fall::Fall;
use super::material::Strands;
use super::scalp::Scalp;
use super::sheet::{FULL, Knot, Sheet};
use super::style::Hairstyle;
use crate::curve::ramp;
use crate::{Stream, noise};

/// Columns around tails and knots.
const AROUND: usize = 18;

/// Hair that falls from the place of the disc where it is gathered.
pub(super) fn tail(style: &Hairstyle, scalp: &Scalp<'_>, at: Vec2, strands: Strands) -> Vec<HairPart> {
    let ground = scalp.ground;
    let spot = scalp.spot(at);
    let seed = style.seed.of("tail").value();
    let thick = 13.0 + 0.6 * style.volume + 6.0 * style.curl;
    let fall = Fall {
        end: (ground.marks.chin + style.cut).min(spot.place.y - 60.0),
        rows: 16,
        curtain: 0.0,
        above: thick * 0.8,
        turn: 0.0,
        thin: 1.0,
    };
    let from = spot.place + spot.normal * (style.volume + 1.0);
    let heading = (spot.normal + Vec3::Y * 0.35).normalize_or(spot.normal);
    let mut middle = vec![from, from + heading * 8.0];
    middle.extend(fall.hang(ground, middle[1], heading, 0.0, FULL).iter().map(|knot| knot.place));
    let rows = middle.len();
    let column = |number: usize| {
        let (sin, cos) = (number as f32 / AROUND as f32 * TAU).sin_cos();
        let length = noise::gradient(Vec3::new(3.0 * sin, 3.0 * cos, 1.5), seed);
        let knot = |row: usize| {
            let share = row as f32 / (rows - 1) as f32;
            let ahead =
                (middle[(row + 1).min(rows - 1)] - middle[row.saturating_sub(1)]).normalize_or(Vec3::NEG_Y);
            let side = (Vec3::X - ahead * ahead.x).normalize_or(Vec3::X);
            let up = side.cross(ahead);
            let wide = thick * (0.45 + 0.55 * ramp(0.0, 0.3, share)) * (1.0 - 0.6 * ramp(0.5, 1.0, share));
            let ridges = 1.0 + 0.14 * noise::gradient(Vec3::new(2.2 * sin, 2.2 * cos, 2.0 * share), seed ^ 1);
            let swing = (share * 9.0 + 2.0 * sin).sin() * 0.35 * strands.wave * share;
            let around = (side * (sin * (1.1 + 0.1 * share)) + up * cos) * (wide * ridges) + side * swing;
            let place = middle[row] + around;
            Knot { place, full: FULL * (1.0 - ramp(0.78 + 0.1 * length, 1.0, share)) }
        };
        (0..rows).map(knot).collect()
    };
    let sheet = Sheet { columns: (0..AROUND).map(column).collect(), closed: true, tube: true };
    sheet.outside(ground, 1.5).parts(ground, style, strands)
}

/// A knot: hair wound into a ball.
pub(super) fn bun(
    style: &Hairstyle,
    scalp: &Scalp<'_>,
    at: Vec2,
    strands: Strands,
    stream: &mut Stream,
) -> Vec<HairPart> {
    let ground = scalp.ground;
    let spot = scalp.spot(at);
    let out = spot.normal;
    let radius = stream.between(22.0, 36.0);
    let center = spot.place + out * (0.5 * radius + style.volume);
    let right = out.cross(Vec3::X).normalize_or(Vec3::Y);
    let up = out.cross(right);
    let (twist, strings) = (stream.between(1.2, 2.4), 3.0 + stream.below(3) as f32);
    let rows = 12;
    let column = |number: usize| {
        let start = number as f32 / AROUND as f32 * TAU;
        let knot = |row: usize| {
            let share = row as f32 / (rows - 1) as f32;
            let polar = 2.75 - 2.72 * share;
            let azimuth = start + twist * share;
            // Strings of hair bulge, and are wound about each other.
            let bulge = 0.93 + 0.09 * (strings * start).sin().abs() + 0.06 * share;
            let around = right * azimuth.cos() + up * azimuth.sin();
            let place = center + (out * (0.75 * polar.cos()) + around * polar.sin()) * (radius * bulge);
            Knot { place, full: FULL }
        };
        (0..rows).map(knot).collect()
    };
    let sheet = Sheet { columns: (0..AROUND).map(column).collect(), closed: true, tube: true };
    let tighter = Strands { wave: 0.0, shade: 0.35, ..strands };
    sheet.outside(ground, 1.0).parts(ground, style, tighter)
}
