//! Convolution of each channel with a filter of its own.
//!
//! Inner loops run over whole planes, not over their lines, which are as short as seven pixels: a plane is laid into a
//! larger one with its padding, and where a filter reaches over the end of a line the result is not used. Strides above one
//! are convolutions of stride one of which most positions are not used, or are zero in the gradient.

use rayon::prelude::*;

use super::{Convolution, lane_sum, vectorised};

/// Gradients of weights are added up within so many portions of the batch.
const PORTIONS: usize = 8;

/// One channel's planes with their padding.
#[derive(Clone, Copy)]
struct Plane {
    input: [usize; 2],
    output: [usize; 2],
    kernel: usize,
    stride: usize,
    padding: usize,
    /// Width of the plane with its padding.
    pitch: usize,
}

impl Plane {
    fn new(of: &Convolution) -> Self {
        Self {
            input: of.input,
            output: of.output(),
            kernel: of.kernel,
            stride: of.stride,
            padding: of.padding,
            pitch: of.input[1] + 2 * of.padding,
        }
    }

    /// Positions of a filter of stride one, with those at the end of lines where it reaches over.
    fn positions(&self) -> usize {
        (self.input[0] + 2 * self.padding + 1 - self.kernel) * self.pitch - (self.kernel - 1)
    }

    /// Values of a plane with its padding.
    fn padded(&self) -> usize {
        (self.input[0] + 2 * self.padding) * self.pitch
    }

    /// Where a place in the filter is from the position.
    fn offsets(self) -> impl Iterator<Item = usize> {
        (0..self.kernel * self.kernel).map(move |at| at / self.kernel * self.pitch + at % self.kernel)
    }

    fn pad(&self, plane: &[f32], padded: &mut [f32]) {
        let lines = padded[self.padding * self.pitch..].chunks_exact_mut(self.pitch);
        for (line, to) in plane.chunks_exact(self.input[1]).zip(lines) {
            to[self.padding..][..line.len()].copy_from_slice(line);
        }
    }

    fn take(&self, wide: &[f32], plane: &mut [f32]) {
        for (y, line) in plane.chunks_exact_mut(self.output[1]).enumerate() {
            let from = &wide[y * self.stride * self.pitch..];
            for (to, value) in line.iter_mut().zip(from.iter().step_by(self.stride)) {
                *to = *value;
            }
        }
    }

    fn spread(&self, plane: &[f32], wide: &mut [f32]) {
        for (y, line) in plane.chunks_exact(self.output[1]).enumerate() {
            let to = &mut wide[y * self.stride * self.pitch..];
            for (to, value) in to.iter_mut().step_by(self.stride).zip(line) {
                *to = *value;
            }
        }
    }
}

/// Adds up a plane, moved by each place of the filter, times its weight.
#[inline(always)]
fn filter(plane: &Plane, padded: &[f32], weight: &[f32], wide: &mut [f32]) {
    let length = wide.len();
    if let Ok(w) = <&[f32; 9]>::try_from(weight) {
        // One pass instead of nine.
        let lines: [&[f32]; 3] = std::array::from_fn(|ky| &padded[ky * plane.pitch..][..length + 2]);
        for (at, out) in wide.iter_mut().enumerate() {
            let line = |ky: usize| {
                lines[ky][at] * w[3 * ky]
                    + lines[ky][at + 1] * w[3 * ky + 1]
                    + lines[ky][at + 2] * w[3 * ky + 2]
            };
            *out = line(0) + line(1) + line(2);
        }
        return;
    }
    wide.fill(0.0);
    for (offset, weight) in plane.offsets().zip(weight) {
        for (out, value) in wide.iter_mut().zip(&padded[offset..offset + length]) {
            *out += weight * value;
        }
    }
}

/// `input` of N images and `weight` of `[channels, 1, k, k]` to the output of N images; see [`Convolution`], whose two
/// numbers of channels are equal.
pub(crate) fn depthwise(of: &Convolution, input: &[f32], weight: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
    let plane = Plane::new(of);
    let (size, made, taps) = (product(plane.input), product(plane.output), of.kernel * of.kernel);
    let channels = of.channels[0];
    let mut output = vec![0.0; input.len() / size * made];
    let images = output.par_chunks_exact_mut(channels * made).zip(input.par_chunks_exact(channels * size));
    images.for_each_init(
        || (vec![0.0; plane.padded()], vec![0.0; plane.positions()]),
        |(padded, wide), (y, x)| {
            let planes = y.chunks_exact_mut(made).zip(x.chunks_exact(size)).zip(weight.chunks_exact(taps));
            for (channel, ((y, x), weight)) in planes.enumerate() {
                let bias = bias.map_or(0.0, |bias| bias[channel]);
                if made == 1 && plane.padding == 0 {
                    y[0] = bias + vectorised(|| dot(x, weight));
                    continue;
                }
                vectorised(|| {
                    plane.pad(x, padded);
                    filter(&plane, padded, weight, wide);
                    plane.take(wide, y);
                });
                if bias != 0.0 {
                    y.iter_mut().for_each(|value| *value += bias);
                }
            }
        },
    );
    output
}

/// The gradients of [`depthwise`]: of the input, the weights, and the biases.
pub(crate) fn depthwise_backward(
    of: &Convolution,
    input: &[f32],
    weight: &[f32],
    output: &[f32],
) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let plane = Plane::new(of);
    let channels = of.channels[0];
    let (size, made) = (channels * product(plane.input), channels * product(plane.output));
    let portion = (input.len() / size).div_ceil(PORTIONS).max(1);
    let mut back = vec![0.0; input.len()];
    let sums: Vec<(Vec<f32>, Vec<f32>)> = back
        .par_chunks_mut(portion * size)
        .zip(input.par_chunks(portion * size))
        .zip(output.par_chunks(portion * made))
        .map(|((dx, x), dy)| portion_backward(&plane, channels, dx, x, weight, dy))
        .collect();
    let mut total = (vec![0.0; weight.len()], vec![0.0; channels]);
    for (weights, biases) in sums {
        total.0.iter_mut().zip(&weights).for_each(|(sum, value)| *sum += value);
        total.1.iter_mut().zip(&biases).for_each(|(sum, value)| *sum += value);
    }
    (back, total.0, total.1)
}

fn portion_backward(
    plane: &Plane,
    channels: usize,
    dx: &mut [f32],
    x: &[f32],
    weight: &[f32],
    dy: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let (size, made, taps) = (product(plane.input), product(plane.output), plane.kernel * plane.kernel);
    let (mut weights, mut biases) = (vec![0.0; weight.len()], vec![0.0; channels]);
    let (mut padded, mut wide) = (vec![0.0; plane.padded()], vec![0.0; plane.positions()]);
    // The gradient within what the filter reaches from all sides.
    let reach = (plane.kernel - 1) * (plane.pitch + 1);
    let mut around = vec![0.0; reach + plane.padded()];
    let mut turned = vec![0.0; taps];
    let planes = dx.chunks_exact_mut(size).zip(x.chunks_exact(size)).zip(dy.chunks_exact(made));
    for (number, ((dx, x), dy)) in planes.enumerate() {
        let channel = number % channels;
        let weight = &weight[channel * taps..][..taps];
        let sums = &mut weights[channel * taps..][..taps];
        biases[channel] += vectorised(|| lane_sum!(|v| v; dy));
        if made == 1 && plane.padding == 0 {
            for (((dx, x), weight), sum) in dx.iter_mut().zip(x).zip(weight).zip(sums) {
                *dx = dy[0] * weight;
                *sum += dy[0] * x;
            }
            continue;
        }
        turned.iter_mut().zip(weight.iter().rev()).for_each(|(to, value)| *to = *value);
        vectorised(|| {
            plane.pad(x, &mut padded);
            plane.spread(dy, &mut wide);
            for (offset, sum) in plane.offsets().zip(sums) {
                *sum += dot(&padded[offset..offset + wide.len()], &wide);
            }
            around[reach..reach + wide.len()].copy_from_slice(&wide);
            correlate(plane, &around, &turned, dx);
        });
    }
    (weights, biases)
}

/// The gradient of the input from that of all positions.
#[inline(always)]
fn correlate(plane: &Plane, around: &[f32], turned: &[f32], dx: &mut [f32]) {
    let [_, width] = plane.input;
    // Line by line of the padded plane, without its edge.
    for (y, line) in dx.chunks_exact_mut(width).enumerate() {
        let begin = (y + plane.padding) * plane.pitch + plane.padding;
        line.fill(0.0);
        for (offset, weight) in plane.offsets().zip(turned) {
            for (out, value) in line.iter_mut().zip(&around[begin + offset..begin + offset + width]) {
                *out += weight * value;
            }
        }
    }
}

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    lane_sum!(|x, y| x * y; a, b)
}

fn product(sides: [usize; 2]) -> usize {
    sides[0] * sides[1]
}
