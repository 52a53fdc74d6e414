//! From flags to an analyzer: which models, on which engine, on how many threads.

use std::env;
use std::path::PathBuf;

use analysis::{AnalyzeOptions, Analyzer, DetectOptions, DetectSize, Embedder, open_detector, pipeline};
use anyhow::{Context, anyhow, bail};
use engine::{Engine, EngineInfo, Options, Threads};
use gallery::ModelIdentity;
use imaging::DecodeOptions;
use matching::LinkThresholds;
use model::{Align, Fingerprint, Frame, Installed, Kind, Store};
use serde_json::{Value, json};

use super::args::{DetectArgs, EmbedArgs, EngineArgs, ModelArgs};
use console::{count, path_value};

/// The user's folder for omote's data, where models are installed by default.
pub fn data_folder() -> Option<PathBuf> {
    let folder = |variable: &str| env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = if cfg!(windows) {
        folder("APPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")))
    };
    base.map(|base| base.join("omote"))
}

/// The models in `folders`, or in the user's data folder if none is named.
pub fn open_store(folders: &[PathBuf]) -> anyhow::Result<Store> {
    if !folders.is_empty() {
        return Ok(Store::open(folders)?);
    }
    let default = data_folder().map(|folder| folder.join("models")).filter(|folder| folder.is_dir());
    Ok(Store::open(default.as_slice())?)
}

/// The error of a model that was not found, with what is wrong with those that are there: it may be one of them.
pub fn with_problems(store: &Store, error: model::Error) -> anyhow::Error {
    let problems = match &error {
        model::Error::NoneOfKind { .. }
        | model::Error::UnknownModel { .. }
        | model::Error::NotInstalled { .. } => store.list().problems,
        _ => Vec::new(),
    };
    if problems.is_empty() {
        return error.into();
    }
    anyhow!("{error}\nThis could not be used: {}", problems.join("\nThis could not be used: "))
}

/// The engine that the flags ask for.
pub fn engine_options(args: &EngineArgs) -> Options {
    Options { choice: args.engine, library: args.engine_lib.clone() }
}

/// How photos are read: threads, memory, limits.
pub fn pipeline_options(args: &ModelArgs, threads: usize) -> pipeline::Options {
    pipeline::Options {
        threads,
        memory_bytes: args.memory << 20,
        decode: DecodeOptions { max_pixels: args.max_megapixels * 1_000_000 },
        ..Default::default()
    }
}

/// What a command wants to be done with each photo.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// How faces are found; `None` where photos are aligned crops already.
    pub detect: Option<&'a DetectArgs>,
    /// How faces are embedded; `None` where they are not.
    pub embed: Option<EmbedArgs>,
    /// Whether the aligned crops are wanted.
    pub keep_crop: bool,
}

impl<'a> Work<'a> {
    /// Find faces (unless they are aligned crops) and embed them.
    pub fn recognise(detect: &'a DetectArgs, embed: EmbedArgs) -> Work<'a> {
        Work { detect: (!embed.aligned).then_some(detect), embed: Some(embed), keep_crop: false }
    }
}

/// Everything that is loaded before the first photo is read.
pub struct Setup {
    /// Photo to faces.
    pub analyzer: Analyzer,
    /// How photos are read.
    pub pipeline: pipeline::Options,
    engine: EngineInfo,
    threads: usize,
    detector: Option<(String, Fingerprint)>,
    embedder: Option<ModelIdentity>,
    standard_crops: bool,
}

impl Setup {
    /// Loads what `work` needs. Many photos run on one thread each; one photo alone gets all the threads.
    pub fn open(args: &ModelArgs, work: Work<'_>, photos: usize) -> anyhow::Result<Setup> {
        let store = open_store(&args.on.models)?;
        let engine = Engine::open(&engine_options(&args.on))?;
        let budget = args.on.threads();
        let workers = budget.min(photos).max(1);
        let per_run = if workers == 1 { budget } else { 1 };
        let threads = Threads { streams: workers, per_run };

        let installed = |name: &Option<String>, kind: Kind| -> anyhow::Result<Installed> {
            let model = match name {
                Some(name) => store.resolve(name),
                None => store.default_for(kind),
            };
            let model = model.map_err(|error| with_problems(&store, error))?;
            let (name, found) = (&model.manifest.name, model.manifest.kind());
            if found != kind {
                bail!("{name} is of kind `{found}`, and `{kind}` is needed here: see `omote models list`");
            }
            Ok(model)
        };
        let detector = work.detect.map(|_| installed(&args.detector, Kind::Detector)).transpose()?;
        // Alone, an embedder that was asked for by name still decides how crops are aligned.
        let wants_embedder = work.embed.is_some() || (work.keep_crop && args.embedder.is_some());
        let embedder = wants_embedder.then(|| installed(&args.embedder, Kind::Embedder)).transpose()?;

        let options = AnalyzeOptions {
            detect: work.detect.map(detect_options).unwrap_or_default(),
            embed: work.embed.is_some(),
            flip: work.embed.is_some_and(|embed| embed.flip),
            keep_crop: work.keep_crop,
        };
        let open = |model: &Installed| open_detector(model, &engine, threads);
        let loaded_detector = detector.as_ref().map(open).transpose()?;
        let loaded_embedder =
            embedder.as_ref().map(|model| Embedder::open(model, &engine, threads)).transpose()?;
        let standard_crops = embedder.as_ref().is_some_and(|model| {
            model.manifest.align == Some(Align::Template(Frame::Arcface))
                && model.manifest.input.fixed_size() == Some((112, 112))
        });
        let identity = embedder.map(|model| ModelIdentity {
            fingerprint: model.fingerprint,
            dimension: loaded_embedder.as_ref().map_or(0, Embedder::dimension),
            flip: options.flip,
            compatible_with: model.manifest.compatible_with,
            name: model.manifest.name,
        });
        let name = |model: Installed| (model.manifest.name, model.fingerprint);
        Ok(Setup {
            analyzer: Analyzer::new(loaded_detector, loaded_embedder, options),
            pipeline: pipeline_options(args, workers),
            engine: engine.info().clone(),
            threads: workers * per_run,
            detector: detector.map(name),
            embedder: identity,
            standard_crops,
        })
    }

    /// Whether the embedder takes faces at ArcFace's template of 112x112. Only such crops are kept in a gallery, so that
    /// every stored crop is known to fit every model of which this is true.
    pub fn standard_crops(&self) -> bool {
        self.standard_crops
    }

    /// Whether the detector sees every photo at one size, whatever the photo's own.
    pub fn size_is_fixed(&self) -> bool {
        matches!(self.analyzer.options().detect.size, DetectSize::Fixed(_))
    }

    /// The engine's name and version.
    pub fn engine(&self) -> String {
        format!("{} {}", self.engine.name, self.engine.version)
    }

    /// The detector's name; `None` where photos are aligned crops.
    pub fn detector(&self) -> Option<&str> {
        self.detector.as_ref().map(|(name, _)| name.as_str())
    }

    /// The embedder.
    pub fn identity(&self) -> anyhow::Result<&ModelIdentity> {
        self.embedder.as_ref().ok_or_else(|| anyhow::anyhow!("this command loads no embedder"))
    }

    /// That the embedder's magnitudes say something of quality.
    pub fn need_magnitude(&self) -> anyhow::Result<()> {
        let identity = self.identity()?;
        anyhow::ensure!(
            self.analyzer.embedder().is_some_and(|embedder| embedder.magnitude_scale().is_some()),
            "{identity} was not trained to give good faces a larger magnitude, so magnitudes are no weights: take a model \
             that was (MagFace), or another --template"
        );
        Ok(())
    }

    /// The cosine from which faces belong together when they are grouped by `method`.
    pub fn link_threshold(&self, method: clustering::Method, asked: Option<f32>) -> anyhow::Result<f32> {
        let identity = self.identity()?;
        let measured =
            || LinkThresholds::default_for(&identity.fingerprint, identity.flip)?.cosine(method.name());
        asked.or_else(measured).with_context(|| {
            format!(
                "no threshold for grouping has been measured for {identity} and {method}: give one with --threshold (a \
                 cosine; `omote eval clusters` finds a good one)"
            )
        })
    }

    /// What ran, for the summary of a command.
    pub fn record(&self) -> Value {
        json!({
            "engine": self.engine(),
            "engine_library": self.engine.library.as_deref().map(path_value),
            "onnxruntime_passed_over": self.engine.passed_over,
            "threads": self.threads,
            "detector": self.detector.as_ref().map(|(name, fingerprint)| {
                json!({"name": name, "fingerprint": fingerprint.to_string()})
            }),
            "embedder": self.embedder.as_ref().map(|identity| {
                json!({"name": identity.name, "fingerprint": identity.fingerprint.to_string(), "flip": identity.flip})
            }),
        })
    }

    /// What ran, in a few words.
    pub fn describe(&self) -> String {
        let names =
            self.detector.iter().map(|(name, _)| name).chain(self.embedder.iter().map(|model| &model.name));
        let names = names.map(String::as_str).collect::<Vec<_>>().join(" + ");
        let threads = count(self.threads, "thread", "threads");
        format!("{names} on {}, {threads}", self.engine())
    }
}

fn detect_options(args: &DetectArgs) -> DetectOptions {
    DetectOptions {
        min_face: args.min_face,
        max_faces: args.max_faces,
        score: args.score,
        size: args.detect_size,
        try_rotations: args.try_rotations,
    }
}
