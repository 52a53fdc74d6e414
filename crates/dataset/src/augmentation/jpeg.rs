//! Compression.

use imaging::{Image, degrade};
use serde::{Deserialize, Serialize};
use synth::Seed;

use super::section::{Operation, Section};

/// Compression as JPEG.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Jpeg {
    /// Of how many pictures, as a share.
    pub probability: f32,
    /// From how bad to how good: the quality, 1 to 100.
    pub quality: [u8; 2],
}

impl Default for Jpeg {
    fn default() -> Self {
        Self { probability: 0.5, quality: [20, 90] }
    }
}

impl Section for Jpeg {
    fn name(&self) -> &'static str {
        "jpeg"
    }

    fn probability(&self) -> f32 {
        self.probability
    }

    fn check(&self) -> Result<(), String> {
        let [from, to] = self.quality;
        if from < 1 || to > 100 || from > to {
            return Err("quality must be from 1 to 100, the smaller number first".to_owned());
        }
        Ok(())
    }
}

impl Operation for Jpeg {
    fn change(&self, image: &Image, seed: Seed) -> Image {
        let [from, to] = self.quality;
        let quality = usize::from(from) + seed.stream().below(usize::from(to.saturating_sub(from)) + 1);
        degrade::jpeg(image, quality as u8)
    }
}
