//! What the losses over classes share: cosines, their angles, what replaces the target's logit, and the cross
//! entropy.

use burn::tensor::activation::log_softmax;
use burn::tensor::{IndexingUpdateOp, Int, Tensor};

/// The largest cosine whose angle has a finite slope in f32; larger ones, by rounding, are brought here.
const EDGE: f64 = 1.0 - 1e-7;

/// Shorter vectors count as this long, so that a vector of zeros has a gradient.
const SHORTEST: f64 = 1e-6;

/// Euclidean lengths of rows: `[N, d]` to `[N, 1]`.
pub(super) fn lengths(rows: Tensor<2>) -> Tensor<2> {
    rows.square().sum_dim(1).clamp_min(SHORTEST * SHORTEST).sqrt()
}

/// Rows of unit length.
pub(super) fn unit(rows: Tensor<2>) -> Tensor<2> {
    rows.clone().div(lengths(rows))
}

/// `sin(acos(c))`, with a finite slope at `c = +-1`.
pub(super) fn sine(cosines: Tensor<2>) -> Tensor<2> {
    let c = cosines.clamp(-EDGE, EDGE);
    // Factored, because the square of a cosine near one has lost the digits that matter.
    (c.clone().neg().add_scalar(1.0)).mul(c.add_scalar(1.0)).sqrt()
}

/// `acos(c)`, with a finite slope at `c = +-1`.
pub(super) fn angles(cosines: Tensor<2>) -> Tensor<2> {
    cosines.clamp(-EDGE, EDGE).acos()
}

/// Mean over samples of `-log softmax(logits)[target]`. `logits`: `[N, C]`; `targets`: `[N, 1]`.
pub(super) fn cross_entropy(logits: Tensor<2>, targets: Tensor<2, Int>) -> Tensor<1> {
    log_softmax(logits, 1).gather(1, targets).mean().neg()
}

/// `log sum exp` of each row: `[N, M]` to `[N, 1]`.
pub(super) fn log_sum_exp(values: Tensor<2>) -> Tensor<2> {
    let largest = values.clone().detach().max_dim(1);
    (values - largest.clone()).exp().sum_dim(1).log() + largest
}

/// `values` with one number in each row replaced: `targets` `[N, 1]` says where, `replacement` `[N, 1]` by
/// what.
///
/// A replacement that equals what is there leaves it as it is, to the last bit.
pub(super) fn replaced(values: Tensor<2>, targets: Tensor<2, Int>, replacement: Tensor<2>) -> Tensor<2> {
    let change = replacement - values.clone().gather(1, targets.clone());
    values.scatter(1, targets, change, IndexingUpdateOp::Add)
}

/// Cosines between embeddings and classes.
pub(super) struct Cosines {
    /// `[N, C]`; rounding may bring one just outside of -1 to 1.
    pub(super) values: Tensor<2>,
    /// Lengths of the embeddings, `[N, 1]`.
    pub(super) norms: Tensor<2>,
    /// Column of each sample's class, `[N, 1]`.
    pub(super) targets: Tensor<2, Int>,
}

impl Cosines {
    /// `embeddings`: `[N, d]`; `classes`: `[C K, d]`, of which the nearest of `K` counts; `labels`: `[N]`,
    /// below `C`.
    pub(super) fn between(
        embeddings: Tensor<2>,
        classes: Tensor<2>,
        centers: usize,
        labels: Tensor<1, Int>,
    ) -> Self {
        let norms = lengths(embeddings.clone());
        let scores = embeddings.div(norms.clone()).matmul(classes.clone().transpose());
        // The product is divided, not the class matrix, which is the larger of the two.
        let mut values = scores.mul(lengths(classes).recip().transpose());
        if centers > 1 {
            let [samples, columns] = values.dims();
            values = values.reshape([samples, columns / centers, centers]).max_dim(2).squeeze_dim(2);
        }
        Self { values, norms, targets: labels.unsqueeze_dim(1) }
    }

    /// Cosine of each sample to its own class, `[N, 1]`.
    pub(super) fn target(&self) -> Tensor<2> {
        self.values.clone().gather(1, self.targets.clone())
    }

    /// The cosines with other targets, `[N, 1]`.
    pub(super) fn with_target(&self, target: Tensor<2>) -> Tensor<2> {
        replaced(self.values.clone(), self.targets.clone(), target)
    }

    /// So many times a number, one for each sample, `[N, 1]`.
    pub(super) fn each(&self, value: f64) -> Tensor<2> {
        self.norms.clone().detach().full_like(value)
    }
}
