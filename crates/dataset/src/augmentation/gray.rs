//! Without colour.

use imaging::{Image, color};
use serde::{Deserialize, Serialize};
use synth::Seed;

use super::section::{Operation, Section};

/// The picture without colour.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gray {
    /// Of how many pictures, as a share.
    pub probability: f32,
}

impl Default for Gray {
    fn default() -> Self {
        Self { probability: 0.5 }
    }
}

impl Section for Gray {
    fn name(&self) -> &'static str {
        "gray"
    }

    fn probability(&self) -> f32 {
        self.probability
    }

    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

impl Operation for Gray {
    fn change(&self, image: &Image, _: Seed) -> Image {
        color::saturation(image, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augmentation::tests::face;

    #[test]
    fn no_color_is_left() {
        let gray = Gray::default().change(&face(), Seed::new(1));
        assert!(gray.pixels().chunks_exact(3).all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2]));
    }
}
