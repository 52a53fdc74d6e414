//! What a loss holds is saved with it; and settings that make no sense are told.

use super::*;

/// Losses with running state, and one with a learned scale.
fn stateful() -> Vec<LossConfig> {
    vec![
        LossConfig::AdaFace(AdaFaceConfig::default()),
        LossConfig::CurricularFace(CurricularFaceConfig::default()),
        LossConfig::Center(CenterConfig::default()),
        LossConfig::NormFace(NormFaceConfig { learn_scale: true, ..NormFaceConfig::default() }),
        LossConfig::SphereFace2(SphereFace2Config::default()),
    ]
}

fn step(loss: &Loss, number: u64) -> f32 {
    let embeddings = matrix(numbers(24, number).into_iter().map(|v| 30.0 * v).collect(), 4);
    value(&loss.forward(embeddings, labels(&[0, 1, 2, 0, 1, 2]), Moment { step: number, seed: 4 }).loss)
}

#[test]
fn a_record_goes_on_where_the_loss_was() {
    for config in stateful() {
        let loss = config.init(4, 3, &device());
        for number in 0..3 {
            step(&loss, number);
        }
        // At once after a step: its update must be in the record.
        let record = loss.clone().into_record();
        let again = config.init(4, 3, &device()).load_record(record);
        for number in 3..6 {
            assert_eq!(step(&loss, number), step(&again, number), "{config:?}");
        }
        let blank = config.init(4, 3, &device());
        assert_ne!(step(&blank, 6), step(&loss, 6));
    }
}

#[test]
fn running_state_rests_outside_of_training() {
    for config in [LossConfig::AdaFace(AdaFaceConfig::default()), LossConfig::Center(CenterConfig::default())]
    {
        let loss = config.init(4, 3, &device()).valid();
        let plain = || matrix(numbers(24, 1), 4).without_autodiff();
        let people = || labels(&[0, 1, 2, 0, 1, 2]).without_autodiff();
        let losses = [0, 1].map(|_| value(&loss.forward(plain(), people(), FIRST).loss));
        assert_eq!(losses[0], losses[1]);
    }
}

#[test]
fn centers_follow_by_the_rule_of_the_paper() {
    let config = CenterConfig { weight: 0.1, rate: 0.5, ..CenterConfig::default() };
    let center = config.init(2, 3, &device());
    let before = values(center.centers.value_sync());
    let points = vec![4.0, 2.0, 2.0, 6.0, -1.0, 0.0];
    let outcome = center.forward(matrix(points.clone(), 2), labels(&[1, 1, 0]));
    let pull: f32 = [(0, 1), (1, 1), (2, 0)]
        .iter()
        .flat_map(|&(at, class)| [0, 1].map(|k| (points[at * 2 + k] - before[class * 2 + k]).powi(2)))
        .sum();
    assert_eq!(outcome.parts[1].0, "center");
    near(&[value(&outcome.parts[1].1)], &[0.1 / 6.0 * pull], 1e-4);
    let after = values(center.centers.value_sync());
    for k in 0..2 {
        let of_two = ((before[2 + k] - points[k]) + (before[2 + k] - points[2 + k])) / 3.0;
        let of_one = (before[k] - points[4 + k]) / 2.0;
        near(&[after[2 + k], after[k]], &[before[2 + k] - 0.5 * of_two, before[k] - 0.5 * of_one], 1e-5);
    }
    assert_eq!(after[4..], before[4..]);
}

#[test]
fn class_matrices_begin_as_they_are_asked() {
    let drawn = |how| values(ClassMatrix::new(400, 1, 64, how, &device()).all());
    let deviation = |values: &[f32]| (values.iter().map(|v| v * v).sum::<f32>() / values.len() as f32).sqrt();
    near(&[deviation(&drawn(Initialization::Normal))], &[0.01], 5e-4);
    near(&[deviation(&drawn(Initialization::Xavier))], &[(2.0f32 / 464.0).sqrt()], 3e-3);
    for row in drawn(Initialization::Unit).chunks_exact(64) {
        near(&[row.iter().map(|v| v * v).sum()], &[1.0], 1e-5);
    }
    let matrix = ClassMatrix::new(5, 3, 8, Initialization::Unit, &device());
    assert_eq!((matrix.classes(), matrix.weight.dims()), (5, [15, 8]));
    assert!(matrix.weight.is_require_grad());
}

#[test]
fn a_recipe_says_the_kind_and_what_differs() {
    let read = |text: &str| toml::from_str::<LossConfig>(text);
    assert_eq!(read("kind = 'arcface'").unwrap(), LossConfig::ArcFace(ArcFace::default()));
    let partial = "kind = 'partial-fc'\nrate = 0.1\n[head]\nkind = 'mv-softmax'\nscale = 40.0";
    let head = Box::new(LossConfig::MvSoftmax(MvSoftmax { scale: 40.0, ..MvSoftmax::default() }));
    assert_eq!(
        read(partial).unwrap(),
        LossConfig::PartialFc(PartialFcConfig { head, rate: 0.1, filter: None })
    );
    let annealed = "kind = 'a-softmax'\nannealing = { base = 9.0, gamma = 1.0, power = 1.0, minimum = 2.0 }";
    assert!(read(annealed).unwrap().check().is_ok());
    for wrong in ["kind = 'arcfase'", "kind = 'arcface'\nmargins = 0.5", "kind = 'triplet'\nmining = 'soft'"]
    {
        assert!(read(wrong).is_err(), "{wrong}");
    }
    for config in stateful() {
        assert_eq!(read(&toml::to_string(&config).unwrap()).unwrap(), config);
    }
}

#[test]
fn what_a_run_keeps_of_its_loss_can_be_read_again() {
    let kinds = [
        "softmax",
        "l2-softmax",
        "l-softmax",
        "normface",
        "a-softmax",
        "sphereface-r",
        "sphereface2",
        "cosface",
        "arcface",
        "combined-margin",
        "magface",
        "adaface",
        "curricularface",
        "mv-softmax",
        "elasticface",
        "circle",
        "circle-pairs",
        "contrastive",
        "triplet",
        "center",
        "range",
    ];
    for kind in kinds {
        let config: LossConfig = toml::from_str(&format!("kind = '{kind}'")).unwrap();
        let kept = toml::to_string(&config).unwrap();
        assert_eq!(toml::from_str::<LossConfig>(&kept).as_ref(), Ok(&config), "{kept}");
    }
}

#[test]
fn settings_that_make_no_sense_are_told() {
    let mag = MagFace { upper_norm: 5.0, ..MagFace::default() };
    let softmax = Box::new(LossConfig::Softmax(SoftmaxConfig::default()));
    let cosface = |margin| Box::new(LossConfig::CosFace(CosFace { margin, ..CosFace::default() }));
    let wrong = [
        (LossConfig::NormFace(NormFaceConfig { scale: 0.0, ..NormFaceConfig::default() }), "scale must be"),
        (LossConfig::ArcFace(ArcFace { margin: 1.6, ..ArcFace::default() }), "margin must be"),
        (LossConfig::ArcFace(ArcFace { centers: 0, ..ArcFace::default() }), "centers must be"),
        (LossConfig::ASoftmax(ASoftmax { margin: 5, ..ASoftmax::default() }), "margin must be"),
        (LossConfig::LSoftmax(LSoftmaxConfig { margin: 0, ..LSoftmaxConfig::default() }), "margin must be"),
        (LossConfig::MagFace(mag), "upper_norm must be above lower_norm, 10"),
        (LossConfig::CosFace(CosFace { scale: f64::NAN, ..CosFace::default() }), "scale must be"),
        (LossConfig::PartialFc(PartialFcConfig { head: softmax, rate: 0.5, filter: None }), "head must be"),
        (
            LossConfig::PartialFc(PartialFcConfig { head: cosface(2.0), rate: 0.5, filter: None }),
            "head.margin",
        ),
        (
            LossConfig::PartialFc(PartialFcConfig { head: cosface(0.3), rate: 0.0, filter: None }),
            "rate must be",
        ),
        (LossConfig::Triplet(Triplet { margin: -1.0, ..Triplet::default() }), "margin must be"),
        (LossConfig::Range(RangeConfig { largest: 0, ..RangeConfig::default() }), "largest must be"),
    ];
    for (config, said) in wrong {
        let problem = config.check().unwrap_err();
        assert!(problem.contains(said), "{problem}");
    }
}

/// Makes all biases of a loss 0.5.
struct Half;

impl ModuleMapper for Half {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if D == 1 { param.map(|old| old.ones_like().mul_scalar(0.5)) } else { param }
    }
}

#[test]
fn class_vectors_come_with_their_biases() {
    let classes = matrix(numbers(6, 4), 2);
    let given = classes.clone().into_data().try_to_vec::<f32>().unwrap();
    let rows = |text: &str| {
        let loss = toml::from_str::<LossConfig>(text).unwrap().init(2, 3, &device());
        let told = with_classes(loss, classes.clone()).map(&mut Half).class_vectors()?;
        Some(told.into_data().try_to_vec::<f32>().unwrap())
    };
    for (text, bias) in [("kind = 'softmax'", 0.5), ("kind = 'l2-softmax'", 0.5), ("kind = 'a-softmax'", 0.0)]
    {
        let expected: Vec<f32> = given.chunks(2).flat_map(|row| [row[0], row[1], bias]).collect();
        assert_eq!(rows(text).unwrap(), expected, "{text}");
    }
    assert_eq!(rows("kind = 'triplet'"), None);
}
