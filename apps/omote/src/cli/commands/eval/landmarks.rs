//! Landmarks that any program found: how far are they from where they should be?

use std::path::PathBuf;

use anyhow::bail;
use clap::ValueEnum;
use evaluation::{LandmarkErrors, LandmarkList, LandmarkNormaliser, read_landmarks_csv};
use serde_json::{Value, json};

use super::draws;
use super::intervals::{Faces, Measured};
use console::Outcome;
use console::{Reporter, table};

/// Where the curve of errors is read off: the usual limits and some below them.
const CURVE: [f64; 8] = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1];

/// Flags of `omote eval landmarks`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The CSV file
    file: PathBuf,
    /// What errors are divided by: the distance of the eyes, the square root of the box's area, or its diagonal
    #[arg(long, value_name = "LENGTH", value_enum, default_value_t = Length::Eyes)]
    normaliser: Length,
    /// The two points whose distance is that of the eyes [default: 0,1 of five points, 36,45 of 68]
    #[arg(long, value_name = "LEFT,RIGHT", value_parser = eyes)]
    eyes: Option<Eyes>,
    /// Errors above which a face counts as failed, and up to which the area under the curve is taken
    #[arg(long, value_name = "LIMITS", value_delimiter = ',', default_value = "0.08,0.1", value_parser = limit)]
    limits: Vec<f64>,
    #[command(flatten)]
    draws: draws::Args,
}

/// The length of a face.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq)]
enum Length {
    /// The distance of two true points
    Eyes,
    /// The square root of the true box's area: columns box_width and box_height
    Box,
    /// The true box's diagonal
    Diagonal,
}

/// The numbers of two points, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Eyes {
    left: usize,
    right: usize,
}

fn eyes(text: &str) -> Result<Eyes, String> {
    let parse = |(left, right): (&str, &str)| {
        Some(Eyes { left: left.trim().parse().ok()?, right: right.trim().parse().ok()? })
    };
    let eyes = text.split_once(',').and_then(parse).filter(|eyes| eyes.left != eyes.right);
    eyes.ok_or_else(|| "expected the numbers of two points, such as 36,45".to_owned())
}

fn limit(text: &str) -> Result<f64, String> {
    let limit = text.parse().ok().filter(|limit: &f64| limit.is_finite() && *limit > 0.0);
    limit.ok_or_else(|| "expected a number above 0, such as 0.1".to_owned())
}

/// What is measured up to one limit.
struct AtLimit {
    limit: f64,
    failures: Measured,
    area: Measured,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let list = read_landmarks_csv(&args.file)?;
    let (normaliser, divided_by) = normaliser(args, &list)?;
    let each = list.errors(normaliser)?;
    let errors = LandmarkErrors::new(&each)?;
    let mut faces = Faces::new(each.len(), list.people.as_deref(), &args.draws);
    let mean = errors.mean().map(|mean| faces.mean(mean, &each)).transpose()?;
    let mut limits = Vec::new();
    for &limit in &args.limits {
        let failed: Vec<Option<bool>> =
            each.iter().map(|error| Some(error.is_none_or(|error| error > limit))).collect();
        // The area under the curve is the mean of what a face leaves of the limit.
        let left: Vec<Option<f64>> = each
            .iter()
            .map(|error| Some(error.map_or(0.0, |error| (1.0 - error / limit).max(0.0))))
            .collect();
        limits.push(AtLimit {
            limit,
            failures: faces.share(errors.failure_rate(limit), &failed)?,
            area: faces.mean(errors.auc(limit)?, &left)?,
        });
    }

    let curve = CURVE.map(|limit| (limit, errors.share_within(limit)));
    let at_limit = |at: &AtLimit| json!({"limit": at.limit, "failure_rate": at.failures.record(), "auc": at.area.record()});
    let record = json!({
        "protocol": list.name, "faces": each.len(), "missed": errors.missed(), "points": list.points(),
        "divided_by": divided_by, "nme": mean.as_ref().map(Measured::record),
        "limits": limits.iter().map(at_limit).collect::<Vec<Value>>(),
        "cumulative_error_distribution": curve, "intervals": faces.record(),
    });
    reporter.summary(&Outcome::DONE, record, || {
        let mut rows = vec![["MEASURE", "VALUE", "95 % INTERVAL"].map(String::from).to_vec()];
        let mut row = |name: String, measured: &Measured| {
            let [value, interval] = measured.percent();
            rows.push(vec![name, value, interval]);
        };
        if let Some(mean) = &mean {
            row("NME of the faces found".to_owned(), mean);
        }
        for at in &limits {
            row(format!("failures above {}", at.limit), &at.failures);
            row(format!("AUC up to {}", at.limit), &at.area);
        }
        let curve = curve.map(|(limit, share)| vec![limit.to_string(), format!("{:.2} %", share * 100.0)]);
        let mut curve_rows = vec![["ERROR UP TO", "FACES"].map(String::from).to_vec()];
        curve_rows.extend(curve);
        format!(
            "{}: {} faces of {} points, {} not found (failures at every limit); divided by {divided_by}\n\n{}\n\n{}\n{}",
            list.name,
            each.len(),
            list.points(),
            errors.missed(),
            table(&rows),
            table(&curve_rows),
            faces.grounds()
        )
    })?;
    Ok(Outcome::DONE)
}

/// What errors are divided by, and how a report says so.
fn normaliser(args: &Args, list: &LandmarkList) -> anyhow::Result<(LandmarkNormaliser, String)> {
    if args.eyes.is_some() && args.normaliser != Length::Eyes {
        bail!("--eyes names points, but --normaliser asks for a length of the box: leave one of them out");
    }
    Ok(match args.normaliser {
        Length::Box => (LandmarkNormaliser::BoxSize, "the square root of the box's area".to_owned()),
        Length::Diagonal => (LandmarkNormaliser::BoxDiagonal, "the box's diagonal".to_owned()),
        Length::Eyes => {
            let Eyes { left, right } = match (args.eyes, list.points()) {
                (Some(eyes), _) => eyes,
                (None, 5) => Eyes { left: 0, right: 1 },
                (None, 68) => Eyes { left: 36, right: 45 },
                (None, points) => bail!(
                    "which of the {points} points are the eyes? Name two by --eyes LEFT,RIGHT (counted from 0), or divide \
                     by the box: --normaliser box"
                ),
            };
            let words = format!("the distance of the points {left} and {right}");
            (LandmarkNormaliser::Eyes(left, right), words)
        }
    })
}
