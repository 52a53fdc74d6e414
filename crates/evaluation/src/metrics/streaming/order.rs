//! Scores as integers in the same order.

const SIGN: u32 = 1 << 31;

/// An integer that orders as the score does. Never 0 for a finite score; zeros of both signs have one key.
pub(super) fn key(score: f32) -> u32 {
    // -0.0 + 0.0 is 0.0.
    let bits = (score + 0.0).to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

/// The score of a key.
pub(super) fn score(key: u32) -> f32 {
    f32::from_bits(if key & SIGN == 0 { !key } else { key ^ SIGN })
}

/// The lowest key whose score is `threshold` or more; `None` if no f32 is, and for NaN.
pub(super) fn first_at_or_above(threshold: f64) -> Option<u32> {
    let nearest = threshold as f32;
    let first = if f64::from(nearest) < threshold { nearest.next_up() } else { nearest };
    (!first.is_nan() && first < f32::INFINITY).then(|| key(first.max(f32::MIN)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_the_order_of_scores() {
        let scores = [
            f32::MIN,
            -1.0,
            (-1.0_f32).next_up(),
            -f32::MIN_POSITIVE,
            (-0.0_f32).next_down(),
            0.0,
            0.0_f32.next_up(),
            0.3,
            1.0,
            f32::MAX,
        ];
        for pair in scores.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
        }
        for value in scores {
            assert_eq!(score(key(value)), value);
        }
        assert!(key(f32::MIN) > 0);
        assert_eq!(key(-0.0), key(0.0));
    }

    #[test]
    fn first_key_of_a_threshold() {
        let neighbour = f64::from(0.3_f32).next_up();
        assert_eq!(first_at_or_above(neighbour), Some(key(0.3_f32.next_up())));
        assert_eq!(first_at_or_above(f64::from(0.3_f32)), Some(key(0.3)));
        assert_eq!(first_at_or_above(f64::from(0.3_f32).next_down()), Some(key(0.3)));
        assert_eq!(first_at_or_above(f64::NEG_INFINITY), Some(key(f32::MIN)));
        assert_eq!(first_at_or_above(-1e300), Some(key(f32::MIN)));
        for unreachable in [f64::INFINITY, 1e300, f64::from(f32::MAX).next_up(), f64::NAN] {
            assert_eq!(first_at_or_above(unreachable), None);
        }
    }
}
