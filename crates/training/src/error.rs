//! What can go wrong with training.

use std::io;
use std::path::{Path, PathBuf};

/// Why a network could not be trained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A recipe cannot be followed.
    #[error("{}: {reason}", path.display())]
    Recipe {
        /// The recipe.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// What is to be learned from cannot be read.
    #[error(transparent)]
    Data(#[from] dataset::Error),
    /// A checkpoint is damaged, or of another run.
    #[error("{}: {reason}", path.display())]
    Checkpoint {
        /// Its folder.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// The loss is no number, or far larger than it was.
    #[error("step {step}: the loss {reason} ({parts}): make the rate smaller, or warm_up longer")]
    Diverged {
        /// The step, from 0.
        step: u64,
        /// What it is.
        reason: String,
        /// The parts of the loss.
        parts: String,
    },
}

/// Says which file it was.
pub(crate) fn file(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
    |source| Error::File { path: path.to_owned(), source }
}
