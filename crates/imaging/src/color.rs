//! Other light and other colours, as by another camera or another setting.
//!
//! Every function works on the values as stored (sRGB, not light), gives the same picture again on the same
//! machine (powers, sines and cosines may differ elsewhere in their last bits, and a level with them), and
//! leaves the picture as it is for arguments that are not finite. What comes out beyond 0..=255 is cut.
//!
//! ```
//! use omote_imaging::{Image, color};
//!
//! let image = Image::filled(4, 4, [200, 100, 50]);
//! assert_eq!(color::tone(&image, 0.5, 1.0).pixel(0, 0), [100, 50, 25]);
//! assert_eq!(color::saturation(&image, 0.0).pixel(0, 0), [124; 3]);
//! ```

use crate::Image;

/// Shares of red, green and blue in the brightness of a colour (ITU-R BT.601).
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];
/// Scales of blue and red less the brightness, the two coordinates of colour (YUV of PAL).
const CHROMA: [f32; 2] = [0.492, 0.877];

/// Another exposure and tone curve: a value v of 0..=1 becomes `gain` v^`gamma`. A gain below 1 or a gamma
/// above 1 makes the picture darker, the latter the dark parts most.
pub fn tone(image: &Image, gain: f32, gamma: f32) -> Image {
    if !(gain.is_finite() && gamma.is_finite()) {
        return image.clone();
    }
    by_table(image, |v| 255.0 * gain * (v / 255.0).powf(gamma))
}

/// More or less contrast: each value v becomes m + `factor` (v - m), where m is the mean brightness of the
/// picture.
pub fn contrast(image: &Image, factor: f32) -> Image {
    if !factor.is_finite() || image.is_empty() {
        return image.clone();
    }
    let mut sums = [0u64; 3];
    for pixel in image.pixels().as_chunks::<3>().0 {
        sums = std::array::from_fn(|c| sums[c] + u64::from(pixel[c]));
    }
    let count = (image.pixels().len() / 3) as f64;
    let mean: f64 = sums.iter().zip(LUMA).map(|(sum, share)| *sum as f64 * f64::from(share)).sum();
    let mean = (mean / count) as f32;
    by_table(image, |v| mean + factor * (v - mean))
}

/// Stronger or weaker colours of the same brightness: 0 is a grey picture, 1 changes nothing.
pub fn saturation(image: &Image, factor: f32) -> Image {
    chroma(image, [[factor, 0.0], [0.0, factor]])
}

/// Other colours of the same brightness, all turned around the circle of colours by so many turns: by a
/// third, red becomes green.
pub fn hue(image: &Image, turns: f32) -> Image {
    let (sin, cos) = (turns * std::f32::consts::TAU).sin_cos();
    chroma(image, [[cos, -sin], [sin, cos]])
}

fn by_table(image: &Image, value: impl Fn(f32) -> f32) -> Image {
    let table: [u8; 256] = std::array::from_fn(|v| value(v as f32).round() as u8);
    let mut out = image.clone();
    for value in out.pixels_mut() {
        *value = table[usize::from(*value)];
    }
    out
}

/// Maps the two coordinates of colour by a matrix; the brightness stays.
fn chroma(image: &Image, map: [[f32; 2]; 2]) -> Image {
    let mut out = image.clone();
    if !map.iter().flatten().all(|v| v.is_finite()) {
        return out;
    }
    for pixel in out.pixels_mut().as_chunks_mut::<3>().0 {
        let [r, g, b] = pixel.map(f32::from);
        let luma = LUMA[0] * r + LUMA[1] * g + LUMA[2] * b;
        let from = [CHROMA[0] * (b - luma), CHROMA[1] * (r - luma)];
        let [u, v] = map.map(|row| row[0] * from[0] + row[1] * from[1]);
        // What each channel has more than the brightness; the green so that the brightness stays.
        let (r, b) = (v / CHROMA[1], u / CHROMA[0]);
        let g = -(LUMA[0] * r + LUMA[2] * b) / LUMA[1];
        *pixel = [r, g, b].map(|more| (luma + more).round() as u8);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(color: [u8; 3]) -> Image {
        Image::filled(1, 1, color)
    }

    #[test]
    fn nothing_asked_nothing_done() {
        let pixels = (0..3 * 997u32).map(|n| (n * 7919 % 256) as u8).collect();
        let image = Image::from_rgb(997, 1, pixels).unwrap();
        assert_eq!(tone(&image, 1.0, 1.0), image);
        assert_eq!(contrast(&image, 1.0), image);
        assert_eq!(saturation(&image, 1.0), image);
        assert_eq!(hue(&image, 0.0), image);
        for bad in [f32::NAN, f32::INFINITY] {
            assert_eq!(tone(&image, bad, 1.0), image);
            assert_eq!(contrast(&image, bad), image);
            assert_eq!(saturation(&image, bad), image);
            assert_eq!(hue(&image, bad), image);
        }
        assert!(contrast(&Image::new(0, 3), 2.0).is_empty());
    }

    #[test]
    fn tones_are_a_power() {
        let image = Image::from_rgb(1, 1, vec![0, 128, 255]).unwrap();
        // 255 (128 / 255)^2 = 64.25.
        assert_eq!(tone(&image, 1.0, 2.0).pixel(0, 0), [0, 64, 255]);
        assert_eq!(tone(&image, 2.0, 1.0).pixel(0, 0), [0, 255, 255]);
    }

    #[test]
    fn contrast_turns_about_the_mean() {
        let image = Image::from_rgb(2, 1, vec![50, 50, 50, 150, 150, 150]).unwrap();
        assert_eq!(contrast(&image, 0.5).pixels(), [75, 75, 75, 125, 125, 125]);
        assert_eq!(contrast(&image, 3.0).pixels(), [0, 0, 0, 250, 250, 250]);
        assert_eq!(contrast(&image, 0.0).pixels(), [100; 6]);
    }

    #[test]
    fn hues_go_around() {
        let skin = one([200, 140, 120]);
        let luma = |color: [u8; 3]| -> f32 { color.iter().zip(LUMA).map(|(v, s)| f32::from(*v) * s).sum() };
        for tenth in 1..10 {
            let turned = hue(&skin, tenth as f32 / 10.0).pixel(0, 0);
            assert!((luma(turned) - luma([200, 140, 120])).abs() < 1.0, "{turned:?}");
        }
        let [r, g, b] = hue(&one([180, 100, 100]), 1.0 / 3.0).pixel(0, 0);
        assert!(g > r && g > b, "red becomes green: {r} {g} {b}");
        assert_eq!(hue(&one([90; 3]), 0.4), one([90; 3]), "grey stays grey");
    }
}
