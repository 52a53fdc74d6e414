//! Gradients against central differences, and where they must be zero or finite.

use burn::module::ModuleVisitor;
use burn::tensor::FloatDType;

use super::*;

/// Every loss with a gradient that is that of its formula, at a scale that differences in f32 can follow.
fn exact() -> Vec<LossConfig> {
    let scale = 12.0;
    let arc = |beyond| LossConfig::ArcFace(ArcFace { scale, beyond, ..ArcFace::default() });
    let a_softmax =
        |margin| LossConfig::ASoftmax(ASoftmax { margin, annealing: Annealing::NONE, ..ASoftmax::default() });
    let mag = MagFace { scale, lower_norm: 0.5, upper_norm: 8.0, norm_weight: 5.0, ..MagFace::default() };
    let elastic = ElasticFace { scale, ..ElasticFace::default() };
    let triplet = Triplet { margin: 0.5, ..Triplet::default() };
    let combined = CombinedMargin { scale, ..CombinedMargin::default() };
    let mv = MvSoftmax { scale, ..MvSoftmax::default() };
    let cosface = LossConfig::CosFace(CosFace { scale, ..CosFace::default() });
    let exact = SphereFace2Config { gradient: Gradient::Exact, ..SphereFace2Config::default() };
    vec![
        LossConfig::Softmax(SoftmaxConfig::default()),
        LossConfig::L2Softmax(L2SoftmaxConfig { alpha: 5.0, ..L2SoftmaxConfig::default() }),
        LossConfig::LSoftmax(LSoftmaxConfig { annealing: Annealing::NONE, ..LSoftmaxConfig::default() }),
        LossConfig::LSoftmax(LSoftmaxConfig { margin: 2, ..LSoftmaxConfig::default() }),
        LossConfig::NormFace(NormFaceConfig { scale, learn_scale: true, ..NormFaceConfig::default() }),
        a_softmax(1),
        a_softmax(2),
        a_softmax(3),
        a_softmax(4),
        LossConfig::ASoftmax(ASoftmax::default()),
        LossConfig::SphereFace2(SphereFace2Config { scale: 8.0, weight: 8.0, ..exact }),
        sphereface_r(Normalization::None, 1.0),
        sphereface_r(Normalization::Hard, 1.0),
        sphereface_r(Normalization::Soft, 1.0),
        cosface.clone(),
        arc(Beyond::None),
        arc(Beyond::Strict),
        arc(Beyond::Easy),
        arc(Beyond::Clip),
        LossConfig::ArcFace(ArcFace { scale, centers: 2, ..ArcFace::default() }),
        LossConfig::CombinedMargin(CombinedMargin { m1: 0.9, m2: 0.4, m3: 0.15, ..combined.clone() }),
        LossConfig::CombinedMargin(combined),
        LossConfig::MagFace(MagFace { margin_kind: MarginKind::Cos, ..mag.clone() }),
        LossConfig::MagFace(mag),
        LossConfig::CurricularFace(CurricularFaceConfig {
            scale,
            rate: 0.0,
            ..CurricularFaceConfig::default()
        }),
        LossConfig::MvSoftmax(MvSoftmax { margin_kind: MarginKind::Arc, fixed: true, ..mv.clone() }),
        LossConfig::MvSoftmax(mv),
        LossConfig::ElasticFace(ElasticFace {
            margin_kind: MarginKind::Cos,
            ranked: true,
            ..elastic.clone()
        }),
        LossConfig::ElasticFace(elastic),
        LossConfig::Contrastive(Contrastive::default()),
        LossConfig::Contrastive(Contrastive { margin: 2.0, normalize: false }),
        LossConfig::Triplet(Triplet { mining: Mining::All, ..triplet.clone() }),
        LossConfig::Triplet(Triplet { mining: Mining::Hard, ..triplet.clone() }),
        LossConfig::Triplet(Triplet { distance: Distance::Angular, ..triplet.clone() }),
        LossConfig::Triplet(triplet),
        LossConfig::Center(CenterConfig { weight: 0.5, ..CenterConfig::default() }),
        LossConfig::Range(RangeConfig {
            intra_weight: 0.1,
            inter_weight: 0.2,
            margin: 9.0,
            ..RangeConfig::default()
        }),
        LossConfig::PartialFc(PartialFcConfig { head: Box::new(cosface), rate: 0.8, filter: Some(0.5) }),
    ]
}

/// Far from the length that SFN draws to, with a penalty that can be seen.
fn sphereface_r(normalization: Normalization, margin: f64) -> LossConfig {
    let scale = 4.0;
    LossConfig::SphereFaceR(SphereFaceR {
        normalization,
        margin,
        scale,
        norm_weight: 2.0,
        weight: 4.0,
        ..SphereFaceR::default()
    })
}

/// Every loss with a factor that is detached from the gradient, so that it is not the slope of the value.
fn detached() -> Vec<LossConfig> {
    let r = |version| LossConfig::SphereFaceR(SphereFaceR { version, ..SphereFaceR::default() });
    vec![
        LossConfig::ArcFace(ArcFace { scale: 12.0, gradient: Gradient::Detached, ..ArcFace::default() }),
        LossConfig::CombinedMargin(CombinedMargin {
            gradient: Gradient::Detached,
            m1: 1.2,
            ..CombinedMargin::default()
        }),
        r(Version::V0),
        r(Version::V1),
        r(Version::V2),
        LossConfig::SphereFace2(SphereFace2Config::default()),
        // The class matrices and lengths of these are looked at below, where what is detached rests.
        sphereface_r(Normalization::None, 1.7),
        sphereface_r(Normalization::Soft, 1.7),
        LossConfig::AdaFace(AdaFaceConfig { scale: 12.0, rate: 1.0, ..AdaFaceConfig::default() }),
        LossConfig::Circle(Circle { gamma: 16.0, ..Circle::default() }),
        LossConfig::CirclePairs(CirclePairs { gamma: 16.0, ..CirclePairs::default() }),
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

/// A loss as it is before any step, with the same class matrix each time.
fn fresh(config: &LossConfig, seed: u64) -> Loss {
    let loss = config.init(DIMENSION, CLASSES, &device());
    match &loss {
        Loss::Center(loss) => {
            running::set(&loss.centers, matrix(numbers(CLASSES * DIMENSION, seed + 1), DIMENSION))
        }
        Loss::Margin(MarginSoftmax { head: Heads::CurricularFace(head), .. }) => {
            running::set(&head.t, Tensor::from_floats([0.3], &device()));
        }
        Loss::Margin(MarginSoftmax { head: Heads::AdaFace(head), .. }) => {
            running::set(&head.batch_mean, Tensor::from_floats([1.3], &device()));
            running::set(&head.batch_std, Tensor::from_floats([0.3], &device()));
        }
        _ => {}
    }
    with_classes(loss, matrix(numbers(config_rows(config) * DIMENSION, seed), DIMENSION))
}

/// Where embeddings are moved to, of which most directions are any.
#[derive(Clone, Copy, PartialEq)]
enum Directions {
    /// Any, of the parameters too.
    All,
    /// Those that change no length; of the parameters any.
    Tangential,
    /// Those that change lengths alone; of the parameters none.
    Radial,
}

impl Directions {
    fn of(self, points: &[f32], random: Vec<f32>) -> Vec<f32> {
        let rows = points.chunks_exact(DIMENSION).zip(random.chunks_exact(DIMENSION));
        let row = |(point, random): (&[f32], &[f32])| -> Vec<f32> {
            let share = dot(point, random) / dot(point, point);
            point
                .iter()
                .zip(random)
                .map(|(p, r)| match self {
                    Self::All => *r,
                    Self::Tangential => r - share * p,
                    Self::Radial => share * p,
                })
                .collect()
        };
        rows.flat_map(row).collect()
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The slope of a loss along a random direction of embeddings and parameters: by its gradient, and by
/// differences.
fn slopes(config: &LossConfig, seed: u64) -> (f32, f32) {
    slopes_along(config, seed, Directions::All)
}

fn slopes_along(config: &LossConfig, seed: u64, directions: Directions) -> (f32, f32) {
    let moment = Moment { step: 3, seed: 9 };
    let loss = fresh(config, seed + 50);
    let points = numbers(6 * DIMENSION, seed + 100);
    let direction = directions.of(&points, numbers(6 * DIMENSION, seed + 200));
    let mut along = numbers(loss.num_params(), seed + 300);
    if directions == Directions::Radial {
        along.fill(0.0);
    }

    let embeddings = matrix(points.clone(), DIMENSION).require_grad();
    let outcome = loss.forward(embeddings.clone(), people(), moment);
    let gradients = outcome.loss.backward();
    let of_points = values(embeddings.grad(&gradients).unwrap());
    let mut gathered = Gathered { gradients: &gradients, values: Vec::new() };
    loss.visit(&mut gathered);
    let by_gradient = dot(&of_points, &direction) + dot(&gathered.values, &along);

    let step = 2e-3f32;
    let moved = |by: f32| {
        // Running state is shared by clones, and a step moves it: so a new loss each time.
        let loss = fresh(config, seed + 50).map(&mut Moved { by, along: &along, at: 0 });
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

fn close((gradient, differences): (f32, f32)) -> bool {
    (gradient - differences).abs() <= 5e-3 + 1e-2 * differences.abs()
}

#[test]
fn gradients_are_the_slopes() {
    let mut wrong = Vec::new();
    for config in exact() {
        for seed in 0..4 {
            let found = slopes(&config, seed);
            if !close(found) {
                wrong.push(format!("{config:?}: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is detached does not move in these directions, so that the gradient is the slope after all.
#[test]
fn gradients_are_the_slopes_where_what_is_detached_rests() {
    let ada = |concentration| {
        LossConfig::AdaFace(AdaFaceConfig {
            scale: 12.0,
            rate: 0.0,
            concentration,
            ..AdaFaceConfig::default()
        })
    };
    let none = sphereface_r(Normalization::None, 1.7);
    let soft = sphereface_r(Normalization::Soft, 1.7);
    for (config, directions) in [
        (ada(0.333), Directions::Tangential),
        (ada(-2.0), Directions::Tangential),
        (none, Directions::Radial),
        (soft, Directions::Radial),
    ] {
        for seed in 0..4 {
            let found = slopes_along(&config, seed, directions);
            assert!(found.1.abs() > 1e-3, "{config:?}: nothing to see");
            assert!(close(found), "{config:?}: {found:?}");
        }
    }
}

/// Circle loss over pairs in f64, with the paces of other points.
fn circle_of_pairs(points: &[f64], paced: &[f64], margin: f64, gamma: f64) -> f64 {
    let people = [0, 1, 2, 0, 1, 2];
    let cosine = |points: &[f64], a: usize, b: usize| {
        let [a, b] = [a, b].map(|row| &points[row * DIMENSION..][..DIMENSION]);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    };
    let of_anchor = |anchor: usize| {
        let (mut own, mut others) = (0.0, 0.0);
        for other in (0..6).filter(|other| *other != anchor) {
            let (now, held) = (cosine(points, anchor, other), cosine(paced, anchor, other));
            if people[other] == people[anchor] {
                own += (-gamma * (1.0 + margin - held).max(0.0) * (now - 1.0 + margin)).exp();
            } else {
                others += (gamma * (held + margin).max(0.0) * (now - margin)).exp();
            }
        }
        (own * others).ln_1p()
    };
    (0..6).map(of_anchor).sum::<f64>() / 6.0
}

#[test]
fn circle_loss_of_pairs_has_the_slope_of_similarities_at_a_pace_that_is_held() {
    let (margin, gamma) = (0.25, 8.0);
    let config = LossConfig::CirclePairs(CirclePairs { margin, gamma });
    let loss = config.init(DIMENSION, CLASSES, &device());
    for seed in 0..4 {
        let [points, direction] = [100, 200].map(|more| numbers(6 * DIMENSION, seed + more));
        let embeddings = matrix(points.clone(), DIMENSION).require_grad();
        let outcome = loss.forward(embeddings.clone(), people(), FIRST);
        let gradient = values(embeddings.grad(&outcome.loss.backward()).unwrap());
        let at = |by: f64| -> Vec<f64> {
            points.iter().zip(&direction).map(|(p, d)| f64::from(*p) + by * f64::from(*d)).collect()
        };
        let held = |by: f64| circle_of_pairs(&at(by), &at(0.0), margin, gamma);
        near(&[value(&outcome.loss)], &[held(0.0) as f32], 1e-4);
        assert!(close((dot(&gradient, &direction), ((held(1e-5) - held(-1e-5)) / 2e-5) as f32)));
    }
}

#[test]
fn what_is_detached_is_seen_by_the_differences() {
    for config in detached() {
        assert!((0..4).any(|seed| !close(slopes(&config, seed))), "{config:?}");
    }
}

/// Slopes of the logits of one sample with regard to its cosines: to its own class first.
fn slopes_of_logits(config: &LossConfig, cosines: &[f32], scale: f32) -> Vec<f32> {
    let Loss::Margin(loss) = config.init(2, cosines.len(), &device()) else {
        panic!("{config:?} has no head")
    };
    if let Heads::CurricularFace(head) = &loss.head {
        running::set(&head.t, Tensor::from_floats([0.3], &device()));
    }
    let leaf = matrix(cosines.to_vec(), cosines.len()).require_grad();
    let cosines = cosines::Cosines {
        values: leaf.clone(),
        norms: matrix(vec![2.0], 1),
        targets: labels(&[0]).unsqueeze_dim(1),
    };
    let logits = loss.head.head().logits(&cosines, FIRST).values;
    values(leaf.grad(&logits.sum().backward()).unwrap().div_scalar(scale))
}

#[test]
fn logits_have_the_slopes_of_the_papers() {
    let curricular = CurricularFaceConfig { rate: 0.0, ..CurricularFaceConfig::default() };
    let arc = |cosine: f32, margin: f32| (cosine.acos() + margin).sin() / cosine.acos().sin();
    // One hard class, and one that is not.
    let others = [0.4, -0.9];
    let with =
        |config: LossConfig, own: f32, scale| slopes_of_logits(&config, &[own, others[0], others[1]], scale);
    let curricular = LossConfig::CurricularFace(curricular);
    near(&with(curricular.clone(), 0.6, 64.0), &[arc(0.6, 0.5), 0.3 + 2.0 * 0.4, 1.0], 1e-5);
    // Beyond half a turn the margin is a constant.
    near(&with(curricular, -0.95, 64.0)[..1], &[1.0], 1e-5);
    near(&with(LossConfig::MvSoftmax(MvSoftmax::default()), 0.6, 32.0), &[1.0, 1.12, 1.0], 1e-5);
    let circle = LossConfig::Circle(Circle::default());
    near(&with(circle, 0.6, 256.0), &[1.25 - 0.6, 0.4 + 0.25, 0.0], 1e-5);
    for version in [Version::V0, Version::V1, Version::V2] {
        let detached = LossConfig::SphereFaceR(SphereFaceR { version, ..SphereFaceR::default() });
        near(&with(detached, 0.6, 30.0), &[1.0; 3], 1e-5);
        // The scale is the length, 2.
        for normalization in [Normalization::None, Normalization::Soft] {
            let detached = SphereFaceR { version, normalization, ..SphereFaceR::default() };
            near(&with(LossConfig::SphereFaceR(detached), 0.6, 2.0), &[1.0; 3], 1e-5);
        }
    }
}

#[test]
fn angular_losses_do_not_change_lengths() {
    let arc = |gradient| LossConfig::ArcFace(ArcFace { gradient, ..ArcFace::default() });
    let angular = [
        LossConfig::NormFace(NormFaceConfig::default()),
        LossConfig::L2Softmax(L2SoftmaxConfig::default()),
        LossConfig::SphereFaceR(SphereFaceR::default()),
        LossConfig::SphereFace2(SphereFace2Config::default()),
        LossConfig::CosFace(CosFace::default()),
        arc(Gradient::Exact),
        arc(Gradient::Detached),
        LossConfig::CombinedMargin(CombinedMargin { m1: 0.9, ..CombinedMargin::default() }),
        LossConfig::AdaFace(AdaFaceConfig::default()),
        LossConfig::CurricularFace(CurricularFaceConfig::default()),
        LossConfig::MvSoftmax(MvSoftmax::default()),
        LossConfig::ElasticFace(ElasticFace::default()),
        LossConfig::Circle(Circle::default()),
        LossConfig::CirclePairs(CirclePairs::default()),
        LossConfig::Contrastive(Contrastive::default()),
        LossConfig::Triplet(Triplet { mining: Mining::All, ..Triplet::default() }),
        LossConfig::Triplet(Triplet {
            mining: Mining::All,
            distance: Distance::Angular,
            ..Triplet::default()
        }),
    ];
    for config in angular {
        let loss = config.init(DIMENSION, CLASSES, &device());
        let embeddings = matrix(numbers(36, 8), DIMENSION).require_grad();
        let outcome = loss.forward(embeddings.clone(), people(), FIRST);
        let gradient = embeddings.grad(&outcome.loss.backward()).unwrap();
        let size = values(gradient.clone().square().sum())[0].sqrt();
        let radial = values((gradient.without_autodiff() * embeddings.without_autodiff()).sum_dim(1));
        assert!(size > 0.01, "{config:?}");
        assert!(radial.iter().all(|r| r.abs() < 1e-5 * size), "{config:?}: {radial:?} of {size}");
    }
}

#[test]
fn gradients_are_finite_along_and_against_the_classes() {
    for config in exact().into_iter().chain(detached()) {
        let loss = fresh(&config, 6);
        let rows = numbers(config_rows(&config) * DIMENSION, 6);
        let first = |class: usize| &rows[class * rows.len() / CLASSES..][..DIMENSION];
        // Along a class, against it, twice the same, no direction at all, and another person at the same
        // place.
        let mut points = first(0).to_vec();
        points.extend(first(1).iter().map(|v| -3.0 * v));
        points.extend(first(2));
        points.extend(first(0));
        points.extend([0.0; DIMENSION]);
        points.extend(first(0));
        let embeddings = matrix(points, DIMENSION).require_grad();
        let outcome = loss.forward(embeddings.clone(), people(), FIRST);
        let gradient = values(embeddings.grad(&outcome.loss.backward()).unwrap());
        assert!(value(&outcome.loss).is_finite(), "{config:?}");
        assert!(gradient.iter().all(|g| g.is_finite()), "{config:?}: {gradient:?}");
    }
}

/// Holds a loss in half precision.
struct Halved;

impl ModuleMapper for Halved {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|value| value.detach().cast(FloatDType::F16))
    }
}

#[test]
fn losses_of_half_precision_are_computed_in_f32() {
    for config in exact().into_iter().chain(detached()) {
        let points = || matrix(numbers(6 * DIMENSION, 7), DIMENSION);
        let expected = value(&fresh(&config, 6).forward(points(), people(), FIRST).loss);
        let halved = fresh(&config, 6).map(&mut Halved);
        let outcome = halved.forward(points().cast(FloatDType::F16), people(), FIRST);
        assert_eq!(outcome.loss.dtype(), burn::tensor::DType::F32);
        let found = value(&outcome.loss);
        assert!((found - expected).abs() < 1e-2 * (1.0 + expected), "{config:?}: {found} and {expected}");
    }
}
