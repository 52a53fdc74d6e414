//! `omote-lab verify`: is a data set what was written?

use std::path::PathBuf;

use console::{Outcome, Reporter, count, path_value};
use dataset::Manifest;
use serde_json::json;

/// Flags of `omote-lab verify`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Holds the table against the manifest, and every picture against the table. Exit code 2 names the first file \
that is missing or not what was written.\n\nExample: omote-lab verify faces/"
)]
pub struct Args {
    /// The folder of the data set
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let pictures = Manifest::load(&args.folder)?.map_or(0, |manifest| manifest.kept());
    reporter.start(pictures as usize, "pictures");
    let manifest = dataset::verify(&args.folder, &|_| reporter.step())?;
    let outcome = Outcome::DONE;
    let record = json!({
        "folder": path_value(&args.folder), "pictures": manifest.kept(), "rows": manifest.rows,
        "sha256": manifest.sha256,
    });
    reporter.summary(&outcome, record, || {
        format!("{}: all are what was written", count(manifest.kept(), "picture", "pictures"))
    })?;
    Ok(outcome)
}
