//! The noise of a sensor.

use imaging::{Image, degrade};
use serde::{Deserialize, Serialize};
use synth::Seed;

use super::section::{Operation, Section, range};

/// The noise of a sensor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SensorNoise {
    /// Of how many pictures, as a share.
    pub probability: f32,
    /// Noise in the dark: a standard deviation in levels of 255.
    pub read: [f32; 2],
    /// Noise of photons: its variance for each level of light.
    pub shot: [f32; 2],
}

impl Default for SensorNoise {
    fn default() -> Self {
        Self { probability: 0.5, read: [2.0, 15.0], shot: [0.0, 0.3] }
    }
}

impl Section for SensorNoise {
    fn name(&self) -> &'static str {
        "noise"
    }

    fn probability(&self) -> f32 {
        self.probability
    }

    fn check(&self) -> Result<(), String> {
        range("read", self.read, [0.0, 100.0])?;
        range("shot", self.shot, [0.0, 10.0])
    }
}

impl Operation for SensorNoise {
    fn change(&self, image: &Image, seed: Seed) -> Image {
        let mut stream = seed.stream();
        let [read, shot] = [self.read, self.shot].map(|[from, to]| stream.between(from, to));
        degrade::noise(image, read, shot, seed.of("noise").value())
    }
}
