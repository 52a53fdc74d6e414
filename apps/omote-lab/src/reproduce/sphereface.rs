//! SphereFace (Liu et al. 2017): a margin that multiplies the angle tells people apart who were never seen.

mod angles;
mod boundaries;
mod toy;

use console::Reporter;
use evaluation::report::{Block, Section};
use evaluation::spearman;
use serde_json::{Value, json};

use super::arms::Comparison;
use super::claims::Verdict;
use super::findings::Findings;
use super::runs::Lab;

/// The false-match rate of the claims.
const FMR: f64 = 1e-3;
/// What is compared.
const ARMS: [&str; 2] = ["m = 4", "m = 1"];
/// By how much the margin of 4 is to be better than that of 1, as a share of the pairs of one person.
const GAIN: f64 = 0.05;
/// How surely more matches go with a larger margin: Spearman's correlation.
const RISING: f64 = 0.6;
/// Arms by their margin.
const MARGINS: [(&str, f64); 4] = [("m = 1", 1.0), ("m = 2", 2.0), ("m = 3", 3.0), ("m = 4", 4.0)];

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
    findings.gain(&strangers, ARMS, FMR, what, ("+5 points, interval above 0", GAIN))?;
    let (mut margins, mut shares) = (Vec::new(), Vec::new());
    for (arm, margin) in MARGINS {
        for share in strangers.of_seeds(arm, FMR)? {
            margins.push(margin);
            shares.push(share);
        }
    }
    // Of two margins it would say no more than the claim before.
    let planned = MARGINS.iter().filter(|(arm, _)| strangers.plans(arm)).count();
    if planned > 2 {
        let trained = MARGINS.iter().filter(|(_, margin)| margins.contains(margin)).count();
        let rising = if trained == planned { spearman(&margins, &shares)? } else { None };
        let found = rising.map(|rising| {
            (format!("{rising:.2} ({} runs)", margins.len()), Verdict::of_number(rising, RISING))
        });
        let what = "Drawn faces of unknown people: the larger the margin, the more pairs of one person match at FMR 0.001 (rank \
                    correlation over all runs)";
        findings.claim(what.to_owned(), "0.6", found);
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
    findings.gain(
        &strangers,
        ARMS,
        FMR,
        "Photos of unknown people: more pairs of one person match at FMR 0.001 with m = 4 than with m = 1",
        ("the same sign", 0.0),
    )?;
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

#[cfg(test)]
mod tests {
    use crate::reproduce::study::Study;

    use super::*;

    #[test]
    fn claims_are_of_arms_that_are_there() {
        let study = Study::of_the_repository("sphereface");
        ARMS.iter()
            .chain(MARGINS.iter().map(|(arm, _)| arm))
            .for_each(|arm| study.has("margins", arm, "strangers"));
        toy::WIDE.iter().for_each(|arm| study.has("toy", arm, "learned"));
        ARMS.iter().for_each(|arm| study.has("photos", arm, "strangers"));
    }
}
