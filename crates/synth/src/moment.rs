//! All that belongs to a picture and not to the person in it.

use crate::{
    Background, Clothing, Collar, Earrings, Form, Glasses, Hat, Headphones, Headscarf, Item, Light, Lighting,
    Makeup, Mask, Necklace, Occluder, Person, Place, Pose, Scarf, Scenery, Seed, Sensor,
};

/// Standard deviations of yaw and pitch in degrees (DigiFace-1M's), and of how askew heads are held.
const POSE: [f32; 3] = [24.2, 8.1, 4.0];
/// Farthest turns in degrees.
const FARTHEST: [f32; 3] = [90.0, 30.0, 15.0];
/// Distances of cameras from faces, in millimetres, from a phone at arm's length to across a room.
const DISTANCES: [f32; 2] = [350.0, 3000.0];

/// A moment at which a picture is taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// How the head is turned.
    pub pose: Pose,
    /// From the camera to the middle of the head, in millimetres.
    pub distance: f32,
    /// How many millimetres the picture is wide at that distance.
    pub span: f32,
    /// The light.
    pub lighting: Lighting,
    /// What is behind.
    pub background: Background,
    /// The camera.
    pub sensor: Sensor,
    /// Where expression and gaze come from; without it the face is as the person's form has it.
    pub mood: Option<Seed>,
    /// What is put on the skin.
    pub makeup: Makeup,
    /// What is worn or held.
    pub worn: Vec<Item>,
    /// Radius of the pupils, in millimetres.
    pub pupil: f32,
    /// How red the eyes are, 0..=1.
    pub redness: f32,
    /// Chance of all else: noise, folds of cloth.
    pub seed: Seed,
}

impl Moment {
    /// A moment without chance: straight ahead, a studio's light, a grey wall, nothing worn but a shirt, a camera that
    /// does no harm. Whatever is changed in it is all that differs.
    pub fn plain() -> Self {
        let seed = Seed::new(0).of("plain");
        Self {
            pose: Pose { yaw: 0.0, pitch: 0.0, roll: 0.0 },
            distance: 1200.0,
            span: 320.0,
            lighting: Lighting { place: Place::Studio, light: Light::studio(), kelvin: 6500.0 },
            background: Background::of(Scenery::Paper, seed.of("background")),
            sensor: Sensor::NEUTRAL,
            mood: None,
            makeup: Makeup::none(),
            worn: vec![Item::Clothing(Clothing::of(Collar::Round, seed.of("clothing"), 0.5))],
            pupil: 2.0,
            redness: 0.0,
            seed,
        }
    }

    /// Draws a moment of a person's life: pose, light, background, camera, expression, clothes and all that is worn, as
    /// photos have them. None of it tells who it is.
    pub fn sample(seed: Seed, person: &Person) -> Self {
        let mut pose = seed.of("pose").stream();
        let turn: [f32; 3] =
            std::array::from_fn(|axis| POSE[axis] * pose.normal(FARTHEST[axis] / POSE[axis]));
        let mut frame = seed.of("frame").stream();
        let lighting = Lighting::sample(seed.of("lighting"));
        let mut eyes = seed.of("eyes").stream();
        let mut makeup = seed.of("makeup").stream();
        let made_up = makeup.chance(0.3 * (1.0 - person.form.sex));
        Self {
            pose: Pose { yaw: turn[0], pitch: turn[1], roll: turn[2] },
            distance: frame.log_between(DISTANCES[0], DISTANCES[1]),
            span: frame.between(270.0, 370.0),
            background: lighting.background(seed.of("background")),
            sensor: Sensor::sample(seed.of("sensor"), lighting.kelvin),
            lighting,
            mood: Some(seed.of("mood")),
            makeup: if made_up {
                Makeup::sample(seed.of("colors"), makeup.between(0.4, 1.0))
            } else {
                Makeup::none()
            },
            worn: worn(seed.of("worn"), person),
            pupil: eyes.between(1.4, 3.2),
            redness: eyes.between(0.0, 0.5),
            seed,
        }
    }

    /// The form of a person's head: as at rest, with expression and gaze of the moment.
    pub fn form(&self, person: &Person) -> Form {
        let form = person.form.clone();
        match self.mood {
            Some(mood) => form.with_mood(mood, 1.0),
            None => form,
        }
    }
}

/// What a person has on. Clothes always; the rest about as often as in photos (DigiFace-1M's shares, rounded).
fn worn(seed: Seed, person: &Person) -> Vec<Item> {
    let sex = person.form.sex;
    let clothing = Clothing::sample(seed.of("clothing"), sex);
    let mut worn = vec![Item::Clothing(clothing.clone())];
    let chance = |name: &str, probability: f32| seed.of(name).of("worn").stream().chance(probability);
    if chance("glasses", 0.15) {
        let dark = chance("sunglasses", 0.2);
        worn.push(Item::Glasses(Glasses::sample(seed.of("glasses"), dark)));
    }
    if chance("hat", 0.08) {
        worn.push(Item::Hat(Hat::sample(seed.of("hat"))));
    } else if chance("headscarf", 0.03 * (1.0 - sex)) {
        worn.push(Item::Headscarf(Headscarf::sample(seed.of("headscarf"))));
    } else if chance("headphones", 0.02) {
        worn.push(Item::Headphones(Headphones::sample(seed.of("headphones"))));
    }
    if chance("earrings", 0.3 * (1.0 - sex)) {
        worn.push(Item::Earrings(Earrings::sample(seed.of("earrings"))));
    }
    if clothing.bare() > 0.0 && chance("necklace", 0.25 * (1.0 - sex)) {
        worn.push(Item::Necklace(Necklace::sample(seed.of("necklace"), clothing.bare())));
    }
    if chance("scarf", 0.04) {
        worn.push(Item::Scarf(Scarf::sample(seed.of("scarf"))));
    }
    if chance("mask", 0.01) {
        worn.push(Item::Mask(Mask::sample(seed.of("mask"))));
    }
    if chance("occluder", 0.01) {
        worn.push(Item::Occluder(Occluder::sample(seed.of("occluder"), person.complexion.color())));
    }
    worn
}
