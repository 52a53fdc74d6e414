//! Similarity of unit vectors. On them all three measures rank alike: `l2² = 2 - 2 cos`.

/// Cosine of the angle between two unit vectors, -1..=1; larger is more alike.
///
/// It is their inner product, summed in `f64` so that the score does not depend on an order of summation.
///
/// # Panics
/// If the lengths differ. [`compare`](crate::compare) checks them and returns an error instead.
pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len(), "vectors of one model have one length");
    let product: f64 = a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
    product.clamp(-1.0, 1.0) as f32
}

/// Euclidean distance between two vectors, 0..=2 for unit vectors; smaller is more alike.
///
/// # Panics
/// If the lengths differ.
pub fn l2(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len(), "vectors of one model have one length");
    let square: f64 = a.iter().zip(b).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum();
    square.sqrt() as f32
}

/// Angle between two unit vectors as a share of a half turn, 0..=1; smaller is more alike.
///
/// # Panics
/// If the lengths differ.
pub fn angular(a: &[f32], b: &[f32]) -> f32 {
    // Near 0 and 1 the arc cosine loses half of the digits; the chord keeps them.
    let chord = f64::from(l2(a, b)).min(2.0);
    ((chord / 2.0).asin() * 2.0 / std::f64::consts::PI) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_values() {
        let half = 0.5f32.sqrt();
        struct Case {
            b: [f32; 2],
            cosine: f32,
            l2: f32,
            angular: f32,
        }
        let cases = [
            Case { b: [1.0, 0.0], cosine: 1.0, l2: 0.0, angular: 0.0 },
            Case { b: [half, half], cosine: half, l2: 0.765_366_9, angular: 0.25 },
            Case { b: [0.5, 0.866_025_4], cosine: 0.5, l2: 1.0, angular: 1.0 / 3.0 },
            Case { b: [0.0, 1.0], cosine: 0.0, l2: std::f32::consts::SQRT_2, angular: 0.5 },
            Case { b: [-1.0, 0.0], cosine: -1.0, l2: 2.0, angular: 1.0 },
        ];
        for case in cases {
            let a = [1.0, 0.0];
            let close =
                |found: f32, wanted: f32| assert!((found - wanted).abs() < 1e-6, "{:?}: {found}", case.b);
            close(cosine(&a, &case.b), case.cosine);
            close(l2(&a, &case.b), case.l2);
            close(angular(&a, &case.b), case.angular);
        }
    }

    #[test]
    fn a_vector_slightly_too_long_still_has_a_cosine_of_at_most_one() {
        let long = [1.000_001_f32, 0.0];
        assert_eq!(cosine(&long, &long), 1.0);
        assert_eq!(cosine(&long, &[-1.000_001, 0.0]), -1.0);
    }
}
