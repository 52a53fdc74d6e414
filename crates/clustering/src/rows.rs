//! Vectors as they lie in memory, known to be fit for comparison.

use index::View;

use crate::Error;

/// How far the length of a vector may be from 1. Half precision alone is off by up to 0.0005.
const UNIT_TOLERANCE: f32 = 1e-3;

/// Unit vectors in single precision, one after another.
pub(crate) struct Rows {
    dim: usize,
    values: Vec<f32>,
}

impl Rows {
    /// Reads all rows of a view.
    ///
    /// # Errors
    /// [`Error::Vector`] for the first row that is not finite or not of unit length.
    pub(crate) fn read(view: &View<'_>) -> Result<Self, Error> {
        let mut values = Vec::with_capacity(view.rows() * view.dim());
        for face in 0..view.rows() {
            let row = view.row(face).unwrap_or_default();
            let length = dot(&row, &row).sqrt();
            if !length.is_finite() {
                return Err(Error::Vector { face, problem: "has a value that is not a number" });
            }
            if (length - 1.0).abs() > UNIT_TOLERANCE {
                return Err(Error::Vector { face, problem: "is not of unit length" });
            }
            values.extend(row);
        }
        Ok(Self { dim: view.dim(), values })
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len() / self.dim
    }

    pub(crate) fn dim(&self) -> usize {
        self.dim
    }

    pub(crate) fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.dim..(row + 1) * self.dim]
    }

    pub(crate) fn values(&self) -> &[f32] {
        &self.values
    }

    /// The cosine of two rows.
    pub(crate) fn cosine(&self, a: usize, b: usize) -> f32 {
        dot(self.row(a), self.row(b))
    }
}

/// The inner product, in one fixed order. Sixteen sums side by side are what compilers turn into vectors.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 16];
    let (a, b) = (a.chunks_exact(16), b.chunks_exact(16));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(x, y)| x * y).sum();
    for (a, b) in a.zip(b) {
        for lane in 0..16 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_of_any_length() {
        for length in [0, 1, 15, 16, 17, 40] {
            let a: Vec<f32> = (0..length).map(|i| i as f32).collect();
            let expected = (0..length).map(|i| (i * i) as f32).sum::<f32>();
            assert_eq!(dot(&a, &a), expected, "{length} values");
        }
    }

    #[test]
    fn only_unit_vectors_are_read() {
        let read = |values: &[f32]| Rows::read(&View::f32(2, values).unwrap()).map(|rows| rows.len());
        assert_eq!(read(&[0.6, 0.8, 1.0, 0.0]), Ok(2));
        assert_eq!(read(&[]), Ok(0));
        let bad = |values: &[f32]| matches!(read(values), Err(Error::Vector { face: 1, .. }));
        assert!(bad(&[1.0, 0.0, 0.0, 0.0]));
        assert!(bad(&[1.0, 0.0, 1.0, 1.0]));
        assert!(bad(&[1.0, 0.0, f32::NAN, 1.0]));
        assert!(bad(&[1.0, 0.0, f32::INFINITY, 1.0]));
    }
}
