//! From an aligned face to a vector.

use std::borrow::Cow;

use engine::{Engine, Session, Tensor, Threads};
use geometry::Rotation;
use imaging::Image;
use model::{Batch, Embedding, Fingerprint, Input, Installed, MagnitudeScale, Output};

use crate::align::Aligner;
use crate::detectors::{file, positions};
use crate::error::wrong_kind;
use crate::scratch::Scratch;
use crate::{AlignedCrop, Detection, Error, Result};

/// A recognition model: it cuts faces out in the way its manifest says and turns them into unit vectors.
pub struct Embedder {
    name: String,
    fingerprint: Fingerprint,
    input: Input,
    aligner: Aligner,
    dimension: usize,
    magnitude: Option<MagnitudeScale>,
    /// Position of the vectors among the network's outputs.
    output: usize,
    session: Session,
    scratch: Scratch,
}

/// Pictures in one run of a network that takes several.
const BATCH: usize = 16;

impl Embedder {
    /// Loads a recognition model.
    ///
    /// # Errors
    /// [`Error::Kind`] if the model is not an embedder, [`Error::Align`] if its manifest does not say how faces are
    /// cut out, [`Error::Engine`] if the engine refuses the file.
    pub fn open(model: &Installed, engine: &Engine, threads: Threads) -> Result<Self> {
        let manifest = &model.manifest;
        let Output::Embedding { dimension, magnitude, names } = &manifest.output else {
            return Err(wrong_kind(model, "an embedder"));
        };
        let session = engine.load(file(model, "model")?, &manifest.name, threads)?;
        Ok(Self {
            name: manifest.name.clone(),
            fingerprint: model.fingerprint,
            input: manifest.input.clone(),
            aligner: Aligner::of(model)?,
            dimension: (*dimension).max(1) as usize,
            magnitude: *magnitude,
            output: positions(&session, names, &manifest.name)?.first().copied().unwrap_or(0),
            session,
            scratch: Scratch::default(),
        })
    }

    /// Name of the model, as in its manifest.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Identity of the space that its vectors live in.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Length of its vectors.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Width and height of the aligned faces that it takes, in pixels.
    pub fn input_size(&self) -> (u32, u32) {
        self.aligner.size()
    }

    /// How the length of its raw vectors measures how good a picture is; `None` if it was not trained to.
    pub fn magnitude_scale(&self) -> Option<MagnitudeScale> {
        self.magnitude
    }

    /// Cuts a face out of its photo. `rotation` is how the photo must be turned for the face to be upright, as
    /// [`detect_turned`](crate::detect_turned) says; the face is given in pixels of the photo as it is.
    pub fn crop(&self, photo: &Image, face: &Detection, rotation: Rotation) -> AlignedCrop {
        self.aligner.crop(photo, face, rotation)
    }

    pub(crate) fn aligner(&self) -> &Aligner {
        &self.aligner
    }

    /// The vector of one aligned face; see [`embed_all`](Self::embed_all).
    ///
    /// # Errors
    /// As [`embed_all`](Self::embed_all).
    pub fn embed(&self, crop: &Image, flip: bool) -> Result<Embedding> {
        let mut embeddings = self.embed_all(&[crop], flip)?;
        embeddings.pop().ok_or_else(|| self.broken("there is no vector".to_owned()))
    }

    /// The vectors of aligned faces, in their order. Pictures of another size than [`input_size`](Self::input_size)
    /// are resized.
    ///
    /// With `flip` a vector is the normalised sum of the unit vectors of the picture and of its mirror image, and its
    /// magnitude the mean of both.
    ///
    /// # Errors
    /// [`Error::Engine`] if the network fails, [`Error::Output`] if it gives vectors of another length,
    /// [`Error::Model`] if a vector has no direction.
    pub fn embed_all(&self, crops: &[&Image], flip: bool) -> Result<Vec<Embedding>> {
        let crops: Vec<Cow<'_, Image>> = crops.iter().map(|crop| self.fitted(crop)).collect();
        let mirrored: Vec<Image> =
            if flip { crops.iter().map(|crop| crop.flipped()).collect() } else { Vec::new() };
        let pictures: Vec<&Image> = crops.iter().map(Cow::as_ref).chain(&mirrored).collect();
        let mut embeddings = Vec::with_capacity(pictures.len());
        let batch = if self.input.batch == Batch::Dynamic { BATCH } else { 1 };
        for pictures in pictures.chunks(batch) {
            self.run(pictures, &mut embeddings)?;
        }
        let mirrored = embeddings.split_off(crops.len());
        if !flip {
            return Ok(embeddings);
        }
        embeddings
            .into_iter()
            .zip(&mirrored)
            .map(|(embedding, mirror)| self.averaged(&embedding, mirror))
            .collect()
    }

    /// One run of the network.
    fn run(&self, pictures: &[&Image], embeddings: &mut Vec<Embedding>) -> Result<()> {
        let (width, height) = self.input_size();
        let length = width as usize * height as usize * 3;
        let shape = self.input.shape(pictures.len(), width, height);
        let mut tensor = Tensor::new(shape, self.scratch.take(pictures.len() * length));
        for (picture, values) in pictures.iter().zip(tensor.data.chunks_exact_mut(length)) {
            self.input.prepare_into(picture.pixels(), values);
        }
        let outputs = self.session.run(&tensor);
        self.scratch.give(tensor.data);
        let outputs = outputs?;
        let output = outputs.get(self.output);
        let Some(vectors) = output.filter(|output| output.data.len() == pictures.len() * self.dimension)
        else {
            let shape = output.map(|output| &output.shape[..]).unwrap_or_default();
            return Err(self.broken(format!(
                "the output has the shape {shape:?} where {} vectors of {} values were expected",
                pictures.len(),
                self.dimension
            )));
        };
        for vector in vectors.data.chunks_exact(self.dimension) {
            embeddings.push(Embedding::from_raw(vector.to_vec(), self.fingerprint)?);
        }
        Ok(())
    }

    fn averaged(&self, a: &Embedding, b: &Embedding) -> Result<Embedding> {
        let sum = a.vector.iter().zip(&b.vector).map(|(a, b)| a + b).collect();
        let mean = Embedding::from_raw(sum, self.fingerprint)?;
        Ok(Embedding { magnitude: 0.5 * (a.magnitude + b.magnitude), ..mean })
    }

    fn fitted<'a>(&self, crop: &'a Image) -> Cow<'a, Image> {
        let (width, height) = self.input_size();
        if (crop.width(), crop.height()) == (width, height) {
            Cow::Borrowed(crop)
        } else {
            Cow::Owned(imaging::resize(crop, width, height))
        }
    }

    fn broken(&self, reason: String) -> Error {
        Error::Output { model: self.name.clone(), reason }
    }
}
