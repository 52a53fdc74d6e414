//! Photos: decode, resize, warp, degrade, draw.
//!
//! Everything here works on one type, [`Image`]: 8-bit RGB, rows from top to bottom. [`decode`] makes one from the bytes
//! of a file, whatever the file is called: JPEG, PNG, WebP, BMP, GIF, TIFF or PNM, turned upright by its EXIF orientation,
//! alpha laid on white, 16-bit, grey, palette and CMYK turned into RGB. It checks the size in the header before it
//! decodes, and refuses a file that ends too early rather than filling the rest with grey. [`probe`] reads the header
//! alone.
//!
//! [`resize`] feeds detectors, [`warp`] cuts the aligned face out for a recognition model. [`degrade`] is the one home of
//! everything that makes pictures worse on purpose, [`color`] changes light and colours, [`draw`] puts boxes, points and
//! names on a picture for people to look at, and [`encode_jpeg`] and [`encode_png`] write it.
//!
//! # Frame
//! Coordinates are pixels with the origin at the *centre* of the top-left pixel, x to the right, y downwards. All
//! functions are single-threaded and deterministic: the caller decides what runs in parallel.
//!
//! ```
//! use omote_imaging::{DecodeOptions, Image, decode, encode_png, resize};
//!
//! let photo = Image::filled(64, 48, [200, 150, 100]);
//! let bytes = encode_png(&photo)?;
//! let decoded = decode(&bytes, &DecodeOptions::default())?;
//! let small = resize(&decoded, 32, 24);
//! assert_eq!((small.width(), small.height()), (32, 24));
//! assert_eq!(small.pixel(5, 5), [200, 150, 100]);
//! # Ok::<(), omote_imaging::Error>(())
//! ```

pub mod color;
pub mod degrade;
pub mod draw;

mod decode;
mod embedded;
mod encode;
mod error;
mod extension;
mod format;
mod image;
mod jpeg;
mod resize;
mod warp;

pub use decode::{DecodeOptions, Header, decode, probe};
pub use encode::{encode_jpeg, encode_png};
pub use error::Error;
pub use extension::{PHOTO_EXTENSIONS, is_photo};
pub use format::Format;
pub use image::Image;
pub use resize::{Interpolation, resize, resize_by, resize_into, resize_region};
pub use warp::{warp, warp_antialiased, warp_into, warp_projective};
