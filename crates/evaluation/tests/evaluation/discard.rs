//! Error versus discard against the definition, and the curves that are known.

use omote_evaluation::{
    Discard, DiscardCurve, DiscardOrder, DiscardThreshold, Error, QualityPair, Scores, Unsupported,
};
use proptest::prelude::*;

/// Comparisons with a quality of their own, so that the order is known. Scores have ties, and some are missing.
fn pairs() -> impl Strategy<Value = Vec<QualityPair>> {
    let score = prop_oneof![
        1 => Just(None),
        5 => (-6_i8..6).prop_map(|step| Some(f32::from(step) / 8.0)),
        5 => (-1.0_f32..1.0).prop_map(Some),
    ];
    prop::collection::vec((any::<bool>(), score, any::<u32>()), 40..120).prop_map(|mut drawn| {
        drawn.extend([(true, Some(0.5), 7), (false, Some(-0.5), 9)]);
        let mut order: Vec<usize> = (0..drawn.len()).collect();
        order.sort_by_key(|&pair| drawn[pair].2);
        let mut pairs: Vec<QualityPair> =
            drawn.iter().map(|&(same, score, _)| QualityPair { same, score, quality: None }).collect();
        for (rank, &pair) in order.iter().enumerate() {
            // The very worst has no quality at all.
            pairs[pair].quality = (rank > 0).then_some(rank as f32);
        }
        pairs
    })
}

fn scores(pairs: &[QualityPair]) -> Option<Scores> {
    let (scores, same): (Vec<_>, Vec<_>) = pairs.iter().map(|pair| (pair.score, pair.same)).unzip();
    Scores::from_pairs(&scores, &same).ok()
}

/// 2,000 genuine scores in 0..1 and 2,000 impostor scores in 0..0.5, all of quality 1.
fn many() -> Vec<QualityPair> {
    let mut random = fastrand::Rng::with_seed(5);
    (0..4000)
        .map(|pair| {
            let same = pair % 2 == 0;
            let score = random.f32() * if same { 1.0 } else { 0.5 };
            QualityPair::new(same, Some(score), Some(1.0), Some(1.0))
        })
        .collect()
}

fn ideal(curve: &DiscardCurve) -> Vec<f64> {
    let start = curve.points[0];
    curve
        .points
        .iter()
        .map(|point| {
            let gone = 1.0 - point.genuine as f64 / start.genuine as f64;
            ((start.fnmr - gone) / (1.0 - gone)).max(0.0)
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_point_is_the_rate_of_the_survivors(
        pairs in pairs(),
        fixed in any::<bool>(),
        fmr in 0.3_f64..1.0,
        step in 0.02_f64..0.3,
    ) {
        let threshold = if fixed { DiscardThreshold::Fixed } else { DiscardThreshold::ReEstimated };
        let discard = Discard { fmr, threshold, step, ..Discard::default() };
        let mut sorted = pairs.clone();
        sorted.sort_by(|x, y| x.quality.partial_cmp(&y.quality).unwrap());
        let all = scores(&sorted).unwrap();
        let set = all.threshold_at_fmr(fmr);
        let matches = |scores: &Scores, threshold| (scores.fmr(threshold) * scores.impostor_count() as f64).round();
        let found = match discard.curve(&pairs) {
            Ok(found) => found,
            Err(error) => {
                prop_assert!(matches!(error, Error::Unsupported(_)));
                prop_assert!(matches(&all, set) < 10.0);
                return Ok(());
            }
        };
        for (number, point) in found.points.iter().enumerate() {
            let gone = (step * number as f64 * pairs.len() as f64) as usize;
            let Some(left) = scores(&sorted[gone..]) else {
                // No impostor is left, or no pair with a score: a fixed threshold goes on without.
                prop_assert!(fixed && point.false_matches == 0);
                let genuine: Vec<_> = sorted[gone..].iter().filter(|pair| pair.same).collect();
                let accepted = |pair: &QualityPair| pair.score.is_some_and(|score| f64::from(score) >= set);
                let rejected = genuine.iter().filter(|pair| !accepted(pair)).count();
                prop_assert_eq!(point.genuine, genuine.len());
                prop_assert_eq!(point.fnmr, rejected as f64 / genuine.len() as f64);
                continue;
            };
            let threshold = if fixed { set } else { left.threshold_at_fmr(fmr) };
            prop_assert_eq!(point.fnmr, left.fnmr(threshold));
            prop_assert_eq!(point.false_matches as f64, matches(&left, threshold));
            prop_assert_eq!((point.genuine, point.impostors), (left.genuine_count(), left.impostor_count()));
            prop_assert!(fixed || point.false_matches >= 10);
        }
        // It ends for a reason.
        let next = step * found.points.len() as f64;
        let gone = (next * pairs.len() as f64) as usize;
        let ended = next > 0.95 || match scores(&sorted[gone..]) {
            None => true,
            Some(left) => !fixed && matches(&left, left.threshold_at_fmr(fmr)) < 10.0,
        };
        prop_assert!(ended, "{} points of {step}", found.points.len());
    }
}

#[test]
fn the_oracle_gives_the_ideal_curve() {
    for seed in 0..3 {
        let oracle = Discard { fmr: 0.05, order: DiscardOrder::Oracle, seed, ..Discard::default() };
        let curve = oracle.curve(&many()).unwrap();
        assert_eq!(curve.points.len(), 20);
        for (point, ideal) in curve.points.iter().zip(ideal(&curve)) {
            assert!((point.fnmr - ideal).abs() < 1e-12, "{point:?}: {ideal}");
            // Both kinds go at one pace.
            assert!((point.genuine as f64 - 2000.0 * (1.0 - point.discarded)).abs() <= 1.0);
        }
        // Half of the genuine scores lie below the threshold: none is left beyond.
        assert!(curve.points[0].fnmr > 0.4 && curve.points[10].fnmr < 0.01);
    }
}

#[test]
fn no_quality_beats_the_oracle_and_constant_quality_is_flat() {
    for threshold in [DiscardThreshold::Fixed, DiscardThreshold::ReEstimated] {
        let settings = Discard { fmr: 0.05, threshold, ..Discard::default() };
        let area = |order, seed| {
            let curve = Discard { order, seed, ..settings }.curve(&many()).unwrap();
            if order != DiscardOrder::Oracle {
                // Flat: within five standard errors of what is left.
                let start = curve.points[0].fnmr;
                for point in &curve.points {
                    let error = (start * (1.0 - start) / point.genuine as f64).sqrt();
                    assert!((point.fnmr - start).abs() < 5.0 * error, "{threshold:?}: {point:?}");
                }
            }
            curve.area(0.3).unwrap()
        };
        let oracle = area(DiscardOrder::Oracle, 0);
        for seed in 0..4 {
            let (constant, random) = (area(DiscardOrder::Quality, seed), area(DiscardOrder::Random, seed));
            // Ties are broken at random, by the seed: the same order as if there were no quality.
            assert_eq!(constant, random);
            assert!(oracle < 0.8 * constant, "{oracle} {constant}");
        }
        assert_ne!(area(DiscardOrder::Random, 0), area(DiscardOrder::Random, 1));
    }
}

#[test]
fn the_worse_face_of_a_pair_counts() {
    let quality = |a, b| QualityPair::new(true, None, a, b).quality;
    assert_eq!(quality(Some(0.2), Some(0.7)), Some(0.2));
    assert_eq!(quality(Some(0.7), Some(0.2)), Some(0.2));
    assert_eq!(quality(None, Some(0.7)), None);
    // A NaN is kept, and refused later.
    assert!(quality(Some(f32::NAN), Some(0.7)).unwrap().is_nan());
    assert!(quality(Some(0.7), Some(f32::NAN)).unwrap().is_nan());
}

#[test]
fn areas_by_hand() {
    let mut curve = Discard { fmr: 0.5, step: 0.1, ..Discard::default() }.curve(&many()).unwrap();
    curve.points.truncate(4);
    for (point, fnmr) in curve.points.iter_mut().zip([0.4, 0.2, 0.1, 0.1]) {
        point.fnmr = fnmr;
    }
    assert!((curve.area(0.2).unwrap() - 0.1 * (0.3 + 0.15)).abs() < 1e-12);
    assert!((curve.area(0.05).unwrap() - 0.05 * 0.35).abs() < 1e-12);
    assert!((curve.area(0.3).unwrap() - 0.055).abs() < 1e-12);
    for up_to in [0.0, 0.31, f64::NAN] {
        assert!(matches!(curve.area(up_to), Err(Error::Setting { .. })));
    }
}

#[test]
fn rates_that_rest_on_too_little_are_refused() {
    let found = Discard { fmr: 0.001, ..Discard::default() }.curve(&many());
    let Err(Error::Unsupported(Unsupported { support, .. })) = found else { panic!("{found:?}") };
    assert_eq!((support.impostors, support.false_matches), (2000, 2));

    // 20 false matches at first: by half, fewer than ten would be left.
    let settings = Discard { fmr: 0.01, threshold: DiscardThreshold::ReEstimated, ..Discard::default() };
    let curve = settings.curve(&many()).unwrap();
    let end = curve.points.last().unwrap();
    assert!((0.4..0.55).contains(&end.discarded) && end.false_matches == 10, "{end:?}");
    assert!(matches!(curve.area(0.6), Err(Error::Setting { .. })));
}

#[test]
fn bad_pairs_are_named() {
    let refused = |pairs: &[QualityPair]| Discard::default().curve(pairs).unwrap_err().to_string();
    let pair = |same, score, quality| QualityPair { same, score: Some(score), quality: Some(quality) };
    assert!(refused(&[]).contains("no pair of the same person"));
    assert!(refused(&[pair(true, 0.5, 1.0)]).contains("no pair of different people"));
    assert!(refused(&[pair(true, f32::INFINITY, 1.0)]).starts_with("the score of pair 0 "));
    assert!(refused(&[pair(true, 0.5, 1.0), pair(false, 0.5, f32::NAN)]).starts_with("pair 1 "));
    for (fmr, step) in [(0.0, 0.05), (f64::NAN, 0.05), (1.5, 0.05), (0.1, 0.0), (0.1, 0.6), (0.1, f64::NAN)] {
        let found = Discard { fmr, step, ..Discard::default() }.curve(&many());
        assert!(matches!(found, Err(Error::Setting { .. })), "{fmr} {step}");
    }
}
