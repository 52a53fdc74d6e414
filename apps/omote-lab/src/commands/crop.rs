//! `omote-lab crop`: faces are found in photos once, cut out, and kept as a data set.

mod crops;

use std::path::{Path, PathBuf};
use std::time::Instant;

use console::{Outcome, Reporter, count, path_value};
use dataset::{FileFormat, Files, LeftOut, Source};
use geometry::Template;
use serde_json::json;

use super::networks::{DetectArgs, NetworkArgs, Networks};
use super::origin::Origin;
use super::writing;
pub use crops::Crops;

/// Flags of `omote-lab crop`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Recognition networks learn from faces that were cut out by their five points. This finds the face in each photo, cuts it \
out as ArcFace does (or SphereFace: 96x112, 48x56), and writes a data set with all that the source says of the photo, the five points \
in the crop, the detector's score, and how many faces it found. Of several faces the one that is largest and nearest to the \
middle is taken. Photos without a face and broken ones are left out and listed at the end; where the source cannot be read at all, it stops.\n\n\
Started again with the same source, flags and folder it goes on where it stopped.\n\n\
Example: omote-lab crop celeba/ celeba-112/ --kind celeba --detector yunet-n\n\
Example: omote-lab crop photos/ faces/ --kind folders --detector scrfd-2.5g --size 96x112 --jpeg 95"
)]
pub struct Args {
    /// The source of photos
    #[arg(value_name = "IN")]
    source: PathBuf,
    /// Where to write: a new folder, or one that was begun with this source
    #[arg(value_name = "OUT")]
    folder: PathBuf,
    /// How the source lies on disk
    #[arg(long, value_name = "KIND")]
    kind: Origin,
    /// What finds the faces, by its name in `omote models list`
    #[arg(long, value_name = "NAME")]
    detector: String,
    /// Size of the crops in pixels: 28, 56, a multiple of 112 or 128; or SphereFace's 96x112, 48x56 or 24x28
    #[arg(long, value_name = "SIZE", default_value = "112", value_parser = template)]
    size: Template,
    /// Write JPEG of this quality, 1 to 100 [default: PNG, which loses nothing]
    #[arg(long, value_name = "QUALITY", value_parser = clap::value_parser!(u8).range(1..=100))]
    jpeg: Option<u8>,
    #[command(flatten)]
    networks: NetworkArgs,
    #[command(flatten)]
    detect: DetectArgs,
}

/// Largest side of a crop, pixels.
const LARGEST: u32 = 1024;

/// The template of a size as it is written.
///
/// # Errors
/// Which sizes there are.
pub fn template(text: &str) -> Result<Template, String> {
    let template = match text.split_once('x') {
        Some((width, height)) => {
            let sides = width.parse().ok().zip(height.parse().ok());
            sides.and_then(|(width, height)| Template::sphereface(width, height))
        }
        None => text.parse().ok().filter(|size| *size <= LARGEST).and_then(Template::arcface),
    };
    template.ok_or_else(|| {
        format!("28, 56, a multiple of 112 or 128 up to {LARGEST}, 24x28, 48x56 or 96x112 is needed")
    })
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let source = args.kind.open_all(&args.source)?;
    source
        .remarks()
        .iter()
        .for_each(|remark| reporter.complain(&format!("{}: {remark}", args.source.display())));
    let networks = Networks::open(&args.networks, Some(&args.detect))?;
    let files = match args.jpeg {
        Some(_) => Files { format: FileFormat::Jpeg, quality: args.jpeg },
        None => Files::default(),
    };
    let crops = Crops::new(source, networks.detector(&args.detector)?, args.size, files, &networks);
    let start = Instant::now();
    let (manifest, made) = writing::write(&crops, &args.folder, networks.threads(), reporter)?;
    let seconds = start.elapsed().as_secs_f64();
    reporter.finish();
    let (no_face, failed) = list(args, reporter)?;
    let outcome = Outcome { failed, found: manifest.kept() > 0 };
    let record = json!({
        "folder": path_value(&args.folder), "photos": manifest.pictures, "faces": manifest.rows,
        "without_face": no_face, "made": made, "seconds": seconds, "sha256": manifest.sha256,
        "ran": networks.record(),
    });
    reporter.summary(&outcome, record, || {
        format!(
            "{} of {} in {}; {no_face} without a face, {failed} broken; {made} looked at now in {seconds:.1} s ({})",
            count(manifest.kept(), "face", "faces"),
            count(manifest.pictures, "photo", "photos"),
            args.folder.display(),
            networks.describe()
        )
    })?;
    Ok(outcome)
}

/// Lists the photos that are not in the set: how many hold no face, and how many are broken.
fn list(args: &Args, reporter: &mut Reporter) -> anyhow::Result<(usize, usize)> {
    let (mut no_face, mut failed, mut told) = (0, 0, Ok(()));
    dataset::left_out(&args.folder, &mut |LeftOut { is_broken, what, .. }| {
        let said = if is_broken {
            failed += 1;
            reporter.fail(&args.source, &what)
        } else {
            no_face += 1;
            reporter.no_face(Path::new(&what))
        };
        if told.is_ok() {
            told = said;
        }
    })?;
    told?;
    Ok((no_face, failed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_a_template() {
        for (text, width, height) in
            [("112", 112, 112), ("96x112", 96, 112), ("48x56", 48, 56), ("256", 256, 256)]
        {
            let template = template(text).unwrap();
            assert_eq!((template.width, template.height), (width, height));
        }
        for text in ["0", "100", "112x96", "56x56", "x", "1120000", "", "-112"] {
            assert!(template(text).unwrap_err().contains("multiple of 112 or 128"), "{text}");
        }
    }
}
