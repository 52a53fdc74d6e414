//! The multiplicative margin of L-Softmax and A-Softmax: `psi`, which falls from 1 to `1 - 2m` as an angle
//! opens.

use burn::tensor::Tensor;

use super::check;

/// Whether [`psi`] is known for a margin.
pub(super) fn check(margin: u32) -> Result<(), String> {
    check::within("margin", margin.into(), 1.0, 4.0)
}

/// `psi(theta) = (-1)^k cos(m theta) - 2k` for `theta` in `[k pi / m, (k + 1) pi / m]` (equation 7 of
/// SphereFace), from cosines, by polynomials: without an angle, whose slope has no limit.
pub(super) fn psi(cosines: Tensor<2>, margin: u32) -> Tensor<2> {
    let c = cosines;
    let square = c.clone().square();
    let side = c.clone().detach().sign();
    match margin {
        1 => c,
        2 => side.mul_scalar(2.0).mul(square).sub_scalar(1.0),
        3 => {
            let s1 = c.clone().detach().abs().sub_scalar(0.5).sign();
            let s2 = side.mul(s1.clone().add_scalar(1.0)).sub_scalar(2.0);
            s1.mul(square.mul_scalar(4.0).sub_scalar(3.0).mul(c)) + s2
        }
        _ => {
            let s3 = side.clone().mul(square.clone().detach().mul_scalar(2.0).sub_scalar(1.0).sign());
            let s4 = side.mul_scalar(2.0) + s3.clone().sub_scalar(3.0);
            let fourth = square.clone().sub_scalar(1.0).mul(square).mul_scalar(8.0).add_scalar(1.0);
            s3.mul(fourth) + s4
        }
    }
}
