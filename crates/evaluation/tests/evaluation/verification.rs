//! Verification metrics against oracles that look at every pair of scores.

use omote_evaluation::{Roc, RocPoint, Scores};
use proptest::prelude::*;

/// Few different values, so that ties within and between kinds are common, and some that are near each other.
fn list() -> impl Strategy<Value = Vec<f32>> {
    let score = prop_oneof![
        4 => (-4_i8..5).prop_map(|step| f32::from(step) / 4.0),
        1 => Just(-0.0),
        1 => Just(0.25_f32.next_up()),
        3 => -1.0_f32..1.0,
    ];
    prop::collection::vec(score, 1..40)
}

/// The same, with pairs without a score; both kinds occur, and at least one has a score.
fn pairs() -> impl Strategy<Value = (Vec<Option<f32>>, Vec<bool>)> {
    let failing = |list: Vec<f32>, fails: Vec<bool>| -> Vec<Option<f32>> {
        list.into_iter()
            .zip(fails.into_iter().chain(std::iter::repeat(false)))
            .map(|(score, fails)| (!fails).then_some(score))
            .collect()
    };
    let fails = || prop::collection::vec(prop::bool::weighted(0.3), 0..40);
    (list(), fails(), list(), fails()).prop_filter_map(
        "no score",
        move |(genuine, lost, impostor, missed)| {
            let same = [vec![true; genuine.len()], vec![false; impostor.len()]].concat();
            let scores = [failing(genuine, lost), failing(impostor, missed)].concat();
            scores.iter().any(Option::is_some).then_some((scores, same))
        },
    )
}

fn share(scores: &[Option<f32>], same: &[bool], kind: bool, accepted: bool, threshold: f64) -> f64 {
    let of_kind = scores.iter().zip(same).filter(|(_, same)| **same == kind);
    let (mut count, mut total) = (0.0, 0.0);
    for (score, _) in of_kind {
        total += 1.0;
        count += f64::from(u8::from(score.is_some_and(|score| f64::from(score) >= threshold) == accepted));
    }
    count / total
}

/// Every threshold that can decide differently: at, just below and just above each score.
fn thresholds(scores: &[Option<f32>]) -> Vec<f64> {
    let around = |score: f32| [f64::from(score).next_down(), f64::from(score), f64::from(score).next_up()];
    scores.iter().flatten().copied().flat_map(around).collect()
}

proptest! {
    #[test]
    fn rates_are_shares((scores, same) in pairs()) {
        let found = Scores::from_pairs(&scores, &same).unwrap();
        for threshold in thresholds(&scores) {
            let point = found.at(threshold);
            prop_assert_eq!(point.fmr, share(&scores, &same, false, true, threshold));
            prop_assert_eq!(point.fnmr, share(&scores, &same, true, false, threshold));
            prop_assert_eq!(point.false_matches as f64 / found.impostor_count() as f64, point.fmr);
        }
    }

    #[test]
    fn strict_threshold_is_the_smallest((scores, same) in pairs(), asked in 0.0_f64..1.0, exact in any::<bool>()) {
        let found = Scores::from_pairs(&scores, &same).unwrap();
        let impostors = found.impostor_count() as f64;
        // A rate that some number of false matches has exactly, or one between.
        let asked = if exact { (asked * impostors).floor() / impostors } else { asked };
        let point = found.fnmr_at_fmr(asked);
        prop_assert!(point.fmr <= asked);
        let fmr = |threshold| share(&scores, &same, false, true, threshold);
        for threshold in thresholds(&scores) {
            prop_assert!(threshold >= point.threshold || fmr(threshold) > asked || fmr(f64::MIN) <= asked);
            // So no threshold with an FMR that low rejects fewer genuine pairs.
            prop_assert!(fmr(threshold) > asked || share(&scores, &same, true, false, threshold) >= point.fnmr);
        }
    }

    #[test]
    fn laxer_rates_never_cost(genuine in list(), impostor in list(), rates in [0.0_f64..1.0, 0.0_f64..1.0]) {
        let found = Scores::new(genuine, impostor).unwrap();
        let (low, high) = (rates[0].min(rates[1]), rates[0].max(rates[1]));
        prop_assert!(found.threshold_at_fmr(low) >= found.threshold_at_fmr(high));
        prop_assert!(found.fnmr_at_fmr(low).fnmr >= found.fnmr_at_fmr(high).fnmr);
    }

    #[test]
    fn area_is_the_mann_whitney_statistic((scores, same) in pairs()) {
        let rank = |score: &Option<f32>| score.map_or(f64::NEG_INFINITY, f64::from);
        let (mut wins, mut games) = (0.0, 0.0);
        for (genuine, _) in scores.iter().zip(&same).filter(|(_, same)| **same) {
            for (impostor, _) in scores.iter().zip(&same).filter(|(_, same)| !**same) {
                games += 1.0;
                let (genuine, impostor) = (rank(genuine), rank(impostor));
                wins += if genuine > impostor { 1.0 } else if genuine == impostor { 0.5 } else { 0.0 };
            }
        }
        let found = Scores::from_pairs(&scores, &same).unwrap();
        prop_assert!((found.auc() - wins / games).abs() < 1e-12);
        prop_assert!((found.roc().auc() - wins / games).abs() < 1e-12);
    }

    #[test]
    fn curve_has_a_point_per_score((scores, same) in pairs()) {
        let roc = Scores::from_pairs(&scores, &same).unwrap().roc();
        let mut distinct: Vec<f32> = scores.iter().flatten().map(|score| score + 0.0).collect();
        distinct.sort_by(|a, b| b.total_cmp(a));
        distinct.dedup();
        prop_assert_eq!(roc.points.len(), distinct.len() + 1);
        prop_assert_eq!((roc.points[0].fmr, roc.points[0].tar), (0.0, 0.0));
        prop_assert!(roc.points[0].threshold > f64::from(distinct[0]));
        for (point, score) in roc.points[1..].iter().zip(distinct) {
            prop_assert_eq!(point.threshold, f64::from(score));
            prop_assert_eq!(point.fmr, share(&scores, &same, false, true, point.threshold));
            prop_assert_eq!(point.tar, share(&scores, &same, true, true, point.threshold));
        }
    }

    #[test]
    fn equal_errors_lie_on_the_polyline(genuine in list(), impostor in list()) {
        let found = Scores::new(genuine, impostor).unwrap();
        let eer = found.eer();
        // Bisection along the polyline, which an independent walk of its pieces draws.
        let points: Vec<(f64, f64)> = found.roc().points.iter().map(|point| (point.fmr, 1.0 - point.tar)).collect();
        let at = |way: f64| {
            let piece = (way as usize).min(points.len() - 2);
            let (from, to, part) = (points[piece], points[piece + 1], way - piece as f64);
            (from.0 + part * (to.0 - from.0), from.1 + part * (to.1 - from.1))
        };
        let (mut low, mut high) = (0.0, (points.len() - 1) as f64);
        for _ in 0..100 {
            let middle = f64::midpoint(low, high);
            let (fmr, fnmr) = at(middle);
            if fmr < fnmr { low = middle } else { high = middle }
        }
        prop_assert!((at(high).0 - eer).abs() < 1e-9, "{} {eer}", at(high).0);
        // At every threshold one of the two rates is at least as high.
        for (fmr, fnmr) in points {
            prop_assert!(fmr.max(fnmr) >= eer - 1e-12);
        }
    }

    #[test]
    fn nearest_rule_is_the_scripts_loop(genuine in list(), impostor in list(), asked in 0.0_f64..1.0) {
        let found = Scores::new(genuine, impostor).unwrap();
        let points = found.roc().points;
        // roc_curve(drop_intermediate=True): second differences of the counts, without the start.
        let count = |rate: f64, total: usize| (rate * total as f64).round() as i64;
        let steps: Vec<(i64, i64)> = points[1..].iter()
            .map(|point| (count(point.fmr, found.impostor_count()), count(point.tar, found.genuine_count())))
            .collect();
        let bends = |k: usize| {
            let second = |part: fn(&(i64, i64)) -> i64| part(&steps[k + 1]) - 2 * part(&steps[k]) + part(&steps[k - 1]);
            second(|step| step.0) != 0 || second(|step| step.1) != 0
        };
        let kept = |k: usize| k == 0 || k + 1 == steps.len() || bends(k);
        let mut curve: Vec<RocPoint> = vec![points[0]];
        curve.extend((0..steps.len()).filter(|&k| kept(k)).map(|k| points[k + 1]));
        // flipud, then the first of the nearest.
        curve.reverse();
        let distance = |point: &RocPoint| (point.fmr - asked).abs();
        let mut nearest = curve[0];
        for point in curve {
            if distance(&point) < distance(&nearest) {
                nearest = point;
            }
        }
        let answer = found.fnmr_at_nearest_fmr(asked);
        prop_assert_eq!((answer.threshold, answer.fmr), (nearest.threshold, nearest.fmr));
        prop_assert!((answer.tar() - nearest.tar).abs() < 1e-12);
    }

    #[test]
    fn spread_of_means(genuine in list(), impostor in list()) {
        // Variance as half the mean squared difference of all ordered pairs.
        let mean = |list: &[f32]| list.iter().map(|&score| f64::from(score)).sum::<f64>() / list.len() as f64;
        let variance = |list: &[f32]| {
            let squares = list.iter().flat_map(|a| list.iter().map(move |b| f64::from(a - b).powi(2)));
            squares.sum::<f64>() / (2 * list.len() * list.len()) as f64
        };
        let (difference, spread) =
            (mean(&genuine) - mean(&impostor), ((variance(&genuine) + variance(&impostor)) / 2.0).sqrt());
        prop_assume!(spread > 1e-3);
        let found = Scores::new(genuine, impostor).unwrap().d_prime().unwrap();
        prop_assert!((found - difference / spread).abs() < 1e-4 * found.abs().max(1.0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_thinned_curve_looks_the_same(seed in any::<u64>(), shift in 0.0_f32..3.0, most in 5_usize..200) {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut normal = |mean: f32| (0..12).map(|_| random.f32()).sum::<f32>() - 6.0 + mean;
        let genuine = (0..1500).map(|_| normal(shift)).collect();
        let impostor = (0..4000).map(|_| normal(0.0)).collect();
        let roc = Scores::new(genuine, impostor).unwrap().roc();
        check_thinned(&roc, most)?;
    }
}

fn check_thinned(roc: &Roc, most: usize) -> Result<(), TestCaseError> {
    let thin = roc.thinned(most);
    prop_assert!(thin.points.len() <= most && thin.points.len() >= 2);
    prop_assert_eq!(thin.points.first(), roc.points.first());
    prop_assert_eq!(thin.points.last(), roc.points.last());
    let last_without_false_match = |roc: &Roc| roc.points.iter().rfind(|point| point.fmr == 0.0).copied();
    prop_assert_eq!(last_without_false_match(&thin), last_without_false_match(roc));
    // A part of the way is 3/parts of the sum of the coordinates; the last word on what may be left out.
    let step = 6.0 / (most as f64 - 4.0) + 1e-9;
    let lowest = |rate: fn(&RocPoint) -> f64| {
        roc.points.iter().map(rate).filter(|rate| *rate > 0.0).fold(1.0, f64::min)
    };
    let (fmr, fnmr) = (lowest(|point| point.fmr), lowest(|point| 1.0 - point.tar));
    let log = |rate: f64, lowest: f64| rate.max(lowest).ln() / -lowest.ln();
    let mut kept = thin.points.iter().peekable();
    let mut before = thin.points[0];
    for point in &roc.points {
        if kept.peek() == Some(&point) {
            before = *point;
            kept.next();
        } else if let Some(after) = kept.peek() {
            prop_assert!(after.tar - before.tar < step);
            prop_assert!(log(after.fmr, fmr) - log(before.fmr, fmr) < step);
            prop_assert!(log(1.0 - before.tar, fnmr) - log(1.0 - after.tar, fnmr) < step);
        }
    }
    prop_assert!(kept.next().is_none());
    Ok(())
}
