//! The loop of training.

use std::fs;
use std::path::Path;
use std::time::Instant;

use burn::module::Module;
use burn::tensor::Device;
use dataset::{Batch, Feed};
use nets::losses::LossConfig;

use crate::chance::alone;
use crate::checkpoint::{self, State};
use crate::curves::Curves;
use crate::error::file;
use crate::folder::{self, Place};
use crate::held_out::{HeldOut, Look, embed};
use crate::learner::{Learner, MovingAverage, Step, Student};
use crate::log::Log;
use crate::material::Material;
use crate::{Error, Recipe};

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
    /// Something that is to be known about the data or the recipe.
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
/// The run is the same, to the last bit on a processor, whether it was stopped on the way or not, and whatever the number of
/// threads. Runs of one process wait for each other.
///
/// # Errors
/// [`Error::Diverged`] for a loss that is no number or grows beyond measure: the batch is then in the folder `diverged`, and
/// what was learned before is in the last two checkpoints. [`Error::Refused`] if the recipe and its data do not go together;
/// [`Error::Recipe`] if the folder holds another run; [`Error::Checkpoint`] if the data changed since. Those of the data.
pub fn train(
    recipe: &Recipe,
    place: Place<'_>,
    device: &Device,
    watch: &mut dyn Watch,
) -> Result<(Student, Trained), Error> {
    recipe.check().map_err(|reason| Error::Refused { reason })?;
    let _alone = alone();
    let material = Material::of(recipe, place.base)?;
    material.remarks.iter().for_each(|remark| watch.remark(remark));
    weighed(&recipe.loss).iter().for_each(|remark| watch.remark(remark));
    let _lock = folder::begin(recipe, place)?;
    let steps = recipe.run.steps_of(material.pictures);
    let mut running = Running::of(recipe, &material, place.folder, device)?;
    let mut batches = material.feed.batches(running.state.step * recipe.run.accumulate as u64)?;
    watch.begins(running.state.step, steps, recipe.run.batch * recipe.run.accumulate);
    while running.state.step < steps && !running.is_early() {
        let begun = Instant::now();
        let taken: Result<Vec<Batch>, dataset::Error> =
            batches.by_ref().take(recipe.run.accumulate).collect();
        let rate = recipe.optimizer.rate() * recipe.schedule.factor(running.state.step, steps);
        let taken = taken?;
        let step = running.step(&taken, rate, &material.feed)?;
        let seconds = begun.elapsed().as_secs_f64();
        running.state.seconds += seconds;
        watch.stepped(&step, seconds);
        if running.state.step.is_multiple_of(recipe.run.checkpoint) || running.state.step == steps {
            if let Some(held_out) = &material.held_out {
                let look = running.look(held_out)?;
                let Some(look) = look else {
                    let reason = "what the network makes of people who are held out is no number".to_owned();
                    return Err(running.diverged(&step, reason, &taken, &material.feed)?);
                };
                watch.looked(&look);
            }
            running.keep()?;
        }
    }
    let trained = Trained {
        steps: running.state.step,
        seconds: running.state.seconds,
        look: running.state.look,
        early: running.is_early(),
    };
    Ok((running.student(), trained))
}

/// What is to be known of the weights of a loss.
fn weighed(loss: &LossConfig) -> Option<String> {
    let loss = match loss {
        LossConfig::PartialFc(partial) => &partial.head,
        loss => loss,
    };
    let LossConfig::MagFace(magface) = loss else { return None };
    (magface.norm_weight < magface.least_weight()).then(|| {
        format!(
            "[loss] norm_weight {} is below {:.2}, from which on every face has one best length between the bounds",
            magface.norm_weight,
            magface.least_weight()
        )
    })
}

/// A run on its way.
struct Running<'a> {
    recipe: &'a Recipe,
    folder: &'a Path,
    device: &'a Device,
    learner: Learner,
    average: Option<MovingAverage>,
    state: State,
    log: Log,
    curves: Curves,
}

impl<'a> Running<'a> {
    /// At the beginning, or where the last checkpoint was made.
    fn of(
        recipe: &'a Recipe,
        material: &Material,
        folder: &'a Path,
        device: &'a Device,
    ) -> Result<Self, Error> {
        let fresh = || Student::new(recipe, material.people, device);
        let learner = Learner::new(recipe, fresh(), device);
        let mut average =
            recipe.run.average.map(|keep| MovingAverage::new(fresh(), &learner.student(), keep));
        let begun = checkpoint::load(folder, recipe, device, average.as_mut(), fresh)?;
        let (learner, state) = begun.unwrap_or_else(|| {
            let state = State {
                data: material.digest.clone(),
                pictures: material.pictures,
                people: material.people as u64,
                ..State::default()
            };
            (learner, state)
        });
        if state.data != material.digest {
            return Err(checkpoint::other_data(folder));
        }
        let log = Log::open(folder, state.step)?;
        let curves = Curves::open(folder)?;
        Ok(Self { recipe, folder, device, learner, average, state, log, curves })
    }

    fn step(&mut self, batches: &[Batch], rate: f64, feed: &Feed) -> Result<Step, Error> {
        let step = self.learner.step(self.state.step, rate, batches);
        if let Err(reason) = judge(&step, &mut self.state) {
            return Err(self.diverged(&step, reason, batches, feed)?);
        }
        if let Some(average) = &mut self.average {
            average.update(&self.learner.student());
        }
        self.state.step += 1;
        self.log.step(&step)?;
        Ok(step)
    }

    /// Looks at people who are held out; `None` if what the network makes of them is no number.
    fn look(&mut self, held_out: &HeldOut) -> Result<Option<Look>, Error> {
        let backbone = self.student().backbone;
        let vectors = embed(&backbone, &self.recipe.pixels, held_out.images(), self.device);
        let look = held_out.look(&vectors, self.state.step);
        if let Some(look) = &look {
            self.log.look(look)?;
            compare(look, &mut self.state);
        }
        Ok(look)
    }

    /// Makes a checkpoint.
    fn keep(&mut self) -> Result<(), Error> {
        self.log.flush()?;
        checkpoint::save(self.folder, &self.learner, self.average.as_ref(), &self.state)?;
        self.curves.draw()
    }

    /// Keeps the batch at which the run came to grief.
    fn diverged(&self, step: &Step, reason: String, batches: &[Batch], feed: &Feed) -> Result<Error, Error> {
        let place = self.folder.join("diverged");
        fs::create_dir_all(&place).map_err(file(&place))?;
        let mut list = String::from("picture\tsample\tclass\n");
        for (number, ((image, &entry), label)) in batches
            .iter()
            .flat_map(|batch| batch.images.iter().zip(&batch.indices).zip(&batch.labels))
            .enumerate()
        {
            let name = format!("{number:04}.png");
            let path = place.join(&name);
            let bytes =
                imaging::encode_png(image).map_err(|error| file(&path)(std::io::Error::other(error)))?;
            fs::write(&path, bytes).map_err(file(&path))?;
            list += &format!("{name}\t{}\t{label}\n", feed.sample(entry));
        }
        let path = place.join("batch.tsv");
        fs::write(&path, list).map_err(file(&path))?;
        let parts: Vec<String> = step.parts.iter().map(|(name, value)| format!("{name} {value}")).collect();
        Ok(Error::Diverged { step: step.number, reason, parts: parts.join(", ") })
    }

    /// What is kept in the end: the mean of the weights, where the recipe asks for one.
    fn student(&self) -> Student {
        match &self.average {
            Some(average) => average.student().valid(),
            None => self.learner.student(),
        }
    }

    /// Whether nothing got better for too long.
    fn is_early(&self) -> bool {
        self.recipe.run.patience.is_some_and(|patience| self.state.worse >= patience)
    }
}

/// Whether a run is still learning.
fn judge(step: &Step, state: &mut State) -> Result<(), String> {
    if !step.loss.is_finite() || !step.gradient.is_finite() {
        return Err(format!("the loss is {}, its gradient {}", step.loss, step.gradient));
    }
    let loss = f64::from(step.loss);
    let [smooth, first] = state.loss.get_or_insert([loss, loss]);
    *smooth += SMOOTH * (loss - *smooth);
    if state.step < BEGINNING {
        *first = first.max(*smooth);
    } else if *smooth > DIVERGED * first.max(1.0) {
        return Err(format!("the loss has grown to {smooth:.3} from at most {first:.3} in the beginning"));
    }
    Ok(())
}

/// Whether people who are held out were told apart better than ever, or for how many looks they were not.
fn compare(look: &Look, state: &mut State) {
    state.look = Some(*look);
    if state.best.is_none_or(|best| look.eer < best) {
        (state.best, state.worse) = (Some(look.eer), 0);
    } else {
        state.worse += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_penalty_that_is_too_weak_is_remarked() {
        let loss = |text: &str| toml::from_str::<LossConfig>(text).unwrap();
        // The published weight, of which the paper itself says that it is enough.
        let said = weighed(&loss("kind = 'magface'\nnorm_weight = 20.0")).unwrap();
        assert!(said.contains("20") && said.contains("22.59"), "{said}");
        let within = weighed(&loss("kind = 'partial-fc'\nhead = { kind = 'magface', norm_weight = 20.0 }"));
        assert_eq!(within, Some(said));
        assert_eq!(weighed(&loss("kind = 'magface'\nnorm_weight = 23.0")), None);
        assert_eq!(weighed(&loss("kind = 'cosface'")), None);
    }
}
