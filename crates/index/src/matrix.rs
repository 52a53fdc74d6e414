use half::f16;

use crate::best::Hit;
use crate::codes::Codes;
use crate::error::Error;
use crate::kernels;
use crate::view::{View, check_length};
use crate::{KnnGraph, SearchOptions};

/// How the rows of a [`Matrix`] are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precision {
    /// Single precision, 4 bytes a value: scores of the vectors exactly as given.
    F32,
    /// Half precision, 2 bytes a value: each value rounded to 11 significant bits.
    F16,
    /// `F16` rows and one-byte [`Codes`] that spare most of the reading, 3 bytes a value: the scores of `F16`.
    Int8,
}

/// Owned rows to search: contiguous, row-major, all of one dimension. Every value is finite.
#[derive(Clone, Debug)]
pub struct Matrix {
    dim: usize,
    values: Values,
    codes: Option<Codes>,
}

#[derive(Clone, Debug)]
enum Values {
    F32(Vec<f32>),
    F16(Vec<f16>),
}

impl Matrix {
    /// An empty matrix for rows of `dim` values.
    ///
    /// # Errors
    /// [`Error::ZeroDimension`]; [`Error::CodesDimension`] for [`Precision::Int8`].
    pub fn new(dim: usize, precision: Precision) -> Result<Self, Error> {
        check_length("rows", dim, 0)?;
        let (values, codes) = match precision {
            Precision::F32 => (Values::F32(Vec::new()), None),
            Precision::F16 => (Values::F16(Vec::new()), None),
            Precision::Int8 => (Values::F16(Vec::new()), Some(Codes::new(dim)?)),
        };
        Ok(Self { dim, values, codes })
    }

    /// A matrix of the rows in `values`, one after another, rounded to `precision`.
    ///
    /// # Errors
    /// As [`Matrix::new`], [`Error::PartialVector`], and [`Error::Value`] for a value that cannot be held.
    pub fn from_f32(dim: usize, values: &[f32], precision: Precision) -> Result<Self, Error> {
        check_length("rows", dim, values.len())?;
        let mut matrix = Self::new(dim, precision)?;
        matrix.reserve(values.len() / dim);
        for row in values.chunks_exact(dim) {
            matrix.push(row)?;
        }
        Ok(matrix)
    }

    /// Makes room for `rows` more rows.
    pub fn reserve(&mut self, rows: usize) {
        let values = rows.saturating_mul(self.dim);
        match &mut self.values {
            Values::F32(all) => all.reserve_exact(values),
            Values::F16(all) => all.reserve_exact(values),
        }
        if let Some(codes) = &mut self.codes {
            codes.reserve(rows);
        }
    }

    /// Appends a row and returns its number.
    ///
    /// # Errors
    /// [`Error::RowLength`], [`Error::Value`]; the matrix is unchanged then.
    pub fn push(&mut self, row: &[f32]) -> Result<usize, Error> {
        let number = self.rows();
        self.check(number, row)?;
        match &mut self.values {
            Values::F32(all) => all.extend_from_slice(row),
            Values::F16(all) => {
                let start = all.len();
                all.resize(start + row.len(), f16::ZERO);
                (kernels::get().narrow)(row, &mut all[start..]);
            }
        }
        if self.codes.is_some() {
            let kept = self.view().row(number).unwrap_or_default();
            if let Some(codes) = &mut self.codes {
                codes.push(&kept)?;
            }
        }
        Ok(number)
    }

    /// Replaces a row.
    ///
    /// # Errors
    /// [`Error::NoSuchRow`], [`Error::RowLength`], [`Error::Value`]; the matrix is unchanged then.
    pub fn set(&mut self, number: usize, row: &[f32]) -> Result<(), Error> {
        let rows = self.rows();
        if number >= rows {
            return Err(Error::NoSuchRow { row: number, rows });
        }
        self.check(number, row)?;
        let range = number * self.dim..(number + 1) * self.dim;
        match &mut self.values {
            Values::F32(all) => all[range].copy_from_slice(row),
            Values::F16(all) => (kernels::get().narrow)(row, &mut all[range]),
        }
        if self.codes.is_some() {
            let kept = self.view().row(number).unwrap_or_default();
            if let Some(codes) = &mut self.codes {
                codes.set(number, &kept)?;
            }
        }
        Ok(())
    }

    /// Overwrites a row with zeros, in the codes too. It then scores 0 with every query: leave it out of searches
    /// with [`SearchOptions::mask`].
    ///
    /// # Errors
    /// [`Error::NoSuchRow`].
    pub fn clear(&mut self, number: usize) -> Result<(), Error> {
        self.set(number, &vec![0.0; self.dim])
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.view().rows()
    }

    /// The number of values in a row; at least 1.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows() == 0
    }

    /// How the rows are kept.
    pub fn precision(&self) -> Precision {
        match (&self.values, &self.codes) {
            (_, Some(_)) => Precision::Int8,
            (Values::F32(_), None) => Precision::F32,
            (Values::F16(_), None) => Precision::F16,
        }
    }

    /// The values of a row as kept, or `None` beyond the last row.
    pub fn row(&self, number: usize) -> Option<Vec<f32>> {
        self.view().row(number)
    }

    /// The rows, borrowed.
    pub fn view(&self) -> View<'_> {
        match &self.values {
            Values::F32(values) => View::over_f32(self.dim, values),
            Values::F16(values) => View::over_f16(self.dim, values, self.codes.as_ref()),
        }
    }

    /// The best `k` rows for each query; see [`View::search`].
    ///
    /// # Errors
    /// Those of [`View::search`].
    pub fn search(
        &self,
        queries: &[f32],
        k: usize,
        options: &SearchOptions<'_>,
    ) -> Result<Vec<Vec<Hit>>, Error> {
        self.view().search(queries, k, options)
    }

    /// The `k` nearest other rows of every row; see [`crate::knn_graph`].
    pub fn knn_graph(&self, k: usize, threads: usize) -> KnnGraph {
        crate::knn_graph(&self.view(), k, threads)
    }

    fn check(&self, number: usize, row: &[f32]) -> Result<(), Error> {
        if row.len() != self.dim {
            return Err(Error::RowLength { values: row.len(), dim: self.dim });
        }
        let fits = |value: &f32| match self.values {
            Values::F32(_) => value.is_finite(),
            Values::F16(_) => value.abs() < F16_LIMIT,
        };
        match row.iter().position(|value| !fits(value)) {
            Some(column) => Err(Error::Value { what: "row", row: number, column, value: row[column] }),
            None => Ok(()),
        }
    }
}

/// From here on numbers round to an infinite half-precision number: halfway between 65504 and 65536.
const F16_LIMIT: f32 = 65520.0;
