//! A face as a unit vector, and the model that made it.

use crate::{Error, Fingerprint, Result};

/// What an embedder says of one face.
///
/// Vectors of different fingerprints live in different spaces: their inner product means nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding {
    /// Unit length (L2), one value per dimension of the model.
    pub vector: Vec<f32>,
    /// L2 norm of the network's output before it was normalised; greater than 0.
    pub magnitude: f32,
    /// The model that made it.
    pub fingerprint: Fingerprint,
}

impl Embedding {
    /// Normalises a network's raw output.
    ///
    /// # Errors
    /// [`Error::Vector`] if the vector is empty, has a value that is not finite, or is too short or too long to
    /// be normalised: such a face has no direction, and any score computed from it would be made up.
    pub fn from_raw(raw: Vec<f32>, fingerprint: Fingerprint) -> Result<Self> {
        let refuse = |reason| Err(Error::Vector { dimension: raw.len(), reason });
        if raw.is_empty() {
            return refuse("it is empty");
        }
        if raw.iter().any(|value| !value.is_finite()) {
            return refuse("it has a value that is not finite");
        }
        let norm = raw.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt();
        let magnitude = norm as f32;
        if !magnitude.is_normal() {
            return refuse("its length is zero or out of range");
        }
        let mut vector = raw;
        vector.iter_mut().for_each(|value| *value = (f64::from(*value) / norm) as f32);
        Ok(Self { vector, magnitude, fingerprint })
    }

    /// Number of values in the vector.
    pub fn dimension(&self) -> usize {
        self.vector.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: Fingerprint = Fingerprint([7; 32]);

    #[test]
    fn keeps_direction_and_magnitude_apart() {
        let embedding = Embedding::from_raw(vec![3.0, 0.0, -4.0], MODEL).unwrap();
        assert_eq!(embedding.vector, [0.6, 0.0, -0.8]);
        assert_eq!((embedding.magnitude, embedding.dimension()), (5.0, 3));
        assert_eq!(embedding.fingerprint, MODEL);
    }

    #[test]
    fn survives_values_whose_square_overflows() {
        let embedding = Embedding::from_raw(vec![1e30, 1e30], MODEL).unwrap();
        assert!((embedding.vector[0] - 0.5f32.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn refuses_vectors_without_a_direction() {
        let cases: [&[f32]; 6] =
            [&[], &[0.0, 0.0], &[1.0, f32::NAN], &[f32::INFINITY, 1.0], &[1e-40, 0.0], &[f32::MAX, f32::MAX]];
        for raw in cases {
            let error = Embedding::from_raw(raw.to_vec(), MODEL).unwrap_err();
            assert!(matches!(error, Error::Vector { .. }), "{raw:?}: {error}");
        }
    }
}
