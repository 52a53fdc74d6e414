//! One property of a picture, by chance.

use serde::{Deserialize, Serialize};
use synth::Stream;

use super::section::{number, share};

/// How often and how far something is changed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// How often, as a share.
    pub probability: f32,
    /// How far at most, to either side.
    pub by: f32,
}

impl Change {
    pub(super) fn check(&self, name: &str, most: f32) -> Result<(), String> {
        share(&format!("{name}.probability"), self.probability)?;
        number(&format!("{name}.by"), self.by, [0.0, most])
    }

    /// By how much this time: from -`by` to `by`, and 0 if it is not changed.
    pub(super) fn amount(&self, stream: &mut Stream) -> f32 {
        // Both are always drawn, so that what comes after does not depend on chance.
        let (changed, amount) = (stream.chance(self.probability), stream.between(-self.by, self.by));
        if changed { amount } else { 0.0 }
    }

    /// How many times this time: from 1 - `by` to 1 + `by`.
    pub(super) fn factor(&self, stream: &mut Stream) -> f32 {
        1.0 + self.amount(stream)
    }
}
