//! Left and right change places.

use imaging::Image;
use serde::{Deserialize, Serialize};
use synth::Seed;

use super::range::share;

/// The mirror image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flip {
    /// Of how many pictures, as a share.
    pub probability: f32,
}

impl Flip {
    pub(super) fn check(&self) -> Result<(), String> {
        share("flip.probability", self.probability)
    }

    pub(super) fn apply(&self, image: Image, seed: Seed) -> Image {
        if seed.of("flip").stream().chance(self.probability) { image.flipped() } else { image }
    }
}
