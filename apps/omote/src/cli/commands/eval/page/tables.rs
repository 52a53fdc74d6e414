//! Tables: the measures with their intervals, and the folds.

use evaluation::report::{Cell, Column, Format, Table};
use evaluation::{FoldResult, Support, Unsupported};

use super::super::measures::{Measured, Point};
use super::{System, rate, thousands};

/// What is measured, one column for each system.
pub fn measures(systems: &[System]) -> Table {
    let mut columns = vec![Column::new("Measure", Format::Text)];
    for system in systems {
        columns.push(Column::new(system.name, Format::Percent(2)));
        columns.push(Column::new("Threshold", Format::Decimal(3)));
    }
    let row = |name: String, cells: &dyn Fn(&System) -> [Cell; 2]| {
        let mut row = vec![Cell::Text(name)];
        row.extend(systems.iter().flat_map(cells));
        row
    };
    let mut rows = Vec::new();
    if systems.iter().any(|system| system.folds.is_some()) {
        rows.push(row("Accuracy over the folds".into(), &|system| {
            let accuracy = system.folds.map_or(Cell::Missing, |report| Cell::Number(report.result.accuracy));
            [accuracy, system.mean_threshold().map_or(Cell::Missing, Cell::Number)]
        }));
    }
    rows.push(row("Equal error rate".into(), &|system| [measured(&system.measures.eer), Cell::Missing]));
    rows.push(row("Area under the ROC curve".into(), &|system| {
        [measured(&system.measures.auc), Cell::Missing]
    }));
    // All systems were asked the same.
    let asked = systems.first().map_or(&[][..], |system| &system.measures.points);
    for (number, Point { asked, .. }) in asked.iter().enumerate() {
        rows.push(row(
            format!("FNMR at FMR {}", rate(*asked)),
            &|system| match &system.measures.points[number] {
                Point { at, fnmr: Ok(fnmr), .. } => [measured(fnmr), Cell::Number(at.threshold)],
                Point { fnmr: Err(unsupported), .. } => {
                    [Cell::NotSupported { needs: needs(unsupported) }, Cell::Missing]
                }
            },
        ));
    }
    let note = systems.first().map(|system| {
        let scores = &system.measures.scores;
        let (genuine, impostor) = (thousands(scores.genuine_count()), thousands(scores.impostor_count()));
        let folds = match system.folds {
            Some(_) => " The threshold beside the accuracy is the mean over the folds.",
            None => "",
        };
        format!("{genuine} genuine and {impostor} impostor pairs; {}.{folds}", system.measures.grounds())
    });
    Table { caption: "Measures with 95 % intervals".into(), columns, rows, note: note.unwrap_or_default() }
}

/// A number with its interval, where there is one.
pub fn measured(measured: &Measured) -> Cell {
    let value = measured.value;
    let interval =
        |interval: evaluation::Interval| Cell::Interval { value, low: interval.low, high: interval.high };
    measured.interval.map_or(Cell::Number(value), interval)
}

/// What a false match rate would need to be reported.
pub fn needs(unsupported: &Unsupported) -> String {
    let needed = Support::impostors_needed(unsupported.fmr);
    if needed > unsupported.support.impostors {
        format!("{} impostor pairs", thousands(needed))
    } else if unsupported.support.false_matches < evaluation::MIN_FALSE_MATCHES {
        format!("{} false matches: fewer scores that are equal or missing", evaluation::MIN_FALSE_MATCHES)
    } else {
        format!("false matches of {} different pairs of people", evaluation::MIN_IDENTITY_PAIRS)
    }
}

/// How each fold went.
pub fn folds(system: &System) -> Option<Table> {
    let result = &system.folds?.result;
    let row = |(number, fold): (usize, &FoldResult)| {
        vec![
            Cell::Number((number + 1) as f64),
            Cell::Number(fold.threshold),
            Cell::Number(fold.accuracy),
            Cell::Number(fold.pairs as f64),
            Cell::Number(fold.false_accepts as f64),
            Cell::Number(fold.false_rejects as f64),
        ]
    };
    Some(Table {
        caption: system.name.to_owned(),
        columns: vec![
            Column::new("Fold", Format::Decimal(0)),
            Column::new("Threshold", Format::Decimal(3)),
            Column::new("Accuracy", Format::Percent(2)),
            Column::new("Pairs", Format::Decimal(0)),
            Column::new("False accepts", Format::Decimal(0)),
            Column::new("False rejects", Format::Decimal(0)),
        ],
        rows: result.folds.iter().enumerate().map(row).collect(),
        note: "Each fold's threshold is the most accurate one of all pairs outside the fold.".into(),
    })
}

impl System<'_> {
    /// The mean of the folds' thresholds.
    pub fn mean_threshold(&self) -> Option<f64> {
        let folds = &self.folds?.result.folds;
        Some(folds.iter().map(|fold| fold.threshold).sum::<f64>() / folds.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_depends_on_what_is_there() {
        let needs = |impostors, false_matches, identity_pairs| {
            let support = Support { impostors, false_matches, identity_pairs };
            super::needs(&Unsupported { fmr: 1e-3, support })
        };
        assert_eq!(needs(3000, 3, Some(3)), "10,000 impostor pairs");
        assert!(needs(20_000, 9, None).starts_with("10 false matches"));
        assert_eq!(needs(20_000, 20, Some(4)), "false matches of 10 different pairs of people");
    }
}
