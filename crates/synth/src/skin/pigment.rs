//! The color of skin from what is in it: melanin in the thin outer layer (epidermis), blood and carotene in the layer
//! below (dermis).
//!
//! Light passes the epidermis twice and is scattered back by the dermis, which is deep enough for the closed form of
//! Kubelka and Munk. The coefficients are those of Jacques 2013, "Optical properties of biological tissues", and of
//! Prahl's tables of haemoglobin; Krishnaswamy and Baranoski 2004 and Jimenez et al. 2010 draw skin from the same two
//! pigments. Spectra of 400 to 700 nm in steps of 10 nm become colors by the CIE 1931 observer (in the form of Wyman et
//! al. 2013) under D65.

use std::sync::OnceLock;

use glam::{Mat3, Vec3};

use crate::color;

/// Wavelengths: 400, 410 ... 700 nm.
const BANDS: usize = 31;
/// Places of the table along melanin and along blood.
const MELANINS: usize = 48;
const BLOODS: usize = 24;
/// The most melanin (share of the volume of the epidermis) and blood (of the dermis) of the table.
const MOST_MELANIN: f32 = 0.7;
const MOST_BLOOD: f32 = 0.25;

/// Share of light that skin without melanin would scatter back before any of it reaches the dermis.
const EPIDERMIS: f32 = 0.004;
/// Share of light that is mirrored back inwards at the surface.
const INWARD: f32 = 0.50;

/// Molar extinction of haemoglobin with oxygen, 1/(cm mol/l).
const OXYGENATED: [f32; BANDS] = [
    266232., 466840., 480360., 246072., 102580., 62816., 44480., 33209., 26629., 23684., 20932., 20035.,
    24202., 39957., 53236., 43016., 32613., 44496., 50104., 14401., 3200., 1506., 942., 610., 442., 368.,
    320., 294., 278., 276., 290.,
];
/// Molar extinction of haemoglobin without oxygen, 1/(cm mol/l).
const DEOXYGENATED: [f32; BANDS] = [
    223296., 303956., 407560., 528600., 413280., 103292., 23389., 16156., 14550., 16684., 20862., 25774.,
    31590., 39036., 46592., 53412., 53788., 45072., 37020., 28324., 14677., 9444., 6510., 5149., 4345.,
    3750., 3227., 2795., 2408., 2052., 1794.,
];
/// Daylight D65, relative power at 400, 420 ... 700 nm.
const DAYLIGHT: [f32; 16] = [
    82.75, 93.43, 104.86, 117.81, 115.92, 109.35, 104.79, 104.41, 100.0, 95.79, 90.01, 87.70, 83.70, 80.21,
    78.28, 71.61,
];
/// White of D65 as CIE XYZ.
const WHITE: Vec3 = Vec3::new(0.95047, 1.0, 1.08883);

/// Colors of one person's skin for every amount of melanin and blood.
pub(super) struct Palette {
    colors: Vec<Vec3>,
}

impl Palette {
    /// For a peak absorption by carotene, 1/cm in the dermis; 0 for none, 2 for very yellow skin.
    pub(super) fn new(carotene: f32) -> Self {
        let optics = Optics::get();
        let mut colors = vec![Vec3::ZERO; MELANINS * BLOODS];
        for at_blood in 0..BLOODS {
            let share = (at_blood as f32 / (BLOODS - 1) as f32).powi(2) * MOST_BLOOD;
            let deep: [f32; BANDS] = std::array::from_fn(|band| {
                let absorbed =
                    share * optics.blood[band] + optics.bare[band] + carotene * optics.carotene[band];
                let ratio = 2.0 * absorbed / (0.75 * optics.scattering[band]);
                1.0 + ratio - (ratio * ratio + 2.0 * ratio).sqrt()
            });
            for at_melanin in 0..MELANINS {
                let passed = &optics.passed[at_melanin];
                let color: Vec3 = (0..BANDS)
                    .map(|band| {
                        let inner = passed[band] * deep[band] + EPIDERMIS;
                        let outer = (1.0 - 0.028) * (1.0 - INWARD) * inner / (1.0 - INWARD * inner);
                        optics.observer[band] * outer
                    })
                    .sum();
                colors[at_blood * MELANINS + at_melanin] = color.clamp(Vec3::splat(0.003), Vec3::splat(0.98));
            }
        }
        Self { colors }
    }

    /// The color of skin with these shares of melanin and blood, linear sRGB.
    pub(super) fn color(&self, melanin: f32, blood: f32) -> Vec3 {
        let place = |share: f32, most: f32, count: usize| {
            let at = (share.max(0.0) / most).sqrt().min(1.0) * (count - 1) as f32;
            let low = (at as usize).min(count - 2);
            (low, at - low as f32)
        };
        let (column, right) = place(melanin, MOST_MELANIN, MELANINS);
        let (row, up) = place(blood, MOST_BLOOD, BLOODS);
        let at = row * MELANINS + column;
        let low = self.colors[at].lerp(self.colors[at + 1], right);
        low.lerp(self.colors[at + MELANINS].lerp(self.colors[at + MELANINS + 1], right), up)
    }

    /// The share of melanin that gives skin with this blood an individual typology angle, in degrees.
    pub(super) fn melanin_for(&self, angle: f32, blood: f32) -> f32 {
        let (mut low, mut high) = (0.0, MOST_MELANIN);
        for _ in 0..24 {
            let middle = 0.5 * (low + high);
            if typology_angle(self.color(middle, blood)) > angle {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    }
}

/// What is the same for all people.
struct Optics {
    /// Absorption of whole blood, 1/cm.
    blood: [f32; BANDS],
    /// Absorption of carotene relative to its peak.
    carotene: [f32; BANDS],
    /// Absorption of skin without any pigment, 1/cm.
    bare: [f32; BANDS],
    /// Reduced scattering of the dermis, 1/cm.
    scattering: [f32; BANDS],
    /// Share of light that comes through the epidermis both ways, for each amount of melanin.
    passed: [[f32; BANDS]; MELANINS],
    /// What a unit of reflected light adds to linear sRGB.
    observer: [Vec3; BANDS],
}

impl Optics {
    fn get() -> &'static Self {
        static OPTICS: OnceLock<Optics> = OnceLock::new();
        OPTICS.get_or_init(Self::new)
    }

    fn new() -> Self {
        let length = |band: usize| 400.0 + 10.0 * band as f32;
        let blood = std::array::from_fn(|band| {
            // 150 g/l of haemoglobin of 64500 g/mol, three quarters with oxygen.
            let molar = 0.75 * OXYGENATED[band] + 0.25 * DEOXYGENATED[band];
            let whole = std::f32::consts::LN_10 * 150.0 / 64500.0 * molar;
            // Blood keeps to its vessels, which shade themselves where they absorb much (van Veen et al. 2002).
            let shaded = 0.003 * whole;
            whole * (1.0 - (-shaded).exp()) / shaded
        });
        let bare: [f32; BANDS] =
            std::array::from_fn(|band| 0.1 + 85.3 * (-(length(band) - 154.0) / 66.2).exp());
        let passed = std::array::from_fn(|at| {
            let share = (at as f32 / (MELANINS - 1) as f32).powi(2) * MOST_MELANIN;
            std::array::from_fn(|band| {
                // Both ways, aslant, through 60 micrometers. Melanin comes in grains and clumps: the exponent is
                // flatter than that of a solution, and its shade is a mean over thin and thick places (a gamma
                // distribution of variance 0.15).
                let path = 3.0 * 0.006;
                let melanin = path * share * 496.0 * (length(band) / 550.0).powf(-2.2);
                let bare = path * (1.0 - share) * bare[band];
                (1.0 + 0.15 * melanin).powf(-1.0 / 0.15) * (-bare).exp()
            })
        });
        Self {
            blood,
            carotene: std::array::from_fn(|band| (-((length(band) - 460.0) / 38.0).powi(2)).exp()),
            bare,
            scattering: std::array::from_fn(|band| 75.0 * (length(band) / 500.0).powf(-0.6)),
            passed,
            observer: observer(),
        }
    }
}

/// The CIE 1931 observer under D65 as linear sRGB, such that a white surface sums up to 1.
fn observer() -> [Vec3; BANDS] {
    let lobe = |length: f32, peak: f32, below: f32, above: f32| {
        let part = (length - peak) / if length < peak { below } else { above };
        (-0.5 * part * part).exp()
    };
    let mut bands: [Vec3; BANDS] = std::array::from_fn(|band| {
        let length = 400.0 + 10.0 * band as f32;
        let power = (DAYLIGHT[band / 2] + DAYLIGHT[band.div_ceil(2)]) / 2.0;
        let x = 1.056 * lobe(length, 599.8, 37.9, 31.0) + 0.362 * lobe(length, 442.0, 16.0, 26.7)
            - 0.065 * lobe(length, 501.1, 20.4, 26.2);
        let y = 0.821 * lobe(length, 568.8, 46.9, 40.5) + 0.286 * lobe(length, 530.9, 16.3, 31.1);
        let z = 1.217 * lobe(length, 437.0, 11.8, 36.0) + 0.681 * lobe(length, 459.0, 26.0, 13.8);
        power * Vec3::new(x, y, z)
    });
    let white: Vec3 = bands.iter().sum();
    bands.iter_mut().for_each(|band| *band = to_xyz().inverse() * (*band / white * WHITE));
    bands
}

/// Linear sRGB to CIE XYZ.
fn to_xyz() -> Mat3 {
    Mat3::from_cols(
        Vec3::new(0.412_456_4, 0.212_672_9, 0.019_333_9),
        Vec3::new(0.357_576_1, 0.715_152_2, 0.119_192),
        Vec3::new(0.180_437_5, 0.072_175, 0.950_304_1),
    )
}

/// A color given as encoded sRGB, 0xRRGGBB, in linear sRGB.
pub(crate) fn encoded(bytes: u32) -> Vec3 {
    let [_, red, green, blue] = bytes.to_be_bytes();
    color::from_bytes([red, green, blue])
}

/// A color of linear sRGB as CIE L*a*b* under D65.
pub(super) fn lab(color: Vec3) -> Vec3 {
    let part = (to_xyz() * color / WHITE)
        .to_array()
        .map(|value| if value > 0.008_856 { value.cbrt() } else { 7.787 * value + 16.0 / 116.0 });
    Vec3::new(116.0 * part[1] - 16.0, 500.0 * (part[0] - part[1]), 200.0 * (part[1] - part[2]))
}

/// The individual typology angle of a color of skin in degrees (Chardon et al. 1991): above 55 very light, below -30
/// dark.
pub(super) fn typology_angle(color: Vec3) -> f32 {
    let lab = lab(color);
    (lab.x - 50.0).atan2(lab.z).to_degrees()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_is_white() {
        let white: Vec3 = observer().iter().sum();
        assert!((white - Vec3::ONE).abs().max_element() < 1e-3, "{white}");
        let lab = lab(Vec3::ONE);
        assert!((lab - Vec3::new(100.0, 0.0, 0.0)).abs().max_element() < 0.05, "{lab}");
    }

    #[test]
    fn melanin_darkens_and_blood_reddens() {
        let palette = Palette::new(0.8);
        for row in 1..20 {
            let blood = row as f32 * 0.004;
            for column in 0..40 {
                let melanin = column as f32 * 0.012;
                let here = palette.color(melanin, blood);
                assert!(here.cmpge(Vec3::ZERO).all() && here.cmple(Vec3::ONE).all());
                assert!(lab(palette.color(melanin + 0.012, blood)).x < lab(here).x);
                let fuller = palette.color(melanin, blood + 0.004);
                assert!(fuller.x / fuller.y > here.x / here.y && fuller.x <= here.x + 1e-4);
                if melanin < 0.25 {
                    assert!(lab(fuller).y > lab(here).y, "{melanin} {blood}");
                }
            }
        }
    }

    #[test]
    fn skin_has_the_colors_of_skin() {
        // Measured skin (Xiao et al. 2017): hue angles 35 to 70 degrees, chroma 12 to 27, at every lightness.
        for carotene in [0.0, 0.3, 0.6] {
            let palette = Palette::new(carotene);
            for step in 0..=24 {
                let angle = -62.0 + 5.0 * step as f32;
                let melanin = palette.melanin_for(angle, 0.012);
                let color = lab(palette.color(melanin, 0.012));
                let (chroma, hue) = (color.y.hypot(color.z), color.z.atan2(color.y).to_degrees());
                assert!((10.0..29.0).contains(&chroma), "{angle} {color}");
                assert!((35.0..75.0).contains(&hue), "{angle} {color}");
                let reached = typology_angle(palette.color(melanin, 0.012));
                assert!((reached - angle).abs() < 0.5, "{angle} {reached} {melanin} {color}");
            }
        }
    }

    #[test]
    fn carotene_yellows() {
        let [plain, yellow] = [0.0, 1.5].map(|carotene| lab(Palette::new(carotene).color(0.03, 0.012)));
        assert!(yellow.z > plain.z + 2.0, "{plain} {yellow}");
    }
}
