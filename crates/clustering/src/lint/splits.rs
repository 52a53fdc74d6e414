//! Names that stand for two people: faces that fall into two groups.

use super::people::{People, Sum, probability};
use super::{Evidence, Finding, Fix, Kind};

/// Log odds of a name standing for two people: a constant, and the weights of the evidence for two rather than one and
/// of how well the faces of the smaller group fit together (evidence a face). Logistic regression on CelebA, with
/// people put under one name at random and all other people, five times.
const LOG_ODDS: [f64; 3] = [-5.79, 2.44, 3.63];

/// Rounds of moving faces between the two groups; a few are enough.
const ROUNDS: usize = 20;

/// The faces of a person in two groups, the bigger first.
pub(super) struct Halves {
    pub(super) bigger: Vec<usize>,
    pub(super) smaller: Vec<usize>,
    /// The evidence for two people rather than one.
    pub(super) evidence: f64,
    /// How well the smaller group fits together, in evidence a face.
    pub(super) coherence: f64,
}

impl Halves {
    /// Splits a person's faces in two by 2-means from the two ends; `None` if the smaller group has fewer than two
    /// faces, which is a wrong label rather than a second person.
    pub(super) fn of(person: usize, people: &People<'_>) -> Option<Self> {
        let faces = &people.members[person];
        if faces.len() < 4 {
            return None;
        }
        let rows = people.rows;
        let along = |sum: &[f64], face: usize| -> f64 {
            sum.iter().zip(rows.row(face)).map(|(&sum, &value)| sum * f64::from(value)).sum()
        };
        // The one least like all others, and the one least like that.
        let farthest = |from: &dyn Fn(usize) -> f64| {
            faces.iter().copied().min_by(|&x, &y| from(x).total_cmp(&from(y))).unwrap_or(faces[0])
        };
        let whole = people.sum(person);
        let first = farthest(&|face| along(whole, face));
        let second = farthest(&|face| f64::from(rows.cosine(first, face)));
        let mut groups = [Sum::new(rows.dim()), Sum::new(rows.dim())];
        let mut sides: Vec<usize> = faces
            .iter()
            .map(|&face| usize::from(rows.cosine(face, second) > rows.cosine(face, first)))
            .collect();
        faces.iter().zip(&sides).for_each(|(&face, &side)| groups[side].add(rows.row(face)));
        for _ in 0..ROUNDS {
            let mut moved = false;
            for (&face, side) in faces.iter().zip(&mut sides) {
                if groups[*side].faces == 1 {
                    continue;
                }
                groups[*side].remove(rows.row(face));
                let fits = |group: &Sum| {
                    let mut one = Sum::new(rows.dim());
                    one.add(rows.row(face));
                    people.one_person(group, &one)
                };
                let better = usize::from(fits(&groups[1]) > fits(&groups[0]));
                moved |= better != *side;
                *side = better;
                groups[better].add(rows.row(face));
            }
            if !moved {
                break;
            }
        }
        let of_side = |wanted: usize| -> Vec<usize> {
            faces.iter().zip(&sides).filter(|(_, side)| **side == wanted).map(|(&face, _)| face).collect()
        };
        let small = usize::from(groups[1].faces <= groups[0].faces);
        if groups[small].faces < 2 {
            return None;
        }
        Some(Self {
            bigger: of_side(1 - small),
            smaller: of_side(small),
            evidence: -people.one_person(&groups[0], &groups[1]),
            coherence: people.coherence(&groups[small]) / groups[small].faces as f64,
        })
    }

    pub(super) fn confidence(&self) -> f64 {
        let [constant, evidence, coherence] = LOG_ODDS;
        probability(constant + evidence * self.evidence + coherence * self.coherence)
    }
}

pub(super) fn splits(people: &People<'_>, least: f64) -> Vec<Finding> {
    // A number that nobody has, another one for each finding.
    let mut new = people.ids.last().map_or(0, |&last| last.wrapping_add(1));
    let mut found = Vec::new();
    for person in 0..people.len() {
        let Some(halves) = Halves::of(person, people) else { continue };
        let confidence = halves.confidence();
        if confidence < least {
            continue;
        }
        while people.ids.binary_search(&new).is_ok() {
            new = new.wrapping_add(1);
        }
        let id = people.ids[person];
        found.push(Finding {
            kind: Kind::TwoPeopleOneName,
            people: vec![id],
            confidence,
            evidence: Evidence::Groups {
                bigger: halves.bigger.len(),
                smaller: halves.smaller.len(),
                evidence: -halves.evidence,
            },
            fix: Some(Fix::Split { person: id, faces: halves.smaller.clone(), new }),
            faces: halves.smaller,
        });
        new = new.wrapping_add(1);
    }
    found
}
