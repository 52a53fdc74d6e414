//! What goes into a session and comes out of it.

use crate::Error;

/// A dense tensor of 32-bit floats in row-major order, the last dimension varying fastest.
///
/// Pictures are `[batch, channels, height, width]` as a rule; the manifest of a model says so, this type does not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tensor {
    /// The size of each dimension. No dimension of an input may be 0.
    pub shape: Vec<usize>,
    /// The elements; as many as the product of `shape`.
    pub data: Vec<f32>,
}

impl Tensor {
    /// A tensor of `shape` with the elements `data`. The two are compared when the tensor is run, not here.
    pub fn new(shape: impl Into<Vec<usize>>, data: Vec<f32>) -> Self {
        Self { shape: shape.into(), data }
    }
}

/// An input or output of a model, as the file describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Io {
    /// Its name in the file.
    pub name: String,
    /// The size of each dimension, `None` where it is free. Empty when the file does not say.
    pub shape: Vec<Option<usize>>,
}

impl Io {
    /// Checks that `tensor` can be given to this input, so that both engines refuse the same tensors with the same
    /// words.
    pub(crate) fn check(&self, label: &str, tensor: &Tensor) -> Result<(), Error> {
        let elements = tensor.shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
        if elements != Some(tensor.data.len()) {
            return Err(Error::InputLength {
                label: label.to_owned(),
                shape: tensor.shape.clone(),
                elements: tensor.data.len(),
            });
        }
        let fits = self.shape.is_empty()
            || self.shape.len() == tensor.shape.len()
                && self
                    .shape
                    .iter()
                    .zip(&tensor.shape)
                    .all(|(said, given)| said.is_none_or(|said| said == *given));
        if !fits || tensor.data.is_empty() {
            return Err(Error::InputShape {
                label: label.to_owned(),
                name: self.name.clone(),
                expected: self.describe(),
                given: tensor.shape.clone(),
            });
        }
        Ok(())
    }

    fn describe(&self) -> String {
        if self.shape.is_empty() {
            return "any shape without empty dimensions".to_owned();
        }
        let sizes: Vec<_> = self
            .shape
            .iter()
            .map(|size| size.map_or_else(|| "?".to_owned(), |size| size.to_string()))
            .collect();
        format!("[{}]", sizes.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_compared_with_what_the_model_says() {
        let io = Io { name: "input".into(), shape: vec![None, Some(3), None, Some(2)] };
        // (shape, elements, accepted)
        let cases: [(&[usize], usize, bool); 9] = [
            (&[1, 3, 5, 2], 30, true),
            (&[4, 3, 1, 2], 24, true),
            (&[1, 1, 5, 2], 10, false),
            (&[1, 3, 5, 3], 45, false),
            (&[3, 5, 2], 30, false),
            (&[1, 3, 5, 2], 29, false),
            (&[1, 3, 0, 2], 0, false),
            (&[], 1, false),
            (&[usize::MAX, 3, usize::MAX, 2], 6, false),
        ];
        for (shape, elements, accepted) in cases {
            let tensor = Tensor::new(shape, vec![0.0; elements]);
            assert_eq!(io.check("m.onnx", &tensor).is_ok(), accepted, "{shape:?} with {elements} elements");
        }
        let error = io.check("m.onnx", &Tensor::new([1, 1, 5, 2], vec![0.0; 10])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "m.onnx: input `input` takes [?, 3, ?, 2], but a tensor of shape [1, 1, 5, 2] was given"
        );
    }

    #[test]
    fn an_input_of_unknown_shape_takes_anything_but_nothing() {
        let io = Io { name: "x".into(), shape: vec![] };
        assert!(io.check("m", &Tensor::new([2, 2], vec![0.0; 4])).is_ok());
        assert!(io.check("m", &Tensor::new([2, 0], vec![])).is_err());
    }
}
