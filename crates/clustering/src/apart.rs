//! Faces that are known to be of different people, because one photo shows them all.

use std::collections::HashMap;

/// Which faces share a photo.
#[derive(Clone, Debug, Default)]
pub(crate) struct Apart {
    /// The faces of each photo that shows several.
    photos: Vec<Vec<usize>>,
    /// The place in `photos` of each face that shares its photo.
    of_face: HashMap<usize, usize>,
}

impl Apart {
    /// `photos[face]` is the number of its photo.
    pub(crate) fn of_photos(photos: &[usize]) -> Self {
        let mut order: Vec<usize> = (0..photos.len()).collect();
        order.sort_unstable_by_key(|&face| (photos[face], face));
        let shared = order.chunk_by(|&a, &b| photos[a] == photos[b]).filter(|faces| faces.len() > 1);
        let photos: Vec<Vec<usize>> = shared.map(<[usize]>::to_vec).collect();
        let places = photos.iter().enumerate();
        let of_face =
            places.flat_map(|(place, faces)| faces.iter().map(move |&face| (face, place))).collect();
        Self { photos, of_face }
    }

    /// Whether no two faces share a photo.
    pub(crate) fn is_empty(&self) -> bool {
        self.photos.is_empty()
    }

    /// The other faces of the photo that shows a face.
    pub(crate) fn others(&self, face: usize) -> impl Iterator<Item = usize> {
        let faces = self.of_face.get(&face).map_or(&[][..], |&photo| &self.photos[photo]);
        faces.iter().copied().filter(move |&other| other != face)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faces_of_a_photo_know_each_other() {
        let apart = Apart::of_photos(&[7, 3, 7, 9, 7]);
        let others = |face| apart.others(face).collect::<Vec<_>>();
        assert_eq!((others(0), others(2), others(4)), (vec![2, 4], vec![0, 4], vec![0, 2]));
        assert_eq!((others(1), others(3), others(99)), (vec![], vec![], vec![]));
        assert!(!apart.is_empty() && Apart::of_photos(&[1, 2]).is_empty());
    }
}
