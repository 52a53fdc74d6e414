//! Checkpoints: all that a run needs to go on exactly where it was.
//!
//! Each is a folder `checkpoints/000001500` after 1500 steps. It is written beside its place and renamed when it is whole, so
//! whatever happens there is a whole one; older ones are taken away after that.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::optim::ModuleOptimizer;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::file;
use crate::learner::{Learner, MovingAverage, Student};

/// Where checkpoints are, in the folder of a run.
const FOLDER: &str = "checkpoints";
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
    /// Seconds that they took.
    pub(crate) seconds: f64,
    /// The smoothed loss, and what it was in the beginning.
    pub(crate) loss: Option<[f64; 2]>,
    /// The best look at people who are held out, and how many saw nothing better since.
    pub(crate) best: Option<f64>,
    pub(crate) worse: u32,
}

/// Writes a checkpoint and takes older ones away.
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
    let place = folder.join(format!("{:09}", state.step));
    if place.exists() {
        fs::remove_dir_all(&place).map_err(file(&place))?;
    }
    fs::rename(&partial, &place).map_err(file(&place))?;
    for (step, old) in all(run)? {
        if step != state.step {
            fs::remove_dir_all(&old).map_err(file(&old))?;
        }
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

/// Goes on with the last checkpoint of a run, if there is one. `fresh` makes networks of the run's kind, which the weights are
/// read into: clones of a network share their running statistics.
pub(crate) fn load(
    run: &Path,
    learner: &mut Learner,
    average: Option<&mut MovingAverage>,
    fresh: impl Fn() -> Student,
) -> Result<Option<State>, Error> {
    let Some((_, path)) = all(run)?.pop() else { return Ok(None) };
    let wrong = |reason: String| Error::Checkpoint {
        path: path.clone(),
        reason: format!("{reason}: take the folder away to begin from the start"),
    };
    let text = fs::read_to_string(path.join(STATE)).map_err(file(&path.join(STATE)))?;
    let state: State =
        toml::from_str(&text).map_err(|error| wrong(format!("{STATE} is damaged: {error}")))?;
    let read = |name: &str| {
        let student = fresh().try_load_file(path.join(name));
        student.map_err(|error| wrong(format!("{name} does not fit the recipe or is damaged: {error}")))
    };
    let student = read(STUDENT)?;
    let optimizer: &Path = &path.join(OPTIMIZER);
    let record = burn::optim::OptimizerRecord::load(optimizer)
        .map_err(|error| wrong(format!("{OPTIMIZER} is damaged: {error}")))?;
    learner.restore(student, |fresh: ModuleOptimizer| fresh.load_record(record));
    if let Some(average) = average {
        average.restore(read(AVERAGE)?);
    }
    Ok(Some(state))
}
