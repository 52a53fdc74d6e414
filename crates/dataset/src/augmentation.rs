//! Pictures that are shown otherwise each time.

mod affine;
mod blur;
mod change;
mod color;
mod corners;
mod crop;
mod cutout;
mod flip;
mod gray;
mod jpeg;
mod low_light;
mod motion_blur;
mod noise;
mod occluder;
mod preset;
mod resample;
mod section;

use geometry::Homography;
use imaging::{Image, warp_projective};
use serde::{Deserialize, Serialize};
use synth::Seed;

pub use affine::Affine;
pub use blur::Blur;
pub use change::Change;
pub use color::Color;
pub use corners::Corners;
pub use crop::{Crop, Place};
pub use cutout::{Cutout, Filling};
pub use flip::Flip;
pub use gray::Gray;
pub use jpeg::Jpeg;
pub use low_light::LowLight;
pub use motion_blur::MotionBlur;
pub use noise::SensorNoise;
pub use occluder::{Occluder, Thing};
pub use preset::Preset;
pub use resample::Resample;
use section::{Operation, Warp, by_chance, check};

/// The section `[augmentation]` of a training recipe: a preset, and what is done otherwise.
///
/// An operation that is named replaces that of the preset whole; what it does not say is as in its `Default`,
/// where every second picture is changed, whatever the preset says. `probability = 0.0` takes one away.
///
/// Operations come in the order in which they happen to a photo, which is that of the fields: things in the
/// scene, then where the camera stands, then light, lens, sensor and file. Each has its own chance, so that
/// one more leaves the others as they are.
///
/// ```
/// use imaging::Image;
/// use omote_dataset::Augmentation;
/// use synth::Seed;
///
/// let text = "preset = \"adaface\"\ncrop = { probability = 0.0 }\nblur = { sigma = [1.0, 2.0] }\n";
/// let augmentation: Augmentation = toml::from_str(text)?;
/// augmentation.check()?;
/// let face = Image::filled(112, 112, [180, 140, 120]);
/// let (shown, clean) = augmentation.apply(&face, Seed::new(1).number(42), true);
/// assert_eq!((shown.width(), clean), (112, Some(face)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Augmentation {
    /// What is done where nothing else is said.
    pub preset: Preset,
    /// Things in front of the face.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occluder: Option<Occluder>,
    /// Left and right change places.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flip: Option<Flip>,
    /// Turned, scaled, sheared and shifted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affine: Option<Affine>,
    /// The corners moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corners: Option<Corners>,
    /// A part of the picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crop: Option<Crop>,
    /// Other brightness, contrast and colours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<Color>,
    /// Without colour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gray: Option<Gray>,
    /// Too little light.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low_light: Option<LowLight>,
    /// A lens out of focus.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blur: Option<Blur>,
    /// A camera or a head that moves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub motion_blur: Option<MotionBlur>,
    /// Resolution that is lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resample: Option<Resample>,
    /// The noise of a sensor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<SensorNoise>,
    /// Compression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jpeg: Option<Jpeg>,
    /// A rectangle that is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cutout: Option<Cutout>,
}

impl Augmentation {
    /// Whether all numbers are in their ranges.
    ///
    /// # Errors
    /// Which is not, in words.
    pub fn check(&self) -> Result<(), String> {
        self.occluder.iter().try_for_each(check)?;
        self.warps().into_iter().flatten().try_for_each(check)?;
        self.flip.iter().try_for_each(check)?;
        self.crop.iter().try_for_each(check)?;
        self.harm().into_iter().flatten().try_for_each(check)
    }

    /// The same without a preset: all that is done is said. A run keeps this beside its weights.
    pub fn resolved(&self) -> Self {
        let (own, preset) = (self.clone(), self.preset.augmentation());
        Self {
            preset: Preset::None,
            occluder: own.occluder.or(preset.occluder),
            flip: own.flip.or(preset.flip),
            affine: own.affine.or(preset.affine),
            corners: own.corners.or(preset.corners),
            crop: own.crop.or(preset.crop),
            color: own.color.or(preset.color),
            gray: own.gray.or(preset.gray),
            low_light: own.low_light.or(preset.low_light),
            blur: own.blur.or(preset.blur),
            motion_blur: own.motion_blur.or(preset.motion_blur),
            resample: own.resample.or(preset.resample),
            noise: own.noise.or(preset.noise),
            jpeg: own.jpeg.or(preset.jpeg),
            cutout: own.cutout.or(preset.cutout),
        }
    }

    /// The picture as it is shown this time, which the seed decides over; and if it is wanted, the same
    /// turned, mirrored and cut out in the same way but not made worse: what a teacher sees. Both are as
    /// large as the picture. The numbers are in their ranges, as [`check`](Self::check) says.
    pub fn apply(&self, image: &Image, seed: Seed, keep_clean: bool) -> (Image, Option<Image>) {
        if self.preset != Preset::None {
            return self.resolved().apply(image, seed, keep_clean);
        }
        if image.is_empty() {
            return (image.clone(), keep_clean.then(|| image.clone()));
        }
        let occluded = self.occluder.as_ref().and_then(|occluder| changed(occluder, image, seed));
        let mut shown = self.view(occluded.as_ref().unwrap_or(image), seed);
        let clean = keep_clean.then(|| match occluded {
            Some(_) => self.view(image, seed),
            None => shown.clone(),
        });
        for operation in self.harm().into_iter().flatten() {
            shown = changed(operation, &shown, seed).unwrap_or(shown);
        }
        (shown, clean)
    }

    /// The scene from where the camera stands.
    fn view(&self, image: &Image, seed: Seed) -> Image {
        let mirrored = self.flip.as_ref().and_then(|flip| changed(flip, image, seed));
        let image = mirrored.as_ref().unwrap_or(image);
        let size = (image.width(), image.height());
        let maps = self.warps().into_iter().flatten();
        let maps = maps.filter_map(|warp| by_chance(warp, seed, |warp, seed| warp.map(size, seed)));
        let warped = maps
            .reduce(|first: Homography, next| first.then(&next))
            .map(|map| warp_projective(image, &map, size.0, size.1, [0; 3]));
        let image = warped.as_ref().unwrap_or(image);
        self.crop.as_ref().and_then(|crop| changed(crop, image, seed)).unwrap_or_else(|| image.clone())
    }

    /// What moves the points of a picture.
    fn warps(&self) -> [Option<&dyn Warp>; 2] {
        [self.affine.as_ref().map(|of| of as _), self.corners.as_ref().map(|of| of as _)]
    }

    /// What is done to a picture by light, lens, sensor and file.
    fn harm(&self) -> [Option<&dyn Operation>; 9] {
        [
            self.color.as_ref().map(|of| of as _),
            self.gray.as_ref().map(|of| of as _),
            self.low_light.as_ref().map(|of| of as _),
            self.blur.as_ref().map(|of| of as _),
            self.motion_blur.as_ref().map(|of| of as _),
            self.resample.as_ref().map(|of| of as _),
            self.noise.as_ref().map(|of| of as _),
            self.jpeg.as_ref().map(|of| of as _),
            self.cutout.as_ref().map(|of| of as _),
        ]
    }
}

/// The picture with an operation done, if chance has it so.
fn changed(operation: &(impl Operation + ?Sized), image: &Image, seed: Seed) -> Option<Image> {
    by_chance(operation, seed, |operation, seed| operation.change(image, seed))
}

/// A length in pixels of a picture that is 112 wide, in those of this one.
fn pixels(length: f32, image: &Image) -> f32 {
    length * image.width() as f32 / 112.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of 112 x 112 in which hardly two pixels are alike, none is black, and left is not right.
    pub(super) fn face() -> Image {
        let mut image = Image::new(112, 112);
        for (x, y) in (0..112).flat_map(|x| (0..112).map(move |y| (x, y))) {
            let spot = if (x / 8 + y / 12) % 2 == 0 { 60 } else { 0 };
            image.set_pixel(x, y, [90 + x as u8 + spot / 2, 60 + y as u8 + spot, 50 + (x + y) as u8 / 2]);
        }
        image
    }

    fn read(text: &str) -> Augmentation {
        toml::from_str(text).unwrap()
    }

    const OPERATIONS: [&str; 14] = [
        "occluder",
        "flip",
        "affine",
        "corners",
        "crop",
        "color",
        "gray",
        "low_light",
        "blur",
        "motion_blur",
        "resample",
        "noise",
        "jpeg",
        "cutout",
    ];

    #[test]
    fn probabilities_are_met() {
        let image = face();
        for operation in OPERATIONS {
            for (probability, expected) in [(0.0, 0..=0), (0.3, 84..=156), (1.0, 390..=400)] {
                let augmentation = read(&format!("{operation} = {{ probability = {probability:?} }}"));
                augmentation.check().unwrap();
                let changed =
                    (0..400).filter(|&n| augmentation.apply(&image, Seed::new(n), false).0 != image);
                // Four standard deviations of 400 draws; and a crop or a resampling may happen to do nothing.
                let count = changed.count();
                assert!(expected.contains(&count), "{operation} {probability} {count}");
            }
        }
    }

    #[test]
    fn a_seed_is_a_picture_and_sizes_stay() {
        let everything: String = OPERATIONS.map(|name| format!("{name} = {{}}\n")).concat();
        for text in [&everything[..], "preset = \"digiface\"", "preset = \"adaface\""] {
            let augmentation = read(text);
            for (width, height) in [(112, 112), (40, 64), (1, 1), (0, 0), (3, 200)] {
                let image = imaging::resize(&face(), width, height);
                let apply = |seed: u64| augmentation.apply(&image, Seed::new(seed), true);
                for seed in 0..12 {
                    let (shown, clean) = apply(seed);
                    assert_eq!((shown.width(), shown.height()), (width, height));
                    assert_eq!((shown, clean), apply(seed));
                }
            }
            let shown = (0..30).map(|seed| augmentation.apply(&face(), Seed::new(seed), false).0);
            let mut shown: Vec<Vec<u8>> = shown.map(Image::into_pixels).collect();
            shown.sort_unstable();
            shown.dedup();
            assert!(shown.len() > if text.contains("adaface") { 14 } else { 28 }, "{}", shown.len());
        }
    }

    #[test]
    fn a_teacher_sees_the_same_side_of_it() {
        let geometry = "flip = {}\naffine = {}\ncorners = {}\ncrop = {}\n";
        let harm = "occluder = {}\ncolor = {}\nnoise = {}\nblur = {}\ncutout = {}\n";
        let (geometry, all) = (read(geometry), read(&format!("{geometry}{harm}")));
        let mut worse = 0;
        for seed in (0..60).map(Seed::new) {
            let (shown, clean) = all.apply(&face(), seed, true);
            assert_eq!(clean.as_ref(), Some(&geometry.apply(&face(), seed, false).0));
            worse += usize::from(clean.as_ref() != Some(&shown));
            assert_eq!(all.apply(&face(), seed, false), (shown, None));
        }
        assert!(worse > 50, "{worse}");
    }

    #[test]
    fn stronger_is_farther_away() {
        let far = |text: &str| -> u64 {
            let augmentation = read(text);
            augmentation.check().unwrap();
            let shown = (0..5).map(|seed| augmentation.apply(&face(), Seed::new(seed), false).0);
            let squares = |image: Image| -> u64 {
                let pairs = image.into_pixels().into_iter().zip(face().into_pixels());
                pairs.map(|(a, b)| u64::from(a.abs_diff(b)).pow(2)).sum()
            };
            shown.map(squares).sum()
        };
        for (operation, weak, strong) in [
            ("affine", "rotation = 2.0, scale = [1.0, 1.0], shift = 0.0", "scale = [0.5, 0.7]"),
            ("corners", "shift = 0.01", "shift = 0.2"),
            ("crop", "area = [0.9, 0.9]", "area = [0.2, 0.2]"),
            ("low_light", "gain = [0.9, 0.9], gamma = [1.0, 1.0]", "gain = [0.3, 0.3]"),
            ("blur", "sigma = [0.5, 0.5]", "sigma = [3.0, 3.0]"),
            ("motion_blur", "length = [3.0, 3.0]", "length = [15.0, 15.0]"),
            ("resample", "side = [0.8, 0.8]", "side = [0.1, 0.1]"),
            ("noise", "read = [2.0, 2.0]", "read = [15.0, 15.0]"),
            ("jpeg", "quality = [90, 90]", "quality = [10, 10]"),
            ("cutout", "area = [0.05, 0.05]", "area = [0.4, 0.4]"),
        ] {
            let [weak, strong] =
                [weak, strong].map(|fields| far(&format!("{operation} = {{ probability = 1.0, {fields} }}")));
            assert!(0 < weak && 2 * weak < strong, "{operation} {weak} {strong}");
        }
    }

    #[test]
    fn what_is_named_replaces_the_presets() {
        let own = read("preset = \"adaface\"\ncrop = { probability = 0.0 }\njpeg = { quality = [50, 50] }");
        let resolved = own.resolved();
        let adaface = read("preset = \"adaface\"").resolved();
        assert_eq!(resolved.crop, Some(Crop { probability: 0.0, ..Crop::default() }));
        assert_eq!(resolved.jpeg, Some(Jpeg { probability: 0.5, quality: [50, 50] }));
        assert_eq!(
            (resolved.flip, resolved.color, resolved.preset),
            (adaface.flip, adaface.color, Preset::None)
        );
        let again = read(&toml::to_string(&resolved).unwrap());
        assert_eq!(again, resolved, "what is written is read again");
        assert_eq!(resolved.apply(&face(), Seed::new(3), true), own.apply(&face(), Seed::new(3), true));
        for preset in ["none", "mirror", "adaface", "digiface"] {
            read(&format!("preset = \"{preset}\"")).resolved().check().unwrap();
        }
    }

    #[test]
    fn a_section_is_checked_field_by_field() {
        for (text, said) in [
            ("preset = \"best\"", "unknown variant `best`"),
            ("mirror = {}", "unknown field `mirror`"),
            ("flip = { p = 0.5 }", "unknown field `p`"),
            ("flip = { probability = 1.5 }", "flip.probability must be from 0 to 1"),
            ("crop = { area = [0.5, 0.2] }", "crop.area must be given as [from, to]"),
            ("crop = { ratio = [0.0, 1.0] }", "crop.ratio must be from 0.1 to 10"),
            ("crop = { place = \"moved\" }", "unknown variant `moved`"),
            ("affine = { rotation = -1.0 }", "affine.rotation must be from 0 to 180"),
            ("affine = { aspect = { probability = 2.0, by = 0.1 } }", "affine.aspect.probability must be"),
            ("corners = { shift = 0.4 }", "corners.shift must be from 0 to 0.24"),
            ("color = { hue = { probability = 1.0, by = 0.7 } }", "color.hue.by must be from 0 to 0.5"),
            ("low_light = { gain = [0.5, 2.0] }", "low_light.gain must be from 0.01 to 1"),
            ("blur = { sigma = [1.0, nan] }", "blur.sigma must be from 0 to 30"),
            ("motion_blur = { length = [1.0, 1e9] }", "motion_blur.length must be from 0 to 100"),
            ("resample = { side = [0.0, 1.0] }", "resample.side must be from 0.01 to 1"),
            ("noise = { read = [-1.0, 1.0] }", "noise.read must be from 0 to 100"),
            ("jpeg = { quality = [0, 50] }", "jpeg.quality must be from 1 to 100"),
            ("jpeg = { quality = [50, 300] }", "invalid value"),
            ("cutout = { fill = \"white\" }", "unknown variant `white`"),
            ("occluder = { things = [] }", "occluder.things must name one thing or more"),
            ("occluder = { things = [\"hat\"] }", "unknown variant `hat`"),
        ] {
            let read: Result<Augmentation, _> = toml::from_str(text);
            let error = match read {
                Ok(augmentation) => augmentation.check().unwrap_err(),
                Err(error) => error.message().to_owned(),
            };
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
