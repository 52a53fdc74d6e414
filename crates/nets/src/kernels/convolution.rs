//! Convolution whose filters see all channels.

use rayon::prelude::*;

use super::panels::Panels;
use super::sight::{Going, Seen, Sight};
use super::tile::{Correlate, Outer};
use super::{machine, portion, sum, vectorised};

/// What a convolution is: its filters are square, and the same distance is left around all sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Convolution {
    /// Channels in and out.
    pub(crate) channels: [usize; 2],
    /// Height and width of the input.
    pub(crate) input: [usize; 2],
    /// Height and width of a filter.
    pub(crate) kernel: usize,
    /// Pixels from one position of a filter to the next.
    pub(crate) stride: usize,
    /// Zeros around the input.
    pub(crate) padding: usize,
}

/// Positions whose gradients are held at a time: they stay in the nearest cache.
const BLOCK: usize = 128;

/// Positions of a filter along a side of an image; none if it is longer than the padded side, or the side has
/// no pixel.
pub(crate) fn positions(side: usize, kernel: usize, stride: usize, padding: usize) -> Option<usize> {
    let rest = (side + 2 * padding).checked_sub(kernel).filter(|_| side > 0)?;
    Some(rest / stride + 1)
}

impl Convolution {
    /// Height and width of the output.
    ///
    /// # Panics
    ///
    /// If a filter is larger than the padded input, which has no position for it then.
    pub(crate) fn output(&self) -> [usize; 2] {
        self.input.map(|side| {
            positions(side, self.kernel, self.stride, self.padding).unwrap_or_else(|| {
                let Self { input: [height, width], kernel: k, padding, .. } = self;
                panic!(
                    "an image of {height} x {width} with {padding} around it is too small \
                     for a filter of {k} x {k}"
                )
            })
        })
    }

    /// Values of an image of the input and of the output.
    pub(super) fn sizes(&self) -> [usize; 2] {
        let area = |sides: [usize; 2]| sides[0] * sides[1];
        [self.channels[0] * area(self.input), self.channels[1] * area(self.output())]
    }

    fn going(&self) -> Going {
        Going {
            input: self.input,
            channels: self.channels[0],
            kernel: [self.kernel; 2],
            stride: self.stride,
            before: [self.padding as isize; 2],
            output: self.output(),
        }
    }

    /// Where the weight of a filter, channel and place is in `[out, in, k, k]`.
    fn weight(&self, filter: usize, channel: usize, ky: usize, kx: usize) -> usize {
        ((filter * self.channels[0] + channel) * self.kernel + ky) * self.kernel + kx
    }
}

/// `input` of N images and `weight` of `[out, in, k, k]` to the output of N images.
pub(crate) fn convolution(of: &Convolution, input: &[f32], weight: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
    let [size, made] = of.sizes();
    let [from, to] = of.channels;
    let panels = Panels::of(of.kernel, of.kernel * from, to, |ky, at, filter| {
        weight[of.weight(filter, at % from, ky, at / from)]
    });
    let sight = Sight::new(of.going());
    let places: Vec<usize> = (0..sight.positions()).collect();
    let mut output = vec![0.0; input.len() / size * made];
    let images = portion(input.len() / size);
    output.par_chunks_mut(images * made).zip(input.par_chunks(images * size)).for_each(|(y, x)| {
        correlate(&sight.of(x), &panels, bias, &places, [made, to], y);
    });
    output
}

/// Goes over some images with all filters. `shape` is the values of an image of the output, and its channels.
fn correlate(
    seen: &Seen<'_>,
    panels: &Panels,
    bias: Option<&[f32]>,
    places: &[usize],
    [size, channels]: [usize; 2],
    out: &mut [f32],
) {
    for panel in panels.iter() {
        machine().dispatch(Correlate { seen, panel, bias, places, size, channels, out: &mut *out });
    }
}

/// Gradients of what went into a convolution, from that of its output.
pub(crate) struct ConvolutionGradients {
    /// As the input; empty unless it was asked for.
    pub(crate) input: Vec<f32>,
    /// As the weights.
    pub(crate) weight: Vec<f32>,
    /// A sum for each filter.
    pub(crate) bias: Vec<f32>,
}

/// The gradients of [`convolution`].
pub(crate) fn convolution_backward(
    of: &Convolution,
    input: &[f32],
    weight: &[f32],
    output: &[f32],
    wants_input: bool,
) -> ConvolutionGradients {
    let [size, made] = of.sizes();
    let images = portion(input.len() / size);
    let back = if wants_input { back(of, weight, output, images) } else { Vec::new() };
    let sight = Sight::new(of.going());
    let found: Vec<(Panels, Vec<f32>)> = input
        .par_chunks(images * size)
        .zip(output.par_chunks(images * made))
        .map(|(x, dy)| (weights(of, &sight.of(x), dy), biases(of, dy)))
        .collect();
    let (weights, biases): (Vec<Panels>, Vec<Vec<f32>>) = found.into_iter().unzip();
    let mut gradient = vec![0.0; weight.len()];
    let [from, to] = of.channels;
    if let Some(mut total) = weights.into_iter().reduce(|mut total, part| {
        total.add(&part);
        total
    }) {
        total.each(|ky, at, filter, value| gradient[of.weight(filter, at % from, ky, at / from)] = *value);
    }
    ConvolutionGradients { input: back, weight: gradient, bias: sum(biases, to) }
}

/// The gradient of the input: a convolution of the output's with the filters turned by half a turn, from
/// channels out to channels in. With a stride, pixels at different remainders of it are seen by different
/// parts of the filters: each is a convolution of its own.
fn back(of: &Convolution, weight: &[f32], output: &[f32], images: usize) -> Vec<f32> {
    let [size, made] = of.sizes();
    let [from, to] = of.channels;
    let mut back = vec![0.0; output.len() / made * size];
    for (ry, rx) in (0..of.stride * of.stride).map(|at| (at / of.stride, at % of.stride)) {
        let (Some(down), Some(across)) = (Remainder::new(of, 0, ry), Remainder::new(of, 1, rx)) else {
            continue;
        };
        let panels = Panels::of(down.taps.len(), across.taps.len() * to, from, |ky, at, channel| {
            weight[of.weight(at % to, channel, down.taps[ky], across.taps[at / to])]
        });
        let sight = Sight::new(Going {
            input: of.output(),
            channels: to,
            kernel: [down.taps.len(), across.taps.len()],
            stride: 1,
            before: [down.before, across.before],
            output: [down.count, across.count],
        });
        let place = |y: usize, x: usize| (y * of.stride + ry) * of.input[1] + x * of.stride + rx;
        let places: Vec<usize> =
            (0..sight.positions()).map(|at| place(at / across.count, at % across.count)).collect();
        back.par_chunks_mut(images * size).zip(output.par_chunks(images * made)).for_each(|(dx, dy)| {
            correlate(&sight.of(dy), &panels, None, &places, [size, from], dx);
        });
    }
    back
}

/// Along one axis, the pixels at a remainder of the stride, and who saw them.
struct Remainder {
    /// Lines of the filter that saw them, from the last to the first, as they meet the output from its
    /// beginning on.
    taps: Vec<usize>,
    /// How far before its beginning the first of them meets it.
    before: isize,
    /// Pixels at this remainder.
    count: usize,
}

impl Remainder {
    /// `None` if there are none, or nobody saw them.
    fn new(of: &Convolution, axis: usize, remainder: usize) -> Option<Self> {
        let taps: Vec<usize> = (0..of.kernel)
            .rev()
            .filter(|tap| (remainder + of.padding).abs_diff(*tap).is_multiple_of(of.stride))
            .collect();
        let first = *taps.first()?;
        let before = (first as isize - (remainder + of.padding) as isize) / of.stride as isize;
        let count = of.input[axis].checked_sub(remainder)?.div_ceil(of.stride);
        (count > 0).then_some(Self { taps, before, count })
    }
}

/// The gradient of the weights from some images.
fn weights(of: &Convolution, seen: &Seen<'_>, output: &[f32]) -> Panels {
    let (sight, to) = (seen.sight(), of.channels[1]);
    let (lines, length, positions) = (sight.lines(), sight.length(), sight.positions());
    let mut panels = Panels::new(lines, length, to);
    let shapes: Vec<(usize, usize, usize, usize)> = panels
        .iter()
        .enumerate()
        .map(|(number, panel)| (panel.first, panel.count, panel.vectors, panels.begin(number)))
        .collect();
    let mut parts = Vec::with_capacity(BLOCK);
    let mut packed = Vec::new();
    for begin in (0..seen.count()).step_by(BLOCK) {
        let block = begin..(begin + BLOCK).min(seen.count());
        for &(first, count, vectors, at) in &shapes {
            let width = panels.width(vectors);
            packed.clear();
            packed.resize(block.len() * width, 0.0);
            for (row, p) in packed.chunks_exact_mut(width).zip(block.clone()) {
                row[..count].copy_from_slice(&output[p * to + first..][..count]);
            }
            for ky in 0..lines {
                parts.clear();
                parts.extend(block.clone().map(|p| seen.part(p / positions, p % positions, ky)));
                let sums = &mut panels.values_mut()[at + ky * length * width..][..length * width];
                machine().dispatch(Outer { parts: &parts, out: &packed, vectors, sums });
            }
        }
    }
    panels
}

fn biases(of: &Convolution, output: &[f32]) -> Vec<f32> {
    let mut sums = vec![0.0; of.channels[1]];
    vectorised(|| {
        for pixel in output.chunks_exact(sums.len()) {
            sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value);
        }
    });
    sums
}
