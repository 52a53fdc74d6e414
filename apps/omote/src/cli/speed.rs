//! How fast a network runs here, and whether two engines agree on it.

use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

use anyhow::bail;
use engine::{Engine, Session, Tensor, Threads};

/// Side of the picture that a detector of any size is measured at.
pub const DETECTOR_SIDE: usize = 320;

/// An input for a session: its own shape, free sides at `side`, filled with a fixed pattern of values 0..255.
pub fn input(session: &Session, side: usize) -> Tensor {
    let free = [1, 3, side, side];
    let shape: Vec<usize> = match &session.input().shape[..] {
        [] => free.to_vec(),
        said => said.iter().zip(free).map(|(said, free)| said.unwrap_or(free)).collect(),
    };
    let length: usize = shape.iter().product();
    // A fixed pattern that is no picture, but neither constant nor periodic: every layer has work to do.
    let data = (0..length).map(|i| (i.wrapping_mul(2_654_435_761) >> 7 & 0xff) as f32).collect();
    Tensor::new(shape, data)
}

/// Runs in a second of `streams` threads that each run the network on its own, over about `time`; the first runs of each
/// thread, in which engines set themselves up, do not count.
pub fn rate(
    engine: &Engine,
    onnx: &[u8],
    streams: usize,
    side: usize,
    time: Duration,
) -> anyhow::Result<f64> {
    let session = engine.load(onnx, "network", Threads { streams, per_run: 1 })?;
    let tensor = input(&session, side);
    let work = || -> anyhow::Result<f64> {
        for _ in 0..2 {
            session.run(&tensor)?;
        }
        let started = Instant::now();
        let mut runs = 0;
        while started.elapsed() < time {
            session.run(&tensor)?;
            runs += 1;
        }
        Ok(f64::from(runs) / started.elapsed().as_secs_f64())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..streams).map(|_| scope.spawn(work)).collect();
        let rate = |worker: ScopedJoinHandle<'_, _>| {
            worker.join().unwrap_or_else(|_| bail!("an engine thread panicked"))
        };
        workers.into_iter().map(rate).sum()
    })
}

/// The greatest difference between two engines' outputs: absolute where an output stays below 1, else relative to its
/// greatest value.
pub fn difference(a: &Engine, b: &Engine, onnx: &[u8], side: usize) -> anyhow::Result<f32> {
    let outputs = |engine: &Engine| -> anyhow::Result<Vec<Tensor>> {
        let session = engine.load(onnx, "network", Threads::SINGLE)?;
        Ok(session.run(&input(&session, side))?)
    };
    let relative = |(a, b): (&Tensor, &Tensor)| {
        let largest = a.data.iter().fold(1.0f32, |largest, value| largest.max(value.abs()));
        let apart = a.data.iter().zip(&b.data).fold(0.0f32, |apart, (a, b)| apart.max((a - b).abs()));
        apart / largest
    };
    Ok(outputs(a)?.iter().zip(&outputs(b)?).map(relative).fold(0.0, f32::max))
}
