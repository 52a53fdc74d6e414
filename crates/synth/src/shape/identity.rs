//! How the heads of adults differ.
//!
//! Together the modes spread as adults do (Farkas 1994, "Anthropometry of the head and face"; Young 1993, "Head and
//! face anthropometry of adult US citizens"): the distance between the pupils 63 +- 3.6 mm, the breadth of the face
//! 139 +- 6, nasion to menton 120 +- 7, the nose 35 +- 3.5 and the mouth 50 +- 4 mm wide. What one mode has of that,
//! and the spread of what the tables do not measure, is chosen so that faces at 2.5 standard deviations are rare but
//! seen.

mod lower;
mod upper;

use super::field::Bump;
use super::mode::ShapeMode;
use lower::LOWER;
use upper::UPPER;

const fn mode(name: &'static str, region: &'static str, spread: f32, bumps: &'static [Bump]) -> ShapeMode {
    ShapeMode { name, region, spread, bumps }
}

/// The modes of shape that tell people apart. A coefficient of 1 in [`Form::shape`](crate::Form::shape) is one
/// standard deviation; most are millimetres at the place that the name tells, some degrees.
pub const SHAPE_MODES: &[ShapeMode] = &ALL;

const ALL: [ShapeMode; UPPER.len() + LOWER.len()] = {
    let mut all = [UPPER[0]; UPPER.len() + LOWER.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = if at < UPPER.len() { UPPER[at] } else { LOWER[at - UPPER.len()] };
        at += 1;
    }
    all
};
