//! The band around a whole error curve: how much FNMR varies at every FMR if other people had been photographed.

use super::bootstrap::percentile;
use super::scored_pairs::{Comparison, weight};
use super::{Bootstrap, Interval, ScoredPairs};
use crate::Error;

impl Bootstrap {
    /// The interval of FNMR at each of the false-match rates, which must rise and lie in 0..=1: the band of a DET or ROC
    /// curve.
    ///
    /// The band is *pointwise*: at each rate by itself it holds the truth as often as the level says, and the whole
    /// curve lies in it less often. Each interval is that of
    /// [`Statistic::FnmrAtFmr`](super::Statistic::FnmrAtFmr) there, so the threshold is chosen anew in every resample.
    /// All rates share one set of draws and are read off in one pass over the comparisons of a draw, which makes a band
    /// about as dear as the area under the curve. Where a rate [may not be reported](super::Support), its interval
    /// should not be shown either.
    ///
    /// Memory: 8 bytes for each rate and resample.
    ///
    /// # Errors
    /// [`Error::Setting`] for a level, a number of resamples or a rate that cannot be, [`Error::Item`] for a rate below
    /// the one before it, [`Error::BelowKept`] if a draw needs impostor scores that were not kept.
    ///
    /// ```
    /// use omote_evaluation::{Bootstrap, ScoredPair, ScoredPairs};
    ///
    /// // 20 people; the photos of the first five look little alike.
    /// let mut pairs = Vec::new();
    /// for a in 0..20 {
    ///     let genuine = if a < 5 { 0.4 } else { 0.8 };
    ///     pairs.extend([ScoredPair { a, b: a, score: Some(genuine) }; 3]);
    ///     pairs.extend((0..a).map(|b| ScoredPair { a, b, score: Some((a + b) as f32 / 50.0) }));
    /// }
    /// let band = Bootstrap::default().fnmr_band(&ScoredPairs::of_people(&pairs)?, &[0.1, 0.5])?;
    /// assert!(band[0].contains(0.25) && band[0].low > 0.0);
    /// assert!(band[1].high <= band[0].high);
    /// # Ok::<(), omote_evaluation::Error>(())
    /// ```
    pub fn fnmr_band(&self, pairs: &ScoredPairs, fmrs: &[f64]) -> Result<Vec<Interval>, Error> {
        check(fmrs)?;
        let resamples = self.checked_resamples()?;
        let mut values = vec![Vec::with_capacity(resamples); fmrs.len()];
        let mut limits = vec![0.0; fmrs.len()];
        self.resample(pairs, |draw| {
            let of = |comparison: &Comparison| weight(&draw.weights, comparison.units);
            last_rejected(pairs, of, draw.totals.impostor, fmrs, &mut limits)?;
            // Limits fall as rates rise, so the genuine comparisons are passed once, from the last rate back.
            let mut genuine = pairs.genuine.iter().peekable();
            let mut rejected = draw.totals.without_score;
            for (values, &limit) in values.iter_mut().zip(&limits).rev() {
                while let Some(one) = genuine.next_if(|one| one.score <= limit) {
                    rejected += of(one);
                }
                values.push(rejected as f64 / draw.totals.genuine as f64);
            }
            Ok(())
        })?;
        let tail = (1.0 - self.level) / 2.0;
        let interval = |mut values: Vec<f64>| {
            values.sort_unstable_by(f64::total_cmp);
            Interval {
                low: percentile(&values, tail),
                high: percentile(&values, 1.0 - tail),
                level: self.level,
            }
        };
        Ok(values.into_iter().map(interval).collect())
    }
}

fn check(fmrs: &[f64]) -> Result<(), Error> {
    fmrs.iter().try_for_each(|&fmr| Error::unless_rate("false-match rate", fmr))?;
    match fmrs.windows(2).position(|pair| pair[1] < pair[0]) {
        Some(before) => Err(Error::Item {
            what: "false-match rate",
            number: before + 1,
            problem: "it is lower than the one before: give the rates in rising order".to_owned(),
        }),
        None => Ok(()),
    }
}

/// For each rate the highest score that every threshold within it rejects; minus infinity, which stands for no score,
/// where all impostors may be accepted.
fn last_rejected(
    pairs: &ScoredPairs,
    of: impl Fn(&Comparison) -> u64,
    total: u64,
    fmrs: &[f64],
    limits: &mut [f32],
) -> Result<(), Error> {
    let (mut accepted, mut next) = (0, 0);
    for ties in pairs.impostor.chunk_by(|x, y| x.score == y.score) {
        accepted += ties.iter().map(&of).sum::<u64>();
        // The quotient is compared, as in the rate that is reported.
        while next < fmrs.len() && accepted as f64 / total as f64 > fmrs[next] {
            limits[next] = ties[0].score;
            next += 1;
        }
        if next == fmrs.len() {
            return Ok(());
        }
    }
    // What comes next in the order of scores is not known unless nothing does.
    pairs.check_kept(f64::NEG_INFINITY)?;
    limits[next..].fill(f32::NEG_INFINITY);
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{ScoredPair, Statistic};

    fn pairs() -> impl Strategy<Value = ScoredPairs> {
        let score = prop_oneof![
            1 => Just(None),
            4 => (-6_i8..6).prop_map(|step| Some(f32::from(step) / 8.0)),
            4 => (-1.0_f32..1.0).prop_map(Some),
        ];
        let pair = (0..10_u32, 0..10_u32, score).prop_map(|(a, b, score)| ScoredPair { a, b, score });
        prop::collection::vec(pair, 1..60).prop_map(|mut pairs| {
            pairs.push(ScoredPair { a: 0, b: 1, score: Some(0.25) });
            pairs.extend((0..10).map(|a| ScoredPair { a, b: a, score: Some(0.5) }));
            ScoredPairs::of_people(&pairs).unwrap()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_band_is_the_interval_at_each_rate(
            pairs in pairs(),
            mut fmrs in prop::collection::vec(prop_oneof![0.0..=1.0, Just(0.0), Just(1.0), Just(0.5)], 0..6),
            seed in 0_u64..1000,
        ) {
            fmrs.sort_unstable_by(f64::total_cmp);
            let bootstrap = Bootstrap { resamples: 50, seed, ..Bootstrap::default() };
            let band = bootstrap.fnmr_band(&pairs, &fmrs).unwrap();
            let statistics: Vec<Statistic> = fmrs.iter().map(|&fmr| Statistic::FnmrAtFmr(fmr)).collect();
            let single = bootstrap.estimate(&pairs, &statistics).unwrap();
            prop_assert_eq!(band.len(), single.len());
            for (interval, estimate) in band.iter().zip(&single) {
                prop_assert_eq!(*interval, estimate.interval);
            }
        }
    }

    #[test]
    fn rates_that_cannot_be_are_named() {
        let pairs = ScoredPairs::of_strangers(&[Some(0.5), Some(0.1)], &[true, false]).unwrap();
        let band = |fmrs: &[f64]| Bootstrap::default().fnmr_band(&pairs, fmrs);
        assert!(matches!(band(&[-0.1]), Err(Error::Setting { .. })));
        assert!(matches!(band(&[f64::NAN]), Err(Error::Setting { .. })));
        assert!(matches!(band(&[0.2, 0.1]), Err(Error::Item { number: 1, .. })));
        assert_eq!(band(&[]).unwrap(), []);
    }
}
