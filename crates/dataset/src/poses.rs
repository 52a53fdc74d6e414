//! The recipe `pose`: the same people from the front and from the side.

use serde::{Deserialize, Serialize};
use synth::{Moment, Person, Pose, Seed};

use crate::recipe::{self, MOST, text};
use crate::truth;
use crate::{Classes, Column, Files, Framing, Kind, Sample, Source, Value};

/// Frontal pictures are not turned farther, in degrees.
const FRONTAL: f32 = 10.0;
/// Profiles are turned as far, to either side, in degrees.
const PROFILE: [f32; 2] = [60.0, 90.0];
/// Most steps of a ladder.
const MOST_YAWS: usize = 100;

/// People from the front and from the side, or at given yaws: to learn and to test what turning does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Poses {
    /// Decides over everything. Other seeds show other people.
    pub seed: u64,
    /// How many people.
    pub people: u64,
    /// Pictures of each that are turned by at most 10 degrees.
    #[serde(default)]
    pub frontal: u64,
    /// Pictures of each that are turned by 60 to 90 degrees, to the one side and the other in turn.
    #[serde(default)]
    pub profile: u64,
    /// A picture of each for each of these yaws in degrees, -90 to 90.
    #[serde(default)]
    pub yaws: Vec<f32>,
    /// Whether the pictures of a person differ in yaw alone; otherwise light, expression, background and all else is
    /// drawn anew for each.
    #[serde(default)]
    pub still: bool,
    /// How faces are cut out.
    #[serde(flatten)]
    pub framing: Framing,
    /// What files the pictures become.
    #[serde(flatten)]
    pub files: Files,
}

impl Poses {
    /// Pictures of each person.
    fn pictures(&self) -> u64 {
        self.frontal.saturating_add(self.profile).saturating_add(self.yaws.len() as u64)
    }

    /// How far the head is turned in a picture of a person: first the frontal ones, then the profiles, then the ladder.
    fn yaw(&self, picture: u64, seed: Seed) -> f32 {
        let mut stream = seed.of("yaw").stream();
        if picture < self.frontal {
            return stream.between(-FRONTAL, FRONTAL);
        }
        let picture = picture - self.frontal;
        if picture < self.profile {
            let side = if picture.is_multiple_of(2) { -1.0 } else { 1.0 };
            return side * stream.between(PROFILE[0], PROFILE[1]);
        }
        self.yaws.get((picture - self.profile) as usize).copied().unwrap_or(0.0)
    }

    fn moment(&self, person: &Person, picture: u64) -> Moment {
        let seed = person.seed.of("pictures").number(picture);
        let drawn = Moment::sample(if self.still { person.seed.of("moment") } else { seed }, person);
        Moment { pose: Pose { yaw: self.yaw(picture, seed), ..drawn.pose }, ..drawn }
    }
}

/// What a yaw in degrees is called.
fn view(yaw: f32) -> &'static str {
    match yaw.abs() {
        yaw if yaw <= FRONTAL => "frontal",
        yaw if yaw < PROFILE[0] => "turned",
        _ => "profile",
    }
}

impl Source for Poses {
    fn recipe(&self) -> String {
        text("pose", self)
    }

    fn check(&self) -> Result<(), String> {
        if self.people == 0 || self.pictures() == 0 {
            return Err("people must be at least 1, and frontal, profile or yaws given".to_owned());
        }
        if self.people.checked_mul(self.pictures()).is_none_or(|all| all > MOST) {
            return Err("people times the pictures of each must be at most 3,276,800".to_owned());
        }
        if self.yaws.len() > MOST_YAWS || self.yaws.iter().any(|yaw| !(-90.0..=90.0).contains(yaw)) {
            return Err(format!("yaws must be from -90 to 90 degrees, and at most {MOST_YAWS}"));
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
            Column::new("view", Kind::Text, "frontal to 10 degrees of yaw, profile from 60, turned between"),
        ];
        columns.extend(truth::face_columns());
        columns
    }

    fn classes(&self) -> Option<Classes> {
        Some(Classes::numbered((0..self.people).map(|_| self.pictures())))
    }

    fn len(&self) -> u64 {
        self.people * self.pictures()
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        let (number, picture) = (index / self.pictures(), index % self.pictures());
        let person = recipe::person(self.seed, number);
        let moment = self.moment(&person, picture);
        let seen = self.framing.take(&person, &moment)?;
        let view = Value::Text(view(moment.pose.yaw).to_owned());
        let mut row = vec![Value::Integer(number as i64), Value::Integer(picture as i64), view];
        row.extend(truth::face_values(&person, &moment, &seen.sight));
        Ok(Sample { image: seen.image, rows: vec![row] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::truth::cell;

    fn recipe() -> Poses {
        Poses {
            seed: 1,
            people: 2,
            frontal: 2,
            profile: 4,
            yaws: vec![-30.0, 45.0],
            still: false,
            framing: Framing { size: 32, ..Framing::default() },
            files: Files::default(),
        }
    }

    #[test]
    fn heads_are_turned_as_asked() {
        let source = recipe();
        let views = ["frontal", "frontal", "profile", "profile", "profile", "profile", "turned", "turned"];
        let mut yaws = Vec::new();
        for (index, wanted) in (8..16).zip(views) {
            let row = source.sample(index).unwrap().rows.remove(0);
            assert_eq!(row.len(), source.columns().len());
            assert_eq!(
                row[..3],
                [1, index as i64 - 8]
                    .map(Value::Integer)
                    .into_iter()
                    .chain([Value::Text(wanted.to_owned())])
                    .collect::<Vec<_>>()
            );
            yaws.push(cell(&source, &row, "yaw"));
        }
        let sides = [-1.0, 1.0, -1.0, 1.0];
        assert!(
            yaws[2..6].iter().zip(sides).all(|(yaw, side)| (60.0..=90.0).contains(&(yaw * side))),
            "{yaws:?}"
        );
        assert_eq!(yaws[6..], [-30.0, 45.0]);
    }

    #[test]
    fn all_else_is_the_same_or_drawn_anew() {
        let person = Person::new(Seed::new(3));
        let still = Poses { still: true, ..recipe() };
        let first = still.moment(&person, 0);
        let turned = still.moment(&person, 7);
        assert_eq!(Moment { pose: first.pose, ..turned.clone() }, first);
        assert_eq!((turned.pose.yaw, turned.pose.pitch), (45.0, first.pose.pitch));
        let [a, b] = [0, 7].map(|picture| recipe().moment(&person, picture));
        assert!(a.lighting != b.lighting && a.background != b.background && a.worn != b.worn);
    }

    #[test]
    fn what_cannot_be_made_is_said() {
        assert_eq!(recipe().check(), Ok(()));
        let none = Poses { frontal: 0, profile: 0, yaws: Vec::new(), ..recipe() };
        assert!(none.check().unwrap_err().contains("frontal, profile or yaws"));
        assert!(Poses { yaws: vec![95.0], ..recipe() }.check().unwrap_err().contains("-90 to 90"));
        assert!(Poses { frontal: u64::MAX, ..recipe() }.check().unwrap_err().contains("3,276,800"));
    }
}
