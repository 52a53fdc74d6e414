//! `omote-lab resume`: a run that was stopped.

use std::path::PathBuf;

use console::{Outcome, Reporter};
use training::Device;

use super::train::follow;

/// Flags of `omote-lab resume`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Goes on from the run's last checkpoint, to the same weights as if it had never stopped, and makes the model of it. The \
recipe is the one that is kept in the folder; its paths mean what they meant when the run began. Where the data moved since, \
give the recipe again: omote-lab train RECIPE FOLDER.\n\n\
Example: omote-lab resume runs/first"
)]
pub struct Args {
    /// The folder that was given to `train`
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// What is computed on: cpu, or cuda (cuda:1 for the second card) where the program was built with it
    #[arg(long, env = "OMOTE_DEVICE", value_name = "DEVICE", default_value = "cpu", value_parser = training::device)]
    device: Device,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let (recipe, begun) = training::begun(&args.folder)?;
    follow(&recipe, &begun.base, &args.folder, &args.device, reporter)
}
