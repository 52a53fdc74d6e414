//! Scores that any program made: what they amount to.

use std::path::PathBuf;

use anyhow::bail;
use evaluation::read_scores_csv;
use serde_json::{Value, json};

use super::cohorts::{self, ByCohort};
use super::discard::Discarded;
use super::measures::{self, Measures, Scored};
use super::page::{self, AllPairs, Page, System};
use console::Outcome;
use console::{Reporter, path_value};

/// Flags of `omote eval scores`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The CSV file
    file: PathBuf,
    /// With --json, print every point of the ROC curve
    #[arg(long)]
    all_points: bool,
    #[command(flatten)]
    measures: measures::Args,
    #[command(flatten)]
    cohorts: cohorts::Args,
    #[command(flatten)]
    page: page::Args,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let report = args.page.checked()?;
    let list = read_scores_csv(&args.file)?;
    if args.cohorts.is_given() && list.labels.is_empty() && list.qualities.is_none() {
        bail!("--cohorts-at: {} has no labels, which are further columns of its header", args.file.display());
    }
    let scored = Scored { scores: list.scores, same: list.same, people: list.identities };
    let measures = Measures::of(&scored, &args.measures)?;
    let by_cohort = ByCohort::of(args.cohorts, &scored, &measures, &list.labels, list.qualities.as_deref())?;
    let mut record = measures.record();
    record["protocol"] = json!(list.name);
    let discarded =
        list.qualities.as_ref().map(|of| Discarded::of(&scored, &measures, of, None)).transpose()?.flatten();
    record["error_versus_discard"] = discarded.as_ref().map_or(Value::Null, Discarded::record);
    cohorts::records(by_cohort.as_ref()).into_iter().for_each(|(name, value)| record[name] = value);
    record["pairs_not_scored"] = json!(scored.scores.iter().filter(|score| score.is_none()).count());
    if args.all_points {
        let points = measures.scores.roc().points;
        let point = |point: &evaluation::RocPoint| {
            // JSON has no infinity: the point where nothing is accepted has no threshold.
            let threshold = point.threshold.is_finite().then_some(point.threshold);
            json!([point.fmr, point.tar, threshold])
        };
        record["roc"] = points.iter().map(point).collect::<Vec<Value>>().into();
    }
    if let Some(path) = report {
        let mut stamp =
            page::stamp(format!("scores of {} pairs", scored.same.len()), page::hash_of_file(&args.file)?);
        stamp.more = args.measures.draws.stamped();
        let system = System {
            name: &list.name,
            scored: &scored,
            measures: &measures,
            folds: None,
            quality: list.qualities,
            magnitude: None,
            cohorts: by_cohort.as_ref(),
        };
        let page = Page {
            protocol: &list.name,
            systems: vec![system],
            comparison: None,
            all_pairs: AllPairs::default(),
            scorers: Vec::new(),
            pictures: Vec::new(),
            stamp,
        };
        page.write(path)?;
        record["report"] = path_value(path);
    }
    reporter.summary(&Outcome::DONE, record, || {
        let discarded =
            discarded.map(|discarded| format!("\n\n{}", discarded.describe())).unwrap_or_default();
        let by_cohort = cohorts::describe(by_cohort.as_ref());
        format!("{}:\n\n{}{discarded}\n{by_cohort}", list.name, measures.describe()).trim_end().to_owned()
    })?;
    Ok(Outcome::DONE)
}
