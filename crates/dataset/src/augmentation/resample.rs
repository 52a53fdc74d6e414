//! Resolution that is lost.

use imaging::{Image, Interpolation, degrade};
use serde::{Deserialize, Serialize};
use synth::Seed;

use super::section::{Operation, Section, range};

/// Resolution that is lost on the way through other programs: the picture is made smaller and as large as
/// before again, each by the nearest pixel, bilinear, by area, bicubic or by Lanczos' window, as in AdaFace.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Resample {
    /// Of how many pictures, as a share.
    pub probability: f32,
    /// From how small to how large it becomes in between: its side as a share of the side before.
    pub side: [f32; 2],
}

impl Default for Resample {
    /// The range of AdaFace.
    fn default() -> Self {
        Self { probability: 0.5, side: [0.2, 1.0] }
    }
}

impl Section for Resample {
    fn name(&self) -> &'static str {
        "resample"
    }

    fn probability(&self) -> f32 {
        self.probability
    }

    fn check(&self) -> Result<(), String> {
        range("side", self.side, [0.01, 1.0])
    }
}

impl Operation for Resample {
    fn change(&self, image: &Image, seed: Seed) -> Image {
        let mut stream = seed.stream();
        let side = stream.between(self.side[0], self.side[1]);
        let [down, up] = [(); 2].map(|()| Interpolation::ALL[stream.below(Interpolation::ALL.len())]);
        degrade::resample(image, 1.0 / side, down, up)
    }
}
