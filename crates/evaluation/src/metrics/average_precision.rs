//! How far ahead in a ranking are all photos of the right person?

/// The average precision of one ranking: over the photos that show the right person, the mean of the precision at
/// their places. In 0..=1; its mean over probes is the mAP by which re-ranking is judged. `None` where no photo shows
/// the right person.
///
/// Each photo is given as (shows the right person, score); more is more alike. A right photo stands behind others of
/// the same score: a tie counts against the probe. One without a score is never found, and counts as a precision of 0.
/// O(n log n).
///
/// ```
/// use omote_evaluation::average_precision;
///
/// // Right photos at places 1 and 3: (1/1 + 2/3) / 2.
/// let ranking = [(true, Some(0.9)), (false, Some(0.8)), (true, Some(0.7)), (false, None)];
/// assert_eq!(average_precision(&ranking), Some((1.0 + 2.0 / 3.0) / 2.0));
/// ```
pub fn average_precision(photos: &[(bool, Option<f32>)]) -> Option<f64> {
    let right = photos.iter().filter(|(right, _)| *right).count();
    if right == 0 {
        return None;
    }
    let mut ranking: Vec<(bool, f32)> =
        photos.iter().filter_map(|&(right, score)| Some((right, score?))).collect();
    ranking.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let places = (1..).zip(&ranking).filter(|(_, (right, _))| *right);
    let precisions = (1..).zip(places).map(|(found, (place, _))| f64::from(found) / f64::from(place));
    Some(precisions.sum::<f64>() / right as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_ties_and_failures() {
        let scores = [Some(0.9), Some(0.8), Some(0.7)];
        let of = |right: [bool; 3]| average_precision(&[0, 1, 2].map(|photo| (right[photo], scores[photo])));
        assert_eq!(of([true, false, false]), Some(1.0));
        assert_eq!(of([false, false, true]), Some(1.0 / 3.0));
        assert_eq!(of([false, true, true]), Some((1.0 / 2.0 + 2.0 / 3.0) / 2.0));
        assert_eq!(of([false; 3]), None);
        // A tie counts against the probe, and a photo without a face is never found.
        assert_eq!(average_precision(&[(true, Some(0.5)), (false, Some(0.5))]), Some(0.5));
        assert_eq!(average_precision(&[(true, None), (true, Some(0.1)), (false, None)]), Some(0.5));
        assert_eq!(average_precision(&[(true, None)]), Some(0.0));
    }
}
