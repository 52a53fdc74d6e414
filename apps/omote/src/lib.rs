//! Face recognition as a library: the crates that the `omote` program is made of, under one name.
//!
//! A photo goes through [`imaging`] into an [`analysis::Analyzer`], which finds faces with a detector, aligns them and
//! turns each into a [`model::Embedding`]. [`matching`] compares two embeddings, [`gallery`] keeps people, [`clustering`]
//! groups faces that nobody has named, and [`evaluation`] measures how good all of that is. Models are ONNX files that a
//! [`model::Store`] finds and checks, and an [`engine::Engine`] runs.
//!
//! ```
//! use omote::engine::{Choice, Engine, Options, Threads};
//! use omote::{analysis, imaging, matching, model};
//! # let folder = tempfile::tempdir()?;
//! # fixtures::models::write(folder.path())?;
//! # let models = folder.path().to_path_buf();
//! # let file = folder.path().join("photo.png");
//! # std::fs::write(&file, fixtures::photo::Scene::new(320, 240).face(7, 100, 60, 90).png())?;
//!
//! // A folder of published ONNX files, or of models of your own with a model.toml each.
//! let store = model::Store::open(&[models])?;
//! let engine = Engine::open(&Options { choice: Choice::Rten, library: None })?;
//! let detector = analysis::open_detector(&store.default_for(model::Kind::Detector)?, &engine, Threads::SINGLE)?;
//! let embedder = analysis::Embedder::open(&store.default_for(model::Kind::Embedder)?, &engine, Threads::SINGLE)?;
//! let options = analysis::AnalyzeOptions { embed: true, ..Default::default() };
//! let analyzer = analysis::Analyzer::new(Some(detector), Some(embedder), options);
//!
//! let photo = imaging::decode(&std::fs::read(file)?, &imaging::DecodeOptions::default())?;
//! let faces = analyzer.analyze(&photo)?;
//! let embedding = faces[0].embedding.as_ref().expect("the options ask for it");
//! assert!(matching::compare(embedding, embedding, &[])? > 0.999);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use analysis;
pub use clustering;
pub use engine;
pub use evaluation;
pub use gallery;
pub use geometry;
pub use imaging;
pub use index;
pub use matching;
pub use model;
