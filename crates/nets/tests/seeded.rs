//! What is drawn from a seed: alone in a process, because all devices of one kind draw from one sequence.

use std::sync::Mutex;

use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Tensor, TensorData};
use geometry::{Point, Rect};
use omote_nets::backbones::BackboneConfig;
use omote_nets::detectors::{Face, YuNetConfig, YuNetSize};

static DRAWING: Mutex<()> = Mutex::new(());

#[test]
fn a_seed_is_all_the_weights() {
    let _alone = DRAWING.lock();
    let device = Device::flex();
    for kind in ["iresnet", "sphereface", "mobilefacenet", "lightcnn"] {
        let section = format!("kind = '{kind}'\nwidth = 0.125\ninput = [32, 32]\ndimension = 8");
        let config: BackboneConfig = toml::from_str(&section).expect("a section");
        let embed = |seed: u64| {
            device.seed(seed);
            let net = config.init(&device);
            // What is drawn later does not change it.
            device.seed(0);
            let shape = config.input();
            let image = Tensor::ones([1, shape.channels, shape.height, shape.width], &device);
            net.forward(image).into_data()
        };
        assert_eq!(embed(7), embed(7), "{kind}");
        assert_ne!(embed(7), embed(8), "{kind}");
    }
}

/// Four images of 56 x 56 pixels, each of a few large patches of its own, -1..1.
fn patches(device: &Device) -> Tensor<4> {
    const SIDE: usize = 56;
    let patch = |at: usize| {
        let (image, place) = (at / (SIDE * SIDE), at % (SIDE * SIDE));
        let number = (image * 5 + place / SIDE / 12) * 5 + place % SIDE / 12;
        let bits = (number as u32).wrapping_mul(2_654_435_761) >> 16;
        bits as f32 / 32_768.0 - 1.0
    };
    let values = (0..4 * 3 * SIDE * SIDE).map(patch).collect();
    Tensor::from_data(TensorData::new(values, [4, 3, SIDE, SIDE]), device)
}

#[test]
fn images_do_not_all_point_the_same_way_before_anything_is_learned() {
    let _alone = DRAWING.lock();
    let device = Device::flex();
    for kind in [
        "kind = 'iresnet'",
        "kind = 'sphereface'",
        "kind = 'mobilefacenet'",
        "kind = 'lightcnn'\nchannels = 3",
        "kind = 'lightcnn'\nchannels = 3\nactivation = 'relu'",
        "kind = 'lightcnn'\nchannels = 3\ndepth = 29",
    ] {
        let section = format!("{kind}\nwidth = 0.5\ninput = [56, 56]\ndimension = 64");
        let config: BackboneConfig = toml::from_str(&section).expect("a section");
        device.seed(3);
        let embeddings = config.init(&device).forward(patches(&device));
        let length = embeddings.clone().powi_scalar(2).sum_dim(1).sqrt();
        let units = embeddings / length;
        let cosines = units.clone().matmul(units.transpose()).into_data();
        let alike = cosines.iter::<f32>().filter(|cosine| *cosine > 0.99).count();
        // Each with itself.
        assert_eq!(alike, 4, "{kind}: {cosines}");
    }
}

/// Grey with a face: a bright square with two dark eyes. Blue, green and red of 96 x 96 pixels, 0..255.
fn picture(bounds: &Rect) -> Vec<f32> {
    let eyes = [0.3, 0.7].map(|at| (bounds.x1 + at * bounds.width(), bounds.y1 + 0.35 * bounds.height()));
    let paint = |at: usize| {
        let (x, y) = ((at % 96) as f32 + 0.5, (at / 96) as f32 + 0.5);
        let eye = eyes.iter().any(|(ex, ey)| (x - ex).abs() < 2.0 && (y - ey).abs() < 2.0);
        match (bounds.contains(Point::new(x, y)), eye) {
            (true, true) => 20.0,
            (true, false) => 220.0,
            _ => 90.0 + 20.0 * (x * 0.7).sin() * (y * 0.9).sin(),
        }
    };
    let plane: Vec<f32> = (0..96 * 96).map(paint).collect();
    plane.repeat(3)
}

#[test]
fn a_detector_learns_two_painted_pictures_by_heart() {
    let _alone = DRAWING.lock();
    let device = Device::flex().autodiff();
    device.seed(3);
    let bounds = [Rect::from_xywh(10.0, 14.0, 32.0, 32.0), Rect::from_xywh(44.0, 40.0, 44.0, 44.0)];
    let faces: Vec<Vec<Face>> =
        bounds.iter().map(|bounds| vec![Face { bounds: *bounds, landmarks: None }]).collect();
    let pixels: Vec<f32> = bounds.iter().flat_map(picture).collect();
    let images = |device: &Device| Tensor::from_data(TensorData::new(pixels.clone(), [2, 3, 96, 96]), device);
    let mut net = YuNetConfig { size: YuNetSize::S, input: [96, 96] }.init(&device);
    let mut optimizer = AdamConfig::new().init();
    for step in 0..90 {
        let rate = if step < 60 { 1e-2 } else { 1e-3 };
        let loss = net.forward(images(&device)).loss(&faces).loss;
        let gradients = GradientsParams::from_grads(loss.backward(), &net);
        net = optimizer.step(rate, net, gradients);
    }
    let found = net.valid().forward(images(&Device::flex())).faces(0.6, 0.3);
    for (found, bounds) in found.iter().zip(&bounds) {
        assert!((1..3).contains(&found.len()) && found[0].bounds.iou(bounds) > 0.7, "{found:?}");
    }
}
