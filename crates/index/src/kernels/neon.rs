//! NEON with half precision: sixteen lanes in four registers (every 64-bit Arm machine).
// The functions here are unsafe for one reason, that of `Lanes` and `Words`, whose callers see to it.
#![allow(unsafe_code, unsafe_op_in_unsafe_fn)]

use std::arch::aarch64::*;

use half::f16;

use super::coded::{self, Words};
use super::dense::{self, Lanes};
use crate::codes::{CodedQuery, CodesPart};
use crate::kernels::Kernels;
use crate::lines::{Bytes, Codes, Floats};

/// The kernels, if this machine can run them.
pub(super) fn kernels() -> Option<&'static Kernels> {
    std::arch::is_aarch64_feature_detected!("neon").then_some(&KERNELS)
}

// Thirty-two registers of four lanes: two queries by two rows, with room for what is loaded.
static KERNELS: Kernels = kernels!("neon", FourFours, Sums, 2 x 2, target_feature(enable = "neon"));

/// Lanes 0..4, 4..8, 8..12 and 12..16.
#[derive(Clone, Copy)]
struct FourFours(float32x4_t, float32x4_t, float32x4_t, float32x4_t);

impl Lanes for FourFours {
    #[inline(always)]
    unsafe fn zero() -> Self {
        let zero = vdupq_n_f32(0.0);
        Self(zero, zero, zero, zero)
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Self(vld1q_f32(from), vld1q_f32(from.add(4)), vld1q_f32(from.add(8)), vld1q_f32(from.add(12)))
    }
    #[inline(always)]
    unsafe fn load_f16(from: *const f16) -> Self {
        let bits = from.cast::<u16>();
        let (low, high) =
            (vreinterpretq_f16_u16(vld1q_u16(bits)), vreinterpretq_f16_u16(vld1q_u16(bits.add(8))));
        Self(
            vcvt_f32_f16(vget_low_f16(low)),
            vcvt_high_f32_f16(low),
            vcvt_f32_f16(vget_low_f16(high)),
            vcvt_high_f32_f16(high),
        )
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        vst1q_f32(to, self.0);
        vst1q_f32(to.add(4), self.1);
        vst1q_f32(to.add(8), self.2);
        vst1q_f32(to.add(12), self.3);
    }
    #[inline(always)]
    unsafe fn store_f16(self, to: *mut f16) {
        let bits = to.cast::<u16>();
        vst1q_u16(bits, vreinterpretq_u16_f16(vcvt_high_f16_f32(vcvt_f16_f32(self.0), self.1)));
        vst1q_u16(bits.add(8), vreinterpretq_u16_f16(vcvt_high_f16_f32(vcvt_f16_f32(self.2), self.3)));
    }
    #[inline(always)]
    unsafe fn add_product(self, a: Self, b: Self) -> Self {
        Self(
            vfmaq_f32(self.0, a.0, b.0),
            vfmaq_f32(self.1, a.1, b.1),
            vfmaq_f32(self.2, a.2, b.2),
            vfmaq_f32(self.3, a.3, b.3),
        )
    }
    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        let four = vaddq_f32(vaddq_f32(self.0, self.2), vaddq_f32(self.1, self.3));
        let two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
        vget_lane_f32::<0>(two) + vget_lane_f32::<1>(two)
    }
}

/// Four sums.
#[derive(Clone, Copy)]
struct Sums(int32x4_t);

impl Words for Sums {
    // Bytes are widened to 16 bits, whose products are added in 32.
    type Row = [int16x8_t; 8];
    type Query = [int16x8_t; 8];
    #[inline(always)]
    unsafe fn zero() -> Self {
        Self(vdupq_n_s32(0))
    }
    #[inline(always)]
    unsafe fn load_row(from: *const u8) -> Self::Row {
        let mut parts = [vdupq_n_s16(0); 8];
        for (at, part) in parts.iter_mut().enumerate() {
            *part = vreinterpretq_s16_u16(vmovl_u8(vld1_u8(from.add(8 * at))));
        }
        parts
    }
    #[inline(always)]
    unsafe fn load_query(from: *const i8) -> Self::Query {
        let mut parts = [vdupq_n_s16(0); 8];
        for (at, part) in parts.iter_mut().enumerate() {
            *part = vmovl_s8(vld1_s8(from.add(8 * at)));
        }
        parts
    }
    #[inline(always)]
    unsafe fn add_products(mut self, row: Self::Row, query: Self::Query) -> Self {
        for (row, query) in row.into_iter().zip(query) {
            self.0 = vmlal_s16(self.0, vget_low_s16(row), vget_low_s16(query));
            self.0 = vmlal_high_s16(self.0, row, query);
        }
        self
    }
    #[inline(always)]
    unsafe fn sum(self) -> i32 {
        vaddvq_s32(self.0)
    }
}
