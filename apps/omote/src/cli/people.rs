//! The gallery as commands see it: opened with the model that it was made with.

use std::fs::File;
use std::io;
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

/// A photo as a gallery knows it: by where it lies and what it holds.
pub struct PhotoFile {
    path: Vec<u8>,
    sha256: FileHash,
}

impl PhotoFile {
    /// Reads the photo's bytes once more, for their hash.
    pub fn read(path: &Path) -> io::Result<PhotoFile> {
        let sha256 = File::open(path).and_then(FileHash::of_reader)?;
        // The gallery is used from other folders than the one in which the photo was named.
        let path = std::path::absolute(path)?.into_os_string().into_encoded_bytes();
        Ok(PhotoFile { path, sha256 })
    }

    /// Where a face of this photo was found.
    pub fn source(&self, face: &Face) -> Source {
        let PhotoFile { path, sha256 } = self;
        Source { path: path.clone(), sha256: *sha256, bounds: face.bounds, landmarks: face.landmarks }
    }
}

/// A face in the form in which it is enrolled, with its crop if `keep_crop`.
pub fn enrollable(setup: &Setup, path: &Path, face: &Face, keep_crop: bool) -> anyhow::Result<gallery::Face> {
    let crop = face.crop.as_ref().filter(|_| keep_crop).map(imaging::encode_png).transpose()?;
    Ok(gallery::Face {
        embedding: face.embedding.clone().context("the face was not embedded")?,
        quality: face.quality.score,
        source: PhotoFile::read(path).context("cannot be read again")?.source(face),
        crop,
        engine: setup.engine(),
        detector: setup.detector().unwrap_or("none").to_owned(),
    })
}
