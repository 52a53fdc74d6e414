//! k-means on the sphere, for those who know how many people there are.

use index::{SearchOptions, View};

use crate::rows::{Rows, dot};
use crate::shuffle::SplitMix64;
use crate::{Clusters, Error};

/// Rounds after which the groups are taken as they are; a few dozen are enough in practice.
const ROUNDS: usize = 100;

/// Groups faces around `people` centres by spherical k-means (Dhillon and Modha 2001; spec recognition/09, section 2).
///
/// Each face goes to the centre with the largest cosine (of equal ones the first), and each centre to the mean
/// direction of its faces, until nothing changes. The first centres are drawn from `seed` by k-means++ (Arthur and
/// Vassilvitskii 2007): each next one is a face, the more probably the larger its `1 - cos` to the nearest centre,
/// which for unit vectors is half the squared distance. A centre that loses all its faces takes the face that is
/// farthest from its own centre. Where faces are repeated, fewer than `people` groups may remain.
///
/// O(faces x people x dimension) a round, on at most `threads` threads. It must be told the number of people, and
/// makes groups of like sizes: a baseline.
///
/// # Errors
/// [`Error::Vector`]; [`Error::Parameter`] if `people` is not in `1..=faces`, unless there are no faces at all.
pub fn k_means(faces: &View<'_>, people: usize, seed: u64, threads: usize) -> Result<Clusters, Error> {
    let rows = Rows::read(faces)?;
    if rows.len() == 0 {
        return Ok(Clusters::from_labels(&[]));
    }
    if !(1..=rows.len()).contains(&people) {
        return Err(Error::Parameter {
            name: "the number of people",
            value: people.to_string(),
            range: format!("in 1..={}, the number of faces", rows.len()),
        });
    }
    let mut centres = first_centres(&rows, people, seed);
    let mut labels = vec![usize::MAX; rows.len()];
    for _ in 0..ROUNDS {
        let nearest = nearest_centres(&rows, &centres, threads);
        let new: Vec<usize> = nearest.iter().map(|hit| hit.0).collect();
        if new == labels {
            break;
        }
        labels = new;
        move_centres(&rows, &labels, &nearest, &mut centres);
    }
    Ok(Clusters::from_labels(&labels))
}

/// k-means++.
fn first_centres(rows: &Rows, people: usize, seed: u64) -> Vec<f32> {
    let mut random = SplitMix64::new(seed);
    let mut chosen = random.below(rows.len());
    let mut centres = Vec::with_capacity(people * rows.dim());
    let mut distances = vec![f64::INFINITY; rows.len()];
    loop {
        centres.extend_from_slice(rows.row(chosen));
        if centres.len() == people * rows.dim() {
            return centres;
        }
        for (face, distance) in distances.iter_mut().enumerate() {
            // Rounding may leave a face a little nearer than its own copy.
            *distance = distance.min(f64::from(1.0 - rows.cosine(face, chosen)).max(0.0));
        }
        let mut left = random.unit() * distances.iter().sum::<f64>();
        // Where all faces are copies of centres, any will do.
        chosen = distances.iter().rposition(|&distance| distance > 0.0).unwrap_or(0);
        for (face, &distance) in distances.iter().enumerate() {
            if left < distance {
                chosen = face;
                break;
            }
            left -= distance;
        }
    }
}

/// The best centre of each face and its cosine.
fn nearest_centres(rows: &Rows, centres: &[f32], threads: usize) -> Vec<(usize, f32)> {
    let options = SearchOptions { threads, mask: None };
    let found = View::f32(rows.dim(), centres)
        .and_then(|centres| centres.search(rows.values(), 1, &options))
        .unwrap_or_default();
    // The rows are finite and the centres are their means, so every face has a nearest centre.
    found.into_iter().map(|hits| hits.first().map_or((0, -1.0), |hit| (hit.row, hit.score))).collect()
}

/// Moves each centre to the mean direction of its faces.
fn move_centres(rows: &Rows, labels: &[usize], nearest: &[(usize, f32)], centres: &mut [f32]) {
    let dim = rows.dim();
    let mut sizes = vec![0_usize; centres.len() / dim];
    let mut sums = vec![0.0_f64; centres.len()];
    for (face, &label) in labels.iter().enumerate() {
        sizes[label] += 1;
        let sum = &mut sums[label * dim..(label + 1) * dim];
        sum.iter_mut().zip(rows.row(face)).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    let mut far: Vec<usize> = (0..rows.len()).collect();
    far.sort_unstable_by(|&a, &b| nearest[b].1.total_cmp(&nearest[a].1).then(b.cmp(&a)));
    for (label, &size) in sizes.iter().enumerate() {
        let centre = &mut centres[label * dim..(label + 1) * dim];
        let sum = &sums[label * dim..(label + 1) * dim];
        let length = sum.iter().map(|value| value * value).sum::<f64>().sqrt();
        if size == 0 {
            if let Some(face) = far.pop() {
                centre.copy_from_slice(rows.row(face));
            }
        } else if length > 1e-9 {
            centre.iter_mut().zip(sum).for_each(|(centre, value)| *centre = (value / length) as f32);
        }
        // Faces that cancel out have no mean direction: the centre stays.
    }
    debug_assert!(centres.chunks_exact(dim).all(|centre| (dot(centre, centre) - 1.0).abs() < 1e-2));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(dim: usize, values: &[f32], people: usize, seed: u64) -> Result<Clusters, Error> {
        k_means(&View::f32(dim, values).unwrap(), people, seed, 1)
    }

    #[test]
    fn two_directions_are_two_people() {
        let faces = [1.0, 0.0, 0.0, 1.0, 0.96, 0.28, 0.28, 0.96, 0.8, 0.6];
        for seed in 0..20 {
            assert_eq!(group(2, &faces, 2, seed).unwrap().labels(), [0, 1, 0, 1, 0], "seed {seed}");
        }
    }

    #[test]
    fn as_many_people_as_faces_or_one() {
        let faces = [1.0, 0.0, 0.0, 1.0, -1.0, 0.0];
        assert_eq!(group(2, &faces, 3, 0).unwrap().len(), 3);
        assert_eq!(group(2, &faces, 1, 0).unwrap().len(), 1);
    }

    #[test]
    fn opposite_faces_have_no_centre() {
        assert_eq!(group(2, &[1.0, 0.0, -1.0, 0.0], 1, 0).unwrap().len(), 1);
    }

    #[test]
    fn copies_do_not_stop_it() {
        assert_eq!(group(2, &[1.0, 0.0].repeat(9), 3, 5).unwrap().len(), 1);
    }

    #[test]
    fn bad_input() {
        assert_eq!(group(2, &[], 0, 0).map(|found| found.len()), Ok(0));
        assert!(matches!(group(2, &[1.0, 0.0], 0, 0), Err(Error::Parameter { .. })));
        assert!(matches!(group(2, &[1.0, 0.0], 2, 0), Err(Error::Parameter { .. })));
        assert!(matches!(group(2, &[f32::NAN, 0.0], 1, 0), Err(Error::Vector { face: 0, .. })));
    }
}
