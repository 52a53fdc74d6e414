//! How well the networks of each arm tell people apart whom none of them ever saw.

use anyhow::Context;
use evaluation::report::{Block, Cell, Chart, Column, Curve, Format, Marker, Table, roc};
use evaluation::{Bootstrap, Difference, Estimate, MIN_FALSE_MATCHES, ScoredPairs, Statistic};
use serde_json::{Value, json};

use super::runs::Outcomes;

/// False-match rates at which arms are compared.
const RATES: [f64; 2] = [1e-2, 1e-3];
/// Points of a curve for each power of ten.
const PLACES: f64 = 40.0;

/// An arm with the pairs of a test, seed by seed.
pub struct Compared {
    /// Its name.
    pub name: String,
    seeds: Vec<u64>,
    pairs: Vec<ScoredPairs>,
}

impl Compared {
    /// The pairs of those seeds that another arm has too: what the first weights and the order of pictures do to both is no
    /// difference between them.
    fn at_seeds_of(&self, other: &Self) -> Vec<ScoredPairs> {
        let both = self.seeds.iter().zip(&self.pairs).filter(|(seed, _)| other.seeds.contains(seed));
        both.map(|(_, pairs)| pairs.clone()).collect()
    }
}

/// The arms of a grid on one test.
pub struct Comparison {
    /// In the order of the study, without those all of whose runs diverged; the first is what the others are compared with.
    pub arms: Vec<Compared>,
    /// Names of all arms, those whose runs diverged among them.
    planned: Vec<String>,
}

impl Comparison {
    /// Compares each picture of a test with each other.
    ///
    /// # Errors
    /// If there are too few people or pairs.
    pub fn of(outcomes: &Outcomes, test: &str) -> anyhow::Result<Self> {
        let mut arms = Vec::new();
        for (name, _) in &outcomes.arms {
            let found = outcomes.of(name, test);
            let pairs = found.iter().map(|(_, vectors)| vectors.pairs()).collect::<Result<Vec<_>, _>>();
            let pairs = pairs.with_context(|| format!("{}, test {test}", outcomes.grid))?;
            let seeds = found.iter().map(|(seed, _)| *seed).collect();
            if !pairs.is_empty() {
                arms.push(Compared { name: name.clone(), seeds, pairs });
            }
        }
        let planned = outcomes.arms.iter().map(|(name, _)| name.clone()).collect();
        Ok(Self { arms, planned })
    }

    /// Whether the study has such an arm, whatever came of it.
    pub fn plans(&self, arm: &str) -> bool {
        self.planned.iter().any(|name| name == arm)
    }

    /// By how much the share of the pairs of one person that match at a false-match rate is larger with one arm than with
    /// another, as means over the seeds that both have; `None` if there is no such arm or seed, or too few people for that rate.
    ///
    /// # Errors
    /// If it cannot be resampled.
    pub fn gain(&self, better: &str, than: &str, fmr: f64) -> anyhow::Result<Option<Difference>> {
        let arm = |name: &str| self.arms.iter().find(|arm| arm.name == name);
        let (Some(better), Some(than)) = (arm(better), arm(than)) else { return Ok(None) };
        let [better, than] = [(better, than), (than, better)].map(|(arm, other)| arm.at_seeds_of(other));
        if better.is_empty() || !self.supports(fmr) {
            return Ok(None);
        }
        // A smaller rate of false non-matches is a larger one of matches.
        let statistic = Statistic::FnmrAtFmr(fmr);
        Ok(Some(Bootstrap::default().difference_of_means(&than, &better, statistic)?))
    }

    /// Whether there are pairs of two people enough for a false-match rate.
    fn supports(&self, fmr: f64) -> bool {
        let first = self.arms.first().and_then(|arm| arm.pairs.first());
        first.is_some_and(|pairs| supports(pairs, fmr))
    }

    /// The share of the pairs of one person that match at a false-match rate, with one network of each arm and seed; none
    /// where there are too few people for that rate.
    ///
    /// # Errors
    /// If the rate cannot be measured.
    pub fn of_seeds(&self, arm: &str, fmr: f64) -> anyhow::Result<Vec<f64>> {
        if !self.supports(fmr) {
            return Ok(Vec::new());
        }
        let arm = self.arms.iter().find(|compared| compared.name == arm);
        let rate = |pairs: &ScoredPairs| Ok(1.0 - Statistic::FnmrAtFmr(fmr).of(pairs)?);
        arm.map_or(Ok(Vec::new()), |arm| arm.pairs.iter().map(rate).collect())
    }

    fn rates(&self) -> impl Iterator<Item = f64> {
        RATES.into_iter().filter(|&fmr| self.supports(fmr))
    }

    /// Table and curves.
    ///
    /// # Errors
    /// If they cannot be drawn.
    pub fn blocks(&self) -> anyhow::Result<Vec<Block>> {
        if self.arms.is_empty() {
            return Ok(vec![Block::Prose("There is nothing to compare: every run diverged.".to_owned())]);
        }
        Ok(vec![Block::Table(self.table()?), Block::Charts(vec![self.curves()?])])
    }

    fn table(&self) -> anyhow::Result<Table> {
        let bootstrap = Bootstrap::default();
        let mut columns = vec![Column::new("Arm", Format::Text), Column::new("Seeds", Format::Text)];
        for fmr in self.rates() {
            columns.push(Column::new(format!("TAR at FMR {fmr}"), Format::Percent(2)));
            columns.push(Column::new("Seed by seed", Format::Text));
            columns.push(Column::new(format!("More than {}", self.arms[0].name), Format::Percent(2)));
        }
        let mut rows = Vec::new();
        for arm in &self.arms {
            let seeds: Vec<String> = arm.seeds.iter().map(ToString::to_string).collect();
            let mut row = vec![Cell::text(&arm.name), Cell::text(seeds.join(", "))];
            for fmr in self.rates() {
                let fnmr = bootstrap.mean(&arm.pairs, Statistic::FnmrAtFmr(fmr))?;
                let Estimate { value, interval, .. } = fnmr;
                row.push(Cell::Interval {
                    value: 1.0 - value,
                    low: 1.0 - interval.high,
                    high: 1.0 - interval.low,
                });
                let of_seeds = self.of_seeds(&arm.name, fmr)?;
                let of_seeds: Vec<String> =
                    of_seeds.iter().map(|tar| format!("{:.2}", 100.0 * tar)).collect();
                row.push(Cell::text(of_seeds.join(", ")));
                let first = &self.arms[0].name;
                let gain = if arm.name == *first { None } else { self.gain(&arm.name, first, fmr)? };
                row.push(gain.map_or(Cell::Missing, |gain| {
                    let Estimate { value, interval, .. } = gain.difference;
                    Cell::Interval { value, low: interval.low, high: interval.high }
                }));
            }
            rows.push(row);
        }
        let note = "TAR: share of the pairs of one person that match. Intervals of 95 % are of 1000 draws of people, the same \
                    draws for all arms, and of the mean over the seeds, where arms are compared over those that both have: what \
                    other people would change. What other seeds would change is told by the values seed by seed.";
        Ok(Table { caption: String::new(), columns, rows, note: note.to_owned() })
    }

    /// The ROC of each arm's first seed.
    fn curves(&self) -> anyhow::Result<Chart> {
        let curve = |arm: &Compared| {
            let mut points: Vec<(f64, f64)> = Vec::new();
            let roc = arm.pairs.first().map(ScoredPairs::roc);
            // A few for each power of ten, since there are as many as pairs.
            let place = |fmr: f64| (fmr.log10() * PLACES).floor();
            for point in roc.iter().flat_map(|roc| &roc.points).filter(|point| point.fmr > 0.0) {
                match points.last_mut() {
                    Some(last) if place(last.0) == place(point.fmr) => *last = (point.fmr, point.tar),
                    _ => points.push((point.fmr, point.tar)),
                }
            }
            Curve::new(&arm.name, points)
        };
        let curves: Vec<Curve> = self.arms.iter().map(curve).collect();
        let chart = roc(&curves, &[Marker::new(1e-3, "FMR 0.001")])?;
        Ok(chart.titled(
            "Receiver operating characteristic",
            "Of the first seed of each arm. Upper left is better.",
        ))
    }

    /// What is compared, for machines.
    ///
    /// # Errors
    /// If a rate cannot be measured.
    pub fn record(&self) -> anyhow::Result<Value> {
        let mut arms = Vec::new();
        for arm in &self.arms {
            let mut rates = Vec::new();
            for fmr in self.rates() {
                rates.push(json!({"fmr": fmr, "tar_of_seeds": self.of_seeds(&arm.name, fmr)?}));
            }
            arms.push(json!({"name": arm.name, "seeds": arm.seeds, "rates": rates}));
        }
        Ok(arms.into())
    }
}

/// Whether there are pairs of two people enough for a false-match rate.
pub fn supports(pairs: &ScoredPairs, fmr: f64) -> bool {
    pairs.impostor_count() as f64 * fmr >= MIN_FALSE_MATCHES as f64
}

#[cfg(test)]
mod tests {
    use evaluation::ScoredPair;
    use synth::Seed;

    use super::*;

    /// Pairs of 60 people, each the likelier to match the larger the lead.
    fn pairs(seed: u64, lead: f32) -> ScoredPairs {
        let mut scores = Seed::new(seed).stream();
        let mut pairs = Vec::new();
        for a in 0..60 {
            let genuine = (0..3).map(|_| (a, lead));
            for (b, lead) in (a + 1..60).map(|b| (b, 0.0)).chain(genuine) {
                pairs.push(ScoredPair { a, b, score: Some(lead + scores.normal(3.0)) });
            }
        }
        ScoredPairs::of_people(&pairs).unwrap()
    }

    #[test]
    fn arms_are_compared_over_the_seeds_that_both_have() {
        let arm = |name: &str, of_seeds: &[(u64, f32)]| Compared {
            name: name.to_owned(),
            seeds: of_seeds.iter().map(|(seed, _)| *seed).collect(),
            pairs: of_seeds.iter().map(|&(seed, lead)| pairs(seed, lead)).collect(),
        };
        let arms = |second: &[(u64, f32)]| Comparison {
            arms: vec![arm("a", &[(1, 2.0)]), arm("b", second)],
            planned: Vec::new(),
        };
        let gain = |of: Comparison| of.gain("b", "a", 1e-2).unwrap().map(|gain| gain.difference);
        let paired = gain(arms(&[(1, 3.0)])).unwrap();
        assert!(paired.value > 0.1, "{paired:?}");
        assert_eq!(gain(arms(&[(2, -3.0), (1, 3.0)])).unwrap(), paired);
        assert!(gain(arms(&[(2, 3.0)])).is_none());
    }
}
