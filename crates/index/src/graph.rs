use std::ops::Range;

use crate::best::Hit;
use crate::search::{self, Source};
use crate::{SearchOptions, View};

/// The nearest other rows of every row, in one piece of memory.
#[derive(Clone, Debug, PartialEq)]
pub struct KnnGraph {
    k: usize,
    /// Node `n` owns the hits `starts[n]..starts[n + 1]`.
    starts: Vec<usize>,
    hits: Vec<Hit>,
}

impl KnnGraph {
    /// The number of rows.
    pub fn nodes(&self) -> usize {
        self.starts.len() - 1
    }

    /// The number of neighbours asked for; a node has fewer if there are not as many others.
    pub fn k(&self) -> usize {
        self.k
    }

    /// The neighbours of a row, best first, never the row itself.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn neighbours(&self, node: usize) -> &[Hit] {
        &self.hits[self.range(node)]
    }

    /// All nodes in order, each with its neighbours.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[Hit]> {
        (0..self.nodes()).map(|node| &self.hits[self.range(node)])
    }

    fn range(&self, node: usize) -> Range<usize> {
        self.starts[node]..self.starts[node + 1]
    }
}

/// The exact `k` nearest other rows of every row of `view`, on at most `threads` threads.
///
/// Nearest is largest inner product, ties by smaller row. A row with a value that is not finite is nobody's
/// neighbour and has none. Scores are made in blocks and forgotten: besides the result (16 bytes a neighbour, twice that
/// while it is put together) memory does not grow with the rows.
pub fn knn_graph(view: &View<'_>, k: usize, threads: usize) -> KnnGraph {
    let k_found = k.min(view.rows().saturating_sub(1));
    let lists = search::run(view, Source::Rows, k_found, &SearchOptions { threads, mask: None });
    let mut starts = Vec::with_capacity(lists.len() + 1);
    let mut hits = Vec::with_capacity(lists.iter().map(Vec::len).sum());
    starts.push(0);
    for list in lists {
        hits.extend(list);
        starts.push(hits.len());
    }
    KnnGraph { k, starts, hits }
}
