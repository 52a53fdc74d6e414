use thiserror::Error;

/// What was wrong with a matrix, a row, a query or a mask. Rows, queries and columns are counted from 0.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Error {
    /// Vectors must have at least one value.
    #[error("the dimension is 0; vectors need at least one value")]
    ZeroDimension,
    /// A flat slice is not a whole number of vectors.
    #[error("{values} values do not make whole {what} of dimension {dim}; pass a multiple of {dim} values")]
    PartialVector {
        /// "rows" or "queries".
        what: &'static str,
        /// The number of values given.
        values: usize,
        /// The dimension of the matrix.
        dim: usize,
    },
    /// A single row has the wrong number of values.
    #[error("the row has {values} values where the matrix has {dim}; was it made by another model?")]
    RowLength {
        /// The number of values given.
        values: usize,
        /// The dimension of the matrix.
        dim: usize,
    },
    /// A value is NaN, infinite, or beyond what the precision can hold (65504 for half precision).
    #[error(
        "value {column} of {what} {row} is {value}, which the matrix cannot hold; only finite values within its precision can be searched"
    )]
    Value {
        /// "row" or "query".
        what: &'static str,
        /// Which row or query.
        row: usize,
        /// Which value of it.
        column: usize,
        /// The value.
        value: f32,
    },
    /// The row does not exist.
    #[error("there is no row {row}; the matrix has {rows}")]
    NoSuchRow {
        /// The row asked for.
        row: usize,
        /// The number of rows.
        rows: usize,
    },
    /// The mask does not have one entry per row.
    #[error("the mask has {mask} entries for {rows} rows; pass one per row")]
    MaskLength {
        /// The number of entries given.
        mask: usize,
        /// The number of rows.
        rows: usize,
    },
    /// The codes were made from other rows.
    #[error(
        "the codes describe {codes_rows} rows of dimension {codes_dim}, the view has {rows} of {dim}; encode the view again"
    )]
    CodesShape {
        /// Rows of the codes.
        codes_rows: usize,
        /// Dimension of the codes.
        codes_dim: usize,
        /// Rows of the view.
        rows: usize,
        /// Dimension of the view.
        dim: usize,
    },
    /// Codes add up whole numbers in 32 bits, which bounds the dimension.
    #[error("rows of {dim} values are too long for one-byte codes, which end at {max}; use half precision")]
    CodesDimension {
        /// The dimension asked for.
        dim: usize,
        /// The largest dimension possible.
        max: usize,
    },
    /// Raw bytes cannot be read in place as half-precision numbers.
    #[error(
        "the bytes cannot be read in place as little-endian half-precision numbers; they must be 2-byte aligned, even in number, and on a little-endian machine"
    )]
    Bytes,
}
