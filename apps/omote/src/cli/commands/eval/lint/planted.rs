//! Wrong names in known places, and what the linter says of them and of the others.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use clustering::{Finding, Fix, Gallery, Kind, LintOptions, Severity, lint};
use fastrand::Rng;
use index::View;

use crate::cli::labelled::Labelled;

/// Faces with the names that they ought to have.
pub(super) struct Planted {
    vectors: Vec<f32>,
    dimension: usize,
    quality: Vec<f32>,
    /// The person of each face, by its number in [`Labelled::names`].
    people: Vec<usize>,
    /// The number of each face in [`Labelled::faces`].
    numbers: Vec<usize>,
    /// Everybody there is.
    names: Vec<usize>,
}

/// One draw of wrong names.
pub(super) struct Trial {
    pub(super) seed: u64,
    pub(super) planted: usize,
    /// Planted errors that an error names.
    pub(super) found: usize,
    /// Planted errors for which the fix is the right name.
    pub(super) put_right: usize,
    pub(super) untouched: usize,
    /// Untouched faces that an error names, with the most certain one.
    pub(super) flagged: BTreeMap<usize, Suspicion>,
    /// Untouched faces that are named, by what.
    pub(super) by_kind: BTreeMap<(Severity, Kind), BTreeSet<usize>>,
}

/// What is said of an untouched face.
#[derive(Clone, Copy)]
pub(super) struct Suspicion {
    kind: Kind,
    confidence: f64,
    rather: Option<usize>,
}

/// An untouched face that is flagged as an error in some draw.
pub(super) struct Flagged {
    /// Its number in [`Labelled::faces`].
    pub(super) face: usize,
    /// Whose it is said to be.
    pub(super) person: usize,
    /// In how many draws.
    pub(super) draws: usize,
    /// By the most certain finding:
    pub(super) kind: Kind,
    pub(super) confidence: f64,
    /// Whose it may be instead.
    pub(super) rather: Option<usize>,
}

impl Trial {
    /// The share of untouched faces that are flagged.
    pub(super) fn flagged_share(&self) -> f64 {
        self.flagged.len() as f64 / self.untouched.max(1) as f64
    }
}

impl Planted {
    /// All people, or every other one from the second or the first.
    pub(super) fn new(labelled: &Labelled, second: Option<bool>) -> anyhow::Result<Planted> {
        let mut planted = Planted {
            vectors: Vec::new(),
            dimension: 1,
            quality: Vec::new(),
            people: Vec::new(),
            numbers: Vec::new(),
            names: Vec::new(),
        };
        for (number, (face, person)) in labelled.faces.iter().enumerate() {
            if second.is_some_and(|second| (person % 2 == 1) != second) {
                continue;
            }
            let vector = &face.embedding.as_ref().context("a face was not embedded")?.vector;
            planted.dimension = vector.len();
            planted.vectors.extend(vector);
            planted.quality.push(face.quality.score.clamp(0.0, 100.0));
            planted.people.push(*person as usize);
            planted.numbers.push(number);
        }
        planted.names = planted.people.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        Ok(planted)
    }

    pub(super) fn photos(&self) -> usize {
        self.people.len()
    }

    pub(super) fn people(&self) -> usize {
        self.names.len()
    }

    /// Gives `plant` faces the name of somebody else, and looks for them.
    pub(super) fn trial(&self, plant: usize, seed: u64, options: &LintOptions) -> anyhow::Result<Trial> {
        let mut random = Rng::with_seed(seed);
        let mut order: Vec<usize> = (0..self.photos()).collect();
        random.shuffle(&mut order);
        order.truncate(plant);
        let mut people: Vec<Option<usize>> = self.people.iter().copied().map(Some).collect();
        for &face in &order {
            // Anybody but the right one.
            let other = self.names[random.usize(..self.people() - 1)];
            let last = self.names[self.people() - 1];
            people[face] = Some(if other == self.people[face] { last } else { other });
        }
        let faces = View::f32(self.dimension, &self.vectors)?;
        let gallery = Gallery { faces: &faces, people: &people, quality: Some(&self.quality), photos: None };
        let planted: BTreeSet<usize> = order.into_iter().collect();
        Ok(self.judge(seed, &planted, &lint(&gallery, options)?))
    }

    /// Counts what findings, most certain first, say of planted and untouched faces.
    fn judge(&self, seed: u64, planted: &BTreeSet<usize>, findings: &[Finding]) -> Trial {
        let mut trial = Trial {
            seed,
            planted: planted.len(),
            found: 0,
            put_right: 0,
            untouched: self.photos() - planted.len(),
            flagged: BTreeMap::new(),
            by_kind: BTreeMap::new(),
        };
        let (mut found, mut right) = (BTreeSet::new(), BTreeSet::new());
        for finding in findings {
            let severity = finding.severity();
            let rather = finding.fix.as_ref().and_then(|fix| match fix {
                Fix::Move { to, .. } | Fix::Merge { to, .. } => Some(*to),
                Fix::Remove { .. } | Fix::Split { .. } => None,
            });
            for &face in &finding.faces {
                if planted.contains(&face) {
                    if severity == Severity::Error {
                        found.insert(face);
                        right.extend((rather == Some(self.people[face])).then_some(face));
                    }
                    continue;
                }
                trial.by_kind.entry((severity, finding.kind)).or_default().insert(face);
                if severity == Severity::Error {
                    let suspicion = Suspicion { kind: finding.kind, confidence: finding.confidence, rather };
                    trial.flagged.entry(face).or_insert(suspicion);
                }
            }
        }
        (trial.found, trial.put_right) = (found.len(), right.len());
        trial
    }

    /// The untouched faces that are flagged in any draw, those in most draws first.
    pub(super) fn flagged(&self, trials: &[Trial]) -> Vec<Flagged> {
        let mut all: BTreeMap<usize, Flagged> = BTreeMap::new();
        for (&face, suspicion) in trials.iter().flat_map(|trial| &trial.flagged) {
            let Suspicion { kind, confidence, rather } = *suspicion;
            let (number, person) = (self.numbers[face], self.people[face]);
            let one = all.entry(face).or_insert(Flagged {
                face: number,
                person,
                draws: 0,
                kind,
                confidence,
                rather,
            });
            one.draws += 1;
            if confidence > one.confidence {
                (one.kind, one.confidence, one.rather) = (kind, confidence, rather);
            }
        }
        let mut all: Vec<Flagged> = all.into_values().collect();
        all.sort_by(|a, b| b.draws.cmp(&a.draws).then(b.confidence.total_cmp(&a.confidence)));
        all
    }
}
