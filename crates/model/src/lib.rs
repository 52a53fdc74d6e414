//! The contract between those who make models and those who run them: an ONNX file with a manifest.
//!
//! An ONNX file says nothing of the picture that its network wants: the colour order, what is subtracted and divided,
//! how the face is cut out. Fed wrongly it still answers, only badly. So a model is never a bare file here, but a
//! [`Manifest`] (`model.toml`) with the files it names, each with its SHA-256, and pre-processing is never the caller's
//! choice: [`Input::prepare`] does what the manifest says.
//!
//! ```text
//! folders --Store::open--> Store --resolve("yunet-n")--> Installed { manifest, fingerprint, checked bytes }
//!                            ^
//!            catalogue: manifests of published files, found by their SHA-256
//! ```
//!
//! * A [`Store`] finds models in folders: model folders with a `model.toml`, and plain ONNX files that the built-in
//!   [`catalogue`] knows. What it hands out has been hashed.
//! * A [`Fingerprint`] identifies what a model computes: its files, `[input]` and `[align]`, and nothing else.
//! * An [`Embedding`] carries the fingerprint of its model, so that vectors of different models never meet.
//!
//! ```
//! use omote_model::{Kind, Output, catalogue};
//!
//! let entry = catalogue::find("mobilefacenet").expect("it is in the catalogue");
//! let manifest = entry.manifest().expect("its pre-processing is known");
//! assert_eq!(manifest.kind(), Kind::Embedder);
//! assert!(matches!(manifest.output, Output::Embedding { dimension: 128, .. }));
//!
//! let grey = vec![128u8; 112 * 112 * 3];
//! let tensor = manifest.input.prepare(&grey, 112, 112);
//! assert_eq!(manifest.input.shape(1, 112, 112), [1, 3, 112, 112]);
//! assert!((tensor[0] - (128.0 / 255.0 - 0.485) / 0.229).abs() < 1e-4); // the red plane comes first
//! ```

mod align;
pub mod catalogue;
mod digest;
mod embedding;
mod error;
mod fingerprint;
mod input;
mod licence;
mod manifest;
mod output;
mod store;

pub use align::{Align, Frame};
pub use digest::FileHash;
pub use embedding::Embedding;
pub use error::{Error, Result};
pub use fingerprint::Fingerprint;
pub use input::{Batch, Color, Input, Layout, Size};
pub use licence::{CommercialUse, Licence};
pub use manifest::{FORMAT, Kind, Manifest, ModelFile};
pub use output::{Decoder, MagnitudeScale, Output};
pub use store::{Import, Imported, Installed, InstalledFile, Listed, Listing, Origin, Store};
