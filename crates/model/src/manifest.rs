//! `model.toml`: everything that must be known of a model besides its ONNX files.

mod check;
mod text;

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::str::FromStr;

use crate::{Align, Decoder, Error, FileHash, Fingerprint, Input, Licence, Output, Result};

pub(crate) use check::{MAX_FILE_BYTES, is_plain_name};

/// The version of `model.toml` that this crate reads and writes.
pub const FORMAT: u32 = 1;

/// No manifest is larger than this; a file that is, is something else.
const MAX_MANIFEST_BYTES: u64 = 64 << 10;

/// A model: its files, its exact pre-processing, the meaning of its outputs, its licence.
///
/// [`Manifest::parse`] gives only values that passed [`Manifest::check`], and [`Manifest::to_toml`] writes no others.
/// As text:
///
/// ```toml
/// format = 1
/// name = "mobilefacenet"
/// title = "MobileFaceNet, 128 values"
/// kind = "embedder"                  # detector, embedder, head-pose
/// source = "https://github.com/foamliu/MobileFaceNet"
/// compatible_with = []               # fingerprints of measured twins; may be left out
/// licence = { name = "Apache-2.0, trained on MS1M", commercial_use = "unclear" } # yes, unclear, no
///
/// [[file]]                           # one per role
/// role = "model"                     # mtcnn: pnet, rnet, onet; head-pose: 1x1, var; else model
/// file = "mobilefacenet.onnx"
/// sha256 = "b7120c095d60094f28a4a54ba6a8bf51b297a6273fb40ef6350dfec1f63d9507"
/// bytes = 3998070                    # may be left out
///
/// [input]
/// width = 112                        # or, if the size is free, only: multiple_of = 32
/// height = 112
/// color = "rgb"                      # rgb, bgr
/// mean = [123.675, 116.28, 103.53]   # (x - mean) / std, all in the units of pixels, 0..255
/// std = [58.395, 57.12, 57.375]
/// layout = "nchw"                    # nchw, nhwc
/// batch = "one"                      # one, dynamic
///
/// [align]                            # not for detectors
/// template = "arcface"               # arcface, sphereface; or: crop = 1.0
///
/// [output]
/// dimension = 128                    # a detector has decoder = "yunet", "scrfd", "ultraface" or "mtcnn"
/// magnitude_is_quality = false       # may be left out; where it is true, there may be
///                                    # magnitude_scale = { half = 23.0, step = 2.6 }
/// names = ["output0"]                # may be left out: the order of the file
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// Short and plain, for example `yunet-n`: ASCII letters, digits, `.`, `_`, `-`.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// The ONNX files, one per role of [`Manifest::roles`].
    pub files: Vec<ModelFile>,
    /// Pre-processing, shared by all files.
    pub input: Input,
    /// How a face is cut out; `None` for detectors, which see whole photos.
    pub align: Option<Align>,
    /// What comes out; it decides [`Manifest::kind`].
    pub output: Output,
    /// Licence of the weights.
    pub licence: Licence,
    /// Where the files come from: an address, or words.
    pub source: String,
    /// Models whose embeddings may be compared with this one's, because somebody measured it (an int8 twin).
    pub compatible_with: Vec<Fingerprint>,
}

/// One ONNX file of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFile {
    /// The part it plays: `model`, or one of a cascade's networks.
    pub role: String,
    /// Plain file name, beside `model.toml`.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: FileHash,
    /// Size in bytes where it is known; it spares hashing files that cannot be it.
    pub bytes: Option<u64>,
}

/// What a model does. The list grows with the method that needs a new kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Finds faces in a photo.
    Detector,
    /// Turns an aligned face into a vector.
    Embedder,
    /// Tells where a head is turned.
    HeadPose,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Detector, Self::Embedder, Self::HeadPose];
}

impl Manifest {
    /// Reads the text of a `model.toml`.
    ///
    /// # Errors
    /// [`Error::Syntax`] or [`Error::Field`], without a path: the caller knows where the text came from.
    pub fn parse(text: &str) -> Result<Self> {
        let manifest = text::parse(text)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// Reads a `model.toml` of at most 64 KiB.
    ///
    /// # Errors
    /// As [`Manifest::parse`], and [`Error::Io`]; all name the file.
    pub fn load(path: &Path) -> Result<Self> {
        let unreadable = |source| Error::Io { action: "read", path: path.into(), source };
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(MAX_MANIFEST_BYTES + 1).read_to_end(&mut bytes))
            .map_err(unreadable)?;
        let text = if bytes.len() as u64 > MAX_MANIFEST_BYTES {
            Err(Error::Syntax { reason: "it is larger than 64 KiB".into() })
        } else {
            String::from_utf8(bytes).map_err(|_| Error::Syntax { reason: "it is not UTF-8 text".into() })
        };
        text.and_then(|text| Self::parse(&text)).map_err(|error| error.in_file(path))
    }

    /// Writes the text of a `model.toml`, which [`Manifest::parse`] reads back to an equal value.
    ///
    /// # Errors
    /// [`Error::Field`] if the manifest does not pass [`Manifest::check`].
    pub fn to_toml(&self) -> Result<String> {
        self.check()?;
        text::print(self)
    }

    /// Checks every rule that the types do not already enforce: sizes and numbers in range, names plain, one file per
    /// role, an alignment where the kind needs one.
    ///
    /// # Errors
    /// [`Error::Field`] for the first rule that is broken.
    pub fn check(&self) -> Result<()> {
        check::check(self)
    }

    /// What the model does.
    pub fn kind(&self) -> Kind {
        self.output.kind()
    }

    /// Identity of what the model computes.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self)
    }

    /// The roles that a model with this output must fill, in the order that the fingerprint and the decoder use.
    pub fn roles(&self) -> &'static [&'static str] {
        match &self.output {
            Output::Faces { decoder: Decoder::Mtcnn, .. } => &["pnet", "rnet", "onet"],
            Output::HeadPose { .. } => &["1x1", "var"],
            Output::Faces { .. } | Output::Embedding { .. } => &["model"],
        }
    }

    /// The file that plays `role`.
    pub fn file(&self, role: &str) -> Option<&ModelFile> {
        self.files.iter().find(|file| file.role == role)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Detector => "detector",
            Self::Embedder => "embedder",
            Self::HeadPose => "head-pose",
        })
    }
}

impl FromStr for Kind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|kind| kind.to_string() == text).ok_or_else(|| {
            let known = Self::ALL.map(|kind| format!("`{kind}`")).join(", ");
            let text: String = text.chars().take(40).collect();
            Error::Field { field: "kind".into(), reason: format!("is `{text}`; this version knows {known}") }
        })
    }
}
