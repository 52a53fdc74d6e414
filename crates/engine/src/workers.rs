//! Threads for rten to compute on.
//!
//! rten never computes on the calling thread: a run is handed to a rayon pool and the caller sleeps. A pool of as many
//! threads as the run may use is therefore lent to each run and taken back after it, process-wide, so that the
//! detector and the embedder of one worker use the same thread, and there are never more pools than runs at the same
//! time.
//!
//! Beside these, rten starts a pool of its own as soon as it is used, whatever pool it is given. [`crate::process`]
//! keeps it to one thread where it can, and [`lend`] lends it out first.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rten::{RunOptions, ThreadPool};

use crate::{Error, process};

/// The pools that no run is using.
static IDLE: Mutex<Vec<Pool>> = Mutex::new(Vec::new());

#[derive(Clone)]
struct Pool {
    width: usize,
    /// `None` is rten's own pool.
    threads: Option<Arc<ThreadPool>>,
}

/// A pool that is lent to one run, and goes back when this is dropped.
pub(crate) struct Lent(Pool);

impl Lent {
    /// Options that make rten run here.
    pub(crate) fn options(&self) -> RunOptions {
        RunOptions::default().with_thread_pool(self.0.threads.clone())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        IDLE.lock().unwrap_or_else(PoisonError::into_inner).push(self.0.clone());
    }
}

/// Lends a pool of `width` threads.
pub(crate) fn lend(width: usize) -> Result<Lent, Error> {
    start();
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(at) = idle.iter().rposition(|pool| pool.width == width) {
        return Ok(Lent(idle.swap_remove(at)));
    }
    drop(idle);
    let pool = ThreadPool::with_num_threads(width);
    // rten hides a failure to start threads, and would go on with rayon's global pool.
    if pool.run(rayon::current_thread_index).is_none() {
        return Err(Error::Spawn { threads: width });
    }
    Ok(Lent(Pool { width, threads: Some(Arc::new(pool)) }))
}

/// Starts rten's own pool, once.
pub(crate) fn start() {
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(|| {
        process::prepare();
        let width = rten::thread_pool().run(rayon::current_num_threads);
        IDLE.lock().unwrap_or_else(PoisonError::into_inner).push(Pool { width, threads: None });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_that_came_back_is_lent_again() {
        let (first, second) = (lend(3).unwrap(), lend(3).unwrap());
        let address = |lent: &Lent| lent.0.threads.as_ref().map(Arc::as_ptr);
        assert_ne!(address(&first), address(&second));
        let freed = address(&second);
        drop(second);
        assert_eq!(address(&lend(3).unwrap()), freed);
    }
}
