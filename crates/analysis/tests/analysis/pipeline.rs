//! Many photos at once.

use std::collections::HashSet;
use std::ops::ControlFlow::{Break, Continue};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use fixtures::photo::Scene;
use imaging::{DecodeOptions, Image, encode_png};
use omote_analysis::pipeline::{self, Half, Options};
use omote_analysis::{AnalyzeOptions, Error, Result};

use crate::support::analyzer;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn photo(&self, name: &str, width: u32, height: u32) -> PathBuf {
        self.file(name, &encode_png(&Image::filled(width, height, [90, 120, 60])).unwrap())
    }
}

fn options(threads: usize) -> Options {
    Options { threads, ..Default::default() }
}

fn collect<T: Send>(
    photos: Vec<PathBuf>,
    options: &Options,
    work: impl Fn(&PathBuf, Image) -> Result<T> + Sync,
) -> Vec<(PathBuf, Result<T>)> {
    let mut results = Vec::new();
    pipeline::run(photos, options, work, |photo, outcome| {
        results.push((photo, outcome));
        Continue(())
    });
    results
}

#[test]
fn results_come_in_the_order_of_the_photos() {
    let folder = Folder::new();
    let photos: Vec<_> = (0..60).map(|i| folder.photo(&format!("{i}.png"), 8 + i, 8)).collect();
    for threads in [0, 1, 2, 5] {
        let results = collect(photos.clone(), &options(threads), |_, photo| {
            // Earlier photos take longer.
            for _ in 0..(70 - photo.width()) * 20 {
                thread::yield_now();
            }
            Ok(photo.width())
        });
        let paths: Vec<_> = results.iter().map(|(path, _)| path.clone()).collect();
        assert_eq!(paths, photos, "{threads} threads");
        let widths: Vec<_> = results.into_iter().map(|(_, width)| width.unwrap()).collect();
        assert_eq!(widths, (8..68).collect::<Vec<_>>());
    }
}

#[test]
fn all_threads_work() {
    let folder = Folder::new();
    let photos: Vec<_> = (0..24).map(|i| folder.photo(&format!("{i}.png"), 8, 8)).collect();
    let seen = Mutex::new(HashSet::new());
    let barrier = std::sync::Barrier::new(3);
    collect(photos, &options(3), |_, _| {
        // The first photo of a thread passes only once three threads have one.
        if seen.lock().unwrap().insert(thread::current().id()) {
            barrier.wait();
        }
        Ok(())
    });
    assert_eq!(seen.into_inner().unwrap().len(), 3);
}

#[test]
fn the_second_step_takes_what_the_first_made() {
    let folder = Folder::new();
    let photos: Vec<_> = (0..50).map(|i| folder.photo(&format!("{i}.png"), 8 + i, 8)).collect();
    let second_steps = AtomicUsize::new(0);
    let first = |_: &PathBuf, photo: Image| {
        assert!(photo.width() != 11, "first {}", photo.width());
        // Some end a group at once.
        Ok(Half { value: photo.width(), bytes: u64::from(photo.width() % 4) << 22 })
    };
    let second = |path: &PathBuf, width: u32| {
        second_steps.fetch_add(1, Ordering::Relaxed);
        assert!(width != 13, "second {width}");
        Ok((path.clone(), width))
    };
    let mut results = Vec::new();
    pipeline::run_in_steps(photos.clone(), &options(3), first, second, |path, outcome| {
        results.push((path, outcome.map_err(|error| error.to_string())));
        Continue(())
    });
    assert_eq!(second_steps.into_inner(), 49, "not for the photo that failed before");
    assert_eq!(results.len(), 50);
    for (number, (path, outcome)) in results.into_iter().enumerate() {
        assert_eq!(path, photos[number]);
        match number {
            3 => assert!(outcome.unwrap_err().contains("first 11")),
            5 => assert!(outcome.unwrap_err().contains("second 13")),
            _ => assert_eq!(outcome, Ok((path, 8 + number as u32))),
        }
    }
}

#[test]
fn one_bad_photo_is_one_error() {
    let folder = Folder::new();
    let good = Scene::portrait(3, 200, 160).jpeg(90);
    let photos = vec![
        folder.file("good.jpg", &good),
        folder.file("truncated.jpg", &good[..good.len() / 2]),
        folder.file("empty.jpg", b""),
        folder.file("text.jpg", b"not a picture at all"),
        folder.file("renamed.txt", &good),
        folder.0.path().join("absent.jpg"),
        folder.0.path().to_owned(),
        folder.photo("pixel.png", 1, 1),
        folder.file("again.jpg", &good),
    ];
    let analyzer = analyzer(AnalyzeOptions { embed: true, ..Default::default() });
    let results = collect(photos, &options(2), |_, photo| Ok(analyzer.analyze(&photo)?.len()));
    let summary: Vec<_> = results
        .iter()
        .map(|(_, outcome)| match outcome {
            Ok(faces) => faces.to_string(),
            Err(Error::Image(error)) => {
                format!("{error:?}").split([' ', '{']).next().unwrap_or_default().to_owned()
            }
            Err(Error::Read(_)) => "Read".to_owned(),
            Err(Error::NotAFile) => "NotAFile".to_owned(),
            Err(other) => format!("{other:?}"),
        })
        .collect();
    assert_eq!(summary, ["1", "Truncated", "Empty", "NotAnImage", "1", "Read", "NotAFile", "0", "1"]);
}

#[test]
fn a_panic_is_an_error_of_its_photo() {
    let folder = Folder::new();
    let photos: Vec<_> = (0..40).map(|i| folder.photo(&format!("{i}.png"), 8 + i, 8)).collect();
    let results = collect(photos, &options(2), |_, photo| {
        assert!(photo.width() % 10 != 3, "width {}", photo.width());
        Ok(())
    });
    let failed: Vec<_> = results
        .iter()
        .filter_map(|(_, outcome)| outcome.as_ref().err())
        .map(|error| match error {
            Error::Panicked { message } => message.as_str(),
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(results.len(), 40);
    assert_eq!(failed, ["width 13", "width 23", "width 33", "width 43"]);
}

#[test]
fn the_sink_can_stop_an_endless_run() {
    let folder = Folder::new();
    let photo = folder.photo("photo.png", 8, 8);
    let (worked, mut taken, mut seen) = (AtomicUsize::new(0), 0, 0);
    let endless = std::iter::repeat_with(|| {
        taken += 1;
        photo.clone()
    });
    pipeline::run(
        endless,
        &options(2),
        |_, _| {
            worked.fetch_add(1, Ordering::Relaxed);
            Ok(())
        },
        |_, _| {
            seen += 1;
            if seen == 10 { Break(()) } else { Continue(()) }
        },
    );
    assert_eq!(seen, 10);
    assert!(taken <= 10 + 2 * 48 && worked.into_inner() <= taken, "{taken} photos were taken");
}

#[test]
fn a_panic_of_the_sink_ends_the_run() {
    let folder = Folder::new();
    let photo = folder.photo("photo.png", 8, 8);
    let run = || {
        pipeline::run(
            std::iter::repeat(photo.clone()),
            &options(2),
            |_, _| Ok(()),
            |_, _| -> std::ops::ControlFlow<()> { panic!("no more") },
        );
    };
    assert!(std::panic::catch_unwind(run).is_err());
}

#[test]
fn memory_bounds_what_is_decoded_at_the_same_time() {
    let folder = Folder::new();
    let photos: Vec<_> = (0..30).map(|i| folder.photo(&format!("{i}.png"), 100, 60 + i % 7)).collect();
    let bytes = std::fs::read(&photos[6]).unwrap();
    let one = imaging::probe(&bytes, &DecodeOptions::default()).unwrap().decode_bytes + bytes.len() as u64;
    let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = |_: &PathBuf, _: Image| {
        most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        for _ in 0..200 {
            thread::yield_now();
        }
        inside.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    };
    // Room for any photo alone, but not for two decoded pictures: never two at once, and nobody waits for ever.
    let tight = Options { memory_bytes: 2 * 100 * 60 * 3 - 1, ..options(6) };
    assert!(one <= tight.memory_bytes, "one photo takes {one} bytes");
    let results = collect(photos.clone(), &tight, work);
    assert!(results.iter().all(|(_, outcome)| outcome.is_ok()));
    assert_eq!(most.into_inner(), 1);

    let small = Options { memory_bytes: one - 1, ..options(2) };
    let results = collect(photos, &small, |_, _| Ok(()));
    let refused: Vec<_> = results.iter().filter_map(|(_, outcome)| outcome.as_ref().err()).collect();
    assert_eq!(refused.len(), 4, "only those of the greatest height");
    assert!(refused[0].to_string().contains("--memory"), "{}", refused[0]);
}

#[test]
fn large_files_are_refused_unread() {
    let folder = Folder::new();
    let photo = folder.photo("photo.png", 50, 50);
    let sparse = folder.0.path().join("sparse.jpg");
    std::fs::File::create(&sparse).unwrap().set_len(1 << 40).unwrap();
    let results = collect(vec![sparse, photo.clone()], &options(1), |_, _| Ok(()));
    assert!(matches!(results[0].1, Err(Error::FileTooLarge { limit: 268_435_456 })));
    assert!(results[1].1.is_ok());
    let strict = Options { max_file_bytes: 10, ..options(1) };
    assert!(matches!(
        collect(vec![photo], &strict, |_, _| Ok(()))[0].1,
        Err(Error::FileTooLarge { limit: 10 })
    ));
}
