//! Normalisation of each channel by the mean and variance of the batch.

use rayon::prelude::*;

use super::{lane_sum, vectorised};

/// Of each channel over a batch.
#[derive(Clone, Debug)]
pub(crate) struct BatchStatistics {
    pub(crate) mean: Vec<f32>,
    /// Divided by the number of values, not by one less.
    pub(crate) variance: Vec<f32>,
}

impl BatchStatistics {
    /// Those of images of `channels` planes of `area` values.
    pub(crate) fn of(input: &[f32], channels: usize, area: usize) -> Self {
        let count = (input.len() / channels.max(1)) as f32;
        let each: Vec<(f32, f32)> = (0..channels)
            .into_par_iter()
            .map(|channel| {
                let planes = || input.chunks_exact(area).skip(channel).step_by(channels);
                vectorised(|| {
                    let mean = planes().map(|x| lane_sum!(|v| v; x)).sum::<f32>() / count;
                    let squares = planes().map(|x| lane_sum!(|v| (v - mean) * (v - mean); x)).sum::<f32>();
                    (mean, squares / count)
                })
            })
            .collect();
        let (mean, variance) = each.into_iter().unzip();
        Self { mean, variance }
    }
}

/// `gamma (x - mean) / sqrt(variance + epsilon) + beta` over planes of `area` values.
pub(crate) fn batch_norm(
    input: &[f32],
    statistics: &BatchStatistics,
    gamma: &[f32],
    beta: &[f32],
    epsilon: f32,
    area: usize,
) -> Vec<f32> {
    let channels = gamma.len();
    let lines: Vec<(f32, f32)> = (0..channels)
        .map(|c| {
            let scale = gamma[c] / (statistics.variance[c] + epsilon).sqrt();
            (scale, beta[c] - scale * statistics.mean[c])
        })
        .collect();
    let mut output = vec![0.0; input.len()];
    let image = channels * area;
    output.par_chunks_mut(image).zip(input.par_chunks(image)).for_each(|(output, input)| {
        let planes = output.chunks_exact_mut(area).zip(input.chunks_exact(area));
        for ((output, input), &(scale, shift)) in planes.zip(&lines) {
            vectorised(|| {
                for (y, &x) in output.iter_mut().zip(input) {
                    *y = scale * x + shift;
                }
            });
        }
    });
    output
}

/// The gradients of normalising a batch by its own statistics: of the input, of gamma, and of beta.
///
/// With the normalised `n`: `dx = gamma / sigma (dy - mean(dy) - n mean(dy n))`.
pub(crate) fn batch_norm_backward(
    input: &[f32],
    statistics: &BatchStatistics,
    gamma: &[f32],
    epsilon: f32,
    area: usize,
    output: &[f32],
) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let channels = gamma.len();
    let count = (input.len() / channels.max(1)) as f32;
    let inverse: Vec<f32> =
        statistics.variance.iter().map(|variance| 1.0 / (variance + epsilon).sqrt()).collect();
    let (gammas, betas): (Vec<f32>, Vec<f32>) = (0..channels)
        .into_par_iter()
        .map(|channel| {
            let planes = |of| -> std::iter::StepBy<std::iter::Skip<std::slice::ChunksExact<'_, f32>>> {
                <[f32]>::chunks_exact(of, area).skip(channel).step_by(channels)
            };
            let mean = statistics.mean[channel];
            let (mut with, mut sum) = (0.0, 0.0);
            for (x, dy) in planes(input).zip(planes(output)) {
                with += vectorised(|| lane_sum!(|x, dy| (x - mean) * dy; x, dy));
                sum += vectorised(|| lane_sum!(|dy| dy; dy));
            }
            (with * inverse[channel], sum)
        })
        .unzip();
    // dx = a dy + b x + c
    let lines: Vec<[f32; 3]> = (0..channels)
        .map(|channel| {
            let a = gamma[channel] * inverse[channel];
            let b = -a * inverse[channel] * gammas[channel] / count;
            [a, b, -a * betas[channel] / count - b * statistics.mean[channel]]
        })
        .collect();
    let mut back = vec![0.0; input.len()];
    let image = channels * area;
    let images = back.par_chunks_mut(image).zip(input.par_chunks(image)).zip(output.par_chunks(image));
    images.for_each(|((dx, x), dy)| {
        let planes = dx.chunks_exact_mut(area).zip(x.chunks_exact(area)).zip(dy.chunks_exact(area));
        for (((dx, x), dy), &[a, b, c]) in planes.zip(&lines) {
            vectorised(|| {
                for ((dx, &x), &dy) in dx.iter_mut().zip(x).zip(dy) {
                    *dx = a * dy + b * x + c;
                }
            });
        }
    });
    (back, gammas, betas)
}
