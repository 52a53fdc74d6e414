//! Printed photos: inks in dots on paper.

use glam::{Vec2, Vec3};

use super::stand::Bend;
use crate::color::luminance;
use crate::curve::ramp;
use crate::{Seed, noise};

/// What cyan, magenta, yellow and black ink let through; none is pure, so bright colours become duller.
const INKS: [Vec3; 4] = [
    Vec3::new(0.06, 0.66, 0.86),
    Vec3::new(0.82, 0.07, 0.58),
    Vec3::new(0.97, 0.89, 0.09),
    Vec3::new(0.04, 0.04, 0.04),
];
/// Angles of the screens of these inks, in degrees, as printers have them.
const ANGLES: [f32; 4] = [15.0, 75.0, 0.0, 45.0];

/// What is printed as bright as it is at any contrast.
const GREY: f32 = 0.18;

/// How a printer puts down dots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Halftone {
    /// Dots in rows whose size grows with the tone: offset and laser printers.
    Screen,
    /// Dots of one size strewn as densely as the tone asks: ink jets.
    Dither,
    /// No dots: photographic paper and dye.
    Photo,
}

/// What is left of the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cut {
    /// All of it, with a white margin.
    Margin,
    /// All of it, printed to the edge.
    Borderless,
    /// Cut around the head.
    Outline,
    /// With holes through which the eyes of who holds it look.
    Eyes,
}

/// A photo on paper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Print {
    /// How dots are put down.
    pub halftone: Halftone,
    /// Dots for each inch.
    pub dots: f32,
    /// Width of the photo in millimetres.
    pub width: f32,
    /// Colour of the paper, linear sRGB.
    pub paper: Vec3,
    /// How uneven the paper is, as a share.
    pub texture: f32,
    /// Roughness of the gloss, 0..=1: 0.15 for glossy photos, 0.7 for plain paper.
    pub roughness: f32,
    /// How saturated it was printed, 1 for true.
    pub saturation: f32,
    /// How steeply it was printed around grey, 1 for true: printers make up for what paper lacks of black.
    pub contrast: f32,
    /// What is left of the sheet.
    pub cut: Cut,
    /// How it is bent.
    pub bend: Bend,
    /// Fingers that hold it, 0..=4.
    pub fingers: u32,
    /// Where all else comes from.
    pub seed: Seed,
}

impl Print {
    pub(super) fn sample(seed: Seed, extent: f32) -> Self {
        let mut stream = seed.of("print").stream();
        let halftone =
            [Halftone::Screen, Halftone::Dither, Halftone::Photo][stream.weighted(&[3.0, 4.0, 2.0])];
        let glossy = halftone == Halftone::Photo || stream.chance(0.25);
        let bent = stream.chance(0.6);
        let cut = if extent > 1.3 {
            Cut::Borderless
        } else {
            [Cut::Margin, Cut::Borderless, Cut::Outline, Cut::Eyes][stream.weighted(&[4.0, 2.0, 1.5, 1.5])]
        };
        Self {
            halftone,
            dots: match halftone {
                Halftone::Screen => stream.log_between(60.0, 150.0),
                Halftone::Dither => stream.log_between(200.0, 600.0),
                Halftone::Photo => 300.0,
            },
            width: stream.log_between(110.0, 280.0),
            paper: Vec3::new(0.86, 0.86, 0.85)
                * Vec3::new(1.0, stream.between(0.97, 1.0), stream.between(0.88, 1.06))
                * stream.between(0.85, 1.05),
            texture: if glossy { 0.004 } else { stream.between(0.008, 0.03) },
            roughness: if glossy { stream.between(0.14, 0.32) } else { stream.between(0.55, 0.8) },
            saturation: stream.between(0.9, 1.35),
            contrast: stream.between(0.95, 1.3),
            cut,
            bend: if bent {
                Bend {
                    curvature: stream.between(-0.0025, 0.005),
                    direction: stream.between(-30.0, 30.0),
                    crease: if stream.chance(0.3) { stream.between(0.05, 0.25) } else { 0.0 },
                }
            } else {
                Bend::FLAT
            },
            fingers: if extent < 1.2 && stream.chance(0.5) { 1 + stream.below(3) as u32 } else { 0 },
            seed,
        }
    }

    /// Light that the print sends back at a place, in millimetres from its middle, as a share: of linear sRGB `color` in
    /// the file. `fine` is how many millimetres apart the camera's samples are.
    pub(super) fn albedo(&self, color: Vec3, at: Vec2, fine: f32) -> Vec3 {
        let color = GREY * (color / GREY).powf(self.contrast);
        let grey = Vec3::splat(luminance(color));
        let wanted = (grey + (color - grey) * self.saturation).clamp(Vec3::splat(0.015), Vec3::ONE);
        let fiber = noise::gradient(at.extend(0.0) * 0.9, self.seed.value());
        self.inked(Vec3::ONE - wanted, at, fine) * self.paper * (1.0 + self.texture * fiber)
    }

    /// What ink of the wanted density leaves of white.
    fn inked(&self, lack: Vec3, at: Vec2, fine: f32) -> Vec3 {
        // Black takes the place of most of the grey.
        let black = 0.7 * lack.min_element().powi(2);
        let colors = (lack - black) / (1.0 - black);
        let wanted = [colors.x, colors.y, colors.z, black];
        let mut left = Vec3::ONE;
        for (ink, wanted) in wanted.into_iter().enumerate() {
            let share = self.share(ink, wanted, at, fine);
            left *= Vec3::ONE.lerp(INKS[ink], share);
        }
        left
    }

    /// How much of the paper an ink covers where the camera's sample is.
    fn share(&self, ink: usize, wanted: f32, at: Vec2, fine: f32) -> f32 {
        let cell = 25.4 / self.dots;
        // Dots that are finer than the samples are not seen one by one.
        let seen = ramp(1.0, 0.35, fine / cell);
        if self.halftone == Halftone::Photo || seen == 0.0 {
            return wanted;
        }
        let place = at / cell;
        let threshold = match self.halftone {
            Halftone::Screen => {
                let turned = Vec2::from_angle(ANGLES[ink].to_radians()).rotate(place) * std::f32::consts::TAU;
                even(0.25 * (turned.x.cos() + turned.y.cos()))
            }
            _ => {
                let cell = place.floor().as_i64vec2();
                let number = (cell.x << 24) ^ (cell.y << 2) ^ ink as i64;
                (self.seed.number(number as u64).value() >> 40) as f32 / 16_777_216.0
            }
        };
        let soft = (fine / cell).max(0.15);
        let dot = ((wanted - threshold) / soft + 0.5).clamp(0.0, 1.0);
        wanted + (dot - wanted) * seen
    }
}

/// The share of a sum of two cosines of weight a quarter that is below a value: thresholds made of it are spread evenly.
fn even(sum: f32) -> f32 {
    // The density is a peak at 0 that falls to nothing at the ends; this cubic follows its integral within 0.01.
    let x = (2.0 * sum).clamp(-1.0, 1.0);
    0.5 + x * (0.70 - 0.20 * x * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(halftone: Halftone) -> Print {
        Print { halftone, dots: 75.0, texture: 0.0, ..Print::sample(Seed::new(1), 1.0) }
    }

    #[test]
    fn dots_make_the_tone() {
        for halftone in [Halftone::Screen, Halftone::Dither, Halftone::Photo] {
            let print = print(halftone);
            let mut before = 2.0;
            for wanted in [0.1, 0.3, 0.5, 0.7, 0.9] {
                let shares: Vec<f32> = (0..10_000)
                    .map(|at| {
                        let at = Vec2::new((at % 100) as f32, (at / 100) as f32) * 0.09;
                        print.share(1, wanted, at, 0.03)
                    })
                    .collect();
                let mean = shares.iter().sum::<f32>() / 10_000.0;
                assert!((mean - wanted).abs() < 0.04, "{halftone:?} {wanted} {mean}");
                let full = shares.iter().filter(|share| !(0.02..0.98).contains(*share)).count();
                assert_eq!(full > 5_000, halftone != Halftone::Photo, "{halftone:?} {wanted} {full}");
                let light = print.inked(Vec3::splat(wanted), Vec2::ZERO, 10.0).y;
                assert!(light < before, "{light}");
                before = light;
            }
        }
    }

    #[test]
    fn colors_are_duller_than_in_the_file() {
        let print = Print { saturation: 1.0, contrast: 1.0, paper: Vec3::ONE, ..print(Halftone::Photo) };
        for color in [Vec3::X, Vec3::Y, Vec3::Z] {
            let printed = print.albedo(color, Vec2::ZERO, 0.1);
            assert!(printed.max_element() < 0.95 && printed.min_element() > 0.0, "{printed}");
            assert!(printed.dot(color) > 2.0 * (printed.element_sum() - printed.dot(color)) / 2.0);
        }
        assert!(print.albedo(Vec3::ONE, Vec2::ZERO, 0.1).min_element() > 0.99);
    }
}
