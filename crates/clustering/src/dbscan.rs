//! DBSCAN: groups grow from faces that have enough neighbours.

use crate::Clusters;
use crate::adjacency::Adjacency;

/// Groups faces by DBSCAN on the graph of nearest neighbours (Ester et al. 1996; spec recognition/09, section 2).
///
/// Two faces are linked as everywhere in this crate: if either is among the nearest of the other and their cosine is at
/// least `threshold`, which is `1 - eps`. A face with at least `min_samples` faces around it, itself among them, is
/// a core; linked cores are of one group. Another face joins the core to which it has the strongest link (of equally
/// strong ones the first), where the original takes whichever comes first. A face without a core is noise, and stays
/// alone.
///
/// With `min_samples` of 2 or less it is [`crate::connected_components`]. The graph must list at least
/// `min_samples - 1` neighbours of a face. O(faces + links).
pub fn dbscan(graph: &index::KnnGraph, threshold: f32, min_samples: usize) -> Clusters {
    Clusters::from_labels(&grow(&Adjacency::of(graph, threshold), min_samples))
}

fn grow(graph: &Adjacency, min_samples: usize) -> Vec<usize> {
    const UNSEEN: usize = usize::MAX;
    let core = |node: usize| graph.links(node).len() + 1 >= min_samples;
    let mut labels = vec![UNSEEN; graph.nodes()];
    let mut open = Vec::new();
    for first in 0..graph.nodes() {
        if labels[first] != UNSEEN || !core(first) {
            continue;
        }
        labels[first] = first;
        open.push(first);
        while let Some(node) = open.pop() {
            for link in graph.links(node) {
                if labels[link.row] == UNSEEN && core(link.row) {
                    labels[link.row] = first;
                    open.push(link.row);
                }
            }
        }
    }
    let joined: Vec<usize> = (0..graph.nodes())
        .map(|node| {
            let cores = graph.links(node).iter().filter(|link| core(link.row));
            let strongest = cores.max_by(|x, y| x.score.total_cmp(&y.score).then(y.row.cmp(&x.row)));
            match strongest {
                _ if core(node) => labels[node],
                Some(link) => labels[link.row],
                // No core is labelled with a node that is none.
                None => node,
            }
        })
        .collect();
    joined
}

#[cfg(test)]
mod tests {
    use index::Hit;

    use super::*;

    fn labels(nodes: usize, links: &[(usize, usize, f32)], min_samples: usize) -> Vec<usize> {
        let mut lists = vec![Vec::new(); nodes];
        for &(a, b, score) in links {
            lists[a].push(Hit { row: b, score });
        }
        let graph = Adjacency::new(nodes, |node| &lists[node], 0.5);
        Clusters::from_labels(&grow(&graph, min_samples)).labels().to_vec()
    }

    #[test]
    fn borders_join_but_do_not_bridge() {
        // Triangles 0 1 2 and 4 5 6 with 3 between them, which has two neighbours and itself.
        let links = [
            (0, 1, 0.9),
            (0, 2, 0.9),
            (1, 2, 0.9),
            (2, 3, 0.6),
            (3, 4, 0.7),
            (4, 5, 0.9),
            (4, 6, 0.9),
            (5, 6, 0.9),
        ];
        assert_eq!(labels(8, &links, 4), [1, 1, 1, 0, 0, 0, 0, 2]);
        assert_eq!(labels(8, &links, 3), [0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(labels(8, &links, 9), [0, 1, 2, 3, 4, 5, 6, 7]);
    }
}
