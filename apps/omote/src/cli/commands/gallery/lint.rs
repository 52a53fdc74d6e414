//! `omote gallery lint`: what is wrong with the people of a gallery, and putting it right.

mod page;
mod plan;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clustering::{Finding, Fix, Kind, LintOptions, Severity};
use gallery::{Enrolment, Gallery, PersonId};
use index::View;
use model::FileHash;
use serde_json::{Value, json};

use self::plan::Plan;
use super::photo_path;
use crate::cli::args::{GalleryArgs, cosine, unit};
use crate::cli::record::shortest;
use console::Outcome;
use console::output;
use console::{Reporter, count, path_value};

/// Flags of `omote gallery lint`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only findings of at least this confidence, 0 to 1; those about whole people must have 0.5 or, to take one apart,
    /// 0.75
    #[arg(long, value_name = "SHARE", value_parser = unit, default_value_t = LintOptions::default().confidence as f32)]
    confidence: f32,
    /// Only findings of these kinds: mislabel, one-person-two-names, two-people-one-name, twin-risk, low-quality-hub,
    /// duplicate, twice-in-one-photo [default: all]
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = kind)]
    kinds: Vec<Kind>,
    /// Cosine that two strangers rarely reach. The default is that of MobileFaceNet at a false match rate of 0.001
    #[arg(long, value_name = "COSINE", value_parser = cosine, allow_negative_numbers = true,
        default_value_t = LintOptions::default().stranger_cosine)]
    strangers: f32,
    /// Put right what was found: findings by their numbers as they are listed (or the first digits, at least 4), or `all`
    /// that are listed and have a fix. What cannot be applied together with the rest is left out and named
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    apply: Vec<String>,
    /// Write a page with the faces of each finding side by side into this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Threads that compare faces [default: the processors of this machine]
    #[arg(long, env = "OMOTE_THREADS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    #[command(flatten)]
    gallery: GalleryArgs,
}

fn kind(text: &str) -> Result<Kind, String> {
    Kind::ALL.into_iter().find(|kind| kind.to_string() == text).ok_or_else(|| {
        let known: Vec<String> = Kind::ALL.iter().map(Kind::to_string).collect();
        format!("expected one of {}", known.join(", "))
    })
}

/// Faces and people that are read at a time.
const PAGE: usize = 1000;

/// Faces of a finding that are named in text; JSON has them all.
const NAMED: usize = 5;

/// The gallery as it was read: what findings are about.
struct Read {
    faces: Vec<Enrolment>,
    /// Unit vectors, one after another.
    vectors: Vec<f32>,
    dimension: usize,
    names: HashMap<PersonId, String>,
}

/// A finding with the number by which it is applied.
struct Listed {
    /// The digits that no other finding begins with.
    id: String,
    finding: Finding,
    /// Why its fix cannot be applied, if there is one.
    barred: Option<&'static str>,
    /// Whether the person who is to get the face has it already, so that it is set aside instead.
    there: bool,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    if let Some(path) = &args.html {
        output::check(path, "--html")?;
    }
    let mut gallery = super::open(&args.gallery)?;
    let read = Read::all(&mut gallery, reporter)?;
    let listed = find(args, &read, &gallery)?;
    let plan = Plan::choose(&args.apply, &listed, &read, &gallery)?;
    if let Some(path) = &args.html {
        reporter.start(listed.len(), "findings");
        let page = page::page(&listed, &read, &gallery, || reporter.step());
        reporter.finish();
        output::write(path, &page)?;
    }
    if !plan.corrections.is_empty() {
        gallery.correct(&plan.corrections)?;
    }
    for (at, one) in listed.iter().enumerate() {
        let record = one.record(&read, plan.fate(at));
        reporter.answer(&record, || one.describe(&read, plan.fate(at)))?;
    }
    let of = |severity: Severity| listed.iter().filter(|one| one.finding.severity() == severity).count();
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    // What was asked for and not done has failed, though nothing stands in the way of the rest.
    let outcome = Outcome { failed: plan.skipped(), found: !listed.is_empty() };
    let details = json!({
        "faces": read.faces.len(), "people": read.names.len(), "errors": errors, "warnings": warnings,
        "applied": plan.applied(), "skipped": plan.skipped(), "html": args.html.as_deref().map(path_value),
        "model": super::model(&gallery),
    });
    reporter.summary(&outcome, details, || {
        let checked = super::people_and_faces(read.names.len() as u64, read.faces.len() as u64);
        let (errors, warnings) = (count(errors, "error", "errors"), count(warnings, "warning", "warnings"));
        let applied = match (plan.applied(), plan.skipped()) {
            (0, 0) if listed.iter().any(Listed::can_be_applied) => {
                "; put right with --apply NUMBER,NUMBER or --apply all".to_owned()
            }
            (0, 0) => String::new(),
            (applied, skipped) => {
                let skipped =
                    if skipped > 0 { format!(", {skipped} skipped: lint again") } else { String::new() };
                let undo = if applied > 0 { "; `omote gallery undo` takes back" } else { "" };
                format!("; {applied} applied{skipped}{undo}")
            }
        };
        format!("{errors}, {warnings} in {checked}{applied}")
    })?;
    Ok(outcome)
}

impl Read {
    fn all(gallery: &mut Gallery, reporter: &mut Reporter) -> anyhow::Result<Read> {
        let total = gallery.stats()?.enrolments;
        let mut names = HashMap::new();
        let mut after: Option<String> = None;
        loop {
            let page = gallery.people(after.as_deref(), PAGE)?;
            names.extend(page.iter().map(|person| (person.id, person.name.clone())));
            match page.last() {
                Some(last) if page.len() == PAGE => after = Some(last.name.clone()),
                _ => break,
            }
        }
        let dimension = gallery.model().dimension;
        let mut read = Read { faces: Vec::new(), vectors: Vec::new(), dimension, names };
        reporter.start(usize::try_from(total).unwrap_or(usize::MAX), "faces");
        let mut after = None;
        loop {
            let page = gallery.enrolments(None, after, PAGE)?;
            after = page.last().map(|last| last.id);
            let full = page.len() == PAGE;
            for face in page {
                reporter.step();
                // Another process may have changed the gallery meanwhile.
                match gallery.vector(face.id) {
                    Ok(vector) if read.names.contains_key(&face.person) => {
                        read.vectors.extend(vector);
                        read.faces.push(face);
                    }
                    Ok(_) | Err(gallery::Error::NoEnrolment { .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            if !full {
                reporter.finish();
                return Ok(read);
            }
        }
    }

    /// The number of a person for the linter.
    fn number(person: PersonId) -> usize {
        usize::try_from(person.0).unwrap_or(usize::MAX)
    }

    /// The person of such a number.
    fn person(number: usize) -> PersonId {
        PersonId(i64::try_from(number).unwrap_or(i64::MAX))
    }

    fn people(&self) -> Vec<Option<usize>> {
        self.faces.iter().map(|face| Some(Read::number(face.person))).collect()
    }

    fn name(&self, number: usize) -> &str {
        self.names.get(&Read::person(number)).map_or("a new person", String::as_str)
    }

    fn face_name(&self, face: usize) -> String {
        let face = &self.faces[face];
        let path = photo_path(&face.source).unwrap_or_default();
        format!(
            "enrolment {} ({})",
            face.id,
            path.file_name().map_or(path.display(), |name| Path::new(name).display())
        )
    }
}

/// What is wrong, most certain first.
fn find(args: &Args, read: &Read, gallery: &Gallery) -> anyhow::Result<Vec<Listed>> {
    let mut photos: HashMap<FileHash, usize> = HashMap::new();
    let photos: Vec<usize> = read
        .faces
        .iter()
        .map(|face| {
            let next = photos.len();
            *photos.entry(face.source.sha256).or_insert(next)
        })
        .collect();
    let quality: Vec<f32> = read.faces.iter().map(|face| face.quality.clamp(0.0, 100.0)).collect();
    let faces = View::f32(read.dimension, &read.vectors)?;
    let people = read.people();
    let checked = clustering::Gallery {
        faces: &faces,
        people: &people,
        quality: Some(&quality),
        photos: Some(&photos),
    };
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let options = LintOptions {
        stranger_cosine: args.strangers,
        confidence: args.confidence.into(),
        threads: args.threads.map_or_else(cores, usize::from),
        ..LintOptions::default()
    };
    let found = clustering::lint(&checked, &options)?;
    let ids = identify(&found, read);
    let wanted = |kind: Kind| args.kinds.is_empty() || args.kinds.contains(&kind);
    let listed =
        ids.into_iter().zip(found).filter(|(_, finding)| wanted(finding.kind)).map(|(id, finding)| {
            let (barred, there) = (barred(&finding, read, gallery)?, is_there(&finding, read));
            Ok(Listed { id, finding, barred, there })
        });
    listed.collect()
}

/// Whether a face is to be given to a person who has this face of this photo already.
fn is_there(finding: &Finding, read: &Read) -> bool {
    let Some(Fix::Move { face, to, .. }) = finding.fix else { return false };
    let (source, to) = (&read.faces[face].source, Read::person(to));
    read.faces.iter().any(|other| other.person == to && other.source.same_face(source))
}

/// What the user has said before and a fix would contradict.
fn barred(finding: &Finding, read: &Read, gallery: &Gallery) -> anyhow::Result<Option<&'static str>> {
    Ok(match finding.fix {
        Some(Fix::Move { face, to, .. }) if gallery.is_marked_not(&read.faces[face], Read::person(to))? => {
            Some("the face is marked as not that person")
        }
        Some(Fix::Merge { from, to, .. })
            if gallery.are_marked_apart(Read::person(from), Read::person(to))? =>
        {
            Some("a face of one is marked as not the other")
        }
        _ => None,
    })
}

/// Fewest digits of a finding's number.
const DIGITS: usize = 6;

/// Fewest of them by which a finding can be meant: with fewer, a place in the list would be taken for a number.
const MEANT: usize = 4;

/// A number for each finding that depends only on what it is about, so that it is the same the next time if the
/// gallery is. All have as many digits as it takes to tell them apart.
fn identify(found: &[Finding], read: &Read) -> Vec<String> {
    let whole = |finding: &Finding| {
        let faces: Vec<i64> = finding.faces.iter().map(|&face| read.faces[face].id.0).collect();
        FileHash::of(format!("{} {faces:?} {:?}", finding.kind, finding.people).as_bytes()).to_string()
    };
    let whole: Vec<String> = found.iter().map(whole).collect();
    let mut sorted: Vec<&str> = whole.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    let common = |pair: &[&str]| pair[0].bytes().zip(pair[1].bytes()).take_while(|(a, b)| a == b).count();
    let digits = sorted.windows(2).map(common).max().map_or(DIGITS, |common| DIGITS.max(common + 1));
    whole.iter().map(|id| id[..digits.min(id.len())].to_owned()).collect()
}

impl Listed {
    fn can_be_applied(&self) -> bool {
        self.finding.fix.is_some() && self.barred.is_none()
    }

    fn why(&self, read: &Read) -> String {
        self.finding.why(|face| read.face_name(face), |person| read.name(person).to_owned())
    }

    fn record(&self, read: &Read, fate: Option<Result<(), &str>>) -> Value {
        let finding = &self.finding;
        let face = |&face: &usize| {
            let face = &read.faces[face];
            let path = photo_path(&face.source).map(|path| path_value(&path));
            let person = read.names.get(&face.person);
            json!({"enrolment": face.id.0, "person": person, "path": path, "quality": shortest(face.quality)})
        };
        let name = |&person: &usize| read.name(person);
        let fix = finding.fix.as_ref().map(|fix| match fix {
            Fix::Move { to, .. } if !self.there => json!({"action": "move", "to": name(to)}),
            Fix::Move { .. } | Fix::Remove { .. } => json!({"action": "set aside"}),
            Fix::Split { person, .. } => json!({"action": "split", "person": name(person)}),
            Fix::Merge { from, to, .. } => json!({"action": "merge", "from": name(from), "into": name(to)}),
        });
        json!({
            "type": "finding", "id": self.id, "kind": finding.kind.to_string(),
            "severity": finding.severity().to_string(), "confidence": (finding.confidence * 1e4).round() / 1e4,
            "why": self.why(read), "people": finding.people.iter().map(name).collect::<Vec<_>>(),
            "faces": finding.faces.iter().map(face).collect::<Vec<_>>(),
            "fix": fix, "barred": self.barred, "applied": fate == Some(Ok(())),
            "skipped": fate.and_then(Result::err),
        })
    }

    /// What would put it right, in words.
    fn remedy(&self, read: &Read) -> Option<String> {
        let remedy = match self.finding.fix.as_ref()? {
            Fix::Move { to, .. } if self.there => {
                format!("set it aside, since {} has it already", read.name(*to))
            }
            Fix::Move { to, .. } => format!("give it to {}", read.name(*to)),
            Fix::Remove { .. } => "set it aside".to_owned(),
            Fix::Split { .. } => "give them to a new person".to_owned(),
            Fix::Merge { from, to, .. } => format!("make {} part of {}", read.name(*from), read.name(*to)),
        };
        Some(match self.barred {
            Some(reason) => format!("{remedy}, but {reason}"),
            None => remedy,
        })
    }

    fn heading(&self, read: &Read) -> String {
        let finding = &self.finding;
        let people: Vec<&str> = finding.people.iter().map(|&person| read.name(person)).collect();
        format!(
            "{}  {}: {}, confidence {:.2}: {}",
            self.id,
            finding.severity(),
            finding.kind,
            finding.confidence,
            people.join(", ")
        )
    }

    fn describe(&self, read: &Read, fate: Option<Result<(), &str>>) -> String {
        let indent = " ".repeat(self.id.len() + 2);
        let mut faces: Vec<String> =
            self.finding.faces.iter().take(NAMED).map(|&face| read.face_name(face)).collect();
        if self.finding.faces.len() > NAMED {
            faces.push(format!("and {} more", self.finding.faces.len() - NAMED));
        }
        let mut text =
            format!("{}\n{indent}{}\n{indent}{}", self.heading(read), faces.join(", "), self.why(read));
        if let Some(remedy) = self.remedy(read) {
            let state = match fate {
                Some(Ok(())) => "applied: ".to_owned(),
                Some(Err(reason)) => format!("skipped ({reason}): "),
                None => "fix: ".to_owned(),
            };
            text += &format!("\n{indent}{state}{remedy}");
        }
        text
    }
}

/// The findings that are meant by numbers, or by at least [`MEANT`] first digits of numbers.
fn chosen(apply: &[String], listed: &[Listed]) -> anyhow::Result<Vec<usize>> {
    if apply.iter().any(|id| id == "all") {
        return Ok((0..listed.len()).filter(|&at| listed[at].can_be_applied()).collect());
    }
    let mut chosen = Vec::new();
    for id in apply {
        if id.len() < MEANT {
            let example = listed.first().map_or("3f9a1c", |one| &one.id);
            bail!(
                "--apply {id}: a finding is meant by the number that it is listed with, such as {example}, or by \
                 its first {MEANT} digits or more, and not by its place in the list"
            );
        }
        let meant: Vec<usize> =
            (0..listed.len()).filter(|&at| listed[at].id.starts_with(id.as_str())).collect();
        let [at] = meant[..] else {
            bail!(
                "{} {id}: list them with `omote gallery lint`",
                if meant.is_empty() { "no finding has the number" } else { "several numbers begin with" }
            );
        };
        let one = &listed[at];
        if let Some(reason) = one.barred {
            bail!("finding {id} cannot be applied: {reason}");
        }
        one.finding
            .fix
            .as_ref()
            .with_context(|| format!("finding {id} has no fix: it is for you to look at"))?;
        chosen.push(at);
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}
