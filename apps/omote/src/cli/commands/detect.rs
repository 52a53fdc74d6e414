//! `omote detect`: the faces of photos.

use std::fs;
use std::path::{Path, PathBuf};

use analysis::Face;
use anyhow::Context;
use imaging::Image;
use imaging::draw::{self, Pen};
use serde_json::json;

use crate::cli::args::{DetectArgs, Inputs, ModelArgs};
use crate::cli::inputs::{expand, output_folder};
use crate::cli::record::{FaceRecord, PhotoRecord};
use crate::cli::scan::{Analyzed, Photo, faces, scan};
use crate::cli::setup::{Setup, Work};
use console::Outcome;
use console::{Reporter, count, path_value};

/// Flags of `omote detect`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: omote detect holiday/ --draw found/ --min-face 40")]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    /// Write each photo with boxes, points and the faces' numbers into this folder
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
        output_folder(folder, &inputs)?;
        reporter.go_on_unread();
    }
    let mut found = 0;
    let analyse = |photo: &_, image| {
        let analyzed = faces(&setup, &image)?;
        let drawn = args.draw.as_deref().map(|folder| {
            let labels: Vec<_> = (1..=analyzed.faces.len()).map(|number| number.to_string()).collect();
            draw(folder, photo, image, &analyzed.faces, &labels)
        });
        Ok((analyzed, drawn))
    };
    let mut undrawn = 0;
    let mut pass = scan(inputs, &setup, reporter, analyse, |reporter, photo, (analyzed, drawn)| {
        found += analyzed.faces.len();
        let drawn = drawn.transpose().or_else(|error| {
            undrawn += 1;
            reporter.fail(&photo.path, &format!("{error:#}")).map(|()| None)
        })?;
        let mut record = PhotoRecord::new(photo, &analyzed, FaceRecord::new);
        record.drawn = drawn.as_deref().map(path_value);
        Ok(reporter.answer(&record, || describe(&photo.path.display().to_string(), &analyzed))?)
    })?;
    pass.failed += undrawn;
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

/// The colour of boxes and labels.
const GREEN: [u8; 3] = [40, 220, 120];

/// Draws boxes, points and a label for each face, and writes a JPEG file named after the photo into `folder`.
pub fn draw(
    folder: &Path,
    photo: &Photo,
    mut image: Image,
    faces: &[Face],
    labels: &[String],
) -> anyhow::Result<PathBuf> {
    let pen = Pen::for_image(&image, GREEN);
    for face in faces {
        draw::rectangle(&mut image, &face.bounds, &pen);
        for point in face.landmarks.iter().flat_map(|landmarks| landmarks.0) {
            draw::point(&mut image, point, &pen);
        }
    }
    for (face, label) in faces.iter().zip(labels) {
        draw::label(&mut image, &face.bounds, label, &pen);
    }
    let path = folder.join(format!("{}.jpg", photo.stem));
    fs::write(&path, imaging::encode_jpeg(&image, 92)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}
