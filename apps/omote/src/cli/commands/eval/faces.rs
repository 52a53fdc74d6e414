//! The photos of a protocol become faces, one at most from each.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use analysis::Face;
use evaluation::BinSet;
use imaging::DecodeOptions;

use crate::cli::args::{FaceChoice, NO_FACE};
use crate::cli::inputs::Input;
use crate::cli::scan::{Analyzed, Pass, faces, scan_faces};
use crate::cli::setup::Setup;
use console::Reporter;

/// What was found in the photos of a protocol.
pub struct Found {
    /// The face of each photo, `None` where there was none.
    pub faces: Vec<Option<Face>>,
    /// How the photos went, those that could not be read among the failed.
    pub pass: Pass,
}

/// Where the photos of a protocol are.
#[derive(Clone, Copy)]
pub enum Photos<'a> {
    /// Files of their own, with which of several faces is meant.
    Files(&'a [PathBuf], FaceChoice),
    /// Aligned crops in one file, with names for messages.
    Crops(&'a BinSet, &'a [PathBuf]),
}

impl Photos<'_> {
    /// The face of every photo.
    pub fn find(self, setup: &Setup, reporter: &mut Reporter) -> anyhow::Result<Found> {
        match self {
            Photos::Files(images, choice) => of_photos(images, choice, setup, reporter),
            Photos::Crops(set, names) => of_crops(&set.images().collect::<Vec<_>>(), names, setup, reporter),
        }
    }

    /// The same faces as another setup sees them. Photos in which the first one found none are not read again.
    pub fn find_again(self, first: &Found, setup: &Setup, reporter: &mut Reporter) -> anyhow::Result<Found> {
        let numbers: Vec<usize> =
            (0..first.faces.len()).filter(|&number| first.faces[number].is_some()).collect();
        let chosen =
            |paths: &[PathBuf]| numbers.iter().map(|&number| paths[number].clone()).collect::<Vec<_>>();
        let found = match self {
            Photos::Files(images, choice) => of_photos(&chosen(images), choice, setup, reporter)?,
            Photos::Crops(set, names) => {
                let crops: Vec<&[u8]> = numbers.iter().filter_map(|&number| set.image(number)).collect();
                of_crops(&crops, &chosen(names), setup, reporter)?
            }
        };
        let mut faces = vec![None; first.faces.len()];
        for (number, face) in numbers.into_iter().zip(found.faces) {
            faces[number] = face;
        }
        Ok(Found { faces, pass: found.pass })
    }

    /// The aligned crop of a photo's face as a JPEG file. The photo is analysed once more: few crops are ever looked
    /// at, and those of a whole benchmark would fill the memory. `None` where there is no face, or no photo any more.
    pub fn crop(self, number: usize, setup: &Setup) -> Option<Vec<u8>> {
        let read;
        let (bytes, choice) = match self {
            Photos::Files(images, choice) => {
                read = fs::read(&images[number]).ok()?;
                (&read[..], Some(choice))
            }
            Photos::Crops(set, _) => (set.image(number)?, None),
        };
        let analyzed = faces(setup, &imaging::decode(bytes, &setup.pipeline.decode).ok()?).ok()?;
        let face = FaceChoice::pick(choice, &analyzed).ok()?;
        imaging::encode_jpeg(face.crop.as_ref()?, CROP_QUALITY).ok()
    }
}

/// JPEG quality of crops on a page.
const CROP_QUALITY: u8 = 85;

/// Analyses photos and keeps the chosen face of each, without its crop.
pub fn of_photos(
    images: &[PathBuf],
    choice: FaceChoice,
    setup: &Setup,
    reporter: &mut Reporter,
) -> anyhow::Result<Found> {
    let inputs: Vec<Input> = images.iter().cloned().map(Ok).collect();
    let mut found = vec![None; images.len()];
    let mut unclear = 0;
    let mut pass = scan_faces(inputs, setup, reporter, |reporter, photo, analyzed| {
        match FaceChoice::pick(Some(choice), &analyzed) {
            Ok(face) => found[photo.number] = Some(Face { crop: None, ..face.clone() }),
            Err(reason) if reason == NO_FACE => reporter.no_face(&photo.path)?,
            Err(reason) => {
                unclear += 1;
                reporter.fail(&photo.path, &reason)?;
            }
        }
        Ok(())
    })?;
    pass.failed += unclear;
    Ok(Found { faces: found, pass })
}

/// Analyses aligned crops, each of which is one face.
fn of_crops(
    crops: &[&[u8]],
    names: &[PathBuf],
    setup: &Setup,
    reporter: &mut Reporter,
) -> anyhow::Result<Found> {
    let started = Instant::now();
    reporter.start(crops.len(), "crops");
    let next = AtomicUsize::new(0);
    let options = DecodeOptions::default();
    let analyse = |crop: &[u8]| -> analysis::Result<Analyzed> {
        let image = imaging::decode(crop, &options).map_err(analysis::Error::Image)?;
        faces(setup, &image)
    };
    let (send, done) = std::sync::mpsc::channel();
    let mut found = vec![None; crops.len()];
    let mut failed = 0;
    std::thread::scope(|scope| -> anyhow::Result<()> {
        for _ in 0..setup.pipeline.threads.max(1) {
            let (send, next, crops, analyse) = (send.clone(), &next, crops, &analyse);
            scope.spawn(move || {
                while let Some(number) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).filter(|n| *n < crops.len())
                    && send.send((number, analyse(crops[number]))).is_ok()
                {}
            });
        }
        drop(send);
        for (number, analyzed) in done {
            reporter.step();
            match analyzed {
                Ok(analyzed) => {
                    found[number] = analyzed.faces.into_iter().next().map(|face| Face { crop: None, ..face });
                }
                Err(error) => {
                    failed += 1;
                    reporter.fail(&names[number], &error.to_string())?;
                }
            }
        }
        Ok(())
    })?;
    reporter.finish();
    Ok(Found { faces: found, pass: Pass { photos: crops.len(), failed, started } })
}
