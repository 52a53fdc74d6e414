//! Normalisation of each channel by the mean and variance of the batch.

use rayon::prelude::*;

use super::elementwise::{affine, channel_sums};
use super::{portion, sum, vectorised};

/// Of each channel over a batch.
#[derive(Clone, Debug)]
pub(crate) struct BatchStatistics {
    pub(crate) mean: Vec<f32>,
    /// Divided by the number of values, not by one less.
    pub(crate) variance: Vec<f32>,
}

impl BatchStatistics {
    /// Those of values whose last axis is the channels. The variance is that about the mean, in a second
    /// pass: in one pass it would be lost where the mean is large. Without values both are zeros.
    pub(crate) fn of(input: &[f32], channels: usize) -> Self {
        let count = (input.len() / channels.max(1)).max(1) as f32;
        let share = |sums: Vec<f32>| -> Vec<f32> { sums.iter().map(|sum| sum / count).collect() };
        let mean = share(sums(input, &vec![0.0; channels], |x, _| x));
        let variance = share(sums(input, &mean, |x, mean| (x - mean) * (x - mean)));
        Self { mean, variance }
    }
}

/// The sum, for each channel, of a function of each value and of the channel's own number.
fn sums(input: &[f32], numbers: &[f32], of: impl Fn(f32, f32) -> f32 + Sync) -> Vec<f32> {
    let channels = numbers.len();
    let part = portion(input.len() / channels.max(1)) * channels;
    let parts: Vec<Vec<f32>> = input
        .par_chunks(part)
        .map(|input| {
            let mut sums = vec![0.0; channels];
            vectorised(|| {
                for pixel in input.chunks_exact(channels) {
                    for ((sum, &x), &number) in sums.iter_mut().zip(pixel).zip(numbers) {
                        *sum += of(x, number);
                    }
                }
            });
            sums
        })
        .collect();
    sum(parts, channels)
}

/// `gamma (x - mean) / sqrt(variance + epsilon) + beta`.
pub(crate) fn batch_norm(
    input: &[f32],
    statistics: &BatchStatistics,
    gamma: &[f32],
    beta: &[f32],
    epsilon: f32,
) -> Vec<f32> {
    let scales: Vec<f32> = gamma
        .iter()
        .zip(&statistics.variance)
        .map(|(gamma, variance)| gamma / (variance + epsilon).sqrt())
        .collect();
    let shifts: Vec<f32> = beta
        .iter()
        .zip(&scales)
        .zip(&statistics.mean)
        .map(|((beta, scale), mean)| beta - scale * mean)
        .collect();
    affine(input, &scales, &shifts)
}

/// The gradients of normalising a batch by its own statistics: of the input, of gamma, and of beta.
///
/// With the normalised `n`: `dx = gamma / sigma (dy - mean(dy) - n mean(dy n))`.
pub(crate) fn batch_norm_backward(
    input: &[f32],
    statistics: &BatchStatistics,
    gamma: &[f32],
    epsilon: f32,
    output: &[f32],
) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let channels = gamma.len();
    let count = (input.len() / channels).max(1) as f32;
    let (mut gammas, betas) = channel_sums(input, output, &statistics.mean);
    // dx = a dy + b x + c
    let mut lines = [const { Vec::new() }; 3];
    for (channel, gradient) in gammas.iter_mut().enumerate() {
        let inverse = 1.0 / (statistics.variance[channel] + epsilon).sqrt();
        *gradient *= inverse;
        let a = gamma[channel] * inverse;
        let b = -a * inverse * *gradient / count;
        let c = -a * betas[channel] / count - b * statistics.mean[channel];
        lines.iter_mut().zip([a, b, c]).for_each(|(line, value)| line.push(value));
    }
    let [a, b, c] = &lines;
    let mut back = vec![0.0; input.len()];
    let part = portion(input.len() / channels) * channels;
    let portions = back.par_chunks_mut(part).zip(input.par_chunks(part)).zip(output.par_chunks(part));
    portions.for_each(|((dx, x), dy)| {
        let pixels =
            dx.chunks_exact_mut(channels).zip(x.chunks_exact(channels)).zip(dy.chunks_exact(channels));
        vectorised(|| {
            for ((dx, x), dy) in pixels {
                for (((((dx, x), dy), a), b), c) in dx.iter_mut().zip(x).zip(dy).zip(a).zip(b).zip(c) {
                    *dx = a * dy + b * x + c;
                }
            }
        });
    });
    (back, gammas, betas)
}
