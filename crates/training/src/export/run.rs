//! The model that comes of a run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use burn::tensor::Device;
use dataset::{Data, Source, without_folders};
use engine::{Choice, Engine, Options, Tensor, Threads};
use evaluation::{Bootstrap, Statistic};
use imaging::Image;
use model::{Align, Fingerprint, MagnitudeScale};
use nets::backbones::Backbone;
use toml::Table;

use super::card::{Card, Interval, Measured, TrainingData};
use super::folder::{Embedder, write_folder};
use super::recording::refused;
use super::{Quantisation, quantise, to_onnx};
use crate::about::{plain, suffixed};
use crate::checkpoint::{self, State};
use crate::error::{Error, Result};
use crate::folder::{Begun, begun};
use crate::held_out::{HeldOut, embed, pictures, unit};
use crate::learner::Student;
use crate::machine::threads;
use crate::material::Material;
use crate::{About, Pixels, Recipe};

/// Pictures that the file is tried on where nobody is held out, and that an int8 twin is calibrated by.
const SOME: usize = 256;
/// Pictures of a run of the engine.
const AT_A_TIME: usize = 16;
/// Values of embeddings of length 1 differ by less, or the file computes something else than the network.
const SAME: f32 = 1e-3;
/// Embeddings of a twin may be compared with those of the network from this mean cosine on.
const ALIKE: f32 = 0.99;

/// The logit of a quality of 90: `ln 9`.
const LOGIT: f32 = 2.197_224_6;

/// A model that was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Exported {
    /// Its folder: `model.onnx`, `model.toml` and `CARD.md`.
    pub folder: PathBuf,
    /// Its name.
    pub name: String,
    /// Bytes of `model.onnx`.
    pub bytes: usize,
    /// Identity of what it computes.
    pub fingerprint: Fingerprint,
    /// How many pictures it was tried on.
    pub pictures: usize,
    /// What was measured by the file itself, on people who are held out.
    pub results: Vec<Measured>,
}

/// How an int8 twin differs from its network, on pictures that both saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Twin {
    /// Mean cosine of a picture's two embeddings.
    pub mean: f32,
    /// The smallest.
    pub least: f32,
    /// Whether their embeddings may be compared with each other: from a mean of 0.99 on.
    pub compatible: bool,
}

/// Writes the model that comes of a run's last checkpoint: the mean of the weights, where the recipe asks for one. Gives the
/// largest difference between a value of an embedding by the network and by the file, both of length 1.
///
/// `about` replaces what the recipe says of the model, field by field. What is measured is measured by the file.
///
/// # Errors
/// [`Error::Checkpoint`] if there is none; [`Error::Export`] if the network cannot be written, or the file computes something
/// else; those of [`begun`], of the data and of [`write_folder`].
pub fn export(run: &Path, folder: &Path, about: &About) -> Result<(Exported, f32)> {
    let finished = Finished::open(run, about)?;
    let (embedded, difference) = finished.verified()?;
    let model = finished.embedder("", &embedded.lengths, Vec::new());
    let exported = finished.write(folder, &finished.onnx, &model, &embedded.vectors, Vec::new())?;
    Ok((exported, difference))
}

/// Writes the int8 twin of the model that comes of a run's last checkpoint, calibrated by pictures that it was trained on.
///
/// # Errors
/// As [`export`] and [`quantise`].
pub fn export_twin(run: &Path, folder: &Path, about: &About, how: &Quantisation) -> Result<(Exported, Twin)> {
    let finished = Finished::open(run, about)?;
    let calibration: Vec<Tensor> =
        finished.calibration()?.chunks(1).map(|image| tensor(&finished.recipe.pixels, image)).collect();
    let onnx = quantise(&finished.onnx, &calibration, how)?;
    let (whole, _) = finished.verified()?;
    let rounded = finished.embeddings(&onnx)?;
    let cosine = |(a, b): (&Vec<f32>, &Vec<f32>)| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let cosines: Vec<f32> = whole.vectors.iter().zip(&rounded.vectors).map(cosine).collect();
    let mean = cosines.iter().sum::<f32>() / cosines.len() as f32;
    let least = cosines.iter().copied().fold(1.0, f32::min);
    let twin = Twin { mean, least, compatible: mean >= ALIKE };
    let original = finished.embedder("", &whole.lengths, Vec::new()).manifest(&finished.onnx)?.fingerprint();
    let compatible_with = twin.compatible.then_some(original).into_iter().collect();
    let model = finished.embedder("-int8", &rounded.lengths, compatible_with);
    let limits = vec![format!(
        "Its weights and activations have 8 bits: the cosine of an embedding with that of the network of floats is {mean:.4} \
         in the mean and {least:.4} at least, on {} pictures.",
        cosines.len()
    )];
    let exported = finished.write(folder, &onnx, &model, &rounded.vectors, limits)?;
    Ok((exported, twin))
}

/// What a file makes of pictures.
struct Embedded {
    /// Of length 1.
    vectors: Vec<Vec<f32>>,
    /// How long they were before.
    lengths: Vec<f32>,
}

/// A run of which a model is made.
struct Finished {
    name: String,
    recipe: Recipe,
    begun: Begun,
    about: About,
    student: Student,
    state: State,
    onnx: Vec<u8>,
    training: Arc<dyn Source>,
    held_out: Option<HeldOut>,
    /// What models are tried on: people who are held out, or else some who were learned.
    pictures: Vec<Image>,
}

impl Finished {
    fn open(run: &Path, about: &About) -> Result<Self> {
        about.check().map_err(|reason| Error::Refused { reason: format!("[model] {reason}") })?;
        let (recipe, begun) = begun(run)?;
        let (student, state) = checkpoint::student(run, &recipe, &Device::flex())?;
        let shape = recipe.backbone.input();
        let onnx =
            to_onnx(&student.backbone, [shape.channels, shape.height, shape.width], Backbone::forward)?;
        // Of other data nobody knows who was learned.
        let material = Material::of(&recipe, &begun.base)?;
        if material.digest != state.data {
            return Err(checkpoint::other_data(run));
        }
        let Material { held_out, training, .. } = material;
        let pictures = match &held_out {
            Some(held_out) => held_out.images().to_vec(),
            None => some(&training, &recipe, 1)?,
        };
        let about = over(about.clone(), recipe.model.clone());
        let folder = run.canonicalize().ok();
        let folder =
            folder.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        let name = about.name.clone().unwrap_or_else(|| plain(&folder.unwrap_or_default()));
        if name.is_empty() {
            let reason = "the name of its folder has no ASCII letter or digit: give a name".to_owned();
            return Err(refused(reason));
        }
        Ok(Self { name, recipe, begun, about, student, state, onnx, training, held_out, pictures })
    }

    /// Some pictures that were learned, none of which models are tried on.
    fn calibration(&self) -> Result<Vec<Image>> {
        some(&self.training, &self.recipe, 0)
    }

    /// What the file of the network makes of the pictures, and the largest difference from what the network makes of them.
    fn verified(&self) -> Result<(Embedded, f32)> {
        let embedded = self.embeddings(&self.onnx)?;
        let expected = embed(&self.student.backbone, &self.recipe.pixels, &self.pictures, &Device::flex());
        let values = embedded.vectors.iter().flatten().zip(expected.iter().flatten());
        let differences: Vec<f32> = values.map(|(a, b)| (a - b).abs()).collect();
        let difference = differences.iter().copied().fold(0.0, f32::max);
        // What is no number is not below either.
        if !differences.iter().all(|difference| *difference <= SAME) {
            return Err(refused(format!("the file computes something else: values differ by {difference}")));
        }
        Ok((embedded, difference))
    }

    /// What a file makes of the pictures.
    fn embeddings(&self, onnx: &[u8]) -> Result<Embedded> {
        let engine = Engine::open(&Options { choice: Choice::Rten, library: None })?;
        let session = engine.load(onnx, &self.name, Threads { streams: 1, per_run: threads() })?;
        let mut embedded = Embedded { vectors: Vec::new(), lengths: Vec::new() };
        for images in self.pictures.chunks(AT_A_TIME) {
            let outputs = session.run(&tensor(&self.recipe.pixels, images))?;
            let Some(output) = outputs.first() else { continue };
            if !output.data.iter().all(|value| value.is_finite()) {
                return Err(refused("what the file makes of pictures is no number".to_owned()));
            }
            for raw in output.data.chunks_exact(output.data.len() / images.len()) {
                embedded.lengths.push(raw.iter().map(|value| value * value).sum::<f32>().sqrt());
                embedded.vectors.push(unit(raw));
            }
        }
        Ok(embedded)
    }

    fn embedder(&self, suffix: &str, lengths: &[f32], compatible_with: Vec<Fingerprint>) -> Embedder {
        Embedder {
            name: suffixed(&self.name, suffix),
            title: self.title(),
            input: self.recipe.pixels.input(self.recipe.backbone.input()),
            // A recipe whose faces cannot be aligned is refused when it is read.
            align: self.recipe.frame().map_or(Align::Crop { scale: 1.0 }, Align::Template),
            dimension: self.recipe.backbone.dimension() as u32,
            magnitude: self.recipe.measures_quality().then(|| scale(lengths)),
            licence: self.about.licence(),
            source: format!("trained by {}", self.begun.maker.program),
            compatible_with,
        }
    }

    fn write(
        &self,
        folder: &Path,
        onnx: &[u8],
        model: &Embedder,
        embeddings: &[Vec<f32>],
        limits: Vec<String>,
    ) -> Result<Exported> {
        let results = match &self.held_out {
            Some(held_out) => measured(held_out, embeddings)?,
            None => Vec::new(),
        };
        let manifest = model.manifest(onnx)?;
        write_folder(folder, onnx, &manifest, &self.card(model.magnitude, results.clone(), limits))?;
        Ok(Exported {
            folder: folder.to_owned(),
            name: manifest.name.clone(),
            bytes: onnx.len(),
            fingerprint: manifest.fingerprint(),
            pictures: self.pictures.len(),
            results,
        })
    }

    fn title(&self) -> String {
        let kinds = self.recipe.kinds();
        self.about.title.clone().unwrap_or_else(|| format!("{}, trained with {}", kinds[0], kinds[1]))
    }

    fn card(
        &self,
        magnitude: Option<MagnitudeScale>,
        results: Vec<Measured>,
        mut limits: Vec<String>,
    ) -> Card {
        let Self { recipe, state, about, .. } = self;
        let shape = recipe.backbone.input();
        let drawn = if is_drawn(&recipe.data) { About::of_drawn_faces() } else { About::default() };
        limits.extend(drawn.limits);
        if results.is_empty() {
            limits.push("Nobody was held out of training, so nothing was measured.".to_owned());
        }
        limits.extend(about.limits.iter().cloned());
        let terms = about.data_terms.clone().or(drawn.data_terms);
        let data = TrainingData {
            name: named(&recipe.data),
            images: state.pictures,
            people: state.people,
            terms: terms.unwrap_or_else(|| "not stated".to_owned()),
        };
        let mut summary = format!(
            "Makes {} values of an aligned face of {} x {} pixels. Two faces are compared by the cosine of theirs.",
            recipe.backbone.dimension(),
            shape.width,
            shape.height
        );
        if let Some(MagnitudeScale { half, step }) = magnitude {
            summary += &format!(
                " Their length says how good the picture is: a quality of 50 at {half:.1}, of 90 at {:.1}.",
                half + step * LOGIT
            );
        }
        Card {
            title: self.title(),
            summary,
            data: vec![data],
            licence: about.licence(),
            recipe: told(recipe),
            commits: each(self.begun.makers().filter_map(|maker| maker.commit.as_ref())),
            seed: recipe.seed,
            hours: state.seconds / 3600.0,
            machines: each(self.begun.makers().map(|maker| &maker.machine)),
            results,
            limits,
            misuse: Card::MISUSE.map(str::to_owned).to_vec(),
        }
    }
}

/// Error rates with the intervals that drawing other people would leave.
fn measured(held_out: &HeldOut, embeddings: &[Vec<f32>]) -> Result<Vec<Measured>> {
    let look = held_out
        .look(embeddings, 0)
        .ok_or_else(|| refused("embeddings of people who are held out are no numbers".to_owned()))?;
    let rates = [
        ("EER".to_owned(), Statistic::Eer, Some(look.eer)),
        ("FNMR at FMR 0.01".to_owned(), Statistic::FnmrAtFmr(1e-2), look.tar_at_2.map(|tar| 1.0 - tar)),
        ("FNMR at FMR 0.001".to_owned(), Statistic::FnmrAtFmr(1e-3), look.tar_at_3.map(|tar| 1.0 - tar)),
    ];
    let rates: Vec<_> =
        rates.into_iter().filter_map(|(name, statistic, value)| Some((name, statistic, value?))).collect();
    let statistics: Vec<Statistic> = rates.iter().map(|(_, statistic, _)| *statistic).collect();
    let bootstrap = Bootstrap::default();
    // Of very few people no interval can be drawn; the rates stand without.
    let estimates = held_out
        .scored(embeddings)
        .and_then(|pairs| bootstrap.estimate(&pairs, &statistics))
        .unwrap_or_default();
    let intervals = estimates.iter().map(|estimate| {
        let (low, high) = (estimate.interval.low, estimate.interval.high);
        Some(Interval { low, high, confidence: bootstrap.level })
    });
    let lines = rates.into_iter().zip(intervals.chain(std::iter::repeat(None)));
    let line = |((measure, _, value), interval)| Measured {
        on: held_out.words(),
        measure,
        value,
        interval,
        count: look.pairs.iter().sum::<usize>() as u64,
    };
    Ok(lines.map(line).collect())
}

/// How magnitudes say how good a picture is, from those of pictures that the network did not learn where there are any: the
/// median has quality 90, and the tenth from below 50.
fn scale(lengths: &[f32]) -> MagnitudeScale {
    let mut sorted = lengths.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let at = |share: f32| sorted.get((share * sorted.len() as f32) as usize).copied();
    let (Some(half), Some(median)) = (at(0.1), at(0.5)) else { return MagnitudeScale::default() };
    // Where all are alike any step will do.
    let step = (median - half) / LOGIT;
    MagnitudeScale { half: half.max(f32::MIN_POSITIVE), step: step.max(1e-3 * half).max(f32::MIN_POSITIVE) }
}

/// Some pictures of a source, spread over it: of its two `half`s, 0 and 1, which share none.
fn some(source: &Arc<dyn Source>, recipe: &Recipe, half: u64) -> Result<Vec<Image>> {
    let every = source.len().div_ceil(2 * SOME as u64).max(1);
    let chosen = (half * every..source.len()).step_by(usize::try_from(2 * every).unwrap_or(usize::MAX));
    let chosen = chosen.map(|sample| (sample, 0)).collect();
    Ok(pictures(source, chosen, recipe.backbone.input(), threads())?.0)
}

fn tensor(pixels: &Pixels, images: &[Image]) -> Tensor {
    let (values, shape) = pixels.values(images);
    Tensor::new(shape, values)
}

/// What a card tells of a recipe: all but the folders that the data lay in, which are nobody's business.
fn told(recipe: &Recipe) -> String {
    // By way of text, since a table has numbers of 64 bits, and 0.1 of 32 bits is 0.10000000149011612 there.
    let text = toml::to_string(&recipe.resolved()).unwrap_or_default();
    let Ok(mut table) = text.parse::<Table>() else { return text };
    if let Some(data) = table.get_mut("data") {
        without_folders(data);
    }
    table.to_string()
}

/// Each text once, in the order of their first places.
fn each<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in texts {
        if !found.contains(text) {
            found.push(text.clone());
        }
    }
    found
}

/// What was given, and what the recipe says where nothing was.
fn over(given: About, recipe: About) -> About {
    About {
        name: given.name.or(recipe.name),
        title: given.title.or(recipe.title),
        licence: given.licence.or(recipe.licence),
        data_terms: given.data_terms.or(recipe.data_terms),
        limits: [given.limits, recipe.limits].concat(),
    }
}

/// Whether all that was learned from was drawn.
fn is_drawn(data: &Data) -> bool {
    match data {
        Data::Recipe { .. } => true,
        Data::Joined { of, .. } => of.iter().all(is_drawn),
        _ => false,
    }
}

/// What data is called: without the folders that it lies in, which are nobody's business.
fn named(data: &Data) -> String {
    let last = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match data {
        Data::Folders { path, .. } => format!("folders of photos, {}", last(path)),
        Data::List { path, .. } => format!("list of photos, {}", last(path)),
        Data::RecordIo { path, .. } => format!("RecordIO, {}", last(path)),
        Data::Celeba { .. } => "CelebA".to_owned(),
        Data::UtkFace { .. } => "UTKFace".to_owned(),
        Data::Written { path, .. } => format!("data set, {}", last(path)),
        Data::Recipe { path, .. } => format!("drawn faces, {}", last(path)),
        Data::Joined { of, .. } => of.iter().map(named).collect::<Vec<_>>().join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_magnitude_has_quality_90() {
        let lengths: Vec<f32> = (0..100).rev().map(|at| 20.0 + at as f32 / 10.0).collect();
        let found = scale(&lengths);
        assert!((found.quality(25.0) - 90.0).abs() < 0.01 && (found.quality(21.0) - 50.0).abs() < 0.01);
        let alike = scale(&[7.0; 9]);
        assert!(alike.quality(7.0) > 49.0 && alike.quality(7.1) > 99.0);
        assert_eq!(scale(&[]), MagnitudeScale::default());
        assert!(scale(&[0.0; 4]).quality(1.0) > 99.0);
    }
}
