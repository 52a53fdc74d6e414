//! `omote detect`: the faces of photos.

use std::fs;
use std::path::PathBuf;

use analysis::Face;
use anyhow::Context;
use imaging::Image;
use imaging::draw::{self, Pen};
use serde_json::json;

use crate::cli::args::{DetectArgs, Inputs, ModelArgs};
use crate::cli::inputs::expand;
use crate::cli::outcome::Outcome;
use crate::cli::record::{FaceRecord, PhotoRecord};
use crate::cli::reporter::{Reporter, count, path_value};
use crate::cli::scan::{Analyzed, faces, scan};
use crate::cli::setup::{Setup, Work};

/// Flags of `omote detect`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: omote detect holiday/ --draw found/ --min-face 40")]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    /// Write each photo with boxes, points and scores into this folder
    #[arg(long, value_name = "DIR")]
    draw: Option<PathBuf>,
    #[command(flatten)]
    detect: DetectArgs,
    #[command(flatten)]
    models: ModelArgs,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let inputs = expand(&args.inputs.photos);
    let work = Work { detect: Some(&args.detect), embed: None, keep_crop: false };
    let setup = Setup::open(&args.models, work, inputs.len())?;
    if let Some(folder) = &args.draw {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let mut found = 0;
    let analyse = |photo: &_, image| {
        let analyzed = faces(&setup, &image)?;
        let drawn = args.draw.as_ref().map(|folder| {
            let labels = (1..).map(|number: usize| number.to_string());
            Drawing { folder: folder.clone(), image, labels: labels.take(analyzed.faces.len()).collect() }
                .save(photo, &analyzed.faces)
        });
        Ok((analyzed, drawn.transpose()))
    };
    let pass = scan(inputs, &setup, reporter, analyse, |reporter, photo, (analyzed, drawn)| {
        found += analyzed.faces.len();
        let drawn = drawn?;
        let mut record = PhotoRecord::new(photo, &analyzed, FaceRecord::new);
        record.drawn = drawn.as_deref().map(path_value);
        Ok(reporter.answer(&record, || describe(&photo.path.display().to_string(), &analyzed))?)
    })?;
    let outcome = pass.outcome(found > 0);
    let record = pass.record(&setup, json!({"faces": found}));
    reporter.summary(&outcome, record, || pass.describe(&setup, &count(found, "face", "faces")))?;
    Ok(outcome)
}

fn describe(path: &str, analyzed: &Analyzed) -> String {
    if analyzed.faces.is_empty() {
        return format!("{path}: no face");
    }
    let line = |(number, face): (usize, &Face)| {
        let bounds = &face.bounds;
        let pose = face
            .pose
            .map(|pose| format!("  yaw {:+.0} pitch {:+.0}", pose.yaw, pose.pitch))
            .unwrap_or_default();
        let turned = match face.rotation.degrees() {
            0 => String::new(),
            degrees => format!("  turned by {degrees}"),
        };
        format!(
            "{path}: face {}  {:.0}x{:.0} at {:.0},{:.0}  score {:.2}  quality {:.0}{pose}{turned}",
            number + 1,
            bounds.width(),
            bounds.height(),
            bounds.x1,
            bounds.y1,
            face.score,
            face.quality.score,
        )
    };
    analyzed.faces.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// A photo with its faces drawn into it.
pub struct Drawing {
    /// Where it is written.
    pub folder: PathBuf,
    /// The photo.
    pub image: Image,
    /// What is written at each face.
    pub labels: Vec<String>,
}

/// The colour of boxes and labels.
const GREEN: [u8; 3] = [40, 220, 120];

impl Drawing {
    /// Draws boxes, points and labels and writes a JPEG file named after the photo.
    pub fn save(mut self, photo: &crate::cli::scan::Photo, faces: &[Face]) -> anyhow::Result<PathBuf> {
        let pen = Pen::for_image(&self.image, GREEN);
        for face in faces {
            draw::rectangle(&mut self.image, &face.bounds, &pen);
            for point in face.landmarks.iter().flat_map(|landmarks| landmarks.0) {
                draw::point(&mut self.image, point, &pen);
            }
        }
        for (face, label) in faces.iter().zip(&self.labels) {
            draw::label(&mut self.image, &face.bounds, label, &pen);
        }
        let path = self.folder.join(format!("{}.jpg", photo.stem));
        fs::write(&path, imaging::encode_jpeg(&self.image, 92)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}
