//! The result on a subset of the faces, the others ignored.

use super::curve::{WiderPoint, average_precision, thinned, thresholds};
use super::matching::Matching;
use super::truth::{WiderFace, WiderTruth};

/// How well the faces of a subset were found. All others are ignored: neither missed, nor wrong to find.
#[derive(Clone, Debug, PartialEq)]
pub struct WiderResult {
    /// Average precision, 0..=1.
    pub ap: f64,
    /// Faces of the subset, in images without predictions too. Not 0.
    pub faces: usize,
    /// Images that have such a face.
    pub images: usize,
    /// Faces found at the operating threshold.
    pub found: usize,
    /// Detections at the operating threshold that find no face: on none, or on one that is found already.
    pub false_finds: usize,
    /// Precision against recall by falling threshold, thinned to about 200 points.
    pub curve: Vec<WiderPoint>,
}

impl WiderResult {
    /// The share of the faces that are found at the operating threshold, 0..=1.
    pub fn recall(&self) -> f64 {
        self.found as f64 / self.faces as f64
    }

    /// The share of the detections at the operating threshold that find a face, 0..=1; `None` if there is none.
    pub fn precision(&self) -> Option<f64> {
        let counted = self.found + self.false_finds;
        (counted > 0).then(|| self.found as f64 / counted as f64)
    }
}

/// With the faces that `keep` names as the subset; `None` if there are none.
pub(super) fn evaluate_subset(
    truth: &WiderTruth,
    matching: &Matching,
    keep: impl Fn(&WiderFace) -> bool,
) -> Option<WiderResult> {
    let kept: Vec<bool> = truth.faces().map(&keep).collect();
    let faces = kept.iter().filter(|kept| **kept).count();
    if faces == 0 {
        return None;
    }
    let tally = matching.tally(&kept);
    let recall = |found: u64| found as f64 / faces as f64;
    let rates: Vec<(f64, f64)> = tally
        .steps
        .iter()
        .map(|(counted, found)| {
            (recall(*found), if *counted > 0 { *found as f64 / *counted as f64 } else { 0.0 })
        })
        .collect();
    // The thresholds that nothing reaches are no points of the curve.
    let curve =
        thresholds().into_iter().zip(&rates).zip(&tally.steps).filter(|(_, (counted, _))| *counted > 0);
    let curve = curve.map(|((threshold, (recall, precision)), _)| WiderPoint {
        threshold: matching.score_at(threshold),
        recall: *recall,
        precision: *precision,
    });
    let (counted, found) = tally.accepted;
    Some(WiderResult {
        ap: average_precision(&rates),
        faces,
        images: truth.images().iter().filter(|image| image.faces.iter().any(&keep)).count(),
        found: found as usize,
        false_finds: (counted - found) as usize,
        curve: thinned(curve.collect()),
    })
}
