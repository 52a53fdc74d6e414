//! Bytes that several threads share.

use std::sync::{Condvar, Mutex, PoisonError};

/// A number of bytes that threads take and give back.
///
/// A thread that waits must hold nothing: two that each hold a part of what the other needs would wait for ever.
pub(super) struct Budget {
    total: u64,
    free: Mutex<u64>,
    given_back: Condvar,
}

/// Bytes that are held; dropping gives them back.
pub(super) struct Held<'a> {
    budget: &'a Budget,
    bytes: u64,
}

impl Budget {
    pub(super) fn new(total: u64) -> Self {
        Self { total, free: Mutex::new(total), given_back: Condvar::new() }
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Waits until so many bytes are free and takes them; `None` if there are never so many.
    pub(super) fn take(&self, bytes: u64) -> Option<Held<'_>> {
        if bytes > self.total {
            return None;
        }
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free =
            self.given_back.wait_while(free, |free| *free < bytes).unwrap_or_else(PoisonError::into_inner);
        *free -= bytes;
        Some(Held { budget: self, bytes })
    }
}

impl Held<'_> {
    /// Holds so many bytes from now on, if that can be had without waiting.
    pub(super) fn set(&mut self, bytes: u64) -> bool {
        let mut free = self.budget.free.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes > *free + self.bytes {
            return false;
        }
        *free = *free + self.bytes - bytes;
        self.bytes = bytes;
        drop(free);
        self.budget.given_back.notify_all();
        true
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        *self.budget.free.lock().unwrap_or_else(PoisonError::into_inner) += self.bytes;
        // All: the one that wakes may need more than there is, while another's share is free.
        self.budget.given_back.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn more_than_the_whole_is_refused_and_growth_does_not_wait() {
        let budget = Budget::new(100);
        assert!(budget.take(101).is_none());
        let mut first = budget.take(60).unwrap();
        assert!(!first.set(101) && first.set(70));
        let second = budget.take(30).unwrap();
        assert!(!first.set(71));
        assert!(first.set(10));
        drop(second);
        drop(first);
        assert!(budget.take(100).is_some());
    }

    #[test]
    fn threads_never_hold_more_than_the_whole() {
        let budget = Budget::new(100);
        let (held, most) = (AtomicU64::new(0), AtomicU64::new(0));
        thread_scope(&budget, &held, &most);
        assert!(most.into_inner() <= 100);
        assert!(budget.take(100).is_some(), "all was given back");
    }

    fn thread_scope(budget: &Budget, held: &AtomicU64, most: &AtomicU64) {
        std::thread::scope(|scope| {
            for thread in 0..6u64 {
                scope.spawn(move || {
                    for round in 0..200 {
                        let bytes = 1 + (thread * 31 + round * 17) % 100;
                        let share = budget.take(bytes).unwrap();
                        most.fetch_max(held.fetch_add(bytes, Ordering::SeqCst) + bytes, Ordering::SeqCst);
                        std::thread::yield_now();
                        held.fetch_sub(bytes, Ordering::SeqCst);
                        drop(share);
                    }
                });
            }
        });
    }
}
