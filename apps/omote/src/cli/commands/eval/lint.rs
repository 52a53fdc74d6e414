//! Does `omote gallery lint` find wrong names, and how many right ones does it doubt? Planted errors tell.

mod page;
mod planted;

use std::path::PathBuf;

use anyhow::bail;
use clustering::{Kind, LintOptions, Severity};
use evaluation::{Interval, wilson};
use serde_json::{Map, Value, json};

use self::planted::{Flagged, Planted, Trial};
use crate::cli::args::{FaceChoice, RecogniseArgs, cosine, unit};
use crate::cli::inputs::expand;
use crate::cli::labelled::{Labelled, People, PeopleArgs};
use crate::cli::setup::{Setup, Work};
use console::Outcome;
use console::output;
use console::{Reporter, count, path_value, table};

/// Flags of `omote eval lint`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Photos of people who are known
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    #[command(flatten)]
    known: PeopleArgs,
    /// Photos that are given the name of another person, drawn at random
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    plant: u32,
    /// Seed of the first draw
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    /// How many draws are made, each with the next seed
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    seeds: u16,
    /// Only every other person: the `first` half, on which settings may be chosen, or the `second`
    #[arg(long, value_name = "HALF")]
    half: Option<Half>,
    /// Only findings of at least this confidence, 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = unit, default_value_t = LintOptions::default().confidence as f32)]
    confidence: f32,
    /// Cosine that two strangers rarely reach
    #[arg(long, value_name = "COSINE", value_parser = cosine, allow_negative_numbers = true,
        default_value_t = LintOptions::default().stranger_cosine)]
    strangers: f32,
    /// Which face is meant where a photo shows several: largest, central or a number. A wrong choice is a wrong name
    #[arg(long, value_name = "WHICH", default_value = "largest")]
    face: FaceChoice,
    /// Write a page with the untouched photos that were flagged, to be looked at, into this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    recognise: RecogniseArgs,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Half {
    /// The first person, the third, ...
    First,
    /// The second person, the fourth, ...
    Second,
}

/// The level of intervals.
const LEVEL: f64 = 0.95;

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    if let Some(path) = &args.html {
        output::check(path, "--html")?;
    }
    let people = People::read(&args.known.people)?;
    let recognise = &args.recognise;
    let inputs = expand(std::slice::from_ref(&args.folder));
    let work = Work { keep_crop: args.html.is_some(), ..Work::recognise(&recognise.detect, recognise.embed) };
    let setup = Setup::open(&recognise.models, work, inputs.len())?;
    let labelled = Labelled::read(inputs, &people, args.face, &setup, reporter)?;
    let planted = Planted::new(&labelled, args.half.map(|half| matches!(half, Half::Second)))?;
    let plant = args.plant as usize;
    if planted.photos() <= plant || planted.people() < 2 {
        bail!(
            "{} wrong names need more photos than that, of two or more people; there are {} of {}",
            plant,
            count(planted.photos(), "photo with a face", "photos with a face"),
            count(planted.people(), "person", "people")
        );
    }
    let options = LintOptions {
        stranger_cosine: args.strangers,
        confidence: args.confidence.into(),
        threads: setup.pipeline.threads,
        ..LintOptions::default()
    };
    reporter.start(usize::from(args.seeds), "draws");
    let mut trials = Vec::new();
    for number in 0..u64::from(args.seeds) {
        trials.push(planted.trial(plant, args.seed.wrapping_add(number), &options)?);
        reporter.step();
    }
    reporter.finish();
    let flagged = planted.flagged(&trials);
    for trial in &trials {
        reporter.answer(&record(trial)?, String::new)?;
    }
    for one in &flagged {
        reporter.answer(&photo_record(one, &labelled), String::new)?;
    }
    if let Some(path) = &args.html {
        let page = page::page(&flagged, &labelled, trials.len(), args.face, &setup);
        output::write(path, &page)?;
    }
    let outcome = Outcome { failed: labelled.pass.failed, found: true };
    let (found, wrong) = (trials.iter().map(|trial| trial.found), trials.iter().map(Trial::flagged_share));
    let details = labelled.pass.record(
        &setup,
        json!({
            "people": planted.people(), "faces": planted.photos(), "without_face": labelled.without_face,
            "planted": plant, "draws": trials.len(), "seed": args.seed, "face": args.face.to_string(),
            "confidence": args.confidence, "stranger_cosine": args.strangers,
            "half": args.half.map(|half| format!("{half:?}").to_lowercase()),
            "least_found": found.clone().min().map(|found| found as f64 / plant as f64),
            "most_flagged": wrong.clone().fold(0.0, f64::max),
            "mean_found": found.sum::<usize>() as f64 / (plant * trials.len()) as f64,
            "mean_flagged": wrong.sum::<f64>() / trials.len() as f64,
            "html": args.html.as_deref().map(path_value),
        }),
    );
    let text = describe(&trials, &flagged)?;
    reporter.summary(&outcome, details, || {
        let counts = format!(
            "{} of {}",
            count(planted.photos(), "face", "faces"),
            count(planted.people(), "person", "people")
        );
        text + &labelled.pass.describe(&setup, &counts)
    })?;
    Ok(outcome)
}

fn record(trial: &Trial) -> anyhow::Result<Value> {
    let Interval { low, high, .. } = wilson(trial.found, trial.planted, LEVEL)?;
    let of = |severity: Severity| -> Map<String, Value> {
        let kinds = trial.by_kind.iter().filter(|((kind_severity, _), _)| *kind_severity == severity);
        kinds.map(|((_, kind), photos)| (kind.to_string(), json!(photos.len()))).collect()
    };
    Ok(json!({
        "type": "draw", "seed": trial.seed, "planted": trial.planted, "found": trial.found,
        "found_share": trial.found as f64 / trial.planted as f64, "interval": [low, high],
        "put_right": trial.put_right, "untouched": trial.untouched, "flagged": trial.flagged.len(),
        "flagged_share": trial.flagged_share(), "errors": of(Severity::Error), "warnings": of(Severity::Warning),
    }))
}

fn photo_record(one: &Flagged, labelled: &Labelled) -> Value {
    json!({
        "type": "flagged", "path": path_value(&labelled.photos[one.face]), "person": labelled.names[one.person],
        "draws": one.draws, "kind": one.kind.to_string(), "confidence": (one.confidence * 1e4).round() / 1e4,
        "rather": one.rather.map(|person| labelled.names[person].as_str()),
    })
}

fn describe(trials: &[Trial], flagged: &[Flagged]) -> anyhow::Result<String> {
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    let headings =
        ["SEED", "PLANTED", "FOUND", "SHARE", "95 % INTERVAL", "PUT RIGHT", "FLAGGED", "OF UNTOUCHED"];
    let mut rows = vec![headings.map(String::from).to_vec()];
    for trial in trials {
        let Interval { low, high, .. } = wilson(trial.found, trial.planted, LEVEL)?;
        rows.push(vec![
            trial.seed.to_string(),
            trial.planted.to_string(),
            trial.found.to_string(),
            percent(trial.found as f64 / trial.planted as f64),
            format!("{:.1} .. {:.1} %", 100.0 * low, 100.0 * high),
            trial.put_right.to_string(),
            trial.flagged.len().to_string(),
            percent(trial.flagged_share()),
        ]);
    }
    let mut kinds = vec![["UNTOUCHED PHOTOS NAMED BY", "AS", "MEAN", "MOST"].map(String::from).to_vec()];
    for severity in [Severity::Error, Severity::Warning] {
        for kind in Kind::ALL {
            let numbers = trials
                .iter()
                .map(|trial| trial.by_kind.get(&(severity, kind)).map_or(0, |photos| photos.len()));
            let most = numbers.clone().max().unwrap_or(0);
            if most > 0 {
                let mean = numbers.sum::<usize>() as f64 / trials.len() as f64;
                kinds.push(vec![
                    kind.to_string(),
                    severity.to_string(),
                    format!("{mean:.1}"),
                    most.to_string(),
                ]);
            }
        }
    }
    let always = flagged.iter().filter(|one| one.draws == trials.len()).count();
    let always = match trials.len() {
        1 => String::new(),
        draws => format!(", {always} of them in each of {draws} draws"),
    };
    let photos = count(flagged.len(), "untouched photo", "untouched photos");
    let kinds = if kinds.len() > 1 { table(&kinds) + "\n\n" } else { String::new() };
    Ok(format!("{}\n\n{kinds}{photos} flagged as an error in any draw{always}\n", table(&rows)))
}
