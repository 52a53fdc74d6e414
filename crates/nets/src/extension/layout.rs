//! Where values lie: shapes are NCHW, as everywhere in Burn, while the values of what the kernels read and
//! write lie with channels last.

use burn::backend::TensorMetadata;
use burn::tensor::TensorData;

use super::Host;

/// A tensor of values that lie as its shape says.
pub(super) fn host(values: Vec<f32>, shape: &[usize]) -> Host {
    Host::from_data(TensorData::new(values, shape.to_vec()))
}

/// The values of a tensor with channels last. What the kernels made lies so already, and so does a vector or
/// a matrix.
pub(super) fn channels_last(tensor: &Host) -> Host {
    let last = tensor.shape().len();
    if last < 3 {
        return tensor.to_contiguous();
    }
    let axes: Vec<usize> = std::iter::once(0).chain(2..last).chain([1]).collect();
    tensor.permute(&axes).to_contiguous()
}

/// A tensor of a shape with channels second, whose values lie with channels last.
pub(super) fn channels_second(values: Vec<f32>, shape: &[usize]) -> Host {
    if shape.len() < 3 {
        return host(values, shape);
    }
    let lying: Vec<usize> =
        std::iter::once(shape[0]).chain(shape[2..].iter().copied()).chain([shape[1]]).collect();
    let axes: Vec<usize> = [0, shape.len() - 1].into_iter().chain(1..shape.len() - 1).collect();
    host(values, &lying).permute(&axes)
}
