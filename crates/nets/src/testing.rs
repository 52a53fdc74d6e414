//! What tests of several modules need.

use burn::store::{ModuleSnapshot, bridge};
use burn::tensor::{Device, Tensor, TensorData};

pub(crate) fn tensor<const D: usize>(values: &[f32], sides: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), sides), device)
}

pub(crate) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().expect("numbers")
}

/// The root of the mean square of all values of those weights of a network that `is_meant` by name and shape.
pub(crate) fn spread(net: &impl ModuleSnapshot, is_meant: impl Fn(&str, &[usize]) -> bool) -> f64 {
    let tensors = ModuleSnapshot::collect(net, None, None, true).into_iter();
    let meant = tensors.filter(|tensor| is_meant(&tensor.name, &tensor.shape[..]));
    let data = meant.map(|tensor| bridge::into_data(tensor).expect("data"));
    let values: Vec<f32> = data.flat_map(|data| data.try_to_vec::<f32>().expect("numbers")).collect();
    assert!(!values.is_empty(), "no such weights");
    (values.iter().map(|value| f64::from(value * value)).sum::<f64>() / values.len() as f64).sqrt()
}
