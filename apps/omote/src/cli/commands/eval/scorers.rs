//! `--scorer`, `--scorers`: other scores than the cosine on the same faces, in one table, losers too.

mod files;
mod measured;
mod systems;
mod training;
mod words;

use std::path::PathBuf;

use anyhow::{Context, bail};
use evaluation::PairProtocol;
use gallery::ModelIdentity;
use matching::{Scorer, ScorerFile};

use self::files::Origin;
use self::measured::Test;
use self::systems::System;
use self::training::Training;
use super::faces::Found;
use super::measures;
use crate::cli::args::FaceChoice;
use crate::cli::labelled::People;
use crate::cli::setup::Setup;
use console::{Reporter, count};

pub use words::Table;

/// Which scorers are measured.
#[derive(clap::Args, Debug)]
#[group(id = "scoring")]
#[command(next_help_heading = "Scorers")]
pub struct Args {
    /// Also score by this file of `omote scorer train`, and compare with the cosine (may be given again)
    #[arg(long, value_name = "FILE")]
    scorer: Vec<PathBuf>,
    /// Also score by these of `omote scorer list`, or `all`, learned from --train
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "train", value_parser = name_or_all)]
    scorers: Vec<String>,
    /// Photos of other people (aligned crops if those of the test are), one folder each: one half teaches the --scorers,
    /// the other sets thresholds that are then tried on the test, and the weights of a fusion of all scorers and of the
    /// embedder of --compare
    #[arg(long, value_name = "FOLDER")]
    train: Option<PathBuf>,
    /// Who is in the photos of --train: `folders`, or a text file with a line `PHOTO PERSON` for each photo
    #[arg(long, value_name = "FROM", default_value = "folders")]
    train_people: PathBuf,
}

/// The face that is meant in photos of --train.
const FACE: FaceChoice = FaceChoice::Central;

/// Stands for every scorer there is.
const ALL: &str = "all";

fn name_or_all(text: &str) -> Result<String, String> {
    if text == ALL { Ok(text.to_owned()) } else { crate::cli::commands::scorer::name(text) }
}

impl Args {
    /// Whether any scorer or training set was named.
    fn wanted(&self) -> bool {
        !self.scorer.is_empty() || !self.scorers.is_empty() || self.train.is_some()
    }

    /// The names to train, each once, without the cosine, which is always there.
    fn names(&self) -> Vec<&str> {
        let asked = |name: &&str| self.scorers.iter().any(|asked| asked == name || asked == ALL);
        Scorer::NAMES.into_iter().filter(|&name| name != "cosine").filter(asked).collect()
    }

    /// Looks at what was named before minutes of work begin.
    pub fn check(&self, setup: &Setup) -> anyhow::Result<()> {
        if let Some(folder) = self.train.as_ref().filter(|folder| !folder.is_dir()) {
            bail!("{}: there is no such folder (--train)", folder.display());
        }
        People::read(&self.train_people).context("--train-people")?;
        let model = setup.identity()?;
        for file in &self.scorer {
            ScorerFile::load(file, model.fingerprint, model.flip)?;
        }
        Ok(())
    }

    /// Measures every scorer on the faces of a protocol, with the cosine of a second embedder if there is one. `None` where
    /// none was asked for.
    pub fn measure(
        &self,
        (setup, found): (&Setup, &Found),
        other: Option<(&Setup, &Found)>,
        protocol: &PairProtocol,
        measures: &measures::Args,
        reporter: &mut Reporter,
    ) -> anyhow::Result<Option<Table>> {
        if !self.wanted() {
            return Ok(None);
        }
        let training = self.train.as_ref().map(|folder| {
            Training::read(folder, &self.train_people, FACE, setup, measures.draws.seed, reporter)
        });
        let mut training = training.transpose()?;
        if let (Some(training), Some((setup, _))) = (&mut training, other) {
            training.see_again(FACE, setup, reporter)?;
        }
        if let (Some(training), Some(folder)) = (&training, &self.train) {
            let both = training.also_in(protocol);
            if let Some(first) = both.first() {
                reporter.complain(&format!(
                    "{} of {} may be in the test as well, {first} for one: what was learned from them says nothing new",
                    count(both.len(), "person", "people"),
                    folder.display()
                ));
            }
        }
        if let Some(training) = &training {
            let scarce = files::scarce(&self.names(), setup.identity()?.dimension, &training.teachers())?;
            for shortage in scarce {
                reporter.complain(&format!("a weak estimate of {shortage} (--train)"));
            }
        }
        let (files, origins) = self.files(setup, protocol, reporter)?;
        let other_setup = other.map(|(setup, _)| setup);
        let systems = self.systems(setup, other_setup, files, training.as_ref())?;
        let found: Vec<&Found> = [found].into_iter().chain(other.map(|(_, found)| found)).collect();
        let test = Test::new(&found, protocol, setup.pipeline.threads, measures);
        reporter.start(systems.len() + 1, "scorers");
        let table = test.measure(systems, training.as_ref(), reporter)?;
        let table = table.of(origins, training.is_some() && !self.names().is_empty());
        reporter.finish();
        Ok(Some(table))
    }

    /// Scorers from files. Says where people of the test taught one.
    fn files(
        &self,
        setup: &Setup,
        protocol: &PairProtocol,
        reporter: &Reporter,
    ) -> anyhow::Result<(Vec<System>, Vec<Origin>)> {
        let model = setup.identity()?;
        let read = self.scorer.iter().map(|file| files::read(file, model, protocol));
        let (systems, origins): (_, Vec<Origin>) =
            read.collect::<anyhow::Result<Vec<_>>>()?.into_iter().unzip();
        origins.iter().filter_map(Origin::warning).for_each(|warning| reporter.complain(&warning));
        Ok((systems, origins))
    }

    /// The cosine first, then that of the second embedder, the files, and what is trained now.
    fn systems(
        &self,
        setup: &Setup,
        other: Option<&Setup>,
        files: Vec<System>,
        training: Option<&Training>,
    ) -> anyhow::Result<Vec<System>> {
        let model = setup.identity()?;
        let of_first = |name: String, scorer| System { name, scorer, embedder: 0 };
        let mut systems = vec![of_first("cosine".to_owned(), cosine(model))];
        if let Some(other) = other {
            let model = other.identity()?;
            let name = format!("cosine of {}", model.name);
            systems.push(System { name, scorer: cosine(model), embedder: 1 });
        }
        systems.extend(files);
        for name in self.names() {
            if let Some(training) = training {
                systems.push(of_first(name.to_owned(), training.scorer(name, model.fingerprint)?));
            }
        }
        Ok(systems)
    }
}

fn cosine(model: &ModelIdentity) -> Scorer {
    Scorer::Cosine { dimension: model.dimension, fingerprint: model.fingerprint }
}
