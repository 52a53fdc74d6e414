//! Runs ONNX models, over one of two engines behind one [`Session`].
//!
//! *rten* is built in: pure Rust, no library to install, always there. *ONNX Runtime* is three to six times as
//! fast on the small networks of face recognition, and is loaded while the program runs, from a library file that
//! `pip install onnxruntime` brings: see [`Options::library`] for where it is looked for. What was asked for runs or
//! fails; only [`Choice::Auto`] chooses, and [`Engine::info`] says what it chose.
//!
//! An [`Engine`] loads the bytes of a model into a [`Session`]; [`Session::run`] takes one [`Tensor`] and returns the
//! outputs in the order of the file. A session is shared by reference between worker threads. [`Threads`] says how
//! many of them run it at the same time (`streams`) and how many threads each run may use (`per_run`). On small
//! networks many streams of one thread beat one stream of many threads by far, so that is what the pipeline uses.
//!
//! Nothing here uses the network. ONNX Runtime would report to its maker; it is started with that turned off or not
//! at all, see [`prepare_process`].
//!
//! No byte of a model file makes this crate panic: a malformed model is an [`Error`] that names it.
//!
//! ```
//! use omote_engine::{Choice, Engine, Options, Tensor, Threads};
//!
//! let onnx = fixtures::models::embedder_onnx(0);
//! let engine = Engine::open(&Options { choice: Choice::Rten, library: None })?;
//! let session = engine.load(&onnx, "embedder.onnx", Threads { streams: 2, per_run: 1 })?;
//!
//! assert_eq!(session.input().shape, [Some(1), Some(3), Some(112), Some(112)]);
//! let outputs = session.run(&Tensor::new([1, 3, 112, 112], vec![0.5; 3 * 112 * 112]))?;
//! assert_eq!(outputs[0].shape[0], 1);
//! # Ok::<(), omote_engine::Error>(())
//! ```

mod engine;
mod error;
mod library;
mod onnxruntime;
mod process;
mod rten_model;
mod search;
mod session;
mod tensor;
mod wire;
mod workers;

pub use engine::{Choice, Engine, EngineInfo, Options, Threads};
pub use error::Error;
pub use process::prepare_process;
pub use session::Session;
pub use tensor::{Io, Tensor};
