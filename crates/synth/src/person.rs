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
