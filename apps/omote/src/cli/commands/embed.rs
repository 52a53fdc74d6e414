//! `omote embed`: faces as vectors.

use serde_json::json;

use crate::cli::args::{Inputs, RecogniseArgs};
use crate::cli::inputs::expand;
use crate::cli::record::{FaceRecord, PhotoRecord};
use crate::cli::scan::scan_faces;
use crate::cli::setup::{Setup, Work};
use console::Outcome;
use console::{Reporter, count};

/// Flags of `omote embed`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The vectors themselves are in the JSON records, as unit vectors beside the length they had.\n\n\
Example: omote embed holiday/ --json > vectors.jsonl"
)]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    recognise: RecogniseArgs,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let inputs = expand(&args.inputs.photos);
    let setup = Setup::open(
        &args.recognise.models,
        Work::recognise(&args.recognise.detect, args.recognise.embed),
        inputs.len(),
    )?;
    let mut found = 0;
    let pass = scan_faces(inputs, &setup, reporter, |reporter, photo, analyzed| {
        found += analyzed.faces.len();
        let record = PhotoRecord::new(photo, &analyzed, FaceRecord::with_vector);
        Ok(reporter.answer(&record, || {
            let path = photo.path.display();
            if analyzed.faces.is_empty() {
                return format!("{path}: no face");
            }
            let faces = analyzed.faces.iter().enumerate().filter_map(|(number, face)| {
                let embedding = face.embedding.as_ref()?;
                let head = embedding.vector.iter().take(4).map(|value| format!("{value:+.3}")).collect::<Vec<_>>();
                let (dimension, magnitude) = (embedding.dimension(), embedding.magnitude);
                let quality = face.quality.score;
                Some(format!(
                    "{path}: face {}  quality {quality:.0}  magnitude {magnitude:.1}  [{} ...] {dimension} values",
                    number + 1,
                    head.join(" ")
                ))
            });
            faces.collect::<Vec<_>>().join("\n")
        })?)
    })?;
    let outcome = pass.outcome(found > 0);
    let record = pass.record(&setup, json!({"faces": found}));
    reporter.summary(&outcome, record, || pass.describe(&setup, &count(found, "face", "faces")))?;
    Ok(outcome)
}
