//! `omote-lab overlap`: do two sources show the same people?

use std::path::{Path, PathBuf};
use std::sync::Arc;

use analysis::Embedder;
use anyhow::anyhow;
use console::{Outcome, Reporter, count, path_value};
use dataset::overlap::{Centres, Evidence, Meeting, Pictures, Unseen, by_likeness, by_name, by_pictures};
use dataset::{Classes, Source, Value};
use imaging::Image;
use serde_json::json;

use super::networks::{NetworkArgs, Networks};
use super::origin::Origin;

/// Flags of `omote-lab overlap`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Whoever is in the training set and in the test makes the result of the test too good. Compared are always the names: case, \
the order of words, and all but letters and digits play no part, and names without a letter are not compared. With --pictures all \
photos are decoded, and those of the same size and pixels are found. With --embedder the middles of all people are compared; \
both sources must hold faces that were cut out (`omote-lab crop`). Neither finds everybody.\n\n\
Exit code 1 says that somebody may be in both.\n\n\
Example: omote-lab overlap ms1m/ lfw-112/ --kind recordio --kind-b written\n\
Example: omote-lab overlap celeba-112/ glint/ --kind written --kind-b folders --embedder mobilefacenet --least 0.6"
)]
pub struct Args {
    /// A source
    #[arg(value_name = "A")]
    a: PathBuf,
    /// Another source
    #[arg(value_name = "B")]
    b: PathBuf,
    /// How A lies on disk
    #[arg(long, value_name = "KIND")]
    kind: Origin,
    /// How B lies on disk [default: as A]
    #[arg(long, value_name = "KIND")]
    kind_b: Option<Origin>,
    /// Compare the pictures too
    #[arg(long)]
    pictures: bool,
    /// Compare the people by this embedder, by its name in `omote models list`
    #[arg(long, value_name = "NAME", requires = "least")]
    embedder: Option<String>,
    /// The cosine of the middles of two people from which on they may be the same
    #[arg(long, value_name = "COSINE", requires = "embedder", value_parser = cosine)]
    least: Option<f32>,
    #[command(flatten)]
    networks: NetworkArgs,
}

fn cosine(text: &str) -> Result<f32, String> {
    let cosine = text.parse().ok().filter(|cosine| (-1.0..=1.0).contains(cosine));
    cosine.ok_or_else(|| "a number from -1 to 1 is needed".to_owned())
}

/// A source and who is in it.
struct Side {
    path: PathBuf,
    source: Arc<dyn Source>,
    classes: Classes,
    /// Whether it is known who is in the pictures.
    is_known: bool,
}

impl Side {
    fn open(path: &Path, kind: Origin) -> anyhow::Result<Self> {
        let source = kind.open(path)?;
        // Where nobody is known, every photo is somebody; a number as a name meets no other.
        let alone = || Classes {
            of: (0..source.len()).map(|number| number as u32).collect(),
            names: (0..source.len()).map(|number| number.to_string()).collect(),
            ..Classes::default()
        };
        let known = source.classes();
        let is_known = known.is_some();
        Ok(Self { path: path.to_owned(), classes: known.unwrap_or_else(alone), is_known, source })
    }

    /// What somebody is called: where nobody is known, the file of the photo.
    fn name(&self, class: u32) -> String {
        let file = || {
            let place = self.source.columns().iter().position(|column| column.name == "file")?;
            match self.source.sample(class.into()).ok()?.rows.first()?.get(place)? {
                Value::Text(file) => Some(file.clone()),
                _ => None,
            }
        };
        let name = || self.classes.names.get(class as usize).cloned().unwrap_or_default();
        if self.is_known { name() } else { file().unwrap_or_else(name) }
    }

    /// Says what could not be looked at, and counts it.
    fn tell(&self, unseen: &Unseen, reporter: &mut Reporter) -> anyhow::Result<usize> {
        if let Some((number, reason)) = &unseen.first {
            let others = match unseen.count {
                1 => String::new(),
                count => format!(" (and {} more)", count - 1),
            };
            reporter.fail(&self.path, &format!("sample {number}: {reason}{others}"))?;
        }
        Ok(unseen.count as usize)
    }
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let embedder = match &args.embedder {
        Some(name) => {
            let networks = Networks::open(&args.networks, None)?;
            Some((networks.embedder(name)?, networks.threads()))
        }
        None => None,
    };
    let sides = [Side::open(&args.a, args.kind)?, Side::open(&args.b, args.kind_b.unwrap_or(args.kind))?];
    let [a, b] = &sides;
    let mut meetings = by_name(&a.classes, &b.classes);
    let mut failed = 0;
    if args.pictures {
        let [here, there] = hashes(&sides, args.networks.threads(), reporter);
        failed += a.tell(here.unseen(), reporter)? + b.tell(there.unseen(), reporter)?;
        let shared = by_pictures(&here, &there, [&a.classes, &b.classes]);
        if shared.often > 0 {
            let pictures = count(shared.often, "picture", "pictures");
            reporter.complain(&format!("{pictures} in both that come more than 100 times: passed over"));
        }
        meetings.extend(shared.meetings);
    }
    if let Some(((embedder, threads), least)) = embedder.as_ref().zip(args.least) {
        let [here, there] =
            [middles(a, embedder, *threads, reporter)?, middles(b, embedder, *threads, reporter)?];
        failed += a.tell(here.unseen(), reporter)? + b.tell(there.unseen(), reporter)?;
        meetings.extend(by_likeness(&here, &there, least, *threads).map_err(anyhow::Error::msg)?);
    }
    for meeting in &meetings {
        answer(meeting, &sides, reporter)?;
    }
    let outcome = Outcome { failed, found: meetings.is_empty() };
    let mut record = json!({
        "a": path_value(&args.a), "b": path_value(&args.b),
        "people": [a.classes.names.len(), b.classes.names.len()], "meetings": meetings.len(),
    });
    if failed == 0 && !meetings.is_empty() {
        // "nothing found" would be the contrary of what is so.
        record["reason"] = "somebody may be in both".into();
    }
    reporter.summary(&outcome, record, || {
        let unread = if failed > 0 { format!("; {failed} could not be looked at") } else { String::new() };
        let people = |side: &Side| count(side.classes.names.len(), "person", "people");
        format!(
            "{} may be the same, of {} here and {} there{unread}",
            count(meetings.len(), "pair", "pairs"),
            people(a),
            people(b)
        )
    })?;
    Ok(outcome)
}

fn hashes(sides: &[Side; 2], threads: usize, reporter: &mut Reporter) -> [Pictures; 2] {
    sides.each_ref().map(|side| {
        reporter.start(side.source.len() as usize, "pictures");
        let told: &Reporter = reporter;
        let pictures = Pictures::of(&*side.source, threads, &|_| told.step());
        reporter.finish();
        pictures
    })
}

/// The middles of the people of a source.
fn middles(
    side: &Side,
    embedder: &Embedder,
    threads: usize,
    reporter: &mut Reporter,
) -> anyhow::Result<Centres> {
    reporter.start(side.source.len() as usize, "pictures");
    let told: &Reporter = reporter;
    let embed = |crop: &Image| match embedder.embed(crop, false) {
        Ok(embedding) => Ok(embedding.vector),
        Err(error) => Err(error.to_string()),
    };
    let centres = Centres::of(&*side.source, &side.classes, threads, &|_| told.step(), embed);
    reporter.finish();
    centres.map_err(|reason| anyhow!("{}: {reason}", side.path.display()))
}

fn answer(meeting: &Meeting, [a, b]: &[Side; 2], reporter: &mut Reporter) -> anyhow::Result<()> {
    let (a, b) = (a.name(meeting.a), b.name(meeting.b));
    let (why, by, how) = match meeting.evidence {
        Evidence::Name => ("one name".to_owned(), "name", json!(null)),
        Evidence::Pictures(shared) => {
            (count(shared, "picture in both", "pictures in both"), "pictures", json!(shared))
        }
        Evidence::Likeness(cosine) => (format!("cosine {cosine:.3}"), "likeness", json!(cosine)),
    };
    let record = json!({"type": "meeting", "a": a, "b": b, "by": by, by: how});
    Ok(reporter.answer(&record, || format!("{a} and {b}: {why}"))?)
}
