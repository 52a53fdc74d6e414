//! Each class as often.

use serde::{Deserialize, Serialize};
use synth::Seed;

use super::{ByClass, Plan};
use crate::order::Order;

/// Each class as often, however many pictures it has: in every round each class comes once, in another order,
/// with its next picture. An epoch has as many samples as there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Balanced {}

impl Balanced {
    pub(super) fn plan(self, labels: &[u32], seed: u64) -> impl Plan + use<> {
        let by_class = ByClass::new(labels);
        let order = Order::new(by_class.len(), Some(Seed::new(seed).of("classes").value()));
        Planned { by_class, order, epoch: labels.len() as u64, seed: Seed::new(seed).of("pictures") }
    }
}

struct Planned {
    by_class: ByClass,
    order: Order,
    epoch: u64,
    seed: Seed,
}

impl Plan for Planned {
    fn epoch(&self) -> u64 {
        self.epoch
    }

    fn at(&self, place: u64) -> u64 {
        let (round, class) = self.order.at(place);
        let pictures = self.by_class.of(class);
        let order = Order::new(pictures.len() as u64, Some(self.seed.number(class).value()));
        pictures[order.at(round).1 as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_come_as_often_and_their_pictures_in_turn() {
        let labels: Vec<u32> = (0..5).flat_map(|class| vec![class; 1 + 6 * class as usize]).collect();
        let plan = Balanced {}.plan(&labels, 4);
        let drawn: Vec<u64> = (0..5 * 25).map(|place| plan.at(place)).collect();
        for round in drawn.chunks(5) {
            let mut classes: Vec<u32> = round.iter().map(|&sample| labels[sample as usize]).collect();
            assert!(!classes.is_empty());
            classes.sort_unstable();
            assert_eq!(classes, [0, 1, 2, 3, 4]);
        }
        // In 25 rounds the last class shows each of its 25 pictures, and the first its only one 25 times.
        let often = |sample: u64| drawn.iter().filter(|&&other| other == sample).count();
        assert_eq!(often(0), 25);
        assert!((labels.len() as u64 - 25..labels.len() as u64).all(|sample| often(sample) == 1));
    }
}
