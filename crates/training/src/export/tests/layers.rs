//! Each kind of layer and operation.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::pool::{AdaptiveAvgPool2dConfig, AvgPool2dConfig, MaxPool2dConfig};
use burn::nn::{
    BatchNorm, BatchNormConfig, DropoutConfig, Linear, LinearConfig, PRelu, PReluConfig, PaddingConfig2d,
};
use burn::tensor::activation::{hard_sigmoid, leaky_relu, sigmoid, softmax};
use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};
use burn::tensor::{Device, Tensor};
use nets::layers::{self, Filters};

use super::{assert_same, engines, painted};
use crate::export::{Output, to_onnx, to_onnx_with};

const INPUT: [usize; 3] = [6, 9, 7];

#[derive(Module, Debug)]
pub(super) struct Bench {
    conv: Conv2d,
    strided: Conv2d,
    depthwise: Conv2d,
    grouped: Conv2d,
    uneven: Conv2d,
    transposed: ConvTranspose2d,
    bn: BatchNorm,
    wide: BatchNorm,
    prelu: PRelu,
    one_slope: PRelu,
    linear: Linear,
    values: BatchNorm,
}

impl Bench {
    pub(super) fn new() -> Self {
        let device = &Device::flex();
        let transposed = ConvTranspose2dConfig::new([6, 8], [3, 3]).with_stride([2, 2]).with_padding([1, 1]);
        painted(Self {
            conv: Filters::same(3, 1).conv(6, 6, false, device),
            strided: Filters::same(3, 2).conv(6, 8, true, device),
            depthwise: Filters::same(3, 2).depthwise(6).conv(6, 6, false, device),
            grouped: Filters { groups: 2, ..Filters::same(3, 1) }.conv(6, 8, true, device),
            uneven: Conv2dConfig::new([6, 6], [3, 2])
                .with_padding(PaddingConfig2d::Explicit(2, 0, 1, 1))
                .with_dilation([2, 1])
                .init(device),
            transposed: transposed.with_groups(2).with_padding_out([1, 1]).init(device),
            bn: BatchNormConfig::new(6).with_epsilon(1e-3).init(device),
            wide: BatchNormConfig::new(8).init(device),
            prelu: PReluConfig::new().with_num_parameters(6).init(device),
            one_slope: PReluConfig::new().init(device),
            linear: LinearConfig::new(6, 5).init(device),
            values: BatchNormConfig::new(5).init(device),
        })
    }
}

fn flat(x: Tensor<4>) -> Tensor<2> {
    x.flatten(1, 3)
}

fn mean(x: Tensor<4>) -> Tensor<2> {
    let [count, channels, height, width] = x.dims();
    x.reshape([count, channels, height * width]).mean_dim(2).reshape([count, channels])
}

type Forward = fn(&Bench, Tensor<4>) -> Tensor<2>;

/// Operators that must be in the file, and such that must not.
type Case = (&'static str, Forward, &'static [&'static str], &'static [&'static str]);

const CASES: &[Case] = &[
    ("conv", |b, x| flat(layers::conv(&b.conv, x)), &["Conv"], &[]),
    ("strided conv with bias", |b, x| flat(layers::conv(&b.strided, x)), &["Conv"], &[]),
    ("depthwise conv", |b, x| flat(layers::conv(&b.depthwise, x)), &["Conv"], &[]),
    ("grouped conv", |b, x| flat(b.grouped.forward(x)), &["Conv"], &[]),
    ("uneven, dilated conv", |b, x| flat(b.uneven.forward(x)), &["Conv"], &[]),
    (
        "conv and norm",
        |b, x| flat(layers::batch_norm(&b.bn, layers::conv(&b.conv, x))),
        &["Conv"],
        &["BatchNormalization"],
    ),
    (
        "conv with bias and norm",
        |b, x| flat(layers::batch_norm(&b.wide, b.grouped.forward(x))),
        &["Conv"],
        &["BatchNormalization"],
    ),
    (
        "norm before conv",
        |b, x| flat(layers::conv(&b.conv, layers::batch_norm(&b.bn, x))),
        &["BatchNormalization"],
        &[],
    ),
    (
        "norm of what is read twice",
        |b, x| {
            let x = layers::conv(&b.conv, x);
            flat(layers::add(layers::batch_norm(&b.bn, x.clone()), x))
        },
        &["BatchNormalization"],
        &[],
    ),
    (
        "transposed conv and norm",
        |b, x| flat(layers::batch_norm(&b.wide, b.transposed.forward(x))),
        &["ConvTranspose"],
        &["BatchNormalization"],
    ),
    ("slopes", |b, x| flat(layers::prelu(&b.prelu, x)), &["Max", "Mul"], &["PRelu"]),
    (
        "steep slopes",
        |_, x| {
            let steep = PReluConfig::new().with_num_parameters(6).with_alpha(1.5);
            flat(layers::prelu(&steep.init(&x.device()), x))
        },
        &["PRelu"],
        &["Max"],
    ),
    ("one slope", |b, x| flat(layers::prelu(&b.one_slope, x)), &["Max"], &[]),
    ("relu", |_, x| flat(layers::relu(x)), &["Relu"], &[]),
    ("relu6", |_, x| flat(layers::relu6(x * 9.0)), &["Clip"], &[]),
    ("clamped below", |_, x| flat(x.clamp_min(0.1)), &["Clip"], &[]),
    ("clamped above", |_, x| flat(x.clamp_max(0.1)), &["Clip"], &[]),
    (
        "linear and norm",
        |b, x| layers::batch_norm(&b.values, b.linear.forward(mean(x))),
        &["Gemm"],
        &["BatchNormalization"],
    ),
    (
        "linear over maps",
        |b, x| b.linear.forward(x.permute([0, 2, 3, 1])).flatten(1, 3),
        &["MatMul", "Transpose"],
        &[],
    ),
    (
        "products of matrices",
        |_, x| {
            let [count, channels, height, width] = x.dims();
            let x: Tensor<3> = x.reshape([count, channels, height * width]);
            x.clone().matmul(x.swap_dims(1, 2)).flatten(1, 2)
        },
        &["MatMul"],
        &[],
    ),
    (
        "maxima, rounded up",
        |_, x| flat(MaxPool2dConfig::new([2, 2]).with_ceil_mode(true).init().forward(x)),
        &["MaxPool"],
        &[],
    ),
    (
        "maxima with padding",
        |_, x| {
            let padding = PaddingConfig2d::Explicit(1, 1, 1, 1);
            let pool = MaxPool2dConfig::new([3, 3]).with_strides([2, 2]).with_padding(padding);
            flat(pool.init().forward(x))
        },
        &["MaxPool"],
        &[],
    ),
    (
        "means with padding",
        |_, x| {
            let padding = PaddingConfig2d::Explicit(1, 1, 1, 1);
            let pool = AvgPool2dConfig::new([3, 3]).with_strides([2, 2]).with_padding(padding);
            let (with, without) =
                (pool.clone().with_count_include_pad(true), pool.with_count_include_pad(false));
            flat(with.init().forward(x.clone()) + without.init().forward(x))
        },
        &["AveragePool"],
        &[],
    ),
    (
        "means of the whole",
        |_, x| flat(AdaptiveAvgPool2dConfig::new([1, 1]).init().forward(x)),
        &["GlobalAveragePool"],
        &[],
    ),
    (
        "means of thirds",
        |_, x| flat(AdaptiveAvgPool2dConfig::new([3, 7]).init().forward(x)),
        &["AveragePool"],
        &[],
    ),
    (
        "the larger half",
        |_, x| flat(x.clone().narrow(1, 0, 3).max_pair(x.narrow(1, 3, 3))),
        &["Max"],
        &["Where"],
    ),
    ("sigmoid", |_, x| flat(sigmoid(x)), &["Sigmoid"], &[]),
    ("softmax", |_, x| flat(softmax(x, 1)), &["Softmax"], &[]),
    ("leaky", |_, x| flat(leaky_relu(x, 0.2)), &["LeakyRelu"], &[]),
    ("hard sigmoid", |_, x| flat(hard_sigmoid(x * 4.0, 0.2, 0.5)), &["HardSigmoid"], &[]),
    (
        "functions",
        |_, x| flat(((x.clone().exp() + 1.0).log() - x.abs().sqrt()).tanh()),
        &["Exp", "Sqrt"],
        &[],
    ),
    (
        "arithmetic",
        |_, x| flat((x.clone() * 2.0 - 1.0) / (x.clone() * x.clone() + 2.0) - x / 3.0),
        &["Div"],
        &[],
    ),
    (
        "to unit length",
        |_, x| {
            let x = mean(x);
            let length = x.clone().powi_scalar(2).sum_dim(1).sqrt();
            x / length
        },
        &["ReduceSum"],
        &[],
    ),
    ("the largest of a row", |_, x| x.max_dim(3).min_dim(2).flatten(1, 3), &["ReduceMax", "ReduceMin"], &[]),
    (
        "side by side",
        |_, x| flat(Tensor::cat(vec![x.clone(), x.clone().slice([0..x.dims()[0], 2..4])], 1)),
        &["Concat", "Slice"],
        &[],
    ),
    (
        "every second",
        |_, x| flat(x.clone().select(2, Tensor::arange_step(0..9, 2, &x.device()))),
        &["Gather"],
        &[],
    ),
    (
        "enlarged",
        |_, x| {
            let options = InterpolateOptions::new(InterpolateMode::Nearest).with_output_size([18, 21]);
            flat(interpolate(x, options))
        },
        &["Resize"],
        &[],
    ),
    (
        "enlarged by repetition",
        |_, x| {
            let [count, channels, height, width] = x.dims();
            let x: Tensor<6> = x.reshape([count, channels, height, 1, width, 1]);
            x.expand([count, channels, height, 2, width, 2]).reshape([count, channels * height * width * 4])
        },
        &["Expand"],
        &[],
    ),
    ("repeated", |_, x| flat(x.repeat_dim(1, 2)), &["Tile"], &[]),
    ("nothing dropped", |_, x| flat(DropoutConfig::new(0.5).init().forward(x)), &["Reshape"], &[]),
    (
        "ones for each image",
        |_, x| {
            let ones = Tensor::ones([x.dims()[0], 6, 1, 1], &x.device());
            flat(x * ones)
        },
        &["Reshape"],
        &["Mul"],
    ),
    (
        "a constant for each image",
        |_, x| {
            let halves =
                Tensor::ones([x.dims()[0], 6, 1, 1], &x.device()) / Tensor::full(x.dims(), 2.0, &x.device());
            flat(x - halves)
        },
        &["Sub"],
        &[],
    ),
];

fn operators(onnx: &[u8]) -> Vec<String> {
    let model = rten_onnx::onnx::ModelProto::parse_buf(onnx).expect("a model");
    model.graph.expect("a graph").node.into_iter().filter_map(|node| node.op_type).collect()
}

#[test]
fn layers_compute_in_engines_what_they_compute_in_burn() {
    let bench = Bench::new();
    for (name, forward, present, absent) in CASES {
        assert_same(name, &bench, INPUT, forward);
        let operators = operators(&to_onnx(&bench, INPUT, forward).unwrap());
        let has = |operator: &&str| operators.iter().any(|known| known == operator);
        assert!(present.iter().all(has), "{name}: {operators:?}");
        assert!(!absent.iter().any(has), "{name}: {operators:?}");
    }
}

#[test]
fn files_are_the_same_each_time() {
    let forward: Forward =
        |b, x| flat(layers::prelu(&b.prelu, layers::batch_norm(&b.bn, layers::conv(&b.conv, x))));
    let [first, second] = [(); 2].map(|()| to_onnx(&Bench::new(), INPUT, forward).unwrap());
    assert_eq!(first, second);
}

#[test]
fn a_network_that_is_trained_stays_where_it_is() {
    let device = Device::flex().autodiff();
    let bench = Bench::new().train();
    let forward: Forward = |b, x| flat(layers::batch_norm(&b.bn, layers::conv(&b.conv, x)));
    let before = to_onnx(&bench, INPUT, forward).unwrap();
    assert!(bench.devices().iter().all(Device::is_autodiff), "{:?}", bench.devices());
    // What training changes is in the next file: here, the running statistics.
    let _ = forward(&bench, Tensor::ones([2, 6, 9, 7], &device));
    assert_ne!(to_onnx(&bench, INPUT, forward).unwrap(), before);
}

#[test]
fn several_outputs_keep_their_order_and_names() {
    let onnx = to_onnx_with(&Bench::new(), INPUT, |b, x| {
        let x = layers::relu(layers::conv(&b.conv, x));
        let [count, channels, height, width] = x.dims();
        let maps: Tensor<3> = x.clone().reshape([count, channels, height * width]);
        vec![
            Output::new("maps", maps.swap_dims(1, 2)),
            Output::new("means", mean(x.clone())),
            Output::new("all", x.clone()),
            Output::new("again", x),
        ]
    });
    let onnx = onnx.unwrap();
    for engine in engines() {
        let session = engine.load(&onnx, "outputs.onnx", engine::Threads::SINGLE).unwrap();
        let names: Vec<_> = session.outputs().iter().map(|output| output.name.as_str()).collect();
        assert_eq!(names, ["maps", "means", "all", "again"]);
        assert_eq!(session.outputs()[0].shape, [None, Some(63), Some(6)]);
        let outputs = session.run(&engine::Tensor::new([4, 6, 9, 7], vec![0.5; 4 * 6 * 63])).unwrap();
        let shapes: Vec<_> = outputs.iter().map(|output| output.shape.as_slice()).collect();
        assert_eq!(shapes, [&[4, 63, 6][..], &[4, 6], &[4, 6, 9, 7], &[4, 6, 9, 7]]);
        assert_eq!(outputs[2].data, outputs[3].data);
    }
}
