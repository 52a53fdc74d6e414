//! Which networks look at the pictures, and on what they run.

use std::path::PathBuf;

use analysis::{DetectOptions, DetectSize, Detector, Embedder, open_detector, pipeline};
use anyhow::{anyhow, bail};
use engine::{Choice, Engine, Options, Threads};
use model::{Fingerprint, Store};
use serde_json::{Value, json};

/// Separates folders in an environment variable, as in PATH.
const PATH_LIST: char = if cfg!(windows) { ';' } else { ':' };

/// Flags of all commands that run networks.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Models and machine")]
pub struct NetworkArgs {
    /// Folder of models: NAME/model.toml, or plain ONNX files that the catalogue knows (may be given again)
    #[arg(long, env = "OMOTE_MODELS", value_name = "DIR", value_delimiter = PATH_LIST)]
    models: Vec<PathBuf>,
    /// Inference engine: auto, rten (built in) or onnxruntime (auto: ONNX Runtime if found, else rten)
    #[arg(long, env = "OMOTE_ENGINE", default_value = "auto", value_name = "ENGINE")]
    engine: Choice,
    /// ONNX Runtime's library (libonnxruntime.so.1.22.0 and the like), or a folder that holds it
    #[arg(long, env = "OMOTE_ENGINE_LIB", value_name = "FILE")]
    engine_lib: Option<PathBuf>,
    /// Threads in all [default: the processors of this machine]
    #[arg(long, env = "OMOTE_THREADS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

impl NetworkArgs {
    /// Threads in all.
    pub fn threads(&self) -> usize {
        self.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
    }
}

/// Flags of commands that look for faces.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Models and machine")]
pub struct DetectArgs {
    /// Side of the picture that detectors see: auto, native (the picture's own size) or pixels
    #[arg(long, default_value = "auto", value_name = "SIZE")]
    detect_size: DetectSize,
}

/// Where networks come from.
pub struct Networks {
    store: Store,
    engine: Engine,
    threads: usize,
    detect_size: DetectSize,
}

/// A detector with what it is asked for.
pub struct Finder {
    /// Its name and fingerprint.
    pub model: (String, Fingerprint),
    detector: Box<dyn Detector>,
    options: DetectOptions,
}

impl Finder {
    /// The side of the picture that it sees.
    pub fn size(&self) -> DetectSize {
        self.options.size
    }

    /// The faces of a picture, best score first.
    pub fn detect(&self, picture: &imaging::Image) -> analysis::Result<Vec<analysis::Detection>> {
        self.detector.detect(picture, &self.options)
    }
}

impl Networks {
    /// Opens the folders of models and an engine, for commands that look for faces or not.
    pub fn open(args: &NetworkArgs, detect: Option<&DetectArgs>) -> anyhow::Result<Self> {
        if args.models.is_empty() {
            bail!("no folder of models is named: name one with --models or OMOTE_MODELS");
        }
        let options = Options { choice: args.engine, library: args.engine_lib.clone() };
        let (store, engine) = (Store::open(&args.models)?, Engine::open(&options)?);
        let detect_size = detect.map_or(DetectSize::Auto, |detect| detect.detect_size);
        Ok(Self { store, engine, threads: args.threads(), detect_size })
    }

    /// Each picture is looked at by one thread.
    fn per_thread(&self) -> Threads {
        Threads { streams: self.threads, per_run: 1 }
    }

    fn installed(&self, name: &str) -> anyhow::Result<model::Installed> {
        self.store.resolve(name).map_err(|error| {
            let problems = self.store.list().problems;
            let said: String =
                problems.iter().map(|problem| format!("\nThis could not be used: {problem}")).collect();
            anyhow!("{error}{said}")
        })
    }

    /// Loads a detector by its name.
    pub fn detector(&self, name: &str) -> anyhow::Result<Finder> {
        let model = self.installed(name)?;
        let detector = open_detector(&model, &self.engine, self.per_thread())?;
        let options = DetectOptions { size: self.detect_size, ..DetectOptions::default() };
        Ok(Finder { model: (model.manifest.name, model.fingerprint), detector, options })
    }

    /// Loads an embedder by its name.
    pub fn embedder(&self, name: &str) -> anyhow::Result<Embedder> {
        Ok(Embedder::open(&self.installed(name)?, &self.engine, self.per_thread())?)
    }

    /// Threads in all.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// How pictures are read.
    pub fn pipeline(&self) -> pipeline::Options {
        pipeline::Options { threads: self.threads, ..pipeline::Options::default() }
    }

    /// What runs the networks, for the last record.
    pub fn record(&self) -> Value {
        json!({"engine": self.describe(), "threads": self.threads, "detect_size": self.detect_size.to_string()})
    }

    /// The engine's name and version.
    pub fn describe(&self) -> String {
        let info = self.engine.info();
        format!("{} {}", info.name, info.version)
    }
}
