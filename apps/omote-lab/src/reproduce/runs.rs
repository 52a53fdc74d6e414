//! Runs of a study: trained, and looked at by their tests.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use console::Reporter;
use sha2::{Digest, Sha256};
use training::{Device, Error, Maker, Place, export};

use super::sets::{Pictures, Sets, named};
use super::study::{Run, Set, Study, Test};
use super::vectors::Vectors;
use crate::commands::view::{View, maker};

/// Says of a run that diverged how it did.
const DIVERGED: &str = "diverged.txt";

/// Whoever holds this file is at the run.
const LOCK: &str = "study.lock";

/// Under this name the vectors of the classes are found beside those of the tests, each with its bias as the last value.
pub const CLASSES: &str = "classes";
/// The file of these.
const CLASSES_FILE: &str = "classes.safetensors";

/// What came of the runs of a grid.
pub struct Outcomes {
    /// Name of the grid.
    pub grid: String,
    /// The arms in their order, each with what came of each seed.
    pub arms: Vec<(String, BTreeMap<u64, Looked>)>,
}

/// What came of a run.
pub enum Looked {
    /// What its network makes of each test.
    Tests(BTreeMap<String, Vectors>),
    /// The run diverged: how, in words.
    Diverged(String),
}

impl Outcomes {
    /// What the networks of an arm make of a test, seed by seed; of runs that diverged there is nothing.
    pub fn of(&self, arm: &str, test: &str) -> Vec<(u64, &Vectors)> {
        let mut found = Vec::new();
        for (name, seeds) in &self.arms {
            for (&seed, looked) in seeds.iter().filter(|_| name == arm) {
                if let Looked::Tests(tests) = looked {
                    found.extend(tests.get(test).map(|vectors| (seed, vectors)));
                }
            }
        }
        found
    }

    /// Whether the study has such an arm, whatever came of it.
    pub fn plans(&self, arm: &str) -> bool {
        self.arms.iter().any(|(name, _)| name == arm)
    }

    /// What the first network of each arm makes of a test, in the order of the arms.
    pub fn first(&self, test: &str) -> Vec<(&str, &Vectors)> {
        let arms = self.arms.iter().map(|(arm, _)| (arm.as_str(), self.of(arm, test)));
        arms.filter_map(|(arm, found)| Some((arm, found.first()?.1))).collect()
    }

    /// Who made the runs, in words.
    pub fn makers(&self) -> BTreeSet<String> {
        let mut makers = BTreeSet::new();
        for looked in self.arms.iter().flat_map(|(_, seeds)| seeds.values()) {
            if let Looked::Tests(tests) = looked {
                makers.extend(tests.values().map(|vectors| vectors.maker.clone()));
            }
        }
        makers
    }

    /// Runs that diverged, in words.
    pub fn diverged(&self) -> Vec<String> {
        let mut told = Vec::new();
        for (arm, seeds) in &self.arms {
            for (seed, looked) in seeds {
                if let Looked::Diverged(how) = looked {
                    told.push(format!("Grid {}, {arm}, seed {seed}: {how}.", self.grid));
                }
            }
        }
        told
    }
}

/// How it went when it was a run's turn.
enum Turn {
    /// All was looked at.
    Looked(Looked),
    /// Another process is at it.
    Elsewhere,
    /// It wants photos that are not at hand.
    NoPhotos,
}

/// Whatever runs need.
pub struct Lab<'a> {
    pub study: &'a Study,
    pub sets: Sets<'a>,
    /// Where all is kept.
    pub folder: &'a Path,
    pub device: &'a Device,
}

impl Lab<'_> {
    /// Trains and looks at whatever of the study nobody else is at. Processes that share a study wait for each other only when
    /// nothing is left to begin.
    ///
    /// # Errors
    /// Those of training; if a file of vectors is of another study.
    pub fn work(&self, reporter: &mut Reporter) -> anyhow::Result<()> {
        for name in self.study.grids.keys() {
            let runs = self.study.runs_of(name)?;
            let mut opened = BTreeMap::new();
            for (at, run) in runs.iter().enumerate() {
                let said = said(&runs, at);
                self.run(run, &mut opened, (&said, false), reporter).context(said.clone())?;
            }
        }
        Ok(())
    }

    /// Looks for all that is wanted by what is not done yet: better now than after hours of training.
    ///
    /// # Errors
    /// If photos or a detector are not there; if a file of vectors is of another study.
    pub fn check(&self) -> anyhow::Result<()> {
        let mut sets = BTreeSet::new();
        for name in self.study.grids.keys() {
            for run in self.study.runs_of(name)? {
                if let Looked::Tests(found) = self.found(&run)? {
                    let missing = if is_whole(&run, &found) { BTreeSet::new() } else { wanted(&run, &found) };
                    sets.extend(missing.into_iter().map(str::to_owned));
                }
            }
        }
        sets.iter().try_for_each(|name| self.sets.check(name))
    }

    /// Trains what is not trained yet, and looks at all that is not looked at yet; `None` if the study has no such grid, or it
    /// wants photos that are not at hand. A run that another process is at is waited for.
    ///
    /// # Errors
    /// Those of training; if a file of vectors is of another study.
    pub fn grid(&self, name: &str, reporter: &mut Reporter) -> anyhow::Result<Option<Outcomes>> {
        if !self.study.grids.contains_key(name) {
            return Ok(None);
        }
        let runs = self.study.runs_of(name)?;
        let mut found = Vec::new();
        let mut opened = BTreeMap::new();
        for (at, run) in runs.iter().enumerate() {
            let said = said(&runs, at);
            match self.run(run, &mut opened, (&said, true), reporter).context(said.clone())? {
                Turn::Looked(looked) => found.push(looked),
                Turn::Elsewhere => bail!("{said}: another process is at it"),
                Turn::NoPhotos => return Ok(None),
            }
        }
        let mut arms: Vec<(String, BTreeMap<u64, Looked>)> = Vec::new();
        for (run, looked) in runs.iter().zip(found) {
            match arms.iter_mut().find(|(arm, _)| arm == run.arm) {
                Some((_, seeds)) => drop(seeds.insert(run.seed, looked)),
                None => arms.push((run.arm.to_owned(), BTreeMap::from([(run.seed, looked)]))),
            }
        }
        Ok(Some(Outcomes { grid: name.to_owned(), arms }))
    }

    /// The pictures of a grid's test; `None` if there is no such test, or it wants photos that are not at hand.
    ///
    /// # Errors
    /// If they cannot be made, or not be read.
    pub fn pictures(
        &self,
        grid: &str,
        test: &str,
        reporter: &mut Reporter,
    ) -> anyhow::Result<Option<Pictures>> {
        let grid = self.study.grids.get(grid);
        let Some(test) = grid.and_then(|grid| grid.tests.iter().find(|one| one.name == test)) else {
            return Ok(None);
        };
        for name in named(&test.data) {
            if !self.sets.can_be_made(name) {
                return Ok(None);
            }
            self.sets.make(name, reporter)?;
        }
        self.sets.pictures(test).map(Some)
    }

    /// Looks at a run by its tests. If another process is at it, it is waited for, or left to that process.
    fn run(
        &self,
        run: &Run<'_>,
        opened: &mut BTreeMap<String, Pictures>,
        (said, wait): (&str, bool),
        reporter: &mut Reporter,
    ) -> anyhow::Result<Turn> {
        let names = match self.found(run)? {
            Looked::Tests(found) if !is_whole(run, &found) => wanted(run, &found),
            looked => return Ok(Turn::Looked(looked)),
        };
        if !names.iter().all(|name| self.sets.can_be_made(name)) {
            return Ok(Turn::NoPhotos);
        }
        // Held until this returns.
        let (held, alone) = lock(&self.folder.join("runs").join(place(run)).join(LOCK))?;
        if !alone {
            if !wait {
                return Ok(Turn::Elsewhere);
            }
            reporter.complain(&format!("{said}: another process is at it, and is waited for"));
            held.lock()?;
        }
        // That process may have come to its end meanwhile.
        let mut found = match self.found(run)? {
            Looked::Tests(found) if !is_whole(run, &found) => found,
            looked => return Ok(Turn::Looked(looked)),
        };
        let missing: Vec<&Test> =
            run.tests.iter().copied().filter(|test| !found.contains_key(&test.name)).collect();
        for name in names {
            self.sets.make(name, reporter)?;
        }
        reporter.complain(said);
        let (kept, folder, maker) =
            (self.kept(run), self.folder.join("runs").join(place(run)), maker(self.device));
        if let Some(how) = self.train(run, &folder, &maker, reporter)? {
            fs::create_dir_all(&kept).with_context(|| kept.display().to_string())?;
            console::output::write(&kept.join(DIVERGED), format!("{} {how}\n", self.stamp(run, None)))?;
            return Ok(Turn::Looked(Looked::Diverged(how)));
        }
        if run.classes {
            let vectors = Vectors::of_classes(&training::class_vectors(&folder, self.device)?, &maker);
            vectors.write(&kept.join(CLASSES_FILE), &self.stamp(run, None))?;
            found.insert(CLASSES.to_owned(), vectors);
        }
        let model = folder.join("model");
        export::export(&folder, &model, &self.sets.about(&run.recipe.data))?;
        let embedder = self.sets.networks.embedder(&model.display().to_string())?;
        for test in missing {
            if !opened.contains_key(&test.name) {
                opened.insert(test.name.clone(), self.sets.pictures(test)?);
            }
            let vectors = Vectors::of(&opened[&test.name], &embedder, &maker, reporter)?;
            vectors.write(&kept.join(file(test)), &self.stamp(run, Some(test)))?;
            found.insert(test.name.clone(), vectors);
        }
        Ok(Turn::Looked(Looked::Tests(found)))
    }

    /// What is known of a run already.
    fn found(&self, run: &Run<'_>) -> anyhow::Result<Looked> {
        let kept = self.kept(run);
        let diverged = kept.join(DIVERGED);
        match fs::read_to_string(&diverged) {
            Ok(how) => {
                let how = how
                    .strip_prefix(&self.stamp(run, None))
                    .with_context(|| format!("{} is of another recipe: take it away", diverged.display()))?;
                return Ok(Looked::Diverged(how.trim().to_owned()));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => (),
            Err(error) => return Err(error).with_context(|| diverged.display().to_string()),
        }
        let mut found = BTreeMap::new();
        for &test in &run.tests {
            if let Some(vectors) = Vectors::read(&kept.join(file(test)), &self.stamp(run, Some(test)))? {
                found.insert(test.name.clone(), vectors);
            }
        }
        if run.classes {
            let vectors = Vectors::read(&kept.join(CLASSES_FILE), &self.stamp(run, None))?;
            found.extend(vectors.map(|vectors| (CLASSES.to_owned(), vectors)));
        }
        Ok(Looked::Tests(found))
    }

    /// Trains a run to its end, or goes on with it; how it diverged, if it did.
    fn train(
        &self,
        run: &Run<'_>,
        folder: &Path,
        maker: &Maker,
        reporter: &mut Reporter,
    ) -> anyhow::Result<Option<String>> {
        let place = Place { base: &self.sets.folder, folder, maker };
        let trained = training::train(&run.recipe, place, self.device, &mut View::new(reporter));
        reporter.finish();
        match trained {
            Ok(_) => Ok(None),
            Err(error @ Error::Diverged { .. }) => Ok(Some(error.to_string())),
            Err(error) => Err(error.into()),
        }
    }

    /// Where what a run's network makes of its tests is kept.
    fn kept(&self, run: &Run<'_>) -> PathBuf {
        self.folder.join("vectors").join(place(run))
    }

    /// A hash of all that a run and a test of it depend on, as the study says it: neither sets nor networks need be there.
    fn stamp(&self, run: &Run<'_>, test: Option<&Test>) -> String {
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        };
        add(&toml::to_string(&run.recipe.resolved()).unwrap_or_default());
        add(&format!("{:?}", test.map(|test| (&test.name, &test.data, test.held_out))));
        let tested = test.map(|test| named(&test.data)).unwrap_or_default();
        let mut sets: Vec<&str> = named(&run.recipe.data).into_iter().chain(tested).collect();
        while let Some(name) = sets.pop() {
            let set = self.study.sets.get(name);
            add(&format!("{name} {set:?}"));
            if let Some(Set::Cropped { of, .. }) = set {
                sets.push(of);
            }
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The sets that a run wants, of which so much is known.
fn wanted<'a>(run: &'a Run<'_>, found: &BTreeMap<String, Vectors>) -> BTreeSet<&'a str> {
    let tests = run.tests.iter().filter(|test| !found.contains_key(&test.name));
    tests.flat_map(|test| named(&test.data)).chain(named(&run.recipe.data)).collect()
}

/// Whether all is known of a run.
fn is_whole(run: &Run<'_>, found: &BTreeMap<String, Vectors>) -> bool {
    run.tests.iter().all(|test| found.contains_key(&test.name))
        && (!run.classes || found.contains_key(CLASSES))
}

/// Which run it is, in words.
fn said(runs: &[Run<'_>], at: usize) -> String {
    let Run { grid, arm, seed, .. } = &runs[at];
    format!("{grid}: run {} of {}: {arm}, seed {seed}", at + 1, runs.len())
}

/// The folder of a run among those of all runs. Names of arms are words: their blanks and signs have no place in it.
fn place(run: &Run<'_>) -> PathBuf {
    Path::new(run.grid).join(plain(run.arm)).join(format!("seed-{}", run.seed))
}

/// The lock on what several processes share, and whether this one has it; if not, it can be waited for. It ends with its owner.
///
/// # Errors
/// If there can be no such file.
pub fn lock(path: &Path) -> anyhow::Result<(File, bool)> {
    let said = || format!("{} cannot be locked", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(said)?;
    }
    let file = File::options().create(true).truncate(false).write(true).open(path).with_context(said)?;
    match file.try_lock() {
        Ok(()) => Ok((file, true)),
        Err(TryLockError::WouldBlock) => Ok((file, false)),
        Err(TryLockError::Error(error)) => Err(error).with_context(said),
    }
}

/// The file of a test's vectors.
fn file(test: &Test) -> String {
    format!("{}.safetensors", plain(&test.name))
}

/// A name as a part of a path.
pub fn plain(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}
