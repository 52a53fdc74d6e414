//! Some people of a source, and some pictures of each.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use synth::Seed;

use super::nested;
use crate::overlap::namesakes;
use crate::{Classes, Column, Files, Kept, List, Sample, Source};

/// Most of the people that can be held out.
const MOST_HELD_OUT: f32 = 0.9;

/// Which people of a source are taken, how many pictures of each, and who is held out of training. Who and what is taken
/// depends on the seed and on names and numbers alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct People {
    /// Decides over everything that is left to chance.
    pub seed: u64,
    /// Fewest pictures of a person; who has fewer is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least: Option<u64>,
    /// Most pictures of a person; which of theirs are taken is left to chance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<u64>,
    /// Most people; who is taken is left to chance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<u64>,
    /// Share of these people, 0 to 0.9, who are held out of training: to measure on people who were never seen.
    pub hold_out: f32,
}

/// A source in two: nobody is in both.
pub struct Split {
    /// What is learned from.
    pub training: Arc<dyn Source>,
    /// What is held out, if anybody is.
    pub held_out: Option<Arc<dyn Source>>,
}

impl People {
    /// Whether such people can be taken.
    ///
    /// # Errors
    /// Which field is out of its range, in words.
    pub fn check(&self) -> Result<(), String> {
        if !(0.0..=MOST_HELD_OUT).contains(&self.hold_out) {
            return Err(format!("hold_out must be from 0 to {MOST_HELD_OUT}, a share of the people"));
        }
        for (field, value) in [("least", self.least), ("most", self.most), ("people", self.people)] {
            if value == Some(0) {
                return Err(format!("{field} must be at least 1"));
            }
        }
        match (self.least, self.most) {
            (Some(least), Some(most)) if least > most => {
                Err(format!("least must be at most most: nobody has {least} pictures of {most}"))
            }
            _ => Ok(()),
        }
    }

    /// Takes these people out of a source.
    ///
    /// # Errors
    /// In words: if a field is out of its range, the source has no people, or nobody is left.
    pub fn split(&self, source: Arc<dyn Source>) -> Result<Split, String> {
        self.check()?;
        if *self == (Self { seed: self.seed, ..Self::default() }) {
            return Ok(Split { training: source, held_out: None });
        }
        let classes =
            source.classes().ok_or("the source does not say who is in its pictures: leave `people` out")?;
        let members = classes.members();
        let taken = self.taken(&classes, &members);
        if taken.is_empty() {
            return Err("nobody is left: make least smaller".to_owned());
        }
        let held_out = match self.hold_out {
            0.0 => 0,
            _ if taken.len() < 2 => return Err("hold_out needs two people or more".to_owned()),
            share => ((f64::from(share) * taken.len() as f64).round() as usize).clamp(1, taken.len() - 1),
        };
        let (out, rest) = taken.split_at(held_out);
        let part = |part, people: &[u32]| self.subset(&source, part, people, &classes, &members);
        let held_out = (!out.is_empty()).then(|| part("held out", out));
        let mut training = part("training", rest);
        let people = members.iter().filter(|of| !of.is_empty()).count() - taken.len();
        let pictures = source.len() - training.len() - held_out.as_ref().map_or(0, Subset::len);
        if pictures > 0 {
            training
                .remarks
                .push(format!("left out, as `people` says: {people} people, {pictures} pictures"));
        }
        if let Some(held_out) = &held_out {
            let met = namesakes(&training.classes, &held_out.classes);
            if met > 0 {
                training.remarks.push(format!(
                    "people who are held out and have the name of somebody who is not: {met}; if they are the same, keep \
                     them together (classes = \"merged\")"
                ));
            }
        }
        let held_out = held_out.map(|part| Arc::new(part) as Arc<dyn Source>);
        Ok(Split { training: Arc::new(training), held_out })
    }

    /// Who is taken, in an order of chance.
    fn taken(&self, classes: &Classes, members: &[Vec<u64>]) -> Vec<u32> {
        let seed = Seed::new(self.seed).of("people");
        let enough = |class: &u32| {
            members.get(*class as usize).is_some_and(|of| of.len() as u64 >= self.least.unwrap_or(1))
        };
        let mut taken: Vec<u32> = (0..classes.names.len() as u32).filter(enough).collect();
        let name = |class: u32| classes.names.get(class as usize).map_or("", String::as_str);
        // By name, so that the same people are taken of a source that is read in another order.
        taken.sort_by_cached_key(|&class| (seed.of(name(class)).value(), class));
        taken.truncate(self.people.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX)));
        taken
    }

    fn subset(
        &self,
        source: &Arc<dyn Source>,
        part: &'static str,
        people: &[u32],
        classes: &Classes,
        members: &[Vec<u64>],
    ) -> Subset {
        let mut people = people.to_vec();
        people.sort_unstable();
        let seed = Seed::new(self.seed).of("pictures");
        let mut samples = Vec::new();
        for (number, &class) in (0..).zip(&people) {
            let mut own: Vec<u64> = members.get(class as usize).cloned().unwrap_or_default();
            if let Some(most) = self.most.and_then(|most| usize::try_from(most).ok()) {
                own.sort_by_cached_key(|&sample| (seed.number(sample).value(), sample));
                own.truncate(most);
            }
            samples.extend(own.into_iter().map(|sample| (sample, number)));
        }
        samples.sort_unstable();
        let name = |&class: &u32| classes.names.get(class as usize).cloned().unwrap_or_default();
        let (samples, of) = samples.into_iter().unzip();
        let bare = match classes.bare.is_empty() {
            true => Vec::new(),
            false => people.iter().map(|&class| classes.called(class).to_owned()).collect(),
        };
        let classes = Classes { of, names: people.iter().map(name).collect(), bare };
        Subset { source: source.clone(), people: *self, part, samples, classes, remarks: Vec::new() }
    }
}

/// Some samples of a source, in its order; classes are numbered anew.
pub struct Subset {
    source: Arc<dyn Source>,
    people: People,
    part: &'static str,
    samples: Vec<u64>,
    classes: Classes,
    /// What is to be said of it beside what its source says.
    remarks: Vec<String>,
}

impl Source for Subset {
    fn recipe(&self) -> String {
        let mut text = toml::Table::new();
        text.insert("kind".to_owned(), "subset".into());
        text.insert("part".to_owned(), self.part.into());
        // It came from a recipe or holds numbers alone: it cannot fail, and an empty table fits no other set.
        text.insert("people".to_owned(), toml::Table::try_from(self.people).unwrap_or_default().into());
        text.insert("of".to_owned(), nested(&*self.source));
        text.to_string()
    }

    fn check(&self) -> Result<(), String> {
        self.source.check()
    }

    fn files(&self) -> Files {
        self.source.files()
    }

    fn columns(&self) -> Vec<Column> {
        self.source.columns()
    }

    fn list(&self) -> Option<List> {
        self.source.list()
    }

    fn classes(&self) -> Option<Classes> {
        Some(self.classes.clone())
    }

    fn class_column(&self) -> String {
        self.source.class_column()
    }

    fn remarks(&self) -> Vec<String> {
        [self.source.remarks(), self.remarks.clone()].concat()
    }

    fn len(&self) -> u64 {
        self.samples.len() as u64
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        self.source.sample(self.number(index)?)
    }

    fn kept(&self, index: u64) -> Result<Kept, String> {
        self.source.kept(self.number(index)?)
    }
}

impl Subset {
    /// The number of a sample in the source.
    fn number(&self, index: u64) -> Result<u64, String> {
        let number = usize::try_from(index).ok().and_then(|index| self.samples.get(index));
        number.copied().ok_or_else(|| format!("there are {} samples", self.len()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::testing::{Greys, shade};
    use super::super::{Joined, Together};
    use super::*;

    fn greys(counts: &[u64]) -> Arc<dyn Source> {
        Arc::new(Greys { first: 'a', counts: counts.to_vec() })
    }

    fn names(source: &dyn Source) -> HashSet<String> {
        source.classes().unwrap().names.into_iter().collect()
    }

    #[test]
    fn nobody_is_in_both_parts() {
        for (seed, hold_out, expected) in [(1, 0.25, 5), (2, 0.25, 5), (3, 0.01, 1), (4, 0.9, 18)] {
            let source = greys(&[3; 20]);
            let Split { training, held_out } =
                People { seed, hold_out, ..People::default() }.split(source).unwrap();
            let held_out = held_out.unwrap();
            let (a, b) = (names(&*training), names(&*held_out));
            assert!(a.is_disjoint(&b));
            assert_eq!((a.len(), b.len()), (20 - expected, expected));
            assert_eq!((training.len(), held_out.len()), (3 * a.len() as u64, 3 * b.len() as u64));
            assert_ne!(training.recipe(), held_out.recipe());
        }
        let parted = |seed| {
            let people = People { seed, hold_out: 0.5, ..People::default() };
            names(&*people.split(greys(&[3; 20])).unwrap().training)
        };
        assert_eq!(parted(5), parted(5));
        assert_ne!(parted(5), parted(6));
    }

    #[test]
    fn classes_and_samples_are_those_of_the_source() {
        let people = People { seed: 9, hold_out: 0.4, ..People::default() };
        let source = greys(&[1, 2, 3, 4, 5]);
        let whole = source.classes().unwrap();
        let Split { training, held_out } = people.split(source).unwrap();
        let mut seen = Vec::new();
        for part in [training, held_out.unwrap()] {
            let classes = part.classes().unwrap();
            assert_eq!(classes.of.len() as u64, part.len());
            for index in 0..part.len() {
                // The grey is the number in the source.
                let at = usize::from(shade(&part.sample(index).unwrap()));
                assert_eq!(
                    classes.names[classes.of[index as usize] as usize],
                    whole.names[whole.of[at] as usize]
                );
                seen.push(at);
            }
            assert!(part.sample(part.len()).is_err());
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..15).collect::<Vec<_>>());
    }

    #[test]
    fn people_and_pictures_are_limited() {
        let counts = |people: People| {
            let split = people.split(greys(&[1, 2, 8, 30, 4])).unwrap();
            assert!(split.held_out.is_none());
            split.training.classes().unwrap().counts()
        };
        let any = People { seed: 3, ..People::default() };
        assert_eq!(counts(any), [1, 2, 8, 30, 4]);
        assert_eq!(counts(People { least: Some(3), ..any }), [8, 30, 4]);
        assert_eq!(counts(People { most: Some(5), ..any }), [1, 2, 5, 5, 4]);
        assert_eq!(counts(People { most: Some(5), least: Some(2), ..any }), [2, 5, 5, 4]);
        assert_eq!(counts(People { people: Some(2), ..any }).len(), 2);
        // Which of somebody's pictures are taken is left to chance, and spread.
        let few = |seed| {
            let people = People { seed, most: Some(5), ..any };
            let training = people.split(greys(&[30])).unwrap().training;
            (0..5).map(|index| shade(&training.sample(index).unwrap())).collect::<Vec<_>>()
        };
        assert!(few(1).is_sorted() && few(1) != few(2) && few(1) == few(1));
    }

    #[test]
    fn what_is_left_out_and_who_may_be_in_both_parts_is_said() {
        let remarks = |people: People, source| people.split(source).unwrap().training.remarks();
        let few = People { least: Some(2), most: Some(3), ..People::default() };
        assert_eq!(remarks(few, greys(&[1, 5, 2])), ["left out, as `people` says: 1 people, 3 pictures"]);
        let half = People { hold_out: 0.5, seed: 1, ..People::default() };
        assert!(remarks(half, greys(&[2; 8])).is_empty());
        let twice = Joined::new(vec![greys(&[2; 8]), greys(&[2; 8])], Together::Apart).unwrap();
        let said = remarks(half, Arc::new(twice));
        assert!(said.len() == 1 && said[0].contains("have the name of somebody who is not"), "{said:?}");
    }

    #[test]
    fn what_cannot_be_taken_is_refused() {
        let any = People::default();
        for (people, said) in [
            (People { hold_out: 0.95, ..any }, "hold_out must be from 0 to 0.9"),
            (People { hold_out: f32::NAN, ..any }, "hold_out"),
            (People { least: Some(0), ..any }, "least must be at least 1"),
            (People { most: Some(0), ..any }, "most must be at least 1"),
            (People { people: Some(0), ..any }, "people must be at least 1"),
            (People { least: Some(5), most: Some(4), ..any }, "least must be at most most"),
            (People { least: Some(9), ..any }, "nobody is left"),
            (People { hold_out: 0.5, people: Some(1), ..any }, "two people"),
        ] {
            let error = people.split(greys(&[3, 3])).err().unwrap();
            assert!(error.contains(said), "{said}: {error}");
        }
    }
}
