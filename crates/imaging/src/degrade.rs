//! Pictures made worse on purpose: the one home of blur, noise, compression and lost resolution.
//!
//! Every function is pure and gives the same picture for the same arguments (and seed) on every machine. Arguments that
//! are not finite or mean "nothing" leave the picture as it is.
//!
//! ```
//! use omote_imaging::{Image, degrade};
//!
//! let face = Image::filled(32, 32, [128; 3]);
//! let worse = degrade::jpeg(&degrade::noise(&degrade::blur(&face, 1.5), 5.0, 0.1, 42), 30);
//! assert_eq!((worse.width(), worse.height()), (32, 32));
//! ```

use crate::{DecodeOptions, Image, Interpolation, decode, encode_jpeg, resize, resize_by};

/// Greatest sigma and length in pixels; more changes nothing that can be seen and costs time.
const MAX_REACH: f32 = 500.0;

/// Gaussian blur with standard deviation `sigma` in pixels, as of a lens out of focus. The edge pixels are repeated outwards.
pub fn blur(image: &Image, sigma: f32) -> Image {
    if !(sigma.is_finite() && sigma > 0.0) || image.is_empty() {
        return image.clone();
    }
    let kernel = gaussian(sigma.min(MAX_REACH));
    // Columns are blurred as the rows of the transposed picture.
    blur_rows(&blur_rows(image, &kernel).transposed(), &kernel).transposed()
}

/// Blur along a straight line `length` pixels long, `degrees` from the x axis (positive is clockwise as seen), as of a
/// camera or head that moved while the shutter was open. The edge pixels are repeated outwards.
pub fn motion_blur(image: &Image, length: f32, degrees: f32) -> Image {
    if !(length.is_finite() && degrees.is_finite() && length > 0.0) || image.is_empty() {
        return image.clone();
    }
    let length = length.min(MAX_REACH);
    let (sin, cos) = degrees.to_radians().sin_cos();
    // Samples at most a pixel apart, with both ends.
    let steps = length.ceil() as usize;
    let offsets: Vec<(f32, f32)> =
        (0..=steps).map(|i| length * (i as f32 / steps as f32 - 0.5)).map(|t| (t * cos, t * sin)).collect();
    let mut out = Image::new(image.width(), image.height());
    for y in 0..image.height() {
        for x in 0..image.width() {
            let mut sum = [0.0f32; 3];
            for (dx, dy) in &offsets {
                let sample = bilinear(image, x as f32 + dx, y as f32 + dy);
                sum = std::array::from_fn(|c| sum[c] + sample[c]);
            }
            out.set_pixel(x, y, sum.map(|s| (s / offsets.len() as f32).round() as u8));
        }
    }
    out
}

/// Noise of a camera's sensor: to each channel of each pixel a random number of variance `read`^2 + `shot` * value is
/// added, in levels of 0..=255.
///
/// `read` is the standard deviation in the dark, `shot` the growth of the variance with the light (photons are counted,
/// so it is a Poisson variance). 5.0 and 0.1 is a phone in a dim room. The noise is the sum of four uniform numbers: close
/// to normal, but never further than 3.5 standard deviations.
pub fn noise(image: &Image, read: f32, shot: f32, seed: u64) -> Image {
    if !(read.is_finite() && shot.is_finite()) {
        return image.clone();
    }
    let deviation: [f32; 256] =
        std::array::from_fn(|v| (read * read + shot.max(0.0) * v as f32).sqrt().min(MAX_REACH));
    let mut random = SplitMix(seed);
    let mut out = image.clone();
    for value in out.pixels_mut() {
        let noisy = f32::from(*value) + deviation[usize::from(*value)] * random.normal();
        *value = noisy.round() as u8;
    }
    out
}

/// The picture after JPEG compression at this quality, 1..=100, colour at full resolution. A picture that JPEG cannot hold
/// (a side above 65,535) stays as it is.
pub fn jpeg(image: &Image, quality: u8) -> Image {
    let options = DecodeOptions { max_pixels: u64::MAX };
    encode_jpeg(image, quality).and_then(|bytes| decode(&bytes, &options)).unwrap_or_else(|_| image.clone())
}

/// Resolution lost: made smaller by `factor` (area-correct, at least one pixel a side) and enlarged again to the same size.
pub fn down_up(image: &Image, factor: f32) -> Image {
    if !(factor.is_finite() && factor > 1.0) || image.is_empty() {
        return image.clone();
    }
    let (width, height) = smaller(image, factor);
    resize(&resize(image, width, height), image.width(), image.height())
}

/// Resolution lost as on a way through other programs: made smaller by `factor` (at least one pixel a side) by one
/// interpolation and enlarged again to the same size by another, each with its flaws.
pub fn resample(image: &Image, factor: f32, down: Interpolation, up: Interpolation) -> Image {
    if !(factor.is_finite() && factor > 1.0) || image.is_empty() {
        return image.clone();
    }
    let (width, height) = smaller(image, factor);
    resize_by(&resize_by(image, width, height, down), image.width(), image.height(), up)
}

/// Sides so many times smaller.
fn smaller(image: &Image, factor: f32) -> (u32, u32) {
    let smaller = |length: u32| ((length as f32 / factor).round() as u32).max(1);
    (smaller(image.width()), smaller(image.height()))
}

/// Another exposure: each value v becomes 128 + `contrast` (v - 128) + `brightness`, cut to 0..=255.
pub fn brightness_contrast(image: &Image, brightness: f32, contrast: f32) -> Image {
    if !(brightness.is_finite() && contrast.is_finite()) {
        return image.clone();
    }
    let table: [u8; 256] =
        std::array::from_fn(|v| (128.0 + contrast * (v as f32 - 128.0) + brightness).round() as u8);
    let mut out = image.clone();
    for value in out.pixels_mut() {
        *value = table[usize::from(*value)];
    }
    out
}

/// Weights at distances 0..=3 sigma; those at both sides of the centre sum to 1.
fn gaussian(sigma: f32) -> Vec<f32> {
    let radius = (3.0 * sigma).ceil() as usize;
    let mut kernel: Vec<f32> = (0..=radius).map(|i| (-0.5 * (i as f32 / sigma).powi(2)).exp()).collect();
    let total = kernel[0] + 2.0 * kernel[1..].iter().sum::<f32>();
    kernel.iter_mut().for_each(|w| *w /= total);
    kernel
}

fn blur_rows(image: &Image, kernel: &[f32]) -> Image {
    let radius = kernel.len() - 1;
    let width = image.width() as usize;
    let mut out = Image::new(image.width(), image.height());
    // The row with its end pixels repeated, so that the inner loop has no condition.
    let mut padded = vec![0.0f32; (width + 2 * radius) * 3];
    let mut sums = vec![0.0f32; width * 3];
    for y in 0..image.height() {
        let row = image.row(y);
        for (i, pixel) in padded.chunks_exact_mut(3).enumerate() {
            let x = i.saturating_sub(radius).min(width - 1);
            for c in 0..3 {
                pixel[c] = f32::from(row[x * 3 + c]);
            }
        }
        let shifted = |by: usize| &padded[by * 3..][..width * 3];
        for (sum, value) in sums.iter_mut().zip(shifted(radius)) {
            *sum = kernel[0] * value;
        }
        for (distance, weight) in kernel.iter().enumerate().skip(1) {
            let pairs = shifted(radius - distance).iter().zip(shifted(radius + distance));
            for (sum, (left, right)) in sums.iter_mut().zip(pairs) {
                *sum += weight * (left + right);
            }
        }
        for (value, sum) in out.row_mut(y).iter_mut().zip(&sums) {
            *value = sum.round() as u8;
        }
    }
    out
}

/// The colour between pixels, positions outside moved to the edge.
fn bilinear(image: &Image, x: f32, y: f32) -> [f32; 3] {
    let (right, bottom) = (image.width() - 1, image.height() - 1);
    let (x, y) = (x.clamp(0.0, right as f32), y.clamp(0.0, bottom as f32));
    let (left, top) = (x as u32, y as u32);
    let (wx, wy) = (x - left as f32, y - top as f32);
    let at = |x: u32, y: u32| image.pixel(x.min(right), y.min(bottom)).map(f32::from);
    let corners = [at(left, top), at(left + 1, top), at(left, top + 1), at(left + 1, top + 1)];
    std::array::from_fn(|c| {
        let [a, b, d, e] = corners.map(|p| p[c]);
        (a * (1.0 - wx) + b * wx) * (1.0 - wy) + (d * (1.0 - wx) + e * wx) * wy
    })
}

/// The generator SplitMix64 (Steele, Lea and Flood 2014): integers only, so the same on every machine.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Mean 0, variance 1.
    fn normal(&mut self) -> f32 {
        let bits = self.next();
        let sum: u64 = (0..4).map(|i| (bits >> (16 * i)) & 0xffff).sum();
        // The sum of four uniform numbers 0..65536 has variance 4 * 65536^2 / 12.
        (sum as f32 - 2.0 * 65_535.0) / (65_536.0 / 3.0f32.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_and_variance(image: &Image) -> (f32, f32) {
        let n = image.pixels().len() as f32;
        let mean = image.pixels().iter().map(|v| f32::from(*v)).sum::<f32>() / n;
        let variance = image.pixels().iter().map(|v| (f32::from(*v) - mean).powi(2)).sum::<f32>() / n;
        (mean, variance)
    }

    /// Vertical stripes `period` pixels wide.
    fn stripes(period: u32) -> Image {
        let mut image = Image::new(64, 48);
        for y in 0..48 {
            for x in 0..64 {
                let value = if (x / period).is_multiple_of(2) { 200 } else { 40 };
                image.set_pixel(x, y, [value; 3]);
            }
        }
        image
    }

    #[test]
    fn nothing_asked_nothing_done() {
        let image = stripes(4);
        for bad in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            assert_eq!(blur(&image, bad), image);
            assert_eq!(motion_blur(&image, bad, 10.0), image);
            assert_eq!(down_up(&image, bad), image);
        }
        assert_eq!(noise(&image, 0.0, 0.0, 1), image);
        assert_eq!(noise(&image, f32::NAN, 0.0, 1), image);
        assert_eq!(brightness_contrast(&image, 0.0, 1.0), image);
        let empty = Image::new(0, 7);
        for result in
            [blur(&empty, 2.0), motion_blur(&empty, 2.0, 0.0), down_up(&empty, 2.0), jpeg(&empty, 50)]
        {
            assert_eq!(result, empty);
        }
    }

    #[test]
    fn blur_of_a_point_is_the_gaussian() {
        let mut image = Image::new(41, 41);
        image.set_pixel(20, 20, [255; 3]);
        let blurred = blur(&image, 2.0);
        // 255 / (2 pi sigma^2) in the centre, times exp(-1/2) at sigma.
        assert_eq!(blurred.pixel(20, 20), [10; 3]);
        assert_eq!(blurred.pixel(22, 20), [6; 3]);
        assert_eq!(blurred.pixel(20, 22), [6; 3]);
        assert_eq!(blur(&Image::filled(9, 5, [77; 3]), 30.0), Image::filled(9, 5, [77; 3]));
    }

    #[test]
    fn motion_blur_goes_one_way() {
        let image = stripes(4);
        assert_eq!(motion_blur(&image, 6.0, 90.0), image, "along the stripes");
        let across = mean_and_variance(&motion_blur(&image, 8.0, 0.0)).1;
        assert!(across < 0.1 * mean_and_variance(&image).1, "{across}");
    }

    #[test]
    fn noise_has_the_asked_variance() {
        for (value, read, shot) in [(128u8, 6.0f32, 0.0f32), (128, 0.0, 0.5), (64, 4.0, 0.25)] {
            let image = Image::filled(100, 100, [value; 3]);
            let noisy = noise(&image, read, shot, 7);
            let (mean, variance) = mean_and_variance(&noisy);
            // Rounding to whole levels adds 1/12.
            let want = read * read + shot * f32::from(value) + 1.0 / 12.0;
            assert!((mean - f32::from(value)).abs() < 0.3, "{mean}");
            assert!((variance / want - 1.0).abs() < 0.05, "{variance} {want}");
        }
    }

    #[test]
    fn noise_is_a_function_of_the_seed() {
        let image = Image::filled(8, 1, [100; 3]);
        assert_eq!(noise(&image, 9.0, 0.0, 3), noise(&image, 9.0, 0.0, 3));
        assert_ne!(noise(&image, 9.0, 0.0, 3), noise(&image, 9.0, 0.0, 4));
        // The first outputs of SplitMix64 from 0, as published with the generator.
        let mut random = SplitMix(0);
        assert_eq!([random.next(), random.next()], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
    }

    #[test]
    fn stronger_compression_is_further_away() {
        let image = blur(&stripes(5), 1.0);
        let distance = |quality| {
            let other = jpeg(&image, quality);
            image
                .pixels()
                .iter()
                .zip(other.pixels())
                .map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2))
                .sum::<u64>()
        };
        let distances = [95, 50, 10].map(distance);
        assert!(distances[0] < distances[1] && distances[1] < distances[2], "{distances:?}");
    }

    #[test]
    fn down_up_removes_what_is_finer() {
        let variance = |image: &Image| mean_and_variance(image).1;
        assert!(variance(&down_up(&stripes(1), 4.0)) < 0.01 * variance(&stripes(1)));
        assert!(variance(&down_up(&stripes(16), 4.0)) > 0.5 * variance(&stripes(16)));
        assert_eq!(down_up(&Image::filled(10, 10, [9; 3]), 1e9), Image::filled(10, 10, [9; 3]));
    }

    #[test]
    fn each_interpolation_has_its_flaws() {
        use Interpolation::{Area, Bicubic, Nearest};
        let stripes = stripes(1);
        let contrast = |image: &Image| mean_and_variance(image).1 / mean_and_variance(&stripes).1;
        // The mean of stripes is grey; the nearest pixels of every fourth are all of one stripe or the other.
        assert!(contrast(&resample(&stripes, 4.0, Area, Area)) < 0.01);
        let nearest = resample(&stripes, 4.0, Nearest, Nearest);
        assert!([40, 200].contains(&nearest.pixel(20, 20)[0]));
        let image = blur(&self::stripes(8), 1.0);
        let far = |other: &Image| {
            let squares =
                image.pixels().iter().zip(other.pixels()).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2));
            squares.sum::<u64>()
        };
        let [nearest, cubic] = [Nearest, Bicubic].map(|up| far(&resample(&image, 2.0, Area, up)));
        assert!(cubic < nearest, "{cubic} {nearest}");
        for one in Interpolation::ALL {
            for other in Interpolation::ALL {
                let flat = Image::filled(31, 17, [90, 120, 200]);
                assert_eq!(resample(&flat, 3.3, one, other), flat, "{one:?} {other:?}");
                assert_eq!(resample(&flat, f32::NAN, one, other), flat);
                assert!(resample(&Image::new(0, 4), 2.0, one, other).is_empty());
            }
        }
    }

    #[test]
    fn brightness_and_contrast() {
        let image = Image::from_rgb(1, 1, vec![0, 128, 200]).unwrap();
        assert_eq!(brightness_contrast(&image, 10.0, 1.0).pixel(0, 0), [10, 138, 210]);
        assert_eq!(brightness_contrast(&image, 0.0, 0.5).pixel(0, 0), [64, 128, 164]);
        assert_eq!(brightness_contrast(&image, 100.0, 9.0).pixel(0, 0), [0, 228, 255]);
    }
}
