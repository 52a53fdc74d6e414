//! What others did to their pictures.

use serde::{Deserialize, Serialize};

use super::{
    Affine, Augmentation, Blur, Change, Color, Corners, Crop, Flip, Gray, Jpeg, MotionBlur, Resample,
    SensorNoise,
};

/// What is done to pictures where nothing else is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Nothing.
    #[default]
    None,
    /// Half of the pictures are mirrored.
    Mirror,
    /// Mirrored, and each with probability 0.2 cut out (and pasted back at its place on black), less
    /// resolved, and of other brightness, contrast and saturation (Kim et al. 2022, "AdaFace", section 4.1,
    /// and the ranges of its published code).
    AdaFace,
    /// For rendered faces: mirrored, cut out, degraded, of other colours, and always warped (Bae et al. 2023,
    /// "DigiFace-1M"). The probabilities are the published ones; the ranges are the operations' own, and the
    /// crop is AdaFace's.
    DigiFace,
}

impl Preset {
    /// All that it does, said.
    pub(super) fn augmentation(self) -> Augmentation {
        let none = Augmentation::default();
        let mirror = Augmentation { flip: Some(Flip { probability: 0.5 }), ..none.clone() };
        match self {
            Self::None => none,
            Self::Mirror => mirror,
            Self::AdaFace => Augmentation {
                crop: Some(Crop { probability: 0.2, ..Crop::default() }),
                color: Some(Color { probability: 0.2, ..Color::default() }),
                resample: Some(Resample { probability: 0.2, ..Resample::default() }),
                ..mirror
            },
            Self::DigiFace => {
                let change = |probability, by| Change { probability, by };
                Augmentation {
                    crop: Some(Crop { probability: 0.2, ..Crop::default() }),
                    affine: Some(Affine { probability: 1.0, aspect: change(0.1, 0.1), ..Affine::default() }),
                    corners: Some(Corners { probability: 1.0, ..Corners::default() }),
                    color: Some(Color {
                        probability: 1.0,
                        brightness: change(0.15, 0.5),
                        contrast: change(0.3, 0.5),
                        saturation: change(0.1, 0.5),
                        hue: change(0.1, 0.05),
                    }),
                    gray: Some(Gray { probability: 0.01 }),
                    blur: Some(Blur { probability: 0.05, ..Blur::default() }),
                    motion_blur: Some(MotionBlur { probability: 0.05, ..MotionBlur::default() }),
                    resample: Some(Resample { probability: 0.01, ..Resample::default() }),
                    noise: Some(SensorNoise { probability: 0.035, ..SensorNoise::default() }),
                    jpeg: Some(Jpeg { probability: 0.05, ..Jpeg::default() }),
                    ..mirror
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_do_as_often_as_the_papers() {
        /// For each operation of a preset of how many pictures it is; sorted by name.
        fn operations(preset: Preset) -> Vec<(String, f64)> {
            let table = toml::Table::try_from(preset.augmentation()).unwrap();
            let probability = |value: &toml::Value| value.get("probability").and_then(toml::Value::as_float);
            let mut all: Vec<(String, f64)> = table
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), (probability(value)? * 1e4).round() / 1e4)))
                .collect();
            all.sort_by(|a, b| a.0.cmp(&b.0));
            all
        }
        let named = |all: &[(&str, f64)]| {
            all.iter().map(|&(name, share)| (name.to_owned(), share)).collect::<Vec<_>>()
        };
        assert_eq!(operations(Preset::None), []);
        assert_eq!(operations(Preset::Mirror), named(&[("flip", 0.5)]));
        let adaface = [("color", 0.2), ("crop", 0.2), ("flip", 0.5), ("resample", 0.2)];
        assert_eq!(operations(Preset::AdaFace), named(&adaface));
        let digiface = [
            ("affine", 1.0),
            ("blur", 0.05),
            ("color", 1.0),
            ("corners", 1.0),
            ("crop", 0.2),
            ("flip", 0.5),
            ("gray", 0.01),
            ("jpeg", 0.05),
            ("motion_blur", 0.05),
            ("noise", 0.035),
            ("resample", 0.01),
        ];
        assert_eq!(operations(Preset::DigiFace), named(&digiface));
        let color = Preset::DigiFace.augmentation().color.unwrap();
        let parts = [color.brightness, color.contrast, color.saturation, color.hue];
        assert_eq!(parts.map(|part| part.probability), [0.15, 0.3, 0.1, 0.1]);
    }
}
