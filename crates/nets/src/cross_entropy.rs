//! Cross-entropy of yes and no.

use burn::tensor::Tensor;
use burn::tensor::activation::log_sigmoid;

/// `-y log s(z) - (1 - y) log(1 - s(z))` for each logit `z` and target `y` within 0..1, without overflow.
pub(crate) fn binary_cross_entropy<const D: usize>(logits: Tensor<D>, targets: Tensor<D>) -> Tensor<D> {
    // log(1 - s(z)) is log s(z) - z.
    (targets.neg() + 1.0) * logits.clone() - log_sigmoid(logits)
}

/// `sum(weights * values) / sum(weights)`, and 0 where nothing has a weight.
pub(crate) fn weighted_mean<const D: usize>(values: Tensor<D>, weights: Tensor<D>) -> Tensor<1> {
    let whole = weights.clone().sum().clamp_min(f32::MIN_POSITIVE);
    (values * weights).sum() / whole
}
