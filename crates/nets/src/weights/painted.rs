//! Weights for tests that any program can make: by formulas, under the names and in the layout of PyTorch.

use burn::module::Module;
use burn::store::{ModuleSnapshot, bridge};
use burn::tensor::TensorData;

use super::names::{FromPyTorch, ToPyTorch};

/// Numbers within -1..1 that look random: `i * 2654435761 + start`, the upper 16 of 32 bits.
pub(crate) fn numbers(count: usize, start: u32) -> Vec<f32> {
    let bits = |i: usize| (i as u32).wrapping_mul(2_654_435_761).wrapping_add(start) >> 16;
    (0..count).map(|i| bits(i) as f32 / 32768.0 - 1.0).collect()
}

/// Filters with a variance of 3 over what they read, scales and slopes about 0.9, and the rest about 0.
pub(crate) fn painted<M: Module>(mut module: M) -> M {
    let mut tensors = module.collect(None, Some(Box::new(ToPyTorch)), true);
    for tensor in &mut tensors {
        let sides: Vec<usize> = tensor.shape.to_vec();
        let reads: usize = sides[1..].iter().product();
        let (scale, offset) = match tensor.name.rsplit('.').next() {
            Some("running_var") => (0.0, 1.0),
            Some("weight") if sides.len() == 1 => (0.25, 0.9),
            Some("weight") => ((9.0 / reads as f32).sqrt(), 0.0),
            _ => (0.1, 0.0),
        };
        let values =
            numbers(sides.iter().product(), 0).into_iter().map(|value| offset + scale * value).collect();
        *tensor = bridge::from_data(TensorData::new::<f32, _>(values, sides), tensor.name.clone(), None);
    }
    let result = module.apply(tensors, None, Some(Box::new(FromPyTorch)), true);
    assert!(result.errors.is_empty() && result.missing.is_empty() && result.unused.is_empty(), "{result}");
    module
}
