//! Which detection finds which face, and the counts that all numbers are made of.

use std::collections::HashMap;

use super::corners::Corners;
use super::curve::{THRESHOLDS, thresholds};
use super::predictions::{Detection, WiderPredictions};
use super::truth::{WiderFace, WiderTruth};
use crate::Error;

/// A detection finds the face that it overlaps most if the overlap reaches this.
const OVERLAP: f64 = 0.5;

/// Every detection with the face that it meets. This does not depend on which faces count, so it is made once for all
/// subsets.
pub(super) struct Matching {
    /// Image after image, by falling score within each.
    detections: Vec<Match>,
    /// The lowest and the highest score of the run.
    scores: (f64, f64),
}

struct Match {
    /// Among all faces of the truth, image after image.
    face: Option<u32>,
    /// The first, strictest threshold that the score reaches.
    step: u16,
    /// Whether the score reaches the operating threshold.
    accepted: bool,
}

/// Counts of a subset.
pub(super) struct Tally {
    /// At each threshold: detections that are not neutral, and faces found by them.
    pub(super) steps: Vec<(u64, u64)>,
    /// The same two at the operating threshold.
    pub(super) accepted: (u64, u64),
}

impl Matching {
    /// # Errors
    /// [`Error::Image`] for predictions in an image that the truth does not have, [`Error::Empty`] without predictions.
    pub(super) fn new(
        truth: &WiderTruth,
        predictions: &WiderPredictions,
        operating_threshold: f32,
    ) -> Result<Self, Error> {
        let by_image = predictions.by_image();
        if by_image.is_empty() {
            return Err(Error::Empty { what: "image in the predictions" });
        }
        check_names(truth, predictions)?;
        let normalise = Normalisation::over(by_image.values().flatten());
        let thresholds = thresholds();

        let mut detections = Vec::with_capacity(predictions.detections());
        let mut first_face = 0;
        for image in truth.images() {
            let faces: Vec<Corners> = image.faces.iter().map(|face| face.rect.into()).collect();
            let found = by_image.get(&image.name).map_or(&[][..], Vec::as_slice);
            // Detections in an image without any face count nowhere: a quirk of the evaluation.
            let found = if faces.is_empty() { &[] } else { found };
            detections.extend(found.iter().map(|detection| {
                let score = normalise.apply(detection.score);
                Match {
                    face: most_overlapped(detection, &faces).map(|face| first_face + face as u32),
                    step: thresholds.partition_point(|threshold| score < *threshold).min(THRESHOLDS - 1)
                        as u16,
                    // In the precision of scores from memory, so that 0.6 reaches 0.6 whichever way it came.
                    accepted: detection.score as f32 >= operating_threshold,
                }
            }));
            first_face += faces.len() as u32;
        }
        Ok(Self { detections, scores: (normalise.low, normalise.high) })
    }

    /// Counts with the faces that `keep` marks, one flag for each face of the truth; the others are ignored: a
    /// detection that meets one is neutral, neither right nor wrong.
    ///
    /// A face is found by the first detection that meets it; each further one is wrong.
    pub(super) fn tally(&self, keep: &[bool]) -> Tally {
        let mut found = vec![false; keep.len()];
        let mut tally = Tally { steps: vec![(0, 0); THRESHOLDS], accepted: (0, 0) };
        for detection in &self.detections {
            let right = match detection.face.map(|face| face as usize) {
                Some(face) if !keep[face] => continue,
                Some(face) => !std::mem::replace(&mut found[face], true),
                None => false,
            };
            let step = &mut tally.steps[usize::from(detection.step)];
            *step = (step.0 + 1, step.1 + u64::from(right));
            if detection.accepted {
                tally.accepted = (tally.accepted.0 + 1, tally.accepted.1 + u64::from(right));
            }
        }
        // What passes a strict threshold passes all laxer ones.
        for t in 1..THRESHOLDS {
            let before = tally.steps[t - 1];
            let step = &mut tally.steps[t];
            *step = (step.0 + before.0, step.1 + before.1);
        }
        tally
    }

    /// A normalised threshold on the scale of the predictions.
    pub(super) fn score_at(&self, threshold: f64) -> f64 {
        let (low, high) = self.scores;
        low + threshold * (high - low)
    }
}

/// Brings the scores of a run to 0..=1.
struct Normalisation {
    low: f64,
    high: f64,
}

impl Normalisation {
    fn over<'a>(detections: impl Iterator<Item = &'a Detection>) -> Self {
        let start = (f64::INFINITY, f64::NEG_INFINITY);
        let (low, high) = detections
            .fold(start, |(low, high), detection| (low.min(detection.score), high.max(detection.score)));
        // Without any detection the range is of no use, but it must be a number.
        if low <= high { Self { low, high } } else { Self { low: 0.0, high: 0.0 } }
    }

    fn apply(&self, score: f64) -> f64 {
        let range = self.high - self.low;
        // Equal scores cannot be told apart: all pass at once, and there is no division by zero.
        if range > 0.0 { (score - self.low) / range } else { 1.0 }
    }
}

/// The first of the most overlapped faces, if that is enough. Whether it counts plays no part.
fn most_overlapped(detection: &Detection, faces: &[Corners]) -> Option<usize> {
    let mut best = (0.0, None);
    for (number, face) in faces.iter().enumerate() {
        let overlap = detection.corners.overlap(face);
        if overlap > best.0 {
            best = (overlap, Some(number));
        }
    }
    best.1.filter(|_| best.0 >= OVERLAP)
}

fn check_names(truth: &WiderTruth, predictions: &WiderPredictions) -> Result<(), Error> {
    let known: HashMap<&str, &[WiderFace]> =
        truth.images().iter().map(|image| (image.name.as_str(), image.faces.as_slice())).collect();
    match predictions.by_image().keys().find(|name| !known.contains_key(name.as_str())) {
        None => Ok(()),
        Some(name) => Err(Error::Image {
            image: name.clone(),
            problem: match truth.images().first() {
                Some(image) => {
                    format!(
                        "there are predictions, but the truth has no such image; its first is {}",
                        image.name
                    )
                }
                None => "the truth has no images".to_owned(),
            },
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_are_not_divided_by_zero() {
        let detection = |score| Detection { corners: Corners::from_xywh(0.0, 0.0, 1.0, 1.0), score };
        let equal = Normalisation::over([detection(0.9), detection(0.9)].iter());
        assert_eq!(equal.apply(0.9), 1.0);
        let none = Normalisation::over([].iter());
        assert_eq!(none.apply(0.3), 1.0);
        let logits = Normalisation::over([detection(-3.0), detection(5.0), detection(1.0)].iter());
        assert_eq!([-3.0, 1.0, 5.0].map(|score| logits.apply(score)), [0.0, 0.5, 1.0]);
    }

    #[test]
    fn the_first_of_equally_overlapped_faces_is_met() {
        let face = Corners::from_xywh(10.0, 10.0, 20.0, 20.0);
        let elsewhere = Corners::from_xywh(100.0, 10.0, 20.0, 20.0);
        let detection = Detection { corners: face, score: 1.0 };
        assert_eq!(most_overlapped(&detection, &[elsewhere, face, face]), Some(1));
        assert_eq!(most_overlapped(&detection, &[elsewhere]), None);
        // Exactly one half is enough: 21 x 21 of 21 x 42 pixels.
        let double = Corners::from_xywh(10.0, 10.0, 20.0, 41.0);
        assert_eq!(most_overlapped(&detection, &[double]), Some(0));
    }
}
