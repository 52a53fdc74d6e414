//! The losses against the values and properties of the papers, and their gradients against differences.

mod equalities;
mod golden;
mod gradients;
mod pairs;
mod partial;
mod state;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::*;
use crate::testing::values;

/// A device that computes gradients.
fn device() -> Device {
    Device::flex().autodiff()
}

const FIRST: Moment = Moment { step: 0, seed: 1 };

fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..count).map(|_| random.f32() * 2.0 - 1.0).collect()
}

fn matrix(values: Vec<f32>, columns: usize) -> Tensor<2> {
    let rows = values.len() / columns;
    Tensor::from_data(TensorData::new(values, [rows, columns]), &device())
}

fn labels(values: &[i64]) -> Tensor<1, Int> {
    Tensor::from_ints(TensorData::from(values), &device())
}

fn value(tensor: &Tensor<1>) -> f32 {
    tensor.clone().into_scalar()
}

/// Makes a loss hold a given class matrix.
struct Given(Option<Tensor<2>>);

impl ModuleMapper for Given {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if D != 2 || !param.is_require_grad() {
            return param;
        }
        let Some(given) = self.0.take() else { return param };
        param.map(|old| given.reshape(old.shape()).require_grad())
    }
}

fn with_classes(loss: Loss, classes: Tensor<2>) -> Loss {
    loss.map(&mut Given(Some(classes)))
}

/// A class matrix in a plane, with one class along the first axis and one opposite; and embeddings of given
/// lengths at given angles from the first.
fn plane(config: &LossConfig, cosines: &[f32], lengths: &[f32]) -> (Loss, Tensor<2>, Tensor<1, Int>) {
    let loss = with_classes(config.init(2, 2, &device()), matrix(vec![1.0, 0.0, 0.0, 1.0], 2));
    let points = cosines.iter().zip(lengths).flat_map(|(c, a)| [c * a, (1.0 - c * c).sqrt() * a]);
    (loss, matrix(points.collect(), 2), labels(&vec![0; cosines.len()]))
}

/// The logits of a head over cosines, without a loss.
fn logits(loss: &Loss, embeddings: Tensor<2>, labels: Tensor<1, Int>, moment: Moment) -> Tensor<2> {
    let Loss::Margin(loss) = loss else { panic!("{loss:?} has no head") };
    let cosines = cosines::Cosines::between(embeddings, loss.classes.all(), loss.classes.centers, labels);
    loss.head.head().logits(&cosines, moment).values
}

/// Logits of the own class, over the scale, for cosines to it.
fn targets(config: &LossConfig, cosines: &[f32], lengths: &[f32], scale: f32) -> Vec<f32> {
    let (loss, embeddings, labels) = plane(config, cosines, lengths);
    let logits = logits(&loss, embeddings, labels, FIRST);
    values(logits).chunks_exact(2).map(|row| row[0] / scale).collect()
}

#[track_caller]
fn near(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() <= tolerance, "{found:?} against {expected:?}");
    }
}
