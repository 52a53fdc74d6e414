//! `omote align`: faces cut out of photos, eyes and mouth at fixed places.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::args::{DetectArgs, Inputs, ModelArgs};
use crate::cli::inputs::{expand, output_folder};
use crate::cli::record::{FaceRecord, PhotoRecord};
use crate::cli::scan::scan_faces;
use crate::cli::setup::{Setup, Work};
use console::Outcome;
use console::{Reporter, count, path_value};

/// Flags of `omote align`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Faces are cut out as the embedder wants them; without --embedder, at ArcFace's template of 112x112.\n\n\
Example: omote align holiday/ --out faces/"
)]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    /// Folder for the crops: PHOTO_NUMBER.png, numbered as in `omote detect`
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    detect: DetectArgs,
    #[command(flatten)]
    models: ModelArgs,
}

#[derive(Serialize)]
struct CropRecord<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    path: Value,
    photo: Value,
    face: FaceRecord<'a>,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let inputs = expand(&args.inputs.photos);
    let work = Work { detect: Some(&args.detect), embed: None, keep_crop: true };
    let setup = Setup::open(&args.models, work, inputs.len())?;
    output_folder(&args.out, &inputs)?;
    let mut written = 0;
    let pass = scan_faces(inputs, &setup, reporter, |reporter, photo, analyzed| {
        if analyzed.faces.is_empty() {
            let record = PhotoRecord::new(photo, &analyzed, FaceRecord::new);
            return Ok(reporter.answer(&record, || format!("{}: no face", photo.path.display()))?);
        }
        for (number, face) in analyzed.faces.iter().enumerate() {
            let Some(crop) = &face.crop else { continue };
            let path = args.out.join(format!("{}_{}.png", photo.stem, number + 1));
            fs::write(&path, imaging::encode_png(crop)?)
                .with_context(|| format!("cannot write {}", path.display()))?;
            written += 1;
            let record = CropRecord {
                kind: "crop",
                path: path_value(&path),
                photo: path_value(&photo.path),
                face: FaceRecord::new(face),
            };
            reporter.answer(&record, || format!("{}", path.display()))?;
        }
        Ok(())
    })?;
    let outcome = pass.outcome(written > 0);
    let record = pass.record(&setup, json!({"crops": written}));
    reporter.summary(&outcome, record, || pass.describe(&setup, &count(written, "crop", "crops")))?;
    Ok(outcome)
}
