//! Many photos on many threads: in order, in bounded memory, one bad photo at a time.

mod budget;
mod read;

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use imaging::{DecodeOptions, Image};

use self::budget::Budget;
use crate::{Error, Result};

/// What a run may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Photos worked on at the same time, each on a thread of its own; 0 counts as 1. By default as many as the machine
    /// runs at the same time.
    pub threads: usize,
    /// Bytes that files and decoded pictures of all photos being worked on may take together. 256 MiB by default. What the
    /// networks need comes on top.
    pub memory_bytes: u64,
    /// Files with more bytes are refused without being read. 256 MiB by default.
    pub max_file_bytes: u64,
    /// Limits of decoding.
    pub decode: DecodeOptions,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            threads: thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: 256 << 20,
            max_file_bytes: 256 << 20,
            decode: DecodeOptions::default(),
        }
    }
}

/// Photos that are under way, waiting for a thread or waiting to be reported, for each thread. One slow photo among fast
/// ones keeps no thread idle until that many have passed it.
const AHEAD: usize = 8;

/// Reads, decodes and works on photos in parallel, and hands the results to `sink` in the order of `photos`.
///
/// A photo is anything that has a path, so that callers can send other things along. `photos` and `sink` run on the
/// calling thread. Only so many photos are under way at the same time, so `photos` may be endless and results may be large.
///
/// A photo that cannot be read or decoded, that does not fit into the memory, or on which `work` panics, is an error of that
/// photo. After `sink` breaks, no further photo is taken; those being worked on are finished and dropped.
///
/// # Panics
/// If `photos` or `sink` panics.
pub fn run<P, T>(
    photos: impl IntoIterator<Item = P>,
    options: &Options,
    work: impl Fn(&P, Image) -> Result<T> + Sync,
    mut sink: impl FnMut(P, Result<T>) -> ControlFlow<()>,
) where
    P: AsRef<Path> + Send,
    T: Send,
{
    let threads = options.threads.max(1);
    let window = threads.saturating_mul(AHEAD);
    let budget = Budget::new(options.memory_bytes);
    let (give, take) = mpsc::channel::<(usize, P)>();
    let take = Mutex::new(take);
    let (report, reports) = mpsc::channel();
    let over = AtomicBool::new(false);
    let one = |photo: &P| -> Result<T> {
        let (image, _held) = read::photo(photo.as_ref(), options, &budget)?;
        work(photo, image)
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            let (report, take, over, one) = (report.clone(), &take, &over, &one);
            scope.spawn(move || {
                loop {
                    // The lock is let go before the work starts.
                    let next = take.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((number, photo)) = next else { break };
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                    let outcome = catch_unwind(AssertUnwindSafe(|| one(&photo)))
                        .unwrap_or_else(|panic| Err(Error::Panicked { message: message(panic.as_ref()) }));
                    if report.send((number, photo, outcome)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(report);
        // Both are dropped on the way out, also when `photos` or `sink` panics: then the threads end.
        let _over = OnDrop(&over);
        let give = give;
        let mut photos = photos.into_iter().fuse();
        let mut waiting: VecDeque<Option<(P, Result<T>)>> = VecDeque::new();
        let (mut given, mut reported) = (0, 0);
        loop {
            while waiting.len() < window
                && let Some(photo) = photos.next()
            {
                waiting.push_back(None);
                // The threads only end after `give` is dropped.
                let _ = give.send((given, photo));
                given += 1;
            }
            if waiting.is_empty() {
                return;
            }
            let Ok((number, photo, outcome)) = reports.recv() else { return };
            waiting[number - reported] = Some((photo, outcome));
            while let Some((photo, outcome)) = waiting.front_mut().and_then(Option::take) {
                waiting.pop_front();
                reported += 1;
                if sink(photo, outcome).is_break() {
                    return;
                }
            }
        }
    });
}

/// Says that a run is over when it goes out of scope.
struct OnDrop<'a>(&'a AtomicBool);

impl Drop for OnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message").to_owned()
}
