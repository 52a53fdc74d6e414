//! Counts the threads of a process that runs models: `streams` runs at the same time on one thread each start no
//! threads beyond one per stream.
//!
//! This test has no harness, so that every thread but the first is one that it or an engine started.

use std::sync::Barrier;

use fixtures::models;
use omote_engine::{Choice, Engine, Options, Tensor, Threads};

fn main() {
    // A test runner asks for the list of tests; the empty list would make it skip this one.
    if std::env::args().any(|argument| argument == "--list") {
        if !std::env::args().any(|argument| argument == "--ignored") {
            println!("threads: test");
        }
        return;
    }
    if !cfg!(target_os = "linux") {
        println!("skipped: threads are counted in /proc");
        return;
    }
    if std::env::var_os("RTEN_NUM_THREADS").is_some() {
        println!("skipped: RTEN_NUM_THREADS says how many threads rten starts");
        return;
    }
    assert_eq!(threads(), 1, "the test starts with one thread");

    let streams = 4;
    let rten = Engine::open(&Options { choice: Choice::Rten, library: None }).unwrap();
    // rten computes on a thread of its own for each stream, while the thread that called it sleeps. These threads
    // are used again by the next streams.
    for streams in [streams, streams, 2] {
        assert_eq!(beyond_callers(&rten, streams), 4);
    }

    match Engine::open(&Options { choice: Choice::OnnxRuntime, library: None }) {
        // rten's threads are still there, and no more have come.
        Ok(onnxruntime) => assert_eq!(beyond_callers(&onnxruntime, streams), 4),
        Err(error) => println!("skipped: no ONNX Runtime found ({error})"),
    }
}

/// Runs a detector and an embedder on as many threads as there are streams. Returns how many threads there are then,
/// besides those and the first one.
fn beyond_callers(engine: &Engine, streams: usize) -> usize {
    let load = |onnx: Vec<u8>| engine.load(&onnx, "fixture", Threads { streams, per_run: 1 }).unwrap();
    let (detector, embedder) = (load(models::detector_onnx()), load(models::embedder_onnx(0)));
    let (photo, crop) = (
        Tensor::new([1, 3, 96, 96], vec![0.0; 3 * 96 * 96]),
        Tensor::new([1, 3, 112, 112], vec![0.0; 3 * 112 * 112]),
    );
    let together = Barrier::new(streams + 1);
    let mut all = 0;
    std::thread::scope(|scope| {
        let run = || {
            together.wait();
            let good = (0..20).all(|_| detector.run(&photo).is_ok() && embedder.run(&crop).is_ok());
            together.wait();
            together.wait();
            good
        };
        let callers: Vec<_> = (0..streams).map(|_| scope.spawn(run)).collect();
        together.wait();
        together.wait();
        // All runs are done and all callers still live.
        all = threads();
        together.wait();
        assert!(callers.into_iter().all(|caller| caller.join().unwrap()));
    });
    all - 1 - streams
}

/// The threads of this process.
fn threads() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("Threads:")).unwrap();
    line.trim().parse().unwrap()
}
