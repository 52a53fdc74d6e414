//! What can be wrong with a protocol's files, or with the numbers handed in.

use std::path::PathBuf;

/// Why a protocol could not be read or a metric could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A protocol file could not be read at all.
    #[error("cannot read {}: {source}{}", path.display(), hint(help))]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
        /// Where the file belongs, or nothing.
        help: &'static str,
    },
    /// A protocol file is far bigger than any real one.
    #[error(
        "{} is larger than {limit} bytes, which no protocol file is: is it the right file?",
        path.display()
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most that is read.
        limit: u64,
    },
    /// A line of a protocol file is not what the format says.
    #[error("{}, line {line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong and what was expected.
        problem: String,
    },
    /// A protocol's folders or files do not fit together.
    #[error("{}: {problem}", path.display())]
    Layout {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong and what was expected.
        problem: String,
    },
    /// The protocol names photos that are not there. Nothing is evaluated: a result over some of the pairs cannot be
    /// compared with anybody's.
    #[error(
        "{missing} of the {total} photos that the protocol names are missing under {}, for example {}: \
         complete the set, or see docs/evaluation-layouts.md for where photos belong",
        root.display(),
        listed(examples)
    )]
    MissingPhotos {
        /// The benchmark's folder.
        root: PathBuf,
        /// How many photos are missing.
        missing: usize,
        /// How many photos the protocol names.
        total: usize,
        /// The first few, as they were looked for.
        examples: Vec<PathBuf>,
    },
    /// Two lists that belong together differ in length.
    #[error("{got} {what} were given where {expected} were expected")]
    Length {
        /// What the list holds.
        what: &'static str,
        /// The length that it must have.
        expected: usize,
        /// The length that it has.
        got: usize,
    },
    /// There is nothing to measure.
    #[error("no {what}: there is nothing to measure")]
    Empty {
        /// What is missing.
        what: &'static str,
    },
    /// The folds are not consecutive ranges that cover the pairs.
    #[error("the folds do not fit: {problem}")]
    Folds {
        /// What is wrong and what was expected.
        problem: String,
    },
    /// A pair names a photo that is not in the list of photos.
    #[error("pair {pair} names photo {photo}, but there are only {photos} photos (both counted from 0)")]
    NoSuchPhoto {
        /// Which pair, counted from 0.
        pair: usize,
        /// The photo that it names, counted from 0.
        photo: usize,
        /// How many photos there are.
        photos: usize,
    },
    /// A score is NaN or infinite.
    #[error(
        "the score of pair {pair} (counted from 0) is {score}, which cannot be ranked: was a vector zero?"
    )]
    Score {
        /// Which pair, counted from 0.
        pair: usize,
        /// The score.
        score: f32,
    },
    /// No threshold can be chosen: pairs of one kind, or all scores, are missing.
    #[error("no threshold can be chosen for fold {fold} (counted from 1): the other folds hold no {what}")]
    NoThreshold {
        /// Which fold, counted from 1.
        fold: usize,
        /// What is missing.
        what: &'static str,
    },
}

fn hint(help: &str) -> String {
    if help.is_empty() { String::new() } else { format!(" ({help})") }
}

fn listed(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    names.join(", ")
}
