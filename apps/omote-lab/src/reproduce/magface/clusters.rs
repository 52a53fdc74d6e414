//! Faces of unknown people put together by what the networks make of them.

use std::collections::BTreeMap;

use clustering::{Grouping, Method, Parameters};
use evaluation::report::{Block, Cell, Column, Format, Section, Table};
use evaluation::{bcubed, nmi};
use index::View;
use serde_json::json;

use super::draws::{estimate, mean};
use super::{ARCFACE, Faces, MAGFACE, SOFTMAX, of};
use crate::reproduce::claims::{Claim, Verdict, points};
use crate::reproduce::findings::Findings;
use crate::reproduce::runs::Outcomes;
use crate::reproduce::vectors::Vectors;

/// The paper's methods that learn nothing.
const METHODS: [(Method, &str); 3] =
    [(Method::KMeans, "k-means"), (Method::AverageLinkage, "average linkage"), (Method::Dbscan, "DBSCAN")];
/// What may be lost.
const LOSS: f64 = 0.005;

/// One half of the people, put together by settings that were chosen with the other half.
struct Half {
    /// The pictures.
    pictures: Vec<usize>,
    truth: Vec<usize>,
    found: Vec<usize>,
}

/// A measure of a half's agreement with the truth, where each picture counts as often as it was drawn.
type Measure = fn(&Half, &[u32]) -> Option<f64>;
const MEASURES: [(&str, Measure); 2] = [("BCubed F", drawn_bcubed), ("NMI", drawn_nmi)];

/// How well each arm's embeddings can be put together, method by method.
pub fn add(outcomes: &Outcomes, test: &str, faces: &Faces, findings: &mut Findings) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for (method, name) in METHODS {
        let mut arms: Vec<(&str, Vec<[Half; 2]>)> = Vec::new();
        let mut people = Vec::new();
        for arm in [SOFTMAX, ARCFACE, MAGFACE] {
            let networks = of(outcomes, arm, test);
            let Some(first) = networks.first() else { continue };
            people.clone_from(&first.people);
            let halves: anyhow::Result<Vec<_>> = networks.iter().map(|one| halves(one, method)).collect();
            arms.push((arm, halves?));
        }
        let arm = |name: &str| arms.iter().find(|(arm, _)| *arm == name).map(|(_, networks)| networks);
        for (arm, networks) in &arms {
            let mut row = vec![Cell::text(name), Cell::text(*arm)];
            for (measure, of) in MEASURES {
                let all = vec![1; people.len()];
                let value = agreement(networks, of, &all);
                row.push(value.map_or(Cell::Missing, Cell::Number));
                findings.record.push((format!("{name}, {measure}, {test}, {arm}"), json!(value)));
            }
            rows.push(row);
        }
        let (Some(ours), Some(theirs)) = (arm(MAGFACE), arm(ARCFACE)) else { continue };
        for (measure, of) in MEASURES {
            let (more, interval) = estimate(&people, |weights| {
                Some(agreement(ours, of, weights)? - agreement(theirs, of, weights)?)
            })?;
            findings.claims.push(Claim {
                what: format!(
                    "{} put together by {name}: {measure} with MagFace, against ArcFace",
                    faces.what
                ),
                needed: "not more than 0.5 points less, by the interval".to_owned(),
                found: points(more, interval),
                verdict: Verdict::of_no_loss(interval, LOSS),
            });
        }
    }
    let said = "k-means is told how many people there are. The settings of the others are those of a grid with the best BCubed F on one \
                half of the people, and are used for the other half, and the other way round.";
    let columns = vec![
        Column::new("Method", Format::Text),
        Column::new("Arm", Format::Text),
        Column::new("BCubed F", Format::Percent(2)),
        Column::new("NMI", Format::Percent(2)),
    ];
    let note = "Means over seeds. Intervals are of differences, among the claims: of other people than these, fewer or more would \
                be alike, for all arms."
        .to_owned();
    let table = Table { caption: String::new(), columns, rows, note };
    let blocks = vec![Block::Prose(said.to_owned()), Block::Table(table)];
    findings.sections.push(Section { heading: format!("{}: clusters", faces.what), blocks });
    Ok(())
}

/// Both halves of the people.
fn halves(network: &Vectors, method: Method) -> anyhow::Result<[Half; 2]> {
    let sides = [0, 1]
        .map(|side| (0..network.len()).filter(|&at| network.people[at] % 2 == side).collect::<Vec<usize>>());
    let half = |side: usize| -> anyhow::Result<Half> {
        let pictures = &sides[side];
        let parameters = best(network, &sides[1 - side], pictures, method)?;
        let found = Directions::of(network, pictures).cluster(method, &parameters)?;
        Ok(Half { truth: truth(network, pictures), pictures: pictures.clone(), found })
    };
    Ok([half(0)?, half(1)?])
}

/// Settings for some pictures: the best ones on others, and as many people as there are.
fn best(
    network: &Vectors,
    others: &[usize],
    pictures: &[usize],
    method: Method,
) -> anyhow::Result<Parameters> {
    if method == Method::KMeans {
        let mut people = truth(network, pictures);
        people.sort_unstable();
        people.dedup();
        return Ok(Parameters { people: Some(people.len()), ..method.defaults() });
    }
    let (faces, truth) = (Directions::of(network, others), truth(network, others));
    let mut grouping = Grouping::new(faces.view()?, rayon::current_num_threads());
    let mut best = (f64::NEG_INFINITY, method.defaults());
    for parameters in method.grid() {
        let found = grouping.cluster(method, &parameters)?;
        let f = bcubed(&truth, found.labels())?.f;
        if f > best.0 {
            best = (f, parameters);
        }
    }
    Ok(best.1)
}

fn truth(network: &Vectors, pictures: &[usize]) -> Vec<usize> {
    pictures.iter().map(|&at| network.people[at] as usize).collect()
}

/// The directions of some pictures.
struct Directions {
    dimension: usize,
    values: Vec<f32>,
}

impl Directions {
    fn of(network: &Vectors, pictures: &[usize]) -> Self {
        let values = pictures.iter().flat_map(|&at| network.direction(at)).copied().collect();
        Self { dimension: network.dimension, values }
    }

    fn view(&self) -> anyhow::Result<View<'_>> {
        Ok(View::f32(self.dimension, &self.values)?)
    }

    fn cluster(&self, method: Method, parameters: &Parameters) -> anyhow::Result<Vec<usize>> {
        let found = method.cluster(&self.view()?, parameters, rayon::current_num_threads())?;
        Ok(found.labels().to_vec())
    }
}

/// A measure of agreement as a mean over networks and halves.
fn agreement(networks: &[[Half; 2]], measure: Measure, weights: &[u32]) -> Option<f64> {
    mean(networks.iter().flatten().map(|half| measure(half, weights)))
}

/// BCubed F. Copies of a person stand for people who are alike and are not the same, so a picture is held against its own copy's
/// other pictures, and against those of other people as often as these were drawn.
fn drawn_bcubed(half: &Half, weights: &[u32]) -> Option<f64> {
    let mut clusters: BTreeMap<usize, BTreeMap<usize, (f64, f64)>> = BTreeMap::new();
    let mut sizes: BTreeMap<usize, f64> = BTreeMap::new();
    for ((&at, &person), &cluster) in half.pictures.iter().zip(&half.truth).zip(&half.found) {
        let shares = clusters.entry(cluster).or_default();
        let (count, weight) = shares.entry(person).or_default();
        *count += 1.0;
        *weight = f64::from(weights[at]);
        *sizes.entry(person).or_default() += 1.0;
    }
    let (mut precision, mut recall, mut drawn) = (0.0, 0.0, 0.0);
    for shares in clusters.values() {
        let all: f64 = shares.values().map(|(count, weight)| count * weight).sum();
        for (person, (count, weight)) in shares.iter().filter(|(_, (_, weight))| *weight > 0.0) {
            let others = all - count * weight;
            precision += count * weight * count / (count + others);
            recall += count * weight * count / sizes[person];
            drawn += count * weight;
        }
    }
    let (precision, recall) = (precision / drawn, recall / drawn);
    let f = 2.0 * precision * recall / (precision + recall);
    f.is_finite().then_some(f)
}

/// NMI of the pictures as often as they were drawn.
fn drawn_nmi(half: &Half, weights: &[u32]) -> Option<f64> {
    let drawn = |labels: &[usize]| {
        let copies = half.pictures.iter().zip(labels);
        let copies = copies.flat_map(|(&at, &label)| std::iter::repeat_n(label, weights[at] as usize));
        copies.collect::<Vec<usize>>()
    };
    nmi(&drawn(&half.truth), &drawn(&half.found)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn half(truth: [usize; 6], found: [usize; 6]) -> Half {
        Half { pictures: (0..6).collect(), truth: truth.to_vec(), found: found.to_vec() }
    }

    #[test]
    fn everybody_once_is_the_plain_measure() {
        let half = half([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 1, 1]);
        let plain = bcubed(&half.truth, &half.found).unwrap().f;
        assert!((drawn_bcubed(&half, &[1; 6]).unwrap() - plain).abs() < 1e-12);
        assert_eq!(drawn_nmi(&half, &[1; 6]), nmi(&half.truth, &half.found).ok());
        assert_eq!(drawn_bcubed(&half, &[0; 6]), None);
    }

    #[test]
    fn copies_of_a_person_are_others() {
        // Everybody is in one cluster. As often as all were drawn, so often are there others for each.
        let one = half([0, 0, 1, 1, 2, 2], [0; 6]);
        let f = |precision: f64| 2.0 * precision / (precision + 1.0);
        assert!((drawn_bcubed(&one, &[1; 6]).unwrap() - f(1.0 / 3.0)).abs() < 1e-12);
        // The first twice, the second once, the third not: a precision of 2/4 for four of six, and of 2/6 for two.
        let expected = (2.0 * (2.0 / 4.0) * 2.0 + 2.0 * (2.0 / 6.0)) / 6.0;
        assert!((drawn_bcubed(&one, &[2, 2, 1, 1, 0, 0]).unwrap() - f(expected)).abs() < 1e-12);
    }
}
