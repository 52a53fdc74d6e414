//! Convolution with square filters, by products of matrices.

use std::ops::Range;

use rayon::prelude::*;

use super::columns::{gather, scatter};
use super::product::{Matrix, product};
use super::vectorised;

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

/// At most so many values are columns at a time: they stay in the cache of a core.
const COLUMNS: usize = 1 << 17;
/// Gradients of weights are added up within so many portions of the batch.
const PORTIONS: usize = 8;

impl Convolution {
    /// Height and width of the output.
    pub(crate) fn output(&self) -> [usize; 2] {
        self.input.map(|side| (side + 2 * self.padding).saturating_sub(self.kernel) / self.stride + 1)
    }

    /// Which line of the input the line `k` of a filter sees from the position `at`, unless it is padding.
    pub(super) fn source(&self, at: usize, k: usize, side: usize) -> Option<usize> {
        (at * self.stride + k).checked_sub(self.padding).filter(|&line| line < side)
    }

    /// Whether the input is itself the columns.
    fn is_pointwise(&self) -> bool {
        self.kernel == 1 && self.stride == 1 && self.padding == 0
    }

    /// How many values a filter looks at.
    fn depth(&self) -> usize {
        self.channels[0] * self.kernel * self.kernel
    }

    /// Values of an image of the input and of the output.
    fn sizes(&self) -> [usize; 2] {
        let area = |sides: [usize; 2]| sides[0] * sides[1];
        [self.channels[0] * area(self.input), self.channels[1] * area(self.output())]
    }

    /// Rows of positions whose columns are made at a time.
    fn bands(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let [down, across] = self.output();
        let most =
            if self.is_pointwise() { down } else { (COLUMNS / (self.depth() * across)).clamp(1, down) };
        let number = down.div_ceil(most);
        (0..number).map(move |band| band * down / number..(band + 1) * down / number)
    }
}

/// `input` of N images and `weight` of `[out, in, k, k]` to the output of N images.
pub(crate) fn convolution(of: &Convolution, input: &[f32], weight: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
    let [size, made] = of.sizes();
    let [_, across] = of.output();
    let (out, depth) = (of.channels[1], of.depth());
    let area = made / out;
    let mut output = vec![0.0; input.len() / size * made];
    output.par_chunks_exact_mut(made).zip(input.par_chunks_exact(size)).for_each_init(
        Vec::new,
        |columns, (y, x)| {
            let filters = Matrix::new(weight, out, depth, depth);
            for band in of.bands() {
                let seen = look(of, x, &band, columns);
                product(&mut y[band.start * across..], area, false, filters, seen);
            }
            for (plane, bias) in y.chunks_exact_mut(area).zip(bias.unwrap_or_default()) {
                vectorised(|| plane.iter_mut().for_each(|value| *value += bias));
            }
        },
    );
    output
}

/// The columns of a band of positions.
fn look<'a>(
    of: &Convolution,
    image: &'a [f32],
    band: &Range<usize>,
    columns: &'a mut Vec<f32>,
) -> Matrix<'a> {
    let positions = band.len() * of.output()[1];
    if of.is_pointwise() {
        return Matrix::new(image, of.depth(), positions, positions);
    }
    columns.resize(of.depth() * positions, 0.0);
    gather(of, image, band.start, band.len(), columns);
    Matrix::new(columns, of.depth(), positions, positions)
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
    let images = input.len() / size;
    let portion = images.div_ceil(PORTIONS).max(1);
    let mut back = vec![0.0; if wants_input { input.len() } else { 0 }];
    // Without the input's gradient its portions are empty.
    let mut places: Vec<&mut [f32]> = if wants_input {
        back.chunks_mut(portion * size).collect()
    } else {
        (0..images.div_ceil(portion)).map(|_| Default::default()).collect()
    };
    let sums: Vec<(Vec<f32>, Vec<f32>)> = input
        .par_chunks(portion * size)
        .zip(output.par_chunks(portion * made))
        .zip(places.par_iter_mut())
        .map(|((x, dy), dx)| portion_backward(of, x, weight, dy, dx))
        .collect();
    let mut sums = sums.into_iter();
    let (mut weights, mut biases) = sums.next().unwrap_or_default();
    for (weight, bias) in sums {
        vectorised(|| weights.iter_mut().zip(&weight).for_each(|(sum, value)| *sum += value));
        biases.iter_mut().zip(&bias).for_each(|(sum, value)| *sum += value);
    }
    ConvolutionGradients { input: back, weight: weights, bias: biases }
}

/// Gradients of the weights and biases from some images; that of the images is added to `dx` unless it is empty.
fn portion_backward(
    of: &Convolution,
    x: &[f32],
    weight: &[f32],
    dy: &[f32],
    dx: &mut [f32],
) -> (Vec<f32>, Vec<f32>) {
    let [size, made] = of.sizes();
    let [_, across] = of.output();
    let (out, depth) = (of.channels[1], of.depth());
    let area = made / out;
    let (mut weights, mut biases) = (vec![0.0; weight.len()], vec![0.0; out]);
    let (mut columns, mut back) = (Vec::new(), Vec::new());
    let filters = Matrix::new(weight, out, depth, depth).transposed();
    for (image, (x, dy)) in x.chunks_exact(size).zip(dy.chunks_exact(made)).enumerate() {
        for (sum, plane) in biases.iter_mut().zip(dy.chunks_exact(area)) {
            *sum += vectorised(|| super::lane_sum!(|v| v; plane));
        }
        for band in of.bands() {
            let positions = band.len() * across;
            let dy = Matrix::new(&dy[band.start * across..], out, positions, area);
            let seen = look(of, x, &band, &mut columns);
            product(&mut weights, depth, true, dy, seen.transposed());
            if dx.is_empty() {
                continue;
            }
            let dx = &mut dx[image * size..(image + 1) * size];
            if of.is_pointwise() {
                product(dx, area, false, filters, dy);
            } else {
                back.resize(depth * positions, 0.0);
                product(&mut back, positions, false, filters, dy);
                vectorised(|| scatter(of, &back, band.start, band.len(), dx));
            }
        }
    }
    (weights, biases)
}
