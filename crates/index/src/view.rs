use std::ops::Range;

use half::f16;
use half::slice::HalfBitsSliceExt;

use crate::best::Hit;
use crate::codes::Codes;
use crate::error::Error;
use crate::kernels;
use crate::search::{self, Source};
use crate::{KnnGraph, SearchOptions};

/// Borrowed rows to search: contiguous, row-major, all of one dimension, without gaps between rows.
///
/// A view neither checks nor copies its rows. A row that holds a NaN or an infinite value has a score that is not
/// finite with every query, and such a row is never returned; the other rows are found as if it were not there.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    dim: usize,
    rows: Rows<'a>,
    codes: Option<&'a Codes>,
}

/// The stored vectors that scores are defined by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rows<'a> {
    F32(&'a [f32]),
    F16(&'a [f16]),
}

impl<'a> View<'a> {
    /// Views single-precision rows of `dim` values each.
    ///
    /// # Errors
    /// [`Error::ZeroDimension`] and [`Error::PartialVector`].
    pub fn f32(dim: usize, values: &'a [f32]) -> Result<Self, Error> {
        check_length("rows", dim, values.len())?;
        Ok(Self { dim, rows: Rows::F32(values), codes: None })
    }

    /// Views half-precision rows of `dim` values each.
    ///
    /// # Errors
    /// [`Error::ZeroDimension`] and [`Error::PartialVector`].
    pub fn f16(dim: usize, values: &'a [f16]) -> Result<Self, Error> {
        check_length("rows", dim, values.len())?;
        Ok(Self { dim, rows: Rows::F16(values), codes: None })
    }

    /// As [`View::f16`], over the bit patterns of half-precision numbers.
    ///
    /// # Errors
    /// [`Error::ZeroDimension`] and [`Error::PartialVector`].
    pub fn f16_bits(dim: usize, bits: &'a [u16]) -> Result<Self, Error> {
        Self::f16(dim, bits.reinterpret_cast())
    }

    /// As [`View::f16`], over the bytes of little-endian half-precision numbers, such as a part of a memory map.
    ///
    /// # Errors
    /// [`Error::Bytes`] if they cannot be read in place, else as [`View::f16`].
    pub fn f16_bytes(dim: usize, bytes: &'a [u8]) -> Result<Self, Error> {
        Self::f16_bits(dim, crate::bytes::as_u16(bytes).ok_or(Error::Bytes)?)
    }

    /// Lets searches read `codes` first, and these rows only where the codes leave a doubt. Scores and order do not
    /// change if `codes` were made from exactly these rows; if they were not, the best rows may be missed.
    ///
    /// # Errors
    /// [`Error::CodesShape`].
    pub fn with_codes(self, codes: &'a Codes) -> Result<Self, Error> {
        if (codes.rows(), codes.dim()) != (self.rows(), self.dim) {
            return Err(Error::CodesShape {
                codes_rows: codes.rows(),
                codes_dim: codes.dim(),
                rows: self.rows(),
                dim: self.dim,
            });
        }
        Ok(Self { codes: Some(codes), ..self })
    }

    /// Rows that are known to be whole vectors.
    pub(crate) fn over_f32(dim: usize, values: &'a [f32]) -> Self {
        Self { dim, rows: Rows::F32(values), codes: None }
    }

    /// Rows that are known to be whole vectors, with codes of the same shape.
    pub(crate) fn over_f16(dim: usize, values: &'a [f16], codes: Option<&'a Codes>) -> Self {
        Self { dim, rows: Rows::F16(values), codes }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        let values = match self.rows {
            Rows::F32(values) => values.len(),
            Rows::F16(values) => values.len(),
        };
        values / self.dim
    }

    /// The number of values in a row; at least 1.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows() == 0
    }

    /// The values of a row in single precision, or `None` beyond the last row.
    pub fn row(&self, row: usize) -> Option<Vec<f32>> {
        (row < self.rows()).then(|| {
            let mut values = vec![0.0; self.dim];
            self.read(row..row + 1, &mut values);
            values
        })
    }

    /// The best `k` rows for each query: larger inner product first, then smaller row.
    ///
    /// `queries` holds any number of vectors, one after another; the result has one list per query. A list is
    /// shorter than `k` only if fewer rows can be returned. Many queries in one call cost far less than as many
    /// calls, because each row is read once for all of them.
    ///
    /// # Errors
    /// [`Error::PartialVector`], [`Error::Value`] if a query has a value that is not finite, [`Error::MaskLength`].
    pub fn search(
        &self,
        queries: &[f32],
        k: usize,
        options: &SearchOptions<'_>,
    ) -> Result<Vec<Vec<Hit>>, Error> {
        check_length("queries", self.dim, queries.len())?;
        if let Some(at) = queries.iter().position(|value| !value.is_finite()) {
            let (row, column) = (at / self.dim, at % self.dim);
            return Err(Error::Value { what: "query", row, column, value: queries[at] });
        }
        if let Some(mask) = options.mask
            && mask.len() != self.rows()
        {
            return Err(Error::MaskLength { mask: mask.len(), rows: self.rows() });
        }
        Ok(search::run(self, Source::Given(queries), k, options))
    }

    /// The `k` nearest other rows of every row; see [`crate::knn_graph`].
    pub fn knn_graph(&self, k: usize, threads: usize) -> KnnGraph {
        crate::knn_graph(self, k, threads)
    }

    pub(crate) fn stored(&self) -> Rows<'a> {
        self.rows
    }

    pub(crate) fn codes(&self) -> Option<&'a Codes> {
        self.codes
    }

    /// Writes the values of some rows into `out`, which has one place per value.
    pub(crate) fn read(&self, rows: Range<usize>, out: &mut [f32]) {
        let values = rows.start * self.dim..rows.end * self.dim;
        match self.rows {
            Rows::F32(all) => out.copy_from_slice(&all[values]),
            Rows::F16(all) => (kernels::get().widen)(&all[values], out),
        }
    }

    /// Asks for the memory of some rows, or rather for one of `of` parts of it.
    pub(crate) fn prefetch(&self, rows: Range<usize>, part: usize, of: usize) {
        let (start, row_bytes) = match self.rows {
            Rows::F32(all) => (all.as_ptr().cast::<u8>(), self.dim * 4),
            Rows::F16(all) => (all.as_ptr().cast::<u8>(), self.dim * 2),
        };
        kernels::prefetch_part(start.wrapping_add(rows.start * row_bytes), rows.len() * row_bytes, part, of);
    }
}

/// Checks that `values` values are whole vectors.
pub(crate) fn check_length(what: &'static str, dim: usize, values: usize) -> Result<(), Error> {
    if dim == 0 {
        Err(Error::ZeroDimension)
    } else if !values.is_multiple_of(dim) {
        Err(Error::PartialVector { what, values, dim })
    } else {
        Ok(())
    }
}
