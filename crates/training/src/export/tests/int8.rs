//! int8 twins of networks.

use burn::tensor::Device;
use engine::{Tensor, Threads};
use nets::backbones::{Backbone, BackboneConfig};
use nets::detectors::YuNetConfig;

use super::architectures::{backbone, settled};
use super::{drawn, engines, images};
use crate::export::{Quantisation, Range, detector_to_onnx, quantise, to_onnx};

fn network(section: &str) -> (BackboneConfig, Vec<u8>) {
    let config = backbone(section);
    let shape = config.input();
    let input = [shape.channels, shape.height, shape.width];
    let network = settled(drawn(config.init(&Device::flex())), input, 32);
    (config, to_onnx(&network, input, Backbone::forward).unwrap())
}

fn batch(config: &BackboneConfig, count: usize) -> Tensor {
    let shape = config.input();
    let input = [shape.channels, shape.height, shape.width];
    Tensor::new([count, shape.channels, shape.height, shape.width], images(count, input))
}

/// The mean cosine between the embeddings of an image by two networks.
fn cosine(a: &[f32], b: &[f32], dimension: usize) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let pairs = a.chunks(dimension).zip(b.chunks(dimension));
    let sum: f32 = pairs.map(|(a, b)| dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()).sum();
    sum * dimension as f32 / a.len() as f32
}

/// The same, without the mean of all images: what they have in common says nothing.
fn cosine_of_centered(a: &[f32], b: &[f32], dimension: usize) -> f32 {
    let centered = |embeddings: &[f32]| -> Vec<f32> {
        let images = (embeddings.len() / dimension) as f32;
        let mean = |at: usize| embeddings.iter().skip(at).step_by(dimension).sum::<f32>() / images;
        let means: Vec<f32> = (0..dimension).map(mean).collect();
        embeddings.iter().zip(means.iter().cycle()).map(|(value, mean)| value - mean).collect()
    };
    cosine(&centered(a), &centered(b), dimension)
}

fn operators(onnx: &[u8]) -> Vec<String> {
    let model = rten_onnx::onnx::ModelProto::parse_buf(onnx).unwrap();
    model.graph.unwrap().node.into_iter().filter_map(|node| node.op_type).collect()
}

/// Networks, and how alike their twins are at least. Of networks that have learned nothing, those of many
/// thin layers place all images close together, so that the steps of integers count for more.
const NETWORKS: [(&str, f32); 5] = [
    ("kind = 'mobilefacenet'\nwidth = 0.5\ninput = [64, 64]\nmomentum = 1.0", 0.96),
    ("kind = 'mobilefacenet'\nwidth = 0.5\nactivation = 'relu6'\ninput = [64, 64]\nmomentum = 1.0", 0.88),
    ("kind = 'sphereface'\ndepth = 10\nwidth = 0.5\ninput = [56, 48]", 0.997),
    ("kind = 'iresnet'\ndepth = 18\nwidth = 0.25\ninput = [56, 56]\nmomentum = 1.0", 0.997),
    ("kind = 'lightcnn'\ndepth = 9\nwidth = 0.25\ninput = [60, 60]", 0.99),
];

#[test]
fn twins_are_like_their_networks() {
    let ways = [
        Quantisation::default(),
        Quantisation { keep_ends: false, ..Quantisation::default() },
        Quantisation { range: Range::Percentile(99.99), seven_bits: true, ..Quantisation::default() },
    ];
    for (section, least) in NETWORKS {
        let (config, onnx) = network(section);
        let seen = batch(&config, 16);
        for how in ways {
            let twin = quantise(&onnx, std::slice::from_ref(&seen), &how).unwrap();
            let large = if how.keep_ends { onnx.len() } else { onnx.len() / 2 };
            assert!(twin.len() < large, "{} of {} bytes", twin.len(), onnx.len());
            for engine in engines() {
                let run = |onnx: &[u8]| {
                    let session = engine.load(onnx, "twin.onnx", Threads::SINGLE).unwrap();
                    session.run(&seen).unwrap().remove(0).data
                };
                let (floats, integers) = (run(&onnx), run(&twin));
                let each = config.dimension();
                let cosine = cosine(&floats, &integers, each);
                let centered = cosine_of_centered(&floats, &integers, each);
                let label = section.replace('\n', ", ");
                println!("{label}: {cosine:.4} {centered:.4} with {}, {how:?}", engine.info().name);
                assert!(centered >= least, "{label}: {centered} with {}, {how:?}", engine.info());
            }
        }
    }
}

#[test]
fn a_detector_of_integers_gives_what_the_detector_gives() {
    let network = drawn(YuNetConfig { input: [64, 96], ..YuNetConfig::default() }.init(&Device::flex()));
    let onnx = detector_to_onnx(&network, [64, 96]).unwrap();
    let seen = Tensor::new([4, 3, 64, 96], images(4, [3, 64, 96]));
    let twin = quantise(&onnx, std::slice::from_ref(&seen), &Quantisation::default()).unwrap();
    for engine in engines() {
        let run = |onnx: &[u8]| engine.load(onnx, "detector", Threads::SINGLE).unwrap().run(&seen).unwrap();
        for (floats, integers) in run(&onnx).iter().zip(run(&twin)) {
            assert_eq!(floats.shape, integers.shape);
            let cosine = cosine(&floats.data, &integers.data, floats.data.len());
            assert!(cosine >= 0.99, "{cosine} with {}", engine.info());
        }
    }
}

#[test]
fn ends_are_kept_if_they_shall_be() {
    let (config, onnx) = network(NETWORKS[0].0);
    let seen = [batch(&config, 1)];
    let count = |how: &Quantisation, operator: &str| {
        let twin = quantise(&onnx, &seen, how).unwrap();
        operators(&twin).iter().filter(|known| *known == operator).count()
    };
    let (kept, all) = (Quantisation::default(), Quantisation { keep_ends: false, ..Quantisation::default() });
    // Weights and biases of two layers more, the images, and what the first layer gives.
    assert_eq!(count(&all, "DequantizeLinear") - count(&kept, "DequantizeLinear"), 4 + 2);
    assert_eq!(count(&all, "QuantizeLinear") - count(&kept, "QuantizeLinear"), 2);
    assert_eq!(quantise(&onnx, &seen, &kept).unwrap(), quantise(&onnx, &seen, &kept).unwrap());
}

#[test]
fn what_cannot_be_quantised_is_said() {
    let (config, onnx) = network("kind = 'mobilefacenet'\nwidth = 0.125\ninput = [48, 48]");
    let seen = [batch(&config, 1)];
    let refusal = |onnx: &[u8], seen: &[Tensor], range: Range| {
        quantise(onnx, seen, &Quantisation { range, ..Quantisation::default() }).unwrap_err().to_string()
    };
    let mut model = rten_onnx::onnx::ModelProto::parse_buf(&onnx).unwrap();
    model.producer_name = None;
    let foreign = model.write_buf().unwrap();
    assert!(refusal(&onnx, &[], Range::All).contains("no images to calibrate with"));
    assert!(refusal(b"onnx", &seen, Range::All).contains("damaged"));
    assert!(refusal(&foreign, &seen, Range::All).contains("not one that was exported here"));
    assert!(refusal(&onnx, &seen, Range::Percentile(f64::NAN)).contains("above 50 and up to 100, not NaN"));
    assert!(
        refusal(&onnx, &[Tensor::new([1, 3, 9, 9], vec![0.0; 243])], Range::All)
            .contains("takes [?, 3, 48, 48]")
    );
    let mut broken = seen[0].clone();
    broken.data[7] = f32::NAN;
    assert!(refusal(&onnx, &[broken], Range::All).contains("not finite"));
    let twin = quantise(&onnx, &seen, &Quantisation::default()).unwrap();
    assert!(refusal(&twin, &seen, Range::All).contains("quantised already"));
}
