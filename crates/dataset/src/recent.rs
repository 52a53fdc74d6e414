//! What was made a moment ago and is wanted again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// As many are kept: more than there are threads that make samples.
const KEPT: usize = 64;

/// The last things that were made, by number. Who asks for one again soon need not wait for it again.
#[derive(Debug)]
pub(crate) struct Recent<T>(Mutex<VecDeque<(u64, Arc<T>)>>);

impl<T> Recent<T> {
    /// The thing of this number, which is made if it is not there.
    pub(crate) fn get(
        &self,
        number: u64,
        make: impl FnOnce() -> Result<T, String>,
    ) -> Result<Arc<T>, String> {
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, found)) = kept().iter().find(|(of, _)| *of == number) {
            return Ok(found.clone());
        }
        // Not while the others wait.
        let made = Arc::new(make()?);
        let mut kept = kept();
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back((number, made.clone()));
        Ok(made)
    }
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// A copy remembers nothing.
impl<T> Clone for Recent<T> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// What is remembered makes no difference.
impl<T> PartialEq for Recent<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn what_is_there_is_not_made_again() {
        let (recent, made) = (Recent::default(), Cell::new(0));
        let get = |number: u64| {
            recent.get(number, || {
                made.set(made.get() + 1);
                if number == 7 { Err("unlucky".to_owned()) } else { Ok(number * number) }
            })
        };
        assert_eq!((*get(3).unwrap(), *get(3).unwrap(), made.get()), (9, 9, 1));
        assert!(get(7).is_err() && get(7).is_err());
        assert_eq!(made.get(), 3);
        (100..100 + KEPT as u64).for_each(|number| drop(get(number)));
        assert_eq!((*get(3).unwrap(), made.get()), (9, 4 + KEPT), "it was pushed out");
    }
}
