//! Values that are known.

use super::*;

#[test]
fn psi_is_that_of_sphereface() {
    let root = std::f32::consts::FRAC_1_SQRT_2;
    let table = [
        (15f32, [0.5f32, root, 0.866025]),
        (30.0, [-0.5, 0.0, 0.5]),
        (45.0, [-1.0, -root, 0.0]),
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
    for (length, margin, penalty) in [
        (10.0f32, 0.45f32, 0.1008264f32),
        (20.0, 0.485, 0.0516529),
        (35.0, 0.5375, 0.0314640),
        (60.0, 0.625, 0.0216253),
        (110.0, 0.8, 0.0181818),
    ] {
        let config = LossConfig::MagFace(head.clone());
        near(&targets(&config, &[0.8], &[length], 64.0), &[(0.8f32.acos() + margin).cos()], 2e-6);
        let cos = LossConfig::MagFace(MagFace { margin_kind: MarginKind::Cos, ..head.clone() });
        near(&targets(&cos, &[0.8], &[length], 64.0), &[0.8 - margin], 2e-6);
        let (loss, embeddings, labels) = plane(&config, &[0.8], &[length]);
        let parts = loss.forward(embeddings, labels, FIRST).parts;
        assert_eq!(parts[1].0, "norm penalty");
        near(&[value(&parts[1].1)], &[penalty], 1e-7);
    }
    assert!((MagFace::default().least_weight() - 22.5867).abs() < 1e-4);
}

/// The best length for an angle, when the other classes weigh `1000 e^(64 * 0.2)`, as in the paper's figure:
/// found by descent on the length alone, through the loss as it is trained.
#[test]
fn magface_has_its_optimum_where_it_must_be() {
    let best = |degrees: f32, norm_weight: f64| {
        let config = LossConfig::MagFace(MagFace { norm_weight, beyond: Beyond::None, ..MagFace::default() });
        let classes = 1001;
        // The own class along the first axis; all others at a cosine of 0.2 from the embedding, out of its
        // plane.
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

#[test]
fn adaface_is_that_of_the_paper() {
    let config = AdaFaceConfig { rate: 1.0, ..AdaFaceConfig::default() };
    let (loss, embeddings, labels) =
        plane(&LossConfig::AdaFace(config.clone()), &[0.6; 5], &[5.0, 15.0, 20.0, 25.0, 40.0]);
    let norms = cosines::lengths(embeddings.clone());
    let qualities = config.init(&device()).quality(norms);
    near(&values(qualities), &[-0.41165, -0.15437, -0.02573, 0.10291, 0.48883], 1e-4);
    let logits = values(logits(&loss, embeddings, labels, FIRST));
    let own: Vec<f32> = logits.chunks_exact(2).map(|row| row[0]).collect();
    near(&own, &[14.4263, 13.5192, 12.9297, 12.2400, 9.5018], 2e-3);
}

#[test]
fn adaface_is_arcface_for_bad_images_and_lowers_the_cosine_for_good_ones() {
    let config = |concentration| {
        LossConfig::AdaFace(AdaFaceConfig { concentration, rate: 1.0, ..AdaFaceConfig::default() })
    };
    let found = |cosine: f32| targets(&config(10.0), &[cosine; 2], &[1.0, 30.0], 64.0);
    let angle = 0.6f32.acos();
    near(&found(0.6), &[(angle + 0.4).cos(), (angle - 0.4).cos() - 0.8], 2e-6);
    // Angles stay from 0 to half a turn.
    near(&found(0.95)[1..], &[1.0 - 0.8], 2e-6);
    near(&found(-0.95)[..1], &[-1.0], 2e-6);
}

#[test]
fn mv_softmax_raises_the_hard_classes() {
    // Own cosine 0: all others above -0.35 are hard.
    let rows = vec![0.0, 1.0, 0.2, 0.96f32.sqrt(), 0.5, 0.75f32.sqrt(), 0.8, 0.6, -0.8, 0.6];
    let found = |fixed| {
        let config = LossConfig::MvSoftmax(MvSoftmax { fixed, ..MvSoftmax::default() });
        let loss = with_classes(config.init(2, 5, &device()), matrix(rows.clone(), 2));
        let logits = logits(&loss, matrix(vec![2.0, 0.0], 2), labels(&[0]), FIRST);
        values(logits.div_scalar(32.0))
    };
    near(&found(false), &[0.0, 0.344, 0.680, 1.016, -0.8], 1e-6);
    near(&found(true), &[0.0, 0.32, 0.62, 0.92, -0.8], 1e-6);
}

#[test]
fn curricularface_weighs_hard_classes_by_its_running_mean() {
    let config =
        LossConfig::CurricularFace(CurricularFaceConfig { rate: 0.5, ..CurricularFaceConfig::default() });
    // Own cosine 0.6: cos(theta + 0.5) is 0.143, so 0.2 is hard and 0.1 is not.
    let rows = vec![0.6, 0.8, 0.2, 0.96f32.sqrt(), 0.1, 0.99f32.sqrt()];
    let loss = with_classes(config.init(2, 3, &device()), matrix(rows, 2));
    let found = || values(logits(&loss, matrix(vec![3.0, 0.0], 2), labels(&[0]), FIRST).div_scalar(64.0));
    let own = (0.6f32.acos() + 0.5).cos();
    near(&found(), &[own, 0.2 * (0.3 + 0.2), 0.1], 1e-6);
    near(&found(), &[own, 0.2 * (0.45 + 0.2), 0.1], 1e-6);
    near(&targets(&config, &[-0.95], &[2.0], 64.0), &[-1.189713], 2e-6);
}

#[test]
fn elasticface_gives_the_largest_margin_to_the_hardest() {
    let head = ElasticFace { ranked: true, ..ElasticFace::default() };
    let cosines = [0.1f32, 0.9, -0.4, 0.3, 0.8, 0.2];
    let ranked = values(head.margins(matrix(cosines.to_vec(), 1), FIRST));
    let mut order: Vec<usize> = (0..6).collect();
    order.sort_by(|&a, &b| cosines[a].total_cmp(&cosines[b]));
    assert!(order.is_sorted_by(|&a, &b| ranked[a] > ranked[b]), "{ranked:?}");

    let drawn = |seed, step| {
        let head = ElasticFace { ranked: false, ..head.clone() };
        values(head.margins(matrix(vec![0.5; 4000], 1), Moment { step, seed }))
    };
    let margins = drawn(1, 0);
    let mean = margins.iter().sum::<f32>() / 4000.0;
    let deviation = (margins.iter().map(|m| (m - mean).powi(2)).sum::<f32>() / 4000.0).sqrt();
    near(&[mean, deviation], &[0.5, 0.05], 0.003);
    assert_eq!(margins, drawn(1, 0));
    assert_ne!(margins, drawn(1, 1));
    assert_ne!(margins, drawn(2, 0));
}

#[test]
fn sphereface2_begins_with_the_bias_of_the_paper() {
    let config = SphereFace2Config::default();
    let large = SphereFace2Config { alpha: 0.8, scale: 64.0, margin: 0.5, ..config.clone() };
    let found = [config.bias(1000), config.bias(10_572), large.bias(85_742)];
    near(&found.map(|bias| bias as f32), &[7.942881, 5.581649, 6.027255], 1e-6);
    assert!(config.bias(1).is_finite());
    // With few classes too, where the own one weighs more than all others: at right angles both kinds of
    // questions have one slope, alpha sigmoid(-u_y) = (1 - alpha) (C - 1) sigmoid(u_j).
    for config in
        [config, large, SphereFace2Config { alpha: 0.99, scale: 64.0, ..SphereFace2Config::default() }]
    {
        for classes in [2, 3, 4, 5, 50, 200] {
            let bias = config.bias(classes);
            let right = 2.0 * 0.5f64.powf(config.power) - 1.0;
            let question = |margin: f64| config.scale * (right + margin) + bias;
            // Of both sides the logarithm.
            let log_sigmoid = |u: f64| u.min(0.0) - (-u.abs()).exp().ln_1p();
            let positive = config.alpha.ln() + log_sigmoid(-question(-config.margin));
            let others = ((1.0 - config.alpha) * (classes - 1) as f64).ln();
            let negative = others + log_sigmoid(question(config.margin));
            assert!((positive - negative).abs() < 1e-6, "{classes}: {positive} {negative} with {bias}");
        }
    }
}

#[test]
fn sphereface2_is_a_sum_of_binary_questions() {
    let config = SphereFace2Config::default();
    let loss = with_classes(
        LossConfig::SphereFace2(config.clone()).init(2, 3, &device()),
        matrix(vec![1.0, 0.0, 0.0, 1.0, -0.6, 0.8], 2),
    );
    let found = value(&loss.forward(matrix(vec![1.6, 1.2], 2), labels(&[0]), FIRST).loss);
    let (r, m, bias) = (40.0f64, 0.4, config.bias(3));
    let question = |cosine: f64, m: f64| r * (2.0 * ((cosine + 1.0) / 2.0).powi(3) - 1.0 + m) + bias;
    let softplus = |u: f64| u.max(0.0) + (-u.abs()).exp().ln_1p();
    let others = softplus(question(0.6, m)) + softplus(question(0.0, m));
    let expected = 50.0 / r * (0.7 * softplus(-question(0.8, -m)) + 0.3 * others);
    assert!((f64::from(found) / expected - 1.0).abs() < 1e-5, "{found} against {expected}");
}

#[test]
fn sphereface2_keeps_small_answers_beside_large_ones() {
    let config = SphereFace2Config { alpha: 0.3, ..SphereFace2Config::default() };
    let loss = with_classes(
        LossConfig::SphereFace2(config.clone()).init(2, 2, &device()),
        matrix(vec![1.0, 0.0, -1.0, 0.0], 2),
    );
    // All are at their class and opposite to the other, whose question is answered with almost surely not.
    let count = 512;
    let outcome = loss.forward(matrix([1.0, 0.0].repeat(count), 2), labels(&vec![0; count]), FIRST);
    let (_, negative) = outcome.parts.iter().find(|(name, _)| *name == "negative").unwrap();
    let expected = 50.0 / 40.0 * 0.7 * (40.0 * (0.4 - 1.0) + config.bias(2)).exp();
    assert!((f64::from(value(negative)) / expected - 1.0).abs() < 1e-3, "{} {expected}", value(negative));
}

#[test]
fn sphereface_r_is_todays_sphereface_by_default() {
    let SphereFaceR { version, normalization, scale, margin, .. } = SphereFaceR::default();
    assert_eq!((version, normalization, scale, margin), (Version::V0, Normalization::Hard, 30.0, 1.7));
}

#[test]
fn sphereface_r_has_the_margins_of_the_paper() {
    let config =
        |version, margin| LossConfig::SphereFaceR(SphereFaceR { version, margin, ..SphereFaceR::default() });
    let cosines = [15f32, 80.0, 120.0].map(|degrees| degrees.to_radians().cos());
    near(&targets(&config(Version::V0, 4.0), &cosines, &[2.0; 3], 30.0), &[0.5, -2.766044, -4.5], 1e-5);
    near(&targets(&config(Version::V1, 4.0), &cosines, &[2.0; 3], 30.0), &[0.5, -1.0, -1.0], 1e-5);
    let (loss, embeddings, labels) = plane(&config(Version::V2, 1.4), &cosines, &[2.0; 3]);
    let found = values(logits(&loss, embeddings, labels, FIRST).div_scalar(30.0));
    // The other class is at a right angle to the own one.
    for (row, degrees) in found.chunks_exact(2).zip([15f32, 80.0, 120.0]) {
        let other = (90.0 - degrees).abs().to_radians() / 1.4;
        near(row, &[degrees.to_radians().cos(), other.cos()], 1e-5);
    }
}

#[test]
fn sphereface_r_scales_by_number_or_by_length() {
    let found = |normalization, milestones: Vec<u64>, step| {
        let head = SphereFaceR { normalization, milestones, margin: 2.0, ..SphereFaceR::default() };
        let (loss, embeddings, labels) = plane(&LossConfig::SphereFaceR(head), &[0.5], &[7.0]);
        let first = logits(&loss, embeddings.clone(), labels.clone(), Moment { step, seed: 0 });
        (values(first)[0], loss.forward(embeddings, labels, FIRST).parts)
    };
    // 60 degrees, doubled.
    near(&[found(Normalization::Hard, vec![], 0).0], &[-0.5 * 30.0], 1e-4);
    near(&[found(Normalization::None, vec![], 0).0], &[-0.5 * 7.0], 1e-5);
    let (soft, parts) = found(Normalization::Soft, vec![], 0);
    near(&[soft, value(&parts[1].1)], &[-0.5 * 7.0, 0.01 * 23.0], 1e-5);
    // The margin grows at its milestones: 1, 1.5, 2.
    let grown = [0, 9, 10, 20].map(|step| found(Normalization::None, vec![10, 20], step).0);
    near(&grown, &[3.5, 3.5, 0.0, -3.5], 1e-5);
}

#[test]
fn circle_loss_is_that_of_the_paper() {
    let similarities = || matrix(vec![0.8, 0.6, 0.1, 0.3, -0.2], 5);
    let mask = |wanted: fn(usize) -> bool| {
        let ones: Vec<f32> = (0..5).map(|at| f32::from(u8::from(wanted(at)))).collect();
        matrix(ones, 5).greater_elem(0.5)
    };
    let found = [256.0, 32.0].map(|gamma| {
        let loss = CirclePairs { gamma, ..CirclePairs::default() };
        values(loss.of_anchors(similarities(), mask(|at| at < 2), mask(|at| at >= 2)))[0]
    });
    near(&found, &[32.0, 4.281421], 1e-5);

    // With classes: (s_p - 0.75)(1.25 - s_p) and (s_n - 0.25)(s_n + 0.25), where above zero.
    let config = LossConfig::Circle(Circle { gamma: 32.0, ..Circle::default() });
    let (loss, embeddings, labels) = plane(&config, &[0.8], &[3.0]);
    near(&values(logits(&loss, embeddings, labels, FIRST)), &[32.0 * 0.05 * 0.45, 32.0 * 0.35 * 0.85], 1e-4);
}
