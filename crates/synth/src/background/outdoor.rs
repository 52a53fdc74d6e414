//! Nature.

use glam::{Vec2, Vec3};

use super::canvas::Canvas;
use super::palette::{Cloud, dye, leaf, light, oklch};
use crate::{Seed, Stream};

/// A sky: its colour overhead, at the horizon, and that of clouds.
struct Weather {
    zenith: Vec3,
    horizon: Vec3,
    cloud: Vec3,
    /// How much of the sky is covered, 0..=1.
    cover: f32,
}

impl Weather {
    fn sample(stream: &mut Stream) -> Self {
        match stream.weighted(&[4.0, 3.0, 1.5]) {
            0 => Self {
                zenith: oklch(
                    stream.between(0.5, 0.75),
                    stream.between(0.06, 0.13),
                    stream.between(0.66, 0.72),
                ),
                horizon: oklch(
                    stream.between(0.82, 0.95),
                    stream.between(0.01, 0.05),
                    stream.between(0.6, 0.7),
                ),
                cloud: Vec3::splat(stream.between(0.85, 1.2)),
                cover: stream.between(0.1, 0.6),
            },
            1 => {
                let grey = oklch(stream.between(0.65, 0.95), stream.between(0.0, 0.02), 0.7);
                Self {
                    zenith: grey * 0.8,
                    horizon: grey,
                    cloud: grey * stream.between(0.6, 1.1),
                    cover: stream.between(0.4, 1.0),
                }
            }
            _ => Self {
                zenith: oklch(stream.between(0.3, 0.6), 0.08, stream.between(0.7, 0.85)),
                horizon: oklch(
                    stream.between(0.7, 0.88),
                    stream.between(0.07, 0.15),
                    stream.between(0.1, 0.22),
                ),
                cloud: oklch(stream.between(0.45, 0.8), 0.08, stream.between(0.0, 0.15)),
                cover: stream.between(0.2, 0.7),
            },
        }
    }

    fn paint(&self, canvas: &mut Canvas, seed: Seed, horizon: f32) {
        let clouds = Cloud::new(seed.of("clouds"), 6, 0.58);
        let top = canvas.bounds().0.y;
        let span = (horizon - top).max(0.2);
        canvas.shade(|at| {
            let height = ((horizon - at.y) / span).clamp(0.0, 1.0);
            let sky = self.horizon.lerp(self.zenith, height.powf(0.7));
            // Clouds are flatter toward the horizon.
            let flat = 0.35 + 0.8 / (0.35 + height);
            let density = clouds.at(Vec2::new(at.x * 0.4, at.y * flat * 0.4)) * 0.9 + self.cover * 2.0 - 1.0;
            let share = (density * 1.6 + 0.2).clamp(0.0, 1.0);
            sky.lerp(self.cloud * (1.1 - 0.35 * density.clamp(0.0, 1.0)), share * 0.9)
        });
    }
}

/// Clouds, sometimes with a line of trees or roofs far below.
pub(super) fn sky(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("sky").stream();
    let weather = Weather::sample(&mut stream);
    weather.paint(canvas, seed, stream.between(0.4, 1.2));
    if stream.chance(0.5) {
        let line = Cloud::new(seed.of("trees"), 6, 0.65);
        let level = stream.between(0.25, 0.55);
        let color = leaf(&mut stream) * stream.between(0.3, 0.8);
        canvas.below(
            |x| level - 0.07 * line.along(x * 0.5),
            |at, _| color * (1.0 + 0.4 * line.at(at * 2.0)).max(0.2),
        );
    }
}

/// Hills behind each other, fields, and trees on them.
pub(super) fn landscape(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("landscape").stream();
    let weather = Weather::sample(&mut stream);
    let horizon = stream.between(-0.25, 0.2);
    weather.paint(canvas, seed, horizon);
    let layers = 2 + stream.below(4);
    let steep = stream.between(0.02, 0.16);
    let ground = Cloud::new(seed.of("ground"), 6, 0.75);
    let dry = stream.chance(0.3);
    for layer in 0..layers {
        let near = (layer as f32 + 0.6) / layers as f32;
        let ridge = Cloud::new(seed.of("ridge").number(layer as u64), 6, 0.5);
        let level = horizon + near * near * stream.between(0.2, 0.45);
        let own = match (dry, stream.chance(0.25)) {
            (_, true) => oklch(stream.between(0.35, 0.6), 0.06, stream.between(0.15, 0.25)),
            (true, _) => oklch(stream.between(0.55, 0.75), 0.07, stream.between(0.19, 0.26)),
            _ => leaf(&mut stream) * stream.between(0.6, 1.3),
        };
        // Air between takes colour and contrast.
        let color = weather.horizon.lerp(own, near.powf(0.6));
        let (lead, rough) = (stream.between(0.0, 1.0), 0.35 * near);
        canvas.below(
            |x| level - steep * (1.2 - near) * ridge.along(x * 0.35 + lead),
            |at, _| {
                let place = Vec2::new(at.x, (at.y - level) * 3.0) * (1.4 - near);
                color * (1.0 + rough * ground.at(place + lead)).max(0.15)
            },
        );
        for _ in 0..stream.below(14) {
            let x = stream.between(-0.9, 0.9);
            let size = near * stream.between(0.03, 0.12);
            let tree = weather.horizon.lerp(leaf(&mut stream) * 0.5, near.powf(0.5));
            for _ in 0..4 {
                let offset = Vec2::new(stream.between(-0.7, 0.7), stream.between(-0.6, 0.3)) * size;
                let radii = Vec2::splat(size * stream.between(0.4, 0.8));
                canvas.blob(Vec2::new(x, level) + offset, radii, 0.0, 0.3, tree * stream.between(0.7, 1.3));
            }
        }
    }
}

/// The sea or a lake, sometimes with a shore.
pub(super) fn sea(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("sea").stream();
    let weather = Weather::sample(&mut stream);
    let horizon = stream.between(-0.25, 0.25);
    weather.paint(canvas, seed, horizon);
    let waves = Cloud::new(seed.of("waves"), 6, 0.85);
    let water = oklch(stream.between(0.35, 0.6), stream.between(0.03, 0.08), stream.between(0.52, 0.68));
    let choppy = stream.between(0.1, 0.45);
    canvas.below(
        |_| horizon,
        |at, down| {
            let near = (down * 2.0).clamp(0.02, 1.0);
            // Far waves are seen edge on; the water mirrors the sky there.
            let wave = waves.at(Vec2::new(at.x / (near + 0.25), 0.6 / (near + 0.06)));
            weather.horizon.lerp(water, 0.25 + 0.75 * near.sqrt()) * (1.0 + choppy * wave).max(0.2)
        },
    );
    if stream.chance(0.5) {
        let sand = oklch(stream.between(0.6, 0.85), stream.between(0.02, 0.06), stream.between(0.17, 0.24));
        let (shore, tilt) = (horizon + stream.between(0.12, 0.45), stream.between(-0.15, 0.15));
        let line = |x: f32| shore + tilt * x + 0.02 * waves.along(x * 0.4);
        canvas.below(|x| line(x) - 0.018, |_, _| Vec3::splat(0.8));
        canvas.below(line, |at, down| {
            sand * (0.65 + (down * 4.0).min(0.35) + 0.12 * waves.at(at * Vec2::new(1.0, 3.0)))
        });
    }
    if stream.chance(0.3) {
        let hill = Cloud::new(seed.of("island"), 5, 0.5);
        let (color, high) = (weather.horizon.lerp(leaf(&mut stream), 0.4), stream.between(0.02, 0.1));
        let (low, far) = canvas.bounds();
        let mut x = low.x;
        while x < far.x {
            let top = high * (0.3 + hill.along(x * 0.4)).max(0.0);
            canvas.block(Vec2::new(x, horizon - top), Vec2::new(x + 0.021, horizon), color);
            x += 0.02;
        }
    }
}

/// Leaves, dark ones behind bright ones, with light between them.
pub(super) fn foliage(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("foliage").stream();
    let (low, far) = canvas.bounds();
    let cloud = Cloud::new(seed.of("depth"), 6, 0.65);
    let base = leaf(&mut stream);
    canvas.shade(|at| base * (0.3 + 0.35 * cloud.at(at * 0.7)).max(0.04));
    let sky = light(&mut stream, -0.2, 0.8);
    let (gaps, open) = (stream.below(60), stream.log_between(0.8, 3.0));
    for _ in 0..gaps {
        let centre = Vec2::new(stream.between(low.x, far.x), stream.between(low.y, far.y));
        // Light breaks through where the leaves are thin, mostly above.
        if stream.chance((0.6 - centre.y).clamp(0.05, 1.0)) {
            canvas.glow(centre, stream.between(0.008, 0.03), sky * open);
        }
    }
    let (long, thin) = (stream.between(0.02, 0.07), stream.between(0.3, 0.7));
    let sunny = stream.between(0.6, 2.2);
    let lean = stream.between(0.0, std::f32::consts::TAU);
    let flowers =
        if stream.chance(0.3) { Some((dye(&mut stream), stream.between(0.02, 0.15))) } else { None };
    for layer in 0..3 {
        let near = (layer + 1) as f32 / 3.0;
        for _ in 0..110 {
            let centre = Vec2::new(stream.between(low.x, far.x), stream.between(low.y, far.y));
            let size = long * stream.between(0.6, 1.4) * (0.7 + 0.5 * near);
            let lit = (0.45 + 0.5 * cloud.at(centre * 0.7) * sunny).max(0.12) * near;
            let shade = base.lerp(leaf(&mut stream), 0.35) * lit * stream.between(0.7, 1.6);
            let (color, radii) = match flowers {
                Some((petal, share)) if stream.chance(share) => (petal * 1.2, Vec2::splat(size * 0.6)),
                _ => (shade, Vec2::new(size, size * thin)),
            };
            canvas.blob(centre, radii, lean + stream.between(-0.9, 0.9), 0.25, color);
        }
    }
}

/// Trunks before a bright clearing.
pub(super) fn forest(canvas: &mut Canvas, seed: Seed) {
    let mut stream = seed.of("forest").stream();
    let (low, far) = canvas.bounds();
    let mist = light(&mut stream, -0.4, 0.6) * stream.between(0.3, 0.9);
    let green = leaf(&mut stream);
    let cloud = Cloud::new(seed.of("leaves"), 6, 0.75);
    let dense = stream.between(0.2, 0.7);
    let horizon = stream.between(0.1, 0.4);
    canvas.shade(|at| {
        let leaves = (dense + 0.8 * cloud.at(at * 0.8)).clamp(0.0, 1.0);
        mist.lerp(green * 0.5, leaves)
    });
    let soil = if stream.chance(0.6) { green * 0.7 } else { oklch(0.4, 0.05, 0.16) };
    canvas.below(
        |x| horizon + 0.03 * cloud.along(x),
        |at, down| {
            mist.lerp(soil, (0.4 + 2.0 * down).min(1.0))
                * (0.8 + 0.4 * cloud.at(at * Vec2::new(1.0, 3.0))).max(0.1)
        },
    );
    let bark = oklch(stream.between(0.25, 0.5), stream.between(0.01, 0.05), stream.between(0.14, 0.22));
    for layer in 0..4 {
        let near = (layer + 1) as f32 / 4.0;
        for _ in 0..(10 - 2 * layer) {
            let x = stream.between(low.x, far.x);
            let wide = near * near * stream.between(0.03, 0.12) + 0.006;
            let foot = horizon + 0.35 * near * near;
            let lean = stream.between(-0.06, 0.06);
            let color = mist.lerp(bark * stream.between(0.6, 1.2), near.powf(0.7));
            let corners = [
                Vec2::new(x - wide * 0.4 + lean, low.y),
                Vec2::new(x + wide * 0.4 + lean, low.y),
                Vec2::new(x + wide * 0.6, foot),
                Vec2::new(x - wide * 0.6, foot),
            ];
            canvas.polygon(&corners, |at| {
                // Bark in stripes, the side toward the light brighter.
                let across = (at.x - x) / wide;
                let stripes = cloud.at(Vec2::new(at.x * 3.0, at.y * 0.5));
                color * (0.8 - 0.6 * across + 0.4 * near * stripes).max(0.1)
            });
        }
        for _ in 0..25 {
            let centre = Vec2::new(stream.between(low.x, far.x), stream.between(low.y, horizon - 0.1));
            let radii = Vec2::new(stream.between(0.02, 0.07), stream.between(0.015, 0.05));
            let color = mist.lerp(leaf(&mut stream) * stream.between(0.4, 1.2), 0.3 + 0.6 * near);
            canvas.blob(centre, radii, stream.between(0.0, 3.0), 0.4, color);
        }
    }
}
