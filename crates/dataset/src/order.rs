//! In which order the samples of a source come, epoch by epoch.

use synth::Seed;

/// Rounds of the permutation; four are enough to look random (Luby and Rackoff 1988).
const ROUNDS: u64 = 6;

/// An order of numbers below `len`, another in each epoch if it is shuffled. It takes no memory: the number at a place is
/// calculated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    len: u64,
    seed: Option<u64>,
}

impl Order {
    pub(crate) fn new(len: u64, shuffle: Option<u64>) -> Self {
        Self { len, seed: shuffle }
    }

    /// Epoch and number at a position, counted over all epochs. `len` is at least 1.
    pub(crate) fn at(&self, position: u64) -> (u64, u64) {
        let (epoch, place) = (position / self.len, position % self.len);
        let index = match self.seed {
            Some(seed) => self.shuffled(place, Seed::new(seed).of("order").number(epoch)),
            None => place,
        };
        (epoch, index)
    }

    /// A permutation of all numbers of 2 `half` bits, by a Feistel network; from whatever is not below `len` it goes on
    /// until it is.
    fn shuffled(&self, place: u64, seed: Seed) -> u64 {
        let half = self.len.max(2).next_power_of_two().ilog2().div_ceil(2);
        let mask = (1 << half) - 1;
        let mut value = place;
        loop {
            let (mut left, mut right) = (value >> half, value & mask);
            for round in 0..ROUNDS {
                (left, right) = (right, left ^ (seed.number(round).number(right).value() & mask));
            }
            value = left << half | right;
            if value < self.len {
                return value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_once_in_each_epoch() {
        for len in [1, 2, 3, 7, 64, 65, 1000] {
            let order = Order::new(len, Some(5));
            let epochs: Vec<Vec<u64>> = (0..3)
                .map(|epoch| {
                    (0..len)
                        .map(|place| order.at(epoch * len + place))
                        .map(|(at, n)| {
                            assert_eq!(at, epoch);
                            n
                        })
                        .collect()
                })
                .collect();
            for epoch in &epochs {
                let mut sorted = epoch.clone();
                sorted.sort_unstable();
                assert!(sorted.into_iter().eq(0..len));
            }
            assert!(len < 7 || epochs[0] != epochs[1] && epochs[1] != epochs[2]);
        }
    }

    #[test]
    fn a_shuffled_order_is_spread() {
        let order = Order::new(1000, Some(5));
        let numbers: Vec<u64> = (0..1000).map(|position| order.at(position).1).collect();
        // Neighbours of a random order are a third of the length apart on the average.
        let apart: u64 = numbers.windows(2).map(|pair| pair[0].abs_diff(pair[1])).sum();
        assert!((300..370).contains(&(apart / 999)), "{}", apart / 999);
        let kept = numbers.iter().zip(0..).filter(|(number, place)| **number == *place).count();
        assert!(kept < 8, "{kept}");
        assert_ne!(Order::new(1000, Some(6)).at(0), order.at(0));
        assert!((0..1000).all(|position| Order::new(1000, None).at(position) == (0, position)));
    }
}
