//! Cross-entropy of yes and no.

use burn::tensor::Tensor;

/// `-y log s(z) - (1 - y) log(1 - s(z))` for each logit `z` and target `y` within 0..1, without overflow.
pub(crate) fn binary_cross_entropy<const D: usize>(logits: Tensor<D>, targets: Tensor<D>) -> Tensor<D> {
    let rest = logits.clone().abs().neg().exp().log1p();
    logits.clone().clamp_min(0.0) - logits * targets + rest
}

/// `sum(weights * values) / sum(weights)`, and 0 where nothing has a weight.
pub(crate) fn weighted_mean<const D: usize>(values: Tensor<D>, weights: Tensor<D>) -> Tensor<1> {
    let whole = weights.clone().sum().clamp_min(f32::MIN_POSITIVE);
    (values * weights).sum() / whole
}
