//! `omote identify`: who is in these photos?

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use analysis::Face;
use clap::ValueEnum;
use gallery::{Answer, Candidate, Gallery, IdentifyOptions, PersonScore, Query, Source};
use imaging::Image;
use serde::Serialize;
use serde_json::{Value, json};

use super::detect::draw;
use crate::cli::args::{GalleryArgs, Inputs, RecogniseArgs, cosine};
use crate::cli::inputs::{expand, output_folder};
use crate::cli::outcome::Outcome;
use crate::cli::people::{PhotoFile, adopt};
use crate::cli::record::FaceRecord;
use crate::cli::reporter::{Reporter, count, path_value};
use crate::cli::scan::{Analyzed, Photo, faces, scan};
use crate::cli::setup::{FMR_ONE_TO_MANY, Setup, Work};

/// Flags of `omote identify`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "A face that resembles nobody of the gallery enough is \"unknown\". Exit codes: 0 somebody was \
recognised, 1 nobody was, 2 an error.\n\nExample: omote identify party.jpg --gallery people/ --draw named/"
)]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    /// How many people to name for each face
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    top: u16,
    /// Cosine from which a face is taken for a person [default: measured for the embedder]
    #[arg(long, value_name = "COSINE", value_parser = cosine, allow_negative_numbers = true)]
    threshold: Option<f32>,
    /// Closed set: everybody is in the gallery, so every face is the person it resembles most
    #[arg(long, conflicts_with = "threshold")]
    closed: bool,
    /// How a face is compared with a person of several enrolments
    #[arg(long, value_enum, default_value = "best", value_name = "RULE")]
    score_by: ScoreBy,
    /// Write each photo with boxes and names into this folder
    #[arg(long, value_name = "DIR")]
    draw: Option<PathBuf>,
    #[command(flatten)]
    gallery: GalleryArgs,
    #[command(flatten)]
    recognise: RecogniseArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ScoreBy {
    /// By the most similar of the person's faces
    Best,
    /// By the mean of the person's faces
    Mean,
}

#[derive(Serialize)]
struct IdentifiedPhoto<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    path: Value,
    width: u32,
    height: u32,
    faces: Vec<IdentifiedFace<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drawn: Option<Value>,
}

#[derive(Serialize)]
struct IdentifiedFace<'a> {
    #[serde(flatten)]
    face: FaceRecord<'a>,
    /// Whom the face is taken for; null for "unknown".
    person: Option<&'a str>,
    candidates: Vec<CandidateRecord<'a>>,
}

#[derive(Serialize)]
struct CandidateRecord<'a> {
    name: &'a str,
    score: f32,
    enrolment: i64,
    accepted: bool,
}

/// The faces of a photo, whom they resemble, and the picture drawn of it.
struct Identified {
    analyzed: Analyzed,
    answers: Vec<Answer>,
    drawn: Option<anyhow::Result<PathBuf>>,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let inputs = expand(&args.inputs.photos);
    let (models, embed) = adopt(&args.gallery, &args.recognise.models, args.recognise.embed)?;
    let setup = Setup::open(&models, Work::recognise(&args.recognise.detect, embed), inputs.len())?;
    let gallery = Mutex::new(Gallery::open(&args.gallery.gallery, setup.identity()?)?);
    let threshold = if args.closed { None } else { Some(setup.threshold(args.threshold, FMR_ONE_TO_MANY)?) };
    let options = IdentifyOptions {
        people: usize::from(args.top),
        threshold: threshold.map(|threshold| threshold.cosine),
        score: match args.score_by {
            ScoreBy::Best => PersonScore::BestFace,
            ScoreBy::Mean => PersonScore::MeanTemplate,
        },
        // The photos are what runs in parallel.
        threads: 1,
    };
    if let Some(folder) = &args.draw {
        output_folder(folder, &inputs)?;
    }

    let (mut found, mut recognised) = (0, 0);
    let analyse = |photo: &Photo, image: Image| {
        let analyzed = faces(&setup, &image)?;
        let file = PhotoFile::read(&photo.path)?;
        let sources: Vec<Source> = analyzed.faces.iter().map(|face| file.source(face)).collect();
        Ok(identify(&gallery, &options, &analyzed, &sources).map(|answers| {
            let labels: Vec<String> = answers.iter().map(label).collect();
            let drawn =
                args.draw.as_deref().map(|folder| draw(folder, photo, image, &analyzed.faces, &labels));
            Identified { analyzed, answers, drawn }
        }))
    };
    let mut undrawn = 0;
    let mut pass = scan(inputs, &setup, reporter, analyse, |reporter, photo, identified| {
        // What keeps one face from being looked for keeps them all.
        let Identified { analyzed, answers, drawn } = identified?;
        let drawn = drawn.transpose().or_else(|error| {
            undrawn += 1;
            reporter.fail(&photo.path, &format!("{error:#}")).map(|()| None)
        })?;
        found += analyzed.faces.len();
        recognised += answers.iter().filter(|answer| answer.person().is_some()).count();
        let record = IdentifiedPhoto {
            kind: "photo",
            path: path_value(&photo.path),
            width: analyzed.size.0,
            height: analyzed.size.1,
            faces: analyzed
                .faces
                .iter()
                .zip(&answers)
                .map(|(face, answer)| identified_face(face, answer))
                .collect(),
            drawn: drawn.as_deref().map(path_value),
        };
        Ok(reporter.answer(&record, || describe(&photo.path.display().to_string(), &analyzed, &answers))?)
    })?;
    pass.failed += undrawn;
    let outcome = pass.outcome(recognised > 0);
    let threshold_record = threshold.map(|threshold| threshold.record());
    let counts = json!({"faces": found, "recognised": recognised, "threshold": threshold_record});
    reporter.summary(&outcome, pass.record(&setup, counts), || {
        let rule = threshold.map_or("closed set".to_owned(), |threshold| threshold.describe());
        pass.describe(&setup, &format!("{}, {recognised} recognised", count(found, "face", "faces")))
            + &format!("\n{rule}")
    })?;
    Ok(outcome)
}

fn identify(
    gallery: &Mutex<Gallery>,
    options: &IdentifyOptions,
    analyzed: &Analyzed,
    sources: &[Source],
) -> gallery::Result<Vec<Answer>> {
    let faces = analyzed.faces.iter().zip(sources);
    let queries: Vec<Query<'_>> = faces
        .filter_map(|(face, source)| {
            Some(Query { embedding: face.embedding.as_ref()?, source: Some(source) })
        })
        .collect();
    gallery.lock().unwrap_or_else(PoisonError::into_inner).identify(&queries, options)
}

fn label(answer: &Answer) -> String {
    answer.person().map_or("unknown".to_owned(), |person| format!("{} {:.2}", person.name, person.score))
}

fn identified_face<'a>(face: &Face, answer: &'a Answer) -> IdentifiedFace<'a> {
    let accepted = answer.accepted().len();
    let candidate = |(rank, candidate): (usize, &'a Candidate)| CandidateRecord {
        name: &candidate.name,
        score: candidate.score,
        enrolment: candidate.enrolment.0,
        accepted: rank < accepted,
    };
    IdentifiedFace {
        face: FaceRecord::new(face),
        person: answer.person().map(|person| person.name.as_str()),
        candidates: answer.candidates.iter().enumerate().map(candidate).collect(),
    }
}

fn describe(path: &str, analyzed: &Analyzed, answers: &[Answer]) -> String {
    if analyzed.faces.is_empty() {
        return format!("{path}: no face");
    }
    let mut lines = Vec::new();
    for (number, answer) in answers.iter().enumerate() {
        let who = match (answer.person(), answer.candidates.first()) {
            (Some(person), _) => format!("{} ({:.3})", person.name, person.score),
            (None, Some(nearest)) => format!("unknown (most like {}, {:.3})", nearest.name, nearest.score),
            (None, None) => "unknown".to_owned(),
        };
        lines.push(format!("{path}: face {}: {who}", number + 1));
        let others =
            answer.candidates.iter().skip(1).map(|other| format!("    {} ({:.3})", other.name, other.score));
        lines.extend(others);
    }
    lines.join("\n")
}
