//! The result of every method: who is with whom.

/// A partition of items 0..n into clusters, numbered from the biggest to the smallest; of two clusters of one
/// size the one that holds the smaller item comes first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clusters {
    /// The cluster of each item.
    labels: Vec<usize>,
    /// Cluster `c` owns the items `members[starts[c]..starts[c + 1]]`.
    starts: Vec<usize>,
    members: Vec<usize>,
}

impl Clusters {
    /// Puts items with equal labels together; what the labels are does not matter. O(n log n).
    pub fn from_labels(labels: &[usize]) -> Self {
        let mut order: Vec<usize> = (0..labels.len()).collect();
        order.sort_unstable_by_key(|&item| (labels[item], item));
        let mut groups: Vec<&[usize]> = order.chunk_by(|&x, &y| labels[x] == labels[y]).collect();
        groups.sort_unstable_by_key(|group| (std::cmp::Reverse(group.len()), group[0]));

        let mut renumbered = vec![0; labels.len()];
        let mut starts = vec![0];
        let mut members = Vec::with_capacity(labels.len());
        for (cluster, group) in groups.iter().enumerate() {
            for &item in *group {
                renumbered[item] = cluster;
            }
            members.extend_from_slice(group);
            starts.push(members.len());
        }
        Self { labels: renumbered, starts, members }
    }

    /// The cluster of each item, 0 for the biggest cluster.
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// The number of clusters.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there is no cluster, because there is no item.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The items of a cluster, in ascending order, never none.
    ///
    /// # Panics
    /// If there is no such cluster.
    pub fn members(&self, cluster: usize) -> &[usize] {
        &self.members[self.starts[cluster]..self.starts[cluster + 1]]
    }

    /// The items of every cluster, the biggest cluster first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[usize]> {
        (0..self.len()).map(|cluster| self.members(cluster))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn biggest_first_then_smallest_item() {
        let clusters = Clusters::from_labels(&[7, usize::MAX, 3, 3, 7, 0, 3]);
        assert_eq!(clusters.labels(), [1, 2, 0, 0, 1, 3, 0]);
        assert_eq!(clusters.len(), 4);
        assert_eq!(clusters.iter().collect::<Vec<_>>(), [&[2, 3, 6][..], &[0, 4], &[1], &[5]]);
    }

    #[test]
    fn nothing_makes_no_cluster() {
        let clusters = Clusters::from_labels(&[]);
        assert!(clusters.is_empty());
        assert_eq!(clusters.len(), 0);
        assert_eq!(clusters.iter().len(), 0);
    }
}
