//! Losses that must equal each other.

use super::*;

/// A random batch with its class matrix: 8 samples of 6 values, 5 classes.
fn batch(config: &LossConfig) -> (Loss, Tensor<2>, Tensor<1, Int>) {
    let loss = with_classes(config.init(6, 5, &device()), matrix(numbers(30, 3), 6));
    let spread = numbers(48, 4).into_iter().map(|v| v * 12.0).collect();
    (loss, matrix(spread, 6), labels(&[0, 1, 2, 3, 4, 0, 1, 2]))
}

/// The loss, and the gradient of the embeddings.
fn computed(config: &LossConfig) -> (f32, Vec<f32>) {
    let (loss, embeddings, labels) = batch(config);
    let embeddings = embeddings.require_grad();
    let outcome = loss.forward(embeddings.clone(), labels, FIRST);
    (value(&outcome.loss), values(embeddings.grad(&outcome.loss.backward()).unwrap()))
}

fn normface(scale: f64) -> LossConfig {
    LossConfig::NormFace(NormFaceConfig { scale, ..NormFaceConfig::default() })
}

#[test]
fn heads_without_a_margin_are_normface_to_the_last_bit() {
    let heads = [
        LossConfig::CosFace(CosFace { margin: 0.0, ..CosFace::default() }),
        LossConfig::ArcFace(ArcFace { margin: 0.0, ..ArcFace::default() }),
        LossConfig::ArcFace(ArcFace { margin: 0.0, beyond: Beyond::Strict, ..ArcFace::default() }),
        LossConfig::ArcFace(ArcFace { margin: 0.0, beyond: Beyond::Easy, ..ArcFace::default() }),
        LossConfig::ArcFace(ArcFace { margin: 0.0, beyond: Beyond::Clip, ..ArcFace::default() }),
        LossConfig::MagFace(MagFace {
            lower_margin: 0.0,
            upper_margin: 0.0,
            norm_weight: 0.0,
            ..MagFace::default()
        }),
    ];
    let (expected, gradient) = computed(&normface(64.0));
    for config in heads {
        let (found, slopes) = computed(&config);
        assert_eq!(found, expected, "{config:?}");
        near(&slopes, &gradient, 1e-5);
    }
}

#[test]
fn magface_with_one_margin_is_arcface() {
    let mag = MagFace {
        lower_margin: 0.5,
        upper_margin: 0.5,
        norm_weight: 0.0,
        beyond: Beyond::Strict,
        ..MagFace::default()
    };
    let arc = ArcFace { margin: 0.5, beyond: Beyond::Strict, ..ArcFace::default() };
    let (found, slopes) = computed(&LossConfig::MagFace(mag));
    let (expected, gradient) = computed(&LossConfig::ArcFace(arc));
    assert_eq!(found, expected);
    near(&slopes, &gradient, 1e-5);
}

#[test]
fn a_softmax_with_a_margin_of_one_is_softmax_over_unit_classes() {
    let config = LossConfig::ASoftmax(ASoftmax { margin: 1, ..ASoftmax::default() });
    let (loss, embeddings, labels) = batch(&config);
    let Loss::Margin(inner) = &loss else { unreachable!() };
    let unit = cosines::unit(inner.classes.all());
    let products =
        cosines::cross_entropy(embeddings.clone().matmul(unit.transpose()), labels.clone().unsqueeze_dim(1));
    near(&[value(&loss.forward(embeddings, labels, FIRST).loss)], &[value(&products)], 1e-5);
}

#[test]
fn combined_margins_are_arcface_and_cosface_at_their_ends() {
    let combined =
        |m2, m3| LossConfig::CombinedMargin(CombinedMargin { m2, m3, ..CombinedMargin::default() });
    assert_eq!(computed(&combined(0.5, 0.0)), computed(&LossConfig::ArcFace(ArcFace::default())));
    assert_eq!(computed(&combined(0.0, 0.35)), computed(&LossConfig::CosFace(CosFace::default())));
    let full = LossConfig::CombinedMargin(CombinedMargin {
        m1: 0.9,
        m2: 0.4,
        m3: 0.15,
        ..CombinedMargin::default()
    });
    near(&targets(&full, &[0.5], &[1.0], 64.0), &[(0.9 * 0.5f32.acos() + 0.4).cos() - 0.15], 2e-6);
}

#[test]
fn l_softmax_with_a_margin_of_one_is_softmax() {
    let (expected, gradient) = computed(&LossConfig::Softmax(SoftmaxConfig::default()));
    let one = LSoftmaxConfig { margin: 1, annealing: Annealing::NONE, ..LSoftmaxConfig::default() };
    let (found, slopes) = computed(&LossConfig::LSoftmax(one));
    assert_eq!(found, expected);
    near(&slopes, &gradient, 1e-5);
}

#[test]
fn l_softmax_with_unit_classes_is_a_softmax() {
    let rows = matrix(numbers(30, 3), 6);
    let computed = |config: LossConfig| {
        let (loss, embeddings, labels) = batch(&config);
        let loss = with_classes(loss, cosines::unit(rows.clone()));
        value(&loss.forward(embeddings, labels, FIRST).loss)
    };
    let annealing = Annealing { minimum: 5.0, ..Annealing::NONE };
    let l = computed(LossConfig::LSoftmax(LSoftmaxConfig { annealing, ..LSoftmaxConfig::default() }));
    let a = computed(LossConfig::ASoftmax(ASoftmax { annealing, ..ASoftmax::default() }));
    near(&[l], &[a], 1e-4);
}

#[test]
fn the_nearest_of_several_centers_counts() {
    let config = LossConfig::ArcFace(ArcFace { centers: 2, ..ArcFace::default() });
    let rows = vec![1.0, 0.0, 0.0, 1.0, -1.0, 0.0, 0.6, 0.8];
    let loss = with_classes(config.init(2, 2, &device()), matrix(rows, 2));
    let outcome = loss.forward(matrix(vec![0.0, 2.0], 2), labels(&[0]), FIRST);
    near(&values(outcome.cosines.unwrap()), &[1.0, 0.8], 1e-6);
    assert_eq!(loss.classes(), Some(2));
}

#[test]
fn a_label_that_is_no_class_makes_the_loss_nan_and_does_not_panic() {
    let all = [
        normface(30.0),
        LossConfig::Softmax(SoftmaxConfig::default()),
        LossConfig::Center(CenterConfig::default()),
        LossConfig::PartialFc(PartialFcConfig { head: Box::new(normface(30.0)), rate: 0.9, filter: None }),
    ];
    for config in all {
        let (loss, embeddings, _) = batch(&config);
        for wrong in [-1, 5, i64::from(i32::MAX)] {
            let outcome = loss.forward(embeddings.clone(), labels(&[0, 1, 2, 3, 4, 0, 1, wrong]), FIRST);
            assert!(value(&outcome.loss).is_nan());
        }
    }
}
