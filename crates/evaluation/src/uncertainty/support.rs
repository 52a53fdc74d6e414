//! The least that a false-match rate may rest on: how many false matches, and how many different pairs of people.

use std::collections::HashSet;

use super::ScoredPair;

/// No false-match rate is reported from fewer false matches. With `n` impostor comparisons that leaves rates from
/// `10 / n` up.
pub const MIN_FALSE_MATCHES: usize = 10;

/// No false-match rate is reported if its false matches come from fewer different pairs of people: two people who
/// look alike, photographed often, are one observation and not many.
pub const MIN_IDENTITY_PAIRS: usize = 10;

/// What a false-match rate rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Support {
    /// Comparisons of different people, those without a score among them.
    pub impostors: usize,
    /// How many of them were accepted at the threshold.
    pub false_matches: usize,
    /// How many different pairs of people those were; `None` if it is not known who is in the photos. Then only the
    /// number of false matches can be judged.
    pub identity_pairs: Option<usize>,
}

impl Support {
    /// Counts what a threshold's false-match rate rests on. O(n) time, O(false matches) space.
    pub fn count(pairs: &[ScoredPair], threshold: f64) -> Self {
        let mut found = HashSet::new();
        let (mut impostors, mut false_matches) = (0, 0);
        for pair in pairs.iter().filter(|pair| !pair.is_genuine()) {
            impostors += 1;
            if pair.score.is_some_and(|score| f64::from(score) >= threshold) {
                false_matches += 1;
                found.insert((pair.a.min(pair.b), pair.a.max(pair.b)));
            }
        }
        Self { impostors, false_matches, identity_pairs: Some(found.len()) }
    }

    /// Whether the false-match rate `fmr` (the one that was asked for, in 0..=1) may be reported.
    ///
    /// # Errors
    /// [`Unsupported`] if it rests on fewer than [`MIN_FALSE_MATCHES`] false matches, or on false matches of fewer
    /// than [`MIN_IDENTITY_PAIRS`] pairs of people. Its message says what would be needed.
    pub fn check(&self, fmr: f64) -> Result<(), Unsupported> {
        let few_pairs = self.identity_pairs.is_some_and(|pairs| pairs < MIN_IDENTITY_PAIRS);
        if self.false_matches < MIN_FALSE_MATCHES || few_pairs {
            Err(Unsupported { fmr, support: *self })
        } else {
            Ok(())
        }
    }

    /// The smallest false-match rate that this number of impostor comparisons can support, `10 / n`, in 0..=1. 1
    /// where there are fewer than ten.
    pub fn smallest_fmr(&self) -> f64 {
        (MIN_FALSE_MATCHES as f64 / self.impostors as f64).min(1.0)
    }

    /// How many impostor comparisons a false-match rate needs: the smallest `n` with `n fmr >= 10`. Ten false
    /// matches are then expected; ties of scores can still leave fewer at the threshold. `usize::MAX` for a rate of
    /// 0.
    pub fn impostors_needed(fmr: f64) -> usize {
        // The quotient of 10 and 0.001 may lie a rounding error above 10,000.
        let needed = MIN_FALSE_MATCHES as f64 / fmr;
        if (needed - needed.round()).abs() < needed * 1e-12 {
            needed.round() as usize
        } else {
            needed.ceil() as usize
        }
    }
}

/// A false-match rate that rests on too little to be reported.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{}", self.message())]
pub struct Unsupported {
    /// The false-match rate that was asked for, in 0..=1.
    pub fmr: f64,
    /// What there is.
    pub support: Support,
}

impl Unsupported {
    fn message(&self) -> String {
        let Support { impostors, false_matches, identity_pairs } = self.support;
        let mut grounds = format!("{false_matches} false matches");
        if false_matches < MIN_FALSE_MATCHES {
            let remedy = match Support::impostors_needed(self.fmr) {
                usize::MAX => "which no number of comparisons gives".to_owned(),
                needed if needed > impostors => {
                    format!("so {needed} or more comparisons of different people instead of {impostors}")
                }
                // A threshold may come from other people, and so be that of another rate here.
                _ => format!(
                    "which {impostors} comparisons should give: is the threshold higher than this rate's, or are many \
                     scores equal or missing?"
                ),
            };
            grounds += &format!(" (at least {MIN_FALSE_MATCHES} are needed, {remedy})");
        }
        if let Some(pairs) = identity_pairs {
            grounds += &format!(" of {pairs} different pairs of people");
            if pairs < MIN_IDENTITY_PAIRS {
                grounds += &format!(" (at least {MIN_IDENTITY_PAIRS} are needed: compare more people)");
            }
        }
        format!("no rate is reported at FMR {}: it would rest on {grounds}", self.fmr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(a: u32, b: u32, score: f32) -> ScoredPair {
        ScoredPair { a, b, score: Some(score) }
    }

    #[test]
    fn both_rules_must_hold() {
        let cases = [
            (10, Some(10), true),
            (9, Some(9), false),
            (9, None, false),
            (10, None, true),
            (500, Some(9), false),
            (0, Some(0), false),
        ];
        for (false_matches, identity_pairs, supported) in cases {
            let support = Support { impostors: 100_000, false_matches, identity_pairs };
            assert_eq!(support.check(1e-3).is_ok(), supported, "{support:?}");
        }
    }

    #[test]
    fn counts_pairs_of_people_once_in_either_order() {
        let mut pairs = vec![pair(1, 2, 0.9), pair(2, 1, 0.8), pair(1, 3, 0.7), pair(2, 3, 0.6)];
        pairs.push(pair(4, 4, 1.0));
        pairs.push(ScoredPair { a: 5, b: 6, score: None });
        let support = Support::count(&pairs, f64::from(0.7_f32));
        assert_eq!(support, Support { impostors: 5, false_matches: 3, identity_pairs: Some(2) });
        assert_eq!(support.smallest_fmr(), 1.0);
    }

    #[test]
    fn the_message_says_what_is_needed() {
        let message = |impostors, false_matches, identity_pairs, fmr| {
            Support { impostors, false_matches, identity_pairs }.check(fmr).unwrap_err().to_string()
        };
        assert_eq!(
            message(3000, 3, Some(3), 1e-3),
            "no rate is reported at FMR 0.001: it would rest on 3 false matches (at least 10 are needed, so 10000 \
             or more comparisons of different people instead of 3000) of 3 different pairs of people (at least 10 are \
             needed: compare more people)"
        );
        assert_eq!(
            message(100_000, 100, Some(4), 1e-3),
            "no rate is reported at FMR 0.001: it would rest on 100 false matches of 4 different pairs of people (at \
             least 10 are needed: compare more people)"
        );
        assert!(message(100_000, 2, None, 1e-3).contains("are many scores equal or missing?"));
        assert!(message(100_000, 0, None, 0.0).contains("no number of comparisons"));
    }

    #[test]
    fn ten_over_the_rate() {
        let cases = [(1e-3, 10_000), (1e-4, 100_000), (1e-6, 10_000_000), (0.3, 34), (1.0, 10), (0.07, 143)];
        for (fmr, needed) in cases {
            assert_eq!(Support::impostors_needed(fmr), needed, "{fmr}");
        }
    }
}
