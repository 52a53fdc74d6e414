//! The samples of each class.

/// Samples, class by class. A class has a rank, by the size of its number; classes without samples have none.
pub(super) struct ByClass {
    /// Where the samples of each class begin, and after them the end.
    starts: Vec<usize>,
    samples: Vec<u64>,
}

impl ByClass {
    pub(super) fn new(labels: &[u32]) -> Self {
        let label = |sample: u64| labels[sample as usize];
        let mut samples: Vec<u64> = (0..labels.len() as u64).collect();
        samples.sort_by_key(|&sample| label(sample));
        let mut starts = vec![0];
        for class in samples.chunk_by(|&a, &b| label(a) == label(b)) {
            starts.push(starts[starts.len() - 1] + class.len());
        }
        Self { starts, samples }
    }

    /// How many classes there are.
    pub(super) fn len(&self) -> u64 {
        self.starts.len() as u64 - 1
    }

    /// The samples of the class of this rank; at least one.
    pub(super) fn of(&self, rank: u64) -> &[u64] {
        &self.samples[self.starts[rank as usize]..self.starts[rank as usize + 1]]
    }

    /// The samples of each class.
    pub(super) fn each(&self) -> impl Iterator<Item = &[u64]> {
        (0..self.len()).map(|rank| self.of(rank))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_stand_with_their_class() {
        let by_class = ByClass::new(&[7, 0, 7, u32::MAX, 0, 7]);
        assert_eq!(by_class.len(), 3);
        assert!(by_class.each().eq([&[1, 4][..], &[0, 2, 5], &[3]]));
        assert_eq!(ByClass::new(&[]).len(), 0);
    }
}
