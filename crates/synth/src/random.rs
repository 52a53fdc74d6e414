//! Chance that does not depend on what else was drawn.
//!
//! Every trait is drawn from a stream of its own, named after what it is for. So a trait that a later version adds does
//! not change the others, and a person is the same however many pictures were made before.

/// A source of streams: a seed and the names on the way to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(u64);

impl Seed {
    /// The beginning.
    pub fn new(seed: u64) -> Self {
        Self(mixed(seed ^ 0x6f6d_6f74_6520_6661))
    }

    /// What belongs to a name: "hair", "pose" ...
    pub fn of(self, name: &str) -> Self {
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(mixed(self.0 ^ hash))
    }

    /// What belongs to a number: of a person, of a picture.
    pub fn number(self, number: u64) -> Self {
        Self(mixed(self.0.wrapping_add(mixed(number ^ 0x9e37_79b9_7f4a_7c15))))
    }

    /// Random numbers.
    pub fn stream(self) -> Stream {
        Stream(fastrand::Rng::with_seed(self.0))
    }

    /// As a number, for noise.
    pub fn value(self) -> u64 {
        self.0
    }
}

/// Random numbers of one seed.
#[derive(Clone, Debug)]
pub struct Stream(fastrand::Rng);

impl Stream {
    /// Evenly between two numbers.
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.0.f32()
    }

    /// True with a probability.
    pub fn chance(&mut self, probability: f32) -> bool {
        self.0.f32() < probability
    }

    /// A number below `end`, which is at least 1.
    pub fn below(&mut self, end: usize) -> usize {
        self.0.usize(..end.max(1))
    }

    /// A normal number of mean 0 and variance 1 that is not farther than `most` from 0.
    pub fn normal(&mut self, most: f32) -> f32 {
        // Box and Muller; redrawn outside.
        loop {
            let radius = (-2.0 * (1.0 - self.0.f32()).ln()).sqrt();
            let value = radius * (std::f32::consts::TAU * self.0.f32()).cos();
            if value.abs() <= most {
                return value;
            }
        }
    }

    /// Evenly in the logarithm between two numbers above 0.
    pub fn log_between(&mut self, low: f32, high: f32) -> f32 {
        self.between(low.ln(), high.ln()).exp()
    }

    /// One of a list that is not empty, as likely as its weight.
    pub fn weighted(&mut self, weights: &[f32]) -> usize {
        let mut left = self.0.f32() * weights.iter().sum::<f32>();
        for (at, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return at;
            }
        }
        weights.len().saturating_sub(1)
    }
}

/// The finaliser of SplitMix64.
fn mixed(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_part_streams() {
        let seed = Seed::new(7);
        let first = |seed: Seed| seed.stream().between(0.0, 1.0);
        assert_eq!(first(seed.of("hair")), first(Seed::new(7).of("hair")));
        let apart = [seed, seed.of("hair"), seed.of("skin"), seed.number(1), seed.number(2), Seed::new(8)];
        for (at, one) in apart.iter().enumerate() {
            assert!(apart[..at].iter().all(|other| other != one));
        }
        assert_ne!(seed.of("a").of("b"), seed.of("b").of("a"));
    }

    #[test]
    fn normal_numbers_are_normal() {
        let mut stream = Seed::new(3).stream();
        let values: Vec<f32> = (0..20_000).map(|_| stream.normal(2.5)).collect();
        let mean = values.iter().sum::<f32>() / 20_000.0;
        let variance = values.iter().map(|value| value * value).sum::<f32>() / 20_000.0;
        // Cut off at 2.5 the variance is 1 - 2 * 2.5 * phi(2.5) / (1 - 2 * 0.00621) = 0.911.
        assert!(mean.abs() < 0.02 && (variance - 0.911).abs() < 0.02, "{mean} {variance}");
        assert!(values.iter().all(|value| value.abs() <= 2.5));
    }

    #[test]
    fn weights_are_shares() {
        let mut stream = Seed::new(5).stream();
        let mut counts = [0; 3];
        (0..9000).for_each(|_| counts[stream.weighted(&[1.0, 0.0, 2.0])] += 1);
        assert!(counts[1] == 0 && (2800..3200).contains(&counts[0]), "{counts:?}");
    }
}
