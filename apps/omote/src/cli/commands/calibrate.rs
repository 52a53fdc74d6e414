//! `omote calibrate`: what scores stand for, measured on one's own photos.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use matching::{
    Calibration, Comparisons, Enrolled, Enrolment, GalleryRate, LabelledFaces, ScorerFile, Source,
    SplitOptions, SplitSummary, check_splits, summarise_splits,
};
use serde_json::{Value, json};

use super::eval::rate;
use crate::cli::args::{FaceChoice, Inputs, RecogniseArgs, photos};
use crate::cli::calibrations::{beside_scorer, folder, rate_record, rate_text, threshold_value};
use crate::cli::inputs::expand;
use crate::cli::labelled::{Labelled, People};
use crate::cli::scan::Pass;
use crate::cli::setup::{Setup, Work};
use console::Outcome;
use console::{Reporter, count, path_value, table};

/// Flags of `omote calibrate`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "From then on `verify --fmr` and `identify --fpir` go by it. The rates say what the next population of as \
many people will show, not how well the mean is known. If they cannot answer for any rate that was asked for, nothing is \
written, so that no better calibration is hidden; the message says how many people it would take. --check-splits writes nothing: it calibrates on random halves of \
the people and counts how often the other half was as predicted.\n\n\
Exit codes: 0 a calibration was written, 1 it could not answer for any of the rates, 2 an error; with --check-splits 0 if \
it was as predicted in 18 of 20, else 1.\n\n\
Example: omote calibrate staff-photos/\n\
Example: omote calibrate celeba/images --people celeba/identity.txt --check-splits 20"
)]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    /// Who is in the photos: `folders` (those of one person lie in one folder), or a text file with a line
    /// `PHOTO PERSON` for each photo
    #[arg(long, value_name = "FROM", default_value = "folders")]
    people: PathBuf,
    /// Which face is meant where a photo shows several: largest, central or a number
    #[arg(long, value_name = "WHICH", default_value = "central")]
    face: FaceChoice,
    /// What a person of several photos is in a gallery: best-face, mean, quality-weighted or magnitude-weighted
    #[arg(long, value_name = "RULE", default_value = "best-face")]
    enrolment: Enrolment,
    /// Calibrate the scores of this file of `omote scorer train` in place of cosines, for `omote verify --scorer`; knows
    /// nothing of searches
    #[arg(long, value_name = "FILE", conflicts_with_all = ["check_splits", "enrolment", "fpir", "galleries", "enrolled"])]
    scorer: Option<PathBuf>,
    /// What the photos are, in words, for those who read the calibration [default: the names of the inputs]
    #[arg(long, value_name = "WORDS")]
    data: Option<String>,
    /// The file to write [default: named after the embedder, in the user's data folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// False match rates to show
    #[arg(long, value_name = "RATES", value_delimiter = ',', default_value = "1e-3,1e-4", value_parser = rate)]
    fmr: Vec<f64>,
    /// False positive identification rate to show
    #[arg(long, value_name = "RATE", default_value = "0.01", value_parser = rate)]
    fpir: f64,
    /// Sizes of galleries to show it for
    #[arg(long, value_name = "SIZES", value_delimiter = ',', default_value = "25,50,100")]
    galleries: Vec<usize>,
    /// Photos enrolled of each person in these galleries, or `all` that there are
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', default_value = "1,all", value_parser = photos)]
    enrolled: Vec<usize>,
    /// Only check, on so many random halves of the people, whether the predicted rates come true
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    check_splits: Option<u16>,
    /// Seed of the random halves
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    recognise: RecogniseArgs,
}

/// Of so many splits ...
const HONEST_OF: usize = 20;
/// ... at least so many must be as predicted.
const HONEST: usize = 18;

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let people = People::read(&args.people)?;
    let inputs = expand(&args.inputs.photos);
    let recognise = &args.recognise;
    let work = Work::recognise(&recognise.detect, recognise.embed);
    let setup = Setup::open(&recognise.models, work, inputs.len())?;
    let model = setup.identity()?;
    let load = |file| ScorerFile::load(file, model.fingerprint, model.flip);
    let scorer = args.scorer.as_deref().map(load).transpose()?;
    let labelled = Labelled::read(inputs, &people, args.face, &setup, reporter)?;
    let Labelled { faces: found, names, without_face, mut pass, .. } = labelled;
    ensure!(!found.is_empty(), "no face of a known person was found: there is nothing to measure");
    let names = match people {
        People::Folders => folders(names, reporter),
        People::List { .. } => names,
    };
    // Whoever calibrates chose photos of known people: one without a face is not what it should be.
    pass.failed += without_face;
    let embedded = found
        .iter()
        .filter_map(|(face, person)| Some((face.embedding.as_ref()?, face.quality.score, Some(*person))));
    let labelled = LabelledFaces::new(embedded)?;
    let mut source = source(args, &setup, &labelled)?;
    if let Some(file) = &args.scorer {
        let name = file.file_name().unwrap_or(file.as_os_str());
        source.command += &format!(" --scorer {}", name.to_string_lossy());
    }
    match args.check_splits {
        Some(splits) => check(args, &setup, &pass, &labelled, &source, usize::from(splits), reporter),
        None => calibrate(args, &setup, &pass, (&labelled, &names), (source, scorer), reporter),
    }
}

/// The folders' own names, by which their people are known elsewhere. Says if two folders share one.
fn folders(paths: Vec<String>, reporter: &Reporter) -> Vec<String> {
    let mut by_name: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for path in &paths {
        let name =
            Path::new(path).file_name().map_or(path.clone(), |name| name.to_string_lossy().into_owned());
        by_name.entry(name).or_default().push(path);
    }
    let shared: Vec<&Vec<&str>> = by_name.values().filter(|folders| folders.len() > 1).collect();
    if let [first, ..] = &shared[..] {
        reporter.complain(&format!(
            "{} to several folders, such as {}: each folder counts as a person of its own. If they show one person, pairs of \
             these photos count as false matches, and --check-splits may have the person in both halves: say who is who with \
             --people LIST",
            count(shared.len(), "name belongs", "names belong"),
            first[..2].join(" and ")
        ));
    }
    by_name.into_keys().collect()
}

fn source(args: &Args, setup: &Setup, faces: &LabelledFaces) -> anyhow::Result<Source> {
    let model = setup.identity()?;
    let names = || {
        let name =
            |path: &PathBuf| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        args.inputs.photos.iter().map(name).collect::<Vec<_>>().join(", ")
    };
    let flip = if model.flip { " --flip" } else { "" };
    Ok(Source {
        model: model.name.clone(),
        flip: model.flip,
        enrolment: args.enrolment,
        data: args.data.clone().unwrap_or_else(names),
        data_hash: faces.hash(),
        command: format!("omote calibrate {} --enrolment {}{flip}", names(), args.enrolment),
        date: jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
    })
}

fn calibrate(
    args: &Args,
    setup: &Setup,
    pass: &Pass,
    (faces, names): (&LabelledFaces, &[String]),
    (source, scorer): (Source, Option<ScorerFile>),
    reporter: &mut Reporter,
) -> anyhow::Result<Outcome> {
    let flip = if source.flip { "-flip" } else { "" };
    let name = format!("{}{flip}-{}.toml", source.model, source.enrolment);
    let file = match (&args.out, &args.scorer) {
        (Some(file), _) => file.clone(),
        (None, Some(scorer)) => beside_scorer(scorer),
        (None, None) => {
            folder().context("there is no home folder: say where to write with --out")?.join(name)
        }
    };
    let threads = setup.pipeline.threads;
    let calibration = match &scorer {
        None => Calibration::of_faces(source, faces, threads)?,
        Some(file) => {
            let scorer = file.scorer();
            let (vectors, people): (Vec<_>, Vec<u32>) = faces.vectors_with_people().unzip();
            let vectors: Vec<Option<&[f32]>> = vectors.into_iter().map(Some).collect();
            let photos = scorer.prepare_all(&vectors, threads)?;
            let compared = Comparisons::scored(scorer, &photos, &people, threads)?;
            Calibration::of_comparisons(source, &compared)?.with_scorer(scorer)?
        }
    };
    let calibration = calibration.with_people(names)?;
    let next = calibration.same_again();
    let mut rows = vec![["RATE", "THRESHOLD", "NEXT POPULATION", "FNMR"].map(String::from).to_vec()];
    let mut records: Vec<Value> = Vec::new();
    let mut unsupported = String::new();
    // The smallest false match rate that can be asked for, where none was given that can.
    let mut least_fmr: Option<f64> = None;
    for &fmr in &args.fmr {
        match calibration.threshold_for_fmr(fmr) {
            Ok(threshold) => {
                let (rate, fnmr) = (calibration.fmr(threshold, &next), calibration.fnmr(threshold, &next));
                let cells =
                    [format!("FMR {fmr:e}"), format!("{threshold:.3}"), rate_text(&rate), rate_text(&fnmr)];
                rows.push(cells.to_vec());
                records.push(
                    json!({"fmr": fmr, "threshold": threshold_value(threshold), "next": rate_record(&rate),
                    "fnmr": rate_record(&fnmr)}),
                );
            }
            Err(error @ matching::Error::Unsupported { least, .. }) => {
                least_fmr = Some(least).filter(|least| *least < 1.0);
                unsupported += &format!("\n{error}");
                records.push(json!({"fmr": fmr, "unsupported": error.to_string()}));
            }
            Err(error) => return Err(error.into()),
        }
    }
    // A scorer's calibration knows nothing of searches.
    for asked in if scorer.is_some() { Vec::new() } else { galleries(args) } {
        let photos_of = faces.photos_of_people().map(|own| own.min(asked.photos));
        let gallery = Enrolled::drawn(asked.people, photos_of);
        let photos = gallery.mean_photos();
        match calibration.threshold_for_fpir(&gallery, args.fpir) {
            Ok(threshold) => {
                let rate = calibration.fpir(&gallery, threshold, Default::default(), &next)?;
                let fnmr = calibration.fnmr(threshold, &next);
                rows.push(vec![
                    asked.to_string(),
                    format!("{threshold:.3}"),
                    rate_text(&rate),
                    rate_text(&fnmr),
                ]);
                records.push(json!({"fpir": args.fpir, "gallery": asked.people, "photos_per_person": photos,
                    "threshold": threshold_value(threshold), "next": rate_record(&rate), "fnmr": rate_record(&fnmr)}));
            }
            Err(error @ matching::Error::Unsupported { .. }) => {
                unsupported += &format!("\n{error}");
                records.push(json!({"fpir": args.fpir, "gallery": asked.people, "photos_per_person": photos,
                    "unsupported": error.to_string()}));
            }
            Err(error) => return Err(error.into()),
        }
    }
    // One that answers for nothing would only stand in front of the built-in one or an earlier one.
    let answers = records.iter().any(|record| record.get("unsupported").is_none());
    if answers {
        calibration.save(&file)?;
    }
    let written = match least_fmr {
        _ if answers => format!("written to {}, with short hashes of the people's names", file.display()),
        Some(least) => format!(
            "nothing is written: these people answer for none of the rates. They do for --fmr {:.1e}",
            rounded_up(least)
        ),
        None => "nothing is written: these people answer for none of the rates".to_owned(),
    };
    let taught = scorer.as_ref().map(|scorer| scorer.overlap(names));
    if let (Some(taught @ 1..), Some(file)) = (taught, &args.scorer) {
        reporter.complain(&format!(
            "{} of these people {} the name of one whom {} was learned from: if they are the same people, the \
             calibration promises too much",
            taught,
            if taught == 1 { "has" } else { "have" },
            file.display()
        ));
    }
    let counts = calibration.counts();
    let outcome = pass.outcome(answers);
    let record = json!({"file": answers.then(|| path_value(&file)), "least_fmr": least_fmr.map(rounded_up),
        "people_who_taught_the_scorer": taught, "people": counts.identities, "faces": counts.faces,
        "genuine_pairs": counts.genuine_pairs, "impostor_pairs": counts.impostor_pairs, "rates": records});
    reporter.summary(&outcome, pass.record(setup, record), || {
        format!("{}{unsupported}\n", table(&rows))
            + &pass.describe(setup, &format!("{} people, {} faces", counts.identities, counts.faces))
            + &format!("\n{written}")
    })?;
    Ok(outcome)
}

/// A rate with two digits that count, not below it.
fn rounded_up(rate: f64) -> f64 {
    let unit = 10f64.powf(rate.log10().floor() - 1.0);
    // Divided by a power of ten, a rate of two digits may come out a hair above a whole number.
    (rate / unit - 1e-9).ceil() * unit
}

/// The kinds of galleries that are asked about.
fn galleries(args: &Args) -> Vec<GalleryRate> {
    let of_photos = |&photos: &usize| {
        args.galleries.iter().map(move |&people| GalleryRate { fpir: args.fpir, people, photos })
    };
    args.enrolled.iter().flat_map(of_photos).collect()
}

fn check(
    args: &Args,
    setup: &Setup,
    pass: &Pass,
    faces: &LabelledFaces,
    source: &Source,
    splits: usize,
    reporter: &mut Reporter,
) -> anyhow::Result<Outcome> {
    let options = SplitOptions {
        fmrs: args.fmr.clone(),
        fpirs: galleries(args),
        splits,
        seed: args.seed,
        level: 0.95,
        threads: setup.pipeline.threads,
    };
    let summaries = summarise_splits(&check_splits(faces, source, &options)?);
    let honest = |summary: &SplitSummary| summary.held * HONEST_OF >= summary.splits * HONEST;
    let mut rows = vec![["RATE", "AS PREDICTED", "OF", "HIGH / LOW", "WIDEST"].map(String::from).to_vec()];
    let mut records: Vec<Value> = Vec::new();
    for summary in &summaries {
        rows.push(vec![
            summary.rate.to_string(),
            summary.held.to_string(),
            summary.splits.to_string(),
            format!("{:.2}", summary.median_width),
            format!("{:.2}", summary.widest),
        ]);
        let finite = |width: f64| width.is_finite().then_some(width);
        records
            .push(json!({"rate": summary.rate.to_string(), "held": summary.held, "splits": summary.splits,
            "median_width": finite(summary.median_width), "widest": finite(summary.widest)}));
    }
    let outcome = pass.outcome(summaries.iter().all(honest));
    let record =
        json!({"people": faces.people().len(), "faces": faces.len(), "seed": args.seed, "checks": records});
    reporter.summary(&outcome, pass.record(setup, record), || {
        let counts = format!("{} people, {} faces", faces.people().len(), faces.len());
        format!("{}\n", table(&rows)) + &pass.describe(setup, &counts)
    })?;
    Ok(outcome)
}
