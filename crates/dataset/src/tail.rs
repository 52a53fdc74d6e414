//! Few people with many pictures, and many with few.

/// Pictures per person that fall by a power law: person number n, from 0, has about `most` (n + 1)^-a, and the last one
/// `fewest`.
pub(crate) struct Tail {
    people: u64,
    /// For k = 1, 2 ...: how many people have at least k pictures.
    with_at_least: Vec<u64>,
}

impl Tail {
    /// `fewest` is at least 1 and at most `most`.
    pub(crate) fn new(people: u64, most: u64, fewest: u64) -> Self {
        let power = (most as f64 / fewest as f64).ln() / (people as f64).ln();
        // Rounded, (n + 1)^-a most is at least k where it is k - 1/2 before.
        let reach = |k: u64| (most as f64 / (k as f64 - 0.5)).powf(1.0 / power).min(people as f64) as u64;
        let with_at_least = (1..=most).map(|k| if k <= fewest { people } else { reach(k).max(1) }).collect();
        Self { people, with_at_least }
    }

    /// Pictures of all.
    pub(crate) fn len(&self) -> u64 {
        self.with_at_least.iter().sum()
    }

    /// Pictures of a person.
    pub(crate) fn pictures(&self, person: u64) -> u64 {
        self.with_at_least.partition_point(|&people| people > person) as u64
    }

    /// Pictures of the people before this one.
    fn before(&self, person: u64) -> u64 {
        self.with_at_least.iter().map(|&people| people.min(person)).sum()
    }

    /// The person whose picture this is, and which of theirs.
    pub(crate) fn locate(&self, picture: u64) -> (u64, u64) {
        // The last person with nothing before them that comes after.
        let (mut low, mut high) = (0, self.people);
        while high - low > 1 {
            let middle = low.midpoint(high);
            if self.before(middle) <= picture { low = middle } else { high = middle }
        }
        (low, picture - self.before(low))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(tail: &Tail) -> Vec<u64> {
        let counts: Vec<u64> = (0..tail.people).map(|person| tail.pictures(person)).collect();
        assert!((0..tail.people).all(|n| counts[n as usize] == tail.before(n + 1) - tail.before(n)));
        counts
    }

    #[test]
    fn pictures_fall_by_a_power() {
        let tail = Tail::new(1000, 64, 2);
        let counts = counts(&tail);
        assert_eq!((counts[0], counts[999], tail.len()), (64, 2, counts.iter().sum()));
        assert!(counts.is_sorted_by(|a, b| a >= b));
        // 64 / 2 is 2^5, so ten times as far down there are 2^(5/3) = 3.17 times fewer.
        assert_eq!((counts[9], counts[99]), (20, 6));
    }

    #[test]
    fn every_picture_is_somebodys() {
        for (people, most, fewest) in [(1, 9, 9), (7, 5, 5), (40, 12, 1), (3, 100, 99)] {
            let tail = Tail::new(people, most, fewest);
            let all = (0..people).zip(counts(&tail)).flat_map(|(n, count)| (0..count).map(move |at| (n, at)));
            let found: Vec<(u64, u64)> = (0..tail.len()).map(|picture| tail.locate(picture)).collect();
            assert_eq!(found, all.collect::<Vec<_>>());
        }
    }
}
