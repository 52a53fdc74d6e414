//! A network, its loss and its optimiser: what a step of training changes.

use std::collections::HashMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::optim::{GradientsAccumulator, GradientsParams, ModuleOptimizer, OptimizerRecord};
use burn::tensor::{Device, Int, Tensor, TensorData};
use dataset::Batch;
use nets::backbones::Backbone;
use nets::losses::{Loss, LossConfig, Moment};

use crate::chance::drawn;
use crate::optimizer::of_axes;
use crate::{Pixels, Recipe};

/// What is trained: a backbone and its loss, which may hold a matrix of classes.
#[derive(Module, Debug)]
pub struct Student {
    /// From images to embeddings.
    pub backbone: Backbone,
    /// What is made smaller.
    pub loss: Loss,
}

impl Student {
    /// A network that has learned nothing. All that is random about it comes from the seed.
    pub(crate) fn new(recipe: &Recipe, people: usize, device: &Device) -> Self {
        let Recipe { backbone, loss, seed, .. } = recipe;
        device.seed(*seed);
        let dimension = backbone.dimension();
        Self { backbone: backbone.init(device), loss: loss.init(dimension, people, device) }.materialize()
    }
}

/// What a step found.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Number of the step, from 0.
    pub number: u64,
    /// The loss, the mean of the batch.
    pub loss: f32,
    /// What it is made of, and other numbers of the loss.
    pub parts: Vec<(&'static str, f32)>,
    /// Share of the batch whose own class is the likeliest; `None` for losses without classes.
    pub accuracy: Option<f32>,
    /// Length of the gradient of all parameters, before it was clipped.
    pub gradient: f32,
    /// Learning rate.
    pub rate: f64,
}

/// A student and its optimiser.
pub(crate) struct Learner {
    student: Student,
    optimizer: ModuleOptimizer,
    pixels: Pixels,
    device: Device,
    seed: u64,
    /// The gradient is made no longer than this.
    clip: Option<f64>,
}

impl Learner {
    /// A student at the beginning of a recipe.
    pub(crate) fn new(recipe: &Recipe, student: Student, device: &Device) -> Self {
        let partial = matches!(recipe.loss, LossConfig::PartialFc(_));
        let sampled = partial.then(|| of_axes(&student.loss, |axes| axes > 1));
        let optimizer = recipe.optimizer.init_sampled(&student, sampled);
        let Recipe { seed, pixels, ref run, .. } = *recipe;
        Self { student: student.train(), optimizer, pixels, device: device.clone(), seed, clip: run.clip }
    }

    /// Learns from some batches at once, whose gradients are added up. Each is normalised by itself, and what a loss keeps in
    /// mind (centres, running means) follows each.
    pub(crate) fn step(&mut self, number: u64, rate: f64, batches: &[Batch]) -> Step {
        // What is random within a step depends on the seed and its number alone, so a run that stopped goes on exactly.
        self.device.seed(drawn(self.seed, number));
        let training = self.device.clone().autodiff();
        let share = 1.0 / batches.len() as f32;
        let mut found = Step { number, loss: 0.0, parts: Vec::new(), accuracy: None, gradient: 0.0, rate };
        let mut sum = GradientsAccumulator::new();
        for (batch, at) in batches.iter().zip(0..) {
            let images = self.pixels.tensor(&batch.images, &training);
            let labels: Vec<i64> = batch.labels.iter().map(|&label| i64::from(label)).collect();
            let targets = Tensor::<1, Int>::from_data(TensorData::from(labels.as_slice()), &training);
            let moment = Moment { step: number, seed: drawn(self.seed, at) };
            let embeddings = self.student.backbone.forward(images);
            let outcome = self.student.loss.forward(embeddings, targets.clone(), moment);
            found.loss += share * number_of(outcome.loss.clone());
            for (at, (name, part)) in outcome.parts.into_iter().enumerate() {
                if found.parts.len() == at {
                    found.parts.push((name, 0.0));
                }
                found.parts[at].1 += share * number_of(part);
            }
            if let Some(cosines) = outcome.cosines {
                let right = cosines.argmax(1).flatten::<1>(0, 1).equal(targets).float().mean();
                *found.accuracy.get_or_insert(0.0) += share * number_of(right);
            }
            let gradients = outcome.loss.mul_scalar(share).backward();
            sum.accumulate(&self.student, GradientsParams::from_grads(gradients, &self.student));
        }
        let mut gradients = sum.grads();
        found.gradient = length(&self.student, &gradients);
        if let Some(most) = self.clip.filter(|&most| f64::from(found.gradient) > most) {
            let scale = most / f64::from(found.gradient);
            gradients = scaled(&self.student, gradients, scale);
        }
        // A step along a gradient that is no number would lose all that was learned.
        if found.loss.is_finite() && found.gradient.is_finite() {
            self.student = self.optimizer.step(rate, self.student.clone(), gradients);
        }
        found
    }

    /// The student as it is used after training: it normalises by what it has seen.
    pub(crate) fn student(&self) -> Student {
        self.student.valid()
    }

    pub(crate) fn optimizer(&self) -> &ModuleOptimizer {
        &self.optimizer
    }

    /// Where another learner of the recipe was.
    pub(crate) fn restored(
        recipe: &Recipe,
        student: Student,
        optimizer: OptimizerRecord,
        device: &Device,
    ) -> Self {
        // The groups of an optimiser know parameters by their names, which are those of the record now.
        let learner = Self::new(recipe, student, device);
        Self { optimizer: learner.optimizer.load_record(optimizer), ..learner }
    }
}

fn number_of(tensor: Tensor<1>) -> f32 {
    tensor.into_scalar()
}

/// The length of the gradient of all parameters.
fn length(module: &impl Module, gradients: &GradientsParams) -> f32 {
    struct Length<'a> {
        gradients: &'a GradientsParams,
        square: f64,
    }
    impl ModuleVisitor for Length<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.gradients.get::<D>(param.id) {
                let square: f32 = gradient.square().sum().into_scalar();
                self.square += f64::from(square);
            }
        }
    }
    let mut length = Length { gradients, square: 0.0 };
    module.visit(&mut length);
    length.square.sqrt() as f32
}

/// Gradients times a number.
fn scaled(module: &impl Module, gradients: GradientsParams, scale: f64) -> GradientsParams {
    struct Scaled {
        gradients: GradientsParams,
        scale: f64,
        scaled: GradientsParams,
    }
    impl ModuleVisitor for Scaled {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.gradients.remove::<D>(param.id) {
                self.scaled.register(param.id, gradient.mul_scalar(self.scale));
            }
        }
    }
    let mut visitor = Scaled { gradients, scale, scaled: GradientsParams::new() };
    module.visit(&mut visitor);
    visitor.scaled
}

/// A mean of a network over its steps: each step it comes nearer to what the network is.
pub(crate) struct MovingAverage {
    student: Student,
    /// Part of the mean that stays at each step.
    keep: f64,
}

impl MovingAverage {
    /// Begins at what the network is. `apart` is another of the same kind, whose place it takes: clones of a network share
    /// their running statistics.
    pub(crate) fn new(apart: Student, student: &Student, keep: f64) -> Self {
        Self { student: apart.load_record(student.clone().into_record()), keep }
    }

    /// Goes on at what it was.
    pub(crate) fn restore(&mut self, student: Student) {
        self.student = student;
    }

    /// One step nearer to what the network is.
    pub(crate) fn update(&mut self, student: &Student) {
        struct Values(HashMap<ParamId, TensorData>);
        impl ModuleVisitor for Values {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                self.0.insert(param.id, param.val().into_data());
            }
        }
        struct Nearer<'a> {
            values: HashMap<ParamId, TensorData>,
            keep: &'a f64,
        }
        impl ModuleMapper for Nearer<'_> {
            fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
                let Some(new) = self.values.remove(&param.id) else { return param };
                param.map(|mean| {
                    let new = Tensor::from_data(new, &mean.device());
                    // A weight that does not move stays what it is, to the last bit.
                    mean.clone() + (new - mean).mul_scalar(1.0 - self.keep)
                })
            }
        }
        let mut values = Values(HashMap::new());
        student.visit(&mut values);
        self.student = self.student.clone().map(&mut Nearer { values: values.0, keep: &self.keep });
    }

    pub(crate) fn student(&self) -> &Student {
        &self.student
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use burn::module::ParamGroup;
    use burn::tensor::Shape;

    use super::*;

    fn recipe(loss: &str) -> Recipe {
        let text = format!(
            "seed = 1\nloss = {loss}\n[run]\nsteps = 1\nbatch = 2\n[data]\nkind = 'folders'\npath = 'photos'\n\
             [backbone]\nkind = 'mobilefacenet'\ninput = [28, 28]\nwidth = 0.125\ndimension = 8\n"
        );
        Recipe::parse(&text, Path::new("r.toml")).unwrap()
    }

    /// All values of a network.
    fn values(student: &Student) -> Vec<u32> {
        struct Values(Vec<u32>);
        impl ModuleVisitor for Values {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                self.0.extend(param.val().into_data().iter::<f32>().map(f32::to_bits));
            }
        }
        let mut values = Values(Vec::new());
        student.visit(&mut values);
        values.0
    }

    #[test]
    fn the_mean_of_what_stays_is_what_stays() {
        let recipe = recipe("{ kind = 'cosface' }");
        let fresh = || Student::new(&recipe, 5, &Device::flex());
        let student = fresh();
        let mut average = MovingAverage::new(fresh(), &student, 0.9999);
        (0..50).for_each(|_| average.update(&student));
        assert!(values(average.student()) == values(&student));
        // And it comes nearer to what does not: half of the way, and half of what is left.
        let zeros = student.clone().map(&mut Zeros);
        let mut average = MovingAverage::new(fresh(), &student, 0.5);
        (0..2).for_each(|_| average.update(&zeros));
        let quarters = values(average.student()).into_iter().zip(values(&student));
        assert!(
            quarters.into_iter().all(|(mean, whole)| f32::from_bits(mean) == 0.25 * f32::from_bits(whole))
        );
    }

    struct Zeros;

    impl ModuleMapper for Zeros {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            param.map(|tensor| tensor.zeros_like())
        }
    }

    #[test]
    fn the_matrix_of_classes_alone_is_sampled() {
        let recipe =
            recipe("{ kind = 'partial-fc', rate = 0.5, head = { kind = 'normface', learn_scale = true } }");
        let student = Student::new(&recipe, 6, &Device::flex());
        struct Shapes(ParamGroup, Vec<Shape>);
        impl ModuleVisitor for Shapes {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                if self.0.matches(&param.id, None) {
                    self.1.push(param.val().shape());
                }
            }
        }
        let mut shapes = Shapes(of_axes(&student.loss, |axes| axes > 1), Vec::new());
        student.visit(&mut shapes);
        assert_eq!(shapes.1.len(), 1, "{:?}", shapes.1);
        assert_eq!(shapes.1[0].num_elements(), 6 * 8);
    }
}
