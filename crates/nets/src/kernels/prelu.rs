//! A rectifier with a slope of its own for each channel.

use rayon::prelude::*;

use super::{lane_sum, vectorised};

/// Gradients of slopes are added up within so many portions of the batch.
const PORTIONS: usize = 8;

/// `max(x, 0) + slope min(x, 0)` over planes of `area` values, one slope for each channel.
pub(crate) fn prelu(input: &[f32], slopes: &[f32], area: usize) -> Vec<f32> {
    let mut output = vec![0.0; input.len()];
    let image = slopes.len() * area;
    output.par_chunks_mut(image).zip(input.par_chunks(image)).for_each(|(output, input)| {
        let planes = output.chunks_exact_mut(area).zip(input.chunks_exact(area));
        for ((output, input), &slope) in planes.zip(slopes) {
            vectorised(|| {
                for (y, &x) in output.iter_mut().zip(input) {
                    *y = if x > 0.0 { x } else { slope * x };
                }
            });
        }
    });
    output
}

/// The gradients of [`prelu`]: of the input and the slopes.
pub(crate) fn prelu_backward(
    input: &[f32],
    slopes: &[f32],
    area: usize,
    output: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let image = slopes.len() * area;
    let portion = (input.len() / image.max(1)).div_ceil(PORTIONS).max(1) * image;
    let mut back = vec![0.0; input.len()];
    let sums: Vec<Vec<f32>> = back
        .par_chunks_mut(portion)
        .zip(input.par_chunks(portion))
        .zip(output.par_chunks(portion))
        .map(|((dx, x), dy)| {
            let mut sums = vec![0.0; slopes.len()];
            let planes = dx.chunks_exact_mut(area).zip(x.chunks_exact(area)).zip(dy.chunks_exact(area));
            for (number, ((dx, x), dy)) in planes.enumerate() {
                let channel = number % slopes.len();
                let slope = slopes[channel];
                sums[channel] += vectorised(|| {
                    for ((dx, &x), &dy) in dx.iter_mut().zip(x).zip(dy) {
                        *dx = if x > 0.0 { dy } else { slope * dy };
                    }
                    lane_sum!(|x, dy| x.min(0.0) * dy; x, dy)
                });
            }
            sums
        })
        .collect();
    let mut total = vec![0.0; slopes.len()];
    for part in sums {
        total.iter_mut().zip(&part).for_each(|(sum, value)| *sum += value);
    }
    (back, total)
}
