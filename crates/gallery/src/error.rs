//! What can go wrong with a gallery, and what to do about it.

use std::io;
use std::path::PathBuf;

use rusqlite::ErrorCode;

use crate::ModelIdentity;

/// `Result` with this crate's [`enum@Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a gallery could not be opened, read or changed. An operation that returns an error has changed nothing, except
/// where the error says otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder holds no gallery.
    #[error("there is no gallery in {}: enrol somebody into it first, or name another folder", path.display())]
    NoGallery {
        /// The folder.
        path: PathBuf,
    },
    /// A gallery was to be created where there is one.
    #[error("there is already a gallery in {}: open it, or name another folder", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// The folder or a file in it could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was attempted: "create", "open", "write".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// `gallery.db` is something else.
    #[error("{} is not a gallery: {reason}; move it away or name another folder", path.display())]
    NotAGallery {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        reason: String,
    },
    /// A newer version of the program made the gallery.
    #[error(
        "{} has gallery format {found}, this program knows formats up to {known}: use a newer version of it",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest known format.
        known: i64,
    },
    /// The truth itself is damaged.
    #[error(
        "the gallery is damaged: {reason}; keep a copy of the folder, then restore it from a backup or import an \
         earlier export into a new gallery"
    )]
    Corrupt {
        /// What is wrong.
        reason: String,
    },
    /// The gallery holds templates of another model.
    #[error(
        "the gallery holds templates of model {gallery}, not of {given}; use that model, or move the gallery to the \
         new one with `omote gallery re-embed`"
    )]
    DifferentModel {
        /// The gallery's model.
        gallery: Box<ModelIdentity>,
        /// The model that was given.
        given: Box<ModelIdentity>,
    },
    /// A face or query was made by a model that the gallery does not hold templates of.
    #[error("the face was embedded by model {face}, the gallery holds templates of model {gallery}")]
    DifferentFace {
        /// Fingerprint of the face's model, shortened.
        face: String,
        /// Fingerprint of the gallery's model, shortened.
        gallery: String,
    },
    /// Another process moved the gallery to another model while this one had it open.
    #[error("another process has re-embedded the gallery with another model: open it again")]
    Replaced,
    /// The gallery can be read but not written.
    #[error(
        "the gallery is read-only: nothing was changed; make its folder and files writable, or copy it elsewhere"
    )]
    ReadOnly,
    /// Another process kept the gallery locked for too long.
    #[error("another process is using the gallery: nothing was changed; try again when it has finished")]
    Busy,
    /// There was no room for a change.
    #[error(
        "there is no room left to write the gallery ({reason}): nothing was changed; free some space and try again"
    )]
    NoRoom {
        /// What the system said.
        reason: String,
    },
    /// People or faces were removed, but their traces could not be wiped from the files yet.
    #[error(
        "what was to be forgotten is removed, but its traces are still in the files ({reason}); the next command that \
         opens the gallery for writing tries again"
    )]
    NotWiped {
        /// What stood in the way.
        reason: String,
    },
    /// A name that no person may have.
    #[error("a person's name {reason}")]
    Name {
        /// What a name must be.
        reason: &'static str,
    },
    /// A name that another person has.
    #[error("there is already a person \"{name}\": merge the two, or choose another name")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// Nobody has this name.
    #[error("there is no person \"{name}\" in the gallery")]
    NoPerson {
        /// The name.
        name: String,
    },
    /// No enrolment has this number.
    #[error("there is no enrolment {id} in the gallery")]
    NoEnrolment {
        /// The number.
        id: i64,
    },
    /// A person was to be merged with itself.
    #[error("\"{name}\" cannot be merged with itself")]
    SamePerson {
        /// The name.
        name: String,
    },
    /// A merge or correction would give a person a face that is marked as not theirs.
    #[error(
        "a face of \"{from}\" is marked as not \"{into}\": take the mark back first, with `omote gallery \
         not-this-person --remove`"
    )]
    Marked {
        /// The person who has the face.
        from: String,
        /// The person who was to get it.
        into: String,
    },
    /// A face is no longer the person's whose it was to be corrected as.
    #[error("enrolment {id} is no longer \"{person}\"'s: look again at what is to be corrected")]
    Stale {
        /// The number of the enrolment.
        id: i64,
        /// Whose it was expected to be.
        person: String,
    },
    /// A correction is about a person who is no more.
    #[error("person number {person} is no longer in the gallery: look again at what is to be corrected")]
    Gone {
        /// The number of the person.
        person: i64,
    },
    /// No application of corrections is left to take back.
    #[error("there is nothing to take back: no correction of this gallery is remembered")]
    NothingToUndo,
    /// The last corrections cannot be taken back exactly, so they are not.
    #[error("the last corrections cannot be taken back: {reason}; nothing was changed")]
    CannotUndo {
        /// What has changed since.
        reason: String,
    },
    /// A face that cannot be stored or looked for.
    #[error("the face cannot be used: {reason}")]
    Face {
        /// What is wrong with it.
        reason: String,
    },
    /// A line of an import is not what it should be; nothing was imported.
    #[error("line {line} of the import: {reason}; nothing was imported")]
    Import {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// An export could not be written.
    #[error("cannot write the export: {0}")]
    Export(#[source] io::Error),
    /// Anything else that SQLite says.
    #[error("the gallery's database failed: {0}")]
    Database(#[source] rusqlite::Error),
    /// The search refused its input.
    #[error("the search failed: {0}")]
    Search(#[from] index::Error),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match &error {
            rusqlite::Error::SqliteFailure(failure, message) => {
                let reason = || message.clone().unwrap_or_else(|| failure.to_string());
                match failure.code {
                    ErrorCode::DiskFull => Self::NoRoom { reason: reason() },
                    // What a full quota, a limit on the size of files and some network disks answer.
                    ErrorCode::SystemIoFailure if WRITE_FAILURES.contains(&failure.extended_code) => {
                        Self::NoRoom { reason: reason() }
                    }
                    ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
                    ErrorCode::ReadOnly => Self::ReadOnly,
                    ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                        Self::Corrupt { reason: reason() }
                    }
                    _ => Self::Database(error),
                }
            }
            // A value of another type than the schema's: SQLite did not write it.
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..) => Self::Corrupt { reason: error.to_string() },
            _ => Self::Database(error),
        }
    }
}

const WRITE_FAILURES: [i32; 4] = [
    rusqlite::ffi::SQLITE_IOERR_WRITE,
    rusqlite::ffi::SQLITE_IOERR_FSYNC,
    rusqlite::ffi::SQLITE_IOERR_TRUNCATE,
    rusqlite::ffi::SQLITE_IOERR_SHMSIZE,
];

/// Turns an I/O error into one that names the file.
pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Error {
    let path = path.into();
    move |source| Error::Io { action, path, source }
}
