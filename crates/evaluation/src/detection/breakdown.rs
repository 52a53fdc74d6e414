//! Where a detector fails: the hard faces by size, pose, occlusion, blur, light and expression.
//!
//! Each level of a property is evaluated as the official lists are: the faces of the level count, all others are
//! ignored. False finds on no face at all count in every level alike, so AP is lower in a level with few faces:
//! compare recall between levels, and AP between detectors.

use super::attributes::WiderAttribute;
use super::matching::Matching;
use super::subset::{WiderResult, evaluate_subset};
use super::truth::WiderTruth;

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

/// The result on the hard faces by all properties that any of them has.
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
