//! Pictures made worse by known amounts: the truth of a quality measure.
//!
//! `y = JPEG_q((x * k) down_s + n)`, enlarged to the old size again, sometimes twice over (Zhang et al. 2021, "Designing a
//! practical degradation model"; Wang et al. 2021, "Real-ESRGAN"). The numbers are kept, so that each picture knows
//! what was done to it.

use imaging::{Image, degrade, resize};

use crate::{Seed, Stream};

/// Probability that a picture goes through the chain twice, as one that is shared and stored again.
const TWICE: f32 = 0.3;
/// Widest blur at severity 1, standard deviation in pixels of a face of 112 pixels.
const WIDEST_BLUR: f32 = 3.0;
/// Longest path of a moving camera at severity 1, in the same pixels.
const LONGEST_MOTION: f32 = 15.0;
/// Most times that a picture is made smaller at severity 1.
const MOST_SCALE: f32 = 8.0;
/// Strongest noise at severity 1, standard deviation in levels of 255.
const STRONGEST_NOISE: f32 = 25.0;
/// JPEG quality at severity 0 and 1.
const JPEG: [f32; 2] = [95.0, 30.0];

/// One way through lens, sensor and file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pass {
    /// Standard deviation of the blur of the lens, in pixels; 0 for none.
    pub blur: f32,
    /// Length of the path of a moving camera, in pixels; 0 for none.
    pub motion: f32,
    /// Direction of that path, in degrees clockwise from the x axis.
    pub direction: f32,
    /// How many times smaller the picture becomes, at least 1.
    pub scale: f32,
    /// Noise that is the same everywhere, standard deviation in levels of 255.
    pub noise: f32,
    /// Noise of photons: its variance for each level of light.
    pub photons: f32,
    /// JPEG quality, 1..=100; 100 for no compression.
    pub jpeg: u8,
}

/// All that is done to a picture.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Degradation {
    /// One after the other.
    pub passes: Vec<Pass>,
}

impl Pass {
    /// Does nothing.
    pub const NOTHING: Self =
        Self { blur: 0.0, motion: 0.0, direction: 0.0, scale: 1.0, noise: 0.0, photons: 0.0, jpeg: 100 };

    /// A pass in which each kind of harm is present or not by chance, and reaches up to `severity`, 0..=1.
    fn sample(stream: &mut Stream, severity: f32) -> Self {
        let mut part = |probability: f32| {
            if stream.chance(probability) { stream.between(0.0, severity) } else { 0.0 }
        };
        let [blur, motion, scale, noise, photons, jpeg] = [0.6, 0.15, 0.5, 0.6, 0.4, 0.8].map(&mut part);
        Self {
            blur: blur * WIDEST_BLUR,
            motion: if motion > 0.0 { 3.0 + motion * (LONGEST_MOTION - 3.0) } else { 0.0 },
            direction: stream.between(0.0, 180.0),
            scale: MOST_SCALE.powf(scale),
            noise: noise * STRONGEST_NOISE,
            photons,
            jpeg: if jpeg > 0.0 { quality(jpeg) } else { 100 },
        }
    }

    fn apply(&self, image: &Image, noise: Seed) -> Image {
        let mut out = degrade::motion_blur(&degrade::blur(image, self.blur), self.motion, self.direction);
        if self.scale > 1.0 {
            let smaller = |length: u32| ((length as f32 / self.scale).round() as u32).max(1);
            out = resize(&out, smaller(out.width()), smaller(out.height()));
        }
        out = degrade::noise(&out, self.noise, self.photons, noise.value());
        if self.jpeg < 100 {
            out = degrade::jpeg(&out, self.jpeg);
        }
        resize(&out, image.width(), image.height())
    }
}

impl Degradation {
    /// Nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// Some kinds of harm by chance, each up to `severity`, 0..=1, of what is found in photos that can still be used.
    pub fn sample(seed: Seed, severity: f32) -> Self {
        let severity = severity.clamp(0.0, 1.0);
        let mut stream = seed.stream();
        let passes = if stream.chance(TWICE) { 2 } else { 1 };
        Self { passes: (0..passes).map(|_| Pass::sample(&mut stream, severity)).collect() }
    }

    /// All kinds of harm together, each as strong as `severity`, 0..=1, asks: the higher, the worse.
    pub fn graded(severity: f32) -> Self {
        let severity = severity.clamp(0.0, 1.0);
        if severity == 0.0 {
            return Self::none();
        }
        Self {
            passes: vec![Pass {
                blur: severity * WIDEST_BLUR,
                scale: MOST_SCALE.powf(severity),
                noise: severity * STRONGEST_NOISE,
                photons: 0.5 * severity,
                jpeg: quality(severity),
                ..Pass::NOTHING
            }],
        }
    }

    /// The picture made worse, as large as before. Lengths in pixels are those of this picture.
    pub fn apply(&self, image: &Image, noise: Seed) -> Image {
        let numbered = self.passes.iter().zip(0..);
        numbered.fold(image.clone(), |image, (pass, number)| pass.apply(&image, noise.number(number)))
    }
}

/// JPEG quality by harm, 0..=1.
fn quality(harm: f32) -> u8 {
    (JPEG[0] + (JPEG[1] - JPEG[0]) * harm).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Image {
        let mut image = Image::new(112, 112);
        for y in 0..112 {
            for x in 0..112 {
                let value = if (x / 6 + y / 9) % 2 == 0 { 210 } else { 60 };
                image.set_pixel(x, y, [value, 128, 255 - value]);
            }
        }
        image
    }

    fn distance(a: &Image, b: &Image) -> f64 {
        let squares = a.pixels().iter().zip(b.pixels()).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2));
        (squares.sum::<f64>() / a.pixels().len() as f64).sqrt()
    }

    #[test]
    fn worse_is_farther_away() {
        let image = picture();
        let harm: Vec<f64> = (0..=5)
            .map(|step| {
                let degraded = Degradation::graded(step as f32 / 5.0).apply(&image, Seed::new(1));
                assert_eq!((degraded.width(), degraded.height()), (112, 112));
                distance(&image, &degraded)
            })
            .collect();
        assert!(harm[0] == 0.0 && harm.is_sorted_by(|a, b| a < b), "{harm:?}");
    }

    #[test]
    fn a_seed_is_a_degradation() {
        let image = picture();
        let of = |seed| Degradation::sample(Seed::new(seed), 1.0);
        assert_eq!(of(4), of(4));
        assert_ne!(of(4), of(5));
        assert_eq!(of(4).apply(&image, Seed::new(1)), of(4).apply(&image, Seed::new(1)));
        assert_ne!(of(4).apply(&image, Seed::new(1)), of(4).apply(&image, Seed::new(2)));
        assert_eq!(Degradation::none().apply(&image, Seed::new(1)), image);
    }

    #[test]
    fn harm_stays_below_the_severity() {
        for seed in 0..200 {
            for pass in Degradation::sample(Seed::new(seed), 0.5).passes {
                assert!(pass.blur <= 0.5 * WIDEST_BLUR && pass.noise <= 0.5 * STRONGEST_NOISE);
                assert!((1.0..=MOST_SCALE.sqrt() + 1e-3).contains(&pass.scale) && pass.jpeg >= quality(0.5));
                assert!(pass.motion <= 3.0 + 0.5 * (LONGEST_MOTION - 3.0));
            }
            let nothing = Degradation::sample(Seed::new(seed), 0.0);
            assert_eq!(nothing.apply(&picture(), Seed::new(1)), picture());
        }
    }
}
