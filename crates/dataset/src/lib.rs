//! What is learned from: sources of samples, and data sets on disk.
//!
//! A [`Source`] has numbered samples, each a picture with what is known of it, and [says](Source::classes) who is in each.
//! There are photos in the field's formats ([`Folders`], [`Listed`], [`RecordIo`], [`Celeba`], [`UtkFace`]), synthetic faces
//! that are drawn when they are asked for ([`Recipe`]), and what was written before ([`Written`]). [`Joined`] puts several
//! one after the other, [`People`] takes some people and holds some of them out. [`Data`] is all of this as a section of a
//! recipe; [`overlap`] asks whether two sources show the same people.
//!
//! ```
//! use std::path::Path;
//! use omote_dataset::{Data, Source};
//!
//! let folder = tempfile::tempdir()?;
//! let grey = imaging::encode_png(&imaging::Image::filled(8, 8, [128; 3]))?;
//! for person in ["anna", "ben", "cleo"] {
//!     std::fs::create_dir(folder.path().join(person))?;
//!     std::fs::write(folder.path().join(person).join("1.png"), &grey)?;
//! }
//!
//! let data: Data = toml::from_str("kind = \"folders\"\npath = \"\"\npeople = { hold_out = 0.3 }")?;
//! let parts = data.split(folder.path())?;
//! assert_eq!((parts.training.len(), parts.held_out.map(|part| part.len())), (2, Some(1)));
//! assert_eq!(parts.training.sample(0)?.image.width(), 8);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A data set on disk is a folder:
//!
//! ```text
//! dataset.toml               what it is, how it was made, and whether it is whole
//! truth.parquet              a row for each face, with the name and SHA-256 of its picture
//! images/000000/000000.png   pictures, a hundred to a folder
//! left-out.tsv               samples of the source that are not in it, and why, if there are any
//! ```
//!
//! It is written by [`write()`] from a [`Source`], in parallel and in bounded memory. What is done stays done: killed and
//! started again, it goes on where it stopped and ends with the same bytes. The SHA-256 of the table covers the pictures
//! too, because it holds theirs. [`Truth`] reads it again.
//!
//! A trainer takes batches from a [`Feed`], made ahead on several threads: samples of a source, of the classes of a
//! [`Roster`] (perhaps with [`LabelNoise`]), in the order of a [`Sampler`], shown otherwise each time by an
//! [`Augmentation`]. All is calculated from a seed and from where the run is, so a run that stopped goes on exactly.

pub mod overlap;

mod ahead;
mod attributes;
mod augmentation;
mod based;
mod batches;
mod cache;
mod classes;
mod data;
mod detection;
mod error;
mod files;
mod framing;
mod label_noise;
mod left_out;
mod manifest;
mod order;
mod poses;
mod quality;
mod read;
mod recent;
mod recipe;
mod recognition;
mod roster;
mod sampling;
mod source;
mod sources;
mod spoof;
mod stream;
mod table;
mod tags;
mod tail;
mod truth;
mod verify;
mod wider;
mod write;

pub use attributes::Attributes;
pub use augmentation::{
    Affine, Augmentation, Blur, Change, Color, Corners, Crop, Cutout, Filling, Flip, Gray, Jpeg, LowLight,
    MotionBlur, Occluder, Place, Preset, Resample, SensorNoise, Thing,
};
pub use based::{merge, parse_based, read_based, without_folders};
pub use batches::{Batch, Batches, Feed, Feeding};
pub use classes::Classes;
pub use data::Data;
pub use detection::Detection;
pub use error::Error;
pub use files::{FileFormat, Files};
pub use framing::Framing;
pub use label_noise::{LabelNoise, Noise, Noisy};
pub use left_out::{LeftOut, left_out};
pub use manifest::Manifest;
pub use poses::Poses;
pub use quality::Quality;
pub use read::{Row, Shown, Truth};
pub use recipe::Recipe;
pub use recognition::Recognition;
pub use roster::Roster;
pub use sampling::{Balanced, LongTail, PByK, Power, Sampler, Sampling, Shuffle};
pub use source::{Kept, List, Sample, Source};
pub use sources::{
    Celeba, Folders, Joined, Listed, People, RecordIo, Split, Subset, Together, UtkFace, Written,
};
pub use spoof::Spoof;
pub use stream::{Stream, Streamed, Streaming};
pub use table::{Column, Frame, Kind, Table, Value};
pub use truth::{five_columns, five_values};
pub use verify::verify;
pub use write::{Options, write};
