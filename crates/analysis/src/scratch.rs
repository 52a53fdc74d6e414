//! Buffers that are used again.

use std::sync::{Mutex, PoisonError};

/// Tensors' buffers that outlive a call, one per call that runs at the same time.
///
/// A fresh buffer of a megabyte comes from the operating system page by page, which costs as much as filling it.
#[derive(Default)]
pub(crate) struct Scratch {
    free: Mutex<Vec<Vec<f32>>>,
}

/// Longer buffers go back to the system instead: one huge photo must not hold its memory for ever.
const KEEP: usize = 3 * 640 * 640;

impl Scratch {
    /// A buffer of this length, its values arbitrary.
    pub(crate) fn take(&self, length: usize) -> Vec<f32> {
        let mut buffer = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        buffer.resize(length, 0.0);
        buffer
    }

    /// Gives a buffer back.
    pub(crate) fn give(&self, buffer: Vec<f32>) {
        if buffer.capacity() <= KEEP {
            self.free.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
        }
    }
}
