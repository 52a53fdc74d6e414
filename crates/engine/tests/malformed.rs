//! Bytes that are no models never do more harm than an error.

use std::cell::RefCell;

use fixtures::models;
use omote_engine::{Engine, Error, Tensor, Threads};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use rten_onnx::onnx::{DataType, ModelProto};

use crate::engines;

/// Loads the bytes and, if they load, runs them on an input of the shape that they ask for.
fn use_model(engine: &Engine, onnx: &[u8]) -> Result<Vec<Tensor>, Error> {
    let session = engine.load(onnx, "m.onnx", Threads::SINGLE)?;
    let shape: Vec<_> = session.input().shape.iter().map(|size| size.unwrap_or(32).min(1 << 20)).collect();
    let elements = shape.iter().product::<usize>().min(1 << 20);
    session.run(&Tensor::new(shape, vec![0.5; elements]))
}

#[test]
fn files_that_are_no_models() {
    let detector = models::detector_onnx();
    let mut tail = detector.clone();
    tail.drain(..100);
    let files = [
        Vec::new(),
        vec![0; 1000],
        vec![0xff; 1000],
        b"\x89PNG\r\n\x1a\n".to_vec(),
        b"RTEN and then nothing".to_vec(),
        b"<!DOCTYPE html><html><body>404 Not Found</body></html>".to_vec(),
        models::broken_onnx(),
        tail,
        [&detector[..], &detector[..10]].concat(),
    ];
    for engine in engines() {
        for file in &files {
            let error = engine.load(file, "m.onnx", Threads::SINGLE).unwrap_err();
            let text = error.to_string();
            assert!(
                text.starts_with("m.onnx: ")
                    && matches!(error, Error::Model { .. } | Error::InputCount { .. }),
                "{text}"
            );
            assert!(!text.contains('\n') && text.len() < 1000, "{text}");
        }
    }
}

/// A change to a file: where (as a fraction of its length) and what.
#[derive(Clone, Debug)]
enum Change {
    Set(f64, u8),
    Flip(f64, u8),
    Insert(f64, Vec<u8>),
    Remove(f64, usize),
    Truncate(f64),
}

fn change() -> impl Strategy<Value = Change> {
    let place = 0.0..1.0;
    prop_oneof![
        4 => (place.clone(), any::<u8>()).prop_map(|(at, value)| Change::Set(at, value)),
        4 => (place.clone(), 0u8..8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        1 => (place.clone(), prop::collection::vec(any::<u8>(), 1..9)).prop_map(|(at, new)| Change::Insert(at, new)),
        1 => (place.clone(), 1usize..9).prop_map(|(at, count)| Change::Remove(at, count)),
        1 => place.prop_map(Change::Truncate),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    let place = |at: &f64| (at * bytes.len() as f64) as usize;
    match change {
        _ if bytes.is_empty() => {}
        Change::Set(at, value) => {
            let at = place(at);
            bytes[at] = *value;
        }
        Change::Flip(at, bit) => {
            let at = place(at);
            bytes[at] ^= 1 << bit;
        }
        Change::Insert(at, new) => {
            let at = place(at);
            bytes.splice(at..at, new.iter().copied());
        }
        Change::Remove(at, count) => {
            let at = place(at);
            bytes.drain(at..(at + count).min(bytes.len()));
        }
        Change::Truncate(at) => bytes.truncate(place(at)),
    }
}

#[test]
fn damaged_models_are_errors() {
    let engines = engines();
    // The weights are most of a file and the graph a few kilobytes of it; the small model puts the changes into the
    // graph.
    let files = [models::foreign_onnx(), models::embedder_onnx(0), models::detector_onnx()];
    let cases = std::env::var("OMOTE_FUZZ_CASES").map_or(100, |cases| cases.parse().unwrap());
    let mut runner = TestRunner::new_with_rng(
        Config { cases, failure_persistence: None, ..Config::default() },
        TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    );
    let counts = RefCell::new([0; 2]);
    let damage = (0..files.len(), prop::collection::vec(change(), 1..6));
    runner
        .run(&damage, |(file, changes)| {
            let mut bytes = files[file].clone();
            changes.iter().for_each(|change| apply(&mut bytes, change));
            for engine in &engines {
                // What loads and runs in spite of its damage is fine; only a panic or a crash is not.
                counts.borrow_mut()[usize::from(use_model(engine, &bytes).is_ok())] += 1;
            }
            Ok(())
        })
        .unwrap();
    let [refused, ran] = counts.into_inner();
    assert!(refused > 0 && ran > 0, "{refused} refused, {ran} ran");
}

/// Every whole number in the graph of a model: attributes, dimensions, contents of shapes.
fn numbers(model: &mut ModelProto) -> Vec<&mut i64> {
    let graph = model.graph.as_mut().unwrap();
    let attributes = graph.node.iter_mut().flat_map(|node| &mut node.attribute);
    let attributes = attributes.flat_map(|attribute| attribute.ints.iter_mut().chain(&mut attribute.i));
    let constants = graph.initializer.iter_mut();
    let constants = constants.flat_map(|tensor| tensor.dims.iter_mut().chain(&mut tensor.int64_data));
    let values = graph.input.iter_mut().chain(&mut graph.output);
    let values = values.flat_map(|value| value.r#type.as_mut()?.tensor_type.as_mut()?.shape.as_mut());
    let dimensions = values.flat_map(|shape| &mut shape.dim).flat_map(|dimension| &mut dimension.dim_value);
    attributes.chain(constants).chain(dimensions).collect()
}

#[test]
fn absurd_numbers_are_errors() {
    let engines = engines();
    for (onnx, step) in
        [(models::foreign_onnx(), 1), (models::embedder_onnx(0), 1), (models::detector_onnx(), 29)]
    {
        let count = numbers(&mut ModelProto::parse_buf(&onnx).unwrap()).len();
        for at in (0..count).step_by(step) {
            for value in [0, -1, 3, -1000, 1 << 20, 1 << 40, i64::MAX, i64::MIN] {
                let mut model = ModelProto::parse_buf(&onnx).unwrap();
                *numbers(&mut model)[at] = value;
                let bytes = model.write_buf().unwrap();
                for engine in &engines {
                    let _ = use_model(engine, &bytes);
                }
            }
        }
    }
}

#[test]
fn other_element_types_are_refused() {
    for engine in engines() {
        for kind in [DataType::UINT8, DataType::INT8, DataType::INT32, DataType::INT64] {
            let mut model = ModelProto::parse_buf(&models::foreign_onnx()).unwrap();
            let graph = model.graph.as_mut().unwrap();
            for value in graph.input.iter_mut().chain(&mut graph.output) {
                value.r#type.as_mut().unwrap().tensor_type.as_mut().unwrap().elem_type = Some(kind);
            }
            let error = use_model(&engine, &model.write_buf().unwrap()).unwrap_err();
            // ONNX Runtime has no sum of bytes.
            assert!(matches!(error, Error::ElementType { .. } | Error::Model { .. }), "{error}");
        }
    }
}
