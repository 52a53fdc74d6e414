//! Few classes with many pictures, and many with few.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};
use synth::Seed;

use super::{ByClass, Plan, Power, Shuffle};
use crate::order::Order;
use crate::tail::Tail;

/// Most times as many pictures.
const MOST_RATIO: f32 = 1e6;

/// Makes a set long-tailed: of class number n, in the order of their sizes and of equal ones in an order of chance, at most
/// m (n + 1)^-a pictures are used, where m is what the largest class has and a = ln(ratio) / ln(classes), so that the last
/// class has at most m / ratio (at least 1). An epoch has as many samples as are left.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongTail {
    /// How many times as many pictures the first class has as the last one, at least 1.
    pub ratio: f32,
    /// Decides which classes become large and which of their pictures are left. It is not the seed of the
    /// run, so that runs with other seeds train on the same pictures.
    #[serde(default)]
    pub seed: u64,
    /// q: classes are drawn by this power of what is left of them, as by [`Power`]. Without it each picture
    /// that is left comes once an epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power: Option<f32>,
}

impl LongTail {
    pub(super) fn check(&self) -> Result<(), String> {
        if !(1.0..=MOST_RATIO).contains(&self.ratio) {
            return Err(format!("ratio must be from 1 to {MOST_RATIO}"));
        }
        self.power.map_or(Ok(()), |power| Power { power }.check())
    }

    /// The numbers of the samples that are left, ascending.
    pub fn kept(&self, labels: &[u32]) -> Vec<u64> {
        let by_class = ByClass::new(labels);
        let seed = Seed::new(self.seed);
        let most = by_class.each().map(|class| class.len() as u64).max().unwrap_or_default();
        let fewest = (most as f64 / f64::from(self.ratio.max(1.0))).floor().max(1.0) as u64;
        let tail = Tail::new(by_class.len(), most, fewest);
        let order = Order::new(by_class.len(), Some(seed.of("classes").value()));
        let mut classes: Vec<u64> = (0..by_class.len()).map(|number| order.at(number).1).collect();
        classes.sort_by_key(|&class| Reverse(by_class.of(class).len()));
        let mut kept = Vec::new();
        for (number, class) in (0..).zip(classes) {
            let pictures = by_class.of(class);
            let chosen = Order::new(pictures.len() as u64, Some(seed.of("pictures").number(class).value()));
            let left = tail.pictures(number).min(pictures.len() as u64);
            kept.extend((0..left).map(|place| pictures[chosen.at(place).1 as usize]));
        }
        kept.sort_unstable();
        kept
    }

    pub(super) fn plan(&self, labels: &[u32], seed: u64) -> impl Plan + use<> {
        let kept = self.kept(labels);
        let left: Vec<u32> = kept.iter().map(|&sample| labels[sample as usize]).collect();
        let plan: Box<dyn Plan> = match self.power {
            Some(power) => Box::new(Power { power }.plan(&left, seed)),
            None => Box::new(Shuffle {}.plan(&left, seed)),
        };
        Planned { kept, plan }
    }
}

struct Planned {
    kept: Vec<u64>,
    plan: Box<dyn Plan>,
}

impl Plan for Planned {
    fn epoch(&self) -> u64 {
        self.plan.epoch()
    }

    fn at(&self, place: u64) -> u64 {
        self.kept[self.plan.at(place) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(labels: &[u32], kept: &[u64]) -> Vec<usize> {
        let left: Vec<u32> = kept.iter().map(|&sample| labels[sample as usize]).collect();
        let mut sizes: Vec<usize> = ByClass::new(&left).each().map(<[u64]>::len).collect();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        sizes
    }

    #[test]
    fn pictures_fall_by_a_power() {
        let labels: Vec<u32> = (0..6400).map(|n| n % 100).collect();
        let long_tail = LongTail { ratio: 32.0, seed: 1, power: None };
        let kept = long_tail.kept(&labels);
        let sizes = sizes(&labels, &kept);
        // 32 is 2^5 and 100 is 10^2: ten times as far down there are 2^(5/2) = 5.66 times fewer.
        assert_eq!((sizes.len(), sizes[0], sizes[9], sizes[99]), (100, 64, 11, 2));
        assert!(kept.is_sorted_by(|a, b| a < b));
        let plan = long_tail.plan(&labels, 8);
        let mut drawn: Vec<u64> = (0..plan.epoch()).map(|place| plan.at(place)).collect();
        drawn.sort_unstable();
        assert_eq!(drawn, kept, "each once an epoch");
        assert_ne!(LongTail { seed: 2, ..long_tail }.kept(&labels), kept);
        assert_eq!(LongTail { ratio: 1.0, ..long_tail }.kept(&labels).len(), 6400);
    }

    #[test]
    fn with_power_0_classes_come_as_often() {
        let labels: Vec<u32> = (0..500).map(|n| n % 10).collect();
        let long_tail = LongTail { ratio: 50.0, seed: 1, power: Some(0.0) };
        let plan = long_tail.plan(&labels, 8);
        let mut counts = [0_u32; 10];
        (0..10_000).for_each(|place| counts[labels[plan.at(place) as usize] as usize] += 1);
        assert!(counts.iter().all(|count| count.abs_diff(1000) < 130), "{counts:?}");
    }
}
