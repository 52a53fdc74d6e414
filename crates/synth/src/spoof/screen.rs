//! Screens of phones, tablets and laptops.

use std::f32::consts::{PI, TAU};

use glam::{Vec2, Vec3};

use crate::color::black_body;
use crate::{Seed, Stream};

/// Share of a camera's pixel that gathers light.
const APERTURE: f32 = 0.8;

/// A kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Device {
    /// Held upright.
    Phone,
    /// Held upright or level.
    Tablet,
    /// With a screen that is wider than the picture.
    Laptop,
}

/// How the colours of a pixel lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subpixels {
    /// Upright stripes of red, green and blue.
    Stripes,
    /// Green at each pixel, red and blue at every other one by turns.
    Diamond,
}

/// A picture on a screen. Lengths are in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Replay {
    /// What it is shown on.
    pub device: Device,
    /// How the colours of a pixel lie.
    pub subpixels: Subpixels,
    /// Distance between pixels.
    pub pitch: f32,
    /// Width and height of the panel.
    pub panel: Vec2,
    /// Width of the picture on it.
    pub width: f32,
    /// Width of the bezel at the sides, and at top and bottom.
    pub bezel: Vec2,
    /// Light of white against that of white paper beside it.
    pub brightness: f32,
    /// The panel's white, in kelvin.
    pub white: f32,
    /// How much the second camera takes the panel's white, and not that of the room, for white, 0..=1.
    pub balance: f32,
    /// Blur of the second camera's lens: standard deviation, in pixels of its sensor. Sharp lenses see more moire.
    pub lens: f32,
    /// Power of the panel's curve over that of the file: 1 for true.
    pub gamma: f32,
    /// Light of black as a share of that of white.
    pub black: f32,
    /// Share of the light of the room that the glass mirrors.
    pub glass: f32,
    /// A window or lamp in the glass: its middle in shares of the panel, its half sizes in the same, and how bright.
    pub window: Option<(Vec2, Vec2, f32)>,
    /// Depth of bands by the refresh of the panel, 0..=1; their count in the height of the picture, and where they begin.
    pub bands: [f32; 3],
    /// Fingers that hold it, 0..=4.
    pub fingers: u32,
}

impl Replay {
    pub(super) fn sample(seed: Seed) -> Self {
        let mut stream = seed.of("screen").stream();
        let device = [Device::Phone, Device::Tablet, Device::Laptop][stream.weighted(&[4.0, 3.0, 3.0])];
        let (panel, pitch, bezel) = match device {
            Device::Phone => {
                let width = stream.between(60.0, 72.0);
                let high = stream.between(1.8, 2.15);
                (
                    Vec2::new(width, width * high),
                    stream.between(0.052, 0.085),
                    Vec2::new(2.5, stream.between(3.0, 12.0)),
                )
            }
            Device::Tablet => {
                let width = stream.between(120.0, 165.0);
                (
                    Vec2::new(width, width * 1.38),
                    stream.between(0.085, 0.13),
                    Vec2::splat(stream.between(7.0, 18.0)),
                )
            }
            Device::Laptop => {
                let width = stream.between(280.0, 345.0);
                (
                    Vec2::new(width, width * 0.62),
                    stream.between(0.11, 0.23),
                    Vec2::new(6.0, stream.between(8.0, 22.0)),
                )
            }
        };
        let oled = device == Device::Phone && stream.chance(0.7);
        Self {
            device,
            subpixels: if oled { Subpixels::Diamond } else { Subpixels::Stripes },
            pitch,
            panel,
            width: panel.x.min(panel.y * 0.8),
            bezel,
            brightness: stream.log_between(0.5, 3.0),
            white: stream.between(5600.0, 7600.0),
            balance: stream.between(0.7, 1.0),
            lens: stream.between(0.12, 0.45),
            gamma: stream.between(0.78, 1.06),
            black: if oled { 0.0003 } else { stream.log_between(0.0008, 0.006) },
            glass: stream.log_between(0.006, 0.05),
            window: window(&mut stream),
            bands: if stream.chance(0.35) {
                [stream.between(0.03, 0.2), stream.between(1.0, 7.0), stream.between(0.0, 1.0)]
            } else {
                [0.0; 3]
            },
            fingers: if device != Device::Laptop && stream.chance(0.5) {
                1 + stream.below(3) as u32
            } else {
                0
            },
        }
    }

    /// Light of a place of the panel, in millimetres, that shows linear sRGB `color`; 1 for the panel's white. `fine` is how
    /// many millimetres apart the camera's samples are.
    pub(super) fn glow(&self, color: Vec3, at: Vec2, fine: f32) -> Vec3 {
        let driven = color.clamp(Vec3::ZERO, Vec3::ONE).powf(self.gamma);
        let shown = driven * (1.0 - self.black) + self.black;
        shown * self.grid(at / self.pitch, fine / self.pitch) * black_body(self.white)
    }

    /// How bright each colour is at a place in pixels of the panel, 1 on the average. It is a sum of waves, each weakened by
    /// the width of the camera's samples, `fine` of the panel's pixels apart: what is left of it beats with them.
    fn grid(&self, at: Vec2, fine: f32) -> Vec3 {
        let wave = |turns: f32, order: f32, share: f32| {
            let blurred = (-0.5 * (TAU * order * fine * self.lens).powi(2)).exp();
            2.0 * sinc(order * share) * sinc(order * fine * APERTURE) * blurred * (TAU * order * turns).cos()
        };
        let upright = |turns: f32, share: f32| 1.0 + wave(turns, 1.0, share) + wave(turns, 2.0, share);
        let channel = |color: usize| {
            let shift = (color as f32 - 1.0) / 3.0;
            match self.subpixels {
                Subpixels::Stripes => upright(at.x - shift, 0.27) * (1.0 + wave(at.y, 1.0, 0.82)),
                Subpixels::Diamond if color == 1 => upright(at.x, 0.4) * upright(at.y, 0.4),
                // Red and blue are half as many, on a grid that is turned by an eighth.
                Subpixels::Diamond => {
                    let part = f32::from(color == 2);
                    let turned = Vec2::new(at.x + at.y + part, at.x - at.y) * 0.5;
                    upright(turned.x, 0.45) * upright(turned.y, 0.45)
                }
            }
            .max(0.0)
        };
        Vec3::new(channel(0), channel(1), channel(2))
    }

    /// What rows of the camera see of the panel's refresh; `row` is a share of the height.
    pub(super) fn band(&self, row: f32) -> f32 {
        let [depth, count, first] = self.bands;
        // Panels switch light on and off, which is steeper than a wave.
        1.0 - depth * (0.5 + 0.5 * (TAU * (row * count + first)).cos()).powi(2)
    }
}

fn window(stream: &mut Stream) -> Option<(Vec2, Vec2, f32)> {
    stream.chance(0.5).then(|| {
        let middle = Vec2::new(stream.between(-0.5, 0.5), stream.between(-0.5, 0.5));
        let half = Vec2::new(stream.between(0.04, 0.18), stream.between(0.05, 0.22));
        (middle, half, stream.log_between(1.5, 10.0))
    })
}

fn sinc(at: f32) -> f32 {
    if at.abs() < 1e-4 { 1.0 } else { (PI * at).sin() / (PI * at) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_is_as_bright_as_its_picture() {
        for subpixels in [Subpixels::Stripes, Subpixels::Diamond] {
            let replay = Replay { subpixels, ..Replay::sample(Seed::new(2)) };
            let mut sum = Vec3::ZERO;
            for step in 0..40_000 {
                let at = Vec2::new((step % 200) as f32, (step / 200) as f32) * 0.02;
                sum += replay.grid(at, 0.05) / 40_000.0;
            }
            // Cut off at black, stripes are a little brighter.
            assert!(sum.min_element() > 0.97 && sum.max_element() < 1.25, "{subpixels:?} {sum}");
            // From far away nothing of the grid is seen.
            assert!((replay.grid(Vec2::splat(0.3), 40.0) - 1.0).abs().max_element() < 0.1);
        }
    }
}
