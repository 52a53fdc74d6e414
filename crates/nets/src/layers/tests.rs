//! Each layer against Burn's own on the same device: what it gives, all its gradients, and what it keeps.

use burn::module::{Param, RunningState};
use burn::nn::{BatchNormConfig, PReluConfig};
use burn::tensor::activation::relu as burn_relu;
use burn::tensor::{Gradients, TensorData};

use super::*;
use crate::testing::values;

fn device() -> Device {
    Device::flex().autodiff()
}

/// Numbers that look random, from -1 to 1, of which none is near 0.
fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..count).map(|_| (0.05 + 0.95 * random.f32()) * if random.bool() { 1.0 } else { -1.0 }).collect()
}

fn tensor<const D: usize>(shape: [usize; D], seed: u64) -> Tensor<D> {
    Tensor::from_data(TensorData::new(numbers(shape.iter().product(), seed), shape), &device())
}

fn given<const D: usize>(param: &Param<Tensor<D>>, seed: u64) -> Param<Tensor<D>> {
    Param::from_tensor(tensor(param.val().dims(), seed))
}

#[track_caller]
fn near(what: &str, found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let most = expected.iter().fold(1.0, |most: f32, value| most.max(value.abs()));
    for (at, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= 2e-5 * most, "{what} {at}: {a}, Burn has {b}");
    }
}

/// Compares two functions of an input: output, gradient of the input, and the gradients that `others` finds.
/// Outputs weigh differently in what is differentiated, so that no two gradients are equal by chance.
#[track_caller]
fn same<const D: usize>(
    shape: [usize; D],
    of: [&dyn Fn(Tensor<D>) -> Tensor<D>; 2],
    others: impl Fn(&Gradients) -> Vec<Vec<f32>>,
) {
    let found = of.map(|of| {
        // Twice: with the channels second, as Burn has them, and last, as the kernels have them.
        [false, true].map(|turned| {
            let leaf = tensor(shape, 1).require_grad();
            let input = if turned { add(leaf.clone(), leaf.clone().zeros_like()) } else { leaf.clone() };
            let output = of(input);
            let gradients = (output.clone() * tensor(output.dims(), 2)).sum().backward();
            let mut all = vec![values(output), values(leaf.grad(&gradients).expect("a gradient"))];
            all.extend(others(&gradients));
            all
        })
    });
    let [own, burn] = found;
    for (own, burn) in own.iter().zip(&burn) {
        assert!(own.len() == burn.len() && own.len() >= 2);
        for (number, (own, burn)) in own.iter().zip(burn).enumerate() {
            near(&format!("result {number}"), own, burn);
        }
    }
}

fn gradient<const D: usize>(param: &Param<Tensor<D>>, gradients: &Gradients) -> Vec<f32> {
    values(param.val().grad(gradients).expect("a gradient"))
}

#[test]
fn convolutions_are_burns() {
    for (from, to, kernel, stride, depthwise, bias) in [
        (3, 5, 3, 1, false, true),
        (3, 5, 3, 1, false, false),
        (4, 4, 3, 2, false, true),
        (2, 7, 1, 2, false, false),
        (6, 6, 3, 1, true, true),
        (6, 6, 3, 2, true, false),
    ] {
        let filters = Filters { groups: if depthwise { to } else { 1 }, ..Filters::same(kernel, stride) };
        for padding in [filters.padding, kernel + 2] {
            let mut layer = Filters { padding, ..filters }.conv(from, to, bias, &device());
            layer.weight = given(&layer.weight, 5);
            layer.bias = layer.bias.map(|bias| given(&bias, 6));
            assert!(going(&layer).is_some(), "computed by the kernels");
            same([2, from, 8, 7], [&|x| conv(&layer, x), &|x| layer.forward(x)], |gradients| {
                let bias = layer.bias.iter().map(|bias| gradient(bias, gradients));
                std::iter::once(gradient(&layer.weight, gradients)).chain(bias).collect()
            });
        }
    }
}

#[test]
fn rectifiers_are_burns() {
    let mut layer = PReluConfig::new().with_num_parameters(5).init(&device());
    layer.alpha = given(&layer.alpha, 5);
    same([3, 5, 4, 2], [&|x| prelu(&layer, x), &|x| layer.forward(x)], |gradients| {
        vec![gradient(&layer.alpha, gradients)]
    });
    same([6, 5], [&|x| prelu(&layer, x), &|x| layer.forward(x)], |gradients| {
        vec![gradient(&layer.alpha, gradients)]
    });
    same([3, 5, 4, 2], [&|x| relu(x), &|x| burn_relu(x)], |_| Vec::new());
    same([7], [&|x| relu(x), &|x| burn_relu(x)], |_| Vec::new());
    let wide = |x: Tensor<4>| x.mul_scalar(10.0);
    same([3, 5, 4, 2], [&|x| relu6(wide(x)), &|x| wide(x).clamp(0.0, 6.0)], |_| Vec::new());
}

#[test]
fn sums_are_burns() {
    let other = Param::from_tensor(tensor([3, 5, 4, 2], 7));
    let twice = |x: Tensor<4>| x.mul_scalar(2.0);
    same([3, 5, 4, 2], [&|x| add(twice(x), other.val()), &|x| twice(x) + other.val()], |gradients| {
        vec![gradient(&other, gradients)]
    });
}

#[test]
fn competitions_are_burns() {
    let halves = |x: Tensor<4>| x.clone().narrow(1, 0, 3).max_pair(x.narrow(1, 3, 3));
    same([3, 6, 4, 2], [&|x| larger(x), &halves], |_| Vec::new());
    let halves = |x: Tensor<2>| x.clone().narrow(1, 0, 3).max_pair(x.narrow(1, 3, 3));
    same([5, 6], [&|x| larger(x), &halves], |_| Vec::new());
}

#[test]
fn windows_are_burns() {
    for sides in [[4, 6], [5, 6], [4, 7], [1, 1], [3, 3]] {
        let shape = [2, 5, sides[0], sides[1]];
        same(shape, [&|x| halved(x), &|x| max_pool2d(x, windows())], |_| Vec::new());
    }
}

#[test]
fn of_two_equal_maps_the_first_is_kept() {
    let input = Tensor::<2>::from_floats([[1.0, 3.0, 1.0, 2.0]], &device()).require_grad();
    let kept = larger(input.clone());
    assert_eq!(values(kept.clone()), [1.0, 3.0]);
    assert_eq!(values(input.grad(&kept.sum().backward()).expect("a gradient")), [1.0, 1.0, 0.0, 0.0]);
}

#[test]
#[should_panic(expected = "channels of shape [2, 5, 3, 3] cannot compete")]
fn odd_channels_cannot_compete() {
    larger(tensor([2, 5, 3, 3], 1));
}

/// A normalisation with numbers of its own.
fn norm() -> BatchNorm {
    let mut layer = BatchNormConfig::new(5).with_epsilon(1e-3).with_momentum(0.3).init(&device());
    layer.gamma = given(&layer.gamma, 5);
    layer.beta = given(&layer.beta, 6);
    layer.running_mean = RunningState::new(tensor([5], 7));
    layer.running_var = RunningState::new(tensor([5], 8).abs());
    layer
}

fn kept(layer: &BatchNorm) -> [Vec<f32>; 2] {
    [&layer.running_mean, &layer.running_var].map(|kept| values(kept.value_sync()))
}

#[test]
fn normalisations_by_the_batch_are_burns_with_the_variance_of_pytorch() {
    let layer = norm();
    same([3, 5, 4, 2], [&|x| batch_norm(&layer, x), &|x| layer.forward(x)], |gradients| {
        vec![gradient(&layer.gamma, gradients), gradient(&layer.beta, gradients)]
    });
    same([12, 5], [&|x| batch_norm(&layer, x), &|x| layer.forward(x)], |gradients| {
        vec![gradient(&layer.gamma, gradients), gradient(&layer.beta, gradients)]
    });
    // By the kernels, and as on devices that have none.
    let burns = norm();
    let before = kept(&burns);
    burns.forward(tensor::<4>([3, 5, 4, 2], 1));
    let [mean, biased] = kept(&burns);
    let unbiased: Vec<f32> =
        biased.iter().zip(&before[1]).map(|(new, old)| 0.7 * old + (new - 0.7 * old) * 24.0 / 23.0).collect();
    for kernels in [true, false] {
        let own = norm();
        normalised_by_batch(&own, tensor::<4>([3, 5, 4, 2], 1), kernels);
        near("mean", &kept(&own)[0], &mean);
        near("variance", &kept(&own)[1], &unbiased);
    }
}

#[test]
fn normalisations_by_running_statistics_are_burns() {
    let mut layer = norm();
    layer.training = layer.training.with_value(false);
    let before = kept(&layer);
    same([3, 5, 4, 2], [&|x| batch_norm(&layer, x), &|x| layer.forward(x)], |gradients| {
        vec![gradient(&layer.gamma, gradients), gradient(&layer.beta, gradients)]
    });
    assert_eq!(kept(&layer), before);
}

#[test]
fn no_images_have_no_features_and_gradients_of_zero() {
    let (layer, norm) = (Filters::same(3, 2).conv(3, 5, true, &device()), norm());
    let before = kept(&norm);
    let images = Tensor::<4>::zeros([0, 3, 8, 7], &device()).require_grad();
    let output = batch_norm(&norm, conv(&layer, images.clone()));
    assert_eq!(output.dims(), [0, 5, 4, 4]);
    let gradients = output.sum().backward();
    assert_eq!(gradient(&layer.weight, &gradients), [0.0; 135]);
    assert_eq!(gradient(&norm.gamma, &gradients), [0.0; 5]);
    assert_eq!(kept(&norm), before);
}

#[test]
#[should_panic(
    expected = "filters of shape [5, 3, 3, 3] do not fit an input of shape [2, 1, 8, 8]: it has 1 channels"
)]
fn images_of_other_channels_are_refused() {
    conv(&Filters::same(3, 1).conv(3, 5, true, &device()), tensor([2, 1, 8, 8], 1));
}

#[test]
#[should_panic(
    expected = "filters of shape [4, 1, 3, 3] do not fit an input of shape [2, 6, 8, 8]: it has 6 channels"
)]
fn images_of_other_channels_are_refused_by_depthwise_filters() {
    conv(&Filters::same(3, 1).depthwise(4).conv(4, 4, true, &device()), tensor([2, 6, 8, 8], 1));
}

#[test]
#[should_panic(expected = "an image of 4 x 4 with 0 around it is too small for a filter of 7 x 7")]
fn images_smaller_than_a_filter_are_refused() {
    conv(&Filters::same(7, 1).valid().depthwise(4).conv(4, 4, false, &device()), tensor([2, 4, 4, 4], 1));
}

#[test]
#[should_panic(expected = "scales of shape [5] do not fit an input of shape [2, 4, 3, 3]")]
fn images_of_other_channels_are_refused_by_normalisation() {
    batch_norm(&norm(), tensor([2, 4, 3, 3], 1));
}

#[test]
#[should_panic(expected = "tensors of shapes [2, 4, 3, 3] and [2, 4, 3, 1] cannot be added")]
fn sums_of_other_shapes_are_refused() {
    add(tensor([2, 4, 3, 3], 1), tensor([2, 4, 3, 1], 1));
}
