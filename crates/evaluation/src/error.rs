//! What can be wrong with a protocol's files, or with the numbers handed in.

use std::path::PathBuf;

use crate::uncertainty::Unsupported;

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
    /// A pair's label and the identities of its photos say different things.
    #[error(
        "pair {pair} (counted from 0) is labelled {label}, but its photos have the identities {a} and {b}: \
         correct the label or the identities",
        label = if *same { "the same person" } else { "different people" }
    )]
    Identities {
        /// Which pair, counted from 0.
        pair: usize,
        /// What the pair's label says.
        same: bool,
        /// The identity of the pair's first photo.
        a: u32,
        /// The identity of the pair's second photo.
        b: u32,
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
    /// A score in a list, or in a stream of scores, is NaN or infinite.
    #[error(
        "{kind} score {position} (counted from 0) is {score}, which cannot be ranked: leave a comparison that \
         failed out of the list and count it as one without a score"
    )]
    UnrankedScore {
        /// Which list: `genuine` or `impostor`.
        kind: &'static str,
        /// Where in the list or stream, counted from 0.
        position: u64,
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
    /// The faces of an image, or what was found in it, cannot be evaluated.
    #[error("image {image}: {problem}")]
    Image {
        /// The image's name.
        image: String,
        /// What is wrong and what was expected.
        problem: String,
    },
    /// A number that was asked for cannot be.
    #[error("the {what} is {value}, where {expected} was expected")]
    Setting {
        /// What was set.
        what: &'static str,
        /// What it was set to.
        value: f64,
        /// What it may be.
        expected: &'static str,
    },
    /// One item of a list is not what it must be.
    #[error("{what} {number} (counted from 0): {problem}")]
    Item {
        /// What the list holds.
        what: &'static str,
        /// Which item, counted from 0.
        number: usize,
        /// What is wrong and what was expected.
        problem: String,
    },
    /// There are too few people to say how much a number would vary with other people.
    #[error(
        "here are only {people} people, and an interval needs at least {needed}: add people, or report the number \
         without an interval"
    )]
    TooFewPeople {
        /// How many people there are.
        people: usize,
        /// How many there must be.
        needed: usize,
    },
    /// Of a set too large to keep, the lower impostor scores would be needed.
    #[error(
        "only impostor scores of {kept_from:.3} and more were kept, and this needs lower ones: ask for a lower false match \
         rate or a higher threshold"
    )]
    BelowKept {
        /// The lowest score that was kept.
        kept_from: f64,
    },
    /// A false-match rate would rest on too little.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// A part of a report cannot be shown as it was given.
    #[error("the report's {part}: {problem}")]
    Report {
        /// Which part.
        part: &'static str,
        /// What is wrong and what was expected.
        problem: String,
    },
    /// A report could not be written. A report that was there before is still there, whole.
    #[error("cannot write the report {}: {source}: is the folder there, and may it be written to?", path.display())]
    WriteReport {
        /// Where the report should be.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Error {
    /// Refuses what is no rate in 0..=1.
    pub(crate) fn unless_rate(what: &'static str, value: f64) -> Result<(), Self> {
        if (0.0..=1.0).contains(&value) {
            Ok(())
        } else {
            Err(Self::Setting { what, value, expected: "a rate between 0 and 1" })
        }
    }

    /// Refuses NaN.
    pub(crate) fn if_nan(what: &'static str, value: f64) -> Result<(), Self> {
        if value.is_nan() { Err(Self::Setting { what, value, expected: "a number" }) } else { Ok(()) }
    }
}

fn hint(help: &str) -> String {
    if help.is_empty() { String::new() } else { format!(" ({help})") }
}

fn listed(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    names.join(", ")
}
