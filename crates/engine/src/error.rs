//! The one error type of the crate.

use std::path::PathBuf;

/// Why an engine, a model or a run of it was refused.
///
/// Every message says what was wrong, with which file or model, and what can be done about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not the name of an engine.
    #[error("unknown engine `{0}`: use auto, rten or onnxruntime")]
    UnknownEngine(String),

    /// ONNX Runtime was asked for and no library file was found.
    #[error(
        "ONNX Runtime was not found. Looked in: {}. Install it with `pip install onnxruntime` and run inside that \
         Python environment, or name the library file with --engine-lib; `--engine rten` needs no library",
        list(.looked)
    )]
    LibraryNotFound {
        /// Every file and folder that was looked at, in that order.
        looked: Vec<PathBuf>,
    },

    /// A library file was found or named, but it is not an ONNX Runtime that can be used.
    #[error(
        "{}: cannot be used as ONNX Runtime: {reason}. Install a current one with `pip install -U onnxruntime` and \
         name its library file with --engine-lib; `--engine rten` needs no library",
        path.display()
    )]
    Library {
        /// The library file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// A second, different ONNX Runtime library was asked for.
    #[error(
        "{}: this process already uses the ONNX Runtime of {}, and one process can use only one. Name the same \
         library everywhere, or start another process",
        asked.display(), loaded.display()
    )]
    LibraryTaken {
        /// The library that was asked for.
        asked: PathBuf,
        /// The library that is in use.
        loaded: PathBuf,
    },

    /// ONNX Runtime would report to its maker, and can no longer be told not to.
    #[error(
        "{}: ONNX Runtime {version} reports to its maker over the network unless the environment variable \
         ORT_DISABLE_TELEMETRY is set before it starts, and it is too late to set it here: other threads are \
         running. Set ORT_DISABLE_TELEMETRY=1 for this program, or open the engine before starting threads",
        path.display()
    )]
    Telemetry {
        /// The library file.
        path: PathBuf,
        /// Its version.
        version: String,
    },

    /// A thread count is 0, or larger than any machine.
    #[error(
        "{streams} streams of {per_run} threads cannot be started: use 1 to {} of each",
        crate::Threads::MAX
    )]
    Threads {
        /// Runs at the same time.
        streams: usize,
        /// Threads of each run.
        per_run: usize,
    },

    /// The operating system would not start the threads of a run.
    #[error("{threads} more threads could not be started: lower --threads or the limit of processes")]
    Spawn {
        /// The threads that were asked for.
        threads: usize,
    },

    /// The bytes are not an ONNX model that the engine can run.
    #[error(
        "{label}: not an ONNX model that {engine} can run: {reason}. Check the file, or try another --engine"
    )]
    Model {
        /// What the caller called the model: its file name as a rule.
        label: String,
        /// The engine that was asked.
        engine: &'static str,
        /// What the engine said.
        reason: String,
    },

    /// The model does not have exactly one input.
    #[error("{label}: the model has {count} inputs, but the models run here take one picture tensor each")]
    InputCount {
        /// What the caller called the model.
        label: String,
        /// Inputs that have no default in the file.
        count: usize,
    },

    /// An input or output holds other elements than 32-bit floats.
    #[error(
        "{label}: `{name}` holds elements of type {element}, but only 32-bit floats are supported. Export the model \
         with float inputs and outputs"
    )]
    ElementType {
        /// What the caller called the model.
        label: String,
        /// The input or output.
        name: String,
        /// Its element type, in the engine's words.
        element: String,
    },

    /// A tensor does not have the shape that the model's input says.
    #[error("{label}: input `{name}` takes {expected}, but a tensor of shape {given:?} was given")]
    InputShape {
        /// What the caller called the model.
        label: String,
        /// The input.
        name: String,
        /// The shape that the model says, `?` for a free dimension.
        expected: String,
        /// The shape of the tensor.
        given: Vec<usize>,
    },

    /// A tensor's data is shorter or longer than its shape says.
    #[error("{label}: a tensor of shape {shape:?} was given with {elements} elements")]
    InputLength {
        /// What the caller called the model.
        label: String,
        /// The shape of the tensor.
        shape: Vec<usize>,
        /// The elements that came with it.
        elements: usize,
    },

    /// The engine failed while it ran the model.
    #[error("{label}: {engine} failed while running the model: {reason}")]
    Run {
        /// What the caller called the model.
        label: String,
        /// The engine that ran it.
        engine: &'static str,
        /// What the engine said.
        reason: String,
    },
}

fn list(paths: &[PathBuf]) -> String {
    if paths.is_empty() {
        return "nowhere, as no Python environment is active".to_owned();
    }
    let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    paths.join(", ")
}
