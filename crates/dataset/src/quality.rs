//! The recipe `quality`: the same picture, worse and worse.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use synth::{Degradation, Harm, MOST_SEVERITY, Moment, Person, Portrait};

use crate::recent::Recent;
use crate::recipe::{self, MOST, check_number, text};
use crate::truth;
use crate::{Classes, Column, Files, Framing, Kind, Sample, Source, Value};

/// Most grades of a kind of harm.
const MOST_GRADES: u64 = 100;

/// Names of the kinds of harm in recipes and tables.
const HARMS: [(&str, Harm); 7] = [
    ("blur", Harm::Blur),
    ("motion", Harm::Motion),
    ("resolution", Harm::Resolution),
    ("noise", Harm::Noise),
    ("photons", Harm::Photons),
    ("compression", Harm::Compression),
    ("all", Harm::All),
];

/// Pictures of people as they were taken, and each made worse by known amounts: to learn and to test what quality is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Decides over everything. Other seeds show other people.
    pub seed: u64,
    /// How many people.
    pub people: u64,
    /// How many times a picture is taken of each.
    pub pictures: u64,
    /// How many grades worse each of these becomes.
    pub grades: u64,
    /// How severe the last grade is, up to 2, where 1 is as bad as in photos that can still be used.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub worst: f32,
    /// By what: `blur`, `motion`, `resolution`, `noise`, `photons`, `compression`, or `all` of them but motion.
    #[serde(default = "all")]
    pub harms: Vec<String>,
    /// How faces are cut out.
    #[serde(flatten)]
    pub framing: Framing,
    /// What files the pictures become.
    #[serde(flatten)]
    pub files: Files,
    #[serde(skip)]
    taken: Recent<Taken>,
}

fn all() -> Vec<String> {
    vec!["all".to_owned()]
}

fn one() -> f32 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_one(worst: &f32) -> bool {
    *worst == 1.0
}

/// A picture before it is made worse.
#[derive(Debug)]
struct Taken {
    person: Person,
    moment: Moment,
    seen: Portrait,
}

impl Quality {
    /// Samples of each picture that is taken: itself, and all grades of all kinds of harm.
    fn ladder(&self) -> u64 {
        self.grades.saturating_mul(self.harms.len() as u64).saturating_add(1)
    }

    fn take(&self, number: u64) -> Result<Arc<Taken>, String> {
        self.taken.get(number, || {
            let person = recipe::person(self.seed, number / self.pictures);
            let moment = Moment::sample(person.seed.of("pictures").number(number % self.pictures), &person);
            let seen = self.framing.take(&person, &moment)?;
            Ok(Taken { person, moment, seen })
        })
    }
}

fn harm(name: &str) -> Option<Harm> {
    HARMS.iter().find(|(known, _)| *known == name).map(|(_, harm)| *harm)
}

impl Source for Quality {
    fn recipe(&self) -> String {
        text("quality", self)
    }

    fn check(&self) -> Result<(), String> {
        check_number(self.people, self.pictures)?;
        if !(1..=MOST_GRADES).contains(&self.grades) || self.harms.is_empty() {
            return Err(format!("grades must be from 1 to {MOST_GRADES}, and harms must name one or more"));
        }
        if !(self.worst > 0.0 && self.worst <= MOST_SEVERITY) {
            return Err(format!("worst must be above 0 and at most {MOST_SEVERITY}"));
        }
        let names = HARMS.map(|(name, _)| name);
        if let Some(unknown) = self.harms.iter().find(|name| !names.contains(&name.as_str())) {
            return Err(format!("harms: there is no `{unknown}`; there are {}", names.join(", ")));
        }
        let taken = self.people.checked_mul(self.pictures);
        if taken.and_then(|taken| taken.checked_mul(self.ladder())).is_none_or(|all| all > MOST) {
            return Err(
                "people times pictures times (1 + grades times harms) must be at most 3,276,800".to_owned()
            );
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
            Column::new(
                "picture",
                Kind::Integer,
                "number of the picture that was taken of this person, from 0",
            ),
            Column::new("harm", Kind::Text, "what made the picture worse; nothing for grade 0"),
            Column::new("grade", Kind::Integer, "0 as it was taken, more is worse"),
            Column::new("severity", Kind::Float, "how bad it is: 1 as in photos that can still be used"),
        ];
        columns.extend(truth::degradation_columns());
        columns.extend(truth::face_columns());
        columns
    }

    fn classes(&self) -> Option<Classes> {
        Some(Classes::numbered((0..self.people).map(|_| self.pictures * self.ladder())))
    }

    fn len(&self) -> u64 {
        self.people * self.pictures * self.ladder()
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        let (number, step) = (index / self.ladder(), index % self.ladder());
        let taken = self.take(number)?;
        let Taken { person, moment, seen } = &*taken;
        let seed = moment.seed.of("degradation");
        let name = step.checked_sub(1).and_then(|step| self.harms.get((step / self.grades) as usize));
        let grade = step.checked_sub(1).map_or(0, |step| step % self.grades + 1);
        let severity = self.worst * grade as f32 / self.grades as f32;
        let direction = seed.of("direction").stream().between(0.0, 180.0);
        let degradation = match name.and_then(|name| harm(name)) {
            Some(harm) => Degradation::of(harm, severity, direction).scaled(self.framing.scale(moment)),
            None => Degradation::none(),
        };
        let mut row = vec![
            Value::Integer((number / self.pictures) as i64),
            Value::Integer((number % self.pictures) as i64),
            name.map_or(Value::Nothing, |name| Value::Text(name.clone())),
            Value::Integer(grade as i64),
            Value::Float(severity),
        ];
        row.extend(truth::degradation_values(&degradation));
        row.extend(truth::face_values(person, moment, &seen.sight));
        let image = degradation.apply(&seen.image, seed.of("noise").number(step));
        Ok(Sample { image, rows: vec![row] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::truth::cell;

    fn recipe() -> Quality {
        Quality {
            seed: 1,
            people: 2,
            pictures: 2,
            grades: 3,
            worst: 1.0,
            harms: ["blur", "all"].map(str::to_owned).to_vec(),
            framing: Framing { size: 64, ..Framing::default() },
            files: Files::default(),
            taken: Recent::default(),
        }
    }

    fn distance(a: &Sample, b: &Sample) -> f64 {
        let pairs = a.image.pixels().iter().zip(b.image.pixels());
        pairs.map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum()
    }

    #[test]
    fn each_grade_is_worse_than_the_one_before() {
        let source = recipe();
        assert_eq!(source.len(), 28);
        let ladder: Vec<Sample> = (7..14).map(|index| source.sample(index).unwrap()).collect();
        let row = |step: usize| &ladder[step].rows[0];
        assert_eq!(row(0).len(), source.columns().len());
        assert_eq!(row(0)[..4], [Value::Integer(0), Value::Integer(1), Value::Nothing, Value::Integer(0)]);
        assert_eq!(row(6)[2..5], [Value::Text("all".to_owned()), Value::Integer(3), Value::Float(1.0)]);
        for first in [1, 4] {
            let harm: Vec<f64> = (first..first + 3).map(|step| distance(&ladder[0], &ladder[step])).collect();
            assert!(harm[0] > 0.0 && harm.is_sorted_by(|a, b| a < b), "{harm:?}");
        }
        let worse = Quality { worst: 2.0, ..recipe() };
        assert!(distance(&ladder[0], &worse.sample(10).unwrap()) > distance(&ladder[0], &ladder[3]));
        assert!(!recipe().recipe().contains("worst") && worse.recipe().contains("worst"));
        // All else is the same, and what was done stands in the table.
        assert_eq!(row(0)[25..], row(6)[25..]);
        assert_eq!(cell(&source, row(6), "degrade1_jpeg"), 56.0);
        assert!(cell(&source, row(2), "degrade1_blur") > cell(&source, row(1), "degrade1_blur"));
    }

    #[test]
    fn what_is_remembered_makes_no_difference() {
        let source = recipe();
        let forwards: Vec<Sample> = (0..14).map(|index| source.sample(index).unwrap()).collect();
        let backwards = (0..14).rev().map(|index| recipe().sample(index).unwrap());
        assert!(forwards.iter().rev().eq(backwards.collect::<Vec<_>>().iter()));
    }

    #[test]
    fn what_cannot_be_made_is_said() {
        assert_eq!(recipe().check(), Ok(()));
        let unknown = Quality { harms: vec!["fog".to_owned()], ..recipe() };
        assert!(unknown.check().unwrap_err().contains("no `fog`; there are blur, motion"));
        assert!(Quality { grades: 0, ..recipe() }.check().unwrap_err().contains("grades"));
        assert!(Quality { worst: 2.5, ..recipe() }.check().unwrap_err().contains("worst"));
        assert!(Quality { worst: f32::NAN, ..recipe() }.check().unwrap_err().contains("worst"));
        assert!(Quality { harms: Vec::new(), ..recipe() }.check().unwrap_err().contains("harms"));
        assert!(Quality { people: u64::MAX, ..recipe() }.check().unwrap_err().contains("3,276,800"));
    }
}
