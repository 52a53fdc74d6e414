//! Which hair a person wears: families of styles, and what differs within them.

use super::color::HairColor;
use super::ground::Hairline;
use crate::{Seed, Stream};

/// A kind of hairstyle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// No hair on the head.
    Bald,
    /// Clipped to a few millimetres.
    Buzz,
    /// Short, combed forwards from the crown.
    Crop,
    /// Short, parted at one side.
    SidePart,
    /// Combed back over the head.
    SlickBack,
    /// Short sides, standing up and back above the forehead.
    Quiff,
    /// Short sides, curls on the top.
    CurlyTop,
    /// Coily hair that stands out all around.
    Afro,
    /// Short all around, with hair before the forehead and the ears.
    Pixie,
    /// Cut in one line between the ears and the neck.
    Bob,
    /// To the jaw or the neck, uneven.
    Shag,
    /// Over the shoulders.
    Long,
    /// Drawn back and held at the back of the head, from where it falls.
    Ponytail,
    /// Drawn back or up into a knot.
    Bun,
    /// Many thin plaits or locks.
    Braids,
    /// Plaited in rows along the head.
    Cornrows,
}

impl Family {
    /// All families.
    pub const ALL: [Self; 16] = [
        Self::Bald,
        Self::Buzz,
        Self::Crop,
        Self::SidePart,
        Self::SlickBack,
        Self::Quiff,
        Self::CurlyTop,
        Self::Afro,
        Self::Pixie,
        Self::Bob,
        Self::Shag,
        Self::Long,
        Self::Ponytail,
        Self::Bun,
        Self::Braids,
        Self::Cornrows,
    ];

    /// How common a family is for a sex (0 female, 1 male) and for hair that curls (0 straight, 1 coily).
    fn weight(self, sex: f32, curl: f32, age: f32) -> f32 {
        let (female, male) = (1.0 - sex, sex);
        let coily = ((curl - 0.6) / 0.25).clamp(0.0, 1.0);
        let loose = 1.0 - coily;
        let old = ((age - 45.0) / 30.0).clamp(0.0, 1.0);
        match self {
            Self::Bald => male * (0.04 + 0.12 * old) + female * 0.003,
            Self::Buzz => male * (0.12 + 0.25 * coily) + female * 0.015 * (1.0 + 3.0 * coily),
            Self::Crop => male * (0.2 + 0.1 * coily),
            Self::SidePart => male * 0.26 * loose,
            Self::SlickBack => male * 0.08 * loose + female * 0.02 * loose,
            Self::Quiff => male * 0.14 * loose * (1.0 - 0.6 * old),
            Self::CurlyTop => male * (0.02 + 0.2 * curl) * (1.0 - 0.6 * old),
            Self::Afro => (0.02 + 0.16 * female + 0.1 * male) * coily,
            Self::Pixie => female * 0.09 * (1.0 + 1.5 * old),
            Self::Bob => female * 0.2 * loose * (1.0 + 0.5 * old),
            Self::Shag => (female * 0.12 + male * 0.05) * loose,
            Self::Long => (female * 0.42 * (1.0 - 0.6 * old) + male * 0.03) * (1.0 - 0.6 * coily),
            Self::Ponytail => female * 0.12 + male * 0.008,
            Self::Bun => female * 0.09 + male * 0.02,
            Self::Braids => (female * 0.3 + male * 0.12) * coily * (1.0 - 0.7 * old),
            Self::Cornrows => (female * 0.1 + male * 0.1) * coily * (1.0 - 0.7 * old),
        }
    }
}

/// The hair of a head. Lengths are in millimetres.
#[derive(Clone, Debug, PartialEq)]
pub struct Hairstyle {
    /// What kind it is.
    pub family: Family,
    /// How long hair is on the top of the head.
    pub top: f32,
    /// How long it is at the sides and the back.
    pub sides: f32,
    /// How far below (negative) or above the chin long hair is cut.
    pub cut: f32,
    /// Where hair is parted: 0 in the middle, 1 over the middle of the left eye.
    pub parting: f32,
    /// Whether hair falls over the forehead down to the brows.
    pub fringe: bool,
    /// How thick all layers of hair are together.
    pub volume: f32,
    /// 0 straight, 0.4 wavy, 0.7 curly, 1 coily.
    pub curl: f32,
    /// How unlike their neighbours locks run, 0..=1.
    pub mess: f32,
    /// How shiny it is, 0..=1.
    pub shine: f32,
    /// Whether it goes behind the ears.
    pub tucked: bool,
    /// Where tails and knots are: 0 at the neck, 1 on the top of the head.
    pub knot: f32,
    /// How much hair grows before the ears, 0..=1.
    pub sideburns: f32,
    /// Where hair grows.
    pub hairline: Hairline,
    /// Its colour.
    pub color: HairColor,
    /// Where each lock grows.
    pub seed: Seed,
}

impl Hairstyle {
    /// Hair as a person may wear it. `sex` is 0 for female and 1 for male, `age` in years, `fairness` that of the
    /// skin, 0 the darkest and 1 the fairest.
    pub fn sample(seed: Seed, sex: f32, age: f32, fairness: f32) -> Self {
        let curl = natural_curl(&mut seed.of("curl").stream(), fairness);
        let weights = Family::ALL.map(|family| family.weight(sex.clamp(0.0, 1.0), curl, age));
        let mut stream = seed.of("family").stream();
        let mut family = Family::ALL[stream.weighted(&weights)];
        let hairline = hairline(&mut seed.of("hairline").stream(), sex, age);
        if hairline.recession > 0.6
            && matches!(family, Family::Quiff | Family::CurlyTop | Family::Crop | Family::Shag)
        {
            // Little is left to comb.
            family = if stream.chance(0.6) { Family::Buzz } else { Family::SidePart };
        }
        let mut style = Self::of(family, seed, curl);
        style.hairline = hairline;
        style.fringe &= hairline.recession < 0.3;
        style.sideburns = if sex > 0.5 { seed.of("sideburns").stream().between(0.1, 1.0) } else { 0.15 };
        if sex > 0.5 && matches!(family, Family::SidePart | Family::Crop) {
            style.tucked = false;
        }
        style.color = HairColor::sample(seed.of("color"), fairness, age);
        style
    }

    /// A style of a family with a curl, 0..=1, in brown.
    pub fn of(family: Family, seed: Seed, curl: f32) -> Self {
        let mut stream = seed.of("style").stream();
        let mut between = |low, high| stream.between(low, high);
        let parting = {
            let side = if between(0.0, 1.0) < 0.7 { 1.0 } else { -1.0 };
            match family {
                Family::SidePart | Family::Pixie => side * between(0.75, 1.3),
                _ if between(0.0, 1.0) < 0.5 => between(-0.1, 0.1),
                _ => side * between(0.3, 1.1),
            }
        };
        let mut style = Self {
            family,
            top: 60.0,
            sides: 18.0,
            cut: 0.0,
            parting,
            fringe: false,
            volume: between(8.0, 16.0) * (1.0 + 0.6 * curl),
            curl,
            mess: between(0.1, 0.4),
            shine: between(0.45, 1.0) * (1.0 - 0.5 * curl),
            tucked: false,
            knot: between(0.1, 0.9),
            sideburns: 0.15,
            hairline: Hairline::FULL,
            color: HairColor::natural(1.5, 0.1),
            seed,
        };
        let fringe = between(0.0, 1.0);
        match family {
            Family::Bald => (style.top, style.sides) = (0.0, 0.0),
            Family::Buzz => {
                style.top = between(2.0, 8.0);
                style.sides = style.top * between(0.3, 1.0);
            }
            Family::Crop => {
                (style.top, style.sides) = (between(22.0, 48.0), between(5.0, 18.0));
                style.mess = between(0.3, 0.8);
            }
            Family::SidePart => (style.top, style.sides) = (between(55.0, 95.0), between(10.0, 26.0)),
            Family::SlickBack => {
                (style.top, style.sides) = (between(100.0, 150.0), between(30.0, 60.0));
                style.volume = between(5.0, 13.0);
                style.shine = between(0.7, 1.0);
                style.mess = between(0.0, 0.2);
            }
            Family::Quiff => (style.top, style.sides) = (between(45.0, 80.0), between(6.0, 16.0)),
            Family::CurlyTop => {
                (style.top, style.sides) = (between(40.0, 80.0), between(6.0, 16.0));
                style.curl = style.curl.max(between(0.55, 0.8));
                style.volume = between(18.0, 32.0);
                style.mess = between(0.5, 1.0);
            }
            Family::Afro => {
                style.top = between(25.0, 85.0);
                style.sides = style.top * between(0.75, 1.0);
                style.curl = 1.0;
                style.shine = between(0.1, 0.3);
            }
            Family::Pixie => {
                (style.top, style.sides) = (between(60.0, 100.0), between(35.0, 60.0));
                style.fringe = fringe < 0.5;
            }
            Family::Bob => {
                style.cut = between(-45.0, 40.0);
                style.fringe = fringe < 0.35;
                style.tucked = !style.fringe && between(0.0, 1.0) < 0.25;
                style.curl = style.curl.min(0.6);
            }
            Family::Shag => {
                style.cut = between(-30.0, 45.0);
                style.mess = between(0.4, 0.9);
                style.fringe = fringe < 0.3;
            }
            Family::Long => {
                style.cut = between(-230.0, -70.0);
                style.fringe = fringe < 0.22;
                style.tucked = !style.fringe && between(0.0, 1.0) < 0.3;
            }
            Family::Ponytail | Family::Bun => {
                style.volume = between(3.5, 8.0);
                style.fringe = fringe < 0.15;
                style.mess = between(0.0, 0.15);
                style.cut = between(-160.0, -40.0);
                style.tucked = true;
            }
            Family::Braids => {
                style.cut = between(-230.0, 10.0);
                style.volume = between(10.0, 18.0);
                style.curl = 1.0;
            }
            Family::Cornrows => {
                style.volume = 5.0;
                style.curl = 1.0;
                style.cut = between(-90.0, -20.0);
            }
        }
        style
    }
}

/// Hair curls most on dark skin, though all kinds occur on all.
fn natural_curl(stream: &mut Stream, fairness: f32) -> f32 {
    let coily = stream.chance(0.85 * ((0.42 - fairness) / 0.25).clamp(0.0, 1.0));
    if coily { stream.between(0.75, 1.0) } else { stream.between(0.0, 1.0).powf(1.6) * 0.7 }
}

/// Where hair grows by age: in most men it goes back (Rhodes et al. 1998, "Prevalence of male pattern hair loss").
fn hairline(stream: &mut Stream, sex: f32, age: f32) -> Hairline {
    let male = ((sex - 0.5) * 4.0).clamp(0.0, 1.0);
    let years = ((age - 18.0) / 55.0).clamp(0.0, 1.2);
    let fate = stream.between(0.0, 1.0).powf(1.3);
    let bald = stream.between(0.0, 1.0);
    let recession = male * (0.12 * fate + fate * years * 1.1).min(1.0);
    let thinning = male * (bald * bald * years * 1.3).min(1.0) + (1.0 - male) * 0.15 * years * bald;
    Hairline { height: 5.0 * stream.normal(2.2) + 2.0 * (1.0 - male), recession, thinning }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_style() {
        let of = |seed| Hairstyle::sample(Seed::new(seed), 1.0, 40.0, 0.6);
        assert_eq!(of(1), of(1));
        assert!((0..20).any(|seed| of(seed).family != of(1).family));
    }

    #[test]
    fn families_go_by_sex_and_all_occur() {
        let mut counts = std::collections::HashMap::new();
        for number in 0..4000 {
            let sex = (number % 2) as f32;
            let style = Hairstyle::sample(
                Seed::new(number),
                sex,
                20.0 + (number % 50) as f32,
                (number % 7) as f32 / 6.0,
            );
            *counts.entry((style.family, number % 2)).or_insert(0) += 1;
            assert!(sex > 0.5 || style.hairline.recession == 0.0);
        }
        for family in Family::ALL {
            let [female, male] = [0, 1].map(|sex| counts.get(&(family, sex)).copied().unwrap_or(0));
            assert!(female + male > 15, "{family:?} {female} {male}");
        }
        let of = |family, sex| counts.get(&(family, sex)).copied().unwrap_or(0);
        assert!(
            of(Family::Long, 0) > 4 * of(Family::Long, 1) && of(Family::Buzz, 1) > 4 * of(Family::Buzz, 0)
        );
    }
}
