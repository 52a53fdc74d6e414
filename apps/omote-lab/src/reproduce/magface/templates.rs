//! Templates of several pictures, each weighted by its magnitude (MagFace+).

use std::collections::BTreeMap;

use evaluation::report::{Block, Cell, Column, Format, Section, Table};
use evaluation::{Bootstrap, Difference, ScoredPair, ScoredPairs, Statistic};
use matching::{Rule, Template, cosine};
use model::{Embedding, Fingerprint};
use serde_json::json;
use synth::Seed;

use super::{ARCFACE, FMR, MAGFACE, SOFTMAX, of};
use crate::reproduce::arms::supports;
use crate::reproduce::claims::{Verdict, points};
use crate::reproduce::findings::Findings;
use crate::reproduce::runs::Outcomes;
use crate::reproduce::vectors::Vectors;

/// Pictures of each person, as they were taken and degraded.
pub const TEST: &str = "templates";
/// Pictures of a template, of which so many are degraded.
const PICTURES: usize = 4;
const DEGRADED: [usize; 5] = [0, 1, 2, 3, 4];
/// How often pictures are put together anew.
const DRAWS: u64 = 5;
/// By how much more are to match where half of the pictures are degraded, and how much may be lost where none is.
const GAIN: f64 = 0.01;
const LOSS: f64 = 0.003;

/// What is claimed where so many pictures are degraded, and what is needed.
const CLAIMS: [(usize, &str, &str); 2] = [
    (0, "no picture is degraded, weights lose nothing", "at most 0.3 points lost, by the interval"),
    (
        2,
        "half of the pictures are degraded, more templates match if magnitudes are weights",
        "+1 point, interval above 0",
    ),
];

/// How many templates match with and without weights, arm by arm.
pub fn add(outcomes: &Outcomes, findings: &mut Findings) -> anyhow::Result<()> {
    let (mut rows, mut ours) = (Vec::new(), BTreeMap::new());
    for arm in [SOFTMAX, ARCFACE, MAGFACE] {
        let networks = of(outcomes, arm, TEST);
        if networks.is_empty() {
            continue;
        }
        for degraded in DEGRADED {
            let scored = |rule| -> anyhow::Result<Vec<ScoredPairs>> {
                networks.iter().map(|network| pairs(network, degraded, rule)).collect()
            };
            let (even, weighted) = (scored(Rule::Mean)?, scored(Rule::MagnitudeWeighted)?);
            if !even.iter().all(|pairs| supports(pairs, FMR)) {
                continue;
            }
            let statistic = Statistic::FnmrAtFmr(FMR);
            // A smaller rate of false non-matches is a larger one of matches.
            let Difference { a, b, difference, .. } =
                Bootstrap::default().difference_of_means(&even, &weighted, statistic)?;
            let (value, interval) = (difference.value, difference.interval);
            rows.push(vec![
                Cell::text(arm),
                Cell::text(format!("{degraded} of {PICTURES}")),
                Cell::Number(1.0 - a),
                Cell::Number(1.0 - b),
                Cell::Interval { value, low: interval.low, high: interval.high },
            ]);
            let record = json!({"mean": 1.0 - a, "weighted": 1.0 - b});
            findings.record.push((format!("templates, {arm}, {degraded} degraded"), record));
            let verdict = match degraded {
                0 => Verdict::of_no_loss(interval, LOSS),
                _ => Verdict::of_gain(value, interval, GAIN),
            };
            if arm == MAGFACE {
                ours.insert(degraded, (points(value, interval), verdict));
            }
        }
    }
    if outcomes.plans(MAGFACE) {
        for (degraded, what, needed) in CLAIMS {
            let what = format!("Templates of {PICTURES} drawn faces at FMR 0.001: where {what}");
            findings.claim(what, needed, ours.remove(&degraded));
        }
    }
    let said = "Two templates of each unknown person, of other pictures each, against each other and against those of all others; \
                degraded pictures are blurred, noisy, of low resolution and compressed. Pictures are put together five times anew, \
                alike for all networks.";
    let columns = vec![
        Column::new("Arm", Format::Text),
        Column::new("Degraded", Format::Text),
        Column::new("TAR at FMR 0.001, mean of unit vectors", Format::Percent(2)),
        Column::new("Weighted by magnitude", Format::Percent(2)),
        Column::new("Gain", Format::Percent(2)),
    ];
    let table = Table { caption: String::new(), columns, rows, note: "Means over seeds.".to_owned() };
    let blocks = vec![Block::Prose(said.to_owned()), Block::Table(table)];
    findings.sections.push(Section { heading: "Templates".to_owned(), blocks });
    Ok(())
}

/// First templates against second ones, each with so many degraded pictures.
fn pairs(network: &Vectors, degraded: usize, rule: Rule) -> anyhow::Result<ScoredPairs> {
    let people = pictures(network);
    let mut scored = Vec::new();
    for draw in 0..DRAWS {
        let mut templates: [Vec<(u32, Template)>; 2] = [Vec::new(), Vec::new()];
        for (person, taken) in people.iter().enumerate().filter(|(_, taken)| taken.len() >= 2 * PICTURES) {
            let seed = Seed::new(draw).of("templates").number(person as u64);
            let mut order: Vec<usize> = (0..taken.len()).collect();
            order.sort_by_cached_key(|&picture| seed.number(picture as u64).value());
            for (side, of) in order.chunks_exact(PICTURES).take(2).enumerate() {
                let chosen =
                    of.iter().enumerate().map(|(place, &at)| taken[at][usize::from(place < degraded)]);
                let faces: Vec<_> = chosen.map(|at| (embedding(network, at), 0.0)).collect();
                templates[side].push((person as u32, Template::pool(&faces, rule)?));
            }
        }
        let [first, second] = &templates;
        for (a, one) in first {
            for (b, other) in second {
                scored.push(ScoredPair { a: *a, b: *b, score: Some(cosine(&one.vector, &other.vector)) });
            }
        }
    }
    Ok(ScoredPairs::of_people(&scored)?)
}

/// For each person the pictures that were taken: each as it is, and degraded.
fn pictures(network: &Vectors) -> Vec<Vec<[usize; 2]>> {
    let nothing = Vec::new();
    let grades = network.known.get("grade").unwrap_or(&nothing);
    let mut people: Vec<Vec<[usize; 2]>> = vec![Vec::new(); network.counts.len()];
    // Each picture is followed by what was made of it.
    for (at, pair) in grades.windows(2).enumerate() {
        if pair[0] == "0" && pair[1] == "1" {
            people[network.people[at] as usize].push([at, at + 1]);
        }
    }
    people
}

fn embedding(network: &Vectors, at: usize) -> Embedding {
    let (vector, magnitude) = (network.direction(at).to_vec(), network.magnitudes[at]);
    Embedding { vector, magnitude, fingerprint: Fingerprint([0; 32]) }
}
