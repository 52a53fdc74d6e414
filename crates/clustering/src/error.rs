//! What can be wrong with faces, parameters and fixes.

/// Why faces were not grouped, a gallery was not checked, or a fix was not applied. Faces are counted from 0.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A vector cannot be compared by cosine.
    #[error("the vector of face {face} {problem}: leave the face out, or make its embedding again")]
    Vector {
        /// Which face.
        face: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The method compares every face with every other, and would need more memory than it is allowed.
    #[error(
        "{method} compares every face with every other, which is done for at most {limit} faces, not {faces}: use a \
         method that works on nearest neighbours, such as chinese-whispers"
    )]
    TooManyFaces {
        /// The name of the method.
        method: &'static str,
        /// How many faces there are.
        faces: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A parameter is outside its range.
    #[error("{name} is {value}, and must be {range}")]
    Parameter {
        /// The name of the parameter.
        name: &'static str,
        /// The value given.
        value: String,
        /// What it may be.
        range: String,
    },
    /// The method needs the number of people.
    #[error("k-means cannot find out how many people there are: say the number, or use another method")]
    NoNumberOfPeople,
    /// Faces of one photo are to be kept apart by a method that cannot.
    #[error(
        "{method} cannot keep the faces of one photo apart: use chinese-whispers or average-linkage, or let them be"
    )]
    NotApart {
        /// The name of the method.
        method: &'static str,
    },
    /// The name of a method is not known.
    #[error("there is no clustering method \"{name}\": use one of {known}")]
    UnknownMethod {
        /// The name given.
        name: String,
        /// The names of all methods.
        known: String,
    },
    /// Two lists that belong together differ in length.
    #[error("{got} {what} were given for {faces} faces: give one for each face")]
    Length {
        /// What the list holds.
        what: &'static str,
        /// How many entries it has.
        got: usize,
        /// How many faces there are.
        faces: usize,
    },
    /// A quality is not on the scale.
    #[error("the quality of face {face} is {quality}, and must be in 0..=100")]
    Quality {
        /// Which face.
        face: usize,
        /// The value given.
        quality: f32,
    },
    /// The gallery has changed since the fix was proposed.
    #[error(
        "the fix does not apply: face {face} is {now} where {expected} was expected; check the gallery again"
    )]
    StaleFix {
        /// Which face.
        face: usize,
        /// Where the face is.
        now: String,
        /// Where the fix expected it.
        expected: String,
    },
}
