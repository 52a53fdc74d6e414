//! MagFace (Meng et al. 2021): an embedding's magnitude tells how well a face can be recognised.

mod centres;
mod clusters;
mod discard;
mod draws;
mod faces;
mod forces;
mod harms;
mod magnitudes;
mod templates;

use console::Reporter;
use evaluation::report::{Block, Section};

use super::arms::Comparison;
use super::findings::Findings;
use super::runs::{Lab, Outcomes};
use super::vectors::Vectors;

/// The arms, in the order of the study.
const SOFTMAX: &str = "softmax";
const ARCFACE: &str = "ArcFace";
/// The arm without which nothing can be said.
pub const MAGFACE: &str = "MagFace";
/// The false-match rate of the claims.
const FMR: f64 = 1e-3;
/// Faces of unknown people, some of them degraded.
const MIXED: &str = "mixed";
/// Photos of people who are held out.
const STRANGERS: &str = "strangers";

/// Faces of which something is claimed, and how much of it is asked for.
struct Faces {
    what: &'static str,
    /// Whether that is claimed, or shown only.
    asked: bool,
    /// How surely a larger magnitude goes with a face nearer to the middle of its person: Spearman's correlation.
    rising: f64,
    /// By how much more so than with ArcFace.
    more: f64,
    /// Errors that are to be left, as a share of those where comparisons are left out at random.
    left: f64,
}

const DRAWN: Faces =
    Faces { what: "Drawn faces of unknown people", asked: true, rising: 0.5, more: 0.2, left: 0.8 };
/// Pictures that were learned, which the claims are not about.
const LEARNED: (&str, Faces) = (
    "learned",
    Faces { what: "Learned pictures of drawn faces", asked: false, rising: 0.0, more: 0.0, left: 1.0 },
);
/// Of photos the sign is asked for.
const PHOTOS: [(&str, Faces); 2] = [
    (STRANGERS, Faces { what: "Photos of CelebA", asked: true, rising: 0.0, more: 0.0, left: 1.0 }),
    ("lfw", Faces { what: "Photos of LFW", asked: true, rising: 0.0, more: 0.0, left: 1.0 }),
];

/// Trains and measures all that the study says.
///
/// # Errors
/// Those of the sets, of training and of measuring.
pub fn reproduce(lab: &Lab<'_>, reporter: &mut Reporter) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    if let Some(outcomes) = lab.grid("losses", reporter)? {
        findings.begin(&outcomes);
        recognition(&outcomes, &mut findings)?;
        magnitudes::add(&outcomes, MIXED, &DRAWN, &mut findings)?;
        magnitudes::add(&outcomes, LEARNED.0, &LEARNED.1, &mut findings)?;
        harms::add(&outcomes, &mut findings)?;
        discard::add(&outcomes, MIXED, &DRAWN, &mut findings)?;
        templates::add(&outcomes, &mut findings)?;
        clusters::add(&outcomes, MIXED, &DRAWN, &mut findings)?;
        centres::add(&outcomes, MIXED, &DRAWN, &mut findings)?;
        faces::add(lab, &outcomes, &mut findings, reporter)?;
    }
    forces::add(lab, &mut findings, reporter)?;
    photos(lab, &mut findings, reporter)?;
    Ok(findings)
}

/// How well each arm tells people apart.
fn recognition(outcomes: &Outcomes, findings: &mut Findings) -> anyhow::Result<()> {
    let mixed = Comparison::of(outcomes, MIXED)?;
    findings.record.push(("recognition".to_owned(), mixed.record()?));
    let said = "People who were never learned; half of their pictures are blurred, noisy, of low resolution or compressed. Each \
                picture with each other.";
    let mut blocks = vec![Block::Prose(said.to_owned())];
    blocks.extend(mixed.blocks()?);
    findings.sections.push(Section { heading: "Unknown people".to_owned(), blocks });
    Ok(())
}

/// The same on photos, for the sign.
fn photos(lab: &Lab<'_>, findings: &mut Findings, reporter: &mut Reporter) -> anyhow::Result<()> {
    let Some(outcomes) = lab.grid("photos", reporter)? else {
        findings.remarks.push("Nothing was measured on photos: none were given with --photos.".to_owned());
        return Ok(());
    };
    findings.begin(&outcomes);
    for (test, faces) in &PHOTOS {
        if outcomes.first(test).is_empty() {
            continue;
        }
        let compared = Comparison::of(&outcomes, test)?;
        findings.record.push((format!("recognition, {test}"), compared.record()?));
        findings.sections.push(Section { heading: faces.what.to_owned(), blocks: compared.blocks()? });
        magnitudes::add(&outcomes, test, faces, findings)?;
        discard::add(&outcomes, test, faces, findings)?;
        // Their settings are chosen on half of the people, and nothing is chosen by LFW.
        if *test == STRANGERS {
            clusters::add(&outcomes, test, faces, findings)?;
        }
        centres::add(&outcomes, test, faces, findings)?;
    }
    Ok(())
}

/// The networks of an arm, in the order of their seeds, by what they make of a test.
fn of<'a>(outcomes: &'a Outcomes, arm: &str, test: &str) -> Vec<&'a Vectors> {
    outcomes.of(arm, test).into_iter().map(|(_, vectors)| vectors).collect()
}

/// Numbers seed by seed, in words.
fn listed(values: &[f64], decimals: usize) -> String {
    values.iter().map(|value| format!("{value:.decimals$}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
