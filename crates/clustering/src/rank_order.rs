//! Approximate rank-order clustering: faces are alike if they have the same neighbours.

use std::collections::HashMap;

use index::KnnGraph;

use crate::Clusters;
use crate::components::joined;

/// Groups faces by approximate rank order (Otto, Wang and Jain, arXiv:1604.00989; spec recognition/09, section 2).
///
/// With `L(a)` the list of the `k` nearest neighbours of `a`, best first, and `O_a(b)` the place of `b` in it, from 1:
/// `d(a, b)` is the number of faces at places 1..=`O_a(b)` of `L(a)` that are not in `L(b)`, and
///
/// ```text
/// D(a, b) = (d(a, b) + d(b, a)) / min(O_a(b), O_b(a))
/// ```
///
/// if each is in the other's list, else infinite. Everything that is linked by `D <= threshold`, directly or through
/// others, is one group. Faces are taken to be in their own lists, before the first place, so that `b` itself never
/// counts in `d(a, b)` and two faces that are each other's nearest have `D = 0`.
///
/// It uses no cosine, only order: lists must be much longer than people have photos or all of one person, and even
/// a stranger has a nearest neighbour. Precision is high and recall low at small thresholds. O(faces x k^2).
pub fn rank_order(graph: &KnnGraph, threshold: f64) -> Clusters {
    let nodes = graph.nodes();
    let places: Vec<HashMap<usize, usize>> = graph
        .iter()
        .enumerate()
        .map(|(node, list)| {
            let places = list.iter().enumerate().map(|(place, hit)| (hit.row, place + 1));
            places.chain([(node, 0)]).collect()
        })
        .collect();
    let missing = |a: usize, until: usize, b: usize| {
        graph.neighbours(a)[..until].iter().filter(|hit| !places[b].contains_key(&hit.row)).count()
    };
    let links = (0..nodes).flat_map(|a| graph.neighbours(a).iter().map(move |hit| (a, hit.row)));
    let links = links.filter(|&(a, b)| {
        // Each pair is looked at once, from its smaller end; the other end must have it too.
        let (true, Some(&of_b), Some(&of_a)) = (a < b, places[a].get(&b), places[b].get(&a)) else {
            return false;
        };
        let distance = (missing(a, of_b, b) + missing(b, of_a, a)) as f64 / of_b.min(of_a) as f64;
        distance <= threshold
    });
    Clusters::from_labels(&joined(nodes, links))
}
