//! Comparing what one model made, and refusing the rest.

use model::{Embedding, Fingerprint};

use crate::{Error, Template, cosine};

/// Pairs of models whose cross-scores were measured and may be compared, in either order; see `compatible_with` in
/// the manifest of a model.
pub type Twins = [(Fingerprint, Fingerprint)];

/// A unit vector that knows which model made it.
pub trait Comparable {
    /// The unit vector.
    fn vector(&self) -> &[f32];
    /// The model that made it.
    fn fingerprint(&self) -> Fingerprint;
}

impl Comparable for Embedding {
    fn vector(&self) -> &[f32] {
        &self.vector
    }

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

impl Comparable for Template {
    fn vector(&self) -> &[f32] {
        &self.vector
    }

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

/// Cosine of two faces or templates, -1..=1. They must be of one model, or of two that `twins` lists.
///
/// # Errors
/// [`Error::DifferentModels`], or [`Error::DifferentLengths`] where one model seems to have made both but did not.
pub fn compare(a: &impl Comparable, b: &impl Comparable, twins: &Twins) -> Result<f32, Error> {
    let (left, right) = (a.fingerprint(), b.fingerprint());
    if left != right && !twins.contains(&(left, right)) && !twins.contains(&(right, left)) {
        return Err(Error::DifferentModels { left, right });
    }
    let (left, right) = (a.vector().len(), b.vector().len());
    if left != right {
        return Err(Error::DifferentLengths { left, right });
    }
    Ok(cosine(a.vector(), b.vector()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rule;

    fn face(model: u8, raw: &[f32]) -> Embedding {
        Embedding::from_raw(raw.to_vec(), Fingerprint([model; 32])).unwrap()
    }

    #[test]
    fn faces_and_templates_of_one_model_are_compared() {
        let face = face(1, &[3.0, 4.0]);
        let template = Template::pool(&[(face.clone(), 50.0)], Rule::Mean).unwrap();
        assert_eq!(compare(&face, &template, &[]), Ok(1.0));
        assert_eq!(compare(&template, &template, &[]), Ok(1.0));
    }

    #[test]
    fn other_models_are_refused_unless_declared_compatible_in_either_order() {
        let (a, b) = (face(1, &[1.0, 0.0]), face(2, &[1.0, 0.0]));
        let error = compare(&a, &b, &[]).unwrap_err();
        assert_eq!(error, Error::DifferentModels { left: a.fingerprint, right: b.fingerprint });
        assert!(error.to_string().contains("010101010101") && error.to_string().contains("020202020202"));
        assert!(compare(&a, &b, &[(a.fingerprint, Fingerprint([3; 32]))]).is_err());
        assert_eq!(compare(&a, &b, &[(a.fingerprint, b.fingerprint)]), Ok(1.0));
        assert_eq!(compare(&a, &b, &[(b.fingerprint, a.fingerprint)]), Ok(1.0));
    }

    #[test]
    fn lengths_must_agree() {
        let error = compare(&face(1, &[1.0, 0.0]), &face(1, &[1.0, 0.0, 0.0]), &[]).unwrap_err();
        assert_eq!(error, Error::DifferentLengths { left: 2, right: 3 });
    }
}
