//! `omote enroll`: people into a gallery.

use std::path::Path;

use anyhow::{Context, bail};
use clap::ValueEnum;
use gallery::{EnrollOptions, Gallery, Outcome as Enrolment};
use serde_json::{Value, json};

use crate::cli::args::{FaceChoice, GalleryArgs, Inputs, RecogniseArgs, cosine, quality};
use crate::cli::calibrations::{Calibrated, CalibrationArgs};
use crate::cli::inputs::expand;
use crate::cli::people::{adopt, enrollable};
use crate::cli::record::shortest;
use crate::cli::scan::scan_faces;
use crate::cli::setup::{Setup, Work};
use console::Outcome;
use console::{Reporter, path_value};

/// Flags of `omote enroll`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "A face that is too poor, or that looks like somebody else in the gallery, is refused; the same face \
of the same photo again changes nothing. What is answered is in the gallery; it goes on though nobody reads the answers \
(`| head`).\n\n\
Example: omote enroll ada1.jpg ada2.jpg --as \"Ada Lovelace\" --gallery people/\n\
Example: omote enroll staff/ --names folders --gallery people/"
)]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    /// The person that all the photos show
    #[arg(long = "as", value_name = "NAME", conflicts_with = "names")]
    person: Option<String>,
    /// Take each person's name from the photo's folder, or from its file name; "_" becomes a space
    #[arg(long, value_name = "FROM")]
    names: Option<Names>,
    /// Which face is meant where a photo shows several: largest, central or a number
    #[arg(long, value_name = "WHICH")]
    face: Option<FaceChoice>,
    /// Refuse faces of lower quality, 0 to 100
    #[arg(long, default_value_t = 30.0, value_name = "Q", value_parser = quality)]
    min_quality: f32,
    /// Cosine from which a face looks like somebody else and is refused [default: 1 of 10,000 pairs of different people
    /// reach it]
    #[arg(long, value_name = "COSINE", value_parser = cosine, allow_negative_numbers = true)]
    threshold: Option<f32>,
    /// Enroll faces that would be refused for their quality or for whom they look like
    #[arg(long)]
    force: bool,
    /// Do not keep the aligned crops (they let the gallery move to another model without the photos)
    #[arg(long)]
    no_crops: bool,
    #[command(flatten)]
    calibration: CalibrationArgs,
    #[command(flatten)]
    gallery: GalleryArgs,
    #[command(flatten)]
    recognise: RecogniseArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Names {
    /// people/Ada Lovelace/1.jpg shows Ada Lovelace
    Folders,
    /// people/Ada Lovelace.jpg shows Ada Lovelace
    Files,
}

/// False match rate at which a new face looks like somebody else: it is compared with everybody.
const LOOKS_LIKE: f64 = 1e-4;

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    if args.person.is_none() && args.names.is_none() {
        bail!("whose photos are these? Say --as NAME, or --names folders or files");
    }
    let inputs = expand(&args.inputs.photos);
    let (models, embed) = adopt(&args.gallery, &args.recognise.models, args.recognise.embed)?;
    let work = Work { keep_crop: !args.no_crops, ..Work::recognise(&args.recognise.detect, embed) };
    let setup = Setup::open(&models, work, inputs.len())?;
    let conflict = match args.threshold {
        _ if args.force => None,
        Some(cosine) => Some(cosine),
        None => {
            let models = &models.on.models;
            let calibrated = Calibrated::need(&args.calibration, models, &setup, Default::default())?;
            let threshold = calibrated.calibration.threshold_for_fmr(LOOKS_LIKE).context(
                "no threshold from which a face looks like somebody else: give one with --threshold, or --force",
            )?;
            Some(threshold as f32)
        }
    };
    let options = EnrollOptions {
        min_quality: args.min_quality,
        conflict,
        force: args.force,
        threads: setup.pipeline.threads,
    };
    let mut gallery = Gallery::open_or_create(&args.gallery.gallery, setup.identity()?)?;
    let keep_crops = !args.no_crops && setup.standard_crops();
    if !args.no_crops && !keep_crops {
        reporter.complain(
            "no crops are kept: this embedder aligns faces in a way of its own, so moving the gallery to another \
             model will need the photos",
        );
    }

    let (mut enrolled, mut already, mut refused) = (0, 0, 0);
    let mut pass = scan_faces(inputs, &setup, reporter, |reporter, photo, analyzed| {
        let path = &photo.path;
        let picked = person(args, path).and_then(|person| {
            let face = FaceChoice::pick(args.face, &analyzed)?;
            let face = enrollable(&setup, path, face, keep_crops).map_err(|error| format!("{error:#}"))?;
            Ok((person, face))
        });
        let (person, face) = match picked {
            Ok(picked) => picked,
            Err(reason) => {
                refused += 1;
                return Ok(reporter.fail(path, &reason)?);
            }
        };
        // What is printed is on the disk: one transaction each.
        let outcome = match gallery.enroll(&person, &face, &options) {
            // About this photo alone; anything else is about the gallery, and the rest would fail as well.
            Err(error @ (gallery::Error::Name { .. } | gallery::Error::Face { .. })) => {
                refused += 1;
                return Ok(reporter.fail(path, &error.to_string())?);
            }
            outcome => outcome?,
        };
        match &outcome {
            Enrolment::Enrolled { .. } => enrolled += 1,
            Enrolment::Already { .. } | Enrolment::SetAside { .. } => already += 1,
            _ => refused += 1,
        }
        let (status, text) = describe(&outcome);
        let mut record = json!({
            "type": "enrolment", "path": path_value(path), "person": person, "quality": shortest(face.quality),
        });
        if let (Some(record), Value::Object(status)) = (record.as_object_mut(), status) {
            record.extend(status);
        }
        reporter.answer(&record, || format!("{}: {person}: {text}", path.display()))?;
        Ok(reporter.flush()?)
    })?;
    pass.failed += refused;
    let outcome = pass.outcome(enrolled + already > 0);
    let counts = json!({
        "enrolled": enrolled, "already": already, "refused": refused,
        "gallery": path_value(&args.gallery.gallery),
    });
    reporter.summary(&outcome, pass.record(&setup, counts), || {
        pass.describe(&setup, &format!("{enrolled} enrolled, {already} already there"))
    })?;
    Ok(outcome)
}

/// Whom a photo shows, or why that cannot be said.
fn person(args: &Args, path: &Path) -> Result<String, String> {
    let name = match args.names {
        None => return Ok(args.person.clone().unwrap_or_default()),
        Some(Names::Folders) => path.parent().and_then(Path::file_name),
        Some(Names::Files) => path.file_stem(),
    };
    let name = name.ok_or("its path gives no name: use --as NAME")?;
    let name = name.to_str().ok_or("the name in its path is not UTF-8: rename it, or use --as NAME")?;
    Ok(name.replace('_', " "))
}

fn describe(outcome: &Enrolment) -> (Value, String) {
    match outcome {
        Enrolment::Enrolled { enrolment, new_person } => (
            json!({"status": "enrolled", "enrolment": enrolment.0, "new_person": new_person}),
            format!("enrolled as number {enrolment}{}", if *new_person { ", a new person" } else { "" }),
        ),
        Enrolment::Already { enrolment } => (
            json!({"status": "already", "enrolment": enrolment.0}),
            format!("already enrolled as number {enrolment}"),
        ),
        Enrolment::SetAside { enrolment } => (
            json!({"status": "set aside", "enrolment": enrolment.0}),
            format!(
                "not enrolled: it is set aside as number {enrolment}; `omote gallery undo` may bring it back, or \
                 `omote forget --enrolment {enrolment}` lets it be enrolled anew"
            ),
        ),
        Enrolment::LowQuality { quality, minimum } => (
            json!({"status": "low quality", "minimum": shortest(*minimum)}),
            format!("refused: quality {quality:.0} is below {minimum:.0} (--min-quality or --force)"),
        ),
        Enrolment::LooksLike { person, score } => (
            json!({"status": "looks like", "other": person, "score": shortest(*score)}),
            format!("refused: it looks like {person} (cosine {score:.3}); --force enrolls it all the same"),
        ),
        Enrolment::MarkedNot => (
            json!({"status": "marked not"}),
            "refused: it is marked as not this person; --force removes the mark".to_owned(),
        ),
    }
}
