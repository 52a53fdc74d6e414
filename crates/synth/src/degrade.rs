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
/// Most times that a blur is wider along its axis than across, at severity 1.
const MOST_STRETCH: f32 = 2.5;
/// Shortest path of a camera that moves at all, and longest path at severity 1, in the same pixels.
const MOTION: [f32; 2] = [3.0, 15.0];
/// Most times that a picture is made smaller at severity 1.
const MOST_SCALE: f32 = 8.0;
/// Strongest noise at severity 1, standard deviation in levels of 255.
const STRONGEST_NOISE: f32 = 25.0;
/// Most noise of photons at severity 1: its variance for each level of light.
const MOST_PHOTONS: f32 = 1.0;
/// The worst that a kind of harm can be, where 1 is as bad as in photos that can still be used.
pub const MOST_SEVERITY: f32 = 2.0;
/// How far each kind of harm goes where all come together, at severity 1: of more nobody would be known any more.
const TOGETHER: f32 = 0.6;
/// JPEG quality at severity 0 and 1.
const JPEG: [f32; 2] = [95.0, 30.0];

/// One way through lens, sensor and file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pass {
    /// Standard deviation of the blur of the lens, in pixels; 0 for none.
    pub blur: f32,
    /// How many times wider that blur is along its axis than across, at least 1.
    pub stretch: f32,
    /// Direction of that axis, in degrees clockwise from the x axis.
    pub axis: f32,
    /// Length of the path of a moving camera, in pixels; 0 for none.
    pub motion: f32,
    /// Direction of that path, in degrees clockwise from the x axis.
    pub direction: f32,
    /// How many times smaller the picture becomes, at least 1.
    pub scale: f32,
    /// Noise that is as strong everywhere, standard deviation in levels of 255.
    pub noise: f32,
    /// The same, but without colour.
    pub gray: f32,
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
    pub const NOTHING: Self = Self {
        blur: 0.0,
        stretch: 1.0,
        axis: 0.0,
        motion: 0.0,
        direction: 0.0,
        scale: 1.0,
        noise: 0.0,
        gray: 0.0,
        photons: 0.0,
        jpeg: 100,
    };

    /// A pass in which each kind of harm is present or not by chance, and reaches up to `severity`, 0..=1.
    fn sample(stream: &mut Stream, severity: f32) -> Self {
        let mut part = |probability: f32| {
            if stream.chance(probability) { stream.between(0.0, severity) } else { 0.0 }
        };
        let [blur, stretch, motion, scale, noise, photons, jpeg] =
            [0.6, 0.5, 0.15, 0.5, 0.6, 0.4, 0.8].map(&mut part);
        let (noise, gray) = if stream.chance(0.4) { (0.0, noise) } else { (noise, 0.0) };
        Self {
            blur: blur * WIDEST_BLUR,
            stretch: MOST_STRETCH.powf(stretch),
            axis: stream.between(0.0, 180.0),
            motion: path(motion),
            direction: stream.between(0.0, 180.0),
            scale: MOST_SCALE.powf(scale),
            noise: noise * STRONGEST_NOISE,
            gray: gray * STRONGEST_NOISE,
            photons: photons * MOST_PHOTONS,
            jpeg: if jpeg > 0.0 { quality(jpeg) } else { 100 },
        }
    }

    fn apply(&self, image: &Image, noise: Seed) -> Image {
        let mut out = degrade::blur(image, self.blur);
        // Variances add: this is what the axis has more.
        out = line_blur(out, self.blur * (self.stretch.powi(2) - 1.0).max(0.0).sqrt(), self.axis);
        out = degrade::motion_blur(&out, self.motion, self.direction);
        if self.scale > 1.0 {
            let smaller = |length: u32| ((length as f32 / self.scale).round() as u32).max(1);
            out = resize(&out, smaller(out.width()), smaller(out.height()));
        }
        out = degrade::noise(&out, self.noise, self.photons, noise.value());
        out = gray_noise(out, self.gray, noise.of("gray").value());
        if self.jpeg < 100 {
            out = degrade::jpeg(&out, self.jpeg);
        }
        resize(&out, image.width(), image.height())
    }

    /// For pictures that are so many times as large: as much harm to the face.
    fn scaled(&self, factor: f32) -> Self {
        let scale = if self.scale > 1.0 { (self.scale * factor).max(1.0) } else { 1.0 };
        Self { blur: self.blur * factor, motion: self.motion * factor, scale, ..*self }
    }
}

/// A kind of harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Harm {
    /// A lens out of focus.
    Blur,
    /// A camera that moves.
    Motion,
    /// Too few pixels.
    Resolution,
    /// Noise of the electronics.
    Noise,
    /// Noise of too little light.
    Photons,
    /// JPEG.
    Compression,
    /// All of them together but motion, each a little weaker.
    All,
}

impl Harm {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Blur,
        Self::Motion,
        Self::Resolution,
        Self::Noise,
        Self::Photons,
        Self::Compression,
        Self::All,
    ];
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

    /// All kinds of harm together but motion, as strong as `severity`, 0..=1, asks: the higher, the worse.
    pub fn graded(severity: f32) -> Self {
        Self::of(Harm::All, severity, 0.0)
    }

    /// One kind of harm as strong as `severity`, 0 to [`MOST_SEVERITY`], asks: the higher, the worse; up to 1 of what is found in
    /// photos that can still be used. A camera moves in this direction, in degrees clockwise from the x axis.
    pub fn of(harm: Harm, severity: f32, direction: f32) -> Self {
        let severity = severity.clamp(0.0, MOST_SEVERITY);
        if severity == 0.0 {
            return Self::none();
        }
        let severity = if harm == Harm::All { TOGETHER * severity } else { severity };
        let all = Pass {
            blur: severity * WIDEST_BLUR,
            scale: MOST_SCALE.powf(severity),
            noise: severity * STRONGEST_NOISE,
            photons: severity * MOST_PHOTONS,
            jpeg: quality(severity),
            ..Pass::NOTHING
        };
        let pass = match harm {
            Harm::Blur => Pass { blur: all.blur, ..Pass::NOTHING },
            Harm::Motion => Pass { motion: path(severity), direction, ..Pass::NOTHING },
            Harm::Resolution => Pass { scale: all.scale, ..Pass::NOTHING },
            Harm::Noise => Pass { noise: all.noise, ..Pass::NOTHING },
            Harm::Photons => Pass { photons: all.photons, ..Pass::NOTHING },
            Harm::Compression => Pass { jpeg: all.jpeg, ..Pass::NOTHING },
            Harm::All => all,
        };
        Self { passes: vec![pass] }
    }

    /// As much harm to a face in a picture in which it is so many times as large as in one of 112 pixels.
    pub fn scaled(&self, factor: f32) -> Self {
        Self { passes: self.passes.iter().map(|pass| pass.scaled(factor)).collect() }
    }

    /// The picture made worse, as large as before. Lengths in pixels are those of this picture.
    pub fn apply(&self, image: &Image, noise: Seed) -> Image {
        let numbered = self.passes.iter().zip(0..);
        numbered.fold(image.clone(), |image, (pass, number)| pass.apply(&image, noise.number(number)))
    }
}

/// Gaussian blur of standard deviation `sigma` in pixels along a line only, as three even ones: nearly the same.
fn line_blur(image: Image, sigma: f32, degrees: f32) -> Image {
    if sigma <= 0.0 {
        return image;
    }
    // n + 1 samples along a length have the variance length^2 / 12 * (n + 2) / n, and three of them are to have sigma^2.
    let lengths = (1..1000).map(|n| (n as f32, 2.0 * sigma * (n as f32 / (n as f32 + 2.0)).sqrt()));
    let fits = lengths.into_iter().find(|(n, length)| length.ceil() <= *n);
    let length = fits.map_or(2.0 * sigma, |(_, length)| length);
    (0..3).fold(image, |image, _| degrade::motion_blur(&image, length, degrees))
}

/// Noise that is the same in all three channels.
fn gray_noise(mut image: Image, sigma: f32, seed: u64) -> Image {
    if sigma <= 0.0 {
        return image;
    }
    let film = degrade::noise(&Image::filled(image.width(), image.height(), [128; 3]), sigma, 0.0, seed);
    for (pixel, film) in image.pixels_mut().chunks_exact_mut(3).zip(film.pixels().chunks_exact(3)) {
        let change = i16::from(film[0]) - 128;
        pixel.iter_mut().for_each(|value| *value = (i16::from(*value) + change).clamp(0, 255) as u8);
    }
    image
}

/// Length of a camera's path by harm.
fn path(harm: f32) -> f32 {
    if harm > 0.0 { MOTION[0] + harm * (MOTION[1] - MOTION[0]) } else { 0.0 }
}

/// JPEG quality by harm.
fn quality(harm: f32) -> u8 {
    (JPEG[0] + (JPEG[1] - JPEG[0]) * harm).round().max(1.0) as u8
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
        for harm in Harm::ALL {
            let distances: Vec<f64> = (0..=5)
                .map(|step| {
                    let degradation = Degradation::of(harm, step as f32 / 5.0, 30.0);
                    let degraded = degradation.apply(&image, Seed::new(1));
                    assert_eq!((degraded.width(), degraded.height()), (112, 112));
                    distance(&image, &degraded)
                })
                .collect();
            assert!(distances[0] == 0.0 && distances.is_sorted_by(|a, b| a < b), "{harm:?} {distances:?}");
        }
    }

    #[test]
    fn twice_as_large_is_harmed_as_much() {
        let image = picture();
        let larger = resize(&image, 224, 224);
        for kind in [Harm::Blur, Harm::Motion, Harm::Resolution] {
            let degradation = Degradation::of(kind, 0.7, 0.0);
            let small = degradation.apply(&image, Seed::new(1));
            let large = degradation.scaled(2.0).apply(&larger, Seed::new(1));
            let (harm, apart) = (distance(&image, &small), distance(&small, &resize(&large, 112, 112)));
            assert!(apart < 0.3 * harm, "{kind:?} {harm} {apart}");
        }
    }

    #[test]
    fn a_stretched_blur_is_a_gaussian_of_two_widths() {
        let mut image = Image::new(81, 81);
        for (x, y) in (36..45).flat_map(|x| (36..45).map(move |y| (x, y))) {
            image.set_pixel(x, y, [255; 3]);
        }
        let spread = |image: &Image, axis: usize| {
            let (mut sum, mut squares) = (0.0, 0.0);
            for (x, y) in (0..81).flat_map(|x| (0..81).map(move |y| (x, y))) {
                let weight = f64::from(image.pixel(x, y)[0]);
                sum += weight;
                squares += weight * (f64::from([x, y][axis]) - 40.0).powi(2);
            }
            squares / sum
        };
        let pass = Pass { blur: 2.0, stretch: 2.5, axis: 0.0, ..Pass::NOTHING };
        let blurred = pass.apply(&image, Seed::new(1));
        // Variances add: along the axis that of 2.0 * 2.5, across that of 2.0.
        for (axis, sigma) in [(0, 5.0_f64), (1, 2.0)] {
            let more = spread(&blurred, axis) - spread(&image, axis);
            assert!((more.sqrt() / sigma - 1.0).abs() < 0.06, "{axis} {more}");
        }
    }

    #[test]
    fn gray_noise_has_no_color() {
        let image = Image::filled(64, 64, [120, 128, 136]);
        let noisy = Pass { gray: 10.0, ..Pass::NOTHING }.apply(&image, Seed::new(1));
        assert!(
            noisy.pixels().chunks_exact(3).all(|pixel| pixel[1] - pixel[0] == 8 && pixel[2] - pixel[1] == 8)
        );
        assert!((8.0..12.0).contains(&distance(&image, &noisy)));
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
                assert!(pass.gray <= 0.5 * STRONGEST_NOISE && pass.photons <= 0.5 * MOST_PHOTONS);
                assert!(pass.noise == 0.0 || pass.gray == 0.0);
                assert!(
                    (1.0..=MOST_STRETCH.sqrt() + 1e-3).contains(&pass.stretch) && pass.motion <= path(0.5)
                );
            }
            let nothing = Degradation::sample(Seed::new(seed), 0.0);
            assert_eq!(nothing.apply(&picture(), Seed::new(1)), picture());
        }
    }
}
