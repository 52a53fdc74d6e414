//! Faces of unknown people put together by what the networks make of them.

use std::collections::BTreeMap;

use clustering::{Grouping, Method, Parameters};
use evaluation::bcubed;
use evaluation::report::{Block, Cell, Column, Format, Section, Table};
use index::View;
use serde_json::json;

use super::draws::{difference, mean, paired};
use super::{ARCFACE, Faces, MAGFACE, SOFTMAX};
use crate::reproduce::claims::{Verdict, points};
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
    pictures: Vec<Picture>,
}

/// A picture, and how it was put together with others.
struct Picture {
    /// Its number.
    at: usize,
    /// Of its cluster, the share that is of its person.
    precision: f64,
    /// Of its person, the share that is in its cluster.
    recall: f64,
    /// What person and cluster tell of each other: the mean over pictures is the mutual information, in nats.
    shared: f64,
    /// What both tell: the mean over pictures is the sum of both entropies, in nats.
    told: f64,
}

/// A measure of a half's agreement with the truth, where each picture counts as often as it was drawn.
type Measure = fn(&Half, &[u32]) -> Option<f64>;
const MEASURES: [(&str, Measure); 2] = [("BCubed F", drawn_bcubed), ("NMI", drawn_nmi)];

/// How well each arm's embeddings can be put together, method by method.
pub fn add(outcomes: &Outcomes, test: &str, faces: &Faces, findings: &mut Findings) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for (method, name) in METHODS {
        let mut arms: BTreeMap<&str, Vec<(u64, [Half; 2])>> = BTreeMap::new();
        let mut people: &[u32] = &[];
        for arm in [SOFTMAX, ARCFACE, MAGFACE] {
            let networks = outcomes.of(arm, test);
            let Some((_, first)) = networks.first() else { continue };
            people = &first.people;
            let once = vec![1; first.len()];
            let halves = networks.into_iter().map(|(seed, one)| Ok((seed, halves(one, method)?)));
            let halves = halves.collect::<anyhow::Result<Vec<_>>>()?;
            let mut row = vec![Cell::text(name), Cell::text(arm)];
            for (measure, of) in MEASURES {
                let value = mean(halves.iter().map(|(_, halves)| agreement(halves, of, &once)));
                row.push(value.map_or(Cell::Missing, Cell::Number));
                findings.record.push((format!("{name}, {measure}, {test}, {arm}"), json!(value)));
            }
            rows.push(row);
            arms.insert(arm, halves);
        }
        if !outcomes.plans(MAGFACE) || !outcomes.plans(ARCFACE) {
            continue;
        }
        let of_arm = |arm| arms.get(arm).map_or(&[][..], |halves| halves);
        let pairs = paired(of_arm(MAGFACE), of_arm(ARCFACE));
        for (measure, of) in MEASURES {
            let more = difference(people, &pairs, |halves, weights| agreement(halves, of, weights))?;
            let found =
                more.map(|(more, interval)| (points(more, interval), Verdict::of_no_loss(interval, LOSS)));
            let what =
                format!("{} put together by {name}: {measure} with MagFace, against ArcFace", faces.what);
            findings.claim(what, "not more than 0.5 points less, by the interval", found);
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
        Ok(Half::of(pictures, &truth(network, pictures), &found))
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

/// A measure of agreement as a mean over both halves.
fn agreement(halves: &[Half; 2], measure: Measure, weights: &[u32]) -> Option<f64> {
    mean(halves.iter().map(|half| measure(half, weights)))
}

impl Half {
    /// Pictures with their people and clusters. How each was put together is told once, by all that are there: a person that is
    /// drawn twice is no further person whom anybody could be taken for.
    fn of(pictures: &[usize], people: &[usize], clusters: &[usize]) -> Self {
        let sizes = |labels: &[usize]| {
            let mut sizes: BTreeMap<usize, f64> = BTreeMap::new();
            labels.iter().for_each(|&label| *sizes.entry(label).or_default() += 1.0);
            sizes
        };
        let mut common: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        people
            .iter()
            .zip(clusters)
            .for_each(|(&person, &cluster)| *common.entry((person, cluster)).or_default() += 1.0);
        let (of_people, of_clusters, count) = (sizes(people), sizes(clusters), pictures.len() as f64);
        let picture = |((&at, &person), &cluster): ((&usize, &usize), &usize)| {
            let (both, person, cluster) =
                (common[&(person, cluster)], of_people[&person], of_clusters[&cluster]);
            Picture {
                at,
                precision: both / cluster,
                recall: both / person,
                shared: (count * both / (person * cluster)).ln(),
                told: (count / person).ln() + (count / cluster).ln(),
            }
        };
        Self { pictures: pictures.iter().zip(people).zip(clusters).map(picture).collect() }
    }

    /// The sum of something over the pictures that were drawn.
    fn sum(&self, weights: &[u32], of: impl Fn(&Picture) -> f64) -> f64 {
        self.pictures.iter().map(|picture| f64::from(weights[picture.at]) * of(picture)).sum()
    }
}

/// The harmonic mean of the means of precision and recall.
fn drawn_bcubed(half: &Half, weights: &[u32]) -> Option<f64> {
    let drawn = half.sum(weights, |_| 1.0);
    let (precision, recall) =
        (half.sum(weights, |one| one.precision) / drawn, half.sum(weights, |one| one.recall) / drawn);
    let f = 2.0 * precision * recall / (precision + recall);
    f.is_finite().then_some(f)
}

/// The mutual information as a share of the mean of both entropies.
fn drawn_nmi(half: &Half, weights: &[u32]) -> Option<f64> {
    let share = 2.0 * half.sum(weights, |one| one.shared) / half.sum(weights, |one| one.told);
    share.is_finite().then_some(share)
}

#[cfg(test)]
mod tests {
    use evaluation::nmi;
    use synth::Seed;

    use super::super::draws::estimate;
    use super::*;

    #[test]
    fn everybody_once_is_the_plain_measure() {
        let (people, clusters) = ([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 1, 1]);
        let half = Half::of(&[0, 1, 2, 3, 4, 5], &people, &clusters);
        let plain = [bcubed(&people, &clusters).unwrap().f, nmi(&people, &clusters).unwrap()];
        let found = [drawn_bcubed(&half, &[1; 6]), drawn_nmi(&half, &[1; 6])].map(Option::unwrap);
        assert!(
            plain.iter().zip(found).all(|(plain, found)| (plain - found).abs() < 1e-12),
            "{found:?} {plain:?}"
        );
        assert_eq!([drawn_bcubed(&half, &[0; 6]), drawn_nmi(&half, &[0; 6])], [None, None]);
    }

    #[test]
    fn what_is_found_lies_in_the_middle_of_its_interval() {
        // 60 people with 8 pictures each. Some are put together with the next one, and some fall apart.
        let mut stream = Seed::new(3).stream();
        let fates: Vec<f32> = (0..60).map(|_| stream.between(0.0, 1.0)).collect();
        let people: Vec<usize> = (0..480).map(|at| at / 8).collect();
        let cluster = |at: usize| match fates[at / 8] {
            fate if fate < 0.3 && at / 8 < 59 => at / 8 + 1,
            fate if fate < 0.5 => at / 8 + 100 * (at % 2),
            _ => at / 8,
        };
        let clusters: Vec<usize> = (0..480).map(cluster).collect();
        let half = Half::of(&(0..480).collect::<Vec<_>>(), &people, &clusters);
        let drawn: Vec<u32> = people.iter().map(|&person| person as u32).collect();
        for (name, measure) in MEASURES {
            let (value, interval) = estimate(&drawn, |weights| measure(&half, weights)).unwrap();
            let place = (value - interval.low) / (interval.high - interval.low);
            assert!((0.35..0.65).contains(&place), "{name}: {value} {interval:?}");
        }
    }
}
