//! What a person's skin is like.

use crate::curve::ramp;
use crate::random::{Seed, Stream};
use crate::skin::pigment::{Palette, typology_angle};

/// Individual typology angles of the lightest and the darkest skin that is drawn, in degrees.
const LIGHTEST: f32 = 58.0;
const DARKEST: f32 = -51.0;

/// Traits of a person's skin. Where its spots, lines and blotches are follows from `seed`.
#[derive(Clone, Debug, PartialEq)]
pub struct Complexion {
    /// Where everything that belongs to this skin alone has its place.
    pub seed: Seed,
    /// Age in years: lines, spots, sagging pigment.
    pub age: f32,
    /// Melanin, as a share of the volume of the epidermis: 0.01 for the lightest skin, 0.4 for the darkest.
    pub melanin: f32,
    /// Blood, as a share of the volume of the dermis where the face is least red: 0.018 to 0.08.
    pub blood: f32,
    /// Peak absorption by carotene and bilirubin, 1/cm in the dermis: 0.3 to 1.2.
    pub carotene: f32,
    /// How much redder cheeks, nose, ears and chin are, 0..=1 each.
    pub flush: [f32; 4],
    /// How full of blood the lips are, 0..=1.15.
    pub lip_blood: f32,
    /// How much more melanin the lips have, 0..=1.
    pub lip_melanin: f32,
    /// How dark it is around the eyes, 0..=1.
    pub circles: f32,
    /// How uneven the color is at large, 0..=1.
    pub blotches: f32,
    /// Freckles, 0 (none) to 1 (all over).
    pub freckles: f32,
    /// How many moles the face has.
    pub moles: u32,
    /// How many scars the face has.
    pub scars: u32,
    /// How greasy the skin is, 0..=1.
    pub oil: f32,
    /// How coarse the pores are, 0..=1.
    pub pores: f32,
    /// How deep the lines of the skin are, 0..=1; grows with age.
    pub lines: f32,
    /// How much darker or lighter forehead, upper lip, cheeks and chin are, -1..=1 each, positive darker.
    pub shade: [f32; 4],
}

impl Complexion {
    /// Draws a person's skin. `tone` runs over the whole scale of people, 0 for the lightest and 1 for the darkest, even
    /// in the individual typology angle (+58 to -51 degrees). `age` is in years; `sex` 0 for female, 1 for male. The
    /// same seed gives the same person at every age.
    pub fn sample(seed: Seed, tone: f32, age: f32, sex: f32) -> Self {
        let tone = tone.clamp(0.0, 1.0);
        let trait_of = |name: &str| seed.of(name).stream();
        let light = 1.0 - ramp(0.25, 0.6, tone);
        // Seen through more melanin, as much redness takes more blood.
        let blood = trait_of("blood").between(0.019, 0.035) + 0.004 * sex;
        let blood = blood * (0.8 + 0.2 * ramp(0.0, 0.2, tone) + 1.0 * ramp(0.12, 0.7, tone));
        // Little of it fits below very light skin: it would no longer be that light.
        let carotene =
            trait_of("carotene").between(0.3, 0.6 + 0.6 * ramp(0.0, 0.3, tone) - 0.8 * ramp(0.35, 0.9, tone));
        let melanin = Palette::new(carotene).melanin_for(LIGHTEST + (DARKEST - LIGHTEST) * tone, blood);

        let mut flush = trait_of("flush");
        let ruddy = flush.between(0.1, 0.75);
        let flush = [0, 1, 2, 3].map(|_| (ruddy + 0.22 * flush.normal(2.0)).clamp(0.02, 1.0));
        let mut lips = trait_of("lips");
        let mut freckles = trait_of("freckles");
        let freckled = freckles.chance(0.08 + 0.3 * light);
        let freckles = if freckled { freckles.between(0.15, 1.0) * (0.25 + 0.75 * light) } else { 0.0 };
        let mut lines = trait_of("lines");
        let worn = ramp(22.0, 82.0, age) * lines.between(0.65, 1.25);
        let circles = trait_of("circles").between(0.05, 0.75) + 0.2 * ramp(30.0, 70.0, age);
        let mut shade = trait_of("shade");
        let shade = [0, 1, 2, 3].map(|_| 0.5 * shade.normal(2.0));
        // Around the mouth of a woman it would be taken for the shadow of a beard.
        let muzzle = |shade: f32| if shade > 0.0 { shade * (0.2 + 0.8 * sex) } else { shade };
        Self {
            seed,
            age,
            melanin,
            blood,
            carotene,
            flush,
            // Women's lips stand out more from their skin (Russell 2009, "A sex difference in facial contrast").
            lip_blood: lips.between(0.2, 1.0) * (1.15 - 0.3 * sex) * (1.0 - 0.35 * ramp(40.0, 85.0, age)),
            lip_melanin: lips.between(0.0, 0.5 + 0.5 * ramp(0.4, 0.9, tone)),
            circles: circles.min(1.0),
            blotches: (trait_of("blotches").between(0.15, 0.8) + 0.2 * ramp(40.0, 80.0, age)).min(1.0),
            freckles,
            moles: moles(&mut trait_of("moles"), light, age),
            scars: trait_of("scars").weighted(&[0.88, 0.1, 0.02]) as u32,
            oil: trait_of("oil").between(0.1, 0.9) * (1.0 - 0.5 * ramp(45.0, 80.0, age)),
            pores: (trait_of("pores").between(0.15, 0.7) + 0.2 * sex + 0.15 * ramp(30.0, 70.0, age)).min(1.0),
            lines: worn.min(1.0),
            shade: [shade[0], muzzle(shade[1]), shade[2], muzzle(shade[3])],
        }
    }

    /// The skin of a child of two people, or of anybody between them: every trait lies between those of the parents,
    /// at a place of its own, and spots lie anew. `age` is in years.
    pub fn mixed(&self, other: &Self, seed: Seed, age: f32) -> Self {
        let mut stream = seed.of("inherited").stream();
        let mut mix = |a: f32, b: f32| {
            let share = (0.5 + 0.25 * stream.normal(2.0)).clamp(0.0, 1.0);
            a + (b - a) * share
        };
        // Mixed by the angle, not by the pigment: that is how skin tones look halfway.
        let (blood, carotene) = (mix(self.blood, other.blood), mix(self.carotene, other.carotene));
        let angle = mix(self.typology_angle(), other.typology_angle());
        let own = Self::sample(seed, tone(angle), age, 0.5);
        Self {
            seed,
            age,
            melanin: Palette::new(carotene).melanin_for(angle, blood),
            blood,
            carotene,
            flush: std::array::from_fn(|at| mix(self.flush[at], other.flush[at])),
            lip_blood: mix(self.lip_blood, other.lip_blood),
            lip_melanin: mix(self.lip_melanin, other.lip_melanin),
            circles: mix(self.circles, other.circles),
            blotches: mix(self.blotches, other.blotches),
            freckles: mix(self.freckles, other.freckles),
            oil: mix(self.oil, other.oil),
            pores: mix(self.pores, other.pores),
            shade: std::array::from_fn(|at| mix(self.shade[at], other.shade[at])),
            ..own
        }
    }

    /// The same skin at another age, in years: spots, lines and what else comes with the years.
    pub fn at(&self, age: f32, sex: f32) -> Self {
        let [now, then] = [self.age, age].map(|age| Self::sample(self.seed, self.tone(), age, sex));
        let moved = |own: f32, now: f32, then: f32| (own + (then - now)).clamp(0.0, 1.0);
        Self {
            age,
            lip_blood: self.lip_blood * (then.lip_blood / now.lip_blood),
            circles: moved(self.circles, now.circles, then.circles),
            blotches: moved(self.blotches, now.blotches, then.blotches),
            moles: then.moles,
            oil: self.oil * (then.oil / now.oil),
            pores: moved(self.pores, now.pores, then.pores),
            lines: then.lines,
            ..self.clone()
        }
    }

    /// Where this skin is on the scale of all people, 0 for the lightest and 1 for the darkest.
    pub fn tone(&self) -> f32 {
        tone(self.typology_angle())
    }

    /// The individual typology angle of this skin where it is plain, in degrees.
    pub fn typology_angle(&self) -> f32 {
        typology_angle(Palette::new(self.carotene).color(self.melanin, self.blood))
    }

    /// The color of this skin where it is plain, linear sRGB.
    pub fn color(&self) -> glam::Vec3 {
        Palette::new(self.carotene).color(self.melanin, self.blood)
    }
}

/// The place of an individual typology angle, in degrees, on the scale of all people.
fn tone(angle: f32) -> f32 {
    ((LIGHTEST - angle) / (LIGHTEST - DARKEST)).clamp(0.0, 1.0)
}

/// More moles on light skin and with age; most faces have a few.
fn moles(stream: &mut Stream, light: f32, age: f32) -> u32 {
    let most = (2.0 + 9.0 * light) * (0.4 + ramp(5.0, 50.0, age));
    (most * stream.between(0.0, 1.0).powf(1.6)).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::skin::pigment::lab;

    #[test]
    fn tones_lie_evenly_on_the_real_range() {
        let mut counts = [0; 12];
        for number in 0..650 {
            let tone = (number as f32 + 0.5) / 650.0;
            let angle = Complexion::sample(Seed::new(number), tone, 30.0, 0.5).typology_angle();
            assert!((DARKEST - 1.0..LIGHTEST + 1.0).contains(&angle), "{angle}");
            let share = (angle - DARKEST) / (LIGHTEST - DARKEST);
            counts[((12.0 * share) as usize).min(11)] += 1;
        }
        assert!(counts.iter().all(|count| (49..60).contains(count)), "{counts:?}");
    }

    #[test]
    fn skin_is_neither_green_nor_orange_nor_grey() {
        for number in 0..300 {
            let tone = (number as f32 + 0.5) / 300.0;
            let lab = lab(Complexion::sample(Seed::new(number), tone, 30.0, 0.5).color());
            let (chroma, hue) = (lab.y.hypot(lab.z), lab.z.atan2(lab.y).to_degrees());
            assert!(
                (35.0..64.0).contains(&hue) && (13.0..30.0).contains(&chroma),
                "{tone} {lab} {hue} {chroma}"
            );
        }
    }

    #[test]
    fn the_same_seed_is_the_same_skin_at_every_age() {
        let [young, again, old] =
            [20.0, 20.0, 70.0].map(|age| Complexion::sample(Seed::new(4), 0.3, age, 0.0));
        assert_eq!(young, again);
        assert_eq!((young.melanin, young.flush, young.shade), (old.melanin, old.flush, old.shade));
        assert!(old.lines > young.lines + 0.3);
        assert_ne!(young.flush, Complexion::sample(Seed::new(5), 0.3, 20.0, 0.0).flush);
    }

    #[test]
    fn children_lie_between_their_parents() {
        let [dark, light] = [0.8, 0.1].map(|tone| Complexion::sample(Seed::new(1), tone, 40.0, 0.0));
        for number in 0..20 {
            let child = dark.mixed(&light, Seed::new(number), 10.0);
            let angle = child.typology_angle();
            assert!(angle > dark.typology_angle() - 1.0 && angle < light.typology_angle() + 1.0);
            assert!(child.lines < 0.05);
        }
    }
}
