//! What can go wrong between a photo and its faces.

use std::io;

use model::{Installed, Kind};

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong between a photo and its faces.
///
/// Errors carry no path of a photo: the caller knows which photo it was about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A model of another kind was given.
    #[error("{model} is {kind}, but {wanted} is needed here")]
    Kind {
        /// Name of the model.
        model: String,
        /// What it is, with its article.
        kind: &'static str,
        /// What would be needed, with its article.
        wanted: &'static str,
    },
    /// One of the model's files is missing.
    #[error("{model} has no file that plays `{role}`")]
    File {
        /// Name of the model.
        model: String,
        /// What the file is for.
        role: &'static str,
    },
    /// The manifest of an embedder says no alignment, or one that its input size does not allow.
    #[error("the manifest of {model} has no usable [align]: {reason}")]
    Align {
        /// Name of the model.
        model: String,
        /// What is missing.
        reason: &'static str,
    },
    /// The network does not take pictures of the size that was asked for.
    #[error("{model} cannot run at {asked}: {reason}")]
    NetworkSize {
        /// Name of the model.
        model: String,
        /// The size that was asked for.
        asked: String,
        /// What is allowed, and the remedy.
        reason: String,
    },
    /// Text that is not a network size.
    #[error(
        "`{text}` is not a detection size: write auto, native or a number of pixels from {} to {}",
        crate::DetectSize::SMALLEST,
        crate::DetectSize::LARGEST
    )]
    DetectSize {
        /// The text.
        text: String,
    },
    /// The tensors that came out of a network are not what its decoder reads.
    #[error(
        "{model} gave outputs that its decoder cannot read: {reason}; check the model with `omote doctor`"
    )]
    Output {
        /// Name of the model.
        model: String,
        /// What is wrong with them.
        reason: String,
    },
    /// Something was asked that needs a detector, and the analyzer has none.
    #[error("no detector was loaded: name one, or say that the photos are aligned faces already")]
    NoDetector,
    /// An embedding was asked for, and the analyzer has no embedder.
    #[error("no embedder was loaded: name one, or do without embeddings")]
    NoEmbedder,
    /// A model could not be loaded or run.
    #[error(transparent)]
    Engine(#[from] engine::Error),
    /// An embedder gave a vector without a direction.
    #[error(transparent)]
    Model(#[from] model::Error),
    /// A photo could not be decoded.
    #[error(transparent)]
    Image(#[from] imaging::Error),
    /// A photo could not be read.
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),
    /// A path that is not a file: a folder, a pipe, a device.
    #[error("is not a file")]
    NotAFile,
    /// A file that is too big to be read as a photo.
    #[error("the file has more than {} MiB, too many for a photo", limit >> 20)]
    FileTooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// One photo needs more memory than all photos may use together.
    #[error("decoding needs {} MiB, but all photos together may use {} MiB: raise --memory",
        needed.div_ceil(1 << 20), budget >> 20)]
    Memory {
        /// Bytes that reading and decoding this photo takes.
        needed: u64,
        /// The budget in bytes.
        budget: u64,
    },
    /// A file that changed while it was read.
    #[error("the file changed while it was read: try again")]
    Changed,
    /// The program failed on this photo. This is a defect of the program, not of the photo.
    #[error("the program failed on this photo: {message}; please report it with the photo")]
    Panicked {
        /// The message of the panic.
        message: String,
    },
}

/// A model of another kind than `wanted`, which has its article.
pub(crate) fn wrong_kind(model: &Installed, wanted: &'static str) -> Error {
    let kind = match model.manifest.kind() {
        Kind::Detector => "a detector",
        Kind::Embedder => "an embedder",
        Kind::HeadPose => "a head pose model",
    };
    Error::Kind { model: model.manifest.name.clone(), kind, wanted }
}
