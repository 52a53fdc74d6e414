//! Methods of grouping against each other, on photos of people who are known.

mod faces;
mod mixes;
mod table;
mod trial;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clustering::Method;
use evaluation::Bootstrap;
use serde_json::{Value, json};

use self::faces::Faces;
use self::mixes::{Mixes, halves};
use self::trial::{Chosen, Trial, choose, measure};
use crate::cli::args::{EmbedArgs, FaceChoice, RecogniseArgs};
use crate::cli::commands::group::method::Choice;
use crate::cli::inputs::expand;
use crate::cli::labelled::{Labelled, People, PeopleArgs};
use crate::cli::scan::{Pass, scan_faces};
use crate::cli::setup::{Setup, Work};
use console::Outcome;
use console::{Reporter, path_value};

/// Flags of `omote eval clusters`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Photos of people who are known: what is measured on
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    #[command(flatten)]
    known: PeopleArgs,
    /// Photos of other people, on which the parameters of every method are chosen [default: one half of the people is
    /// for the other half]
    #[arg(long, value_name = "FOLDER", conflicts_with = "defaults")]
    choose: Option<PathBuf>,
    /// Who is in the photos of --choose
    #[arg(long, value_name = "FROM", default_value = "folders", requires = "choose")]
    choose_people: PathBuf,
    /// The photos of --choose are aligned crops of one face each: no detection
    #[arg(long, requires = "choose")]
    choose_aligned: bool,
    /// Photos of people who are seen once, for --choose: parameters must also do among all of them. A folder, or a
    /// quoted glob
    #[arg(long, value_name = "PHOTOS", requires = "choose")]
    strangers: Option<PathBuf>,
    /// Choose nothing: measure the methods as `omote group` uses them
    #[arg(long)]
    defaults: bool,
    /// Only these methods
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    methods: Vec<Method>,
    /// Which face is meant where a photo shows several: largest, central or a number
    #[arg(long, value_name = "WHICH", default_value = "central")]
    face: FaceChoice,
    /// How often people are drawn anew for the 95 % intervals
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(40..=100_000))]
    resamples: u32,
    /// Seed of all that is drawn at random: mixes, halves, intervals
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    recognise: RecogniseArgs,
}

/// Fewer people in a half say nothing about a method.
const LEAST_IN_A_HALF: usize = 10;

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let methods = if args.methods.is_empty() { Method::ALL.to_vec() } else { args.methods.clone() };
    let bootstrap = Bootstrap { resamples: args.resamples as usize, seed: args.seed, ..Default::default() };
    if let Some(folder) = &args.choose
        && folder.canonicalize().ok().is_some_and(|folder| args.folder.canonicalize().ok() == Some(folder))
    {
        bail!(
            "--choose names {} itself: parameters that are chosen on the photos they are measured on say nothing; \
             without --choose one half of the people is for the other",
            args.folder.display()
        );
    }
    let own =
        Photos { folder: &args.folder, people: &args.known.people, aligned: args.recognise.embed.aligned };
    let (faces, setup, pass) = own.read(args, reporter)?;
    let threads = setup.pipeline.threads;
    let mut passes = vec![pass];
    let (trials, chosen) = if args.defaults {
        let mixes = Mixes::of(&faces, None, args.seed);
        let known = |&method: &Method| known_choice(method, &faces, &setup);
        let choices: Vec<_> = methods.iter().map(known).collect();
        (measure(&[(&mixes, choices)], threads, &bootstrap, &methods)?, None)
    } else if let Some(folder) = &args.choose {
        let other = Photos { folder, people: &args.choose_people, aligned: args.choose_aligned };
        let (there, _, pass) = other.read(args, reporter)?;
        passes.push(pass);
        let strangers =
            args.strangers.as_deref().map(|photos| strangers(photos, args, reporter)).transpose()?;
        let (strangers, pass) = strangers.unzip();
        passes.extend(pass);
        let chosen = choose(&Mixes::of(&there, strangers.as_ref(), args.seed), &methods, threads, reporter)?;
        let mixes = Mixes::of(&faces, None, args.seed);
        (
            measure(&[(&mixes, choices(&chosen, &faces))], threads, &bootstrap, &methods)?,
            Some((there, chosen)),
        )
    } else {
        let halves = halves(&faces, args.seed);
        if halves.iter().any(|half| half.people() < LEAST_IN_A_HALF) {
            bail!(
                "{} shows {} people, too few to choose parameters on one half of them and to measure on the other: name \
                 photos of other people with --choose, or measure with --defaults",
                args.folder.display(),
                faces.people()
            );
        }
        let [a, b] = halves.map(|half| Mixes::of(&half, None, args.seed));
        let on_a = choose(&a, &methods, threads, reporter)?;
        let on_b = choose(&b, &methods, threads, reporter)?;
        let parts = [(&a, choices(&on_b, a.whole())), (&b, choices(&on_a, b.whole()))];
        (measure(&parts, threads, &bootstrap, &methods)?, None)
    };
    let outcome = Outcome { failed: passes.iter().map(|pass| pass.failed).sum(), found: true };
    for (trial, at) in trials.iter().zip(0..) {
        let chosen = chosen.as_ref().map(|(_, chosen)| &chosen[at]);
        reporter.answer(&table::record(trial, chosen), String::new)?;
    }
    let counts = json!({
        "protocol": "clusters", "folder": path_value(&args.folder), "faces": faces.len(), "people": faces.people(),
        "parameters": how_chosen(args), "choose": chosen.as_ref().map(|(there, _)| {
            json!({"folder": args.choose.as_deref().map(path_value), "faces": there.len(), "people": there.people(),
                "strangers": args.strangers.as_deref().map(path_value)})
        }),
        "winner": match &chosen {
            Some((_, chosen)) => trial::winner(chosen.iter().map(Chosen::score)),
            None => trial::winner(trials.iter().map(Trial::score)),
        }
        .map(Method::name),
    });
    reporter.summary(&outcome, passes[0].record(&setup, counts), || {
        let mut text = String::new();
        if let (Some((there, chosen)), Some(folder)) = (&chosen, &args.choose) {
            text += &table::chosen(&title(folder, there), args.strangers.is_some(), chosen);
        }
        text += &table::trials(&title(&args.folder, &faces), how_described(args), &trials);
        text + &passes[0].describe(&setup, &format!("{} faces of {} people", faces.len(), faces.people()))
    })?;
    Ok(outcome)
}

/// A folder of photos with its people.
struct Photos<'a> {
    folder: &'a Path,
    people: &'a Path,
    aligned: bool,
}

impl Photos<'_> {
    fn read(&self, args: &Args, reporter: &mut Reporter) -> anyhow::Result<(Faces, Setup, Pass)> {
        let people = People::read(self.people)?;
        let inputs = expand(&[self.folder.to_owned()]);
        let embed = EmbedArgs { aligned: self.aligned, ..args.recognise.embed };
        let work = Work::recognise(&args.recognise.detect, embed);
        let setup = Setup::open(&args.recognise.models, work, inputs.len())?;
        let labelled = Labelled::read(inputs, &people, args.face, &setup, reporter)?;
        let faces =
            Faces::of(&labelled).with_context(|| format!("cannot measure on {}", self.folder.display()))?;
        Ok((faces, setup, labelled.pass))
    }
}

/// One face of each photo, of nobody knows whom. A photo without a face is no failure: nobody is missed.
fn strangers(photos: &Path, args: &Args, reporter: &mut Reporter) -> anyhow::Result<(Faces, Pass)> {
    let inputs = expand(&[photos.to_owned()]);
    let embed = EmbedArgs { aligned: args.choose_aligned, ..args.recognise.embed };
    let work = Work::recognise(&args.recognise.detect, embed);
    let setup = Setup::open(&args.recognise.models, work, inputs.len())?;
    let mut vectors = Vec::new();
    let pass = scan_faces(inputs, &setup, reporter, |_, _, analyzed| {
        let face = FaceChoice::pick(Some(args.face), &analyzed).ok();
        vectors.extend(face.and_then(|face| Some(face.embedding.as_ref()?.vector.clone())));
        Ok(())
    })?;
    if vectors.is_empty() {
        bail!("{} shows no face: name photos of strangers, or leave --strangers out", photos.display());
    }
    Ok((Faces::of_strangers(vectors), pass))
}

/// The method as `omote group` uses it; the error says why it cannot.
fn known_choice(method: Method, faces: &Faces, setup: &Setup) -> Result<Choice, String> {
    let mut parameters = method.defaults();
    if method.takes().contains(&clustering::Parameter::Threshold) {
        parameters.threshold = setup.link_threshold(method, None).map_err(|error| error.to_string())?;
    }
    Ok(Choice { method, parameters }.told(faces.people()))
}

/// What was chosen, for the faces that it is measured on.
fn choices(chosen: &[Chosen], faces: &Faces) -> Vec<Result<Choice, String>> {
    let told = |chosen: &Chosen| Ok(chosen.best.as_ref().map_err(Clone::clone)?.choice.told(faces.people()));
    chosen.iter().map(told).collect()
}

fn how_chosen(args: &Args) -> Value {
    json!(match (&args.choose, args.defaults) {
        (_, true) => "defaults",
        (Some(_), _) => "chosen on other photos",
        (None, _) => "chosen on the other half of the people",
    })
}

fn how_described(args: &Args) -> &'static str {
    match (&args.choose, args.defaults) {
        (_, true) => "parameters as `omote group` uses them",
        (Some(_), _) => "parameters as chosen above",
        (None, _) => "parameters chosen on one half of the people, measured on the other, both ways round",
    }
}

fn title(folder: &Path, faces: &Faces) -> String {
    format!("{}: {} faces of {} people", folder.display(), faces.len(), faces.people())
}
