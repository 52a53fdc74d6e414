//! Networks that learn from each other, each by an optimiser of its own, and pictures that are changed against a network.

use burn::module::{Module, ModuleVisitor, Param};
use burn::nn::{Linear, LinearConfig};
use burn::optim::GradientsParams;
use burn::tensor::activation::softplus;
use burn::tensor::{Device, Int, Tensor, TensorData};
use nets::backbones::BackboneConfig;
use nets::layers::relu;
use nets::losses::{LossConfig, Moment};
use omote_training::OptimizerConfig;

fn device() -> Device {
    Device::flex().autodiff()
}

/// Numbers that look random, from -1 to 1.
fn random<const D: usize>(sides: [usize; D], seed: u64) -> Tensor<D> {
    let mut random = fastrand::Rng::with_seed(seed);
    let values: Vec<f32> = (0..sides.iter().product()).map(|_| random.f32() * 2.0 - 1.0).collect();
    Tensor::from_data(TensorData::new(values, sides), &device())
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

/// All values of a network.
fn weights(net: &impl Module) -> Vec<f32> {
    struct Values(Vec<f32>);
    impl ModuleVisitor for Values {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.extend(values(param.val()));
        }
    }
    let mut found = Values(Vec::new());
    net.visit(&mut found);
    found.0
}

/// Two layers.
#[derive(Module, Debug)]
struct Small {
    first: Linear,
    last: Linear,
}

impl Small {
    fn new(of: usize, to: usize) -> Self {
        let layer = |of, to| LinearConfig::new(of, to).init(&device());
        Self { first: layer(of, 32), last: layer(32, to) }
    }

    fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        self.last.forward(relu(self.first.forward(input)))
    }
}

/// A generator learns where points lie that it never sees, from an adversary who tells them from its own.
#[test]
fn two_networks_learn_from_each_other() {
    device().seed(5);
    let (mut generator, mut adversary) = (Small::new(2, 2), Small::new(2, 1));
    let adam: OptimizerConfig =
        toml::from_str("kind = 'adamw'\nrate = 0.004\nbetas = [0.5, 0.9]\ndecay = 0.0").unwrap();
    let (mut of_generator, mut of_adversary) = (adam.init(&generator), adam.init(&adversary));
    let place = |points: Tensor<2>| {
        let mean = values(points.mean_dim(0));
        [mean[0], mean[1]]
    };
    let begun = place(generator.forward(random([256, 2], 1)));
    let mut places = Vec::new();
    for step in 0..600 {
        let real =
            random([64, 2], 10_000 + step).mul_scalar(0.5) + Tensor::from_floats([[2.0, -1.0]], &device());
        let noise = || random([64, 2], step);
        let before = (weights(&generator), weights(&adversary));
        // -log s(D(real)) - log(1 - s(D(fake))), which is of the adversary alone.
        let fake = generator.forward(noise()).detach();
        let told = softplus(-adversary.forward(real), 1.0) + softplus(adversary.forward(fake), 1.0);
        let gradients = GradientsParams::from_grads(told.mean().backward(), &adversary);
        adversary = of_adversary.step(adam.rate(), adversary, gradients);
        let between = weights(&adversary);
        assert!(between != before.1 && weights(&generator) == before.0, "step {step}");
        // -log s(D(fake)): through the adversary, and of the generator alone.
        let fooled = softplus(-adversary.forward(generator.forward(noise())), 1.0);
        let gradients = GradientsParams::from_grads(fooled.mean().backward(), &generator);
        generator = of_generator.step(adam.rate(), generator, gradients);
        assert!(weights(&generator) != before.0 && weights(&adversary) == between, "step {step}");
        if step >= 400 {
            places.push(place(generator.forward(random([256, 2], 1))));
        }
    }
    let found = [0, 1].map(|axis| places.iter().map(|place| place[axis]).sum::<f32>() / places.len() as f32);
    let off = |at: [f32; 2]| (at[0] - 2.0).hypot(at[1] + 1.0);
    assert!(off(begun) > 1.5 && off(found) < 0.3, "from {begun:?} to {found:?}");
}

/// The sign of the gradient is the direction that harms most of all changes of one size (Goodfellow et al. 2015).
#[test]
fn pictures_have_gradients_through_network_and_loss() {
    let device = device();
    device.seed(7);
    let network = "kind = 'mobilefacenet'\ninput = [28, 28]\nwidth = 0.125\ndimension = 16";
    let network = toml::from_str::<BackboneConfig>(network).unwrap().init(&device);
    let loss = "kind = 'cosface'\nscale = 16\nmargin = 0.1";
    let loss = toml::from_str::<LossConfig>(loss).unwrap().init(16, 5, &device);
    let of = |images: Tensor<4>| {
        let targets = Tensor::<1, Int>::from_ints([0, 3, 4], &device);
        loss.forward(network.forward(images), targets, Moment { step: 0, seed: 1 }).loss
    };
    let images = random([3, 3, 28, 28], 2).require_grad();
    let harm = of(images.clone());
    let gradient = Tensor::from_inner(images.grad(&harm.backward()).expect("a gradient of the pictures"));
    let number = |tensor: Tensor<1>| tensor.into_scalar::<f32>();
    let moved = |by: Tensor<4>| number(of(images.clone().detach() + by));
    // By a step that is small, as much as the gradient says.
    let step = 1e-5;
    let direction = gradient.clone().sign();
    let slope = (moved(direction.clone().mul_scalar(step)) - moved(direction.clone().mul_scalar(-step)))
        / (2.0 * step);
    let expected = number(gradient.abs().sum());
    assert!((slope - expected).abs() < 0.03 * expected, "{slope} {expected}");
    // And by one that is not, more than in any direction of chance.
    let by_chance = (0..20).map(|seed| moved(random([3, 3, 28, 28], 50 + seed).sign().mul_scalar(1e-3)));
    let most = by_chance.fold(f32::MIN, f32::max);
    assert!(moved(direction.mul_scalar(1e-3)) > most.max(number(harm)), "{most}");
}
