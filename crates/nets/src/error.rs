//! What can go wrong with networks.

use std::io;
use std::path::{Path, PathBuf};

/// Why weights could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file does not hold the weights of this network.
    #[error("{}: {reason}", path.display())]
    Weights {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    /// What is wrong with this file, for `map_err`.
    pub(crate) fn file(path: &Path) -> impl Fn(io::Error) -> Self + Copy {
        move |source| Self::File { path: path.to_owned(), source }
    }

    pub(crate) fn weights(path: &Path, reason: impl ToString) -> Self {
        Self::Weights { path: path.to_owned(), reason: reason.to_string() }
    }
}
