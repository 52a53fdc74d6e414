//! YuNet: W. Wu, H. Peng, S. Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence Research 20(5),
//! 2023. Post-processing as OpenCV's `FaceDetectorYN` does it (modules/objdetect/src/face_detect.cpp).

use engine::Tensor;
use geometry::{Landmarks, Point, Rect};

use super::single_shot::{Rules, rows};
use crate::Detection;
use crate::canvas::Fit;

/// The score is the root of class times objectness; 0.6 of it is what OpenCV's demonstration uses, and 0.36 where the
/// plain product is meant.
pub(super) const RULES: Rules =
    Rules { score: 0.6, overlap: 0.3, extent: 0.0, whole_pixels: true, fit: Fit::Round, decode };

const STRIDES: [u32; 3] = [8, 16, 32];

/// Twelve outputs: class, objectness, box, points, each at strides 8, 16 and 32. Row `r * columns + c` belongs to the
/// cell whose anchor is its top-left corner (c * stride, r * stride). Both probabilities are already sigmoids.
fn decode(outputs: &[Tensor], (width, height): (u32, u32), score: f32) -> Result<Vec<Detection>, String> {
    let mut found = Vec::new();
    for (level, &stride) in STRIDES.iter().enumerate() {
        let columns = (width / stride) as usize;
        let cells = columns * (height / stride) as usize;
        let class = rows(outputs, level, cells, 1)?;
        let object = rows(outputs, level + 3, cells, 1)?;
        let boxes = rows(outputs, level + 6, cells, 4)?;
        let points = rows(outputs, level + 9, cells, 10)?;
        let stride = stride as f32;
        for (cell, (class, object)) in class.iter().zip(object).enumerate() {
            let confidence = (class.clamp(0.0, 1.0) * object.clamp(0.0, 1.0)).sqrt();
            if confidence.is_nan() || confidence < score {
                continue;
            }
            let (x, y) = ((cell % columns) as f32, (cell / columns) as f32);
            let b = &boxes[cell * 4..][..4];
            let (center_x, center_y) = ((x + b[0]) * stride, (y + b[1]) * stride);
            let (w, h) = (b[2].exp() * stride, b[3].exp() * stride);
            let p = &points[cell * 10..][..10];
            found.push(Detection {
                bounds: Rect::from_xywh(center_x - 0.5 * w, center_y - 0.5 * h, w, h),
                score: confidence,
                landmarks: finite(Landmarks(std::array::from_fn(|i| {
                    Point::new((x + p[2 * i]) * stride, (y + p[2 * i + 1]) * stride)
                }))),
            });
        }
    }
    Ok(found)
}

/// Landmarks that a broken network made infinite are none.
pub(super) fn finite(points: Landmarks) -> Option<Landmarks> {
    points.is_finite().then_some(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Outputs for a canvas of 64 x 32, all zero: 8 x 4, 4 x 2 and 2 x 1 cells.
    fn silent() -> Vec<Tensor> {
        [1, 1, 4, 10]
            .into_iter()
            .flat_map(|columns| {
                [32, 8, 2].map(|cells| Tensor::new([1, cells, columns], vec![0.0; cells * columns]))
            })
            .collect()
    }

    #[test]
    fn decodes_a_cell() {
        let mut outputs = silent();
        // Stride 16, column 2, row 1: cell 6.
        outputs[1].data[6] = 0.81;
        outputs[4].data[6] = 1.0;
        outputs[7].data[24..28].copy_from_slice(&[0.5, -0.25, 2f32.ln(), 3f32.ln()]);
        for (i, value) in outputs[10].data[60..70].iter_mut().enumerate() {
            *value = i as f32;
        }
        let found = decode(&outputs, (64, 32), 0.6).unwrap();
        assert_eq!(found.len(), 1);
        let face = found[0];
        assert!((face.score - 0.9).abs() < 1e-6, "root of the product");
        // Centre ((2 + 0.5) * 16, (1 - 0.25) * 16) = (40, 12), size 32 x 48.
        for (got, want) in
            [(face.bounds.x1, 24.0), (face.bounds.y1, -12.0), (face.bounds.x2, 56.0), (face.bounds.y2, 36.0)]
        {
            assert!((got - want).abs() < 1e-4, "{:?}", face.bounds);
        }
        let points = face.landmarks.unwrap();
        assert_eq!(points.left_eye(), Point::new(32.0, 32.0));
        assert_eq!(points.right_mouth(), Point::new((2.0 + 8.0) * 16.0, (1.0 + 9.0) * 16.0));
    }

    #[test]
    fn the_threshold_is_met_from_it_on_and_probabilities_are_clamped() {
        let mut outputs = silent();
        (outputs[0].data[0], outputs[3].data[0]) = (0.36, 1.5);
        (outputs[0].data[1], outputs[3].data[1]) = (-3.0, -1.0);
        (outputs[0].data[2], outputs[3].data[2]) = (f32::NAN, 1.0);
        let found = decode(&outputs, (64, 32), 0.6).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].score, 0.6);
        assert_eq!(found[0].bounds, Rect::new(-4.0, -4.0, 4.0, 4.0), "zero distances: a box of one stride");
    }

    #[test]
    fn other_outputs_are_refused() {
        let outputs = silent();
        assert!(decode(&outputs, (64, 64), 0.6).unwrap_err().contains("output 0"));
        assert!(decode(&outputs[..11], (64, 32), 0.6).unwrap_err().contains("missing"));
        let mut broken = silent();
        (broken[0].data[0], broken[3].data[0]) = (1.0, 1.0);
        broken[9].data[3] = f32::INFINITY;
        broken[6].data[2] = 1e9;
        let found = decode(&broken, (64, 32), 0.6).unwrap();
        assert!(found[0].landmarks.is_none() && !found[0].bounds.is_finite(), "later dropped");
    }
}
