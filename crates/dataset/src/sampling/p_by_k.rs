//! Batches of P classes with K pictures each.

use serde::{Deserialize, Serialize};
use synth::Seed;

use super::{ByClass, Plan};
use crate::order::Order;

/// Most samples of a batch.
const MOST: usize = 65_536;

/// Batches of P classes with K pictures each, as losses over pairs and triplets need them (Hermans et al.
/// 2017, "In defense of the triplet loss", section 2).
///
/// All classes come before one comes again, but for those that fill no whole batch: they are others each
/// time. So do the pictures of a class, but where it has fewer than K: then each comes as often as the
/// others, or once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PByK {
    /// P: classes of a batch.
    pub classes: usize,
    /// K: pictures of each.
    pub pictures: usize,
}

impl PByK {
    pub(super) fn check(&self) -> Result<(), String> {
        let fits = self.classes > 0 && self.pictures > 0;
        if !(fits && self.classes.checked_mul(self.pictures).is_some_and(|batch| batch <= MOST)) {
            return Err(format!("classes and pictures must be from 1, and their product at most {MOST}"));
        }
        Ok(())
    }

    pub(super) fn batch(&self) -> usize {
        self.classes.saturating_mul(self.pictures)
    }

    pub(super) fn plan(&self, labels: &[u32], seed: u64) -> Result<impl Plan + use<>, String> {
        let by_class = ByClass::new(labels);
        let (p, k) = (self.classes as u64, self.pictures as u64);
        if by_class.len() < p {
            let there_are = by_class.len();
            return Err(format!(
                "classes must be at most as many as there are: {p} are asked for, there are {there_are}"
            ));
        }
        let order = Order::new(by_class.len(), Some(Seed::new(seed).of("classes").value()));
        let batches = (labels.len() as u64).div_ceil(p * k);
        Ok(Planned { order, batches, by_class, p, k, seed: Seed::new(seed).of("pictures") })
    }
}

struct Planned {
    by_class: ByClass,
    order: Order,
    /// Batches of an epoch.
    batches: u64,
    p: u64,
    k: u64,
    seed: Seed,
}

impl Planned {
    /// One of the K pictures of a class when it comes for the `visit`th time, from 0.
    fn picture(&self, class: u64, visit: u64, number: u64) -> u64 {
        let pictures = self.by_class.of(class);
        let len = pictures.len() as u64;
        let order = Order::new(len, Some(self.seed.number(class).value()));
        // So that no picture is there twice, visits end with the order, or as many orders as they need are
        // theirs.
        let visits = len / self.k;
        let position = match visits {
            0 => visit * self.k.div_ceil(len) * len + number,
            _ => visit / visits * len + visit % visits * self.k + number,
        };
        pictures[order.at(position).1 as usize]
    }
}

impl Plan for Planned {
    fn epoch(&self) -> u64 {
        self.batches * self.p * self.k
    }

    fn at(&self, place: u64) -> u64 {
        let (batch, within) = (place / (self.p * self.k), place % (self.p * self.k));
        // A batch does not reach into the next round of the classes, where one of its own could come again.
        let batches = self.by_class.len() / self.p;
        let (round, first) = (batch / batches, batch % batches * self.p);
        let (_, class) = self.order.at(round * self.by_class.len() + first + within / self.k);
        self.picture(class, round, within % self.k)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Class n has n + 1 pictures.
    fn labels() -> Vec<u32> {
        (0..11).flat_map(|class| vec![class; class as usize + 1]).collect()
    }

    #[test]
    fn batches_have_p_classes_with_k_pictures() {
        let labels = labels();
        for (classes, pictures) in [(1, 1), (3, 4), (4, 2), (11, 3), (2, 7)] {
            let plan = PByK { classes, pictures }.plan(&labels, 3).unwrap();
            for batch in 0..200 {
                let first = batch * (classes * pictures) as u64;
                let drawn: Vec<u64> =
                    (first..).take(classes * pictures).map(|place| plan.at(place)).collect();
                let mut seen = HashSet::new();
                for of_class in drawn.chunks(pictures) {
                    let class = labels[of_class[0] as usize];
                    assert!(seen.insert(class), "a class comes once");
                    assert!(of_class.iter().all(|&sample| labels[sample as usize] == class));
                    // Each picture once if there are so many, and else as often as the others.
                    let often = |sample: u64| of_class.iter().filter(|&&other| other == sample).count();
                    let have = class as usize + 1;
                    assert!(of_class.iter().all(|&sample| often(sample) <= pictures.div_ceil(have)));
                }
            }
        }
    }

    #[test]
    fn all_classes_and_pictures_come_before_one_comes_again() {
        let labels: Vec<u32> = (0..48).map(|n| n % 6).collect();
        let plan = PByK { classes: 2, pictures: 4 }.plan(&labels, 3).unwrap();
        assert_eq!(plan.epoch(), 48);
        for epoch in 0..4 {
            let drawn: HashSet<u64> = (0..48).map(|place| plan.at(epoch * 48 + place)).collect();
            assert_eq!(drawn.len(), 48);
        }
    }
}
