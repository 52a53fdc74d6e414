//! The recipe `spoof`: people before the camera, and attempts to pass for them.

use serde::{Deserialize, Serialize};
use synth::{Attack, AttackKind, Instrument, Moment, Person, Portrait, Seed};

use crate::recipe::{self, check_number, text};
use crate::truth::{self, MOMENT, PERSON};
use crate::{Classes, Column, Files, Kind, Sample, Source, Value};

/// Sides of pictures, in pixels.
const SIZES: [u32; 2] = [32, 1024];
/// Samples of a pixel along each axis.
const SAMPLES: u32 = 2;
/// Names of the kinds of pictures in the table: people themselves, then attacks in the order of [`AttackKind::ALL`].
const KINDS: [&str; 4] = ["none", "print", "replay", "mask"];

/// Pictures of people themselves and of attacks with prints, screens and masks: to learn and to test which is which. Light,
/// background, pose, place in the picture and camera are drawn alike for all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spoof {
    /// Decides over everything. Other seeds show other people.
    pub seed: u64,
    /// How many people. The first are for training, then those for development, then those for tests; nobody is in two.
    pub people: u64,
    /// Pictures of each.
    pub pictures: u64,
    /// Width and height in pixels.
    pub size: u32,
    /// Share of pictures with a photo on paper, 0..=1.
    #[serde(default = "sixth")]
    pub print: f32,
    /// Share of pictures with a screen, 0..=1.
    #[serde(default = "sixth")]
    pub replay: f32,
    /// Share of pictures with a mask, 0..=1. What is left of 1 are pictures of the people themselves.
    #[serde(default = "sixth")]
    pub mask: f32,
    /// Share of people for training, 0..=1.
    #[serde(default = "most")]
    pub train: f32,
    /// Share of people for development, 0..=1. What is left of 1 is for tests.
    #[serde(default = "some")]
    pub dev: f32,
    /// What files the pictures become.
    #[serde(flatten)]
    pub files: Files,
}

fn sixth() -> f32 {
    1.0 / 6.0
}

fn most() -> f32 {
    0.6
}

fn some() -> f32 {
    0.2
}

impl Spoof {
    /// The set that a person belongs to.
    fn split(&self, person: u64) -> &'static str {
        let middle = (person as f32 + 0.5) / self.people as f32;
        if middle < self.train {
            "train"
        } else if middle < self.train + self.dev {
            "dev"
        } else {
            "test"
        }
    }

    /// Which kind a sample is: its place in [`KINDS`].
    fn kind(&self, index: u64) -> usize {
        let attacks = [self.print, self.replay, self.mask];
        let bare = (1.0 - attacks.iter().sum::<f32>()).max(0.0);
        let mut stream = Seed::new(self.seed).of("kinds").number(index).stream();
        stream.weighted(&[bare, attacks[0], attacks[1], attacks[2]])
    }
}

/// What an instrument is, as columns of the table: name, whether it is a number, and what it says.
const INSTRUMENT: [(&str, Kind, &str); 21] = [
    ("extent", Kind::Float, "width of the shown photo as a share of the picture; nothing for masks"),
    ("turn_yaw", Kind::Float, "how the sheet is turned to the right, degrees; nothing for masks"),
    ("turn_pitch", Kind::Float, "how the sheet is turned up, degrees; nothing for masks"),
    ("turn_roll", Kind::Float, "how the sheet is turned clockwise, degrees; nothing for masks"),
    ("focal", Kind::Float, "focal length of the second camera in widths of the picture; nothing for masks"),
    ("resolution", Kind::Float, "pixels of the shown photo for each of the picture; nothing for masks"),
    ("holder", Kind::Flag, "whether the attacker is seen behind the sheet; nothing for masks"),
    ("fingers", Kind::Integer, "fingers that hold the sheet; nothing for masks"),
    ("material", Kind::Text, "halftone of a print, device of a screen, or what a mask is made of"),
    ("roughness", Kind::Float, "roughness of the gloss of a print or a mask, 0 to 1"),
    ("dots", Kind::Float, "dots of a print for each inch"),
    ("width", Kind::Float, "width of a print or of the picture on a screen, millimetres"),
    ("cut", Kind::Text, "what is left of a print"),
    ("curvature", Kind::Float, "curvature of a print of 200 mm, 1 per millimetre"),
    ("crease", Kind::Float, "slopes beside the crease of a print, 0 for none"),
    ("subpixels", Kind::Text, "how the colours of a screen's pixel lie"),
    ("pitch", Kind::Float, "distance between pixels of a screen, millimetres"),
    ("brightness", Kind::Float, "a screen's white against that of white paper beside it"),
    ("gamma", Kind::Float, "power of a screen's curve, 1 for true"),
    ("glass", Kind::Float, "share of light that a screen's glass mirrors"),
    ("bands", Kind::Float, "depth of bands by a screen's refresh, 0 to 1"),
];

/// What stands in the columns of [`INSTRUMENT`]; nothing where it says nothing of this one.
fn instrument(attack: Option<&Attack>) -> Vec<Value> {
    let mut row = vec![const { Value::Nothing }; INSTRUMENT.len()];
    let Some(attack) = attack else { return row };
    let mut put = |name: &str, value: Value| {
        let place = INSTRUMENT.iter().position(|(known, ..)| *known == name);
        if let Some(cell) = place.and_then(|at| row.get_mut(at)) {
            *cell = value;
        }
    };
    let word = |variant: &dyn std::fmt::Debug| Value::Text(format!("{variant:?}").to_lowercase());
    let fingers = match &attack.instrument {
        Instrument::Print(print) => {
            put("material", word(&print.halftone));
            put("roughness", Value::Float(print.roughness));
            put("dots", Value::Float(print.dots));
            put("width", Value::Float(print.width));
            put("cut", word(&print.cut));
            put("curvature", Value::Float(print.bend.curvature));
            put("crease", Value::Float(print.bend.crease));
            Some(print.fingers)
        }
        Instrument::Replay(replay) => {
            put("material", word(&replay.device));
            put("width", Value::Float(replay.width));
            put("subpixels", word(&replay.subpixels));
            put("pitch", Value::Float(replay.pitch));
            put("brightness", Value::Float(replay.brightness));
            put("gamma", Value::Float(replay.gamma));
            put("glass", Value::Float(replay.glass));
            put("bands", Value::Float(replay.bands[0]));
            Some(replay.fingers)
        }
        Instrument::Mask(mask) => {
            put("material", word(&mask.stuff));
            put("roughness", Value::Float(mask.roughness));
            None
        }
    };
    if let Some(fingers) = fingers {
        put("fingers", Value::Integer(i64::from(fingers)));
        put("extent", Value::Float(attack.extent));
        let turns = ["turn_yaw", "turn_pitch", "turn_roll"].into_iter().zip(attack.turn);
        turns.for_each(|(name, turn)| put(name, Value::Float(turn)));
        put("focal", Value::Float(attack.focal));
        put("resolution", Value::Float(attack.resolution));
        put("holder", Value::Flag(attack.holder));
    }
    row
}

impl Source for Spoof {
    fn recipe(&self) -> String {
        text("spoof", self)
    }

    fn check(&self) -> Result<(), String> {
        check_number(self.people, self.pictures)?;
        if !(SIZES[0]..=SIZES[1]).contains(&self.size) {
            return Err(format!("size must be from {} to {} pixels", SIZES[0], SIZES[1]));
        }
        // Shares such as 0.1 are not exact, so their sum may be a little above 1.
        let shares = |shares: &[f32]| {
            shares.iter().all(|share| (0.0..=1.0).contains(share)) && shares.iter().sum::<f32>() < 1.0001
        };
        if !shares(&[self.print, self.replay, self.mask]) {
            return Err("print, replay and mask must be from 0 to 1, and at most 1 together".to_owned());
        }
        if !shares(&[self.train, self.dev]) {
            return Err("train and dev must be from 0 to 1, and at most 1 together".to_owned());
        }
        self.files.check()
    }

    fn files(&self) -> Files {
        self.files
    }

    fn columns(&self) -> Vec<Column> {
        let mut columns = vec![
            Column::new("person", Kind::Integer, "number of the person that is seen or pretended, from 0"),
            Column::new("picture", Kind::Integer, "number of the picture of this person, from 0"),
            Column::new("split", Kind::Text, "train, dev or test; nobody is in two of them"),
            Column::new("attack", Kind::Text, "none, print, replay or mask"),
            Column::new(
                "attacker",
                Kind::Integer,
                "number of who attacks, seen once; nothing if nobody does",
            ),
        ];
        columns.extend(INSTRUMENT.map(|(name, kind, about)| {
            let column = Column::new(format!("instrument_{name}"), kind, about);
            if ["extent", "focal", "resolution"].contains(&name) { column.in_picture() } else { column }
        }));
        columns.extend(truth::columns(&PERSON));
        columns.extend(truth::columns(&MOMENT));
        columns.extend(truth::place_columns());
        columns
    }

    /// Not who it is but what: a kind of attack, or none.
    fn classes(&self) -> Option<Classes> {
        let of = (0..self.len()).map(|index| self.kind(index) as u32).collect();
        Some(Classes { of, names: KINDS.map(str::to_owned).to_vec(), ..Classes::default() })
    }

    fn class_column(&self) -> String {
        "attack".to_owned()
    }

    fn len(&self) -> u64 {
        self.people * self.pictures
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        let (number, picture) = (index / self.pictures, index % self.pictures);
        let person = recipe::person(self.seed, number);
        let moment = Moment::sample(person.seed.of("pictures").number(picture), &person);
        let kind = self.kind(index);
        let attack = kind
            .checked_sub(1)
            .and_then(|at| AttackKind::ALL.get(at))
            .map(|&kind| Attack::sample(kind, moment.seed.of("attack"), &person));
        let Portrait { image, sight } = match &attack {
            None => moment.portrait(&person, self.size, self.size, SAMPLES),
            Some(attack) => {
                let attacker = Person::new(Seed::new(self.seed).of("attackers").number(index));
                moment.attack(attack, &attacker, &person, self.size, self.size, SAMPLES)
            }
        };
        let mut row = vec![
            Value::Integer(number as i64),
            Value::Integer(picture as i64),
            Value::Text(self.split(number).to_owned()),
            Value::Text(KINDS[kind].to_owned()),
            attack.as_ref().map_or(Value::Nothing, |_| Value::Integer(index as i64)),
        ];
        row.extend(instrument(attack.as_ref()));
        row.extend(truth::values(&PERSON, &person));
        let sensor = attack.as_ref().map_or(moment.sensor, |attack| attack.sensor(&moment));
        row.extend(truth::values(&MOMENT, &Moment { sensor, ..moment }));
        row.extend(truth::place_values(&sight));
        Ok(Sample { image, rows: vec![row] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe() -> Spoof {
        Spoof {
            seed: 1,
            people: 10,
            pictures: 4,
            size: 48,
            print: 0.25,
            replay: 0.25,
            mask: 0.25,
            train: 0.6,
            dev: 0.2,
            files: Files::default(),
        }
    }

    #[test]
    fn every_kind_has_a_value_for_every_column() {
        let source = recipe();
        for kind in 0..KINDS.len() {
            let index = (0..source.len()).find(|&index| source.kind(index) == kind).unwrap();
            let sample = source.sample(index).unwrap();
            let row = &sample.rows[0];
            assert_eq!(row.len(), source.columns().len());
            assert_eq!(row[3], Value::Text(KINDS[kind].to_owned()));
            assert_eq!(row[4] == Value::Nothing, kind == 0);
            let known = row[5..5 + INSTRUMENT.len()].iter().filter(|value| **value != Value::Nothing).count();
            assert_eq!(known, [0, 15, 16, 2][kind], "{}", KINDS[kind]);
            assert_eq!(sample, source.sample(index).unwrap());
        }
    }

    #[test]
    fn people_are_in_one_set_and_kinds_have_their_shares() {
        let source = recipe();
        let splits: Vec<&str> = (0..10).map(|person| source.split(person)).collect();
        assert_eq!(splits.iter().filter(|split| **split == "train").count(), 6);
        assert_eq!(splits.iter().filter(|split| **split == "dev").count(), 2);
        let mut counts = [0; 4];
        (0..4000).for_each(|index| counts[source.kind(index)] += 1);
        assert!(counts.iter().all(|count| (900..1100).contains(count)), "{counts:?}");
    }

    #[test]
    fn what_cannot_be_made_is_said() {
        assert_eq!(recipe().check(), Ok(()));
        let wrong = |recipe: Spoof, said: &str| assert!(recipe.check().unwrap_err().contains(said), "{said}");
        wrong(Spoof { people: 0, ..recipe() }, "people");
        wrong(Spoof { size: 9, ..recipe() }, "size");
        wrong(Spoof { print: 0.7, ..recipe() }, "print, replay and mask");
        wrong(Spoof { mask: -0.1, ..recipe() }, "print, replay and mask");
        wrong(Spoof { dev: f32::NAN, ..recipe() }, "train and dev");
        wrong(Spoof { pictures: u64::MAX, ..recipe() }, "3,276,800");
    }
}
