//! Ages that any program estimated: how far off are they?

use std::path::PathBuf;

use evaluation::{AgeErrors, read_ages_csv};
use serde_json::{Value, json};

use super::draws;
use super::intervals::{Faces, Measured};
use console::Outcome;
use console::{Reporter, count, table};

/// Flags of `omote eval ages`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The CSV file
    file: PathBuf,
    /// Years within which an estimate counts as right: the cumulative scores CS@YEARS
    #[arg(long, value_name = "YEARS", value_delimiter = ',', default_value = "5", value_parser = years)]
    within: Vec<f64>,
    #[command(flatten)]
    draws: draws::Args,
}

fn years(text: &str) -> Result<f64, String> {
    let years = text.parse().ok().filter(|years: &f64| years.is_finite() && *years >= 0.0);
    years.ok_or_else(|| "expected a number of years, such as 5".to_owned())
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let list = read_ages_csv(&args.file)?;
    let errors = AgeErrors::new(&list.ages, &list.estimates)?;
    let apart: Vec<Option<f64>> = list
        .ages
        .iter()
        .zip(&list.estimates)
        .map(|(age, estimate)| estimate.map(|estimate| (estimate - age).abs()))
        .collect();
    let mut faces = Faces::new(apart.len(), list.people.as_deref(), &args.draws);
    let mean = errors.mean_absolute_error().map(|mean| faces.mean(mean, &apart)).transpose()?;
    let mut within: Vec<(f64, Measured)> = Vec::new();
    for &years in &args.within {
        // A face without an estimate is not within any number of years.
        let right: Vec<Option<bool>> =
            apart.iter().map(|apart| Some(apart.is_some_and(|apart| apart <= years))).collect();
        within.push((years, faces.share(errors.share_within(years), &right)?));
    }

    let without = errors.without_estimate();
    let score = |(years, measured): &(f64, Measured)| {
        let mut record = measured.record();
        record["years"] = json!(years);
        record
    };
    let record = json!({
        "protocol": list.name, "faces": apart.len(), "without_estimate": without,
        "mae": mean.as_ref().map(Measured::record),
        "cumulative_scores": within.iter().map(score).collect::<Vec<Value>>(),
        "intervals": faces.record(),
    });
    reporter.summary(&Outcome::DONE, record, || {
        let mut rows = vec![["MEASURE", "VALUE", "95 % INTERVAL"].map(String::from).to_vec()];
        rows.extend(mean.map(|mean| {
            let [value, interval] = mean.decimal(2);
            vec!["MAE in years".to_owned(), value, interval]
        }));
        rows.extend(within.iter().map(|(years, share)| {
            let [value, interval] = share.percent();
            vec![format!("CS@{years}"), value, interval]
        }));
        format!(
            "{}: {}, {without} without an estimate (none of the MAE, wrong at every CS)\n\n{}\n{}",
            list.name,
            count(apart.len() as u64, "face", "faces"),
            table(&rows),
            faces.grounds()
        )
    })?;
    Ok(Outcome::DONE)
}
