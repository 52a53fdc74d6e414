use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// One answer of a search: a row and its inner product with the query (the cosine, for unit vectors).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The row of the matrix, from 0.
    pub row: usize,
    /// The inner product; always finite.
    pub score: f32,
}

/// Orders hits from best to worst: larger score first, then smaller row.
fn rank(a: &Hit, b: &Hit) -> Ordering {
    b.score.total_cmp(&a.score).then(a.row.cmp(&b.row))
}

/// A hit in a heap whose top is the worst hit kept.
#[derive(Clone, Copy)]
struct Kept(Hit);

impl Ord for Kept {
    fn cmp(&self, other: &Self) -> Ordering {
        rank(&self.0, &other.0)
    }
}
impl PartialOrd for Kept {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Kept {}

/// The best `k` hits of one query so far.
pub(crate) struct Best {
    k: usize,
    heap: BinaryHeap<Kept>,
    /// No row with a smaller score can be among the best, by what is known here or elsewhere.
    floor: f32,
}

impl Best {
    /// Keeps `k` hits with scores of at least `floor`.
    pub(crate) fn new(k: usize, floor: f32) -> Self {
        Self { k, heap: BinaryHeap::new(), floor: if k == 0 { f32::INFINITY } else { floor } }
    }

    /// Only scores of at least this can change the answer.
    pub(crate) fn floor(&self) -> f32 {
        self.floor
    }

    /// Takes a hit in if it is one of the best; scores that are not finite never are.
    pub(crate) fn offer(&mut self, row: usize, score: f32) {
        if !score.is_finite() || score < self.floor {
            return;
        }
        // Adding zero turns -0.0 into 0.0, which must tie with it.
        let new = Kept(Hit { row, score: score + 0.0 });
        if self.heap.len() < self.k {
            self.heap.push(new);
        } else if let Some(mut worst) = self.heap.peek_mut()
            && new < *worst
        {
            *worst = new;
        }
        if self.heap.len() == self.k
            && let Some(worst) = self.heap.peek()
        {
            self.floor = self.floor.max(worst.0.score);
        }
    }

    /// Takes in everything that `other` kept.
    pub(crate) fn merge(&mut self, other: Best) {
        for Kept(hit) in other.heap {
            self.offer(hit.row, hit.score);
        }
    }

    /// The hits, best first.
    pub(crate) fn into_sorted(self) -> Vec<Hit> {
        self.heap.into_sorted_vec().into_iter().map(|kept| kept.0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best_of(k: usize, scores: &[f32]) -> Vec<usize> {
        let mut best = Best::new(k, f32::NEG_INFINITY);
        for (row, &score) in scores.iter().enumerate() {
            best.offer(row, score);
        }
        best.into_sorted().iter().map(|hit| hit.row).collect()
    }

    #[test]
    fn keeps_the_best_and_breaks_ties_by_row() {
        assert_eq!(best_of(2, &[0.1, 0.9, 0.5, 0.9]), [1, 3]);
        assert_eq!(best_of(1, &[0.5, 0.5, 0.5]), [0]);
        assert_eq!(best_of(2, &[-0.0, 0.0, -1.0]), [0, 1]);
        assert_eq!(best_of(0, &[1.0]), [0usize; 0]);
        assert_eq!(best_of(9, &[1.0, 2.0]), [1, 0]);
    }

    #[test]
    fn never_keeps_what_is_not_finite() {
        assert_eq!(best_of(4, &[f32::NAN, f32::INFINITY, -2.0, f32::NEG_INFINITY]), [2]);
    }

    #[test]
    fn a_later_smaller_row_wins_a_tie() {
        let mut best = Best::new(1, f32::NEG_INFINITY);
        best.offer(7, 0.5);
        best.offer(3, 0.5);
        assert_eq!(best.into_sorted(), [Hit { row: 3, score: 0.5 }]);
    }
}
