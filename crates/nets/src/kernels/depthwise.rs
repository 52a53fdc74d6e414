//! Convolution of each channel with a filter of its own.

use rayon::prelude::*;

use super::{Convolution, portion, sum, vectorised};

/// Goes through all places of the filter that see a pixel: number of the place, first value of the pixel of
/// the input, first value of that of the output.
#[inline(always)]
fn places(of: &Convolution, mut visit: impl FnMut(usize, usize, usize)) {
    let ([height, width], [down, across], channels) = (of.input, of.output(), of.channels[0]);
    let source = |at: usize, k: usize, side: usize| {
        (at * of.stride + k).checked_sub(of.padding).filter(|&line| line < side)
    };
    for (y, x) in (0..down * across).map(|at| (at / across, at % across)) {
        for ky in 0..of.kernel {
            let Some(line) = source(y, ky, height) else { continue };
            for kx in 0..of.kernel {
                if let Some(column) = source(x, kx, width) {
                    visit(
                        ky * of.kernel + kx,
                        (line * width + column) * channels,
                        (y * across + x) * channels,
                    );
                }
            }
        }
    }
}

/// Weights with all channels of a place together, or back; `weight` has so many rows.
fn turned(weight: &[f32], rows: usize) -> Vec<f32> {
    let columns = weight.len() / rows;
    (0..weight.len()).map(|at| weight[at % rows * columns + at / rows]).collect()
}

/// `input` of N images and `weight` of `[channels, 1, k, k]` to the output of N images; see [`Convolution`],
/// whose two numbers of channels are equal.
pub(crate) fn depthwise(of: &Convolution, input: &[f32], weight: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
    let ([size, made], channels) = (of.sizes(), of.channels[0]);
    let weights = turned(weight, channels);
    let mut output = vec![0.0; input.len() / size * made];
    output.par_chunks_exact_mut(made).zip(input.par_chunks_exact(size)).for_each(|(y, x)| {
        vectorised(|| {
            if let Some(bias) = bias {
                y.chunks_exact_mut(channels).for_each(|pixel| pixel.copy_from_slice(bias));
            }
            places(of, |place, from, to| {
                let weights = &weights[place * channels..][..channels];
                let values = &x[from..][..channels];
                for ((y, x), weight) in y[to..][..channels].iter_mut().zip(values).zip(weights) {
                    *y += x * weight;
                }
            });
        });
    });
    output
}

/// The gradients of [`depthwise`]: of the input, the weights, and the biases.
pub(crate) fn depthwise_backward(
    of: &Convolution,
    input: &[f32],
    weight: &[f32],
    output: &[f32],
) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let ([size, made], channels) = (of.sizes(), of.channels[0]);
    let weights = turned(weight, channels);
    let images = portion(input.len() / size);
    let mut back = vec![0.0; input.len()];
    let parts: Vec<(Vec<f32>, Vec<f32>)> = back
        .par_chunks_mut(images * size)
        .zip(input.par_chunks(images * size))
        .zip(output.par_chunks(images * made))
        .map(|((dx, x), dy)| {
            let (mut sums, mut biases) = (vec![0.0; weight.len()], vec![0.0; channels]);
            let images = dx.chunks_exact_mut(size).zip(x.chunks_exact(size)).zip(dy.chunks_exact(made));
            vectorised(|| {
                for ((dx, x), dy) in images {
                    for pixel in dy.chunks_exact(channels) {
                        biases.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value);
                    }
                    places(of, |place, from, to| {
                        let weights = &weights[place * channels..][..channels];
                        let sums = &mut sums[place * channels..][..channels];
                        let (dx, x) = (&mut dx[from..][..channels], &x[from..][..channels]);
                        let gradients = dx.iter_mut().zip(x).zip(&dy[to..][..channels]);
                        for (((dx, x), dy), (weight, sum)) in gradients.zip(weights.iter().zip(sums)) {
                            *dx += dy * weight;
                            *sum += dy * x;
                        }
                    });
                }
            });
            (sums, biases)
        })
        .collect();
    let (sums, biases): (Vec<Vec<f32>>, Vec<Vec<f32>>) = parts.into_iter().unzip();
    (back, turned(&sum(sums, weight.len()), of.kernel * of.kernel), sum(biases, channels))
}
