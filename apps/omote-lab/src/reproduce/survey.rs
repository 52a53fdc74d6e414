//! The survey of deep face recognition (Wang and Deng 2021): families of losses, and parts of backbones, at equal cost.

use console::Reporter;
use evaluation::report::{Block, Section};

use super::arms::Comparison;
use super::findings::Findings;
use super::runs::Lab;

/// The false-match rate of the claims.
const FMR: f64 = 1e-3;
/// What is looked at: people who were never learned.
const TEST: &str = "strangers";
/// What is to be seen of a gain.
const ABOVE: (&str, f64) = ("interval above 0", 0.0);

/// A grid, what is said of it, and what is claimed: which arm is better than which.
struct Part {
    grid: &'static str,
    heading: &'static str,
    said: &'static str,
    claims: &'static [([&'static str; 2], &'static str)],
}

const PARTS: [Part; 4] = [
    Part {
        grid: "losses",
        heading: "Losses",
        said: "One network, one set of people, one number of pictures; only the loss differs. Unknown people, each picture with each \
               other.",
        claims: &[
            (["CosFace", "NormFace"], "A margin on the cosine tells unknown people apart better than none"),
            (["ArcFace", "NormFace"], "So does a margin on the angle"),
            (["NormFace", "softmax"], "Softmax of cosines does so better than plain softmax"),
        ],
    },
    Part {
        grid: "noise",
        heading: "Wrong labels",
        said: "Three in ten of the pictures have the label of somebody else. With several centres for each person, wrong ones can \
               gather at a centre of their own.",
        claims: &[(
            ["sub-centres", "ArcFace"],
            "Where labels are wrong, three centres for each person are better than one",
        )],
    },
    Part {
        grid: "heads",
        heading: "From maps to the embedding",
        said: "One trunk with three ends of about the same cost.",
        claims: &[(
            ["a filter for each channel", "mean of each channel"],
            "A filter for each channel (global depthwise convolution) is better than the mean of each channel",
        )],
    },
    Part {
        grid: "activations",
        heading: "Max-feature-map",
        said: "Light CNN of nine layers with the larger of two maps (MFM) or a rectifier after each convolution; three in ten labels \
               are wrong.",
        claims: &[(["MFM", "ReLU"], "Where labels are wrong, max-feature-map is better than a rectifier")],
    },
];

/// Trains and measures all that the study says.
///
/// # Errors
/// Those of the sets, of training and of measuring.
pub fn reproduce(lab: &Lab<'_>, reporter: &mut Reporter) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    for part in &PARTS {
        let Some(outcomes) = lab.grid(part.grid, reporter)? else { continue };
        findings.begin(&outcomes);
        let compared = Comparison::of(&outcomes, TEST)?;
        for &(arms, what) in part.claims {
            findings.gain(&compared, arms, FMR, what, ABOVE)?;
        }
        findings.record.push((part.grid.to_owned(), compared.record()?));
        let mut blocks = vec![Block::Prose(part.said.to_owned())];
        blocks.extend(compared.blocks()?);
        findings.sections.push(Section { heading: part.heading.to_owned(), blocks });
    }
    let Some(outcomes) = lab.grid("backbones", reporter)? else { return Ok(findings) };
    findings.begin(&outcomes);
    let compared = Comparison::of(&outcomes, TEST)?;
    findings.record.push(("backbones".to_owned(), compared.record()?));
    let said = "Networks whose widths were chosen so that a picture costs each of them about as many multiplications.";
    let mut blocks = vec![Block::Prose(said.to_owned())];
    blocks.extend(compared.blocks()?);
    findings.sections.push(Section { heading: "Backbones".to_owned(), blocks });
    Ok(findings)
}
