//! What a head looks like, as numbers.

use crate::{Seed, Stream};

use super::{ASYMMETRY_MODES, EXPRESSION_MODES, SHAPE_MODES};

/// Farthest that a coefficient of shape is from the mean, in standard deviations.
const MOST: f32 = 2.5;

/// The form of a head at one moment. Lists that are too short count as filled up with zeros, and what is too long is
/// left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// Coefficients of [`SHAPE_MODES`], in standard deviations.
    pub shape: Vec<f32>,
    /// Coefficients of [`ASYMMETRY_MODES`], in standard deviations.
    pub asymmetry: Vec<f32>,
    /// Coefficients of [`EXPRESSION_MODES`], 0..=1.
    pub expression: Vec<f32>,
    /// Where the eyes look relative to the head, in degrees: to the person's left and up.
    pub gaze: [f32; 2],
    /// In years. Below 18 a face grows, above 30 it grows old.
    pub age: f32,
    /// From 0, the mean woman, to 1, the mean man.
    pub sex: f32,
}

impl Default for Form {
    /// The mean of women and men of 30 years, at rest.
    fn default() -> Self {
        Self {
            shape: vec![0.0; SHAPE_MODES.len()],
            asymmetry: vec![0.0; ASYMMETRY_MODES.len()],
            expression: vec![0.0; EXPRESSION_MODES.len()],
            gaze: [0.0; 2],
            age: 30.0,
            sex: 0.5,
        }
    }
}

/// Traits that go together in families and peoples, so that faces are not a heap of unrelated parts. Each row is a
/// common cause, with its share in the modes that it acts on; the squares of the shares in one mode stay below 1.
pub(super) const COMMON_CAUSES: &[&[(&str, f32)]] = &[
    &[
        ("nose width", 0.6),
        ("nostril flare", 0.55),
        ("bridge height", -0.5),
        ("mouth forward", 0.5),
        ("upper lip thickness", 0.55),
        ("lower lip thickness", 0.55),
        ("tip width", 0.4),
        ("mouth width", 0.35),
    ],
    &[
        ("epicanthic fold", 0.75),
        ("lid fullness", 0.6),
        ("bridge height", -0.4),
        ("nasion depth", -0.4),
        ("face flatness", 0.65),
        ("cheekbone breadth", 0.45),
        ("eye opening", -0.35),
        ("brow ridge", -0.35),
    ],
    &[
        ("nose length", 0.5),
        ("nose projection", 0.45),
        ("nasal hump", 0.6),
        ("nasion height", 0.3),
        ("ear size", 0.3),
        ("middle face length", 0.3),
    ],
    &[
        ("fat", 0.75),
        ("cheek fullness", 0.4),
        ("double chin", 0.65),
        ("jowls", 0.5),
        ("neck width", 0.55),
        ("temples", 0.35),
        ("cheekbone prominence", -0.25),
    ],
    &[
        ("jaw width", 0.45),
        ("jaw angle", 0.4),
        ("chin width", 0.5),
        ("brow ridge", 0.4),
        ("chin forward", 0.35),
        ("eye depth", 0.35),
        ("chin height", 0.3),
    ],
    &[
        ("face breadth", 0.5),
        ("skull breadth", 0.5),
        ("cheekbone breadth", 0.4),
        ("middle face length", -0.35),
        ("lower face length", -0.3),
        ("skull length", -0.3),
        ("forehead width", 0.4),
    ],
];

impl Form {
    /// A person's own form, neutral and looking straight ahead. The same seed gives the same form in every version
    /// that has the same modes; a new mode does not change the others.
    pub fn sample(seed: Seed, sex: f32, age: f32) -> Self {
        let causes: Vec<f32> = (0..COMMON_CAUSES.len())
            .map(|at| seed.of("cause").number(at as u64).stream().normal(MOST))
            .collect();
        let own = |name: &str| seed.of(name).stream().normal(MOST);
        let shape = |name: &str| {
            let shares = COMMON_CAUSES.iter().zip(&causes).flat_map(|(cause, strength)| {
                cause.iter().filter(|(of, _)| *of == name).map(move |(_, share)| (*share, *strength))
            });
            let (explained, common) = shares.fold((0.0, 0.0), |(squares, sum), (share, strength)| {
                (squares + share * share, sum + share * strength)
            });
            (common + (1.0 - explained).max(0.0f32).sqrt() * own(name)).clamp(-MOST, MOST)
        };
        Self {
            shape: SHAPE_MODES.iter().map(|mode| shape(mode.name)).collect(),
            asymmetry: ASYMMETRY_MODES.iter().map(|mode| own(mode.name)).collect(),
            sex,
            age,
            ..Self::default()
        }
    }

    /// How much the form shows the common cause of a number in [`COMMON_CAUSES`]: about normal, with mean 0 and
    /// variance 1.
    pub(crate) fn likeness(&self, cause: usize) -> f32 {
        let of =
            |name: &str| Self::shape_index(name).and_then(|at| self.shape.get(at)).copied().unwrap_or(0.0);
        let shares = COMMON_CAUSES[cause].iter();
        let (sum, squares, own) = shares.fold((0.0, 0.0, 0.0), |(sum, squares, own), (name, share)| {
            let square = share * share;
            (sum + share * of(name), squares + square, own + square * (1.0 - square))
        });
        sum / (squares * squares + own).sqrt()
    }

    /// A child of two parents: each coefficient is midway between theirs plus chance, so that the spread of a people
    /// stays the same from one generation to the next and siblings are half as different as strangers.
    pub fn child(mother: &Self, father: &Self, seed: Seed, sex: f32, age: f32) -> Self {
        let chance = Self::sample(seed, sex, age);
        let mixed = |mother: &[f32], father: &[f32], chance: &[f32]| {
            let parents = mother.iter().zip(father).map(|(mother, father)| (mother + father) * 0.5);
            let children = parents.zip(chance).map(|(mean, chance)| mean + chance * 0.5f32.sqrt());
            children.map(|value| value.clamp(-MOST, MOST)).collect()
        };
        Self {
            shape: mixed(&mother.shape, &father.shape, &chance.shape),
            // Chance alone makes sides differ.
            ..chance
        }
    }

    /// The form as in a mirror: the left side is the right one.
    pub fn mirrored(&self) -> Self {
        let mut mirrored = self.clone();
        mirrored.asymmetry.iter_mut().for_each(|value| *value = -*value);
        mirrored.gaze[0] = -mirrored.gaze[0];
        for (at, mode) in EXPRESSION_MODES.iter().enumerate() {
            let other = match mode.name {
                name if name.ends_with(" left") => Self::expression_index(&name.replace(" left", " right")),
                name if name.ends_with(" right") => Self::expression_index(&name.replace(" right", " left")),
                _ => None,
            };
            if let Some(other) = other {
                mirrored.set_expression(at, self.expression.get(other).copied().unwrap_or(0.0));
            }
        }
        mirrored
    }

    /// Where a mode of shape with this name is in [`SHAPE_MODES`].
    pub fn shape_index(name: &str) -> Option<usize> {
        SHAPE_MODES.iter().position(|mode| mode.name == name)
    }

    /// Where an expression with this name is in [`EXPRESSION_MODES`].
    pub fn expression_index(name: &str) -> Option<usize> {
        EXPRESSION_MODES.iter().position(|mode| mode.name == name)
    }

    /// The form with the coefficient of a mode of shape, in standard deviations. A name that is no mode changes
    /// nothing.
    pub fn with_shape(mut self, name: &str, value: f32) -> Self {
        if let Some(at) = Self::shape_index(name) {
            self.shape.resize(SHAPE_MODES.len(), 0.0);
            self.shape[at] = value;
        }
        self
    }

    /// The form with an expression, 0..=1, on both sides if it has sides and the name tells none. A name that is no
    /// expression changes nothing.
    pub fn with_expression(mut self, name: &str, value: f32) -> Self {
        let both = [name.to_owned(), format!("{name} left"), format!("{name} right")];
        for at in both.iter().filter_map(|name| Self::expression_index(name)) {
            self.set_expression(at, value);
        }
        self
    }

    fn set_expression(&mut self, at: usize, value: f32) {
        self.expression.resize(EXPRESSION_MODES.len(), 0.0);
        self.expression[at] = value;
    }

    /// An expression as is found in photos, of `strength` 0..=1, added to whatever form this is; also the gaze.
    pub fn with_mood(self, seed: Seed, strength: f32) -> Self {
        let mut stream = seed.stream();
        let mut form = self.with_gaze(&mut stream);
        let mut add = |form: &mut Self, name: &str, value: f32| {
            // The sides of a face never do exactly the same.
            let uneven = stream.between(-0.12, 0.12);
            for (side, change) in [("", 0.0), (" left", uneven), (" right", -uneven)] {
                if let Some(at) = Self::expression_index(&format!("{name}{side}")) {
                    let old = form.expression.get(at).copied().unwrap_or(0.0);
                    form.set_expression(at, (old + value * strength * (1.0 + change)).clamp(0.0, 1.0));
                }
            }
        };
        let mut kind = seed.of("kind").stream();
        let mood = MOODS[kind.weighted(&MOODS.map(|(weight, _)| weight))].1;
        let intensity = 0.2 + 0.75 * kind.between(0.0, 1.0).powf(1.3);
        for (name, low, high) in mood {
            add(&mut form, name, kind.between(*low, *high) * intensity);
        }
        if kind.chance(0.04) {
            add(&mut form, "blink", 1.0);
        }
        form
    }

    fn with_gaze(mut self, stream: &mut Stream) -> Self {
        self.gaze = [7.0 * stream.normal(MOST), 4.0 * stream.normal(MOST)];
        self
    }
}

/// Expressions as found in photos: how often, and which movements between which strengths.
pub(super) type Mood = (f32, &'static [(&'static str, f32, f32)]);
pub(super) const MOODS: [Mood; 11] = [
    (0.32, &[("smile", 0.0, 0.15), ("brow lower", 0.0, 0.15)]),
    (0.22, &[("smile", 0.3, 0.8), ("cheek raise", 0.0, 0.4)]),
    (
        0.2,
        &[
            ("smile", 0.6, 1.0),
            ("cheek raise", 0.3, 0.8),
            ("lips part", 0.5, 1.0),
            ("upper lip raise", 0.1, 0.5),
            ("jaw open", 0.0, 0.2),
        ],
    ),
    (
        0.08,
        &[
            ("jaw open", 0.15, 0.5),
            ("lips part", 0.2, 0.8),
            ("inner brow raise", 0.0, 0.4),
            ("outer brow raise", 0.0, 0.4),
        ],
    ),
    (
        0.02,
        &[
            ("jaw open", 0.4, 0.9),
            ("wide eye", 0.3, 1.0),
            ("inner brow raise", 0.5, 1.0),
            ("outer brow raise", 0.5, 1.0),
        ],
    ),
    (0.03, &[("frown", 0.3, 0.9), ("inner brow raise", 0.3, 0.9), ("chin raise", 0.1, 0.6)]),
    (0.05, &[("brow lower", 0.5, 1.0), ("squint", 0.2, 0.7), ("lip press", 0.2, 0.9)]),
    (0.01, &[("sneer", 0.4, 1.0), ("upper lip raise", 0.3, 0.9), ("brow lower", 0.2, 0.7)]),
    (0.03, &[("lip pucker", 0.4, 1.0)]),
    (0.03, &[("squint", 0.4, 1.0), ("cheek raise", 0.2, 0.6), ("brow lower", 0.1, 0.5)]),
    (0.01, &[("lip stretch", 0.3, 0.9), ("lower lip depress", 0.2, 0.8), ("lips part", 0.2, 0.8)]),
];
