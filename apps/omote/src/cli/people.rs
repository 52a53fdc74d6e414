//! The gallery as commands see it: opened with the model that it was made with.

use std::fs::File;
use std::path::Path;

use analysis::Face;
use anyhow::Context;
use gallery::{Gallery, ModelIdentity, Source};
use model::FileHash;

use super::args::{EmbedArgs, GalleryArgs, ModelArgs};
use super::setup::Setup;

/// Takes embedder and flip from the gallery where the user named none. A gallery that is not there yet changes nothing.
pub fn adopt(
    gallery: &GalleryArgs,
    models: &ModelArgs,
    embed: EmbedArgs,
) -> anyhow::Result<(ModelArgs, EmbedArgs)> {
    let model = match Gallery::open_as_is(&gallery.gallery) {
        Ok(gallery) => gallery.model().clone(),
        Err(gallery::Error::NoGallery { .. }) => return Ok((models.clone(), embed)),
        Err(error) => return Err(error.into()),
    };
    let ModelIdentity { name, flip, .. } = model;
    let embedder = models.embedder.clone().or(Some(name));
    Ok((ModelArgs { embedder, ..models.clone() }, EmbedArgs { flip: flip || embed.flip, ..embed }))
}

/// Where a face was found, by the photo's bytes and the face's place in it.
pub fn source(path: &Path, face: &Face) -> anyhow::Result<Source> {
    let unreadable = || format!("cannot read {}", path.display());
    // The gallery is used from other folders than the one in which the photo was named.
    let absolute = std::path::absolute(path).with_context(unreadable)?;
    let hash = File::open(path).and_then(FileHash::of_reader);
    Ok(Source {
        path: absolute.as_os_str().as_encoded_bytes().to_vec(),
        sha256: hash.with_context(unreadable)?,
        bounds: face.bounds,
        landmarks: face.landmarks,
    })
}

/// A face in the form in which it is enrolled, with its crop if `keep_crop`.
pub fn enrollable(setup: &Setup, path: &Path, face: &Face, keep_crop: bool) -> anyhow::Result<gallery::Face> {
    let crop = face.crop.as_ref().filter(|_| keep_crop).map(imaging::encode_png).transpose()?;
    Ok(gallery::Face {
        embedding: face.embedding.clone().context("the face was not embedded")?,
        quality: face.quality.score,
        source: source(path, face)?,
        crop,
        engine: setup.engine(),
        detector: setup.detector().unwrap_or("none").to_owned(),
    })
}
