//! Magnitudes, and how near faces are to the middle of their person.

use evaluation::report::{Block, Cell, Column, Curve, Format, Section, Table, scatter};
use serde_json::json;

use super::draws::{correlation, estimate, magnitudes};
use super::{ARCFACE, Faces, MAGFACE, SOFTMAX, listed, of};
use crate::reproduce::claims::{Claim, Verdict};
use crate::reproduce::findings::Findings;
use crate::reproduce::runs::Outcomes;
use crate::reproduce::vectors::Vectors;

/// Points of a figure.
const POINTS: usize = 400;

/// Magnitude against the cosine to the middle of the person, arm by arm.
pub fn add(outcomes: &Outcomes, test: &str, faces: &Faces, findings: &mut Findings) -> anyhow::Result<()> {
    let Faces { what, rising, more: needed, .. } = *faces;
    let (mut charts, mut rows) = (Vec::new(), Vec::new());
    let mut of_arms = Vec::new();
    for arm in [SOFTMAX, ARCFACE, MAGFACE] {
        let networks = of(outcomes, arm, test);
        let Some(first) = networks.first() else { continue };
        let lists: Vec<_> = networks.iter().map(|vectors| (magnitudes(vectors), centred(vectors))).collect();
        let (rho, interval) = estimate(&first.people, |weights| correlation(&lists, weights))?;
        let alone = |list| correlation(std::slice::from_ref(list), &vec![1; first.len()]);
        let seeds: Vec<f64> = lists.iter().filter_map(alone).collect();
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
        let (x, y) = &lists[0];
        let points = x.iter().copied().zip(y.iter().copied()).step_by(step).collect();
        let axes = ["Magnitude", "Cosine to the middle of the person"];
        charts.push(scatter(arm, axes, &[Curve::new(arm, points)])?);
        of_arms.push((arm, rho, interval, lists, &first.people));
    }
    let arm = |name: &str| of_arms.iter().find(|(arm, ..)| *arm == name);
    if let Some((_, rho, interval, ours, people)) = arm(MAGFACE) {
        findings.claims.push(Claim {
            what: format!(
                "{what}: the larger the magnitude that MagFace gives a face, the nearer it is to the middle of its person (rank \
                 correlation)"
            ),
            needed: format!("{rising}, interval above 0"),
            found: format!("{rho:.2} ({:.2} to {:.2})", interval.low, interval.high),
            verdict: Verdict::of_gain(*rho, *interval, rising),
        });
        if let Some((.., theirs, _)) = arm(ARCFACE) {
            let (more, interval) = estimate(people, |weights| {
                Some(correlation(ours, weights)? - correlation(theirs, weights)?)
            })?;
            findings.claims.push(Claim {
                what: format!("{what}: this goes further with MagFace than with ArcFace"),
                needed: format!("+{needed}, interval above 0"),
                found: format!("{more:+.2} ({:+.2} to {:+.2})", interval.low, interval.high),
                verdict: Verdict::of_gain(more, interval, needed),
            });
        }
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
