//! `omote-lab ablate`: runs that differ in one thing, compared.

use std::path::PathBuf;

use console::{Outcome, Reporter, path_value, table};
use serde_json::{Value, json};
use training::{Ablation, Device, Grid, Look, Maker, Rate, Step, Watch, WatchRuns};

use super::view::{View, maker};

/// Flags of `omote-lab ablate`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "A grid is a TOML file: `base`, a recipe; `seeds`; and an [[arm]] for each thing to compare, with a `name` and in \
`recipe` what it changes. The first arm is what the others are compared with. Each arm is trained from each seed, into \
FOLDER/ARM/seed-N, and goes on where it was stopped.\n\n\
In the end FOLDER/results.md and FOLDER/results.json have the error rates on the people who are held out: the mean over the \
seeds, its 95 % interval over people (bootstrap, 1000 draws), the standard deviation over seeds, and the difference from the \
first arm with its interval, over the same people.\n\n\
Example: omote-lab ablate recipes/ablations/margins.toml runs/margins"
)]
pub struct Args {
    /// The grid, a TOML file
    #[arg(value_name = "GRID")]
    grid: PathBuf,
    /// Where to write: a new folder, or one that was begun with this grid
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// What is computed on: cpu, or cuda (cuda:1 for the second card) where the program was built with it
    #[arg(long, env = "OMOTE_DEVICE", value_name = "DEVICE", default_value = "cpu", value_parser = training::device)]
    device: Device,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let grid = Grid::load(&args.grid)?;
    let mut watch = Runs { view: View::new(reporter), of: grid.runs() };
    let maker = maker(&args.device);
    let ablation = training::ablate(&grid, &args.folder, &maker, &args.device, &mut watch)?;
    reporter.finish();
    let rows = rows(&ablation);
    let record = record(&ablation, &maker);
    let page = page(&ablation, &rows, &args.grid.display().to_string(), &maker);
    console::output::write(&args.folder.join("results.md"), page)?;
    console::output::write(&args.folder.join("results.json"), format!("{record:#}\n"))?;
    let outcome = Outcome::DONE;
    let record = json!({"folder": path_value(&args.folder), "results": record});
    reporter.summary(&outcome, record, || format!("{}\n{}", ablation.on, table(&rows)))?;
    Ok(outcome)
}

/// The view of a run, with which of how many it is.
struct Runs<'a> {
    view: View<'a>,
    of: usize,
}

impl Watch for Runs<'_> {
    fn begins(&mut self, done: u64, steps: u64, pictures: usize) {
        self.view.begins(done, steps, pictures);
    }

    fn remark(&mut self, remark: &str) {
        self.view.remark(remark);
    }

    fn stepped(&mut self, step: &Step, seconds: f64) {
        self.view.stepped(step, seconds);
    }

    fn looked(&mut self, look: &Look) {
        self.view.looked(look);
    }
}

impl WatchRuns for Runs<'_> {
    fn run(&mut self, arm: &str, seed: u64, number: usize) {
        self.view.remark(&format!("run {number} of {}: {arm}, seed {seed}", self.of));
    }
}

/// A line for each arm and rate.
fn rows(ablation: &Ablation) -> Vec<Vec<String>> {
    let heading = [
        "arm",
        "measure",
        "mean",
        "95 % interval",
        "sd of seeds",
        "difference",
        "95 % interval",
        "p",
        "sd of seeds",
    ];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for arm in &ablation.arms {
        for (rate, first) in arm.rates.iter().zip(&ablation.arms[0].rates) {
            let mut row = vec![arm.name.clone(), rate.measure.clone(), percent(rate.mean.value)];
            row.push(between(rate.mean.interval.low, rate.mean.interval.high));
            row.push(rate.deviation().map_or_else(String::new, percent));
            row.extend(match &rate.difference {
                Some(found) => {
                    let interval = found.difference.interval;
                    [
                        percent(found.difference.value),
                        between(interval.low, interval.high),
                        format!("{:.3}", found.p_value),
                        rate.deviation_from(first).map_or_else(String::new, percent),
                    ]
                }
                None => Default::default(),
            });
            rows.push(row);
        }
    }
    rows
}

fn percent(rate: f64) -> String {
    format!("{:.2} %", 100.0 * rate)
}

fn between(low: f64, high: f64) -> String {
    format!("{:.2} to {:.2}", 100.0 * low, 100.0 * high)
}

/// The table as Markdown, and how it was made.
fn page(ablation: &Ablation, rows: &[Vec<String>], grid: &str, made: &Maker) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut page = format!("# {grid}\n\n{}, seeds {}.\n\n", ablation.on, seeds(ablation));
    for (at, row) in rows.iter().enumerate() {
        page += &line(row);
        if at == 0 {
            page += &line(&vec!["---".to_owned(); row.len()]);
        }
    }
    page += &format!(
        "\nA difference is from the first arm. Intervals and p are of 1000 draws of people, the same for all arms: they tell what \
         other people would change. What other seeds would change is told by the deviations over the seeds. Made by {}, commit \
         {}, on {}.\n",
        made.program,
        made.commit.as_deref().unwrap_or("not known"),
        made.machine
    );
    page
}

fn seeds(ablation: &Ablation) -> String {
    ablation.seeds.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn record(ablation: &Ablation, made: &Maker) -> Value {
    let rate = |rate: &Rate| {
        let difference = rate.difference.as_ref().map(|found| {
            let interval = found.difference.interval;
            json!({"value": found.difference.value, "interval": [interval.low, interval.high], "p": found.p_value})
        });
        json!({
            "measure": rate.measure, "of_seeds": rate.of_seeds, "mean": rate.mean.value,
            "interval": [rate.mean.interval.low, rate.mean.interval.high], "difference": difference,
        })
    };
    let arms = ablation.arms.iter().map(|arm| {
        let seconds: Vec<f64> = arm.runs.iter().map(|run| run.seconds).collect();
        json!({"name": arm.name, "seconds": seconds, "rates": arm.rates.iter().map(rate).collect::<Vec<_>>()})
    });
    json!({
        "on": ablation.on, "seeds": ablation.seeds, "arms": arms.collect::<Vec<_>>(), "program": made.program,
        "commit": made.commit,
    })
}
