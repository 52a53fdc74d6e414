//! Nearest neighbours made symmetric: who is linked with whom, and how strongly.

use index::Hit;

/// An undirected graph. Each link is stored at both of its ends, once.
pub(crate) struct Adjacency {
    /// Node `n` owns the links `starts[n]..starts[n + 1]`.
    starts: Vec<usize>,
    links: Vec<Hit>,
}

impl Adjacency {
    /// Links two nodes if either lists the other with a score of at least `threshold`.
    ///
    /// `neighbours(n)` lists nodes below `nodes`. Being listed twice, by both ends or by one, is one link and no
    /// stronger: it has the larger of the scores. A node is never linked with itself.
    pub(crate) fn new<'a>(nodes: usize, neighbours: impl Fn(usize) -> &'a [Hit], threshold: f32) -> Self {
        let kept = |node: usize| {
            neighbours(node).iter().filter(move |hit| hit.score >= threshold && hit.row != node).copied()
        };
        let mut starts = vec![0; nodes + 1];
        for node in 0..nodes {
            for hit in kept(node) {
                starts[node + 1] += 1;
                starts[hit.row + 1] += 1;
            }
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let mut links = vec![Hit { row: 0, score: 0.0 }; starts[nodes]];
        let mut free = starts.clone();
        for node in 0..nodes {
            for hit in kept(node) {
                links[free[node]] = hit;
                free[node] += 1;
                links[free[hit.row]] = Hit { row: node, score: hit.score };
                free[hit.row] += 1;
            }
        }
        merge_repeats(&mut starts, &mut links);
        Self { starts, links }
    }

    pub(crate) fn of(graph: &index::KnnGraph, threshold: f32) -> Self {
        Self::new(graph.nodes(), |node| graph.neighbours(node), threshold)
    }

    pub(crate) fn nodes(&self) -> usize {
        self.starts.len() - 1
    }

    /// The links of a node, by ascending number of the other end.
    pub(crate) fn links(&self, node: usize) -> &[Hit] {
        &self.links[self.starts[node]..self.starts[node + 1]]
    }
}

/// Sorts each node's links by their other end and keeps the strongest of those that go to the same one.
fn merge_repeats(starts: &mut [usize], links: &mut Vec<Hit>) {
    let mut filled = 0;
    let mut start = 0;
    for node in 0..starts.len() - 1 {
        let end = starts[node + 1];
        links[start..end]
            .sort_unstable_by(|x, y| x.row.cmp(&y.row).then_with(|| y.score.total_cmp(&x.score)));
        let first = filled;
        for at in start..end {
            if filled == first || links[filled - 1].row != links[at].row {
                links[filled] = links[at];
                filled += 1;
            }
        }
        starts[node + 1] = filled;
        start = end;
    }
    links.truncate(filled);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_symmetric_single_and_sorted() {
        let hit = |row, score| Hit { row, score };
        let lists = [
            vec![hit(2, 0.9), hit(1, 0.7), hit(0, 1.0)],
            vec![hit(0, 0.7), hit(3, 0.4)],
            vec![hit(0, 0.8), hit(0, 0.6)],
            vec![],
            vec![hit(1, 0.5)],
        ];
        let graph = Adjacency::new(lists.len(), |node| &lists[node], 0.5);
        assert_eq!(graph.nodes(), 5);
        assert_eq!(graph.links(0), [hit(1, 0.7), hit(2, 0.9)]);
        assert_eq!(graph.links(1), [hit(0, 0.7), hit(4, 0.5)]);
        assert_eq!(graph.links(2), [hit(0, 0.9)]);
        assert_eq!(graph.links(3), []);
        assert_eq!(graph.links(4), [hit(1, 0.5)]);
    }

    #[test]
    fn a_threshold_that_is_not_a_number_links_nothing() {
        let lists = [vec![Hit { row: 1, score: 1.0 }], vec![]];
        let graph = Adjacency::new(2, |node| &lists[node], f32::NAN);
        assert!(graph.links(0).is_empty() && graph.links(1).is_empty());
    }
}
