//! Blurred faces that look like everybody.

use index::KnnGraph;

use super::people::People;
use super::{Evidence, Finding, Fix, Kind};

/// How many of the nearest neighbours of each face are looked at.
const NEAREST: usize = 10;

/// Standard deviations above the mean from which a number of strangers is out of line.
const OUT_OF_LINE: f64 = 4.0;

/// Labelled faces of low quality that far more other people have among their nearest faces than is usual here.
///
/// Only neighbours with a cosine of at least `stranger_cosine` count. The confidence is the share of strangers among
/// those who have the face near, less the share of quality that is left.
pub(super) fn hubs(
    people: &People<'_>,
    graph: &KnnGraph,
    quality: &[f32],
    stranger_cosine: f32,
    low_quality: f32,
    least: f64,
) -> Vec<Finding> {
    // Who has a face near: pairs of the face and a person.
    let mut near: Vec<(usize, usize)> = Vec::new();
    for (face, hits) in graph.iter().enumerate() {
        let Some(person) = people.of[face] else { continue };
        let hits = hits.iter().take(NEAREST).take_while(|hit| hit.score >= stranger_cosine);
        near.extend(hits.map(|hit| (hit.row, person)));
    }
    near.sort_unstable();
    let (mut strangers, mut listed) = (vec![0_usize; people.of.len()], vec![0_usize; people.of.len()]);
    let mut own = vec![0_usize; people.of.len()];
    for run in near.chunk_by(|x, y| x == y) {
        let (face, person) = run[0];
        listed[face] += run.len();
        if people.of[face] == Some(person) {
            own[face] += run.len();
        } else {
            strangers[face] += 1;
        }
    }
    let count = strangers.len().max(1) as f64;
    let mean = strangers.iter().sum::<usize>() as f64 / count;
    let variance = strangers.iter().map(|&number| (number as f64 - mean).powi(2)).sum::<f64>() / count;
    let limit = (mean + OUT_OF_LINE * variance.sqrt()).max(3.0);

    let finding = |face: usize| {
        let from = people.ids[people.of[face]?];
        let share = (listed[face] - own[face]) as f64 / listed[face].max(1) as f64;
        let confidence = share * (1.0 - f64::from(quality[face]) / 100.0);
        let hub = quality[face] < low_quality && strangers[face] as f64 > limit && confidence >= least;
        hub.then(|| Finding {
            kind: Kind::LowQualityHub,
            faces: vec![face],
            people: vec![from],
            confidence,
            evidence: Evidence::Crowd { quality: quality[face], strangers: strangers[face], usual: mean },
            fix: Some(Fix::Remove { face, from }),
        })
    };
    (0..people.of.len()).filter_map(finding).collect()
}
