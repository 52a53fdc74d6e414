//! `omote-lab reproduce`: what a paper claims, measured anew.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::ValueEnum;
use console::{Outcome, Reporter, path_value, table};
use evaluation::report::{Block, Report, Section, Stamp};
use serde_json::{Map, Value, json};
use training::Device;

use super::networks::{DetectArgs, NetworkArgs, Networks};
use super::view::maker;
use crate::reproduce::claims;
use crate::reproduce::findings::Findings;
use crate::reproduce::magface;
use crate::reproduce::runs::Lab;
use crate::reproduce::sets::Sets;
use crate::reproduce::sphereface;
use crate::reproduce::study::Study;
use crate::reproduce::survey;

/// Flags of `omote-lab reproduce`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "A study says what is made, trained and looked at: STUDIES/PAPER.toml, or STUDIES/PAPER-quick.toml with --quick. Data sets are \
made in FOLDER/sets, networks are trained in FOLDER/runs, and what they make of the test pictures is kept in FOLDER/vectors: of \
runs whose vectors are there nothing else is needed. Started again with the same folder it goes on where it was stopped.\n\n\
In the end FOLDER/results.md with its figures, FOLDER/report.html and FOLDER/results.json say whether each claim held, with \
intervals over people. The exit code is 1 if one did not hold.\n\n\
Example: omote-lab reproduce sphereface runs/sphereface --models models --photos photos"
)]
pub struct Args {
    /// The paper
    #[arg(value_name = "PAPER")]
    paper: Paper,
    /// Where to write: a new folder, or one that was begun with this study
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// A smaller study that takes minutes, and shows less
    #[arg(long)]
    quick: bool,
    /// Folder of the studies
    #[arg(long, value_name = "DIR", default_value = "recipes/reproduce")]
    studies: PathBuf,
    /// Folder of the photos that a study can use (see docs/reproduce.md); without, that part is left out
    #[arg(long, value_name = "DIR")]
    photos: Option<PathBuf>,
    /// What is computed on: cpu, or cuda (cuda:1 for the second card) where the program was built with it
    #[arg(long, env = "OMOTE_DEVICE", value_name = "DEVICE", default_value = "cpu", value_parser = training::device)]
    device: Device,
    #[command(flatten)]
    networks: NetworkArgs,
    #[command(flatten)]
    detect: DetectArgs,
}

/// Papers that can be reproduced.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum Paper {
    /// SphereFace (Liu et al. 2017): the margin that multiplies the angle
    Sphereface,
    /// MagFace (Meng et al. 2021): the length of an embedding as its quality
    Magface,
    /// The survey of deep face recognition (Wang and Deng 2021): losses and backbones at equal cost
    Survey,
}

impl Paper {
    fn title(self) -> &'static str {
        match self {
            Self::Sphereface => "SphereFace (Liu et al. 2017)",
            Self::Magface => "MagFace (Meng et al. 2021)",
            Self::Survey => "Losses and backbones of the survey (Wang and Deng 2021)",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sphereface => "sphereface",
            Self::Magface => "magface",
            Self::Survey => "survey",
        }
    }
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let kind = if args.quick { "-quick" } else { "" };
    let study = Study::load(&args.studies.join(format!("{}{kind}.toml", args.paper.name())))?;
    if matches!(args.paper, Paper::Magface) {
        study.wants("losses", magface::MAGFACE)?;
    }
    let networks = Networks::open(&args.networks, Some(&args.detect))?;
    fs::create_dir_all(&args.folder).with_context(|| args.folder.display().to_string())?;
    let sets = Sets {
        study: &study,
        folder: args.folder.join("sets"),
        photos: args.photos.as_deref(),
        networks: &networks,
    };
    let lab = Lab { study: &study, sets, folder: &args.folder, device: &args.device };
    lab.check()?;
    lab.work(reporter)?;
    let findings = match args.paper {
        Paper::Sphereface => sphereface::reproduce(&lab, reporter)?,
        Paper::Magface => magface::reproduce(&lab, reporter)?,
        Paper::Survey => survey::reproduce(&lab, reporter)?,
    };
    reporter.finish();
    write(args, &findings, &networks)?;
    let rows = claims::rows(&findings.claims);
    let outcome = Outcome { failed: 0, found: claims::all_held(&findings.claims) };
    let record = json!({
        "folder": path_value(&args.folder), "claims": claims::records(&findings.claims), "remarks": findings.remarks,
    });
    reporter.summary(&outcome, record, || {
        format!("{}\n{}", table(&rows), args.folder.join("results.md").display())
    })?;
    Ok(outcome)
}

/// Writes the page, the text with its figures, and the record.
fn write(args: &Args, findings: &Findings, networks: &Networks) -> anyhow::Result<()> {
    let made = maker(&args.device);
    let (how, flag) = if args.quick { (", quick", " --quick") } else { ("", "") };
    let photos = if args.photos.is_some() { " --photos PHOTOS" } else { "" };
    let quick =
        "This is the quick study: few seeds and people, short runs. It shows that all works, not how well.";
    let claims = vec![Block::Table(claims::table(&findings.claims))];
    let mut sections = vec![Section { heading: "Claims".to_owned(), blocks: claims }];
    sections.extend(findings.sections.iter().cloned());
    let mut more = vec![("Machine".to_owned(), made.machine.clone())];
    more.extend(findings.makers.iter().map(|maker| ("Runs".to_owned(), maker.clone())));
    let report = Report {
        title: format!("{} reproduced{how}", args.paper.title()),
        lead: args.quick.then(|| quick.to_owned()).into_iter().chain(findings.remarks.clone()).collect(),
        stamp: Stamp {
            engine: networks.describe(),
            version: made.program.clone(),
            commit: made.commit.clone().unwrap_or_default(),
            command: format!(
                "omote-lab reproduce {} FOLDER{flag} --models MODELS{photos}",
                args.paper.name()
            ),
            more,
            ..Stamp::default()
        },
        sections,
    };
    let text = report.markdown("figures")?;
    let figures = args.folder.join("figures");
    let said = || figures.display().to_string();
    fs::create_dir_all(&figures).with_context(said)?;
    // Those of an earlier and longer report would be left over.
    for entry in fs::read_dir(&figures).with_context(said)? {
        let old = entry.with_context(said)?.path();
        if old.extension().is_some_and(|kind| kind == "svg") {
            fs::remove_file(&old).with_context(|| old.display().to_string())?;
        }
    }
    for (name, svg) in &text.figures {
        console::output::write(&figures.join(name), svg)?;
    }
    console::output::write(&args.folder.join("results.md"), &text.text)?;
    report.write(&args.folder.join("report.html"))?;
    let found: Map<String, Value> = findings.record.iter().cloned().collect();
    let record = json!({
        "paper": args.paper.name(), "quick": args.quick, "claims": claims::records(&findings.claims), "found": found,
        "remarks": findings.remarks, "program": made.program, "commit": made.commit, "machine": made.machine, "runs": findings.makers,
    });
    console::output::write(&args.folder.join("results.json"), format!("{record:#}\n"))
}
