//! What reproducing a paper found.

use std::collections::BTreeSet;

use evaluation::Estimate;
use evaluation::report::Section;
use serde_json::Value;

use super::arms::Comparison;
use super::claims::{Claim, Verdict, points};
use super::runs::Outcomes;

/// Why a claim is not measured.
const NOTHING: &str = "nothing: runs diverged, the arms share no seed, or there are too few people";

/// What was found.
#[derive(Default)]
pub struct Findings {
    /// What the paper claims.
    pub claims: Vec<Claim>,
    /// Tables and figures.
    pub sections: Vec<Section>,
    /// Numbers by their names, for machines.
    pub record: Vec<(String, Value)>,
    /// Who made the runs, in words.
    pub makers: BTreeSet<String>,
    /// What there is nothing of, and why.
    pub remarks: Vec<String>,
}

impl Findings {
    /// Begins with a grid: what there is to know of its runs.
    pub fn begin(&mut self, outcomes: &Outcomes) {
        self.remarks.extend(outcomes.diverged());
        self.makers.extend(outcomes.makers());
    }

    /// Claims something, with what was found and the verdict. A claim of which a study speaks is not dropped if there is nothing to
    /// judge it by: it is not measured.
    pub fn claim(&mut self, what: String, needed: &str, found: Option<(String, Verdict)>) {
        let (found, verdict) = found.unwrap_or_else(|| (NOTHING.to_owned(), Verdict::NotMeasured));
        self.claims.push(Claim { what, needed: needed.to_owned(), found, verdict });
    }

    /// Claims that more pairs of one person match with one arm than with another, at a false-match rate: what is needed, in
    /// words and as a share.
    ///
    /// # Errors
    /// If it cannot be measured.
    pub fn gain(
        &mut self,
        on: &Comparison,
        arms: [&str; 2],
        fmr: f64,
        what: &str,
        (words, needed): (&str, f64),
    ) -> anyhow::Result<()> {
        let verdict = |gain: &Estimate| Verdict::of_gain(gain.value, gain.interval, needed);
        self.difference(on, arms, fmr, what, words, verdict)
    }

    /// Claims that hardly fewer pairs of one person match with one arm than with another, at a false-match rate: what may be
    /// lost, in words and as a share.
    ///
    /// # Errors
    /// If it cannot be measured.
    pub fn no_loss(
        &mut self,
        on: &Comparison,
        arms: [&str; 2],
        fmr: f64,
        what: &str,
        (words, loss): (&str, f64),
    ) -> anyhow::Result<()> {
        let verdict = |gain: &Estimate| Verdict::of_no_loss(gain.interval, loss);
        self.difference(on, arms, fmr, what, words, verdict)
    }

    fn difference(
        &mut self,
        on: &Comparison,
        [better, than]: [&str; 2],
        fmr: f64,
        what: &str,
        needed: &str,
        verdict: impl FnOnce(&Estimate) -> Verdict,
    ) -> anyhow::Result<()> {
        if !on.plans(better) || !on.plans(than) {
            self.remarks
                .push(format!("Not claimed, since this study lacks an arm that it speaks of: {what}."));
            return Ok(());
        }
        let gain = on.gain(better, than, fmr)?.map(|gain| gain.difference);
        let found = gain.map(|gain| (points(gain.value, gain.interval), verdict(&gain)));
        self.claim(what.to_owned(), needed, found);
        Ok(())
    }
}
