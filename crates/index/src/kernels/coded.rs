//! Sums of products of bytes, and the bounds on scores that follow from them.
#![allow(unsafe_code)] // the vectors are loaded through pointers, and need instructions that not every machine has

use super::dense::{AHEAD, spread};
use crate::codes::{CodedQuery, CodesPart};
use crate::lines::{Bytes, Codes};

/// Running sums of products in 32-bit whole numbers: exact, so that their order does not matter.
///
/// # Safety
/// The methods may be called only where the instructions of the implementing type exist, with pointers to as many
/// numbers as they read.
pub(super) trait Words: Copy {
    /// 64 bytes of a row.
    type Row: Copy;
    /// 64 codes of a query.
    type Query: Copy;
    /// All zeros.
    unsafe fn zero() -> Self;
    /// Reads 64 bytes.
    unsafe fn load_row(from: *const u8) -> Self::Row;
    /// Reads 64 codes.
    unsafe fn load_query(from: *const i8) -> Self::Query;
    /// Adds the 64 products.
    unsafe fn add_products(self, row: Self::Row, query: Self::Query) -> Self;
    /// The sum.
    unsafe fn sum(self) -> i32;
    /// The sums of several.
    #[inline(always)]
    unsafe fn sums<const Q: usize, const R: usize>(all: [[Self; R]; Q]) -> [[i32; R]; Q] {
        let mut out = [[0; R]; Q];
        for (out, words) in out.iter_mut().flatten().zip(all.iter().flatten()) {
            // SAFETY: as the caller's.
            *out = unsafe { words.sum() };
        }
        out
    }
}

/// All inner products of queries and rows of `stride` lines each; registers hold `Q` queries by `R` rows. Fewer
/// queries than `Q` are taken one by one, with rows in the order of memory as in [`super::dense::dots`].
///
/// # Safety
/// As [`Words`].
#[inline(always)]
pub(super) unsafe fn tile<W: Words, const Q: usize, const R: usize>(
    queries: &[Codes],
    rows: &[Bytes],
    stride: usize,
    out: &mut [i32],
) {
    let (q_all, r_all) = (queries.len() / stride, rows.len() / stride);
    assert_eq!(out.len(), q_all * r_all);
    let mut q = 0;
    while q < q_all {
        let many = q_all - q >= Q;
        let queries = &queries[q * stride..];
        let out = &mut out[q * r_all..];
        let mut r = 0;
        while r < r_all {
            let rows = &rows[r * stride..];
            let wide = many && r_all - r >= R;
            // SAFETY: as the caller's.
            unsafe {
                match (many, wide) {
                    (true, true) => spread(block::<W, Q, R>(queries, rows, stride), &mut out[r..], r_all),
                    (true, false) => spread(block::<W, Q, 1>(queries, rows, stride), &mut out[r..], r_all),
                    (false, _) => spread(block::<W, 1, 1>(queries, rows, stride), &mut out[r..], r_all),
                }
            }
            r += if wide { R } else { 1 };
        }
        q += if many { Q } else { 1 };
    }
}

/// # Safety
/// As [`Words`].
#[inline(always)]
unsafe fn block<W: Words, const Q: usize, const R: usize>(
    queries: &[Codes],
    rows: &[Bytes],
    stride: usize,
) -> [[i32; R]; Q] {
    assert!(queries.len() >= Q * stride && rows.len() >= R * stride);
    // SAFETY: instructions as the caller's; all reads lie within the first `Q` or `R` vectors of `stride` lines.
    unsafe {
        let mut sums = [[W::zero(); R]; Q];
        for at in 0..stride {
            let mut row = [W::load_row(rows.as_ptr().add(at).cast()); R];
            for (r, row) in row.iter_mut().enumerate() {
                let from = rows.as_ptr().add(r * stride + at).cast::<u8>();
                if Q == 1 {
                    super::prefetch(from.wrapping_add(AHEAD));
                }
                *row = W::load_row(from);
            }
            for (q, sums) in sums.iter_mut().enumerate() {
                let query = W::load_query(queries.as_ptr().add(q * stride + at).cast());
                for (sum, row) in sums.iter_mut().zip(row) {
                    *sum = sum.add_products(row, query);
                }
            }
        }
        W::sums(sums)
    }
}

/// The largest score that each row can have; see [`crate::Codes`]. NaN where there is no bound.
#[inline(always)]
pub(super) fn bounds(sums: &[i32], rows: &CodesPart<'_>, query: &CodedQuery, out: &mut [f32]) {
    // More than all products too small for single precision can add up to.
    const LOST: f32 = 1e-35;
    let len = out.len();
    let (sums, scales, errors, lengths) =
        (&sums[..len], &rows.scales[..len], &rows.errors[..len], &rows.lengths[..len]);
    for at in 0..len {
        let estimate = (sums[at] - query.offset) as f32 * scales[at] * query.scale;
        out[at] = estimate + (errors[at] * query.length + lengths[at] * query.error + LOST);
    }
}
