//! Published weights, which are not part of the project, give what PyTorch computes from them.
//!
//! They run where `OMOTE_SHARED` names a folder with `models/`, and say so where it does not.

use std::path::PathBuf;

use burn::tensor::{Device, Tensor, TensorData};
use omote_nets::backbones::{MiniFasNetConfig, MiniFasNetVariant};
use omote_nets::weights::{self, DATA_PARALLEL, Published};

/// The folder of shared data, or `None` after saying that the check is skipped.
fn shared() -> Option<PathBuf> {
    let folder =
        std::env::var_os("OMOTE_SHARED").map(PathBuf::from).filter(|folder| folder.join("models").is_dir());
    if folder.is_none() {
        eprintln!("skipped: OMOTE_SHARED names no folder with models/");
    }
    folder
}

/// Two painted images of 80 x 80: blue, green and red within 0..255.
fn painted(device: &Device) -> Tensor<4> {
    let value = |i: usize| {
        let (image, channel, y, x) = (i / 19200, i / 6400 % 3, i / 80 % 80, i % 80);
        let wave = (x * (1 + channel) + 2 * y * (1 + image)) as f64 * 0.1;
        (127.5 + 100.0 * wave.sin()) as f32
    };
    let values: Vec<f32> = (0..2 * 19200).map(value).collect();
    Tensor::from_data(TensorData::new(values, [2, 3, 80, 80]), device)
}

#[test]
fn minifasnet_sees_what_it_saw_in_pytorch() {
    let Some(shared) = shared() else { return };
    let device = Device::flex();
    let published = Published { prefixes: &[DATA_PARALLEL], ..Published::default() };
    for (name, variant, expected) in [
        ("2.7_80x80_MiniFASNetV2.pth", MiniFasNetVariant::V2, GOLDEN_V2),
        ("4_0_0_80x80_MiniFASNetV1SE.pth", MiniFasNetVariant::V1Se, GOLDEN_V1SE),
    ] {
        let net = MiniFasNetConfig { variant, ..Default::default() }.init(&device);
        let path = shared.join("models/minifasnet").join(name);
        let net = weights::load_published(net, &path, published).expect("published weights");
        let found: Vec<f32> = net.forward(painted(&device)).into_data().try_to_vec().expect("numbers");
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-4 * expected.abs().max(1.0), "{name}: {found} {expected}");
        }
    }
}

const GOLDEN_V2: [f32; 6] = [-4.563_816, 3.129_282, 1.432_695_6, -3.389_328_5, -0.523_696_24, 3.913_637];
const GOLDEN_V1SE: [f32; 6] = [-5.607_921, 2.977_448, 2.629_578_8, -0.122_9, -0.672_467_9, 0.795_266_4];
