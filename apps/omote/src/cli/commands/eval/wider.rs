//! WIDER FACE: how many faces does a detector find, and how many that are none?

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use evaluation::report::Stamp;
use evaluation::{
    WiderCohort, WiderLists, WiderPredictions, WiderReport, WiderResult, WiderTruth, evaluate_wider,
};
use serde_json::{Value, json};

use super::page;
use crate::cli::args::{DetectArgs, ModelArgs};
use crate::cli::inputs::Input;
use crate::cli::scan::{Pass, scan};
use crate::cli::setup::{Setup, Work};
use console::Outcome;
use console::{Reporter, count, path_value, table};

/// AP is taken over all thresholds, so a detector is asked for what it is hardly sure of too.
const LOWEST_SCORE: f32 = 0.02;

/// Flags of `omote eval wider`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The folder of the data set
    #[arg(value_name = "DATA")]
    data: PathBuf,
    /// What another program found: EVENT/NAME.txt for each image; no detector runs then
    #[arg(long, value_name = "DIR")]
    predictions: Option<PathBuf>,
    /// Labels in text instead of the official lists: wider_face_val_bbx_gt.txt or labelv2.txt
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// The score from which a find counts for recall and precision, on the scale of the detector
    #[arg(
        long,
        value_name = "SCORE",
        default_value_t = 0.5,
        value_parser = any_score,
        allow_negative_numbers = true
    )]
    operating_score: f32,
    #[command(flatten)]
    page: page::Args,
    #[command(flatten)]
    detect: DetectArgs,
    #[command(flatten)]
    models: ModelArgs,
}

fn any_score(text: &str) -> Result<f32, String> {
    let score = text.parse().ok().filter(|score: &f32| score.is_finite());
    score.ok_or_else(|| "expected a number".to_owned())
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let page = args.page.checked()?;
    let truth = match &args.labels {
        Some(file) => read_labels(file)?,
        None => WiderTruth::read_official(&args.data)?,
    };
    if let Some(folder) = &args.predictions {
        let report = evaluate_wider(&truth, &WiderPredictions::read(folder)?, args.operating_score)?;
        let mut record = record(&report);
        if let Some(path) = page {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            page::wider::write(&report, &format!("WIDER FACE: {name}"), stamp(args, &truth), path)?;
            record["report"] = path_value(path);
        }
        reporter.summary(&Outcome::DONE, record, || describe(&report).trim_end().to_owned())?;
        return Ok(Outcome::DONE);
    }

    let photos = truth.photos(&args.data)?;
    let detect = DetectArgs { score: args.detect.score.or(Some(LOWEST_SCORE)), ..args.detect.clone() };
    let work = Work { detect: Some(&detect), embed: None, keep_crop: false };
    let setup = Setup::open(&args.models, work, photos.len())?;
    let (predictions, pass) = run_detector(&truth, photos, &setup, reporter)?;
    let report = evaluate_wider(&truth, &predictions, args.operating_score)?;
    let outcome = pass.outcome(true);
    let mut record = pass.record(&setup, record(&report));
    record["detect_size"] = json!(detect.detect_size.to_string());
    match page {
        Some(path) if outcome.failed > 0 => reporter.complain(&format!(
            "the report {} is not written: photos could not be read, and their faces count as missed",
            path.display()
        )),
        Some(path) => {
            let mut stamp = stamp(args, &truth);
            stamp.models = page::models(&setup);
            stamp.engine = setup.engine();
            stamp.more.push(("Detection size".into(), detect.detect_size.to_string()));
            stamp.more.extend(detect.score.map(|score| ("Lowest score".into(), score.to_string())));
            let name = stamp.models.first().map_or("", |model| &model.name);
            page::wider::write(&report, &format!("WIDER FACE: {name}"), stamp.clone(), path)?;
            record["report"] = path_value(path);
        }
        None => {}
    }
    reporter.summary(&outcome, record, || {
        let found = count(report.detections, "detection", "detections");
        describe(&report) + &pass.describe(&setup, &found)
    })?;
    Ok(outcome)
}

/// How the page was made, as far as it is known without a detector.
fn stamp(args: &Args, truth: &WiderTruth) -> Stamp {
    let (images, faces) =
        (truth.images().len(), truth.images().iter().map(|image| image.faces.len()).sum::<usize>());
    let protocol = format!("WIDER FACE ({images} images, {faces} faces)");
    let mut stamp = page::stamp(protocol, page::wider::hash_of_truth(truth));
    stamp.more.push(("Data hash".into(), "of the labelled boxes and the lists, not of the photos".into()));
    stamp
        .more
        .extend(args.predictions.as_ref().map(|folder| ("Predictions".into(), folder.display().to_string())));
    stamp
}

/// Reads labels in one of two formats of text. Only one of them begins with `#`.
fn read_labels(file: &Path) -> anyhow::Result<WiderTruth> {
    let mut beginning = Vec::new();
    let opened = File::open(file).and_then(|opened| opened.take(1).read_to_end(&mut beginning));
    opened.with_context(|| format!("cannot read {}", file.display()))?;
    Ok(match &beginning[..] {
        b"#" => WiderTruth::read_labels_v2(file)?,
        _ => WiderTruth::read_annotations(file)?,
    })
}

/// Finds the faces of all photos. A photo that cannot be read is left without predictions.
fn run_detector(
    truth: &WiderTruth,
    photos: Vec<PathBuf>,
    setup: &Setup,
    reporter: &mut Reporter,
) -> anyhow::Result<(WiderPredictions, Pass)> {
    let inputs: Vec<Input> = photos.into_iter().map(Ok).collect();
    let mut found = BTreeMap::new();
    let analyse = |_: &_, image| setup.analyzer.detect(&image);
    let pass = scan(inputs, setup, reporter, analyse, |_, photo, turned| {
        let faces = turned.faces.iter().map(|face| (face.bounds, face.score)).collect();
        found.insert(truth.images()[photo.number].name.clone(), faces);
        Ok(())
    })?;
    Ok((WiderPredictions::new(found)?, pass))
}

/// The three evaluations with their names; one without faces has no result.
fn subsets(report: &WiderReport) -> [(&'static str, Option<&WiderResult>); 3] {
    [("easy", report.easy.as_ref()), ("medium", report.medium.as_ref()), ("hard", report.hard.as_ref())]
}

fn record(report: &WiderReport) -> Value {
    let result = |result: &WiderResult| {
        json!({
            "ap": result.ap, "faces": result.faces, "images": result.images,
            "recall": result.recall(), "precision": result.precision(),
        })
    };
    let cohort = |cohort: &WiderCohort| {
        let mut record = result(&cohort.result);
        record["level"] = json!(cohort.level);
        record
    };
    let breakdown = report.breakdown.iter().map(|property| {
        let levels: Vec<Value> = property.cohorts.iter().map(cohort).collect();
        json!({"property": property.attribute.name(), "levels": levels})
    });
    let mut record = json!({
        "protocol": "WIDER FACE",
        "lists": match report.lists {
            WiderLists::Given => "given",
            WiderLists::ByHeight => "by height",
        },
        "images": report.images,
        "images_without_predictions": report.images_without_predictions,
        "faces": report.faces,
        "detections": report.detections,
        "operating_score": report.operating_threshold,
        "breakdown": breakdown.collect::<Vec<_>>(),
    });
    for (name, subset) in subsets(report) {
        record[name] = subset.map_or(Value::Null, result);
    }
    record
}

fn describe(report: &WiderReport) -> String {
    let threshold = report.operating_threshold;
    let headings = |first: [&str; 2]| {
        let measures =
            ["FACES".to_owned(), "AP".into(), format!("RECALL AT {threshold}"), "PRECISION".into()];
        first.into_iter().filter(|name| !name.is_empty()).map(String::from).chain(measures).collect()
    };
    let cells = |result: &WiderResult| {
        let precision = result.precision().map_or("-".to_owned(), percent);
        [result.faces.to_string(), percent(result.ap), percent(result.recall()), precision]
    };
    let mut rows: Vec<Vec<String>> = vec![headings(["LIST", ""])];
    for (name, result) in subsets(report) {
        let cells = result.map_or_else(|| ["0", "-", "-", "-"].map(String::from), cells);
        rows.push(std::iter::once(name.to_owned()).chain(cells).collect());
    }
    let mut text = format!(
        "WIDER FACE: {} in {}, {}\n\n{}\n",
        count(report.faces, "labelled face", "labelled faces"),
        count(report.images, "image", "images"),
        count(report.detections, "detection", "detections"),
        table(&rows)
    );
    if report.lists == WiderLists::ByHeight {
        text += "Faces of 50 pixels of height and more are easy, 30 medium, 10 hard, for want of the official lists: \
                 not to be compared with published numbers.\n";
    }
    if report.images_without_predictions > 0 {
        let images = count(report.images_without_predictions, "image", "images");
        text += &format!("{images} without predictions: taken for images in which nothing was found.\n");
    }
    let mut rows: Vec<Vec<String>> = vec![headings(["HARD FACES BY", "LEVEL"])];
    for property in &report.breakdown {
        for cohort in &property.cohorts {
            let names = [property.attribute.name(), cohort.level].map(String::from);
            rows.push(names.into_iter().chain(cells(&cohort.result)).collect());
        }
    }
    if rows.len() > 1 { format!("{text}\n{}\n", table(&rows)) } else { text }
}

fn percent(value: f64) -> String {
    format!("{:.2} %", value * 100.0)
}
