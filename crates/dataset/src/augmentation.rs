//! Pictures that are shown otherwise each time.

mod flip;
mod range;

use imaging::Image;
use serde::{Deserialize, Serialize};
use synth::Seed;

pub use flip::Flip;

/// What is done to pictures where nothing else is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Nothing.
    #[default]
    None,
    /// Half of the pictures are mirrored.
    Mirror,
}

/// The section `[augmentation]` of a training recipe: a preset, and what is done otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Augmentation {
    /// What is done where nothing else is said.
    pub preset: Preset,
    /// The mirror image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flip: Option<Flip>,
}

impl Augmentation {
    /// Whether all numbers are in their ranges.
    ///
    /// # Errors
    /// Which is not, in words.
    pub fn check(&self) -> Result<(), String> {
        self.flip.map_or(Ok(()), |flip| flip.check())
    }

    /// The same without a preset: all that is done is said.
    pub fn resolved(&self) -> Self {
        let preset = match self.preset {
            Preset::None => Self::default(),
            Preset::Mirror => Self { flip: Some(Flip { probability: 0.5 }), ..Self::default() },
        };
        Self { preset: Preset::None, flip: self.flip.or(preset.flip) }
    }

    /// The picture as it is shown this time.
    pub fn apply(&self, image: &Image, seed: Seed, keep_clean: bool) -> (Image, Option<Image>) {
        let mut shown = image.clone();
        if let Some(flip) = self.resolved().flip {
            shown = flip.apply(shown, seed);
        }
        let clean = keep_clean.then(|| shown.clone());
        (shown, clean)
    }
}
