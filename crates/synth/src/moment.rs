//! All that belongs to a picture and not to the person in it.

use crate::{
    Background, Clothing, Earrings, Glasses, Hat, Headphones, Headscarf, Item, Lighting, Makeup, Mask,
    Occluder, Person, Pose, Scarf, Seed, Sensor,
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
    /// Expression and gaze.
    pub mood: Seed,
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
            background: Background::sample(seed.of("background")),
            sensor: Sensor::sample(seed.of("sensor"), lighting.kelvin),
            lighting,
            mood: seed.of("mood"),
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
}

/// What a person has on. Clothes always; the rest about as often as in photos (DigiFace-1M's shares, rounded).
fn worn(seed: Seed, person: &Person) -> Vec<Item> {
    let sex = person.form.sex;
    let mut worn = vec![Item::Clothing(Clothing::sample(seed.of("clothing"), sex))];
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
