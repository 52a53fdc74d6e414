//! The loop of training.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use burn::module::Module;
use burn::tensor::Device;
use dataset::{Batch, Feed, Feeding, Roster, Source};
use sha2::{Digest, Sha256};

use crate::checkpoint::{self, State};
use crate::error::file;
use crate::held_out::{HeldOut, Look};
use crate::learner::{Learner, MovingAverage, Step, Student};
use crate::log::{Log, whole};
use crate::{Error, Recipe};

/// The resolved recipe, in the folder of a run.
const RECIPE: &str = "recipe.toml";
/// How much of the smoothed loss is new at each step.
const SMOOTH: f64 = 0.02;
/// A smoothed loss so many times as large as in the beginning is no learning any more.
const DIVERGED: f64 = 5.0;
/// Steps before the smoothed loss is compared with the beginning.
const BEGINNING: u64 = 50;

/// Who watches a run.
pub trait Watch {
    /// The run begins, or goes on after some steps that are done, of so many in all; `pictures` is how many a step takes.
    fn begins(&mut self, done: u64, steps: u64, pictures: usize);
    /// Something that is to be known about the data.
    fn remark(&mut self, remark: &str);
    /// A step is done; `seconds` is how long it took.
    fn stepped(&mut self, step: &Step, seconds: f64);
    /// People who are held out were looked at.
    fn looked(&mut self, look: &Look);
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// Steps that were done.
    pub steps: u64,
    /// Seconds that they took, over all sittings.
    pub seconds: f64,
    /// The last look at people who are held out.
    pub look: Option<Look>,
    /// Whether it ended early because nothing got better.
    pub early: bool,
}

/// Follows a recipe, into a folder: begins, or goes on with what was begun there by the same recipe.
///
/// `base` is the folder that the paths of the recipe are relative to. The run is the same, to the last bit on a processor,
/// whether it was stopped on the way or not, and whatever the number of threads. Runs of one process wait for each other.
///
/// # Errors
/// [`Error::Diverged`] for a loss that is no number or grows beyond measure: the batch is then in the folder `diverged`, and
/// what was learned before is in the last checkpoint. [`Error::Recipe`] if the folder holds another run, or the data changed since. Those of the data.
pub fn train(
    recipe: &Recipe,
    base: &Path,
    folder: &Path,
    device: &Device,
    watch: &mut dyn Watch,
) -> Result<(Student, Trained), Error> {
    let refused = |reason: String| Error::Recipe { path: folder.join(RECIPE), reason };
    recipe.check().map_err(refused)?;
    // A device has one generator of random numbers for the whole process.
    static ONE: Mutex<()> = Mutex::new(());
    let _alone = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let split = recipe.data.split(base)?;
    split.training.remarks().iter().for_each(|remark| watch.remark(remark));
    let classes = split
        .training
        .classes()
        .ok_or_else(|| refused("[data] does not say who is in its pictures".into()))?;
    let roster = Roster::new(classes.of.clone());
    let (roster, people) = match &recipe.noise {
        Some(noise) => {
            let noisy = noise.apply(&roster).map_err(|reason| refused(format!("[noise] {reason}")))?;
            (noisy.roster, classes.names.len() - noisy.removed.len())
        }
        None => (roster, classes.names.len()),
    };
    let shape = recipe.backbone.input();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let feeding = Feeding {
        width: shape.width as u32,
        height: shape.height as u32,
        batch: recipe.run.batch,
        threads,
        ahead: 2 * recipe.run.accumulate,
        seed: recipe.seed,
        cache: recipe.run.cache << 20,
        ..Feeding::default()
    };
    let data = digest(&*split.training, &roster);
    let feed = Feed::new(split.training.clone(), roster, &recipe.sampler, &recipe.augmentation, feeding)?;
    let steps = recipe.run.steps_of(feed.epoch());
    let held_out = match &split.held_out {
        Some(source) => HeldOut::new(source, shape, threads)?,
        None => None,
    };
    if recipe.run.patience.is_some() && held_out.is_none() {
        return Err(refused(
            "[run] patience is for data with people who are held out: give hold_out".to_owned(),
        ));
    }
    keep(recipe, folder)?;
    let fresh = || Student::new(&recipe.backbone, &recipe.loss, people, device, recipe.seed);
    let mut learner = Learner::new(recipe, fresh(), device);
    let mut average = recipe.run.average.map(|keep| MovingAverage::new(fresh(), &learner.student(), keep));
    let begun = checkpoint::load(folder, &mut learner, average.as_mut(), fresh)?;
    let mut state = begun.unwrap_or_else(|| State { data: data.clone(), ..State::default() });
    if state.data != data {
        let reason = "[data] other pictures, or other people, than when the run began: take another folder, or the same \
                      data";
        return Err(refused(reason.to_owned()));
    }
    let mut log = Log::open(folder, state.step)?;
    watch.begins(state.step, steps, recipe.run.batch * recipe.run.accumulate);

    let mut batches = feed.batches(state.step * recipe.run.accumulate as u64)?;
    let is_early = |state: &State| recipe.run.patience.is_some_and(|patience| state.worse >= patience);
    let (mut look, mut early) = (None, is_early(&state));
    while state.step < steps && !early {
        let begun = Instant::now();
        let taken: Result<Vec<Batch>, dataset::Error> =
            batches.by_ref().take(recipe.run.accumulate).collect();
        let taken = taken?;
        let rate = recipe.optimizer.rate() * recipe.schedule.factor(state.step, steps);
        let step = learner.step(state.step, rate, &taken);
        if let Err(reason) = judge(&step, &mut state) {
            return Err(diverged(&step, reason, &taken, folder)?);
        }
        if let Some(average) = &mut average {
            average.update(&learner.student());
        }
        state.step += 1;
        let seconds = begun.elapsed().as_secs_f64();
        state.seconds += seconds;
        log.step(&step)?;
        watch.stepped(&step, seconds);
        if !state.step.is_multiple_of(recipe.run.checkpoint) && state.step < steps {
            continue;
        }
        if let Some(held_out) = &held_out {
            let student =
                average.as_ref().map_or_else(|| learner.student(), |average| average.student().clone());
            look = held_out.look(&student.backbone, &recipe.pixels, device, state.step);
            if let Some(look) = &look {
                log.look(look)?;
                watch.looked(look);
                compare(look, &mut state);
                early = is_early(&state);
            }
        }
        log.flush()?;
        checkpoint::save(folder, &learner, average.as_ref(), &state)?;
    }
    let student = average.map_or_else(|| learner.student(), |average| average.student().valid());
    Ok((student, Trained { steps: state.step, seconds: state.seconds, look, early }))
}

/// Keeps the resolved recipe in the folder of its run, or sees that the folder is of this one.
fn keep(recipe: &Recipe, folder: &Path) -> Result<(), Error> {
    let path = folder.join(RECIPE);
    let refused = |reason: String| Error::Recipe { path: path.clone(), reason };
    let text = toml::to_string(&recipe.resolved()).map_err(|error| refused(error.to_string()))?;
    match fs::read_to_string(&path) {
        Ok(old) if old == text => Ok(()),
        Ok(_) => Err(refused("is of another run: take another folder, or the same recipe".to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            fs::create_dir_all(folder).map_err(file(folder))?;
            whole(&path, &text)
        }
        Err(error) => Err(file(&path)(error)),
    }
}

/// Whether a run is still learning.
fn judge(step: &Step, state: &mut State) -> Result<(), String> {
    if !step.loss.is_finite() || !step.gradient.is_finite() {
        return Err(format!("is {}, its gradient {}", step.loss, step.gradient));
    }
    let loss = f64::from(step.loss);
    let [smooth, first] = state.loss.get_or_insert([loss, loss]);
    *smooth += SMOOTH * (loss - *smooth);
    if state.step < BEGINNING {
        *first = first.max(*smooth);
    } else if *smooth > DIVERGED * first.max(1.0) {
        return Err(format!("has grown to {smooth:.3} from at most {first:.3} in the beginning"));
    }
    Ok(())
}

/// Keeps the batch at which a run came to grief.
fn diverged(step: &Step, reason: String, batches: &[Batch], folder: &Path) -> Result<Error, Error> {
    let place = folder.join("diverged");
    fs::create_dir_all(&place).map_err(file(&place))?;
    let mut list = String::from("picture\tsample\tclass\n");
    for (number, ((image, index), label)) in batches
        .iter()
        .flat_map(|batch| batch.images.iter().zip(&batch.indices).zip(&batch.labels))
        .enumerate()
    {
        let name = format!("{number:04}.png");
        let bytes = imaging::encode_png(image)
            .map_err(|error| Error::Checkpoint { path: place.join(&name), reason: error.to_string() })?;
        fs::write(place.join(&name), bytes).map_err(file(&place))?;
        list += &format!("{name}\t{index}\t{label}\n");
    }
    let path = place.join("batch.tsv");
    fs::write(&path, list).map_err(file(&path))?;
    let parts: Vec<String> = step.parts.iter().map(|(name, value)| format!("{name} {value}")).collect();
    Ok(Error::Diverged { step: step.number, reason, parts: parts.join(", ") })
}

/// Whether people who are held out were told apart better than ever, or for how many looks they were not.
fn compare(look: &Look, state: &mut State) {
    if state.best.is_none_or(|best| look.eer < best) {
        (state.best, state.worse) = (Some(look.eer), 0);
    } else {
        state.worse += 1;
    }
}

/// A hash of what a source makes, as it says itself, and of who is in each sample.
fn digest(source: &dyn Source, roster: &Roster) -> String {
    let mut hash = Sha256::new();
    hash.update(source.recipe());
    for (sample, label) in roster.samples().iter().zip(roster.labels()) {
        hash.update(sample.to_le_bytes());
        hash.update(label.to_le_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
