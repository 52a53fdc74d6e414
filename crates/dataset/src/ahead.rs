//! Things made ahead of who takes them, in several threads, and handed out in order.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

type Made<T> = Result<T, String>;

/// What comes at each of a range of positions, one after the other. What it is depends on the position alone,
/// not on threads. If it is dropped, its threads stop.
pub(crate) struct Ahead<T> {
    work: Arc<Work<T>>,
    threads: Vec<JoinHandle<()>>,
}

impl<T: Send + 'static> Ahead<T> {
    /// Begins to make things on `threads` threads (0 counts as 1), of which at most `most` (and as many as
    /// threads are used) are made or wait at a time.
    pub(crate) fn new(
        positions: Range<u64>,
        threads: usize,
        most: usize,
        make: impl Fn(u64) -> Made<T> + Send + Sync + 'static,
    ) -> Self {
        let threads = threads.max(1);
        let state =
            State { begun: positions.start, taken: positions.start, ready: BTreeMap::new(), stopped: false };
        let work = Arc::new(Work {
            make: Box::new(make),
            end: positions.end,
            most: most.max(threads) as u64,
            state: Mutex::new(state),
            ready: Condvar::new(),
            room: Condvar::new(),
        });
        let started = (0..threads).map(|_| {
            let work = work.clone();
            std::thread::spawn(move || work.run())
        });
        Self { threads: started.collect(), work }
    }
}

impl<T> Iterator for Ahead<T> {
    type Item = Made<T>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut state = self.work.state();
        if state.taken >= self.work.end {
            return None;
        }
        let position = state.taken;
        let made = loop {
            if let Some(made) = state.ready.remove(&position) {
                break made;
            }
            state = self.work.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
        };
        state.taken += 1;
        drop(state);
        self.work.room.notify_one();
        Some(made)
    }
}

impl<T> Drop for Ahead<T> {
    fn drop(&mut self) {
        self.work.state().stopped = true;
        self.work.room.notify_all();
        // A thread that panicked is through, and what it was to make said so.
        self.threads.drain(..).for_each(|thread| thread.join().unwrap_or_default());
    }
}

struct Work<T> {
    make: Box<dyn Fn(u64) -> Made<T> + Send + Sync>,
    end: u64,
    most: u64,
    state: Mutex<State<T>>,
    /// Something is ready.
    ready: Condvar,
    /// There is room for more, or all is over.
    room: Condvar,
}

struct State<T> {
    /// Before this position all are made or in the making.
    begun: u64,
    /// Before this position all were handed out.
    taken: u64,
    ready: BTreeMap<u64, Made<T>>,
    stopped: bool,
}

impl<T> Work<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        while let Some(position) = self.begin() {
            // Whoever waits for this one would wait for ever.
            let made = catch_unwind(AssertUnwindSafe(|| (self.make)(position)))
                .unwrap_or_else(|_| Err("making it panicked".to_owned()));
            self.state().ready.insert(position, made);
            self.ready.notify_one();
        }
    }

    /// The next position, once there is room for what comes there; `None` when there is nothing more to do.
    fn begin(&self) -> Option<u64> {
        let mut state = self.state();
        while !state.stopped && state.begun < self.end && state.begun - state.taken >= self.most {
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.stopped || state.begun >= self.end {
            return None;
        }
        state.begun += 1;
        Some(state.begun - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn begins_anywhere_and_ends_where_it_should() {
        let squares = |positions| {
            let made =
                Ahead::new(positions, 3, 4, |at| if at == 6 { Err("six".to_owned()) } else { Ok(at * at) });
            made.collect::<Vec<_>>()
        };
        assert_eq!(squares(4..8), [Ok(16), Ok(25), Err("six".to_owned()), Ok(49)]);
        assert_eq!(squares(5..5), []);
        // A range without end is taken from and dropped.
        let mut endless = Ahead::new(0..u64::MAX, 2, 0, Ok);
        assert!(endless.by_ref().take(1000).eq((0..1000).map(Ok)));
    }
}
