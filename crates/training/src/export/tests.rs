//! What a file computes is what the network computes: on every engine of the machine, for one image and for
//! three.

mod architectures;
mod folders;
mod int8;
mod layers;
mod refusals;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor, TensorData};
use engine::{Choice, Engine, Options, Threads};

/// The engines of this machine: rten, and ONNX Runtime where one is found.
fn engines() -> Vec<Engine> {
    let open = |choice| Engine::open(&Options { choice, library: None });
    let onnxruntime = open(Choice::OnnxRuntime);
    if let Err(error) = &onnxruntime {
        println!("skipped: no ONNX Runtime found ({error})");
    }
    [open(Choice::Rten), onnxruntime].into_iter().flatten().collect()
}

/// Numbers within -1..1, the same each time (SplitMix64).
fn numbers(count: usize, seed: usize) -> Vec<f32> {
    let number = |at: usize| {
        let state = (at as u64 + 1 + ((seed as u64) << 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(number).collect()
}

/// Every filter and matrix of the network drawn anew, the same each time; vectors stay what they are at the
/// start.
fn drawn<N: Module>(network: N) -> N {
    network.map(&mut Paint { tensors: 0, vectors: false })
}

/// Every value of the network drawn anew: vectors, among them slopes and variances, above zero, filters
/// around it.
fn painted<N: Module>(network: N) -> N {
    network.map(&mut Paint { tensors: 0, vectors: true })
}

struct Paint {
    tensors: usize,
    vectors: bool,
}

impl ModuleMapper for Paint {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        self.tensors += 1;
        if D == 1 && !self.vectors {
            return param;
        }
        let seed = self.tensors;
        param.map(|tensor| {
            let (shape, device) = (tensor.shape(), tensor.device());
            // How many values a filter, or a column of a matrix, reads.
            let fan = if D == 2 { shape[0] } else { shape.num_elements() / shape[0] } as f32;
            let paint = |value: f32| if D == 1 { 0.4 + 0.2 * value } else { value * (3.0 / fan).sqrt() };
            let values = numbers(shape.num_elements(), seed).into_iter().map(paint).collect();
            Tensor::from_data(TensorData::new(values, shape), &device)
        })
    }
}

/// Waves of another direction and length in each image, so that images differ for a network, as faces do.
fn images(count: usize, [channels, height, width]: [usize; 3]) -> Vec<f32> {
    let directions = numbers(2 * count, 99);
    let mut values = numbers(count * channels * height * width, 98);
    for (at, value) in values.iter_mut().enumerate() {
        let [x, y] = [at % width, at / width % height].map(|place| place as f32);
        let [image, channel] = [at / (width * height * channels), at / (width * height) % channels];
        let phase = x * directions[2 * image] + y * directions[2 * image + 1] + channel as f32;
        *value = 0.9 * phase.sin() + 0.1 * *value;
    }
    values
}

/// The largest difference between what Burn and an engine make of the same images, over the largest value.
fn difference<N: Module>(
    network: &N,
    input: [usize; 3],
    forward: impl Fn(&N, Tensor<4>) -> Tensor<2>,
    onnx: &[u8],
    engine: &Engine,
) -> f32 {
    let session = engine.load(onnx, "exported.onnx", Threads::SINGLE).expect("a model that it can run");
    let [channels, height, width] = input;
    let mut most = 0.0f32;
    for count in [1, 3] {
        let shape = [count, channels, height, width];
        let values = images(count, input);
        let data = TensorData::new(values.clone(), shape);
        let expected = forward(network, Tensor::from_data(data, &Device::flex()));
        let dims = expected.dims();
        let expected: Vec<f32> = expected.into_data().as_slice().expect("floats").to_vec();
        let found = session.run(&engine::Tensor::new(shape, values)).expect("a run");
        assert_eq!(found[0].shape, dims, "{}", engine.info());
        let largest = expected.iter().fold(1.0f32, |most, value| most.max(value.abs()));
        for (expected, found) in expected.iter().zip(&found[0].data) {
            most = most.max((expected - found).abs() / largest);
        }
    }
    most
}

/// Asserts that a network computes in engines what it computes in Burn.
fn assert_same<N: Module>(
    name: &str,
    network: &N,
    input: [usize; 3],
    forward: impl Fn(&N, Tensor<4>) -> Tensor<2>,
) {
    let onnx = super::to_onnx(network, input, &forward).unwrap_or_else(|error| panic!("{name}: {error}"));
    for engine in engines() {
        let difference = difference(network, input, &forward, &onnx, &engine);
        println!("{name}: {difference:.1e} with {}", engine.info().name);
        assert!(difference <= 2e-5, "{name}: {difference} with {}", engine.info());
    }
}
