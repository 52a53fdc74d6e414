use crate::Rect;

/// What the intersection of two boxes is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// The union of both areas (intersection over union).
    Union,
    /// The smaller of the two areas, so that a box inside another overlaps it fully.
    Min,
}

/// Greedy non-maximum suppression: which boxes stay, best score first.
///
/// Going from the best score down, a box is dropped if its overlap with one already kept is greater than `threshold`
/// (0..=1). Equal scores go by position, so the answer is a function of the input alone. Boxes with a coordinate or
/// score that is not finite are dropped, as are boxes of no area.
///
/// `extent` is added to every side length: 0 for continuous coordinates, 1 where corners are inclusive pixel indices
/// (MTCNN). Time is boxes times kept boxes.
pub fn nms(boxes: &[(Rect, f32)], threshold: f32, overlap: Overlap, extent: f32) -> Vec<usize> {
    let usable = |&i: &usize| {
        let (rect, score) = boxes[i];
        rect.is_finite()
            && score.is_finite()
            && rect.x2 - rect.x1 + extent > 0.0
            && rect.y2 - rect.y1 + extent > 0.0
    };
    let mut order: Vec<usize> = (0..boxes.len()).filter(usable).collect();
    order.sort_by(|&i, &j| boxes[j].1.total_cmp(&boxes[i].1));

    let mut kept: Vec<usize> = Vec::new();
    for i in order {
        let candidate = boxes[i].0;
        let covered = kept.iter().any(|&k| {
            let value = match overlap {
                Overlap::Union => candidate.iou_with(&boxes[k].0, extent),
                Overlap::Min => candidate.overlap_min_with(&boxes[k].0, extent),
            };
            value > threshold
        });
        if !covered {
            kept.push(i);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f32, y: f32, side: f32) -> Rect {
        Rect::from_xywh(x, y, side, side)
    }

    #[test]
    fn keeps_the_best_of_each_group() {
        let boxes = [
            (square(100.0, 100.0, 10.0), 0.6),
            (square(0.0, 0.0, 10.0), 0.8),
            (square(1.0, 0.0, 10.0), 0.9),
            (square(101.0, 100.0, 10.0), 0.7),
        ];
        assert_eq!(nms(&boxes, 0.5, Overlap::Union, 0.0), [2, 3]);
    }

    #[test]
    fn min_removes_nested_boxes_that_union_keeps() {
        let boxes = [(square(0.0, 0.0, 20.0), 0.9), (square(6.0, 6.0, 8.0), 0.8)];
        assert_eq!(nms(&boxes, 0.7, Overlap::Union, 0.0), [0, 1]);
        assert_eq!(nms(&boxes, 0.7, Overlap::Min, 0.0), [0]);
    }

    #[test]
    fn the_threshold_itself_is_kept() {
        // Half of each box is shared: overlap by the smaller area is exactly 0.5.
        let boxes = [(square(0.0, 0.0, 10.0), 0.9), (square(5.0, 0.0, 10.0), 0.8)];
        assert_eq!(nms(&boxes, 0.5, Overlap::Min, 0.0), [0, 1]);
        assert_eq!(nms(&boxes, 0.499, Overlap::Min, 0.0), [0]);
    }

    #[test]
    fn extent_makes_single_pixels_boxes() {
        let boxes = [(square(5.0, 5.0, 0.0), 0.5), (square(5.0, 5.0, 0.0), 0.9)];
        assert_eq!(nms(&boxes, 0.5, Overlap::Union, 1.0), [1]);
        assert!(nms(&boxes, 0.5, Overlap::Union, 0.0).is_empty());
    }

    #[test]
    fn broken_boxes_are_dropped() {
        let good = square(0.0, 0.0, 10.0);
        let boxes = [
            (Rect::new(f32::NAN, 0.0, 1.0, 1.0), 0.99),
            (Rect::new(f32::NEG_INFINITY, 0.0, f32::INFINITY, 1.0), 0.98),
            (good, f32::NAN),
            (good, f32::INFINITY),
            (Rect::new(5.0, 5.0, 1.0, 1.0), 0.97),
            (good, 0.1),
        ];
        assert_eq!(nms(&boxes, 0.5, Overlap::Union, 0.0), [5]);
        assert!(nms(&[], 0.5, Overlap::Union, 0.0).is_empty());
    }

    #[test]
    fn equal_scores_go_by_position() {
        let boxes = [(square(0.0, 0.0, 10.0), 0.5); 3];
        assert_eq!(nms(&boxes, 0.5, Overlap::Union, 0.0), [0]);
    }
}
