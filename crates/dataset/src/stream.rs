//! Samples for a trainer in the same process: made while it works, and never written.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::order::Order;
use crate::{Error, Sample, Source};

/// How samples are streamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streaming {
    /// How many threads make samples; 0 counts as 1.
    pub threads: usize,
    /// Most samples that are made or wait at a time, which bounds the memory; at least as many as threads are used.
    pub ahead: usize,
    /// How often the source is gone through.
    pub epochs: u64,
    /// Decides over the order, which is another in each epoch; without it samples come by number.
    pub shuffle: Option<u64>,
}

impl Default for Streaming {
    /// Once, by number, on one thread.
    fn default() -> Self {
        Self { threads: 1, ahead: 64, epochs: 1, shuffle: None }
    }
}

/// A sample of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Streamed {
    /// How often the source was gone through before.
    pub epoch: u64,
    /// Its number in the source.
    pub index: u64,
    /// The picture, as it is before it becomes a file, and its rows.
    pub sample: Sample,
}

/// Makes the samples of a source in several threads and hands them out in order. What comes, and in which order, depends
/// on the source and on [`Streaming::shuffle`] alone, not on threads. A stream that is dropped stops.
///
/// ```
/// use std::path::Path;
///
/// use omote_dataset::{Recipe, Stream, Streaming};
///
/// let text = "kind = \"recognition\"\nseed = 1\npeople = 2\npictures = 2\nsize = 32\n";
/// let recipe = Recipe::parse(text, Path::new("faces.toml"))?;
/// let options = Streaming { threads: 2, epochs: 2, shuffle: Some(7), ..Streaming::default() };
/// for streamed in Stream::new(recipe.source(), options)?.take(3) {
///     let sample = streamed?.sample;
///     assert_eq!((sample.image.width(), sample.rows.len()), (32, 1));
/// }
/// # Ok::<(), omote_dataset::Error>(())
/// ```
pub struct Stream {
    work: Arc<Work>,
    threads: Vec<JoinHandle<()>>,
}

impl Stream {
    /// Begins to make samples.
    ///
    /// # Errors
    /// [`Error::Source`] if the source cannot be made.
    pub fn new(source: Box<dyn Source>, options: Streaming) -> Result<Self, Error> {
        source.check().map_err(|reason| Error::Source { reason })?;
        let threads = options.threads.max(1);
        let work = Arc::new(Work {
            order: Order::new(source.len(), options.shuffle),
            total: source.len().saturating_mul(options.epochs),
            ahead: options.ahead.max(threads) as u64,
            source,
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let started = (0..threads).map(|_| {
            let work = work.clone();
            std::thread::spawn(move || work.run())
        });
        Ok(Self { threads: started.collect(), work })
    }
}

impl Iterator for Stream {
    type Item = Result<Streamed, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let work = &self.work;
        let mut state = work.state();
        if state.taken == work.total {
            return None;
        }
        let position = state.taken;
        let made = loop {
            if let Some(made) = state.ready.remove(&position) {
                break made;
            }
            state = work.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        };
        state.taken += 1;
        drop(state);
        work.changed.notify_all();
        let (epoch, index) = work.order.at(position);
        let sample = made.map_err(|reason| Error::Sample { index, reason });
        Some(sample.map(|sample| Streamed { epoch, index, sample }))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.work.state().stopped = true;
        self.work.changed.notify_all();
        // A thread that panicked is through, and its sample said so.
        self.threads.drain(..).for_each(|thread| thread.join().unwrap_or_default());
    }
}

struct Work {
    source: Box<dyn Source>,
    order: Order,
    total: u64,
    ahead: u64,
    state: Mutex<State>,
    /// Something is ready, or there is room for more, or all is over.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Positions that a thread makes or has made.
    begun: u64,
    /// Positions that were handed out.
    taken: u64,
    ready: BTreeMap<u64, Result<Sample, String>>,
    stopped: bool,
}

impl Work {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        while let Some(position) = self.begin() {
            let (_, index) = self.order.at(position);
            // Whoever waits for this sample would wait for ever.
            let made = catch_unwind(AssertUnwindSafe(|| self.source.sample(index)))
                .unwrap_or_else(|_| Err("making it panicked".to_owned()));
            self.state().ready.insert(position, made);
            self.changed.notify_all();
        }
    }

    /// The next position to make, once there is room for it; `None` when there is nothing more to do.
    fn begin(&self) -> Option<u64> {
        let mut state = self.state();
        while !state.stopped && state.begun < self.total && state.begun - state.taken >= self.ahead {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.stopped || state.begun == self.total {
            return None;
        }
        state.begun += 1;
        Some(state.begun - 1)
    }
}
