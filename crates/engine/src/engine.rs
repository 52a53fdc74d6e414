//! Which engine runs, and on how many threads.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::onnxruntime::{self, OnnxRuntime};
use crate::search::Surroundings;
use crate::session::{Runner, Session};
use crate::{Error, process, rten_model, wire};

/// Which engine to run models with: `auto`, `rten` or `onnxruntime`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// ONNX Runtime where one is found and loads, else rten.
    #[default]
    Auto,
    /// The built-in engine.
    Rten,
    /// ONNX Runtime, or an error that says where it was looked for.
    OnnxRuntime,
}

impl FromStr for Choice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "auto" => Ok(Self::Auto),
            "rten" => Ok(Self::Rten),
            "onnxruntime" => Ok(Self::OnnxRuntime),
            _ => Err(Error::UnknownEngine(text.to_owned())),
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Auto => "auto",
            Self::Rten => "rten",
            Self::OnnxRuntime => "onnxruntime",
        })
    }
}

/// What the user said about engines.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The engine that was asked for.
    pub choice: Choice,
    /// The ONNX Runtime library: its file, or a folder that holds it (a wheel's `capi`, a Python environment, an
    /// unpacked release). `None` looks for one: the environment variable `ORT_DYLIB_PATH`, then the Python
    /// environments of `VIRTUAL_ENV`, `CONDA_PREFIX`, the `python3` on `PATH`, the user's own packages and pyenv's
    /// versions, then the system's library folders. Python itself is never run.
    ///
    /// A library named here or by `ORT_DYLIB_PATH` is used or is an error, even with [`Choice::Auto`]; it is ignored
    /// by [`Choice::Rten`].
    pub library: Option<PathBuf>,
}

/// How a session may use the processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threads {
    /// How many calls of [`Session::run`] proceed at the same time; further ones wait.
    pub streams: usize,
    /// How many threads each of them computes on. With 1, ONNX Runtime computes on the calling thread and starts no
    /// other; rten computes on a thread of its own while the calling one sleeps, so a stream is one busy thread.
    pub per_run: usize,
}

impl Threads {
    /// The largest number of either kind.
    pub const MAX: usize = 1024;

    /// One run at a time, on one thread.
    pub const SINGLE: Self = Self { streams: 1, per_run: 1 };

    pub(crate) fn check(self) -> Result<Self, Error> {
        let counts = 1..=Self::MAX;
        if counts.contains(&self.streams) && counts.contains(&self.per_run) {
            Ok(self)
        } else {
            Err(Error::Threads { streams: self.streams, per_run: self.per_run })
        }
    }
}

/// What an engine is, for reports: a figure without the engine that it was measured on says little.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineInfo {
    /// `rten` or `onnxruntime`.
    pub name: &'static str,
    /// Its version, such as `1.31.1`.
    pub version: String,
    /// The file that it was loaded from; `None` for the built-in engine.
    pub library: Option<PathBuf>,
    /// The processor's vector instructions that such engines make use of, widest last.
    pub cpu: Vec<&'static str>,
    /// With [`Choice::Auto`] and rten: why ONNX Runtime was passed over.
    pub passed_over: Option<String>,
}

impl fmt::Display for EngineInfo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.name, self.version)?;
        if let Some(library) = &self.library {
            write!(formatter, " ({})", library.display())?;
        }
        Ok(())
    }
}

/// An engine that is ready to load models.
#[derive(Clone, Debug)]
pub struct Engine {
    info: EngineInfo,
    runtime: Runtime,
}

#[derive(Clone, Debug)]
enum Runtime {
    Rten,
    OnnxRuntime(OnnxRuntime),
}

impl Engine {
    /// Opens the engine that was asked for.
    ///
    /// # Errors
    /// [`Error::LibraryNotFound`], [`Error::Library`], [`Error::LibraryTaken`] or [`Error::Telemetry`] when ONNX
    /// Runtime was asked for, or its library was named, and it cannot be used. The built-in engine always opens.
    pub fn open(options: &Options) -> Result<Self, Error> {
        process::prepare();
        match options.choice {
            Choice::Rten => Ok(Self::rten(None)),
            Choice::OnnxRuntime => Self::onnxruntime(options).map_err(|(error, _)| error),
            Choice::Auto => match Self::onnxruntime(options) {
                Ok(engine) => Ok(engine),
                Err((error, named)) if named => Err(error),
                Err((error, _)) => Ok(Self::rten(Some(error.to_string()))),
            },
        }
    }

    /// Every engine of this build, and whether it can be used here: rten, then ONNX Runtime.
    pub fn available(options: &Options) -> Vec<Result<EngineInfo, Error>> {
        process::prepare();
        let onnxruntime = Self::onnxruntime(options).map_err(|(error, _)| error);
        vec![Ok(Self::rten(None).info), onnxruntime.map(|engine| engine.info)]
    }

    /// What this engine is.
    pub fn info(&self) -> &EngineInfo {
        &self.info
    }

    /// Loads the bytes of an ONNX file. `label` names the model in errors: its file name as a rule.
    ///
    /// # Errors
    /// [`Error::Model`] when the bytes are not a model that this engine can run, [`Error::InputCount`] and
    /// [`Error::ElementType`] when its inputs or outputs are of another kind than [`Session::run`] takes and gives,
    /// [`Error::Threads`] when `threads` has a 0.
    pub fn load(&self, onnx: &[u8], label: &str, threads: Threads) -> Result<Session, Error> {
        let threads = threads.check()?;
        wire::check(onnx).map_err(|reason| Error::Model {
            label: label.to_owned(),
            engine: self.info.name,
            reason: reason.to_owned(),
        })?;
        let runner = match &self.runtime {
            Runtime::Rten => Runner::Rten(rten_model::RtenModel::load(onnx, label, threads.per_run)?.into()),
            Runtime::OnnxRuntime(runtime) => {
                Runner::OnnxRuntime(runtime.load(onnx, label, threads.per_run)?)
            }
        };
        Session::new(runner, label, threads)
    }

    fn rten(passed_over: Option<String>) -> Self {
        let info = EngineInfo {
            name: rten_model::NAME,
            version: rten_model::VERSION.to_owned(),
            library: None,
            cpu: cpu_features(),
            passed_over,
        };
        Self { info, runtime: Runtime::Rten }
    }

    /// Opens ONNX Runtime; with the error comes whether the user had named the library.
    fn onnxruntime(options: &Options) -> Result<Self, (Error, bool)> {
        let search = Surroundings::current().search(options.library.as_deref());
        let named = search.named;
        let runtime = onnxruntime::open(search).map_err(|error| (error, named))?;
        let info = EngineInfo {
            name: onnxruntime::NAME,
            version: runtime.version().to_owned(),
            library: Some(runtime.library().to_owned()),
            cpu: cpu_features(),
            passed_over: None,
        };
        Ok(Self { info, runtime: Runtime::OnnxRuntime(runtime) })
    }
}

#[cfg(target_arch = "x86_64")]
fn cpu_features() -> Vec<&'static str> {
    let known = [
        ("sse4.1", is_x86_feature_detected!("sse4.1")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
        ("avx512vnni", is_x86_feature_detected!("avx512vnni")),
        ("avx512bf16", is_x86_feature_detected!("avx512bf16")),
    ];
    known.into_iter().filter_map(|(name, present)| present.then_some(name)).collect()
}

#[cfg(target_arch = "aarch64")]
fn cpu_features() -> Vec<&'static str> {
    use std::arch::is_aarch64_feature_detected;
    let known = [
        ("neon", is_aarch64_feature_detected!("neon")),
        ("fp16", is_aarch64_feature_detected!("fp16")),
        ("dotprod", is_aarch64_feature_detected!("dotprod")),
        ("i8mm", is_aarch64_feature_detected!("i8mm")),
        ("sve", is_aarch64_feature_detected!("sve")),
    ];
    known.into_iter().filter_map(|(name, present)| present.then_some(name)).collect()
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn cpu_features() -> Vec<&'static str> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_read_as_they_are_written() {
        for choice in [Choice::Auto, Choice::Rten, Choice::OnnxRuntime] {
            assert_eq!(choice.to_string().parse::<Choice>().unwrap(), choice);
        }
        let error = "Rten".parse::<Choice>().unwrap_err();
        assert_eq!(error.to_string(), "unknown engine `Rten`: use auto, rten or onnxruntime");
    }

    #[test]
    fn thread_counts_are_bounded() {
        let check = |streams, per_run| Threads { streams, per_run }.check().is_ok();
        assert!(check(1, 1) && check(Threads::MAX, Threads::MAX));
        assert!(!check(0, 1) && !check(1, 0) && !check(Threads::MAX + 1, 1) && !check(1, usize::MAX));
    }
}
