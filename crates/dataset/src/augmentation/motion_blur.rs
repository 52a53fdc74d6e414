//! A camera or a head that moves.

use imaging::{Image, degrade};
use serde::{Deserialize, Serialize};
use synth::Seed;

use super::section::{Operation, Section, range};

/// A camera or a head that moves while the shutter is open: a blur along a line of any direction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MotionBlur {
    /// Of how many pictures, as a share.
    pub probability: f32,
    /// From how short to how long the line is, in pixels of a picture that is 112 wide.
    pub length: [f32; 2],
}

impl Default for MotionBlur {
    fn default() -> Self {
        Self { probability: 0.5, length: [3.0, 15.0] }
    }
}

impl Section for MotionBlur {
    fn name(&self) -> &'static str {
        "motion_blur"
    }

    fn probability(&self) -> f32 {
        self.probability
    }

    fn check(&self) -> Result<(), String> {
        range("length", self.length, [0.0, 100.0])
    }
}

impl Operation for MotionBlur {
    fn change(&self, image: &Image, seed: Seed) -> Image {
        let mut stream = seed.stream();
        let length = stream.between(self.length[0], self.length[1]);
        degrade::motion_blur(image, super::pixels(length, image), stream.between(0.0, 180.0))
    }
}
