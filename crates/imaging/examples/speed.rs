//! How fast photos are decoded, resized and warped on one core:
//! `cargo run --release -p omote-imaging --example speed -- FOLDER`, a folder with photos, searched to the bottom.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use geometry::Similarity;
use omote_imaging::{DecodeOptions, Image, decode, degrade, probe, resize, warp, warp_antialiased};

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    let mut paths = Vec::new();
    collect(&folder, &mut paths)?;
    paths.sort();
    paths.truncate(2000);
    let files: Vec<Vec<u8>> = paths.iter().map(std::fs::read).collect::<Result<_, _>>()?;
    let options = DecodeOptions::default();

    let readable = files.iter().filter(|bytes| decode(bytes, &options).is_ok()).count();
    println!("{} files, {readable} of them photos that decode", files.len());
    rate("probe", files.len(), || {
        for bytes in &files {
            let _ = black_box(probe(bytes, &options));
        }
    });
    rate("decode", files.len(), || {
        for bytes in &files {
            let _ = black_box(decode(bytes, &options));
        }
    });
    rate("decode by the crate image", files.len(), || {
        for bytes in &files {
            let _ = black_box(image::load_from_memory(bytes).map(|i| i.into_rgb8()));
        }
    });

    let Some(photo) = files.iter().find_map(|bytes| decode(bytes, &options).ok()) else { return Ok(()) };
    let large = resize(&photo, 4000, 3000);
    let map = Similarity::new(0.9, 10.0, -40.0, -30.0);
    let far = Similarity::new(0.1, 10.0, -40.0, -30.0);
    let many = 200;
    for (name, width, height) in [("resize to 320 x 320", 320, 320), ("resize to 160 x 160", 160, 160)] {
        each(name, many, || resize(&photo, width, height));
    }
    each("resize 4000 x 3000 to 640 x 480", 20, || resize(&large, 640, 480));
    each("warp to 112 x 112", many, || warp(&photo, &map, 112, 112, [0; 3]));
    each("warp of 1/10 to 112 x 112, antialiased", many, || warp_antialiased(&large, &far, 112, 112, [0; 3]));
    each("blur 250 x 250 with sigma 2", 20, || degrade::blur(&resize(&photo, 250, 250), 2.0));
    each("noise on 250 x 250", 20, || degrade::noise(&resize(&photo, 250, 250), 5.0, 0.1, 1));
    Ok(())
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), paths)?;
        } else {
            paths.push(entry.path());
        }
    }
    Ok(())
}

/// Best of three, since other programs run too.
fn best(mut work: impl FnMut()) -> f64 {
    let once = |_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    (0..3).map(once).fold(f64::INFINITY, f64::min)
}

fn rate(name: &str, count: usize, work: impl FnMut()) {
    println!("{name}: {:.0} files/s", count as f64 / best(work));
}

fn each(name: &str, count: u32, work: impl Fn() -> Image) {
    let seconds = best(|| {
        for _ in 0..count {
            black_box(work());
        }
    });
    println!("{name}: {:.0} us", seconds / f64::from(count) * 1e6);
}
