//! The page of a detector on WIDER FACE.

use std::fmt::Write as _;
use std::path::Path;

use evaluation::report::{
    Block, Cell, Chart, CohortRate, Column, Curve, Format, Marker, Report, Section, Stamp, Table,
    cohort_shares, precision_recall,
};
use evaluation::{WiderLists, WiderReport, WiderResult, WiderTruth};
use model::FileHash;

use super::{percent, thousands};

/// Writes the page in one step.
pub fn write(report: &WiderReport, title: &str, stamp: Stamp, path: &Path) -> anyhow::Result<()> {
    let mut sections = vec![Section {
        heading: "Average precision".to_owned(),
        blocks: vec![Block::Table(lists(report)), Block::Charts(vec![curves(report)?])],
    }];
    if !report.breakdown.is_empty() {
        sections.push(Section {
            heading: "Hard faces by property".to_owned(),
            blocks: vec![Block::Charts(vec![recalls(report)?]), Block::Table(breakdown(report))],
        });
    }
    let page = Report { title: title.to_owned(), lead: lead(report), stamp, sections };
    Ok(page.write(path)?)
}

/// The hash of the labelled boxes and of the lists: the same in whatever form they were read.
pub fn hash_of_truth(truth: &WiderTruth) -> String {
    let mut text = String::new();
    for image in truth.images() {
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(text, "{}", image.name);
        for face in &image.faces {
            let [x1, y1, x2, y2] = [face.rect.x1, face.rect.y1, face.rect.x2, face.rect.y2];
            let lists = [face.subsets.easy, face.subsets.medium, face.subsets.hard].map(u8::from);
            let _ = writeln!(text, "{x1} {y1} {x2} {y2} {lists:?}");
        }
    }
    format!("sha256:{}", FileHash::of(text.as_bytes()))
}

/// The three evaluations with their names.
fn subsets(report: &WiderReport) -> impl Iterator<Item = (&'static str, &WiderResult)> {
    let all = [("Easy", &report.easy), ("Medium", &report.medium), ("Hard", &report.hard)];
    all.into_iter().filter_map(|(name, result)| Some((name, result.as_ref()?)))
}

fn lead(report: &WiderReport) -> Vec<String> {
    let precisions: Vec<String> = subsets(report)
        .map(|(name, result)| format!("{} on {} faces", percent(result.ap), name.to_lowercase()))
        .collect();
    let mut lead = vec![format!("Average precision: {}.", precisions.join(", "))];
    if let Some((name, result)) = subsets(report).last() {
        let precision = result.precision().map_or_else(
            || "; nothing else reaches it".to_owned(),
            |precision| format!(", and {} of the finds are faces", percent(precision)),
        );
        lead.push(format!(
            "From a score of {} on, {} of the {} faces are found{precision}.",
            report.operating_threshold,
            percent(result.recall()),
            name.to_lowercase()
        ));
    }
    if report.lists == WiderLists::ByHeight {
        lead.push(
            "The official lists were not there: faces of 50 pixels of height and more are easy, 30 medium, 10 hard. Not to be \
             compared with published numbers."
                .to_owned(),
        );
    }
    if report.images_without_predictions > 0 {
        lead.push(format!(
            "{} of {} images have no predictions: taken for images in which nothing was found.",
            thousands(report.images_without_predictions),
            thousands(report.images)
        ));
    }
    lead
}

fn columns(report: &WiderReport, names: &[&str]) -> Vec<Column> {
    let mut columns: Vec<Column> = names.iter().map(|name| Column::new(*name, Format::Text)).collect();
    columns.push(Column::new("Faces", Format::Decimal(0)));
    columns.push(Column::new("AP", Format::Percent(2)));
    for rate in ["Recall", "Precision"] {
        columns.push(Column::new(format!("{rate} at {}", report.operating_threshold), Format::Percent(2)));
    }
    columns
}

fn cells(result: &WiderResult) -> [Cell; 4] {
    [
        Cell::Number(result.faces as f64),
        Cell::Number(result.ap),
        Cell::Number(result.recall()),
        result.precision().map_or(Cell::Missing, Cell::Number),
    ]
}

fn lists(report: &WiderReport) -> Table {
    let row = |(name, result): (&str, &WiderResult)| {
        std::iter::once(Cell::text(name)).chain(cells(result)).collect()
    };
    Table {
        caption: "Average precision (AP), and recall and precision at one score".to_owned(),
        columns: columns(report, &["Faces of the list"]),
        rows: subsets(report).map(row).collect(),
        note: format!(
            "{} labelled faces in {} images, {} detections. The easy faces are among the medium ones, and those among \
             the hard ones.",
            thousands(report.faces),
            thousands(report.images),
            thousands(report.detections)
        ),
    }
}

fn curves(report: &WiderReport) -> Result<Chart, evaluation::Error> {
    let mut curves = Vec::new();
    let mut operating = Vec::new();
    for (name, result) in subsets(report) {
        let points: Vec<(f64, f64)> = result.curve.iter().map(|at| (at.recall, at.precision)).collect();
        curves.push(Curve::new(format!("{name}, AP {}", percent(result.ap)), points));
        operating.push(result.precision().map(|precision| (result.recall(), precision)));
    }
    let chart = precision_recall(&curves, &operating)?;
    let note = format!("{} The marks are at a score of {}.", chart.note, report.operating_threshold);
    let title = chart.title.clone();
    Ok(chart.titled(title, note))
}

/// Which faces are missed: recall says so without regard to false finds, which belong to no level.
fn recalls(report: &WiderReport) -> Result<Chart, evaluation::Error> {
    let mut rates = Vec::new();
    for property in &report.breakdown {
        for cohort in &property.cohorts {
            let name = format!("{}: {}", property.attribute.name(), cohort.level);
            rates.push(CohortRate { cohort: name, rate: Some(cohort.result.recall()), interval: None });
        }
    }
    let everybody = report.hard.as_ref().map(|hard| Marker::new(hard.recall(), "all hard faces"));
    let systems = [("hard faces of a level".to_owned(), rates)];
    let chart = cohort_shares("Recall", &systems, &everybody.into_iter().collect::<Vec<_>>())?;
    Ok(chart.titled(
        "Recall by level",
        format!("The share of faces found at a score of {}.", report.operating_threshold),
    ))
}

fn breakdown(report: &WiderReport) -> Table {
    let mut rows = Vec::new();
    for property in &report.breakdown {
        for cohort in &property.cohorts {
            let names = [property.attribute.name(), cohort.level].map(Cell::text);
            rows.push(names.into_iter().chain(cells(&cohort.result)).collect());
        }
    }
    Table {
        caption: "The hard faces of each level, all others ignored".to_owned(),
        columns: columns(report, &["Property", "Level"]),
        rows,
        note: "Finds on no face at all are false in every row alike, so AP and precision are lower where there are few \
               faces: compare recall between levels, and AP between detectors."
            .to_owned(),
    }
}
