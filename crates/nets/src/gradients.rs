//! A check of gradients by differences, for tests.

use burn::tensor::{Device, Tensor, TensorData};

/// Compares the gradient of a function `[N, C]` to `[1]` with central differences, in each value.
///
/// # Panics
///
/// If they differ by more than so much of the largest.
pub(crate) fn check(sides: [usize; 2], at: &[f32], share: f32, of: impl Fn(Tensor<2>) -> Tensor<1>) {
    let device = Device::flex().autodiff();
    let tensor = |values: &[f32]| Tensor::<2>::from_data(TensorData::new(values.to_vec(), sides), &device);
    let input = tensor(at).require_grad();
    let gradient = input.grad(&of(input.clone()).backward()).expect("a gradient");
    let gradient = gradient.into_data().try_to_vec::<f32>().expect("numbers");
    const STEP: f32 = 1e-2;
    let moved = |place: usize, by: f32| {
        let mut values = at.to_vec();
        values[place] += by;
        of(tensor(&values)).into_scalar::<f32>()
    };
    let slopes: Vec<f32> =
        (0..at.len()).map(|place| (moved(place, STEP) - moved(place, -STEP)) / (2.0 * STEP)).collect();
    let most = slopes.iter().fold(1e-3, |most: f32, slope| most.max(slope.abs()));
    for (place, (gradient, slope)) in gradient.iter().zip(&slopes).enumerate() {
        assert!((gradient - slope).abs() <= share * most, "value {place}: {gradient} by steps {slope}");
    }
}
