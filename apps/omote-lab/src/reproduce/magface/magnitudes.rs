//! Magnitudes, and how near faces are to the middle of their person.

use std::collections::BTreeMap;

use evaluation::report::{Block, Cell, Column, Curve, Format, Section, Table, scatter};
use serde_json::json;

use super::draws::{Lists, correlation, difference, estimate, magnitudes, mean, paired};
use super::{ARCFACE, Faces, MAGFACE, SOFTMAX, listed};
use crate::reproduce::claims::Verdict;
use crate::reproduce::findings::Findings;
use crate::reproduce::runs::Outcomes;
use crate::reproduce::vectors::Vectors;

/// Points of a figure.
const POINTS: usize = 400;

/// Magnitude against the cosine to the middle of the person, arm by arm.
pub fn add(outcomes: &Outcomes, test: &str, faces: &Faces, findings: &mut Findings) -> anyhow::Result<()> {
    let Faces { what, rising, more: needed, .. } = *faces;
    let (mut charts, mut rows) = (Vec::new(), Vec::new());
    let mut of_arms = BTreeMap::new();
    let mut people: &[u32] = &[];
    for arm in [SOFTMAX, ARCFACE, MAGFACE] {
        let found = outcomes.of(arm, test);
        let Some((_, first)) = found.first() else { continue };
        people = &first.people;
        let lists: Vec<(u64, Lists)> =
            found.iter().map(|(seed, vectors)| (*seed, (magnitudes(vectors), centred(vectors)))).collect();
        let of_seeds = |weights: &[u32]| mean(lists.iter().map(|(_, list)| correlation(list, weights)));
        let (rho, interval) = estimate(people, of_seeds)?;
        let once = vec![1; first.len()];
        let seeds: Vec<f64> = lists.iter().filter_map(|(_, list)| correlation(list, &once)).collect();
        rows.push(vec![
            Cell::text(arm),
            Cell::Interval { value: rho, low: interval.low, high: interval.high },
            Cell::text(listed(&seeds, 2)),
        ]);
        findings
            .record
            .push((format!("magnitude and centre, {test}, {arm}"), json!({"rho": rho, "of_seeds": seeds})));
        // Evenly from all of them.
        let step = first.len().div_ceil(POINTS).max(1);
        let (x, y) = &lists[0].1;
        let points = x.iter().copied().zip(y.iter().copied()).step_by(step).collect();
        let axes = ["Magnitude", "Cosine to the middle of the person"];
        charts.push(scatter(arm, axes, &[Curve::new(arm, points)])?);
        of_arms.insert(arm, (rho, interval, lists));
    }
    if faces.asked && outcomes.plans(MAGFACE) {
        let what = format!(
            "{what}: the larger the magnitude that MagFace gives a face, the nearer it is to the middle of its person (rank \
             correlation)"
        );
        let found = of_arms.get(MAGFACE).map(|&(rho, interval, _)| {
            let found = format!("{rho:.2} ({:.2} to {:.2})", interval.low, interval.high);
            (found, Verdict::of_gain(rho, interval, rising))
        });
        findings.claim(what, &above(rising), found);
    }
    if faces.asked && outcomes.plans(MAGFACE) && outcomes.plans(ARCFACE) {
        let lists = |arm| of_arms.get(arm).map_or(&[][..], |(.., lists)| lists);
        let more = difference(people, &paired(lists(MAGFACE), lists(ARCFACE)), correlation)?;
        let what = format!(
            "{what}: magnitude goes with the nearness to the middle of the person more with MagFace than with ArcFace (difference \
             of the rank correlations)"
        );
        let found = more.map(|(more, interval)| {
            let found = format!("{more:+.2} ({:+.2} to {:+.2})", interval.low, interval.high);
            (found, Verdict::of_gain(more, interval, needed))
        });
        findings.claim(what, &above(needed), found);
    }
    let said = "The middle of a person is the mean direction of all their other pictures. Points are pictures, of the first seed of \
                each arm; each network has magnitudes of its own, and only their order is compared.";
    let columns = vec![
        Column::new("Arm", Format::Text),
        Column::new("Rank correlation", Format::Decimal(2)),
        Column::new("Seed by seed", Format::Text),
    ];
    let table = Table { caption: String::new(), columns, rows, note: String::new() };
    let heading = format!("{what}: magnitude and the middle of the person");
    let blocks = vec![Block::Prose(said.to_owned()), Block::Charts(charts), Block::Table(table)];
    findings.sections.push(Section { heading, blocks });
    Ok(())
}

/// What is needed of a number, in words.
fn above(needed: f64) -> String {
    if needed > 0.0 { format!("{needed}, interval above 0") } else { "interval above 0".to_owned() }
}

/// The cosine of each picture to the mean direction of the other pictures of its person; 0 where there is no other.
pub fn centred(vectors: &Vectors) -> Vec<f64> {
    let mut sums = vec![vec![0.0_f64; vectors.dimension]; vectors.counts.len()];
    for at in 0..vectors.len() {
        let sum = &mut sums[vectors.people[at] as usize];
        sum.iter_mut().zip(vectors.direction(at)).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    let cosine = |at: usize| {
        let own = vectors.direction(at).iter().map(|&value| f64::from(value));
        let others = sums[vectors.people[at] as usize].iter().zip(own.clone()).map(|(sum, own)| sum - own);
        let (product, square) = others.zip(own).fold((0.0, 0.0), |(product, square), (other, own)| {
            (product + other * own, square + other * other)
        });
        if square > 0.0 { product / f64::sqrt(square) } else { 0.0 }
    };
    (0..vectors.len()).map(cosine).collect()
}

#[cfg(test)]
mod tests {
    use training::Maker;

    use super::*;

    #[test]
    fn a_picture_is_not_its_own_middle() {
        let maker = Maker { program: String::new(), commit: None, machine: String::new() };
        let rows = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 2.0]].map(|row| row.to_vec());
        let mut vectors = Vectors::of_classes(&rows, &maker);
        (vectors.people, vectors.counts) = (vec![0, 0, 0, 1], vec![3, 1]);
        let found = centred(&vectors);
        let half = std::f64::consts::FRAC_1_SQRT_2;
        for (found, expected) in found.iter().zip([half, half, 0.0, 0.0]) {
            assert!((found - expected).abs() < 1e-3, "{found} {expected}");
        }
    }
}
