//! What is put on a face.

use glam::Vec3;

use crate::random::Seed;
use crate::skin::pigment::encoded;

/// Make-up. All strengths are 0..=1, colors linear sRGB.
#[derive(Clone, Debug, PartialEq)]
pub struct Makeup {
    /// How much foundation evens the color out.
    pub foundation: f32,
    /// Color of the lipstick.
    pub lipstick: Vec3,
    /// How well the lipstick covers.
    pub lip_cover: f32,
    /// How much the lipstick shines.
    pub lip_gloss: f32,
    /// Color of the blush on the cheeks.
    pub blush: Vec3,
    /// How well the blush covers.
    pub blush_cover: f32,
    /// Color of the eye shadow.
    pub shadow: Vec3,
    /// How well the eye shadow covers.
    pub shadow_cover: f32,
    /// How dark the lines along the lashes are.
    pub liner: f32,
}

impl Makeup {
    /// Nothing.
    pub fn none() -> Self {
        Self {
            foundation: 0.0,
            lipstick: Vec3::new(0.4, 0.05, 0.06),
            lip_cover: 0.0,
            lip_gloss: 0.0,
            blush: Vec3::new(0.6, 0.15, 0.15),
            blush_cover: 0.0,
            shadow: Vec3::new(0.1, 0.07, 0.06),
            shadow_cover: 0.0,
            liner: 0.0,
        }
    }

    /// Draws make-up of a strength, 0 for none to 1 for the stage. Every part may be missing, as it often is.
    pub fn sample(seed: Seed, strength: f32) -> Self {
        let strength = strength.clamp(0.0, 1.0);
        let stream_of = |name: &str| seed.of(name).stream();
        let part = |name: &str, probability: f32, low: f32| {
            let mut stream = seed.of(name).of("strength").stream();
            let used = stream.chance(probability);
            let drawn = stream.between(low, 1.0);
            if used { drawn * strength } else { 0.0 }
        };
        let hue = |name: &str, colors: &[u32]| {
            let mut stream = stream_of(name);
            let [one, other] = [0, 1].map(|_| encoded(colors[stream.below(colors.len())]));
            one.lerp(other, stream.between(0.0, 0.4))
        };
        Self {
            foundation: part("foundation", 0.7, 0.3),
            lipstick: hue("lipstick", &LIPSTICKS),
            lip_cover: part("lipstick", 0.85, 0.35) * 0.9,
            lip_gloss: part("lip gloss", 0.6, 0.2),
            blush: hue("blush", &BLUSHES),
            blush_cover: part("blush", 0.65, 0.2) * 0.4,
            shadow: hue("eye shadow", &SHADOWS),
            shadow_cover: part("eye shadow", 0.6, 0.25) * 0.75,
            liner: part("liner", 0.6, 0.4),
        }
    }
}

/// Reds, pinks, nudes, berries and plums, as encoded sRGB.
const LIPSTICKS: [u32; 12] = [
    0xa8222e, 0xc23344, 0xb8455a, 0xc46a6e, 0xb5746a, 0x9c5a52, 0x8e2f4a, 0x6e2038, 0xd0567a, 0xc8503e,
    0x7a3a3a, 0x96304f,
];
/// Peach, rose and brick, as encoded sRGB.
const BLUSHES: [u32; 5] = [0xd98078, 0xcf6a72, 0xc46058, 0xb4505a, 0xd08a70];
/// Browns, greys, bronze, plum, and now and then blue or green, as encoded sRGB.
const SHADOWS: [u32; 10] =
    [0x6a4a3c, 0x4a352e, 0x8a6250, 0x5a5250, 0x3a3432, 0x8a6a44, 0x5e3e50, 0x4a4e6a, 0x3e5a62, 0x9a7268];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_strength_is_no_makeup() {
        for number in 0..50 {
            let makeup = Makeup::sample(Seed::new(number), 0.0);
            let covers =
                [makeup.foundation, makeup.lip_cover, makeup.blush_cover, makeup.shadow_cover, makeup.liner];
            assert_eq!(covers, [0.0; 5]);
            let makeup = Makeup::sample(Seed::new(number), 1.0);
            let covers =
                [makeup.foundation, makeup.lip_cover, makeup.blush_cover, makeup.shadow_cover, makeup.liner];
            assert!(covers.iter().all(|cover| (0.0..=1.0).contains(cover)));
        }
    }
}
