//! `omote bench`: how many photos a second, and how far from what the networks allow.

use std::time::{Duration, Instant};

use analysis::DetectSize;
use engine::{Choice, Engine};
use serde_json::json;

use crate::cli::args::{Inputs, ModelArgs, RecogniseArgs};
use crate::cli::inputs::{Input, expand};
use crate::cli::scan::scan_faces;
use crate::cli::setup::{Setup, Work, engine_options, open_store};
use crate::cli::speed::{DETECTOR_SIDE, rate};
use console::Outcome;
use console::{Reporter, count, table};

/// Flags of `omote bench`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "With --engine auto every engine that is here is measured, in turn, round after round; medians are \
printed. The bound is what the two networks alone allow: 1 / (1/d + 1/e) photos a second for d detections and e \
embeddings a second, one face a photo.\n\n\
Example: omote bench holiday/ --limit 2000 --max-faces 1 --detect-size 320"
)]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    /// Only the first N photos
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Rounds
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=100))]
    rounds: u16,
    #[command(flatten)]
    recognise: RecogniseArgs,
}

/// How long each network is measured in each round.
const TIME: Duration = Duration::from_secs(1);

/// One engine's figures, a value a round.
#[derive(Default)]
struct Figures {
    detector: Vec<f64>,
    embedder: Vec<f64>,
    photos: Vec<f64>,
    faces: usize,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let mut inputs = expand(&args.inputs.photos);
    inputs.truncate(args.limit.unwrap_or(usize::MAX));
    let choices = match args.recognise.models.on.engine {
        Choice::Auto => {
            // A library that was named must be there, whatever else is.
            Engine::open(&engine_options(&args.recognise.models.on))?;
            let here = Engine::available(&engine_options(&args.recognise.models.on));
            let choice = |name: &str| if name == "rten" { Choice::Rten } else { Choice::OnnxRuntime };
            here.into_iter().flatten().map(|info| choice(info.name)).collect()
        }
        choice => vec![choice],
    };
    let open = |choice| -> anyhow::Result<_> {
        let mut models = args.recognise.models.clone();
        models.on.engine = choice;
        let work = Work::recognise(&args.recognise.detect, args.recognise.embed);
        let setup = Setup::open(&models, work, inputs.len())?;
        Ok((models, setup, Figures::default()))
    };
    let mut engines = choices.into_iter().map(open).collect::<anyhow::Result<Vec<_>>>()?;
    let mut failed = 0;
    for _ in 0..args.rounds {
        for (models, setup, figures) in &mut engines {
            networks(args, models, setup, figures)?;
            let (photos, missed) = photos(&inputs, setup, reporter, figures)?;
            failed = missed;
            figures.photos.push(photos);
        }
    }
    let mut rows =
        vec![["ENGINE", "DETECT/s", "EMBED/s", "BOUND/s", "PHOTOS/s", "OF BOUND"].map(String::from).to_vec()];
    let found = engines.iter().any(|(_, _, figures)| figures.faces > 0);
    for (_, setup, figures) in &mut engines {
        let [detect, embed, photos] =
            [&mut figures.detector, &mut figures.embedder, &mut figures.photos].map(|values| median(values));
        let bound = detect.zip(embed).map(|(detect, embed)| 1.0 / (1.0 / detect + 1.0 / embed));
        let share = bound.zip(photos).map(|(bound, photos)| photos / bound);
        let record = json!({
            "type": "speed", "ran": setup.record(), "rounds": args.rounds, "photos": inputs.len(), "faces": figures.faces,
            "detections_per_second": detect, "embeddings_per_second": embed, "bound": bound,
            "photos_per_second": photos, "share_of_bound": share, "all_photos_per_second": figures.photos,
        });
        reporter.answer(&record, String::new)?;
        let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.1}"));
        let share = share.map_or("-".to_owned(), |share| format!("{:.0} %", share * 100.0));
        rows.push(vec![setup.engine(), number(detect), number(embed), number(bound), number(photos), share]);
    }
    reporter.text(&table(&rows))?;
    let outcome = Outcome { failed, found };
    reporter.summary(&outcome, json!({"photos": inputs.len()}), || {
        let ran = engines.first().map(|(_, setup, _)| setup.describe()).unwrap_or_default();
        let photos = count(inputs.len(), "photo", "photos");
        let rounds = count(args.rounds, "round", "rounds");
        format!("\n{photos}, {rounds}, medians ({ran})")
    })?;
    Ok(outcome)
}

/// Measures the networks alone. A cascade of several networks has no rate of its own, and so no bound.
fn networks(args: &Args, models: &ModelArgs, setup: &Setup, figures: &mut Figures) -> anyhow::Result<()> {
    let engine = Engine::open(&engine_options(&models.on))?;
    let side = match args.recognise.detect.detect_size {
        DetectSize::Fixed(side) => side as usize,
        _ => DETECTOR_SIDE,
    };
    let store = open_store(&models.on.models)?;
    let streams = setup.pipeline.threads;
    if let Some(name) = setup.detector()
        && let [network] = &store.resolve(name)?.files[..]
    {
        figures.detector.push(rate(&engine, &network.bytes, streams, side, TIME)?);
    }
    if let [network] = &store.resolve(&setup.identity()?.name)?.files[..] {
        let embeddings = rate(&engine, &network.bytes, streams, side, TIME)?;
        figures.embedder.push(if args.recognise.embed.flip { embeddings / 2.0 } else { embeddings });
    }
    Ok(())
}

/// Runs over the photos once: photos a second, and how many failed.
fn photos(
    inputs: &[Input],
    setup: &Setup,
    reporter: &mut Reporter,
    figures: &mut Figures,
) -> anyhow::Result<(f64, usize)> {
    figures.faces = 0;
    let started = Instant::now();
    let pass = scan_faces(inputs.to_vec(), setup, reporter, |_, _, analyzed| {
        figures.faces += analyzed.faces.len();
        Ok(())
    })?;
    Ok((pass.photos as f64 / started.elapsed().as_secs_f64(), pass.failed))
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[odd / 2]),
        even => Some((values[even / 2 - 1] + values[even / 2]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_value_or_the_mean_of_the_two() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}
