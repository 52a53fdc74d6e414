//! What the losses of pairs share: which of a batch are of one person, and how far apart all are.

use burn::tensor::{Bool, Int, Tensor};

/// `[N, N]`: whether two samples are of one person.
pub(super) fn alike(labels: Tensor<1, Int>) -> Tensor<2, Bool> {
    let [samples] = labels.dims();
    let rows: Tensor<2, Int> = labels.clone().unsqueeze_dim(1);
    let columns: Tensor<2, Int> = labels.unsqueeze_dim(0);
    rows.expand([samples; 2]).equal(columns.expand([samples; 2]))
}

/// `[N, N]`: whether two samples are of one person, and not one sample.
pub(super) fn same(labels: Tensor<1, Int>) -> Tensor<2, Bool> {
    let [samples] = labels.dims();
    // Burn's diagonal mask is true off the diagonal.
    let others = Tensor::<2, Bool>::diag_mask([samples; 2], 0, &labels.device());
    alike(labels).bool_and(others)
}

/// `[N, N]`: whether two samples are of two people.
pub(super) fn different(labels: Tensor<1, Int>) -> Tensor<2, Bool> {
    alike(labels).bool_not()
}

/// `[N, N]`: squared distances between rows, `[N, d]`; through inner products, never below 0.
pub(super) fn squared_distances(rows: Tensor<2>) -> Tensor<2> {
    let squares = rows.clone().square().sum_dim(1);
    let products = rows.clone().matmul(rows.transpose());
    (squares.clone() + squares.transpose() - products.mul_scalar(2.0)).clamp_min(0.0)
}

/// Labels as numbers of this machine.
pub(super) fn on_host(labels: Tensor<1, Int>) -> Vec<i64> {
    labels.into_data().iter().collect()
}

/// Values of a matrix, row by row, as numbers of this machine.
pub(super) fn values(matrix: Tensor<2>) -> Vec<f32> {
    matrix.detach().into_data().iter().collect()
}
