//! Galleries of random people, searched for everybody: how often is the right person found, and how often is somebody
//! found for a stranger?

mod calibrated;
mod galleries;
mod measured;
mod method;
mod page;
mod photos;
mod words;

use std::path::{Path, PathBuf};

use analysis::Face;
use anyhow::{Context, bail};
use evaluation::OpenSetDraw;
use matching::{Adaptation, ReRanking};
use serde_json::{Value, json};

use self::calibrated::Calibrations;
use self::galleries::Galleries;
use self::measured::Measured;
use self::method::{Choice, Method, chosen};
use self::photos::Photos;
use super::draws;
use super::faces::{Found, of_photos};
use super::measures::rate;
use super::page::Args as PageArgs;
use crate::cli::args::{ALL_PHOTOS, FaceChoice, RecogniseArgs, photos};
use crate::cli::calibrations::CalibrationArgs;
use crate::cli::setup::{Setup, Work};
use console::Outcome;
use console::{Reporter, count, path_value};

/// The cost of an error of template adaptation; the paper's.
const COST: f64 = 10.0;

/// Flags of `omote eval open-set`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Photos of people: a folder with a folder for each person (LFW's is one), or any with --identities
    #[arg(value_name = "DATA")]
    data: PathBuf,
    /// Who is in the photos: `folders` (those of one person lie in one folder), or a text file with a line
    /// `PHOTO PERSON` for each photo
    #[arg(long, value_name = "FROM", default_value = "folders")]
    identities: PathBuf,
    /// Numbers of people in the galleries, each measured by itself
    #[arg(long, value_name = "SIZES", value_delimiter = ',', default_value = "25,50,100")]
    people: Vec<usize>,
    /// How many random galleries of each size
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    splits: u16,
    /// Photos of each person that are enrolled, the others are searched for; or `all`, which leaves strangers only
    #[arg(long, value_name = "N", default_value = "1", value_parser = photos)]
    enrolled: usize,
    /// How several photos of a person are searched in: all (template-adaptation only with --train), or some of best-face,
    /// mean, quality-weighted, magnitude-weighted, detection-weighted, insightface, softmax-quality, template-adaptation
    /// and re-ranking; each is tested against best-face
    #[arg(long, value_name = "METHODS", value_delimiter = ',', default_value = "best-face")]
    methods: Vec<Choice>,
    /// False positive identification rates at which the detection and identification rate is reported, each 0 to 1
    #[arg(long, value_name = "RATES", value_delimiter = ',', default_value = "0.01,0.1", value_parser = rate)]
    fpir: Vec<f64>,
    /// Photos of other people, for template adaptation
    #[arg(long, value_name = "FOLDER")]
    train: Option<PathBuf>,
    /// Most photos that are taken from --train, drawn at random: a classifier is trained against all of them for every
    /// photo that is searched for
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    strangers: u32,
    /// Neighbours that may be mutual, for re-ranking: about the number of photos of a person, probes among them
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
    k1: u16,
    /// Neighbours that are averaged, for re-ranking
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u16).range(1..))]
    k2: u16,
    /// Share of the original distance, for re-ranking
    #[arg(long, value_name = "SHARE", default_value_t = 0.3)]
    lambda: f64,
    /// Which face is taken where a photo shows several: largest, central or a number
    #[arg(long, value_name = "WHICH", default_value = "central")]
    face: FaceChoice,
    #[command(flatten)]
    draws: draws::Args,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    calibration: CalibrationArgs,
    #[command(flatten)]
    recognise: RecogniseArgs,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let report = args.page.checked()?;
    let asked = Asked::new(args)?;
    let photos = Photos::read(&args.data, &args.identities)?;
    photos.check(&asked.draw, &asked.sizes)?;
    let strangers = args.train.as_deref().map(|folder| photos.strangers(folder)).transpose()?;
    let splits = asked.draw.draw(&photos.people, &asked.sizes)?;

    let recognise = &args.recognise;
    let work = Work { keep_crop: report.is_some(), ..Work::recognise(&recognise.detect, recognise.embed) };
    let setup = Setup::open(&recognise.models, work, photos.paths.len())?;
    let calibrations = Calibrations::find(args, &setup, &asked.methods)?;
    let found = of_photos(&photos.paths, args.face, &setup, reporter)?;
    let mut failed = found.pass.failed;
    let adaptation = match strangers.filter(|_| asked.methods.contains(&Method::Adaptation)) {
        Some(paths) => {
            let of_strangers = of_photos(&paths, args.face, &setup, reporter)?;
            failed += of_strangers.pass.failed;
            Some(adaptation(&of_strangers, args)?)
        }
        None => None,
    };
    let galleries = Galleries {
        photos: &photos,
        faces: &found.faces,
        splits: &splits,
        sizes: &asked.sizes,
        most: asked.draw.enrolled,
        strangers: adaptation.as_ref(),
        re_ranking: asked.re_ranking,
        precision: asked.methods.contains(&Method::ReRanking),
        threads: setup.pipeline.threads,
    };
    let measured = Measured::of(&galleries, &asked, &calibrations, &args.draws.bootstrap(), reporter)?;

    let outcome = Outcome { failed, found: true };
    let mut record = found.pass.record(&setup, measured.record());
    merge(&mut record, asked.record(&photos, &found));
    record["face"] = json!(args.face.to_string());
    record["detect_size"] = json!(recognise.detect.detect_size.to_string());
    match report {
        Some(path) if failed > 0 => reporter.complain(&format!(
            "the report {} is not written: photos could not be read, and count as if they showed nobody",
            path.display()
        )),
        Some(path) => {
            page::write(path, args, &asked, &photos, &setup, &found, &measured)?;
            record["report"] = path_value(path);
        }
        None => {}
    }
    reporter.summary(&outcome, record, || {
        let without = found.faces.iter().filter(|face| face.is_none()).count();
        format!("{}\n{}", asked.describe(&photos), words::describe(&measured))
            + &found.pass.describe(&setup, &format!("{without} without a face"))
    })?;
    Ok(outcome)
}

/// What was asked for, checked.
pub struct Asked {
    /// Ascending, each once.
    sizes: Vec<usize>,
    draw: OpenSetDraw,
    methods: Vec<Method>,
    /// Ascending, each once.
    fpir: Vec<f64>,
    re_ranking: ReRanking,
}

impl Asked {
    fn new(args: &Args) -> anyhow::Result<Asked> {
        let mut sizes = args.people.clone();
        sizes.sort_unstable();
        sizes.dedup();
        if sizes.first() == Some(&0) {
            bail!("a gallery of nobody was asked for (--people): the smallest is 1");
        }
        let mut fpir = args.fpir.clone();
        fpir.sort_unstable_by(f64::total_cmp);
        fpir.dedup();
        let methods = chosen(&args.methods, args.train.is_some());
        if methods.contains(&Method::Adaptation) && args.train.is_none() {
            bail!(
                "template-adaptation learns who is somebody else: give photos of other people with --train"
            );
        }
        if args.train.is_some() && !methods.contains(&Method::Adaptation) {
            bail!("--train is for template-adaptation: name it with --methods, or leave --train out");
        }
        if !(0.0..=1.0).contains(&args.lambda) {
            bail!("--lambda is a share from 0 to 1, and not {}", args.lambda);
        }
        let draw =
            OpenSetDraw { enrolled: args.enrolled, splits: usize::from(args.splits), seed: args.draws.seed };
        let re_ranking = ReRanking { k1: args.k1.into(), k2: args.k2.into(), lambda: args.lambda };
        Ok(Asked { sizes, draw, methods, fpir, re_ranking })
    }

    /// For JSON.
    fn record(&self, photos: &Photos, found: &Found) -> Value {
        json!({
            "protocol": "open set", "people": photos.names.len(), "splits": self.draw.splits,
            "enrolled": (self.draw.enrolled != ALL_PHOTOS).then_some(self.draw.enrolled), "seed": self.draw.seed,
            "photos_without_face": found.faces.iter().filter(|face| face.is_none()).count(),
        })
    }

    /// In words.
    fn describe(&self, photos: &Photos) -> String {
        format!(
            "open set: {} of {}; {}, each enrols {} of a person\n",
            count(photos.paths.len(), "photo", "photos"),
            count(photos.names.len(), "person", "people"),
            count(self.draw.splits, "random gallery of each size", "random galleries of each size"),
            self.enrolled()
        )
    }

    /// How many photos of a person are enrolled, in words.
    fn enrolled(&self) -> String {
        match self.draw.enrolled {
            ALL_PHOTOS => "all photos".to_owned(),
            enrolled => count(enrolled, "photo", "photos"),
        }
    }
}

/// Trains on nothing yet: strangers, at most as many as were asked for.
fn adaptation(found: &Found, args: &Args) -> anyhow::Result<Adaptation> {
    let embedding = |face: &Option<Face>| face.as_ref()?.embedding.clone();
    let mut strangers: Vec<_> = found.faces.iter().filter_map(embedding).collect();
    let folder = args.train.as_deref().unwrap_or(Path::new(""));
    let first =
        strangers.first().with_context(|| format!("no photo below {} shows a face", folder.display()))?;
    let fingerprint = first.fingerprint;
    fastrand::Rng::with_seed(args.draws.seed).shuffle(&mut strangers);
    strangers.truncate(args.strangers as usize);
    let vectors: Vec<&[f32]> = strangers.iter().map(|embedding| &embedding.vector[..]).collect();
    Ok(Adaptation::new(&vectors, COST, fingerprint)?)
}

/// Adds the entries of one JSON object to another.
fn merge(record: &mut Value, more: Value) {
    if let (Some(record), Value::Object(more)) = (record.as_object_mut(), more) {
        record.extend(more);
    }
}
