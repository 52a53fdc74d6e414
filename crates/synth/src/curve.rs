//! Smooth ways from one value to another.

/// From 0 at `low` to 1 at `high`, smoothly; falling where `high` is below `low`.
pub(crate) fn ramp(low: f32, high: f32, at: f32) -> f32 {
    let part = ((at - low) / (high - low)).clamp(0.0, 1.0);
    part * part * (3.0 - 2.0 * part)
}

#[cfg(test)]
mod tests {
    use super::ramp;

    #[test]
    fn rises_or_falls_between_its_ends() {
        for (at, rising) in [(0.0, 0.0), (2.0, 0.0), (3.0, 0.15625), (4.0, 0.5), (6.0, 1.0), (9.0, 1.0)] {
            assert_eq!(ramp(2.0, 6.0, at), rising);
            assert!((ramp(6.0, 2.0, at) - (1.0 - rising)).abs() < 1e-6);
        }
    }
}
