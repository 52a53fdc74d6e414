//! `omote gallery`: looking after the people that are enrolled.

mod lint;

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter};
use std::path::{Path, PathBuf};

use analysis::Detection;
use anyhow::{Context, bail};
use clap::Subcommand;
use gallery::{Enrolment, EnrolmentId, Gallery, Source, StoredFace};
use geometry::Rotation;
use imaging::Image;
use model::{Embedding, FileHash};
use serde_json::{Value, json};

use crate::cli::args::{DetectArgs, EmbedArgs, FaceChoice, GalleryArgs, ModelArgs};
use crate::cli::people::PhotoFile;
use crate::cli::record::shortest;
use crate::cli::scan::scan_faces;
use crate::cli::setup::{Setup, Work};
use console::Outcome;
use console::{Reporter, count, path_value, table};

/// What to do with a gallery.
#[derive(Subcommand, Debug)]
#[command(after_help = "Example: omote gallery list --gallery people/")]
pub enum Command {
    /// List the people
    #[command(after_help = "Example: omote gallery list --gallery people/")]
    List {
        #[command(flatten)]
        gallery: GalleryArgs,
    },
    /// Show a person's enrolments
    #[command(after_help = "Example: omote gallery show \"Ada Lovelace\" --gallery people/")]
    Show {
        /// The person
        name: String,
        #[command(flatten)]
        gallery: GalleryArgs,
    },
    /// Give a person another name
    #[command(after_help = "Example: omote gallery rename \"A. Byron\" \"Ada Lovelace\" --gallery people/")]
    Rename {
        /// The name now
        from: String,
        /// The new name
        to: String,
        #[command(flatten)]
        gallery: GalleryArgs,
    },
    /// Make one person of two
    #[command(after_help = "Example: omote gallery merge \"A. Byron\" \"Ada Lovelace\" --gallery people/")]
    Merge {
        /// The person that goes
        from: String,
        /// The person that stays
        into: String,
        #[command(flatten)]
        gallery: GalleryArgs,
    },
    /// Say that a face is not a person, so that it is not named so again
    #[command(after_help = "Example: omote gallery not-this-person Ada party.jpg --face 2 --gallery people/")]
    NotThisPerson(Box<NotThisPerson>),
    /// Move the gallery to another embedder, from the stored crops or the photos
    #[command(
        after_help = "The gallery works with the old model until every face has a vector of the new one; then it \
switches at once. An interrupted run goes on where it stopped.\n\n\
Example: omote gallery re-embed --embedder w600k-r50 --gallery people/"
    )]
    ReEmbed(Box<ReEmbed>),
    /// Write the gallery as JSON lines
    #[command(
        after_help = "Faces that are set aside, and what `omote gallery undo` needs, are left out: for those copy the \
folder.\n\n\
Example: omote gallery export people.jsonl --gallery people/"
    )]
    Export {
        /// The file, or - for standard output
        file: PathBuf,
        /// Leave the aligned crops out
        #[arg(long)]
        no_crops: bool,
        #[command(flatten)]
        gallery: GalleryArgs,
    },
    /// Read JSON lines of an export, all of them or none, into this gallery or a new one
    #[command(after_help = "Example: omote gallery import people.jsonl --gallery copy/")]
    Import {
        /// The file, or - for standard input
        file: PathBuf,
        #[command(flatten)]
        gallery: GalleryArgs,
    },
    /// Find wrong names and faces that do harm, and put them right
    #[command(
        after_help = "Errors are wrong names: a face under another person's name, one person under two names, two people \
under one, two faces of one photo under one. Warnings do harm all the same: blurred faces that are near everybody, \
people who are nearly alike, pictures that are there twice. Numbers of findings stay the same while the gallery does. \
What is applied can be taken back with `omote gallery undo`. Exit codes: 0 something was found, 1 nothing was, 2 an error, or \
not all that was asked for could be applied.\n\n\
Example: omote gallery lint --gallery people/ --html findings.html\n\
Example: omote gallery lint --gallery people/ --apply 3f9a1c,77b0e2"
    )]
    Lint(Box<lint::Args>),
    /// Take back the last corrections: what `lint --apply` or `merge` did
    #[command(
        after_help = "Exactly, or not at all if what was corrected has changed since. May be given again: it goes back \
step by step. Exits with 1 where there is nothing to take back.\n\n\
Example: omote gallery undo --gallery people/"
    )]
    Undo {
        #[command(flatten)]
        gallery: GalleryArgs,
    },
    /// Check every part of a gallery, and what it holds
    #[command(after_help = "Example: omote gallery check --gallery people/")]
    Check {
        #[command(flatten)]
        gallery: GalleryArgs,
    },
}

/// Flags of `omote gallery not-this-person`.
#[derive(clap::Args, Debug)]
pub struct NotThisPerson {
    /// The person whom the face is not
    name: String,
    /// A photo with the face
    #[arg(required_unless_present = "enrolment", conflicts_with = "enrolment")]
    photo: Option<PathBuf>,
    /// An enrolled face instead, by its number
    #[arg(long, value_name = "NUMBER")]
    enrolment: Option<i64>,
    /// Take back that it was said
    #[arg(long)]
    remove: bool,
    /// Which face is meant where the photo shows several: largest, central or a number
    #[arg(long, value_name = "WHICH")]
    face: Option<FaceChoice>,
    #[command(flatten)]
    gallery: GalleryArgs,
    #[command(flatten)]
    detect: DetectArgs,
    #[command(flatten)]
    models: ModelArgs,
}

/// Flags of `omote gallery re-embed`.
#[derive(clap::Args, Debug)]
pub struct ReEmbed {
    /// Forget faces that cannot be embedded again, instead of keeping the old model
    #[arg(long)]
    drop_failed: bool,
    /// Average the embeddings of the face and its mirror image
    #[arg(long)]
    flip: bool,
    #[command(flatten)]
    gallery: GalleryArgs,
    #[command(flatten)]
    models: ModelArgs,
}

/// People or enrolments that are read at a time.
const PAGE: usize = 1000;

/// Runs the command.
pub fn run(command: &Command, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    match command {
        Command::List { gallery } => list(gallery, reporter),
        Command::Show { name, gallery } => show(name, gallery, reporter),
        Command::Rename { from, to, gallery } => {
            open(gallery)?.rename(from, to)?;
            let record = json!({"type": "renamed", "from": from, "to": to});
            reporter.answer(&record, || format!("{from} is now {to}"))?;
            Ok(Outcome::DONE)
        }
        Command::Merge { from, into, gallery } => {
            let moved = open(gallery)?.merge(from, into)?;
            let record = json!({"type": "merged", "from": from, "into": into, "enrolments": moved});
            reporter.answer(&record, || {
                format!("{from} is now {into}: {} moved", count(moved, "enrolment", "enrolments"))
            })?;
            Ok(Outcome::DONE)
        }
        Command::NotThisPerson(args) => not_this_person(args, reporter),
        Command::ReEmbed(args) => re_embed(args, reporter),
        Command::Export { file, no_crops, gallery } => export(file, !no_crops, gallery, reporter),
        Command::Import { file, gallery } => import(file, gallery, reporter),
        Command::Lint(args) => lint::run(args, reporter),
        Command::Undo { gallery } => undo(gallery, reporter),
        Command::Check { gallery } => check(gallery, reporter),
    }
}

fn open(args: &GalleryArgs) -> anyhow::Result<Gallery> {
    Ok(Gallery::open_as_is(&args.gallery)?)
}

fn list(args: &GalleryArgs, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let gallery = open(args)?;
    let mut rows = vec![["PERSON", "FACES", "MEAN QUALITY", "BEST"].map(String::from).to_vec()];
    let (mut people, mut faces) = (0u64, 0u64);
    let mut after: Option<String> = None;
    loop {
        let page = gallery.people(after.as_deref(), PAGE)?;
        for person in &page {
            (people, faces) = (people + 1, faces + person.enrolments as u64);
            let record = json!({
                "type": "person", "name": person.name, "enrolments": person.enrolments,
                "mean_quality": person.mean_quality.map(shortest), "best_quality": person.best_quality.map(shortest),
            });
            reporter.answer(&record, String::new)?;
            let number = |value: Option<f32>| value.map_or("-".to_owned(), |value| format!("{value:.0}"));
            let (mean, best) = (number(person.mean_quality), number(person.best_quality));
            rows.push(vec![person.name.clone(), person.enrolments.to_string(), mean, best]);
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.name.clone()),
            _ => break,
        }
    }
    let outcome = Outcome { failed: 0, found: people > 0 };
    let details = json!({"people": people, "enrolments": faces, "model": model(&gallery)});
    reporter.summary(&outcome, details, || {
        let table = if people > 0 { table(&rows) + "\n\n" } else { String::new() };
        format!("{table}{}, embedded by {}", people_and_faces(people, faces), gallery.model())
    })?;
    Ok(outcome)
}

fn people_and_faces(people: u64, faces: u64) -> String {
    format!("{}, {}", count(people, "person", "people"), count(faces, "face", "faces"))
}

fn model(gallery: &Gallery) -> Value {
    let model = gallery.model();
    json!({"name": model.name, "fingerprint": model.fingerprint.to_string(), "dimension": model.dimension, "flip": model.flip})
}

fn show(name: &str, args: &GalleryArgs, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let gallery = open(args)?;
    let mut rows =
        vec![["ENROLMENT", "QUALITY", "CROP", "DETECTOR", "ENGINE", "PHOTO"].map(String::from).to_vec()];
    let row = |enrolment: &Enrolment, note: &str| {
        vec![
            enrolment.id.to_string(),
            format!("{:.0}", enrolment.quality),
            if enrolment.has_crop { "yes" } else { "no" }.to_owned(),
            enrolment.detector.clone(),
            enrolment.engine.clone(),
            String::from_utf8_lossy(&enrolment.source.path).into_owned() + note,
        ]
    };
    let mut after = None;
    loop {
        let page = gallery.enrolments(Some(name), after, PAGE)?;
        for enrolment in &page {
            reporter.answer(&enrolment_record(name, enrolment, false), String::new)?;
            rows.push(row(enrolment, ""));
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.id),
            _ => break,
        }
    }
    for enrolment in gallery.set_aside(Some(name))? {
        reporter.answer(&enrolment_record(name, &enrolment, true), String::new)?;
        rows.push(row(&enrolment, " (set aside)"));
    }
    let found = rows.len() > 1;
    reporter.text(&table(&rows))?;
    Ok(Outcome { failed: 0, found })
}

fn enrolment_record(person: &str, enrolment: &Enrolment, set_aside: bool) -> Value {
    let bounds = enrolment.source.bounds;
    let bounds = [bounds.x1, bounds.y1, bounds.x2, bounds.y2].map(shortest);
    json!({
        "type": "enrolment", "person": person, "enrolment": enrolment.id.0, "quality": shortest(enrolment.quality),
        "magnitude": shortest(enrolment.magnitude), "path": photo_path(&enrolment.source).map(|path| path_value(&path)),
        "sha256": enrolment.source.sha256.to_string(), "crop": enrolment.has_crop,
        "box": bounds, "set_aside": set_aside,
        "fingerprint": enrolment.fingerprint.to_string(), "flip": enrolment.flip,
        "engine": enrolment.engine, "detector": enrolment.detector, "created": enrolment.created,
    })
}

fn not_this_person(args: &NotThisPerson, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let mut gallery = open(&args.gallery)?;
    let changed = match (&args.photo, args.enrolment) {
        (_, Some(number)) if args.remove => {
            let source = gallery.enrolment(EnrolmentId(number))?.source;
            gallery.remove_mark(&source, &args.name)?
        }
        (_, Some(number)) => gallery.enrolment_is_not(EnrolmentId(number), &args.name)?,
        (Some(photo), None) => {
            let work = Work { detect: Some(&args.detect), embed: None, keep_crop: false };
            let setup = Setup::open(&args.models, work, 1)?;
            let mut picked = None;
            let pass = scan_faces(vec![Ok(photo.clone())], &setup, reporter, |_, photo, analyzed| {
                let face = FaceChoice::pick(args.face, &analyzed).map_err(anyhow::Error::msg);
                let name = || photo.path.display().to_string();
                let file = PhotoFile::read(&photo.path).with_context(name)?;
                picked = Some(file.source(face.with_context(name)?));
                Ok(())
            })?;
            let Some(source) = picked else { return Ok(pass.outcome(false)) };
            match args.remove {
                true => gallery.remove_mark(&source, &args.name)?,
                false => gallery.not_this_person(&source, &args.name)?,
            }
        }
        (None, None) => bail!("name a photo, or an enrolment with --enrolment"),
    };
    if args.remove {
        let record = json!({"type": "mark", "person": args.name, "removed": changed});
        reporter.answer(&record, || match changed {
            true => format!("taken back: this face may be {}", args.name),
            false => format!("it was not said that this face is not {}", args.name),
        })?;
        return Ok(Outcome { failed: 0, found: changed });
    }
    let record = json!({"type": "mark", "person": args.name, "new": changed});
    reporter.answer(&record, || {
        let known = if changed { "noted" } else { "already known" };
        format!("{known}: this face is not {}", args.name)
    })?;
    Ok(Outcome::DONE)
}

fn re_embed(args: &ReEmbed, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    if args.models.embedder.is_none() {
        bail!("to which embedder? Say --embedder NAME: see `omote models list`");
    }
    let mut gallery = open(&args.gallery)?;
    let detect = None;
    let embed = EmbedArgs { flip: args.flip, aligned: true };
    let setup = Setup::open(&args.models, Work { detect, embed: Some(embed), keep_crop: false }, 1)?;
    let total = gallery.stats()?.enrolments;
    reporter.start(usize::try_from(total).unwrap_or(usize::MAX), "faces");
    let result = gallery.re_embed(setup.identity()?, args.drop_failed, |face| {
        reporter.step();
        embed_again(&setup, face).map_err(|error| format!("{error:#}"))
    });
    reporter.finish();
    let done = result?;
    for failure in &done.failed {
        let reason = format!("enrolment {} of {}: {}", failure.enrolment, failure.person, failure.reason);
        reporter.fail(&args.gallery.gallery, &reason)?;
    }
    let kept = if done.switched { 0 } else { done.failed.len() };
    let outcome = Outcome { failed: kept, found: done.switched };
    let details = json!({
        "switched": done.switched, "embedded": done.embedded, "not_embedded": done.failed.len(),
        "model": model(&gallery), "ran": setup.record(),
    });
    reporter.summary(&outcome, details, || {
        let state = if done.switched {
            format!("the gallery is now of {}", gallery.model())
        } else {
            let stays = gallery.model();
            format!("the gallery stays with {stays}: bring the photos back, or use --drop-failed to forget these faces")
        };
        format!("{} embedded, {} not; {state}", count(done.embedded, "face", "faces"), done.failed.len())
    })?;
    Ok(outcome)
}

/// A new vector from the stored crop if the embedder wants faces aligned in that way, else from the photo itself.
fn embed_again(setup: &Setup, face: &StoredFace) -> anyhow::Result<Embedding> {
    let embedder = setup.analyzer.embedder().context("no embedder is loaded")?;
    let flip = setup.identity()?.flip;
    let decode =
        |bytes: &[u8]| -> anyhow::Result<Image> { Ok(imaging::decode(bytes, &setup.pipeline.decode)?) };
    let why = match &face.crop {
        Some(crop) if setup.standard_crops() => return Ok(embedder.embed(&decode(crop)?, flip)?),
        Some(_) => "the stored crop is aligned in another way",
        None => "no crop is stored",
    };
    let source = &face.enrolment.source;
    let path = photo_path(source).context("its photo's path cannot be expressed on this system")?;
    let bytes = fs::read(&path).with_context(|| format!("{why}, and {} cannot be read", path.display()))?;
    if FileHash::of(&bytes) != source.sha256 {
        bail!("{why}, and {} has changed since", path.display());
    }
    let found = Detection { bounds: source.bounds, score: 1.0, landmarks: source.landmarks };
    let crop = embedder.crop(&decode(&bytes)?, &found, Rotation::None);
    Ok(embedder.embed(&crop.image, flip)?)
}

#[cfg(unix)]
fn photo_path(source: &Source) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(PathBuf::from(OsStr::from_bytes(&source.path)))
}

#[cfg(not(unix))]
fn photo_path(source: &Source) -> Option<PathBuf> {
    std::str::from_utf8(&source.path).ok().map(|path| PathBuf::from(OsStr::new(path)))
}

fn export(file: &Path, crops: bool, args: &GalleryArgs, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let gallery = open(args)?;
    if file.as_os_str() == "-" {
        gallery.export(&mut BufWriter::new(io::stdout().lock()), crops)?;
        reporter.no_summary();
        return Ok(Outcome::DONE);
    }
    // An export that is cut short must not take the place of an earlier one.
    let mut hidden = OsString::from(".");
    hidden.push(file.file_name().with_context(|| format!("{} names no file", file.display()))?);
    hidden.push(format!(".{}.partial", std::process::id()));
    let partial = file.with_file_name(hidden);
    let out = File::create_new(&partial).with_context(|| format!("cannot create {}", partial.display()))?;
    let written = gallery.export(&mut BufWriter::new(&out), crops);
    let written = written.and_then(|done| {
        let place =
            |action, path: &Path, source| gallery::Error::Io { action, path: path.to_owned(), source };
        out.sync_all().map_err(|error| place("write", &partial, error))?;
        fs::rename(&partial, file).map_err(|error| place("write", file, error))?;
        Ok(done)
    });
    let done = written.inspect_err(|_| drop(fs::remove_file(&partial)))?;
    let record = json!({
        "type": "exported", "path": path_value(file), "people": done.people, "enrolments": done.enrolments,
        "marks": done.marks,
    });
    reporter.answer(&record, || {
        format!("{}: {}", file.display(), people_and_faces(done.people, done.enrolments))
    })?;
    Ok(Outcome::DONE)
}

fn import(file: &Path, args: &GalleryArgs, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let done = if file.as_os_str() == "-" {
        Gallery::import_into(&args.gallery, BufReader::new(io::stdin().lock()))?
    } else {
        let input = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
        Gallery::import_into(&args.gallery, BufReader::new(input))?
    };
    let record = json!({
        "type": "imported", "people": done.people, "enrolments": done.enrolments, "marks": done.marks,
        "skipped": done.skipped,
    });
    reporter.answer(&record, || {
        let (people, faces) =
            (count(done.people, "new person", "new people"), count(done.enrolments, "new face", "new faces"));
        format!("{people}, {faces}, {} already there", done.skipped)
    })?;
    Ok(Outcome::DONE)
}

fn undo(args: &GalleryArgs, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let mut gallery = open(args)?;
    let undone = match gallery.undo() {
        Ok(undone) => undone,
        Err(error @ gallery::Error::NothingToUndo) => {
            reporter.text(&error.to_string())?;
            return Ok(Outcome { failed: 0, found: false });
        }
        Err(error) => return Err(error.into()),
    };
    let left = gallery.undo_levels()?;
    let record = json!({
        "type": "undone", "number": undone.number, "created": undone.created, "changes": undone.faces, "left": left,
    });
    reporter.answer(&record, || {
        let faces = count(undone.faces, "change of a face", "changes of faces");
        format!("took back {faces}; {} left to take back", count(left, "application", "applications"))
    })?;
    Ok(Outcome::DONE)
}

fn check(args: &GalleryArgs, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let mut gallery = open(args)?;
    let problems = gallery.check()?;
    for problem in &problems {
        reporter.answer(&json!({"type": "problem", "problem": problem}), || format!("problem: {problem}"))?;
    }
    let stats = gallery.stats()?;
    let outcome = Outcome { failed: problems.len(), found: true };
    let details = json!({"people": stats.people, "enrolments": stats.enrolments, "marks": stats.marks, "model": model(&gallery)});
    reporter.summary(&outcome, details, || {
        let verdict = if problems.is_empty() { "sound" } else { "damaged" };
        let counts = people_and_faces(stats.people, stats.enrolments);
        format!("{verdict}: {counts}, embedded by {}", gallery.model())
    })?;
    Ok(outcome)
}
