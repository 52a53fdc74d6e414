//! The recipe `attributes`: the 40 binary attributes of CelebA, as rare and as common as there.

mod degrees;
mod draw;
mod rules;

use serde::{Deserialize, Serialize};
use synth::{Degradation, Harm, Moment, Person, Seed};

use self::rules::{RULES, Subject};
use crate::recipe::{check_number, text};
use crate::truth;
use crate::{Classes, Column, Files, Framing, Kind, Sample, Source, Value};

/// Share of the pictures that are blurred: CelebA's.
const BLURRED: f32 = 0.0509;

/// People and pictures of them with CelebA's attributes, each a rule over what is known: to learn from classes of unequal
/// size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attributes {
    /// Decides over everything. Other seeds show other people.
    pub seed: u64,
    /// How many people.
    pub people: u64,
    /// Pictures of each.
    pub pictures: u64,
    /// How faces are cut out.
    #[serde(flatten)]
    pub framing: Framing,
    /// What files the pictures become.
    #[serde(flatten)]
    pub files: Files,
}

impl Attributes {
    fn person(&self, number: u64) -> Person {
        draw::person(Seed::new(self.seed).of("attributes").number(number))
    }

    /// What is to be seen of a person in a picture.
    fn scene(&self, person: &Person, picture: u64) -> (Moment, Degradation) {
        let moment = draw::moment(person.seed.of("pictures").number(picture), person);
        (moment.clone(), self.degradation(&moment))
    }

    fn degradation(&self, moment: &Moment) -> Degradation {
        let mut stream = moment.seed.of("degradation").stream();
        if !stream.chance(BLURRED) {
            return Degradation::none();
        }
        let harm = if stream.chance(0.6) { Harm::Blur } else { Harm::Motion };
        let blurred = Degradation::of(harm, stream.between(0.5, 1.0), stream.between(0.0, 180.0));
        blurred.scaled(self.framing.scale(moment))
    }
}

/// The attributes of a picture, in CelebA's order.
fn attributes(person: &Person, moment: &Moment, degradation: &Degradation) -> [Option<bool>; 40] {
    let form = moment.form(person);
    let subject = Subject { person, moment, form: &form, degradation };
    RULES.map(|rule| (rule.holds)(&subject))
}

impl Source for Attributes {
    fn recipe(&self) -> String {
        text("attributes", self)
    }

    fn check(&self) -> Result<(), String> {
        check_number(self.people, self.pictures)?;
        self.framing.check()?;
        self.files.check()
    }

    fn files(&self) -> Files {
        self.files
    }

    fn columns(&self) -> Vec<Column> {
        let mut columns = vec![
            Column::new("person", Kind::Integer, "number of the person, from 0"),
            Column::new("picture", Kind::Integer, "number of the picture of this person, from 0"),
        ];
        columns.extend(RULES.iter().map(|rule| Column::new(rule.name, Kind::Flag, rule.about())));
        columns.extend(truth::degradation_columns());
        columns.extend(truth::face_columns());
        columns
    }

    fn classes(&self) -> Option<Classes> {
        Some(Classes::numbered((0..self.people).map(|_| self.pictures)))
    }

    fn len(&self) -> u64 {
        self.people * self.pictures
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        let (number, picture) = (index / self.pictures, index % self.pictures);
        let person = self.person(number);
        let (moment, degradation) = self.scene(&person, picture);
        let seen = self.framing.take(&person, &moment)?;
        let holds = attributes(&person, &moment, &degradation);
        let mut row = vec![Value::Integer(number as i64), Value::Integer(picture as i64)];
        row.extend(holds.map(|holds| holds.map_or(Value::Nothing, Value::Flag)));
        row.extend(truth::degradation_values(&degradation));
        row.extend(truth::face_values(&person, &moment, &seen.sight));
        let image = degradation.apply(&seen.image, moment.seed.of("degradation").of("noise"));
        Ok(Sample { image, rows: vec![row] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe() -> Attributes {
        let framing = Framing { size: 32, ..Framing::default() };
        Attributes { seed: 1, people: 3, pictures: 2, framing, files: Files::default() }
    }

    /// Attributes of the first picture of so many people.
    fn drawn(people: u64) -> Vec<[Option<bool>; 40]> {
        let source = Attributes { people, ..recipe() };
        let of = |number| {
            let person = source.person(number);
            let (moment, degradation) = source.scene(&person, 0);
            attributes(&person, &moment, &degradation)
        };
        (0..people).map(of).collect()
    }

    #[test]
    fn each_attribute_is_as_common_as_in_celeba() {
        const PEOPLE: u64 = 2500;
        let drawn = drawn(PEOPLE);
        let mut far = Vec::new();
        for (at, rule) in RULES.iter().enumerate() {
            let share = 100.0 * drawn.iter().filter(|of| of[at] == Some(true)).count() as f32 / PEOPLE as f32;
            // Of chance alone: at most a point.
            let error = (rule.share * (100.0 - rule.share) / PEOPLE as f32).sqrt();
            if rule.name != "Attractive" && (share - rule.share).abs() > 3.0 * error + 1.0 {
                far.push((rule.name, rule.share, share));
            }
        }
        assert!(far.is_empty(), "{far:?}");
        let nobody_says = |at: usize| drawn.iter().all(|of| of[at].is_none());
        assert!(RULES.iter().enumerate().all(|(at, rule)| nobody_says(at) == (rule.name == "Attractive")));
    }

    #[test]
    fn attributes_do_not_contradict_each_other() {
        let at = |name: &str| RULES.iter().position(|rule| rule.name == name).unwrap();
        let pairs = [
            ("Black_Hair", "Blond_Hair"),
            ("Brown_Hair", "Gray_Hair"),
            ("Bald", "Bangs"),
            ("Straight_Hair", "Wavy_Hair"),
            ("No_Beard", "Goatee"),
            ("No_Beard", "Mustache"),
            ("Male", "Heavy_Makeup"),
        ];
        for of in drawn(200) {
            for (one, other) in pairs {
                assert!(of[at(one)] != Some(true) || of[at(other)] != Some(true), "{one} {other}");
            }
        }
    }

    #[test]
    fn samples_have_a_value_for_every_column() {
        let source = recipe();
        let sample = source.sample(3).unwrap();
        assert_eq!(sample.rows[0].len(), source.columns().len());
        assert_eq!(sample.rows[0][..2], [Value::Integer(1), Value::Integer(1)]);
        assert_eq!(sample, source.sample(3).unwrap());
        let names: Vec<String> = source.columns()[2..42].iter().map(|column| column.name.clone()).collect();
        assert_eq!((names[0].as_str(), names[39].as_str()), ("5_o_Clock_Shadow", "Young"));
        assert!(source.columns()[2].about.ends_with("11.11 % of CelebA's pictures"));
    }
}
