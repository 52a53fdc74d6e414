//! The colour of hair: how much of two pigments its fibres hold.

use glam::Vec3;

use crate::{Seed, Stream};

/// Absorption of linear red, green and blue light by a unit of brown-black and of red-yellow melanin (d'Eon et al.
/// 2011, "An energy-conserving hair reflectance model").
const EUMELANIN: Vec3 = Vec3::new(0.419, 0.697, 1.37);
const PHEOMELANIN: Vec3 = Vec3::new(0.187, 0.4, 1.05);
/// How fast many fibres darken with the root of the absorption of one. Chosen by eye, not fitted to measured hair.
const DARKENING: Vec3 = Vec3::new(-2.6, -3.25, -3.4);
/// Fibres without pigment, and what the surface of the darkest fibres scatters.
const WHITE: Vec3 = Vec3::new(0.52, 0.50, 0.46);
const SHEEN: Vec3 = Vec3::splat(0.009);
/// Dyes that are not hair colours: pink, red, violet, blue, green, platinum.
const DYES: [Vec3; 6] = [
    Vec3::new(0.45, 0.10, 0.22),
    Vec3::new(0.30, 0.015, 0.02),
    Vec3::new(0.12, 0.04, 0.22),
    Vec3::new(0.03, 0.09, 0.25),
    Vec3::new(0.04, 0.16, 0.09),
    Vec3::new(0.62, 0.58, 0.50),
];

/// What colours the hair of a person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HairColor {
    /// Brown-black melanin: 0.06 very fair, 0.3 blond, 1.3 brown, 8 black.
    pub eumelanin: f32,
    /// Red-yellow melanin: 0 none, about 1 red.
    pub pheomelanin: f32,
    /// Share of fibres that have turned white, 0..=1.
    pub grey: f32,
    /// Albedo of a dye in linear sRGB, if dyed in a colour that hair does not have.
    pub dye: Option<Vec3>,
    /// How much lighter the ends are than the roots, 0..=1.
    pub bleached: f32,
}

impl HairColor {
    /// A colour without grey.
    pub fn natural(eumelanin: f32, pheomelanin: f32) -> Self {
        Self { eumelanin, pheomelanin, grey: 0.0, dye: None, bleached: 0.15 }
    }

    /// A colour as people of an age in years have it. `fairness` is how fair the skin is, 0 the darkest, 1 the
    /// fairest: fair hair grows on fair skin only, dark hair on all.
    pub fn sample(seed: Seed, fairness: f32, age: f32) -> Self {
        let mut stream = seed.of("pigment").stream();
        let light = ((fairness - 0.45) / 0.4).clamp(0.0, 1.0);
        let fair = stream.chance(0.75 * light);
        let eumelanin = if fair { stream.log_between(0.07, 1.4) } else { stream.log_between(1.6, 9.0) };
        let red = stream.chance(0.1 * light);
        let pheomelanin = if red { stream.between(0.7, 1.8) } else { stream.between(0.05, 0.4) };
        let mut natural =
            Self::natural(if red { stream.log_between(0.03, 0.4) } else { eumelanin }, pheomelanin);
        natural.bleached = stream.between(0.0, 0.5) * if fair { 1.0 } else { 0.4 };
        natural.grey = greying(&mut seed.of("grey").stream(), age);
        let mut dye = seed.of("dye").stream();
        if dye.chance(0.35) {
            // Dyed back to a colour of hair.
            natural.grey *= dye.between(0.0, 0.4);
            if dye.chance(0.04) {
                natural.dye = Some(DYES[dye.below(DYES.len())]);
            }
        }
        natural
    }

    /// Albedo of the coloured fibres together, linear sRGB.
    pub fn pigmented(&self) -> Vec3 {
        if let Some(dye) = self.dye {
            return dye;
        }
        let absorption = EUMELANIN * self.eumelanin.max(0.0) + PHEOMELANIN * self.pheomelanin.max(0.0);
        // Light scatters from fibre to fibre: the albedo of many falls with the square root of the absorption of one
        // (Chiang et al. 2016, "A practical and controllable hair and fur model").
        let root = Vec3::new(absorption.x.sqrt(), absorption.y.sqrt(), absorption.z.sqrt());
        (root * DARKENING).exp() * 0.85 + SHEEN
    }

    /// Albedo of the fibres that have turned white, linear sRGB.
    pub fn white(&self) -> Vec3 {
        WHITE
    }

    /// Albedo of all fibres together, linear sRGB.
    pub fn albedo(&self) -> Vec3 {
        self.pigmented().lerp(WHITE, self.grey.clamp(0.0, 1.0))
    }

    /// The colour of the brows and lashes: darker than the hair of the head, and last to turn grey.
    pub fn of_brows(&self) -> Self {
        let eumelanin = (self.eumelanin * 1.5 + 0.35).min(9.0);
        Self { eumelanin, grey: self.grey * self.grey * 0.6, dye: None, bleached: 0.0, ..*self }
    }

    /// The colour of the beard: a little redder and first to turn grey.
    pub fn of_beard(&self) -> Self {
        let grey = (self.grey * 1.3 + 0.02).min(1.0);
        Self { pheomelanin: self.pheomelanin + 0.15, grey, dye: None, bleached: 0.1, ..*self }
    }
}

/// Share of white fibres at an age in years. At 50 about a quarter of people have half of their hair grey, near the upper
/// end of what Panhard et al. 2012 ("Greying of the human hair") found; the spread of nine years is a guess.
fn greying(stream: &mut Stream, age: f32) -> f32 {
    let half = 56.0 + 9.0 * stream.normal(2.5);
    let share = 1.0 / (1.0 + (-(age - half) / 4.5).exp());
    if share < 0.02 { 0.0 } else { share }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn albedo_is_that_of_real_hair() {
        let mut seen = [0; 3];
        for number in 0..2000 {
            let seed = Seed::new(number);
            let color = HairColor::sample(seed, (number % 100) as f32 / 99.0, (number % 80) as f32);
            let albedo = color.albedo();
            assert!(albedo.min_element() >= 0.008 && albedo.max_element() <= 0.65, "{color:?} {albedo}");
            if color.dye.is_none() {
                // Both pigments take more blue than red.
                assert!(albedo.x >= albedo.y && albedo.y >= albedo.z, "{color:?} {albedo}");
            }
            let kind = if albedo.y < 0.03 {
                0
            } else if albedo.y < 0.15 {
                1
            } else {
                2
            };
            seen[kind] += 1;
        }
        assert!(seen.iter().all(|&count| count > 150), "{seen:?}");
    }

    #[test]
    fn pigment_darkens_and_age_greys() {
        let of = |eumelanin| HairColor::natural(eumelanin, 0.1).albedo();
        assert!(of(0.1).y > of(0.5).y && of(0.5).y > of(2.0).y && of(2.0).y > of(8.0).y);
        let red = HairColor::natural(0.2, 1.2).albedo();
        let blond = HairColor::natural(0.3, 0.05).albedo();
        assert!(red.x / red.y > 1.3 * blond.x / blond.y);
        let grey = |age: f32| {
            let shares = (0..200).map(|number| HairColor::sample(Seed::new(number), 0.5, age).grey);
            shares.sum::<f32>() / 200.0
        };
        assert!(grey(20.0) < 0.01 && grey(50.0) > grey(35.0) && grey(75.0) > 0.6);
        // Fair hair does not grow on the darkest skin.
        assert!((0..300).all(|number| HairColor::sample(Seed::new(number), 0.1, 30.0).eumelanin > 1.5));
    }
}
