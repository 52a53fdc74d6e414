//! `omote verify`: do two photos show the same person?

use std::path::PathBuf;

use analysis::Face;
use anyhow::Context;
use matching::{Decision, Outcome as Decided, Quality, Rate, Scorer, ScorerFile};
use model::Embedding;
use serde::Serialize;
use serde_json::{Value, json};

use super::eval::rate;
use crate::cli::args::{FaceChoice, NO_FACE, RecogniseArgs, cosine, quality};
use crate::cli::calibrations::{
    Calibrated, CalibrationArgs, LEAST_QUALITY, percentage, rate_record, rate_text, threshold_value,
};
use crate::cli::inputs::Input;
use crate::cli::record::{FaceRecord, shortest};
use crate::cli::scan::scan_faces;
use crate::cli::setup::{Setup, Work};
use console::Outcome;
use console::{Reporter, path_value};

/// Flags of `omote verify`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Exit codes: 0 same person, 1 different people or no answer, 2 an error. There is no \
answer where no face was found, where one is not good enough, and where the calibration cannot tell.\n\n\
Example: omote verify passport.jpg selfie.jpg --face largest"
)]
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
    /// False match rate: how many of the pairs of different people may be taken for the same person
    #[arg(long, value_name = "RATE", default_value = "1e-3", value_parser = rate)]
    fmr: f64,
    /// Cosine from which faces count as the same person, in place of an error rate
    #[arg(long, value_name = "COSINE", value_parser = cosine, allow_negative_numbers = true, conflicts_with = "fmr")]
    threshold: Option<f32>,
    /// Score by this file of `omote scorer train` in place of the cosine; A is the enrolled face, B the searched one. Its
    /// calibration is the file of its name and `.toml` unless --calibration says otherwise
    #[arg(long, value_name = "FILE", conflicts_with = "threshold")]
    scorer: Option<PathBuf>,
    /// Give no answer where a face is of lower quality, 0 to 100 [default: 30; with --threshold 0]
    #[arg(long, value_name = "Q", value_parser = quality)]
    min_quality: Option<f32>,
    #[command(flatten)]
    calibration: CalibrationArgs,
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
    /// Null where that cannot be said.
    same: Option<bool>,
    /// match, no match, not good enough, or not supported.
    answer: &'static str,
    threshold: Value,
    faces: [FaceRecord<'a>; 2],
}

/// What is answered, as JSON and in words.
struct Verdict {
    same: Option<bool>,
    answer: &'static str,
    threshold: Value,
    words: String,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let inputs: Vec<Input> = vec![Ok(args.a.clone()), Ok(args.b.clone())];
    let models = &args.recognise.models;
    let setup =
        Setup::open(models, Work::recognise(&args.recognise.detect, args.recognise.embed), inputs.len())?;
    let judge = Judge::new(args, &setup)?;
    let mut picked: Vec<Face> = Vec::new();
    let mut faceless = None;
    let mut ambiguous = 0;
    let mut pass = scan_faces(inputs, &setup, reporter, |reporter, photo, analyzed| {
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
        let score = judge.score(&vector(a)?, &vector(b)?)?;
        let verdict = judge.decide(score, [a.quality.score, b.quality.score])?;
        same = verdict.same == Some(true);
        let record = PairRecord {
            kind: "pair",
            a: path_value(&args.a),
            b: path_value(&args.b),
            score,
            same: verdict.same,
            answer: verdict.answer,
            threshold: verdict.threshold,
            faces: [FaceRecord::new(a), FaceRecord::new(b)],
        };
        reporter.answer(&record, || {
            let (a, b) = (a.quality.score, b.quality.score);
            format!("{}\nquality {a:.0} and {b:.0}", verdict.words)
        })?;
    } else if let Some(path) = faceless {
        let record = json!({"type": "pair", "a": path_value(&args.a), "b": path_value(&args.b), "score": null,
            "same": null, "answer": "no face", "no_face_in": path_value(&path)});
        reporter.answer(&record, || format!("cannot tell: {NO_FACE} in {}", path.display()))?;
    }
    let outcome = pass.outcome(same);
    reporter.summary(&outcome, pass.record(&setup, json!({})), || format!("({})", setup.describe()))?;
    Ok(outcome)
}

/// What a score is judged by.
enum Judge {
    Cosine { threshold: f32, least: f32 },
    Rate { fmr: f64, calibrated: Box<Calibrated>, scorer: Option<Box<Scorer>>, least: f32 },
}

impl Judge {
    fn new(args: &Args, setup: &Setup) -> anyhow::Result<Judge> {
        if let Some(threshold) = args.threshold {
            return Ok(Judge::Cosine { threshold, least: args.min_quality.unwrap_or(0.0) });
        }
        let models = &args.recognise.models.on.models;
        let (calibrated, scorer) = match &args.scorer {
            None => (Calibrated::need(&args.calibration, models, setup, Default::default())?, None),
            Some(file) => {
                let model = setup.identity()?;
                let scorer = ScorerFile::load(file, model.fingerprint, model.flip)?.into_scorer();
                (Calibrated::of_scorer(&args.calibration, file, &scorer, setup)?, Some(Box::new(scorer)))
            }
        };
        let least = args.min_quality.unwrap_or(LEAST_QUALITY);
        Ok(Judge::Rate { fmr: args.fmr, calibrated: Box::new(calibrated), scorer, least })
    }

    /// How alike two faces are, by the cosine or by the scorer.
    fn score(&self, a: &Embedding, b: &Embedding) -> Result<f32, matching::Error> {
        match self {
            Judge::Rate { scorer: Some(scorer), .. } => {
                scorer.score(&scorer.prepare(&a.vector)?, &scorer.prepare(&b.vector)?)
            }
            _ => matching::compare(a, b, &[]),
        }
    }

    fn decide(&self, score: f32, [a, b]: [f32; 2]) -> anyhow::Result<Verdict> {
        let not_good =
            |least: f32| format!("not good enough: an answer needs a quality of {least:.0} (--min-quality)");
        match self {
            Judge::Cosine { threshold, least } => {
                let same = (a.min(b) >= *least).then_some(score >= *threshold);
                let rule = format!("threshold {threshold:.3}, as given: its error rate is unknown");
                let words = match same {
                    Some(true) => format!("same person: cosine {score:.3}, {rule}"),
                    Some(false) => format!("different people: cosine {score:.3}, {rule}"),
                    None => not_good(*least),
                };
                let threshold = json!({"cosine": shortest(*threshold), "fmr": null});
                Ok(Verdict { same, answer: answer(same), threshold, words })
            }
            Judge::Rate { fmr, calibrated, scorer, least } => {
                let scored = scorer.as_deref().map_or("cosine", Scorer::name);
                let quality = Quality { probe: a, reference: Some(b), least: *least };
                let decision =
                    Decision::verify(&calibrated.calibration, score, quality, *fmr, &calibrated.next())?;
                let said = |rate: Option<Rate>| rate.map_or(Value::Null, |rate| rate_record(&rate));
                let mut threshold = json!({
                    "cosine": decision.threshold.map(threshold_value), "fmr_asked": fmr,
                    "fmr": said(decision.rate_at_threshold), "fnmr": said(decision.fnmr_at_threshold),
                    "fmr_at_score": said(decision.rate_at_score),
                    "log_likelihood_ratio": decision.log_likelihood_ratio, "calibration": calibrated.record(),
                });
                if scorer.is_some() {
                    threshold["score"] = threshold["cosine"].take();
                    threshold["scorer"] = json!(scored);
                }
                let (same, words) = match decision.outcome {
                    Decided::Match => (Some(true), format!("same person: {scored} {score:.3}")),
                    Decided::NotGoodEnough => (None, not_good(*least)),
                    Decided::Unsupported { needed } => (
                        None,
                        format!(
                            "cannot tell at a false match rate of {}: the calibration is too small, about {needed} \
                             people would do",
                            percentage(*fmr)
                        ),
                    ),
                    _ => (Some(false), format!("different people: {scored} {score:.3}")),
                };
                let supported = !matches!(decision.outcome, Decided::Unsupported { .. });
                let answer = if supported { answer(same) } else { "not supported" };
                let mut words = words;
                if let (Some(cosine), Some(rate)) = (decision.threshold, decision.rate_at_threshold) {
                    words += &format!("\nthreshold {cosine:.3}: false match rate {}", rate_text(&rate));
                }
                if let Some(rate) = decision.rate_at_score {
                    words +=
                        &format!("\nas alike or more: {} of pairs of different people", rate_text(&rate));
                }
                words += &format!("\n{}", calibrated.describe());
                Ok(Verdict { same, answer, threshold, words })
            }
        }
    }
}

fn answer(same: Option<bool>) -> &'static str {
    match same {
        Some(true) => "match",
        Some(false) => "no match",
        None => "not good enough",
    }
}
