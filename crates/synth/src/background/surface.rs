//! Backdrops and walls.

use glam::{Vec2, Vec3};

use super::canvas::Canvas;
use super::palette::{Cloud, dye, light, oklch, wall, wood};
use crate::Seed;

/// A mottled cloth with a spot of light on it.
pub(super) fn studio(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("studio").stream();
    let base = oklch(stream.between(0.22, 0.75), stream.between(0.0, 0.06), stream.between(0.0, 1.0));
    let other = base * stream.between(0.5, 0.8);
    let cloud = Cloud::new(seed.of("mottle"), 6, 0.62);
    let grain = stream.between(0.3, 1.0);
    let spot = Vec2::new(stream.between(-0.4, 0.4), stream.between(-0.3, 0.4));
    let (reach, dark) = (stream.between(0.4, 1.2), stream.between(0.15, 0.7));
    canvas.shade(|at| {
        let share = (0.5 + grain * cloud.at(at * 0.6)).clamp(0.0, 1.0);
        let spot = (-(at - spot).length_squared() / (reach * reach)).exp();
        base.lerp(other, share) * (dark + (1.4 - dark) * spot)
    });
}

/// A roll of paper, brighter on one side.
pub(super) fn paper(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("paper").stream();
    let base = match stream.weighted(&[2.0, 1.0, 2.0]) {
        0 => oklch(stream.between(0.8, 0.96), stream.between(0.0, 0.015), stream.between(0.0, 1.0)),
        1 => oklch(stream.between(0.15, 0.35), stream.between(0.0, 0.03), stream.between(0.0, 1.0)),
        _ => oklch(stream.between(0.35, 0.85), stream.between(0.02, 0.13), stream.between(0.0, 1.0)),
    };
    let way = Vec2::from_angle(stream.between(0.0, std::f32::consts::TAU)) * stream.between(0.1, 0.9);
    let tint = light(&mut stream, -0.6, 0.6);
    canvas.shade(|at| base * tint.powf(way.dot(at)) * (1.0 + way.dot(at)).max(0.2));
}

/// Paint or plaster with stains, sometimes a second colour below a line.
pub(super) fn plaster(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("plaster").stream();
    let upper = wall(&mut stream);
    let two = stream.chance(0.3);
    let lower = if two { wall(&mut stream) * 0.8 } else { upper };
    let line = stream.between(-0.2, 0.45);
    let (stain, rough) = (Cloud::new(seed.of("stain"), 6, 0.6), Cloud::new(seed.of("rough"), 6, 0.9));
    let (stained, grained) = (stream.between(0.02, 0.3), stream.between(0.02, 0.15));
    let size = stream.between(0.7, 2.5);
    canvas.shade(|at| {
        let color = if two && at.y > line { lower } else { upper };
        color * (1.0 + stained * stain.at(at * 0.5) + grained * rough.at(at * size)).max(0.2)
    });
    if stream.chance(0.35) {
        let (x, wide) = (stream.between(-0.6, 0.6), stream.between(0.2, 0.6));
        // The shadow of a corner or of a door.
        canvas.light(|at| {
            let share = ((at.x - x) / wide).clamp(0.0, 1.0);
            Vec3::splat(1.0 - 0.5 * share * f32::from(at.x > x))
        });
    }
}

/// Bricks in a running bond.
pub(super) fn brick(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("brick").stream();
    let high = stream.between(0.035, 0.1);
    let wide = high * stream.between(2.4, 3.6);
    let joint = high * stream.between(0.08, 0.18);
    let (base, spread) = match stream.weighted(&[4.0, 1.0, 1.0]) {
        0 => {
            (oklch(stream.between(0.38, 0.58), stream.between(0.05, 0.11), stream.between(0.08, 0.14)), 0.35)
        }
        1 => (oklch(stream.between(0.75, 0.92), 0.012, 0.2), 0.08),
        _ => (oklch(stream.between(0.3, 0.65), stream.between(0.0, 0.03), stream.between(0.1, 0.3)), 0.2),
    };
    let mortar = Vec3::splat(stream.between(0.15, 0.6)) * Vec3::new(1.0, 0.96, 0.9);
    let (rough, stain) = (Cloud::new(seed.of("rough"), 6, 0.85), Cloud::new(seed.of("stain"), 5, 0.6));
    canvas.shade(|_| mortar);
    let (low, far) = canvas.bounds();
    let mut y = (low.y / high).floor() * high;
    let mut row = 0;
    while y < far.y {
        let mut x = (low.x / wide).floor() * wide - wide * 0.5 * (row % 2) as f32;
        while x < far.x {
            let shift = stream.normal(2.0) * spread;
            let color = base * shift.exp() * Vec3::new(1.0, 1.0 + 0.1 * stream.normal(2.0) * spread, 1.0);
            let corner = Vec2::new(x, y) + joint / 2.0;
            canvas.rect(corner, Vec2::new(x + wide, y + high) - joint / 2.0, |at| {
                // The upper edge catches the light.
                let edge = 1.0 - 0.25 * ((at.y - corner.y) / high);
                color * (edge + 0.22 * rough.at(at * 2.0)).max(0.2)
            });
            x += wide;
        }
        y += high;
        row += 1;
    }
    canvas.light(|at| Vec3::splat((1.0 + 0.2 * stain.at(at * 0.5)).max(0.3)));
}

/// Planks, upright or level.
pub(super) fn planks(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("planks").stream();
    let base = if stream.chance(0.25) { wall(&mut stream) } else { wood(&mut stream) };
    let upright = stream.chance(0.6);
    let wide = stream.between(0.07, 0.24);
    let gap = stream.between(0.003, 0.012);
    let strength = stream.between(0.08, 0.3);
    let grain = Cloud::new(seed.of("grain"), 6, 0.75);
    let (low, far) = canvas.bounds();
    let mut across = low.min_element() - stream.between(0.0, wide);
    canvas.shade(|_| base * 0.12);
    while across < far.max_element() {
        let color = base * (0.18 * stream.normal(2.0)).exp();
        let (lead, stretch) = (stream.between(0.0, 1.0), stream.between(0.08, 0.2));
        let (start, end) = if upright {
            (Vec2::new(across + gap, low.y), Vec2::new(across + wide - gap, far.y))
        } else {
            (Vec2::new(low.x, across + gap), Vec2::new(far.x, across + wide - gap))
        };
        canvas.rect(start, end, |at| {
            let at = if upright { at } else { Vec2::new(at.y, at.x) };
            // Grain runs along the plank.
            let fibre = grain.at(Vec2::new(at.x * 2.2 + lead, at.y * stretch + lead));
            color * (1.0 + strength * fibre).max(0.15)
        });
        across += wide;
    }
}

/// Tiles in a grid, glossy or dull.
pub(super) fn tiles(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("tiles").stream();
    let size = Vec2::new(stream.between(0.07, 0.26), stream.between(0.07, 0.26));
    let size = if stream.chance(0.6) { Vec2::splat(size.x) } else { size };
    let colors = [wall(&mut stream), if stream.chance(0.5) { wall(&mut stream) } else { dye(&mut stream) }];
    let second = if stream.chance(0.4) { stream.between(0.1, 0.5) } else { 0.0 };
    let joint = stream.between(0.003, 0.012);
    let grout = Vec3::splat(stream.between(0.08, 0.6));
    let cloud = Cloud::new(seed.of("marble"), 6, 0.6);
    let (veined, glossy) = (stream.between(0.0, 0.25), stream.between(0.0, 0.3));
    canvas.shade(|_| grout);
    let (low, far) = canvas.bounds();
    let mut y = (low.y / size.y).floor() * size.y;
    while y < far.y {
        let mut x = (low.x / size.x).floor() * size.x;
        while x < far.x {
            let color = colors[usize::from(stream.chance(second))] * (0.06 * stream.normal(2.0)).exp();
            let (tilt, lead) = (stream.normal(2.0) * glossy, stream.between(0.0, 1.0));
            let corner = Vec2::new(x, y);
            canvas.rect(corner + joint, corner + size - joint, |at| {
                let local = (at - corner) / size;
                let shine = 1.0 + tilt * (local.x - local.y);
                color * (shine + veined * cloud.at(at * 0.9 + lead)).max(0.2)
            });
            x += size.x;
        }
        y += size.y;
    }
}

/// Wallpaper: stripes, or a print in rows.
pub(super) fn wallpaper(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("wallpaper").stream();
    let ground = wall(&mut stream);
    let ink = if stream.chance(0.5) { ground * stream.between(0.45, 0.8) } else { wall(&mut stream) };
    let period = stream.between(0.07, 0.25);
    let stripes = stream.chance(0.45);
    let share = stream.between(0.2, 0.6);
    let cloud = Cloud::new(seed.of("paper"), 6, 0.7);
    canvas.shade(|at| {
        let phase = (at.x / period).rem_euclid(1.0);
        let color = if stripes && phase < share { ink } else { ground };
        color * (1.0 + 0.04 * cloud.at(at))
    });
    if stripes {
        return;
    }
    let petals = 3 + stream.below(4);
    let (long, thick) = (period * stream.between(0.2, 0.38), period * stream.between(0.08, 0.18));
    let (dot, turn) = (dye(&mut stream), stream.between(0.0, 1.0));
    let (low, far) = canvas.bounds();
    let mut y = (low.y / period).floor() * period;
    let mut row = 0;
    while y < far.y + period {
        let mut x = (low.x / period).floor() * period + period * 0.5 * (row % 2) as f32;
        while x < far.x + period {
            for petal in 0..petals {
                let angle = (petal as f32 / petals as f32 + turn) * std::f32::consts::TAU;
                let centre = Vec2::new(x, y) + Vec2::from_angle(angle) * long;
                canvas.blob(centre, Vec2::new(long * 0.8, thick), angle, 0.1, ink);
            }
            canvas.blob(Vec2::new(x, y), Vec2::splat(thick), 0.0, 0.1, dot);
            x += period;
        }
        y += period * 0.8;
        row += 1;
    }
}

/// A curtain in folds.
pub(super) fn curtain(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("curtain").stream();
    let cloth = if stream.chance(0.4) { wall(&mut stream) } else { dye(&mut stream) };
    let folds = Cloud::new(seed.of("folds"), 6, stream.between(0.6, 0.9));
    let weave = Cloud::new(seed.of("weave"), 6, 0.95);
    let (depth, wide) = (stream.between(0.2, 0.55), stream.between(0.4, 1.0));
    let sway = stream.between(0.01, 0.06);
    canvas.shade(|at| {
        let across = at.x * wide + sway * folds.at(Vec2::new(at.y * 0.3, at.x * 0.1));
        // The side that is turned to the light is bright, the valley between two folds is dark.
        let here = folds.at(Vec2::new(across, at.y * 0.06));
        let slope = folds.at(Vec2::new(across + 0.006, at.y * 0.06)) - here;
        let valley = here.min(0.0);
        let shade = 1.0 + depth * (slope * 5.0).clamp(-1.0, 1.0) + depth * valley;
        cloth * (shade + 0.03 * weave.at(at * 2.0)).max(0.08)
    });
}
