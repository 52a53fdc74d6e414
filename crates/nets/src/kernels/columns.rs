//! What a convolution's filters look at, as the columns of a matrix, and back.

use super::Convolution;

/// Writes what the filters see from some rows of positions of one image: a row for each channel and place in the filter
/// (C-major, then from top to bottom, then from left to right), a column for each position.
pub(super) fn gather(of: &Convolution, image: &[f32], first: usize, count: usize, columns: &mut [f32]) {
    let [height, width] = of.input;
    let across = of.output()[1];
    let mut lines = columns.chunks_exact_mut(count * across);
    for plane in image.chunks_exact(height * width) {
        for ky in 0..of.kernel {
            for kx in 0..of.kernel {
                let Some(line) = lines.next() else { return };
                for (at, out) in (first..).zip(line.chunks_exact_mut(across)) {
                    match of.source(at, ky, height) {
                        Some(y) => read(of, &plane[y * width..(y + 1) * width], kx, out),
                        None => out.fill(0.0),
                    }
                }
            }
        }
    }
}

/// The opposite of [`gather`]: adds to each pixel what came of the places that looked at it.
pub(super) fn scatter(of: &Convolution, columns: &[f32], first: usize, count: usize, image: &mut [f32]) {
    let [height, width] = of.input;
    let across = of.output()[1];
    let mut lines = columns.chunks_exact(count * across);
    for plane in image.chunks_exact_mut(height * width) {
        for ky in 0..of.kernel {
            for kx in 0..of.kernel {
                let Some(line) = lines.next() else { return };
                for (at, from) in (first..).zip(line.chunks_exact(across)) {
                    if let Some(y) = of.source(at, ky, height) {
                        add(of, from, kx, &mut plane[y * width..(y + 1) * width]);
                    }
                }
            }
        }
    }
}

/// The positions of a line from which a place in the filter sees a pixel, and the first of these pixels.
fn seen(of: &Convolution, kx: usize) -> (usize, usize, usize) {
    let (width, across) = (of.input[1], of.output()[1]);
    let begin = of.padding.saturating_sub(kx).div_ceil(of.stride).min(across);
    let end =
        if width + of.padding > kx { (width + of.padding - kx).div_ceil(of.stride).min(across) } else { 0 };
    let end = end.max(begin);
    (begin, end, (begin * of.stride + kx).saturating_sub(of.padding))
}

fn read(of: &Convolution, line: &[f32], kx: usize, out: &mut [f32]) {
    let (begin, end, from) = seen(of, kx);
    out[..begin].fill(0.0);
    out[end..].fill(0.0);
    let out = &mut out[begin..end];
    match of.stride {
        1 => out.copy_from_slice(&line[from..from + out.len()]),
        stride => {
            for (out, pixel) in out.iter_mut().zip(line[from.min(line.len())..].iter().step_by(stride)) {
                *out = *pixel;
            }
        }
    }
}

fn add(of: &Convolution, from: &[f32], kx: usize, line: &mut [f32]) {
    let (begin, end, at) = seen(of, kx);
    let from = &from[begin..end];
    match of.stride {
        1 => {
            for (pixel, value) in line[at..at + from.len()].iter_mut().zip(from) {
                *pixel += value;
            }
        }
        stride => {
            let at = at.min(line.len());
            for (pixel, value) in line[at..].iter_mut().step_by(stride).zip(from) {
                *pixel += value;
            }
        }
    }
}
