//! Where a detector fails: the hard faces by size, pose, occlusion, blur, light and expression.
//!
//! Each level of a property is evaluated as the official lists are: the faces of the level count, all others are
//! ignored. False finds on no face at all count in every level alike, so AP is lower in a level with few faces:
//! compare recall between levels, and AP between detectors.

use super::attributes::WiderAttribute;
use super::matching::Matching;
use super::predictions::WiderPredictions;
use super::subset::{WiderResult, evaluate_subset};
use super::truth::WiderTruth;
use crate::Error;

/// The results by one property.
#[derive(Clone, Debug, PartialEq)]
pub struct WiderBreakdown {
    /// The property.
    pub attribute: WiderAttribute,
    /// By level, without those that no face has.
    pub cohorts: Vec<WiderCohort>,
}

/// The result on the faces of one level.
#[derive(Clone, Debug, PartialEq)]
pub struct WiderCohort {
    /// One of [`WiderAttribute::levels`].
    pub level: &'static str,
    /// The hard faces with this level, all others ignored.
    pub result: WiderResult,
}

/// Breaks the result on the hard faces down by one property. [`evaluate_wider`](super::evaluate_wider) does so by all
/// that the labels have.
///
/// # Errors
/// [`Error::Empty`] if the labels do not have the property, as those of
/// [`read_labels_v2`](WiderTruth::read_labels_v2) have none but size, and if no face is on the hard list; else as
/// [`evaluate_wider`](super::evaluate_wider).
pub fn break_down_wider(
    truth: &WiderTruth,
    predictions: &WiderPredictions,
    operating_threshold: f32,
    attribute: WiderAttribute,
) -> Result<WiderBreakdown, Error> {
    if attribute != WiderAttribute::Size && !truth.has_attributes() {
        let what = "attribute in these labels (wider_face_val.mat and wider_face_val_bbx_gt.txt have them)";
        return Err(Error::Empty { what });
    }
    let matching = Matching::new(truth, predictions, operating_threshold)?;
    let found = by_attribute(truth, &matching, attribute);
    if found.cohorts.is_empty() { Err(Error::Empty { what: "face on the hard list" }) } else { Ok(found) }
}

/// By all properties that any hard face has.
pub(super) fn break_down(truth: &WiderTruth, matching: &Matching) -> Vec<WiderBreakdown> {
    let all = WiderAttribute::ALL.map(|attribute| by_attribute(truth, matching, attribute));
    all.into_iter().filter(|breakdown| !breakdown.cohorts.is_empty()).collect()
}

fn by_attribute(truth: &WiderTruth, matching: &Matching, attribute: WiderAttribute) -> WiderBreakdown {
    let cohort = |(number, level): (usize, &&'static str)| {
        let keep = |face: &_| attribute.level(face) == Some(number) && face.subsets.hard;
        let result = evaluate_subset(truth, matching, keep)?;
        Some(WiderCohort { level, result })
    };
    WiderBreakdown { attribute, cohorts: attribute.levels().iter().enumerate().filter_map(cohort).collect() }
}
