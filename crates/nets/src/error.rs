//! What can go wrong with networks.

use std::io;
use std::path::PathBuf;

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
