//! Who somebody is: all that stays the same from picture to picture.

use crate::{Beard, Brows, Complexion, Form, Hairstyle, Iris, Lashes, Seed, Teeth};

/// The version of the generator. The same version and seed give the same person; a change of how people look is a new
/// version.
pub const VERSION: u64 = 1;

/// Youngest and oldest person that is drawn, in years.
const AGES: [f32; 2] = [16.0, 80.0];

/// A person at some age.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// What everything about the person comes from.
    pub seed: Seed,
    /// The head, at rest; with sex (0 female, 1 male) and age in years.
    pub form: Form,
    /// Lightness of the skin on the scale of all people: 0 the lightest, 1 the darkest.
    pub tone: f32,
    /// The skin.
    pub complexion: Complexion,
    /// The colour of the eyes.
    pub iris: Iris,
    /// The hair of the head, as the person likes to wear it.
    pub hair: Hairstyle,
    /// The brows.
    pub brows: Brows,
    /// The lashes.
    pub lashes: Lashes,
    /// The beard, as the person likes to wear it.
    pub beard: Beard,
    /// The colour of the teeth.
    pub teeth: Teeth,
}

impl Person {
    /// Somebody. People of different seeds are not related.
    pub fn new(seed: Seed) -> Self {
        let seed = seed.of("person").number(VERSION);
        let (sex, age) = (sex(seed), age(seed));
        let tone = seed.of("tone").stream().between(0.0, 1.0);
        Self::of(seed, Form::sample(seed.of("form"), sex, age), tone)
    }

    /// A child of two people, grown up: half of what can be inherited comes from either, and chance is as large as between
    /// siblings. Children of the same parents and different seeds are siblings.
    pub fn child(mother: &Self, father: &Self, seed: Seed) -> Self {
        let seed = seed.of("child").number(VERSION);
        let (sex, age) = (sex(seed), age(seed));
        let mut stream = seed.of("tone").stream();
        let tone = 0.5 * (mother.tone + father.tone) + 0.08 * stream.normal(2.0);
        let form = Form::child(&mother.form, &father.form, seed.of("form"), sex, age);
        let mut child = Self::of(seed, form, tone.clamp(0.0, 1.0));
        child.complexion = mother.complexion.mixed(&father.complexion, seed.of("skin"), age);
        child.iris = mother.iris.mixed(&father.iris, seed.of("iris"));
        child
    }

    /// The same person at another age, in years: younger or older skin, form and hair.
    pub fn at(&self, age: f32) -> Self {
        let mut form = self.form.clone();
        form.age = age;
        let mut other = Self::of(self.seed, form, self.tone);
        // What was inherited is not drawn anew.
        other.iris = self.iris.clone();
        other
    }

    fn of(seed: Seed, form: Form, tone: f32) -> Self {
        let (sex, age) = (form.sex, form.age);
        let hair = Hairstyle::sample(seed.of("hair"), sex, age, 1.0 - tone);
        Self {
            complexion: Complexion::sample(seed.of("skin"), tone, age, sex),
            iris: Iris::sample(seed.of("iris"), tone),
            brows: Brows::sample(seed.of("brows"), sex, &hair.color),
            lashes: Lashes::sample(seed.of("lashes"), sex, &hair.color),
            beard: Beard::sample(seed.of("beard"), sex, age, &hair.color, hair.curl),
            hair,
            teeth: Teeth::sample(seed.of("teeth"), age),
            seed,
            form,
            tone,
        }
    }
}

/// Women and men are equally many, and neither are all alike.
fn sex(seed: Seed) -> f32 {
    let mut stream = seed.of("sex").stream();
    let apart = stream.between(0.2, 0.5);
    if stream.chance(0.5) { 0.5 + apart } else { 0.5 - apart }
}

/// More young adults than old people, as in most collections of photos.
fn age(seed: Seed) -> f32 {
    let mut stream = seed.of("age").stream();
    let part = stream.between(0.0, 1.0).powf(1.5);
    AGES[0] + part * (AGES[1] - AGES[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean square of the difference of the forms' coefficients.
    fn apart(a: &Person, b: &Person) -> f32 {
        let squares = a.form.shape.iter().zip(&b.form.shape).map(|(a, b)| (a - b).powi(2));
        squares.sum::<f32>() / a.form.shape.len() as f32
    }

    #[test]
    fn a_seed_is_a_person() {
        assert_eq!(Person::new(Seed::new(3)), Person::new(Seed::new(3)));
        assert_ne!(Person::new(Seed::new(3)), Person::new(Seed::new(4)));
        let people: Vec<Person> = (0..400).map(|seed| Person::new(Seed::new(seed))).collect();
        let men = people.iter().filter(|person| person.form.sex > 0.5).count();
        assert!((160..240).contains(&men), "{men}");
        let dark = people.iter().filter(|person| person.tone > 0.5).count();
        assert!((160..240).contains(&dark), "{dark}");
        assert!(people.iter().all(|person| (AGES[0]..=AGES[1]).contains(&person.form.age)));
    }

    #[test]
    fn siblings_are_half_as_different_as_strangers() {
        let (mut siblings, mut strangers, mut parents) = (0.0, 0.0, 0.0);
        for family in 0..60 {
            let person = |number: u64| Person::new(Seed::new(family).number(number));
            let (mother, father) = (person(1), person(2));
            let child = |number: u64| Person::child(&mother, &father, Seed::new(family).number(number));
            let (sister, brother) = (child(10), child(11));
            siblings += apart(&sister, &brother) / 60.0;
            strangers += apart(&mother, &father) / 60.0;
            parents += apart(&mother, &sister) / 60.0;
        }
        // Half of the variance is shared, with each other and with either parent.
        assert!((siblings / strangers - 0.5).abs() < 0.08, "{siblings} {strangers}");
        assert!((parents / strangers - 0.5).abs() < 0.08, "{parents} {strangers}");
    }

    #[test]
    fn a_person_grows_old() {
        let young = Person::new(Seed::new(8)).at(22.0);
        let old = young.at(70.0);
        assert_eq!(
            (old.form.shape.clone(), old.iris.clone(), old.tone),
            (young.form.shape, young.iris, young.tone)
        );
        assert!(old.complexion.lines > young.complexion.lines && old.form.age > young.form.age);
        assert_eq!(old.complexion.melanin, young.complexion.melanin);
    }
}
