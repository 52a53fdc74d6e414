//! The twin of the vector kernels in plain Rust, for machines without them and as the truth in their tests.
// The functions here are unsafe only because those of `Lanes` and `Words` are.
#![allow(unsafe_code, unsafe_op_in_unsafe_fn)]

use half::f16;

use super::coded::{self, Words};
use super::dense::{self, LANES, Lanes};
use crate::codes::{CodedQuery, CodesPart};
use crate::kernels::Kernels;
use crate::lines::{Bytes, Codes, Floats, LINE};

/// Whether a multiply-add rounded once is an instruction here; where it is a call, two roundings are far faster.
const FUSED: bool = cfg!(any(target_feature = "fma", target_arch = "aarch64"));

pub(super) static KERNELS: Kernels = kernels!("scalar", Plain<FUSED>, Sum, 1 x 2);

/// The scalar kernels with multiply-adds rounded once, to compare bits with the vector kernels.
#[cfg(test)]
pub(super) static FUSED_KERNELS: Kernels = kernels!("scalar, fused", Plain<true>, Sum, 1 x 2);

#[derive(Clone, Copy)]
struct Plain<const FUSED: bool>([f32; LANES]);

impl<const FUSED: bool> Lanes for Plain<FUSED> {
    #[inline(always)]
    unsafe fn zero() -> Self {
        Self([0.0; LANES])
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Self(from.cast::<[f32; LANES]>().read())
    }
    #[inline(always)]
    unsafe fn load_f16(from: *const f16) -> Self {
        let mut lanes = [0.0; LANES];
        for (lane, half) in lanes.iter_mut().zip(from.cast::<[f16; LANES]>().read()) {
            *lane = widen(half);
        }
        Self(lanes)
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        to.cast::<[f32; LANES]>().write(self.0)
    }
    #[inline(always)]
    unsafe fn store_f16(self, to: *mut f16) {
        for (at, &lane) in self.0.iter().enumerate() {
            to.add(at).write(f16::from_f32(lane));
        }
    }
    #[inline(always)]
    unsafe fn add_product(mut self, a: Self, b: Self) -> Self {
        for (sum, (a, b)) in self.0.iter_mut().zip(a.0.into_iter().zip(b.0)) {
            *sum = if FUSED { a.mul_add(b, *sum) } else { *sum + a * b };
        }
        self
    }
    #[inline(always)]
    unsafe fn sum(mut self) -> f32 {
        for half in [8, 4, 2, 1] {
            for lane in 0..half {
                self.0[lane] += self.0[lane + half];
            }
        }
        self.0[0]
    }
}

/// Half to single precision without branches, so that the compiler can make vectors of it: the bits of the exponent
/// and fraction are read as a number that is 2^112 times too small, subnormal or not.
#[inline(always)]
fn widen(half: f16) -> f32 {
    const RAISE: f32 = f32::from_bits((127 + 112) << 23);
    let bits = u32::from(half.to_bits());
    let size = (f32::from_bits((bits & 0x7fff) << 13) * RAISE).to_bits();
    // Infinity and NaN keep the largest exponent.
    let size = if bits & 0x7c00 == 0x7c00 { size | 0x7f80_0000 } else { size };
    f32::from_bits(size | (bits & 0x8000) << 16)
}

#[derive(Clone, Copy)]
struct Sum(i32);

impl Words for Sum {
    type Row = [u8; LINE];
    type Query = [i8; LINE];
    #[inline(always)]
    unsafe fn zero() -> Self {
        Self(0)
    }
    #[inline(always)]
    unsafe fn load_row(from: *const u8) -> Self::Row {
        from.cast::<Self::Row>().read()
    }
    #[inline(always)]
    unsafe fn load_query(from: *const i8) -> Self::Query {
        from.cast::<Self::Query>().read()
    }
    #[inline(always)]
    unsafe fn add_products(self, row: Self::Row, query: Self::Query) -> Self {
        let products = row.iter().zip(&query).map(|(&row, &query)| i32::from(row) * i32::from(query));
        Self(self.0 + products.sum::<i32>())
    }
    #[inline(always)]
    unsafe fn sum(self) -> i32 {
        self.0
    }
}
