//! What an engine does with models that it can run, and with such that this crate does not take.

use std::sync::atomic::{AtomicUsize, Ordering};

use fixtures::models;
use fixtures::onnx::{Attribute, Graph, Size};
use fixtures::photo::Scene;
use omote_engine::{Choice, Engine, Error, Io, Options, Tensor, Threads};
use rten_onnx::onnx::DataType;

use crate::engines;

/// A photo of two persons as the detector takes it: `[1, 3, 96, 128]`, BGR.
fn photo() -> Tensor {
    let scene = Scene::new(128, 96).face(3, 8, 10, 40).face(4, 70, 30, 50);
    let rgb = scene.rgb();
    let planes = [2, 1, 0].into_iter().flat_map(|channel| rgb.iter().skip(channel).step_by(3));
    Tensor::new([1, 3, 96, 128], planes.map(|&value| f32::from(value)).collect())
}

#[test]
fn engines_agree() {
    let crop = Tensor::new([1, 3, 112, 112], (0..3 * 112 * 112).map(|n| (n as f32 * 0.37).sin()).collect());
    for (onnx, input) in [(models::detector_onnx(), photo()), (models::embedder_onnx(0), crop)] {
        let results: Vec<_> = engines()
            .iter()
            .map(|engine| engine.load(&onnx, "fixture", Threads::SINGLE).unwrap().run(&input).unwrap())
            .collect();
        for other in &results[1..] {
            assert_eq!(results[0].len(), other.len());
            for (a, b) in results[0].iter().zip(other) {
                assert_eq!(a.shape, b.shape);
                for (a, b) in a.data.iter().zip(&b.data) {
                    assert!((a - b).abs() <= 1e-4 * a.abs().max(1.0), "{a} and {b}");
                }
            }
        }
    }
}

#[test]
fn inputs_and_outputs_are_described_as_in_the_file() {
    for engine in engines() {
        let detector = engine.load(&models::detector_onnx(), "d.onnx", Threads::SINGLE).unwrap();
        let input = Io { name: "input".into(), shape: vec![None, Some(3), None, None] };
        assert_eq!(detector.input(), &input);
        assert_eq!(detector.inputs(), [input]);
        let names: Vec<_> = detector.outputs().iter().map(|output| output.name.as_str()).collect();
        let expected = ["cls_8", "cls_16", "cls_32", "obj_8", "obj_16", "obj_32"].into_iter();
        let expected = expected.chain(["bbox_8", "bbox_16", "bbox_32", "kps_8", "kps_16", "kps_32"]);
        assert_eq!(names, expected.collect::<Vec<_>>(), "{}", engine.info());
        let outputs = detector.run(&photo()).unwrap();
        let shapes: Vec<_> = outputs.iter().map(|output| output.shape.as_slice()).collect();
        assert_eq!(shapes[0], [1, 12 * 16, 1]);
        assert_eq!(shapes[7], [1, 6 * 8, 4]);
        assert_eq!(shapes[11], [1, 3 * 4, 10]);
        assert_eq!(detector.label(), "d.onnx");
    }
}

#[test]
fn wrong_inputs_are_refused_in_the_same_words() {
    let cases = [
        (Tensor::new([1, 3, 112, 111], vec![0.0; 3 * 112 * 111]), "takes [1, 3, 112, 112]"),
        (Tensor::new([2, 3, 112, 112], vec![0.0; 2 * 3 * 112 * 112]), "takes [1, 3, 112, 112]"),
        (Tensor::new([3, 112, 112], vec![0.0; 3 * 112 * 112]), "takes [1, 3, 112, 112]"),
        (Tensor::new([1, 3, 112, 112], vec![0.0; 7]), "given with 7 elements"),
        (Tensor::default(), "given with 0 elements"),
    ];
    for engine in engines() {
        let embedder = engine.load(&models::embedder_onnx(0), "e.onnx", Threads::SINGLE).unwrap();
        for (tensor, words) in &cases {
            let error = embedder.run(tensor).unwrap_err().to_string();
            assert!(error.starts_with("e.onnx: ") && error.contains(words), "{error}");
        }
        // A refused input takes no stream away.
        assert!(embedder.run(&Tensor::new([1, 3, 112, 112], vec![0.0; 3 * 112 * 112])).is_ok());
    }
}

#[test]
fn not_a_number_is_passed_on() {
    for engine in engines() {
        let twice = engine.load(&models::foreign_onnx(), "f.onnx", Threads::SINGLE).unwrap();
        let outputs = twice.run(&Tensor::new([1, 4], vec![1.5, f32::NAN, f32::INFINITY, -0.0])).unwrap();
        assert_eq!(outputs[0].data[0], 3.0);
        assert!(outputs[0].data[1].is_nan() && outputs[0].data[2].is_infinite());
    }
}

#[test]
fn a_run_that_fails_is_an_error_and_the_session_goes_on() {
    // Reshape to 3 columns: fails for a width that 3 does not divide.
    let mut graph = Graph::new();
    graph.input("input", &[Size::Free("n")]);
    let shape = graph.ints(&[-1, 3]);
    graph.node_to("Reshape", &["input", &shape], &[], &["output"]);
    graph.output("output", &[Size::Free("rows"), Size::Fixed(3)]);
    let onnx = graph.finish();
    for engine in engines() {
        let session = engine.load(&onnx, "r.onnx", Threads::SINGLE).unwrap();
        for _ in 0..3 {
            let error = session.run(&Tensor::new([4], vec![0.0; 4])).unwrap_err();
            assert!(matches!(&error, Error::Run { label, .. } if label == "r.onnx"), "{error}");
            assert_eq!(session.run(&Tensor::new([6], vec![0.0; 6])).unwrap()[0].shape, [2, 3]);
        }
    }
}

#[test]
fn models_of_another_kind_are_refused() {
    let mut two_inputs = Graph::new();
    let shape = [Size::Fixed(2)];
    two_inputs.input("a", &shape);
    two_inputs.input("b", &shape);
    two_inputs.node_to("Add", &["a", "b"], &[], &["sum"]);
    two_inputs.output("sum", &shape);

    let mut whole_numbers = Graph::new();
    whole_numbers.input("a", &shape);
    whole_numbers.node_to("ArgMax", &["a"], &[("axis", Attribute::Int(0))], &["best"]);
    whole_numbers.output_of(DataType::INT64, "best", &[Size::Fixed(1)]);

    let mut unknown_operator = Graph::new();
    unknown_operator.input("a", &shape);
    unknown_operator.node_to("Recognise", &["a"], &[], &["face"]);
    unknown_operator.output("face", &shape);

    let (two_inputs, whole_numbers, unknown_operator) =
        (two_inputs.finish(), whole_numbers.finish(), unknown_operator.finish());
    for engine in engines() {
        let refuse = |onnx: &[u8]| engine.load(onnx, "x.onnx", Threads::SINGLE).unwrap_err();
        let error = refuse(&two_inputs);
        assert!(matches!(error, Error::InputCount { count: 2, .. }), "{error}");
        let error = refuse(&whole_numbers);
        assert!(matches!(&error, Error::ElementType { name, .. } if name == "best"), "{error}");
        let error = refuse(&unknown_operator);
        assert!(matches!(error, Error::Model { .. }) && error.to_string().contains("Recognise"), "{error}");
    }
}

#[test]
fn many_threads_share_a_session() {
    let onnx = models::embedder_onnx(0);
    let input = |n: usize| Tensor::new([1, 3, 112, 112], vec![n as f32 * 0.1; 3 * 112 * 112]);
    for engine in engines() {
        for threads in [
            Threads { streams: 1, per_run: 1 },
            Threads { streams: 3, per_run: 1 },
            Threads { streams: 2, per_run: 2 },
        ] {
            let session = engine.load(&onnx, "e.onnx", threads).unwrap();
            assert_eq!(session.threads(), threads);
            let expected: Vec<_> = (0..5).map(|n| session.run(&input(n)).unwrap()).collect();
            let runs = AtomicUsize::new(0);
            std::thread::scope(|scope| {
                for n in 0..5 {
                    let (session, expected, runs) = (&session, &expected[n], &runs);
                    scope.spawn(move || {
                        for _ in 0..10 {
                            assert_eq!(&session.run(&input(n)).unwrap(), expected);
                            runs.fetch_add(1, Ordering::Relaxed);
                        }
                    });
                }
            });
            assert_eq!(runs.into_inner(), 50);
        }
    }
}

#[test]
fn impossible_thread_counts_are_refused() {
    for engine in engines() {
        for threads in [Threads { streams: 0, per_run: 1 }, Threads { streams: 1, per_run: usize::MAX }] {
            let error = engine.load(&models::foreign_onnx(), "f.onnx", threads).unwrap_err();
            assert!(matches!(error, Error::Threads { .. }), "{error}");
        }
    }
}

#[test]
fn the_engine_says_what_it_is() {
    let available = Engine::available(&Options::default());
    assert_eq!(available.len(), 2);
    let rten = available[0].as_ref().unwrap();
    assert_eq!((rten.name, rten.library.is_none()), ("rten", true));
    let automatic = Engine::open(&Options { choice: Choice::Auto, library: None }).unwrap();
    match &available[1] {
        Ok(info) => {
            assert_eq!(automatic.info(), info);
            assert!(info.library.as_ref().unwrap().is_absolute());
            assert!(info.to_string().starts_with(&format!("onnxruntime {} (", info.version)));
        }
        Err(error) => {
            assert_eq!(automatic.info().name, "rten");
            assert_eq!(automatic.info().passed_over.as_deref(), Some(error.to_string().as_str()));
        }
    }
}
