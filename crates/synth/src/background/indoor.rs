//! Rooms.

use glam::{Vec2, Vec3};

use super::canvas::Canvas;
use super::palette::{Cloud, dye, leaf, light, oklch, wall, wood};
use crate::{Seed, Stream};

/// A wall, a floor and what stands before them.
pub(super) fn room(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("room").stream();
    let (low, far) = canvas.bounds();
    let paint = wall(&mut stream);
    let grain = Cloud::new(seed.of("grain"), 6, 0.7);
    let corner = stream.between(-1.2, 1.2);
    let turned = stream.between(0.5, 0.85);
    canvas.shade(|at| {
        // The wall beyond the corner gets less light; corners gather shade.
        let side = if at.x > corner { turned } else { 1.0 };
        paint * (side * (1.0 - 0.25 * (-(at.x - corner).abs() * 9.0).exp()) + 0.03 * grain.at(at))
    });
    let ground = stream.between(0.2, 0.6);
    let floor = if stream.chance(0.6) { wood(&mut stream) } else { dye(&mut stream) * 0.7 };
    canvas
        .below(|_| ground, |at, down| floor * (0.6 + down * 0.8 + 0.15 * grain.at(at * Vec2::new(0.3, 2.0))));
    let skirting = Vec3::splat(stream.between(0.3, 0.8));
    canvas.block(Vec2::new(low.x, ground - 0.025), Vec2::new(far.x, ground), skirting);
    if stream.chance(0.3) {
        door(canvas, &mut stream, ground);
    }
    for _ in 0..stream.below(4) {
        picture(canvas, &mut stream, low, far);
    }
    for _ in 0..1 + stream.below(4) {
        let x = stream.between(low.x, far.x);
        match stream.weighted(&[3.0, 2.0, 2.0, 1.5]) {
            0 => cabinet(canvas, &mut stream, x, ground),
            1 => sofa(canvas, &mut stream, x, ground),
            2 => plant(canvas, &mut stream, Vec2::new(x, ground)),
            _ => lamp(canvas, &mut stream, Vec2::new(x, ground)),
        }
    }
}

fn door(canvas: &mut Canvas, stream: &mut Stream, ground: f32) {
    let x = stream.between(-0.8, 0.5);
    let leaf = if stream.chance(0.5) { wood(stream) } else { wall(stream) };
    canvas.block(Vec2::new(x - 0.02, -0.55), Vec2::new(x + 0.42, ground), leaf * 1.15);
    canvas.block(Vec2::new(x, -0.53), Vec2::new(x + 0.4, ground), leaf);
    for panel in [-0.45, 0.0] {
        canvas.block(Vec2::new(x + 0.06, panel), Vec2::new(x + 0.34, panel + 0.36), leaf * 0.8);
        canvas.block(Vec2::new(x + 0.075, panel + 0.015), Vec2::new(x + 0.325, panel + 0.345), leaf);
    }
}

fn picture(canvas: &mut Canvas, stream: &mut Stream, low: Vec2, far: Vec2) {
    let corner = Vec2::new(stream.between(low.x, far.x), stream.between(-0.5, 0.0));
    let size = Vec2::new(stream.between(0.12, 0.4), stream.between(0.12, 0.4));
    let frame = if stream.chance(0.5) { Vec3::splat(0.02) } else { wood(stream) };
    let rim = stream.between(0.008, 0.025);
    canvas.block(corner + 0.012, corner + size + 0.02, Vec3::splat(0.05));
    canvas.block(corner, corner + size, frame);
    let mut inner = (corner + rim, corner + size - rim);
    if stream.chance(0.5) {
        canvas.block(inner.0, inner.1, Vec3::splat(0.8));
        inner = (inner.0 + size * 0.14, inner.1 - size * 0.14);
    }
    let (top, bottom) = (dye(stream), dye(stream));
    let extent = inner.1 - inner.0;
    canvas.rect(inner.0, inner.1, |at| top.lerp(bottom, ((at.y - inner.0.y) / extent.y).clamp(0.0, 1.0)));
    for _ in 0..stream.below(4) {
        let radii = extent * Vec2::new(stream.between(0.1, 0.25), stream.between(0.1, 0.25));
        let centre = inner.0 + radii + (extent - 2.0 * radii) * stream.between(0.0, 1.0);
        canvas.blob(centre, radii, 0.0, 0.3, dye(stream));
    }
}

fn cabinet(canvas: &mut Canvas, stream: &mut Stream, x: f32, ground: f32) {
    let color = if stream.chance(0.7) { wood(stream) } else { wall(stream) };
    let (wide, high) = (stream.between(0.25, 0.7), stream.between(0.25, 0.9));
    let corner = Vec2::new(x - wide / 2.0, ground + 0.05 - high);
    canvas.block(corner, corner + Vec2::new(wide, high), color * 0.8);
    let (columns, rows) = (1 + stream.below(3), 1 + stream.below(4));
    let cell = Vec2::new(wide / columns as f32, high / rows as f32);
    for at in 0..columns * rows {
        let low = corner + cell * Vec2::new((at % columns) as f32, (at / columns) as f32);
        let shade = color * stream.between(0.85, 1.1);
        canvas.block(low + 0.008, low + cell - 0.008, shade);
        let knob = low + cell * Vec2::new(0.5, 0.3);
        canvas.blob(knob, Vec2::new(0.02, 0.006), 0.0, 0.2, color * 0.25);
    }
    for _ in 0..stream.below(4) {
        let foot = corner + Vec2::new(stream.between(0.1, 0.9) * wide, 0.0);
        let (high, wide) = (stream.between(0.05, 0.18), stream.between(0.02, 0.06));
        canvas.block(foot - Vec2::new(wide, high), foot + Vec2::new(wide, 0.0), dye(stream));
    }
}

fn sofa(canvas: &mut Canvas, stream: &mut Stream, x: f32, ground: f32) {
    let cloth = dye(stream);
    let wide = stream.between(0.3, 0.6);
    let top = ground - stream.between(0.1, 0.3);
    canvas.block(Vec2::new(x - wide, top), Vec2::new(x + wide, top + 0.6), cloth * 0.8);
    for side in [-1.0, 1.0] {
        let centre = Vec2::new(x + side * wide * 0.5, top + 0.1);
        canvas.blob(centre, Vec2::new(wide * 0.52, 0.16), 0.0, 0.2, cloth);
        let arm = Vec2::new(x + side * wide, top + 0.25);
        canvas.blob(arm, Vec2::new(0.08, 0.2), 0.0, 0.2, cloth * 0.9);
    }
    if stream.chance(0.6) {
        let centre = Vec2::new(x + stream.between(-0.6, 0.6) * wide, top + 0.05);
        canvas.blob(centre, Vec2::new(0.11, 0.09), stream.between(-0.5, 0.5), 0.15, dye(stream));
    }
}

fn plant(canvas: &mut Canvas, stream: &mut Stream, foot: Vec2) {
    let color = leaf(stream);
    let size = stream.between(0.12, 0.32);
    let pot = dye(stream);
    let half = size * 0.3;
    canvas.block(foot - Vec2::new(half, size * 0.3), foot + Vec2::new(half, size * 0.3), pot);
    let crown = foot - Vec2::new(0.0, size * 1.1);
    for _ in 0..40 {
        let angle = stream.between(0.0, std::f32::consts::TAU);
        let centre = crown + Vec2::from_angle(angle) * size * stream.between(0.0, 0.9);
        let radii = Vec2::new(size * stream.between(0.2, 0.4), size * stream.between(0.05, 0.12));
        canvas.blob(centre, radii, angle + stream.between(-0.6, 0.6), 0.2, color * stream.between(0.3, 1.5));
    }
}

fn lamp(canvas: &mut Canvas, stream: &mut Stream, foot: Vec2) {
    let top = Vec2::new(foot.x, stream.between(-0.45, 0.0));
    canvas.block(Vec2::new(top.x - 0.008, top.y), Vec2::new(top.x + 0.008, foot.y), Vec3::splat(0.06));
    let warm = light(stream, -1.5, -0.3);
    let shade = [Vec2::new(-0.06, -0.1), Vec2::new(0.06, -0.1), Vec2::new(0.1, 0.06), Vec2::new(-0.1, 0.06)];
    canvas.polygon(&shade.map(|corner| top + corner), |_| warm * 2.2);
    canvas.light(|at| Vec3::ONE + warm * 0.7 * (-at.distance_squared(top) * 14.0).exp());
}

/// What is seen through a window: sky, trees or houses.
fn outside(canvas: &mut Canvas, seed: Seed, low: Vec2, far: Vec2) {
    let mut stream = seed.of("outside").stream();
    let sky = light(&mut stream, 0.0, 1.4) * stream.between(0.4, 1.5);
    canvas.rect(low, far, |at| sky * (1.0 - 0.3 * (far.y - at.y)));
    let horizon = stream.between(-0.1, 0.5);
    let haze = stream.between(0.1, 0.6);
    for _ in 0..stream.below(40) {
        let centre =
            Vec2::new(stream.between(low.x, far.x), horizon + stream.between(0.0, 0.3)).clamp(low, far);
        let color = leaf(&mut stream).lerp(sky, haze);
        let radii = Vec2::new(stream.between(0.03, 0.12), stream.between(0.03, 0.1));
        let room = (far - centre).min(centre - low).max(Vec2::splat(0.005));
        canvas.blob(centre, radii.min(room), 0.0, 0.4, color);
    }
}

/// A window with the light behind it.
pub(super) fn window(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("window").stream();
    let (low, far) = canvas.bounds();
    let inside = wall(&mut stream) * stream.between(0.15, 0.6);
    canvas.shade(|_| inside);
    let frame =
        if stream.chance(0.6) { Vec3::splat(stream.between(0.2, 0.6)) } else { wood(&mut stream) * 0.5 };
    let (wide, high) = (stream.between(0.3, 0.7), stream.between(0.5, 1.1));
    let gap = stream.between(0.05, 0.4);
    let top = stream.between(-0.7, -0.3);
    let bar = stream.between(0.012, 0.035);
    let (columns, rows) = (1 + stream.below(3), 1 + stream.below(3));
    let mut x = low.x - stream.between(0.0, wide);
    while x < far.x {
        let corner = Vec2::new(x, top);
        let end = corner + Vec2::new(wide, high);
        canvas.block(corner - bar * 1.5, end + bar * 1.5, frame);
        outside(canvas, seed, corner, end);
        for column in 1..columns {
            let at = x + wide * column as f32 / columns as f32;
            canvas.block(Vec2::new(at - bar / 2.0, top), Vec2::new(at + bar / 2.0, end.y), frame * 0.8);
        }
        for row in 1..rows {
            let at = top + high * row as f32 / rows as f32;
            canvas.block(Vec2::new(x, at - bar / 2.0), Vec2::new(end.x, at + bar / 2.0), frame * 0.8);
        }
        canvas.block(Vec2::new(x - 0.06, end.y), Vec2::new(end.x + 0.06, end.y + 0.04), frame * 1.3);
        x += wide + gap;
    }
    if stream.chance(0.5) {
        let cloth = wall(&mut stream) * 0.8;
        let folds = Cloud::new(seed.of("folds"), 6, 0.8);
        let edge = stream.between(-0.7, -0.2);
        let sides = [(low.x, edge), (edge + stream.between(0.7, 1.4), far.x)];
        for (start, end) in sides {
            canvas.rect(Vec2::new(start, low.y), Vec2::new(end, far.y), |at| {
                cloth * (0.7 + 0.5 * folds.along(at.x)).max(0.1)
            });
        }
    } else if stream.chance(0.4) {
        let (pitch, slat) = (stream.between(0.025, 0.06), wall(&mut stream));
        let end = stream.between(-0.3, 0.6);
        let mut y = low.y;
        while y < end {
            canvas.block(Vec2::new(low.x, y), Vec2::new(far.x, y + pitch * 0.55), slat * 0.7);
            y += pitch;
        }
    }
}

/// Shelves of books.
pub(super) fn bookshelf(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("books").stream();
    let (low, far) = canvas.bounds();
    let board = if stream.chance(0.7) { wood(&mut stream) } else { Vec3::splat(stream.between(0.05, 0.8)) };
    canvas.shade(|_| board * 0.25);
    let high = stream.between(0.2, 0.4);
    let thick = stream.between(0.015, 0.03);
    let muted = stream.between(0.3, 1.0);
    let mut shelf = low.y - stream.between(0.0, high);
    while shelf < far.y {
        let ground = shelf + high - thick;
        let mut x = low.x - 0.05;
        while x < far.x {
            let wide = stream.between(0.014, 0.05);
            match stream.weighted(&[12.0, 1.0, 0.6]) {
                0 => {
                    let tall = (high - thick) * stream.between(0.6, 0.95);
                    let cover = dye(&mut stream);
                    let cover = cover.lerp(Vec3::splat(cover.dot(Vec3::splat(0.33))), 1.0 - muted);
                    let corner = Vec2::new(x, ground - tall);
                    // Spines are round.
                    canvas.rect(corner, Vec2::new(x + wide * 0.96, ground), |at| {
                        let across = (at.x - x) / wide * 2.0 - 1.0;
                        cover * (1.0 - 0.45 * across * across)
                    });
                    if stream.chance(0.5) {
                        let band = corner.y + tall * stream.between(0.1, 0.7);
                        let ink = if stream.chance(0.5) { Vec3::splat(0.7) } else { dye(&mut stream) };
                        let end = Vec2::new(x + wide * 0.85, band + tall * stream.between(0.04, 0.2));
                        canvas.block(Vec2::new(x + wide * 0.15, band), end, ink);
                    }
                    x += wide;
                }
                1 => x += wide * stream.between(1.0, 4.0),
                _ => {
                    let radii = Vec2::new(stream.between(0.03, 0.06), high * stream.between(0.2, 0.35));
                    canvas.blob(Vec2::new(x + radii.x, ground - radii.y), radii, 0.0, 0.1, dye(&mut stream));
                    x += 2.0 * radii.x;
                }
            }
        }
        canvas.block(Vec2::new(low.x, ground), Vec2::new(far.x, ground + thick), board);
        shelf += high;
    }
    let pitch = stream.between(0.5, 1.2);
    let mut x = low.x + stream.between(0.0, pitch);
    while x < far.x {
        canvas.block(Vec2::new(x, low.y), Vec2::new(x + thick * 1.3, far.y), board * 0.9);
        x += pitch;
    }
}

/// A large room with lamps in rows, desks and screens.
pub(super) fn office(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("office").stream();
    let (low, far) = canvas.bounds();
    let horizon = stream.between(-0.1, 0.15);
    let vanish = Vec2::new(stream.between(-0.6, 0.6), horizon);
    let (paint, carpet) = (wall(&mut stream) * 0.8, dye(&mut stream) * 0.5);
    let ceiling = Vec3::splat(stream.between(0.3, 0.6));
    let back = stream.between(0.1, 0.22);
    canvas.shade(|at| if at.y < horizon - back { ceiling * (0.7 + horizon - at.y) } else { paint });
    canvas.below(|_| horizon + back, |_, down| carpet * (0.7 + down));
    let lamp = light(&mut stream, -0.3, 0.7) * stream.between(2.0, 5.0);
    let (columns, wide) = (2 + stream.below(3), stream.between(0.15, 0.4));
    for row in 0..6 {
        let near = 0.12 + 0.3 * row as f32;
        for column in 0..columns {
            let x = (column as f32 - (columns as f32 - 1.0) / 2.0) * 1.3;
            let point = |x: f32, near: f32| vanish + Vec2::new(x, -1.2) * near;
            let corners = [
                point(x - wide, near * 1.35),
                point(x + wide, near * 1.35),
                point(x + wide, near),
                point(x - wide, near),
            ];
            if near > back * 0.9 {
                canvas.polygon(&corners, |_| lamp);
            }
        }
    }
    if stream.chance(0.6) {
        let bright = light(&mut stream, 0.0, 1.0) * stream.between(0.8, 2.0);
        let mut x = low.x;
        while x < far.x {
            let wide = stream.between(0.1, 0.2);
            canvas.block(
                Vec2::new(x, horizon - back * 0.8),
                Vec2::new(x + wide, horizon + back * 0.2),
                bright,
            );
            x += wide + stream.between(0.02, 0.1);
        }
    }
    for desk in 0..10 {
        let near = 0.2 + 0.07 * desk as f32;
        let centre = Vec2::new(stream.between(low.x, far.x), horizon + near * 0.9);
        let top = if stream.chance(0.5) { wood(&mut stream) } else { wall(&mut stream) };
        canvas.block(
            centre - Vec2::new(near * 0.8, 0.0),
            centre + Vec2::new(near * 0.8, near * 0.7),
            top * 0.5,
        );
        canvas.block(centre - Vec2::new(near * 0.8, 0.0), centre + Vec2::new(near * 0.8, near * 0.1), top);
        let screen = if stream.chance(0.4) { Vec3::new(0.5, 0.65, 0.9) } else { Vec3::splat(0.02) };
        let corner = centre - Vec2::new(stream.between(-0.3, 0.5) * near, near * 0.5);
        canvas.block(corner, corner + Vec2::new(near * 0.55, near * 0.38), screen);
    }
}

/// Shelves of a shop: rows of the same box in loud colours.
pub(super) fn shop(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("shop").stream();
    let (low, far) = canvas.bounds();
    let back = Vec3::splat(stream.between(0.1, 0.5));
    canvas.shade(|_| back);
    let mut shelf = low.y - stream.between(0.0, 0.1);
    while shelf < far.y {
        let high = stream.between(0.1, 0.25);
        let ground = shelf + high;
        let mut x = low.x - stream.between(0.0, 0.1);
        while x < far.x {
            let size = Vec2::new(stream.between(0.02, 0.09), high * stream.between(0.5, 0.88));
            let hue = stream.between(0.0, 1.0);
            let cover = oklch(stream.between(0.35, 0.88), stream.between(0.0, 0.18), hue);
            let print = dye(&mut stream);
            let round = stream.chance(0.4);
            let band = stream.between(0.15, 0.6);
            for _ in 0..2 + stream.below(6) {
                let corner = Vec2::new(x, ground - size.y);
                canvas.rect(corner, Vec2::new(x + size.x * 0.94, ground), |at| {
                    let local = (at - corner) / size;
                    let color = if (local.y - band).abs() < 0.15 { print } else { cover };
                    let across = local.x * 2.0 - 1.0;
                    color * if round { 1.1 - 0.7 * across * across } else { 1.0 }
                });
                x += size.x;
            }
            x += stream.between(0.0, 0.03);
        }
        let strip = Vec3::splat(stream.between(0.4, 0.9));
        canvas.block(Vec2::new(low.x, ground), Vec2::new(far.x, ground + 0.018), strip);
        let mut x = low.x;
        while x < far.x {
            canvas.block(Vec2::new(x, ground), Vec2::new(x + 0.03, ground + 0.018), dye(&mut stream));
            x += stream.between(0.06, 0.2);
        }
        shelf = ground + 0.018 + stream.between(0.005, 0.03);
    }
}

/// A corridor with doors and lamps.
pub(super) fn corridor(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("corridor").stream();
    let vanish = Vec2::new(stream.between(-0.35, 0.35), stream.between(-0.15, 0.15));
    let half = Vec2::new(stream.between(0.7, 1.3), stream.between(0.6, 0.9));
    let (walls, floor) = (wall(&mut stream), dye(&mut stream) * 0.7);
    let ceiling = Vec3::splat(stream.between(0.4, 0.8));
    let door = if stream.chance(0.5) { wood(&mut stream) } else { dye(&mut stream) };
    let lamp = light(&mut stream, -0.8, 0.6) * stream.between(2.0, 6.0);
    let (pitch, end) = (stream.between(0.8, 1.8), stream.between(4.0, 9.0));
    let (fall, tail) = (stream.between(0.03, 0.2), stream.between(0.2, 1.6));
    let lead = stream.between(0.0, 1.0);
    canvas.shade(|at| {
        let way = at - vanish;
        let (side, up) = (half.x / way.x.abs().max(1e-4), half.y / way.y.abs().max(1e-4));
        let depth = side.min(up).min(end);
        let phase = (depth / pitch + lead).fract();
        let color = if depth >= end {
            walls * tail
        } else if side < up {
            let height = way.y * depth / half.y;
            if phase < 0.45 && height > -0.6 { door } else { walls }
        } else if way.y > 0.0 {
            floor
        } else if phase < 0.4 && (way.x * depth).abs() < half.x * 0.35 {
            return lamp;
        } else {
            ceiling
        };
        color * (1.0 / (1.0 + fall * depth * depth) + 0.1)
    });
}

/// A stage or a club: coloured light in the dark.
pub(super) fn stage(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("stage").stream();
    let (low, far) = canvas.bounds();
    let base = oklch(stream.between(0.12, 0.3), stream.between(0.0, 0.06), stream.between(0.0, 1.0));
    let cloud = Cloud::new(seed.of("smoke"), 5, 0.55);
    canvas.shade(|at| base * (1.0 + 0.6 * cloud.at(at * 0.5)).max(0.1));
    let hues = [stream.between(0.0, 1.0), stream.between(0.0, 1.0)];
    for _ in 0..3 + stream.below(5) {
        let spot = Vec2::new(stream.between(low.x, far.x), stream.between(-0.5, 0.0));
        let color =
            oklch(0.75, stream.between(0.03, 0.2), hues[stream.below(2)] + stream.between(-0.05, 0.05));
        let way = Vec2::from_angle(stream.between(0.6, 2.5));
        let (wide, strength) = (stream.between(0.08, 0.3), stream.between(0.3, 1.5));
        canvas.light(|at| {
            let (along, across) = (way.dot(at - spot), way.perp_dot(at - spot));
            let beam = (-(across / (wide * along.max(0.02))).powi(2)).exp() * f32::from(along > 0.0);
            Vec3::ONE + color * beam * strength * 6.0 / (1.0 + along * 2.0)
        });
        canvas.glow(spot, stream.between(0.01, 0.03), color * 40.0);
    }
    for _ in 0..stream.below(6) {
        let centre = Vec2::new(stream.between(low.x, far.x), stream.between(0.2, 0.6));
        let radii = Vec2::new(stream.between(0.05, 0.2), stream.between(0.1, 0.4));
        canvas.blob(centre, radii, 0.0, 0.1, base * 0.2);
    }
}
