//! Models run by ONNX Runtime, loaded from a library file while the program runs.

use std::fmt::{self, Display};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};

use ort::environment::Environment;
use ort::logging::LogLevel;
use ort::session::Session;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::value::{Outlet, TensorElementType, TensorRef, ValueType};

use crate::search::Search;
use crate::{Error, Io, Tensor, library, process};

pub(crate) const NAME: &str = "onnxruntime";

/// A loaded ONNX Runtime. A process has at most one: crate `ort` keeps it in static variables.
#[derive(Clone, Debug)]
pub(crate) struct OnnxRuntime {
    library: PathBuf,
    version: String,
    environment: Environment,
}

static LOADED: Mutex<Option<OnnxRuntime>> = Mutex::new(None);

/// Opens the first library of `search` that can be used; one that is loaded already if no library was named.
pub(crate) fn open(search: Search) -> Result<OnnxRuntime, Error> {
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = loaded.as_ref()
        && !search.named
    {
        return Ok(runtime.clone());
    }
    let mut first_error = None;
    for path in &search.found {
        match open_file(path, &mut loaded) {
            Ok(runtime) => return Ok(runtime),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    Err(first_error.unwrap_or(Error::LibraryNotFound { looked: search.looked }))
}

fn open_file(path: &Path, loaded: &mut Option<OnnxRuntime>) -> Result<OnnxRuntime, Error> {
    let unusable = |reason: String| Error::Library { path: path.to_owned(), reason };
    // Links to one file are one library; and `ort` would look for a relative path beside the program.
    let library = path.canonicalize().map_err(|error| unusable(error.to_string()))?;
    if let Some(runtime) = loaded.as_ref().filter(|runtime| runtime.library == library) {
        return Ok(runtime.clone());
    }
    let version = library::inspect(&library).map_err(unusable)?;
    if let Some(runtime) = loaded {
        return Err(Error::LibraryTaken { asked: library, loaded: runtime.library.clone() });
    }
    if library::reports(&version) && !process::telemetry_is_decided() {
        return Err(Error::Telemetry { path: library, version });
    }
    let environment = ort::init_from(&library)
        .map_err(|error| unusable(error.to_string()))?
        .with_name("omote")
        .with_telemetry(false)
        .build()
        .map_err(|error| unusable(error.to_string()))?;
    Ok(loaded.insert(OnnxRuntime { library, version, environment }).clone())
}

impl OnnxRuntime {
    pub(crate) fn library(&self) -> &Path {
        &self.library
    }

    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    pub(crate) fn load(&self, onnx: &[u8], label: &str, per_run: usize) -> Result<OnnxRuntimeModel, Error> {
        let mut model = OnnxRuntimeModel {
            runtime: self.clone(),
            onnx: onnx.into(),
            label: label.to_owned(),
            per_run,
            memory_pattern: true,
            idle: Mutex::default(),
        };
        let mut session = model.session()?;
        if session.inputs().iter().any(has_free_dimension) {
            model.memory_pattern = false;
            session = model.session()?;
        }
        model.put_back(session);
        Ok(model)
    }
}

/// A model and the sessions that run it.
///
/// `ort` runs a session through `&mut`, since parts of ONNX Runtime are not made for concurrent runs. So each stream
/// has a session of its own, made from the same bytes when it is first needed.
pub(crate) struct OnnxRuntimeModel {
    runtime: OnnxRuntime,
    onnx: Box<[u8]>,
    label: String,
    per_run: usize,
    /// Whether ONNX Runtime remembers where in one block of memory each tensor goes. That is 4 % faster, but it keeps
    /// such a plan for every shape of input that it has seen, so it is not for models whose input is free.
    memory_pattern: bool,
    /// The sessions that no run is using, each with the thread that used it last.
    idle: Mutex<Vec<(ThreadId, Session)>>,
}

impl OnnxRuntimeModel {
    /// The inputs and outputs of the file, all of them tensors of floats.
    pub(crate) fn interface(&self) -> Result<(Vec<Io>, Vec<Io>), Error> {
        let session = self.checkout()?;
        let describe = |outlets: &[Outlet]| -> Result<Vec<_>, Error> {
            outlets.iter().map(|outlet| self.describe(outlet)).collect()
        };
        let (inputs, outputs) = (describe(session.inputs()), describe(session.outputs()));
        self.put_back(session);
        Ok((inputs?, outputs?))
    }

    /// Runs the model on an input that has been checked.
    pub(crate) fn run(&self, input: &Tensor) -> Result<Vec<Tensor>, Error> {
        let mut session = self.checkout()?;
        let outputs = self.run_in(&mut session, input);
        self.put_back(session);
        outputs
    }

    fn run_in(&self, session: &mut Session, input: &Tensor) -> Result<Vec<Tensor>, Error> {
        let failed = |error: ort::Error| self.failed(error);
        let view = TensorRef::from_array_view((&input.shape[..], &input.data[..])).map_err(failed)?;
        let outputs = session.run(ort::inputs![view]).map_err(failed)?;
        let read = |(name, value): (&str, ort::value::ValueRef<'_>)| {
            let (shape, data) = value.try_extract_tensor::<f32>().map_err(|_| Error::ElementType {
                label: self.label.clone(),
                name: name.to_owned(),
                element: value.dtype().to_string(),
            })?;
            let shape = shape.iter().map(|&size| usize::try_from(size).unwrap_or(0)).collect();
            Ok(Tensor { shape, data: data.to_vec() })
        };
        outputs.iter().map(read).collect()
    }

    fn describe(&self, outlet: &Outlet) -> Result<Io, Error> {
        match outlet.dtype() {
            ValueType::Tensor { ty: TensorElementType::Float32, shape, .. } => {
                let shape = shape.iter().map(|&size| usize::try_from(size).ok()).collect();
                Ok(Io { name: outlet.name().to_owned(), shape })
            }
            other => Err(Error::ElementType {
                label: self.label.clone(),
                name: outlet.name().to_owned(),
                element: other.to_string(),
            }),
        }
    }

    /// The session that this thread used last, whose memory its core may still hold, or else any.
    fn checkout(&self) -> Result<Session, Error> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let this = thread::current().id();
        let own = idle.iter().position(|(last, _)| *last == this).or(idle.len().checked_sub(1));
        let session = own.map(|own| idle.swap_remove(own).1);
        drop(idle);
        session.map_or_else(|| self.session(), Ok)
    }

    fn put_back(&self, session: Session) {
        let this = thread::current().id();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push((this, session));
    }

    fn session(&self) -> Result<Session, Error> {
        let refused = |error: ort::Error| Error::Model {
            label: self.label.clone(),
            engine: NAME,
            reason: first_line(&error),
        };
        self.options().and_then(|mut options| options.commit_from_memory(&self.onnx)).map_err(refused)
    }

    fn options(&self) -> ort::Result<SessionBuilder> {
        let options = Session::builder(&self.runtime.environment)?
            .with_optimization_level(GraphOptimizationLevel::All)?
            .with_intra_threads(self.per_run)?
            .with_inter_threads(1)?
            .with_memory_pattern(self.memory_pattern)?
            .with_intra_op_spinning(false)?
            .with_inter_op_spinning(false)?;
        // Faults come back as errors; ONNX Runtime would print them as well.
        if std::env::var_os("ORT_LOG").is_none() {
            Ok(options.with_log_level(LogLevel::Fatal)?)
        } else {
            Ok(options)
        }
    }

    fn failed(&self, error: ort::Error) -> Error {
        Error::Run { label: self.label.clone(), engine: NAME, reason: first_line(&error) }
    }
}

impl fmt::Debug for OnnxRuntimeModel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OnnxRuntimeModel").field("label", &self.label).finish_non_exhaustive()
    }
}

fn has_free_dimension(outlet: &Outlet) -> bool {
    outlet.dtype().tensor_shape().is_some_and(|shape| shape.iter().any(|&size| size < 0))
}

/// ONNX Runtime adds a trace of its own functions to some messages.
fn first_line(error: &impl Display) -> String {
    error.to_string().lines().next().unwrap_or_default().trim().to_owned()
}
