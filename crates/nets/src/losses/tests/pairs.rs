//! The losses of pairs, and those that need a batch of several images of each of several people.

use super::*;

/// Two people with two images each, and one with one: on a line, so that distances are plain.
fn line() -> (Vec<f32>, Vec<i64>) {
    (vec![0.0, 1.0, 3.0, 7.0, 20.0], vec![0, 0, 1, 1, 2])
}

#[test]
fn the_contrastive_loss_is_that_of_the_formula() {
    let (points, people) = line();
    let loss = Contrastive { margin: 4.0, normalize: false };
    let outcome = loss.forward(matrix(points, 1), labels(&people));
    // Same: distances 1 and 4. Different: of 8 pairs only 0-3 and 1-3 are nearer than 4.
    let (same, different) = ((1.0 + 16.0) / 2.0 / 2.0, (1.0 + 4.0) / 2.0 / 8.0);
    near(&[value(&outcome.parts[0].1), value(&outcome.parts[1].1)], &[same, different], 1e-4);
}

#[test]
fn triplets_are_chosen_as_the_papers_say() {
    let (points, people) = line();
    let distances: Vec<f32> =
        points.iter().flat_map(|a| points.iter().map(move |b| (a - b) * (a - b))).collect();
    let chosen = |mining, margin| {
        let chosen = triplet::Chosen::of(&distances, &people, mining, margin);
        let sum: f32 = chosen.weights.iter().zip(&distances).map(|(w, d)| w * d).sum();
        let share = chosen.active as f32 / chosen.count.max(1) as f32;
        (chosen.count, chosen.active, sum + share * margin)
    };
    let by_definition: Vec<f32> = (0..5usize)
        .flat_map(|a| (0..5usize).flat_map(move |p| (0..5usize).map(move |n| (a, p, n))))
        .filter(|&(a, p, n)| a != p && people[a] == people[p] && people[a] != people[n])
        .map(|(a, p, n)| (distances[a * 5 + p] - distances[a * 5 + n] + 2.0).max(0.0))
        .collect();
    let active = by_definition.iter().filter(|hinge| **hinge > 0.0).count() as u64;
    let mean = by_definition.iter().sum::<f32>() / by_definition.len() as f32;
    let (count, found, loss) = chosen(Mining::All, 2.0);
    assert_eq!((count, found), (by_definition.len() as u64, active));
    near(&[loss], &[mean], 1e-4);

    // Anchors 0, 1, 3, 7 with nearest others at 9, 4, 4, 36.
    let (count, active, loss) = chosen(Mining::Hard, 2.0);
    assert_eq!((count, active), (4, 1));
    near(&[loss], &[(16.0 - 4.0 + 2.0) / 4.0], 1e-5);

    // Farther than the own image, yet within 8.5: 9 for 0, 4 for 1; none for 3, whose others are at 4, 9 and
    // 289.
    let (count, active, loss) = chosen(Mining::SemiHard, 8.5);
    assert_eq!((count, active), (2, 2));
    near(&[loss], &[((1.0 - 9.0 + 8.5) + (1.0 - 4.0 + 8.5)) / 2.0], 1e-5);
}

#[test]
fn triplets_of_one_point_lose_the_margin() {
    for mining in [Mining::All, Mining::Hard] {
        let loss = Triplet { mining, ..Triplet::default() };
        let outcome = loss.forward(matrix(vec![0.5; 12], 3), labels(&[0, 0, 1, 1]));
        near(&[value(&outcome.loss), value(&outcome.parts[1].1)], &[0.2, 1.0], 1e-6);
    }
}

#[test]
fn a_batch_without_pairs_loses_nothing_and_does_not_panic() {
    let losses = [
        LossConfig::Triplet(Triplet { mining: Mining::All, ..Triplet::default() }),
        LossConfig::Triplet(Triplet { mining: Mining::Hard, ..Triplet::default() }),
        LossConfig::Triplet(Triplet::default()),
        LossConfig::CirclePairs(CirclePairs::default()),
        LossConfig::Contrastive(Contrastive::default()),
    ];
    for (config, people) in losses.iter().flat_map(|loss| [(loss, vec![3i64]), (loss, vec![-1, -1])]) {
        let count = people.len();
        let embeddings = matrix(vec![0.25; count * 4], 4).require_grad();
        let outcome = config.init(4, 0, &device()).forward(embeddings.clone(), labels(&people), FIRST);
        assert_eq!(value(&outcome.loss), 0.0, "{config:?}");
        assert!(outcome.cosines.is_none());
        let gradient = values(embeddings.grad(&outcome.loss.backward()).unwrap());
        assert!(gradient.iter().all(|g| *g == 0.0), "{config:?}");
    }
}

#[test]
fn the_range_loss_is_that_of_the_formula() {
    // A person with squared distances 1, 4 and 9, of which the two largest count, and one with 16 alone.
    let points = matrix(vec![0.0, 1.0, 3.0, 10.0, 14.0], 1);
    let people = range::people(&[4, 4, 4, 2, 2]);
    assert_eq!(people, [vec![3, 4], vec![0, 1, 2]]);
    let intra = value(&range::intra(points.clone(), &people, 2));
    near(&[intra], &[2.0 / (1.0 / 9.0 + 1.0 / 4.0) + 16.0], 1e-4);
    let apart = (12.0 - 4.0 / 3.0f32).powi(2);
    near(&[value(&range::inter(points.clone(), &people, 150.0))], &[150.0 - apart], 1e-3);
    near(&[value(&range::inter(points, &people, 100.0))], &[0.0], 0.0);

    let alone = range::people(&[7]);
    let point = matrix(vec![2.0, 1.0], 2);
    let nothing = [range::intra(point.clone(), &alone, 2), range::inter(point, &alone, 5.0)];
    assert_eq!(nothing.map(|loss| value(&loss)), [0.0, 0.0]);
}

#[test]
fn distillation_compares_directions_or_vectors() {
    let (student, teacher) = (matrix(vec![3.0, 0.0, 1.0, 1.0], 2), matrix(vec![1.2, 1.6, 2.0, 2.0], 2));
    let loss = |likeness, weight| Distillation { likeness, weight };
    let student = student.require_grad();
    let cosine = loss(Likeness::Cosine, 2.0).forward(student.clone(), teacher.clone()).loss;
    near(&[value(&cosine)], &[2.0 * (0.4 + 0.0) / 2.0], 1e-6);
    let euclidean = loss(Likeness::Euclidean, 1.0).forward(student.clone(), teacher.clone()).loss;
    near(&[value(&euclidean)], &[(1.8 * 1.8 + 1.6 * 1.6 + 2.0) / 2.0], 1e-5);
    // Of the squared distance: 2 (x - t) / N.
    let gradient = values(student.grad(&euclidean.backward()).unwrap());
    near(&gradient, &[1.8, -1.6, -1.0, -1.0], 1e-6);
}
