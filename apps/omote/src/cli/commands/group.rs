//! `omote group`: faces sorted into people that nobody has named.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use analysis::Face;
use anyhow::{Context, bail};
use clap::ValueEnum;
use clustering::{Clusters, ITERATIONS, chinese_whispers};
use index::{Matrix, Precision};
use serde_json::{Value, json};

use crate::cli::args::{FaceChoice, Inputs, NO_FACE, RecogniseArgs, cosine};
use crate::cli::inputs::expand;
use crate::cli::outcome::Outcome;
use crate::cli::record::shortest;
use crate::cli::reporter::{Reporter, count, path_value};
use crate::cli::scan::{Analyzed, scan_faces};
use crate::cli::setup::{Setup, Work};
use crate::cli::sheet::{self, Row, Thumbnail};

/// Flags of `omote group`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Faces are linked to their nearest neighbours of at least the threshold, and links vote on who belongs \
together (Chinese whispers). A person seen once is a group of one.\n\n\
Example: omote group holiday/ --html people.html"
)]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    /// Cosine from which two faces are linked [default: measured for the embedder]
    #[arg(long, value_name = "COSINE", value_parser = cosine, allow_negative_numbers = true)]
    threshold: Option<f32>,
    /// Nearest neighbours that a face may be linked to
    #[arg(long, default_value_t = 200, value_name = "K", value_parser = clap::value_parser!(u16).range(1..=1000))]
    neighbours: u16,
    /// Seed of the order in which faces vote
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// Write a contact sheet, a row of faces for each person, into this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Compare with the truth, and print how well the two agree
    #[arg(long, value_name = "TRUTH")]
    truth: Option<Truth>,
    /// Only one face of each photo: largest, central or a number [default: all faces]
    #[arg(long, value_name = "WHICH")]
    face: Option<FaceChoice>,
    #[command(flatten)]
    recognise: RecogniseArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Truth {
    /// The photos of one person lie in one folder
    Folders,
}

/// A face that is grouped.
struct Item {
    path: PathBuf,
    /// Its number in the photo, from 1.
    number: usize,
    quality: f32,
    vector: Vec<f32>,
    thumbnail: Option<Vec<u8>>,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let inputs = expand(&args.inputs.photos);
    let work = Work {
        keep_crop: args.html.is_some(),
        ..Work::recognise(&args.recognise.detect, args.recognise.embed)
    };
    let setup = Setup::open(&args.recognise.models, work, inputs.len())?;
    let threshold = setup.link_threshold(args.threshold)?;
    let mut items: Vec<Item> = Vec::new();
    let mut refused = 0;
    let mut pass =
        scan_faces(inputs, &setup, reporter, |reporter, photo, found| match wanted(args.face, found) {
            Ok(found) => {
                items.extend(found.into_iter().filter_map(|(number, face)| item(&photo.path, number, face)));
                Ok(())
            }
            Err(reason) if reason == NO_FACE => Ok(reporter.no_face(&photo.path)?),
            Err(reason) => {
                refused += 1;
                Ok(reporter.fail(&photo.path, &reason)?)
            }
        })?;
    pass.failed += refused;

    let clusters = cluster(&items, threshold, args, setup.pipeline.threads)?;
    for (number, members) in clusters.iter().enumerate() {
        answer(reporter, number + 1, members, &items)?;
    }
    let agreement = args.truth.map(|Truth::Folders| agreement(&items, &clusters)).transpose()?;
    if let Some(path) = &args.html {
        let page = contact_sheet(&items, &clusters);
        fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let outcome = pass.outcome(!items.is_empty());
    let record = pass.record(
        &setup,
        json!({
            "faces": items.len(), "people": clusters.len(), "threshold": shortest(threshold),
            "neighbours": args.neighbours, "agreement": agreement.as_ref().map(Agreement::record),
            "html": args.html.as_deref().map(path_value),
        }),
    );
    reporter.summary(&outcome, record, || {
        let agreement = agreement.as_ref().map(Agreement::describe).unwrap_or_default();
        let counts = format!("{} at cosine {threshold:.3}", faces_of_people(&items, &clusters));
        agreement + &pass.describe(&setup, &counts)
    })?;
    Ok(outcome)
}

/// The faces of a photo that are grouped, with their numbers.
fn wanted(choice: Option<FaceChoice>, analyzed: Analyzed) -> Result<Vec<(usize, Face)>, String> {
    match choice {
        None => Ok(analyzed.faces.into_iter().enumerate().map(|(at, face)| (at + 1, face)).collect()),
        Some(_) => {
            let face = FaceChoice::pick(choice, &analyzed)?;
            let number = analyzed.faces.iter().position(|other| std::ptr::eq(other, face)).unwrap_or(0) + 1;
            Ok(vec![(number, face.clone())])
        }
    }
}

fn item(path: &Path, number: usize, face: Face) -> Option<Item> {
    let thumbnail = face.crop.and_then(|crop| imaging::encode_jpeg(&crop, 85).ok());
    let vector = face.embedding?.vector;
    Some(Item { path: path.to_path_buf(), number, quality: face.quality.score, vector, thumbnail })
}

fn cluster(items: &[Item], threshold: f32, args: &Args, threads: usize) -> anyhow::Result<Clusters> {
    let Some(first) = items.first() else { return Ok(Clusters::from_labels(&[])) };
    let mut matrix = Matrix::new(first.vector.len(), Precision::F32)?;
    for item in items {
        matrix.push(&item.vector)?;
    }
    let graph = matrix.knn_graph(usize::from(args.neighbours), threads);
    Ok(chinese_whispers(&graph, threshold, ITERATIONS, args.seed))
}

fn answer(reporter: &mut Reporter, number: usize, members: &[usize], items: &[Item]) -> anyhow::Result<()> {
    let faces = members.iter().map(|&member| {
        let Item { path, number, quality, .. } = &items[member];
        json!({"path": path_value(path), "face": number, "quality": quality.round()})
    });
    let record = json!({"type": "group", "number": number, "faces": faces.collect::<Vec<_>>()});
    Ok(reporter.answer(&record, || {
        let mut lines = vec![format!("person {number} ({})", count(members.len(), "face", "faces"))];
        lines.extend(members.iter().map(|&member| {
            let Item { path, number, .. } = &items[member];
            let which = if *number > 1 { format!(" (face {number})") } else { String::new() };
            format!("  {}{which}", path.display())
        }));
        lines.join("\n")
    })?)
}

/// How well groups agree with the truth.
struct Agreement {
    people: usize,
    pairwise: evaluation::Agreement,
    bcubed: evaluation::Agreement,
    nmi: f64,
}

fn agreement(items: &[Item], clusters: &Clusters) -> anyhow::Result<Agreement> {
    if items.is_empty() {
        bail!("no face was found: there is nothing to compare with the truth");
    }
    let mut people: HashMap<&Path, usize> = HashMap::new();
    let mut truth = Vec::with_capacity(items.len());
    for item in items {
        let folder = item.path.parent().unwrap_or(Path::new(""));
        let next = people.len();
        truth.push(*people.entry(folder).or_insert(next));
    }
    Ok(Agreement {
        people: people.len(),
        pairwise: evaluation::pairwise(&truth, clusters.labels())?,
        bcubed: evaluation::bcubed(&truth, clusters.labels())?,
        nmi: evaluation::nmi(&truth, clusters.labels())?,
    })
}

impl Agreement {
    fn record(&self) -> Value {
        let rates = |rates: &evaluation::Agreement| json!({"precision": rates.precision, "recall": rates.recall, "f": rates.f});
        json!({"people": self.people, "pairwise": rates(&self.pairwise), "bcubed": rates(&self.bcubed), "nmi": self.nmi})
    }

    fn describe(&self) -> String {
        let rates = |rates: &evaluation::Agreement| {
            format!("F {:.4} (precision {:.4}, recall {:.4})", rates.f, rates.precision, rates.recall)
        };
        format!(
            "\n{} people in truth\npairwise  {}\nBCubed    {}\nNMI       {:.4}",
            self.people,
            rates(&self.pairwise),
            rates(&self.bcubed),
            self.nmi
        )
    }
}

/// Rows of people by size, each with its best faces first.
fn contact_sheet(items: &[Item], clusters: &Clusters) -> String {
    let row = |(number, members): (usize, &[usize])| {
        let mut members = members.to_vec();
        members.sort_by(|&a, &b| items[b].quality.total_cmp(&items[a].quality));
        let thumbnail = |&member: &usize| {
            let item = &items[member];
            Some(Thumbnail { jpeg: item.thumbnail.clone()?, caption: item.path.display().to_string() })
        };
        Row { title: format!("Person {}", number + 1), faces: members.iter().filter_map(thumbnail).collect() }
    };
    let rows: Vec<Row> = clusters.iter().enumerate().map(row).collect();
    sheet::page("People", &faces_of_people(items, clusters), &rows)
}

fn faces_of_people(items: &[Item], clusters: &Clusters) -> String {
    let (faces, people) = (count(items.len(), "face", "faces"), count(clusters.len(), "person", "people"));
    format!("{faces} of {people}")
}
