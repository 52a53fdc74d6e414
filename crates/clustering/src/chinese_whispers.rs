//! Chinese whispers: labels spread along the links until neighbours agree.

use crate::Clusters;
use crate::adjacency::Adjacency;
use crate::apart::Apart;
use crate::shuffle::SplitMix64;

/// Rounds that are enough in practice; the method stops by itself when nothing changes.
pub const ITERATIONS: usize = 20;

/// Groups faces by Chinese whispers (Biemann 2006; spec recognition/09, section 2).
///
/// Two faces are linked if either is among the nearest of the other and their cosine is at least `threshold`; the
/// cosine is the weight of the link. Each face starts with a label of its own. In each of at most `iterations` rounds all
/// faces are visited in an order drawn from `seed`, and each takes the label with the largest sum of weights among its
/// neighbours, at once; of equal sums the smallest label. A face without links stays alone. Rounds end early when one
/// changes nothing, since then no order can.
///
/// Useful thresholds lie where one person's photos mostly exceed them and strangers' rarely do, which depends on the
/// model; with a negative threshold links of negative weight would push faces apart. NaN links nothing. Repeated photos
/// are ordinary faces with links of weight 1, but fill each other's lists of neighbours: take `k` larger than the
/// number of repeats.
///
/// O(links) a round. Weights are added as f64 in the order of the faces, so the result is the same on every
/// machine.
pub fn chinese_whispers(graph: &index::KnnGraph, threshold: f32, iterations: usize, seed: u64) -> Clusters {
    whispers_apart(graph, threshold, iterations, seed, &Apart::default())
}

/// The same, with faces that are never given the same label: no face takes one that is held by a face it is apart from.
/// They start with different labels, so no group ever holds two of them.
pub(crate) fn whispers_apart(
    graph: &index::KnnGraph,
    threshold: f32,
    iterations: usize,
    seed: u64,
    apart: &Apart,
) -> Clusters {
    Clusters::from_labels(&whisper(&Adjacency::of(graph, threshold), iterations, seed, apart))
}

fn whisper(graph: &Adjacency, iterations: usize, seed: u64, apart: &Apart) -> Vec<usize> {
    let mut labels: Vec<usize> = (0..graph.nodes()).collect();
    let mut order = labels.clone();
    let mut random = SplitMix64::new(seed);
    // Sums by label for the node at hand; only the entries of labels in `heard` are not 0.
    let mut sums = vec![0.0_f64; graph.nodes()];
    let mut heard = Vec::new();
    // Labels of the faces that the node at hand is apart from.
    let mut taken = Vec::new();
    for _ in 0..iterations {
        random.shuffle(&mut order);
        let mut changed = false;
        for &node in &order {
            for link in graph.links(node) {
                let label = labels[link.row];
                heard.push(label);
                sums[label] += f64::from(link.score);
            }
            taken.clear();
            taken.extend(apart.others(node).map(|other| labels[other]));
            let free = heard.iter().copied().filter(|label| !taken.contains(label));
            let strongest = free.max_by(|&x, &y| sums[x].total_cmp(&sums[y]).then_with(|| y.cmp(&x)));
            for label in heard.drain(..) {
                sums[label] = 0.0;
            }
            if let Some(label) = strongest
                && label != labels[node]
            {
                labels[node] = label;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use index::Hit;

    use super::*;

    fn graph(nodes: usize, links: &[(usize, usize, f32)]) -> Adjacency {
        let mut lists = vec![Vec::new(); nodes];
        for &(a, b, score) in links {
            lists[a].push(Hit { row: b, score });
        }
        Adjacency::new(nodes, |node| &lists[node], 0.5)
    }

    /// All links within `first..end`.
    fn clique(first: usize, end: usize, score: f32) -> impl Iterator<Item = (usize, usize, f32)> {
        (first..end).flat_map(move |a| (a + 1..end).map(move |b| (a, b, score)))
    }

    #[test]
    fn bridged_cliques_stay_apart() {
        let mut links: Vec<_> = clique(0, 5, 0.8).chain(clique(5, 9, 0.8)).collect();
        links.push((4, 5, 0.6));
        let graph = graph(10, &links);
        for seed in 0..50 {
            let clusters = Clusters::from_labels(&whisper(&graph, ITERATIONS, seed, &Apart::default()));
            assert_eq!(clusters.labels(), [0, 0, 0, 0, 0, 1, 1, 1, 1, 2], "seed {seed}");
        }
    }

    #[test]
    fn the_sum_decides() {
        // Node 2 stands between the pairs {0, 1} and {3, 4}, which hold together.
        let pairs = [(0, 1, 1.0), (3, 4, 1.0)];
        let cases = [
            ("not the strongest link", vec![(0, 2, 0.5), (1, 2, 0.5), (2, 3, 0.9)], [0, 0, 0, 1, 1]),
            (
                "not the number of links",
                vec![(0, 2, 0.5), (1, 2, 0.5), (2, 3, 0.6), (2, 4, 0.6)],
                [1, 1, 0, 0, 0],
            ),
        ];
        for (what, links, expected) in cases {
            let graph = graph(5, &[&pairs[..], &links].concat());
            for seed in 0..50 {
                let clusters = Clusters::from_labels(&whisper(&graph, ITERATIONS, seed, &Apart::default()));
                assert_eq!(clusters.labels(), expected, "{what}, seed {seed}");
            }
        }
    }

    #[test]
    fn equal_sums_go_to_the_smaller_label() {
        // A path 0 - 1 - 2 with equal weights: the middle hears both ends equally and takes 0 if it speaks first.
        let graph = graph(3, &[(0, 1, 0.7), (1, 2, 0.7)]);
        let first_is_middle = |seed| {
            let mut order = [0, 1, 2];
            SplitMix64::new(seed).shuffle(&mut order);
            order[0] == 1
        };
        let seed = (0..100).find(|&seed| first_is_middle(seed)).unwrap();
        assert_eq!(whisper(&graph, 1, seed, &Apart::default()), [0, 0, 0]);
    }

    #[test]
    fn no_round_leaves_everybody_alone() {
        assert_eq!(whisper(&graph(3, &[(0, 1, 0.7), (1, 2, 0.7)]), 0, 0, &Apart::default()), [0, 1, 2]);
        assert!(whisper(&graph(0, &[]), ITERATIONS, 0, &Apart::default()).is_empty());
    }

    #[test]
    fn one_seed_one_answer() {
        // A ring, where the order of visits decides. Worked out by a separate program.
        let ring: Vec<_> = (0..12).map(|node| (node, (node + 1) % 12, 0.6)).collect();
        let ring = graph(12, &ring);
        let recorded = [0, 0, 1, 1, 1, 4, 5, 6, 7, 0, 0, 0];
        assert_eq!(whisper(&ring, 1, 7, &Apart::default()), recorded);
        assert_ne!(whisper(&ring, 1, 8, &Apart::default()), recorded);
    }
}
