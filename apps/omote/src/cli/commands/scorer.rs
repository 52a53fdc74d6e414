//! `omote scorer`: other ways to score two vectors than their cosine, learned from photos of known people.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Subcommand;
use matching::{Scorer, ScorerFile};
use serde_json::json;

use crate::cli::args::{FaceChoice, RecogniseArgs};
use crate::cli::inputs::expand;
use crate::cli::labelled::{Labelled, People};
use crate::cli::setup::{Setup, Work};
use console::Outcome;
use console::output;
use console::{Reporter, count, path_value, table};

/// What to do with scorers.
#[derive(Subcommand, Debug)]
#[command(
    after_help = "What each scorer is and when it helps: docs/scorers.md. `omote eval lfw --scorers all --train \
PEOPLE` compares them; `omote calibrate --scorer` and `omote verify --scorer` use one.\n\nExample: omote scorer list"
)]
pub enum Command {
    /// Say which scorers there are, what each does and what it learns from
    #[command(after_help = "Example: omote scorer list")]
    List,
    /// Learn a scorer from photos of known people, and keep it in a file
    Train(Box<Train>),
    /// Say what a scorer's file holds
    #[command(after_help = "Example: omote scorer show as-norm.scorer")]
    Show {
        /// The file
        file: PathBuf,
    },
}

/// Flags of `omote scorer train`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The people must not be those whom the scorer is measured or used on: the file keeps short hashes of their \
names, by which `omote eval` and `omote calibrate` find them. It is for vectors made like these, with --flip or without. \
Photos from the same camera help most. Scores of each scorer have a scale of their own.\n\nExample: omote scorer train as-norm strangers/ --out \
as-norm.scorer"
)]
pub struct Train {
    /// Which scorer, by its name in `omote scorer list`
    #[arg(value_parser = name)]
    name: String,
    /// Photos of known people: folders, files, or quoted globs
    #[arg(required = true, value_name = "PHOTO")]
    photos: Vec<PathBuf>,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Who is in the photos: `folders` (those of one person lie in one folder), or a text file with a line
    /// `PHOTO PERSON` for each photo
    #[arg(long, value_name = "FROM", default_value = "folders")]
    people: PathBuf,
    /// Which face is meant where a photo shows several: largest, central or a number
    #[arg(long, value_name = "WHICH", default_value = "central")]
    face: FaceChoice,
    #[command(flatten)]
    recognise: RecogniseArgs,
}

/// Name, what it does, what it learns from.
const SCORERS: [[&str; 3]; 14] = [
    ["cosine", "the angle between the vectors, as ever", "nothing"],
    ["centre", "cosine after the mean face is subtracted", "any photos of the camera"],
    ["zca", "cosine after all directions are made to vary alike", "many photos"],
    ["wccn", "cosine that counts less where photos of one person differ", "several photos of each person"],
    ["lda", "cosine along the directions that tell people apart best", "several photos of each person"],
    ["z-norm", "in deviations above what strangers score with the enrolled face", "200 strangers or more"],
    ["t-norm", "the same with the searched face", "200 strangers or more"],
    ["zt-norm", "z-norm, then t-norm of its scores", "200 strangers or more"],
    ["tz-norm", "t-norm, then z-norm of its scores", "200 strangers or more"],
    ["s-norm", "the mean of z-norm and t-norm", "200 strangers or more"],
    ["as-norm", "s-norm by the 300 strangers most like each face", "1,000 strangers or more"],
    [
        "joint-bayesian",
        "the odds of one person against two, from covariances",
        "several photos of many people",
    ],
    ["plda", "the same of vectors of equal length, as a likelihood ratio", "several photos of many people"],
    ["template-adaptation", "a classifier for each face against strangers (slow)", "200 strangers or more"],
];

/// A name that [`Scorer::train`] knows.
pub fn name(text: &str) -> Result<String, String> {
    if Scorer::NAMES.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(format!("there is no such scorer: use one of {}", Scorer::NAMES.join(", ")))
}

/// Runs the command.
pub fn run(command: &Command, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    match command {
        Command::List => list(reporter),
        Command::Train(args) => train(args, reporter),
        Command::Show { file } => show(file, reporter),
    }
}

fn list(reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let mut rows = vec![["NAME", "SCORE", "LEARNS FROM"].map(String::from).to_vec()];
    rows.extend(SCORERS.map(|row| row.map(String::from).to_vec()));
    reporter.text(&table(&rows))?;
    for [name, score, needs] in SCORERS {
        let record = json!({"type": "scorer", "name": name, "score": score, "learns_from": needs});
        reporter.answer(&record, String::new)?;
    }
    Ok(Outcome::DONE)
}

fn train(args: &Train, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    output::check(&args.out, "--out")?;
    let people = People::read(&args.people)?;
    let inputs = expand(&args.photos);
    let recognise = &args.recognise;
    let work = Work::recognise(&recognise.detect, recognise.embed);
    let setup = Setup::open(&recognise.models, work, inputs.len())?;
    let model = setup.identity()?;
    let labelled = Labelled::read(inputs, &people, args.face, &setup, reporter)?;
    let (vectors, numbers) = labelled.vectors();
    ensure!(!vectors.is_empty(), "no face of a known person was found: there is nothing to learn from");
    let scorer = Scorer::train(&args.name, &vectors, &numbers, model.fingerprint)?;
    let scarce = Scorer::shortages(&args.name, model.dimension, &numbers)?;
    for shortage in &scarce {
        reporter.complain(&format!("{} is a weak estimate: {shortage}", args.name));
    }
    let names = labelled.names.iter().map(|name| people.known_as(name));
    let file = ScorerFile::new(scorer, model.flip, names)?;
    file.save(&args.out)?;
    let scorer = file.scorer();
    let outcome = labelled.pass.outcome(true);
    let record = json!({"scorer": scorer.name(), "file": path_value(&args.out),
        "people": labelled.names.len(), "faces": vectors.len(), "photos_without_face": labelled.without_face,
        "flip": model.flip, "weak": scarce.iter().map(ToString::to_string).collect::<Vec<_>>()});
    reporter.summary(&outcome, labelled.pass.record(&setup, record), || {
        let (people, faces) = (labelled.names.len(), vectors.len());
        let learned = format!("{} learned from {}", scorer.name(), count(people, "person", "people"));
        format!("{learned}, {} of {model}", count(faces, "face", "faces"))
            + &format!("\nwritten to {}, with short hashes of the people's names", args.out.display())
            + &labelled.pass.describe(&setup, &count(faces, "face", "faces"))
    })?;
    Ok(outcome)
}

fn show(file: &Path, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let opened = ScorerFile::open(file)?;
    let scorer = opened.scorer();
    let [_, score, needs] = SCORERS
        .into_iter()
        .find(|[name, ..]| *name == scorer.name())
        .with_context(|| format!("{}: nothing is known of {}", file.display(), scorer.name()))?;
    let fingerprint = scorer.fingerprint();
    let record = json!({"type": "scorer", "name": scorer.name(), "score": score, "learns_from": needs,
        "file": path_value(file), "embedder": fingerprint.to_string(), "flip": opened.flip(),
        "people": opened.people(), "facts": scorer.facts().into_iter()
            .map(|(name, value)| json!({"name": name, "value": value})).collect::<Vec<_>>()});
    reporter.answer(&record, || {
        let mut rows = vec![
            vec!["scorer".to_owned(), scorer.name().to_owned()],
            vec!["score".to_owned(), score.to_owned()],
            vec!["embedder".to_owned(), fingerprint.to_string()],
            vec!["flip".to_owned(), if opened.flip() { "yes" } else { "no" }.to_owned()],
            vec!["people".to_owned(), opened.people().to_string()],
        ];
        rows.extend(scorer.facts().into_iter().map(|(name, value)| vec![name.to_owned(), value.to_string()]));
        table(&rows)
    })?;
    Ok(Outcome::DONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scorer_is_described() {
        assert_eq!(SCORERS.map(|[name, ..]| name), Scorer::NAMES);
        assert!(name("magic").is_err_and(|error| error.contains("as-norm")));
    }
}
