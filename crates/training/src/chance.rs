//! Where random numbers begin.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Waits until nobody else in the process draws random numbers on a device, which has one generator for all.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number that looks like chance and depends on a seed and on what it is drawn for (SplitMix64).
pub(crate) fn drawn(seed: u64, number: u64) -> u64 {
    let state = seed.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::drawn;

    #[test]
    fn numbers_are_those_of_splitmix64() {
        // The first of the published generator at the seed 1234567.
        assert_eq!(drawn(1_234_567, 0), 6_457_827_717_110_365_317);
        assert_eq!(drawn(1_234_567, 1), 3_203_168_211_198_807_973);
    }
}
