//! Layers that take each value by itself.

use rayon::prelude::*;

use super::{portion, sum, vectorised};

/// The sum of two tensors of one shape.
pub(crate) fn add(a: &[f32], b: &[f32]) -> Vec<f32> {
    each(a, b, |a, b| a + b)
}

/// Values clipped to a range.
pub(crate) fn clip(input: &[f32], low: f32, high: f32) -> Vec<f32> {
    // Written so that what is no number stays none, at which a trainer stops; and as two choices, one after the other, which
    // are an instruction each.
    each(input, input, |x, _| {
        let x = if x < low { low } else { x };
        if x > high { high } else { x }
    })
}

/// The gradient of [`clip`]: what was clipped has none. What is no number was not clipped.
pub(crate) fn clip_backward(input: &[f32], output: &[f32], low: f32, high: f32) -> Vec<f32> {
    each(input, output, |x, dy| {
        let dy = if x <= low { 0.0 } else { dy };
        if x >= high { 0.0 } else { dy }
    })
}

/// A function of two values each.
fn each(a: &[f32], b: &[f32], of: impl Fn(f32, f32) -> f32 + Sync) -> Vec<f32> {
    let mut result = vec![0.0; a.len()];
    let part = portion(a.len());
    result.par_chunks_mut(part).zip(a.par_chunks(part)).zip(b.par_chunks(part)).for_each(
        |((result, a), b)| {
            vectorised(|| {
                for ((result, &a), &b) in result.iter_mut().zip(a).zip(b) {
                    *result = of(a, b);
                }
            });
        },
    );
    result
}

/// `max(x, 0) + slope min(x, 0)` with a slope for each channel; channels are the last axis.
pub(crate) fn prelu(input: &[f32], slopes: &[f32]) -> Vec<f32> {
    let channels = slopes.len();
    let mut output = vec![0.0; input.len()];
    let part = portion(input.len() / channels) * channels;
    output.par_chunks_mut(part).zip(input.par_chunks(part)).for_each(|(output, input)| {
        vectorised(|| {
            for (output, input) in output.chunks_exact_mut(channels).zip(input.chunks_exact(channels)) {
                for ((y, &x), &slope) in output.iter_mut().zip(input).zip(slopes) {
                    *y = if x > 0.0 { x } else { slope * x };
                }
            }
        });
    });
    output
}

/// The gradients of [`prelu`]: of the input and the slopes.
pub(crate) fn prelu_backward(input: &[f32], slopes: &[f32], output: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let channels = slopes.len();
    let mut back = vec![0.0; input.len()];
    let part = portion(input.len() / channels) * channels;
    let parts: Vec<Vec<f32>> = back
        .par_chunks_mut(part)
        .zip(input.par_chunks(part))
        .zip(output.par_chunks(part))
        .map(|((dx, x), dy)| {
            let mut sums = vec![0.0; channels];
            let pixels =
                dx.chunks_exact_mut(channels).zip(x.chunks_exact(channels)).zip(dy.chunks_exact(channels));
            vectorised(|| {
                for ((dx, x), dy) in pixels {
                    for ((((dx, &x), &dy), &slope), sum) in
                        dx.iter_mut().zip(x).zip(dy).zip(slopes).zip(&mut sums)
                    {
                        *dx = if x > 0.0 { dy } else { slope * dy };
                        *sum += if x > 0.0 { 0.0 } else { x * dy };
                    }
                }
            });
            sums
        })
        .collect();
    (back, sum(parts, channels))
}

/// `scale x + shift` with a scale and a shift for each channel; channels are the last axis.
pub(crate) fn affine(input: &[f32], scales: &[f32], shifts: &[f32]) -> Vec<f32> {
    let channels = scales.len();
    let mut output = vec![0.0; input.len()];
    let part = portion(input.len() / channels) * channels;
    output.par_chunks_mut(part).zip(input.par_chunks(part)).for_each(|(output, input)| {
        vectorised(|| {
            for (output, input) in output.chunks_exact_mut(channels).zip(input.chunks_exact(channels)) {
                for (((y, x), scale), shift) in output.iter_mut().zip(input).zip(scales).zip(shifts) {
                    *y = scale * x + shift;
                }
            }
        });
    });
    output
}

/// The gradients of [`affine`]: of the input, the scales, and the shifts.
pub(crate) fn affine_backward(
    input: &[f32],
    scales: &[f32],
    output: &[f32],
) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let (with, sums) = channel_sums(input, output, &vec![0.0; scales.len()]);
    (affine(output, scales, &vec![0.0; scales.len()]), with, sums)
}

/// For each channel, the sums of `(x - origin) dy` and of `dy`.
pub(super) fn channel_sums(input: &[f32], output: &[f32], origins: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let channels = origins.len();
    let part = portion(input.len() / channels) * channels;
    let parts: Vec<(Vec<f32>, Vec<f32>)> = input
        .par_chunks(part)
        .zip(output.par_chunks(part))
        .map(|(x, dy)| {
            let (mut with, mut sums) = (vec![0.0; channels], vec![0.0; channels]);
            vectorised(|| {
                for (x, dy) in x.chunks_exact(channels).zip(dy.chunks_exact(channels)) {
                    let sums = with.iter_mut().zip(&mut sums);
                    for ((((with, sum), x), dy), origin) in sums.zip(x).zip(dy).zip(origins) {
                        *with += (x - origin) * dy;
                        *sum += dy;
                    }
                }
            });
            (with, sums)
        })
        .collect();
    let (with, sums): (Vec<Vec<f32>>, Vec<Vec<f32>>) = parts.into_iter().unzip();
    (sum(with, channels), sum(sums, channels))
}
