//! Gradients against central differences, and where they must be zero or finite.

use burn::module::ModuleVisitor;

use super::*;

/// Every loss with a gradient that is that of its formula, at a scale that differences in f32 can follow.
fn exact() -> Vec<LossConfig> {
    let scale = 12.0;
    let beyond = |beyond| LossConfig::ArcFace(ArcFace { scale, beyond, ..ArcFace::default() });
    let mag = MagFace { scale, lower_norm: 0.5, upper_norm: 8.0, norm_weight: 5.0, ..MagFace::default() };
    vec![
        LossConfig::Softmax(SoftmaxConfig::default()),
        LossConfig::NormFace(NormFaceConfig { scale, learn_scale: true, ..NormFaceConfig::default() }),
        LossConfig::ASoftmax(ASoftmax { margin: 2, annealing: Annealing::NONE, ..ASoftmax::default() }),
        LossConfig::ASoftmax(ASoftmax { margin: 3, annealing: Annealing::NONE, ..ASoftmax::default() }),
        LossConfig::ASoftmax(ASoftmax { margin: 4, annealing: Annealing::NONE, ..ASoftmax::default() }),
        LossConfig::CosFace(CosFace { scale, ..CosFace::default() }),
        beyond(Beyond::None),
        beyond(Beyond::Strict),
        beyond(Beyond::Easy),
        beyond(Beyond::Clip),
        LossConfig::ArcFace(ArcFace { scale, centers: 2, ..ArcFace::default() }),
        LossConfig::MagFace(MagFace { kind: MarginKind::Cos, ..mag.clone() }),
        LossConfig::MagFace(mag),
    ]
}

/// The float parameters of a loss that are trained, in order: read, or moved by so much along a direction.
struct Moved<'a> {
    by: f32,
    along: &'a [f32],
    at: usize,
}

impl ModuleMapper for Moved<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if !param.is_require_grad() {
            return param;
        }
        let count = param.val().shape().num_elements();
        let along = &self.along[self.at..self.at + count];
        self.at += count;
        param.map(|old| {
            let moved: Vec<f32> =
                super::values(old.clone()).iter().zip(along).map(|(v, d)| v + self.by * d).collect();
            Tensor::from_data(TensorData::new(moved, old.shape()), &old.device()).require_grad()
        })
    }
}

/// Gradients of the trained parameters, in order.
struct Gathered<'a> {
    gradients: &'a burn::tensor::Gradients,
    values: Vec<f32>,
}

impl ModuleVisitor for Gathered<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if param.is_require_grad() {
            let gradient = param.val().grad(self.gradients).unwrap_or_else(|| param.val().zeros_like());
            self.values.extend(super::values(gradient));
        }
    }
}

const DIMENSION: usize = 6;
const CLASSES: usize = 5;

fn people() -> Tensor<1, Int> {
    labels(&[0, 1, 2, 0, 1, 2])
}

/// The slope of a loss along a random direction of embeddings and parameters: by its gradient, and by differences.
fn slopes(config: &LossConfig, seed: u64) -> (f32, f32) {
    let moment = Moment { step: 3, seed: 9 };
    let fresh = || {
        let loss = config.init(DIMENSION, CLASSES, &device());
        let count = loss.num_params();
        let start: Vec<f32> = numbers(count, seed + 50);
        // From wherever it began to a known place near: running state is not moved.
        with_classes(loss, matrix_of(&config_rows(config), &start))
    };
    let loss = fresh();
    let points = numbers(6 * DIMENSION, seed + 100);
    let direction = numbers(6 * DIMENSION, seed + 200);
    let along = numbers(loss.num_params(), seed + 300);

    let embeddings = matrix(points.clone(), DIMENSION).require_grad();
    let outcome = loss.clone().forward(embeddings.clone(), people(), moment);
    let gradients = outcome.loss.backward();
    let of_points = values(embeddings.grad(&gradients).unwrap());
    let mut gathered = Gathered { gradients: &gradients, values: Vec::new() };
    loss.visit(&mut gathered);
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let by_gradient = dot(&of_points, &direction) + dot(&gathered.values, &along);

    let step = 2e-3f32;
    let moved = |by: f32| {
        let loss = loss.clone().map(&mut Moved { by, along: &along, at: 0 });
        let points = points.iter().zip(&direction).map(|(p, d)| p + by * d).collect();
        f64::from(value(&loss.forward(matrix(points, DIMENSION), people(), moment).loss))
    };
    let by_differences = ((moved(step) - moved(-step)) / f64::from(2.0 * step)) as f32;
    (by_gradient, by_differences)
}

fn config_rows(config: &LossConfig) -> usize {
    match config {
        LossConfig::ArcFace(head) => CLASSES * head.centers,
        _ => CLASSES,
    }
}

fn matrix_of(rows: &usize, from: &[f32]) -> Tensor<2> {
    matrix(from.iter().cycle().take(rows * DIMENSION).copied().collect(), DIMENSION)
}

fn differ(config: &LossConfig) -> bool {
    (0..4).any(|seed| {
        let (gradient, differences) = slopes(config, seed);
        (gradient - differences).abs() > 5e-3 + 1e-2 * differences.abs()
    })
}

#[test]
fn gradients_are_the_slopes() {
    for config in exact() {
        for seed in 0..4 {
            let (gradient, differences) = slopes(&config, seed);
            let close = (gradient - differences).abs() <= 5e-3 + 1e-2 * differences.abs();
            assert!(close, "{config:?}: {gradient} against {differences}");
        }
    }
}

#[test]
fn a_detached_margin_is_seen_by_the_differences() {
    assert!(differ(&LossConfig::ArcFace(ArcFace {
        scale: 12.0,
        gradient: Gradient::Detached,
        ..ArcFace::default()
    })));
}

#[test]
fn angular_losses_do_not_change_lengths() {
    let arc = |gradient| LossConfig::ArcFace(ArcFace { gradient, ..ArcFace::default() });
    let angular = [
        LossConfig::NormFace(NormFaceConfig::default()),
        LossConfig::CosFace(CosFace::default()),
        arc(Gradient::Exact),
        arc(Gradient::Detached),
    ];
    for config in angular {
        let loss = config.init(DIMENSION, CLASSES, &device());
        let embeddings = matrix(numbers(36, 8), DIMENSION).require_grad();
        let outcome = loss.forward(embeddings.clone(), people(), FIRST);
        let gradient = embeddings.grad(&outcome.loss.backward()).unwrap();
        let size = values(gradient.clone().square().sum())[0].sqrt();
        let radial = values((gradient.without_autodiff() * embeddings.without_autodiff()).sum_dim(1));
        assert!(size > 0.1, "{config:?}");
        assert!(radial.iter().all(|r| r.abs() < 1e-5 * size), "{config:?}: {radial:?} of {size}");
    }
}

#[test]
fn gradients_are_finite_along_and_against_the_classes() {
    for config in exact() {
        let loss = config.init(DIMENSION, CLASSES, &device());
        let rows = config_rows(&config);
        let classes = matrix_of(&rows, &numbers(rows * DIMENSION, 6));
        let loss = with_classes(loss, classes.clone());
        let each = rows / CLASSES;
        let firsts: Vec<f32> =
            values(classes).chunks_exact(DIMENSION * each).flat_map(|c| c[..DIMENSION].to_vec()).collect();
        // Along classes 0 to 2, against them, and no direction at all.
        let mut points: Vec<f32> = firsts[..3 * DIMENSION].to_vec();
        points.extend(firsts[..2 * DIMENSION].iter().map(|v| -3.0 * v));
        points.extend([0.0; DIMENSION]);
        let embeddings = matrix(points, DIMENSION).require_grad();
        let outcome = loss.forward(embeddings.clone(), labels(&[0, 1, 2, 0, 1, 2]), FIRST);
        let gradient = values(embeddings.grad(&outcome.loss.backward()).unwrap());
        assert!(value(&outcome.loss).is_finite(), "{config:?}");
        assert!(gradient.iter().all(|g| g.is_finite()), "{config:?}: {gradient:?}");
    }
}
