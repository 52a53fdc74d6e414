//! AVX2 with FMA and F16C: sixteen lanes in two registers (Haswell, Zen and later).
// The functions here are unsafe for one reason, that of `Lanes` and `Words`, whose callers see to it.
#![allow(unsafe_code, unsafe_op_in_unsafe_fn)]

use std::arch::x86_64::*;

use half::f16;

use super::coded::{self, Words};
use super::dense::{self, Lanes};
use crate::codes::{CodedQuery, CodesPart};
use crate::kernels::Kernels;
use crate::lines::{Bytes, Codes, Floats};

/// The kernels, if this machine can run them.
pub(super) fn kernels() -> Option<&'static Kernels> {
    (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c"))
        .then_some(&KERNELS)
}

// Sixteen registers of eight lanes: two queries by two rows, with room for what is loaded.
static KERNELS: Kernels = kernels!("avx2", TwoEights, Sums, 2 x 2, target_feature(enable = "avx2,fma,f16c"));

/// Lanes 0..8 and 8..16.
#[derive(Clone, Copy)]
struct TwoEights(__m256, __m256);

impl Lanes for TwoEights {
    #[inline(always)]
    unsafe fn zero() -> Self {
        Self(_mm256_setzero_ps(), _mm256_setzero_ps())
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Self(_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8)))
    }
    #[inline(always)]
    unsafe fn load_f16(from: *const f16) -> Self {
        let low = _mm256_cvtph_ps(_mm_loadu_si128(from.cast()));
        Self(low, _mm256_cvtph_ps(_mm_loadu_si128(from.add(8).cast())))
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        _mm256_storeu_ps(to, self.0);
        _mm256_storeu_ps(to.add(8), self.1);
    }
    #[inline(always)]
    unsafe fn store_f16(self, to: *mut f16) {
        _mm_storeu_si128(to.cast(), _mm256_cvtps_ph::<{ _MM_FROUND_TO_NEAREST_INT }>(self.0));
        _mm_storeu_si128(to.add(8).cast(), _mm256_cvtps_ph::<{ _MM_FROUND_TO_NEAREST_INT }>(self.1));
    }
    #[inline(always)]
    unsafe fn add_product(self, a: Self, b: Self) -> Self {
        Self(_mm256_fmadd_ps(a.0, b.0, self.0), _mm256_fmadd_ps(a.1, b.1, self.1))
    }
    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        let eight = _mm256_add_ps(self.0, self.1);
        let four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
        let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
    }
}

/// Eight sums.
#[derive(Clone, Copy)]
struct Sums(__m256i);

impl Words for Sums {
    // Bytes are widened to 16 bits: multiplying bytes directly would saturate sums of two products.
    type Row = [__m256i; 4];
    type Query = [__m256i; 4];
    #[inline(always)]
    unsafe fn zero() -> Self {
        Self(_mm256_setzero_si256())
    }
    #[inline(always)]
    unsafe fn load_row(from: *const u8) -> Self::Row {
        let mut parts = [_mm256_setzero_si256(); 4];
        for (at, part) in parts.iter_mut().enumerate() {
            *part = _mm256_cvtepu8_epi16(_mm_loadu_si128(from.add(16 * at).cast()));
        }
        parts
    }
    #[inline(always)]
    unsafe fn load_query(from: *const i8) -> Self::Query {
        let mut parts = [_mm256_setzero_si256(); 4];
        for (at, part) in parts.iter_mut().enumerate() {
            *part = _mm256_cvtepi8_epi16(_mm_loadu_si128(from.add(16 * at).cast()));
        }
        parts
    }
    #[inline(always)]
    unsafe fn add_products(mut self, row: Self::Row, query: Self::Query) -> Self {
        for (row, query) in row.into_iter().zip(query) {
            self.0 = _mm256_add_epi32(self.0, _mm256_madd_epi16(row, query));
        }
        self
    }
    #[inline(always)]
    unsafe fn sum(self) -> i32 {
        let four = _mm_add_epi32(_mm256_castsi256_si128(self.0), _mm256_extracti128_si256::<1>(self.0));
        let two = _mm_add_epi32(four, _mm_shuffle_epi32::<0b01_00_11_10>(four));
        _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32::<1>(two)))
    }
}
