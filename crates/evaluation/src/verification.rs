//! From a protocol and scores to a report.

use crate::Error;
use crate::metrics::{CrossValidation, cross_validate};
use crate::protocols::PairProtocol;

/// How well "same person or not?" was answered on a protocol. Rates are in 0..=1.
#[derive(Clone, Debug, PartialEq)]
pub struct VerificationReport {
    /// The protocol's name, such as `LFW View 2`.
    pub name: String,
    /// Photos that the protocol names, each counted once.
    pub photos: usize,
    /// Photos in which no face was found; `None` if only the scores of pairs are known.
    pub photos_without_face: Option<usize>,
    /// Pairs of the same person, those without a score among them.
    pub same_pairs: usize,
    /// Pairs of different people, those without a score among them.
    pub different_pairs: usize,
    /// Pairs of the same person without a score. Each is an error.
    pub same_without_score: usize,
    /// Pairs of different people without a score. Each counts as right, since nobody is accepted.
    pub different_without_score: usize,
    /// Accuracy over the folds.
    pub result: CrossValidation,
}

impl VerificationReport {
    /// All pairs of the protocol.
    pub fn pairs(&self) -> usize {
        self.same_pairs + self.different_pairs
    }

    /// Pairs that could not be scored. They are among [`pairs`](Self::pairs) and decided "not the same".
    pub fn pairs_without_score(&self) -> usize {
        self.same_without_score + self.different_without_score
    }
}

/// Evaluates what was found in the photos of a protocol.
///
/// `photos[i]` is what stands for the face in `protocol.images[i]` (an embedding, usually), or `None` where no face was
/// found; `similarity` compares two of them, more is more alike. It is called once for each pair of which both photos
/// have a face.
///
/// # Errors
/// Those of [`evaluate`], and [`Error::Length`] if there is not one entry for each photo.
pub fn evaluate_photos<T>(
    protocol: &PairProtocol,
    photos: &[Option<T>],
    similarity: impl Fn(&T, &T) -> f32,
) -> Result<VerificationReport, Error> {
    if photos.len() != protocol.images.len() {
        return Err(Error::Length { what: "faces", expected: protocol.images.len(), got: photos.len() });
    }
    protocol.check()?;
    let scores: Vec<Option<f32>> = protocol
        .pairs
        .iter()
        .map(|pair| Some(similarity(photos[pair.a].as_ref()?, photos[pair.b].as_ref()?)))
        .collect();
    let report = evaluate(protocol, &scores)?;
    Ok(VerificationReport {
        photos_without_face: Some(photos.iter().filter(|face| face.is_none()).count()),
        ..report
    })
}

/// Evaluates the scores of a protocol's pairs: `scores[i]` is the similarity of `protocol.pairs[i]`, more is more alike,
/// or `None` where it could not be taken, which counts as "not the same".
///
/// # Errors
/// Those of [`cross_validate`], and [`Error::NoSuchPhoto`] for a pair of photos that the protocol does not list.
pub fn evaluate(protocol: &PairProtocol, scores: &[Option<f32>]) -> Result<VerificationReport, Error> {
    protocol.check()?;
    let same: Vec<bool> = protocol.pairs.iter().map(|pair| pair.same).collect();
    let result = cross_validate(scores, &same, &protocol.folds)?;
    let without_score = |kind: bool| {
        scores.iter().zip(&same).filter(|(score, same)| score.is_none() && **same == kind).count()
    };
    let same_pairs = same.iter().filter(|same| **same).count();
    Ok(VerificationReport {
        name: protocol.name.clone(),
        photos: protocol.images.len(),
        photos_without_face: None,
        same_pairs,
        different_pairs: same.len() - same_pairs,
        same_without_score: without_score(true),
        different_without_score: without_score(false),
        result,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Pair;

    fn protocol() -> PairProtocol {
        let pair = |a, b, same| Pair { a, b, same };
        PairProtocol {
            name: "made up".to_owned(),
            images: (0..6).map(|i| format!("{i}.jpg").into()).collect(),
            pairs: vec![
                pair(0, 1, true),
                pair(0, 2, false),
                pair(2, 3, true),
                pair(1, 3, false),
                pair(4, 5, true),
                pair(5, 0, false),
            ],
            folds: vec![0..2, 2..4, 4..6],
            identities: None,
            people: Vec::new(),
            labels: Vec::new(),
        }
    }

    #[test]
    fn failures_are_counted_not_dropped() {
        // Persons at 0, 1 and 2 on a line; no face in photo 5.
        let faces = [Some(0.0), Some(0.1), Some(1.0), Some(1.1), Some(2.0), None];
        let report = evaluate_photos(&protocol(), &faces, |a: &f32, b| -(a - b).abs()).unwrap();
        assert_eq!((report.photos, report.photos_without_face), (6, Some(1)));
        assert_eq!((report.pairs(), report.same_pairs, report.different_pairs), (6, 3, 3));
        assert_eq!((report.same_without_score, report.different_without_score), (1, 1));
        assert_eq!(report.pairs_without_score(), 2);
        assert_eq!(report.result.errors(), 1);
        let accuracies: Vec<f64> = report.result.folds.iter().map(|fold| fold.accuracy).collect();
        assert_eq!(accuracies, [1.0, 1.0, 0.5]);
    }

    #[test]
    fn scores_alone_give_the_same_result() {
        let faces = [Some(0.0), Some(0.1), Some(1.0), Some(1.1), Some(2.0), None];
        let by_photo = evaluate_photos(&protocol(), &faces, |a: &f32, b| -(a - b).abs()).unwrap();
        let scores = [Some(-0.1), Some(-1.0), Some(-0.1), Some(-1.0), None, None];
        let by_score = evaluate(&protocol(), &scores).unwrap();
        assert_eq!(by_score.photos_without_face, None);
        assert_eq!(by_score.result.accuracy, by_photo.result.accuracy);
        assert_eq!(by_score.pairs_without_score(), 2);
    }

    #[test]
    fn bad_protocols_are_named() {
        let mut broken = protocol();
        broken.pairs[4].b = 6;
        assert!(matches!(
            evaluate(&broken, &[None; 6]),
            Err(Error::NoSuchPhoto { pair: 4, photo: 6, photos: 6 })
        ));
        assert!(matches!(
            evaluate_photos(&protocol(), &[Some(0.0); 5], |_: &f32, _| 0.0),
            Err(Error::Length { expected: 6, got: 5, .. })
        ));
        let nobody: [Option<f32>; 6] = [None; 6];
        assert!(matches!(
            evaluate_photos(&protocol(), &nobody, |_, _| 0.0),
            Err(Error::NoThreshold { fold: 1, what: "pair with a score" })
        ));
    }
}
