//! The twin of the vector kernels in plain Rust, for machines without them and as the truth in their tests.
#![allow(unsafe_code)] // implements the unsafe traits of the vectors; the only condition is on the pointers

use half::f16;

use super::coded::{self, Words};
use super::dense::{self, LANES, Lanes};
use super::Kernels;
use crate::lines::LINE;

/// Whether a multiply-add rounded once is an instruction here; where it is a call, two roundings are far faster.
const FUSED: bool = cfg!(any(target_feature = "fma", target_arch = "aarch64"));

pub(super) static KERNELS: Kernels = kernels::<FUSED>("scalar");

/// The scalar kernels with multiply-adds rounded once, to compare bits with the vector kernels.
#[cfg(test)]
pub(super) static FUSED_KERNELS: Kernels = kernels::<true>("scalar, fused");

const fn kernels<const FUSED: bool>(name: &'static str) -> Kernels {
    // SAFETY, for all: plain Rust needs no particular instructions.
    Kernels {
        name,
        dots_f32: |query, rows, out| unsafe { dense::dots::<Plain<FUSED>, f32>(query, rows, out) },
        dots_f16: |query, rows, out| unsafe { dense::dots::<Plain<FUSED>, f16>(query, rows, out) },
        tile: |queries, rows, stride, out| unsafe { dense::tile::<Plain<FUSED>, 1, 2>(queries, rows, stride, out) },
        tile_codes: |queries, rows, stride, out| unsafe {
            coded::tile::<Sum, 1, 1>(queries, rows, stride, out);
        },
        bounds: coded::bounds,
        widen: |from, to| unsafe { dense::widen::<Plain<FUSED>>(from, to) },
        narrow: |from, to| unsafe { dense::narrow::<Plain<FUSED>>(from, to) },
    }
}

#[derive(Clone, Copy)]
struct Plain<const FUSED: bool>([f32; LANES]);

impl<const FUSED: bool> Lanes for Plain<FUSED> {
    #[inline(always)]
    unsafe fn zero() -> Self {
        Self([0.0; LANES])
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's 16 values.
        Self(unsafe { from.cast::<[f32; LANES]>().read() })
    }
    #[inline(always)]
    unsafe fn load_f16(from: *const f16) -> Self {
        // SAFETY: the caller's 16 values.
        Self(unsafe { from.cast::<[f16; LANES]>().read() }.map(f32::from))
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's 16 places.
        unsafe { to.cast::<[f32; LANES]>().write(self.0) }
    }
    #[inline(always)]
    unsafe fn store_f16(self, to: *mut f16) {
        // SAFETY: the caller's 16 places.
        unsafe { to.cast::<[f16; LANES]>().write(self.0.map(f16::from_f32)) }
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
        // SAFETY: the caller's 64 bytes.
        unsafe { from.cast::<Self::Row>().read() }
    }
    #[inline(always)]
    unsafe fn load_query(from: *const i8) -> Self::Query {
        // SAFETY: the caller's 64 codes.
        unsafe { from.cast::<Self::Query>().read() }
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
