//! `omote-lab bench`: how fast networks are trained and used on this machine.

use std::path::PathBuf;

use anyhow::Context;
use clap::builder::PossibleValuesParser;
use console::{Outcome, Reporter, count, table};
use serde_json::{Value, json};
use training::bench::{Contender, PUBLISHED, Pace, Speed, WARM_UP};
use training::{Device, Recipe};

/// Flags of `omote-lab bench`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The pictures are random: nothing is read and nothing is written. Of a recipe its [pixels], [backbone], [loss], \
[optimizer] and batch are used; without recipes and --network four published networks are measured, with the mean square of \
the embeddings as the loss and SGD with momentum as the optimiser, as `tools/training_speed.py` does with PyTorch.\n\n\
A step is forward, backward and the optimiser; the first steps are for warm-up. Medians and the best step are printed, in \
pictures a second, and the most memory that the whole process had (on Linux). \
Some of it may be left of networks before it: measure one alone for its own. Other programs that run meanwhile make the median slower, and the best step hardly.\n\n\
Example: omote-lab bench --network mobilefacenet-prelu --steps 20\n\
Example: omote-lab bench recipes/training/first.toml --batch 128 --threads 4"
)]
pub struct Args {
    /// Recipes of training runs
    #[arg(value_name = "RECIPE")]
    recipes: Vec<PathBuf>,
    /// A published network; may be given several times
    #[arg(long = "network", value_name = "NAME", value_parser = PossibleValuesParser::new(PUBLISHED))]
    networks: Vec<String>,
    /// Pictures of a batch [default: those of the recipe, or 32]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=65_536))]
    batch: Option<u32>,
    /// Steps that are measured
    #[arg(long, default_value_t = 10, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    steps: u32,
    /// People that the loss of a recipe tells apart
    #[arg(long, default_value_t = 1000, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    people: u32,
    /// Threads that compute [default: as many as the machine runs at once]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Decides over the random pictures and weights
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// What is computed on: cpu, or cuda (cuda:1 for the second card) where the program was built with it
    #[arg(long, env = "OMOTE_DEVICE", value_name = "DEVICE", default_value = "cpu", value_parser = training::device)]
    device: Device,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let contenders = contenders(args)?;
    if let Some(threads) = args.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global();
        pool.with_context(|| format!("{threads} threads cannot be started: give fewer with --threads"))?;
    }
    let threads = rayon::current_num_threads();
    let steps = args.steps as usize;
    let mut rows = vec![HEADS.map(String::from).to_vec()];
    let mut is_measured = true;
    reporter.start(2 * (WARM_UP + steps) * contenders.len(), "steps");
    for contender in &contenders {
        let told: &Reporter = reporter;
        let speed = contender
            .measure(steps, args.seed, &args.device, &mut || told.step())
            .with_context(|| contender.name.clone())?;
        is_measured &= speed.training.peak.is_some();
        reporter.answer(&record(contender, &speed, threads), String::new)?;
        rows.push(row(contender, &speed));
    }
    reporter.finish();
    reporter.text(&table(&rows))?;
    let outcome = Outcome::DONE;
    reporter.summary(
        &outcome,
        json!({"networks": contenders.len(), "threads": threads, "steps": steps}),
        || {
            let memory = if is_measured { "" } else { "\nMemory is not measured on this system." };
            format!(
                "\npictures a second on {}: median and best of {} after {WARM_UP} for warm-up{memory}",
                count(threads as u64, "thread", "threads"),
                count(steps as u64, "step", "steps"),
            )
        },
    )?;
    Ok(outcome)
}

/// What was asked for: networks, then recipes; or all published networks.
fn contenders(args: &Args) -> anyhow::Result<Vec<Contender>> {
    let is_all = args.recipes.is_empty() && args.networks.is_empty();
    let mut contenders: Vec<Contender> = Contender::published()
        .into_iter()
        .filter(|contender| is_all || args.networks.contains(&contender.name))
        .collect();
    for path in &args.recipes {
        let recipe = Recipe::load(path)?;
        contenders.push(Contender::of(path.display().to_string(), &recipe, args.people as usize));
    }
    for contender in &mut contenders {
        contender.batch = args.batch.map_or(contender.batch, |batch| batch as usize);
    }
    Ok(contenders)
}

const HEADS: [&str; 9] =
    ["NETWORK", "INPUT", "BATCH", "FORWARD/s", "BEST", "PEAK MB", "TRAINED/s", "BEST", "PEAK MB"];

fn row(contender: &Contender, speed: &Speed) -> Vec<String> {
    let shape = contender.input();
    let mut row = vec![
        contender.name.clone(),
        format!("{}x{}", shape.height, shape.width),
        contender.batch.to_string(),
    ];
    for pace in [&speed.forward, &speed.training] {
        let peak = pace.peak.map_or("-".to_owned(), |bytes| format!("{:.0}", bytes as f64 / 1e6));
        row.extend([format!("{:.1}", pace.median()), format!("{:.1}", pace.best()), peak]);
    }
    row
}

/// One shape for this program and `tools/training_speed.py`, so that one table can be made of both.
fn record(contender: &Contender, speed: &Speed, threads: usize) -> Value {
    let pace = |pace: &Pace| {
        json!({
            "median_per_second": pace.median(), "best_per_second": pace.best(), "peak_bytes": pace.peak,
            "seconds": pace.seconds,
        })
    };
    let shape = contender.input();
    json!({
        "type": "speed", "on": "omote", "network": contender.name, "input": [shape.height, shape.width],
        "batch": contender.batch, "threads": threads, "forward": pace(&speed.forward), "training": pace(&speed.training),
    })
}
