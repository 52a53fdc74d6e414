//! Which samples are trained on, and as whom.

/// The samples of a source that are trained on, each with its class.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Roster {
    pub(crate) samples: Vec<u64>,
    pub(crate) labels: Vec<u32>,
}

impl Roster {
    /// All samples of a source; sample n is of the nth class.
    pub fn new(labels: Vec<u32>) -> Self {
        Self { samples: (0..labels.len() as u64).collect(), labels }
    }

    /// Some samples of a source, by their numbers there, each with its class.
    pub fn of(entries: impl IntoIterator<Item = (u64, u32)>) -> Self {
        let (samples, labels) = entries.into_iter().unzip();
        Self { samples, labels }
    }

    /// How many samples there are.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// The numbers of the samples in the source.
    pub fn samples(&self) -> &[u64] {
        &self.samples
    }

    /// The class of each sample.
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }
}
