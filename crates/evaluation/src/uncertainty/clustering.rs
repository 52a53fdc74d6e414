//! How sure is the agreement of a clustering with the truth?

use super::{Bootstrap, Interval, Trials};
use crate::Error;

impl Bootstrap {
    /// The interval of the F of [`pairwise`](crate::pairwise) by draws of people: how much it varies if other people had
    /// been photographed.
    ///
    /// `truth[i]` and `predicted[i]` are the person and the cluster of item `i`; only equality of labels matters. The
    /// clusters stay as they are, nothing is grouped anew. A pair of items of one person counts as often as the person
    /// was drawn, a pair of two people the product of both, as everywhere in this [`Bootstrap`]: copies of a person
    /// stand for people who are alike, and are not the same.
    ///
    /// O(n log n), and O(n) a draw.
    ///
    /// # Errors
    /// [`Error::Length`] if the lists differ in length, [`Error::TooFewPeople`] below [`MIN_PEOPLE`](super::MIN_PEOPLE)
    /// people, [`Error::Setting`] for a level or a number of resamples that cannot be, [`Error::Empty`] if no person
    /// has two items.
    pub fn pairwise_f(&self, truth: &[usize], predicted: &[usize]) -> Result<Interval, Error> {
        if truth.len() != predicted.len() {
            return Err(Error::Length {
                what: "cluster labels",
                expected: truth.len(),
                got: predicted.len(),
            });
        }
        let mut names = truth.to_vec();
        names.sort_unstable();
        names.dedup();
        // Every person is in the list.
        let people: Vec<usize> =
            truth.iter().map(|person| names.partition_point(|name| name < person)).collect();
        let trials: Vec<u32> = people.iter().map(|&person| person as u32).collect();
        let shares = Shares::count(&people, predicted);
        let mut drawn = vec![0_u32; names.len()];
        Trials::of_people(&trials).interval(self, |weights| {
            for (&person, &weight) in people.iter().zip(weights) {
                drawn[person] = weight;
            }
            shares.f(&drawn)
        })
    }
}

/// What is needed to count weighted pairs.
struct Shares {
    /// Items of each person.
    sizes: Vec<u64>,
    /// For each cluster the people in it, with their items there.
    clusters: Vec<Vec<(usize, u64)>>,
}

impl Shares {
    fn count(people: &[usize], predicted: &[usize]) -> Self {
        let mut sizes = vec![0; people.iter().max().map_or(0, |last| last + 1)];
        for &person in people {
            sizes[person] += 1;
        }
        let mut items: Vec<(usize, usize)> = predicted.iter().copied().zip(people.iter().copied()).collect();
        items.sort_unstable();
        let cluster = |items: &[(usize, usize)]| {
            items.chunk_by(|a, b| a.1 == b.1).map(|share| (share[0].1, share.len() as u64)).collect()
        };
        Self { sizes, clusters: items.chunk_by(|a, b| a.0 == b.0).map(cluster).collect() }
    }

    /// The F where each person counts as often as drawn; `None` if no pair of items belongs together.
    fn f(&self, drawn: &[u32]) -> Option<f64> {
        let pairs = |n: u64| n as f64 * (n.saturating_sub(1)) as f64 / 2.0;
        let weight = |person: usize| f64::from(drawn[person]);
        let (mut hits, mut predicted) = (0.0, 0.0);
        for cluster in &self.clusters {
            let within: f64 = cluster.iter().map(|&(person, items)| weight(person) * pairs(items)).sum();
            let weighted = |&(person, items): &(usize, u64)| weight(person) * items as f64;
            let sum: f64 = cluster.iter().map(weighted).sum();
            let squares: f64 = cluster.iter().map(|share| weighted(share).powi(2)).sum();
            hits += within;
            predicted += within + (sum * sum - squares) / 2.0;
        }
        let actual: f64 =
            self.sizes.iter().enumerate().map(|(person, &size)| weight(person) * pairs(size)).sum();
        // F is the harmonic mean of precision and recall: 2 hits / (predicted + actual).
        (actual > 0.0).then(|| 2.0 * hits / (predicted + actual))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pairwise;

    /// 24 people with 1 to 6 photos each; each photo strays to the next person's cluster now and then.
    fn crowd() -> (Vec<usize>, Vec<usize>) {
        let truth: Vec<usize> = (0..24).flat_map(|person| vec![person; 1 + person % 6]).collect();
        let strays = |(item, &person): (usize, &usize)| if item % 7 == 0 { person + 1 } else { person };
        let predicted = truth.iter().enumerate().map(strays).collect();
        (truth, predicted)
    }

    #[test]
    fn everybody_once_is_the_plain_figure() {
        let (truth, predicted) = crowd();
        let plain = pairwise(&truth, &predicted).unwrap().f;
        let shares = Shares::count(&truth, &predicted);
        assert!((shares.f(&[1; 24]).unwrap() - plain).abs() < 1e-12);
        assert_eq!(shares.f(&[0; 24]), None);
    }

    #[test]
    fn weights_are_copies_that_were_never_compared() {
        let (truth, predicted) = crowd();
        let shares = Shares::count(&truth, &predicted);
        let drawn: Vec<u32> = (0..24).map(|person| person % 3).collect();
        // The oracle: every pair of items, one by one.
        let (mut hits, mut found, mut actual) = (0, 0, 0);
        for a in 0..truth.len() {
            for b in 0..a {
                let same = truth[a] == truth[b];
                let weight = drawn[truth[a]] * if same { 1 } else { drawn[truth[b]] };
                let together = predicted[a] == predicted[b];
                hits += if same && together { weight } else { 0 };
                found += if together { weight } else { 0 };
                actual += if same { weight } else { 0 };
            }
        }
        let expected = 2.0 * f64::from(hits) / f64::from(found + actual);
        assert!((shares.f(&drawn).unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn the_interval_holds_the_figure_and_is_no_point() {
        let (truth, predicted) = crowd();
        let plain = pairwise(&truth, &predicted).unwrap().f;
        let found = Bootstrap::default().pairwise_f(&truth, &predicted).unwrap();
        assert!(found.low < plain && plain < found.high && found.high < 1.0, "{found:?} around {plain}");
        assert_eq!(found, Bootstrap::default().pairwise_f(&truth, &predicted).unwrap());
    }

    #[test]
    fn what_has_no_interval() {
        let interval =
            |truth: &[usize], predicted: &[usize]| Bootstrap::default().pairwise_f(truth, predicted);
        let few: Vec<usize> = (0..40).map(|item| item / 10).collect();
        assert!(matches!(interval(&few, &few), Err(Error::TooFewPeople { people: 4, .. })));
        let alone: Vec<usize> = (0..40).collect();
        assert!(matches!(interval(&alone, &alone), Err(Error::Empty { .. })));
        assert!(matches!(interval(&[0], &[]), Err(Error::Length { .. })));
        assert!(interval(&[], &[]).is_err());
    }
}
