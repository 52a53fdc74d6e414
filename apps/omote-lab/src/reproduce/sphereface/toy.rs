//! Ten people and features of two values, which can be drawn.

use console::Reporter;
use evaluation::report::{Block, Cell, Column, Curve, Format, Section, Table, plane};

use super::angles::separated;
use super::count;
use crate::reproduce::claims::Verdict;
use crate::reproduce::findings::Findings;
use crate::reproduce::runs::Lab;
use crate::reproduce::vectors::Vectors;

/// Share of the people who are to keep together and apart with a margin of 3 or more.
const SHARE: f64 = 0.9;
/// Arms of which that is asked.
pub const WIDE: [&str; 2] = ["m = 3", "m = 4"];
/// Most points of a person in a figure.
const POINTS: usize = 40;

/// The features of each arm, and how many people keep together and apart.
pub fn add(lab: &Lab<'_>, findings: &mut Findings, reporter: &mut Reporter) -> anyhow::Result<()> {
    let Some(outcomes) = lab.grid("toy", reporter)? else { return Ok(()) };
    findings.begin(&outcomes);
    let (mut charts, mut rows, mut held) = (Vec::new(), Vec::new(), Vec::new());
    for (arm, vectors) in outcomes.first("learned") {
        charts.push(plane(&classes(vectors), &[])?.titled(arm, ""));
        let found = separated(vectors)?;
        let holds = found.iter().filter(|one| one.holds()).count();
        let within = found.iter().map(|one| one.within).fold(0.0, f64::max);
        let between = found.iter().map(|one| one.between).fold(180.0, f64::min);
        rows.push(vec![
            Cell::text(arm),
            Cell::text(format!("{holds} of {}", found.len())),
            Cell::Number(within),
            Cell::Number(between),
        ]);
        findings.record.push((format!("toy, {arm}"), count(holds, found.len())));
        held.push((arm, holds, found.len()));
    }
    for arm in WIDE.into_iter().filter(|arm| outcomes.plans(arm)) {
        let what = format!(
            "Ten people, features of two values, {arm}: the largest angle within a person is smaller than the smallest to another"
        );
        let found = held.iter().find(|(name, ..)| *name == arm).map(|&(_, holds, people)| {
            let share = holds as f64 / people.max(1) as f64;
            (format!("{holds} of {people}"), Verdict::of_number(share, SHARE))
        });
        findings.claim(what, "9 of 10 people", found);
    }
    let columns = vec![
        Column::new("Arm", Format::Text),
        Column::new("People with property 2", Format::Text),
        Column::new("Largest angle within", Format::Decimal(1)),
        Column::new("Smallest angle to another", Format::Decimal(1)),
    ];
    let note = "Of the pictures that were learned from, as in the paper.".to_owned();
    let table = Table { caption: String::new(), columns, rows, note };
    let blocks = vec![Block::Charts(charts), Block::Table(table)];
    findings.sections.push(Section { heading: "Ten people on a plane".to_owned(), blocks });
    Ok(())
}

/// The features of each person, at most so many.
pub fn classes(vectors: &Vectors) -> Vec<Curve> {
    let mut classes: Vec<Curve> =
        (1..=vectors.counts.len()).map(|person| Curve::new(person.to_string(), Vec::new())).collect();
    for at in 0..vectors.len() {
        let points = &mut classes[vectors.people[at] as usize].points;
        if let (true, &[x, y]) = (points.len() < POINTS, &vectors.vector(at)[..]) {
            points.push((x.into(), y.into()));
        }
    }
    classes.retain(|class| !class.points.is_empty());
    classes
}
