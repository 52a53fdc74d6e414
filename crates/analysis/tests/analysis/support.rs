//! Painted models and photos.

use std::sync::OnceLock;

use engine::{Choice, Engine, Options, Threads};
use fixtures::photo::Scene;
use imaging::Image;
use model::{Installed, Store};
use omote_analysis::{AnalyzeOptions, Analyzer, Detector, Embedder, open_detector};

pub(crate) const TWO: Threads = Threads { streams: 2, per_run: 1 };

pub(crate) fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::open(&Options { choice: Choice::Rten, library: None }).unwrap())
}

fn models() -> &'static (Installed, Installed) {
    static MODELS: OnceLock<(Installed, Installed)> = OnceLock::new();
    MODELS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        fixtures::models::write(folder.path()).unwrap();
        let store = Store::open(&[folder.path().to_owned()]).unwrap();
        let model = |name| store.resolve(name).unwrap();
        (model(fixtures::models::DETECTOR), model(fixtures::models::EMBEDDER))
    })
}

pub(crate) fn detector_model() -> Installed {
    models().0.clone()
}

pub(crate) fn embedder_model() -> Installed {
    models().1.clone()
}

pub(crate) fn detector() -> Box<dyn Detector> {
    open_detector(&models().0, engine(), TWO).unwrap()
}

pub(crate) fn analyzer(options: AnalyzeOptions) -> Analyzer {
    let embedder = Embedder::open(&models().1, engine(), TWO).unwrap();
    Analyzer::new(Some(detector()), Some(embedder), options)
}

pub(crate) fn image(scene: &Scene) -> Image {
    Image::from_rgb(scene.width(), scene.height(), scene.rgb()).unwrap()
}
