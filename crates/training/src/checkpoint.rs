//! Checkpoints: all that a run needs to go on exactly where it was.
//!
//! Each is a folder `checkpoints/000001500` after 1500 steps. It is written beside its place and renamed when it is whole, so
//! whatever happens there is a whole one. The last two stay.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::optim::OptimizerRecord;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use crate::chance::alone;
use crate::error::file;
use crate::folder::{begun, sync};
use crate::held_out::Look;
use crate::learner::{Learner, MovingAverage, Student};
use crate::{Error, Recipe};

/// Where checkpoints are, in the folder of a run.
const FOLDER: &str = "checkpoints";
/// How many stay.
const KEPT: usize = 2;
const STUDENT: &str = "student.bpk";
const AVERAGE: &str = "average.bpk";
const OPTIMIZER: &str = "optimizer.bpk";
const STATE: &str = "state.toml";

/// What a run remembers besides its weights.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    /// Steps that are done.
    pub(crate) step: u64,
    /// What the data is: a hash of who is in each sample.
    pub(crate) data: String,
    /// How many pictures an epoch takes, and how many people are learned.
    pub(crate) pictures: u64,
    pub(crate) people: u64,
    /// Seconds that the steps took.
    pub(crate) seconds: f64,
    /// The smoothed loss, and what it was in the beginning.
    pub(crate) loss: Option<[f64; 2]>,
    /// The best look at people who are held out, and how many saw nothing better since.
    pub(crate) best: Option<f64>,
    pub(crate) worse: u32,
    /// The last look.
    pub(crate) look: Option<Look>,
}

/// Writes a checkpoint and takes older ones away, but for the one before it: a run may come to grief so slowly that the last
/// one is of ruined weights.
pub(crate) fn save(
    run: &Path,
    learner: &Learner,
    average: Option<&MovingAverage>,
    state: &State,
) -> Result<(), Error> {
    let folder = run.join(FOLDER);
    fs::create_dir_all(&folder).map_err(file(&folder))?;
    let partial = folder.join("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(file(&partial))?;
    }
    fs::create_dir(&partial).map_err(file(&partial))?;
    let wrong = |error: String| Error::Checkpoint { path: partial.clone(), reason: error };
    let kept = |student: Student, name: &str| {
        student.into_record().save(partial.join(name)).map_err(|error| wrong(error.to_string()))
    };
    kept(learner.student(), STUDENT)?;
    if let Some(average) = average {
        kept(average.student().clone(), AVERAGE)?;
    }
    learner.optimizer().save(partial.join(OPTIMIZER)).map_err(|error| wrong(error.to_string()))?;
    // TOML keeps numbers to the last bit.
    let text = toml::to_string(state).map_err(|error| wrong(error.to_string()))?;
    fs::write(partial.join(STATE), text).map_err(file(&partial))?;
    for entry in fs::read_dir(&partial).map_err(file(&partial))?.flatten() {
        File::open(entry.path()).and_then(|written| written.sync_all()).map_err(file(&entry.path()))?;
    }
    sync(&partial)?;
    let place = folder.join(format!("{:09}", state.step));
    if place.exists() {
        fs::remove_dir_all(&place).map_err(file(&place))?;
    }
    fs::rename(&partial, &place).map_err(file(&place))?;
    sync(&folder)?;
    let found = all(run)?;
    for (_, old) in &found[..found.len().saturating_sub(KEPT)] {
        fs::remove_dir_all(old).map_err(file(old))?;
    }
    Ok(())
}

/// The checkpoints of a run, by their steps.
fn all(run: &Path) -> Result<Vec<(u64, PathBuf)>, Error> {
    let folder = run.join(FOLDER);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(file(&folder)(error)),
    };
    let mut found: Vec<(u64, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .collect();
    found.sort();
    Ok(found)
}

/// The last checkpoint of a run.
struct Checkpoint {
    path: PathBuf,
    state: State,
}

impl Checkpoint {
    fn last(run: &Path) -> Result<Option<Self>, Error> {
        let Some((_, path)) = all(run)?.pop() else { return Ok(None) };
        let text = fs::read_to_string(path.join(STATE)).map_err(file(&path.join(STATE)))?;
        match toml::from_str(&text) {
            Ok(state) => Ok(Some(Self { path, state })),
            Err(error) => Err(damaged(&path, format!("{STATE} is damaged: {error}"))),
        }
    }

    /// The weights in a file, read into a network of the run's kind: clones of a network share their running statistics.
    fn student(&self, name: &str, fresh: Student) -> Result<Student, Error> {
        fresh.try_load_file(self.path.join(name)).map_err(|error| {
            damaged(&self.path, format!("{name} does not fit the recipe or is damaged: {error}"))
        })
    }
}

/// The run's data are not what they were when it began.
pub(crate) fn other_data(run: &Path) -> Error {
    let reason = "[data] other pictures, or other people, than when the run began: take another folder, or the same data";
    Error::Checkpoint { path: run.to_owned(), reason: reason.to_owned() }
}

fn damaged(path: &Path, reason: String) -> Error {
    Error::Checkpoint {
        path: path.to_owned(),
        reason: format!("{reason}: take the folder away to go on from the one before it, or from the start"),
    }
}

/// What learns where the last checkpoint of a run was made, if there is one. `fresh` makes networks of the run's kind.
pub(crate) fn load(
    run: &Path,
    recipe: &Recipe,
    device: &Device,
    average: Option<&mut MovingAverage>,
    fresh: impl Fn() -> Student,
) -> Result<Option<(Learner, State)>, Error> {
    let Some(checkpoint) = Checkpoint::last(run)? else { return Ok(None) };
    let student = checkpoint.student(STUDENT, fresh())?;
    let optimizer: &Path = &checkpoint.path.join(OPTIMIZER);
    let record = OptimizerRecord::load(optimizer)
        .map_err(|error| damaged(&checkpoint.path, format!("{OPTIMIZER} is damaged: {error}")))?;
    let learner = Learner::restored(recipe, student, record, device);
    if let Some(average) = average {
        average.restore(checkpoint.student(AVERAGE, fresh())?);
    }
    Ok(Some((learner, checkpoint.state)))
}

/// What the last checkpoint of a run would keep in the end.
pub(crate) fn student(run: &Path, recipe: &Recipe, device: &Device) -> Result<(Student, State), Error> {
    let checkpoint = Checkpoint::last(run)?.ok_or_else(|| Error::Checkpoint {
        path: run.to_owned(),
        reason: "the run has made no checkpoint yet: go on with it first".to_owned(),
    })?;
    let name = if recipe.run.average.is_some() { AVERAGE } else { STUDENT };
    let _alone = alone();
    let fresh = Student::new(recipe, checkpoint.state.people as usize, device);
    let student = checkpoint.student(name, fresh)?;
    Ok((student.valid(), checkpoint.state))
}

/// The vectors of the classes that a run has learned, as its last checkpoint would keep them in the end: a row for each class (or
/// several, with sub-centres), not normalised, each with its bias as the last value, which is 0 where the loss has none.
///
/// # Errors
/// [`Error::File`] if there is no run in the folder, [`Error::Checkpoint`] if it has made no checkpoint, and
/// [`Error::Refused`] if its loss has no classes.
pub fn class_vectors(run: &Path, device: &Device) -> Result<Vec<Vec<f32>>, Error> {
    let (recipe, _) = begun(run)?;
    let (student, _) = self::student(run, &recipe, device)?;
    let vectors = student.loss.class_vectors().ok_or_else(|| Error::Refused {
        reason: "[loss] compares pictures with each other and knows no classes".to_owned(),
    })?;
    let [_, width] = vectors.dims();
    let values: Vec<f32> = vectors.into_data().iter::<f32>().collect();
    Ok(values.chunks_exact(width).map(<[f32]>::to_vec).collect())
}
