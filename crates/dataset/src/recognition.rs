//! The recipe `recognition`: people, each with several pictures.

use serde::{Deserialize, Serialize};
use synth::{Degradation, Moment, Person, Seed};

use crate::recipe::{self, check_number, text};
use crate::tail::Tail;
use crate::truth;
use crate::{Classes, Column, Files, Framing, Kind, Sample, Source, Value};

/// Ages to which people are made younger or older, in years.
const AGES: [f32; 2] = [16.0, 80.0];
/// Siblings are at most as many years older or younger than the first of them.
const SPAN: f32 = 12.0;
/// Most pictures of the first person of a long tail.
const MOST_OF_TAIL: u64 = 10_000;

/// People, each with several pictures: to learn and to test who is who.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recognition {
    /// Decides over everything. Other seeds show other people.
    pub seed: u64,
    /// How many people.
    pub people: u64,
    /// Pictures of each.
    pub pictures: u64,
    /// Pictures of the last person. If it is given, pictures fall from person to person by a power law.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fewest: Option<u64>,
    /// How many in a row are children of the same parents; 1 for strangers.
    #[serde(default = "one")]
    pub siblings: u64,
    /// How many years people are younger or older in some pictures than in others, at most to either side.
    #[serde(default)]
    pub years: f32,
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

fn one() -> u64 {
    1
}

impl Recognition {
    /// The person of this number, at the age at which they are in most pictures.
    pub fn person(&self, number: u64) -> Person {
        if self.siblings <= 1 {
            return recipe::person(self.seed, number);
        }
        let family = Seed::new(self.seed).of("families").number(number / self.siblings);
        let [mother, father] = ["mother", "father"].map(|parent| Person::new(family.of(parent)));
        let child = |number: u64| Person::child(&mother, &father, family.number(number));
        let first = child(0);
        match number % self.siblings {
            0 => first,
            later => {
                let apart = family.of("ages").number(later).stream().between(-SPAN, SPAN);
                child(later).at((first.form.age + apart).clamp(AGES[0], AGES[1]))
            }
        }
    }

    /// The person and the picture of this person that a sample is.
    fn locate(&self, index: u64) -> (u64, u64) {
        match self.tail() {
            Some(tail) => tail.locate(index),
            None => (index / self.pictures, index % self.pictures),
        }
    }

    fn tail(&self) -> Option<Tail> {
        self.fewest.map(|fewest| Tail::new(self.people, self.pictures, fewest))
    }

    /// The person as in a picture, younger or older.
    fn aged(&self, person: Person, seed: Seed) -> Person {
        if self.years == 0.0 {
            return person;
        }
        let change = seed.of("age").stream().between(-self.years, self.years);
        person.at((person.form.age + change).clamp(AGES[0], AGES[1]))
    }

    fn degradation(&self, seed: Seed) -> Degradation {
        if seed.of("chance").stream().chance(self.degrade) {
            Degradation::sample(seed, 1.0)
        } else {
            Degradation::none()
        }
    }

    fn check_tail(&self, fewest: u64) -> Result<(), String> {
        if !(1..=self.pictures).contains(&fewest) {
            return Err("fewest must be from 1 to pictures".to_owned());
        }
        if self.people < 2 || self.pictures > MOST_OF_TAIL {
            return Err(format!(
                "fewest is for 2 people or more, and at most {MOST_OF_TAIL} pictures of one"
            ));
        }
        Ok(())
    }
}

impl Source for Recognition {
    fn recipe(&self) -> String {
        text("recognition", self)
    }

    fn check(&self) -> Result<(), String> {
        check_number(self.people, self.pictures)?;
        if self.siblings == 0 {
            return Err("siblings must be at least 1".to_owned());
        }
        self.fewest.map_or(Ok(()), |fewest| self.check_tail(fewest))?;
        if !(0.0..=60.0).contains(&self.years) {
            return Err("years must be from 0 to 60".to_owned());
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
            Column::new("family", Kind::Integer, "people with the same number are siblings"),
        ];
        columns.extend(truth::degradation_columns());
        columns.extend(truth::face_columns());
        columns
    }

    fn classes(&self) -> Option<Classes> {
        let tail = self.tail();
        let pictures = |person| tail.as_ref().map_or(self.pictures, |tail| tail.pictures(person));
        Some(Classes::numbered((0..self.people).map(pictures)))
    }

    fn len(&self) -> u64 {
        self.tail().map_or(self.people * self.pictures, |tail| tail.len())
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        let (number, picture) = self.locate(index);
        let person = self.person(number);
        let seed = person.seed.of("pictures").number(picture);
        let person = self.aged(person, seed);
        let moment = Moment::sample(seed, &person);
        let seen = self.framing.take(&person, &moment)?;
        let harm = seed.of("degradation");
        let degradation = self.degradation(harm).scaled(self.framing.scale(&moment));
        let mut row = [number, picture, number / self.siblings].map(|of| Value::Integer(of as i64)).to_vec();
        row.extend(truth::degradation_values(&degradation));
        row.extend(truth::face_values(&person, &moment, &seen.sight));
        Ok(Sample { image: degradation.apply(&seen.image, harm.of("noise")), rows: vec![row] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::truth::cell;

    fn recipe() -> Recognition {
        Recognition {
            seed: 1,
            people: 4,
            pictures: 2,
            fewest: None,
            siblings: 1,
            years: 0.0,
            degrade: 0.0,
            framing: Framing { size: 112, ..Framing::default() },
            files: Files::default(),
        }
    }

    #[test]
    fn samples_have_a_value_for_every_column() {
        for aligned in [false, true] {
            let framing = Framing { aligned, ..recipe().framing };
            let source = Recognition { framing, degrade: 0.5, ..recipe() };
            let sample = source.sample(5).unwrap();
            assert_eq!(sample.rows[0].len(), source.columns().len());
            assert_eq!(sample.rows[0][..3], [2, 1, 2].map(Value::Integer));
            let classes = source.classes().unwrap();
            assert_eq!((classes.of[5], classes.of.len(), &*classes.names[2]), (2, 8, "2"));
            assert_eq!(sample, source.sample(5).unwrap());
            assert_ne!(sample.image, source.sample(4).unwrap().image);
        }
    }

    #[test]
    fn families_share_what_strangers_do_not() {
        let apart = |a: &Person, b: &Person| {
            let squares = a.form.shape.iter().zip(&b.form.shape).map(|(a, b)| (a - b).powi(2));
            squares.sum::<f32>() / a.form.shape.len() as f32
        };
        let families = Recognition { siblings: 2, ..recipe() };
        let people: Vec<Person> = (0..60).map(|number| families.person(number)).collect();
        let siblings: f32 = people.chunks(2).map(|pair| apart(&pair[0], &pair[1])).sum();
        let strangers: f32 = people[1..59].chunks(2).map(|pair| apart(&pair[0], &pair[1])).sum();
        assert!(siblings < 0.7 * strangers, "{siblings} {strangers}");
    }

    #[test]
    fn a_person_has_several_ages() {
        let framing = Framing { size: 32, ..Framing::default() };
        let source = Recognition { years: 20.0, people: 1, pictures: 8, framing, ..recipe() };
        let age = |index: u64| cell(&source, &source.sample(index).unwrap().rows[0], "age");
        let usual = source.person(0).form.age;
        let ages: Vec<f32> = (0..8).map(age).collect();
        assert!(
            ages.iter().all(|age| (age - usual).abs() <= 20.0 && (16.0..=80.0).contains(age)),
            "{ages:?}"
        );
        assert!(ages.iter().any(|age| (age - ages[0]).abs() > 5.0), "{ages:?}");
    }

    #[test]
    fn the_long_tail_is_counted_person_by_person() {
        let source = Recognition { people: 30, pictures: 9, fewest: Some(2), ..recipe() };
        assert_eq!((source.check(), source.locate(0), source.locate(9)), (Ok(()), (0, 0), (1, 0)));
        assert_eq!(source.locate(source.len() - 1), (29, 1));
        let classes = source.classes().unwrap();
        let located: Vec<u32> = (0..source.len()).map(|index| source.locate(index).0 as u32).collect();
        assert_eq!((classes.of, classes.names.len()), (located, 30));
        for (fewest, people) in [(0, 30), (10, 30), (2, 1)] {
            let wrong = Recognition { fewest: Some(fewest), people, ..source.clone() };
            assert!(wrong.check().unwrap_err().contains("fewest"));
        }
    }
}
