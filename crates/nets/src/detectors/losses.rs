//! What a detector is to learn: cells, boxes and points.

use burn::tensor::{Int, Tensor, TensorData};
use geometry::{Landmarks, Rect};

use super::predictions::{numbers, rect};
use super::{Predictions, assign};
use crate::cross_entropy::binary_cross_entropy;

/// A face that is in an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Face {
    /// Where, in pixels of the image.
    pub bounds: Rect,
    /// Where its points are, if that is known.
    pub landmarks: Option<Landmarks>,
}

/// What a batch costs.
#[derive(Clone, Debug)]
pub struct DetectionLoss {
    /// The sum of the parts.
    pub loss: Tensor<1>,
    /// What it is made of, weighted, for the log; without gradients.
    pub parts: Vec<(&'static str, Tensor<1>)>,
    /// How many cells were given a face.
    pub cells: usize,
}

/// What boxes and points count, where cells count 1.
const BOXES: f64 = 5.0;
const POINTS: f64 = 0.1;
/// Differences of points below it count as squares.
const POINTS_SMOOTH: f64 = 1.0 / 9.0;
/// Box losses below it count as squares.
const BOXES_SMOOTH: f64 = 0.1;

impl Predictions {
    /// The loss of YuNet: objectness of all cells; of those that [were given](assign) a
    /// face, the class, which is to be the overlap of their box with it, the box and the points.
    ///
    /// `faces` holds those of each image. A cell that sees a face with unknown points learns none.
    ///
    /// # Panics
    ///
    /// If there are not as many lists of faces as images.
    pub fn loss(&self, faces: &[Vec<Face>]) -> DetectionLoss {
        assert_eq!(faces.len(), self.boxes.dims()[0], "a list of faces for each image");
        let targets = self.targets(faces);
        let device = self.boxes.device();
        let count = targets.places.len();
        let share = 1.0 / count.max(1) as f64;
        let objects = binary_cross_entropy(self.objects.clone(), targets.objects(self)).sum() * share;
        let zero = Tensor::<1>::zeros([1], &device);
        let (mut classes, mut boxes, mut points) = (zero.clone(), zero.clone(), zero);
        if count > 0 {
            let places =
                Tensor::<1, Int>::from_data(TensorData::new(targets.places.clone(), [count]), &device);
            let [images, cells, _] = self.boxes.dims();
            let tensor = |values: &[f32], columns: usize| -> Tensor<2> {
                Tensor::from_data(TensorData::new(values.to_vec(), [count, columns]), &device)
            };
            let logits = self.classes.clone().reshape([images * cells, 1]).select(0, places.clone());
            classes = binary_cross_entropy(logits, tensor(&targets.overlaps, 1)).sum() * share;
            let corners = self.corners().reshape([images * cells, 4]).select(0, places.clone());
            boxes = extended_overlap_loss(corners, tensor(&targets.corners, 4)).sum() * (BOXES * share);
            let known = targets.known.iter().sum::<f32>();
            if known > 0.0 {
                let told = self.points.clone().reshape([images * cells, 10]).select(0, places);
                let apart = smooth(told - tensor(&targets.points, 10), POINTS_SMOOTH);
                points = (apart * tensor(&targets.known, 1)).sum() * (POINTS / f64::from(known));
            }
        }
        let parts = [("objects", &objects), ("classes", &classes), ("boxes", &boxes), ("points", &points)];
        let parts = parts.map(|(name, part)| (name, part.clone().detach())).to_vec();
        DetectionLoss { loss: objects + classes + boxes + points, parts, cells: count }
    }

    fn targets(&self, faces: &[Vec<Face>]) -> Targets {
        let confidences = numbers(self.confidences().detach());
        let boxes: Vec<Rect> = numbers(self.corners().detach()).chunks_exact(4).map(rect).collect();
        let cells = self.cells.len();
        let mut targets = Targets::default();
        for (image, faces) in faces.iter().enumerate() {
            let of = image * cells..(image + 1) * cells;
            let bounds: Vec<Rect> = faces.iter().map(|face| face.bounds).collect();
            let assigned = assign(&self.cells, &confidences[of.clone()], &boxes[of], &bounds);
            for (at, assigned) in assigned.into_iter().enumerate() {
                let Some(assigned) = assigned else { continue };
                let (face, cell) = (&faces[assigned.face], self.cells[at]);
                targets.places.push((image * cells + at) as i64);
                targets.overlaps.push(assigned.overlap);
                targets.corners.extend([face.bounds.x1, face.bounds.y1, face.bounds.x2, face.bounds.y2]);
                let landmarks = face.landmarks.filter(Landmarks::is_finite);
                targets.known.push(f32::from(landmarks.is_some()));
                let points = landmarks.unwrap_or_default().0;
                let strides = points.iter().flat_map(|point| [point.x - cell.x, point.y - cell.y]);
                targets.points.extend(strides.map(|distance| distance / cell.stride));
            }
        }
        targets
    }
}

/// What the cells that were given a face are to say, one after another.
#[derive(Default)]
struct Targets {
    /// Their numbers, in all images.
    places: Vec<i64>,
    overlaps: Vec<f32>,
    corners: Vec<f32>,
    points: Vec<f32>,
    known: Vec<f32>,
}

impl Targets {
    /// 1 for cells that were given a face, `[N, P]`.
    fn objects(&self, predictions: &Predictions) -> Tensor<2> {
        let [images, cells] = predictions.objects.dims();
        let mut objects = vec![0.0f32; images * cells];
        for &place in &self.places {
            objects[place as usize] = 1.0;
        }
        Tensor::from_data(TensorData::new(objects, [images, cells]), &predictions.objects.device())
    }
}

/// Squares below a point, and straight lines above it.
fn smooth<const D: usize>(differences: Tensor<D>, point: f64) -> Tensor<D> {
    let away = differences.abs();
    let square = away.clone().square() * (0.5 / point);
    let line = away.clone() - 0.5 * point;
    line.mask_where(away.lower_elem(point), square)
}

/// Of boxes `[P, 4]` (left, top, right, bottom): one less the extended intersection over union, smooth near
/// 0, `[P]`.
///
/// Peng and Yu, "A Systematic IoU-Related Method", IEEE Transactions on Image Processing 2021: the
/// intersection of boxes that do not meet is negative, and the more so the further they are apart, so that
/// they are drawn together.
pub(super) fn extended_overlap_loss(boxes: Tensor<2>, faces: Tensor<2>) -> Tensor<1> {
    let side = |of: &Tensor<2>, at: usize| of.clone().narrow(1, at, 1).squeeze_dim::<1>(1);
    let area = |of: &Tensor<2>| (side(of, 2) - side(of, 0)) * (side(of, 3) - side(of, 1));
    // Of one direction, from the left end of both: right and left ends of the intersection, in order and as
    // they are.
    let ends = |low: usize| {
        let first = side(&boxes, low).min_pair(side(&faces, low));
        let left = side(&boxes, low).max_pair(side(&faces, low)) - first.clone();
        let right = side(&boxes, low + 2).min_pair(side(&faces, low + 2)) - first;
        let [less, more] = [left.clone().min_pair(right.clone()), left.clone().max_pair(right.clone())];
        [left, right, less, more]
    };
    let ([left, right, less_x, more_x], [top, bottom, less_y, more_y]) = (ends(0), ends(1));
    let intersection = right * bottom + less_x * less_y - left * more_y - more_x * top;
    let union = area(&boxes) + area(&faces) - intersection.clone() + 1e-7;
    let apart = (intersection / union).neg() + 1.0;
    let square = apart.clone().square() * (0.5 / BOXES_SMOOTH);
    let line = apart.clone() - 0.5 * BOXES_SMOOTH;
    line.mask_where(apart.lower_elem(BOXES_SMOOTH), square)
}
