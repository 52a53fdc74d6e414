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
    /// What a recipe asks for cannot be done.
    #[error("the recipe cannot be followed: {reason}")]
    Refused {
        /// Which field of which section, and what to do.
        reason: String,
    },
    /// A checkpoint is damaged, or of another run.
    #[error("{}: {reason}", path.display())]
    Checkpoint {
        /// Its folder.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// A line of a table of a run is damaged.
    #[error("{}, line {line}: {reason}", path.display())]
    Line {
        /// The table.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A chart cannot be drawn.
    #[error(transparent)]
    Chart(#[from] evaluation::Error),
    /// A network cannot be written as an ONNX file, or a file cannot be quantised.
    #[error("the network cannot be exported: {reason}")]
    Export {
        /// What is in the way.
        reason: String,
    },
    /// What is known of a model does not make a manifest.
    #[error(transparent)]
    Model(#[from] model::Error),
    /// An engine refuses a model, or fails to run it.
    #[error(transparent)]
    Engine(#[from] engine::Error),
    /// The loss is no number, or far larger than it was.
    #[error("step {step}: {reason} ({parts}): make the rate smaller, or warm_up longer")]
    Diverged {
        /// The step, from 0.
        step: u64,
        /// What is wrong.
        reason: String,
        /// The parts of the loss.
        parts: String,
    },
}

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Says which file it was.
pub(crate) fn file(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
    |source| Error::File { path: path.to_owned(), source }
}
