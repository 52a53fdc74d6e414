//! Losses are computed in f32, whatever a network is computed in.

use burn::tensor::{DType, Device, FloatDType, Tensor, TensorData};

/// A tensor in f32; as it is, if it is.
pub(super) fn in_f32<const D: usize>(tensor: Tensor<D>) -> Tensor<D> {
    tensor.cast(FloatDType::F32)
}

/// Numbers that were made on this machine, through which no gradient goes.
pub(super) fn constant<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), (device, DType::F32))
}
