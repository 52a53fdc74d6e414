//! Left and right change places.

use imaging::Image;
use serde::{Deserialize, Serialize};
use synth::Seed;

use super::section::{Operation, Section};

/// The mirror image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Flip {
    /// Of how many pictures, as a share.
    pub probability: f32,
}

impl Default for Flip {
    fn default() -> Self {
        Self { probability: 0.5 }
    }
}

impl Section for Flip {
    fn name(&self) -> &'static str {
        "flip"
    }

    fn probability(&self) -> f32 {
        self.probability
    }

    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

impl Operation for Flip {
    fn change(&self, image: &Image, _: Seed) -> Image {
        image.flipped()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augmentation::tests::face;

    #[test]
    fn twice_is_nothing() {
        let (image, seed) = (face(), Seed::new(1));
        let flipped = Flip::default().change(&image, seed);
        assert_ne!(flipped, image);
        assert_eq!(Flip::default().change(&flipped, seed), image);
    }
}
