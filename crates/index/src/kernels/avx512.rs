//! AVX-512: 32 registers of sixteen lanes, and products of bytes by VNNI (Ice Lake, Zen 4 and later).
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
    (is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vnni")
        && is_x86_feature_detected!("fma")
        && is_x86_feature_detected!("f16c"))
    .then_some(&KERNELS)
}

// Thirty-two registers: four queries by four rows, with room for what is loaded.
static KERNELS: Kernels = kernels!("avx512", Sixteen, Sums, 4 x 4, target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,fma,f16c"));

/// The sums of 4 x 4 vectors, in one vector, by 15 additions: each step adds the upper half of what is left of two
/// vectors to the lower half and joins the two, in the order of [`Lanes::sum`]. It is a macro over the addition
/// because closures would not be compiled with this module's instructions.
macro_rules! sixteen_sums {
    ($all:expr, $add:ident) => {{
        let all = $all;
        let mut columns = [_mm512_setzero_ps(); 4];
        for (r, column) in columns.iter_mut().enumerate() {
            let [a, b, c, d] = [all[0][r].float(), all[1][r].float(), all[2][r].float(), all[3][r].float()];
            let ab = $add(_mm512_shuffle_f32x4::<0x44>(a, b), _mm512_shuffle_f32x4::<0xee>(a, b));
            let cd = $add(_mm512_shuffle_f32x4::<0x44>(c, d), _mm512_shuffle_f32x4::<0xee>(c, d));
            *column = $add(_mm512_shuffle_f32x4::<0x88>(ab, cd), _mm512_shuffle_f32x4::<0xdd>(ab, cd));
        }
        let [a, b, c, d] = columns;
        let ab = $add(_mm512_shuffle_ps::<0x44>(a, b), _mm512_shuffle_ps::<0xee>(a, b));
        let cd = $add(_mm512_shuffle_ps::<0x44>(c, d), _mm512_shuffle_ps::<0xee>(c, d));
        $add(_mm512_shuffle_ps::<0x88>(ab, cd), _mm512_shuffle_ps::<0xdd>(ab, cd))
    }};
}

#[derive(Clone, Copy)]
struct Sixteen(__m512);

impl Sixteen {
    #[inline(always)]
    fn float(self) -> __m512 {
        self.0
    }
}

impl Lanes for Sixteen {
    #[inline(always)]
    unsafe fn zero() -> Self {
        Self(_mm512_setzero_ps())
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Self(_mm512_loadu_ps(from))
    }
    #[inline(always)]
    unsafe fn load_f16(from: *const f16) -> Self {
        Self(_mm512_cvtph_ps(_mm256_loadu_si256(from.cast())))
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        _mm512_storeu_ps(to, self.0)
    }
    #[inline(always)]
    unsafe fn store_f16(self, to: *mut f16) {
        _mm256_storeu_si256(to.cast(), _mm512_cvtps_ph::<{ _MM_FROUND_TO_NEAREST_INT }>(self.0))
    }
    #[inline(always)]
    unsafe fn add_product(self, a: Self, b: Self) -> Self {
        Self(_mm512_fmadd_ps(a.0, b.0, self.0))
    }
    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        let eight = _mm256_add_ps(_mm512_castps512_ps256(self.0), upper_half(self.0));
        let four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
        let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
    }
    #[inline(always)]
    unsafe fn sums<const Q: usize, const R: usize>(all: [[Self; R]; Q]) -> [[f32; R]; Q] {
        let mut out = [[0.0; R]; Q];
        if Q == 4 && R == 4 {
            let sums = sixteen_sums!(all, _mm512_add_ps);
            _mm512_storeu_ps(out.as_mut_ptr().cast(), sums);
        } else {
            for (out, all) in out.iter_mut().flatten().zip(all.iter().flatten()) {
                *out = all.sum();
            }
        }
        out
    }
}

#[inline(always)]
unsafe fn upper_half(all: __m512) -> __m256 {
    _mm256_castpd_ps(_mm512_extractf64x4_pd::<1>(_mm512_castps_pd(all)))
}

#[derive(Clone, Copy)]
struct Sums(__m512i);

impl Sums {
    /// The same bits, for the sake of the shuffles.
    #[inline(always)]
    unsafe fn float(self) -> __m512 {
        _mm512_castsi512_ps(self.0)
    }
}

impl Words for Sums {
    type Row = __m512i;
    type Query = __m512i;
    #[inline(always)]
    unsafe fn zero() -> Self {
        Self(_mm512_setzero_si512())
    }
    #[inline(always)]
    unsafe fn load_row(from: *const u8) -> __m512i {
        _mm512_loadu_si512(from.cast())
    }
    #[inline(always)]
    unsafe fn load_query(from: *const i8) -> __m512i {
        _mm512_loadu_si512(from.cast())
    }
    #[inline(always)]
    unsafe fn add_products(self, row: __m512i, query: __m512i) -> Self {
        Self(_mm512_dpbusd_epi32(self.0, row, query))
    }
    #[inline(always)]
    unsafe fn sum(self) -> i32 {
        _mm512_reduce_add_epi32(self.0)
    }
    #[inline(always)]
    unsafe fn sums<const Q: usize, const R: usize>(all: [[Self; R]; Q]) -> [[i32; R]; Q] {
        let mut out = [[0; R]; Q];
        if Q == 4 && R == 4 {
            let sums = sixteen_sums!(all, add_words);
            _mm512_storeu_ps(out.as_mut_ptr().cast(), sums);
        } else {
            for (out, all) in out.iter_mut().flatten().zip(all.iter().flatten()) {
                *out = all.sum();
            }
        }
        out
    }
}

/// Adds whole numbers that travel as floats, for the sake of the shuffles.
#[inline(always)]
unsafe fn add_words(a: __m512, b: __m512) -> __m512 {
    _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(a), _mm512_castps_si512(b)))
}
