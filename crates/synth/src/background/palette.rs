//! Colours as they are found, and patterns that vary at all sizes as light on real things does.

use glam::{Vec2, Vec3};

use crate::{Seed, Stream};

/// Linear sRGB from lightness 0..=1, chroma (0 grey, 0.2 vivid) and hue in turns (red 0.08, yellow 0.3, green 0.4,
/// blue 0.73) of Oklab (Ottosson 2020), in which equal steps look equal.
pub(super) fn oklch(lightness: f32, chroma: f32, hue: f32) -> Vec3 {
    let ab = Vec2::from_angle(hue * std::f32::consts::TAU) * chroma;
    let cone = |a: f32, b: f32| (lightness + a * ab.x + b * ab.y).powi(3);
    let cones = Vec3::new(
        cone(0.396_337_78, 0.215_803_76),
        cone(-0.105_561_346, -0.063_854_17),
        cone(-0.089_484_18, -1.291_485_5),
    );
    let rgb = Vec3::new(
        Vec3::new(4.076_741_7, -3.307_711_6, 0.230_969_94).dot(cones),
        Vec3::new(-1.268_438, 2.609_757_4, -0.341_319_4).dot(cones),
        Vec3::new(-0.004_196_086, -0.703_418_6, 1.707_614_7).dot(cones),
    );
    rgb.clamp(Vec3::splat(0.003), Vec3::ONE)
}

/// Painted walls: light and pale more often than not.
pub(super) fn wall(stream: &mut Stream) -> Vec3 {
    match stream.weighted(&[5.0, 2.0, 1.0]) {
        0 => oklch(stream.between(0.68, 0.93), stream.between(0.0, 0.03), stream.between(0.12, 0.34)),
        1 => oklch(stream.between(0.5, 0.85), stream.between(0.02, 0.07), stream.between(0.0, 1.0)),
        _ => oklch(stream.between(0.25, 0.5), stream.between(0.0, 0.09), stream.between(0.0, 1.0)),
    }
}

/// Cloth, print and paint: anything, vivid only now and then.
pub(super) fn dye(stream: &mut Stream) -> Vec3 {
    let vivid = stream.between(0.0, 1.0);
    oklch(stream.between(0.22, 0.88), 0.17 * vivid * vivid, stream.between(0.0, 1.0))
}

/// Wood from wenge to birch.
pub(super) fn wood(stream: &mut Stream) -> Vec3 {
    let light = stream.between(0.3, 0.74);
    oklch(light, stream.between(0.04, 0.085), stream.between(0.14, 0.2))
}

/// Leaves and grass.
pub(super) fn leaf(stream: &mut Stream) -> Vec3 {
    oklch(stream.between(0.3, 0.58), stream.between(0.05, 0.11), stream.between(0.29, 0.39))
}

/// Daylight and lamps, of luminance about 1: from warm to cool.
pub(super) fn light(stream: &mut Stream, warm: f32, cool: f32) -> Vec3 {
    let warmth = stream.between(warm, cool);
    Vec3::new(1.0 - 0.18 * warmth, 1.0 - 0.02 * warmth.abs(), 1.0 + 0.35 * warmth)
}

/// A periodic pattern with as much contrast at every size (a spectrum of about 1/f in amplitude, as pictures of the
/// world have), mean 0 and mostly within -1..=1. One period is 1 wide.
pub(super) struct Cloud {
    size: usize,
    values: Vec<f32>,
}

impl Cloud {
    /// Of `2^levels` steps; `rough` is how much each octave is weaker than the one before: 0.5 for clouds, 0.8 for
    /// gravel.
    pub(super) fn new(seed: Seed, levels: u32, rough: f32) -> Self {
        let mut stream = seed.stream();
        let mut values = vec![0.0];
        let (mut size, mut weight, mut total) = (1, 1.0, 0.0);
        for level in 0..levels {
            let half = Self { size, values };
            size *= 2;
            // The first two octaves are the size of the picture; what they do is left to the light.
            let strength = if level == 0 { 0.0 } else { weight };
            values = (0..size * size)
                .map(|at| {
                    let place = Vec2::new((at % size) as f32 + 0.5, (at / size) as f32 + 0.5);
                    half.at(place / size as f32) + stream.between(-strength, strength)
                })
                .collect();
            total += strength * strength;
            weight *= if level == 0 { 1.0 } else { rough };
        }
        // Even numbers between -1 and 1 have variance 1/3; smoothing takes some of it away.
        let norm = 1.1 / f32::sqrt(total.max(1e-6));
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        values.iter_mut().for_each(|value| *value = (*value - mean) * norm);
        Self { size, values }
    }

    /// The pattern at a place.
    pub(super) fn at(&self, place: Vec2) -> f32 {
        let place = place * self.size as f32 - 0.5;
        let floor = place.floor();
        let part = place - floor;
        let mask = self.size as i32 - 1;
        let [x, y] = [floor.x as i32, floor.y as i32];
        let value = |x: i32, y: i32| self.values[(y & mask) as usize * self.size + (x & mask) as usize];
        let row = |y: i32| value(x, y) + (value(x + 1, y) - value(x, y)) * part.x;
        let above = row(y);
        above + (row(y + 1) - above) * part.y
    }

    /// Along a line.
    pub(super) fn along(&self, place: f32) -> f32 {
        self.at(Vec2::new(place, 0.37))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lightness_is_that_of_oklab() {
        // Without chroma, luminance is the cube of lightness.
        assert!(oklch(0.5, 0.0, 0.0).abs_diff_eq(Vec3::splat(0.125), 1e-3));
        let red = oklch(0.6, 0.2, 0.08);
        assert!(red.x > 4.0 * red.y && red.x > 4.0 * red.z, "{red}");
        let mut stream = Seed::new(1).stream();
        for _ in 0..500 {
            for color in [wall(&mut stream), dye(&mut stream), wood(&mut stream), leaf(&mut stream)] {
                assert!(color.min_element() > 0.0 && color.max_element() <= 1.0, "{color}");
            }
        }
    }

    #[test]
    fn clouds_vary_at_all_sizes() {
        let cloud = Cloud::new(Seed::new(2), 6, 0.7);
        let values: Vec<f32> =
            (0..4096).map(|at| cloud.at(Vec2::new((at % 64) as f32, (at / 64) as f32) / 64.0)).collect();
        let mean = values.iter().sum::<f32>() / 4096.0;
        let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / 4096.0).sqrt();
        assert!(mean.abs() < 0.05 && (0.2..0.8).contains(&deviation), "{mean} {deviation}");
        let (here, next) = (cloud.at(Vec2::new(0.3, 0.8)), cloud.at(Vec2::new(1.3, -0.2)));
        assert!((here - next).abs() < 1e-4, "{here} {next}");
    }
}
