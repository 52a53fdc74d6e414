//! Does an embedder tell the people apart, and what makes it less sure?

use std::collections::BTreeMap;

use console::{count, table};
use evaluation::{Bootstrap, Interval, ScoredPair, ScoredPairs, Scores, Statistic};
use matching::cosine;
use serde_json::{Value, json};

use super::pictures::Face;
use super::turned::Turn;

/// A mean of fewer pairs says nothing about whether scores fall.
const LEAST: u64 = 30;

/// A face that an embedder saw.
struct Portrait {
    person: u32,
    family: Option<i64>,
    taken: Option<i64>,
    turn: Option<Turn>,
    harm: Option<(String, i64)>,
    vector: Vec<f32>,
}

impl Portrait {
    /// Whether both are one picture, of which one or both were made worse.
    fn same_taken(&self, other: &Self) -> bool {
        self.harm.is_some() && self.person == other.person && self.taken == other.taken
    }

    fn grade(&self) -> Option<i64> {
        self.harm.as_ref().map(|(_, grade)| *grade)
    }

    /// Whether nothing made the picture worse.
    fn is_as_taken(&self) -> bool {
        self.grade().is_none_or(|grade| grade == 0)
    }

    fn is_frontal(&self) -> bool {
        self.turn == Some(Turn::FRONTAL)
    }
}

/// The faces that an embedder saw.
#[derive(Default)]
pub struct Known {
    portraits: Vec<Portrait>,
    /// Faces that were not found, so that nothing could be cut out.
    pub missed: usize,
}

/// A mean of scores.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mean {
    sum: f64,
    pairs: u64,
}

impl Mean {
    fn add(&mut self, score: f32) {
        self.sum += f64::from(score);
        self.pairs += 1;
    }

    fn value(&self) -> Option<f64> {
        (self.pairs > 0).then(|| self.sum / self.pairs as f64)
    }

    fn record(&self) -> Value {
        json!({"pairs": self.pairs, "mean": self.value()})
    }

    fn cells(&self, label: String) -> Vec<String> {
        let mean = self.value().map_or("-".to_owned(), |mean| format!("{mean:.3}"));
        vec![label, self.pairs.to_string(), mean]
    }
}

/// Whether means that rest on enough pairs fall from each to the next; `None` if there are not two.
fn falls<'a>(means: impl IntoIterator<Item = &'a Mean>) -> Option<bool> {
    let enough = means.into_iter().filter(|mean| mean.pairs >= LEAST).filter_map(Mean::value);
    let means: Vec<f64> = enough.collect();
    (means.len() > 1).then(|| means.is_sorted_by(|a, b| a > b))
}

impl Known {
    /// Adds a face; one of nobody known is left out.
    pub fn add(&mut self, face: &Face, vector: Vec<f32>) {
        if let Some(person) = face.person {
            self.portraits.push(Portrait {
                person,
                family: face.family,
                taken: face.taken,
                turn: face.yaw.map(Turn::of),
                harm: face.harm.clone(),
                vector,
            });
        }
    }

    /// Compares every face with every other.
    ///
    /// # Errors
    /// If there are not two people, or none with two faces.
    pub fn compared(&self) -> anyhow::Result<Compared> {
        let mut compared =
            Compared { faces: self.portraits.len(), missed: self.missed, ..Compared::default() };
        let mut pairs = Vec::new();
        for (at, a) in self.portraits.iter().enumerate() {
            for b in &self.portraits[..at] {
                let score = cosine(&a.vector, &b.vector);
                compared.degraded(a, b, score);
                if a.person != b.person && a.family.is_some() && a.family == b.family {
                    compared.siblings.add(score);
                    continue;
                }
                // A picture and the same made worse are no test of who it is.
                if a.same_taken(b) {
                    continue;
                }
                pairs.push(ScoredPair { a: a.person, b: b.person, score: Some(score) });
                if a.person == b.person {
                    compared.same.add(score);
                    compared.turned(a, b, score);
                } else {
                    compared.strangers.add(score);
                }
            }
        }
        let mut people: Vec<u32> = self.portraits.iter().map(|portrait| portrait.person).collect();
        people.sort_unstable();
        people.dedup();
        compared.people = people.len();
        compared.rates(&pairs)?;
        Ok(compared)
    }
}

/// What the comparisons of all faces say.
#[derive(Default)]
pub struct Compared {
    people: usize,
    faces: usize,
    missed: usize,
    /// The equal error rate, siblings left out.
    pub eer: f64,
    interval: Option<Interval>,
    auc: f64,
    same: Mean,
    siblings: Mean,
    strangers: Mean,
    by_yaw: [Mean; Turn::ALL.len()],
    /// By what made one of two pictures worse, and how far. At 0 neither is worse.
    across: BTreeMap<String, BTreeMap<i64, Mean>>,
    /// The same of a picture and itself made worse.
    within: BTreeMap<String, BTreeMap<i64, Mean>>,
    plain: Mean,
}

impl Compared {
    /// A face that looks ahead, and another of the same person. Neither picture was made worse.
    fn turned(&mut self, a: &Portrait, b: &Portrait, score: f32) {
        if !(a.is_as_taken() && b.is_as_taken()) {
            return;
        }
        let other = match (a.is_frontal(), b.is_frontal()) {
            (true, _) => b,
            (_, true) => a,
            _ => return,
        };
        if let Some(turn) = other.turn {
            self.by_yaw[turn.number()].add(score);
        }
    }

    /// A picture as it was taken, and another of the same person that was made worse.
    fn degraded(&mut self, a: &Portrait, b: &Portrait, score: f32) {
        let worse = match (a.grade(), b.grade()) {
            (Some(0), Some(_)) => b,
            (Some(_), Some(0)) => a,
            _ => return,
        };
        if a.person != b.person {
            return;
        }
        let Some((harm, grade)) = &worse.harm else { return };
        let means = match (a.same_taken(b), *grade) {
            (false, 0) => return self.plain.add(score),
            (true, _) => &mut self.within,
            (false, _) => &mut self.across,
        };
        means.entry(harm.clone()).or_default().entry(*grade).or_default().add(score);
    }

    fn rates(&mut self, pairs: &[ScoredPair]) -> anyhow::Result<()> {
        let of = |genuine: bool| {
            let those = pairs.iter().filter(|pair| pair.is_genuine() == genuine);
            those.filter_map(|pair| pair.score).collect()
        };
        let scores = Scores::new(of(true), of(false))?;
        (self.eer, self.auc) = (scores.roc().eer(), scores.auc());
        // Of few people there is no interval.
        let scored = ScoredPairs::of_people(pairs).ok();
        let estimated =
            scored.map(|scored| Bootstrap::default().estimate(&scored, &[Statistic::Eer])).transpose()?;
        self.interval = estimated.and_then(|estimates| Some(estimates.first()?.interval));
        Ok(())
    }

    /// Means by degradation, each from the best to the worst: of different pictures of a person, or if there is only one of
    /// each, of a picture and itself.
    fn by_harm(&self) -> Vec<(&str, Vec<(i64, Mean)>)> {
        let (means, first) = match self.across.is_empty() {
            false => (&self.across, Some((0, self.plain))),
            true => (&self.within, None),
        };
        let ladder = |grades: &BTreeMap<i64, Mean>| {
            first.into_iter().chain(grades.iter().map(|(grade, mean)| (*grade, *mean))).collect()
        };
        means.iter().map(|(harm, grades)| (harm.as_str(), ladder(grades))).collect()
    }

    /// Whether scores of the same person fall as one of two heads is turned; `None` if that cannot be said.
    pub fn falls_with_yaw(&self) -> Option<bool> {
        falls(&self.by_yaw)
    }

    /// Whether they fall as one of two pictures is made worse, whatever does it.
    pub fn falls_with_degradation(&self) -> Option<bool> {
        let each = self.by_harm().into_iter().map(|(_, grades)| falls(grades.iter().map(|(_, mean)| mean)));
        each.collect::<Option<Vec<bool>>>().filter(|all| !all.is_empty()).map(|all| !all.contains(&false))
    }

    /// Whether siblings score between strangers and themselves; `None` without siblings.
    pub fn siblings_between(&self) -> Option<bool> {
        let siblings = self.siblings.value()?;
        Some(self.strangers.value()? < siblings && siblings < self.same.value()?)
    }

    /// The record for `--json`, without what names the embedder.
    pub fn record(&self) -> Value {
        let by_yaw = Turn::ALL.map(|turn| {
            let Mean { pairs, .. } = self.by_yaw[turn.number()];
            let [from, to] = turn.degrees();
            json!({"from": from, "to": to, "pairs": pairs, "mean": self.by_yaw[turn.number()].value()})
        });
        let by_degradation: Vec<Value> = self
            .by_harm()
            .into_iter()
            .flat_map(|(harm, grades)| grades.into_iter().map(move |(grade, mean)| (harm, grade, mean)))
            .map(|(harm, grade, mean)| {
                json!({"harm": harm, "grade": grade, "pairs": mean.pairs, "mean": mean.value()})
            })
            .collect();
        json!({
            "people": self.people, "faces": self.faces, "missed": self.missed,
            "eer": self.eer, "interval": self.interval.map(|interval| [interval.low, interval.high]),
            "auc": self.auc,
            "same": self.same.record(), "siblings": self.siblings.record(), "strangers": self.strangers.record(),
            "siblings_between": self.siblings_between(),
            "by_yaw": by_yaw, "falls_with_yaw": self.falls_with_yaw(),
            "by_degradation": by_degradation, "falls_with_degradation": self.falls_with_degradation(),
        })
    }

    /// The same for people. `cut` says how faces were cut out.
    pub fn describe(&self, name: &str, cut: &str) -> String {
        let percent = |share: f64| format!("{:.2} %", 100.0 * share);
        let interval = self.interval.map_or(" (no interval: too few people)".to_owned(), |interval| {
            format!(" (95 %: {} to {})", percent(interval.low), percent(interval.high))
        });
        let missed = match self.missed {
            0 => String::new(),
            missed => format!(", {missed} more not found"),
        };
        let mut text = format!(
            "{name}\n{} of {}, {cut}{missed}\nequal error rate {}{interval}, AUC {:.4}\n",
            count(self.faces, "face", "faces"),
            count(self.people, "person", "people"),
            percent(self.eer),
            self.auc
        );
        let head = |what: &str| vec![what.to_owned(), "pairs".to_owned(), "mean score".to_owned()];
        let mut rows = vec![head("two faces of"), self.same.cells("the same person".to_owned())];
        if self.siblings.pairs > 0 {
            rows.push(self.siblings.cells("siblings".to_owned()));
        }
        rows.push(self.strangers.cells("strangers".to_owned()));
        text += &format!("{}\n", table(&rows));
        text += &verdict("siblings score between strangers and the same person", self.siblings_between());
        if self.by_yaw.iter().any(|mean| mean.pairs > 0) {
            let mut rows = vec![head("one up to 15 degrees, the other")];
            rows.extend(Turn::ALL.map(|turn| self.by_yaw[turn.number()].cells(turn.to_string())));
            text += &format!("{}\n", table(&rows));
            text += &verdict("the score falls with yaw", self.falls_with_yaw());
        }
        let by_harm = self.by_harm();
        if !by_harm.is_empty() {
            let mut rows = vec![head("one as taken, the other")];
            for (harm, grades) in by_harm {
                rows.extend(grades.into_iter().map(|(grade, mean)| match grade {
                    0 => mean.cells("as taken".to_owned()),
                    _ => mean.cells(format!("{harm}, grade {grade}")),
                }));
            }
            text += &format!("{}\n", table(&rows));
            text += &verdict("the score falls with degradation", self.falls_with_degradation());
        }
        text
    }
}

fn verdict(what: &str, holds: Option<bool>) -> String {
    match holds {
        Some(true) => format!("{what}: yes\n"),
        Some(false) => format!("{what}: no\n"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use geometry::{Landmarks, Rect};

    use super::*;

    fn face(person: u32, yaw: f32) -> Face {
        let (bounds, five) = (Rect::default(), Landmarks::default());
        let (yaw, person) = (Some(yaw), Some(person));
        Face { bounds, five, corners: None, yaw, person, family: None, taken: None, harm: None }
    }

    /// A unit vector at an angle in degrees, in the plane of a person.
    fn at(person: u32, degrees: f32) -> Vec<f32> {
        let mut vector = vec![0.0; 64];
        vector[2 * person as usize] = degrees.to_radians().cos();
        vector[2 * person as usize + 1] = degrees.to_radians().sin();
        vector
    }

    #[test]
    fn scores_are_counted_by_yaw() {
        let mut known = Known::default();
        for person in 0..31 {
            // The farther a head is turned, the less it is like itself.
            for yaw in [0.0, 20.0, 40.0] {
                known.add(&face(person, yaw), at(person, yaw));
            }
        }
        let compared = known.compared().unwrap();
        assert_eq!((compared.people, compared.faces, compared.same.pairs), (31, 93, 93));
        assert_eq!(compared.eer, 0.0);
        assert!(compared.interval.is_some_and(|interval| interval.high < 0.01));
        assert_eq!(compared.by_yaw.map(|mean| mean.pairs), [0, 31, 31, 0, 0]);
        assert_eq!((compared.falls_with_yaw(), compared.falls_with_degradation()), (Some(true), None));
        assert_eq!(compared.siblings_between(), None);
        assert_eq!(compared.record()["by_yaw"][1]["pairs"], 31);
        let text = compared.describe("tiny", "as they are");
        assert!(text.contains("93 faces of 31 people, as they are") && text.contains("falls with yaw: yes"));
    }

    #[test]
    fn siblings_are_no_strangers() {
        let mut known = Known::default();
        for person in 0..6 {
            for picture in 0..2 {
                let mut vector = at(person, 5.0 * picture as f32);
                // What a family shares; the sum is a unit vector again.
                vector[40 + person as usize / 2] = 1.0;
                vector.iter_mut().for_each(|value| *value *= 0.5_f32.sqrt());
                let family = Some(i64::from(person / 2));
                known.add(&Face { family, ..face(person, 0.0) }, vector);
            }
        }
        let compared = known.compared().unwrap();
        assert_eq!((compared.siblings.pairs, compared.strangers.pairs), (12, 48));
        assert_eq!(compared.siblings_between(), Some(true));
        assert_eq!(compared.interval, None, "6 people are too few");
    }

    #[test]
    fn degradation_is_held_against_other_pictures() {
        let mut known = Known::default();
        for person in 0..30 {
            for taken in 0..2 {
                for grade in 0..3 {
                    let harm = if grade == 0 { "" } else { "blur" };
                    let harm = Some((harm.to_owned(), grade));
                    let face = Face { taken: Some(taken), harm, ..face(person, 0.0) };
                    known.add(&face, at(person, 10.0 * taken as f32 - 20.0 * grade as f32));
                }
            }
        }
        let compared = known.compared().unwrap();
        // Of each person two times each grade of one picture against the other as it was taken.
        let by_harm = compared.by_harm();
        assert_eq!(by_harm.len(), 1);
        let pairs: Vec<(i64, u64)> = by_harm[0].1.iter().map(|(grade, mean)| (*grade, mean.pairs)).collect();
        assert_eq!((by_harm[0].0, &pairs[..]), ("blur", &[(0, 30), (1, 60), (2, 60)][..]));
        assert_eq!(compared.falls_with_degradation(), Some(true));
        assert_eq!(compared.by_yaw[0].pairs, 30, "of pictures as they were taken");
        // Nine of the fifteen pairs of six are of two pictures.
        assert_eq!(compared.same.pairs, 30 * 9);
    }

    #[test]
    fn nobody_twice_is_no_test() {
        let mut known = Known::default();
        known.add(&face(0, 0.0), at(0, 0.0));
        known.add(&face(1, 0.0), at(1, 0.0));
        assert!(known.compared().is_err());
        let few = [Mean { sum: 9.0, pairs: 10 }, Mean { sum: 30.0, pairs: 60 }];
        assert_eq!(falls(&few), None, "10 pairs say nothing");
        let rising = [Mean { sum: 10.0, pairs: 40 }, Mean { sum: 30.0, pairs: 60 }];
        assert_eq!(falls(&rising), Some(false));
    }
}
