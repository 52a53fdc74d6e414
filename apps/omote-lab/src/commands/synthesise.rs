//! `omote-lab synthesise`: a data set of synthetic faces.

use std::path::PathBuf;
use std::time::Instant;

use console::{Outcome, Reporter, count, path_value};
use dataset::Recipe;
use serde_json::json;

use super::writing;

/// Flags of `omote-lab synthesise`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The folder gets pictures below images/, a table truth.parquet with a row for each face, and dataset.toml, \
which says what each column means. Started again with the same recipe and folder it goes on where it stopped, and ends \
with the same bytes.\n\nA recipe is a few lines. All have\n\n  \
kind = \"recognition\"   # what to make, see below\n  \
seed = 1               # other seeds show other people\n  \
format = \"jpeg\"        # png if it is not given\n  \
quality = 92           # of jpeg\n\n\
and those that show one face have also\n\n  \
size = 112             # pixels\n  \
aligned = true         # cut out as ArcFace does; otherwise the whole head\n  \
jitter = 0.015         # how far off a detector's points are, of the distance between the eyes\n\n\
Kinds and their own fields (after ; those that may be left out), with examples in recipes/:\n\n  \
recognition  people, pictures; fewest (a long tail), siblings, years, degrade\n  \
pose         people; frontal, profile, yaws, still\n  \
quality      people, pictures, grades; harms\n  \
attributes   people, pictures\n  \
detection    pictures, width, height, faces; smallest, largest, empty\n\n\
docs/synthetic-faces.md says what each means.\n\n\
Example: omote-lab synthesise recipes/recognition.toml faces/"
)]
pub struct Args {
    /// The recipe, a TOML file
    #[arg(value_name = "RECIPE")]
    recipe: PathBuf,
    /// Where to write: a new folder, or one that was begun with this recipe
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Threads that make pictures [default: as many as the machine runs at once]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let recipe = Recipe::load(&args.recipe)?;
    let source = recipe.source();
    let threads = match args.threads {
        Some(threads) => usize::from(threads),
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let start = Instant::now();
    let (manifest, made) = writing::write(&*source, &args.folder, threads, reporter)?;
    let seconds = start.elapsed().as_secs_f64();
    let outcome = Outcome::DONE;
    let record = json!({
        "folder": path_value(&args.folder), "pictures": manifest.pictures, "rows": manifest.rows,
        "made": made, "seconds": seconds, "threads": threads, "sha256": manifest.sha256,
    });
    reporter.summary(&outcome, record, || {
        format!(
            "{} in {}, {made} of them made now in {seconds:.1} s\nsha256 of the table {}",
            count(manifest.pictures, "picture", "pictures"),
            args.folder.display(),
            manifest.sha256.as_deref().unwrap_or_default()
        )
    })?;
    Ok(outcome)
}
