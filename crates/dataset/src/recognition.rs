//! The recipe `recognition`: people, each with several pictures.

use serde::{Deserialize, Serialize};
use synth::{Degradation, Moment, Person, Seed};

use crate::recipe::{MOST, text};
use crate::truth::{self, MOMENT, PERSON};
use crate::{Column, Files, Framing, Kind, Sample, Source, Value};

/// People, each with several pictures: to learn and to test who is who.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recognition {
    /// Decides over everything. Other seeds show other people.
    pub seed: u64,
    /// How many people.
    pub people: u64,
    /// Pictures of each.
    pub pictures: u64,
    /// Which share of the pictures is made worse by blur, noise, lost resolution and compression, 0..=1.
    #[serde(default)]
    pub degrade: f32,
    /// How faces are cut out.
    #[serde(flatten)]
    pub framing: Framing,
    /// What files the pictures become.
    #[serde(flatten)]
    pub files: Files,
}

impl Recognition {
    /// The person of this number.
    pub fn person(&self, number: u64) -> Person {
        Person::new(Seed::new(self.seed).of("people").number(number))
    }

    fn degradation(&self, moment: &Moment) -> Degradation {
        let seed = moment.seed.of("degradation");
        if seed.of("chance").stream().chance(self.degrade) {
            Degradation::sample(seed, 1.0)
        } else {
            Degradation::none()
        }
    }
}

impl Source for Recognition {
    fn recipe(&self) -> String {
        text("recognition", self)
    }

    fn check(&self) -> Result<(), String> {
        if self.people == 0 || self.pictures == 0 {
            return Err("people and pictures must be at least 1".to_owned());
        }
        if self.people.checked_mul(self.pictures).is_none_or(|all| all > MOST) {
            return Err("people times pictures must be at most 3,276,800".to_owned());
        }
        if !(0.0..=1.0).contains(&self.degrade) {
            return Err("degrade must be from 0 to 1, a share of the pictures".to_owned());
        }
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
        columns.extend(truth::columns(&PERSON));
        columns.extend(truth::columns(&MOMENT));
        columns.extend(truth::expression_columns());
        columns.extend(truth::degradation_columns());
        columns.extend(truth::place_columns());
        columns
    }

    fn len(&self) -> u64 {
        self.people * self.pictures
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        let (number, picture) = (index / self.pictures, index % self.pictures);
        let person = self.person(number);
        let moment = Moment::sample(person.seed.of("pictures").number(picture), &person);
        let seen = self.framing.take(&person, &moment)?;
        let mut row = vec![Value::Integer(number as i64), Value::Integer(picture as i64)];
        row.extend(truth::values(&PERSON, &person));
        row.extend(truth::values(&MOMENT, &moment));
        row.extend(truth::expression_values(&truth::form(&person, &moment)));
        let degradation = self.degradation(&moment);
        row.extend(truth::degradation_values(&degradation));
        row.extend(truth::place_values(&seen.face, &seen.five, &seen.points));
        let image = degradation.apply(&seen.image, moment.seed.of("degradation").of("noise"));
        Ok(Sample { image, rows: vec![row] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_have_a_value_for_every_column() {
        for aligned in [false, true] {
            let framing = Framing { size: 112, aligned, jitter: 0.0 };
            let source = Recognition {
                seed: 1,
                people: 3,
                pictures: 2,
                degrade: 0.5,
                framing,
                files: Files::default(),
            };
            let sample = source.sample(5).unwrap();
            assert_eq!(sample.rows[0].len(), source.columns().len());
            assert_eq!(sample.rows[0][..2], [Value::Integer(2), Value::Integer(1)]);
            assert_eq!(sample, source.sample(5).unwrap());
            assert_ne!(sample.image, source.sample(4).unwrap().image);
        }
    }
}
