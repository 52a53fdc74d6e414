//! Inner products in single precision, over any sixteen-lane vector.
#![allow(unsafe_code)] // the vectors are loaded through pointers, and need instructions that not every machine has

use half::f16;

use crate::lines::Floats;

/// Values in a vector.
pub(super) const LANES: usize = 16;

/// Bytes ahead of the reading that are asked for. The machine's own prefetching stops at the end of a page of 4 KiB;
/// anything from 4 to 16 KiB ahead measured the same.
pub(super) const AHEAD: usize = 8192;

/// Sixteen numbers in single precision. Value `i` of a vector goes to lane `i % 16`.
///
/// # Safety
/// The methods may be called only where the instructions of the implementing type exist, with pointers to as many
/// numbers as they read or write.
pub(super) trait Lanes: Copy {
    /// All zeros.
    unsafe fn zero() -> Self;
    /// Reads 16 values.
    unsafe fn load(from: *const f32) -> Self;
    /// Reads 16 values.
    unsafe fn load_f16(from: *const f16) -> Self;
    /// Writes 16 values.
    unsafe fn store(self, to: *mut f32);
    /// Writes 16 values, to nearest, ties to even.
    unsafe fn store_f16(self, to: *mut f16);
    /// `self + a * b`, rounded once.
    unsafe fn add_product(self, a: Self, b: Self) -> Self;
    /// The sum of the lanes: lanes `i` and `i + 8` first, then `i + 4`, `i + 2`, `i + 1`.
    unsafe fn sum(self) -> f32;
    /// The sums of several vectors.
    #[inline(always)]
    unsafe fn sums<const Q: usize, const R: usize>(all: [[Self; R]; Q]) -> [[f32; R]; Q] {
        let mut out = [[0.0; R]; Q];
        for (out, lanes) in out.iter_mut().flatten().zip(all.iter().flatten()) {
            // SAFETY: as the caller's.
            *out = unsafe { lanes.sum() };
        }
        out
    }
}

/// A stored number.
pub(super) trait Element: Copy {
    const ZERO: Self;
    /// Reads 16 of them.
    ///
    /// # Safety
    /// As [`Lanes`], and 16 values must be readable.
    unsafe fn load<L: Lanes>(from: *const Self) -> L;
}

impl Element for f32 {
    const ZERO: Self = 0.0;
    #[inline(always)]
    unsafe fn load<L: Lanes>(from: *const Self) -> L {
        // SAFETY: as the caller's.
        unsafe { L::load(from) }
    }
}

impl Element for f16 {
    const ZERO: Self = f16::ZERO;
    #[inline(always)]
    unsafe fn load<L: Lanes>(from: *const Self) -> L {
        // SAFETY: as the caller's.
        unsafe { L::load_f16(from) }
    }
}

/// The last, partial vector of a row.
///
/// # Safety
/// As [`Lanes`].
#[inline(always)]
unsafe fn load_rest<L: Lanes, E: Element>(rest: &[E]) -> L {
    let mut padded = [E::ZERO; LANES];
    padded[..rest.len()].copy_from_slice(rest);
    // SAFETY: 16 values were just laid out.
    unsafe { E::load(padded.as_ptr()) }
}

/// The inner product of `query` with each of the rows, one after another in the order of memory: several rows at once
/// would be several streams, which arrive at three quarters of the speed.
///
/// # Safety
/// As [`Lanes`].
#[inline(always)]
pub(super) unsafe fn dots<L: Lanes, E: Element>(query: &[f32], rows: &[E], out: &mut [f32]) {
    let dim = query.len();
    assert_eq!(rows.len(), dim * out.len());
    let (whole, query_rest) = query.as_chunks::<LANES>();
    for (row, out) in rows.chunks_exact(dim).zip(out) {
        let (row, row_rest) = row.as_chunks::<LANES>();
        // SAFETY: instructions as the caller's; each chunk is 16 values.
        unsafe {
            let mut sum = L::zero();
            for (query, row) in whole.iter().zip(row) {
                super::prefetch(row.as_ptr().cast::<u8>().wrapping_add(AHEAD));
                sum = sum.add_product(E::load(row.as_ptr()), L::load(query.as_ptr()));
            }
            if !row_rest.is_empty() {
                sum = sum.add_product(load_rest(row_rest), load_rest(query_rest));
            }
            *out = sum.sum();
        }
    }
}

/// All inner products of queries and rows of `stride` lines each; registers hold `Q` queries by `R` rows.
///
/// # Safety
/// As [`Lanes`].
#[inline(always)]
pub(super) unsafe fn tile<L: Lanes, const Q: usize, const R: usize>(
    queries: &[Floats],
    rows: &[Floats],
    stride: usize,
    out: &mut [f32],
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
            let wide = r_all - r >= R;
            // SAFETY: as the caller's.
            unsafe {
                match (many, wide) {
                    (true, true) => spread(block::<L, Q, R>(queries, rows, stride), &mut out[r..], r_all),
                    (true, false) => spread(block::<L, Q, 1>(queries, rows, stride), &mut out[r..], r_all),
                    (false, true) => spread(block::<L, 1, R>(queries, rows, stride), &mut out[r..], r_all),
                    (false, false) => spread(block::<L, 1, 1>(queries, rows, stride), &mut out[r..], r_all),
                }
            }
            r += if wide { R } else { 1 };
        }
        q += if many { Q } else { 1 };
    }
}

/// Writes a block of results to its place in the matrix of them.
#[inline(always)]
pub(super) fn spread<T: Copy, const Q: usize, const R: usize>(
    block: [[T; R]; Q],
    out: &mut [T],
    stride: usize,
) {
    for (q, row) in block.iter().enumerate() {
        out[q * stride..][..R].copy_from_slice(row);
    }
}

/// # Safety
/// As [`Lanes`].
#[inline(always)]
unsafe fn block<L: Lanes, const Q: usize, const R: usize>(
    queries: &[Floats],
    rows: &[Floats],
    stride: usize,
) -> [[f32; R]; Q] {
    assert!(queries.len() >= Q * stride && rows.len() >= R * stride);
    // SAFETY: instructions as the caller's; all reads lie within the first `Q` or `R` vectors of `stride` lines.
    unsafe {
        let mut sums = [[L::zero(); R]; Q];
        for at in 0..stride {
            let mut row = [L::zero(); R];
            for (r, row) in row.iter_mut().enumerate() {
                *row = L::load(rows.as_ptr().add(r * stride + at).cast());
            }
            for (q, sums) in sums.iter_mut().enumerate() {
                let query = L::load(queries.as_ptr().add(q * stride + at).cast());
                for (sum, row) in sums.iter_mut().zip(row) {
                    *sum = sum.add_product(row, query);
                }
            }
        }
        L::sums(sums)
    }
}

/// Half to single precision.
///
/// # Safety
/// As [`Lanes`].
#[inline(always)]
pub(super) unsafe fn widen<L: Lanes>(from: &[f16], to: &mut [f32]) {
    assert_eq!(from.len(), to.len());
    let (from, from_rest) = from.as_chunks::<LANES>();
    let (to, to_rest) = to.as_chunks_mut::<LANES>();
    for (from, to) in from.iter().zip(to) {
        // SAFETY: instructions as the caller's; both chunks have 16 values.
        unsafe { L::load_f16(from.as_ptr()).store(to.as_mut_ptr()) };
    }
    if !from_rest.is_empty() {
        let mut padded = [0.0; LANES];
        // SAFETY: instructions as the caller's; the array has 16 values.
        unsafe { load_rest::<L, f16>(from_rest).store(padded.as_mut_ptr()) };
        to_rest.copy_from_slice(&padded[..to_rest.len()]);
    }
}

/// Single to half precision.
///
/// # Safety
/// As [`Lanes`].
#[inline(always)]
pub(super) unsafe fn narrow<L: Lanes>(from: &[f32], to: &mut [f16]) {
    assert_eq!(from.len(), to.len());
    let (from, from_rest) = from.as_chunks::<LANES>();
    let (to, to_rest) = to.as_chunks_mut::<LANES>();
    for (from, to) in from.iter().zip(to) {
        // SAFETY: instructions as the caller's; both chunks have 16 values.
        unsafe { L::load(from.as_ptr()).store_f16(to.as_mut_ptr()) };
    }
    if !from_rest.is_empty() {
        let mut padded = [f16::ZERO; LANES];
        // SAFETY: instructions as the caller's; the array has 16 values.
        unsafe { load_rest::<L, f32>(from_rest).store_f16(padded.as_mut_ptr()) };
        to_rest.copy_from_slice(&padded[..to_rest.len()]);
    }
}
