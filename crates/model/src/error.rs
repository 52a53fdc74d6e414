//! What can be wrong with a model, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use crate::{FileHash, Kind};

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong between a folder of models and the bytes of a checked one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Text that should be a SHA-256.
    #[error("`{text}` is not a SHA-256: write 64 hexadecimal digits")]
    Hash {
        /// The text, shortened.
        text: String,
    },
    /// A raw network output that cannot be made a unit vector.
    #[error(
        "the embedder gave a vector of {dimension} values that cannot be normalised: {reason}; \
         check the model with `omote doctor`"
    )]
    Vector {
        /// Number of values.
        dimension: usize,
        /// What is wrong with them.
        reason: &'static str,
    },
    /// A manifest that is not TOML, lacks a field or has one too many.
    #[error("the manifest cannot be read: {reason}")]
    Syntax {
        /// The parser's message, with line and column.
        reason: String,
    },
    /// A manifest whose fields are readable and wrong.
    #[error("the manifest's `{field}` {reason}")]
    Field {
        /// The field as it is written in `model.toml`.
        field: String,
        /// What is wrong and what is allowed.
        reason: String,
    },
    /// An error in the file at `path`.
    #[error("{}: {source}", path.display())]
    In {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// A file or folder that could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was attempted: "read", "write".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that is not the one its manifest speaks of.
    #[error(
        "{}: SHA-256 is {found}, expected {expected} for {part}; fetch the file again, \
         or `omote models import` it under another name with --like", path.display()
    )]
    WrongHash {
        /// The file.
        path: PathBuf,
        /// The role that the file should play and the model, for example "pnet of mtcnn".
        part: String,
        /// What the manifest says.
        expected: FileHash,
        /// What the file has.
        found: FileHash,
    },
    /// A folder of models that cannot be looked through.
    #[error("cannot look for models in {}: {reason}; give an existing folder with --models", path.display())]
    Folder {
        /// The folder as given.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A folder with so much in it that it is hardly a folder of models.
    #[error(
        "{} has more than {limit} files and folders; models beyond the first {limit} were not looked for: \
         give a smaller folder with --models", path.display()
    )]
    TooManyEntries {
        /// The folder.
        path: PathBuf,
        /// How many entries were looked at.
        limit: usize,
    },
    /// Two model folders with one name.
    #[error(
        "{}: not used, because {} is also named `{name}` and comes first; change the `name` in one model.toml",
        path.display(), by.display()
    )]
    Shadowed {
        /// The name of both.
        name: String,
        /// The folder that is not used.
        path: PathBuf,
        /// The one that is.
        by: PathBuf,
    },
    /// A name that neither the folders nor the catalogue know.
    #[error("no model is named `{name}`{}; `omote models list` shows all", similar_names(similar))]
    UnknownModel {
        /// The name, shortened.
        name: String,
        /// Names that resemble it.
        similar: Vec<String>,
    },
    /// A published model that omote recognises and cannot run.
    #[error("`{name}` is a known model that omote does not run: {reason}")]
    NotRunnable {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
    /// A catalogued model whose file is nowhere.
    #[error("`{name}` is not installed: {file} is not {}; fetch it from {address}", folders(searched))]
    NotInstalled {
        /// Name of the model.
        name: String,
        /// Published name of the file that is missing.
        file: String,
        /// Where it can be fetched.
        address: String,
        /// Where it was looked for.
        searched: Vec<PathBuf>,
    },
    /// A model folder that lacks a file.
    #[error("{} is missing, and the manifest of `{model}` names it; import the model again", path.display())]
    MissingFile {
        /// Name of the model.
        model: String,
        /// The file.
        path: PathBuf,
    },
    /// No model of a kind is installed.
    #[error(
        "no model of kind `{kind}` is {}: import one with `omote models import FILE`, or name a folder of models with \
         --models or OMOTE_MODELS{}",
        folders(searched),
        advertisement(suggestion)
    )]
    NoneOfKind {
        /// What was wanted.
        kind: Kind,
        /// Where it was looked for.
        searched: Vec<PathBuf>,
        /// Name and address of a model that would do.
        suggestion: Option<(String, String)>,
    },
    /// An ONNX file that nobody but the user can describe.
    #[error(
        "{}: this file (SHA-256 {sha256}) is in no catalogue, and mean, scale, colour order and alignment cannot be \
         read from it; name a model that is fed in the same way with --like", path.display()
    )]
    NeedsLike {
        /// The file.
        path: PathBuf,
        /// Its hash.
        sha256: FileHash,
    },
    /// An import that contradicts itself.
    #[error("cannot import: {reason}")]
    Import {
        /// What is wrong and what to do.
        reason: String,
    },
    /// A name that is taken by another model.
    #[error(
        "a different model named `{name}` is in {}; give another name with --name or remove that folder",
        path.display()
    )]
    Exists {
        /// The name.
        name: String,
        /// The folder in the way.
        path: PathBuf,
    },
}

impl Error {
    /// Says which file the error is in.
    pub(crate) fn in_file(self, path: &Path) -> Self {
        match self {
            Self::Io { .. } | Self::In { .. } | Self::WrongHash { .. } => self,
            other => Self::In { path: path.into(), source: Box::new(other) },
        }
    }
}

fn similar_names(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!("; is it {}?", names.join(" or ")) }
}

fn folders(paths: &[PathBuf]) -> String {
    if paths.is_empty() {
        return "installed".into();
    }
    format!("under {}", paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "))
}

fn advertisement(suggestion: &Option<(String, String)>) -> String {
    suggestion.as_ref().map_or_else(String::new, |(name, address)| format!("; {name} is at {address}"))
}
