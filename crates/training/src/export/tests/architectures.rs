//! Every architecture of `nets`, narrow, so that they run quickly.

use burn::module::Module;
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor, TensorData};
use engine::Threads;
use nets::backbones::{Backbone, BackboneConfig, MiniFasNetConfig, MiniFasNetVariant};
use nets::detectors::YuNetConfig;

use super::{assert_same, engines, images, painted};
use crate::export::detector_to_onnx;

pub(super) fn backbone(section: &str) -> BackboneConfig {
    let config: BackboneConfig = toml::from_str(section).expect("a section");
    config.check().expect("a network that can be made");
    config
}

/// The network after a step that trains nothing: its normalisation knows what it sees. Otherwise values
/// grow from block to block, and what engines round differently with them.
pub(super) fn settled(network: Backbone, input: [usize; 3], count: usize) -> Backbone {
    let network = network.train();
    let shape = [count, input[0], input[1], input[2]];
    let _ = network
        .forward(Tensor::from_data(TensorData::new(images(count, input), shape), &Device::flex().autodiff()));
    network.valid()
}

#[test]
fn backbones_compute_in_engines_what_they_compute_in_burn() {
    let sections = [
        "kind = 'mobilefacenet'\nwidth = 0.5\nmomentum = 0.5",
        "kind = 'mobilefacenet'\nwidth = 0.25\nactivation = 'relu6'\nhead = 'gap'\n\
         input = [56, 48]\nmomentum = 0.5",
        "kind = 'mobilefacenet'\nwidth = 0.25\nactivation = 'relu'\ndimension = 512\nmomentum = 0.5",
        "kind = 'sphereface'\ndepth = 4\nwidth = 0.25",
        "kind = 'sphereface'\ndepth = 10\nwidth = 0.25\ninput = [56, 48]",
        "kind = 'sphereface'\ndepth = 64\nwidth = 0.125\ninput = [56, 48]",
        "kind = 'iresnet'\ndepth = 18\nwidth = 0.25\nmomentum = 0.5",
        "kind = 'iresnet'\ndepth = 34\nwidth = 0.125\ninput = [56, 56]\n\
         head = 'gdc'\nsqueeze_excitation = true\nmomentum = 0.5",
        "kind = 'iresnet'\ndepth = 18\nwidth = 0.125\ninput = [56, 48]\nhead = 'gap'\n\
         first_shortcut = 'skip'\nmomentum = 0.5",
        "kind = 'iresnet'\ndepth = 50\nwidth = 0.125\ninput = [56, 56]\ndropout = 0.4\n\
         drop_channels = true\nmomentum = 0.5",
        "kind = 'lightcnn'\ndepth = 9\nwidth = 0.5",
        "kind = 'lightcnn'\ndepth = 29\nwidth = 0.25\ninput = [60, 60]",
    ];
    sections.iter().for_each(|section| assert_computes_the_same(section));
}

/// `cargo test --release -p omote-training -- --ignored --nocapture published_width`
#[test]
#[ignore = "takes minutes, even in a release build"]
fn backbones_of_published_width_compute_in_engines_what_they_compute_in_burn() {
    for activation in ["prelu", "relu6"] {
        assert_computes_the_same(&format!(
            "kind = 'mobilefacenet'\nactivation = '{activation}'\nmomentum = 0.5"
        ));
    }
    for depth in [4, 10, 20, 36, 64] {
        assert_computes_the_same(&format!("kind = 'sphereface'\ndepth = {depth}"));
    }
    for (depth, squeeze) in [(18, false), (34, false), (50, false), (50, true), (100, false)] {
        let section =
            format!("kind = 'iresnet'\ndepth = {depth}\nsqueeze_excitation = {squeeze}\nmomentum = 0.5");
        assert_computes_the_same(&section);
    }
    for depth in [9, 29] {
        assert_computes_the_same(&format!("kind = 'lightcnn'\ndepth = {depth}"));
    }
}

fn assert_computes_the_same(section: &str) {
    let config = backbone(section);
    let shape = config.input();
    let input = [shape.channels, shape.height, shape.width];
    let network = settled(painted(config.init(&Device::flex())), input, 8);
    assert_same(&section.replace('\n', ", "), &network, input, Backbone::forward);
}

#[test]
fn minifasnet_computes_in_engines_what_it_computes_in_burn() {
    for variant in [MiniFasNetVariant::V2, MiniFasNetVariant::V1Se] {
        let config = MiniFasNetConfig { variant, ..MiniFasNetConfig::default() };
        let network = painted(config.init(&Device::flex()));
        assert_same(&format!("{variant:?}"), &network, [3, 80, 80], |network, images| {
            network.forward(images)
        });
    }
}

#[test]
fn a_detector_gives_the_twelve_outputs_that_are_read() {
    let network = painted(YuNetConfig { input: [64, 96], ..YuNetConfig::default() }.init(&Device::flex()));
    let names = ["cls", "obj", "bbox", "kps"].iter();
    let names: Vec<String> =
        names.flat_map(|name| [8, 16, 32].map(|stride| format!("{name}_{stride}"))).collect();
    let onnx = detector_to_onnx(&network, [64, 96]).unwrap();
    for engine in engines() {
        let session = engine.load(&onnx, "detector.onnx", Threads::SINGLE).unwrap();
        assert!(session.outputs().iter().map(|output| &output.name).eq(&names));
        for count in [1, 3] {
            let (values, shape) = (images(count, [3, 64, 96]), [count, 3, 64, 96]);
            let told =
                network.forward(Tensor::from_data(TensorData::new(values.clone(), shape), &Device::flex()));
            let outputs = session.run(&engine::Tensor::new(shape, values)).unwrap();
            assert_eq!(outputs[8].shape, [count, 2 * 3, 4]);
            let flat = |tensor: Tensor<2>| tensor.into_data().as_slice::<f32>().unwrap().to_vec();
            let expected = [
                flat(sigmoid(told.classes)),
                flat(sigmoid(told.objects)),
                flat(told.boxes.flatten(1, 2)),
                flat(told.points.flatten(1, 2)),
            ];
            for (expected, levels) in expected.iter().zip(outputs.chunks(3)) {
                let rows = |level: &engine::Tensor, image: usize| {
                    let each = level.data.len() / count;
                    level.data[image * each..][..each].to_vec()
                };
                let found =
                    (0..count).flat_map(|image| levels.iter().flat_map(move |level| rows(level, image)));
                let largest = expected.iter().fold(1.0f32, |most, value| most.max(value.abs()));
                let found: Vec<f32> = found.collect();
                assert_eq!(expected.len(), found.len());
                for (expected, found) in expected.iter().zip(found) {
                    assert!(
                        (expected - found).abs() <= 1e-4 * largest,
                        "{expected} {found} {}",
                        engine.info()
                    );
                }
            }
        }
    }
}
