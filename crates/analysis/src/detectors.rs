//! One file per detector, all behind [`Detector`](crate::Detector).

mod mtcnn;
mod scrfd;
mod single_shot;
mod ultraface;
mod yunet;

use engine::{Engine, Session, Threads};
use model::{Decoder, Installed, Output};

use crate::error::wrong_kind;
use crate::{Detector, Error, Result};
use mtcnn::Mtcnn;
use single_shot::SingleShot;

/// Loads a detector.
///
/// # Errors
/// [`Error::Kind`] if the model is not a detector, [`Error::File`] if one of its files is missing, [`Error::Engine`]
/// if the engine refuses one.
pub fn open_detector(model: &Installed, engine: &Engine, threads: Threads) -> Result<Box<dyn Detector>> {
    let Output::Faces { decoder, .. } = &model.manifest.output else {
        return Err(wrong_kind(model, "a detector"));
    };
    Ok(match decoder {
        Decoder::Yunet => Box::new(SingleShot::open(yunet::RULES, model, engine, threads)?),
        Decoder::Scrfd => Box::new(SingleShot::open(scrfd::RULES, model, engine, threads)?),
        Decoder::Ultraface => Box::new(SingleShot::open(ultraface::RULES, model, engine, threads)?),
        Decoder::Mtcnn => Box::new(Mtcnn::open(model, engine, threads)?),
    })
}

/// The bytes of the file that plays `role`.
pub(crate) fn file<'a>(model: &'a Installed, role: &'static str) -> Result<&'a [u8]> {
    match model.file(role) {
        Some(file) => Ok(&file.bytes),
        None => Err(Error::File { model: model.manifest.name.clone(), role }),
    }
}

/// Where the outputs of these names are among all outputs of the network.
pub(crate) fn positions(session: &Session, names: &[String], model: &str) -> Result<Vec<usize>> {
    let position = |name: &String| session.outputs().iter().position(|output| output.name == *name);
    names
        .iter()
        .map(|name| {
            position(name).ok_or_else(|| Error::Output {
                model: model.to_owned(),
                reason: format!("there is no output `{name}`"),
            })
        })
        .collect()
}
