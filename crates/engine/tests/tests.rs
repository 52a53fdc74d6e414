//! Both engines on the fixture models, on files that are no models, and on libraries that are not ONNX Runtime.

mod engines;
mod libraries;
mod malformed;

use omote_engine::{Choice, Engine, Options};

/// The engines of this machine: rten, and ONNX Runtime where one is found.
fn engines() -> Vec<Engine> {
    let open = |choice| Engine::open(&Options { choice, library: None });
    let mut engines = vec![open(Choice::Rten).unwrap()];
    match open(Choice::OnnxRuntime) {
        Ok(engine) => engines.push(engine),
        Err(error) => println!("skipped: no ONNX Runtime found ({error})"),
    }
    engines
}
