use std::sync::{Mutex, MutexGuard, PoisonError};

/// Does `work` on every item, on at most `threads` threads, the caller's among them. Items are taken in turn, so that
/// a thread with easy ones takes more of them.
pub(crate) fn for_each<T, I>(threads: usize, items: I, work: impl Fn(T) + Sync)
where
    I: ExactSizeIterator<Item = T> + Send,
{
    let helpers = threads.min(items.len()).saturating_sub(1);
    let items = Mutex::new(items);
    let run = || {
        loop {
            let next = locked(&items).next();
            match next {
                Some(item) => work(item),
                None => return,
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..helpers {
            // A thread that cannot be had is not missed: the others do its share.
            if std::thread::Builder::new().spawn_scoped(scope, run).is_err() {
                break;
            }
        }
        run();
    });
}

/// Locks; that another thread has panicked meanwhile is reported where it is joined.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_worked_on_once() {
        for threads in [0, 1, 3, 100] {
            let done = Mutex::new(Vec::new());
            for_each(threads, 0..50, |item| locked(&done).push(item));
            let mut done = locked(&done).clone();
            done.sort_unstable();
            assert!(done.into_iter().eq(0..50), "{threads} threads");
        }
        for_each(4, std::iter::empty::<usize>(), |_| unreachable!());
    }
}
