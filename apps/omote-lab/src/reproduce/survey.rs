//! The survey of deep face recognition (Wang and Deng 2021): families of losses, and parts of backbones, at equal cost.

use console::Reporter;
use evaluation::report::{Block, Cell, Column, Format, Section, Table};

use super::arms::Comparison;
use super::findings::Findings;
use super::runs::Lab;
use super::study::Study;

/// The false-match rate of the claims.
const FMR: f64 = 1e-3;
/// What is looked at: people who were never learned.
const TEST: &str = "strangers";
/// What is to be seen of a gain.
const ABOVE: (&str, f64) = ("interval above 0", 0.0);
/// What may be lost where nothing should be.
const LEAST: (&str, f64) = ("at most 2 points lost, by the interval", 0.02);

/// What is claimed of two arms.
enum Asked {
    /// The first is better than the second.
    Better([&'static str; 2], &'static str),
    /// The first is no worse than the second.
    NoWorse([&'static str; 2], &'static str),
}

use Asked::{Better, NoWorse};

/// A grid, what is said of it, and what is claimed.
struct Part {
    grid: &'static str,
    heading: &'static str,
    said: &'static str,
    claims: &'static [Asked],
    /// Whether its arms are other networks, whose cost is to be shown.
    networks: bool,
}

const PARTS: [Part; 5] = [
    Part {
        grid: "losses",
        heading: "Losses",
        said: "One network, one set of people, one number of pictures; only the loss differs. Unknown people, each picture with each \
               other.",
        claims: &[
            Better(
                ["CosFace", "NormFace"],
                "A margin on the cosine tells unknown people apart better than none",
            ),
            Better(
                ["ArcFace", "NormFace"],
                "A margin on the angle tells unknown people apart better than none",
            ),
            Better(
                ["NormFace", "softmax"],
                "Softmax of cosines tells unknown people apart better than plain softmax",
            ),
            NoWorse(
                ["ArcFace, m = 0", "NormFace"],
                "A margin of 0 is no margin: no worse than softmax of cosines",
            ),
            NoWorse(
                ["NormFace", "ArcFace, m = 0"],
                "A margin of 0 is no margin: no better than softmax of cosines",
            ),
            NoWorse(
                ["CosFace, PartialFC of 0.3", "CosFace"],
                "Three in ten of the other people are enough at each step (PartialFC)",
            ),
        ],
        networks: false,
    },
    Part {
        grid: "noise",
        heading: "Wrong labels",
        said: "Three in ten of the pictures have the label of somebody else. With several centres for each person, wrong ones can \
               gather at a centre of their own.",
        claims: &[Better(
            ["sub-centres", "ArcFace"],
            "Where labels are wrong, three centres for each person are better than one",
        )],
        networks: false,
    },
    Part {
        grid: "heads",
        heading: "From maps to the embedding",
        said: "IResNet-18 with three ends, and MobileFaceNet with two, all of about the same cost.",
        claims: &[
            Better(
                ["a filter for each channel", "mean of each channel"],
                "A filter for each channel (global depthwise convolution) is better than the mean of each channel",
            ),
            Better(
                ["MobileFaceNet, filter", "MobileFaceNet, mean"],
                "A filter for each channel is better than the mean of each channel in MobileFaceNet too",
            ),
        ],
        networks: true,
    },
    Part {
        grid: "activations",
        heading: "Max-feature-map",
        said: "Light CNN of nine layers with the larger of two maps (MFM) or a rectifier after each convolution; three in ten labels \
               are wrong.",
        claims: &[Better(
            ["MFM", "ReLU"],
            "Where labels are wrong, max-feature-map is better than a rectifier",
        )],
        networks: true,
    },
    Part {
        grid: "backbones",
        heading: "Backbones",
        said: "Families of networks, made so wide that a picture costs each of them about as much.",
        claims: &[],
        networks: true,
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
        for asked in part.claims {
            match *asked {
                Better(arms, what) => findings.gain(&compared, arms, FMR, what, ABOVE)?,
                NoWorse(arms, what) => findings.no_loss(&compared, arms, FMR, what, LEAST)?,
            }
        }
        findings.record.push((part.grid.to_owned(), compared.record()?));
        let mut blocks = vec![Block::Prose(part.said.to_owned())];
        blocks.extend(compared.blocks()?);
        if part.networks {
            blocks.push(Block::Table(costs(lab.study, part.grid)?));
        }
        findings.sections.push(Section { heading: part.heading.to_owned(), blocks });
    }
    Ok(findings)
}

/// What the network of each arm costs.
fn costs(study: &Study, grid: &str) -> anyhow::Result<Table> {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for run in study.runs_of(grid)? {
        let backbone = &run.recipe.backbone;
        let millions = |count: u64| Cell::Number(count as f64 / 1e6);
        let row = vec![
            Cell::text(run.arm),
            millions(backbone.multiply_accumulates()),
            millions(backbone.parameters()),
        ];
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    let columns = vec![
        Column::new("Arm", Format::Text),
        Column::new("Multiplications for a picture, in millions", Format::Decimal(1)),
        Column::new("Values learned, in millions", Format::Decimal(2)),
    ];
    let note = "Without the vectors of the classes.".to_owned();
    Ok(Table { caption: "What the networks cost.".to_owned(), columns, rows, note })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_that_are_compared_cost_about_the_same() {
        let study = Study::of_the_repository("survey");
        for part in PARTS.iter().filter(|part| part.networks) {
            let costs: Vec<u64> = study
                .runs_of(part.grid)
                .unwrap()
                .iter()
                .map(|run| run.recipe.backbone.multiply_accumulates())
                .collect();
            let (least, most) = (*costs.iter().min().unwrap() as f64, *costs.iter().max().unwrap() as f64);
            assert!(most < 1.15 * least, "{}: {costs:?}", part.grid);
        }
    }

    #[test]
    fn claims_are_of_arms_that_are_there() {
        let study = Study::of_the_repository("survey");
        for part in &PARTS {
            for Better(arms, _) | NoWorse(arms, _) in part.claims {
                arms.iter().for_each(|arm| study.has(part.grid, arm, TEST));
            }
        }
    }
}
