//! `omote verify`: do two photos show the same person?

use std::path::PathBuf;

use analysis::Face;
use anyhow::Context;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::args::{FaceChoice, NO_FACE, RecogniseArgs, cosine};
use crate::cli::inputs::Input;
use crate::cli::outcome::Outcome;
use crate::cli::record::FaceRecord;
use crate::cli::reporter::{Reporter, path_value};
use crate::cli::scan::{faces, scan};
use crate::cli::setup::{FMR_ONE_TO_ONE, Setup, Work};

/// Flags of `omote verify`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Exit codes: 0 same person, 1 different people or no face, 2 an error.\n\n\
Example: omote verify passport.jpg selfie.jpg --face largest")]
pub struct Args {
    /// A photo of the one
    #[arg(value_name = "A")]
    a: PathBuf,
    /// A photo of the other
    #[arg(value_name = "B")]
    b: PathBuf,
    /// Which face is meant where a photo shows several: largest, central or a number
    #[arg(long, value_name = "WHICH")]
    face: Option<FaceChoice>,
    /// Cosine from which faces count as the same person [default: measured for the embedder]
    #[arg(long, value_name = "COSINE", value_parser = cosine, allow_negative_numbers = true)]
    threshold: Option<f32>,
    #[command(flatten)]
    recognise: RecogniseArgs,
}

#[derive(Serialize)]
struct PairRecord<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    a: Value,
    b: Value,
    score: f32,
    same: bool,
    threshold: Value,
    faces: [FaceRecord<'a>; 2],
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let inputs: Vec<Input> = vec![Ok(args.a.clone()), Ok(args.b.clone())];
    let setup = Setup::open(
        &args.recognise.models,
        Work::recognise(&args.recognise.detect, args.recognise.embed),
        inputs.len(),
    )?;
    let threshold = setup.threshold(args.threshold, FMR_ONE_TO_ONE)?;
    let mut picked: Vec<Face> = Vec::new();
    let mut faceless = None;
    let mut ambiguous = 0;
    let analyse = |_: &_, image| faces(&setup, &image);
    let mut pass = scan(inputs, &setup, reporter, analyse, |reporter, photo, analyzed| {
        // The choice is for photos of several faces; the other one often shows its person alone.
        let choice = args.face.filter(|_| analyzed.faces.len() != 1);
        match FaceChoice::pick(choice, &analyzed) {
            Ok(face) => picked.push(face.clone()),
            Err(reason) if reason == NO_FACE => faceless = Some(photo.path.clone()),
            Err(reason) => {
                ambiguous += 1;
                reporter.fail(&photo.path, &reason)?;
            }
        }
        Ok(())
    })?;
    pass.failed += ambiguous;
    let mut same = false;
    if let [a, b] = &picked[..] {
        let vector = |face: &Face| face.embedding.clone().context("a face was not embedded");
        let score = matching::compare(&vector(a)?, &vector(b)?, &[])?;
        same = score >= threshold.cosine;
        let record = PairRecord {
            kind: "pair",
            a: path_value(&args.a),
            b: path_value(&args.b),
            score,
            same,
            threshold: threshold.record(),
            faces: [FaceRecord::new(a), FaceRecord::new(b)],
        };
        reporter.answer(&record, || {
            let verdict = if same { "same person" } else { "different people" };
            let (a, b) = (a.quality.score, b.quality.score);
            format!("{verdict}: cosine {score:.3}, {}\nquality {a:.0} and {b:.0}", threshold.describe())
        })?;
    } else if let Some(path) = faceless {
        let record = json!({"type": "pair", "a": path_value(&args.a), "b": path_value(&args.b), "score": null,
            "same": null, "no_face_in": path_value(&path)});
        reporter.answer(&record, || format!("cannot tell: {NO_FACE} in {}", path.display()))?;
    }
    let outcome = pass.outcome(same);
    reporter.summary(&outcome, pass.record(&setup, json!({})), || format!("({})", setup.describe()))?;
    Ok(outcome)
}
