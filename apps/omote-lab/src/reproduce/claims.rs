//! What a paper claims, what was found, and whether the claim held.

use evaluation::Interval;
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
    /// The study has the arms, but what they gave is not enough to tell.
    NotMeasured,
}

impl Verdict {
    /// Of a number that is to be so large or larger.
    pub fn of_number(value: f64, needed: f64) -> Self {
        if value >= needed { Self::Held } else { Self::Failed }
    }

    /// Of a gain that is to be so large or larger, and above 0 by its interval.
    pub fn of_gain(gain: f64, interval: Interval, needed: f64) -> Self {
        if interval.high < 0.0 {
            Self::Failed
        } else if interval.low <= 0.0 {
            Self::NotResolved
        } else if gain >= needed {
            Self::Held
        } else {
            Self::Weaker
        }
    }

    /// Of a difference that is to be no worse than a small loss, by its interval.
    pub fn of_no_loss(interval: Interval, loss: f64) -> Self {
        if interval.low >= -loss {
            Self::Held
        } else if interval.high < -loss {
            Self::Failed
        } else {
            Self::NotResolved
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Weaker => "in this direction, but weaker",
            Self::NotResolved => "not resolved",
            Self::Failed => "did not hold",
            Self::NotMeasured => "not measured",
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

/// Whether there are claims, and all held: a study that leaves nothing to claim has shown nothing.
pub fn all_held(claims: &[Claim]) -> bool {
    !claims.is_empty() && claims.iter().all(|claim| claim.verdict == Verdict::Held)
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
        note: "Not resolved: the interval holds 0, or more than the loss that is allowed.".to_owned(),
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
pub fn points(gain: f64, interval: Interval) -> String {
    // A negative zero is none.
    let rounded = |share: f64| (10_000.0 * share).round() / 100.0 + 0.0;
    let [value, low, high] = [gain, interval.low, interval.high].map(rounded);
    format!("{value:+.2} points ({low:+.2} to {high:+.2})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(low: f64, high: f64) -> Interval {
        Interval { low, high, level: 0.95 }
    }

    #[test]
    fn verdicts_follow_the_interval_first() {
        for (low, gain, high, needed, verdict) in [
            (0.02, 0.06, 0.1, 0.05, Verdict::Held),
            (0.02, 0.04, 0.06, 0.05, Verdict::Weaker),
            (-0.01, 0.06, 0.13, 0.05, Verdict::NotResolved),
            (0.0, 0.06, 0.13, 0.05, Verdict::NotResolved),
            (-0.09, -0.06, -0.01, 0.05, Verdict::Failed),
            (-0.02, -0.01, 0.001, 0.0, Verdict::NotResolved),
        ] {
            assert_eq!(Verdict::of_gain(gain, interval(low, high), needed), verdict, "{gain}");
        }
        assert_eq!(points(0.06, interval(0.021, 0.1)), "+6.00 points (+2.10 to +10.00)");
        assert_eq!(points(-1e-6, interval(-0.01, 0.0)), "+0.00 points (-1.00 to +0.00)");
        assert_eq!(Verdict::of_number(0.6, 0.6), Verdict::Held);
    }

    #[test]
    fn nothing_claimed_is_nothing_held() {
        let claim =
            |verdict| Claim { what: String::new(), needed: String::new(), found: String::new(), verdict };
        assert!(!all_held(&[]));
        assert!(all_held(&[claim(Verdict::Held)]));
        assert!(!all_held(&[claim(Verdict::Held), claim(Verdict::Weaker)]));
    }

    #[test]
    fn a_small_loss_is_none() {
        for (low, high, verdict) in [
            (-0.004, 0.01, Verdict::Held),
            (-0.006, 0.01, Verdict::NotResolved),
            (-0.02, -0.004, Verdict::NotResolved),
            (-0.02, -0.006, Verdict::Failed),
        ] {
            assert_eq!(Verdict::of_no_loss(interval(low, high), 0.005), verdict, "{low} {high}");
        }
    }
}
