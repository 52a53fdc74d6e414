//! What can go wrong with a data set.

use std::io;
use std::path::{Path, PathBuf};

/// Why a data set could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{}: {source}{}", path.display(), remedy(source))]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder holds something else.
    #[error("{} {reason}", path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// A table is not what it should be.
    #[error("{name}: {reason}")]
    Table {
        /// The table.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A source cannot be made.
    #[error("the source cannot be made: {reason}")]
    Source {
        /// Which field is out of its range.
        reason: String,
    },
    /// Batches cannot be made of this.
    #[error("batches cannot be made: {reason}")]
    Feed {
        /// Which field is out of its range, or what does not fit together.
        reason: String,
    },
    /// A sample could not be made.
    #[error("sample {index}: {reason}")]
    Sample {
        /// Its number.
        index: u64,
        /// Why.
        reason: String,
    },
}

fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            ": make room and start again; what is done is kept"
        }
        _ => "",
    }
}

/// Says which file it was.
pub(crate) fn file(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
    |source| Error::File { path: path.to_owned(), source }
}
