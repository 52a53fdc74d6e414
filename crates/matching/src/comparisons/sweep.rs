//! All inner products of two lists of vectors, tile by tile.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Vectors on a side of a tile: 64 of 128 values are 32 KiB and stay in the first cache.
const TILE: usize = 64;

/// What to compare with what. Both lists are row-major, of `dimension` values a row.
#[derive(Clone, Copy)]
pub(crate) struct Sweep<'a> {
    pub(crate) rows: &'a [f32],
    pub(crate) columns: &'a [f32],
    pub(crate) dimension: usize,
    /// Both lists are one, and each pair is wanted once: column > row.
    pub(crate) triangle: bool,
}

impl Sweep<'_> {
    /// Calls `visit(state, row, first column, scores)` for runs of columns. Each thread has a state of its own,
    /// made by `new`; which thread sees which tile is left to chance, so what is made of the states must not depend
    /// on it. Scores are in single precision and may differ from [`cosine`](crate::cosine) by some 1e-6.
    pub(crate) fn run<S: Send>(
        &self,
        threads: usize,
        new: impl Fn() -> S + Sync,
        visit: impl Fn(&mut S, usize, usize, &[f32]) + Sync,
    ) -> Vec<S> {
        let rows = self.rows.len() / self.dimension;
        let next = AtomicUsize::new(0);
        let states = Mutex::new(Vec::new());
        let work = || {
            let mut state = new();
            loop {
                let start = next.fetch_add(1, Ordering::Relaxed).saturating_mul(TILE);
                if start >= rows {
                    break;
                }
                self.stripe(start, (start + TILE).min(rows), &mut state, &visit);
            }
            states.lock().unwrap_or_else(PoisonError::into_inner).push(state);
        };
        let threads = threads.clamp(1, rows.div_ceil(TILE).max(1));
        std::thread::scope(|scope| {
            (1..threads).for_each(|_| drop(scope.spawn(work)));
            work();
        });
        states.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn stripe<S>(
        &self,
        start: usize,
        end: usize,
        state: &mut S,
        visit: &impl Fn(&mut S, usize, usize, &[f32]),
    ) {
        let columns = self.columns.len() / self.dimension;
        let mut scores = [0.0f32; TILE];
        for first in (if self.triangle { start } else { 0 }..columns).step_by(TILE) {
            let last = (first + TILE).min(columns);
            for row in start..end {
                let first = if self.triangle { first.max(row + 1) } else { first };
                if first >= last {
                    continue;
                }
                let query = &self.rows[row * self.dimension..(row + 1) * self.dimension];
                let tile = &self.columns[first * self.dimension..last * self.dimension];
                for (score, column) in scores.iter_mut().zip(tile.chunks_exact(self.dimension)) {
                    *score = product(query, column);
                }
                visit(state, row, first, &scores[..last - first]);
            }
        }
    }
}

/// Inner product in sixteen running sums, which compilers turn into vector instructions.
fn product(a: &[f32], b: &[f32]) -> f32 {
    let (a_runs, b_runs) = (a.chunks_exact(16), b.chunks_exact(16));
    let rest: f32 = a_runs.remainder().iter().zip(b_runs.remainder()).map(|(a, b)| a * b).sum();
    let mut sums = [0.0f32; 16];
    for (a, b) in a_runs.zip(b_runs) {
        for lane in 0..16 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    rest + sums.iter().sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosine;

    fn vectors(count: usize, dimension: usize) -> Vec<f32> {
        let mut random = fastrand::Rng::with_seed(3);
        (0..count * dimension).map(|_| random.f32() * 0.2 - 0.1).collect()
    }

    #[test]
    fn every_pair_is_visited_once_with_its_score() {
        let dimension = 19;
        let all = vectors(150, dimension);
        let at = |index: usize| &all[index * dimension..(index + 1) * dimension];
        for (triangle, wanted) in [(true, 150 * 149 / 2), (false, 150 * 150)] {
            for threads in [0, 1, 3, 999] {
                let sweep = Sweep { rows: &all, columns: &all, dimension, triangle };
                let states = sweep.run(threads, Vec::new, |seen, row, first, scores| {
                    seen.extend(scores.iter().enumerate().map(|(at, &score)| (row, first + at, score)));
                });
                let mut seen: Vec<_> = states.into_iter().flatten().collect();
                for &(row, column, score) in &seen {
                    assert!(!triangle || column > row);
                    assert!((score - cosine(at(row), at(column))).abs() < 1e-6);
                }
                seen.sort_by_key(|&(row, column, _)| (row, column));
                seen.dedup_by_key(|&mut (row, column, _)| (row, column));
                assert_eq!(seen.len(), wanted);
            }
        }
    }
}
