//! Vectors of known people, from which scores are learned.

use std::collections::BTreeMap;

use model::Fingerprint;
use nalgebra::{DMatrix, DVector};

use crate::Error;
use crate::linear::check_unit;

/// Columns of the blocks in which scatter matrices are summed: enough for a fast product, little memory.
const BLOCK: usize = 512;

/// Unit vectors of one model, each with the number of the person it shows.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingSet {
    dimension: usize,
    values: Vec<f32>,
    /// Of each vector, its identity renumbered 0, 1, 2 .. in the order of the given numbers.
    classes: Vec<usize>,
    counts: Vec<usize>,
    fingerprint: Fingerprint,
}

impl TrainingSet {
    /// Vectors with the identity of each; the numbers are free, equal means the same person.
    ///
    /// # Errors
    /// [`Error::Training`] for no vectors, another number of identities, lengths that differ, and values that are
    /// not finite or vectors that are not of unit length.
    pub fn new(
        vectors: &[impl AsRef<[f32]>],
        identities: &[u32],
        fingerprint: Fingerprint,
    ) -> Result<Self, Error> {
        if vectors.len() != identities.len() {
            return Err(Error::Training(format!(
                "there are {} vectors but {} identities: give one for each",
                vectors.len(),
                identities.len()
            )));
        }
        let dimension = vectors.first().map_or(0, |first| first.as_ref().len());
        if dimension == 0 {
            return Err(Error::Training("there are none, or the first is empty".to_owned()));
        }
        let mut values = Vec::with_capacity(vectors.len() * dimension);
        for (at, vector) in vectors.iter().enumerate() {
            check_unit(vector.as_ref(), dimension)
                .map_err(|reason| Error::Training(format!("vector {at}: {reason}")))?;
            values.extend_from_slice(vector.as_ref());
        }
        let mut numbers: BTreeMap<u32, usize> = identities.iter().map(|&identity| (identity, 0)).collect();
        numbers.values_mut().enumerate().for_each(|(at, number)| *number = at);
        let classes: Vec<usize> = identities.iter().map(|identity| numbers[identity]).collect();
        let mut counts = vec![0; numbers.len()];
        classes.iter().for_each(|&class| counts[class] += 1);
        Ok(Self { dimension, values, classes, counts, fingerprint })
    }

    /// Vectors of which nothing is known but that their people differ, such as a cohort: each is its own identity.
    ///
    /// # Errors
    /// As [`TrainingSet::new`].
    pub fn unlabelled(vectors: &[impl AsRef<[f32]>], fingerprint: Fingerprint) -> Result<Self, Error> {
        let count = u32::try_from(vectors.len())
            .map_err(|_| Error::Training(format!("{} vectors are too many", vectors.len())))?;
        Self::new(vectors, &(0..count).collect::<Vec<u32>>(), fingerprint)
    }

    /// How many vectors there are; at least 1.
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// How many people there are; at least 1.
    pub fn identities(&self) -> usize {
        self.counts.len()
    }

    /// Values per vector; at least 1.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The model that made the vectors.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The vectors in their order.
    pub fn vectors(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.dimension)
    }

    /// One unit vector per person, the normalised mean of his or hers, in the order of the identity numbers. People
    /// whose vectors cancel out are left out.
    pub fn centres(&self) -> Vec<Vec<f32>> {
        let mut sums = vec![vec![0.0f64; self.dimension]; self.identities()];
        for (vector, &class) in self.vectors().zip(&self.classes) {
            sums[class].iter_mut().zip(vector).for_each(|(sum, &value)| *sum += f64::from(value));
        }
        let units = sums.into_iter().filter_map(crate::linear::to_unit);
        units.map(|unit| unit.into_iter().map(|value| value as f32).collect()).collect()
    }

    /// Mean of the vectors.
    pub(crate) fn mean(&self) -> Vec<f64> {
        let mut mean = vec![0.0f64; self.dimension];
        for vector in self.vectors() {
            mean.iter_mut().zip(vector).for_each(|(mean, &value)| *mean += f64::from(value));
        }
        mean.iter_mut().for_each(|mean| *mean /= self.len() as f64);
        mean
    }

    /// Sums over the vectors after `change`, which must give finite vectors of `dimension` values.
    pub(crate) fn moments(&self, dimension: usize, change: impl Fn(&[f32]) -> Vec<f64>) -> Moments {
        let mut sums = DMatrix::zeros(dimension, self.identities());
        let mut scatter = DMatrix::zeros(dimension, dimension);
        let rows: Vec<(&[f32], usize)> = self.vectors().zip(self.classes.iter().copied()).collect();
        for block in rows.chunks(BLOCK) {
            let mut columns = DMatrix::zeros(dimension, block.len());
            for (at, (vector, class)) in block.iter().enumerate() {
                let changed = DVector::from_vec(change(vector));
                let mut sum = sums.column_mut(*class);
                sum += &changed;
                columns.set_column(at, &changed);
            }
            scatter += &columns * columns.transpose();
        }
        Moments { counts: self.counts.clone(), sums, scatter }
    }
}

/// What the learned scores need to know of a training set: none of them looks at single vectors again.
pub(crate) struct Moments {
    /// Vectors per identity.
    pub(crate) counts: Vec<usize>,
    /// One column per identity: the sum of its vectors.
    pub(crate) sums: DMatrix<f64>,
    /// Sum of `x xᵀ` over all vectors.
    pub(crate) scatter: DMatrix<f64>,
}

impl Moments {
    /// How many vectors there are.
    pub(crate) fn vectors(&self) -> usize {
        self.counts.iter().sum()
    }

    /// Covariance of all vectors about 0.
    pub(crate) fn total(&self) -> DMatrix<f64> {
        &self.scatter / self.vectors() as f64
    }

    /// Covariance about the mean of each identity: `1/n sum_ij (x_ij - m_i) (x_ij - m_i)ᵀ`.
    pub(crate) fn within(&self) -> DMatrix<f64> {
        self.total() - self.between()
    }

    /// Covariance of the identities' means about 0, an identity counted once per vector: `1/n sum_i n_i m_i m_iᵀ`.
    pub(crate) fn between(&self) -> DMatrix<f64> {
        self.of_sums(|count| 1.0 / count) / self.vectors() as f64
    }

    /// Covariance of the identities' means about 0, every identity counted once.
    pub(crate) fn of_means(&self) -> DMatrix<f64> {
        self.of_sums(|count| 1.0 / (count * count)) / self.counts.len() as f64
    }

    fn of_sums(&self, weight: impl Fn(f64) -> f64) -> DMatrix<f64> {
        let mut scaled = self.sums.clone();
        for (mut column, &count) in scaled.column_iter_mut().zip(&self.counts) {
            column *= weight(count as f64);
        }
        scaled * self.sums.transpose()
    }

    /// An error where no person has two vectors, or there is one person only.
    pub(crate) fn check_people(&self) -> Result<(), Error> {
        if self.counts.len() < 2 {
            return Err(Error::Training("they show one person: add others".to_owned()));
        }
        if self.counts.iter().all(|&count| count < 2) {
            return Err(Error::Training(
                "each person has one vector, which says nothing of how photos of a person differ: add photos"
                    .to_owned(),
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: Fingerprint = Fingerprint([3; 32]);

    #[test]
    fn moments_of_a_known_set() {
        // Person 9 along x twice and turned once, person 4 along y.
        let vectors = [[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]];
        let set = TrainingSet::new(&vectors, &[9, 9, 4], MODEL).unwrap();
        assert_eq!((set.len(), set.identities(), set.dimension()), (3, 2, 2));
        assert_eq!(set.centres()[0], [0.0, 1.0]);
        let moments = set.moments(2, |vector| vector.iter().map(|&value| f64::from(value)).collect());
        assert_eq!(moments.counts, [1, 2]);
        let close = |found: DMatrix<f64>, wanted: [f64; 4]| {
            assert!((found.clone() - DMatrix::from_row_slice(2, 2, &wanted)).norm() < 1e-6, "{found}");
        };
        close(moments.total(), [1.36 / 3.0, 0.48 / 3.0, 0.48 / 3.0, 1.64 / 3.0]);
        close(moments.within(), [0.08 / 3.0, -0.16 / 3.0, -0.16 / 3.0, 0.32 / 3.0]);
        close(moments.of_means(), [0.32, 0.16, 0.16, 0.58]);
    }

    #[test]
    fn refuses_what_cannot_be_learned_from() {
        let refused = |vectors: &[Vec<f32>], identities: &[u32], part: &str| {
            let error = TrainingSet::new(vectors, identities, MODEL).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        };
        refused(&[], &[], "there are none");
        refused(&[vec![]], &[1], "is empty");
        refused(&[vec![1.0, 0.0]], &[1, 2], "1 vectors but 2 identities");
        refused(&[vec![1.0, 0.0], vec![1.0]], &[1, 2], "vector 1: it has 1 values instead of 2");
        refused(&[vec![f32::NAN, 0.0]], &[1], "vector 0: it has a value that is not finite");
        refused(&[vec![2.0, 0.0]], &[1], "its length is 2");
    }
}
