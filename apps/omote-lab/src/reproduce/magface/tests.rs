//! What is said of embeddings whose magnitudes are known to say something, and of others.

use std::collections::BTreeMap;

use synth::{Seed, Stream};
use training::Maker;

use super::*;
use crate::reproduce::claims::Verdict;
use crate::reproduce::runs::Looked;
use crate::reproduce::study::Study;

const PEOPLE: usize = 48;
const DIMENSION: usize = 24;

/// Whether magnitudes fall with the harm that was done to a picture, or by chance.
#[derive(Clone, Copy)]
enum Magnitudes {
    Tell,
    DoNot,
}

/// Pictures of people: how far each is from the middle of its person, and words that are known of it.
struct Pictures {
    vectors: Vec<Vec<f32>>,
    people: Vec<u32>,
    known: BTreeMap<String, Vec<String>>,
    stream: Stream,
    magnitudes: Magnitudes,
}

impl Pictures {
    fn new(seed: u64, magnitudes: Magnitudes) -> Self {
        let stream = Seed::new(seed).stream();
        Self { vectors: Vec::new(), people: Vec::new(), known: BTreeMap::new(), stream, magnitudes }
    }

    fn add(&mut self, person: usize, far: f32, words: &[(&str, &str)]) {
        let mut middle = Seed::new(7).number(person as u64).stream();
        let raw: Vec<f32> =
            (0..DIMENSION).map(|_| middle.normal(3.0) + far * self.stream.normal(3.0)).collect();
        let length = raw.iter().map(|value| value * value).sum::<f32>().sqrt();
        let magnitude = match self.magnitudes {
            Magnitudes::Tell => 20.0 / (1.0 + far) + self.stream.between(0.0, 0.5),
            Magnitudes::DoNot => self.stream.between(5.0, 20.0),
        };
        self.vectors.push(raw.iter().map(|value| value * magnitude / length).collect());
        self.people.push(person as u32);
        for (column, word) in words {
            self.known.entry((*column).to_owned()).or_default().push((*word).to_owned());
        }
    }

    fn done(self) -> Vectors {
        let maker = Maker { program: String::new(), commit: None, machine: String::new() };
        let mut vectors = Vectors::of_classes(&self.vectors, &maker);
        let pictures = self.people.len() / PEOPLE;
        vectors.counts = vec![pictures as u64; PEOPLE];
        (vectors.people, vectors.known) = (self.people, self.known);
        vectors
    }
}

/// Some near and some far.
fn mixed(seed: u64, magnitudes: Magnitudes) -> Vectors {
    let mut pictures = Pictures::new(seed, magnitudes);
    for person in 0..PEOPLE {
        (0..8).for_each(|picture| pictures.add(person, 0.3 + 0.12 * picture as f32, &[]));
    }
    pictures.done()
}

/// Each picture as it was taken and worse.
fn pairs(seed: u64, magnitudes: Magnitudes) -> Vectors {
    let mut pictures = Pictures::new(seed, magnitudes);
    for person in 0..PEOPLE {
        for _ in 0..8 {
            pictures.add(person, 1.3, &[("grade", "0")]);
            pictures.add(person, 6.0, &[("grade", "1")]);
        }
    }
    pictures.done()
}

/// Six kinds of harm in three grades.
fn graded(seed: u64, magnitudes: Magnitudes) -> Vectors {
    let mut pictures = Pictures::new(seed, magnitudes);
    for person in 0..PEOPLE {
        pictures.add(person, 0.2, &[("harm", ""), ("grade", "0")]);
        for harm in ["a", "b", "c", "d", "e", "f"] {
            for (grade, far) in [("1", 0.6), ("2", 1.0), ("3", 1.4)] {
                pictures.add(person, far, &[("harm", harm), ("grade", grade)]);
            }
        }
    }
    pictures.done()
}

fn outcomes(of_magface: Magnitudes) -> Outcomes {
    let looked = |seed, magnitudes| {
        let tests = [
            (MIXED, mixed(seed, magnitudes)),
            ("templates", pairs(seed, magnitudes)),
            ("graded", graded(seed, magnitudes)),
        ];
        Looked::Tests(tests.map(|(name, vectors)| (name.to_owned(), vectors)).into())
    };
    let others = BTreeMap::from([(1, looked(11, Magnitudes::DoNot)), (2, looked(12, Magnitudes::DoNot))]);
    let ours = BTreeMap::from([(1, looked(13, of_magface))]);
    let arms = vec![(ARCFACE.to_owned(), others), (MAGFACE.to_owned(), ours)];
    Outcomes { grid: "losses".to_owned(), arms }
}

fn found(outcomes: &Outcomes) -> Findings {
    let mut findings = Findings::default();
    magnitudes::add(outcomes, MIXED, &DRAWN, &mut findings).unwrap();
    harms::add(outcomes, &mut findings).unwrap();
    discard::add(outcomes, MIXED, &DRAWN, &mut findings).unwrap();
    templates::add(outcomes, &mut findings).unwrap();
    clusters::add(outcomes, MIXED, &DRAWN, &mut findings).unwrap();
    centres::add(outcomes, MIXED, &DRAWN, &mut findings).unwrap();
    findings
}

fn verdict(findings: &Findings, words: &str) -> Verdict {
    let claim = findings.claims.iter().find(|claim| claim.what.contains(words));
    claim.unwrap_or_else(|| panic!("{words}: {:?}", findings.claims)).verdict
}

const CLAIMS: [&str; 7] = [
    "nearer it is to the middle",
    "more with MagFace than with ArcFace",
    "falls with every grade",
    "fewer errors are left than at random",
    "fewer errors are left than with ArcFace's",
    "half of the pictures are degraded",
    "centre of a class",
];

#[test]
fn magnitudes_that_tell_are_found_out() {
    let findings = found(&outcomes(Magnitudes::Tell));
    for words in CLAIMS {
        let verdict = verdict(&findings, words);
        assert!(matches!(verdict, Verdict::Held | Verdict::Weaker), "{words}: {verdict:?}");
    }
    assert_eq!(findings.sections.len(), 6);
}

#[test]
fn magnitudes_by_chance_hold_nothing() {
    let findings = found(&outcomes(Magnitudes::DoNot));
    for words in CLAIMS {
        let verdict = verdict(&findings, words);
        assert!(!matches!(verdict, Verdict::Held | Verdict::Weaker), "{words}: {verdict:?}");
    }
}

#[test]
fn without_another_judge_nothing_is_said_of_discard() {
    let mut one = outcomes(Magnitudes::Tell);
    one.arms[0].1.remove(&2);
    let mut findings = Findings::default();
    discard::add(&one, MIXED, &DRAWN, &mut findings).unwrap();
    assert!(findings.sections.is_empty());
    let verdicts: Vec<Verdict> = findings.claims.iter().map(|claim| claim.verdict).collect();
    assert_eq!(verdicts, [Verdict::NotMeasured; 2]);
    assert_eq!(findings.remarks.len(), 1);
}

#[test]
fn claims_are_of_arms_that_are_there() {
    let study = Study::of_the_repository("magface");
    for arm in [ARCFACE, MAGFACE, SOFTMAX] {
        [MIXED, harms::GRADED, templates::TEST, LEARNED.0]
            .iter()
            .for_each(|test| study.has("losses", arm, test));
        PHOTOS.iter().for_each(|(test, _)| study.has("photos", arm, test));
    }
    [MAGFACE, forces::WEAK].iter().for_each(|arm| study.has(forces::GRID, arm, LEARNED.0));
}
