//! How sure a number is that is taken from faces one at a time, and not from pairs.

use evaluation::{Bootstrap, Error, Interval, Trials};
use serde_json::{Value, json};

use super::draws;

/// A number with its 95 % interval; `None` where there are too few people for one.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// The number.
    pub value: f64,
    /// Where the truth may lie.
    pub interval: Option<Interval>,
}

/// The faces that are measured, and whose they are.
pub struct Faces {
    trials: Trials,
    bootstrap: Bootstrap,
    /// Why a number has no interval, the first time that this came up.
    missing: Option<Error>,
}

impl Faces {
    /// So many faces, of these people if they are known.
    pub fn new(count: usize, people: Option<&[u32]>, draws: &draws::Args) -> Faces {
        let trials = people.map_or_else(|| Trials::of_strangers(count), Trials::of_people);
        Faces { trials, bootstrap: draws.bootstrap(), missing: None }
    }

    /// The share of faces with `Some(true)` among those with either.
    pub fn share(&mut self, value: f64, hits: &[Option<bool>]) -> anyhow::Result<Measured> {
        let interval = self.trials.share(hits, self.bootstrap.level);
        self.measured(value, interval)
    }

    /// The mean of a value over the faces that have one.
    pub fn mean(&mut self, value: f64, values: &[Option<f64>]) -> anyhow::Result<Measured> {
        let interval = self.trials.mean(values, &self.bootstrap);
        self.measured(value, interval)
    }

    /// Any number that can be taken of weighted faces.
    pub fn statistic(
        &mut self,
        value: f64,
        statistic: impl FnMut(&[u32]) -> Option<f64>,
    ) -> anyhow::Result<Measured> {
        let interval = self.trials.interval(&self.bootstrap, statistic);
        self.measured(value, interval)
    }

    /// The number stands even where nobody can say how sure it is.
    fn measured(&mut self, value: f64, interval: Result<Interval, Error>) -> anyhow::Result<Measured> {
        match interval {
            Ok(interval) => Ok(Measured { value, interval: Some(interval) }),
            Err(error @ Error::TooFewPeople { .. }) => {
                self.missing.get_or_insert(error);
                Ok(Measured { value, interval: None })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What the intervals rest on, for people.
    pub fn grounds(&self) -> String {
        let grounds = match self.trials.people() {
            Some(people) => format!("95 % intervals by {people} people"),
            None => "95 % intervals as if every face were another person's: too narrow if people come back, which the \
                     column person would tell"
                .to_owned(),
        };
        match &self.missing {
            Some(error) => format!("{grounds}; none where it says \"-\": {error}"),
            None => grounds,
        }
    }

    /// What the intervals rest on, for JSON.
    pub fn record(&self) -> Value {
        json!({
            "people": self.trials.people(), "resamples": self.bootstrap.resamples,
            "missing": self.missing.as_ref().map(ToString::to_string),
        })
    }
}

impl Measured {
    /// The mean of the parts' intervals in place of one without extent. Where nothing goes wrong every draw says the same,
    /// and the parts, which are shares, know better than to be sure.
    pub fn or_of_parts(self, parts: &[Measured]) -> Measured {
        let has_extent = |interval: &Interval| interval.low < interval.high;
        let intervals: Option<Vec<Interval>> = parts.iter().map(|part| part.interval).collect();
        match (self.interval, intervals) {
            (Some(drawn), Some(parts)) if !has_extent(&drawn) && !parts.is_empty() => {
                let mean =
                    |end: fn(&Interval) -> f64| parts.iter().map(end).sum::<f64>() / parts.len() as f64;
                let interval = Interval { low: mean(|part| part.low), high: mean(|part| part.high), ..drawn };
                Measured { interval: Some(interval), ..self }
            }
            _ => self,
        }
    }

    /// For JSON: the number and `[low, high]`.
    pub fn record(&self) -> Value {
        let ends = self.interval.map(|interval| [interval.low, interval.high]);
        json!({"value": self.value, "interval": ends})
    }

    /// Two cells of a table: a share in percent and its interval.
    pub fn percent(&self) -> [String; 2] {
        let interval = self
            .interval
            .map(|interval| format!("{:.2} .. {:.2} %", interval.low * 100.0, interval.high * 100.0));
        [format!("{:.2} %", self.value * 100.0), interval.unwrap_or_else(|| "-".to_owned())]
    }

    /// Two cells of a table: a number with so many decimals and its interval.
    pub fn decimal(&self, decimals: usize) -> [String; 2] {
        let interval = self
            .interval
            .map(|interval| format!("{:.decimals$} .. {:.decimals$}", interval.low, interval.high));
        [format!("{:.decimals$}", self.value), interval.unwrap_or_else(|| "-".to_owned())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_varies_is_as_sure_as_its_parts() {
        let measured =
            |value, low, high| Measured { value, interval: Some(Interval { low, high, level: 0.95 }) };
        let parts = [measured(0.0, 0.0, 0.1), measured(0.0, 0.0, 0.3)];
        let ends = |found: Measured| found.interval.map(|interval| (interval.low, interval.high));
        assert_eq!(ends(measured(0.0, 0.0, 0.0).or_of_parts(&parts)), Some((0.0, 0.2)));
        assert_eq!(ends(measured(0.1, 0.0, 0.4).or_of_parts(&parts)), Some((0.0, 0.4)));
        assert_eq!(ends(measured(0.0, 0.0, 0.0).or_of_parts(&[])), Some((0.0, 0.0)));
        let unknown = Measured { value: 0.0, interval: None };
        assert_eq!(ends(unknown.or_of_parts(&parts)), None);
        assert_eq!(ends(measured(0.0, 0.0, 0.0).or_of_parts(&[unknown])), Some((0.0, 0.0)));
    }
}
