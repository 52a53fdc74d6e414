//! The numbers that a bootstrap can say how sure they are.

use super::ScoredPairs;
use super::scored_pairs::{Comparison, Totals, weight};
use crate::Error;

/// A number taken from weighted genuine and impostor comparisons. A comparison is accepted if its score is the
/// threshold or more; one without a score never is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// The share of genuine comparisons that a fixed threshold rejects.
    FnmrAtThreshold(f64),
    /// The share of impostor comparisons that a fixed threshold accepts. The threshold must not lie below the scores
    /// that were kept.
    FmrAtThreshold(f64),
    /// The share of genuine comparisons that are rejected at the smallest threshold whose false-match rate is this
    /// or less (0..=1). In every resample the threshold is chosen anew, so the interval holds the threshold's
    /// uncertainty as well. Whether the rate may be reported at all is for [`Support`](super::Support) to say.
    FnmrAtFmr(f64),
    /// The area under the ROC curve: the chance that a genuine comparison scores higher than an impostor one, ties
    /// half. Only of pairs that were all kept.
    Auc,
    /// The equal error rate: where the line through the points (FMR, FNMR) of all thresholds meets FMR = FNMR. Only of
    /// pairs that were all kept.
    Eer,
}

impl Statistic {
    /// The statistic of pairs as they are.
    ///
    /// # Errors
    /// Those of [`Bootstrap::estimate`](super::Bootstrap::estimate) that are not about resamples.
    pub fn of(self, pairs: &ScoredPairs) -> Result<f64, Error> {
        let weights = vec![1; pairs.units()];
        Prepared::new(pairs, self)?.value(&weights, &pairs.totals(&weights))
    }
}

/// A statistic with what can be worked out before any weights are known.
pub(super) struct Prepared<'a> {
    pairs: &'a ScoredPairs,
    kind: Kind<'a>,
    /// Weights of impostors, added up from the highest score down: used again in every resample.
    sums: Vec<u64>,
}

enum Kind<'a> {
    /// The share of all genuine comparisons that these are.
    GenuineShare(&'a [Comparison]),
    /// The share of all impostor comparisons that these are.
    ImpostorShare(&'a [Comparison]),
    FnmrAtFmr(f64),
    /// For each genuine comparison, how many impostors score higher, and how many at least as high.
    Auc(Vec<[usize; 2]>),
    Eer,
}

impl<'a> Prepared<'a> {
    pub(super) fn new(pairs: &'a ScoredPairs, statistic: Statistic) -> Result<Self, Error> {
        let (genuine, impostor) = (&pairs.genuine, &pairs.impostor);
        let accepts = |threshold: f64, comparison: &Comparison| {
            comparison.score > f32::NEG_INFINITY && f64::from(comparison.score) >= threshold
        };
        let kind = match statistic {
            Statistic::FnmrAtThreshold(threshold) => {
                Error::if_nan("threshold", threshold)?;
                let end = genuine.partition_point(|comparison| !accepts(threshold, comparison));
                Kind::GenuineShare(&genuine[..end])
            }
            Statistic::FmrAtThreshold(threshold) => {
                Error::if_nan("threshold", threshold)?;
                pairs.check_kept(threshold)?;
                let end = impostor.partition_point(|comparison| accepts(threshold, comparison));
                Kind::ImpostorShare(&impostor[..end])
            }
            Statistic::FnmrAtFmr(fmr) => {
                Error::unless_rate("false-match rate", fmr)?;
                Kind::FnmrAtFmr(fmr)
            }
            Statistic::Auc => {
                pairs.check_kept(f64::NEG_INFINITY)?;
                let place = |one: &Comparison| {
                    let higher = impostor.partition_point(|other| other.score > one.score);
                    let equal = impostor[higher..].partition_point(|other| other.score == one.score);
                    [higher, higher + equal]
                };
                Kind::Auc(genuine.iter().map(place).collect())
            }
            Statistic::Eer => {
                pairs.check_kept(f64::NEG_INFINITY)?;
                Kind::Eer
            }
        };
        Ok(Self { pairs, kind, sums: Vec::new() })
    }

    /// The statistic where unit `i` counts `weights[i]` times. `totals` are the total weights with these; those of
    /// both kinds are not 0.
    ///
    /// # Errors
    /// [`Error::BelowKept`] if it needs impostor scores that were not kept.
    pub(super) fn value(&mut self, weights: &[u32], totals: &Totals) -> Result<f64, Error> {
        let &Totals { genuine, impostor, without_score } = totals;
        let of = |comparison: &Comparison| weight(weights, comparison.units);
        let sum = |part: &[Comparison]| part.iter().map(of).sum::<u64>();
        Ok(match &self.kind {
            Kind::GenuineShare(part) => share(without_score + sum(part), genuine),
            Kind::ImpostorShare(part) => share(sum(part), impostor),
            Kind::FnmrAtFmr(fmr) => {
                let limit = self.pairs.last_rejected(of, impostor, *fmr)?;
                let rejected = self.pairs.genuine.iter().take_while(|one| one.score <= limit).map(of);
                share(without_score + rejected.sum::<u64>(), genuine)
            }
            Kind::Auc(places) => {
                self.sums.clear();
                self.sums.push(0);
                let mut sum = 0;
                self.sums.extend(self.pairs.impostor.iter().map(|one| {
                    sum += of(one);
                    sum
                }));
                let above = |(one, place): (&Comparison, &[usize; 2])| {
                    of(one) as f64 * (self.sums[place[0]] + self.sums[place[1]]) as f64
                };
                let above: f64 = self.pairs.genuine.iter().zip(places).map(above).sum();
                // Those without a score are below all impostors in the list, and equal to those that are in none.
                let unlisted = without_score as f64 * (sum + impostor) as f64;
                1.0 - (above + unlisted) / 2.0 / genuine as f64 / impostor as f64
            }
            Kind::Eer => equal_error_rate(self.pairs, of, genuine, impostor),
        })
    }
}

fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

impl ScoredPairs {
    /// The highest score that every threshold with a false-match rate of at most `fmr` rejects: the smallest such
    /// threshold lies just above it. Minus infinity, which stands for no score, if all impostors may be accepted.
    /// `total` is the weight of all impostors by `of`.
    pub(super) fn last_rejected(
        &self,
        of: impl Fn(&Comparison) -> u64,
        total: u64,
        fmr: f64,
    ) -> Result<f32, Error> {
        let mut accepted = 0;
        for ties in self.impostor.chunk_by(|x, y| x.score == y.score) {
            accepted += ties.iter().map(&of).sum::<u64>();
            // The quotient is compared, not a product, so that 29 of 100 is 0.29 and not more.
            if share(accepted, total) > fmr {
                return Ok(ties[0].score);
            }
        }
        // What comes next in the order of scores is not known unless nothing does.
        self.check_kept(f64::NEG_INFINITY)?;
        Ok(f32::NEG_INFINITY)
    }

    /// Whether the impostor comparisons that a threshold accepts are all in the list.
    pub(super) fn check_kept(&self, threshold: f64) -> Result<(), Error> {
        let kept_from = f64::from(self.kept_from);
        if threshold >= kept_from { Ok(()) } else { Err(Error::BelowKept { kept_from }) }
    }
}

/// Lowers the threshold until FMR reaches FNMR, and interpolates over the last step.
fn equal_error_rate(
    pairs: &ScoredPairs,
    of: impl Fn(&Comparison) -> u64,
    genuine: u64,
    impostor: u64,
) -> f64 {
    let mut impostors = pairs.impostor.iter().peekable();
    let mut genuines = pairs.genuine.iter().rev().peekable();
    let (mut rejected, mut accepted) = (genuine, 0);
    let (mut fnmr, mut fmr) = (1.0, 0.0);
    loop {
        let next = impostors.peek().into_iter().chain(genuines.peek()).map(|one| one.score).reduce(f32::max);
        match next {
            Some(score) => {
                while let Some(one) = impostors.next_if(|one| one.score == score) {
                    accepted += of(one);
                }
                while let Some(one) = genuines.next_if(|one| one.score == score) {
                    rejected -= of(one);
                }
            }
            // Below all scores those in no list are let in together, FMR is 1, and the loop is left.
            None => (accepted, rejected) = (impostor, 0),
        }
        let (next_fnmr, next_fmr) = (share(rejected, genuine), share(accepted, impostor));
        if next_fmr >= next_fnmr {
            let (before, after) = (fnmr - fmr, next_fmr - next_fnmr);
            return fmr + (next_fmr - fmr) * before / (before + after);
        }
        (fnmr, fmr) = (next_fnmr, next_fmr);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{ScoredPair, Scores};

    const PEOPLE: u32 = 10;

    /// Pairs of ten people with many ties, some without a score; every person has a genuine pair.
    fn pairs() -> impl Strategy<Value = Vec<ScoredPair>> {
        let score = prop_oneof![
            1 => Just(None),
            4 => (-6_i8..6).prop_map(|step| Some(f32::from(step) / 8.0)),
            4 => (-1.0_f32..1.0).prop_map(Some),
        ];
        let pair = (0..PEOPLE, 0..PEOPLE, score).prop_map(|(a, b, score)| ScoredPair { a, b, score });
        prop::collection::vec(pair, 1..60).prop_map(|mut pairs| {
            pairs.push(ScoredPair { a: 0, b: 1, score: Some(0.25) });
            pairs.extend((0..PEOPLE).map(|a| ScoredPair { a, b: a, score: Some(0.5) }));
            pairs
        })
    }

    /// The pairs written out as often as they count.
    fn written_out(pairs: &[ScoredPair], weights: &[u32]) -> Option<Scores> {
        let mut all = Vec::new();
        for pair in pairs {
            let [a, b] = [pair.a, pair.b].map(|person| weights[person as usize]);
            let times = if pair.is_genuine() { a } else { a * b };
            all.extend((0..times).map(|_| (pair.score, pair.is_genuine())));
        }
        let (scores, same): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        Scores::from_pairs(&scores, &same).ok()
    }

    proptest! {
        #[test]
        fn weights_do_what_copies_would(
            pairs in pairs(),
            weights in prop::collection::vec(0_u32..4, PEOPLE as usize),
            threshold in prop_oneof![-1.0..1.0, (-6_i8..6).prop_map(|step| f64::from(step) / 8.0)],
            fmr in prop_oneof![0.0..1.0, (0_u8..=10).prop_map(|tenths| f64::from(tenths) / 10.0)],
        ) {
            let Some(copies) = written_out(&pairs, &weights) else { return Ok(()) };
            let found = ScoredPairs::of_people(&pairs).unwrap();
            let weights: Vec<u32> = [1].into_iter().chain(weights).collect();
            let totals = found.totals(&weights);
            prop_assert_eq!(totals.genuine as usize, copies.genuine_count());
            prop_assert_eq!(totals.impostor as usize, copies.impostor_count());
            let cases = [
                (Statistic::FnmrAtThreshold(threshold), copies.fnmr(threshold)),
                (Statistic::FmrAtThreshold(threshold), copies.fmr(threshold)),
                (Statistic::FnmrAtFmr(fmr), copies.fnmr(copies.threshold_at_fmr(fmr))),
                (Statistic::Auc, copies.auc()),
                (Statistic::Eer, copies.roc().eer()),
            ];
            for (statistic, expected) in cases {
                let value = Prepared::new(&found, statistic).unwrap().value(&weights, &totals).unwrap();
                prop_assert!((value - expected).abs() < 1e-12, "{statistic:?}: {value} for {expected}");
            }
        }
    }

    #[test]
    fn impossible_settings_are_named() {
        let pairs = ScoredPairs::of_strangers(&[Some(0.5), Some(0.1)], &[true, false]).unwrap();
        let refused = |statistic| matches!(Prepared::new(&pairs, statistic), Err(Error::Setting { .. }));
        assert!(
            refused(Statistic::FnmrAtThreshold(f64::NAN)) && refused(Statistic::FmrAtThreshold(f64::NAN))
        );
        assert!(refused(Statistic::FnmrAtFmr(-0.1)) && refused(Statistic::FnmrAtFmr(f64::NAN)));
        assert!(
            !refused(Statistic::FnmrAtThreshold(f64::NEG_INFINITY)) && !refused(Statistic::FnmrAtFmr(1.0))
        );
    }
}
