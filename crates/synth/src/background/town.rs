//! Streets, houses, lights and people far away.

use glam::{Vec2, Vec3};

use super::canvas::Canvas;
use super::palette::{Cloud, dye, leaf, light, oklch, wall};
use crate::{Seed, Stream};

/// A street between two rows of houses, with cars and trees.
pub(super) fn street(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("street").stream();
    let (low, far) = canvas.bounds();
    let vanish = Vec2::new(stream.between(-0.4, 0.4), stream.between(-0.05, 0.2));
    let sky = light(&mut stream, 0.0, 1.2) * stream.between(0.5, 1.2);
    let houses = [0, 1, 2, 3, 4, 5, 6, 7].map(|_| wall(&mut stream) * stream.between(0.4, 0.9));
    let heights = [0, 1, 2, 3, 4, 5, 6, 7].map(|_| stream.between(0.7, 2.6));
    let (half, eye) = (stream.between(0.5, 1.1), stream.between(0.25, 0.4));
    let asphalt = Vec3::splat(stream.between(0.08, 0.3));
    let pavement = asphalt * 1.6;
    let glass = Vec3::splat(stream.between(0.02, 0.12)) + sky * 0.08;
    let (wide, pitch) = (stream.between(0.5, 1.2), stream.between(0.16, 0.35));
    let shady = stream.between(0.35, 0.9);
    let grain = Cloud::new(seed.of("grain"), 6, 0.8);
    canvas.shade(|at| {
        let way = at - vanish;
        let side = half / way.x.abs().max(1e-3);
        let ground = if way.y > 0.0 { eye / way.y.max(1e-3) } else { f32::INFINITY };
        if ground < side.min(30.0) {
            let across = (way.x * ground).abs();
            let color = if across > half * 0.7 { pavement } else { asphalt };
            return (color * (1.0 + 0.2 * grain.at(Vec2::new(way.x * ground, ground) * 0.4)))
                .lerp(sky, (ground * 0.02).min(0.5));
        }
        let house = (side / wide) as usize * 2 + usize::from(way.x > 0.0);
        let height = -way.y * side;
        if side > 12.0 || height > heights[house % 8] {
            return sky * (1.0 + 0.3 * way.y);
        }
        let lit = if way.x > 0.0 { shady } else { 1.0 };
        let across = (side / wide * 4.0).fract();
        let up = (height / pitch).rem_euclid(1.0);
        let opening = (0.25..0.7).contains(&across) && (0.25..0.8).contains(&up);
        let color = if opening { glass } else { houses[house % 8] * lit };
        color.lerp(sky, (side * 0.06).min(0.6))
    });
    for _ in 0..2 + stream.below(6) {
        let near = stream.between(1.0, 5.0);
        let side = if stream.chance(0.5) { -1.0 } else { 1.0 };
        if stream.chance(0.6) {
            car(canvas, &mut stream, vanish + Vec2::new(side * half * 0.55, eye) / near, 0.55 / near);
        } else {
            tree(canvas, &mut stream, vanish + Vec2::new(side * half * 0.85, eye) / near, 1.2 / near);
        }
    }
    if stream.chance(0.3) {
        let x = stream.between(low.x, far.x);
        canvas.block(Vec2::new(x, low.y), Vec2::new(x + stream.between(0.01, 0.03), 0.5), Vec3::splat(0.05));
    }
}

fn car(canvas: &mut Canvas, stream: &mut Stream, foot: Vec2, size: f32) {
    let paint = if stream.chance(0.6) { Vec3::splat(stream.between(0.03, 0.7)) } else { dye(stream) };
    let at = |x: f32, y: f32| foot + Vec2::new(x, -y) * size;
    canvas.blob(at(0.0, 0.0), Vec2::new(0.55, 0.06) * size, 0.0, 0.5, Vec3::splat(0.02));
    canvas.block(at(-0.5, 0.38), at(0.5, 0.06), paint);
    canvas.polygon(&[at(-0.3, 0.66), at(0.3, 0.66), at(0.42, 0.36), at(-0.42, 0.36)], |_| paint * 0.9);
    canvas
        .polygon(&[at(-0.27, 0.62), at(0.27, 0.62), at(0.37, 0.39), at(-0.37, 0.39)], |_| Vec3::splat(0.06));
    let lamp = if stream.chance(0.5) { Vec3::new(3.0, 2.7, 2.0) } else { Vec3::new(1.2, 0.06, 0.04) };
    for x in [-0.4, 0.4] {
        canvas.blob(at(x, 0.28), Vec2::new(0.08, 0.05) * size, 0.0, 0.3, lamp);
        canvas.block(at(x - 0.08, 0.08), at(x + 0.08, -0.02), Vec3::splat(0.015));
    }
}

fn tree(canvas: &mut Canvas, stream: &mut Stream, foot: Vec2, size: f32) {
    let trunk = oklch(0.35, 0.03, 0.16);
    let half = Vec2::new(size * 0.03, 0.0);
    canvas.block(foot - half - Vec2::new(0.0, size * 0.5), foot + half, trunk);
    let color = leaf(stream);
    for _ in 0..30 {
        let angle = stream.between(0.0, std::f32::consts::TAU);
        let offset = Vec2::from_angle(angle) * size * stream.between(0.0, 0.3) - Vec2::new(0.0, size * 0.7);
        let radii = Vec2::splat(size * stream.between(0.06, 0.14));
        // Lit from above.
        let lit = (0.7 - (offset.y / size + 0.7) * 1.5).max(0.15);
        canvas.blob(foot + offset, radii, 0.0, 0.4, color * lit * stream.between(0.6, 1.4));
    }
}

/// The front of a house: windows in a grid.
pub(super) fn facade(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("facade").stream();
    let (low, far) = canvas.bounds();
    let paint = wall(&mut stream) * stream.between(0.5, 0.95);
    let grain = Cloud::new(seed.of("grain"), 6, 0.75);
    canvas.shade(|at| paint * (1.0 + 0.12 * grain.at(at * 0.8)));
    let pitch = Vec2::new(stream.between(0.18, 0.5), stream.between(0.25, 0.6));
    let size = pitch * Vec2::new(stream.between(0.4, 0.85), stream.between(0.4, 0.8));
    let frame = wall(&mut stream) * 0.9;
    let sky = light(&mut stream, 0.2, 1.2);
    let slant = stream.between(-0.12, 0.12);
    let lights = stream.between(0.0, 0.15);
    let rim = stream.between(0.006, 0.02);
    let mut y = low.y - stream.between(0.0, pitch.y);
    while y < far.y {
        canvas.block(Vec2::new(low.x, y - 0.02), Vec2::new(far.x, y - 0.008), paint * 0.7);
        let mut x = low.x - stream.between(0.0, 0.02);
        while x < far.x {
            let corner = Vec2::new(x, y + 0.04);
            canvas.block(corner - rim, corner + size + rim, frame);
            let mirrored = stream.between(0.03, 0.5);
            let lit = stream.chance(lights);
            canvas.rect(corner, corner + size, |at| {
                if lit {
                    return Vec3::new(1.3, 0.9, 0.5);
                }
                let local = (at - corner) / size;
                // Glass mirrors the sky above and the dark across the street below.
                sky * mirrored * (1.1 - local.y + slant * local.x) + 0.015
            });
            let bar = Vec2::new(rim * 0.7, 0.0);
            let middle = corner + Vec2::new(size.x / 2.0, 0.0);
            canvas.block(middle - bar, middle + bar + Vec2::new(0.0, size.y), frame);
            let sill = corner + Vec2::new(0.0, size.y);
            canvas.block(
                sill - Vec2::new(rim * 2.0, 0.0),
                sill + Vec2::new(size.x + rim * 2.0, rim * 1.5),
                frame * 1.1,
            );
            x += pitch.x;
        }
        y += pitch.y;
    }
    if stream.chance(0.4) {
        let (ground, shop) = (stream.between(0.1, 0.4), dye(&mut stream));
        canvas.block(Vec2::new(low.x, ground), far, Vec3::splat(0.03));
        canvas.block(Vec2::new(low.x, ground), Vec2::new(far.x, ground + 0.07), shop);
        let mut x = low.x;
        while x < far.x {
            let wide = stream.between(0.15, 0.4);
            let inside = light(&mut stream, -0.8, 0.4) * stream.between(0.05, 0.8);
            canvas.block(Vec2::new(x, ground + 0.1), Vec2::new(x + wide, far.y), inside);
            x += wide + 0.03;
        }
    }
}

/// Lights of a town at night.
pub(super) fn night(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("night").stream();
    let (low, far) = canvas.bounds();
    let base = oklch(stream.between(0.1, 0.28), stream.between(0.01, 0.06), stream.between(0.6, 0.85));
    let horizon = stream.between(-0.2, 0.3);
    let cloud = Cloud::new(seed.of("dark"), 5, 0.6);
    canvas.shade(|at| base * (1.2 - (at.y - horizon).abs() + 0.5 * cloud.at(at * 0.6)).max(0.15));
    let mut x = low.x;
    while x < far.x {
        let wide = stream.between(0.06, 0.25);
        let top = horizon - stream.between(0.02, 0.5);
        canvas.block(Vec2::new(x, top), Vec2::new(x + wide, far.y), base * stream.between(0.2, 0.7));
        x += wide * stream.between(0.8, 1.2);
    }
    let warm = stream.between(0.3, 1.0);
    let spread = stream.between(0.08, 0.35);
    let bright = stream.log_between(4.0, 25.0);
    for _ in 0..20 + stream.below(90) {
        let centre = Vec2::new(stream.between(low.x, far.x), horizon + spread * stream.normal(2.0));
        let color = match stream.weighted(&[4.0 * warm, 2.0, 0.7, 0.4, 0.6]) {
            0 => Vec3::new(1.0, 0.62, 0.28),
            1 => light(&mut stream, -0.3, 0.8),
            2 => Vec3::new(1.0, 0.1, 0.06),
            3 => Vec3::new(0.12, 0.9, 0.4),
            _ => oklch(0.7, 0.17, stream.between(0.0, 1.0)),
        };
        let radius = stream.log_between(0.004, 0.013);
        canvas.glow(centre, radius, color * bright * stream.log_between(0.4, 2.0));
    }
}

/// People far away: heads and shoulders without features.
pub(super) fn crowd(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("crowd").stream();
    let (low, far) = canvas.bounds();
    let cloud = Cloud::new(seed.of("ground"), 6, 0.7);
    let base = if stream.chance(0.4) { leaf(&mut stream) } else { wall(&mut stream) * 0.6 };
    let horizon = stream.between(-0.3, 0.1);
    let sky = light(&mut stream, 0.0, 1.0) * stream.between(0.2, 1.0);
    canvas.shade(|at| {
        let ground = ((at.y - horizon) * 8.0).clamp(0.0, 1.0);
        sky.lerp(base, ground) * (1.0 + 0.3 * cloud.at(at * 0.7)).max(0.1)
    });
    let rows = 2 + stream.below(3);
    let dense = stream.between(0.7, 1.8);
    for row in 0..rows {
        let near = (row + 1) as f32 / rows as f32;
        let size = 0.03 + 0.06 * near;
        let mut x = low.x - stream.between(0.0, size);
        while x < far.x {
            let top = horizon + 0.3 * near * near + stream.between(-0.4, 0.4) * size;
            let skin =
                oklch(stream.between(0.35, 0.8), stream.between(0.04, 0.07), stream.between(0.12, 0.17));
            let hair = oklch(stream.between(0.15, 0.5), 0.03, 0.17);
            let cloth = dye(&mut stream);
            let at = |dx: f32, dy: f32| Vec2::new(x + dx * size, top + dy * size);
            canvas.blob(at(0.0, 3.6), Vec2::new(1.1, 2.6) * size, 0.0, 0.12, cloth * 0.8);
            canvas.block(at(-0.8, 3.5), at(0.8, 12.0), cloth * 0.55);
            canvas.blob(at(0.0, 0.0), Vec2::new(0.5, 0.65) * size, 0.0, 0.15, hair);
            // Turned away as often as not.
            if stream.chance(0.5) {
                let turn = stream.between(-0.3, 0.3);
                canvas.blob(at(turn, 0.18), Vec2::new(0.36, 0.45) * size, 0.0, 0.3, skin * 0.8);
            }
            x += size * stream.between(1.8, 4.0) / dense;
        }
    }
}
