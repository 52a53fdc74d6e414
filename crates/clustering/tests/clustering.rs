//! Whole graphs, from vectors to clusters.

use index::{KnnGraph, View};
use omote_clustering::{Clusters, ITERATIONS, chinese_whispers, connected_components};
use proptest::prelude::*;

fn knn(dim: usize, rows: &[f32], k: usize) -> KnnGraph {
    let mut rows = rows.to_vec();
    for row in rows.chunks_exact_mut(dim) {
        let length = row.iter().map(|x| x * x).sum::<f32>().sqrt();
        row.iter_mut().for_each(|x| *x /= length);
    }
    View::f32(dim, &rows).unwrap().knn_graph(k, 1)
}

/// `people` directions in 16 dimensions, far apart, and `photos` vectors near each, those of one person not in a row.
fn crowd(people: usize, photos: usize, noise: f32) -> (Vec<f32>, Vec<usize>) {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut uniform = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    let (mut rows, mut truth) = (Vec::new(), Vec::new());
    for _ in 0..photos {
        for person in 0..people {
            rows.extend((0..16).map(|axis| f32::from(axis == person) + noise * uniform()));
            truth.push(person);
        }
    }
    (rows, truth)
}

#[test]
fn well_separated_people_are_found() {
    let (rows, truth) = crowd(12, 15, 0.3);
    let graph = knn(16, &rows, 20);
    let found = chinese_whispers(&graph, 0.5, ITERATIONS, 0);
    assert_eq!(found, Clusters::from_labels(&truth));
    assert_eq!(found.iter().map(<[usize]>::len).collect::<Vec<_>>(), [15; 12]);
}

#[test]
fn a_few_wrong_links_do_not_join_people() {
    // So much noise that links between strangers tie everybody together.
    let (rows, truth) = crowd(12, 15, 0.7);
    let graph = knn(16, &rows, 12);
    assert_eq!(connected_components(&graph, 0.5).len(), 1);
    assert_eq!(chinese_whispers(&graph, 0.5, ITERATIONS, 0), Clusters::from_labels(&truth));
}

#[test]
fn repeated_photos_end_up_together() {
    // Fifty copies of one face, whose five neighbours are always the same few rows, and two of another.
    let mut rows = [1.0, 0.0].repeat(50);
    rows.extend([0.0, 1.0, 0.0, 1.0]);
    let graph = knn(2, &rows, 5);
    for seed in 0..20 {
        let found = chinese_whispers(&graph, 0.6, ITERATIONS, seed);
        assert_eq!(found.iter().map(<[usize]>::len).collect::<Vec<_>>(), [50, 2]);
    }
}

#[test]
fn no_faces_no_people() {
    let graph = knn(4, &[], 5);
    assert!(chinese_whispers(&graph, 0.5, ITERATIONS, 0).is_empty());
    assert!(connected_components(&graph, 0.5).is_empty());
}

#[test]
fn a_face_that_is_not_a_number_stays_alone() {
    let rows = [1.0, 0.0, f32::NAN, 0.0, 1.0, 0.0];
    let graph = View::f32(2, &rows).unwrap().knn_graph(2, 1);
    assert_eq!(chinese_whispers(&graph, 0.5, ITERATIONS, 0).labels(), [0, 1, 0]);
}

fn vectors() -> impl Strategy<Value = Vec<f32>> {
    prop::collection::vec(prop::array::uniform3(-1.0_f32..1.0), 0..60)
        .prop_map(|rows| rows.into_iter().flat_map(|[x, y, z]| [x, y, z + 1.5]).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whispers_split_components_and_nothing_else(
        rows in vectors(), k in 1_usize..8, threshold in 0.5_f32..1.0, seed: u64,
    ) {
        let graph = knn(3, &rows, k);
        let whole = connected_components(&graph, threshold);
        let found = chinese_whispers(&graph, threshold, ITERATIONS, seed);
        prop_assert_eq!(found.labels().len(), graph.nodes());
        for members in found.iter() {
            let component = whole.labels()[members[0]];
            prop_assert!(members.iter().all(|&item| whole.labels()[item] == component));
        }
        prop_assert_eq!(&found, &chinese_whispers(&graph, threshold, ITERATIONS, seed));
    }

    #[test]
    fn components_are_those_of_the_links(rows in vectors(), k in 1_usize..8, threshold in 0.5_f32..1.0) {
        let graph = knn(3, &rows, k);
        // The oracle: merge labels link by link.
        let mut labels: Vec<usize> = (0..graph.nodes()).collect();
        for node in 0..graph.nodes() {
            for hit in graph.neighbours(node).iter().filter(|hit| hit.score >= threshold) {
                let (old, new) = (labels[hit.row], labels[node]);
                labels.iter_mut().filter(|label| **label == old).for_each(|label| *label = new);
            }
        }
        prop_assert_eq!(connected_components(&graph, threshold), Clusters::from_labels(&labels));
    }

    #[test]
    fn clusters_partition_the_items(labels in prop::collection::vec(0_usize..9, 0..80)) {
        let clusters = Clusters::from_labels(&labels);
        let mut seen: Vec<usize> = clusters.iter().flatten().copied().collect();
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..labels.len()).collect::<Vec<_>>());
        prop_assert!(clusters.iter().is_sorted_by(|x, y| x.len() >= y.len()));
        for (x, &label) in labels.iter().enumerate() {
            for (y, &other) in labels.iter().enumerate() {
                prop_assert_eq!(clusters.labels()[x] == clusters.labels()[y], label == other);
            }
        }
        // Renumbering what is renumbered changes nothing.
        prop_assert_eq!(&Clusters::from_labels(clusters.labels()), &clusters);
    }
}
