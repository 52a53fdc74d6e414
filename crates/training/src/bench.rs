//! How fast networks are trained and used on this machine, and the memory that they need.
//!
//! The pictures are random, so nothing is read and nothing is learned; what is computed does not depend on what is in them.
//! A step is what a run does with a batch once it is there: forward, backward, optimiser.

use std::time::Instant;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Distribution, Tensor};
use dataset::Batch;
use imaging::Image;
use nets::backbones::{
    Activation, BackboneConfig, IResNetConfig, MobileFaceNetConfig, Shape, SphereFaceConfig,
};

use crate::learner::{Learner, Student};
use crate::{Device, Error, OptimizerConfig, Recipe, memory};

/// Steps before those that are measured: the first ones wait for memory.
pub const WARM_UP: usize = 2;
/// Names of the networks that `tools/training_speed.py` measures in PyTorch in the same way.
pub const PUBLISHED: [&str; 4] =
    ["mobilefacenet-prelu", "mobilefacenet-relu6", "sphereface-10-half", "iresnet-18"];
/// Pictures of a batch of the networks that are no recipe's.
const BATCH: usize = 32;
/// The rate of a recipe is made so much smaller: it costs the same, and random pictures do not make the loss diverge.
const SMALLER: f64 = 1e-3;

/// What is measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Contender {
    /// What it is called.
    pub name: String,
    /// Pictures of a batch, at least 2.
    pub batch: usize,
    work: Work,
}

#[derive(Clone, Debug, PartialEq)]
enum Work {
    /// A network alone: the loss is the mean of the squares of what it makes, the optimiser SGD with momentum.
    Alone(BackboneConfig),
    /// All that a recipe has but its data, with so many people to tell apart.
    Recipe(Box<Recipe>, usize),
}

/// How long the steps of one kind took.
#[derive(Clone, Debug, PartialEq)]
pub struct Pace {
    /// Pictures of a step.
    pub batch: usize,
    /// Of each step, in their order; there is at least one.
    pub seconds: Vec<f64>,
    /// The most memory that the process had meanwhile, in bytes, with what it had before and what was freed but not given
    /// back; `None` where the system does not tell.
    pub peak: Option<u64>,
}

/// What was measured of a [`Contender`].
#[derive(Clone, Debug, PartialEq)]
pub struct Speed {
    /// Forward alone, as it is used after training.
    pub forward: Pace,
    /// Forward, backward, and a step of the optimiser.
    pub training: Pace,
}

impl Pace {
    /// Pictures a second of the fastest step.
    pub fn best(&self) -> f64 {
        self.rate(self.seconds.iter().copied().fold(f64::INFINITY, f64::min))
    }

    /// Pictures a second of the middle step, or of the mean of the two in the middle.
    pub fn median(&self) -> f64 {
        let mut sorted = self.seconds.clone();
        sorted.sort_by(f64::total_cmp);
        let upper = sorted.len() / 2;
        let lower = sorted.len().saturating_sub(1) / 2;
        self.rate(sorted[lower..=upper].iter().sum::<f64>() / (upper - lower + 1) as f64)
    }

    fn rate(&self, seconds: f64) -> f64 {
        self.batch as f64 / seconds
    }
}

impl Contender {
    /// The [`PUBLISHED`] networks in that order, with batches of 32.
    pub fn published() -> [Self; 4] {
        let named =
            |name: &str, backbone| Self { name: name.to_owned(), batch: BATCH, work: Work::Alone(backbone) };
        let mobilefacenet = |activation| {
            BackboneConfig::MobileFaceNet(MobileFaceNetConfig { activation, ..Default::default() })
        };
        let sphereface = SphereFaceConfig { depth: 10, width: 0.5, ..Default::default() };
        let iresnet = IResNetConfig { depth: 18, ..Default::default() };
        let [with_prelu, with_relu6, half, residual] = PUBLISHED;
        [
            named(with_prelu, mobilefacenet(Activation::Prelu)),
            named(with_relu6, mobilefacenet(Activation::Relu6)),
            named(half, BackboneConfig::SphereFace(sphereface)),
            named(residual, BackboneConfig::IResNet(iresnet)),
        ]
    }

    /// What a recipe trains, with its pixels, backbone, loss and optimiser, in its batches, if it had so many people. Each of
    /// them that comes up has two pictures of a batch. A moving average of the weights and the making of pictures are not
    /// measured.
    pub fn of(name: impl Into<String>, recipe: &Recipe, people: usize) -> Self {
        let work = Work::Recipe(Box::new(recipe.clone()), people.max(1));
        Self { name: name.into(), batch: recipe.run.batch, work }
    }

    /// What the network is given.
    pub fn input(&self) -> Shape {
        match &self.work {
            Work::Alone(backbone) => backbone.input(),
            Work::Recipe(recipe, _) => recipe.backbone.input(),
        }
    }

    /// Measures so many steps, at least one, of each kind after those for [warm-up](WARM_UP), with pictures by the seed.
    /// `stepped` is told of each step.
    ///
    /// It computes on the threads of Rayon's pool, as training does.
    ///
    /// # Errors
    /// [`Error::Diverged`] if the loss became no number: the optimiser was then left out of some of the steps.
    pub fn measure(
        &self,
        steps: usize,
        seed: u64,
        device: &Device,
        stepped: &mut dyn FnMut(),
    ) -> Result<Speed, Error> {
        match &self.work {
            Work::Alone(backbone) => self.alone(backbone, steps, seed, device, stepped),
            Work::Recipe(recipe, people) => self.recipe(recipe, *people, steps, seed, device, stepped),
        }
    }

    fn alone(
        &self,
        backbone: &BackboneConfig,
        steps: usize,
        seed: u64,
        device: &Device,
        stepped: &mut dyn FnMut(),
    ) -> Result<Speed, Error> {
        device.seed(seed);
        let net = backbone.init(device).materialize();
        let Shape { channels, height, width } = backbone.input();
        let normal = Distribution::Normal(0.0, 1.0);
        let images = Tensor::<4>::random([self.batch, channels, height, width], normal, device);
        let forward = self.pace(steps, stepped, |_| {
            net.forward(images.clone()).into_data();
            Ok(())
        })?;
        let optimizer = OptimizerConfig::default();
        let mut optimizer = optimizer.init(&net);
        let images = Tensor::from_data(images.into_data(), &device.clone().autodiff());
        let mut training = Some(net.train());
        let training = self.pace(steps, stepped, |number| {
            let Some(net) = training.take() else { return Ok(()) };
            let loss = net.forward(images.clone()).square().mean();
            let gradients = GradientsParams::from_grads(loss.backward(), &net);
            training = Some(optimizer.step(1e-3, net, gradients));
            finite(number, loss.into_scalar())
        })?;
        Ok(Speed { forward, training })
    }

    fn recipe(
        &self,
        recipe: &Recipe,
        people: usize,
        steps: usize,
        seed: u64,
        device: &Device,
        stepped: &mut dyn FnMut(),
    ) -> Result<Speed, Error> {
        let student = Student::new(&Recipe { seed, ..recipe.clone() }, people, device);
        let batch = self.batch_of(recipe.backbone.input(), people, device);
        let forward = self.pace(steps, stepped, |_| {
            student.backbone.forward(recipe.pixels.tensor(&batch.images, device)).into_data();
            Ok(())
        })?;
        let mut learner = Learner::new(recipe, student, device);
        let rate = SMALLER * recipe.optimizer.rate();
        let batch = [batch];
        let training = self.pace(steps, stepped, |number| {
            let step = learner.step(number, rate, &batch);
            finite(number, if step.gradient.is_finite() { step.loss } else { step.gradient })
        })?;
        Ok(Speed { forward, training })
    }

    /// Random pictures of people who have two each.
    fn batch_of(&self, shape: Shape, people: usize, device: &Device) -> Batch {
        let (width, height) = (shape.width as u32, shape.height as u32);
        let image = |_| {
            let values = Tensor::<1>::random(
                [3 * shape.height * shape.width],
                Distribution::Uniform(0.0, 256.0),
                device,
            );
            let pixels = values.into_data().iter::<f32>().map(|value| value as u8).collect();
            Image::from_rgb(width, height, pixels).unwrap_or_else(|| Image::new(width, height))
        };
        Batch {
            number: 0,
            epoch: 0,
            indices: (0..self.batch as u64).collect(),
            labels: (0..self.batch).map(|picture| (picture / 2 % people) as u32).collect(),
            images: (0..self.batch).map(image).collect(),
            clean: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Steps for warm-up, then those that are measured.
    fn pace(
        &self,
        steps: usize,
        stepped: &mut dyn FnMut(),
        mut step: impl FnMut(u64) -> Result<(), Error>,
    ) -> Result<Pace, Error> {
        let is_reset = memory::forget_peak();
        let mut seconds = Vec::new();
        for number in 0..WARM_UP + steps.max(1) {
            let begun = Instant::now();
            step(number as u64)?;
            if number >= WARM_UP {
                // A clock may be too coarse for a very small network.
                seconds.push(begun.elapsed().as_secs_f64().max(1e-9));
            }
            stepped();
        }
        Ok(Pace { batch: self.batch, seconds, peak: is_reset.then(memory::peak).flatten() })
    }
}

fn finite(step: u64, loss: f32) -> Result<(), Error> {
    if loss.is_finite() {
        return Ok(());
    }
    let reason = format!(
        "[loss] random pictures make the loss or its gradient {loss} at step {step}, though the rate is next to nothing"
    );
    Err(Error::Refused { reason })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_recipe_is_measured_step_by_step() {
        let text = "seed = 3\ndata = { kind = 'folders', path = 'nowhere' }\nrun = { epochs = 2, batch = 8 }\n\
                    [backbone]\nkind = 'mobilefacenet'\ninput = [28, 28]\nwidth = 0.125\ndimension = 16\n\
                    [loss]\nkind = 'cosface'\n";
        let recipe = Recipe::parse(text, Path::new("r.toml")).unwrap();
        for batch in [8, 3] {
            let contender = Contender { batch, ..Contender::of("tiny", &recipe, 3) };
            let mut told = 0;
            let speed = contender.measure(3, 1, &Device::flex(), &mut || told += 1).unwrap();
            assert_eq!(told, 2 * (WARM_UP + 3));
            for pace in [&speed.forward, &speed.training] {
                assert_eq!((pace.batch, pace.seconds.len()), (batch, 3));
                assert!(pace.best() >= pace.median() && pace.median() > 0.0);
                // A process of a megabyte, or one of a terabyte, would have been read wrongly.
                let is_known = |peak: u64| (1 << 20..1 << 40).contains(&peak);
                assert_eq!(pace.peak.map(is_known), cfg!(target_os = "linux").then_some(true));
            }
        }
        let batch = Contender::of("tiny", &recipe, 3).batch_of(recipe.backbone.input(), 3, &Device::flex());
        assert_eq!(batch.labels, [0, 0, 1, 1, 2, 2, 0, 0]);
        assert!(batch.images[0] != batch.images[1]);
    }

    #[test]
    fn published_networks_can_be_made() {
        let names = Contender::published().map(|contender| {
            let Work::Alone(backbone) = &contender.work else { unreachable!() };
            backbone.check().unwrap();
            let Shape { height, width, .. } = contender.input();
            format!("{} {height}x{width}", contender.name)
        });
        let expected =
            ["mobilefacenet-prelu 112x112", "mobilefacenet-relu6 112x112", "sphereface-10-half 112x96"];
        assert_eq!(names[..3], expected);
        assert_eq!(names[3], "iresnet-18 112x112");
    }

    #[test]
    fn a_network_alone_is_measured() {
        let tiny = MobileFaceNetConfig { input: [32, 32], width: 0.125, dimension: 16, ..Default::default() };
        let work = Work::Alone(BackboneConfig::MobileFaceNet(tiny));
        let contender = Contender { name: "tiny".to_owned(), batch: 2, work };
        let speed = contender.measure(1, 1, &Device::flex(), &mut || ()).unwrap();
        assert_eq!((speed.forward.seconds.len(), speed.training.seconds.len()), (1, 1));
    }

    #[test]
    fn the_median_is_the_middle_step() {
        let pace = |seconds: &[f64]| Pace { batch: 6, seconds: seconds.to_vec(), peak: None };
        assert_eq!((pace(&[3.0, 1.0, 2.0]).median(), pace(&[3.0, 1.0, 2.0]).best()), (3.0, 6.0));
        assert_eq!((pace(&[1.0, 5.0, 2.0, 4.0]).median(), pace(&[2.0]).median()), (2.0, 3.0));
    }
}
