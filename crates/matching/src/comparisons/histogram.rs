//! How many scores lie where, in equal bins.

/// Bins of a histogram: of cosines each is 1/2048 wide.
const BINS: usize = 4096;

/// The upper end is a sum of bins and misses the score that it was made of by less than this share of a bin.
const ROUNDING: f64 = 1e-6;

/// Counts of scores between two ends; scores beyond an end count in the last bin there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Histogram {
    low: f64,
    width: f64,
    counts: Vec<u64>,
}

impl Histogram {
    /// An empty histogram from `low` to `high`, which are finite.
    pub(crate) fn new(low: f32, high: f32) -> Self {
        let (low, high) = (f64::from(low), f64::from(high));
        let width = (high - low) / BINS as f64;
        // All scores alike make no width: one bin then holds them all.
        Self { low, width: if width > 0.0 { width } else { 1.0 }, counts: vec![0; BINS] }
    }

    pub(crate) fn add(&mut self, score: f32) {
        let bin = self.bin(f64::from(score));
        self.counts[bin] += 1;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(all, new)| *all += new);
    }

    pub(crate) fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    pub(crate) fn counts(&self) -> &[u64] {
        &self.counts
    }

    pub(crate) fn bin(&self, score: f64) -> usize {
        // The cast takes what is negative to 0.
        (((score - self.low) / self.width) as usize).min(BINS - 1)
    }

    /// Where a bin starts.
    pub(crate) fn edge(&self, bin: usize) -> f64 {
        self.low + bin as f64 * self.width
    }

    pub(crate) fn width(&self) -> f64 {
        self.width
    }

    /// How many scores are at least this large, taking those of a bin as spread evenly in it, but those of the last one
    /// as all at the upper end: many may be, such as the cosines of copies, and none of them may be missed.
    pub(crate) fn at_least(&self, score: f64) -> f64 {
        if score <= self.low {
            return self.total() as f64;
        }
        let bin = self.bin(score);
        if bin == BINS - 1 {
            let end = self.edge(BINS) + self.width * ROUNDING;
            return if score <= end { self.counts[bin] as f64 } else { 0.0 };
        }
        let above: u64 = self.counts[bin + 1..].iter().sum();
        let part = (1.0 - (score - self.edge(bin)) / self.width).clamp(0.0, 1.0);
        above as f64 + self.counts[bin] as f64 * part
    }

    /// The start of the lowest bin such that at most `wanted` scores are in it and above. Negative infinity if all are
    /// wanted.
    pub(crate) fn start_of_top(&self, wanted: u64) -> f32 {
        let mut above = 0;
        for (bin, &count) in self.counts.iter().enumerate().rev() {
            if above + count > wanted {
                return self.edge(bin + 1) as f32;
            }
            above += count;
        }
        f32::NEG_INFINITY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_is_at_least_a_score() {
        let mut histogram = Histogram::new(-1.0, 1.0);
        for score in [-1.0, 0.0, 0.0, 0.5, 1.0, 1.5] {
            histogram.add(score);
        }
        for (score, wanted) in [(-2.0, 6.0), (-1.0, 6.0), (-0.5, 5.0), (0.0, 5.0), (0.25, 3.0), (0.75, 2.0)] {
            assert_eq!(histogram.at_least(score), wanted, "{score}");
        }
        assert_eq!(histogram.at_least(2.0), 0.0);
    }

    #[test]
    fn the_top_starts_at_a_bin() {
        let mut histogram = Histogram::new(0.0, 1.0);
        (0..1000).for_each(|step| histogram.add(step as f32 / 1000.0));
        let start = histogram.start_of_top(100);
        assert!(start > 0.899 && start <= 0.9, "{start}");
        assert_eq!(histogram.start_of_top(1000), f32::NEG_INFINITY);
        let mut alike = Histogram::new(0.5, 0.5);
        (0..10).for_each(|_| alike.add(0.5));
        assert!(alike.start_of_top(3) > 0.5);
        assert_eq!((alike.at_least(0.5), alike.at_least(2.0)), (10.0, 0.0));
    }
}
