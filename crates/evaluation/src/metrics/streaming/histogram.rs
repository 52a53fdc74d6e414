//! Counts of scores in bins that order as the scores do and are equally fine at every magnitude.

/// How many scores have the same leading bits of their [key](super::order::key).
#[derive(Clone, Debug)]
pub(super) struct Histogram {
    counts: Box<[u64]>,
    /// Bits of a key that its bin does not see.
    unseen: u32,
}

impl Histogram {
    /// Of 2^`bits` bins, `bits` in 10..=26. Nine of the bits are a score's sign and exponent: a bin is at most
    /// 2^(9 - bits) of the score wide.
    pub(super) fn new(bits: u32) -> Self {
        // Pages of zeros take no memory before something is counted in them.
        Self { counts: vec![0; 1 << bits].into_boxed_slice(), unseen: u32::BITS - bits }
    }

    pub(super) fn add(&mut self, key: u32, count: u64) {
        self.counts[(key >> self.unseen) as usize] += count;
    }

    /// Adds the counts of another one with as many bins.
    pub(super) fn merge(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(sum, count)| *sum += count);
    }

    /// For asking. At least one score was added.
    pub(super) fn accumulate(self) -> Accumulated {
        let Self { mut counts, unseen } = self;
        let mut above = 0;
        for count in counts.iter_mut().rev() {
            above += *count;
            *count = above;
        }
        Accumulated { at_or_above: counts, unseen }
    }

    #[cfg(test)]
    pub(super) fn edge_above(&self, key: u32) -> u32 {
        ((key >> self.unseen) + 1) << self.unseen
    }
}

/// A histogram as the number of scores in each bin *and all higher ones*. Not empty.
#[derive(Clone, Debug)]
pub(super) struct Accumulated {
    at_or_above: Box<[u64]>,
    unseen: u32,
}

/// A number of scores, or the least and the most that it can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Count {
    pub(super) least: u64,
    pub(super) most: u64,
}

impl Count {
    pub(super) fn exactly(count: u64) -> Self {
        Self { least: count, most: count }
    }

    pub(super) fn is_exact(self) -> bool {
        self.least == self.most
    }
}

impl Accumulated {
    /// Scores with this key or a higher one: exact at the edge of a bin, and where a bin is empty.
    pub(super) fn at_or_above(&self, key: u32) -> Count {
        let bin = (key >> self.unseen) as usize;
        let higher = self.at_or_above.get(bin + 1).copied().unwrap_or(0);
        if key == self.start(bin) {
            Count::exactly(self.at_or_above[bin])
        } else {
            Count { least: higher, most: self.at_or_above[bin] }
        }
    }

    /// The lowest edge from which on there are `most` scores or fewer.
    pub(super) fn lowest_edge(&self, most: u64) -> u32 {
        // The highest bin would hold keys of NaN: it is empty, so that there is such an edge.
        self.start(self.at_or_above.partition_point(|&here| here > most))
    }

    /// The lower edge of a key's bin.
    pub(super) fn edge(&self, key: u32) -> u32 {
        key >> self.unseen << self.unseen
    }

    /// The lower edges of the bins that hold scores, ascending.
    pub(super) fn edges(&self) -> impl Iterator<Item = u32> {
        let higher = self.at_or_above[1..].iter().chain(&[0]);
        let filled =
            self.at_or_above.iter().zip(higher).enumerate().filter(|(_, (here, higher))| here > higher);
        filled.map(|(bin, _)| self.start(bin))
    }

    /// The lower edge of the lowest bin that holds a score.
    pub(super) fn lowest(&self) -> u32 {
        // Everything is at or above each bin up to that one.
        self.start(self.at_or_above.partition_point(|&here| here == self.at_or_above[0]) - 1)
    }

    /// The last key of the highest bin that holds a score.
    pub(super) fn highest(&self) -> u32 {
        self.start(self.at_or_above.partition_point(|&here| here > 0)) - 1
    }

    fn start(&self, bin: usize) -> u32 {
        (bin as u32) << self.unseen
    }
}

#[cfg(test)]
mod tests {
    use super::super::order::{key, score};
    use super::*;

    #[test]
    fn a_bin_is_narrow() {
        let bins = Histogram::new(22);
        for value in [-0.9_f32, -0.01, 1e-30, 0.3, 0.5, 0.9, 40.0] {
            let upper = bins.edge_above(key(value));
            let lower = upper - (1 << bins.unseen);
            let width = f64::from(score(upper)) - f64::from(score(lower));
            assert!(lower <= key(value) && key(value) < upper);
            assert!(width <= f64::from(value.abs()) / 8192.0, "{value} {width}");
        }
    }

    #[test]
    fn counts_from_a_key_on() {
        // Bins of 4 units.
        let (bits, unit) = (14, 1 << 16);
        let mut bins = Histogram::new(bits);
        for (key, count) in [(100, 1), (103, 2), (120, 5)] {
            bins.add(key * unit, count);
        }
        let mut more = Histogram::new(bits);
        more.add(107 * unit, 3);
        bins.merge(&more);
        let bins = bins.accumulate();
        let cases = [
            (0, Count::exactly(11)),
            (100 * unit, Count::exactly(11)),
            (100 * unit + 1, Count { least: 8, most: 11 }),
            (104 * unit, Count::exactly(8)),
            (107 * unit, Count { least: 5, most: 8 }),
            (110 * unit, Count::exactly(5)),
            (120 * unit, Count::exactly(5)),
            (124 * unit, Count::exactly(0)),
            (u32::MAX, Count::exactly(0)),
        ];
        for (key, count) in cases {
            assert_eq!(bins.at_or_above(key), count, "{key}");
        }
        assert_eq!(bins.edges().collect::<Vec<_>>(), [100, 104, 120].map(|edge| edge * unit));
        assert_eq!((bins.lowest(), bins.highest()), (100 * unit, 124 * unit - 1));
        for (most, edge) in [(0, 124), (4, 124), (5, 108), (8, 104), (10, 104), (11, 0)] {
            assert_eq!(bins.lowest_edge(most), edge * unit, "{most}");
        }
    }
}
