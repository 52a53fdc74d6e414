//! Values that are known.

use super::*;

#[test]
fn psi_is_that_of_sphereface() {
    let table = [
        (15f32, [0.5f32, 0.707107, 0.866025]),
        (30.0, [-0.5, 0.0, 0.5]),
        (45.0, [-1.0, -0.707107, 0.0]),
        (80.0, [-2.766044, -1.5, -0.939693]),
        (120.0, [-4.5, -3.0, -1.5]),
        (180.0, [-7.0, -5.0, -3.0]),
    ];
    for (degrees, expected) in table {
        let cosine = matrix(vec![degrees.to_radians().cos()], 1);
        let found = [4, 3, 2].map(|m| values(psi::psi(cosine.clone(), m))[0]);
        near(&found, &expected, 3e-6);
    }
}

#[test]
fn annealing_falls_as_in_sphereface() {
    let at = |t: u64| Annealing::SPHEREFACE.at(t - 1);
    near(&[at(1), at(100), at(1000)].map(|l| l as f32), &[892.857, 76.923, 8.264], 1e-3);
    assert!(at(1658) > 5.0);
    assert_eq!(at(1659), 5.0);
    assert_eq!(Annealing::NONE.at(0), 0.0);
}

#[test]
fn arcface_is_that_of_the_paper() {
    let with = |beyond| LossConfig::ArcFace(ArcFace { beyond, ..ArcFace::default() });
    let (cosines, lengths) = ([0.9, 0.7, 0.0, -0.3, -0.9, -0.95], [2.0; 6]);
    let found = |beyond| targets(&with(beyond), &cosines, &lengths, 64.0);
    let near_ones = [0.580848, 0.271929, -0.479426, -0.720618];
    near(&found(Beyond::None)[..4], &near_ones, 2e-6);
    near(&found(Beyond::None)[4..5], &[-0.998801], 2e-6);
    near(&found(Beyond::Strict)[..4], &near_ones, 2e-6);
    near(&found(Beyond::Strict)[4..], &[-1.139713, -1.189713], 2e-6);
    near(&found(Beyond::Easy), &[0.580848, 0.271929, 0.0, -0.3, -0.9, -0.95], 2e-6);
    near(&found(Beyond::Clip)[..4], &near_ones, 2e-6);
    near(&found(Beyond::Clip)[4..], &[-1.0, -1.0], 2e-6);
}

#[test]
fn the_slope_of_arcface_is_that_of_the_formula() {
    let cosines = matrix(vec![0.9, 0.7, 0.3, 0.0], 1).require_grad();
    let margined = margin::shifted(cosines.clone(), cosines.full_like(0.5));
    let slopes = |margined: Tensor<2>| values(cosines.grad(&margined.sum().backward()).unwrap());
    near(
        &slopes(Gradient::Exact.of(margined.clone(), cosines.clone())),
        &[1.867472, 1.347514, 1.028355, 0.877583],
        2e-6,
    );
    near(&slopes(Gradient::Detached.of(margined, cosines.clone())), &[1.0; 4], 0.0);
}

#[test]
fn magface_has_the_margins_and_penalties_of_the_paper() {
    let head = MagFace { norm_weight: 1.0, ..MagFace::default() };
    for (length, margin, penalty) in
        [(10.0f32, 0.45f32, 0.1008264f32), (20.0, 0.485, 0.0516529), (60.0, 0.625, 0.0216253)]
    {
        let config = LossConfig::MagFace(head.clone());
        near(&targets(&config, &[0.8], &[length], 64.0), &[(0.8f32.acos() + margin).cos()], 2e-6);
        let cos = LossConfig::MagFace(MagFace { kind: MarginKind::Cos, ..head.clone() });
        near(&targets(&cos, &[0.8], &[length], 64.0), &[0.8 - margin], 2e-6);
        let (loss, embeddings, labels) = plane(&config, &[0.8], &[length]);
        let parts = loss.forward(embeddings, labels, FIRST).parts;
        assert_eq!(parts[1].0, "norm penalty");
        near(&[value(&parts[1].1)], &[penalty], 1e-7);
    }
    assert!((MagFace::default().least_weight() - 22.5867).abs() < 1e-4);
}

/// The best length for an angle, when the other classes weigh `1000 e^(64 * 0.2)`, as in the paper's figure: found by
/// descent on the length alone, through the loss as it is trained.
#[test]
fn magface_has_its_optimum_where_it_must_be() {
    let best = |degrees: f32, norm_weight: f64| {
        let config = LossConfig::MagFace(MagFace { norm_weight, beyond: Beyond::None, ..MagFace::default() });
        let classes = 1001;
        // The own class along the first axis; all others at a cosine of 0.2 from the embedding, out of its plane.
        let (sine, cosine) = degrees.to_radians().sin_cos();
        let mut rows = vec![1.0, 0.0, 0.0];
        for _ in 1..classes {
            rows.extend([0.2 * cosine, 0.2 * sine, 0.96f32.sqrt()]);
        }
        let loss = with_classes(config.init(3, classes, &device()), matrix(rows, 3));
        let slope = |length: f32| {
            let x = matrix(vec![cosine * length, sine * length, 0.0], 3).require_grad();
            let outcome = loss.forward(x.clone(), labels(&[0]), FIRST);
            let gradient = values(x.grad(&outcome.loss.backward()).unwrap());
            gradient[0] * cosine + gradient[1] * sine
        };
        let (mut low, mut high) = (10.01f32, 109.99f32);
        if slope(low) >= 0.0 {
            return 10.0;
        }
        for _ in 0..14 {
            let middle = (low + high) / 2.0;
            if slope(middle) > 0.0 { high = middle } else { low = middle }
        }
        low
    };
    let angles = [20.0, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0, 60.0, 80.0];
    let expected = [107.0, 91.9, 72.3, 52.1, 32.8, 17.2, 12.7, 12.4, 12.7];
    near(&angles.map(|degrees| best(degrees, 35.0)), &expected, 0.1);
    near(&[best(50.0, 20.0), best(70.0, 20.0)], &[10.0, 10.0], 0.0);
}

#[test]
fn normface_has_the_floor_of_its_proposition() {
    let classes = 10_572;
    for (scale, floor) in [(1.0, 8.266032f32), (10.0, 0.391683), (20.0, 2.1747e-5)] {
        // Where each class is opposite to all others as far as can be, all other cosines are -1 / (C - 1).
        let mut row = vec![-1.0 / (classes - 1) as f32; classes];
        row[0] = 1.0;
        let logits = matrix(row, classes).mul_scalar(scale);
        let found = value(&cosines::cross_entropy(logits, labels(&[0]).unsqueeze_dim(1)));
        // In f32, a loss near zero is the logarithm of a rounded number near one.
        assert!((found - floor).abs() < 3e-7 + 1e-4 * floor, "{found} against {floor}");
    }
}
