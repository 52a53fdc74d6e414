//! Pictures that are there twice, and names that are twice in one picture.

use std::collections::BTreeMap;

use index::KnnGraph;

use super::people::{People, Sum, probability};
use super::{Evidence, Finding, Fix, Kind};
use crate::components::joined;

/// How many times the evidence per dimension an answer is worth. Dimensions are not independent, and photos are not
/// normal: on CelebA, evidence is right as often as it says if it is counted this often.
const DIMENSIONS: f64 = 45.0;

/// The share of faces of one photo with one name that are of one person all the same: mirrors, collages.
const MIRRORS: f64 = 0.1;

/// Groups of faces with cosines of at least `duplicate_cosine`: the best one stays, and every other one is a finding.
pub(super) fn duplicates(
    people: &People<'_>,
    graph: &KnnGraph,
    quality: &[f32],
    duplicate_cosine: f32,
    least: f64,
) -> Vec<Finding> {
    let same = graph.iter().enumerate().flat_map(|(face, hits)| {
        let same = hits.iter().take_while(|hit| hit.score >= duplicate_cosine);
        same.map(move |hit| (face, hit.row))
    });
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (face, group) in joined(people.of.len(), same).into_iter().enumerate() {
        groups.entry(group).or_default().push(face);
    }
    let mut found = Vec::new();
    for group in groups.into_values().filter(|group| group.len() > 1) {
        let best = |faces: &mut dyn Iterator<Item = usize>| {
            faces.max_by(|&x, &y| quality[x].total_cmp(&quality[y]).then(y.cmp(&x)))
        };
        let Some(kept) = best(&mut group.iter().copied()) else { continue };
        let first = found.len();
        for &face in group.iter().filter(|&&face| face != kept) {
            let finding = duplicate(face, kept, &group, people).filter(|found| found.confidence >= least);
            // A person with several copies asks for the best one several times.
            let new =
                finding.filter(|finding| found[first..].iter().all(|one: &Finding| one.fix != finding.fix));
            found.extend(new);
        }
    }
    found
}

fn duplicate(face: usize, kept: usize, group: &[usize], people: &People<'_>) -> Option<Finding> {
    let cosine = people.rows.cosine(face, kept);
    let (Some(of_face), Some(of_kept)) = (people.of[face], people.of[kept]) else {
        // A picture that is nobody's does no harm.
        return None;
    };
    if of_face == of_kept {
        let from = people.ids[of_face];
        return Some(Finding {
            kind: Kind::Duplicate,
            faces: vec![face],
            people: vec![from],
            confidence: 1.0,
            evidence: Evidence::Copy { kept, cosine },
            fix: Some(Fix::Remove { face, from }),
        });
    }
    // One of two names is wrong. What speaks for each are the person's other pictures.
    let fit = |person: usize| {
        let mut others = people.whole(person);
        let copies = group.iter().filter(|&&copy| people.of[copy] == Some(person));
        copies.for_each(|&copy| others.remove(people.rows.row(copy)));
        let mut one = Sum::new(people.rows.dim());
        one.add(people.rows.row(face));
        people.one_person(&others, &one)
    };
    let odds = DIMENSIONS * (fit(of_kept) - fit(of_face));
    let (moved, stays, from, to) = match odds >= 0.0 {
        true => (face, kept, of_face, of_kept),
        false => (kept, face, of_kept, of_face),
    };
    let (from, to) = (people.ids[from], people.ids[to]);
    Some(Finding {
        kind: Kind::Duplicate,
        faces: vec![moved],
        people: vec![from, to],
        confidence: probability(odds.abs()),
        evidence: Evidence::Copy { kept: stays, cosine },
        fix: Some(Fix::Move { face: moved, from: Some(from), to }),
    })
}

/// Faces of one photo with one name: the one that fits best stays, and every other one is a finding.
pub(super) fn twice(
    people: &People<'_>,
    photos: &[usize],
    duplicate_cosine: f32,
    least: f64,
) -> Vec<Finding> {
    let mut groups: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (face, &photo) in photos.iter().enumerate() {
        if let Some(person) = people.of[face] {
            groups.entry((photo, person)).or_default().push(face);
        }
    }
    let mut found = Vec::new();
    for ((photo, person), faces) in groups {
        let fit = |face: usize| people.fit(face, person);
        let Some(&kept) = faces.iter().max_by(|&&x, &&y| fit(x).total_cmp(&fit(y)).then(y.cmp(&x))) else {
            continue;
        };
        for &face in faces.iter().filter(|&&face| face != kept) {
            let one = probability((MIRRORS / (1.0 - MIRRORS)).ln() + DIMENSIONS * people.pair(face, kept));
            let confidence = 1.0 - one;
            // Copies are reported as such.
            if confidence < least || people.rows.cosine(face, kept) >= duplicate_cosine {
                continue;
            }
            let from = people.ids[person];
            found.push(Finding {
                kind: Kind::TwiceInOnePhoto,
                faces: vec![face],
                people: vec![from],
                confidence,
                evidence: Evidence::SamePhoto { photo, kept },
                fix: Some(Fix::Remove { face, from }),
            });
        }
    }
    found
}
