//! Hierarchical clustering by average linkage, for collections whose pairs all fit into memory.

use index::View;
use kodama::Step;

use crate::apart::Apart;
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
    Ok(Dendrogram::new(faces, &Apart::default())?.cut(threshold))
}

/// Who is joined with whom, from all faces alone to one group of all.
pub(crate) struct Dendrogram {
    faces: usize,
    /// Step `s` makes group `faces + s` of two earlier ones. Mean distances never fall from one step to the next.
    steps: Vec<Step<f32>>,
}

impl Dendrogram {
    /// Joins all faces. Two that are apart have an infinite distance, which makes that of their groups infinite.
    pub(crate) fn new(faces: &View<'_>, apart: &Apart) -> Result<Self, Error> {
        let count = faces.rows();
        if count > AVERAGE_LINKAGE_LIMIT {
            return Err(Error::TooManyFaces {
                method: "average linkage",
                faces: count,
                limit: AVERAGE_LINKAGE_LIMIT,
            });
        }
        let rows = Rows::read(faces)?;
        if count < 2 {
            return Ok(Self { faces: count, steps: Vec::new() });
        }
        let mut distances = Vec::with_capacity(count * (count - 1) / 2);
        for a in 0..count - 1 {
            let first = distances.len();
            distances.extend((a + 1..count).map(|b| 1.0 - rows.cosine(a, b)));
            for b in apart.others(a).filter(|&b| b > a) {
                distances[first + b - a - 1] = f32::INFINITY;
            }
        }
        let tree = kodama::linkage(&mut distances, count, kodama::Method::Average);
        Ok(Self { faces: count, steps: tree.steps().to_vec() })
    }

    /// The groups whose mean cosine is at least `threshold`.
    pub(crate) fn cut(&self, threshold: f32) -> Clusters {
        let joined = self.steps.iter().take_while(|step| 1.0 - step.dissimilarity >= threshold);
        let mut parents: Vec<usize> = (0..self.faces + self.steps.len()).collect();
        for (step, joined) in joined.enumerate() {
            parents[joined.cluster1] = self.faces + step;
            parents[joined.cluster2] = self.faces + step;
        }
        // A parent has a larger number than its children: from the last to the first, parents know their root.
        for group in (0..parents.len()).rev() {
            parents[group] = parents[parents[group]];
        }
        Clusters::from_labels(&parents[..self.faces])
    }
}
