//! `omote-lab sheet`: a contact sheet of what the generator can draw, for people to look at.

mod subject;
mod tile;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use console::{Outcome, Reporter, count, output, path_value};
use imaging::{encode_jpeg, encode_png};
use rayon::prelude::*;
use serde_json::json;

use subject::Subject;
use tile::Tile;

/// Quality of a sheet that is written as JPEG.
const QUALITY: u8 = 85;
/// Most pixels that a side of a sheet may have: what a JPEG can hold.
const LONGEST: u64 = 65_535;

/// Flags of `omote-lab sheet`.
#[derive(clap::Args, Debug)]
#[command(after_help = "The sheets in docs/sheets are made by this command.\n\n\
Example: omote-lab sheet expressions expressions.jpg --size 128")]
pub struct Args {
    /// What to draw
    #[arg(value_name = "SUBJECT", value_enum)]
    subject: Subject,
    /// The picture to write: .png, .jpg or .jpeg
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Width and height of each picture in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 96, value_parser = clap::value_parser!(u32).range(32..=512))]
    size: u32,
    /// How many people, for the subjects `people` and `families`
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=500))]
    people: u32,
    /// Shows other people
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// How a sheet is written.
#[derive(Clone, Copy)]
enum Format {
    Png,
    Jpeg,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let format = format(&args.file)?;
    output::check(&args.file, "FILE")?;
    let (tiles, columns) = args.subject.tiles(args.seed, args.people);
    let (width, height) = tile::extent(tiles.len(), columns, args.size);
    if width.max(height) > LONGEST {
        bail!(
            "a sheet of {width} x {height} pixels is too large: at most {LONGEST} a side, so take a smaller --size"
        );
    }
    reporter.start(tiles.len(), "pictures");
    let pictures: Vec<_> = {
        let shared = &*reporter;
        tiles.par_iter().map(|tile| tile.draw(args.size)).inspect(|_| shared.step()).collect()
    };
    let sheet = tile::arrange(&tiles, &pictures, columns, args.size);
    let bytes = match format {
        Format::Png => encode_png(&sheet),
        Format::Jpeg => encode_jpeg(&sheet, QUALITY),
    };
    output::write(&args.file, bytes.with_context(|| format!("cannot write {}", args.file.display()))?)?;
    let outcome = Outcome::DONE;
    let record = json!({
        "file": path_value(&args.file), "pictures": tiles.len(), "width": sheet.width(), "height": sheet.height(),
        "labels": tiles.iter().map(|tile: &Tile| &tile.label).collect::<Vec<_>>(),
    });
    reporter.summary(&outcome, record, || {
        format!("{} in {}", count(tiles.len() as u64, "picture", "pictures"), args.file.display())
    })?;
    Ok(outcome)
}

fn format(file: &Path) -> anyhow::Result<Format> {
    let extension = file.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("png") => Ok(Format::Png),
        Some("jpg" | "jpeg") => Ok(Format::Jpeg),
        _ => bail!("{} is no name of a picture: end it with .png, .jpg or .jpeg", file.display()),
    }
}
