//! People who are alike: one person under two names, or two who could be taken for one another.

use std::collections::HashMap;

use index::KnnGraph;

use super::people::{People, probability};
use super::{Evidence, Finding, Fix, Kind};

/// Log odds of two names standing for one person: a constant, and the weights of the evidence for it and of the share
/// of faces that fit their own name better. Logistic regression on CelebA, with people split at random under two names
/// and all other pairs of people with near faces, five times.
const LOG_ODDS: [f64; 3] = [0.79, 8.19, -3.99];

/// The share of faces that must fit their own name better for two people to count as different.
const APART: f64 = 0.9;

/// Two people with near faces.
struct Pair {
    a: usize,
    b: usize,
    /// The nearest faces, one of each.
    nearest: (usize, usize),
}

/// All pairs of people of whom two faces are neighbours with a cosine of at least `stranger_cosine`.
fn near(people: &People<'_>, graph: &KnnGraph, stranger_cosine: f32) -> Vec<Pair> {
    let mut nearest: HashMap<(usize, usize), (f32, usize, usize)> = HashMap::new();
    for (face, hits) in graph.iter().enumerate() {
        let Some(own) = people.of[face] else { continue };
        for hit in hits.iter().take_while(|hit| hit.score >= stranger_cosine) {
            let Some(other) = people.of[hit.row].filter(|&other| other != own) else { continue };
            let (pair, link) = if own < other {
                ((own, other), (hit.score, face, hit.row))
            } else {
                ((other, own), (hit.score, hit.row, face))
            };
            let best = nearest.entry(pair).or_insert(link);
            let better = link.0.total_cmp(&best.0).then((best.1, best.2).cmp(&(link.1, link.2)));
            if better.is_gt() {
                *best = link;
            }
        }
    }
    let mut pairs: Vec<Pair> =
        nearest.into_iter().map(|((a, b), (_, x, y))| Pair { a, b, nearest: (x, y) }).collect();
    pairs.sort_unstable_by_key(|pair| (pair.a, pair.b));
    pairs
}

/// How sure it is that two names stand for one person.
fn one_person(evidence: f64, separable: f64) -> f64 {
    let [constant, of_evidence, of_separable] = LOG_ODDS;
    probability(constant + of_evidence * evidence + of_separable * separable)
}

/// The share of the faces of two people that fit their own name better than the other, leaving themselves out.
fn separable(people: &People<'_>, a: usize, b: usize) -> f64 {
    let right = |own: usize, other: usize| {
        let faces = people.members[own].iter();
        faces.filter(|&&face| people.fit(face, own) > people.fit(face, other)).count()
    };
    (right(a, b) + right(b, a)) as f64 / (people.members[a].len() + people.members[b].len()) as f64
}

pub(super) fn names(people: &People<'_>, graph: &KnnGraph, stranger_cosine: f32, least: f64) -> Vec<Finding> {
    let finding = |pair: Pair| {
        let ids = |person: usize| people.ids[person];
        let (evidence, mean) = people.alike(pair.a, pair.b);
        let alike = mean >= f64::from(stranger_cosine);
        // Most pairs are neither, which is seen without looking at their faces one by one.
        if !alike && one_person(evidence, 0.0) < least {
            return None;
        }
        let separable = separable(people, pair.a, pair.b);
        let one = one_person(evidence, separable);
        if one >= least {
            // The name with fewer faces goes; of equally many the later one.
            let fewer = people.members[pair.a].len() < people.members[pair.b].len();
            let (from, to) = if fewer { (pair.a, pair.b) } else { (pair.b, pair.a) };
            let faces = people.members[from].clone();
            return Some(Finding {
                kind: Kind::OnePersonTwoNames,
                faces: faces.clone(),
                people: vec![ids(from), ids(to)],
                confidence: one,
                evidence: Evidence::Alike { cosine: mean, evidence, separable },
                fix: Some(Fix::Merge { from: ids(from), to: ids(to), faces }),
            });
        }
        let confidence = (1.0 - one) * separable;
        let twins = alike && separable >= APART && confidence >= least;
        twins.then(|| Finding {
            kind: Kind::TwinRisk,
            faces: vec![pair.nearest.0.min(pair.nearest.1), pair.nearest.0.max(pair.nearest.1)],
            people: vec![ids(pair.a), ids(pair.b)],
            confidence,
            evidence: Evidence::Alike { cosine: mean, evidence, separable },
            fix: None,
        })
    };
    near(people, graph, stranger_cosine).into_iter().filter_map(finding).collect()
}
