//! From a trained network to a file that the run side reads.
//!
//! [`to_onnx`] lets Burn record what the network computes and writes it down in ONNX:
//!
//! ```text
//! network --record twice, with 2 and 3 images--> operations of Burn --lower--> graph --simplify--> bytes
//! ```
//!
//! * The network runs on a device that computes nothing, on which [`nets::layers`] uses Burn's own
//!   operations. A network gets there by [`to_onnx`] alone, which takes a copy of it; the one that is trained
//!   stays where it is.
//! * What differs between the two recordings is the number of images, which stays free in the file. A network
//!   whose operations depend on it in another way is refused.
//! * Normalisation is that of inference, by the running statistics, and becomes part of the convolution or
//!   the product before it, in double precision.
//! * An operation that has no counterpart is an error that names it.
//!
//! ```
//! use burn::module::Module;
//! use burn::nn::{BatchNorm, BatchNormConfig, conv::Conv2d};
//! use burn::tensor::{Device, Tensor};
//! use nets::layers::{self, Filters};
//! use omote_training::export;
//!
//! #[derive(Module, Debug)]
//! struct Small {
//!     conv: Conv2d,
//!     bn: BatchNorm,
//! }
//!
//! impl Small {
//!     fn forward(&self, images: Tensor<4>) -> Tensor<2> {
//!         layers::batch_norm(&self.bn, layers::conv(&self.conv, images)).flatten(1, 3)
//!     }
//! }
//!
//! let device = Device::flex();
//! let conv = Filters::same(3, 2).conv(3, 8, false, &device);
//! let network = Small { conv, bn: BatchNormConfig::new(8).init(&device) };
//! let onnx = export::to_onnx(&network, [3, 16, 16], Small::forward)?;
//!
//! let engine = engine::Engine::open(&engine::Options { choice: engine::Choice::Rten, library: None })?;
//! let session = engine.load(&onnx, "small.onnx", engine::Threads::SINGLE)?;
//! let outputs = session.run(&engine::Tensor::new([5, 3, 16, 16], vec![0.5; 5 * 3 * 16 * 16]))?;
//! assert_eq!(outputs[0].shape, [5, 8 * 8 * 8]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod card;
mod detector;
mod folder;
mod graph;
mod lower;
mod quantise;
mod read;
mod recording;
mod run;
mod simplify;
#[cfg(test)]
mod tests;
mod write;

use burn::module::Module;
use burn::tensor::Tensor;

pub use card::{Card, Interval, Measured, TrainingData};
pub use detector::detector_to_onnx;
pub use folder::{Embedder, write_folder};
pub use quantise::{Quantisation, Range, quantise};
pub use recording::Output;
use recording::Recording;
pub use run::{Exported, Twin, export, export_twin};

use crate::error::Result;

/// The name of the input in every file.
pub const INPUT: &str = "images";
/// The name of the output of an embedder.
pub const EMBEDDING: &str = "embedding";

/// The ONNX file of a network that gives one vector for each image.
///
/// `input` is channels, height and width of an image. `forward` is what the file computes: as a rule the
/// network's own forward pass, to which it may add what shall be part of the file. It is given a copy of the
/// network for inference, and images `[N, channels, height, width]`; it must not look at values, only at
/// shapes. The run side feeds three planes of color, so a network of grey images needs a `forward` that
/// weighs them.
///
/// The file has one input, `images` `[batch, channels, height, width]`, and one output, `embedding` `[batch,
/// d]`. The same network gives the same bytes.
///
/// # Errors
/// [`Error::Export`](crate::Error::Export) names the operation that has no counterpart in ONNX, or depends on
/// the number of images.
///
/// # Panics
/// If `forward` does, for example because the network does not take images of this size.
pub fn to_onnx<N: Module>(
    network: &N,
    input: [usize; 3],
    forward: impl Fn(&N, Tensor<4>) -> Tensor<2>,
) -> Result<Vec<u8>> {
    to_onnx_with(network, input, |network, images| vec![Output::new(EMBEDDING, forward(network, images))])
}

/// The ONNX file of a network with several outputs, such as a detector, in the order of the file. See
/// [`to_onnx`].
///
/// # Errors
/// As [`to_onnx`].
///
/// # Panics
/// As [`to_onnx`].
pub fn to_onnx_with<N: Module>(
    network: &N,
    input: [usize; 3],
    forward: impl Fn(&N, Tensor<4>) -> Vec<Output>,
) -> Result<Vec<u8>> {
    let recording = Recording::of(network, input, forward)?;
    let mut graph = lower::lower(&recording, INPUT)?;
    simplify::simplify(&mut graph);
    write::write(&graph)
}
