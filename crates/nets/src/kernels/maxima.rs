//! The larger of values: of two halves of the channels, and of the pixels of a window.

use rayon::prelude::*;

use super::{portion, vectorised};

/// Whether a value takes the place of the largest so far. The first of equal ones stays, and what is no
/// number wins, so that it is seen.
#[inline(always)]
fn exceeds(value: f32, largest: f32) -> bool {
    value > largest || value.is_nan()
}

/// Of `2 channels` values of each pixel, the larger of each in the first half and its fellow in the second.
pub(crate) fn larger(input: &[f32], channels: usize) -> Vec<f32> {
    let mut output = vec![0.0; input.len() / 2];
    let part = portion(output.len() / channels) * channels;
    output.par_chunks_mut(part).zip(input.par_chunks(2 * part)).for_each(|(output, input)| {
        vectorised(|| {
            for (y, x) in output.chunks_exact_mut(channels).zip(input.chunks_exact(2 * channels)) {
                let (first, second) = x.split_at(channels);
                for ((y, &a), &b) in y.iter_mut().zip(first).zip(second) {
                    *y = if exceeds(b, a) { b } else { a };
                }
            }
        });
    });
    output
}

/// The gradient of [`larger`]: that of the output, where a value was the larger.
pub(crate) fn larger_backward(input: &[f32], channels: usize, output: &[f32]) -> Vec<f32> {
    let mut back = vec![0.0; input.len()];
    let part = portion(output.len() / channels) * channels;
    let portions = back.par_chunks_mut(2 * part).zip(input.par_chunks(2 * part)).zip(output.par_chunks(part));
    portions.for_each(|((dx, x), dy)| {
        let pixels = dx.chunks_exact_mut(2 * channels).zip(x.chunks_exact(2 * channels));
        vectorised(|| {
            for ((dx, x), dy) in pixels.zip(dy.chunks_exact(channels)) {
                let ((first, second), (a, b)) = (dx.split_at_mut(channels), x.split_at(channels));
                let values = a.iter().zip(b).zip(dy);
                for ((da, db), ((&a, &b), &dy)) in first.iter_mut().zip(second).zip(values) {
                    let second = exceeds(b, a);
                    *da = if second { 0.0 } else { dy };
                    *db = if second { dy } else { 0.0 };
                }
            }
        });
    });
    back
}

/// Images that are halved: each window of 2 x 2 pixels leaves one. What is left over at the end of a side has
/// its own window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Halving {
    /// Height and width of an image, which are not 0.
    pub(crate) input: [usize; 2],
    pub(crate) channels: usize,
}

impl Halving {
    /// Height and width of what is left.
    pub(crate) fn output(&self) -> [usize; 2] {
        self.input.map(|side| side.div_ceil(2))
    }

    /// Values of an image before and after.
    fn sizes(&self) -> [usize; 2] {
        [self.input, self.output()].map(|[height, width]| height * width * self.channels)
    }

    /// Goes through all windows: the first value of the pixel that is left, and of those that were there.
    #[inline(always)]
    fn windows(&self, mut visit: impl FnMut(usize, &[usize])) {
        let ([height, width], [down, across]) = (self.input, self.output());
        for (y, x) in (0..down * across).map(|at| (at / across, at % across)) {
            let (mut pixels, mut count) = ([0; 4], 0);
            for (line, column) in [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(ky, kx)| (2 * y + ky, 2 * x + kx)) {
                if line < height && column < width {
                    pixels[count] = (line * width + column) * self.channels;
                    count += 1;
                }
            }
            visit((y * across + x) * self.channels, &pixels[..count]);
        }
    }

    /// The largest of the pixels of a window, for each channel.
    #[inline(always)]
    fn largest(&self, image: &[f32], pixels: &[usize], to: &mut [f32]) {
        to.copy_from_slice(&image[pixels[0]..][..self.channels]);
        for &pixel in &pixels[1..] {
            for (largest, &value) in to.iter_mut().zip(&image[pixel..][..self.channels]) {
                *largest = if exceeds(value, *largest) { value } else { *largest };
            }
        }
    }
}

/// The largest of each window.
pub(crate) fn halve(of: &Halving, input: &[f32]) -> Vec<f32> {
    let [size, made] = of.sizes();
    let mut output = vec![0.0; input.len() / size * made];
    output.par_chunks_exact_mut(made).zip(input.par_chunks_exact(size)).for_each(|(output, input)| {
        vectorised(|| {
            of.windows(|to, pixels| of.largest(input, pixels, &mut output[to..][..of.channels]));
        });
    });
    output
}

/// The gradient of [`halve`]: that of the output, where a value was the largest; of equal ones, at the first.
pub(crate) fn halve_backward(of: &Halving, input: &[f32], output: &[f32]) -> Vec<f32> {
    let [size, made] = of.sizes();
    let mut back = vec![0.0; input.len()];
    let images = back.par_chunks_exact_mut(size).zip(input.par_chunks_exact(size));
    images.zip(output.par_chunks_exact(made)).for_each(|((dx, x), dy)| {
        let (mut largest, mut left) = (vec![0.0; of.channels], vec![0.0; of.channels]);
        vectorised(|| {
            of.windows(|from, pixels| {
                of.largest(x, pixels, &mut largest);
                left.copy_from_slice(&dy[from..][..of.channels]);
                for &pixel in pixels {
                    let values = dx[pixel..][..of.channels].iter_mut().zip(&x[pixel..][..of.channels]);
                    for ((dx, &x), (&largest, left)) in values.zip(largest.iter().zip(&mut left)) {
                        let is = x == largest || x.is_nan();
                        *dx = if is { *left } else { 0.0 };
                        *left = if is { 0.0 } else { *left };
                    }
                }
            });
        });
    });
    back
}
