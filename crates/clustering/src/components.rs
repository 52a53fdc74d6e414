//! Connected components: single linkage at one threshold, or DBSCAN that needs one neighbour.

use crate::Clusters;
use crate::adjacency::Adjacency;

/// Groups everything that is linked, directly or through others, by neighbours with a score of at least `threshold`.
///
/// Components of a nearest-neighbour graph chain: a single wrong link joins two people. O(nodes + links).
pub fn connected_components(graph: &index::KnnGraph, threshold: f32) -> Clusters {
    Clusters::from_labels(&components(&Adjacency::of(graph, threshold)))
}

/// The smallest node of each node's component.
fn components(graph: &Adjacency) -> Vec<usize> {
    const UNSEEN: usize = usize::MAX;
    let mut labels = vec![UNSEEN; graph.nodes()];
    let mut open = Vec::new();
    for first in 0..graph.nodes() {
        if labels[first] != UNSEEN {
            continue;
        }
        labels[first] = first;
        open.push(first);
        while let Some(node) = open.pop() {
            for link in graph.links(node) {
                if labels[link.row] == UNSEEN {
                    labels[link.row] = first;
                    open.push(link.row);
                }
            }
        }
    }
    labels
}

/// The smallest node of each node's component, where links are given one by one. Union by smaller number with path
/// halving: O(links x log nodes).
pub(crate) fn joined(nodes: usize, links: impl Iterator<Item = (usize, usize)>) -> Vec<usize> {
    let mut parents: Vec<usize> = (0..nodes).collect();
    let root = |parents: &mut [usize], mut node: usize| {
        while parents[node] != node {
            parents[node] = parents[parents[node]];
            node = parents[node];
        }
        node
    };
    for (a, b) in links {
        let (a, b) = (root(&mut parents, a), root(&mut parents, b));
        parents[a.max(b)] = a.min(b);
    }
    (0..nodes).map(|node| root(&mut parents, node)).collect()
}

#[cfg(test)]
mod tests {
    use index::Hit;

    use super::*;

    #[test]
    fn chains_are_followed_to_the_end() {
        // 0 -> 1 -> 2 -> ... -> 9,999 and one node alone: deep enough to overflow a recursive search.
        let lists: Vec<Vec<Hit>> =
            (1..10_000).map(|next| vec![Hit { row: next, score: 0.5 }]).chain([vec![], vec![]]).collect();
        let labels = components(&Adjacency::new(lists.len(), |node| &lists[node], 0.5));
        assert!(labels[..10_000].iter().all(|&label| label == 0));
        assert_eq!(labels[10_000], 10_000);
        let backwards = (1..10_000).rev().map(|node| (node, node - 1));
        assert_eq!(joined(10_001, backwards), labels);
    }
}
