//! `omote forget`: nothing of a person is left.

use anyhow::bail;
use gallery::{EnrolmentId, Gallery};
use serde_json::json;

use crate::cli::args::GalleryArgs;
use console::Outcome;
use console::{Reporter, count};

/// Flags of `omote forget`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Vectors, crops, names and paths are overwritten in every file of the gallery. Photos are not \
touched, and backups, snapshots and the spare blocks of a drive are out of reach.\n\n\
Example: omote forget \"Ada Lovelace\" --gallery people/"
)]
pub struct Args {
    /// People to forget, all of them or none
    #[arg(value_name = "NAME", required_unless_present = "enrolment", conflicts_with = "enrolment")]
    names: Vec<String>,
    /// Forget one enrolment instead, by its number in `omote gallery show` (may be given again)
    #[arg(long, value_name = "NUMBER")]
    enrolment: Vec<i64>,
    #[command(flatten)]
    gallery: GalleryArgs,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let mut gallery = Gallery::open_as_is(&args.gallery.gallery)?;
    let faces = match (&args.names[..], &args.enrolment[..]) {
        ([], []) => bail!("name a person, or an enrolment with --enrolment"),
        ([], numbers) => {
            gallery.forget_enrolments(&numbers.iter().copied().map(EnrolmentId).collect::<Vec<_>>())?;
            numbers.len()
        }
        (names, _) => gallery.forget_people(&names.iter().map(String::as_str).collect::<Vec<_>>())?,
    };
    let record = json!({"type": "forgotten", "people": args.names, "enrolments": faces});
    reporter.answer(&record, || {
        let faces = count(faces, "enrolment", "enrolments");
        match args.names.len() {
            0 => format!("forgot {faces}"),
            people => format!("forgot {} with {faces}", count(people, "person", "people")),
        }
    })?;
    Ok(Outcome::DONE)
}
