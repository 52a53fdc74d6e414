//! PartialFC: which classes a step looks at, and that nothing else moves.

use burn::optim::{GradientsParams, ModuleOptimizer, Optimizer};

use super::partial_fc::PartialFc;
use super::*;

const CLASSES: usize = 40;

fn config(rate: f64, filter: Option<f64>) -> LossConfig {
    let head = Box::new(LossConfig::CosFace(CosFace { scale: 16.0, ..CosFace::default() }));
    LossConfig::PartialFc(PartialFcConfig { head, rate, filter })
}

fn loss(config: &LossConfig) -> Loss {
    with_classes(config.init(4, CLASSES, &device()), matrix(numbers(CLASSES * 4, 5), 4))
}

fn rows(loss: &Loss) -> Vec<f32> {
    let Loss::Margin(loss) = loss else { panic!("{loss:?}") };
    values(loss.classes.weight.val())
}

#[test]
fn every_label_is_drawn_and_as_many_others_as_wanted() {
    let partial = |rate| PartialFc { rate, filter: None };
    let labels = [7i64, 3, 7, 39, 0];
    for step in 0..20 {
        let moment = Moment { step, seed: 5 };
        let sample = partial(0.29).draw(&labels, CLASSES, moment);
        assert_eq!(sample.classes.len(), 11);
        assert!(sample.classes.is_sorted_by(|a, b| a < b) && sample.classes[10] < CLASSES as i64);
        let back: Vec<i64> = sample.labels.iter().map(|&at| sample.classes[at as usize]).collect();
        assert_eq!(back, labels);
        assert_eq!(sample, partial(0.29).draw(&labels, CLASSES, moment));
    }
    let at = |step| partial(0.29).draw(&labels, CLASSES, Moment { step, seed: 5 }).classes;
    assert_ne!(at(0), at(1));
    // More labels than places: the labels alone.
    assert_eq!(partial(0.01).draw(&labels, CLASSES, FIRST).classes, [0, 3, 7, 39]);
    assert_eq!(partial(1.0).draw(&labels, 4000, FIRST).classes.len(), 4000);
}

#[test]
fn others_are_drawn_with_one_chance() {
    let partial = PartialFc { rate: 0.25, filter: None };
    let mut counts = [0u32; CLASSES];
    for step in 0..4000 {
        for class in partial.draw(&[0], CLASSES, Moment { step, seed: 8 }).classes {
            counts[class as usize] += 1;
        }
    }
    assert_eq!(counts[0], 4000);
    // 9 of 39, 4,000 times: 923 with a deviation of 27.
    assert!(counts[1..].iter().all(|count| (790..1060).contains(count)), "{counts:?}");
}

#[test]
fn a_rate_of_one_is_the_plain_head() {
    let plain = LossConfig::CosFace(CosFace { scale: 16.0, ..CosFace::default() });
    let computed = |config: &LossConfig| {
        let loss = loss(config);
        let embeddings = matrix(numbers(16, 9), 4).require_grad();
        let outcome = loss.forward(embeddings.clone(), labels(&[1, 2, 3, 4]), FIRST);
        let gradient = values(embeddings.grad(&outcome.loss.backward()).unwrap());
        (value(&outcome.loss), gradient, outcome.cosines.map(values))
    };
    assert_eq!(computed(&config(1.0, None)), computed(&plain));
    assert_eq!(computed(&config(1.0, Some(1.0))).0, computed(&plain).0);
}

#[test]
fn a_part_of_the_classes_is_a_loss_over_them_alone() {
    let outcome = loss(&config(0.25, None)).forward(matrix(numbers(16, 9), 4), labels(&[1, 2, 30, 4]), FIRST);
    assert!(outcome.cosines.is_none());
    let sample = PartialFc { rate: 0.25, filter: None }.draw(&[1, 2, 30, 4], CLASSES, FIRST);
    let all = numbers(CLASSES * 4, 5);
    let part: Vec<f32> = sample.classes.iter().flat_map(|&c| all[c as usize * 4..][..4].to_vec()).collect();
    let plain = LossConfig::CosFace(CosFace { scale: 16.0, ..CosFace::default() }).init(4, 10, &device());
    let plain = with_classes(plain, matrix(part, 4));
    let expected = plain.forward(matrix(numbers(16, 9), 4), labels(&sample.labels), FIRST);
    assert_eq!(value(&outcome.loss), value(&expected.loss));
}

#[test]
fn likely_twins_are_filtered_for_the_sample_that_is_near_them() {
    let rows = vec![1.0, 0.0, 0.8, 0.6, 0.0, 1.0];
    let loss = with_classes(config(1.0, Some(0.7)).init(2, 3, &device()), matrix(rows, 2));
    let found = value(&loss.forward(matrix(vec![2.0, 0.0], 2), labels(&[0]), FIRST).loss);
    let own = (16.0f32 * 0.65).exp();
    near(&[found], &[-(own / (own + 1.0 + 1.0)).ln()], 1e-5);
}

#[test]
fn rows_that_were_not_drawn_stay_with_their_momentum() {
    let mut optimizer = ModuleOptimizer::from(SampledSgd { momentum: 0.9, decay: 5e-4 });
    let mut loss = loss(&config(0.25, None));
    let people = [1i64, 2, 30, 4];
    let partial = PartialFc { rate: 0.25, filter: None };
    let mut untouched = 0;
    for step in 0..6 {
        let moment = Moment { step, seed: 3 };
        let drawn = partial.draw(&people, CLASSES, moment).classes;
        let before = rows(&loss);
        let outcome = loss.forward(matrix(numbers(16, step), 4), labels(&people), moment);
        let gradients = GradientsParams::from_grads(outcome.loss.backward(), &loss);
        loss = optimizer.step(0.1, loss, gradients);
        let after = rows(&loss);
        for class in 0..CLASSES {
            let same = before[class * 4..][..4] == after[class * 4..][..4];
            assert_eq!(same, !drawn.contains(&(class as i64)), "class {class} at step {step}");
            untouched += usize::from(same);
        }
    }
    assert_eq!(untouched, 6 * 30);
}

#[test]
fn a_row_that_rested_goes_on_with_its_old_momentum() {
    let sgd = SampledSgd { momentum: 0.5, decay: 0.1 };
    let step =
        |weights, gradient: [f32; 2], state| sgd.step(1.0, weights, matrix(gradient.to_vec(), 1), state);
    let (weights, state) = step(matrix(vec![1.0, 1.0], 1), [0.4, 0.4], None);
    near(&values(weights.clone()), &[0.5, 0.5], 1e-6);
    let (weights, state) = step(weights, [0.0, 0.2], state);
    near(&values(weights.clone()), &[0.5, 0.5 - (0.25 + 0.25)], 1e-6);
    let (weights, _) = step(weights, [0.3, 0.3], state);
    near(&values(weights), &[0.5 - (0.25 + 0.35), 0.0 - (0.25 + 0.3)], 1e-6);
}
