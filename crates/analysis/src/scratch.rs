//! Buffers that are used again.

use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};

/// Tensors' buffers that outlive a call, one per call that runs at the same time.
///
/// A fresh buffer of a megabyte comes from the operating system page by page, which costs as much as filling it.
#[derive(Default)]
pub(crate) struct Scratch {
    /// Each with the thread that used it last, whose core may still hold it.
    free: Mutex<Vec<(ThreadId, Vec<f32>)>>,
}

/// Longer buffers go back to the system instead: one huge photo must not hold its memory for ever.
const KEEP: usize = 3 * 640 * 640;

impl Scratch {
    /// A buffer of this length, its values arbitrary.
    pub(crate) fn take(&self, length: usize) -> Vec<f32> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let this = thread::current().id();
        let own = free.iter().position(|(last, _)| *last == this).or(free.len().checked_sub(1));
        let mut buffer = own.map(|own| free.swap_remove(own).1).unwrap_or_default();
        drop(free);
        buffer.resize(length, 0.0);
        buffer
    }

    /// Gives a buffer back.
    pub(crate) fn give(&self, buffer: Vec<f32>) {
        if buffer.capacity() <= KEEP {
            self.free.lock().unwrap_or_else(PoisonError::into_inner).push((thread::current().id(), buffer));
        }
    }
}
