//! Pictures per second on their way to a trainer, and what each operation of the augmentation takes.
//!
//! ```text
//! cargo bench -p omote-dataset --bench feeding -- [PICTURES] [THREADS]
//! ```
//!
//! PICTURES pictures of 112 x 112 pixels (20,000 if not given) go through each preset in batches of 128, on
//! one thread and on THREADS threads (2). They are kept in memory, so nothing is decoded or rendered. Then
//! each operation is done to a tenth of them on one thread, one after the other.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use dataset::{Augmentation, Column, Feed, Feeding, Roster, Sample, Sampler, Source};
use imaging::{Image, Interpolation, degrade, resize_by};
use omote_dataset as dataset;
use synth::Seed;

/// Different pictures.
const DIFFERENT: u64 = 256;
const OPERATIONS: [&str; 14] = [
    "occluder",
    "flip",
    "affine",
    "corners",
    "crop",
    "color",
    "gray",
    "low_light",
    "blur",
    "motion_blur",
    "resample",
    "noise",
    "jpeg",
    "cutout",
];

/// Spots of all colours, as large as the parts of a face.
struct Spots;

impl Source for Spots {
    fn recipe(&self) -> String {
        "spots".to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        Vec::new()
    }

    fn len(&self) -> u64 {
        DIFFERENT
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        let small = degrade::noise(&Image::filled(9, 9, [128; 3]), 60.0, 0.0, index);
        Ok(Sample { image: resize_by(&small, 112, 112, Interpolation::Bicubic), rows: Vec::new() })
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut numbers = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let pictures: usize = numbers.next().map_or(Ok(20_000), |number| number.parse())?;
    let threads: usize = numbers.next().map_or(Ok(2), |number| number.parse())?;
    for preset in ["none", "mirror", "adaface", "digiface"] {
        let augmentation: Augmentation = toml::from_str(&format!("preset = \"{preset}\""))?;
        for threads in [1, threads] {
            let speed = fed(&augmentation, pictures, threads)?;
            println!("{preset:9} {threads:2} threads {speed:9.0} pictures/s");
        }
    }
    println!("milliseconds per picture on one thread:");
    let image = Spots.sample(0)?.image;
    let count = (pictures / 10).max(1) as u64;
    for operation in OPERATIONS {
        let augmentation: Augmentation = toml::from_str(&format!("{operation} = {{ probability = 1.0 }}"))?;
        let start = Instant::now();
        for number in 0..count {
            black_box(augmentation.apply(black_box(&image), Seed::new(number), false));
        }
        println!("{:8.3}  {operation}", start.elapsed().as_secs_f64() * 1e3 / count as f64);
    }
    Ok(())
}

/// Pictures per second after the first epoch, in which they are made.
fn fed(augmentation: &Augmentation, pictures: usize, threads: usize) -> Result<f64, dataset::Error> {
    let feeding = Feeding { batch: 128, threads, ahead: 4, cache: 1 << 30, ..Feeding::default() };
    let roster = Roster::new((0..DIFFERENT as u32).map(|number| number % 16).collect());
    let feed = Feed::new(Arc::new(Spots), roster, &Sampler::default(), augmentation, feeding)?;
    let mut batches = feed.batches(0)?;
    for batch in batches.by_ref().take(feed.batches_of(1) as usize + feeding.ahead) {
        black_box(batch?);
    }
    let count = pictures.div_ceil(feeding.batch);
    let start = Instant::now();
    for batch in batches.take(count) {
        black_box(batch?);
    }
    Ok((count * feeding.batch) as f64 / start.elapsed().as_secs_f64())
}
