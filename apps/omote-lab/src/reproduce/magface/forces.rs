//! What draws magnitudes down and up: the margin, and the penalty that is weighed against it.

use std::collections::BTreeMap;

use console::Reporter;
use evaluation::report::{Block, Cell, Column, Curve, Format, Section, Table, trend};
use serde_json::json;

use super::{LEARNED, MAGFACE};
use crate::reproduce::claims::Verdict;
use crate::reproduce::findings::Findings;
use crate::reproduce::runs::Lab;

/// The grid, and its arm whose penalty weighs too little.
pub const GRID: &str = "forces";
pub const WEAK: &str = "below the bound";
/// So many of them are to lie at the lower bound or below it, where nothing moves them any more.
const SHARE: f64 = 0.5;
/// Magnitudes of a bar of the figure.
const BIN: f64 = 2.0;

/// Where magnitudes end with each arm.
pub fn add(lab: &Lab<'_>, findings: &mut Findings, reporter: &mut Reporter) -> anyhow::Result<()> {
    let Some(outcomes) = lab.grid(GRID, reporter)? else { return Ok(()) };
    findings.begin(&outcomes);
    let (mut curves, mut rows) = (Vec::new(), Vec::new());
    let mut shares = BTreeMap::new();
    for (arm, vectors) in outcomes.first(LEARNED.0) {
        let Some(bounds) = bounds(lab, arm)? else { continue };
        let count = vectors.len().max(1) as f64;
        let share = |is_there: &dyn Fn(f64) -> bool| {
            let there = vectors.magnitudes.iter().filter(|&&magnitude| is_there(magnitude.into())).count();
            there as f64 / count
        };
        let (below, above) =
            (share(&|magnitude| magnitude <= bounds[0]), share(&|magnitude| magnitude >= bounds[1]));
        let mean = vectors.magnitudes.iter().copied().map(f64::from).sum::<f64>() / count;
        rows.push(vec![Cell::text(arm), Cell::Number(mean), Cell::Number(below), Cell::Number(above)]);
        findings
            .record
            .push((format!("forces, {arm}"), json!({"mean": mean, "below": below, "above": above})));
        let highest = vectors.magnitudes.iter().copied().map(f64::from).fold(0.0, f64::max);
        let bins = (highest / BIN) as usize + 1;
        let bin = |number: usize| {
            let from = number as f64 * BIN;
            (from + BIN / 2.0, share(&|magnitude| (from..from + BIN).contains(&magnitude)))
        };
        curves.push(Curve::new(arm, (0..bins).map(bin).collect()));
        shares.insert(arm, below);
    }
    if outcomes.plans(WEAK) && outcomes.plans(MAGFACE) {
        let what = "Where the penalty weighs less than the paper's bound, magnitudes collapse: learned pictures at the lower bound or \
                    below it, and as many where it weighs more";
        let found = shares.get(WEAK).zip(shares.get(MAGFACE)).map(|(&weak, &strong)| {
            let verdict = if weak > SHARE && strong <= SHARE { Verdict::Held } else { Verdict::Failed };
            (format!("{:.1} % and {:.1} %", 100.0 * weak, 100.0 * strong), verdict)
        });
        findings.claim(what.to_owned(), "more than half, and not more than half", found);
    }
    if rows.is_empty() {
        return Ok(());
    }
    let said = "The margin draws magnitudes down, the penalty up; the paper gives the least weight of the penalty for which each picture \
                has one optimum between the bounds.";
    let columns = vec![
        Column::new("Arm", Format::Text),
        Column::new("Mean magnitude", Format::Decimal(1)),
        Column::new("At the lower bound or below", Format::Percent(1)),
        Column::new("At the upper bound or above", Format::Percent(1)),
    ];
    let table =
        Table { caption: String::new(), columns, rows, note: "Learned pictures, one seed.".to_owned() };
    let chart = trend("Magnitudes of learned pictures", ["Magnitude", "Share of the pictures"], &curves)?;
    let blocks = vec![Block::Prose(said.to_owned()), Block::Charts(vec![chart]), Block::Table(table)];
    findings.sections.push(Section { heading: "Margin against penalty".to_owned(), blocks });
    Ok(())
}

/// The bounds of an arm's magnitudes; `None` if its loss has none.
fn bounds(lab: &Lab<'_>, arm: &str) -> anyhow::Result<Option<[f64; 2]>> {
    let runs = lab.study.runs_of(GRID)?;
    let run = runs.iter().find(|run| run.arm == arm);
    let recipe = run.map(|run| toml::Table::try_from(run.recipe.resolved())).transpose()?;
    let loss = recipe.as_ref().and_then(|recipe| recipe.get("loss"));
    let bound = |name: &str| loss.and_then(|loss| loss.get(name)).and_then(toml::Value::as_float);
    Ok(bound("lower_norm").zip(bound("upper_norm")).map(|(lower, upper)| [lower, upper]))
}
