//! Speed of both engines: images per second of two single-thread streams, as the pipeline runs them.
//!
//!     cargo bench -p omote-engine -- MODEL.onnx[@SIZE]... [--streams N] [--per-run N] [--seconds S]
//!
//! SIZE replaces free dimensions (320 as a rule, 1 for the batch). The engines take turns of a second each, so that
//! neither has the quieter machine; the median turn is printed. The processor's time for each image is printed too, which a busy machine changes less.
//! Without a model it measures the fixture models.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use omote_engine::{Choice, Engine, Options, Session, Tensor, Threads};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut threads, mut turns, mut models) = (Threads { streams: 2, per_run: 1 }, 5, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().unwrap_or_default().parse::<usize>();
        match argument.as_str() {
            "--streams" => threads.streams = number()?,
            "--per-run" => threads.per_run = number()?,
            "--seconds" => turns = number()?.max(1),
            "--bench" => {} // cargo adds it
            _ => {
                let (path, size) = argument.rsplit_once('@').unwrap_or((&argument, "320"));
                models.push((path.to_owned(), std::fs::read(path)?, size.parse()?));
            }
        }
    }
    if models.is_empty() {
        models.push(("painted detector".into(), fixtures::models::detector_onnx(), 320));
        models.push(("painted embedder".into(), fixtures::models::embedder_onnx(0), 112));
    }
    let mut engines = vec![Engine::open(&Options { choice: Choice::Rten, library: None })?];
    match Engine::open(&Options { choice: Choice::OnnxRuntime, library: None }) {
        Ok(engine) => engines.push(engine),
        Err(error) => println!("{error}"),
    }
    println!("{} streams of {} threads, {turns} turns of a second", threads.streams, threads.per_run);
    for (path, onnx, size) in &models {
        let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
        let mut lines = Vec::new();
        for engine in &engines {
            let start = Instant::now();
            let session = engine.load(onnx, &name, threads)?;
            lines.push((engine.info(), session, start.elapsed(), Vec::new()));
        }
        for _ in 0..turns {
            for (_, session, _, rates) in &mut lines {
                rates.push(rate(session, &input(session, *size), threads.streams));
            }
        }
        for (info, _, load, rates) in lines {
            let median = |values: &mut dyn Iterator<Item = f64>| {
                let mut values: Vec<_> = values.collect();
                values.sort_by(f64::total_cmp);
                values[values.len() / 2]
            };
            let (rate, cost) =
                (median(&mut rates.iter().map(|rate| rate.0)), median(&mut rates.iter().map(|rate| rate.1)));
            let (engine, load) = (format!("{} {}", info.name, info.version), load.as_secs_f64() * 1e3);
            println!(
                "{name:30} {engine:20} loaded in {load:6.1} ms  {rate:8.1} images/s  {cost:6.2} ms of processor"
            );
        }
    }
    Ok(())
}

/// An input as the model wants it, with numbers as of a normalised picture.
fn input(session: &Session, size: usize) -> Tensor {
    let sizes = session.input().shape.iter().enumerate();
    let shape: Vec<usize> =
        sizes.map(|(at, given)| given.unwrap_or(if at == 0 { 1 } else { size })).collect();
    let data = (0..shape.iter().product::<usize>()).map(|n| (n as f32 * 0.61).sin()).collect();
    Tensor::new(shape, data)
}

/// Runs per second over one second, after a warm-up of every stream, and milliseconds of processor time for each.
fn rate(session: &Session, input: &Tensor, streams: usize) -> (f64, f64) {
    let (stop, runs) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..streams {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    session.run(input).expect("the model ran before");
                    runs.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(Duration::from_millis(200));
        let (warm, begin, busy) = (runs.load(Ordering::Relaxed), Instant::now(), processor_time());
        std::thread::sleep(Duration::from_secs(1));
        let runs = (runs.load(Ordering::Relaxed) - warm) as f64;
        let (elapsed, busy) = (begin.elapsed().as_secs_f64(), processor_time() - busy);
        stop.store(true, Ordering::Relaxed);
        (runs / elapsed, busy / runs)
    })
}

/// Milliseconds that this process has computed, in steps of 10; 0 where there is no /proc.
fn processor_time() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok());
    ticks.sum::<f64>() * 10.0
}
