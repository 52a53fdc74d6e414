//! Each sample once an epoch.

use serde::{Deserialize, Serialize};

use super::Plan;
use crate::order::Order;

/// Each sample once an epoch, in another order in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shuffle {}

impl Shuffle {
    pub(super) fn plan(self, labels: &[u32], seed: u64) -> impl Plan + use<> {
        let len = labels.len() as u64;
        Shuffled { len, order: Order::new(len, Some(seed)) }
    }
}

struct Shuffled {
    len: u64,
    order: Order,
}

impl Plan for Shuffled {
    fn epoch(&self) -> u64 {
        self.len
    }

    fn at(&self, place: u64) -> u64 {
        self.order.at(place).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_epoch_has_each_sample_once() {
        let plan = Shuffle {}.plan(&[3; 77], 5);
        let epochs: Vec<Vec<u64>> =
            (0..3).map(|epoch| (0..77).map(|place| plan.at(epoch * 77 + place)).collect()).collect();
        for epoch in &epochs {
            let mut sorted = epoch.clone();
            sorted.sort_unstable();
            assert!(sorted.into_iter().eq(0..77));
        }
        assert!(epochs[0] != epochs[1] && epochs[1] != epochs[2]);
    }
}
