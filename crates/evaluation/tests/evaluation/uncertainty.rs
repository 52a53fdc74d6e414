//! Intervals against simulated populations whose true rates are known.

use omote_evaluation::{
    Bootstrap, Error, Estimate, Resampled, ScoredPair, ScoredPairs, Statistic, Support, wilson,
};

/// Standard normal numbers (Box and Muller 1958).
struct Normal(fastrand::Rng);

impl Normal {
    fn next(&mut self) -> f64 {
        let (u, v) = (1.0 - self.0.f64(), self.0.f64());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }
}

/// People who differ: person `a` has a genuine level `g_a` and an impostor level `i_a`, and a comparison scores
///
/// - genuine: `1.5 + g g_a + noise`, `3 photos` times a person;
/// - impostor: `i (i_a + i_b) + noise`, `photos` times a pair of people;
///
/// with standard normal levels and noise.
struct Population {
    people: u32,
    photos: usize,
    g: f64,
    i: f64,
}

/// One share of all genuine comparisons, and of all impostor comparisons, lies on the wrong side of this.
const THRESHOLD: f64 = 0.75;

impl Population {
    /// Photographs a new lot of people.
    fn sample(&self, normal: &mut Normal) -> Vec<ScoredPair> {
        let levels: Vec<[f64; 2]> = (0..self.people).map(|_| [normal.next(), normal.next()]).collect();
        let mut pairs = Vec::new();
        for a in 0..self.people {
            for b in 0..=a {
                let [x, y] = [levels[a as usize], levels[b as usize]];
                let (mean, times) = if a == b {
                    (1.5 + self.g * x[0], 3 * self.photos)
                } else {
                    (self.i * (x[1] + y[1]), self.photos)
                };
                pairs.extend((0..times).map(|_| {
                    let score = Some((mean + normal.next()) as f32);
                    ScoredPair { a, b, score }
                }));
            }
        }
        pairs
    }

    /// What the rates would be if all people in the world were photographed.
    fn true_rates(&self) -> [f64; 2] {
        let below = |z: f64| 0.5 * erfc(-z / std::f64::consts::SQRT_2);
        let genuine = (1.0 + self.g * self.g).sqrt();
        let impostor = (1.0 + 2.0 * self.i * self.i).sqrt();
        [below((THRESHOLD - 1.5) / genuine), 1.0 - below(THRESHOLD / impostor)]
    }

    /// How often the intervals of FNMR and FMR hold the truth, drawing what `prepare` says.
    fn coverage(&self, repeats: u32, prepare: fn(&[ScoredPair]) -> ScoredPairs) -> [f64; 2] {
        let statistics = [Statistic::FnmrAtThreshold(THRESHOLD), Statistic::FmrAtThreshold(THRESHOLD)];
        let truth = self.true_rates();
        let mut normal = Normal(fastrand::Rng::with_seed(7));
        let mut hits = [0_u32; 2];
        for repeat in 0..repeats {
            let pairs = prepare(&self.sample(&mut normal));
            let bootstrap = Bootstrap { resamples: 199, level: 0.95, seed: repeat.into() };
            let found = bootstrap.estimate(&pairs, &statistics).unwrap();
            for (hits, (found, truth)) in hits.iter_mut().zip(found.iter().zip(truth)) {
                *hits += u32::from(found.interval.contains(truth));
            }
        }
        hits.map(|hits| f64::from(hits) / f64::from(repeats))
    }
}

/// The complementary error function, to 1.2e-7 (Press et al., Numerical Recipes, section 6.2).
fn erfc(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.5 * x.abs());
    let coefficients = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let series = coefficients.iter().rev().fold(0.0, |sum, c| sum * t + c);
    let tail = t * (series - x * x).exp();
    if x < 0.0 { 2.0 - tail } else { tail }
}

fn of_people(pairs: &[ScoredPair]) -> ScoredPairs {
    ScoredPairs::of_people(pairs).unwrap()
}

/// The same pairs, with the people forgotten.
fn of_strangers(pairs: &[ScoredPair]) -> ScoredPairs {
    let (scores, same): (Vec<_>, Vec<_>) = pairs.iter().map(|pair| (pair.score, pair.is_genuine())).unzip();
    ScoredPairs::of_strangers(&scores, &same).unwrap()
}

fn one(bootstrap: Bootstrap, pairs: &ScoredPairs, statistic: Statistic) -> Estimate {
    bootstrap.estimate(pairs, &[statistic]).unwrap()[0]
}

#[test]
fn intervals_over_people_cover_and_those_over_pairs_do_not() {
    let population = Population { people: 40, photos: 2, g: 2.0, i: 0.7 };
    // Of 120 intervals that cover 95 %, 88 % to 99 % cover in nearly all runs; percentiles of 40 people lose a little.
    let people = population.coverage(120, of_people);
    assert!(people.iter().all(|share| (0.88..=0.99).contains(share)), "over people: {people:?}");
    let pairs = population.coverage(40, of_strangers);
    assert!(pairs.iter().all(|share| *share < 0.80), "over pairs: {pairs:?}");
}

#[test]
fn where_people_do_not_differ_the_interval_over_people_errs_to_the_wide_side() {
    let population = Population { people: 40, photos: 1, g: 0.0, i: 0.0 };
    let people = population.coverage(120, of_people);
    assert!(people[1] >= 0.98, "over people: {people:?}");
    let pairs = population.coverage(60, of_strangers);
    assert!((0.88..=1.0).contains(&pairs[1]), "over pairs: {pairs:?}");
}

#[test]
fn independent_trials_have_binomial_errors() {
    let normal = &mut Normal(fastrand::Rng::with_seed(3));
    let same: Vec<bool> = (0..4000).map(|pair| pair % 2 == 0).collect();
    let scores: Vec<_> = same.iter().map(|&same| Some((normal.next() + f64::from(same)) as f32)).collect();
    let found = one(
        Bootstrap::default(),
        &ScoredPairs::of_strangers(&scores, &same).unwrap(),
        Statistic::FnmrAtThreshold(0.0),
    );
    assert_eq!(found.resampled, Resampled::Pairs);
    let binomial = (found.value * (1.0 - found.value) / 2000.0).sqrt();
    assert!((found.standard_error / binomial - 1.0).abs() < 0.1, "{found:?} against {binomial}");
    let wilson = wilson((found.value * 2000.0).round() as usize, 2000, 0.95).unwrap();
    assert!((found.interval.low - wilson.low).abs() < 0.004, "{found:?} against {wilson:?}");
    assert!((found.interval.high - wilson.high).abs() < 0.004, "{found:?} against {wilson:?}");
}

#[test]
fn a_threshold_that_must_be_found_is_less_sure() {
    let population = Population { people: 30, photos: 4, g: 0.5, i: 0.5 };
    let pairs = population.sample(&mut Normal(fastrand::Rng::with_seed(5)));
    let support = Support::count(&pairs, THRESHOLD);
    let fmr = support.false_matches as f64 / support.impostors as f64;
    support.check(fmr).unwrap();
    let statistics = [Statistic::FnmrAtFmr(fmr), Statistic::FnmrAtThreshold(THRESHOLD)];
    let found = Bootstrap::default().estimate(&of_people(&pairs), &statistics).unwrap();
    assert!((found[0].value - found[1].value).abs() < 0.02, "{found:?}");
    assert!(found[0].standard_error > 1.2 * found[1].standard_error, "{found:?}");
    // The same draws whether asked together or alone.
    assert_eq!(found[1], one(Bootstrap::default(), &of_people(&pairs), statistics[1]));
}

#[test]
fn numbering_and_order_of_people_do_not_matter() {
    let population = Population { people: 15, photos: 2, g: 1.0, i: 1.0 };
    let pairs = population.sample(&mut Normal(fastrand::Rng::with_seed(11)));
    let mut changed: Vec<_> = pairs
        .iter()
        .map(|pair| ScoredPair { a: 3 * pair.b + 100, b: 3 * pair.a + 100, score: pair.score })
        .collect();
    fastrand::Rng::with_seed(1).shuffle(&mut changed);
    let all = [Statistic::Auc, Statistic::Eer, Statistic::FnmrAtFmr(0.1)];
    let bootstrap = Bootstrap::default();
    assert_eq!(
        bootstrap.estimate(&of_people(&pairs), &all[1..]).unwrap(),
        bootstrap.estimate(&of_people(&changed), &all[1..]).unwrap()
    );
    let other = Bootstrap { seed: 2, ..bootstrap };
    assert_ne!(one(bootstrap, &of_people(&pairs), all[0]), one(other, &of_people(&pairs), all[0]));
}

#[test]
fn two_models_on_the_same_people_are_compared_in_pairs() {
    let population = Population { people: 60, photos: 3, g: 1.0, i: 0.5 };
    let normal = &mut Normal(fastrand::Rng::with_seed(13));
    let a = population.sample(normal);
    let shifted = |by: f32, normal: &mut Normal| -> ScoredPairs {
        let worse = |pair: &ScoredPair| {
            let noise = 0.3 * normal.next() as f32;
            let loss = if pair.is_genuine() { by } else { 0.0 };
            ScoredPair { score: pair.score.map(|score| score - loss + noise), ..*pair }
        };
        of_people(&a.iter().map(worse).collect::<Vec<_>>())
    };
    let (alike, worse) = (shifted(0.0, normal), shifted(0.25, normal));
    let a = of_people(&a);
    let statistic = Statistic::FnmrAtThreshold(THRESHOLD);
    let bootstrap = Bootstrap::default();
    let compare = |b: &ScoredPairs| bootstrap.difference(&a, b, statistic).unwrap();

    let itself = compare(&a);
    assert_eq!((itself.difference.value, itself.difference.standard_error, itself.p_value), (0.0, 0.0, 1.0));
    let found = compare(&alike);
    assert!(found.difference.interval.contains(0.0) && found.p_value > 0.05, "{found:?}");
    let found = compare(&worse);
    assert_eq!(found.difference.value, found.a - found.b);
    assert!(found.difference.interval.high < 0.0 && found.p_value < 0.01, "{found:?}");
    // Apart, the two intervals overlap: the people differ more than the models do.
    let [of_a, of_b] = [&a, &worse].map(|pairs| one(bootstrap, pairs, statistic).interval);
    assert!(of_a.high > of_b.low, "{of_a:?} {of_b:?}");
    // The other way round it is the same with the other sign.
    let back = bootstrap.difference(&worse, &a, statistic).unwrap();
    assert_eq!((back.p_value, back.difference.value), (found.p_value, -found.difference.value));
    assert!((back.difference.interval.low + found.difference.interval.high).abs() < 1e-12);

    // Means of one are what it is, and of two lie between them, as their difference from one of the two does.
    let group = [alike, worse];
    let mean = bootstrap.mean(&group, statistic).unwrap();
    let [of_alike, of_worse] = [&group[0], &group[1]].map(|pairs| one(bootstrap, pairs, statistic).value);
    assert_eq!(statistic.of(&group[0]).unwrap(), of_alike);
    assert!((mean.value - (of_alike + of_worse) / 2.0).abs() < 1e-12);
    assert_eq!(bootstrap.mean(&group[..1], statistic).unwrap(), one(bootstrap, &group[0], statistic));
    let halves = bootstrap.difference_of_means(&group[1..], &group, statistic).unwrap();
    assert!((halves.difference.value - (of_worse - of_alike) / 2.0).abs() < 1e-12);
    let whole = bootstrap.difference(&group[1], &group[0], statistic).unwrap().difference;
    assert!((halves.difference.standard_error - whole.standard_error / 2.0).abs() < 1e-12);
    assert!(matches!(bootstrap.mean(&[], statistic), Err(Error::Empty { .. })));
}

#[test]
fn bad_requests_are_named() {
    let pairs =
        Population { people: 12, photos: 1, g: 0.0, i: 0.0 }.sample(&mut Normal(fastrand::Rng::with_seed(1)));
    let sample = of_people(&pairs);
    let refused = |resamples, level| {
        let bootstrap = Bootstrap { resamples, level, seed: 0 };
        matches!(bootstrap.estimate(&sample, &[Statistic::Auc]), Err(Error::Setting { .. }))
    };
    assert!(refused(0, 0.95) && refused(39, 0.95) && refused(1_000_001, 0.95));
    assert!(refused(1000, 0.0) && refused(1000, 1.0) && refused(1000, f64::NAN) && refused(1000, 0.9999));
    assert!(!refused(40, 0.95));

    let difference = |b: &ScoredPairs| Bootstrap::default().difference(&sample, b, Statistic::Auc);
    assert!(matches!(difference(&of_people(&pairs[1..])), Err(Error::Length { .. })));
    assert!(matches!(difference(&of_strangers(&pairs)), Err(Error::Item { .. })));
    let mut swapped = pairs.clone();
    swapped.swap(20, 2);
    assert!(matches!(difference(&of_people(&swapped)), Err(Error::Item { number: 2, .. })));
}
