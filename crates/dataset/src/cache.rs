//! Samples that are kept in memory, because making them takes long and epochs repeat.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::{Sample, Value};

/// About what the books of the cache take for a sample, in bytes.
const BOOKS: usize = 160;

/// Samples by number, up to a budget in bytes.
///
/// What came first stays. Of a set that is gone through in another order each time, a cache that throws out
/// what was used longest ago holds nothing of what comes next; this one holds the budget's share of it.
pub(crate) struct Cache {
    budget: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    bytes: usize,
    samples: HashMap<u64, Arc<Sample>>,
}

impl Cache {
    pub(crate) fn new(budget: usize) -> Self {
        Self { budget, kept: Mutex::default() }
    }

    /// The sample of this number, which is made if it is not there.
    pub(crate) fn get(
        &self,
        number: u64,
        make: impl FnOnce() -> Result<Sample, String>,
    ) -> Result<Arc<Sample>, String> {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept().samples.get(&number) {
            return Ok(found.clone());
        }
        // Not while the others wait.
        let made = Arc::new(make()?);
        let bytes = size(&made);
        let mut kept = kept();
        // Another thread may have made the same.
        if kept.bytes.saturating_add(bytes) <= self.budget && !kept.samples.contains_key(&number) {
            kept.bytes += bytes;
            kept.samples.insert(number, made.clone());
        }
        Ok(made)
    }
}

/// Bytes of a sample in memory.
fn size(sample: &Sample) -> usize {
    let cell = |value: &Value| match value {
        Value::Text(text) => size_of::<Value>() + text.capacity(),
        _ => size_of::<Value>(),
    };
    let rows: usize = sample.rows.iter().flatten().map(cell).sum();
    sample.image.pixels().len() + rows + BOOKS
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use imaging::Image;

    use super::*;

    #[test]
    fn keeps_what_came_first_and_no_more_than_it_may() {
        let sample = Sample { image: Image::new(10, 10), rows: vec![vec![Value::Text("a".repeat(100))]] };
        let (cache, made) = (Cache::new(3 * size(&sample)), Cell::new(0));
        assert!(size(&sample) >= 400);
        let get = |number: u64| {
            cache.get(number, || {
                made.set(made.get() + 1);
                if number == 7 { Err("unlucky".to_owned()) } else { Ok(sample.clone()) }
            })
        };
        assert!(get(7).is_err() && get(7).is_err());
        (0..6).for_each(|number| assert_eq!(*get(number).unwrap(), sample));
        assert_eq!(made.replace(0), 2 + 6);
        (0..6).for_each(|number| assert!(get(number).is_ok()));
        assert_eq!(made.replace(0), 3, "the first three are kept");
        let none = Cache::new(0);
        assert!(none.get(1, || Ok(sample.clone())).is_ok() && none.kept.lock().unwrap().samples.is_empty());
    }
}
