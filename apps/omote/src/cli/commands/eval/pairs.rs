//! Protocols of pairs: the same person or not?

mod all;
mod compare;
mod shift;

use std::path::{Path, PathBuf};

use anyhow::bail;
use evaluation::report::{Stamp, Table};
use evaluation::{BinSet, PairProtocol, VerificationReport, evaluate};
use serde_json::{Value, json};

use self::compare::Test;
use super::cohorts::{self, ByCohort};
use super::discard::{Discarded, Qualities};
use super::faces::{Found, Photos};
use super::measures::{self, Measures, Scored};
use super::page::{self, AllPairs, Page, Shown, System, WorstErrors};
use super::scorers;
use crate::cli::args::{FaceChoice, ModelArgs, RecogniseArgs};
use crate::cli::calibrations::{Calibrated, CalibrationArgs};
use crate::cli::setup::{Setup, Work};
use console::Outcome;
use console::{Reporter, path_value, table};

pub use self::all::{All, scored_pairs};
pub use self::shift::Shift;

/// Flags of the protocols of pairs.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The data set: its folder or file
    #[arg(value_name = "DATA")]
    data: PathBuf,
    /// Which face is compared where a photo shows several: largest, central or a number
    #[arg(long, value_name = "WHICH", default_value = "central")]
    face: FaceChoice,
    /// A second embedder: it sees the same faces, and a paired test says which of the two is better
    #[arg(long, value_name = "EMBEDDER")]
    compare: Option<String>,
    #[command(flatten)]
    measures: measures::Args,
    #[command(flatten)]
    cohorts: cohorts::Args,
    #[command(flatten)]
    page: page::Args,
    #[command(flatten)]
    scorers: scorers::Args,
    #[command(flatten)]
    calibration: CalibrationArgs,
    #[command(flatten)]
    recognise: RecogniseArgs,
}

impl Args {
    /// Where the data set is.
    pub fn path(&self) -> &Path {
        &self.data
    }
}

/// Evaluates a protocol of photos.
pub fn run(args: &Args, protocol: &PairProtocol, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    evaluate_faces(args, protocol, Photos::Files(&protocol.images, args.face), reporter)
}

/// Evaluates a set of aligned crops.
pub fn run_bin(args: &Args, set: &BinSet, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let protocol = set.protocol();
    evaluate_faces(args, &protocol, Photos::Crops(set, &protocol.images), reporter)
}

fn evaluate_faces(
    args: &Args,
    protocol: &PairProtocol,
    photos: Photos,
    reporter: &mut Reporter,
) -> anyhow::Result<Outcome> {
    let page = args.page.checked()?;
    let recognise = &args.recognise;
    let detect = matches!(photos, Photos::Files(..)) && !recognise.embed.aligned;
    let work = Work {
        detect: detect.then_some(&recognise.detect),
        embed: Some(recognise.embed),
        keep_crop: page.is_some(),
    };
    let setup = Setup::open(&recognise.models, work, protocol.images.len())?;
    let other = args.compare.clone().map(|name| {
        let models = ModelArgs { embedder: Some(name), ..recognise.models.clone() };
        Setup::open(&models, Work { keep_crop: false, ..work }, protocol.images.len())
    });
    let other = other.transpose()?;
    if let Some(other) = &other
        && other.identity()?.fingerprint == setup.identity()?.fingerprint
    {
        bail!("--compare names {}, which is the embedder itself: name another one", other.identity()?);
    }
    args.scorers.check(&setup)?;
    let models = &recognise.models.on.models;
    let find = |args, setup| shift::find(args, models, setup, protocol, reporter);
    let calibrated = find(&args.calibration, &setup)?;
    // A calibration that was named is that of the first embedder.
    let unnamed = CalibrationArgs { calibration: None };
    let others = other.as_ref().map(|other| find(&unnamed, other)).transpose()?;
    let found = photos.find(&setup, reporter)?;
    let run = Run::new(setup, found, protocol, args, calibrated, reporter)?;
    let other = other.map(|setup| {
        let found = photos.find_again(&run.found, &setup, reporter)?;
        Run::new(setup, found, protocol, args, others.flatten(), reporter)
    });
    let other = other.transpose()?;
    let all_test = other.as_ref().and_then(|other| run.test_all(other)).transpose()?;
    let test = other.as_ref().map(|other| Test::of(&run, other, &args.measures.bootstrap())).transpose()?;

    let seen = other.as_ref().map(|other| (&other.setup, &other.found));
    let scorers = args.scorers.measure((&run.setup, &run.found), seen, protocol, &args.measures, reporter)?;
    let failed = run.found.pass.failed + other.as_ref().map_or(0, |other| other.found.pass.failed);
    let failed_to_teach = scorers.as_ref().map_or(0, scorers::Table::failed);
    let outcome = Outcome { failed: failed + failed_to_teach, found: true };
    let mut record = run.found.pass.record(&run.setup, record(protocol, &run.report));
    record["face"] = json!(args.face.to_string());
    record["detect_size"] = json!(recognise.detect.detect_size.to_string());
    merge(&mut record, run.measures.record());
    let magnitudes = magnitudes(protocol, &run.found);
    let qualities = qualities(protocol, &run.found);
    let discarded = Discarded::of(&run.scored, &run.measures, &qualities, magnitudes.as_ref())?;
    record["error_versus_discard"] = discarded.as_ref().map_or(Value::Null, Discarded::record);
    cohorts::records(run.cohorts.as_ref()).into_iter().for_each(|(name, value)| record[name] = value);
    merge(&mut record, run.all_record());
    let mut compared = String::new();
    if let Some(scorers) = &scorers {
        record["scorers"] = scorers.record();
        compared = format!("\n{}\n", scorers.describe());
    }
    if let (Some(other), Some(test)) = (&other, &test) {
        let (a, b) = (run.name()?, other.name()?);
        record["comparison"] = other.compared_record(protocol, test);
        let words = match test {
            Ok(test) => test.describe(a, b),
            Err(reason) => format!("no paired test: {reason}"),
        };
        let all_words = match &all_test {
            Some(Ok(test)) => format!("\nevery photo against every other\n\n{}\n", test.describe(a, b)),
            Some(Err(reason)) => format!("\nno paired test of every photo against every other: {reason}\n"),
            None => String::new(),
        };
        record["comparison"]["all_pairs_differences"] = all_test_record(all_test.as_ref());
        compared += &format!(
            "\n{b} on the same faces\n{}\n{}\n{}{}\n{words}\n{all_words}",
            describe(&other.report),
            other.measures.describe(),
            cohorts::describe(other.cohorts.as_ref()),
            other.all_words()
        );
    }
    match page {
        Some(path) if failed > 0 => reporter.complain(&format!(
            "the report {} is not written: photos could not be read, and their pairs are not measured",
            path.display()
        )),
        Some(path) => {
            let scorers = scorers.as_ref().map(scorers::Table::tables).unwrap_or_default();
            write_page(path, args, protocol, photos, &run, other.as_ref(), ([test, all_test], scorers))?;
            record["report"] = path_value(path);
        }
        None => {}
    }
    reporter.summary(&outcome, record, || {
        let discarded = discarded.map(|found| format!("\n{}\n", found.describe())).unwrap_or_default();
        let (folds, measures) = (describe(&run.report), run.measures.describe());
        let by_cohort = cohorts::describe(run.cohorts.as_ref());
        format!("{folds}\n{measures}\n{discarded}{by_cohort}{}{compared}", run.all_words())
            + &run.found.pass.describe(&run.setup, &counts(&run.report))
    })?;
    Ok(outcome)
}

/// One embedder's pass over the photos, and what came of it.
struct Run {
    setup: Setup,
    found: Found,
    scored: Scored,
    report: VerificationReport,
    measures: Measures,
    /// Parts of the pairs, by the labels of the list and by the quality of the faces; `None` without either.
    cohorts: Option<Result<ByCohort, String>>,
    /// Every photo against every other; `None` if it is not known who is in them, an error in words where there are too
    /// few.
    all: Option<Result<All, String>>,
    /// The calibration, tried on them.
    shift: Option<Result<Shift, String>>,
}

impl Run {
    fn new(
        setup: Setup,
        found: Found,
        protocol: &PairProtocol,
        args: &Args,
        calibrated: Option<Calibrated>,
        reporter: &mut Reporter,
    ) -> anyhow::Result<Run> {
        let scored = score(protocol, &found);
        let mut report = evaluate(protocol, &scored.scores)?;
        report.photos_without_face = Some(found.faces.iter().filter(|face| face.is_none()).count());
        let all = All::of(protocol, &found, setup.pipeline.threads, &args.measures, reporter)?;
        let measures = Measures::of(&scored, &args.measures)?;
        let qualities = qualities(protocol, &found);
        let labels = &protocol.labels;
        let cohorts = ByCohort::of(args.cohorts, &scored, &measures, labels, Some(&qualities))?;
        // Without labels of its own, nobody asked for them.
        let cohorts = cohorts.filter(|found| found.is_ok() || !labels.is_empty());
        let shift = calibrated.map(|calibrated| match &all {
            Some(Ok(all)) => Shift::of(calibrated, all, protocol).map(Ok),
            Some(Err(reason)) => Ok(Err(reason.clone())),
            None => Ok(Err("nobody knows who is in the photos".to_owned())),
        });
        Ok(Run { setup, found, scored, report, measures, cohorts, all, shift: shift.transpose()? })
    }

    /// The paired test on every photo against every other, where both systems have these pairs.
    fn test_all(&self, other: &Run) -> Option<anyhow::Result<Result<Test, String>>> {
        match (&self.all, &other.all) {
            (Some(Ok(a)), Some(Ok(b))) => Some(Test::of_all(a, b)),
            _ => None,
        }
    }

    /// Every photo against every other, for JSON.
    fn all_record(&self) -> Value {
        let found = |found: Option<&Result<Value, &String>>| match found {
            Some(Ok(record)) => (record.clone(), Value::Null),
            Some(Err(reason)) => (Value::Null, json!(reason)),
            None => (Value::Null, Value::Null),
        };
        let all = self.all.as_ref().map(|all| all.as_ref().map(All::record));
        let shift = self.shift.as_ref().map(|shift| shift.as_ref().map(Shift::record));
        let ((all, no_all), (shift, no_shift)) = (found(all.as_ref()), found(shift.as_ref()));
        json!({"all_pairs": all, "no_all_pairs": no_all, "calibration": shift, "no_calibration": no_shift})
    }

    /// Every photo against every other, in words.
    fn all_words(&self) -> String {
        let all = match &self.all {
            Some(Ok(all)) => format!("\n{}\n", all.describe()),
            Some(Err(reason)) => format!("\nnot every photo against every other: {reason}\n"),
            None => String::new(),
        };
        let shift = match &self.shift {
            Some(Ok(shift)) => format!("\n{}\n", shift.describe()),
            Some(Err(reason)) => format!("\nthe calibration is not tried: {reason}\n"),
            None => String::new(),
        };
        all + &shift
    }

    /// The embedder's name.
    fn name(&self) -> anyhow::Result<&str> {
        Ok(&self.setup.identity()?.name)
    }

    /// What is on the page.
    fn system(&self, protocol: &PairProtocol) -> anyhow::Result<System<'_>> {
        Ok(System {
            name: self.name()?,
            scored: &self.scored,
            measures: &self.measures,
            folds: Some(&self.report),
            quality: Some(qualities(protocol, &self.found)),
            magnitude: magnitudes(protocol, &self.found),
            cohorts: self.cohorts.as_ref(),
        })
    }

    /// For JSON, as the second one of a comparison.
    fn compared_record(&self, protocol: &PairProtocol, test: &Result<Test, String>) -> Value {
        let mut compared = record(protocol, &self.report);
        merge(&mut compared, self.measures.record());
        cohorts::records(self.cohorts.as_ref()).into_iter().for_each(|(name, value)| compared[name] = value);
        merge(&mut compared, self.all_record());
        compared["embedder"] = self.setup.record()["embedder"].clone();
        compared["differences"] = test.as_ref().map(Test::record).unwrap_or_default();
        compared["no_differences"] = json!(test.as_ref().err());
        compared
    }
}

fn write_page(
    path: &Path,
    args: &Args,
    protocol: &PairProtocol,
    photos: Photos,
    run: &Run,
    other: Option<&Run>,
    ([test, all_test], scorers): ([Option<Result<Test, String>>; 2], Vec<Table>),
) -> anyhow::Result<()> {
    let mut systems = vec![run.system(protocol)?];
    let mut setups = vec![&run.setup];
    if let Some(other) = other {
        systems.push(other.system(protocol)?);
        setups.push(&other.setup);
    }
    let worst = systems[0].mean_threshold().map(|threshold| WorstErrors::at(threshold, &run.scored));
    let shown = |photo: usize| {
        let face = run.found.faces[photo].as_ref();
        Shown {
            jpeg: face.and_then(|_| photos.crop(photo, &run.setup)),
            quality: face.map(|face| face.quality.score),
        }
    };
    let names = [systems[0].name, systems.last().map_or("", |system| system.name)];
    let comparison = |test: Result<Test, String>| test.map(|test| test.comparison(names[0], names[1]));
    let mut all_pairs = AllPairs { comparison: all_test.map(comparison), ..AllPairs::default() };
    for (name, run) in names.into_iter().zip([Some(run), other]) {
        let Some(run) = run else { continue };
        all_pairs.systems.extend(run.all.iter().flatten().map(|all| (name, all)));
        all_pairs.shifts.extend(run.shift.iter().flatten().map(|shift| (name, shift)));
    }
    let page = Page {
        protocol: &protocol.name,
        comparison: test.map(comparison),
        all_pairs,
        scorers,
        pictures: worst.map(|worst| worst.pictures(protocol, &run.scored, shown)).unwrap_or_default(),
        stamp: stamp(args, protocol, photos, &setups)?,
        systems,
    };
    page.write(path)
}

/// The paired test on every photo against every other, for JSON.
fn all_test_record(test: Option<&Result<Test, String>>) -> Value {
    test.and_then(|test| test.as_ref().ok()).map(Test::record).unwrap_or_default()
}

/// The score of each pair, `None` where a face is missing.
fn score(protocol: &PairProtocol, found: &Found) -> Scored {
    let vector = |photo: usize| Some(&found.faces[photo].as_ref()?.embedding.as_ref()?.vector[..]);
    let pairs = &protocol.pairs;
    Scored {
        scores: pairs.iter().map(|pair| Some(matching::cosine(vector(pair.a)?, vector(pair.b)?))).collect(),
        same: pairs.iter().map(|pair| pair.same).collect(),
        people: protocol
            .identities
            .as_ref()
            .map(|people| pairs.iter().map(|pair| [people[pair.a], people[pair.b]]).collect()),
    }
}

/// The quality of both faces of each pair.
fn qualities(protocol: &PairProtocol, found: &Found) -> Qualities {
    let quality = |photo: usize| found.faces[photo].as_ref().map(|face| face.quality.score);
    protocol.pairs.iter().map(|pair| [quality(pair.a), quality(pair.b)]).collect()
}

/// The magnitudes of both faces of each pair, of an embedder that was trained so that they are qualities.
fn magnitudes(protocol: &PairProtocol, found: &Found) -> Option<Qualities> {
    let is_quality = found.faces.iter().flatten().any(|face| face.quality.magnitude.is_some());
    let magnitude = |photo: usize| Some(found.faces[photo].as_ref()?.embedding.as_ref()?.magnitude);
    is_quality.then(|| protocol.pairs.iter().map(|pair| [magnitude(pair.a), magnitude(pair.b)]).collect())
}

/// How the page was made.
fn stamp(args: &Args, protocol: &PairProtocol, photos: Photos, setups: &[&Setup]) -> anyhow::Result<Stamp> {
    let data = match photos {
        Photos::Files(..) => {
            // Photos of a list lie beside it.
            let root = if args.data.is_dir() { Some(&*args.data) } else { args.data.parent() };
            page::hash_of_protocol(protocol, root.unwrap_or(&args.data))
        }
        Photos::Crops(..) => page::hash_of_file(&args.data)?,
    };
    let (pairs, folds) = (protocol.pairs.len(), protocol.folds.len());
    let mut stamp = page::stamp(format!("{} ({pairs} pairs, {folds} folds)", protocol.name), data);
    for model in setups.iter().flat_map(|setup| page::models(setup)) {
        // Both systems have one detector.
        if !stamp.models.contains(&model) {
            stamp.models.push(model);
        }
    }
    stamp.engine = setups.first().map(|setup| setup.engine()).unwrap_or_default();
    stamp.more = args.measures.draws.stamped();
    if matches!(photos, Photos::Files(..)) {
        let recognise = &args.recognise;
        stamp.more.push(("Face".into(), args.face.to_string()));
        stamp.more.push(("Detection size".into(), recognise.detect.detect_size.to_string()));
        stamp.more.push((
            "Data hash".into(),
            "of the pairs, their labels and the photos' names, not of their pixels".into(),
        ));
    }
    Ok(stamp)
}

/// Adds the entries of one JSON object to another.
fn merge(record: &mut Value, more: Value) {
    if let (Some(record), Value::Object(more)) = (record.as_object_mut(), more) {
        record.extend(more);
    }
}

fn counts(report: &VerificationReport) -> String {
    let without = report.photos_without_face.unwrap_or_default();
    format!(
        "{without} without a face, {} of {} pairs not scored",
        report.pairs_without_score(),
        report.pairs()
    )
}

fn describe(report: &VerificationReport) -> String {
    let result = &report.result;
    let mut rows =
        vec![["FOLD", "THRESHOLD", "ACCURACY", "FALSE ACCEPTS", "FALSE REJECTS"].map(String::from).to_vec()];
    for (number, fold) in result.folds.iter().enumerate() {
        rows.push(vec![
            (number + 1).to_string(),
            format!("{:.3}", fold.threshold),
            format!("{:.2}", fold.accuracy * 100.0),
            fold.false_accepts.to_string(),
            fold.false_rejects.to_string(),
        ]);
    }
    format!(
        "{}: {:.2} +- {:.2} % (standard error; standard deviation {:.2}), {} of {} pairs wrong\n\n{}\n",
        report.name,
        result.accuracy * 100.0,
        result.standard_error * 100.0,
        result.standard_deviation * 100.0,
        result.errors(),
        report.pairs(),
        table(&rows)
    )
}

fn record(protocol: &PairProtocol, report: &VerificationReport) -> Value {
    let result = &report.result;
    let fold = |fold: &evaluation::FoldResult| {
        json!({"threshold": fold.threshold, "accuracy": fold.accuracy, "pairs": fold.pairs,
            "false_accepts": fold.false_accepts, "false_rejects": fold.false_rejects})
    };
    json!({
        "protocol": protocol.name,
        "accuracy": result.accuracy,
        "standard_error": result.standard_error,
        "standard_deviation": result.standard_deviation,
        "errors": result.errors(),
        "pairs": report.pairs(),
        "pairs_not_scored": report.pairs_without_score(),
        "photos_without_face": report.photos_without_face,
        "folds": result.folds.iter().map(fold).collect::<Vec<_>>(),
    })
}
