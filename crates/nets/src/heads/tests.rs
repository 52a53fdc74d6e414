use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::{Device, Tensor};

use super::*;
use crate::gradients;
use crate::testing::{tensor, values};
use crate::weights::painted::{numbers, painted};

fn assert_near(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 2e-5, "{found} {expected}");
    }
}

const TWENTIES: AgeConfig = AgeConfig { youngest: 20, oldest: 24 };

#[test]
fn ages_and_their_loss_are_those_of_the_equations() {
    let device = Device::flex();
    let head = TWENTIES.init(2, &device);
    let logits = || tensor(&[2.0, 1.0, -1.0, -3.0, 0.0, 0.0, 0.0, 0.0], [2, 4], &device);
    let loss = |ages: [i64; 2], weights: [f32; 2]| {
        let weights = Tensor::from_floats(weights, &device);
        values(head.loss(logits(), Tensor::from_ints(ages, &device), weights))[0]
    };
    // -log s(2) - log s(1) - log(1 - s(-1)) - log(1 - s(-3)), and 4 log 2.
    assert_near(&[loss([22, 99], [1.0, 0.0]), loss([22, 3], [0.0, 2.0])], &[0.802_039, 2.772_589]);
    assert_near(&[loss([22, 21], [1.0, 1.0]), loss([22, 21], [0.0, 0.0])], &[1.787_314, 0.0]);
    let (expected, deviation) = head.ages(logits());
    // The second may be any: probabilities 1/2, 0, 0, 0, 1/2.
    assert_near(&values(expected), &[21.928_223, 22.0]);
    assert_near(&values(deviation), &[1.016_176, 2.0]);
}

#[test]
fn no_face_is_more_likely_older_than_more() {
    let device = Device::flex();
    let head = AgeConfig::default();
    assert_eq!(head.check(), Ok(()));
    let head = painted(head.init(8, &device));
    let logits = values(head.forward(tensor(&numbers(80, 5), [10, 8], &device)));
    assert!(logits.chunks(100).all(|face| face.windows(2).all(|pair| pair[0] > pair[1])));
    let (expected, _) = AgeConfig::default().init(8, &device).ages(Tensor::zeros([1, 100], &device));
    assert_near(&values(expected), &[50.0]);
}

#[test]
fn ages_are_learned_and_their_gradient_is_that_of_differences() {
    let device = Device::flex().autodiff();
    let mut head = painted(TWENTIES.init(3, &device));
    let ages = || burn::tensor::Tensor::from_ints([20, 23, 22, 30], &device);
    let weights = || Tensor::from_floats([1.0, 1.0, 0.5, 0.25], &device);
    let seen = numbers(12, 7);
    gradients::check([4, 3], &seen, 0.01, |x| head.loss(head.forward(x), ages(), weights()));
    let loss = |head: &AgeHead| head.loss(head.forward(tensor(&seen, [4, 3], &device)), ages(), weights());
    let before = loss(&head).into_scalar::<f32>();
    let mut optimizer = SgdConfig::new().init();
    for _ in 0..300 {
        let gradients = GradientsParams::from_grads(loss(&head).backward(), &head);
        head = optimizer.step(0.3, head, gradients);
    }
    let after = loss(&head).into_scalar::<f32>();
    assert!(after < 0.3 * before, "{before} {after}");
}

#[test]
fn attributes_count_as_they_should() {
    let device = Device::flex();
    let config = AttributesConfig {
        names: ["bald", "smiling"].map(str::to_owned).to_vec(),
        weights: vec![3.0, 1.0],
        shares: vec![0.02, 0.5],
    };
    assert_eq!(config.check(), Ok(()));
    let head = config.init(4, &device);
    let logits = || tensor(&[1.0, 2.0, -1.0, -2.0, 9.0, 0.0], [3, 2], &device);
    let answers = || tensor(&[1.0, 0.0, 0.0, 0.0, 1.0, 1.0], [3, 2], &device);
    let known = || tensor(&[1.0, 1.0, 1.0, 1.0, 0.0, 1.0], [3, 2], &device);
    // log(1 + 1/e) is 0.313262: 25 times for the bald one, 0.5 / 0.98 times for the other; the third is not
    // known.
    let bald = 0.313_261_7 * (25.0 + 0.510_204) / 2.0;
    let smiling = (2.126_928 + 0.126_928 + std::f32::consts::LN_2) / 3.0;
    assert_near(&values(head.losses(logits(), answers(), known())), &[bald, smiling]);
    assert_near(&values(head.loss(logits(), answers(), known())), &[3.0 * bald + smiling]);
    assert_near(&values(head.loss(logits(), answers(), Tensor::zeros([3, 2], &device))), &[0.0]);
    let head = painted(config.init(4, &Device::flex().autodiff()));
    let device = Device::flex().autodiff();
    let (answers, known) = (values(answers()), values(known()));
    gradients::check([3, 4], &numbers(12, 9), 0.01, |x| {
        head.loss(head.forward(x), tensor(&answers, [3, 2], &device), tensor(&known, [3, 2], &device))
    });
}

#[test]
fn heads_that_cannot_be_are_named() {
    let age = |youngest, oldest| AgeConfig { youngest, oldest }.check();
    assert_eq!(age(0, 201), Err("oldest must be at most 200 years, not 201".to_owned()));
    assert_eq!(age(30, 31), Err("oldest must be at least 32, two years above youngest, not 31".to_owned()));
    assert!(age(u32::MAX, 3).is_err());
    let attributes = |text: &str| toml::from_str::<AttributesConfig>(text).expect("a section").check();
    for (text, complaint) in [
        ("", "names must be of 1 to 1000 attributes, not 0"),
        ("names = ['a', 'a']", "names must differ, and a is there twice"),
        ("names = ['a', 'b']\nweights = [1]", "weights must be 2, one for each name, not 1"),
        ("names = ['a']\nweights = [nan]", "weights must be within 0..1000000, not NaN"),
        ("names = ['a']\nshares = [1.0]", "shares must be above 0 and below 1, not 1"),
    ] {
        assert_eq!(attributes(text), Err(complaint.to_owned()));
    }
}
