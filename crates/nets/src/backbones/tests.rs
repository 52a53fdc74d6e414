use burn::module::{ModuleVisitor, Param};
use burn::tensor::{Device, Tensor, TensorData};

use super::*;
use crate::testing::spread;
use crate::weights::painted::{numbers, painted};

fn config(text: &str) -> BackboneConfig {
    toml::from_str(text).expect("a section")
}

fn images(config: &BackboneConfig, count: usize, device: &Device) -> Tensor<4> {
    let shape = config.input();
    let sides = [count, shape.channels, shape.height, shape.width];
    Tensor::from_data(TensorData::new(numbers(count * shape.values(), 12345), sides), device)
}

#[test]
fn networks_are_as_large_and_as_costly_as_published() {
    for (text, parameters, cost) in [
        ("kind = 'iresnet'\ndepth = 18", 24_025_600, 2_609_954_816),
        ("kind = 'iresnet'\ndepth = 34", 34_139_328, 4_459_642_880),
        ("kind = 'iresnet'\ndepth = 50", 43_590_848, 6_309_330_944),
        ("kind = 'iresnet'\ndepth = 100", 65_156_160, 12_089_606_144),
        ("kind = 'iresnet'\ndepth = 200", 118_833_920, 23_418_945_536),
        ("kind = 'sphereface'\ndepth = 4", 12_562_496, 164_290_560),
        ("kind = 'sphereface'\ndepth = 10", 15_219_264, 758_833_152),
        ("kind = 'sphereface'\ndepth = 20", 22_670_656, 1_749_737_472),
        ("kind = 'sphereface'\ndepth = 36", 32_704_832, 3_137_003_520),
        ("kind = 'sphereface'\ndepth = 64", 48_200_512, 6_109_716_480),
        ("kind = 'mobilefacenet'", 1_003_136, 220_965_376),
        ("kind = 'lightcnn'", 5_480_864, 976_748_544),
        ("kind = 'lightcnn'\ndepth = 29", 12_573_280, 3_619_160_064),
    ] {
        let config = config(text);
        assert_eq!(config.check(), Ok(()));
        assert_eq!(config.parameters(), parameters, "{text}");
        assert_eq!(config.multiply_accumulates(), cost, "{text}");
    }
}

/// Outputs of PyTorch's modules for the same weights and images.
#[test]
fn networks_compute_what_pytorch_computes() {
    let device = Device::flex();
    for (text, expected) in GOLDEN {
        let config = config(text);
        let net = painted(config.init(&device));
        let output = net.forward(images(&config, 2, &device));
        assert_eq!(output.dims(), [2, config.dimension()]);
        let values = output.into_data().try_to_vec::<f32>().expect("numbers");
        let found = [values[0], values[1], values[config.dimension()], values[config.dimension() + 1]];
        let most = expected.iter().fold(0.0, |most: f32, value| most.max(value.abs()));
        for (found, expected) in found.iter().zip(expected) {
            // Painted weights magnify the order of sums from layer to layer; a wrong layer is off by far
            // more.
            assert!((found - expected).abs() < 5e-4 * most, "{text}: {found} {expected}");
        }
    }
}

const GOLDEN: &[(&str, [f32; 4])] = &[
    (
        "kind = 'iresnet'\ndepth = 18\nwidth = 0.25\ninput = [32, 32]\ndimension = 8",
        [-3.69851, 7.88637, 2.18919, -8.07748],
    ),
    (
        "kind = 'iresnet'\ndepth = 34\nsqueeze_excitation = true\nwidth = 0.25\ninput = [32, 32]\ndimension = 8",
        [-5.77964, 3.52434, 0.226185, -5.66184],
    ),
    (
        "kind = 'iresnet'\ndepth = 18\nhead = 'gap'\nwidth = 0.25\ninput = [32, 32]\ndimension = 8",
        [-2.24198, 1.3418, -2.9798, 0.171515],
    ),
    (
        "kind = 'iresnet'\ndepth = 18\nhead = 'gdc'\nepsilon = 2e-5\nfirst_shortcut = 'skip'\nwidth = 0.25\ninput = [32, 32]\ndimension = 8",
        [-1.19983, -2.32877, 0.350588, -1.18401],
    ),
    (
        "kind = 'sphereface'\ndepth = 20\nwidth = 0.25\ninput = [32, 24]\ndimension = 8",
        [0.594234, -8.46451, -5.18454, -12.8232],
    ),
    (
        "kind = 'mobilefacenet'\nwidth = 0.25\ninput = [32, 32]\ndimension = 8",
        [3.16493e+06, -8.0274e+07, 2.43087e+06, 3.1674e+07],
    ),
    (
        "kind = 'mobilefacenet'\nactivation = 'relu6'\nhead = 'gap'\nwidth = 0.25\ninput = [32, 32]\ndimension = 8",
        [2.58881, 2.2779, 2.9249, 0.877358],
    ),
    (
        "kind = 'lightcnn'\nwidth = 0.25\ninput = [36, 28]\ndimension = 8",
        [-0.0456842, 0.0548371, -0.162905, 0.257374],
    ),
    (
        "kind = 'lightcnn'\ndepth = 29\nwidth = 0.5\ninput = [36, 28]\ndimension = 8",
        [-0.28708, 1.94918, 2.0667, 1.07908],
    ),
    (
        "kind = 'lightcnn'\ndepth = 29\nactivation = 'relu'\nwidth = 0.5\ninput = [36, 28]\ndimension = 8",
        [-0.0039394, 0.487186, 0.466924, 0.281108],
    ),
];

/// Counts parameters with and without a gradient.
struct Learned<'a> {
    gradients: &'a burn::tensor::Gradients,
    names: Vec<String>,
    frozen: Vec<String>,
}

impl ModuleVisitor for Learned<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.names.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.names.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let name = self.names[1..].join(".");
        if param.val().grad(self.gradients).is_none() && !name.contains("running_") {
            self.frozen.push(name);
        }
    }
}

/// Parameters that a step of training leaves as they are.
fn frozen(text: &str) -> Vec<String> {
    let config = config(text);
    let device = Device::flex().autodiff();
    // What is frozen stays so when weights are read.
    let net = painted(config.init(&device));
    let output = net.forward(images(&config, 3, &device));
    let gradients = (output.clone() * output).sum().backward();
    let mut learned = Learned { gradients: &gradients, names: Vec::new(), frozen: Vec::new() };
    net.visit(&mut learned);
    learned.frozen
}

#[test]
fn all_is_learned_but_what_the_variant_freezes() {
    let none: [&str; 0] = [];
    let small = "width = 0.125\ninput = [32, 32]\ndimension = 8";
    let iresnet = format!("kind = 'iresnet'\ndepth = 18\n{small}");
    assert_eq!(frozen(&iresnet), ["features.gamma"]);
    assert_eq!(frozen(&format!("{iresnet}\nlast_norm = 'both'\nhead = 'gdc'\ndropout = 0.4")), none);
    let other =
        "last_norm = 'none'\nhead = 'gap'\ndropout = 0.4\ndrop_channels = true\nsqueeze_excitation = true";
    assert_eq!(frozen(&format!("{iresnet}\n{other}")), ["features.gamma", "features.beta"]);
    assert_eq!(frozen(&format!("kind = 'mobilefacenet'\n{small}")), none);
    assert_eq!(frozen(&format!("kind = 'lightcnn'\ndepth = 29\n{small}")), none);
    // Biases within units stay 0.
    let sphereface = frozen(&format!("kind = 'sphereface'\ndepth = 10\n{small}"));
    assert_eq!(sphereface.len(), 6);
    assert!(sphereface.iter().all(|name| name.contains(".units.") && name.ends_with("conv.bias")));
}

#[test]
fn the_smallest_images_have_embeddings() {
    let device = Device::flex();
    for kind in ["iresnet", "iresnet'\nhead = 'gap", "sphereface", "mobilefacenet", "lightcnn"] {
        let config = config(&format!("kind = '{kind}'\nwidth = 0.125\ninput = [16, 16]\ndimension = 2"));
        assert_eq!(config.check(), Ok(()));
        assert_eq!(config.init(&device).forward(images(&config, 1, &device)).dims(), [1, 2]);
    }
}

#[test]
fn weights_start_as_published() {
    let spread_of =
        |text: &str, name: &str| spread(&config(text).init(&Device::flex()), |found, _| found == name);
    let near =
        |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 0.05, "{found} {expected}");
    near(spread_of("kind = 'iresnet'\ndepth = 18", "layer2.0.conv1.weight"), 0.1);
    let he = (2.0f64 / (128.0 * 9.0)).sqrt();
    near(spread_of("kind = 'iresnet'\ndepth = 18\nfilters = 'he'", "layer2.0.conv1.weight"), he);
    // A filter for each of 512 channels, of which PyTorch counts all.
    near(spread_of("kind = 'mobilefacenet'", "linear7.conv.weight"), (2.0f64 / (512.0 * 49.0)).sqrt());
    near(spread_of("kind = 'sphereface'", "layer2.units.0.0.conv.weight"), 0.01);
    near(spread_of("kind = 'sphereface'", "layer2.down.conv.weight"), (1.0f64 / (64.0 * 9.0)).sqrt());
    near(spread_of("kind = 'sphereface'", "fc5.weight"), (1.0f64 / 21504.0).sqrt());
    assert_eq!(spread_of("kind = 'sphereface'", "fc5.bias"), 0.0);
}

#[test]
fn dropped_channels_are_dropped_whole() {
    let text =
        "kind = 'iresnet'\ndepth = 18\nwidth = 0.125\ninput = [64, 64]\ndropout = 0.5\ndrop_channels = true";
    let Backbone::IResNet(net) = config(text).init(&Device::flex().autodiff()) else {
        panic!("another network")
    };
    let ones = Tensor::<4>::ones([4, 64, 4, 4], &Device::flex().autodiff());
    let kept = net.dropped(ones).into_data().try_to_vec::<f32>().expect("numbers");
    assert!(kept.chunks(16).all(|channel| channel.iter().all(|value| *value == channel[0])));
    assert!(kept.contains(&0.0) && kept.contains(&2.0));
}

#[test]
fn sections_that_make_no_network_are_named() {
    for (text, complaint) in [
        ("kind = 'iresnet'\ndepth = 19", "depth must be one of [18, 34, 50, 100, 200], not 19"),
        ("kind = 'iresnet'\ndropout = 1.0", "dropout must be within 0..0.9, not 1"),
        ("kind = 'iresnet'\nmomentum = nan", "momentum must be within 0.001..1, not NaN"),
        ("kind = 'iresnet'\nepsilon = 0.0", "epsilon must be within 0.00000001..0.1, not 0"),
        (
            "kind = 'iresnet'\nhead = 'gdc'\ninput = [112, 96]",
            "input must be square for the head gdc, not 112 x 96",
        ),
        ("kind = 'sphereface'\nwidth = inf", "width must be within 0.125..4, not inf"),
        ("kind = 'sphereface'\ninput = [8, 112]", "each side of input must be within 16..512, not 8"),
        ("kind = 'mobilefacenet'\ndimension = 0", "dimension must be within 2..4096, not 0"),
        ("kind = 'lightcnn'\ndepth = 10", "depth must be one of [9, 29], not 10"),
        ("kind = 'lightcnn'\ndropout = -0.1", "dropout must be within 0..0.9, not -0.1"),
    ] {
        assert_eq!(config(text).check(), Err(complaint.to_owned()));
    }
    let huge = config("kind = 'iresnet'\nwidth = 4\ninput = [512, 512]").check().expect_err("too large");
    assert!(huge.contains("at most 250000000 parameters, not 15"), "{huge}");
    for (text, complaint) in [
        ("kind = 'resnet'", "unknown variant `resnet`"),
        ("kind = 'iresnet'\ndeep = 18", "unknown field `deep`"),
        ("kind = 'mobilefacenet'\nactivation = 'gelu'", "unknown variant `gelu`"),
        ("depth = 18", "missing field `kind`"),
    ] {
        let error = toml::from_str::<BackboneConfig>(text).expect_err(text).to_string();
        assert!(error.contains(complaint), "{error}");
    }
    let resolved = BackboneConfig::IResNet(IResNetConfig::magface(34));
    assert_eq!(config(&toml::to_string(&resolved).expect("a section")), resolved);
}

#[test]
fn minifasnets_are_as_large_as_published() {
    for (variant, parameters, cost) in [
        ("v1", 414_354, 40_864_820),
        ("v2", 434_560, 40_718_220),
        ("v1se", 433_586, 40_883_252),
        ("v2se", 453_792, 40_736_652),
    ] {
        let config: MiniFasNetConfig = toml::from_str(&format!("variant = '{variant}'")).expect("a section");
        assert_eq!(config.check(), Ok(()));
        assert_eq!([config.parameters(), config.multiply_accumulates()], [parameters, cost], "{variant}");
    }
}

/// Outputs of PyTorch's modules for the same weights and image.
#[test]
fn minifasnets_compute_what_pytorch_computes() {
    let device = Device::flex();
    for (variant, expected) in [
        ("v1", [-4_868_230.0f32, 5_492_892.0, 527_166.1]),
        ("v2", [3_183_546.0, 10_761_791.0, 26_067_034.0]),
        ("v1se", [1_354_412.0, 4_009_678.8, -12_083_710.0]),
        ("v2se", [-4361.332, -4_736_799.5, -1_056_150.0]),
    ] {
        let config: MiniFasNetConfig = toml::from_str(&format!("variant = '{variant}'")).expect("a section");
        let net = painted(config.init(&device));
        let image =
            Tensor::<1>::from_floats(numbers(19200, 12345).as_slice(), &device).reshape([1, 3, 80, 80]);
        let (logits, features) = net.forward_with_features(image);
        assert_eq!(features.dims(), [1, 128, 10, 10]);
        let found = logits.into_data().try_to_vec::<f32>().expect("numbers");
        let most = expected.iter().fold(0.0, |most: f32, value| most.max(value.abs()));
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-4 * most, "{variant}: {found} {expected}");
        }
    }
}

#[test]
fn minifasnets_that_cannot_be_are_named() {
    for (section, complaint) in [
        ("input = [80, 60]", "input must be square for minifasnet, not 80 x 60"),
        ("input = [16, 16]", "each side of input must be within 32..512, not 16"),
        ("classes = 1", "classes must be within 2..100, not 1"),
        ("dropout = nan", "dropout must be within 0..0.9, not NaN"),
    ] {
        let config: MiniFasNetConfig = toml::from_str(section).expect("a section");
        assert_eq!(config.check(), Err(complaint.to_owned()));
    }
}

/// What `torch.nn.init._calculate_fan_in_and_fan_out` gives for the weights of `Conv2d(12, 8, 3)`, of two
/// groups of it, and of `Conv2d(8, 8, 3, groups=8)`.
#[test]
fn fans_are_counted_as_in_pytorch() {
    for (shape, expected) in [([8, 12, 3, 3], [108, 72]), ([8, 6, 3, 3], [54, 72]), ([8, 1, 3, 3], [9, 72])] {
        assert_eq!(stack::fans(&shape), expected);
    }
}
