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

#[cfg(test)]
mod tests {
    use engine::Tensor;
    use imaging::Image;
    use proptest::prelude::*;

    use super::*;
    use crate::DetectOptions;
    use crate::detection::select;

    /// Values that a broken or foreign network may give.
    fn value() -> impl Strategy<Value = f32> {
        prop_oneof![
            4 => 0.0f32..1.0,
            2 => -20.0f32..20.0,
            1 => prop::sample::select(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, 1e30])
        ]
    }

    /// Outputs for a canvas of 32 x 32 whose rows have these many values, `rows` per level.
    fn outputs(columns: &[usize], rows: &[usize]) -> impl Strategy<Value = Vec<Tensor>> + use<> {
        let shapes: Vec<_> =
            columns.iter().flat_map(|&columns| rows.iter().map(move |&rows| [1, rows, columns])).collect();
        let length = shapes.iter().map(|shape| shape[1] * shape[2]).sum::<usize>();
        prop::collection::vec(value(), length).prop_map(move |values| {
            let mut values = values.into_iter();
            shapes
                .iter()
                .map(|shape| Tensor::new(*shape, values.by_ref().take(shape[1] * shape[2]).collect()))
                .collect()
        })
    }

    fn sound(rules: &single_shot::Rules, outputs: &[Tensor]) {
        let found = (rules.decode)(outputs, (32, 32), rules.score).unwrap();
        let photo = Image::new(32, 32);
        for face in select(rules.suppress(found), &photo, &DetectOptions::default()) {
            assert!(face.bounds.is_finite() && face.score >= rules.score && face.score <= 1.0, "{face:?}");
            assert!(face.landmarks.is_none_or(|points| points.is_finite()));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn decoders_survive_any_values(
            yunet in outputs(&[1, 1, 4, 10], &[16, 4, 1]),
            scrfd in outputs(&[1, 4, 10], &[32, 8, 2]),
            ultraface in outputs(&[2, 4], &[40]),
        ) {
            sound(&yunet::RULES, &yunet);
            sound(&scrfd::RULES, &scrfd);
            sound(&ultraface::RULES, &ultraface);
        }
    }
}
