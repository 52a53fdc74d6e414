//! The inner loops, and the choice among them at run time.
//!
//! The loops are written once, in [`dense`] and [`coded`], over two small traits: [`dense::Lanes`], sixteen running
//! sums in single precision, and [`coded::Words`], running sums of products of bytes. The modules below implement
//! the traits for one instruction set each. Because all of them keep sixteen sums, feed them in the same order with
//! one rounding per multiply-add, and add them up in the same order at the end, all give the same bits.

#![allow(unsafe_code)] // calls of functions for instructions that not every machine has, behind a check

use std::sync::OnceLock;

use half::f16;

use crate::codes::{CodedQuery, CodesPart};
use crate::lines::{Bytes, Codes, Floats, LINE};

/// Makes a function of a generic kernel, which is compiled with the features that its vectors need.
macro_rules! kernel {
    ($generic:expr, ($($arg:ident: $type:ty),*) $(, $features:meta)?) => {{
        fn outside($($arg: $type),*) {
            $(#[$features])?
            fn inside($($arg: $type),*) {
                // SAFETY: the instructions are those of this function.
                #[allow(unused_unsafe, reason = "one of the kernels is safe")]
                unsafe { $generic($($arg),*) }
            }
            // SAFETY: only a machine with the features is given the table that leads here.
            #[allow(unused_unsafe, reason = "without features it is safe")]
            unsafe { inside($($arg),*) }
        }
        outside
    }};
}

/// Makes the [`Kernels`] over the given vectors, in blocks of `$q` queries by `$r` rows. Where the features are
/// missing nobody may use them.
macro_rules! kernels {
    ($name:literal, $lanes:ty, $words:ty, $q:literal x $r:literal $(, $features:meta)?) => {
        Kernels {
            name: $name,
            dots_f32: kernel!(dense::dots::<$lanes, f32>, (query: &[f32], rows: &[f32], out: &mut [f32]) $(, $features)?),
            dots_f16: kernel!(dense::dots::<$lanes, f16>, (query: &[f32], rows: &[f16], out: &mut [f32]) $(, $features)?),
            tile: kernel!(
                dense::tile::<$lanes, $q, $r>,
                (queries: &[Floats], rows: &[Floats], stride: usize, out: &mut [f32]) $(, $features)?
            ),
            tile_codes: kernel!(
                coded::tile::<$words, $q, $r>,
                (queries: &[Codes], rows: &[Bytes], stride: usize, out: &mut [i32]) $(, $features)?
            ),
            bounds: kernel!(
                coded::bounds,
                (sums: &[i32], rows: &CodesPart<'_>, query: &CodedQuery, out: &mut [f32]) $(, $features)?
            ),
            widen: kernel!(dense::widen::<$lanes>, (from: &[f16], to: &mut [f32]) $(, $features)?),
            narrow: kernel!(dense::narrow::<$lanes>, (from: &[f32], to: &mut [f16]) $(, $features)?),
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod coded;
mod dense;
#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;
#[cfg(test)]
mod tests;

/// One set of inner loops. Lengths are checked; a wrong one is an error in this crate and panics.
pub(crate) struct Kernels {
    name: &'static str,
    /// `dots_*(query, rows, out)`: the inner product of `query` with each row, `out.len()` rows of `query.len()`.
    pub(crate) dots_f32: fn(&[f32], &[f32], &mut [f32]),
    pub(crate) dots_f16: fn(&[f32], &[f16], &mut [f32]),
    /// `tile(queries, rows, stride, out)`: all inner products of vectors padded with zeros to `stride` lines each;
    /// `out` is queries x rows.
    pub(crate) tile: fn(&[Floats], &[Floats], usize, &mut [f32]),
    /// The same over codes: queries of signed bytes, rows of bytes offset by 128. The sums still contain the offset.
    pub(crate) tile_codes: fn(&[Codes], &[Bytes], usize, &mut [i32]),
    /// `bounds(sums, rows, query, out)`: no exact score of the row with the query is larger than this.
    pub(crate) bounds: fn(&[i32], &CodesPart<'_>, &CodedQuery, &mut [f32]),
    /// Half to single precision, exactly.
    pub(crate) widen: fn(&[f16], &mut [f32]),
    /// Single to half precision, to nearest, ties to even.
    pub(crate) narrow: fn(&[f32], &mut [f16]),
}

/// The fastest kernels of this machine.
pub(crate) fn get() -> &'static Kernels {
    static BEST: OnceLock<&'static Kernels> = OnceLock::new();
    BEST.get_or_init(|| available()[0])
}

/// The name of the kernels that this machine runs: "avx512", "avx2", "neon" or "scalar".
pub fn name() -> &'static str {
    get().name
}

/// All kernels that can run here, fastest first; the last is scalar.
fn available() -> Vec<&'static Kernels> {
    [
        #[cfg(target_arch = "x86_64")]
        avx512::kernels(),
        #[cfg(target_arch = "x86_64")]
        avx2::kernels(),
        #[cfg(target_arch = "aarch64")]
        neon::kernels(),
        Some(&scalar::KERNELS),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Asks for the memory around an address, which need not exist.
#[inline(always)]
pub(crate) fn prefetch(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: prefetching is a hint that cannot fault, and every x86-64 machine has it.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

/// Asks for one of `of` equal parts of the `bytes` at an address.
pub(crate) fn prefetch_part(address: *const u8, bytes: usize, part: usize, of: usize) {
    for at in (bytes * part / of..bytes * (part + 1) / of).step_by(LINE) {
        prefetch(address.wrapping_add(at));
    }
}
