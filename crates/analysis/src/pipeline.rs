//! Many photos on many threads: in order, in bounded memory, one bad photo at a time.

mod budget;
mod read;

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};
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
const AHEAD: usize = 48;

/// Photos that a thread takes at once, at most. Between two networks a core's caches are cold: sixteen photos through the
/// first and then sixteen through the second take less time than one after the other.
const GROUP: usize = 16;

/// Bytes between the two steps from which on a thread takes no more photos through the first.
const GROUP_BYTES: u64 = 8 << 20;

/// Reads, decodes and works on photos in parallel, and hands the results to `sink` in the order of `photos`.
///
/// A photo is anything that has a path, so that callers can send other things along. `photos` and `sink` run on the
/// calling thread, which works on photos too while nothing waits to be reported: a thread of its own, woken for every
/// result, would take time from the others. Only so many photos are under way at the same time, so `photos` may be endless
/// and results may be large.
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
    sink: impl FnMut(P, Result<T>) -> ControlFlow<()>,
) where
    P: AsRef<Path> + Send,
    T: Send,
{
    let first = |photo: &P, image| Ok(Half { value: work(photo, image)?, bytes: u64::MAX });
    run_in_steps(photos, options, first, |_, result| Ok(result), sink);
}

/// What the first of two steps made of a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Half<S> {
    /// What the second step takes.
    pub value: S,
    /// The memory that it holds. The more, the fewer photos are taken through the first step before the second.
    pub bytes: u64,
}

/// As [`run`], where the work on a photo has two steps, each with a network of its own: `first` takes the picture, and
/// `second` what `first` made of it. A thread takes some photos at once through the first step and then through the
/// second, which is faster than one photo after the other.
///
/// # Panics
/// If `photos` or `sink` panics.
pub fn run_in_steps<P, S, T>(
    photos: impl IntoIterator<Item = P>,
    options: &Options,
    first: impl Fn(&P, Image) -> Result<Half<S>> + Sync,
    second: impl Fn(&P, S) -> Result<T> + Sync,
    mut sink: impl FnMut(P, Result<T>) -> ControlFlow<()>,
) where
    P: AsRef<Path> + Send,
    T: Send,
{
    let threads = options.threads.max(1);
    let window = threads.saturating_mul(AHEAD);
    let budget = Budget::new(options.memory_bytes);
    let queue = Queue::new(threads);
    let (report, reports) = mpsc::channel();
    let work = |group: Vec<(usize, P)>, report: &mpsc::Sender<_>| {
        let mut group = group.into_iter().peekable();
        while group.peek().is_some() {
            let (mut halves, mut bytes) = (Vec::new(), 0u64);
            while bytes < GROUP_BYTES
                && let Some((number, photo)) = group.next()
            {
                // The sink has stopped the run.
                if queue.is_closed() {
                    return;
                }
                let half = guarded(|| {
                    let (image, _held) = read::photo(photo.as_ref(), options, &budget)?;
                    first(&photo, image)
                });
                bytes = bytes.saturating_add(half.as_ref().map_or(0, |half| half.bytes));
                halves.push((number, photo, half));
            }
            for (number, photo, half) in halves {
                let outcome = half.and_then(|half| guarded(|| second(&photo, half.value)));
                if report.send((number, (photo, outcome))).is_err() {
                    return;
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            let (report, queue, work) = (report.clone(), &queue, &work);
            scope.spawn(move || {
                while let Some(group) = queue.wait() {
                    work(group, &report);
                }
            });
        }
        // Closed on the way out, also when `photos` or `sink` panics: then the threads end.
        let _close = Close(&queue);
        let mut photos = photos.into_iter().fuse();
        let mut waiting: VecDeque<Option<(P, Result<T>)>> = VecDeque::new();
        let (mut given, mut reported) = (0, 0);
        loop {
            while waiting.len() < window
                && let Some(photo) = photos.next()
            {
                waiting.push_back(None);
                queue.push((given, photo));
                given += 1;
            }
            if waiting.is_empty() {
                return;
            }
            let done = reports.try_recv().ok().or_else(|| {
                queue.take().into_iter().for_each(|group| work(group, &report));
                reports.recv().ok()
            });
            let Some((number, result)) = done else { return };
            waiting[number - reported] = Some(result);
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

/// The result of work on one photo, a panic as an error.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(Error::Panicked { message: message(panic.as_ref()) }))
}

/// What waits to be worked on, first come first served.
struct Queue<T> {
    threads: usize,
    state: Mutex<Waiting<T>>,
    changed: Condvar,
}

struct Waiting<T> {
    items: VecDeque<T>,
    closed: bool,
}

impl<T> Queue<T> {
    /// A queue from which so many threads take.
    fn new(threads: usize) -> Self {
        let state = Mutex::new(Waiting { items: VecDeque::new(), closed: false });
        Self { threads, state, changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_closed(&self) -> bool {
        self.lock().closed
    }

    fn push(&self, item: T) {
        self.lock().items.push_back(item);
        self.changed.notify_one();
    }

    /// The next items, if there are any now.
    fn take(&self) -> Option<Vec<T>> {
        self.group(&mut self.lock())
    }

    /// The next items; `None` once the queue is closed, whatever is left in it.
    fn wait(&self) -> Option<Vec<T>> {
        let nothing = |waiting: &mut Waiting<T>| waiting.items.is_empty() && !waiting.closed;
        let mut waiting =
            self.changed.wait_while(self.lock(), nothing).unwrap_or_else(PoisonError::into_inner);
        if waiting.closed { None } else { self.group(&mut waiting) }
    }

    /// Less than a thread's share of what waits, so that near the end no thread has much more left to do than the others.
    fn group(&self, waiting: &mut Waiting<T>) -> Option<Vec<T>> {
        let share = (waiting.items.len() / (2 * self.threads)).clamp(1, GROUP).min(waiting.items.len());
        Some(waiting.items.drain(..share).collect()).filter(|group: &Vec<T>| !group.is_empty())
    }
}

/// Closes a queue when it goes out of scope.
struct Close<'a, T>(&'a Queue<T>);

impl<T> Drop for Close<'_, T> {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.changed.notify_all();
    }
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message").to_owned()
}
