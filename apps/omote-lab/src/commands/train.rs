//! `omote-lab train`: a network by a recipe.

use std::path::{Path, PathBuf};

use console::{Outcome, Reporter, path_value};
use serde_json::json;
use training::{Device, Look, Recipe, Step, Trained, Watch};

/// Flags of `omote-lab train`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "A recipe is a TOML file with a seed and the sections [run], [data], [sampler], [augmentation], [noise], [pixels], \
[backbone], [loss], [optimizer] and [schedule]; docs/training.md says what each means. It is checked before the first step.\n\n\
The folder gets recipe.toml with all that was left to defaults, steps.csv and held_out.csv, and checkpoints/. Started again with \
the same recipe and folder, a run that was stopped or killed goes on from its last checkpoint, to the same weights as if it had \
not been.\n\n\
Example: omote-lab train recipes/training/first.toml runs/first"
)]
pub struct Args {
    /// The recipe, a TOML file
    #[arg(value_name = "RECIPE")]
    recipe: PathBuf,
    /// Where to write: a new folder, or one that was begun with this recipe
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let recipe = Recipe::load(&args.recipe)?;
    let base = args.recipe.parent().unwrap_or(Path::new(""));
    let mut view = View { reporter, pictures: 0, loss: None, speed: None, look: None };
    let (_, trained) = training::train(&recipe, base, &args.folder, &Device::flex(), &mut view)?;
    let outcome = Outcome::DONE;
    let record = json!({
        "folder": path_value(&args.folder), "steps": trained.steps, "seconds": trained.seconds, "early": trained.early,
        "held_out": trained.look,
    });
    reporter.summary(&outcome, record, || summary(&trained, &args.folder))?;
    Ok(outcome)
}

fn summary(trained: &Trained, folder: &Path) -> String {
    let early = if trained.early { ", early, since nothing got better" } else { "" };
    let look = trained.look.as_ref().map(|look| format!("\n{}", words(look))).unwrap_or_default();
    format!("{} steps in {:.0} s{early}: {}{look}", trained.steps, trained.seconds, folder.display())
}

fn words(look: &Look) -> String {
    format!(
        "step {}: people who are held out: EER {:.2} %, {:.1} % match at FMR 0.01, {:.1} % at 0.001",
        look.step,
        100.0 * look.eer,
        100.0 * look.tar_at_2,
        100.0 * look.tar_at_3
    )
}

/// How much of the smoothed figures is new at each step.
const SMOOTH: f64 = 0.05;

/// What is shown of a run while it goes on.
struct View<'a> {
    reporter: &'a mut Reporter,
    /// Pictures of a step.
    pictures: usize,
    loss: Option<f64>,
    /// Pictures a second.
    speed: Option<f64>,
    look: Option<Look>,
}

fn smoothed(old: &mut Option<f64>, new: f64) -> f64 {
    let value = old.map_or(new, |old| old + SMOOTH * (new - old));
    *old = Some(value);
    value
}

impl Watch for View<'_> {
    fn begins(&mut self, done: u64, steps: u64, pictures: usize) {
        self.pictures = pictures;
        if done > 0 {
            self.reporter.complain(&format!("going on after step {done}"));
        }
        self.reporter.start_saying(done, steps, "training");
    }

    fn remark(&mut self, remark: &str) {
        self.reporter.complain(remark);
    }

    fn stepped(&mut self, step: &Step, seconds: f64) {
        let loss = smoothed(&mut self.loss, f64::from(step.loss));
        let speed = smoothed(&mut self.speed, self.pictures as f64 / seconds);
        self.reporter.step_saying(|| {
            let accuracy =
                step.accuracy.map(|right| format!(", {:.0} % right", 100.0 * right)).unwrap_or_default();
            let look = self.look.as_ref().map(|look| format!("; held out EER {:.2} %", 100.0 * look.eer));
            format!(
                "loss {loss:.3}{accuracy}, rate {:.2e}, {speed:.0} pictures/s{}",
                step.rate,
                look.unwrap_or_default()
            )
        });
    }

    fn looked(&mut self, look: &Look) {
        self.look = Some(*look);
        // Whoever reads the answers went away: the run goes on.
        self.reporter.answer(look, || words(look)).unwrap_or_default();
    }
}
