//! Density peaks without learning: every face follows its nearest neighbour in a denser place.

use index::Hit;

use crate::Clusters;
use crate::adjacency::Adjacency;
use crate::components::joined;

/// Groups faces by density (spec recognition/09, section 3, last item, after Rodriguez and Laio 2014 and the
/// vertex confidence of GCN-V, arXiv:2004.00445, without its network).
///
/// The density of a face is the sum of its cosines over linked faces (either is among the nearest of the other) with a
/// cosine of at least `near`. Each face points to the face with the largest cosine among those linked faces that are
/// denser (of equal cosines to the first), if that cosine is at least `threshold`; of equally dense faces the first
/// is taken for the denser. The trees that arise are the groups: a face joins at most one denser face, so that one
/// wrong link joins two people only if it leaves from a peak of one of them.
///
/// O(faces + links). NaN for either number links nothing.
pub fn density_peaks(graph: &index::KnnGraph, threshold: f32, near: f32) -> Clusters {
    // Both conditions look at links of at least the smaller cosine; NaN as a threshold admits none.
    let links = Adjacency::of(graph, if threshold.is_nan() { threshold } else { near.min(threshold) });
    Clusters::from_labels(&peaks(&links, threshold, near))
}

fn peaks(graph: &Adjacency, threshold: f32, near: f32) -> Vec<usize> {
    let density = |node: usize| -> f64 {
        graph.links(node).iter().map(|link| link.score).filter(|&score| score >= near).map(f64::from).sum()
    };
    let densities: Vec<f64> = (0..graph.nodes()).map(density).collect();
    let denser = |a: usize, b: usize| densities[a].total_cmp(&densities[b]).then(b.cmp(&a)).is_gt();
    let followed = |node: usize| {
        let up = graph.links(node).iter().filter(|link| link.score >= threshold && denser(link.row, node));
        up.max_by(|x: &&Hit, y| x.score.total_cmp(&y.score).then(y.row.cmp(&x.row)))
    };
    let links = (0..graph.nodes()).filter_map(|node| Some((node, followed(node)?.row)));
    joined(graph.nodes(), links)
}
