//! Angles between faces: how they spread, and whether each person keeps together and apart.

use evaluation::report::{self, Block, Cell, Chart, Column, Format, Histogram, Section, Table};
use evaluation::{Separation, separations};

use super::count;
use crate::reproduce::findings::Findings;
use crate::reproduce::runs::Outcomes;
use crate::reproduce::vectors::Vectors;

/// Two degrees each.
const BINS: usize = 90;
/// Who is looked at: people who were learned, and people who were not.
const TESTS: [(&str, &str); 2] = [("learned", "learned people"), ("strangers", "unknown people")];

/// Angles of each arm's first seed, and how many people keep together and apart.
pub fn add(outcomes: &Outcomes, findings: &mut Findings) -> anyhow::Result<()> {
    let mut blocks = vec![Block::Prose(
        "Angles between any two embeddings of one person and of two, with the first seed of each arm. SphereFace asks that the \
         largest angle within each person be smaller than the smallest to anybody else (its property 2)."
            .to_owned(),
    )];
    for (test, people) in TESTS {
        let first = outcomes.first(test);
        if first.is_empty() {
            continue;
        }
        let mut charts = Vec::new();
        for (arm, vectors) in first {
            charts.push(angles(vectors)?.titled(format!("{arm}, {people}"), ""));
        }
        blocks.push(Block::Charts(charts));
        blocks.push(Block::Table(table(outcomes, test, people, findings)?));
    }
    findings.sections.push(Section { heading: "Angles".to_owned(), blocks });
    Ok(())
}

fn angles(vectors: &Vectors) -> anyhow::Result<Chart> {
    let mut bins = Histogram {
        edges: (0..=BINS).map(|edge| 180.0 * edge as f64 / BINS as f64).collect(),
        genuine: vec![0; BINS],
        impostor: vec![0; BINS],
    };
    for a in 0..vectors.len() {
        for b in a + 1..vectors.len() {
            let angle = vectors.cosine(a, b).clamp(-1.0, 1.0).acos().to_degrees();
            let bin = ((angle / 180.0 * BINS as f32) as usize).min(BINS - 1);
            match vectors.people[a] == vectors.people[b] {
                true => bins.genuine[bin] += 1,
                false => bins.impostor[bin] += 1,
            }
        }
    }
    Ok(report::angles(&bins)?)
}

/// The separation of each person.
pub fn separated(vectors: &Vectors) -> anyhow::Result<Vec<Separation>> {
    let directions: Vec<&[f32]> = (0..vectors.len()).map(|at| vectors.direction(at)).collect();
    Ok(separations(&directions, &vectors.people)?)
}

fn table(outcomes: &Outcomes, test: &str, people: &str, findings: &mut Findings) -> anyhow::Result<Table> {
    let columns = vec![
        Column::new("Arm", Format::Text),
        Column::new("People with property 2", Format::Text),
        Column::new("Largest angle within, mean", Format::Decimal(1)),
        Column::new("Smallest angle to another, mean", Format::Decimal(1)),
    ];
    let mut rows = Vec::new();
    for (arm, vectors) in outcomes.first(test) {
        let found = separated(vectors)?;
        let holds = found.iter().filter(|one| one.holds()).count();
        let mean = |of: fn(&Separation) -> f64| found.iter().map(of).sum::<f64>() / found.len().max(1) as f64;
        rows.push(vec![
            Cell::text(arm),
            Cell::text(format!("{holds} of {}", found.len())),
            Cell::Number(mean(|one| one.within)),
            Cell::Number(mean(|one| one.between)),
        ]);
        findings.record.push((format!("property 2, {arm}, {people}"), count(holds, found.len())));
    }
    let (caption, note) = (format!("Of {people}"), String::new());
    Ok(Table { caption, columns, rows, note })
}
