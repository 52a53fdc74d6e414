use std::collections::BTreeMap;
use std::path::PathBuf;

use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PRelu, PReluConfig};
use burn::store::{HalfPrecisionAdapter, ModuleAdapter};
use burn::tensor::{DType, Device, Tensor};

use super::painted::painted;
use super::*;
use crate::layers::{self, Filters};

#[derive(Module, Debug)]
struct Small {
    conv: burn::nn::conv::Conv2d,
    bn: BatchNorm,
    act: Act,
    fc: Linear,
}

#[derive(Module, Debug)]
enum Act {
    Slopes(PRelu),
}

impl Small {
    fn new(classes: usize, device: &Device) -> Self {
        Self {
            conv: Filters::same(3, 2).conv(1, 4, true, device),
            bn: BatchNormConfig::new(4).init(device),
            act: Act::Slopes(PReluConfig::new().with_num_parameters(4).init(device)),
            fc: LinearConfig::new(16, classes).init(device),
        }
    }

    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = layers::batch_norm(&self.bn, layers::conv(&self.conv, images));
        let Act::Slopes(act) = &self.act;
        self.fc.forward(layers::prelu(act, x).flatten(1, 3))
    }
}

fn images(device: &Device) -> Tensor<4> {
    Tensor::<1>::from_floats(painted::numbers(48, 3).as_slice(), device).reshape([3, 1, 4, 4])
}

fn outputs(net: &Small, device: &Device) -> Vec<f32> {
    net.forward(images(device)).into_data().try_to_vec().expect("numbers")
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("small.safetensors");
    (folder, path)
}

fn complaint<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => "no complaint".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_saved_is_loaded_under_pytorchs_names() {
    let (_folder, path) = folder();
    let device = Device::flex();
    let net = painted(Small::new(3, &device));
    let metadata = BTreeMap::from([("recipe".to_owned(), "a \"recipe\"\n".to_owned())]);
    save(&net, &path, &metadata).expect("a file");
    let mut names = SafetensorsStore::from_file(&path).keys().expect("names");
    names.sort();
    let expected = [
        "act.weight",
        "bn.bias",
        "bn.running_mean",
        "bn.running_var",
        "bn.weight",
        "conv.bias",
        "conv.weight",
        "fc.bias",
        "fc.weight",
    ];
    assert_eq!(names, expected);
    let mut all = metadata.clone();
    all.insert("format".to_owned(), "pt".to_owned());
    assert_eq!(super::metadata(&path).expect("metadata"), all);
    let loaded = load(Small::new(3, &device), &path).expect("weights");
    assert_eq!(outputs(&net, &device), outputs(&loaded, &device));
    let first = std::fs::read(&path).expect("bytes");
    save(&loaded, &path, &metadata).expect("a file");
    assert_eq!(std::fs::read(&path).expect("bytes"), first);
}

#[test]
fn weights_of_half_precision_are_widened() {
    let (_folder, path) = folder();
    let device = Device::flex();
    let net = painted(Small::new(3, &device));
    let halved = ToPyTorch.chain(HalfPrecisionAdapter::new());
    let mut store = SafetensorsStore::from_file(&path).skip_enum_variants(true).with_to_adapter(halved);
    net.save_into(&mut store).expect("a file");
    let loaded = load(Small::new(3, &device), &path).expect("weights");
    assert_eq!(loaded.fc.weight.val().dtype(), DType::F32);
    for (found, expected) in outputs(&loaded, &device).iter().zip(outputs(&net, &device)) {
        assert!((found - expected).abs() < 0.01 && *found != expected, "{found} {expected}");
    }
}

#[test]
fn statistics_of_the_last_step_are_saved() {
    let (_folder, path) = folder();
    let device = Device::flex().autodiff();
    let net = painted(Small::new(3, &device));
    let _ = net.forward(images(&device));
    let _ = net.forward(images(&device));
    save(&net, &path, &BTreeMap::new()).expect("a file");
    // Into a module that has statistics of its own waiting to be kept.
    let other = painted(Small::new(3, &device));
    let _ = other.forward(images(&device));
    let loaded = load(other, &path).expect("weights");
    let of = |net: &Small| net.bn.running_mean.value_sync().into_data();
    assert_eq!(of(&net), of(&loaded));
    assert_ne!(of(&net), of(&painted(Small::new(3, &device))));
}

#[test]
fn files_of_other_networks_are_refused_by_name() {
    let (_folder, path) = folder();
    let device = Device::flex();
    save(&Small::new(4, &device), &path, &BTreeMap::new()).expect("a file");
    let message = complaint(load(Small::new(3, &device), &path));
    assert!(message.contains("fc.weight is [4, 16], not [3, 16], fc.bias is [4], not [3]"), "{message}");
    let message = complaint(load(LinearConfig::new(16, 4).init(&device), &path));
    assert!(message.contains("has no weight, bias; knows others: act.weight, bn.bias, bn."), "{message}");
    assert!(message.contains("and 4 more"), "{message}");
}

#[test]
fn damaged_files_are_errors() {
    let (folder, path) = folder();
    let device = Device::flex();
    save(&Small::new(3, &device), &path, &BTreeMap::new()).expect("a file");
    let whole = std::fs::read(&path).expect("bytes");
    let damaged = folder.path().join("damaged");
    let read = |bytes: &[u8]| {
        std::fs::write(&damaged, bytes).expect("a file");
        let loaded = load(Small::new(3, &device), &damaged).is_ok();
        let published = load_published(Small::new(3, &device), &damaged, Published::default()).is_ok();
        let _ = super::metadata(&damaged);
        (loaded, published)
    };
    for length in (0..whole.len()).step_by(7) {
        assert_eq!(read(&whole[..length]), (false, false), "{length} bytes");
    }
    for seed in 0..40 {
        let garbage: Vec<u8> =
            painted::numbers(900, seed * 0x0543_2101).iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(read(&garbage), (false, false), "garbage {seed}");
    }
    // A length of the header that no file has.
    let mut long = whole.clone();
    long[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_eq!(read(&long), (false, false));
    let message = complaint(super::metadata(&damaged));
    assert!(message.contains("is not safetensors: its header would have"), "{message}");
}

#[test]
fn paths_that_are_no_files_are_named() {
    let (folder, path) = folder();
    let device = Device::flex();
    let message = complaint(load(Small::new(3, &device), &path));
    assert!(message.contains("small.safetensors: No such file"), "{message}");
    let message = complaint(load(Small::new(3, &device), folder.path()));
    assert!(message.contains("is a folder"), "{message}");
    let message = complaint(save(&Small::new(3, &device), &folder.path().join("no/such"), &BTreeMap::new()));
    assert!(message.contains("no/such: No such file"), "{message}");
}

/// What PyTorch saved of the painted module: `{"state_dict": {"module.conv.weight": ..}, "epoch": 3}`, with a
/// matrix of classes.
const PTH: &[u8] = include_bytes!("../../tests/data/small.pth");
/// What PyTorch computes from it.
const PYTORCH: [f32; 9] = [
    -2.235_728_3,
    -0.096_730_59,
    0.864_151_6,
    -1.266_447_7,
    0.739_591_1,
    -0.362_813_06,
    -0.435_888_44,
    2.461_284_9,
    1.903_970_1,
];

fn published(bytes: &[u8], device: &Device) -> Result<Small, Error> {
    let (_folder, path) = folder();
    std::fs::write(&path, bytes).expect("a file");
    let names =
        Published { key: Some("state_dict"), prefixes: &[DATA_PARALLEL], without: &["module.classes."] };
    load_published(Small::new(3, device), &path, names)
}

#[test]
fn what_pytorch_saved_is_read() {
    let device = Device::flex();
    let found = outputs(&published(PTH, &device).expect("weights"), &device);
    for (found, expected) in found.iter().zip(PYTORCH) {
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }
    let (_folder, path) = folder();
    std::fs::write(&path, PTH).expect("a file");
    let message = complaint(load_published(Small::new(3, &device), &path, Published::default()));
    assert!(message.contains("has no ") && message.contains("knows others: "), "{message}");
    let key = Published { key: Some("weights"), ..Published::default() };
    let message = complaint(load_published(Small::new(3, &device), &path, key));
    assert!(message.contains("weights"), "{message}");
}

#[test]
fn damaged_files_of_pytorch_are_errors() {
    let device = Device::flex();
    for length in (0..PTH.len()).step_by(97) {
        assert!(published(&PTH[..length], &device).is_err(), "{length} bytes");
    }
    let mut refused = 0;
    for at in (0..PTH.len()).step_by(11) {
        let mut damaged = PTH.to_vec();
        damaged[at] ^= 0x55;
        refused += usize::from(published(&damaged, &device).is_err());
    }
    // Where values are, damage is another value: PyTorch's checksums are not read.
    assert!(refused > 50, "{refused}");
}
