//! A camera's way from light to a picture: exposure, white balance, noise, tone.

use glam::{Vec2, Vec3};
use imaging::Image;

use crate::color::{black_body, luminance, to_bytes};
use crate::{Seed, Stream};

/// Middle grey, as a share of white.
const GREY: f32 = 0.18;
/// What the mean of a face of middle tone is in a well exposed picture, as a share of white: half a stop above grey, as
/// cameras that know faces have it.
const FACE: f32 = 0.27;
/// The mean light of a face of middle tone where it is met most often, in the units of scenes.
const USUAL: f32 = 0.1;
/// How much of what is brighter than usual cameras leave brighter: dark skin and dim rooms stay darker than fair skin in
/// the sun (as the automatic key of Krawczyk et al. 2005, "Lightness perception in tone reproduction", has it).
const KEPT: f32 = 0.25;
/// Most stops by which they do so, either way.
const MOST_KEPT: f32 = 0.6;
/// Light this many times as strong as white is burnt out.
const BURNT_OUT: f32 = 2.0;

/// How a camera is set, and how good it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sensor {
    /// Stops above what the exposure meter says; negative is darker.
    pub exposure: f32,
    /// The temperature of light, in kelvin, that the camera takes for white.
    pub white: f32,
    /// Green (above 1) against magenta (below 1) left over.
    pub tint: f32,
    /// Steepness of the tone curve around grey; 1 for none.
    pub contrast: f32,
    /// 1 for true colours, 0 for a grey picture.
    pub saturation: f32,
    /// How much darker the corners are, 0..=1.
    pub vignette: f32,
    /// Standard deviation of the noise in the dark, as a share of white.
    pub read_noise: f32,
    /// Variance of the noise of photons for light as strong as white.
    pub shot_noise: f32,
}

/// Pixels of a picture, from the corner of its first one; they may lie beyond it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub(crate) left: i32,
    pub(crate) top: i32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Sensor {
    /// A good camera, set right for daylight.
    pub const NEUTRAL: Self = Self {
        exposure: 0.0,
        white: 6500.0,
        tint: 1.0,
        contrast: 1.0,
        saturation: 1.0,
        vignette: 0.0,
        read_noise: 0.0,
        shot_noise: 0.0,
    };

    /// A camera as people have them. `light` is the temperature of the light in kelvin, which most cameras nearly find out.
    pub fn sample(seed: Seed, light: f32) -> Self {
        let mut stream = seed.stream();
        let found = light + (6500.0 - light) * stream.between(0.0, 0.2);
        Self {
            exposure: exposure(&mut stream),
            white: (found * (0.05 * stream.normal(2.5)).exp()).clamp(2500.0, 9000.0),
            tint: 1.0 + 0.015 * stream.normal(2.5),
            contrast: (1.25 + 0.12 * stream.normal(2.5)).max(0.6),
            saturation: if stream.chance(0.02) { 0.0 } else { (0.98 + 0.13 * stream.normal(2.5)).max(0.3) },
            vignette: if stream.chance(0.4) { stream.between(0.0, 0.35) } else { 0.0 },
            read_noise: stream.log_between(0.0005, 0.012),
            shot_noise: stream.log_between(0.00003, 0.0012),
        }
    }

    /// Takes the picture. `light` is what falls on each pixel, row by row, in linear sRGB of any strength.
    pub fn develop(&self, light: &[Vec3], width: u32, height: u32, noise: Seed) -> Image {
        self.develop_area(light, &Area { left: 0, top: 0, width, height }, [width, height], noise)
    }

    /// Takes an area of a picture of `whole` pixels: as bright as the meter would have it for all of the picture if the
    /// rest looked like the area, and as dark at the edges.
    pub(crate) fn develop_area(&self, light: &[Vec3], area: &Area, whole: [u32; 2], noise: Seed) -> Image {
        let mut image = Image::new(area.width, area.height);
        let size = Vec2::new(whole[0] as f32, whole[1] as f32);
        // From the middle of the whole picture, in pixels.
        let place = |at: usize| {
            let (x, y) = (at % area.width as usize, at / area.width as usize);
            Vec2::new(x as f32 + area.left as f32 + 0.5, y as f32 + area.top as f32 + 0.5) - 0.5 * size
        };
        let gain = self.gain(light, |at| place(at) / size) * self.balance();
        let mut noise = noise.stream();
        let corner = 0.25 * size.length_squared();
        let pixels = image.pixels_mut().chunks_exact_mut(3);
        for (at, (pixel, &light)) in pixels.zip(light).enumerate() {
            let apart = place(at).length_squared() / corner;
            let exposed = light * gain * (1.0 - self.vignette * apart).max(0.0);
            pixel.copy_from_slice(&to_bytes(self.tone(self.noisy(exposed, &mut noise))));
        }
        image
    }

    /// What light is multiplied with so that the picture is neither dark nor bright: its centre counts most, and the
    /// square root of light, so that a lamp in the picture does not decide. `place` says where a pixel is from the middle
    /// of the picture, in its sides.
    fn gain(&self, light: &[Vec3], place: impl Fn(usize) -> Vec2) -> f32 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for (at, light) in light.iter().enumerate() {
            let weight = (-14.0 * place(at).length_squared()).exp();
            sum += weight * luminance(*light).max(0.0).sqrt();
            weights += weight;
        }
        let mean = (sum / f32::max(weights, 1e-6)).powi(2);
        let kept = (KEPT * (mean.max(1e-6) / USUAL).log2()).clamp(-MOST_KEPT, MOST_KEPT);
        FACE / mean.max(1e-6) * (self.exposure + kept).exp2()
    }

    fn balance(&self) -> Vec3 {
        let white = black_body(self.white);
        let gains = Vec3::new(1.0, self.tint, 1.0) / white;
        gains / luminance(gains)
    }

    fn noisy(&self, light: Vec3, noise: &mut Stream) -> Vec3 {
        if self.read_noise == 0.0 && self.shot_noise == 0.0 {
            return light;
        }
        let value = |light: f32, noise: &mut Stream| {
            let variance = self.read_noise * self.read_noise + self.shot_noise * light.max(0.0);
            // The sum of two evenly spread numbers is normal enough, and quick.
            let random = noise.between(-1.0, 1.0) + noise.between(-1.0, 1.0);
            light + variance.sqrt() * random * 1.5f32.sqrt()
        };
        Vec3::new(value(light.x, noise), value(light.y, noise), value(light.z, noise)).max(Vec3::ZERO)
    }

    /// Contrast around grey, a shoulder for what is brighter than white (Reinhard et al. 2002), and saturation.
    fn tone(&self, light: Vec3) -> Vec3 {
        let steep = GREY * (light / GREY).powf(self.contrast);
        let rolled = steep * (1.0 + steep / (BURNT_OUT * BURNT_OUT)) / (1.0 + steep);
        // The shoulder darkens grey as well; that is made good.
        let bright = rolled * ((1.0 + GREY) / (1.0 + GREY / (BURNT_OUT * BURNT_OUT)));
        let grey = Vec3::splat(luminance(bright));
        (grey + (bright - grey) * self.saturation).clamp(Vec3::ZERO, Vec3::ONE)
    }
}

/// Most pictures are exposed well; one in eight is not.
fn exposure(stream: &mut Stream) -> f32 {
    let spread = if stream.chance(0.125) { 0.8 } else { 0.25 };
    spread * stream.normal(2.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(image: &Image) -> f32 {
        image.pixels().iter().map(|value| f32::from(*value)).sum::<f32>() / image.pixels().len() as f32
    }

    #[test]
    fn exposure_is_automatic_and_can_be_changed() {
        let develop = |strength: f32, sensor: Sensor| {
            mean(&sensor.develop(&[Vec3::splat(strength); 64], 8, 8, Seed::new(1)))
        };
        // A face of 27 % is level 138 of sRGB below the shoulder; the white of 6500 K is nearly that of the picture.
        assert!((develop(USUAL, Sensor::NEUTRAL) - 138.0).abs() < 4.0);
        // A little of what is brighter or darker than usual is left so, but never more than a little.
        let levels = [0.0001, 0.01, 0.1, 0.3, 1.0, 50.0].map(|strength| develop(strength, Sensor::NEUTRAL));
        assert!(levels.is_sorted() && levels[0] > 110.0 && levels[5] < 180.0, "{levels:?}");
        assert!(levels[1] < levels[2] && levels[2] < levels[3], "{levels:?}");
        let dark = Sensor { exposure: -1.0, ..Sensor::NEUTRAL };
        let bright = Sensor { exposure: 1.0, ..Sensor::NEUTRAL };
        assert!(develop(USUAL, dark) < 115.0 && develop(USUAL, bright) > 170.0);
        assert_eq!(develop(0.0, Sensor::NEUTRAL), 0.0);
    }

    #[test]
    fn an_area_is_as_bright_as_in_the_whole_picture() {
        let sensor = Sensor { vignette: 0.3, ..Sensor::NEUTRAL };
        let light = [Vec3::splat(0.4); 1024];
        let whole = sensor.develop(&light, 32, 32, Seed::new(1));
        let area = Area { left: 20, top: -4, width: 16, height: 8 };
        let part = sensor.develop_area(&light[..128], &area, [32, 32], Seed::new(1));
        for (x, y) in [(0, 4), (11, 7)] {
            assert_eq!(part.pixel(x, y), whole.pixel(x + 20, y - 4));
        }
        assert!(part.pixel(15, 0)[0] < part.pixel(0, 7)[0]);
    }

    #[test]
    fn light_of_the_balanced_temperature_is_grey() {
        for kelvin in [2700.0, 4000.0, 8000.0] {
            let sensor = Sensor { white: kelvin, ..Sensor::NEUTRAL };
            let pixel = sensor.develop(&[black_body(kelvin); 16], 4, 4, Seed::new(1)).pixel(1, 1);
            let (least, most) = (pixel.iter().min().unwrap(), pixel.iter().max().unwrap());
            assert!(most - least <= 1, "{kelvin} {pixel:?}");
        }
        let candle = Sensor::NEUTRAL.develop(&[black_body(2700.0); 16], 4, 4, Seed::new(1)).pixel(1, 1);
        assert!(candle[0] > candle[1] && candle[1] > candle[2], "{candle:?}");
    }

    #[test]
    fn noise_grows_with_its_causes_and_belongs_to_its_seed() {
        let spread = |sensor: Sensor, seed| {
            let image = sensor.develop(&[Vec3::ONE; 4096], 64, 64, Seed::new(seed));
            let mean = mean(&image);
            let squares = image.pixels().iter().map(|value| (f32::from(*value) - mean).powi(2));
            (squares.sum::<f32>() / image.pixels().len() as f32, image)
        };
        let noisy = |read_noise| Sensor { read_noise, white: 6500.0, ..Sensor::NEUTRAL };
        let (none, little, much) =
            (spread(noisy(0.0), 1).0, spread(noisy(0.005), 1).0, spread(noisy(0.02), 1).0);
        // Without noise the white that is left over makes channels differ.
        let [little, much] = [little - none, much - none];
        assert!(0.0 < little && 4.0 * little < much, "{none} {little} {much}");
        assert_eq!(spread(noisy(0.02), 1).1, spread(noisy(0.02), 1).1);
        assert_ne!(spread(noisy(0.02), 1).1, spread(noisy(0.02), 2).1);
    }
}
