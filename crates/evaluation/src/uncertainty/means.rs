//! The mean of a statistic over several models that scored the same pairs, such as one recipe trained from several seeds.
//!
//! People are drawn once for all models of a draw, so an interval says how much the mean varies with the people who were
//! photographed. How much it varies with the seed is another question, which the values themselves answer.

use super::bootstrap::{Draw, check_same};
use super::statistic::Prepared;
use super::{Bootstrap, Difference, Estimate, ScoredPairs, Statistic};
use crate::Error;

impl Bootstrap {
    /// The mean of a statistic over models that scored the same pairs, in the same order.
    ///
    /// ```
    /// use omote_evaluation::{Bootstrap, ScoredPair, ScoredPairs, Statistic};
    ///
    /// // Of twenty people, one model rejects all, the other none.
    /// let pairs = |genuine: f32| {
    ///     let people = (0..20).map(|a| ScoredPair { a, b: a, score: Some(genuine) });
    ///     let others = (1..20).map(|a| ScoredPair { a, b: a - 1, score: Some(0.5) });
    ///     ScoredPairs::of_people(&people.chain(others).collect::<Vec<_>>())
    /// };
    /// let runs = [pairs(0.9)?, pairs(0.1)?];
    /// let mean = Bootstrap::default().mean(&runs, Statistic::FnmrAtThreshold(0.5))?;
    /// assert_eq!((mean.value, mean.interval.low, mean.interval.high), (0.5, 0.5, 0.5));
    /// # Ok::<(), omote_evaluation::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Empty`] if there is no model, [`Error::Length`] or [`Error::Item`] if the pairs are not the same, and those of
    /// [`estimate`](Self::estimate).
    pub fn mean(&self, models: &[ScoredPairs], statistic: Statistic) -> Result<Estimate, Error> {
        let mut mean = Mean::of(models, statistic)?;
        let value = mean.value(&Draw::whole(mean.first()).weights)?;
        let mut values = Vec::with_capacity(self.checked_resamples()?);
        self.resample(mean.first(), |draw| {
            values.push(mean.value(&draw.weights)?);
            Ok(())
        })?;
        Ok(self.summary(mean.first().resampled(), value, values))
    }

    /// The difference between the means of a statistic over two groups of models that all scored the same pairs, in the same
    /// order. All are taken from the same draws (a paired bootstrap). It is of these models: whether others, trained from other
    /// seeds, would differ so is for the deviation over the seeds to say.
    ///
    /// # Errors
    /// As [`mean`](Self::mean).
    pub fn difference_of_means(
        &self,
        a: &[ScoredPairs],
        b: &[ScoredPairs],
        statistic: Statistic,
    ) -> Result<Difference, Error> {
        let (mut a, mut b) = (Mean::of(a, statistic)?, Mean::of(b, statistic)?);
        check_same(a.first(), b.first())?;
        let whole = Draw::whole(a.first());
        let of_all = (a.value(&whole.weights)?, b.value(&whole.weights)?);
        let mut values = Vec::with_capacity(self.checked_resamples()?);
        self.resample(a.first(), |draw| {
            values.push(a.value(&draw.weights)? - b.value(&draw.weights)?);
            Ok(())
        })?;
        Ok(self.compared(a.first().resampled(), of_all, values))
    }
}

/// Models whose mean is taken, at least one.
struct Mean<'a> {
    models: Vec<(&'a ScoredPairs, Prepared<'a>)>,
}

impl<'a> Mean<'a> {
    fn of(models: &'a [ScoredPairs], statistic: Statistic) -> Result<Self, Error> {
        let [first, others @ ..] = models else { return Err(Error::Empty { what: "model" }) };
        others.iter().try_for_each(|other| check_same(first, other))?;
        let prepared = |pairs| Ok((pairs, Prepared::new(pairs, statistic)?));
        Ok(Self { models: models.iter().map(prepared).collect::<Result<_, Error>>()? })
    }

    fn first(&self) -> &'a ScoredPairs {
        self.models[0].0
    }

    /// What the weights add up to depends on the faces that each model found.
    fn value(&mut self, weights: &[u32]) -> Result<f64, Error> {
        let mut sum = 0.0;
        for (pairs, statistic) in &mut self.models {
            sum += statistic.value(weights, &pairs.totals(weights))?;
        }
        Ok(sum / self.models.len() as f64)
    }
}
