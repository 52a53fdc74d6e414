//! A data set is written while the terminal shows how far it is.

use std::path::Path;
use std::sync::mpsc;

use console::Reporter;
use dataset::{Manifest, Options, Source};

/// Writes a source, or goes on where that stopped. What it became, and how many of its pictures were made now.
pub fn write(
    source: &dyn Source,
    folder: &Path,
    threads: usize,
    reporter: &mut Reporter,
) -> anyhow::Result<(Manifest, u64)> {
    reporter.start(source.len() as usize, "pictures");
    // What was there before was not made now, and says nothing about how long it takes.
    let (send, progress) = mpsc::channel();
    let written = std::thread::scope(|scope| {
        let writing = scope.spawn(move || {
            // The receiver listens until this thread is through.
            let told = |pictures| send.send(pictures).unwrap_or_default();
            dataset::write(source, folder, Options { threads }, &told)
        });
        let there: u64 = progress.recv().unwrap_or(0);
        (0..there).for_each(|_| reporter.step());
        let mut made = 0;
        for pictures in progress {
            made += pictures;
            (0..pictures).for_each(|_| reporter.step());
        }
        match writing.join() {
            Ok(written) => written.map(|manifest| (manifest, made)),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    });
    Ok(written?)
}
