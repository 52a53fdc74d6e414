//! From a photo to its faces.

use geometry::{Landmarks, Point, Pose, Rect, Rotation, Template};
use imaging::Image;
use model::Embedding;

use crate::align::Aligner;
use crate::quality::{self, Measured};
use crate::{
    AlignedCrop, Alignment, DetectOptions, Detection, Detector, Embedder, Error, Face, Result, Turned,
    detect_turned,
};

/// What is asked of an [`Analyzer`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AnalyzeOptions {
    /// What is asked of the detector.
    pub detect: DetectOptions,
    /// Compute embeddings.
    pub embed: bool,
    /// Average the embeddings of each face and of its mirror image: a little more accurate at twice the time.
    pub flip: bool,
    /// Keep the aligned crops.
    pub keep_crop: bool,
}

/// Faces that were cut out of a photo, and await [`Analyzer::describe`].
#[derive(Clone, Debug)]
pub struct CutOut {
    faces: Vec<Cut>,
    rotation: Rotation,
}

impl CutOut {
    /// The memory that the crops take.
    pub fn bytes(&self) -> u64 {
        self.faces.iter().map(|face| face.crop.image.pixels().len() as u64).sum()
    }
}

#[derive(Clone, Debug)]
struct Cut {
    found: Detection,
    crop: AlignedCrop,
    /// In the upright photo.
    pose: Option<Pose>,
}

/// Finds, aligns, measures and embeds the faces of photos. It is shared by reference between worker threads.
pub struct Analyzer {
    detector: Option<Box<dyn Detector>>,
    embedder: Option<Embedder>,
    aligner: Aligner,
    options: AnalyzeOptions,
}

impl Analyzer {
    /// An analyzer of these models. Without a detector it only takes aligned faces; without an embedder it makes no
    /// embeddings, and its crops are those of ArcFace's 112 x 112 template.
    pub fn new(
        detector: Option<Box<dyn Detector>>,
        embedder: Option<Embedder>,
        options: AnalyzeOptions,
    ) -> Self {
        let aligner = embedder
            .as_ref()
            .map_or(Aligner::Template(Template::ARCFACE_112), |embedder| *embedder.aligner());
        Self { detector, embedder, aligner, options }
    }

    /// The detector.
    pub fn detector(&self) -> Option<&dyn Detector> {
        self.detector.as_deref()
    }

    /// The embedder.
    pub fn embedder(&self) -> Option<&Embedder> {
        self.embedder.as_ref()
    }

    /// What is asked of it.
    pub fn options(&self) -> &AnalyzeOptions {
        &self.options
    }

    /// The faces of a photo, best score first.
    ///
    /// # Errors
    /// [`Error::NoDetector`]; [`Error::NoEmbedder`] if embeddings are asked for; the errors of [`Detector::detect`]
    /// and [`Embedder::embed_all`].
    pub fn analyze(&self, photo: &Image) -> Result<Vec<Face>> {
        let turned = self.detect(photo)?;
        self.describe(self.cut_out(photo, &turned))
    }

    /// The first part of [`analyze`](Self::analyze): where the faces are. The caller may drop some: the rest takes a time
    /// that grows with their number.
    ///
    /// # Errors
    /// [`Error::NoDetector`] and the errors of [`Detector::detect`].
    pub fn detect(&self, photo: &Image) -> Result<Turned> {
        let detector = self.detector.as_deref().ok_or(Error::NoDetector)?;
        detect_turned(detector, photo, &self.options.detect)
    }

    /// The second part of [`analyze`](Self::analyze): aligns faces that were found. The photo is not needed after it.
    pub fn cut_out(&self, photo: &Image, turned: &Turned) -> CutOut {
        let upright = |points: &Landmarks| {
            points.map(|point| turned.rotation.turn(point, photo.width(), photo.height()))
        };
        let cut = |found: &Detection| Cut {
            found: *found,
            crop: self.aligner.crop(photo, found, turned.rotation),
            pose: found.landmarks.as_ref().and_then(|points| Pose::from_landmarks(&upright(points))),
        };
        CutOut { faces: turned.faces.iter().map(cut).collect(), rotation: turned.rotation }
    }

    /// Instead of finding and cutting out: a face that was cut out and aligned before, by this program or another. The
    /// picture is the face, and is resized if it has another size than the embedder takes. Its landmarks are the
    /// template's, if it has one.
    pub fn given(&self, picture: &Image) -> CutOut {
        CutOut { faces: vec![self.uncut(picture)], rotation: Rotation::None }
    }

    fn uncut(&self, picture: &Image) -> Cut {
        let (width, height) = self.aligner.size();
        let fits = (picture.width(), picture.height()) == (width, height);
        let image = if fits { picture.clone() } else { imaging::resize(picture, width, height) };
        let (sx, sy) = (picture.width() as f32 / width as f32, picture.height() as f32 / height as f32);
        let landmarks = match &self.aligner {
            Aligner::Template(template) => Some(template.points.map(|p| {
                // Pixel edges go to pixel edges, as in the resize.
                Point::new((p.x + 0.5) * sx - 0.5, (p.y + 0.5) * sy - 0.5)
            })),
            Aligner::Crop { .. } => None,
        };
        let found = Detection {
            bounds: Rect::new(0.0, 0.0, picture.width() as f32, picture.height() as f32),
            score: 1.0,
            landmarks,
        };
        let crop = AlignedCrop { image, alignment: Alignment::Given, scale: 1.0 / (sx * sy).sqrt() };
        Cut { found, crop, pose: None }
    }

    /// The last part of [`analyze`](Self::analyze): embeds and measures faces, in their order.
    ///
    /// # Errors
    /// [`Error::NoEmbedder`] if embeddings are asked for; the errors of [`Embedder::embed_all`].
    pub fn describe(&self, cut_out: CutOut) -> Result<Vec<Face>> {
        let CutOut { faces, rotation } = cut_out;
        let embeddings = self.embed(&faces.iter().map(|face| &face.crop.image).collect::<Vec<_>>())?;
        Ok(faces
            .into_iter()
            .zip(embeddings)
            .map(|(Cut { found, crop, pose }, embedding)| self.face(&found, crop, pose, rotation, embedding))
            .collect())
    }

    /// The one face of an aligned picture: [`given`](Self::given), described.
    ///
    /// # Errors
    /// As [`describe`](Self::describe).
    pub fn analyze_aligned(&self, picture: &Image) -> Result<Face> {
        let Cut { found, crop, pose } = self.uncut(picture);
        let embedding = self.embed(&[&crop.image])?.pop().flatten();
        Ok(self.face(&found, crop, pose, Rotation::None, embedding))
    }

    /// One entry per crop, `None` if embeddings were not asked for.
    fn embed(&self, crops: &[&Image]) -> Result<Vec<Option<Embedding>>> {
        if !self.options.embed {
            return Ok(vec![None; crops.len()]);
        }
        let embedder = self.embedder.as_ref().ok_or(Error::NoEmbedder)?;
        Ok(embedder.embed_all(crops, self.options.flip)?.into_iter().map(Some).collect())
    }

    fn face(
        &self,
        found: &Detection,
        crop: AlignedCrop,
        pose: Option<Pose>,
        rotation: Rotation,
        embedding: Option<Embedding>,
    ) -> Face {
        let scale = self.embedder.as_ref().and_then(Embedder::magnitude_scale);
        let magnitude =
            scale.zip(embedding.as_ref()).map(|(scale, embedding)| scale.quality(embedding.magnitude));
        let quality = quality::assess(&Measured { found, crop: &crop, pose, magnitude });
        Face {
            bounds: found.bounds,
            score: found.score,
            landmarks: found.landmarks,
            pose,
            quality,
            rotation,
            alignment: crop.alignment,
            embedding,
            crop: self.options.keep_crop.then_some(crop.image),
        }
    }
}
