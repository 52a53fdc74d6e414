//! `omote-lab train`: a network by a recipe.

use std::path::{Path, PathBuf};

use console::{Outcome, Reporter, path_value};
use serde_json::json;
use training::{About, Device, Place, Recipe, Trained, export};

use super::export::{exported_record, exported_words};
use super::view::{View, maker, words};

/// Flags of `omote-lab train`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "A recipe is a TOML file with a seed and the sections [run], [data], [sampler], [augmentation], [noise], [pixels], \
[backbone], [loss], [optimizer], [schedule] and [model]; docs/training.md says what each means. It is checked before the first \
step.\n\n\
The folder gets recipe.toml with all that was left to defaults, steps.csv and held_out.csv, their curves as SVG, checkpoints/, and \
in the end model/, which `omote` takes by --embedder. Started again with the same recipe and folder, a run that was stopped or \
killed goes on from its last checkpoint, to the same weights as if it had not been.\n\n\
Example: omote-lab train recipes/training/first.toml runs/first"
)]
pub struct Args {
    /// The recipe, a TOML file
    #[arg(value_name = "RECIPE")]
    recipe: PathBuf,
    /// Where to write: a new folder, or one that was begun with this recipe
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// What is computed on: cpu, or cuda (cuda:1 for the second card) where the program was built with it
    #[arg(long, env = "OMOTE_DEVICE", value_name = "DEVICE", default_value = "cpu", value_parser = training::device)]
    device: Device,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let recipe = Recipe::load(&args.recipe)?;
    let base = args.recipe.parent().unwrap_or(Path::new(""));
    follow(&recipe, base, &args.folder, &args.device, reporter)
}

/// Follows a recipe to its end, and makes the model of it.
pub fn follow(
    recipe: &Recipe,
    base: &Path,
    folder: &Path,
    device: &Device,
    reporter: &mut Reporter,
) -> anyhow::Result<Outcome> {
    let place = Place { base, folder, maker: &maker(device) };
    let (_, trained) = training::train(recipe, place, device, &mut View::new(reporter))?;
    reporter.finish();
    let (model, difference) = export::export(folder, &folder.join("model"), &About::default())?;
    let outcome = Outcome::DONE;
    let record = json!({
        "folder": path_value(folder), "steps": trained.steps, "seconds": trained.seconds, "early": trained.early,
        "held_out": trained.look, "model": exported_record(&model, difference),
    });
    reporter
        .summary(&outcome, record, || format!("{}\n{}", summary(&trained, folder), exported_words(&model)))?;
    Ok(outcome)
}

fn summary(trained: &Trained, folder: &Path) -> String {
    let early = if trained.early { ", early, since nothing got better" } else { "" };
    let look = trained.look.as_ref().map(|look| format!("\n{}", words(look))).unwrap_or_default();
    format!("{} steps in {:.0} s{early}: {}{look}", trained.steps, trained.seconds, folder.display())
}
