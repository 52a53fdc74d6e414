use omote_evaluation::{Error, bcubed, best_threshold, cross_validate, nmi, pairwise};
use proptest::prelude::*;

/// Scores with many ties, some missing.
fn scores() -> impl Strategy<Value = Vec<(Option<f32>, bool)>> {
    let score = prop_oneof![
        1 => Just(None),
        4 => (-6_i8..6).prop_map(|step| Some(f32::from(step) / 8.0)),
        4 => (-1.0_f32..1.0).prop_map(Some),
    ];
    prop::collection::vec((score, any::<bool>()), 1..60)
}

fn accuracy(pairs: &[(Option<f32>, bool)], threshold: f64) -> f64 {
    let right = pairs
        .iter()
        .filter(|(score, same)| score.is_some_and(|score| f64::from(score) >= threshold) == *same)
        .count();
    right as f64 / pairs.len() as f64
}

fn unzip(pairs: &[(Option<f32>, bool)]) -> (Vec<Option<f32>>, Vec<bool>) {
    pairs.iter().copied().unzip()
}

/// Consecutive folds of the given sizes.
fn folds(sizes: &[usize]) -> Vec<std::ops::Range<usize>> {
    let mut start = 0;
    sizes
        .iter()
        .map(|size| {
            start += size;
            start - size..start
        })
        .collect()
}

/// Folds of pairs, each with both kinds and at least one score, so that a threshold can be chosen.
fn folded() -> impl Strategy<Value = (Vec<(Option<f32>, bool)>, Vec<usize>)> {
    prop::collection::vec(scores(), 2..6).prop_map(|parts| {
        let mut pairs = Vec::new();
        let mut sizes = Vec::new();
        for mut part in parts {
            part.extend([(Some(0.0), true), (Some(0.0), false)]);
            sizes.push(part.len());
            pairs.extend(part);
        }
        (pairs, sizes)
    })
}

/// Strictly increasing, bends hard, and keeps different f32 scores of -1..=1 different in f32.
fn bend(score: f32) -> f32 {
    let wide = f64::from(score) * 1e9;
    (if wide < 0.0 { wide * 1e-3 } else { wide * 1e3 }) as f32
}

fn labels() -> impl Strategy<Value = (Vec<usize>, Vec<usize>)> {
    prop::collection::vec((0_usize..7, 0_usize..7), 1..60).prop_map(|items| items.into_iter().unzip())
}

#[test]
fn clustering_metrics_agree_with_scikit_learn() {
    // scikit-learn 1.9: normalized_mutual_info_score, pair_confusion_matrix, and BCubed from contingency_matrix.
    let truth: Vec<usize> = (0..200).map(|i| (i * i * 7 + i) % 11).collect();
    let predicted: Vec<usize> = (0..200).map(|i| if i % 4 > 0 { truth[i] * 3 % 11 } else { i % 9 }).collect();
    let near = |found: f64, golden: f64| assert!((found - golden).abs() < 1e-12, "{found} {golden}");
    near(nmi(&truth, &predicted).unwrap(), 0.575_270_187_506_426_3);
    let pairs = pairwise(&truth, &predicted).unwrap();
    near(pairs.precision, 0.716_767_103_863_878_1);
    near(pairs.recall, 0.599_111_111_111_111_1);
    let items = bcubed(&truth, &predicted).unwrap();
    near(items.precision, 0.688_182_931_885_518_6);
    near(items.recall, 0.610_600_600_600_600_6);
}

proptest! {
    #[test]
    fn no_threshold_beats_the_best(pairs in scores()) {
        let (scores, same) = unzip(&pairs);
        let found = match best_threshold(&scores, &same) {
            Ok(found) => found,
            Err(error) => {
                let empty = matches!(error, Error::Empty { .. });
                prop_assert!(empty && scores.iter().all(Option::is_none));
                return Ok(());
            }
        };
        prop_assert_eq!(accuracy(&pairs, found.threshold), found.accuracy);
        // The oracle tries a threshold at, just below and just above every score.
        for score in scores.iter().flatten().map(|&score| f64::from(score)) {
            for threshold in [score.next_down(), score, score.next_up()] {
                let other = accuracy(&pairs, threshold);
                prop_assert!(other <= found.accuracy, "{threshold} has {other}, {found:?}");
                // The lowest of equals, up to the choice within a gap between scores.
                if other == found.accuracy && threshold < found.threshold {
                    let gap = threshold..found.threshold;
                    prop_assert!(!scores.iter().flatten().any(|&score| gap.contains(&f64::from(score))));
                }
            }
        }
    }

    #[test]
    fn folds_agree_with_a_sweep_of_the_others((pairs, sizes) in folded()) {
        let (scores, same) = unzip(&pairs);
        let folds = folds(&sizes);
        let found = cross_validate(&scores, &same, &folds).unwrap();
        for (fold, result) in folds.iter().zip(&found.folds) {
            let others: Vec<_> = [&pairs[..fold.start], &pairs[fold.end..]].concat();
            let (scores, same) = unzip(&others);
            prop_assert_eq!(result.threshold, best_threshold(&scores, &same).unwrap().threshold);
            prop_assert_eq!(result.accuracy, accuracy(&pairs[fold.clone()], result.threshold));
            prop_assert_eq!(result.pairs, fold.len());
            let errors = result.false_accepts + result.false_rejects;
            prop_assert!((result.accuracy - (1.0 - errors as f64 / fold.len() as f64)).abs() < 1e-12);
        }
        let mean = found.folds.iter().map(|fold| fold.accuracy).sum::<f64>() / folds.len() as f64;
        prop_assert!((found.accuracy - mean).abs() < 1e-12);
        // The two spreads differ by a known factor.
        let factor = ((folds.len() - 1) as f64).sqrt();
        prop_assert!((found.standard_error * factor - found.standard_deviation).abs() < 1e-12);
    }

    #[test]
    fn only_the_order_of_scores_chooses(pairs in scores()) {
        let (scores, same) = unzip(&pairs);
        prop_assume!(scores.iter().any(Option::is_some));
        let bent: Vec<Option<f32>> = scores.iter().map(|score| score.map(bend)).collect();
        let plain = best_threshold(&scores, &same).unwrap();
        let other = best_threshold(&bent, &same).unwrap();
        prop_assert_eq!(plain.accuracy, other.accuracy);
        for (plain_score, bent_score) in scores.iter().flatten().zip(bent.iter().flatten()) {
            prop_assert_eq!(
                f64::from(*plain_score) >= plain.threshold,
                f64::from(*bent_score) >= other.threshold
            );
        }
    }

    #[test]
    fn scale_and_offset_do_not_matter((pairs, sizes) in folded(), power in -20_i32..20, offset in -4_i8..4) {
        // Steps of 1/8 and powers of two keep every sum and middle exact.
        let coarse: Vec<_> =
            pairs.iter().map(|(score, same)| (score.map(|score| (score * 8.0).round() / 8.0), *same)).collect();
        let (scores, same) = unzip(&coarse);
        let scale = 2.0_f32.powi(power);
        let moved: Vec<Option<f32>> =
            scores.iter().map(|score| score.map(|score| (score + f32::from(offset)) * scale)).collect();
        let plain = cross_validate(&scores, &same, &folds(&sizes)).unwrap();
        let other = cross_validate(&moved, &same, &folds(&sizes)).unwrap();
        prop_assert_eq!(plain.accuracy, other.accuracy);
        prop_assert_eq!(plain.errors(), other.errors());
    }

    #[test]
    fn perfect_separation_is_perfect((pairs, sizes) in folded()) {
        // Same above 0.6, different below 0.2: with middles between scores, no fold's threshold can leave 0.2..=0.6.
        let separated: Vec<_> = pairs
            .iter()
            .map(|(score, same)| {
                let part = (score.unwrap_or(0.0) + 1.0) / 20.0;
                (Some(if *same { 0.6 + part } else { 0.2 - part }), *same)
            })
            .collect();
        let (scores, same) = unzip(&separated);
        let found = cross_validate(&scores, &same, &folds(&sizes)).unwrap();
        prop_assert_eq!((found.accuracy, found.standard_error, found.errors()), (1.0, 0.0, 0));
    }

    #[test]
    fn pairwise_agrees_with_all_pairs((truth, predicted) in labels()) {
        let (mut both, mut together, mut alike) = (0, 0, 0);
        for x in 0..truth.len() {
            for y in 0..x {
                let (is_together, is_alike) = (predicted[x] == predicted[y], truth[x] == truth[y]);
                together += usize::from(is_together);
                alike += usize::from(is_alike);
                both += usize::from(is_together && is_alike);
            }
        }
        let share = |whole: usize| if whole > 0 { f64::from(both as u32) / whole as f64 } else { 1.0 };
        let found = pairwise(&truth, &predicted).unwrap();
        prop_assert!((found.precision - share(together)).abs() < 1e-12);
        prop_assert!((found.recall - share(alike)).abs() < 1e-12);
    }

    #[test]
    fn bcubed_agrees_with_the_mean_over_items((truth, predicted) in labels()) {
        let items = 0..truth.len();
        let count = |keep: &dyn Fn(usize) -> bool| items.clone().filter(|&y| keep(y)).count() as f64;
        let (mut precision, mut recall) = (0.0, 0.0);
        for x in items.clone() {
            let both = count(&|y| truth[y] == truth[x] && predicted[y] == predicted[x]);
            precision += both / count(&|y| predicted[y] == predicted[x]);
            recall += both / count(&|y| truth[y] == truth[x]);
        }
        let found = bcubed(&truth, &predicted).unwrap();
        prop_assert!((found.precision - precision / truth.len() as f64).abs() < 1e-12);
        prop_assert!((found.recall - recall / truth.len() as f64).abs() < 1e-12);
    }

    #[test]
    fn nmi_agrees_with_entropies((truth, predicted) in labels()) {
        // I = H(a) + H(b) - H(a, b), each from counts by brute force.
        let entropy = |key: &dyn Fn(usize) -> (usize, usize)| -> f64 {
            let n = truth.len() as f64;
            (0..truth.len())
                .map(|x| (0..truth.len()).filter(|&y| key(x) == key(y)).count() as f64)
                .map(|count| -(count / n).ln() / n)
                .sum()
        };
        let a = entropy(&|x| (truth[x], 0));
        let b = entropy(&|x| (0, predicted[x]));
        let joint = entropy(&|x| (truth[x], predicted[x]));
        let expected = if a + b > 1e-12 { 2.0 * (a + b - joint) / (a + b) } else { 1.0 };
        prop_assert!((nmi(&truth, &predicted).unwrap() - expected).abs() < 1e-9);
    }

    #[test]
    fn names_of_labels_do_not_matter((truth, predicted) in labels(), step in 1_usize..1000) {
        // 7 labels onto 7 others, in another order.
        let rename = |labels: &[usize]| labels.iter().map(|label| (label * 3 % 7) * step).collect::<Vec<_>>();
        let (other_truth, other_predicted) = (rename(&truth), rename(&predicted));
        for metric in [pairwise, bcubed] {
            let (plain, renamed) =
                (metric(&truth, &predicted).unwrap(), metric(&other_truth, &other_predicted).unwrap());
            prop_assert!((plain.precision - renamed.precision).abs() < 1e-12);
            prop_assert!((plain.recall - renamed.recall).abs() < 1e-12);
            // Truth and prediction change places, and so do precision and recall.
            let swapped = metric(&predicted, &truth).unwrap();
            prop_assert!((plain.precision - swapped.recall).abs() < 1e-12);
            prop_assert!((plain.f - swapped.f).abs() < 1e-12);
            prop_assert!((metric(&truth, &other_truth).unwrap().f - 1.0).abs() < 1e-12);
        }
        let plain = nmi(&truth, &predicted).unwrap();
        prop_assert!((plain - nmi(&other_predicted, &other_truth).unwrap()).abs() < 1e-12);
        prop_assert!((nmi(&truth, &other_truth).unwrap() - 1.0).abs() < 1e-12);
    }
}
