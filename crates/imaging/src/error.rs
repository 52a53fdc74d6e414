use crate::Format;

/// Why bytes did not become a picture, or a picture bytes. Carries no path: the caller knows it and adds it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There are no bytes at all.
    #[error("the file is empty (0 bytes); copy or download it again")]
    Empty,

    /// The bytes are of no known picture format.
    #[error("this is not a picture ({found}); supported are JPEG, PNG, WebP, BMP, GIF and TIFF")]
    NotAnImage {
        /// What the first bytes look like.
        found: &'static str,
    },

    /// A picture, video or document of a kind that this crate does not read.
    #[error("{format} is not supported; {remedy}")]
    Unsupported {
        /// Name of the format or of the feature.
        format: String,
        /// What to do instead.
        remedy: &'static str,
    },

    /// The header announces more pixels than the limit.
    #[error(
        "the picture is {width} x {height} pixels, more than the limit of {limit} pixels; \
         make it smaller or raise the limit"
    )]
    TooLarge {
        /// Width in the header.
        width: u32,
        /// Height in the header.
        height: u32,
        /// Greatest number of pixels allowed.
        limit: u64,
    },

    /// The file ends before the picture does.
    #[error("the {format} file is truncated: it ends before the picture does; copy or download it again")]
    Truncated {
        /// Format by content.
        format: Format,
    },

    /// The file contradicts its own format.
    #[error("the {format} file is corrupt: {reason}; copy or download it again")]
    Corrupt {
        /// Format by content.
        format: Format,
        /// What the decoder found.
        reason: String,
    },

    /// A picture whose size the format cannot hold.
    #[error("a picture of {width} x {height} pixels cannot be written as {format}; give it another size")]
    NotEncodable {
        /// Width of the picture.
        width: u32,
        /// Height of the picture.
        height: u32,
        /// Format asked for.
        format: Format,
    },
}
