//! The inner loops of convolutions: sums that stay in registers, a few positions by a panel of filters.

use pulp::{Simd, WithSimd};

use super::panels::{Panel, VECTORS};
use super::sight::Seen;

/// Positions, or values that are seen, whose sums are kept at a time.
const ROWS: usize = 6;
/// Values of a panel that are read over and over, while they stay in the cache of a core.
const CACHED: usize = 1 << 17;

/// Values for each position: `out[place(p)][filter] = bias[filter] + sum over lines and places of seen *
/// weight`.
pub(super) struct Correlate<'a, 'b> {
    pub(super) seen: &'a Seen<'b>,
    pub(super) panel: Panel<'a>,
    pub(super) bias: Option<&'a [f32]>,
    /// Pixel of the output of each position, and values of an image of the output.
    pub(super) places: &'a [usize],
    pub(super) size: usize,
    /// Channels of the output.
    pub(super) channels: usize,
    pub(super) out: &'a mut [f32],
}

impl WithSimd for Correlate<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.panel.vectors {
            1 => self.correlate::<S, 1>(simd),
            2 => self.correlate::<S, 2>(simd),
            3 => self.correlate::<S, 3>(simd),
            _ => self.correlate::<S, VECTORS>(simd),
        }
    }
}

impl Correlate<'_, '_> {
    #[inline(always)]
    fn correlate<S: Simd, const N: usize>(self, simd: S) {
        let sight = self.seen.sight();
        let (lines, positions) = (sight.lines(), sight.positions());
        let line = self.panel.values.len() / lines;
        // All lines at once if they can stay in the cache; else one after the other, over all positions.
        let step = if self.panel.values.len() <= CACHED { lines } else { 1 };
        let count = self.seen.count();
        for begin in (0..lines).step_by(step) {
            for first in (0..count).step_by(ROWS) {
                // The last tile does some positions twice.
                let at: [(usize, usize); ROWS] = std::array::from_fn(|row| {
                    let p = (first + row).min(count - 1);
                    (p / positions, p % positions)
                });
                let target = |row: usize| {
                    at[row].0 * self.size + self.places[at[row].1] * self.channels + self.panel.first
                };
                let mut sums = [[simd.splat_f32s(0.0); N]; ROWS];
                if begin > 0 {
                    for (row, sums) in sums.iter_mut().enumerate() {
                        *sums = load::<S, N>(simd, &self.out[target(row)..][..self.panel.count]);
                    }
                } else if let Some(bias) = self.bias {
                    sums = [load::<S, N>(simd, &bias[self.panel.first..][..self.panel.count]); ROWS];
                }
                for ky in begin..begin + step {
                    let parts: [&[f32]; ROWS] =
                        std::array::from_fn(|row| self.seen.part(at[row].0, at[row].1, ky));
                    multiply::<S, N>(simd, parts, &self.panel.values[ky * line..][..line], &mut sums);
                }
                for (row, sums) in sums.iter().enumerate().take(count - first) {
                    store::<S, N>(simd, sums, &mut self.out[target(row)..][..self.panel.count]);
                }
            }
        }
    }
}

#[inline(always)]
fn multiply<S: Simd, const N: usize>(
    simd: S,
    parts: [&[f32]; ROWS],
    weights: &[f32],
    sums: &mut [[S::f32s; N]; ROWS],
) {
    let (weights, _) = S::as_simd_f32s(weights);
    let length = weights.len() / N;
    let parts: [&[f32]; ROWS] = std::array::from_fn(|row| &parts[row][..length]);
    let mut kept = *sums;
    for (at, weights) in weights.chunks_exact(N).enumerate().take(length) {
        let weights: [S::f32s; N] = std::array::from_fn(|n| weights[n]);
        for row in 0..ROWS {
            let value = simd.splat_f32s(parts[row][at]);
            for n in 0..N {
                kept[row][n] = simd.mul_add_e_f32s(value, weights[n], kept[row][n]);
            }
        }
    }
    *sums = kept;
}

#[inline(always)]
fn load<S: Simd, const N: usize>(simd: S, from: &[f32]) -> [S::f32s; N] {
    let mut parts = from.chunks(S::F32_LANES);
    std::array::from_fn(|_| parts.next().map_or(simd.splat_f32s(0.0), |part| simd.partial_load_f32s(part)))
}

#[inline(always)]
fn store<S: Simd, const N: usize>(simd: S, values: &[S::f32s; N], to: &mut [f32]) {
    for (value, to) in values.iter().zip(to.chunks_mut(S::F32_LANES)) {
        simd.partial_store_f32s(to, *value);
    }
}

/// Gradients of a panel of filters, for one line of them, from some positions:
/// `sums[place][filter] += sum over positions of seen[place] * out[filter]`.
pub(super) struct Outer<'a> {
    /// What the line sees from each position.
    pub(super) parts: &'a [&'a [f32]],
    /// Gradients of the panel's filters at each position, filled up as the panel is.
    pub(super) out: &'a [f32],
    pub(super) vectors: usize,
    /// A row for each place, as in the panel.
    pub(super) sums: &'a mut [f32],
}

impl WithSimd for Outer<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.vectors {
            1 => self.outer::<S, 1>(simd),
            2 => self.outer::<S, 2>(simd),
            3 => self.outer::<S, 3>(simd),
            _ => self.outer::<S, VECTORS>(simd),
        }
    }
}

impl Outer<'_> {
    #[inline(always)]
    fn outer<S: Simd, const N: usize>(self, simd: S) {
        let (out, _) = S::as_simd_f32s(self.out);
        let (sums, _) = S::as_mut_simd_f32s(self.sums);
        for (tile, sums) in sums.chunks_mut(ROWS * N).enumerate() {
            let first = tile * ROWS;
            match sums.len() / N {
                1 => places::<S, N, 1>(simd, self.parts, first, out, sums),
                2 => places::<S, N, 2>(simd, self.parts, first, out, sums),
                3 => places::<S, N, 3>(simd, self.parts, first, out, sums),
                4 => places::<S, N, 4>(simd, self.parts, first, out, sums),
                5 => places::<S, N, 5>(simd, self.parts, first, out, sums),
                _ => places::<S, N, ROWS>(simd, self.parts, first, out, sums),
            }
        }
    }
}

#[inline(always)]
fn places<S: Simd, const N: usize, const R: usize>(
    simd: S,
    parts: &[&[f32]],
    first: usize,
    out: &[S::f32s],
    sums: &mut [S::f32s],
) {
    let mut kept: [[S::f32s; N]; R] = std::array::from_fn(|row| std::array::from_fn(|n| sums[row * N + n]));
    for (part, out) in parts.iter().zip(out.chunks_exact(N)) {
        let out: [S::f32s; N] = std::array::from_fn(|n| out[n]);
        let part: &[f32] = &part[first..first + R];
        for row in 0..R {
            let value = simd.splat_f32s(part[row]);
            for n in 0..N {
                kept[row][n] = simd.mul_add_e_f32s(value, out[n], kept[row][n]);
            }
        }
    }
    for (row, kept) in kept.iter().enumerate() {
        sums[row * N..][..N].copy_from_slice(kept);
    }
}
