//! Optimisers, and which parameters decay.

use burn::module::{Module, ModuleVisitor, Param, ParamGroup, ParamId};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamWConfig, ModuleOptimizer, SgdConfig, decay::WeightDecayConfig};
use burn::tensor::Tensor;
use nets::losses::SampledSgd;
use serde::{Deserialize, Serialize};

/// The section `[optimizer]` of a recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum OptimizerConfig {
    /// Stochastic gradient descent with momentum, as in PyTorch: `v <- momentum v + g + decay w`, `w <- w - rate v`.
    Sgd {
        /// Learning rate, before the schedule's factor.
        rate: f64,
        /// Part of the velocity that stays.
        #[serde(default = "momentum")]
        momentum: f64,
        /// Weight decay, added to the gradient.
        #[serde(default = "decay")]
        decay: f64,
        /// Which parameters decay.
        #[serde(default)]
        decays: Decays,
    },
    /// Adam with decoupled weight decay.
    AdamW {
        /// Learning rate, before the schedule's factor.
        rate: f64,
        /// How long the mean and the square of gradients are remembered.
        #[serde(default = "betas")]
        betas: [f32; 2],
        /// Weight decay, times the rate.
        #[serde(default = "decay")]
        decay: f64,
        /// Which parameters decay.
        #[serde(default)]
        decays: Decays,
    },
}

/// Which parameters decay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decays {
    /// All, as most published recipes have it.
    #[default]
    All,
    /// Filters and matrices; neither biases nor slopes nor what belongs to normalisation.
    Matrices,
}

fn momentum() -> f64 {
    0.9
}

fn decay() -> f64 {
    5e-4
}

fn betas() -> [f32; 2] {
    [0.9, 0.999]
}

impl Default for OptimizerConfig {
    fn default() -> Self {
        Self::Sgd { rate: 0.1, momentum: momentum(), decay: decay(), decays: Decays::All }
    }
}

impl OptimizerConfig {
    /// Whether there is such an optimiser.
    ///
    /// # Errors
    /// Which field is out of its range, in words.
    pub fn check(&self) -> Result<(), String> {
        let (rate, decay) = match self {
            Self::Sgd { rate, decay, momentum, .. } => {
                if !(0.0..1.0).contains(momentum) {
                    return Err("momentum must be from 0 to below 1".to_owned());
                }
                (rate, decay)
            }
            Self::AdamW { rate, decay, betas, .. } => {
                if !betas.iter().all(|beta| (0.0..1.0).contains(beta)) {
                    return Err("betas must be from 0 to below 1".to_owned());
                }
                (rate, decay)
            }
        };
        if !(*rate > 0.0 && *rate <= 10.0) {
            return Err("rate must be above 0 and at most 10".to_owned());
        }
        if !(0.0..=1.0).contains(decay) {
            return Err("decay must be from 0 to 1".to_owned());
        }
        Ok(())
    }

    /// Learning rate, before the schedule's factor.
    pub fn rate(&self) -> f64 {
        match self {
            Self::Sgd { rate, .. } | Self::AdamW { rate, .. } => *rate,
        }
    }

    /// An optimiser of a module, which knows its parameters by their names: make it of the module as it is trained. Loops in
    /// which networks learn from each other make one for each.
    pub fn init(&self, module: &impl Module) -> ModuleOptimizer {
        self.init_sampled(module, None)
    }

    /// As [`init`](Self::init); `sampled` names the parameters of which a step sees a part only.
    pub(crate) fn init_sampled(&self, module: &impl Module, sampled: Option<ParamGroup>) -> ModuleOptimizer {
        let vectors = of_axes(module, |axes| axes == 1);
        match *self {
            Self::Sgd { momentum, decay, decays, .. } => {
                let sgd = |decay: f64| {
                    let momentum = MomentumConfig { momentum, dampening: 0.0, nesterov: false };
                    let decay = (decay > 0.0).then(|| WeightDecayConfig::new(decay as f32));
                    SgdConfig::new().with_momentum(Some(momentum)).with_weight_decay(decay).build()
                };
                let mut optimizer = ModuleOptimizer::from(sgd(decay));
                if decays == Decays::Matrices {
                    optimizer = optimizer.with_group(vectors, sgd(0.0), None);
                }
                match sampled {
                    Some(group) => optimizer.with_group(group, SampledSgd { momentum, decay }, None),
                    None => optimizer,
                }
            }
            Self::AdamW { betas: [first, second], decay, decays, .. } => {
                let adam = |decay: f64| {
                    AdamWConfig::new()
                        .with_beta_1(first)
                        .with_beta_2(second)
                        .with_weight_decay(decay as f32)
                        .build()
                };
                let optimizer = ModuleOptimizer::from(adam(decay));
                match decays {
                    Decays::All => optimizer,
                    Decays::Matrices => optimizer.with_group(vectors, adam(0.0), None),
                }
            }
        }
    }
}

/// The parameters whose number of axes is wanted.
pub(crate) fn of_axes(module: &impl Module, is_wanted: fn(usize) -> bool) -> ParamGroup {
    struct Wanted {
        is_wanted: fn(usize) -> bool,
        ids: Vec<ParamId>,
    }
    impl ModuleVisitor for Wanted {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if (self.is_wanted)(D) {
                self.ids.push(param.id);
            }
        }
    }
    let mut wanted = Wanted { is_wanted, ids: Vec::new() };
    module.visit(&mut wanted);
    ParamGroup::from_ids(wanted.ids)
}

#[cfg(test)]
mod tests {
    use burn::nn::LinearConfig;
    use burn::optim::GradientsParams;
    use burn::tensor::Device;

    use super::*;

    /// Two steps with a gradient of one for all parameters, from weights and biases of one.
    fn stepped(config: &OptimizerConfig) -> [f32; 2] {
        let device = Device::flex();
        let mut layer = LinearConfig::new(1, 1).init(&device);
        layer.weight = layer.weight.map(|weight| weight.ones_like());
        layer.bias = layer.bias.map(|bias| bias.map(|bias| bias.ones_like()));
        let mut layer = layer.train();
        let mut optimizer = config.init(&layer);
        for _ in 0..2 {
            let input = Tensor::<2>::ones([1, 1], &device.clone().autodiff());
            let gradients = layer.forward(input).sum().backward();
            let gradients = GradientsParams::from_grads(gradients, &layer);
            layer = optimizer.step(config.rate(), layer, gradients);
        }
        [layer.weight.val().into_scalar(), layer.bias.unwrap().val().into_scalar()]
    }

    #[test]
    fn sgd_steps_as_pytorch_does() {
        // torch.optim.SGD([w], lr=0.1, momentum=0.9, weight_decay=0.5), twice with a gradient of 1:
        // v = 1.5, w = 0.85; v = 1.35 + 1 + 0.425 = 2.775, w = 0.5725.
        let sgd = |decays| OptimizerConfig::Sgd { rate: 0.1, momentum: 0.9, decay: 0.5, decays };
        let [weight, bias] = stepped(&sgd(Decays::All));
        assert!((weight - 0.5725).abs() < 1e-6 && (bias - 0.5725).abs() < 1e-6, "{weight} {bias}");
        // Without decay: v = 1, then 1.9.
        let [weight, bias] = stepped(&sgd(Decays::Matrices));
        assert!((weight - 0.5725).abs() < 1e-6 && (bias - 0.71).abs() < 1e-6, "{weight} {bias}");
    }

    #[test]
    fn adam_steps_by_its_rate() {
        let adam = |decays| OptimizerConfig::AdamW { rate: 0.1, betas: betas(), decay: 0.5, decays };
        let [weight, bias] = stepped(&adam(Decays::Matrices));
        // Gradients that never change move by the rate; the decay takes 0.05 of what is there at each step.
        assert!((bias - 0.8).abs() < 1e-3 && (weight - 0.7075).abs() < 1e-3, "{weight} {bias}");
        let [weight, bias] = stepped(&adam(Decays::All));
        assert!((weight - bias).abs() < 1e-6);
    }

    #[test]
    fn what_cannot_be_is_named() {
        for (text, said) in [
            ("kind = 'sgd'\nrate = 0", "rate"),
            ("kind = 'sgd'\nrate = nan", "rate"),
            ("kind = 'sgd'\nrate = 0.1\nmomentum = 1", "momentum"),
            ("kind = 'sgd'\nrate = 0.1\ndecay = -1", "decay"),
            ("kind = 'adamw'\nrate = 0.1\nbetas = [0.9, 1.0]", "betas"),
        ] {
            let config: OptimizerConfig = toml::from_str(text).unwrap();
            assert!(config.check().unwrap_err().contains(said), "{text}");
        }
        assert!(toml::from_str::<OptimizerConfig>("kind = 'sgd'\nrate = 0.1\nbetas = [0, 0]").is_err());
    }
}
