//! `omote-lab examine`: do networks that learned from photos agree with a data set?

mod found;
mod known;
mod pictures;
mod turned;
mod wanted;

use std::path::PathBuf;

use analysis::{Detection, Embedder, pipeline};
use anyhow::{Context, bail};
use clap::ArgGroup;
use console::{Outcome, Reporter, count, path_value};
use dataset::Truth;
use geometry::Rotation;
use imaging::Image;
use serde_json::{Value, json};

use found::Found;
use known::Known;
use pictures::{Face, Picture, look};
use wanted::{Check, WantedArgs};

use super::networks::{DetectArgs, Finder, NetworkArgs, Networks};

/// Flags of `omote-lab examine`.
#[derive(clap::Args, Debug)]
#[command(group(ArgGroup::new("networks").args(["detector", "embedder"]).required(true).multiple(true)))]
#[command(
    after_help = "Detectors are asked for whole-head pictures whether they find the faces (a box that overlaps the true one by half or \
more), and how far their five points are from the true ones. Embedders are asked whether faces of one person are more alike \
than those of strangers, and whether they are less so the farther a head is turned and the worse a picture is.\n\n\
Example: omote-lab examine faces/ --detector yunet-n --least-found 0.98\n\
Example: omote-lab examine aligned/ --embedder mobilefacenet --eer 0.03..0.15 --in-order"
)]
pub struct Args {
    /// The folder of the data set
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// A detector, by its name in `omote models list` (may be given again)
    #[arg(long, value_name = "NAME")]
    detector: Vec<String>,
    /// An embedder, by its name in `omote models list` (may be given again)
    #[arg(long, value_name = "NAME")]
    embedder: Vec<String>,
    /// A detector whose points cut the faces out for embedders [default: the true points]
    #[arg(long, value_name = "NAME", requires = "embedder")]
    aligned_by: Option<String>,
    /// Look only at the first N pictures
    #[arg(long, value_name = "N", default_value_t = 5000, value_parser = clap::value_parser!(u32).range(1..))]
    pictures: u32,
    #[command(flatten)]
    wanted: WantedArgs,
    #[command(flatten)]
    networks: NetworkArgs,
    #[command(flatten)]
    detect: DetectArgs,
}

/// What is examined.
struct Examination<'a> {
    pictures: Vec<Picture>,
    /// Whether they are faces that were cut out already.
    aligned: bool,
    pipeline: pipeline::Options,
    reporter: &'a mut Reporter,
    failed: usize,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let truth = Truth::open(&args.folder, args.pictures as usize)?;
    let aligned = truth.is_aligned();
    if aligned && !(args.detector.is_empty() && args.aligned_by.is_none()) {
        bail!(
            "{} holds faces that are cut out already, and detectors need whole heads: make a set without `aligned = true`",
            args.folder.display()
        );
    }
    let networks = Networks::open(&args.networks, Some(&args.detect))?;
    // All that can be refused is, before anything is looked at.
    let detectors = args.detector.iter().map(|name| networks.detector(name));
    let detectors: Vec<Finder> = detectors.collect::<anyhow::Result<_>>()?;
    let aligner = args.aligned_by.as_ref().map(|name| networks.detector(name)).transpose()?;
    let embedders = args.embedder.iter().map(|name| networks.embedder(name));
    let embedders: Vec<Embedder> = embedders.collect::<anyhow::Result<_>>()?;
    if !embedders.is_empty() {
        truth.require(&["person"])?;
    }
    let pictures = pictures::of(&truth)?;
    let pipeline = networks.pipeline();
    let mut examination = Examination { pictures, aligned, pipeline, reporter, failed: 0 };
    let mut checks = Vec::new();
    for finder in &detectors {
        let found = examination.found(finder)?;
        checks.extend(args.wanted.of_detector(&finder.model.0, &found));
    }
    for embedder in &embedders {
        checks.extend(examination.known(embedder, aligner.as_ref(), &args.wanted)?);
    }
    let Examination { pictures, reporter, failed, .. } = examination;
    let outcome = Outcome { failed, found: checks.iter().all(|check| check.holds) };
    let record = json!({
        "folder": path_value(&args.folder), "pictures": pictures.len(), "ran": networks.record(),
        "required": checks.iter().map(Check::record).collect::<Vec<_>>(),
    });
    reporter.summary(&outcome, record, || {
        let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
        let pictures = count(pictures.len(), "picture", "pictures");
        let last = format!("{pictures}{failed} ({})", networks.describe());
        checks.iter().map(Check::describe).chain([last]).collect::<Vec<_>>().join("\n")
    })?;
    Ok(outcome)
}

impl Examination<'_> {
    /// Asks a detector.
    fn found(&mut self, finder: &Finder) -> anyhow::Result<Found> {
        let mut found = Found::default();
        self.failed += look(
            &self.pictures,
            &self.pipeline,
            self.reporter,
            |_, image| finder.detect(&image),
            |picture, detections| found.add(&picture.faces, &detections),
        )?;
        let (name, fingerprint) = &finder.model;
        let record = named("detector", name, &fingerprint.to_string(), found.record());
        self.reporter.answer(&record, || found.describe(name))?;
        Ok(found)
    }

    /// Asks an embedder.
    fn known(
        &mut self,
        embedder: &Embedder,
        aligner: Option<&Finder>,
        wanted: &WantedArgs,
    ) -> anyhow::Result<Vec<Check>> {
        let mut known = Known::default();
        let aligned = self.aligned;
        let embed = |picture: &Picture, image: Image| -> analysis::Result<Vec<Option<Vec<f32>>>> {
            let detections = aligner.map(|finder| finder.detect(&image)).transpose()?;
            let vector = |face: &Face| {
                let Some(crop) = cut_out(embedder, &image, face, aligned, detections.as_deref()) else {
                    return Ok(None);
                };
                Ok(Some(embedder.embed(&crop, false)?.vector))
            };
            picture.faces.iter().map(vector).collect()
        };
        self.failed += look(&self.pictures, &self.pipeline, self.reporter, embed, |picture, vectors| {
            for (face, vector) in picture.faces.iter().zip(vectors) {
                match vector {
                    Some(vector) => known.add(face, vector),
                    None => known.missed += 1,
                }
            }
        })?;
        let name = embedder.name();
        let compared =
            known.compared().with_context(|| format!("{name} cannot be asked who the people are"))?;
        let cut = match aligner {
            _ if aligned => "cut out as they are".to_owned(),
            Some(finder) => format!("cut out by the points of {}", finder.model.0),
            None => "cut out by the true points".to_owned(),
        };
        let mut record = named("embedder", name, &embedder.fingerprint().to_string(), compared.record());
        record["cut_out"] = json!(cut);
        self.reporter.answer(&record, || compared.describe(name, &cut))?;
        Ok(wanted.of_embedder(name, &compared))
    }
}

/// The picture of a face as an embedder takes it; `None` if it had to be found and was not.
fn cut_out(
    embedder: &Embedder,
    image: &Image,
    face: &Face,
    aligned: bool,
    detections: Option<&[Detection]>,
) -> Option<Image> {
    if aligned {
        return Some(image.clone());
    }
    let detection = match detections {
        None => Detection { bounds: face.bounds, score: 1.0, landmarks: Some(face.five) },
        Some(detections) => {
            let overlap = |one: &&Detection| one.bounds.iou(&face.bounds);
            *detections
                .iter()
                .max_by(|a, b| overlap(a).total_cmp(&overlap(b)))
                .filter(|best| overlap(best) >= found::OVERLAP)?
        }
    };
    Some(embedder.crop(image, &detection, Rotation::None).image)
}

/// A record with what names the network.
fn named(kind: &str, name: &str, fingerprint: &str, details: Value) -> Value {
    let mut record = json!({"type": kind, "name": name, "fingerprint": fingerprint});
    if let (Some(record), Value::Object(details)) = (record.as_object_mut(), details) {
        record.extend(details);
    }
    record
}
