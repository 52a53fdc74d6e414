//! A rectangle that is missing.

use geometry::Point;
use imaging::draw::{Fill, polygon};
use imaging::{Image, Interpolation, degrade, resize_by};
use serde::{Deserialize, Serialize};
use synth::Seed;

use super::crop::part;
use super::section::{Operation, Section, range};

/// Noise that fills the missing rectangle: a standard deviation in levels of 255 around grey.
const NOISE: f32 = 70.0;

/// What a missing rectangle is filled with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Filling {
    /// Black.
    Black,
    /// The mean colour of the picture.
    #[default]
    Mean,
    /// Noise.
    Noise,
}

/// A rectangle that is missing (Zhong et al. 2020, "Random erasing data augmentation"). Where ten that are
/// drawn do not fit into the picture, as large and narrow ones may not, it stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cutout {
    /// Of how many pictures, as a share.
    pub probability: f32,
    /// From how small to how large the rectangle is, as a share of the picture's area.
    pub area: [f32; 2],
    /// From how narrow to how wide it is: its width by its height, drawn evenly in the logarithm.
    pub ratio: [f32; 2],
    /// What it is filled with.
    pub fill: Filling,
}

impl Default for Cutout {
    fn default() -> Self {
        Self { probability: 0.5, area: [0.02, 0.2], ratio: [0.3, 1.0 / 0.3], fill: Filling::Mean }
    }
}

impl Section for Cutout {
    fn name(&self) -> &'static str {
        "cutout"
    }

    fn probability(&self) -> f32 {
        self.probability
    }

    fn check(&self) -> Result<(), String> {
        range("area", self.area, [0.001, 1.0])?;
        range("ratio", self.ratio, [0.1, 10.0])
    }
}

impl Operation for Cutout {
    fn change(&self, image: &Image, seed: Seed) -> Image {
        let size = (image.width(), image.height());
        let Some(part) = part(self.area, self.ratio, size, &mut seed.stream()) else { return image.clone() };
        let [left, top, width, height] = part.map(|length| length as f32);
        let corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
        // The edges of pixels lie half a pixel around their centres.
        let corners = corners.map(|(x, y)| Point::new(left + x * width - 0.5, top + y * height - 0.5));
        let filling = match self.fill {
            Filling::Black => Image::new(1, 1),
            Filling::Mean => resize_by(image, 1, 1, Interpolation::Area),
            Filling::Noise => {
                let gray = Image::filled(size.0, size.1, [128; 3]);
                degrade::noise(&gray, NOISE, 0.0, seed.of("noise").value())
            }
        };
        let mut out = image.clone();
        polygon(&mut out, &corners, Fill::Pattern(&filling), 1.0);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augmentation::tests::face;

    #[test]
    fn a_rectangle_is_missing() {
        let image = face();
        for fill in [Filling::Black, Filling::Mean, Filling::Noise] {
            let cutout = Cutout { area: [0.1, 0.2], fill, ..Cutout::default() };
            for seed in (0..20).map(Seed::new) {
                let cut = cutout.change(&image, seed);
                let changed = image.pixels().chunks_exact(3).zip(cut.pixels().chunks_exact(3));
                let share = changed.filter(|(a, b)| a != b).count() as f32 / 12_544.0;
                // A pixel may happen to have the colour already.
                assert!((0.08..0.21).contains(&share), "{fill:?} {share}");
            }
        }
    }

    #[test]
    fn nothing_is_missing_where_no_rectangle_fits() {
        let image = face();
        let share = |cut: &Image| {
            let changed = image.pixels().chunks_exact(3).zip(cut.pixels().chunks_exact(3));
            changed.filter(|(a, b)| a != b).count() as f32 / 12_544.0
        };
        let large = Cutout { area: [0.9, 0.9], fill: Filling::Noise, ..Cutout::default() };
        let shares: Vec<f32> = (0..60).map(|seed| share(&large.change(&image, Seed::new(seed)))).collect();
        assert!(shares.iter().all(|share| *share < 0.92), "{shares:?}");
        assert!(shares.contains(&0.0) && shares.iter().any(|share| *share > 0.8), "{shares:?}");
        // Less than a pixel: no rectangle at all.
        let none = Cutout { area: [0.0, 0.0], ..Cutout::default() };
        assert!(none.check().unwrap_err().contains("area"));
        assert_eq!(none.change(&image, Seed::new(3)), image);
    }
}
