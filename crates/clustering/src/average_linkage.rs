//! Hierarchical clustering by average linkage, for collections whose pairs all fit into memory.

use index::View;

use crate::rows::Rows;
use crate::{Clusters, Error};

/// The most faces that [`average_linkage`] groups: their distances take 800 MB.
pub const AVERAGE_LINKAGE_LIMIT: usize = 20_000;

/// Groups faces by agglomeration with average linkage (UPGMA; spec recognition/09, section 2).
///
/// Every face starts alone. The two groups with the largest mean cosine over all pairs of a face of one and a face of
/// the other are joined, again and again, as long as that mean is at least `threshold`. Unlike in single linkage, a
/// chance match of two faces joins nobody. NaN joins nothing.
///
/// The result does not depend on the order of the faces, except where two means are exactly equal. O(faces^2) time
/// (times the dimension, for the cosines) and 2 faces^2 bytes, by crate kodama's nearest-neighbour chains
/// (Müllner 2011).
///
/// # Errors
/// [`Error::Vector`]; [`Error::TooManyFaces`] beyond [`AVERAGE_LINKAGE_LIMIT`].
pub fn average_linkage(faces: &View<'_>, threshold: f32) -> Result<Clusters, Error> {
    if faces.rows() > AVERAGE_LINKAGE_LIMIT {
        return Err(Error::TooManyFaces {
            method: "average linkage",
            faces: faces.rows(),
            limit: AVERAGE_LINKAGE_LIMIT,
        });
    }
    let rows = Rows::read(faces)?;
    let mut labels: Vec<usize> = (0..rows.len()).collect();
    if rows.len() < 2 {
        return Ok(Clusters::from_labels(&labels));
    }
    let mut distances = Vec::with_capacity(rows.len() * (rows.len() - 1) / 2);
    for a in 0..rows.len() - 1 {
        distances.extend((a + 1..rows.len()).map(|b| 1.0 - rows.cosine(a, b)));
    }
    let tree = kodama::linkage(&mut distances, rows.len(), kodama::Method::Average);
    // Step s makes group `faces + s` of two earlier ones. Means never fall from one step to the next.
    let joined = tree.steps().iter().take_while(|step| 1.0 - step.dissimilarity >= threshold);
    let mut parents: Vec<usize> = (0..rows.len() + tree.len()).collect();
    for (step, joined) in joined.enumerate() {
        parents[joined.cluster1] = rows.len() + step;
        parents[joined.cluster2] = rows.len() + step;
    }
    // A parent has a larger number than its children: from the last to the first, parents know their root.
    for group in (0..parents.len()).rev() {
        parents[group] = parents[parents[group]];
    }
    labels.copy_from_slice(&parents[..rows.len()]);
    Ok(Clusters::from_labels(&labels))
}
