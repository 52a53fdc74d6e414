//! One vector for a set of stills and video frames, by the rules of the template benchmarks.

use std::collections::BTreeMap;

use model::{Embedding, Fingerprint};

use crate::linear::{check_unit, length};
use crate::{Comparable, Error, Rule};

/// Below this length a pooled vector, its weights scaled to at most 1, is rounding noise.
const NO_DIRECTION: f64 = 1e-6;

/// A face of a set, and where it is from.
#[derive(Clone, Debug, PartialEq)]
pub struct PooledFace {
    /// The face.
    pub embedding: Embedding,
    /// The still or the video it is from: frames of one video share a number.
    pub media: u32,
    /// Quality 0..=100.
    pub quality: f32,
    /// The detector's confidence, 0..=1.
    pub detection: f32,
}

/// Which vector of a face is pooled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum FaceNorm {
    /// The unit vector `u`.
    #[default]
    Unit,
    /// The raw one, `|x| u`: the magnitude is its weight.
    Raw,
}

/// What a face's vector is multiplied with.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
#[non_exhaustive]
pub enum FaceWeight {
    /// 1.
    #[default]
    Even,
    /// The quality.
    Quality,
    /// The detector's confidence.
    Detection,
    /// `exp(beta q)` of the quality `q`: after the last normalisation the same as `softmax(beta q)` over the set.
    Softmax {
        /// 0 or more; 0 is even, large is the best face alone.
        beta: f64,
    },
}

/// How the faces of one still or video become one vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum MediaRule {
    /// All faces count by themselves: a long video outweighs a still.
    Ignore,
    /// Their mean.
    #[default]
    Mean,
    /// Their mean, scaled to unit length: each still or video counts alike whatever its magnitude.
    UnitMean,
}

/// How a set of faces is pooled: each face's vector is weighted, those of one still or video are averaged, the
/// results are added, and the sum is normalised once, at the end.
///
/// | evaluation | `norm` | `weight` | `media` |
/// |---|---|---|---|
/// | mean of unit vectors | `Unit` | `Even` | `Mean` |
/// | MagFace+ (arXiv:2103.06627): raw sums | `Raw` | `Even` | `Mean` |
/// | its control without magnitude | `Raw` | `Even` | `UnitMean` |
/// | InsightFace, as published for IJB | `Raw` | `Detection` | `Mean` |
///
/// **A trap in names.** InsightFace's IJB evaluator has a flag `use_norm_score`; there `True` *keeps* the magnitude
/// ([`FaceNorm::Raw`]) and `False` normalises every face. A second evaluator of the same project has a flag of the
/// same name which, when `True`, *normalises*. Numbers differ by 0.1 to 0.5 points at a false match rate of 1e-4:
/// say which
/// `norm` was used, never the flag. Flipped images are added to their originals before all of this, not concatenated.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Pooling {
    /// The vector of a face.
    pub norm: FaceNorm,
    /// Its weight.
    pub weight: FaceWeight,
    /// How stills and videos are averaged.
    pub media: MediaRule,
}

impl From<Rule> for Pooling {
    /// The pooling that gives the vector of [`Template::pool`](crate::Template::pool), which knows no media.
    fn from(rule: Rule) -> Self {
        let (norm, weight) = match rule {
            Rule::Mean => (FaceNorm::Unit, FaceWeight::Even),
            Rule::QualityWeighted => (FaceNorm::Unit, FaceWeight::Quality),
            Rule::MagnitudeWeighted => (FaceNorm::Raw, FaceWeight::Even),
        };
        Self { norm, weight, media: MediaRule::Ignore }
    }
}

/// What [`Pooling::pool`] made of a set.
#[derive(Clone, Debug, PartialEq)]
pub struct PooledSet {
    /// Unit length.
    pub vector: Vec<f32>,
    /// How many faces it was made of; at least 1.
    pub faces: usize,
    /// How many stills and videos they were from; at least 1.
    pub media: usize,
    /// How it was made.
    pub pooling: Pooling,
    /// The model that made the faces.
    pub fingerprint: Fingerprint,
}

impl Comparable for PooledSet {
    fn vector(&self) -> &[f32] {
        &self.vector
    }

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

impl Pooling {
    /// Pools a set of faces of one model.
    ///
    /// The order of the faces does not matter, a set of one face is that face, and repeating every frame of a video
    /// changes nothing unless media are ignored. Where the rule gives every face the weight 0, all count alike.
    ///
    /// # Errors
    /// [`Error::NoFaces`]; [`Error::DifferentModels`] and [`Error::DifferentLengths`] for faces that do not belong
    /// together; [`Error::BadFace`] for a vector that is not of unit length or a number out of its range;
    /// [`Error::Setting`] for a bad `beta`; [`Error::Opposed`] where the faces cancel out.
    pub fn pool(&self, faces: &[PooledFace]) -> Result<PooledSet, Error> {
        if let FaceWeight::Softmax { beta } = self.weight
            && !(beta.is_finite() && beta >= 0.0)
        {
            return Err(Error::Setting { name: "beta", value: beta, allowed: "a number of 0 or more" });
        }
        let first = &faces.first().ok_or(Error::NoFaces)?.embedding;
        for (index, face) in faces.iter().enumerate() {
            let embedding = &face.embedding;
            if embedding.fingerprint != first.fingerprint {
                return Err(Error::DifferentModels { left: first.fingerprint, right: embedding.fingerprint });
            }
            if embedding.vector.len() != first.vector.len() {
                return Err(Error::DifferentLengths {
                    left: first.vector.len(),
                    right: embedding.vector.len(),
                });
            }
            check(face).map_err(|reason| Error::BadFace { index, reason })?;
        }

        let weights = self.weights(faces);
        let mut media: BTreeMap<u32, (Vec<f64>, usize)> = BTreeMap::new();
        for (face, weight) in faces.iter().zip(weights) {
            let (sum, count) = media.entry(face.media).or_insert_with(|| (vec![0.0; first.vector.len()], 0));
            sum.iter_mut()
                .zip(&face.embedding.vector)
                .for_each(|(sum, &value)| *sum += weight * f64::from(value));
            *count += 1;
        }
        let mut total = vec![0.0f64; first.vector.len()];
        for (sum, count) in media.values() {
            let scale = match self.media {
                MediaRule::Ignore => 1.0,
                MediaRule::Mean => 1.0 / *count as f64,
                // A medium whose faces cancel out or weigh nothing has no direction to count.
                MediaRule::UnitMean if length(sum) < NO_DIRECTION => 0.0,
                MediaRule::UnitMean => 1.0 / length(sum),
            };
            total.iter_mut().zip(sum).for_each(|(total, value)| *total += scale * value);
        }
        let length = length(&total);
        if length < NO_DIRECTION {
            return Err(Error::Opposed { faces: faces.len() });
        }
        let vector = match faces {
            [_] => first.vector.clone(),
            _ => total.iter().map(|value| (value / length) as f32).collect(),
        };
        Ok(PooledSet {
            vector,
            faces: faces.len(),
            media: media.len(),
            pooling: *self,
            fingerprint: first.fingerprint,
        })
    }

    /// Of each face, scaled so that the largest is 1.
    fn weights(&self, faces: &[PooledFace]) -> Vec<f64> {
        let best = faces.iter().map(|face| face.quality).fold(0.0, f32::max);
        let mut weights: Vec<f64> = faces
            .iter()
            .map(|face| {
                let norm = match self.norm {
                    FaceNorm::Unit => 1.0,
                    FaceNorm::Raw => f64::from(face.embedding.magnitude),
                };
                norm * match self.weight {
                    FaceWeight::Even => 1.0,
                    FaceWeight::Quality => f64::from(face.quality),
                    FaceWeight::Detection => f64::from(face.detection),
                    FaceWeight::Softmax { beta } => (beta * f64::from(face.quality - best)).exp(),
                }
            })
            .collect();
        let largest = weights.iter().copied().fold(0.0, f64::max);
        if largest > 0.0 {
            weights.iter_mut().for_each(|weight| *weight /= largest);
        } else {
            weights.fill(1.0);
        }
        weights
    }
}

fn check(face: &PooledFace) -> Result<(), &'static str> {
    let embedding = &face.embedding;
    if check_unit(&embedding.vector, embedding.vector.len()).is_err() {
        return Err("its vector is not of unit length");
    }
    if !embedding.magnitude.is_finite() || embedding.magnitude < 0.0 {
        return Err("its magnitude is not a number of 0 or more");
    }
    if !(0.0..=100.0).contains(&face.quality) {
        return Err("its quality is not in 0..=100");
    }
    if !(0.0..=1.0).contains(&face.detection) {
        return Err("its detector's confidence is not in 0..=1");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Template, cosine};

    const MODEL: Fingerprint = Fingerprint([1; 32]);

    fn face(raw: &[f32], media: u32) -> PooledFace {
        let embedding = Embedding::from_raw(raw.to_vec(), MODEL).unwrap();
        PooledFace { embedding, media, quality: 50.0, detection: 0.9 }
    }

    fn poolings() -> Vec<Pooling> {
        let mut all = Vec::new();
        for norm in [FaceNorm::Unit, FaceNorm::Raw] {
            for weight in [
                FaceWeight::Even,
                FaceWeight::Quality,
                FaceWeight::Detection,
                FaceWeight::Softmax { beta: 0.05 },
            ] {
                for media in [MediaRule::Ignore, MediaRule::Mean, MediaRule::UnitMean] {
                    all.push(Pooling { norm, weight, media });
                }
            }
        }
        all
    }

    #[test]
    fn golden_values() {
        // A still along x of magnitude 2; a video of two frames along y, of magnitudes 1 and 3.
        let mut faces = [face(&[2.0, 0.0], 1), face(&[0.0, 1.0], 2), face(&[0.0, 3.0], 2)];
        (faces[0].quality, faces[1].quality, faces[2].quality) = (80.0, 20.0, 40.0);
        (faces[0].detection, faces[1].detection, faces[2].detection) = (0.5, 1.0, 0.5);
        let softmax = FaceWeight::Softmax { beta: 0.05 };
        let (e2, e3) = ((-2.0f64).exp(), (-3.0f64).exp());
        for (norm, weight, media, wanted) in [
            (FaceNorm::Unit, FaceWeight::Even, MediaRule::Ignore, [1.0, 2.0]),
            (FaceNorm::Unit, FaceWeight::Even, MediaRule::Mean, [1.0, 1.0]),
            (FaceNorm::Raw, FaceWeight::Even, MediaRule::Ignore, [2.0, 4.0]),
            (FaceNorm::Raw, FaceWeight::Even, MediaRule::Mean, [2.0, 2.0]),
            (FaceNorm::Raw, FaceWeight::Even, MediaRule::UnitMean, [1.0, 1.0]),
            (FaceNorm::Unit, FaceWeight::Quality, MediaRule::Mean, [80.0, 30.0]),
            (FaceNorm::Unit, FaceWeight::Detection, MediaRule::Mean, [0.5, 0.75]),
            (FaceNorm::Raw, FaceWeight::Detection, MediaRule::Mean, [1.0, 1.25]),
            (FaceNorm::Unit, softmax, MediaRule::Ignore, [1.0, e3 + e2]),
            (FaceNorm::Unit, softmax, MediaRule::Mean, [1.0, (e3 + e2) / 2.0]),
        ] {
            let pooling = Pooling { norm, weight, media };
            let set = pooling.pool(&faces).unwrap();
            let length = wanted[0].hypot(wanted[1]);
            for (found, wanted) in set.vector.iter().zip(wanted) {
                assert!((f64::from(*found) - wanted / length).abs() < 1e-6, "{pooling:?}: {:?}", set.vector);
            }
            assert_eq!((set.faces, set.media, set.pooling, set.fingerprint), (3, 2, pooling, MODEL));
        }
    }

    fn any_face() -> impl Strategy<Value = PooledFace> {
        let raw = prop::collection::vec(-10.0f32..10.0, 6);
        (raw, 0u32..4, 0.0f32..=100.0, 0.0f32..=1.0).prop_filter_map(
            "no direction",
            |(raw, media, quality, detection)| {
                let embedding = Embedding::from_raw(raw, MODEL).ok()?;
                Some(PooledFace { embedding, media, quality, detection })
            },
        )
    }

    fn alike(a: &Result<PooledSet, Error>, b: &Result<PooledSet, Error>) -> bool {
        match (a, b) {
            // Faces that nearly cancel out leave few digits.
            (Ok(a), Ok(b)) => cosine(&a.vector, &b.vector) > 0.999,
            _ => true,
        }
    }

    proptest! {
        #[test]
        fn the_order_does_not_matter(faces in prop::collection::vec(any_face(), 1..9), turn in 0usize..9) {
            let mut turned = faces.clone();
            turned.rotate_left(turn % faces.len());
            turned.reverse();
            for pooling in poolings() {
                prop_assert!(alike(&pooling.pool(&faces), &pooling.pool(&turned)), "{pooling:?}");
            }
        }

        #[test]
        fn one_face_is_itself(face in any_face()) {
            for pooling in poolings() {
                prop_assert_eq!(&pooling.pool(std::slice::from_ref(&face)).unwrap().vector, &face.embedding.vector);
            }
        }

        #[test]
        fn repeated_frames_do_not_count(
            faces in prop::collection::vec(any_face(), 1..9),
            (media, times) in (0u32..4, 1usize..5),
        ) {
            let mut repeated = faces.clone();
            for face in faces.iter().filter(|face| face.media == media) {
                repeated.extend(std::iter::repeat_n(face.clone(), times));
            }
            for pooling in poolings().into_iter().filter(|pooling| pooling.media != MediaRule::Ignore) {
                prop_assert!(alike(&pooling.pool(&faces), &pooling.pool(&repeated)), "{pooling:?}");
            }
        }

        #[test]
        fn without_media_it_is_the_template(faces in prop::collection::vec(any_face(), 1..9)) {
            let pairs: Vec<_> = faces.iter().map(|face| (face.embedding.clone(), face.quality)).collect();
            for rule in [Rule::Mean, Rule::QualityWeighted, Rule::MagnitudeWeighted] {
                if let (Ok(set), Ok(template)) = (Pooling::from(rule).pool(&faces), Template::pool(&pairs, rule)) {
                    prop_assert!(cosine(&set.vector, &template.vector) > 0.999, "{rule}");
                }
            }
        }
    }

    #[test]
    fn refuses_what_cannot_be_pooled() {
        let pooling = Pooling::default();
        let good = face(&[1.0, 0.0], 0);
        let with = |change: fn(&mut PooledFace)| {
            let mut other = good.clone();
            change(&mut other);
            pooling.pool(&[good.clone(), other]).unwrap_err()
        };
        assert_eq!(pooling.pool(&[]), Err(Error::NoFaces));
        assert!(matches!(with(|face| face.embedding.vector[0] = 3.0), Error::BadFace { index: 1, .. }));
        assert!(matches!(with(|face| face.embedding.magnitude = f32::NAN), Error::BadFace { .. }));
        assert!(matches!(with(|face| face.quality = 101.0), Error::BadFace { .. }));
        assert!(matches!(with(|face| face.detection = f32::NAN), Error::BadFace { .. }));
        assert!(matches!(with(|face| face.embedding.fingerprint.0[0] = 9), Error::DifferentModels { .. }));
        assert!(matches!(with(|face| face.embedding.vector.push(0.0)), Error::DifferentLengths { .. }));
        assert_eq!(with(|face| face.embedding.vector[0] = -1.0), Error::Opposed { faces: 2 });
        let bad = Pooling { weight: FaceWeight::Softmax { beta: -1.0 }, ..pooling };
        assert!(matches!(bad.pool(&[good]), Err(Error::Setting { .. })));
    }

    #[test]
    fn faces_of_no_weight_count_alike() {
        let mut faces = [face(&[1.0, 0.0], 0), face(&[0.0, 1.0], 1)];
        faces.iter_mut().for_each(|face| face.detection = 0.0);
        let set = Pooling { weight: FaceWeight::Detection, ..Pooling::default() }.pool(&faces).unwrap();
        assert!((set.vector[0] - set.vector[1]).abs() < 1e-7);
    }
}
