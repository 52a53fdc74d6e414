//! A detector as the run side reads it.

use burn::tensor::Tensor;
use burn::tensor::activation::sigmoid;
use nets::detectors::YuNet;

use super::{Output, to_onnx_with};
use crate::error::Result;

const STRIDES: [usize; 3] = [8, 16, 32];

/// The ONNX file of a YuNet for images of this height and width, with the twelve outputs of the published
/// files, which [`model::Decoder::Yunet`] reads: `cls`, `obj`, `bbox` and `kps`, each at the strides 8, 16
/// and 32, of shape `[batch, cells, values]`; the first two are probabilities.
///
/// # Errors
/// As [`to_onnx`](super::to_onnx).
///
/// # Panics
/// If the network does not take images of this size: sides are multiples of 32.
pub fn detector_to_onnx(network: &YuNet, [height, width]: [usize; 2]) -> Result<Vec<u8>> {
    to_onnx_with(network, [3, height, width], |network, images| {
        let told = network.forward(images);
        let tensors = [
            ("cls", sigmoid(told.classes).unsqueeze_dim(2)),
            ("obj", sigmoid(told.objects).unsqueeze_dim(2)),
            ("bbox", told.boxes),
            ("kps", told.points),
        ];
        let of_levels = |(name, tensor): (&str, Tensor<3>)| {
            let mut first = 0;
            STRIDES.map(|stride| {
                let cells = (height / stride) * (width / stride);
                first += cells;
                Output::new(&format!("{name}_{stride}"), tensor.clone().narrow(1, first - cells, cells))
            })
        };
        tensors.into_iter().flat_map(of_levels).collect()
    })
}
