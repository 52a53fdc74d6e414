//! What a gallery holds, as far as false positives depend on it.

use std::collections::BTreeMap;

/// How many people a gallery has, and how many photos are enrolled of each.
///
/// Both are chances to be taken for somebody: a stranger who is compared with ten photos of a person resembles the
/// best of them more than a single one.
#[derive(Clone, Debug, PartialEq)]
pub struct Enrolled {
    people: usize,
    /// By the number of photos, the share of the people who have so many; they sum to 1 unless there is nobody.
    shares: BTreeMap<usize, f64>,
}

impl Enrolled {
    /// `people`, all with as many photos each (0 counts as 1).
    pub fn evenly(people: usize, photos: usize) -> Self {
        Self::drawn(people, [photos])
    }

    /// A person for each number of photos. Who has no photo cannot be found and does not count.
    pub fn counted(photos: impl IntoIterator<Item = usize>) -> Self {
        let photos: Vec<usize> = photos.into_iter().filter(|&photos| photos > 0).collect();
        Self::drawn(photos.len(), photos)
    }

    /// `people` who are drawn at random from a population with these numbers of photos (0 counts as 1): the average
    /// over all such galleries.
    pub fn drawn(people: usize, photos: impl IntoIterator<Item = usize>) -> Self {
        let mut shares = BTreeMap::new();
        let mut all = 0.0f64;
        for photos in photos {
            *shares.entry(photos.max(1)).or_default() += 1.0;
            all += 1.0;
        }
        shares.values_mut().for_each(|share| *share /= all);
        Self { people, shares }
    }

    /// The number of people.
    pub fn people(&self) -> usize {
        self.people
    }

    /// Photos of a person on average; 0 if there is nobody.
    pub fn mean_photos(&self) -> f64 {
        self.shares.iter().map(|(&photos, share)| photos as f64 * share).sum()
    }

    /// Numbers of photos, ascending, with the shares of people who have so many.
    pub(super) fn shares(&self) -> impl Iterator<Item = (f64, f64)> {
        self.shares.iter().map(|(&photos, &share)| (photos as f64, share))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_people() {
        let gallery = Enrolled::counted([1, 3, 0, 1, 1]);
        assert_eq!((gallery.people(), gallery.mean_photos()), (4, 1.5));
        assert_eq!(gallery.shares().collect::<Vec<_>>(), [(1.0, 0.75), (3.0, 0.25)]);
        assert_eq!(Enrolled::drawn(40, [1, 1, 3, 1]).shares, gallery.shares);
        assert_eq!(Enrolled::evenly(7, 2).mean_photos(), 2.0);
        assert_eq!(Enrolled::evenly(7, 0), Enrolled::evenly(7, 1));
        let nobody = Enrolled::counted([]);
        assert_eq!((nobody.people(), nobody.mean_photos()), (0, 0.0));
    }
}
