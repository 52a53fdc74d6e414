//! SphereFace (Liu et al. 2017): a margin that multiplies the angle tells people apart who were never seen.

mod angles;
mod boundaries;
mod toy;

use std::collections::BTreeSet;

use console::Reporter;
use evaluation::report::{Block, Section};
use evaluation::spearman;
use serde_json::{Value, json};

use super::arms::Comparison;
use super::claims::{Claim, Verdict, points};
use super::runs::{Lab, Outcomes};

/// The false-match rate of the claims.
const FMR: f64 = 1e-3;
/// By how much the margin of 4 is to be better than that of 1, as a share of the pairs of one person.
const GAIN: f64 = 0.05;
/// How surely more matches go with a larger margin: Spearman's correlation.
const RISING: f64 = 0.6;
/// Arms by their margin.
const MARGINS: [(&str, f64); 4] = [("m = 1", 1.0), ("m = 2", 2.0), ("m = 3", 3.0), ("m = 4", 4.0)];

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
    fn begin(&mut self, outcomes: &Outcomes) {
        self.remarks.extend(outcomes.diverged());
        self.makers.extend(outcomes.makers());
    }

    /// Claims that more match with the margin of 4 than with that of 1: what is needed, in words and as a share.
    fn gain(&mut self, on: &Comparison, what: &str, (words, needed): (&str, f64)) -> anyhow::Result<()> {
        match on.gain("m = 4", "m = 1", FMR)? {
            Some(gain) => self.claims.push(Claim {
                what: what.to_owned(),
                needed: words.to_owned(),
                found: points(&gain.difference),
                verdict: Verdict::of_gain(&gain.difference, needed),
            }),
            None => self.remarks.push(format!(
                "Not measured, since an arm is missing, or there are too few people for that rate: {what}."
            )),
        }
        Ok(())
    }
}

/// Trains and measures all that the study says.
///
/// # Errors
/// Those of the sets, of training and of measuring.
pub fn reproduce(lab: &Lab<'_>, reporter: &mut Reporter) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    margins(lab, &mut findings, reporter)?;
    toy::add(lab, &mut findings, reporter)?;
    boundaries::add(lab, &mut findings, reporter)?;
    photos(lab, &mut findings, reporter)?;
    Ok(findings)
}

/// Margins on drawn faces.
fn margins(lab: &Lab<'_>, findings: &mut Findings, reporter: &mut Reporter) -> anyhow::Result<()> {
    let Some(outcomes) = lab.grid("margins", reporter)? else { return Ok(()) };
    findings.begin(&outcomes);
    let strangers = Comparison::of(&outcomes, "strangers")?;
    let what = "Drawn faces of unknown people: more pairs of one person match at FMR 0.001 with m = 4 than with m = 1";
    findings.gain(&strangers, what, ("+5 points, interval above 0", GAIN))?;
    let (mut margins, mut shares) = (Vec::new(), Vec::new());
    for (arm, margin) in MARGINS {
        for share in strangers.of_seeds(arm, FMR)? {
            margins.push(margin);
            shares.push(share);
        }
    }
    if let Some(rising) = spearman(&margins, &shares)? {
        findings.claims.push(Claim {
            what: "The larger the margin, the more of them match: rank correlation over all runs".to_owned(),
            needed: "0.6".to_owned(),
            found: format!("{rising:.2} ({} runs)", margins.len()),
            verdict: Verdict::of_number(rising, RISING),
        });
    }
    findings.record.push(("margins".to_owned(), strangers.record()?));
    let mut blocks = vec![Block::Prose(
        "People who were never learned, found in pictures of whole heads and aligned by MTCNN; each picture with each other."
            .to_owned(),
    )];
    blocks.extend(strangers.blocks()?);
    findings.sections.push(Section { heading: "Unknown people".to_owned(), blocks });
    angles::add(&outcomes, findings)
}

/// The same on photos, for the sign.
fn photos(lab: &Lab<'_>, findings: &mut Findings, reporter: &mut Reporter) -> anyhow::Result<()> {
    let Some(outcomes) = lab.grid("photos", reporter)? else {
        findings.remarks.push("Nothing was measured on photos: none were given with --photos.".to_owned());
        return Ok(());
    };
    findings.begin(&outcomes);
    let strangers = Comparison::of(&outcomes, "strangers")?;
    findings.gain(&strangers, "Photos of unknown people: the same", ("the same sign", 0.0))?;
    findings.record.push(("photos".to_owned(), strangers.record()?));
    let mut blocks = vec![Block::Prose(
        "Photos of people who were never learned; the networks learned from photos of others alone. Faces were found and \
         aligned by MTCNN."
            .to_owned(),
    )];
    blocks.extend(strangers.blocks()?);
    findings.sections.push(Section { heading: "Photos".to_owned(), blocks });
    Ok(())
}

/// How many of the people keep together and apart, as a record.
fn count(holds: usize, of: usize) -> Value {
    json!({"hold": holds, "of": of})
}
