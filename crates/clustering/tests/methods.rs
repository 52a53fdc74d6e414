//! Every method against a slow and simple twin that shares no code with it.

use index::{KnnGraph, View};
use omote_clustering::{
    AVERAGE_LINKAGE_LIMIT, Clusters, Error, Grouping, HDBSCAN_LIMIT, Method, Parameters, average_linkage,
    connected_components, dbscan, density_peaks, hdbscan, k_means, rank_order,
};
use proptest::prelude::*;

const DIM: usize = 3;

/// Unit vectors, at most 40, some of them near each other.
fn faces() -> impl Strategy<Value = Vec<f32>> {
    prop::collection::vec(prop::array::uniform3(-1.0_f32..1.0), 0..40).prop_map(|rows| {
        rows.into_iter()
            .flat_map(|[x, y, z]| {
                let row = [x, y, z + 1.2];
                let length = row.iter().map(|x| x * x).sum::<f32>().sqrt();
                row.map(|x| x / length)
            })
            .collect()
    })
}

fn view(values: &[f32]) -> View<'_> {
    View::f32(DIM, values).unwrap()
}

fn cosine(values: &[f32], a: usize, b: usize) -> f64 {
    (0..DIM).map(|axis| f64::from(values[a * DIM + axis]) * f64::from(values[b * DIM + axis])).sum()
}

/// Joins labels link by link.
fn merged(faces: usize, mut linked: impl FnMut(usize, usize) -> bool) -> Vec<usize> {
    let mut labels: Vec<usize> = (0..faces).collect();
    for a in 0..faces {
        for b in 0..a {
            if linked(a, b) {
                let (old, new) = (labels[a], labels[b]);
                labels.iter_mut().filter(|label| **label == old).for_each(|label| *label = new);
            }
        }
    }
    labels
}

/// The cosine of a link, if there is one.
fn link(graph: &KnnGraph, a: usize, b: usize) -> Option<f32> {
    let listed =
        |x: usize, y: usize| graph.neighbours(x).iter().find(|hit| hit.row == y).map(|hit| hit.score);
    listed(a, b).or(listed(b, a))
}

/// Average linkage by looking at all pairs of groups again and again, and at all pairs of faces of each: O(n^5).
/// Groups with two faces that are `apart` are never joined.
fn naive_average_linkage(values: &[f32], threshold: f64, apart: impl Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut groups: Vec<Vec<usize>> = (0..values.len() / DIM).map(|face| vec![face]).collect();
    loop {
        let mut best = (f64::NEG_INFINITY, 0, 0);
        for a in 0..groups.len() {
            for b in 0..a {
                let pairs = groups[a].iter().flat_map(|&x| groups[b].iter().map(move |&y| (x, y)));
                let sum: f64 = pairs
                    .map(|(x, y)| if apart(x, y) { f64::NEG_INFINITY } else { cosine(values, x, y) })
                    .sum();
                let mean = sum / (groups[a].len() * groups[b].len()) as f64;
                if mean > best.0 {
                    best = (mean, a, b);
                }
            }
        }
        if best.0 < threshold {
            break;
        }
        let joined = groups.remove(best.1);
        groups[best.2].extend(joined);
    }
    let mut labels = vec![0; values.len() / DIM];
    for (label, group) in groups.iter().enumerate() {
        group.iter().for_each(|&face| labels[face] = label);
    }
    labels
}

/// The rank-order distance by its definition, with each face in its own list.
fn rank_order_distance(graph: &KnnGraph, a: usize, b: usize) -> f64 {
    let list = |of: usize| -> Vec<usize> {
        std::iter::once(of).chain(graph.neighbours(of).iter().map(|hit| hit.row)).collect()
    };
    let (of_a, of_b) = (list(a), list(b));
    let place = |list: &[usize], face: usize| list.iter().position(|&other| other == face);
    let (Some(b_in_a), Some(a_in_b)) = (place(&of_a, b), place(&of_b, a)) else { return f64::INFINITY };
    let missing = |from: &[usize], until: usize, to: &[usize]| {
        from[1..=until].iter().filter(|face| !to.contains(face)).count()
    };
    (missing(&of_a, b_in_a, &of_b) + missing(&of_b, a_in_b, &of_a)) as f64 / b_in_a.min(a_in_b) as f64
}

/// HDBSCAN by its definition, for few faces: all components at all levels of mutual reachability, and of these
/// the disjoint ones of the largest stability, by trying both ways at every level.
mod naive_hdbscan {
    use super::*;

    pub(super) fn labels(values: &[f32], min_group: usize, min_samples: usize) -> Vec<Option<usize>> {
        let faces = values.len() / DIM;
        let distance = |a, b| (2.0 - 2.0 * cosine(values, a, b)).max(0.0).sqrt();
        let core: Vec<f64> = (0..faces)
            .map(|a| {
                let mut all: Vec<f64> =
                    (0..faces).map(|b| if a == b { 0.0 } else { distance(a, b) }).collect();
                all.sort_by(f64::total_cmp);
                all[min_samples.min(faces) - 1]
            })
            .collect();
        let reach = |a: usize, b: usize| distance(a, b).max(core[a]).max(core[b]);
        let mut labels = vec![None; faces];
        let whole: Vec<usize> = (0..faces).collect();
        if faces >= min_group.max(2) {
            let (_, chosen) = best(&whole, 0.0, min_group, &reach, true);
            for (label, group) in chosen.iter().enumerate() {
                group.iter().for_each(|&face| labels[face] = Some(label));
            }
        }
        labels
    }

    /// The stability of the best choice within a group that was born at density `birth`, and the choice.
    fn best(
        group: &[usize],
        birth: f64,
        min_group: usize,
        reach: &dyn Fn(usize, usize) -> f64,
        root: bool,
    ) -> (f64, Vec<Vec<usize>>) {
        let mut alive = group.to_vec();
        let mut own = 0.0;
        loop {
            // The longest edge that holds the group together goes.
            let mut edges: Vec<f64> = alive
                .iter()
                .flat_map(|&a| alive.iter().map(move |&b| (a, b)))
                .filter(|(a, b)| a < b)
                .map(|(a, b)| reach(a, b))
                .collect();
            edges.sort_by(|x, y| y.total_cmp(x));
            let parts_below = |limit: f64| {
                let labels = merged(alive.len(), |a, b| reach(alive[a], alive[b]) < limit);
                let clusters = Clusters::from_labels(&labels);
                clusters
                    .iter()
                    .map(|part| part.iter().map(|&at| alive[at]).collect())
                    .collect::<Vec<Vec<usize>>>()
            };
            let Some((limit, parts)) =
                edges.iter().map(|&limit| (limit, parts_below(limit))).find(|(_, parts)| parts.len() > 1)
            else {
                return (own, vec![group.to_vec()]);
            };
            let density = 1.0 / limit;
            let big: Vec<&Vec<usize>> = parts.iter().filter(|part| part.len() >= min_group).collect();
            let lost: usize = parts.iter().filter(|part| part.len() < min_group).map(Vec::len).sum();
            own += lost as f64 * (density - birth);
            match big[..] {
                [] => return (own, if root { vec![] } else { vec![group.to_vec()] }),
                [one] => alive = one.clone(),
                _ => {
                    own += big.iter().map(|part| part.len() as f64 * (density - birth)).sum::<f64>();
                    let below: Vec<_> =
                        big.iter().map(|part| best(part, density, min_group, reach, false)).collect();
                    let sum: f64 = below.iter().map(|(stability, _)| stability).sum();
                    if !root && own > sum {
                        return (own, vec![group.to_vec()]);
                    }
                    return (sum, below.into_iter().flat_map(|(_, chosen)| chosen).collect());
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn average_linkage_is_the_naive_one(values in faces(), threshold in 0.0_f32..1.0) {
        let expected = naive_average_linkage(&values, f64::from(threshold), |_, _| false);
        prop_assert_eq!(average_linkage(&view(&values), threshold).unwrap(), Clusters::from_labels(&expected));
    }

    #[test]
    fn dbscan_is_the_naive_one(values in faces(), k in 1_usize..8, threshold in 0.5_f32..1.0, min in 1_usize..6) {
        let graph = view(&values).knn_graph(k, 1);
        let faces = graph.nodes();
        let near = |a: usize, b: usize| link(&graph, a, b).filter(|&score| score >= threshold);
        let core: Vec<bool> =
            (0..faces).map(|a| 1 + (0..faces).filter(|&b| b != a && near(a, b).is_some()).count() >= min).collect();
        let mut labels = merged(faces, |a, b| core[a] && core[b] && near(a, b).is_some());
        let cores = labels.clone();
        for a in (0..faces).filter(|&a| !core[a]) {
            let mut best = None;
            for b in (0..faces).filter(|&b| b != a && core[b]) {
                if near(a, b) > best {
                    best = near(a, b);
                    labels[a] = cores[b];
                }
            }
        }
        prop_assert_eq!(dbscan(&graph, threshold, min), Clusters::from_labels(&labels));
        prop_assert_eq!(dbscan(&graph, threshold, 2), connected_components(&graph, threshold));
    }

    #[test]
    fn rank_order_is_the_naive_one(values in faces(), k in 1_usize..12, threshold in 0.0_f64..3.0) {
        let graph = view(&values).knn_graph(k, 1);
        let labels = merged(graph.nodes(), |a, b| rank_order_distance(&graph, a, b) <= threshold);
        prop_assert_eq!(rank_order(&graph, threshold), Clusters::from_labels(&labels));
    }

    #[test]
    fn density_peaks_are_the_naive_ones(
        values in faces(), k in 1_usize..12, threshold in 0.3_f32..1.0, near in 0.3_f32..1.0,
    ) {
        let graph = view(&values).knn_graph(k, 1);
        let faces = graph.nodes();
        let score = |a: usize, b: usize| if a == b { None } else { link(&graph, a, b) };
        let density: Vec<f64> = (0..faces)
            .map(|a| (0..faces).filter_map(|b| score(a, b)).filter(|&s| s >= near).map(f64::from).sum())
            .collect();
        let mut follows = vec![None; faces];
        for a in 0..faces {
            let mut best = None;
            for b in 0..faces {
                let denser = density[b] > density[a] || density[b] == density[a] && b < a;
                if denser && score(a, b).is_some_and(|s| s >= threshold) && score(a, b) > best {
                    best = score(a, b);
                    follows[a] = Some(b);
                }
            }
        }
        let labels = merged(faces, |a, b| follows[a] == Some(b) || follows[b] == Some(a));
        prop_assert_eq!(density_peaks(&graph, threshold, near), Clusters::from_labels(&labels));
    }

    #[test]
    fn hdbscan_is_the_naive_one(values in faces(), min_group in 2_usize..6, min_samples in 1_usize..3) {
        let alone = values.len();
        let expected: Vec<usize> = naive_hdbscan::labels(&values, min_group, min_samples)
            .into_iter()
            .enumerate()
            .map(|(face, label)| label.unwrap_or(alone + face))
            .collect();
        let found = hdbscan(&view(&values), min_group, min_samples).unwrap();
        prop_assert_eq!(found, Clusters::from_labels(&expected));
    }

    #[test]
    fn k_means_ends_where_nothing_can_be_improved(values in faces(), people in 1_usize..6, seed: u64) {
        prop_assume!(values.len() / DIM >= people);
        let found = k_means(&view(&values), people, seed, 1).unwrap();
        prop_assert!(found.len() <= people);
        prop_assert_eq!(&found, &k_means(&view(&values), people, seed, 3).unwrap());
        let centres: Vec<Vec<f64>> = found.iter().map(|members| {
            let sum: Vec<f64> = (0..DIM)
                .map(|axis| members.iter().map(|&face| f64::from(values[face * DIM + axis])).sum())
                .collect();
            let length = sum.iter().map(|x| x * x).sum::<f64>().sqrt();
            sum.iter().map(|x| x / length).collect()
        }).collect();
        for (face, &label) in found.labels().iter().enumerate() {
            let near = |centre: &Vec<f64>| -> f64 {
                (0..DIM).map(|axis| centre[axis] * f64::from(values[face * DIM + axis])).sum()
            };
            prop_assert!(centres.iter().all(|centre| near(centre) <= near(&centres[label]) + 1e-5));
        }
    }

    #[test]
    fn the_order_of_faces_does_not_matter(
        (values, order) in faces().prop_flat_map(|values| {
            let order: Vec<usize> = (0..values.len() / DIM).collect();
            (Just(values), Just(order).prop_shuffle())
        }),
    ) {
        let shuffled: Vec<f32> =
            order.iter().flat_map(|&face| values[face * DIM..(face + 1) * DIM].to_vec()).collect();
        for method in [Method::ConnectedComponents, Method::DensityPeaks, Method::Dbscan, Method::Hdbscan,
            Method::AverageLinkage, Method::RankOrder]
        {
            let parameters = Parameters { threshold: 0.9, near: Some(0.8), neighbours: 6, ..method.defaults() };
            let straight = method.cluster(&view(&values), &parameters, 1).unwrap();
            let found = method.cluster(&view(&shuffled), &parameters, 2).unwrap();
            let moved: Vec<usize> = order.iter().map(|&face| straight.labels()[face]).collect();
            prop_assert_eq!(found, Clusters::from_labels(&moved), "{}", method);
        }
    }
}

/// Faces with the numbers of their photos.
fn photographed() -> impl Strategy<Value = (Vec<f32>, Vec<usize>)> {
    faces().prop_flat_map(|values| {
        let photos = prop::collection::vec(0_usize..12, values.len() / DIM);
        (Just(values), photos)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn faces_of_one_photo_are_never_together((values, photos) in photographed(), threshold in -0.5_f32..1.0) {
        for method in Method::ALL.into_iter().filter(|method| method.keeps_apart()) {
            let parameters = Parameters { threshold, neighbours: 10, ..method.defaults() };
            let mut grouping = Grouping::new(view(&values), 1).same_photo_apart(&photos).unwrap();
            let found = grouping.cluster(method, &parameters).unwrap();
            for members in found.iter() {
                let mut shown: Vec<usize> = members.iter().map(|&face| photos[face]).collect();
                shown.sort_unstable();
                shown.dedup();
                prop_assert_eq!(shown.len(), members.len(), "{}", method);
            }
            // Where every photo shows one face, nothing changes.
            let alone: Vec<usize> = (0..photos.len()).collect();
            let mut free = Grouping::new(view(&values), 1);
            let unbound = free.cluster(method, &parameters).unwrap();
            let mut grouping = free.same_photo_apart(&alone).unwrap();
            prop_assert_eq!(grouping.cluster(method, &parameters).unwrap(), unbound);
        }
    }

    #[test]
    fn average_linkage_apart_is_the_naive_one((values, photos) in photographed(), threshold in 0.0_f32..1.0) {
        let parameters = Parameters { threshold, ..Method::AverageLinkage.defaults() };
        let mut grouping = Grouping::new(view(&values), 1).same_photo_apart(&photos).unwrap();
        let found = grouping.cluster(Method::AverageLinkage, &parameters).unwrap();
        let expected = naive_average_linkage(&values, f64::from(threshold), |a, b| photos[a] == photos[b]);
        prop_assert_eq!(found, Clusters::from_labels(&expected));
    }

    #[test]
    fn what_is_kept_changes_nothing(values in faces(), thresholds in prop::array::uniform3(0.3_f32..1.0)) {
        for method in Method::ALL {
            let mut grouping = Grouping::new(view(&values), 1);
            for (threshold, neighbours) in thresholds.into_iter().zip([8, 3, 8]) {
                let parameters = Parameters { threshold, neighbours, people: Some(1), ..method.defaults() };
                let once = method.cluster(&view(&values), &parameters, 1);
                prop_assert_eq!(grouping.cluster(method, &parameters), once, "{}", method);
            }
        }
    }
}

#[test]
fn only_some_methods_keep_faces_apart() {
    let values = [1.0, 0.0, 0.0].repeat(3);
    assert!(matches!(
        Grouping::new(view(&values), 1).same_photo_apart(&[0, 0]),
        Err(Error::Length { got: 2, faces: 3, .. })
    ));
    for method in Method::ALL {
        let parameters = Parameters { people: Some(1), ..method.defaults() };
        let mut grouping = Grouping::new(view(&values), 1).same_photo_apart(&[4, 7, 4]).unwrap();
        match grouping.cluster(method, &parameters) {
            Ok(found) => assert_eq!(found.len(), 2, "{method}"),
            Err(error) => assert_eq!(error, Error::NotApart { method: method.name() }),
        }
        assert_eq!(grouping.cluster(method, &parameters).is_ok(), method.keeps_apart(), "{method}");
    }
}

#[test]
fn dbscan_needs_lists_as_long_as_its_samples() {
    let values = [1.0, 0.0, 0.0].repeat(3);
    let parameters = Parameters { min_samples: 4, neighbours: 2, ..Method::Dbscan.defaults() };
    let error = Method::Dbscan.cluster(&view(&values), &parameters, 1).unwrap_err();
    assert!(error.to_string().contains("samples is 4, and must be at most 3"), "{error}");
}

#[test]
fn average_linkage_does_not_chain() {
    // A fan of directions, each near the next: single linkage joins all, average linkage does not.
    let fan: Vec<f32> = (0..10)
        .flat_map(|step| {
            let angle = 0.3 * step as f32;
            [angle.cos(), angle.sin(), 0.0]
        })
        .collect();
    assert_eq!(connected_components(&view(&fan).knn_graph(3, 1), 0.9).len(), 1);
    assert!(average_linkage(&view(&fan), 0.9).unwrap().len() > 3);
}

#[test]
fn memory_is_bounded() {
    let many = |faces: usize| [1.0, 0.0, 0.0].repeat(faces);
    let values = many(AVERAGE_LINKAGE_LIMIT + 1);
    assert!(matches!(average_linkage(&view(&values), 0.5), Err(Error::TooManyFaces { .. })));
    let values = many(HDBSCAN_LIMIT + 1);
    let error = hdbscan(&view(&values), 3, 2).unwrap_err();
    assert!(error.to_string().contains("at most 10000 faces, not 10001"), "{error}");
    assert!(matches!(hdbscan(&view(&[]), 1, 2), Err(Error::Parameter { .. })));
    assert!(matches!(hdbscan(&view(&[]), 2, 0), Err(Error::Parameter { .. })));
}

#[test]
fn copies_are_one_person_for_hdbscan_too() {
    let mut values = [1.0, 0.0, 0.0].repeat(20);
    values.extend([0.0, 1.0, 0.0].repeat(12));
    values.extend([0.0, 0.0, 1.0]);
    let sizes: Vec<usize> = hdbscan(&view(&values), 3, 2).unwrap().iter().map(<[usize]>::len).collect();
    assert_eq!(sizes, [20, 12, 1]);
}
