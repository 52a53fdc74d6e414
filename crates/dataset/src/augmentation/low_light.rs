//! Too little light.

use imaging::{Image, color, degrade};
use serde::{Deserialize, Serialize};
use synth::Seed;

use super::section::{Operation, Section, range};

/// Too little light: a darker picture with deeper shadows, and the noise of a sensor that had to be made more
/// sensitive.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LowLight {
    /// Of how many pictures, as a share.
    pub probability: f32,
    /// How many times as bright the brightest parts are.
    pub gain: [f32; 2],
    /// The power by which shadows become deeper than the rest; 1 for none.
    pub gamma: [f32; 2],
    /// Noise in the dark: a standard deviation in levels of 255.
    pub read: [f32; 2],
    /// Noise of photons: its variance for each level of light.
    pub shot: [f32; 2],
}

impl Default for LowLight {
    fn default() -> Self {
        Self { probability: 0.5, gain: [0.3, 0.8], gamma: [1.2, 2.0], read: [2.0, 10.0], shot: [0.1, 0.5] }
    }
}

impl Section for LowLight {
    fn name(&self) -> &'static str {
        "low_light"
    }

    fn probability(&self) -> f32 {
        self.probability
    }

    fn check(&self) -> Result<(), String> {
        range("gain", self.gain, [0.01, 1.0])?;
        range("gamma", self.gamma, [1.0, 5.0])?;
        range("read", self.read, [0.0, 100.0])?;
        range("shot", self.shot, [0.0, 10.0])
    }
}

impl Operation for LowLight {
    fn change(&self, image: &Image, seed: Seed) -> Image {
        let mut stream = seed.stream();
        let [gain, gamma, read, shot] =
            [self.gain, self.gamma, self.read, self.shot].map(|[from, to]| stream.between(from, to));
        let dark = color::tone(image, gain, gamma);
        degrade::noise(&dark, read, shot, seed.of("noise").value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augmentation::tests::face;

    #[test]
    fn it_is_darker() {
        let sum = |image: &Image| image.pixels().iter().map(|v| u64::from(*v)).sum::<u64>();
        for seed in (0..50).map(Seed::new) {
            let dark = LowLight::default().change(&face(), seed);
            assert!(10 * sum(&dark) < 8 * sum(&face()) && sum(&dark) > 0);
        }
    }
}
