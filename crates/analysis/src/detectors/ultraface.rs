//! UltraFace ("Ultra-Light-Fast-Generic-Face-Detector-1MB" by Linzaer), version RFB. Boxes only: it gives no landmarks.

use engine::Tensor;
use geometry::Rect;

use super::single_shot::{Rules, rows};
use crate::Detection;
use crate::canvas::Fit;

pub(super) const RULES: Rules =
    Rules { score: 0.7, overlap: 0.3, extent: 0.0, whole_pixels: false, fit: Fit::Stretch, decode };

/// Two outputs, the priors already applied: rows of (background, face) after the softmax, and rows of
/// (x1, y1, x2, y2) relative to the canvas.
fn decode(outputs: &[Tensor], (width, height): (u32, u32), score: f32) -> Result<Vec<Detection>, String> {
    let count = outputs.first().map_or(0, |scores| scores.data.len() / 2);
    let scores = rows(outputs, 0, count, 2)?;
    let boxes = rows(outputs, 1, count, 4)?;
    let (width, height) = (width as f32, height as f32);
    let faces = scores.chunks_exact(2).zip(boxes.chunks_exact(4));
    Ok(faces
        .filter(|(scores, _)| scores[1] >= score)
        .map(|(scores, b)| Detection {
            bounds: Rect::new(b[0] * width, b[1] * height, b[2] * width, b[3] * height),
            score: scores[1].min(1.0),
            landmarks: None,
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_rows() {
        let scores = Tensor::new([1, 3, 2], vec![0.9, 0.1, 0.2, 0.8, f32::NAN, f32::NAN]);
        let boxes = Tensor::new([1, 3, 4], [[0.0; 4], [0.25, 0.5, 0.5, 1.0], [0.0; 4]].concat());
        let found = decode(&[scores, boxes], (320, 240), 0.7).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].bounds, Rect::new(80.0, 120.0, 160.0, 240.0));
        assert_eq!((found[0].score, found[0].landmarks), (0.8, None));
    }

    #[test]
    fn other_outputs_are_refused() {
        let scores = Tensor::new([1, 3, 2], vec![0.0; 6]);
        assert!(decode(&[], (320, 240), 0.7).is_err());
        assert!(decode(&[scores.clone(), scores], (320, 240), 0.7).unwrap_err().contains("3 rows of 4"));
    }
}
