//! SCRFD: J. Guo, J. Deng, A. Lattas, S. Zafeiriou, "Sample and Computation Redistribution for Efficient Face Detection",
//! ICLR 2022, arXiv 2105.04714. Post-processing as InsightFace's runtime does it.

use engine::Tensor;
use geometry::{Landmarks, Point, Rect};

use super::single_shot::{Rules, rows};
use super::yunet::finite;
use crate::Detection;
use crate::canvas::Fit;

pub(super) const RULES: Rules =
    Rules { score: 0.5, overlap: 0.4, extent: 1.0, whole_pixels: false, fit: Fit::Truncate, decode };

/// The number of outputs says what the network is: 6 or 9 are strides 8 to 32 with two anchors a cell, 10 or 15
/// strides 8 to 128 with one; the larger number of each has points.
///
/// Outputs come by position: all scores, then all boxes, then all points. Rows go by y, x, anchor. Scores are already
/// sigmoids; the centre of a cell's anchors is its top-left corner, without half a stride; boxes are distances to left,
/// top, right, bottom in strides.
fn decode(outputs: &[Tensor], (width, height): (u32, u32), score: f32) -> Result<Vec<Detection>, String> {
    let (strides, anchors): (&[u32], usize) = match outputs.len() {
        6 | 9 => (&[8, 16, 32], 2),
        10 | 15 => (&[8, 16, 32, 64, 128], 1),
        count => return Err(format!("there are {count} outputs where 6, 9, 10 or 15 were expected")),
    };
    let levels = strides.len();
    let with_points = outputs.len() == 3 * levels;
    let mut found = Vec::new();
    for (level, &stride) in strides.iter().enumerate() {
        let columns = width.div_ceil(stride) as usize;
        let count = columns * height.div_ceil(stride) as usize * anchors;
        let scores = rows(outputs, level, count, 1)?;
        let boxes = rows(outputs, level + levels, count, 4)?;
        let points = if with_points { Some(rows(outputs, level + 2 * levels, count, 10)?) } else { None };
        let stride = stride as f32;
        for (row, &confidence) in scores.iter().enumerate() {
            if confidence.is_nan() || confidence < score {
                continue;
            }
            let cell = row / anchors;
            let (x, y) = ((cell % columns) as f32 * stride, (cell / columns) as f32 * stride);
            let b = &boxes[row * 4..][..4];
            found.push(Detection {
                bounds: Rect::new(x - b[0] * stride, y - b[1] * stride, x + b[2] * stride, y + b[3] * stride),
                score: confidence.min(1.0),
                landmarks: points.and_then(|points| {
                    let p = &points[row * 10..][..10];
                    finite(Landmarks(std::array::from_fn(|i| {
                        Point::new(x + p[2 * i] * stride, y + p[2 * i + 1] * stride)
                    })))
                }),
            });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Silent outputs for a canvas of 64 x 32 with two anchors: 64, 16 and 4 rows.
    fn silent(batched: bool, points: bool) -> Vec<Tensor> {
        let columns: &[usize] = if points { &[1, 4, 10] } else { &[1, 4] };
        columns
            .iter()
            .flat_map(|&columns| {
                [64, 16, 4].map(|rows| {
                    let data = vec![0.0; rows * columns];
                    if batched {
                        Tensor::new([1, rows, columns], data)
                    } else {
                        Tensor::new([rows, columns], data)
                    }
                })
            })
            .collect()
    }

    #[test]
    fn decodes_a_row() {
        for batched in [false, true] {
            let mut outputs = silent(batched, true);
            // Stride 16, cell 5 = column 1, row 1, second anchor: row 11.
            outputs[1].data[11] = 0.75;
            outputs[4].data[44..48].copy_from_slice(&[1.0, 0.5, 2.0, 1.5]);
            outputs[7].data[110..120].copy_from_slice(&[-0.5, 0.0, 0.5, 0.0, 0.0, 0.5, -0.5, 1.0, 0.5, 1.0]);
            let found = decode(&outputs, (64, 32), 0.5).unwrap();
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].bounds, Rect::new(0.0, 8.0, 48.0, 40.0));
            let points = found[0].landmarks.unwrap();
            assert_eq!(points.left_eye(), Point::new(8.0, 16.0));
            assert_eq!(points.right_mouth(), Point::new(24.0, 32.0));
        }
    }

    #[test]
    fn zero_distances_are_the_grid_point() {
        let mut outputs = silent(true, false);
        outputs[0].data[2 * 9] = 0.5;
        let found = decode(&outputs, (64, 32), 0.5).unwrap();
        assert_eq!(found[0].bounds, Rect::new(8.0, 8.0, 8.0, 8.0));
        assert_eq!(found[0].landmarks, None);
    }

    #[test]
    fn five_strides_with_one_anchor() {
        let rows = [16 * 16, 8 * 8, 4 * 4, 2 * 2, 1];
        let mut outputs: Vec<_> = [1, 4]
            .into_iter()
            .flat_map(|columns| rows.map(|rows| Tensor::new([1, rows, columns], vec![0.0; rows * columns])))
            .collect();
        outputs[4].data[0] = 0.9;
        outputs[9].data.copy_from_slice(&[0.0, 0.0, 0.5, 1.0]);
        let found = decode(&outputs, (128, 128), 0.5).unwrap();
        assert_eq!(found[0].bounds, Rect::new(0.0, 0.0, 64.0, 128.0));
    }

    #[test]
    fn other_outputs_are_refused() {
        assert!(decode(&silent(true, true)[..7], (64, 32), 0.5).unwrap_err().contains("7 outputs"));
        assert!(decode(&silent(true, true), (640, 640), 0.5).unwrap_err().contains("12800 rows"));
        let mut swapped = silent(true, true);
        swapped.swap(0, 3);
        assert!(decode(&swapped, (64, 32), 0.5).is_err());
    }
}
