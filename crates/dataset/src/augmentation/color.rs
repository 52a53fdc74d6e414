//! Other brightness, contrast and colours.

use imaging::{Image, color};
use serde::{Deserialize, Serialize};
use synth::Seed;

use super::change::Change;
use super::section::{Operation, Section};

/// Brightness, contrast, saturation and hue, each changed by chance and one after the other in an order of
/// chance (`ColorJitter` of torchvision).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Color {
    /// To how many pictures anything of it is done, as a share.
    pub probability: f32,
    /// How many times as bright; `by` is at most 1.
    pub brightness: Change,
    /// How many times as much contrast; `by` is at most 1.
    pub contrast: Change,
    /// How many times as strong the colours are; `by` is at most 1.
    pub saturation: Change,
    /// By how many turns of the circle of colours they are turned; `by` is at most 0.5.
    pub hue: Change,
}

impl Default for Color {
    /// The ranges of AdaFace: half as much again or half of all but the hue, which stays.
    fn default() -> Self {
        let half = Change { probability: 1.0, by: 0.5 };
        let hue = Change { probability: 0.0, by: 0.05 };
        Self { probability: 0.5, brightness: half, contrast: half, saturation: half, hue }
    }
}

impl Section for Color {
    fn name(&self) -> &'static str {
        "color"
    }

    fn probability(&self) -> f32 {
        self.probability
    }

    fn check(&self) -> Result<(), String> {
        self.brightness.check("brightness", 1.0)?;
        self.contrast.check("contrast", 1.0)?;
        self.saturation.check("saturation", 1.0)?;
        self.hue.check("hue", 0.5)
    }
}

impl Operation for Color {
    fn change(&self, image: &Image, seed: Seed) -> Image {
        let mut stream = seed.stream();
        let [brightness, contrast, saturation] =
            [self.brightness, self.contrast, self.saturation].map(|change| change.factor(&mut stream));
        let hue = self.hue.amount(&mut stream);
        let mut order = [0, 1, 2, 3];
        for last in (1..order.len()).rev() {
            order.swap(last, stream.below(last + 1));
        }
        order.into_iter().fold(image.clone(), |image, kind| match kind {
            0 if brightness != 1.0 => color::tone(&image, brightness, 1.0),
            1 if contrast != 1.0 => color::contrast(&image, contrast),
            2 if saturation != 1.0 => color::saturation(&image, saturation),
            3 if hue != 0.0 => color::hue(&image, hue),
            _ => image,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augmentation::tests::face;

    #[test]
    fn only_what_is_asked_for_changes() {
        let none = Change { probability: 0.0, by: 0.5 };
        let nothing =
            Color { probability: 1.0, brightness: none, contrast: none, saturation: none, hue: none };
        let image = face();
        let always = Change { probability: 1.0, by: 0.3 };
        let mean = |image: &Image| image.pixels().iter().map(|v| f64::from(*v)).sum::<f64>() / 37_632.0;
        for seed in (0..50).map(Seed::new) {
            assert_eq!(nothing.change(&image, seed), image);
            let bright = Color { brightness: always, ..nothing }.change(&image, seed);
            let times = mean(&bright) / mean(&image);
            assert!((0.69..1.31).contains(&times) && bright != image, "{times}");
            let gray = Change { probability: 1.0, by: 1.0 };
            for other in [Color { hue: always, ..nothing }, Color { saturation: gray, ..nothing }] {
                let other = other.change(&image, seed);
                assert!(other != image && (mean(&other) - mean(&image)).abs() < 25.0);
            }
        }
    }
}
