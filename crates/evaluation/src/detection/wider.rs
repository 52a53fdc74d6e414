//! The WIDER FACE evaluation: average precision on the easy, the medium and the hard faces.
//!
//! Yang, Luo, Loy, Tang: *WIDER FACE: A Face Detection Benchmark*, CVPR 2016, and the official `eval_tools`
//! (`evaluation.m`, `norm_score.m`, `boxoverlap.m`, `VOCap.m`); spec detection/03b, section 2. What it does, with its
//! quirks:
//!
//! 1. Scores are normalised to 0..=1 by the lowest and highest of the whole run, and counted at 1,000 thresholds: one
//!    outlier moves AP in the third decimal. AP is the same after an affine change of all scores, not after another
//!    monotone one.
//! 2. Boxes are one pixel larger than labelled when they overlap.
//! 3. Within an image, by falling score, each detection meets the face that it overlaps most, if by one half or more.
//!    Whether this face counts in the subset plays no part: a detection may go to an ignored face (and so be neutral)
//!    though it overlaps one that counts by more than one half too.
//! 4. The first detection that meets a face which counts is right, a second one is wrong.
//! 5. Images without any labelled face are left out: false finds there do not count. Images without a face *that
//!    counts* stay in: false finds there do.
//! 6. One face of the official hard list has a negative width, and two have the same box. Nothing meets the first or
//!    the second of the two: 31,956 of 31,958 faces can be found there, and no detector reaches an AP of 1.
//! 7. Where no detection is counted at a threshold, precision is 0. It makes no difference to AP, since recall is 0
//!    as well.

use super::breakdown::{WiderBreakdown, break_down};
use super::matching::Matching;
use super::predictions::WiderPredictions;
use super::subset::{WiderResult, evaluate_subset};
use super::truth::{WiderFace, WiderLists, WiderTruth};
use crate::Error;

/// What [`evaluate_wider`] found.
#[derive(Clone, Debug, PartialEq)]
pub struct WiderReport {
    /// Where the three lists come from. Only with [`WiderLists::Given`] from WIDER FACE's own files is a number
    /// comparable.
    pub lists: WiderLists,
    /// Images of the truth.
    pub images: usize,
    /// Images of the truth that the predictions do not name. They count as images in which nothing was found.
    pub images_without_predictions: usize,
    /// Labelled faces, those on no list too.
    pub faces: usize,
    /// Detections, those that count nowhere too.
    pub detections: usize,
    /// The score from which the results' recall and precision count detections.
    pub operating_threshold: f32,
    /// The easy faces; `None` if there are none.
    pub easy: Option<WiderResult>,
    /// The medium faces; `None` if there are none.
    pub medium: Option<WiderResult>,
    /// The hard faces; `None` if there are none.
    pub hard: Option<WiderResult>,
    /// The hard faces by each property that the labels have: size always, the others where there are attributes.
    pub breakdown: Vec<WiderBreakdown>,
}

/// Evaluates detections as WIDER FACE does.
///
/// `operating_threshold` is the score from which a detector's user accepts a face, on the scale of the predictions.
/// AP does not depend on it; recall, precision and the breakdown do.
///
/// Takes time in proportion to detections times faces for each image.
///
/// # Errors [`Error::Image`] for predictions in an image that the truth does not have, [`Error::Empty`] if there are
/// no predictions or no face is on any list.
pub fn evaluate_wider(
    truth: &WiderTruth,
    predictions: &WiderPredictions,
    operating_threshold: f32,
) -> Result<WiderReport, Error> {
    let matching = Matching::new(truth, predictions, operating_threshold)?;
    let subset = |keep: fn(&WiderFace) -> bool| evaluate_subset(truth, &matching, keep);
    let report = WiderReport {
        lists: truth.lists(),
        images: truth.images().len(),
        images_without_predictions: truth
            .images()
            .iter()
            .filter(|image| !predictions.by_image().contains_key(&image.name))
            .count(),
        faces: truth.faces().count(),
        detections: predictions.detections(),
        operating_threshold,
        easy: subset(|face| face.subsets.easy),
        medium: subset(|face| face.subsets.medium),
        hard: subset(|face| face.subsets.hard),
        breakdown: break_down(truth, &matching),
    };
    if [&report.easy, &report.medium, &report.hard].iter().all(|result| result.is_none()) {
        return Err(Error::Empty { what: "face on a list" });
    }
    Ok(report)
}
