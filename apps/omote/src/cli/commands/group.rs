//! `omote group`: faces sorted into people that nobody has named.

pub mod method;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use analysis::Face;
use anyhow::{anyhow, bail};
use clustering::{Clusters, Grouping, Method};
use index::View;
use serde_json::{Value, json};

use self::method::Choice;
use crate::cli::args::{FaceChoice, Inputs, NO_FACE, RecogniseArgs};
use crate::cli::inputs::{Input, expand};
use crate::cli::labelled::People;
use crate::cli::scan::{Analyzed, Photo, scan_faces};
use crate::cli::setup::{Setup, Work};
use crate::cli::sheet::{self, Row, Thumbnail};
use console::Outcome;
use console::output;
use console::{Reporter, count, path_value};

/// Flags of `omote group`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Faces are linked to their nearest neighbours of at least the threshold, and links vote on who belongs \
together (Chinese whispers); --method chooses another way. A person seen once is a group of one.\n\n\
Example: omote group holiday/ --html people.html\n\
Example: omote group holiday/ --method average-linkage --threshold 0.35"
)]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    /// Write a contact sheet, a row of faces for each person, into this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Print how well the groups agree with the truth: `folders` (the photos of one person lie in one folder), or a
    /// text file with a line `PHOTO PERSON` for each photo
    #[arg(long, value_name = "FROM")]
    truth: Option<PathBuf>,
    /// Only one face of each photo: largest, central or a number [default: all faces]
    #[arg(long, value_name = "WHICH")]
    face: Option<FaceChoice>,
    #[command(flatten)]
    method: method::Args,
    #[command(flatten)]
    recognise: RecogniseArgs,
}

/// A face that is grouped.
struct Item {
    path: PathBuf,
    /// The photo's place among the inputs: a photo that was named twice is two.
    photo: usize,
    /// Its number in the photo, from 1.
    number: usize,
    quality: f32,
    vector: Vec<f32>,
    thumbnail: Option<Vec<u8>>,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    if let Some(path) = &args.html {
        output::check(path, "--html")?;
    }
    let method = args.method.checked()?;
    let inputs = expand(&args.inputs.photos);
    let truth = args.truth.as_deref().map(|from| Truth::read(from, &inputs)).transpose()?;
    let work = Work {
        keep_crop: args.html.is_some(),
        ..Work::recognise(&args.recognise.detect, args.recognise.embed)
    };
    let setup = Setup::open(&args.recognise.models, work, inputs.len())?;
    let choice = args.method.choice(&setup)?;
    let mut items: Vec<Item> = Vec::new();
    let mut refused = 0;
    let mut pass =
        scan_faces(inputs, &setup, reporter, |reporter, photo, found| match wanted(args.face, found) {
            Ok(found) => {
                items.extend(found.into_iter().filter_map(|(number, face)| item(photo, number, face)));
                check_size(method, items.len())
            }
            Err(reason) if reason == NO_FACE => Ok(reporter.no_face(&photo.path)?),
            Err(reason) => {
                refused += 1;
                Ok(reporter.fail(&photo.path, &reason)?)
            }
        })?;
    pass.failed += refused;

    let clusters = cluster(&items, &choice, args.method.same_photo_apart, setup.pipeline.threads)?;
    for (number, members) in clusters.iter().enumerate() {
        answer(reporter, number + 1, members, &items)?;
    }
    let agreement = truth.map(|truth| truth.agreement(&items, &clusters)).transpose()?;
    if let Some(path) = &args.html {
        output::write(path, contact_sheet(&items, &clusters))?;
    }
    let outcome = pass.outcome(!items.is_empty());
    let record = pass.record(
        &setup,
        json!({
            "faces": items.len(), "people": clusters.len(), "method": method.name(),
            "parameters": choice.record(), "same_photo_apart": args.method.same_photo_apart,
            "agreement": agreement.as_ref().map(Agreement::record),
            "html": args.html.as_deref().map(path_value),
        }),
    );
    reporter.summary(&outcome, record, || {
        let agreement = agreement.as_ref().map(Agreement::describe).unwrap_or_default();
        let counts = format!("{} by {method}: {}", faces_of_people(&items, &clusters), choice.describe());
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

fn item(photo: &Photo, number: usize, face: Face) -> Option<Item> {
    let thumbnail = face.crop.and_then(|crop| imaging::encode_jpeg(&crop, 85).ok());
    let vector = face.embedding?.vector;
    let quality = face.quality.score;
    Some(Item { path: photo.path.clone(), photo: photo.number, number, quality, vector, thumbnail })
}

/// Says that there are too many faces as soon as there are, and not after the last of many photos.
fn check_size(method: Method, faces: usize) -> anyhow::Result<()> {
    match method.limit() {
        Some(limit) if faces > limit => bail!(
            "{method} compares every face with every other, which is done for at most {limit} faces, and the photos show \
             more: group fewer photos, or use a --method that works on nearest neighbours, such as chinese-whispers"
        ),
        _ => Ok(()),
    }
}

fn cluster(items: &[Item], choice: &Choice, apart: bool, threads: usize) -> anyhow::Result<Clusters> {
    let Some(first) = items.first() else { return Ok(Clusters::from_labels(&[])) };
    let vectors: Vec<f32> = items.iter().flat_map(|item| item.vector.iter().copied()).collect();
    let mut grouping = Grouping::new(View::f32(first.vector.len(), &vectors)?, threads);
    if apart {
        grouping = grouping.same_photo_apart(&items.iter().map(|item| item.photo).collect::<Vec<_>>())?;
    }
    Ok(grouping.cluster(choice.method, &choice.parameters)?)
}

/// The same number for what is equal, from 0 in the order of first appearance, and how many numbers there are.
fn numbered<T: std::hash::Hash + Eq>(things: impl Iterator<Item = T>) -> (Vec<usize>, usize) {
    let mut numbers = HashMap::new();
    let list = things.map(|thing| {
        let next = numbers.len();
        *numbers.entry(thing).or_insert(next)
    });
    (list.collect(), numbers.len())
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

/// Who is in the photos.
struct Truth(People);

impl Truth {
    /// Reads it, and makes sure that it knows every photo before any of them is looked at.
    fn read(from: &Path, inputs: &[Input]) -> anyhow::Result<Truth> {
        let people = People::read(from)?;
        let truth = Truth(people);
        for path in inputs.iter().flatten() {
            truth.of(path).map_err(|reason| anyhow!("{}: {reason}", path.display()))?;
        }
        Ok(truth)
    }

    /// Who is in a photo. The folder that the program runs in is a folder too, though its name is not in the path.
    fn of(&self, photo: &Path) -> Result<String, String> {
        self.0.of(&std::path::absolute(photo).unwrap_or_else(|_| photo.to_owned()))
    }

    fn agreement(&self, items: &[Item], clusters: &Clusters) -> anyhow::Result<Agreement> {
        if items.is_empty() {
            bail!("no face was found: there is nothing to compare with the truth");
        }
        let (truth, people) = numbered(items.iter().map(|item| self.of(&item.path)));
        Ok(Agreement {
            people,
            pairwise: evaluation::pairwise(&truth, clusters.labels())?,
            bcubed: evaluation::bcubed(&truth, clusters.labels())?,
            nmi: evaluation::nmi(&truth, clusters.labels())?,
        })
    }
}

/// How well groups agree with the truth.
struct Agreement {
    people: usize,
    pairwise: evaluation::Agreement,
    bcubed: evaluation::Agreement,
    nmi: f64,
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
