//! What a detector says of each cell, and the faces that are in it.

use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor, TensorData};
use geometry::{Landmarks, Overlap, Point, Rect, nms};

use super::Cell;

/// What a detector says of each of `P` cells in `N` images.
#[derive(Clone, Debug)]
pub struct Predictions {
    /// Logits `[N, P]` of a face, of what is an object.
    pub classes: Tensor<2>,
    /// Logits `[N, P]` of an object.
    pub objects: Tensor<2>,
    /// `[N, P, 4]`: the center from the corner of the cell and the logarithms of width and height, in
    /// strides.
    pub boxes: Tensor<3>,
    /// `[N, P, 10]`: five points from the corner of the cell, in strides.
    pub points: Tensor<3>,
    /// The cells.
    pub cells: Vec<Cell>,
}

/// A face that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Where, in pixels of the image.
    pub bounds: Rect,
    /// The root of class times objectness, 0..1.
    pub score: f32,
    /// Where its points are.
    pub landmarks: Landmarks,
}

impl Predictions {
    /// Corners `[N, P, 4]` of the boxes in pixels: left, top, right, bottom.
    pub fn corners(&self) -> Tensor<3> {
        let [corner, stride] = self.rows();
        let center = self.boxes.clone().narrow(2, 0, 2) * stride.clone() + corner;
        let half = self.boxes.clone().narrow(2, 2, 2).exp() * stride * 0.5;
        Tensor::cat(vec![center.clone() - half.clone(), center + half], 2)
    }

    /// The corner of each cell and its stride, both `[1, P, 2]`.
    pub(super) fn rows(&self) -> [Tensor<3>; 2] {
        let device: Device = self.boxes.device();
        let tensor = |of: fn(&Cell) -> [f32; 2]| {
            let values: Vec<f32> = self.cells.iter().flat_map(of).collect();
            Tensor::from_data(TensorData::new(values, [1, self.cells.len(), 2]), &device)
        };
        [tensor(|cell| [cell.x, cell.y]), tensor(|cell| [cell.stride; 2])]
    }

    /// Class times objectness `[N, P]`, 0..1.
    pub fn confidences(&self) -> Tensor<2> {
        sigmoid(self.classes.clone()) * sigmoid(self.objects.clone())
    }

    /// The faces of each image with at least this score (0..1), best first; of those that overlap more than
    /// so much (intersection over union) the best one.
    pub fn faces(&self, score: f32, overlap: f32) -> Vec<Vec<Found>> {
        let scores = numbers(self.confidences().sqrt());
        let corners = numbers(self.corners());
        let [corner, stride] = self.rows();
        let [images, count, _] = self.points.dims();
        let points = self.points.clone().reshape([images, count, 5, 2]);
        let points = numbers(points * stride.unsqueeze_dim::<4>(2) + corner.unsqueeze_dim::<4>(2));
        let found = |at: usize| Found {
            bounds: rect(&corners[at * 4..]),
            score: scores[at],
            landmarks: Landmarks(std::array::from_fn(|point| {
                Point::new(points[at * 10 + 2 * point], points[at * 10 + 2 * point + 1])
            })),
        };
        let image = |image: usize| {
            let cells = image * count..(image + 1) * count;
            let all: Vec<Found> = cells.filter(|&at| scores[at] >= score).map(found).collect();
            let boxes: Vec<(Rect, f32)> = all.iter().map(|face| (face.bounds, face.score)).collect();
            nms(&boxes, overlap, Overlap::Union, 0.0).into_iter().map(|at| all[at]).collect()
        };
        (0..images).map(image).collect()
    }
}

/// Left, top, right, bottom.
pub(super) fn rect(corners: &[f32]) -> Rect {
    Rect { x1: corners[0], y1: corners[1], x2: corners[2], y2: corners[3] }
}

pub(super) fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    // What is asked for is what was made: the networks compute in single precision.
    tensor.into_data().convert::<f32>().try_to_vec().unwrap_or_default()
}
