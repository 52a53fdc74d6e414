//! Classes by a power of their size.

use serde::{Deserialize, Serialize};
use synth::Seed;

use super::{ByClass, Plan};

/// Classes are drawn with a probability that grows with a power of their size n: n^q / sum of n^q; then one
/// of their pictures, all as likely (Kang et al. 2020, "Decoupling representation and classifier for
/// long-tailed recognition", equation 1). An epoch has as many samples as there are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Power {
    /// q: 0 draws all classes as often, 1 all pictures; 0.5 is square-root sampling.
    pub power: f32,
}

impl Power {
    pub(super) fn check(&self) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.power) {
            return Err("power must be from 0 to 1".to_owned());
        }
        Ok(())
    }

    pub(super) fn plan(&self, labels: &[u32], seed: u64) -> impl Plan + use<> {
        let by_class = ByClass::new(labels);
        let mut sum = 0.0;
        let reach = by_class.each().map(|class| {
            sum += (class.len() as f64).powf(f64::from(self.power));
            sum
        });
        let reach = reach.collect();
        Planned { by_class, reach, epoch: labels.len() as u64, seed: Seed::new(seed).of("power") }
    }
}

struct Planned {
    by_class: ByClass,
    /// The sum of the powers up to and with each class.
    reach: Vec<f64>,
    epoch: u64,
    seed: Seed,
}

impl Plan for Planned {
    fn epoch(&self) -> u64 {
        self.epoch
    }

    fn at(&self, place: u64) -> u64 {
        let seed = self.seed.number(place);
        // From 0 to below 1, with all the bits that a double holds.
        let even = (seed.of("class").value() >> 11) as f64 / (1_u64 << 53) as f64;
        let last = self.reach.len() - 1;
        let at = even * self.reach[last];
        let class = self.reach.partition_point(|&reach| reach <= at).min(last);
        let pictures = self.by_class.of(class as u64);
        pictures[(seed.of("picture").value() % pictures.len() as u64) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_come_by_the_power_of_their_size() {
        // Classes of 1, 4 and 16 pictures.
        let labels: Vec<u32> =
            [1, 4, 16].into_iter().zip(0..).flat_map(|(n, class)| vec![class; n]).collect();
        for (power, shares) in [(0.0, [1.0, 1.0, 1.0]), (0.5, [1.0, 2.0, 4.0]), (1.0, [1.0, 4.0, 16.0])] {
            let plan = Power { power }.plan(&labels, 9);
            let mut counts = [0_u32; 21];
            (0..21_000).for_each(|place| counts[plan.at(place) as usize] += 1);
            let sum: f64 = shares.iter().sum();
            for (class, share) in shares.iter().enumerate() {
                let of_class = labels.iter().zip(&counts).filter(|(label, _)| **label == class as u32);
                let count: u32 = of_class.map(|(_, count)| count).sum();
                let expected = 21_000.0 * share / sum;
                // Four standard deviations.
                assert!(
                    (f64::from(count) - expected).abs() < 4.0 * expected.sqrt(),
                    "{power} {class} {count}"
                );
            }
            let (least, most) = (counts[5..].iter().min().unwrap(), counts[5..].iter().max().unwrap());
            assert!(f64::from(most - least) < 8.0 * f64::from(*most).sqrt(), "pictures of a class are alike");
        }
    }
}
