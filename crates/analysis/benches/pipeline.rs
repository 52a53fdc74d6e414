//! Photos per second of the whole chain, and where the time of one photo goes.
//!
//! ```text
//! cargo bench -p omote-analysis --bench pipeline -- MODELS IMAGES [LIMIT] [auto|rten|onnxruntime] [LIBRARY]
//! ```
//!
//! MODELS holds YuNet-n and MobileFaceNet. The photos are the first LIMIT of the folder in order of their paths; they
//! are read once before the clock starts. The chain is what `omote` runs over a folder, with YuNet at 320 x 320 and one
//! embedding of the largest face; the stages are measured afterwards, one after the other on one thread.

use std::error::Error;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use analysis::pipeline;
use analysis::{AnalyzeOptions, Analyzer, DetectOptions, DetectSize, Detection, Embedder, open_detector};
use engine::{Engine, Session, Tensor, Threads};
use geometry::Rotation;
use imaging::{DecodeOptions, Image};
use model::{Installed, Store};
use omote_analysis as analysis;

/// Side of the detector's input, pixels.
const SIDE: u32 = 320;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [models, images, rest @ ..] = &arguments[..] else {
        println!("usage: MODELS IMAGES [LIMIT] [auto|rten|onnxruntime] [LIBRARY]");
        return Ok(());
    };
    let limit = rest.first().map_or(Ok(2000), |limit| limit.parse())?;
    let choice = rest.get(1).map_or(Ok(engine::Choice::Auto), |choice| choice.parse())?;
    let engine = Engine::open(&engine::Options { choice, library: rest.get(2).map(PathBuf::from) })?;
    let threads = std::thread::available_parallelism()?.get();
    let store = Store::open(&[models.into()])?;
    let (yunet, mobilefacenet) = (store.resolve("yunet-n")?, store.resolve("mobilefacenet")?);
    let photos = photos(Path::new(images), limit)?;
    println!("{} photos, {threads} threads, {}", photos.len(), engine.info());

    chain(&engine, threads, &yunet, &mobilefacenet, &photos)?;
    stages(&engine, &yunet, &mobilefacenet, &photos[..photos.len().min(400)])
}

/// The first photos of a folder and those below, by path, read once so that they lie in the system's cache.
fn photos(folder: &Path, limit: usize) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut folders = vec![folder.to_owned()];
    let mut photos = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { photos.push(path) }
        }
    }
    photos.sort();
    photos.truncate(limit);
    for photo in &photos {
        black_box(std::fs::read(photo)?);
    }
    Ok(photos)
}

fn detect_options() -> DetectOptions {
    DetectOptions { size: DetectSize::Fixed(SIDE), max_faces: 1, ..Default::default() }
}

fn chain(
    engine: &Engine,
    threads: usize,
    yunet: &Installed,
    mobilefacenet: &Installed,
    photos: &[PathBuf],
) -> Result<(), Box<dyn Error>> {
    let streams = Threads { streams: threads, per_run: 1 };
    let options = AnalyzeOptions { detect: detect_options(), embed: true, ..Default::default() };
    let analyzer = Analyzer::new(
        Some(open_detector(yunet, engine, streams)?),
        Some(Embedder::open(mobilefacenet, engine, streams)?),
        options,
    );
    let run_options = pipeline::Options { threads, ..Default::default() };
    let (mut faces, mut failed) = (0, 0);
    let start = Instant::now();
    pipeline::run_in_steps(
        photos,
        &run_options,
        |_, photo| {
            let value = analyzer.cut_out(&photo, &analyzer.detect(&photo)?);
            Ok(pipeline::Half { bytes: value.bytes(), value })
        },
        |_, cut_out| analyzer.describe(cut_out),
        |_, outcome| {
            match outcome {
                Ok(found) => faces += found.len(),
                Err(_) => failed += 1,
            }
            ControlFlow::Continue(())
        },
    );
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "chain: {faces} faces, {failed} failed, {seconds:.2} s, {:.1} photos/s",
        photos.len() as f64 / seconds
    );
    Ok(())
}

/// The time that `f` takes, added to `total`.
fn timed<T>(total: &mut Duration, f: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let value = black_box(f());
    *total += start.elapsed();
    value
}

#[derive(Default)]
struct Stages {
    read: Duration,
    decode: Duration,
    canvas: Duration,
    prepare: Duration,
    detector: Duration,
    detect: Duration,
    align: Duration,
    embed: Duration,
    embedder: Duration,
    describe: Duration,
}

fn stages(
    engine: &Engine,
    yunet: &Installed,
    mobilefacenet: &Installed,
    photos: &[PathBuf],
) -> Result<(), Box<dyn Error>> {
    let load = |model: &Installed| -> Result<Session, Box<dyn Error>> {
        Ok(engine.load(&model.files[0].bytes, &model.manifest.name, Threads::SINGLE)?)
    };
    let (detector_session, embedder_session) = (load(yunet)?, load(mobilefacenet)?);
    let detector = open_detector(yunet, engine, Threads::SINGLE)?;
    let embedder = Embedder::open(mobilefacenet, engine, Threads::SINGLE)?;
    let measuring = Analyzer::new(None, None, AnalyzeOptions::default());
    let (width, height) = embedder.input_size();

    let mut total = Stages::default();
    let mut canvas = Image::new(SIDE, SIDE);
    let mut input = Tensor::new(yunet.manifest.input.shape(1, SIDE, SIDE), vec![0.0; canvas.pixels().len()]);
    let mut face = vec![0.0; (width * height * 3) as usize];
    let mut count = 0;
    for photo in photos {
        let bytes = timed(&mut total.read, || std::fs::read(photo))?;
        let photo = timed(&mut total.decode, || imaging::decode(&bytes, &DecodeOptions::default()))?;
        let scale = SIDE as f32 / photo.width().max(photo.height()) as f32;
        let side = |length: u32| (length as f32 * scale).round() as u32;
        timed(&mut total.canvas, || {
            imaging::resize_into(&photo, &mut canvas, side(photo.width()), side(photo.height()));
        });
        timed(&mut total.prepare, || yunet.manifest.input.prepare_into(canvas.pixels(), &mut input.data));
        timed(&mut total.detector, || detector_session.run(&input))?;
        let faces: Vec<Detection> = timed(&mut total.detect, || detector.detect(&photo, &detect_options()))?;
        let Some(found) = faces.first() else { continue };
        let crop = timed(&mut total.align, || embedder.crop(&photo, found, Rotation::None));
        timed(&mut total.embed, || embedder.embed(&crop.image, false))?;
        mobilefacenet.manifest.input.prepare_into(crop.image.pixels(), &mut face);
        let tensor =
            Tensor::new(mobilefacenet.manifest.input.shape(1, width, height), std::mem::take(&mut face));
        timed(&mut total.embedder, || embedder_session.run(&tensor))?;
        face = tensor.data;
        let turned = analysis::Turned { rotation: Rotation::None, faces };
        timed(&mut total.describe, || measuring.describe(measuring.cut_out(&photo, &turned)))?;
        count += 1;
    }
    let per_photo = |time: Duration| time.as_secs_f64() * 1e3 / f64::from(count.max(1));
    let rest = |whole: Duration, parts: &[Duration]| whole.saturating_sub(parts.iter().sum());
    println!("milliseconds per photo on one thread, {count} photos with a face:");
    let rows = [
        ("read", total.read),
        ("decode", total.decode),
        ("resize onto the canvas", total.canvas),
        ("pixels to tensor", total.prepare),
        ("detector's network", total.detector),
        ("decode boxes, suppress", rest(total.detect, &[total.canvas, total.prepare, total.detector])),
        ("align", total.align),
        ("prepare and normalise embedding", rest(total.embed, &[total.embedder])),
        ("embedder's network", total.embedder),
        ("quality and pose", rest(total.describe, &[total.align])),
    ];
    for (name, time) in rows {
        println!("  {name:32} {:7.3}", per_photo(time));
    }
    let networks = [total.detector, total.embedder];
    let all: Duration = rows.iter().map(|(_, time)| *time).sum();
    println!("  {:32} {:7.3}", "all but the networks", per_photo(rest(all, &networks)));
    let bound = 1.0 / networks.iter().map(Duration::as_secs_f64).sum::<f64>() * f64::from(count);
    println!("bound by the networks alone: {bound:.1} photos/s on each thread");
    Ok(())
}
