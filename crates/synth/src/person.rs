//! Who somebody is: all that stays the same from picture to picture.

use crate::{Beard, Brows, Complexion, Form, HairColor, Hairstyle, Iris, Lashes, Seed, Teeth};

/// The version of the generator. The same version and seed give the same person; a change of how people look is a new
/// version.
pub const VERSION: u64 = 2;

/// Youngest and oldest person that is drawn, in years.
const AGES: [f32; 2] = [16.0, 80.0];

/// Which of the traits that go together in peoples goes loosely with the tone of the skin, and how much; and which goes
/// with dark hair and eyes. Numbers of [`Form::likeness`].
const BROAD: usize = 0;
const TONE_BY_BROAD: f32 = 0.4;
const FOLDED: usize = 1;

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
        let form = Form::sample(seed.of("form"), sex, age);
        let chance = (1.0 - TONE_BY_BROAD * TONE_BY_BROAD).sqrt() * seed.of("tone").stream().normal(3.0);
        let place = TONE_BY_BROAD * form.likeness(BROAD) + chance;
        // The normal distribution, to within 0.01: all tones are equally many.
        let tone = 1.0 / (1.0 + (-1.702 * place).exp());
        Self::of(seed, form, tone)
    }

    /// A child of two people, grown up: half of what can be inherited comes from either, and chance is as large as between
    /// siblings. Children of the same parents and different seeds are siblings.
    pub fn child(mother: &Self, father: &Self, seed: Seed) -> Self {
        let seed = seed.of("child").number(VERSION);
        let (sex, age) = (sex(seed), age(seed));
        let form = Form::child(&mother.form, &father.form, seed.of("form"), sex, age);
        let complexion = mother.complexion.mixed(&father.complexion, seed.of("skin"), age);
        let mut child = Self::of(seed, form, complexion.tone());
        child.complexion = complexion;
        child.iris = mother.iris.mixed(&father.iris, seed.of("iris"));
        // What is not mixed comes from one of them: two siblings share half of it.
        let of = |name: &str| if seed.of(name).stream().chance(0.5) { mother } else { father };
        child.hair.hairline.height = of("hairline").hair.hairline.height;
        child.recolor(&of("hair color").hair.color);
        // By their seeds, since sons and daughters have them in their own way.
        child.brows = Brows::sample(of("brows").brows.seed, sex, &child.hair.color);
        child.lashes = Lashes::sample(of("lashes").lashes.seed, sex, &child.hair.color);
        child
    }

    /// The same person at another age, in years: younger or older skin, form and hair.
    pub fn at(&self, age: f32) -> Self {
        let mut form = self.form.clone();
        form.age = age;
        let mut other = Self::of(self.seed, form, self.tone);
        // What was inherited is not drawn anew.
        other.complexion = self.complexion.at(age, self.form.sex);
        other.iris = self.iris.clone();
        other.hair.hairline.height = self.hair.hairline.height;
        other.recolor(&self.hair.color);
        other.brows = Brows::sample(self.brows.seed, self.form.sex, &other.hair.color);
        other.lashes = Lashes::sample(self.lashes.seed, self.form.sex, &other.hair.color);
        other
    }

    /// Gives the hair of head and face the pigment of another; what is grey or dyed stays so.
    fn recolor(&mut self, pigment: &HairColor) {
        let HairColor { eumelanin, pheomelanin, .. } = *pigment;
        self.hair.color = HairColor { eumelanin, pheomelanin, ..self.hair.color };
        self.beard.color = self.hair.color.of_beard();
    }

    fn of(seed: Seed, form: Form, tone: f32) -> Self {
        let (sex, age) = (form.sex, form.age);
        let mut hair = Hairstyle::sample(seed.of("hair"), sex, age, 1.0 - tone);
        // With folded lids hair and eyes are dark, whatever the skin.
        let dark = 0.4 * (form.likeness(FOLDED) - 0.6).clamp(0.0, 1.0);
        hair.color = HairColor::sample(seed.of("hair").of("color"), 1.0 - tone - dark, age);
        Self {
            complexion: Complexion::sample(seed.of("skin"), tone, age, sex),
            iris: Iris::sample(seed.of("iris"), tone + dark),
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
    let apart = stream.between(0.25, 0.5);
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
        let parents = [1, 2].map(|seed| Person::new(Seed::new(seed)));
        let child = Person::child(&parents[0], &parents[1], Seed::new(3));
        let old = child.at(70.0);
        assert_eq!((old.complexion.melanin, old.brows.arch), (child.complexion.melanin, child.brows.arch));
        assert_eq!(old.hair.color.eumelanin, child.hair.color.eumelanin);
        assert_eq!(child.at(child.form.age), child);
    }

    #[test]
    fn siblings_share_half_of_what_is_not_mixed() {
        let shared = (0..200).filter(|&family| {
            let person = |number: u64| Person::new(Seed::new(family).number(number));
            let (mother, father) = (person(1), person(2));
            let child = |number: u64| Person::child(&mother, &father, Seed::new(family).number(number));
            let [one, other] = [child(3), child(4)];
            for child in [&one, &other] {
                let pigment = child.hair.color.eumelanin;
                assert!([mother.hair.color.eumelanin, father.hair.color.eumelanin].contains(&pigment));
            }
            one.brows.seed == other.brows.seed
        });
        assert!((75..125).contains(&shared.count()));
    }

    #[test]
    fn all_tones_are_equally_many_and_go_loosely_with_form() {
        let people: Vec<Person> = (0..600).map(|seed| Person::new(Seed::new(seed))).collect();
        for fifth in 0..5 {
            let low = fifth as f32 * 0.2;
            let count = people.iter().filter(|person| (low..low + 0.2).contains(&person.tone)).count();
            assert!((90..150).contains(&count), "{fifth}: {count}");
        }
        let pairs =
            people.iter().map(|person| (person.tone - 0.5) * 12f32.sqrt() * person.form.likeness(BROAD));
        let correlation = pairs.sum::<f32>() / 600.0;
        assert!((0.2..0.55).contains(&correlation), "{correlation}");
    }
}
