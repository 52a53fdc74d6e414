//! How far off an estimate is over many faces, in the unit of the estimate: what errors of ages and of landmarks share.

/// Errors of at least 0, and how many faces there are with and without one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Deviations {
    /// Ascending, of the faces that have an estimate.
    sorted: Vec<f64>,
    faces: usize,
}

impl Deviations {
    /// From finite errors of some of `faces` faces, of which there is at least one. The others have no estimate.
    pub(super) fn new(mut errors: Vec<f64>, faces: usize) -> Self {
        errors.sort_unstable_by(f64::total_cmp);
        Self { sorted: errors, faces }
    }

    /// Ascending.
    pub(super) fn errors(&self) -> &[f64] {
        &self.sorted
    }

    /// All faces, those without an estimate too.
    pub(super) fn faces(&self) -> usize {
        self.faces
    }

    /// How many faces have no estimate.
    pub(super) fn missing(&self) -> usize {
        self.faces - self.sorted.len()
    }

    /// The mean of the faces with an estimate; `None` if none has one.
    pub(super) fn mean(&self) -> Option<f64> {
        let count = self.sorted.len();
        (count > 0).then(|| self.sorted.iter().sum::<f64>() / count as f64)
    }

    /// The share of *all* faces whose error is at most `limit`, in 0..=1.
    pub(super) fn share_within(&self, limit: f64) -> f64 {
        self.sorted.partition_point(|&error| error <= limit) as f64 / self.faces as f64
    }
}
