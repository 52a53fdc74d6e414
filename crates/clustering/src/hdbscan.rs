//! HDBSCAN: density clustering without a threshold.

use ::hdbscan::{DistanceMetric, Hdbscan, HdbscanHyperParams};
use index::View;

use crate::rows::Rows;
use crate::{Clusters, Error};

/// The most faces that [`hdbscan()`] groups: their distances take 400 MB.
pub const HDBSCAN_LIMIT: usize = 10_000;

/// Distances below this are taken for this: the density of repeated photos would be infinite, and two infinite
/// densities cannot be compared.
const FLOOR: f32 = 1e-4;

/// Groups faces by HDBSCAN (Campello, Moulavi and Sander 2013), by the crate of that name.
///
/// The distance of two faces is that of their unit vectors, `sqrt(2 - 2 cos)`. The core distance of a face reaches
/// `min_samples` faces, itself among them; groups of at least `min_group` faces are chosen by excess of mass. All faces
/// are never one group. Noise stays alone. From three samples on, many distances are equal, since they are the core
/// distance of one face; then the order of the faces can decide which of equal distances splits a group first.
///
/// O(faces^2) time and 4 faces^2 bytes.
///
/// # Errors
/// [`Error::Vector`]; [`Error::TooManyFaces`] beyond [`HDBSCAN_LIMIT`]; [`Error::Parameter`] if `min_group` is less
/// than 2 or `min_samples` 0.
pub fn hdbscan(faces: &View<'_>, min_group: usize, min_samples: usize) -> Result<Clusters, Error> {
    let at_least = |name, value: usize, least: usize| {
        if value < least {
            let range = format!("at least {least}");
            return Err(Error::Parameter { name, value: value.to_string(), range });
        }
        Ok(())
    };
    at_least("the size of the smallest group", min_group, 2)?;
    at_least("the number of samples", min_samples, 1)?;
    if faces.rows() > HDBSCAN_LIMIT {
        return Err(Error::TooManyFaces { method: "HDBSCAN", faces: faces.rows(), limit: HDBSCAN_LIMIT });
    }
    let rows = Rows::read(faces)?;
    let alone: Vec<usize> = (0..rows.len()).collect();
    // The crate expects two faces at least, and as many as it must find around each.
    if rows.len() < min_group.max(2) {
        return Ok(Clusters::from_labels(&alone));
    }
    let parameters = HdbscanHyperParams::builder()
        .min_cluster_size(min_group)
        .min_samples(min_samples.min(rows.len()))
        .dist_metric(DistanceMetric::Precalculated)
        .build();
    let distances = distances(&rows);
    let found = Hdbscan::new(&distances, parameters).cluster().map_err(|_| Error::Vector {
        face: 0,
        problem: "and the others have distances that cannot be used",
    })?;
    let labels: Vec<usize> = found
        .into_iter()
        .zip(alone)
        .map(|(label, face)| usize::try_from(label).map_or(face, |label| rows.len() + label))
        .collect();
    Ok(Clusters::from_labels(&labels))
}

fn distances(rows: &Rows) -> Vec<Vec<f32>> {
    let faces = 0..rows.len();
    // The cosine of two faces is the same both ways, bit for bit, so the matrix is symmetric.
    let distance = |a, b| match a == b {
        true => 0.0,
        false => (2.0 - 2.0 * rows.cosine(a, b)).max(0.0).sqrt().max(FLOOR),
    };
    faces.clone().map(|a| faces.clone().map(|b| distance(a, b)).collect()).collect()
}
