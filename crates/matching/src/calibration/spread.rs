//! How much a rate differs from one population to the next.
//!
//! All comparisons of a person rise and fall together, and a rate over all pairs is a mean over people and not over
//! pairs: a U-statistic. Each person `i` of `I` has an influence on it; for `total` events (false matches), `of_i` of
//! them with this person, and weights `w_i` (pairs with this person) that say how many there would be if all were
//! alike,
//!
//! `g_i = I (of_i - rate w_i) / total`,
//!
//! relative to the rate. `spread = sum g_i² / (I - 1)` is then the variance that one person brings, and the
//! logarithm of the rate has the variance `spread / I` (the jackknife; Arvesen 1969). It is never too small on
//! average (Efron and Stein 1981), it holds for people with different numbers of photos, and for the next population
//! of `J` people it is `spread / J`. What that population will show at a threshold that was set on this one varies
//! by both: `spread (1 / I + 1 / J)`.

use super::student;

/// With fewer than this many events in sight, none at all is a likely sight.
const LEAST_PEOPLE: f64 = 2.0;

/// The variance that one person brings to the logarithm of a rate. `of` are the events of each person, `weights` the
/// comparisons, and `total` all events, each counted once.
pub(super) fn spread(of: &[f64], weights: &[f64], total: f64, comparisons: f64) -> f64 {
    let people = of.len() as f64;
    if total <= 0.0 || comparisons <= 0.0 || people < LEAST_PEOPLE {
        return 0.0;
    }
    let rate = total / comparisons;
    let influence = |(of, weight): (&f64, &f64)| (people * (of - rate * weight) / total).powi(2);
    of.iter().zip(weights).map(influence).sum::<f64>() / (people - 1.0)
}

/// Smooths the logarithms of spreads along the logit of the rate, because a spread that is estimated from few people
/// who cause most errors is itself uncertain: a local line, with tricube weights that end a decade away. The spreads
/// are known at `rates` > 0; those that are 0 are not used and take their neighbours' value.
pub(super) fn smoothed(rates: &[f64], spreads: &[f64]) -> Vec<f64> {
    let known: Vec<(f64, f64)> = rates
        .iter()
        .zip(spreads)
        .filter(|&(&rate, &spread)| rate > 0.0 && spread > 0.0)
        .map(|(&rate, spread)| (logit(rate), spread.ln()))
        .collect();
    rates.iter().map(|&rate| if rate > 0.0 { local_line(&known, logit(rate)) } else { 0.0 }).collect()
}

fn logit(rate: f64) -> f64 {
    let rate = rate.clamp(1e-15, 1.0 - 1e-15);
    (rate / (1.0 - rate)).ln()
}

fn local_line(known: &[(f64, f64)], at: f64) -> f64 {
    let reach = std::f64::consts::LN_10;
    let (mut weights, mut x, mut y, mut xx, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for &(place, value) in known {
        let distance = (place - at) / reach;
        let weight = (1.0 - distance.abs().powi(3)).max(0.0).powi(3);
        weights += weight;
        x += weight * distance;
        y += weight * value;
        xx += weight * distance * distance;
        xy += weight * distance * value;
    }
    if weights < 1e-9 {
        let nearest = known.iter().min_by(|a, b| (a.0 - at).abs().total_cmp(&(b.0 - at).abs()));
        return nearest.map_or(0.0, |&(_, value)| value.exp());
    }
    let determinant = weights * xx - x * x;
    let value =
        if determinant > 1e-6 * weights * weights { (xx * y - x * xy) / determinant } else { y / weights };
    value.exp()
}

/// Where a rate of the next population will lie, with probability `level`. `own` is the variance of the logarithm of
/// this population's rate, `next` that of the next one's, and `people` how many people stand behind both.
///
/// The interval is symmetrical in the logit, which is the logarithm for small rates, and uses Student's t because
/// the variances are estimated. Its lower end is 0 where even no error at all would be no surprise: the events of a
/// population with relative variance `next` are like `1 / next` independent ones, so that none is seen with
/// probability `exp(-1 / next)`.
pub(super) fn interval(rate: f64, own: f64, next: f64, people: f64, level: f64) -> (f64, f64) {
    let miss = (1.0 - level) / 2.0;
    if rate <= 0.0 {
        // Nobody of `people` caused an error: at 1 - miss^(1 / people) each, that is still likely enough.
        return (0.0, 1.0 - miss.powf(1.0 / people.max(1.0)));
    }
    if rate >= 1.0 {
        return (1.0, 1.0);
    }
    let half = student::quantile(1.0 - miss, (people - 1.0).max(1.0)) * (own + next).sqrt() / (1.0 - rate);
    let odds = rate / (1.0 - rate);
    let back = |logit: f64| {
        let odds = odds * logit.exp();
        if odds.is_finite() { odds / (1.0 + odds) } else { 1.0 }
    };
    let low = if next > 0.0 && (-1.0 / next).exp() >= miss { 0.0 } else { back(-half) };
    (low.min(rate), back(half).max(rate))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events and comparisons of each two of 40 people with different numbers of photos.
    fn population() -> (Vec<Vec<f64>>, Vec<f64>) {
        let mut random = fastrand::Rng::with_seed(2);
        let photos: Vec<f64> = (0..40).map(|_| f64::from(random.u32(5..30))).collect();
        let looks: Vec<f64> = (0..40).map(|_| random.f64().powi(3)).collect();
        let mut events = vec![vec![0.0; 40]; 40];
        for a in 0..40 {
            for b in 0..a {
                let matches = (photos[a] * photos[b] * looks[a] * looks[b] * random.f64()).floor();
                (events[a][b], events[b][a]) = (matches, matches);
            }
        }
        (events, photos)
    }

    #[test]
    fn is_the_jackknife_over_people() {
        let (events, photos) = population();
        let people = photos.len();
        let without = |left_out: usize| {
            let kept = |&place: &usize| place != left_out;
            let (mut matches, mut pairs) = (0.0, 0.0);
            for a in (0..people).filter(kept) {
                for b in (0..a).filter(kept) {
                    matches += events[a][b];
                    pairs += photos[a] * photos[b];
                }
            }
            (matches / pairs).ln()
        };
        let logarithms: Vec<f64> = (0..people).map(without).collect();
        let mean = logarithms.iter().sum::<f64>() / people as f64;
        let squares: f64 = logarithms.iter().map(|logarithm| (logarithm - mean).powi(2)).sum();
        let jackknife = squares * (people as f64 - 1.0) / people as f64;

        let all: f64 = photos.iter().sum();
        let of: Vec<f64> = events.iter().map(|events| events.iter().sum()).collect();
        let weights: Vec<f64> = photos.iter().map(|photos| photos * (all - photos)).collect();
        let total = of.iter().sum::<f64>() / 2.0;
        let variance = spread(&of, &weights, total, weights.iter().sum::<f64>() / 2.0) / people as f64;
        // Leaving somebody out for real also bends the logarithm, in proportion to one part in forty.
        assert!((variance / jackknife - 1.0).abs() < 0.15, "{variance} {jackknife}");
    }

    #[test]
    fn people_who_are_all_alike_bring_nothing() {
        assert_eq!(spread(&[2.0, 4.0, 6.0], &[1.0, 2.0, 3.0], 6.0, 3.0), 0.0);
        assert_eq!(spread(&[0.0; 3], &[1.0; 3], 0.0, 3.0), 0.0);
        assert_eq!(spread(&[5.0], &[1.0], 5.0, 1.0), 0.0);
    }

    #[test]
    fn smoothing_keeps_a_straight_line_and_fills_gaps() {
        let rates: Vec<f64> = (0..40).map(|step| 10f64.powf(-f64::from(step) / 10.0) * 0.5).collect();
        let line: Vec<f64> = rates.iter().map(|rate| 3.0 * (rate / (1.0 - rate)).powf(-0.4)).collect();
        let mut gap = line.clone();
        gap[7] = 0.0;
        for (smooth, wanted) in smoothed(&rates, &gap).iter().zip(&line) {
            assert!((smooth / wanted - 1.0).abs() < 1e-9, "{smooth} {wanted}");
        }
        assert_eq!(smoothed(&[0.1, 0.01], &[0.0, 0.0]), [0.0, 0.0]);
    }

    #[test]
    fn intervals_golden() {
        // scipy: q = t.ppf(0.975, 99); logit(0.001) -+ q sqrt(0.02 + 0.03) / 0.999
        let (low, high) = interval(1e-3, 0.02, 0.03, 100.0, 0.95);
        assert!((low / 6.416_130_737_952_331e-4 - 1.0).abs() < 1e-6, "{low}");
        assert!((high / 1.558_259_592_301_508_2e-3 - 1.0).abs() < 1e-6, "{high}");
        // Some three independent events: none at all happens in one case of twenty.
        assert_eq!(interval(1e-3, 0.1, 1.0 / 3.0, 100.0, 0.95).0, 0.0);
        assert!(interval(1e-3, 0.1, 1.0 / 4.0, 100.0, 0.95).0 > 0.0);
        // Nobody of a hundred: 1 - 0.025^(1/100).
        assert!((interval(0.0, 0.0, 0.0, 100.0, 0.95).1 - 0.036_216_693).abs() < 1e-6);
        assert_eq!(interval(1.0, 1.0, 1.0, 9.0, 0.9), (1.0, 1.0));
    }
}
