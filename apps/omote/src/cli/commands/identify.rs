//! `omote identify`: who is in these photos?

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use analysis::Face;
use anyhow::Context;
use clap::ValueEnum;
use gallery::{Answer, Candidate, Gallery, IdentifyOptions, PersonScore, Query, Source};
use imaging::Image;
use matching::{Enrolled, Enrolment, Galleries};
use serde::Serialize;
use serde_json::{Value, json};

use super::detect::draw;
use super::eval::rate;
use crate::cli::args::{GalleryArgs, Inputs, ModelArgs, RecogniseArgs, cosine, quality};
use crate::cli::calibrations::{Calibrated, CalibrationArgs, LEAST_QUALITY, rate_record, rate_text};
use crate::cli::inputs::{expand, output_folder};
use crate::cli::people::{PhotoFile, adopt};
use crate::cli::record::{FaceRecord, shortest};
use crate::cli::scan::{Analyzed, Photo, faces, scan};
use crate::cli::setup::{Setup, Work};
use console::Outcome;
use console::{Reporter, count, path_value};

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
    /// False positive identification rate: how many of the people who are not in the gallery may be taken for somebody
    /// in it; the threshold rises with the gallery's people and their photos
    #[arg(long, value_name = "RATE", default_value = "0.01", value_parser = rate)]
    fpir: f64,
    /// Cosine from which a face is taken for a person, in place of an error rate
    #[arg(long, value_name = "COSINE", value_parser = cosine, allow_negative_numbers = true, conflicts_with = "fpir")]
    threshold: Option<f32>,
    /// Closed set: everybody is in the gallery, so every face is the person it resembles most
    #[arg(long, conflicts_with_all = ["threshold", "fpir"])]
    closed: bool,
    /// Name nobody where a face is of lower quality, 0 to 100 [default: 30; with --threshold or --closed 0]
    #[arg(long, value_name = "Q", value_parser = quality)]
    min_quality: Option<f32>,
    /// What a face is compared with where a person has several enrolments
    #[arg(long, value_enum, default_value = "best", value_name = "RULE")]
    template: By,
    /// Write each photo with boxes and names into this folder
    #[arg(long, value_name = "DIR")]
    draw: Option<PathBuf>,
    #[command(flatten)]
    calibration: CalibrationArgs,
    #[command(flatten)]
    gallery: GalleryArgs,
    #[command(flatten)]
    recognise: RecogniseArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum By {
    /// The most similar of the person's faces
    Best,
    /// The mean of the person's faces
    Mean,
    /// Their mean, each weighted by its quality
    Quality,
    /// Their mean, each weighted by its magnitude, of models that were trained for it (MagFace)
    Magnitude,
}

impl By {
    fn score(self) -> PersonScore {
        match self {
            Self::Best => PersonScore::BestFace,
            Self::Mean => PersonScore::Template(matching::Rule::Mean),
            Self::Quality => PersonScore::Template(matching::Rule::QualityWeighted),
            Self::Magnitude => PersonScore::Template(matching::Rule::MagnitudeWeighted),
        }
    }
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
    /// Whom the face is taken for; null for "unknown" and for a face that is not good enough.
    person: Option<&'a str>,
    /// match, unknown or not good enough.
    answer: &'static str,
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
    /// One for each face; `None` where it is not good enough.
    answers: Vec<Option<Answer>>,
    drawn: Option<anyhow::Result<PathBuf>>,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let inputs = expand(&args.inputs.photos);
    let (models, embed) = adopt(&args.gallery, &args.recognise.models, args.recognise.embed)?;
    let setup = Setup::open(&models, Work::recognise(&args.recognise.detect, embed), inputs.len())?;
    if matches!(args.template, By::Magnitude) {
        setup.need_magnitude()?;
    }
    let gallery = Mutex::new(Gallery::open(&args.gallery.gallery, setup.identity()?)?);
    let enrolled =
        Enrolled::counted(gallery.lock().unwrap_or_else(PoisonError::into_inner).faces_by_person()?);
    let people = enrolled.people();
    let rule = Rule::new(args, &models, &setup, enrolled)?;
    let options = IdentifyOptions {
        people: usize::from(args.top),
        threshold: rule.threshold,
        score: args.template.score(),
        // The photos are what runs in parallel.
        threads: 1,
    };
    if let Some(folder) = &args.draw {
        output_folder(folder, &inputs)?;
        reporter.go_on_unread();
    }

    let (mut found, mut recognised) = (0, 0);
    let analyse = |photo: &Photo, image: Image| {
        let analyzed = faces(&setup, &image)?;
        let file = PhotoFile::read(&photo.path)?;
        let sources: Vec<Source> = analyzed.faces.iter().map(|face| file.source(face)).collect();
        Ok(identify(&gallery, &options, &analyzed, &sources).map(|answers| {
            let good = |face: &Face| face.quality.score >= rule.least;
            let answers: Vec<Option<Answer>> = analyzed
                .faces
                .iter()
                .zip(answers)
                .map(|(face, answer)| Some(answer).filter(|_| good(face)))
                .collect();
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
        recognised += answers.iter().flatten().filter(|answer| answer.person().is_some()).count();
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
    let counts =
        json!({"faces": found, "recognised": recognised, "people": people, "threshold": rule.record});
    reporter.summary(&outcome, pass.record(&setup, counts), || {
        pass.describe(&setup, &format!("{}, {recognised} recognised", count(found, "face", "faces")))
            + &format!("\n{}", rule.words)
    })?;
    Ok(outcome)
}

/// When a face is taken for a person.
struct Rule {
    /// Cosine; `None` in a closed set.
    threshold: Option<f32>,
    /// Least quality.
    least: f32,
    record: Value,
    words: String,
}

impl Rule {
    fn new(args: &Args, models: &ModelArgs, setup: &Setup, enrolled: Enrolled) -> anyhow::Result<Rule> {
        let least = args.min_quality.unwrap_or(0.0);
        if args.closed {
            return Ok(Rule { threshold: None, least, record: Value::Null, words: "closed set".to_owned() });
        }
        if let Some(cosine) = args.threshold {
            let record = json!({"cosine": shortest(cosine), "fpir": null});
            let words = format!("threshold {cosine:.3}, as given: its error rate is unknown");
            return Ok(Rule { threshold: Some(cosine), least, record, words });
        }
        let enrolment = match args.template.score() {
            PersonScore::BestFace => Enrolment::BestFace,
            PersonScore::Template(rule) => Enrolment::Template(rule),
        };
        let calibrated = Calibrated::need(&args.calibration, &models.on.models, setup, enrolment)?;
        let (calibration, next) = (&calibrated.calibration, calibrated.next());
        // Nobody can be found in an empty gallery, at any threshold.
        let enrolled = if enrolled.people() == 0 { Enrolled::evenly(1, 1) } else { enrolled };
        let threshold = calibration.threshold_for_fpir(&enrolled, args.fpir).with_context(|| {
            format!(
                "no threshold for a gallery of {}: allow more with --fpir, or give a --threshold",
                describe_enrolled(&enrolled)
            )
        })?;
        // Rounded up: the rate must not be exceeded.
        let cosine = threshold as f32;
        let cosine = if f64::from(cosine) < threshold { cosine.next_up() } else { cosine };
        let fpir = calibration.fpir(&enrolled, threshold, Galleries::One, &next)?;
        let fnmr = calibration.fnmr(threshold, &next);
        Ok(Rule {
            threshold: Some(cosine),
            least: args.min_quality.unwrap_or(LEAST_QUALITY),
            record: json!({
                "cosine": shortest(cosine), "fpir_asked": args.fpir, "fpir": rate_record(&fpir),
                "fnmr": rate_record(&fnmr), "photos_per_person": enrolled.mean_photos(),
                "calibration": calibrated.record(),
            }),
            words: format!(
                "threshold {cosine:.3} for a gallery of {}: false positive identification rate {}\n{}",
                describe_enrolled(&enrolled),
                rate_text(&fpir),
                calibrated.describe()
            ),
        })
    }
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

/// `25 people with 1 photo each`.
fn describe_enrolled(enrolled: &Enrolled) -> String {
    let people = count(enrolled.people(), "person", "people");
    let photos = enrolled.mean_photos();
    if photos == 1.0 {
        format!("{people} with 1 photo each")
    } else {
        format!("{people} with {photos:.1} photos each")
    }
}

fn label(answer: &Option<Answer>) -> String {
    let Some(answer) = answer else { return "not good enough".to_owned() };
    answer.person().map_or("unknown".to_owned(), |person| format!("{} {:.2}", person.name, person.score))
}

fn identified_face<'a>(face: &Face, answer: &'a Option<Answer>) -> IdentifiedFace<'a> {
    let accepted = answer.as_ref().map_or(0, |answer| answer.accepted().len());
    let candidate = |(rank, candidate): (usize, &'a Candidate)| CandidateRecord {
        name: &candidate.name,
        score: candidate.score,
        enrolment: candidate.enrolment.0,
        accepted: rank < accepted,
    };
    let person = answer.as_ref().and_then(Answer::person);
    IdentifiedFace {
        face: FaceRecord::new(face),
        person: person.map(|person| person.name.as_str()),
        answer: match (answer, person) {
            (None, _) => "not good enough",
            (_, None) => "unknown",
            _ => "match",
        },
        candidates: answer.iter().flat_map(|answer| &answer.candidates).enumerate().map(candidate).collect(),
    }
}

fn describe(path: &str, analyzed: &Analyzed, answers: &[Option<Answer>]) -> String {
    if analyzed.faces.is_empty() {
        return format!("{path}: no face");
    }
    let mut lines = Vec::new();
    for (number, answer) in answers.iter().enumerate() {
        let Some(answer) = answer else {
            lines.push(format!("{path}: face {}: not good enough to say", number + 1));
            continue;
        };
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
