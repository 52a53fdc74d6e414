//! The levels of the photo that P-Net searches.

use super::{CELL, FACTOR};

/// The scales at which P-Net sees the photo, largest first: from the smallest face filling its field of view to the
/// largest that the photo can hold.
pub(super) fn scales(width: u32, height: u32, min_face: f32) -> Vec<f64> {
    let cell = f64::from(CELL);
    let mut scale = (cell / f64::from(min_face)).min(1.0);
    let short = f64::from(width.min(height));
    let mut scales = Vec::new();
    while short * scale >= cell {
        scales.push(scale);
        scale *= FACTOR;
    }
    scales
}

/// Cells of P-Net's map along a side: a 3-tap convolution, a halving that rounds up, two more 3-tap convolutions.
pub(super) fn cells(length: usize) -> usize {
    (length.saturating_sub(2)).div_ceil(2).saturating_sub(4)
}

/// Rows of the map that one run of P-Net makes at a level this wide: `n` of them need `2 n + 10` rows of pixels.
pub(super) fn strip_rows(width: usize, pixels: usize) -> usize {
    ((pixels / width.max(1)).saturating_sub(10) / 2).max(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_levels_of_a_small_photo() {
        let scales = scales(100, 60, 20.0);
        // 60 * 0.6 * 0.709^k >= 12 for k = 0..=3.
        assert_eq!(scales.len(), 4);
        assert_eq!(scales[0], 0.6);
        assert!((scales[3] - 0.6 * 0.709f64.powi(3)).abs() < 1e-12);
        assert!(super::scales(11, 4000, 20.0).is_empty(), "narrower than the smallest face");
        assert!(super::scales(640, 480, 1.0)[0] <= 1.0, "never enlarged");
        assert!(super::scales(640, 480, f32::NAN).len() < 20 && super::scales(1, 1, 0.0).is_empty());
    }

    #[test]
    fn cells_of_the_map() {
        for (length, count) in [(12, 1), (13, 2), (23, 7), (40, 15), (60, 25), (61, 26), (0, 0), (11, 1)] {
            assert_eq!(cells(length), count, "{length}");
        }
    }

    #[test]
    fn strips_make_exactly_their_rows() {
        for rows in 1..50 {
            assert_eq!(cells(2 * rows + 10), rows);
        }
        assert_eq!(strip_rows(1000, 1 << 19), 257);
        assert_eq!(strip_rows(60_000, 1 << 19), 8);
    }
}
