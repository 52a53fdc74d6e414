//! From a photo to its faces: detect, align, measure, embed.
//!
//! A [`Detector`] finds faces in a photo; [`open_detector`] loads one of YuNet, SCRFD, UltraFace and MTCNN, whichever the
//! model's manifest says. An [`Embedder`] cuts each face out, by its five landmarks or else by its box, and turns it into
//! a vector of unit length. [`Quality`] says how good the face is for recognition, 0 to 100, with the parts it is made of.
//!
//! [`Analyzer`] puts them together: a photo in, [`Face`]s out. Of a photo without EXIF it can try all four orientations;
//! of pictures that are aligned faces already it skips the first half. [`pipeline::run`] does it for many photos on many
//! threads, in order, with a bound on memory; one bad photo is one error and no more.
//!
//! Everything about a model's input is read from its manifest; what the numbers mean that come out is a decoder here, one
//! file per detector, each a pure function of tensors.
//!
//! # Frames
//! Boxes and points are pixels of the photo as it was given: the origin is the centre of the top-left pixel, x to the
//! right, y downwards.
//!
//! ```
//! use std::ops::ControlFlow;
//! use omote_analysis::pipeline;
//!
//! let folder = tempfile::tempdir()?;
//! let (photo, broken) = (folder.path().join("photo.png"), folder.path().join("broken.png"));
//! std::fs::write(&photo, imaging::encode_png(&imaging::Image::new(640, 480))?)?;
//! std::fs::write(&broken, "no picture")?;
//!
//! // Any function of a photo can be run; as a rule it calls `Analyzer::analyze`.
//! let widths = |_: &std::path::PathBuf, photo: imaging::Image| Ok(photo.width());
//! let mut lines = Vec::new();
//! pipeline::run([photo, broken], &pipeline::Options::default(), widths, |path, outcome| {
//!     let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
//!     lines.push((name, outcome.ok()));
//!     ControlFlow::Continue(())
//! });
//! assert_eq!(lines, [("photo.png".to_owned(), Some(640)), ("broken.png".to_owned(), None)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod pipeline;

mod align;
mod analyzer;
mod canvas;
mod detection;
mod detectors;
mod embedder;
mod error;
mod face;
mod orientation;
mod quality;
mod scratch;

pub use align::{AlignedCrop, Alignment, fit};
pub use analyzer::{AnalyzeOptions, Analyzer, CutOut};
pub use detection::{DetectOptions, DetectSize, Detection, Detector};
pub use detectors::open_detector;
pub use embedder::Embedder;
pub use error::{Error, Result};
pub use face::Face;
pub use orientation::{Turned, detect_turned};
pub use quality::Quality;
