//! Magnitudes of pictures that were made worse by known amounts.

use std::collections::BTreeMap;

use evaluation::report::{Block, Cell, Column, Curve, Format, Section, Table, trend};
use serde_json::json;

use super::draws::{estimate, mean};
use super::{ARCFACE, MAGFACE, SOFTMAX, of};
use crate::reproduce::claims::Verdict;
use crate::reproduce::findings::Findings;
use crate::reproduce::runs::Outcomes;
use crate::reproduce::vectors::Vectors;

/// Of so many kinds of harm the magnitude is to fall with every grade.
const FALLING: usize = 5;
const KINDS: usize = 6;
/// What is looked at: pictures of each person as they were taken, and in each grade of each kind of harm.
pub const GRADED: &str = "graded";

/// Pictures of a kind of harm by their grade; grade 0 is shared by all kinds.
type Ladder = BTreeMap<usize, Vec<usize>>;

/// How magnitudes fall with each kind of harm, arm by arm.
pub fn add(outcomes: &Outcomes, findings: &mut Findings) -> anyhow::Result<()> {
    let (mut charts, mut rows, mut ours) = (Vec::new(), Vec::new(), None);
    for arm in [SOFTMAX, ARCFACE, MAGFACE] {
        let networks = of(outcomes, arm, GRADED);
        let Some(first) = networks.first() else { continue };
        let (mut curves, mut falling) = (Vec::new(), 0);
        let ladders = ladders(first);
        for (harm, ladder) in &ladders {
            let all = vec![1; first.len()];
            let shares = ladder.values().map(|pictures| share(&networks, ladder, pictures, &all));
            let shares: Vec<f64> = shares.collect::<Option<_>>().unwrap_or_default();
            let falls = shares.windows(2).all(|pair| pair[1] < pair[0]);
            falling += usize::from(falls);
            let Some(worst) = ladder.values().last() else { continue };
            let (value, interval) =
                estimate(&first.people, |weights| share(&networks, ladder, worst, weights))?;
            rows.push(vec![
                Cell::text(arm),
                Cell::text(harm),
                Cell::Interval { value, low: interval.low, high: interval.high },
                Cell::text(if falls { "yes" } else { "no" }),
            ]);
            findings.record.push((format!("magnitude by {harm}, {arm}"), json!(shares)));
            let points = ladder.keys().map(|&grade| grade as f64).zip(shares).collect();
            curves.push(Curve::new(harm, points));
        }
        charts.push(trend(arm, ["Grade", "Mean magnitude, of that at grade 0"], &curves)?);
        if arm == MAGFACE {
            let verdict = if falling >= FALLING { Verdict::Held } else { Verdict::Failed };
            ours = Some((format!("by {falling} of {}", ladders.len()), verdict));
        }
    }
    if outcomes.plans(MAGFACE) {
        let what = "Drawn faces made worse by known amounts: the mean magnitude that MagFace gives falls with every grade";
        findings.claim(what.to_owned(), &format!("by {FALLING} of {KINDS} kinds of harm"), ours);
    }
    let said = "Unknown people, each picture as it was taken (grade 0) and made worse grade by grade in several ways; magnitudes are \
                means over people and seeds, as shares of the mean at grade 0.";
    let columns = vec![
        Column::new("Arm", Format::Text),
        Column::new("Harm", Format::Text),
        Column::new("Magnitude at the worst grade, of that at grade 0", Format::Percent(1)),
        Column::new("Falls with every grade", Format::Text),
    ];
    let table = Table { caption: String::new(), columns, rows, note: String::new() };
    let blocks = vec![Block::Prose(said.to_owned()), Block::Charts(charts), Block::Table(table)];
    findings.sections.push(Section { heading: "Magnitude and harm".to_owned(), blocks });
    Ok(())
}

/// The pictures of each kind of harm, by grade. A grade that leaves all pictures as they were is none: the resolution that a large
/// face loses may be more than a small picture has, and the network cannot but make the same of both.
fn ladders(vectors: &Vectors) -> BTreeMap<String, Ladder> {
    let nothing = Vec::new();
    let column = |name: &str| vectors.known.get(name).unwrap_or(&nothing);
    let mut ladders: BTreeMap<String, Ladder> = BTreeMap::new();
    let mut whole = Vec::new();
    for (at, (harm, grade)) in column("harm").iter().zip(column("grade")).enumerate() {
        match grade.parse() {
            Ok(0) => whole.push(at),
            Ok(grade) => ladders.entry(harm.clone()).or_default().entry(grade).or_default().push(at),
            Err(_) => (),
        }
    }
    let magnitudes = |pictures: &[usize]| {
        let mut magnitudes: Vec<f32> = pictures.iter().map(|&at| vectors.magnitudes[at]).collect();
        magnitudes.sort_unstable_by(f32::total_cmp);
        magnitudes
    };
    let unharmed = magnitudes(&whole);
    for ladder in ladders.values_mut() {
        ladder.retain(|_, pictures| magnitudes(pictures) != unharmed);
        ladder.insert(0, whole.clone());
    }
    ladders
}

/// The mean magnitude of pictures as a share of that of grade 0, as a mean over networks.
fn share(networks: &[&Vectors], ladder: &Ladder, pictures: &[usize], weights: &[u32]) -> Option<f64> {
    let of = |vectors: &Vectors, pictures: &[usize]| {
        let (mut sum, mut count) = (0.0, 0.0);
        for &at in pictures {
            let weight = f64::from(weights[at]);
            sum += weight * f64::from(vectors.magnitudes[at]);
            count += weight;
        }
        (count > 0.0).then(|| sum / count)
    };
    let whole = ladder.get(&0)?;
    mean(networks.iter().map(|vectors| Some(of(vectors, pictures)? / of(vectors, whole)?)))
}

#[cfg(test)]
mod tests {
    use training::Maker;

    use super::*;

    #[test]
    fn ladders_share_what_was_not_harmed() {
        let maker = Maker { program: String::new(), commit: None, machine: String::new() };
        let rows: Vec<Vec<f32>> = [8.0, 4.0, 2.0, 8.0, 6.0].map(|length| vec![length, 0.0]).to_vec();
        let mut vectors = Vectors::of_classes(&rows, &maker);
        let words = |words: [&str; 5]| words.map(str::to_owned).to_vec();
        vectors.known.insert("harm".to_owned(), words(["", "blur", "blur", "noise", "noise"]));
        vectors.known.insert("grade".to_owned(), words(["0", "1", "2", "1", "2"]));
        let ladders = ladders(&vectors);
        assert_eq!(ladders.keys().collect::<Vec<_>>(), ["blur", "noise"]);
        let blur = &ladders["blur"];
        let shares: Vec<_> =
            blur.values().map(|pictures| share(&[&vectors], blur, pictures, &[1; 5]).unwrap()).collect();
        assert_eq!(shares, [1.0, 0.5, 0.25]);
        assert_eq!(share(&[&vectors], blur, &blur[&1], &[0, 1, 1, 1, 1]), None);
        // The first grade of noise is as it was.
        assert_eq!(ladders["noise"].keys().collect::<Vec<_>>(), [&0, &2]);
    }
}
