//! What a paper claims, what was found, and whether the claim held.

use evaluation::Estimate;
use evaluation::report::{Cell, Column, Format, Table};
use serde_json::{Value, json};

/// Whether a claim held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As far as was asked for, and by more than chance.
    Held,
    /// In its direction and by more than chance, but by less than was asked for.
    Weaker,
    /// The interval holds 0: more people, or more seeds, would be needed.
    NotResolved,
    /// Not.
    Failed,
}

impl Verdict {
    /// Of a number that is to be so large or larger.
    pub fn of_number(value: f64, needed: f64) -> Self {
        if value >= needed { Self::Held } else { Self::Failed }
    }

    /// Of a gain that is to be so large or larger, and above 0 by its interval.
    pub fn of_gain(gain: &Estimate, needed: f64) -> Self {
        if gain.interval.high < 0.0 {
            Self::Failed
        } else if gain.interval.low <= 0.0 {
            Self::NotResolved
        } else if gain.value >= needed {
            Self::Held
        } else {
            Self::Weaker
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Weaker => "in this direction, but weaker",
            Self::NotResolved => "not resolved",
            Self::Failed => "did not hold",
        }
    }
}

/// A claim and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// What is claimed, and on what.
    pub what: String,
    /// What would show it.
    pub needed: String,
    /// What was found.
    pub found: String,
    /// Whether it held.
    pub verdict: Verdict,
}

impl Claim {
    fn record(&self) -> Value {
        json!({"claim": self.what, "needed": self.needed, "found": self.found, "verdict": self.verdict.words()})
    }
}

/// Claims as a table.
pub fn table(claims: &[Claim]) -> Table {
    let row = |claim: &Claim| {
        [&claim.what, &claim.needed, &claim.found, claim.verdict.words()].map(Cell::text).to_vec()
    };
    Table {
        caption: String::new(),
        columns: ["Claim", "Needed", "Found", "Verdict"].map(|name| Column::new(name, Format::Text)).to_vec(),
        rows: claims.iter().map(row).collect(),
        note: "Not resolved: the interval holds 0.".to_owned(),
    }
}

/// Claims as lines for a terminal.
pub fn rows(claims: &[Claim]) -> Vec<Vec<String>> {
    let row = |claim: &Claim| vec![claim.what.clone(), claim.found.clone(), claim.verdict.words().to_owned()];
    claims.iter().map(row).collect()
}

/// Claims as records.
pub fn records(claims: &[Claim]) -> Vec<Value> {
    claims.iter().map(Claim::record).collect()
}

/// A gain in points with its interval, in words.
pub fn points(gain: &Estimate) -> String {
    let [value, low, high] = [gain.value, gain.interval.low, gain.interval.high].map(|share| 100.0 * share);
    format!("{value:+.2} points ({low:+.2} to {high:+.2})")
}

#[cfg(test)]
mod tests {
    use evaluation::{Interval, Resampled};

    use super::*;

    fn gain(low: f64, value: f64, high: f64) -> Estimate {
        let interval = Interval { low, high, level: 0.95 };
        let resampled = Resampled::Identities;
        Estimate { value, interval, standard_error: 0.01, resampled, resamples: 1000 }
    }

    #[test]
    fn verdicts_follow_the_interval_first() {
        for (gain, needed, verdict) in [
            (gain(0.02, 0.06, 0.1), 0.05, Verdict::Held),
            (gain(0.02, 0.04, 0.06), 0.05, Verdict::Weaker),
            (gain(-0.01, 0.06, 0.13), 0.05, Verdict::NotResolved),
            (gain(0.0, 0.06, 0.13), 0.05, Verdict::NotResolved),
            (gain(-0.09, -0.06, -0.01), 0.05, Verdict::Failed),
            (gain(-0.02, -0.01, 0.001), 0.0, Verdict::NotResolved),
        ] {
            assert_eq!(Verdict::of_gain(&gain, needed), verdict, "{}", points(&gain));
        }
        assert_eq!(points(&gain(0.021, 0.06, 0.1)), "+6.00 points (+2.10 to +10.00)");
        assert_eq!(Verdict::of_number(0.6, 0.6), Verdict::Held);
    }
}
