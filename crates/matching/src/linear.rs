//! The little linear algebra that the learned scores share, in `f64`.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn, SymmetricEigen};

use crate::Error;

/// How far the length of a vector may be from 1 before it is taken for a raw one.
const UNIT_TOLERANCE: f64 = 1e-3;

/// Below this length a vector is rounding noise.
const NO_LENGTH: f64 = 1e-9;

/// An eigenvalue below this share of the largest one is rounding noise.
const NO_SPREAD: f64 = 1e-12;

/// The QR iteration needs a handful of steps per eigenvalue; this many means that it does not converge.
const STEPS: usize = 100_000;

/// Inner product. Eight running sums let the compiler use vector registers; their order is fixed.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f64 {
    let mut sums = [0.0f64; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest = a_chunks.remainder().iter().zip(b_chunks.remainder());
    let tail: f64 = rest.map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..8 {
            sums[lane] += f64::from(a[lane]) * f64::from(b[lane]);
        }
    }
    sums.iter().sum::<f64>() + tail
}

/// Euclidean length.
pub(crate) fn length(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}

/// Scales to length 1; `None` where there is no direction.
pub(crate) fn to_unit(mut values: Vec<f64>) -> Option<Vec<f64>> {
    let length = length(&values);
    if !(length.is_finite() && length > NO_LENGTH) {
        return None;
    }
    values.iter_mut().for_each(|value| *value /= length);
    Some(values)
}

/// What is wrong with a vector that should be of unit length and have `dimension` values.
pub(crate) fn check_unit(vector: &[f32], dimension: usize) -> Result<(), String> {
    if vector.len() != dimension {
        return Err(format!("it has {} values instead of {dimension}: another model made it", vector.len()));
    }
    let length = dot(vector, vector).sqrt();
    if !length.is_finite() {
        return Err("it has a value that is not finite: embed the photo again".to_owned());
    }
    if (length - 1.0).abs() > UNIT_TOLERANCE {
        return Err(format!("its length is {length} instead of 1: normalise it"));
    }
    Ok(())
}

/// `(1 - share) C + share tr(C) / d I`: pulls the eigenvalues towards their mean (Ledoit and Wolf 2004).
pub(crate) fn shrunk(covariance: &DMatrix<f64>, share: f64) -> DMatrix<f64> {
    let mean = covariance.trace() / covariance.nrows() as f64;
    let mut result = covariance * (1.0 - share);
    for at in 0..covariance.nrows() {
        result[(at, at)] += share * mean;
    }
    result
}

/// `share` must lie in 0..=1.
pub(crate) fn check_share(name: &'static str, share: f64) -> Result<(), Error> {
    if (0.0..=1.0).contains(&share) {
        Ok(())
    } else {
        Err(Error::Setting { name, value: share, allowed: "between 0 and 1" })
    }
}

/// Removes the asymmetry of rounding.
pub(crate) fn symmetric(matrix: DMatrix<f64>) -> DMatrix<f64> {
    (&matrix + matrix.transpose()) * 0.5
}

/// Eigenvalues, largest first, and their eigenvectors in the columns. The largest component of each is positive, so
/// that the result does not depend on the sign that the iteration happens to find.
pub(crate) fn eigen(matrix: DMatrix<f64>, what: &'static str) -> Result<(DVector<f64>, DMatrix<f64>), Error> {
    let found = SymmetricEigen::try_new(symmetric(matrix), f64::EPSILON, STEPS)
        .filter(|found| found.eigenvalues.iter().all(|value| value.is_finite()))
        .ok_or(Error::Singular { what })?;
    let mut order: Vec<usize> = (0..found.eigenvalues.len()).collect();
    order.sort_by(|&a, &b| found.eigenvalues[b].total_cmp(&found.eigenvalues[a]).then(a.cmp(&b)));
    let values = DVector::from_iterator(order.len(), order.iter().map(|&at| found.eigenvalues[at]));
    let mut vectors = found.eigenvectors.select_columns(&order);
    for mut column in vectors.column_iter_mut() {
        if column[column.icamax()] < 0.0 {
            column.neg_mut();
        }
    }
    Ok((values, vectors))
}

/// `C^(-1/2)` of a positive definite matrix, symmetric.
pub(crate) fn inverse_root(covariance: DMatrix<f64>, what: &'static str) -> Result<DMatrix<f64>, Error> {
    let (values, vectors) = eigen(covariance, what)?;
    let least = NO_SPREAD * values[0];
    if values.iter().any(|&value| value.is_nan() || value <= least) {
        return Err(Error::Singular { what });
    }
    let scaled = DMatrix::from_fn(vectors.nrows(), vectors.ncols(), |row, column| {
        vectors[(row, column)] / values[column].sqrt()
    });
    Ok(symmetric(scaled * vectors.transpose()))
}

/// Cholesky factor of a positive definite matrix.
pub(crate) fn cholesky(matrix: DMatrix<f64>, what: &'static str) -> Result<Cholesky<f64, Dyn>, Error> {
    let largest = matrix.diagonal().max();
    Cholesky::new(matrix)
        // A pivot of rounding noise makes an inverse of noise.
        .filter(|factor| factor.l_dirty().diagonal().iter().all(|pivot| pivot * pivot > NO_SPREAD * largest))
        .ok_or(Error::Singular { what })
}

/// `matrix * (vector - mean)`.
pub(crate) fn project(matrix: &DMatrix<f64>, centred: &[f64]) -> Vec<f64> {
    (matrix * DVector::from_column_slice(centred)).data.into()
}

/// `vector - mean`.
pub(crate) fn centred(vector: &[f32], mean: &[f64]) -> Vec<f64> {
    vector.iter().zip(mean).map(|(&value, mean)| f64::from(value) - mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_and_eigenvalues_of_a_known_matrix() {
        let matrix = DMatrix::from_row_slice(2, 2, &[2.0, 1.0, 1.0, 2.0]);
        let (values, vectors) = eigen(matrix.clone(), "c").unwrap();
        assert!((values[0] - 3.0).abs() < 1e-12 && (values[1] - 1.0).abs() < 1e-12);
        assert!((vectors[(0, 0)] - 0.5f64.sqrt()).abs() < 1e-12 && vectors[(1, 0)] > 0.0);
        let root = inverse_root(matrix.clone(), "c").unwrap();
        assert!((&root * matrix * &root - DMatrix::identity(2, 2)).norm() < 1e-12);
    }

    #[test]
    fn singular_matrices_are_refused() {
        let flat = DMatrix::from_row_slice(2, 2, &[1.0, 1.0, 1.0, 1.0]);
        assert_eq!(inverse_root(flat.clone(), "c"), Err(Error::Singular { what: "c" }));
        assert!(cholesky(flat.clone(), "c").is_err());
        assert!(inverse_root(DMatrix::zeros(2, 2), "c").is_err());
        assert!(eigen(DMatrix::from_element(2, 2, f64::NAN), "c").is_err());
        assert!(cholesky(shrunk(&flat, 0.1), "c").is_ok());
    }

    #[test]
    fn dot_has_a_tail() {
        let a: Vec<f32> = (0..19).map(|at| at as f32).collect();
        assert_eq!(dot(&a, &a), (0..19).map(|at| f64::from(at * at)).sum());
    }
}
