//! Filters in the order in which the inner loops read them.

use pulp::{Simd, WithSimd};

use super::machine;

/// Most vectors of a panel.
pub(super) const VECTORS: usize = 4;

/// Filters, split into panels of as many as are computed at a time. A panel holds, for each line of the
/// filters, for each value that the line sees, the weights of its filters; the last one is filled up with
/// zeros to whole vectors.
#[derive(Debug)]
pub(super) struct Panels {
    /// Lines of a filter, and values that a line sees.
    pub(super) lines: usize,
    pub(super) length: usize,
    /// How many filters.
    pub(super) filters: usize,
    /// Values of a vector.
    lanes: usize,
    values: Vec<f32>,
}

/// Filters that are computed at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panel<'a> {
    /// Number of the first filter.
    pub(super) first: usize,
    /// How many there are, without those that fill up.
    pub(super) count: usize,
    /// Vectors that hold them.
    pub(super) vectors: usize,
    /// Its values.
    pub(super) values: &'a [f32],
}

/// Values of a vector, and how many vectors of filters are computed at a time.
fn vectors() -> (usize, usize) {
    struct Ask;
    impl WithSimd for Ask {
        type Output = (usize, usize);
        fn with_simd<S: Simd>(self, _: S) -> Self::Output {
            // As many running sums as there are registers, less a few.
            (S::F32_LANES, if S::REGISTER_COUNT >= 32 { VECTORS } else { VECTORS / 2 })
        }
    }
    machine().dispatch(Ask)
}

impl Panels {
    /// Panels of zeros.
    pub(super) fn new(lines: usize, length: usize, filters: usize) -> Self {
        let (lanes, _) = vectors();
        let values = vec![0.0; lines * length * filters.next_multiple_of(lanes)];
        Self { lines, length, filters, lanes, values }
    }

    /// Panels of the weights that a function gives for a line, a place in it, and a filter.
    pub(super) fn of(
        lines: usize,
        length: usize,
        filters: usize,
        weight: impl Fn(usize, usize, usize) -> f32,
    ) -> Self {
        let mut panels = Self::new(lines, length, filters);
        panels.each(|line, at, filter, value| *value = weight(line, at, filter));
        panels
    }

    /// Goes through all weights: line, place in it, filter.
    pub(super) fn each(&mut self, mut visit: impl FnMut(usize, usize, usize, &mut f32)) {
        let shapes: Vec<(usize, usize, usize)> = self.shapes().collect();
        let mut values = self.values.as_mut_slice();
        for (first, count, vectors) in shapes {
            let width = vectors * self.lanes;
            let (panel, rest) = values.split_at_mut(self.lines * self.length * width);
            for (number, row) in panel.chunks_exact_mut(width).enumerate() {
                for (filter, value) in (first..).zip(&mut row[..count]) {
                    visit(number / self.length, number % self.length, filter, value);
                }
            }
            values = rest;
        }
    }

    /// First filter, number of filters and vectors of each panel.
    fn shapes(&self) -> impl Iterator<Item = (usize, usize, usize)> + use<> {
        let (filters, lanes) = (self.filters, self.lanes);
        let width = vectors().1 * lanes;
        (0..filters.div_ceil(width)).map(move |number| {
            let count = width.min(filters - number * width);
            (number * width, count, count.div_ceil(lanes))
        })
    }

    /// Values of a row of a panel of so many vectors.
    pub(super) fn width(&self, vectors: usize) -> usize {
        vectors * self.lanes
    }

    /// The panels.
    pub(super) fn iter(&self) -> impl Iterator<Item = Panel<'_>> {
        let mut values = self.values.as_slice();
        self.shapes().map(move |(first, count, vectors)| {
            let (panel, rest) = values.split_at(self.lines * self.length * vectors * self.lanes);
            values = rest;
            Panel { first, count, vectors, values: panel }
        })
    }

    /// Values in which sums of panels can be written, as [`iter`](Self::iter) has them.
    pub(super) fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// Where a panel's values begin.
    pub(super) fn begin(&self, panel: usize) -> usize {
        self.shapes().take(panel).map(|(_, _, vectors)| self.lines * self.length * vectors * self.lanes).sum()
    }

    /// Adds up panels of one shape.
    pub(super) fn add(&mut self, other: &Self) {
        super::vectorised(|| {
            self.values.iter_mut().zip(&other.values).for_each(|(value, other)| *value += other);
        });
    }
}
