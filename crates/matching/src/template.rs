//! One vector for several faces of a person.

use std::fmt;
use std::str::FromStr;

use model::{Embedding, Fingerprint};
use serde::{Deserialize, Serialize};

use crate::Error;

/// How far the length of a vector may be from 1 before it is taken for a raw one.
const UNIT_TOLERANCE: f64 = 1e-3;

/// Below this length a sum of unit vectors (weights scaled to a mean of 1, divided by their number) is rounding noise.
const NO_DIRECTION: f64 = 1e-6;

/// How the faces of a template are weighted. The vectors averaged are always unit vectors `u`; the average is
/// normalised once, at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Rule {
    /// Every face counts alike: `t = normalise(sum u)`.
    #[default]
    Mean,
    /// By quality 0..=100: `t = normalise(sum q u)`.
    QualityWeighted,
    /// By the length `|x|` of the raw vector `x`: `t = normalise(sum |x| u) = normalise(sum x)`, as MagFace does
    /// (arXiv:2103.06627) for models whose magnitude is a measure of quality.
    MagnitudeWeighted,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mean => "mean",
            Self::QualityWeighted => "quality-weighted",
            Self::MagnitudeWeighted => "magnitude-weighted",
        })
    }
}

impl FromStr for Rule {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "mean" => Ok(Self::Mean),
            "quality-weighted" => Ok(Self::QualityWeighted),
            "magnitude-weighted" => Ok(Self::MagnitudeWeighted),
            _ => Err(Error::UnknownRule(text.to_owned())),
        }
    }
}

/// What is known of a person's face from one or more photos.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// Unit length, one value per dimension of the model.
    pub vector: Vec<f32>,
    /// How many faces it was pooled from; at least 1.
    pub faces: usize,
    /// How they were weighted.
    pub rule: Rule,
    /// The model that made the faces.
    pub fingerprint: Fingerprint,
}

impl Template {
    /// Pools faces of one model, each with its quality 0..=100.
    ///
    /// The order of the faces does not matter, and the template of one face is that face. Where the rule gives
    /// every face the weight 0, all are equally bad and count alike.
    ///
    /// # Errors
    /// [`Error::NoFaces`]; [`Error::DifferentModels`] and [`Error::DifferentLengths`] for faces that do not belong
    /// together; [`Error::BadFace`] for a vector that is not finite and of unit length, or a quality or magnitude
    /// out of its range; [`Error::NoDirection`] where the faces cancel out.
    pub fn pool(faces: &[(Embedding, f32)], rule: Rule) -> Result<Self, Error> {
        let Some((first, _)) = faces.first() else {
            return Err(Error::NoFaces);
        };
        for (index, (face, quality)) in faces.iter().enumerate() {
            if face.fingerprint != first.fingerprint {
                return Err(Error::DifferentModels { left: first.fingerprint, right: face.fingerprint });
            }
            if face.vector.len() != first.vector.len() {
                return Err(Error::DifferentLengths { left: first.vector.len(), right: face.vector.len() });
            }
            check(face, *quality).map_err(|reason| Error::BadFace { index, reason })?;
        }
        let built = |vector| Self { vector, faces: faces.len(), rule, fingerprint: first.fingerprint };
        if faces.len() == 1 {
            return Ok(built(first.vector.clone()));
        }

        let mut weights: Vec<f64> = faces
            .iter()
            .map(|(face, quality)| match rule {
                Rule::Mean => 1.0,
                Rule::QualityWeighted => f64::from(*quality),
                Rule::MagnitudeWeighted => f64::from(face.magnitude),
            })
            .collect();
        let total: f64 = weights.iter().sum();
        if total > 0.0 {
            weights.iter_mut().for_each(|weight| *weight /= total);
        } else {
            weights.fill(1.0 / faces.len() as f64);
        }

        let mut sum = vec![0.0f64; first.vector.len()];
        for ((face, _), weight) in faces.iter().zip(&weights) {
            sum.iter_mut().zip(&face.vector).for_each(|(sum, &value)| *sum += weight * f64::from(value));
        }
        let length = length(sum.iter().copied());
        if length < NO_DIRECTION {
            return Err(Error::NoDirection { faces: faces.len(), rule });
        }
        Ok(built(sum.iter().map(|value| (value / length) as f32).collect()))
    }
}

fn length(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|value| value * value).sum::<f64>().sqrt()
}

fn check(face: &Embedding, quality: f32) -> Result<(), &'static str> {
    let length = length(face.vector.iter().map(|&value| f64::from(value)));
    if !length.is_finite() {
        return Err("its vector has a value that is not a number");
    }
    if (length - 1.0).abs() > UNIT_TOLERANCE {
        return Err("its vector is not of unit length");
    }
    if !face.magnitude.is_finite() || face.magnitude < 0.0 {
        return Err("its magnitude is not a number of 0 or more");
    }
    if !(0.0..=100.0).contains(&quality) {
        return Err("its quality is not in 0..=100");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosine;

    const MODEL: Fingerprint = Fingerprint([1; 32]);

    fn face(raw: &[f32]) -> Embedding {
        Embedding::from_raw(raw.to_vec(), MODEL).unwrap()
    }

    #[test]
    fn golden_values() {
        // Along x with magnitude 3 and quality 25, along y with magnitude 1 and quality 75.
        let faces = [(face(&[3.0, 0.0]), 25.0), (face(&[0.0, 1.0]), 75.0)];
        let cases = [
            (Rule::Mean, [0.707_106_77, 0.707_106_77]),
            (Rule::QualityWeighted, [0.316_227_76, 0.948_683_3]),
            (Rule::MagnitudeWeighted, [0.948_683_3, 0.316_227_76]),
        ];
        for (rule, wanted) in cases {
            let template = Template::pool(&faces, rule).unwrap();
            assert!((cosine(&template.vector, &wanted) - 1.0).abs() < 1e-6, "{rule}: {:?}", template.vector);
            assert_eq!((template.faces, template.rule, template.fingerprint), (2, rule, MODEL));
            assert_eq!(rule.to_string().parse(), Ok(rule));
        }
    }

    #[test]
    fn faces_of_no_weight_count_alike() {
        let faces = [(face(&[1.0, 0.0]), 0.0), (face(&[0.0, 1.0]), 0.0)];
        let by_quality = Template::pool(&faces, Rule::QualityWeighted).unwrap();
        assert_eq!(by_quality.vector, Template::pool(&faces, Rule::Mean).unwrap().vector);
    }

    #[test]
    fn a_face_of_no_weight_does_not_count() {
        let faces = [(face(&[1.0, 0.0]), 0.0), (face(&[0.6, 0.8]), 50.0)];
        assert_eq!(Template::pool(&faces, Rule::QualityWeighted).unwrap().vector, faces[1].0.vector);
    }

    #[test]
    fn refuses_what_cannot_be_pooled() {
        let good = face(&[1.0, 0.0]);
        let changed = |change: fn(&mut Embedding)| {
            let mut face = good.clone();
            change(&mut face);
            face
        };
        let pool = |second: Embedding, quality| {
            Template::pool(&[(good.clone(), 1.0), (second, quality)], Rule::Mean)
        };
        let bad = |second, quality| matches!(pool(second, quality), Err(Error::BadFace { index: 1, .. }));

        assert_eq!(Template::pool(&[], Rule::Mean), Err(Error::NoFaces));
        assert!(bad(changed(|face| face.vector = vec![3.0, 4.0]), 1.0));
        assert!(bad(changed(|face| face.vector = vec![0.0, 0.0]), 1.0));
        assert!(bad(changed(|face| face.vector[0] = f32::NAN), 1.0));
        assert!(bad(changed(|face| face.magnitude = f32::NAN), 1.0));
        assert!(bad(changed(|face| face.magnitude = -1.0), 1.0));
        assert!(bad(good.clone(), f32::NAN) && bad(good.clone(), -0.1) && bad(good.clone(), 100.1));
        let other = pool(changed(|face| face.fingerprint = Fingerprint([2; 32])), 1.0);
        assert!(matches!(other, Err(Error::DifferentModels { .. })));
        let longer = pool(face(&[1.0, 0.0, 0.0]), 1.0);
        assert_eq!(longer, Err(Error::DifferentLengths { left: 2, right: 3 }));
        let opposite = pool(face(&[-1.0, 0.0]), 1.0);
        assert_eq!(opposite, Err(Error::NoDirection { faces: 2, rule: Rule::Mean }));
        assert!("median".parse::<Rule>().is_err());
    }
}
