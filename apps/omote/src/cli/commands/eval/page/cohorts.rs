//! Cohorts on the page: for each label both error rates as charts and in a table.

use evaluation::report::{Block, Cell, Chart, CohortRate, Column, Format, Marker, Table, cohorts};
use evaluation::{CohortRates, CohortShare, Error};

use super::super::cohorts::{ByCohort, Label, needs};
use super::thousands;

/// The cohorts of all systems, by their names. Nothing without any; a system that has none says why.
pub fn blocks(systems: &[(&str, Result<&ByCohort, &str>)]) -> Result<Vec<Block>, Error> {
    let found: Vec<(&str, &ByCohort)> =
        systems.iter().filter_map(|(name, found)| Some((*name, found.ok()?))).collect();
    let several = systems.len() > 1;
    let mut blocks: Vec<Block> = systems
        .iter()
        .filter_map(|(name, found)| Some((name, found.err()?)))
        .map(|(name, reason)| {
            let of = if several { format!(" of {name}") } else { String::new() };
            Block::Prose(format!("There are no cohorts{of}: {reason}."))
        })
        .collect();
    let Some((_, first)) = found.first() else { return Ok(blocks) };
    blocks.push(Block::Prose(intro(&found)));
    for (number, label) in first.labels.iter().enumerate() {
        let charts = charts(label, number, &found)?;
        if !charts.is_empty() {
            blocks.push(Block::Charts(charts));
        }
        blocks.extend(found.iter().filter_map(|(name, by_cohort)| {
            let of = if several { format!(", {name}") } else { String::new() };
            Some(Block::Table(table(by_cohort.labels.get(number)?, &by_cohort.all, &of)))
        }));
    }
    blocks.push(Block::Prose(first.caution()));
    Ok(blocks)
}

fn intro(found: &[(&str, &ByCohort)]) -> String {
    let thresholds: Vec<String> = match found {
        [(_, only)] => vec![only.threshold_words()],
        _ => found.iter().map(|(name, of)| format!("{} ({name})", of.threshold_words())).collect(),
    };
    format!(
        "One threshold for everybody: {}. Where FNMR is higher people are turned away more often, where FMR is higher \
         they are taken for others more often. Parts of the pairs can also differ because their photos do.",
        thresholds.join("; ")
    )
}

/// Both rates, each if any cohort has it.
fn charts(label: &Label, number: usize, found: &[(&str, &ByCohort)]) -> Result<Vec<Chart>, Error> {
    type Rate = fn(&CohortRates) -> Option<CohortShare>;
    let rates: [(&str, Rate); 2] = [("FNMR", |rates| rates.fnmr.ok()), ("FMR", |rates| rates.fmr.ok())];
    let mut charts = Vec::new();
    for (what, rate) in rates {
        let systems: Vec<(String, Vec<CohortRate>)> = found
            .iter()
            .filter_map(|(name, of)| {
                let cohorts = of.labels.get(number)?.cohorts.iter();
                Some(((*name).to_owned(), cohorts.map(|(value, rates)| bar(value, rate(rates))).collect()))
            })
            .collect();
        if systems.iter().flat_map(|(_, cohorts)| cohorts).all(|cohort| cohort.rate.is_none()) {
            continue;
        }
        // Each of several systems has a rate of its own.
        let everybody = match found {
            [(_, only)] => rate(&only.all).map(|rate| Marker::new(rate.value, "all pairs")),
            _ => None,
        };
        let markers: Vec<Marker> = everybody.into_iter().collect();
        let missing = systems.iter().flat_map(|(_, cohorts)| cohorts).any(|cohort| cohort.rate.is_none());
        let note = if missing { "A row is empty where there are too few pairs." } else { "" };
        charts.push(cohorts(what, &systems, &markers)?.titled(format!("{what} by {}", label.name), note));
    }
    Ok(charts)
}

fn bar(cohort: &str, rate: Option<CohortShare>) -> CohortRate {
    let interval = rate.and_then(|rate| rate.interval).map(|interval| (interval.low, interval.high));
    CohortRate { cohort: cohort.to_owned(), rate: rate.map(|rate| rate.value), interval }
}

fn table(label: &Label, all: &CohortRates, of: &str) -> Table {
    let row = |name: &str, rates: &CohortRates| {
        vec![
            Cell::text(name),
            Cell::Number(rates.genuine as f64),
            Cell::Number(rates.false_non_matches as f64),
            cell(rates.fnmr.map_err(|few| few.needs())),
            Cell::Number(rates.support.impostors as f64),
            Cell::Number(rates.support.false_matches as f64),
            cell(rates.fmr.map_err(|unsupported| needs(&unsupported))),
        ]
    };
    let mut rows = vec![row("all pairs", all)];
    rows.extend(label.cohorts.iter().map(|(value, rates)| row(value, rates)));
    let note = match label.without {
        0 => String::new(),
        1 => "1 pair has no such label and is in no cohort.".to_owned(),
        some => format!("{} pairs have no such label and are in no cohort.", thousands(some)),
    };
    Table {
        caption: format!("By {}{of}", label.name),
        columns: vec![
            Column::new("Cohort", Format::Text),
            Column::new("Genuine pairs", Format::Decimal(0)),
            Column::new("Rejected", Format::Decimal(0)),
            Column::new("FNMR", Format::Percent(2)),
            Column::new("Impostor pairs", Format::Decimal(0)),
            Column::new("Accepted", Format::Decimal(0)),
            Column::new("FMR", Format::Percent(3)),
        ],
        rows,
        note,
    }
}

fn cell(rate: Result<CohortShare, String>) -> Cell {
    match rate {
        Ok(CohortShare { value, interval: Some(interval) }) => {
            Cell::Interval { value, low: interval.low, high: interval.high }
        }
        Ok(CohortShare { value, interval: None }) => Cell::Number(value),
        Err(needs) => Cell::NotSupported { needs },
    }
}
