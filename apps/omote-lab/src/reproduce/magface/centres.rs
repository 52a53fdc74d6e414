//! Which faces lie where many of their person do, and few of others.

use evaluation::report::{Block, Cell, Column, Curve, Format, Section, Table, trend};
use serde_json::json;

use super::draws::{Lists, correlation, estimate, magnitudes, mean};
use super::{ARCFACE, Faces, MAGFACE, SOFTMAX, listed, of};
use crate::reproduce::claims::Verdict;
use crate::reproduce::findings::Findings;
use crate::reproduce::runs::Outcomes;
use crate::reproduce::vectors::Vectors;

/// Nearest neighbours that are looked at: as many as a person has other pictures.
const NEIGHBOURS: usize = 9;
/// Parts that pictures are put into by their magnitude.
const PARTS: usize = 10;

/// The confidence that a picture is the centre of a class, against its magnitude.
pub fn add(outcomes: &Outcomes, test: &str, faces: &Faces, findings: &mut Findings) -> anyhow::Result<()> {
    let (mut curves, mut rows, mut ours) = (Vec::new(), Vec::new(), None);
    for arm in [SOFTMAX, ARCFACE, MAGFACE] {
        let networks = of(outcomes, arm, test);
        let Some(first) = networks.first() else { continue };
        let lists: Vec<_> =
            networks.iter().map(|vectors| (magnitudes(vectors), confidences(vectors))).collect();
        let of_seeds = |weights: &[u32]| mean(lists.iter().map(|list| correlation(list, weights)));
        let (rho, interval) = estimate(&first.people, of_seeds)?;
        let once = vec![1; first.len()];
        let seeds: Vec<f64> = lists.iter().filter_map(|list| correlation(list, &once)).collect();
        rows.push(vec![
            Cell::text(arm),
            Cell::Interval { value: rho, low: interval.low, high: interval.high },
            Cell::text(listed(&seeds, 2)),
        ]);
        findings
            .record
            .push((format!("centre of a class, {test}, {arm}"), json!({"rho": rho, "of_seeds": seeds})));
        curves.push(Curve::new(arm, by_part(&lists[0])));
        if arm == MAGFACE {
            let found = format!("{rho:.2} ({:.2} to {:.2})", interval.low, interval.high);
            ours = Some((found, Verdict::of_gain(rho, interval, 0.0)));
        }
    }
    if outcomes.plans(MAGFACE) {
        let what = format!(
            "{}: the larger the magnitude that MagFace gives, the likelier a face is the centre of a class (rank correlation)",
            faces.what
        );
        findings.claim(what, "interval above 0", ours);
    }
    let said = "The confidence of being the centre of a class (Yang et al. 2020, GCN-V) is the mean cosine to the nine nearest \
                neighbours, where those of other people count negative.";
    let columns = vec![
        Column::new("Arm", Format::Text),
        Column::new("Rank correlation of magnitude and confidence", Format::Decimal(2)),
        Column::new("Seed by seed", Format::Text),
    ];
    let table = Table { caption: String::new(), columns, rows, note: String::new() };
    let title = "Centres of classes by magnitude";
    let axes = ["Tenth of the pictures, from the smallest magnitude", "Mean confidence"];
    let chart = trend(title, axes, &curves)?.titled(title, "First seed of each arm.");
    let blocks = vec![Block::Prose(said.to_owned()), Block::Charts(vec![chart]), Block::Table(table)];
    findings.sections.push(Section { heading: format!("{}: centres of classes", faces.what), blocks });
    Ok(())
}

/// The confidence of each picture.
fn confidences(vectors: &Vectors) -> Vec<f64> {
    let confidence = |at: usize| {
        let mut others: Vec<(f32, bool)> = (0..vectors.len())
            .filter(|&other| other != at)
            .map(|other| (vectors.cosine(at, other), vectors.people[other] == vectors.people[at]))
            .collect();
        let count = NEIGHBOURS.min(others.len());
        if count == 0 {
            return 0.0;
        }
        others.select_nth_unstable_by(count - 1, |a, b| b.0.total_cmp(&a.0));
        let signed = others[..count].iter().map(|&(cosine, same)| if same { cosine } else { -cosine });
        signed.map(f64::from).sum::<f64>() / count as f64
    };
    (0..vectors.len()).map(confidence).collect()
}

/// Means of the second list in parts by the first.
fn by_part((magnitudes, confidences): &Lists) -> Vec<(f64, f64)> {
    let mut order: Vec<usize> = (0..magnitudes.len()).collect();
    order.sort_by(|&a, &b| magnitudes[a].total_cmp(&magnitudes[b]));
    let parts = order.chunks(order.len().div_ceil(PARTS).max(1));
    let mean = |part: &[usize]| part.iter().map(|&at| confidences[at]).sum::<f64>() / part.len() as f64;
    parts.enumerate().map(|(number, part)| ((number + 1) as f64, mean(part))).collect()
}

#[cfg(test)]
mod tests {
    use training::Maker;

    use super::*;

    #[test]
    fn neighbours_of_others_count_against() {
        let maker = Maker { program: String::new(), commit: None, machine: String::new() };
        let rows: Vec<Vec<f32>> = vec![vec![1.0, 0.0], vec![0.8, 0.6], vec![0.0, 1.0]];
        let mut vectors = Vectors::of_classes(&rows, &maker);
        (vectors.people, vectors.counts) = (vec![0, 0, 1], vec![2, 1]);
        let found = confidences(&vectors);
        for (found, expected) in found.iter().zip([0.4, 0.1, -0.3]) {
            assert!((found - expected).abs() < 1e-3, "{found} {expected}");
        }
        let parts = by_part(&((0..20).map(f64::from).collect(), (0..20).map(f64::from).collect()));
        assert_eq!((parts.len(), parts[0], parts[9]), (10, (1.0, 0.5), (10.0, 18.5)));
    }
}
