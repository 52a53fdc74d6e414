//! Squeeze and excitation: channels are weighed by what all of the image says.

use burn::module::Module;
use burn::nn::BatchNorm;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;
use burn::tensor::activation::sigmoid;

use super::stack::{Stack, global_mean};
use crate::layers::{self, Filters};

/// Weighs channels: mean, two layers with fewer channels between them, sigmoid (Hu et al., arXiv:1709.01507).
#[derive(Module, Debug)]
pub(crate) struct SqueezeExcitation {
    fc1: Conv2d,
    bn1: Option<BatchNorm>,
    fc2: Conv2d,
    bn2: Option<BatchNorm>,
}

impl SqueezeExcitation {
    /// With so many times fewer channels between the layers, which are normalised or not.
    pub(crate) fn new(stack: &mut Stack, reduction: usize, normalised: bool) -> Self {
        let images = stack.shape();
        let between = (images.channels / reduction).max(1);
        stack.beside(images, |stack| {
            stack.pooled();
            let fc1 = stack.conv(between, Filters::same(1, 1), false);
            let bn1 = normalised.then(|| stack.batch_norm());
            let fc2 = stack.conv(images.channels, Filters::same(1, 1), false);
            Self { fc1, bn1, fc2, bn2: normalised.then(|| stack.batch_norm()) }
        })
    }

    pub(crate) fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        let normalised = |norm: &Option<BatchNorm>, x| match norm {
            Some(norm) => layers::batch_norm(norm, x),
            None => x,
        };
        let x = layers::conv(&self.fc1, global_mean(images.clone()));
        let x = layers::conv(&self.fc2, layers::relu(normalised(&self.bn1, x)));
        images * sigmoid(normalised(&self.bn2, x))
    }
}
