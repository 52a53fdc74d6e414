//! A lens out of focus.

use imaging::{Image, degrade};
use serde::{Deserialize, Serialize};
use synth::Seed;

use super::section::{Operation, Section, range};

/// A lens out of focus: a Gaussian blur.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Blur {
    /// Of how many pictures, as a share.
    pub probability: f32,
    /// From how narrow to how wide: a standard deviation in pixels of a picture that is 112 wide.
    pub sigma: [f32; 2],
}

impl Default for Blur {
    fn default() -> Self {
        Self { probability: 0.5, sigma: [0.5, 3.0] }
    }
}

impl Section for Blur {
    fn name(&self) -> &'static str {
        "blur"
    }

    fn probability(&self) -> f32 {
        self.probability
    }

    fn check(&self) -> Result<(), String> {
        range("sigma", self.sigma, [0.0, 30.0])
    }
}

impl Operation for Blur {
    fn change(&self, image: &Image, seed: Seed) -> Image {
        let sigma = seed.stream().between(self.sigma[0], self.sigma[1]);
        degrade::blur(image, super::pixels(sigma, image))
    }
}
