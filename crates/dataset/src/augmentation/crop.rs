//! A part of the picture.

use geometry::Rect;
use imaging::{Image, resize_region};
use serde::{Deserialize, Serialize};
use synth::{Seed, Stream};

use super::section::{Operation, Section, range};

/// How often a part is drawn that may not fit; as in torchvision.
const TRIES: usize = 10;

/// What becomes of the part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// It stays where it was, and around it all is black, as in AdaFace: the face stays aligned.
    #[default]
    Pasted,
    /// It is made as large as the picture was.
    Resized,
}

/// A part of the picture of a random size, shape and place (`RandomResizedCrop` of torchvision).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Crop {
    /// Of how many pictures, as a share.
    pub probability: f32,
    /// From how small to how large the part is, as a share of the picture's area.
    pub area: [f32; 2],
    /// From how narrow to how wide it is: its width by its height, drawn evenly in the logarithm.
    pub ratio: [f32; 2],
    /// What becomes of it.
    pub place: Place,
}

impl Default for Crop {
    /// The ranges of AdaFace.
    fn default() -> Self {
        Self { probability: 0.5, area: [0.2, 1.0], ratio: [0.75, 4.0 / 3.0], place: Place::Pasted }
    }
}

impl Section for Crop {
    fn name(&self) -> &'static str {
        "crop"
    }

    fn probability(&self) -> f32 {
        self.probability
    }

    fn check(&self) -> Result<(), String> {
        range("area", self.area, [0.01, 1.0])?;
        range("ratio", self.ratio, [0.1, 10.0])
    }
}

impl Operation for Crop {
    fn change(&self, image: &Image, seed: Seed) -> Image {
        let (width, height) = (image.width(), image.height());
        let found = part(self.area, self.ratio, (width, height), &mut seed.stream());
        let [left, top, part_width, part_height] = found.unwrap_or_else(|| middle((width, height)));
        match self.place {
            Place::Pasted => image.crop(left.into(), top.into(), part_width, part_height, [0; 3]).crop(
                -i64::from(left),
                -i64::from(top),
                width,
                height,
                [0; 3],
            ),
            Place::Resized => {
                let part = [left, top, part_width, part_height].map(|length| length as f32);
                let part = Rect::from_xywh(part[0], part[1], part[2], part[3]);
                resize_region(image, &part, width, height)
            }
        }
    }
}

/// Left, top, width and height of a part of a picture, all in pixels, that covers such a share of its area
/// and is so wide by its height; `None` if none that is drawn fits.
pub(super) fn part(
    area: [f32; 2],
    ratio: [f32; 2],
    (width, height): (u32, u32),
    stream: &mut Stream,
) -> Option<[u32; 4]> {
    for _ in 0..TRIES {
        let covered = stream.between(area[0], area[1]) * width as f32 * height as f32;
        let ratio = stream.log_between(ratio[0], ratio[1]);
        let [w, h] = [covered * ratio, covered / ratio].map(|square| square.sqrt().round() as u32);
        if (1..=width).contains(&w) && (1..=height).contains(&h) {
            let mut place = |room: u32| stream.below(room as usize + 1) as u32;
            return Some([place(width - w), place(height - h), w, h]);
        }
    }
    None
}

/// The largest square in the middle, as in torchvision: what is taken where no part fits.
fn middle((width, height): (u32, u32)) -> [u32; 4] {
    let side = width.min(height);
    [(width - side) / 2, (height - side) / 2, side, side]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augmentation::tests::face;

    #[test]
    fn parts_are_as_large_and_wide_as_asked() {
        for seed in 0..500 {
            let mut stream = Seed::new(seed).stream();
            let [left, top, w, h] = part([0.2, 0.6], [0.5, 2.0], (100, 80), &mut stream).unwrap();
            assert!(left + w <= 100 && top + h <= 80);
            let (share, ratio) = (w as f32 * h as f32 / 8000.0, w as f32 / h as f32);
            assert!((0.19..0.62).contains(&share) && (0.48..2.1).contains(&ratio), "{w} {h}");
        }
        // Nothing so wide fits.
        assert_eq!(part([1.0; 2], [10.0; 2], (100, 80), &mut Seed::new(1).stream()), None);
        assert_eq!(middle((100, 80)), [10, 0, 80, 80]);
    }

    #[test]
    fn what_is_left_stays_or_grows() {
        let image = face();
        let crop = Crop { area: [0.3, 0.3], ..Crop::default() };
        let pasted = crop.change(&image, Seed::new(4));
        let [mut same, mut black] = [0; 2];
        for (was, is) in image.pixels().chunks_exact(3).zip(pasted.pixels().chunks_exact(3)) {
            same += usize::from(was == is);
            black += usize::from(is == [0; 3]);
        }
        assert_eq!(same + black, 112 * 112);
        assert!((3650..3870).contains(&same), "0.3 of 112 x 112 is 3763: {same}");
        let resized = Crop { place: Place::Resized, ..crop }.change(&image, Seed::new(4));
        assert!(resized.pixels().chunks_exact(3).all(|pixel| pixel != [0; 3]));
    }
}
