//! Exact nearest-neighbour search over plain vectors.
//!
//! A gallery is a matrix with one vector per row. [`Matrix`] owns such rows and [`View`] borrows them, for
//! instance from a memory map; both answer "which `k` rows have the largest inner product with this query?".
//! For vectors of unit length, as face embeddings are, the inner product is the cosine. The answer is always
//! exact: every row is looked at, best first, equal scores by smaller row.
//!
//! [`Precision`] is the way the rows are kept. All three give the exact order of what is stored:
//!
//! | precision | bytes per value | scores |
//! |---|---|---|
//! | `F32` | 4 | of the vectors as given |
//! | `F16` | 2 | of the vectors rounded to half precision |
//! | `Int8` | 3 | those of `F16`, bit for bit, after reading a third of the bytes |
//!
//! `Int8` keeps the `F16` rows and beside them one-byte [`Codes`] with a proven bound on the error of each row.
//! A search reads the codes, and scores exactly only those rows whose bound still allows them among the best.
//!
//! Scores are accumulated in `f32`, in one fixed order, so that a vector has the same score alone, in a batch,
//! in a graph and with any number of threads. The inner loops are written for AVX-512 and for AVX2, chosen at
//! run time, beside a scalar twin that gives the same bits; [`kernel_name`] says which one runs.
//!
//! ```
//! use omote_index::{Matrix, Precision, SearchOptions};
//!
//! let faces = Matrix::from_f32(2, &[1.0, 0.0, 0.6, 0.8, 0.0, 1.0], Precision::F16)?;
//! let hits = faces.search(&[0.0, 1.0], 2, &SearchOptions::default())?;
//! assert_eq!(hits[0][0].row, 2);
//! assert_eq!(hits[0][1].row, 1);
//! assert!((hits[0][1].score - 0.8).abs() < 1e-3);
//! # Ok::<(), omote_index::Error>(())
//! ```

mod best;
mod bytes;
mod codes;
mod error;
mod graph;
mod kernels;
mod lines;
mod matrix;
mod panel;
mod search;
mod view;
mod workers;

pub use best::Hit;
pub use codes::Codes;
pub use error::Error;
pub use graph::{KnnGraph, knn_graph};
pub use kernels::name as kernel_name;
pub use matrix::{Matrix, Precision};
pub use search::SearchOptions;
pub use view::View;
