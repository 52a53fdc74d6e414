//! `omote eval`: accuracy by a protocol of the field.

use std::path::PathBuf;

use clap::ValueEnum;
use evaluation::{CfpSet, PairProtocol, VerificationReport, evaluate_photos, read_cfp, read_lfw};
use serde_json::{Value, json};

use crate::cli::args::{FaceChoice, NO_FACE, RecogniseArgs};
use crate::cli::inputs::Input;
use crate::cli::outcome::Outcome;
use crate::cli::reporter::{Reporter, table};
use crate::cli::scan::{faces, scan};
use crate::cli::setup::{Setup, Work};

/// Flags of `omote eval`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "How to lay out each data set: docs/evaluation-layouts.md. A photo without a face is counted, and its \
pairs are decided \"not the same\".\n\nExample: omote eval lfw ~/data/lfw --detector yunet-n --detect-size 320 --flip"
)]
pub struct Args {
    /// The protocol
    protocol: Protocol,
    /// The folder of the data set
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Which face is compared where a photo shows several: largest, central or a number
    #[arg(long, value_name = "WHICH", default_value = "central")]
    face: FaceChoice,
    #[command(flatten)]
    recognise: RecogniseArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Protocol {
    /// LFW View 2: 6,000 pairs in 10 folds
    Lfw,
    /// CFP, frontal against frontal: 7,000 pairs in 10 folds
    CfpFf,
    /// CFP, frontal against profile: 7,000 pairs in 10 folds
    CfpFp,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let protocol = match args.protocol {
        Protocol::Lfw => read_lfw(&args.folder)?,
        Protocol::CfpFf => read_cfp(&args.folder, CfpSet::FrontalFrontal)?,
        Protocol::CfpFp => read_cfp(&args.folder, CfpSet::FrontalProfile)?,
    };
    let inputs: Vec<Input> = protocol.images.iter().cloned().map(Ok).collect();
    let setup = Setup::open(
        &args.recognise.models,
        Work::recognise(&args.recognise.detect, args.recognise.embed),
        inputs.len(),
    )?;

    let mut vectors = vec![None; protocol.images.len()];
    let analyse = |_: &_, image| Ok(faces(&setup, &image));
    let mut unreadable = 0;
    let pass = scan(inputs, &setup, reporter, analyse, |reporter, photo, analyzed| {
        let picked = match &analyzed {
            Ok(analyzed) => FaceChoice::pick(Some(args.face), analyzed),
            Err(error) => Err(error.to_string()),
        };
        match picked {
            Ok(face) => vectors[photo.number] = face.embedding.clone(),
            Err(reason) if reason == NO_FACE => reporter.no_face(&photo.path)?,
            Err(reason) => {
                unreadable += 1;
                reporter.fail(&photo.path, &reason)?;
            }
        }
        Ok(())
    })?;
    let report = evaluate_photos(&protocol, &vectors, |a, b| matching::cosine(&a.vector, &b.vector))?;
    let outcome = Outcome { failed: pass.failed + unreadable, found: true };
    let mut record = pass.record(&setup, record(&protocol, &report));
    record["face"] = json!(args.face.to_string());
    record["detect_size"] = json!(args.recognise.detect.detect_size.to_string());
    reporter.summary(&outcome, record, || describe(&report) + &pass.describe(&setup, &counts(&report)))?;
    Ok(outcome)
}

fn counts(report: &VerificationReport) -> String {
    let without = report.photos_without_face.unwrap_or_default();
    format!(
        "{without} without a face, {} of {} pairs not scored",
        report.pairs_without_score(),
        report.pairs()
    )
}

fn describe(report: &VerificationReport) -> String {
    let result = &report.result;
    let mut rows =
        vec![["FOLD", "THRESHOLD", "ACCURACY", "FALSE ACCEPTS", "FALSE REJECTS"].map(String::from).to_vec()];
    for (number, fold) in result.folds.iter().enumerate() {
        rows.push(vec![
            (number + 1).to_string(),
            format!("{:.3}", fold.threshold),
            format!("{:.2}", fold.accuracy * 100.0),
            fold.false_accepts.to_string(),
            fold.false_rejects.to_string(),
        ]);
    }
    format!(
        "{}: {:.2} +- {:.2} % (standard error; standard deviation {:.2}), {} of {} pairs wrong\n\n{}\n",
        report.name,
        result.accuracy * 100.0,
        result.standard_error * 100.0,
        result.standard_deviation * 100.0,
        result.errors(),
        report.pairs(),
        table(&rows)
    )
}

fn record(protocol: &PairProtocol, report: &VerificationReport) -> Value {
    let result = &report.result;
    let fold = |fold: &evaluation::FoldResult| {
        json!({"threshold": fold.threshold, "accuracy": fold.accuracy, "pairs": fold.pairs,
            "false_accepts": fold.false_accepts, "false_rejects": fold.false_rejects})
    };
    json!({
        "protocol": protocol.name,
        "accuracy": result.accuracy,
        "standard_error": result.standard_error,
        "standard_deviation": result.standard_deviation,
        "errors": result.errors(),
        "pairs": report.pairs(),
        "pairs_not_scored": report.pairs_without_score(),
        "photos_without_face": report.photos_without_face,
        "folds": result.folds.iter().map(fold).collect::<Vec<_>>(),
    })
}
